"""Day, month or year first: of files whose dates could be one of several days, a person who knows one says it."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import intake
from collectaudit.arrivals import Row
from collectaudit.case import Case
from collectaudit.times import ORDERS, readings
from ui import busy, text
from ui.text import plain, say


def dayorder(case: Case, rows: Sequence[Row]) -> None:
    """Asks of each such file which day a date of it is; what was said can be said anew or taken back."""
    asked = {row["whole"]: row["asks_order"] for row in rows if row["asks_order"]}
    said: dict[str, str] = case.options.get("dates", {})
    known = {**dict.fromkeys((row["whole"] for row in rows if row["whole"] in said), ""), **asked}
    if not known:
        return
    with st.container(border=True, key="dayorder"):
        st.subheader(say("dayorder.title"), anchor=False)
        st.text(plain("dayorder.why"))
        whole = st.selectbox(say("dayorder.file"), list(known), key="dayorder-file", format_func=text.visible)
        labels = _labels(known[whole])
        order = st.radio(
            say("dayorder.which", date=text.visible(known[whole])) if known[whole] else say("dayorder.said"),
            list(labels), index=list(labels).index(said[whole]) if said.get(whole) in labels else None,
            key=f"dayorder-of-{whole}", format_func=labels.__getitem__,
        )  # fmt: skip
        if st.button(say("dayorder.save"), key="dayorder-save", disabled=order is None) and busy.attempt(
            lambda: intake.keep_order(case, [whole], order or "")
        ):
            busy.start(case, "read", intake.recognise)


def _labels(date: str) -> dict[str, str]:
    """The answers, each with the day that it makes of the date; and the way back."""
    days, named = readings(date), {code: plain(f"dayorder.{code}") for code in ORDERS}
    answers = {code: f"{text.day(day)} · {named[code]}" for code, day in days.items()} or named
    return {**answers, "": plain("dayorder.nobody")}
