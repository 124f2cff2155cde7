"""Findings: the list, by the page, with facets and a search that stand in the address."""

import math

import streamlit as st

from collectaudit import listing
from collectaudit.case import Case
from collectaudit.listing import FACETS, ORDERS, ROWS, Wanted
from ui import frame, shown, text, url
from ui.filter import wanted
from ui.shown import Cell, Line
from ui.text import plain, say

FIRST = (
    "severity",
    "tier",
    "verdict",
    "rule",
)  # facets that are always there; the others only if they tell things apart


def worded(case: Case, facet: str, value: str) -> str:
    """A value of a facet in words."""
    if facet == "rule":
        return listing.rule_titles(case, text.lang()).get(value, value)
    if value in (listing.NOBODY, "", listing.UNREVIEWED):
        return plain(f"findings.no_{facet}")
    return text.words().word(facet, value) if facet in ("severity", "tier", "verdict", "channel") else value


def facet(case: Case, name: str, found: dict[str, int]) -> None:
    """One facet: its values with how many findings each would leave."""
    known = dict.fromkeys([*found, *st.query_params.get_all(name)])
    labels = {value: text.visible(f"{worded(case, name, value)} · {found.get(value, 0):,}") for value in known}
    st.multiselect(
        say(f"findings.{name}"), list(known), key=url.bound(name, list(known)), format_func=labels.__getitem__,
        placeholder=say("findings.all"), on_change=url.follow, args=(name,),
    )  # fmt: skip


def filters(case: Case, chosen: Wanted) -> None:
    """Search, order and facets."""
    found = listing.facets(case, chosen)
    left, right = st.columns([3, 1])
    with left:
        st.text_input(say("findings.search"), key=url.bound_text("search"), on_change=url.follow, args=("search",))
    with right:
        st.selectbox(
            say("findings.order"), ORDERS, key=url.bound_text("order", ORDERS[0]), on_change=url.follow,
            args=("order",), format_func=lambda order: say(f"findings.by_{order}"),
        )  # fmt: skip
    names = [name for name in FACETS if name in FIRST or len(found[name]) > 1 or st.query_params.get_all(name)]
    for start in range(0, len(names), 4):
        for column, name in zip(st.columns(4), names[start : start + 4], strict=False):
            with column:
                facet(case, name, found[name])


def line(row: listing.Row) -> Line:
    """A finding as a row of the list."""
    word = text.words().word
    told = (
        word("verdict", row["verdict"]) if row["verdict"] else plain(f"findings.suspected_{row['tier']}")
    )  # nobody has confirmed it
    return Line(
        row["finding_id"],
        url.link("event", ref=row["event_id"], finding=row["finding_id"]),
        (
            Cell(text.moment(row["occurred_at"], row["precision"]), word("channel", row["channel"])),
            Cell(row["title"], row["message"]),
            Cell(text.who(row["from_number"], row["from_role"]), "→ " + text.who(row["to_number"], row["to_role"])),
            Cell(word("severity", row["severity"]), word("authority", row["authority"]), row["severity"]),
            Cell(told, mark=row["verdict"] or "unreviewed"),
        ),
    )


def listed(case: Case, chosen: Wanted, total: int) -> None:
    """One page of rows, and the way to the others."""
    pages = math.ceil(total / ROWS)
    asked = url.asked("page")
    number = min(int(asked), pages) if asked.isdecimal() and int(asked) else 1
    rows = listing.page(case, chosen, number, text.lang())
    titles = [plain(f"findings.column_{name}") for name in ("time", "what", "who", "weight", "verdict")]
    opened = shown.rows("list", titles, [line(row) for row in rows], plain("findings.title"))
    if pages > 1:
        key = f"page-{number}"  # of another name on every page: it begins where the address says
        st.pagination(pages, default=number, key=key, on_change=follow_page, args=(key,))
    if opened:
        url.put_back("findings")
        row = next(row for row in rows if row["finding_id"] == opened)
        url.go("event", ref=row["event_id"], finding=opened)


def follow_page(key: str) -> None:
    """As a callback: the page goes into the address."""
    st.query_params["page"] = str(st.session_state[key])


def show() -> None:
    """The page."""
    case = frame.case()
    frame.notices(case)
    chosen = wanted()
    total, every = listing.count(case, chosen), listing.count(case, Wanted({}))
    st.title(say("findings.title"), anchor=False)
    st.text(plain("findings.suspected"))
    filters(case, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(plain("findings.counted", total=total, every=every))
        if total != every:
            names = (*FACETS, "search", "page")
            st.button(say("findings.clear"), key="clear", type="tertiary", on_click=url.clear, args=(names,))
    if total:
        listed(case, chosen, total)
    else:
        st.text(plain("findings.nothing" if not every else "findings.none_left"))


show()
