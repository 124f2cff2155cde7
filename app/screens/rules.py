"""Rules and law: what was asked, on which texts it rests, with which values; and what other values would find."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import lawbook, listing, policies
from collectaudit.case import Case
from ui import busy, frame, law, leads, shown, text, trying, url
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

Row = Mapping[str, Any]
VIEWS = ("asked", "texts")


def show() -> None:
    """The page: one rule or provision if the address names it, else the lists."""
    case = frame.case()
    if url.asked("rule"):
        one_rule(case, url.asked("rule"))
    elif url.asked("provision"):
        one_provision(case, url.asked("provision"))
    else:
        lists(case)


def lists(case: Case) -> None:
    """Every rule of the run, or every provision."""
    st.title(say("rules.title"), anchor=False)
    st.text(plain("rules.about"))
    own_standards(case)
    view = st.segmented_control(
        say("rules.view"), VIEWS, key=leads.chosen("view", VIEWS, VIEWS[0]), required=True, on_change=url.follow,
        args=("view",), label_visibility="collapsed", format_func=lambda name: say(f"rules.view_{name}"),
    )  # fmt: skip
    if view == "texts":
        all_provisions(case)
    else:
        all_rules(case)


def all_rules(case: Case) -> None:
    """The rules: whether each ran, what it saw and found."""
    rows = lawbook.rules(case, text.lang())
    ran = sum(row["status"] == "ran" for row in rows)
    st.text(plain("rules.counted", n=len(rows), ran=ran, silent=len(rows) - ran))
    columns = [plain(f"rules.column_{name}") for name in ("rule", "state", "seen", "found", "basis")]
    leads.table("rules", columns, [_rule(row) for row in rows], plain("rules.title"))


def _rule(row: Row) -> Lead:
    word = text.words().word
    basis = plain("rules.and").join(word("authority", one) for one in row["authorities"])
    cells = (
        Cell(row["title"], row["rule_id"]),
        Cell(state(row), row["reason"] or ""),
        Cell(f"{row['contacts_seen']:,}"),
        _findings(row, rule=row["rule_id"]),
        Cell(basis),
    )
    return Lead(cells, "rules", {"rule": row["rule_id"]})


def _findings(row: Row, **which: str) -> Cell:
    """How many, as a way to exactly these."""
    below = plain("rules.for_review", n=row["review"]) if row.get("review") else ""
    return Cell(f"{row['findings']:,}", below, href=url.link("findings", **which) if row["findings"] else "")


def state(row: Row) -> str:
    """Whether a rule ran, in words."""
    known = ("ran", "failed", "no_input", "not_in_force")
    return plain(f"rules.state_{row['status']}") if row["status"] in known else text.visible(row["status"])


def all_provisions(case: Case) -> None:
    """The provisions, those of law first."""
    rows = lawbook.provisions(case, text.lang())
    st.text(plain("rules.counted_texts", n=len(rows)))
    columns = [plain(f"rules.column_{name}") for name in ("text", "values", "force", "sure", "found")]
    leads.table("texts", columns, [_provision(row) for row in rows], plain("rules.view_texts"))


def _provision(row: Row) -> Lead:
    word = text.words().word
    known = word("confidence", row["confidence"])
    sure = Cell(known, "" if row["status"] == "in_force" else word("status", row["status"]))
    cells = (
        Cell(word("kind", row["kind"]), law.named(row)),
        Cell(law.valued(row["values"]) or row["text"] or ""),
        Cell(word("authority", row["authority"]), law.period(row)),
        sure,
        _findings(row, provision=row["provision_id"]),
    )
    return Lead(cells, "rules", {"provision": row["provision_id"]})


def one_provision(case: Case, name: str) -> None:
    """A provision alone."""
    _back("texts")
    rows = [row for row in lawbook.provisions(case, text.lang()) if row["provision_id"] == name]
    if not rows:
        st.text(plain("rules.unknown"))
        return
    st.title(text.label(law.named(rows[0])), anchor=False)
    law.card(rows[0], "")


def one_rule(case: Case, rule_id: str) -> None:
    """A rule whole, and a trial of it with other values."""
    _back("asked")
    rule = lawbook.rule(case, rule_id, text.lang())
    if rule is None:
        st.text(plain("rules.unknown"))
        return
    st.title(text.label(rule["title"]), anchor=False)
    asked(rule)
    st.subheader(say("rules.texts", n=len(rule["provisions"])), anchor=False)
    span = listing.span(case)
    law.timeline(rule["provisions"], span["first_day"], span["last_day"])
    for provision in rule["provisions"]:
        law.card(provision, rule_id)
    with shown.fold("sql", "event.sql", rule=rule_id) as part:
        if part.open:
            shown.code("sql", rule["sql"])
            shown.code("sha256", rule["rule_sha256"])
    trying.form(case, rule)
    trying.outcome(case, rule)


def asked(rule: Row) -> None:
    """What it asks, with an example; what it cannot see; whether it ran."""
    severity = text.words().word("severity", rule["severity"])
    st.text(plain("rules.state", state=state(rule), seen=rule["contacts_seen"], severity=severity))
    if rule["reason"]:
        shown.text(rule["reason"])
    if rule["findings"]:
        label = say("rules.see", n=rule["findings"])
        st.page_link("screens/findings.py", label=label, query_params={**url.kept(), "rule": rule["rule_id"]})
    if rule["example"]:
        shown.text(plain("rules.example", what=rule["example"]["message"]))
    if rule["limits"]:
        shown.text(plain("rules.limits", what=rule["limits"]))


def _back(view: str) -> None:
    st.page_link("screens/rules.py", label=say("rules.back"), query_params={**url.kept(), "view": view})


def own_standards(case: Case) -> None:
    """The standards that this case's people set, each with a way to take it away."""
    own = case.options.get(policies.OPTION, {})
    if busy.busy(case) or not own:
        return
    with st.container(border=True, gap="small"):
        st.subheader(say("rules.own"), anchor=False)
        st.text(plain("rules.own_text"))
        rows = lawbook.provisions(case, text.lang())
        for name in own:
            for row in rows:
                if row["regime"] == name:
                    shown.text(f"{law.named(row)}\n{law.valued(row['values'])}")
            if st.button(say("rules.own_away"), key=f"away-{name}", type="tertiary"):
                trying.judge_with(case, {other: held for other, held in own.items() if other != name})


show()
