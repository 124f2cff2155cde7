"""A trial run of a rule with other values: what is found more, what less; then perhaps an own standard."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

import streamlit as st

from collectaudit import policies, trial
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import LANGUAGES
from collectaudit.errors import CollectAuditError
from collectaudit.serve import task
from collectaudit.trial import Change, Trial
from ui import busy, law, shown, text, url
from ui.shown import Cell, Line
from ui.text import plain, say

Row = Mapping[str, Any]
KIND, AGAIN = "trial", "audit"
_LARGEST = 3660
_STEP_S = 900


def form(case: Case, rule: Row) -> None:
    """The values of each provision, to be changed, and a switch for the rule and for each of them."""
    with shown.fold("try", "rules.try") as part:
        if part.open:
            _form(case, rule)


def _form(case: Case, rule: Row) -> None:
    st.text(plain("rules.try_text"))
    with st.form("try", border=False):
        without = [] if st.checkbox(say("rules.rule_on"), value=True, key="on-rule") else [rule["rule_id"]]
        changes = [change for provision in rule["provisions"] if (change := _asked(provision))]
        if st.form_submit_button(say("rules.run"), type="primary"):
            _begin(case, rule, changes, without)


def _asked(provision: Row) -> Change | None:
    """The widgets of one provision; what was changed in them, if anything."""
    if not provision["values"]:
        return None
    name = provision["provision_id"]
    with st.container(border=True, gap="small"):
        on = st.checkbox(text.label(law.named(provision)), value=True, key=f"on-{name}")
        shown.text(law.valued(provision["values"]))
        values = _values(provision)
    if on and not values:
        return None
    return Change(name, provision["kind"], values if on else {}, off=not on)


def _values(provision: Row) -> dict[str, Any]:
    """One box for each number and time; only the values that are not those of the law."""
    if len(provision["values"]) != 1:
        return {}
    now = {
        name: value
        for name, value in provision["values"][0].items()
        if isinstance(value, time) or (isinstance(value, int) and not isinstance(value, bool))
    }
    found = {}
    for column, (name, value) in zip(st.columns(max(len(now), 3)), now.items(), strict=False):
        with column:
            chosen = _box(f"try-{provision['provision_id']}-{name}", name, value)
        if chosen is not None and chosen != value:
            found[name] = chosen
    return found


def _box(key: str, name: str, value: Any) -> Any:
    if isinstance(value, time):
        return st.time_input(say(f"rules.field_{name}"), value=value, step=_STEP_S, key=key)
    return int(st.number_input(say(f"rules.field_{name}"), 0, max(_LARGEST, value), value, 1, key=key))


def _begin(case: Case, rule: Row, changes: Sequence[Change], without: Sequence[str]) -> None:
    def work(on: Case, tell: task.Tell) -> None:
        trial.remember(on, rule["rule_id"], trial.try_out(on, changes, without, tell))

    try:
        for change in changes:
            trial.check(case, change)
        if not (changes or without):
            st.text(plain("rules.nothing_changed"))
            return
        task.start(case, KIND, work)
    except CollectAuditError as error:
        shown.problem(error)
    else:
        trial.forget(case)
        st.rerun()


def outcome(case: Case, rule: Row) -> None:
    """How far the trial is, or what came of it."""
    if busy.busy(case):
        return
    found = trial.remembered(case, rule["rule_id"])
    if found is None:
        return
    with st.container(border=True, key="trial"):
        st.subheader(say("rules.result"), anchor=False)
        st.text(plain("rules.result_text"))
        shown.text("\n".join(_told(rule, change) for change in found.changes))
        _counts(found)
        for what in ("added", "removed"):
            _listed(found, what)
        _keep(case, rule, found)


def _told(rule: Row, change: Change) -> str:
    provision = next(row for row in rule["provisions"] if row["provision_id"] == change.provision_id)
    if change.off:
        return plain("rules.was_off", what=law.named(provision))
    return plain("rules.was_changed", what=law.named(provision), values=law.valued(_with(provision, change)))


def _with(provision: Row, change: Change) -> list[dict[str, Any]]:
    return [{**row, **change.values} for row in provision["values"]]


def _counts(found: Trial) -> None:
    titles = [plain(f"rules.column_{name}") for name in ("rule", "added", "removed", "same")]
    lines = [
        Line((Cell(text.words().pick(row, "title")), *_numbers(row)))
        for row in found.counts
    ]  # fmt: skip
    shown.rows("trial-counts", titles, lines, plain("rules.result"))


def _numbers(row: Row) -> list[Cell]:
    return [Cell(f"{row[what]:,}") for what in ("added", "removed", "same")]


def _listed(found: Trial, what: str) -> None:
    rows = found.added if what == "added" else found.removed
    if not rows:
        return
    with st.expander(say(f"rules.list_{what}", n=found.total(what), shown=len(rows))):
        titles = [plain(f"rules.column_{name}") for name in ("time", "what", "who")]
        lines = [_line(trial.worded(row, text.lang()), what) for row in rows]
        shown.rows(f"trial-{what}", titles, lines, plain("rules.result"))


def _line(row: Row, what: str) -> Line:
    """A finding that was taken away is one of this run; one that was added is a contact, so far."""
    who = (text.who(row["from_number"], row["from_role"]), "→ " + text.who(row["to_number"], row["to_role"]))
    moment = text.moment(row["occurred_at"], row["precision"])
    cells = (Cell(moment, text.words().word("channel", row["channel"])), Cell(row["title"], row["message"]), Cell(*who))
    return Line(cells, url.link("event", ref=row["event_id"], finding=row["finding_id"] if what == "removed" else ""))


def _keep(case: Case, rule: Row, found: Trial) -> None:
    """Save what was changed as a standard of one's own, take it along as a file, or let it go."""
    wanted = [policy for change in found.changes if not change.off for policy in [_policy(rule, change)]]
    if found.without or any(change.off for change in found.changes):
        st.text(plain("rules.off_is_a_trial"))
    if wanted:
        st.text(plain("rules.save_text"))
    with st.container(horizontal=True, gap="small"):
        if wanted and st.button(say("rules.save"), key="save", type="primary"):
            _save(case, wanted)
        if wanted:
            toml = _files(case, wanted)
            st.download_button(say("rules.download"), toml, "own-standard.toml", "application/toml", key="toml")
        if st.button(say("rules.drop"), key="drop", type="tertiary"):
            trial.forget(case)
            st.rerun()


