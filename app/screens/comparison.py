"""Comparison: agencies side by side, the agents of one, how complete their records are, whom logs say they reached."""

import streamlit as st

from collectaudit import comparing, listing, portfolio
from collectaudit.case import Case
from collectaudit.comparing import AGAINST, ROWS
from collectaudit.filtering import PERIOD, Wanted
from ui import compared, figure, filters, frame, shown, text, url
from ui.shown import Cell, Line
from ui.text import plain, say

FACETS = ("agency", "channel")
LINES = 50  # of the table, on one page


def filtered(case: Case, chosen: Wanted, known: portfolio.Period) -> None:
    """Period, agency, channel; one agency alone: its agents are compared."""
    figure.period(known)
    offered = portfolio.choices(case, chosen)
    filters.boxes({name: offered[name] for name in FACETS}, FACETS, filters.known)
    if any(chosen.facets.get(name) for name in FACETS) or chosen.since or chosen.until:
        st.button(
            say("filter.clear"), key="clear", type="tertiary", on_click=url.clear, args=((*FACETS, *PERIOD, "page"),)
        )


def side_by_side(case: Case, chosen: Wanted) -> None:
    """Table, funnel and rules."""
    by = comparing.level(chosen)
    rows = comparing.groups(case, chosen)
    if not rows:
        st.text(plain("comparison.nothing"))
        return
    st.subheader(say(f"comparison.by_{by}"), anchor=False)
    st.text(plain("comparison.how"))
    number = filters.page(len(rows), LINES)
    compared.table(rows[LINES * (number - 1) : LINES * number], comparing.overall(rows), by)
    filters.pages(len(rows), LINES, number)
    st.subheader(say("comparison.funnel"), anchor=False)
    if len(rows) > 1:
        compared.plot(rows, by)
        st.text(plain("comparison.funnel_how"))
    else:
        st.text(plain("comparison.only_one"))
    st.subheader(say("comparison.by_rule"), anchor=False)
    found = comparing.by_rule(case, chosen)
    if found:
        if len(rows) > compared.ACROSS:
            st.text(plain("comparison.across", n=compared.ACROSS))
        compared.rules(found, rows, listing.rule_titles(case, text.lang()), chosen, by)
    else:
        st.text(plain("comparison.no_findings"))


def reached(case: Case, chosen: Wanted) -> None:
    """Contacts that the log says reached the debtor, and what speaks against it."""
    by, rows = comparing.level(chosen), comparing.declared(case, chosen)
    st.subheader(say("comparison.declared"), anchor=False)
    st.text(plain("comparison.declared_how"))
    if not rows:
        st.text(plain("comparison.none_declared"))
    else:
        titles = [plain(f"filter.{by}"), *(plain(f"comparison.{name}") for name in ("reached", "checkable", *AGAINST))]
        shown.rows("declared", titles, [_reached(row, by) for row in rows[:LINES]], plain("comparison.declared"))
    st.text(plain("comparison.declared_not_seen"))
    against, name = url.asked("against"), url.asked("of")
    total = sum(row[against] for row in rows if name in ("", row["name"])) if against in AGAINST else 0
    if total:
        doubted(case, chosen, against, name, total)


def _reached(row: comparing.Row, by: str) -> Line:
    doubts = [
        Cell(
            plain("figure.number", n=row[against]),
            href=url.link("comparison", **{**dict(url.current()), "against": against, "of": row["name"]})
            if row[against]
            else "",
        )
        for against in AGAINST
    ]
    name = Cell(compared.named(by, row["name"]))
    return Line((name, figure.cell(row["declared"]), figure.cell(row["checkable"]), *doubts))


def doubted(case: Case, chosen: Wanted, against: str, name: str, total: int) -> None:
    """The contacts behind one of these numbers."""
    st.subheader(say(f"comparison.list_{against}", n=total), anchor=False)
    number = filters.page(total, ROWS)
    rows = comparing.doubted(case, chosen, against, name, number)
    titles = [plain(f"comparison.column_{column}") for column in ("time", "who", "agency", "why")]
    shown.rows("doubted", titles, [_doubted(row) for row in rows], plain(f"comparison.list_{against}", n=total))
    filters.pages(total, ROWS, number)


def _doubted(row: comparing.Row) -> Line:
    word = text.words().word
    why = (
        row["quote"]
        or plain("summary.comma").join(word("role", role) for role in row["roles"])
        or plain("comparison.only_to_reach")
    )
    return Line(
        (
            Cell(text.moment(row["at_local"], row["precision"]), word("channel", row["channel"])),
            Cell(text.who(row["to_number"], "debtor"), row["account"]),
            Cell(compared.named("agency", row["agency"] or listing.NOBODY), row["agent"] or ""),
            Cell(why),
        ),
        url.link("event", ref=row["event_id"]),
    )


def show() -> None:
    """The page."""
    case = frame.case()
    st.title(say("comparison.title"), anchor=False)
    st.text(plain("findings.suspected"))
    chosen, known = filters.wanted(), portfolio.extent(case)
    if known is None:
        st.text(plain("comparison.nothing"))
        return
    filtered(case, chosen, known)
    side_by_side(case, chosen)
    reached(case, chosen)


show()
