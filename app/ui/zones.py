"""The time zone of single files: a phone or a system whose clock went by another one than the case."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import intake
from collectaudit.arrivals import Row
from collectaudit.case import Case
from ui import busy, text
from ui.phones import ZONES
from ui.text import plain, say

KNOWN = (*dict.fromkeys(zone for zones in ZONES.values() for zone in zones), "UTC")


def zones(case: Case, rows: Sequence[Row]) -> None:
    """Shows which clock each file goes by, and lets a person say another."""
    known = {row["whole"]: row["time_zone"] for row in rows if row["time_zone"]}
    if not known:
        return
    with st.expander(say("zones.title"), expanded=bool(case.options.get("zones"))):
        st.text(plain("zones.why"))
        labels = {name: f"{text.visible(name)} · {text.zone(zone)}" for name, zone in known.items()}
        whole = st.selectbox(say("zones.file"), list(known), key="zone-file", format_func=labels.__getitem__)
        of_case = str(case.options["time_zone"])
        names = {"": say("zones.of_case", zone=text.zone(of_case)), **{zone: text.zone(zone) for zone in KNOWN}}
        names.pop(of_case, None)
        said = case.options.get("zones", {}).get(whole, "")
        zone = st.selectbox(
            say("zones.zone"), list(names), index=list(names).index(said) if said in names else 0,
            key=f"zone-of-{whole}", format_func=names.__getitem__,
        )  # fmt: skip
        if st.button(say("zones.save"), key="zone-save") and busy.attempt(
            lambda: intake.keep_time(case, [whole], zone)
        ):
            busy.start(case, "read", intake.recognise)
