"""How to get the records out of each kind of phone, and what is still worth fetching."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import arrivals
from collectaudit.arrivals import Row
from ui import shown
from ui.text import plain, say

CARDS = ("android", "iphone", "carrier", "recordings", "chats", "contacts", "switches")


def cards(*, expanded: bool) -> None:
    """One card for each place that records come from."""
    st.subheader(say("exporting.title"), anchor=False)
    st.text(plain("exporting.text"))
    for start in range(0, len(CARDS), 3):
        for column, name in zip(st.columns(3), CARDS[start : start + 3], strict=False):
            with column, st.expander(say(f"exporting.{name}"), expanded=expanded and name == CARDS[0]):
                st.text(plain(f"exporting.{name}_steps"))
                st.text(plain("exporting.files"))
                shown.code(f"files-{name}", plain(f"exporting.{name}_files"))


def missing(rows: Sequence[Row]) -> None:
    """What a good set would also hold; nothing of it is a must."""
    kinds = arrivals.missing(rows)
    if kinds:
        names = plain("exporting.comma").join(plain(f"exporting.kind_{kind}") for kind in kinds)
        st.text(plain("exporting.missing", names=names))
