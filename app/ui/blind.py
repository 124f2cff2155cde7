"""Blind review: a sample is drawn, each reviewer judges it alone, then it shows how far they agree."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import contact, quality, views
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.quality import MOST, Row
from ui import leads, opinions, shown, text, url
from ui.law import unless
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say
from ui.verdict import buttons
from ui.words import words_said

_DEFAULT = 5  # findings of each rule


def sample(case: Case) -> None:
    """Draw a sample, or take one that was drawn; name oneself; judge what is left."""
    st.text(plain("blind.text"))
    drawn = quality.samples(case)
    with st.expander(say("blind.draw"), expanded=not drawn, key="draw"):
        _draw(case)
    chosen = _chosen(drawn)
    if chosen is None:
        return
    reviewer = st.text_input(say("blind.name"), key=url.bound_text("reviewer"), on_change=url.follow,
                             args=("reviewer",), max_chars=100).strip()  # fmt: skip
    if not reviewer:
        st.text(plain("blind.name_first"))
        return
    done, following = quality.next_blind(case, chosen["finding_ids"], reviewer)
    every = len(chosen["finding_ids"])
    st.progress(done / every if every else 1.0, text=say("blind.done", done=done, all=every))
    if following is None:
        st.text(plain("blind.finished"))
    else:
        _judge(case, following, reviewer)


def _draw(case: Case) -> None:
    with st.form("draw", border=False):
        per_rule = st.number_input(say("blind.per_rule"), 1, MOST, _DEFAULT, key="per-rule")
        seed = st.text_input(say("blind.seed"), value="1", max_chars=40, key="seed", help=say("blind.seed_help"))
        if st.form_submit_button(say("blind.draw_now"), key="draw-now"):
            try:
                number = quality.draw(case, int(per_rule), seed.strip())
            except CollectAuditError as error:
                shown.problem(error)
            else:
                st.session_state.pop("in-sample", None)
                st.query_params["sample"] = str(number)
                st.rerun()


def _chosen(drawn: Sequence[Row]) -> Row | None:
    """The sample of the address, or the last one that was drawn; None if there is none."""
    if not drawn:
        st.text(plain("blind.none"))
        return None
    known = {str(row["sample"]): row for row in drawn}
    names = list(known)
    chosen = st.selectbox(
        say("blind.sample"), names, key=leads.chosen("sample", names, names[0]), on_change=url.follow, args=("sample",),
        format_func=lambda name: text.visible(_about(known[name])),
    )  # fmt: skip
    found = known[str(chosen)]
    if found["gone"]:
        st.text(plain("blind.gone", n=found["gone"]))
    return found


def _about(row: Row) -> str:
    return plain("blind.about", number=str(row["sample"]), n=len(row["finding_ids"]), seed=row["seed"],
                 at=opinions.when(row["at"]), by=row["by"])  # fmt: skip


def _judge(case: Case, finding_id: str, reviewer: str) -> None:
    """A finding without anything that somebody thinks of it."""
    finding = views.finding(case, finding_id, text.lang())
    ref = finding["evidence"][0]["event_id"] if finding and finding["evidence"] else ""
    about = contact.contact(case, ref, text.lang())
    if finding is None or about is None:
        st.text(plain("event.unknown"))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        at = text.moment(about["at_local"], about["precision"])
        st.subheader(text.label(finding["title"]), anchor=False)
        shown.text("\n".join([
            f"{at} · {text.words().word('channel', about['channel'])}",
            f"{text.who(about['from_number'], about['from_role'])} → {text.who(about['to_number'], about['to_role'])}",
            finding["message"],
        ]))  # fmt: skip
        words_said(case, about, (finding["words"] or {}).get("category", ""))
    with right, st.container(border=True, key="blind"):
        st.text(plain("blind.alone", reviewer=reviewer))
        buttons(case, [finding_id], None, kind="blind", by=reviewer)
        law = finding["citations"][0]
        shown.text(f"{law['instrument']} {law['article'] or ''}\n{law['quote']}")
        unless(finding)


def agreement(case: Case) -> None:
    """How far reviewers agree beyond chance; what they disagree on, first."""
    st.text(plain("blind.agreement_text"))
    chosen = _chosen(quality.samples(case))
    if chosen is None:
        return
    reviewer = url.asked("reviewer").strip()
    if reviewer and quality.next_blind(case, chosen["finding_ids"], reviewer)[1] is not None:
        st.text(plain("blind.not_yet", reviewer=reviewer))
        return
    pairs = quality.agreement(case, chosen["finding_ids"])
    if not pairs:
        st.text(plain("blind.too_few"))
    for pair in pairs:
        shown.text(_sentence(pair))
    rows = quality.judged(case, chosen["finding_ids"], text.lang())
    if rows:
        st.subheader(say("blind.both"), anchor=False)
        open_ones = sum(row["disagree"] and row["decided"] is None for row in rows)
        st.text(plain("blind.disagree", n=open_ones, all=len(rows)))
        columns = [plain(f"blind.column_{key}") for key in ("finding", "opinions", "decided")]
        leads.table("judged", columns, [_line(row) for row in rows], plain("blind.both"))


def _sentence(pair: Row) -> str:
    """Kappa in a sentence: who, how many, how far beyond chance, and how sure."""
    said = plain("blind.pair", one=pair["one"], other=pair["other"], n=pair["both"], agreed=pair["agreed"])
    if not pair["both"]:
        return said
    if pair["kappa"] is None:
        return f"{said}\n{plain('blind.no_kappa')}"
    low, high = pair["interval"]
    figures = {name: f"{value:.2f}" for name, value in (("kappa", pair["kappa"]), ("low", low), ("high", high))}
    lines = [said, plain("blind.kappa", band=plain(f"blind.band_{pair['band']}"), **figures)]
    return "\n".join([*lines, plain("blind.few")] if pair["few"] else lines)


def _line(row: Row) -> Lead:
    word = text.words().word
    said = "\n".join(f"{one['by']}: {word('verdict', one['verdict'])} {one['note'] or ''}" for one in row["opinions"])
    mark = "high" if row["disagree"] else ""
    decided = word("verdict", row["decided"]) if row["decided"] else plain(
        "blind.to_decide" if row["disagree"] else "blind.agreed"
    )  # fmt: skip
    head = plain("blind.differ" if row["disagree"] else "blind.same")
    return Lead(
        (Cell(row["title"], text.moment(row["occurred_at"], row["precision"])), Cell(head, said, mark), Cell(decided)),
        "event", {"finding": row["finding_id"], "kind": "final"},
    )  # fmt: skip
