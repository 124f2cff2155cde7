"""Locked files: a box for the password of each, which opens it and is forgotten."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import intake
from collectaudit.arrivals import Row
from collectaudit.case import Case
from collectaudit.containers import Shut
from collectaudit.errors import CollectAuditError
from ui import busy, shown
from ui.text import plain, say

MOST = 5  # files asked about at a time


def locked(case: Case, rows: Sequence[Row]) -> None:
    """Asks for the passwords of the files that are locked, and says what came of the last try."""
    asked = [row for row in rows if any(problem.code == "shut_locked" for problem in row["problems"])]
    if opened := st.session_state.pop("opened", None):
        st.text(plain("opening.opened", **opened))
    if not asked:
        return
    with st.container(border=True, key="opening"):
        st.subheader(say("opening.title"), anchor=False)
        st.text(plain("opening.why"))
        if why := st.session_state.pop("shut", None):
            st.error(say(f"files.problem_shut_{why}"))
            st.text(plain(f"files.fix_shut_{why}"))
        for row in asked[:MOST]:
            _box(case, row)


def _box(case: Case, row: Row) -> None:
    """After each try the page is drawn again with a new box, so that what was typed is nowhere any more."""
    turn = st.session_state.setdefault("password-turn", 0)
    with st.form(f"password-{row['sha256']}-{turn}", border=False):
        password = st.text_input(
            say("opening.password", name=row["name"]), type="password", key=f"password-{turn}-{row['sha256']}",
            autocomplete="off",
        )  # fmt: skip
        if st.form_submit_button(say("opening.try")) and password:
            st.session_state["password-turn"] = turn + 1
            _try(case, row, password)


def _try(case: Case, row: Row, password: str) -> None:
    try:
        kept = intake.unlock(case, row["sha256"], password)
    except Shut as shut:
        st.session_state["shut"] = shut.why
        st.rerun()
    except CollectAuditError as error:
        shown.problem(error)
        return
    st.session_state["opened"] = {"name": row["name"], "n": len(kept)}
    busy.start(case, "read", intake.recognise)
