"""What a person thinks of a finding: three buttons, the same by the keys 1, 2, 3; written into the case at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st

from collectaudit import contact, listing
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.listing import Row
from ui import frame, opinions, shown, text, url
from ui.filters import of
from ui.text import plain, say

_PROBLEM = "verdict-problem"
VERDICTS = ("confirmed", "dismissed", "unsure")


def verdict(case: Case, finding: Row, *, unheard: bool) -> None:
    """The buttons, what is written down, and the way to the next finding nobody has looked at."""
    finding_id = finding["finding_id"]
    with st.container(border=True, key="verdict"):
        st.subheader(say("verdicts.title"), anchor=False)
        if unheard:
            st.text(plain("verdicts.not_listened"))
        _now(contact.verdict_on(case, finding_id), finding["tier"])
        kind = opinions.kind(url.asked("kind")) if frame.way() == "inspect" else None
        buttons(case, [finding_id], finding["verdict"], kind=kind)
        opinions.history(case, finding_id)
        if frame.way() == "inspect":
            opinions.appeal(case, finding_id)
        _next(case, finding_id)


def buttons(
    case: Case, finding_ids: Sequence[str], verdict_now: str | None, then: Callable[[], None] = lambda: None,
    **about: str | None,
) -> None:  # fmt: skip
    """A note and the three buttons, for findings that are judged together; `then`: what follows a verdict.

    `about`: whose opinion it is (`by`) and of which `kind`, if not an ordinary one of whoever is logged in.
    """
    st.text_input(say("verdicts.note"), key=f"note-{finding_ids[0]}", max_chars=1000)
    with st.container(horizontal=True, gap="small"):
        for n, name in enumerate(VERDICTS, 1):
            kind: Literal["primary", "secondary"] = "primary" if verdict_now == name else "secondary"
            st.button(
                say(f"verdicts.{name}"), key=f"verdict-{name}", shortcut=str(n), type=kind,
                on_click=_write, args=(case, finding_ids, name, then, about),
            )  # fmt: skip
    if problem := st.session_state.pop(_PROBLEM, None):
        shown.problem(problem)


def _write(
    case: Case, finding_ids: Sequence[str], name: str, then: Callable[[], None], about: Mapping[str, str | None]
) -> None:
    """As a callback, so that the page is drawn once, as it is afterwards."""
    note = st.session_state.get(f"note-{finding_ids[0]}")
    try:
        case.review_all(finding_ids, name, note=note or None, **about)
    except CollectAuditError as error:  # another process works on the case just now
        st.session_state[_PROBLEM] = error
    else:
        then()


def _now(row: Row | None, tier: str) -> None:
    if row is None:
        st.text(plain(f"verdicts.none_{tier}"))
        return
    word, by = text.words().word, row["by"] or plain("words.somebody")
    told = plain("verdicts.now", verdict=word("verdict", row["verdict"]), at=opinions.when(row["at"]), by=by)
    st.text(told if row["kind"] == "ordinary" else f"{word('opinion', row['kind'])} · {told}")
    if row["note"]:
        shown.text(row["note"])


def _next(case: Case, finding_id: str) -> None:
    following = listing.next_unreviewed(case, finding_id, of(url.back("findings")))
    if following is None:
        st.text(plain("verdicts.all_seen"))
    elif st.button(say("verdicts.next"), key="next", type="tertiary", shortcut="N"):
        url.go("event", finding=following)
