"""Whose phone an export is from, and by whose law the case is judged."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import intake
from collectaudit.arrivals import Row
from collectaudit.case import Case
from ui import busy, text
from ui.text import plain, say

WHOSE = ("debtor", "family", "colleague", "reference", "")
ZONES = {
    "cn": ("Asia/Shanghai",),
    "us": (
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
        "America/Anchorage", "Pacific/Honolulu",
    ),
}  # fmt: skip


def phones(case: Case, rows: Sequence[Row]) -> None:
    """Asks of whose phone the exports are that do not say it; what was said can be taken back."""
    asked = list(dict.fromkeys(row["whole"] for row in rows if row["asks_owner"]))
    said = [row for row in rows if row["owner_basis"] == "declared"]
    if not asked and not said:
        return
    with st.container(border=True, key="phones"):
        st.subheader(say("phones.title"), anchor=False)
        if asked:
            st.text(plain("phones.why"))
            _ask(case, asked, _suggested(rows) or sorted({row["owner"] for row in rows if row["owner"]}))
        for number in sorted({row["owner"] for row in said}):
            _declared(case, number, [row for row in said if row["owner"] == number])


def _suggested(rows: Sequence[Row]) -> list[str]:
    """The numbers that backups give for their phones, of which nobody has said whose they are."""
    return sorted({one["phone"] for row in rows if row["asks_owner"] for one in row["containers"] if "phone" in one})


def _declared(case: Case, number: str, rows: Sequence[Row]) -> None:
    """What was said of a phone, and a way to take it back."""
    names = list(dict.fromkeys(row["whole"] for row in rows))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(plain("phones.said", names=plain("exporting.comma").join(names), number=number))
        if st.button(say("phones.change"), key=f"unsay-{number}", type="tertiary") and busy.attempt(
            lambda: intake.unsay(case, [*names, *(row["name"] for row in rows)])
        ):
            st.rerun()


def _ask(case: Case, asked: Sequence[str], known: Sequence[str]) -> None:
    with st.form("phones", border=False):
        left, right = st.columns([1, 2])
        labels = {code: _whose(code) for code in WHOSE}
        with left:
            number = st.text_input(
                say("phones.number"), value=known[0] if len(known) == 1 else "", placeholder=say("phones.example")
            )
            whose = st.selectbox(say("phones.whose"), WHOSE, format_func=labels.__getitem__)
        with right:
            names = st.multiselect(
                say("phones.files"),
                asked,
                default=list(asked),
                format_func=text.visible,
                placeholder=say("phones.none"),
            )
        if st.form_submit_button(say("phones.save")) and _belong(case, names, number, whose):
            st.rerun()


def _belong(case: Case, names: Sequence[str], number: str, whose: str) -> bool:
    return busy.attempt(lambda: intake.belongs(case, names, number, whose or None))


def _whose(code: str) -> str:
    return say("phones.mine") if code == "debtor" else say(f"phones.of_{code or 'nobody'}")


def place(case: Case) -> None:
    """By whose law, and in which zone times without one are."""
    options = case.options
    laws = {code: text.words().word("jurisdiction", code) for code in ZONES}
    st.session_state["in-law"] = options["jurisdiction"]
    st.session_state["in-zone"] = options["time_zone"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            say("phones.law"), tuple(ZONES), key="in-law", required=True, on_change=_law, args=(case,),
            format_func=laws.__getitem__,
        )  # fmt: skip
        if options["jurisdiction"] == "us":
            zones = {name: text.zone(name) for name in sorted({*ZONES["us"], options["time_zone"]})}
            st.selectbox(
                say("phones.zone"), list(zones), key="in-zone", on_change=_zone, args=(case,),
                format_func=zones.__getitem__,
            )  # fmt: skip


def _law(case: Case) -> None:
    chosen = str(st.session_state["in-law"])
    busy.attempt(lambda: intake.place(case, chosen, ZONES[chosen][0]))


def _zone(case: Case) -> None:
    law, zone = str(case.options["jurisdiction"]), str(st.session_state["in-zone"])
    busy.attempt(lambda: intake.place(case, law, zone))
