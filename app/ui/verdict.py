"""What a person thinks of a finding: three buttons, the same by the keys 1, 2, 3; written into the case at once."""

import streamlit as st

from collectaudit import contact, listing
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.listing import Row
from ui import shown, text, url
from ui.filter import of
from ui.text import plain, say

VERDICTS = ("confirmed", "dismissed", "unsure")


def verdict(case: Case, finding: Row, *, unheard: bool) -> None:
    """The buttons, what is written down, and the way to the next finding nobody has looked at."""
    finding_id = finding["finding_id"]
    with st.container(border=True, key="verdict"):
        st.subheader(say("verdicts.title"), anchor=False)
        if unheard:
            st.text(plain("verdicts.not_listened"))
        _now(contact.verdict_on(case, finding_id), finding["tier"])
        note = st.text_input(say("verdicts.note"), key=f"note-{finding_id}", max_chars=1000)
        with st.container(horizontal=True, gap="small"):
            for n, name in enumerate(VERDICTS, 1):
                if st.button(
                    say(f"verdicts.{name}"), key=f"verdict-{name}", shortcut=str(n),
                    type="primary" if finding["verdict"] == name else "secondary",
                ):  # fmt: skip
                    _write(case, finding_id, name, note)
        _next(case, finding_id)


def _write(case: Case, finding_id: str, name: str, note: str) -> None:
    try:
        case.review(finding_id, name, note=note or None)
    except CollectAuditError as error:  # another process works on the case just now
        shown.problem(error)
    else:
        st.rerun()


def _now(row: Row | None, tier: str) -> None:
    if row is None:
        st.text(plain(f"verdicts.none_{tier}"))
        return
    told = plain(
        "verdicts.now", verdict=text.words().word("verdict", row["verdict"]), at=row["at"] or plain("app.unknown")
    )
    st.text(told)
    if row["note"]:
        shown.text(row["note"])


def _next(case: Case, finding_id: str) -> None:
    following = listing.next_unreviewed(case, finding_id, of(url.back("findings")))
    if following is None:
        st.text(plain("verdicts.all_seen"))
    elif st.button(say("verdicts.next"), key="next", type="tertiary", shortcut="N"):
        url.go("event", finding=following)