def _policy(rule: Row, change: Change) -> policies.Policy:
    provision = next(row for row in rule["provisions"] if row["provision_id"] == change.provision_id)
    said = {lang: law.valued(_with(provision, change), text.words_in(lang)) for lang in LANGUAGES}
    return policies.Policy(change.provision_id, change.values, said)


def _with_these(case: Case, wanted: Sequence[policies.Policy]) -> dict[str, str]:
    own = dict(case.options.get(policies.OPTION, {}))
    for policy in wanted:
        own = policies.added(own, policy, tuple(case.options.get("regimes", [])), date.today())  # noqa: DTZ011 — here
    return own


def _files(case: Case, wanted: Sequence[policies.Policy]) -> str:
    before = case.options.get(policies.OPTION, {})
    return "\n".join(text for name, text in _with_these(case, wanted).items() if name not in before)


def _save(case: Case, wanted: Sequence[policies.Policy]) -> None:
    """Into the options of the case, and judge again."""
    judge_with(case, _with_these(case, wanted))


def judge_with(case: Case, own: Mapping[str, str]) -> None:
    """Judge the case again with these standards of one's own."""

    def work(on: Case, tell: task.Tell) -> None:
        options = {key: value for key, value in on.options.items() if key != policies.OPTION}
        on.set_options({**options, **({policies.OPTION: dict(own)} if own else {})})
        audit([], out=on.path, progress=tell)

    try:
        task.start(case, AGAIN, work)
    except CollectAuditError as error:
        shown.problem(error)
    else:
        trial.forget(case)
        st.rerun()
