"""What was thought of a finding, by whom and when; and an appeal of whom it is held against."""

import streamlit as st

from collectaudit import contact
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.listing import Row
from ui import shown, text
from ui.text import plain, say

_KINDS = ("ordinary", "final")


def history(case: Case, finding_id: str) -> None:
    """Every opinion in the order it was written; which of them counts."""
    rows = contact.opinions_on(case, finding_id)
    if not rows:
        return
    counts = contact.verdict_on(case, finding_id)
    with st.expander(say("opinions.title", n=len(rows))):
        for row in rows:
            shown.text(_told(row))
        st.text(plain("opinions.counts" if counts else "opinions.none_counts"))


def _told(row: Row) -> str:
    word = text.words().word
    said = plain("opinions.asks") if row["kind"] == "appeal" else word("verdict", row["verdict"])
    by = row["by"] or plain("words.somebody")
    first = plain("opinions.one", kind=word("opinion", row["kind"]), said=said, by=by, at=when(row["at"]))
    return f"{first}\n{row['note']}" if row["note"] else first


def when(at: str | None) -> str:
    """When somebody wrote it down: their files say it in UTC; by hand they may say anything."""
    try:
        return plain("opinions.at", at=text.moment(at.removesuffix("Z"))) if at else plain("app.unknown")
    except ValueError:
        return text.visible(at)


def kind(asked: str) -> str:
    """Whether the next verdict is an ordinary one or settles the matter."""
    st.session_state.setdefault("opinion-kind", asked if asked in _KINDS else _KINDS[0])
    chosen = st.segmented_control(
        say("opinions.kind"), _KINDS, key="opinion-kind", required=True,
        format_func=lambda code: say(f"opinions.as_{code}"),
    )  # fmt: skip
    return str(chosen)


def appeal(case: Case, finding_id: str) -> None:
    """Write down what the collecting side objects. It is no verdict, and stays open until a final decision."""
    with st.expander(say("opinions.appeal")), st.form(f"appeal-{finding_id}", border=False, clear_on_submit=True):
        st.text(plain("opinions.appeal_text"))
        by = st.text_input(say("opinions.appeal_by"), max_chars=200)
        why = st.text_area(say("opinions.appeal_why"), max_chars=2000)
        if st.form_submit_button(say("opinions.appeal_write")):
            _write(case, finding_id, by.strip(), " ".join(why.split()))


def _write(case: Case, finding_id: str, by: str, why: str) -> None:
    if not by or not why:
        st.error(say("opinions.appeal_empty"))
        return
    try:
        case.review(finding_id, "dismissed", note=why, by=by, kind="appeal")
    except CollectAuditError as error:
        shown.problem(error)
    else:
        st.rerun()
