"""A person has listened: passage by passage, with the words really said; then judging by what people know."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from ui import shown
from ui.text import plain, say


def hearing(case: Case, passages: Sequence[Mapping[str, Any]]) -> None:
    """For each passage nobody has listened to: its words, to be corrected, and a button that says it was heard."""
    if not passages:
        return
    written = {row["utterance_id"] for row in case.heard()}
    with st.container(border=True, gap="small"):
        st.subheader(say("hearing.title"), anchor=False)
        st.text(plain("hearing.why"))
        for passage in passages:
            if passage["utterance_id"] in written:
                st.text(plain("hearing.written"))
            else:
                _passage(case, passage)
        if any(passage["utterance_id"] in written for passage in passages):
            judge_again(case)


def _passage(case: Case, passage: Mapping[str, Any]) -> None:
    key = passage["utterance_id"]
    said = st.text_area(say("hearing.said"), value=passage["text"], key=f"said-{key}", max_chars=2000, height=80)
    if not st.button(say("hearing.heard"), key=f"heard-{key}"):
        return
    same = said.strip() in ("", passage["text"].strip())
    try:
        case.hear(key, None if same else said.strip())
    except CollectAuditError as error:
        shown.problem(error)
    else:
        st.rerun()


def judge_again(case: Case) -> None:
    """What people wrote down counts once the case has been judged again."""
    if st.button(say("hearing.judge"), key="judge"):
        with st.spinner(say("hearing.judging")):
            audit([], out=case.path)
        st.rerun()
