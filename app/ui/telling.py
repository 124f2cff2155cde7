"""A contact that no record shows, written down by hand: a visit, a call nobody recorded, a screenshot."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import story, views
from collectaudit.case import Case
from collectaudit.drawers import CHANNELS, OUTCOMES, ROLES
from collectaudit.errors import CollectAuditError
from ui import shown, text
from ui.hearing import judge_again
from ui.text import plain, say

_OTHER = ""  # somebody who is not in the case yet


def telling(case: Case) -> None:
    """The form, and what was written down and is not counted yet."""
    waiting = story.waiting(case)
    if waiting:
        with st.container(border=True, key="told-waiting"):
            st.text(plain("told.waiting", n=waiting))
            judge_again(case)
    with shown.fold("told", "told.title") as part:
        if part.open:
            _form(case)


def _form(case: Case) -> None:
    st.text(plain("told.why"))
    with st.form("told", border=False, clear_on_submit=False):
        about = {**_when(), **_who(case), **_what()}
        if st.form_submit_button(say("told.add")):
            _write(case, about)


def _when() -> Mapping[str, str]:
    left, middle, right = st.columns(3)
    with left:
        day = st.date_input(say("told.day"), value=None, format="YYYY-MM-DD", key="told-day")
    with middle:
        clock = st.text_input(say("told.clock"), placeholder=say("told.clock_example"), max_chars=5, key="told-clock")
    with right:
        channel = st.selectbox(
            say("told.channel"), CHANNELS, index=CHANNELS.index("visit"), key="told-channel",
            format_func=lambda code: text.words().word("channel", code),
        )  # fmt: skip
    at = f"{day or ''} {clock.strip().replace(chr(0xFF1A), ':')}".strip()
    return {"at": at, "channel": str(channel)}


def _who(case: Case) -> Mapping[str, str]:
    """Who it was, as far as known, and whom they reached."""
    left, middle, right = st.columns(3)
    with left:
        who = st.text_input(say("told.who"), max_chars=60, key="told-who")
        number = st.text_input(say("told.number"), max_chars=30, key="told-number")
    known = _people(case)
    with middle:
        chosen = st.selectbox(
            say("told.contacted"), [*known, _OTHER], key="told-contacted",
            format_func=lambda one: text.who(one, known[one]) if one else plain("told.somebody"),
        )  # fmt: skip
    with right:
        other = st.text_input(say("told.other"), max_chars=30, key="told-other")
        roles = [role for role in ROLES if role != "collector"]
        role = st.selectbox(
            say("told.role"), roles, index=roles.index("family" if known else "debtor"), key="told-role",
            format_func=lambda code: text.words().word("role", code),
        )  # fmt: skip
    named = str(chosen or "") if not other.strip() else ""
    return {
        "who": who, "number": number, "contacted": named or other.strip(), "role": known.get(named) or str(role),
    }  # fmt: skip


def _people(case: Case) -> dict[str, str]:
    """Numbers that are somebody's who may have been contacted, the debtor's first."""
    rows = views.people(case) if case.run() else []
    found = {row["number"]: row["role"] for row in rows if row["role"] not in (None, "collector", "lawyer")}
    return dict(sorted(found.items(), key=lambda item: item[1] != "debtor"))


def _what() -> Mapping[str, str]:
    said = st.text_area(say("told.said"), max_chars=2000, height=90, key="told-said")
    outcome = st.radio(
        say("told.outcome"), OUTCOMES, horizontal=True, key="told-outcome",
        format_func=lambda code: text.words().word("outcome", code),
    )  # fmt: skip
    return {"said": " ".join(said.split()), "outcome": str(outcome)}


def _write(case: Case, about: Mapping[str, Any]) -> None:
    given = {name: value for name, value in about.items() if value}
    if given["channel"] != "call":
        given.pop("outcome", None)
    try:
        case.tell(**given)
    except CollectAuditError as error:
        shown.problem(error)
    else:
        st.rerun()
