"""Findings: the list, by the page, with facets and a search that stand in the address."""

import streamlit as st

from collectaudit import listing
from collectaudit.case import Case
from collectaudit.listing import FACETS, ORDERS, ROWS, SLICES, Wanted
from ui import bulk, filters, frame, shown, text, url
from ui.shown import Cell, Line
from ui.text import plain, say

FIRST = ("severity", "tier", "verdict", "rule")  # always there; the others only if they tell things apart


def worded(case: Case) -> filters.Worded:
    """Values of facets in words."""
    titles = listing.rule_titles(case, text.lang())

    def word(name: str, value: str) -> str:
        if name == "verdict" and value == listing.UNREVIEWED:
            return plain("filter.no_verdict")
        return titles.get(value, value) if name == "rule" else filters.known(name, value)

    return word


def line(row: listing.Row) -> Line:
    """A finding as a row of the list."""
    word = text.words().word
    told = (
        word("verdict", row["verdict"]) if row["verdict"] else plain(f"findings.suspected_{row['tier']}")
    )  # nobody has confirmed it
    return Line(
        (
            Cell(text.moment(row["occurred_at"], row["precision"]), word("channel", row["channel"])),
            Cell(row["title"], f"{row['message']}\n{row['law']}"),
            Cell(text.who(row["from_number"], row["from_role"]), "→ " + text.who(row["to_number"], row["to_role"])),
            Cell(word("severity", row["severity"]), word("authority", row["authority"]), row["severity"]),
            Cell(told, mark=row["verdict"] or "unreviewed"),
        ),
        url.link("event", ref=row["event_id"], finding=row["finding_id"]),
        row["finding_id"],
    )


def listed(case: Case, chosen: Wanted, total: int) -> None:
    """One page of rows, and the way to the others."""
    number = filters.page(total, ROWS)
    rows = listing.page(case, chosen, number, text.lang())
    titles = [plain(f"findings.column_{name}") for name in ("time", "what", "who", "weight", "verdict")]
    lines = [line(row) for row in rows]
    if frame.way() == "inspect":
        boxes = {name: plain(f"bulk.{name}_box") for name in ("all", "one")}
        ticked = shown.choosing("list", titles, lines, plain("findings.title"), boxes)
    else:
        shown.rows("list", titles, lines, plain("findings.title"))
    filters.pages(total, ROWS, number)
    if frame.way() == "inspect":
        bulk.bulk(case, chosen, total, ticked)
        bulk.copies()


def show() -> None:
    """The page."""
    case = frame.case()
    url.put_back("findings")
    frame.notices(case)
    chosen = filters.wanted()
    total, every = listing.count(case, chosen), listing.count(case, Wanted({}))
    st.title(say("findings.title"), anchor=False)
    st.text(plain("findings.suspected"))
    words = worded(case)
    filters.search(ORDERS, "findings.search")
    filters.boxes(listing.facets(case, chosen), FIRST, words)
    filters.chips(SLICES, words)
    filters.counted(total, every, (*FACETS, *SLICES))
    if total:
        listed(case, chosen, total)
    else:
        st.text(plain("findings.nothing" if not every else "findings.none_left"))


show()
