"""One verdict for many findings: chosen ones of the page, or everything the filter leaves; said twice, written once."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import listing
from collectaudit.case import Case
from collectaudit.drawers import VERDICTS
from collectaudit.errors import CollectAuditError
from collectaudit.filtering import Wanted
from ui import shown, text, url
from ui.text import plain, say

SCOPES = ("chosen", "all")


def bulk(case: Case, wanted: Wanted, total: int, chosen: Sequence[str]) -> None:
    """Which findings, which verdict, why; then how many they are once more, and only then it is written."""
    if written := st.session_state.pop("bulk-written", None):
        st.success(say("bulk.written", n=written))
    with st.expander(say("bulk.title"), key="bulk"):
        counts = {"chosen": len(chosen), "all": total}
        scope = st.radio(
            say("bulk.which"), SCOPES, key="bulk-scope", index=0 if chosen else 1,
            format_func=lambda name: say(f"bulk.{name}", n=counts[name]),
        )  # fmt: skip
        name = st.radio(
            say("bulk.verdict"), VERDICTS, key="bulk-verdict", horizontal=True, index=None,
            format_func=lambda code: text.label(text.words().word("verdict", code)),
        )  # fmt: skip
        note = st.text_input(say("bulk.note"), key="bulk-note", max_chars=1000)
        ready = name is not None and counts[str(scope)] > 0
        st.button(say("bulk.next"), key="bulk-next", disabled=not ready, on_click=_ask, args=(scope, name, note))
        ids = list(chosen) if scope == "chosen" else None
        if ready and st.session_state.get("bulk-asked") == (scope, name, note):
            _confirm(case, ids if ids is not None else listing.ids(case, wanted), str(name), note)


def _ask(*what: str) -> None:
    st.session_state["bulk-asked"] = what


def _confirm(case: Case, ids: Sequence[str], name: str, note: str) -> None:
    """The number once more, how many of them somebody has judged already, and a way back."""
    judged = listing.judged(case, ids)
    st.text(plain("bulk.sure", n=len(ids), verdict=text.words().word("verdict", name)))
    if judged:
        st.text(plain("bulk.judged", n=judged))
    with st.container(horizontal=True, gap="small"):
        if st.button(say("bulk.write", n=len(ids)), key="bulk-write", type="primary"):
            _write(case, ids, name, note)
        st.button(say("bulk.back"), key="bulk-back", on_click=st.session_state.pop, args=("bulk-asked", None))


def _write(case: Case, ids: Sequence[str], name: str, note: str) -> None:
    try:
        many = case.review_all(ids, name, note=note or None)
    except CollectAuditError as error:  # another process works on the case just now
        shown.problem(error)
        return
    st.session_state.pop("bulk-asked", None)
    st.session_state["bulk-written"] = many
    st.rerun()


def copies() -> None:
    """The way to where this filter's findings are written as files."""
    query = {**url.kept(), **{name: value for name, value in url.current().items() if name != "page"}}
    st.page_link("screens/data.py", label=say("bulk.copies"), query_params={**query, "view": "exports"})
