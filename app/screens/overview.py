"""Overview: the cases of the desk; one case from above, each number a link to exactly its rows."""

from collections.abc import Sequence

import streamlit as st

from collectaudit import cases, listing, portfolio, serve
from collectaudit.case import Case
from collectaudit.filtering import PERIOD, Wanted
from collectaudit.portfolio import ABOUT_FINDINGS
from ui import dots, figure, filters, frame, shown, spread, text, tiles, url
from ui.shown import Cell, Line
from ui.text import plain, say

CASES = 50  # on one page


def filtered(case: Case, chosen: Wanted, known: portfolio.Period) -> None:
    """Period, agency, channel, severity, verdict; they stand in the address, as those of the lists."""
    figure.period(known)
    filters.boxes(portfolio.choices(case, chosen), ABOUT_FINDINGS, worded)
    if any(chosen.facets.get(name) for name in ABOUT_FINDINGS) or chosen.since or chosen.until:
        st.button(
            say("filter.clear"), key="clear", type="tertiary", on_click=url.clear, args=((*ABOUT_FINDINGS, *PERIOD),)
        )


def worded(name: str, value: str) -> str:
    """A value of the filter in words."""
    return (
        plain("filter.no_verdict") if name == "verdict" and value == listing.UNREVIEWED else filters.known(name, value)
    )


def queue(case: Case, chosen: Wanted) -> None:
    """Grave findings that nobody has looked at."""
    found, rows = portfolio.waiting(case, chosen, text.lang())
    st.subheader(say("overview.waiting"), anchor=False)
    if not rows:
        st.text(plain("overview.nothing_waits"))
        return
    with st.container(key="all-waiting"):
        figure.link(found, "overview.all_waiting")
    word = text.words().word
    lines = [
        Line(
            (
                Cell(text.moment(row["occurred_at"], row["precision"]), word("channel", row["channel"])),
                Cell(row["title"], f"{row['message']}\n{row['law']}"),
                Cell(word("severity", row["severity"]), plain(f"findings.suspected_{row['tier']}"), row["severity"]),
            ),
            url.link("event", ref=row["event_id"], finding=row["finding_id"]),
        )
        for row in rows
    ]
    titles = [plain(f"findings.column_{name}") for name in ("time", "what", "weight")]
    shown.rows("waiting", titles, lines, plain("overview.waiting"))


def charts(case: Case, chosen: Wanted) -> None:
    """When: as dots, by week and rule, by weekday and hour; the same numbers as links under each."""
    rows, weeks, titles = (
        portfolio.moments(case, chosen),
        portfolio.weeks(case, chosen),
        listing.rule_titles(case, text.lang()),
    )
    if not rows:
        st.text(plain("overview.nothing"))
        return
    st.subheader(say("spread.by_time"), anchor=False)
    dots.plot(case, begun(chosen), chosen.since, chosen.until)
    with shown.fold("days", "spread.weekly") as part:
        if part.open:
            spread.days_as_links(rows, chosen)
    if weeks:
        st.subheader(say("spread.by_week"), anchor=False)
        spread.by_week(weeks, titles)
        with shown.fold("rules", "overview.as_numbers") as part:
            if part.open:
                spread.rules_as_links(weeks, chosen, titles)
    st.subheader(say("spread.by_hour"), anchor=False)
    what = st.segmented_control(
        say("overview.what"), spread.WHAT, key=url.bound_text("what", spread.WHAT[0]), required=True,
        format_func=lambda one: say(f"spread.{one}"), on_change=url.follow, args=("what",),
    )  # fmt: skip
    spread.by_hour(rows, str(what))
    with shown.fold("hours", "overview.as_numbers") as part:
        if part.open:
            spread.hours_as_links(rows, chosen, str(what))


def begun(chosen: Wanted) -> dict[str, Sequence[str]]:
    """The filter of contacts that the collecting side began, without the period."""
    query = portfolio.contacts_of(chosen, 0).query or {}
    return {name: values for name, values in query.items() if name not in PERIOD}


def portfolio_of_cases() -> None:
    """Every case of the desk on one line; what cannot be read is said there."""
    desk = serve.desk()
    total = len(desk.cases())
    number = filters.page(total, CASES)
    rows = list(cases.cases(desk, CASES * (number - 1), CASES))
    titles = [
        plain(f"overview.column_{name}") for name in ("case", "contacts", "suspected", "confirmed", "waiting", "state")
    ]
    shown.rows("cases", titles, [of_case(row) for row in rows], plain("overview.cases"))
    filters.pages(total, CASES, number)


def of_case(row: cases.Row) -> Line:
    """A case as a line, with its numbers as links."""
    everything, case = Wanted({}), {"case": row["key"]}
    if row["contacts"] is None:
        numbers = [Cell("")] * 4
    else:
        figures = (
            portfolio.contacts_of(everything, row["contacts"]),
            portfolio.findings_of(everything, row["suspected"], verdict=portfolio.SUSPECTED),
            portfolio.findings_of(everything, row["confirmed"], verdict=("confirmed",)),
            portfolio.findings_of(everything, row["waiting"], verdict=(listing.UNREVIEWED,), severity=portfolio.HEAVY),
        )
        numbers = [figure.cell(of, **case) for of in figures]
    state = text.words().sentence(row["problem"]) or state_of(row["state"])
    return Line((Cell(row["name"]), *numbers, Cell(state)), url.link("overview", **case))


def state_of(state: str) -> str:
    """The state of a case in words."""
    words = text.words()
    return words.word("state", state) if f"state.{state}" in words else words.sentence(state)


def show() -> None:
    """The page."""
    if not url.asked("case") and serve.desk().cases():
        st.title(say("overview.cases"), anchor=False)
        st.text(plain("app.choose"))
        portfolio_of_cases()
        return
    case, chosen = frame.case(), filters.wanted()
    spread.follow(case, chosen)
    dots.follow(case, begun(chosen), chosen.since, chosen.until)
    frame.notices(case)
    st.title(say("overview.title"), anchor=False)
    st.text(plain("findings.suspected"))
    known = portfolio.extent(case)
    if known is None:
        st.text(plain("overview.nothing"))
    else:
        filtered(case, chosen, known)
        tiles.boxes(portfolio.tiles(case, chosen), portfolio.compared(chosen, *known))
        queue(case, chosen)
        charts(case, chosen)
    if len(serve.desk().cases()) > 1:
        st.subheader(say("overview.cases"), anchor=False)
        portfolio_of_cases()


show()
