"""Where else the same was said, and what this contact was close to without breaking it."""

import streamlit as st

from collectaudit import contact, listing, near
from collectaudit.case import Case
from collectaudit.filtering import Wanted
from collectaudit.listing import Row
from ui import shown, text, url
from ui.shown import Cell, Line
from ui.text import plain, say


def same_words(case: Case, finding_id: str) -> None:
    """Other contacts with the same words or wording of the same kind, and the findings in which these words stand."""
    found = contact.same_words(case, finding_id)
    if found is None:
        return
    st.subheader(say("elsewhere.title"), anchor=False)
    if not found["alike"]:
        st.text(plain("elsewhere.nowhere"))
        return
    shown.text(plain("elsewhere.counted", words=found["matched"], same=found["same"], alike=found["alike"]))
    lines = [_line(row) for row in found["rows"]]
    columns = [plain(f"elsewhere.column_{name}") for name in ("time", "who", "words")]
    shown.rows("elsewhere", columns, lines, plain("elsewhere.title"))
    n = listing.count(case, Wanted({}, found["matched"]))
    if n:
        query = {**url.kept(), "search": found["matched"]}
        st.page_link("screens/findings.py", label=say("elsewhere.findings", n=n), query_params=query)


def _line(row: Row) -> Line:
    word = text.words().word
    parties = f"{text.who(row['from_number'], row['from_role'])} → {text.who(row['to_number'], row['to_role'])}"
    same = plain("elsewhere.same" if row["same"] else "elsewhere.alike")
    return Line(
        (
            Cell(text.moment(row["at_local"], row["precision"]), word("channel", row["channel"])),
            Cell(parties),
            Cell(row["matched"], same),
        ),
        url.link("event", ref=row["event_id"]),
    )


def almost(case: Case, event_id: str) -> None:
    """What the contact came close to without breaking it; nothing for most."""
    said = list[str]()
    for row in near.near_hours(case, text.lang(), event_id)["rows"]:
        span = f"{row['opens']:%H:%M}—{row['closes']:%H:%M}"
        key = "elsewhere.near_late" if row["late"] else "elsewhere.near_early"
        said.append(plain(key, minutes=int(row["minutes"]), span=span, instrument=row["instrument"]))
    for row in near.near_limits(case, text.lang(), event_id)["rows"]:
        about = {"n": int(row["counted"]), "days": row["days"], "instrument": row["instrument"]}
        said.append(plain("elsewhere.near_limit", **about))
    if said:
        shown.text("\n".join(said))
