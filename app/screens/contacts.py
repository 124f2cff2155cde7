"""Contacts: every call, message and visit, whatever was found in it; facets and a search that stand in the address."""

import streamlit as st

from collectaudit import contacts, listing
from collectaudit.case import Case
from collectaudit.contacts import FACETS, ORDERS, ROWS, SLICES, Row
from collectaudit.filtering import Wanted
from ui import filters, frame, shown, text, url
from ui.shown import Cell, Line
from ui.text import plain, say

FIRST = ("channel", "side", "party", "flagged")
_OWN = ("side", "flagged")  # facets whose codes only this page has


def worded(case: Case) -> filters.Worded:
    """Values of facets in words."""
    titles = listing.rule_titles(case, text.lang())

    def word(name: str, value: str) -> str:
        if name == "found":
            return titles.get(value, value)
        return plain(f"contacts.{name}_{value}") if name in _OWN else filters.known(name, value)

    return word


def line(row: Row) -> Line:
    """A contact as a row of the list."""
    word = text.words().word
    ended = word("outcome", row["outcome"]) if row["outcome"] else plain("app.unknown")
    lasted = text.length(row["duration_s"]) if row["duration_s"] else ""
    parties = text.who(row["from_number"], row["from_role"]), text.who(row["to_number"], row["to_role"])
    return Line(
        (
            Cell(text.moment(row["at_local"], row["precision"]), word("channel", row["channel"])),
            Cell(parties[0], ("· " if row["undirected"] else "→ ") + parties[1]),
            Cell(ended, lasted),
            Cell(plain(f"contacts.flagged_{row['flagged']}"), _how_many(row["findings"]), _mark(row["flagged"])),
            Cell(row["source"], plain("told.mark") if row["told"] else text.place(row["locator"])),
        ),
        url.link("event", ref=row["event_id"]),
    )


def _how_many(findings: int) -> str:
    return plain("contacts.findings", n=findings) if findings else ""


def _mark(flagged: str) -> str:
    return {"confirmed": "confirmed", "dismissed": "dismissed"}.get(flagged, "" if flagged == "no" else "unreviewed")


def listed(case: Case, chosen: Wanted, total: int) -> None:
    """One page of rows, and the way to the others."""
    number = filters.page(total, ROWS)
    rows = contacts.page(case, chosen, number)
    titles = [plain(f"contacts.column_{name}") for name in ("time", "who", "outcome", "findings", "where")]
    shown.rows("list", titles, [line(row) for row in rows], plain("contacts.title"))
    filters.pages(total, ROWS, number)


def show() -> None:
    """The page."""
    case = frame.case()
    chosen = filters.wanted()
    total, every = contacts.count(case, chosen), contacts.count(case, Wanted({}))
    st.title(say("contacts.title"), anchor=False)
    filters.search(ORDERS, "contacts.search")
    words = worded(case)
    filters.boxes(contacts.facets(case, chosen), FIRST, words)
    filters.chips(SLICES, words)
    filters.counted(total, every, (*FACETS, *SLICES))
    if total:
        listed(case, chosen, total)
    else:
        st.text(plain("contacts.nothing"))


show()
