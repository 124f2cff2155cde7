"""Start: two ways in; a new case, one that is there, or the sample."""

import streamlit as st

from collectaudit import serve
from collectaudit.errors import CollectAuditError
from ui import frame, shown, text, url
from ui.nav import WAYS
from ui.text import plain, say

NEXT = {"complain": "story", "inspect": "overview"}  # where a case opens that has been judged
FIRST = "files"  # where one does that holds nothing yet


def ways() -> None:
    """The two ways in, side by side; the one taken is marked."""
    for column, way in zip(st.columns(2), WAYS, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.subheader(say(f"start.{way}"), anchor=False)
            st.text(plain(f"start.{way}_text"))
            taken = way == frame.way()
            mark = say("start.taken") if taken else say("start.take")
            st.button(
                mark, key=f"way-{way}", type="primary" if taken else "secondary", on_click=url.put, args=("way", way)
            )


def opened(key: str) -> None:
    """Open a case: on the first step while it has not been judged."""
    url.put("case", key)
    case = serve.desk().case(key)
    url.go(NEXT[frame.way()] if case.run() else FIRST)


def new() -> None:
    """A new, empty case."""
    st.subheader(say("start.new"), anchor=False)
    with st.form("new", border=False):
        name = st.text_input(say("start.name"), placeholder=say("start.name_example"), max_chars=60)
        if st.form_submit_button(say("start.make")):
            opened(serve.desk().new(name.strip() or plain("start.nameless")))


def known() -> None:
    """The cases that are there."""
    st.subheader(say("start.known"), anchor=False)
    found = serve.desk().cases()
    if not found:
        st.text(plain("start.none"))
    for row in found:
        if st.button(text.label(row["name"]), key=f"open-{row['key']}", width="stretch"):
            opened(row["key"])


def sample() -> None:
    """The sample in one click."""
    st.subheader(say("start.sample"), anchor=False)
    st.text(plain("start.sample_text"))
    if st.button(say("start.try"), key="sample"):
        with st.spinner(say("start.reading")):
            key = serve.desk().sample(plain("start.sample_name"))
        opened(key)


st.title(say("start.title"), anchor=False)
ways()
for column, part in zip(st.columns(3), (known, new, sample), strict=True):
    with column, st.container(border=True, height="stretch"):
        try:
            part()
        except CollectAuditError as error:
            shown.problem(error)
with st.container(border=True):
    st.text(plain("start.danger"))
    st.text(plain("start.where", path=serve.desk().home))
