"""What is missing: time that no file tells of, sound without its call and calls without sound, doubtful clocks."""

import streamlit as st

from collectaudit import clocks, coverage, gaps, views
from collectaudit.case import Case
from collectaudit.coverage import Row
from ui import chart, filters, frame, shown, steps, text, url
from ui.leads import Lead, chosen, table
from ui.shown import Cell
from ui.text import plain, say

_LONGEST_NAME = 36  # characters of a file's name beside the chart


def month_words(month: str) -> str:
    """2026-03, or a day of it, as the reader writes the month."""
    return plain("gaps.month", year=month[:4], month=text.words()(f"month.{int(month[5:7])}"))


def field_words(since: str, unit: str) -> str:
    """What stands under a field of the calendar."""
    if unit == "month":
        return month_words(since)
    return plain("gaps.day", month=text.words()(f"month.{int(since[5:7])}"), day=str(int(since[8:])))


def lane_words(lane: str) -> str:
    """The name of a lane: a file, or several together."""
    if lane in ("", "+"):
        return plain("gaps.lane_recordings" if lane == "" else "gaps.lane_others")
    name = text.visible(lane)
    return name if len(name) <= _LONGEST_NAME else "…" + name[-_LONGEST_NAME:]


def calendar(case: Case, months: list[Row]) -> None:
    """Which file tells of which time; a click on a field leads to its month, or to the contacts of its day."""
    st.subheader(say("gaps.calendar"), anchor=False)
    known = ["", *(row["month"] for row in months if row["records"] or row["recordings"])]
    key = chosen("month", known, "")
    labels = {month: text.label(month_words(month)) if month else say("gaps.whole") for month in known}
    st.selectbox(
        say("gaps.period"), known, key=key, on_change=url.follow, args=("month",), format_func=labels.__getitem__
    )
    month = str(st.session_state[key])
    found = coverage.calendar(case, month)
    if not found["cells"]:
        return
    name = f"coverage-{month}"
    if picked := chart.picked(name):
        opened(str(picked["since"]), found["unit"])
    rows = {"cells": [cell_words(cell, found["unit"]) for cell in found["cells"]]}
    told = takeaway_of(month, found) if month else takeaway(months)
    chart.show(name, drawn(found), told, rows, ("since",))


def opened(since: str, unit: str) -> None:
    """Follow a click in the calendar."""
    if unit == "day":
        url.go("contacts", since=since, until=since)
    st.session_state.pop("in-month", None)
    st.query_params["month"] = since[:7]
    st.rerun()


def takeaway(months: list[Row]) -> str:
    """What the calendar shows, in a sentence."""
    without = [month_words(row["month"]) for row in months if not row["logs"]]
    first, last = month_words(months[0]["month"]), month_words(months[-1]["month"])
    if not without:
        return plain("gaps.every_month" if first != last else "gaps.one_month", first=first, last=last)
    named = text.words()("summary.comma").join(without[:6]) + (plain("gaps.and_more") if len(without) > 6 else "")
    return plain("gaps.months_without", first=first, last=last, n=len(without), months=named)


def takeaway_of(month: str, found: Row) -> str:
    """The same of one month."""
    days = len({cell["since"] for cell in found["cells"]})
    return plain("gaps.days_of_month", month=month_words(month), n=days)


def cell_words(cell: Row, unit: str) -> Row:
    """A field of the calendar as the chart takes it."""
    since = cell["since"].isoformat()
    lane, field, records = lane_words(cell["lane"]), field_words(since, unit), cell["records"]
    return {"since": since, "field": field, "lane": lane, "records": records}


def drawn(found: Row) -> chart.Spec:
    """The calendar as a chart: a line for each file, a field for each day or month; white: no record."""
    fields = [field_words(since, found["unit"]) for since in found["fields"]]
    records, lanes = plain("gaps.records"), [lane_words(lane) for lane in found["lanes"]]
    tips = {plain("gaps.column_file"): "datum.lane", plain("gaps.column_when"): "datum.field", records: "datum.records"}
    return {
        "height": 60 + 30 * len(lanes), "data": {"name": "cells"},
        "mark": {"type": "rect", "stroke": "#FFFFFF", "tooltip": chart.tips(tips)},
        "encoding": {
            "x": {
                "field": "field", "type": "ordinal", "title": None, "scale": {"domain": fields},
                "axis": {"labelOverlap": True},
            },
            "y": {"field": "lane", "type": "ordinal", "title": None, "sort": lanes, "axis": {"labelLimit": 320}},
            "color": {
                "field": "records", "type": "quantitative", "title": records,
                "scale": {"range": ["#C6DAF2", "#0B4EA2"]},
            },
        },
    }  # fmt: skip


def by_month(months: list[Row]) -> None:
    """The same as numbers; each leads to the contacts of its month."""
    with st.expander(say("gaps.by_month")):
        leads = [
            Lead(
                (
                    Cell(month_words(row["month"])), Cell(f"{row['contacts']:,}"), Cell(f"{row['days']:,}"),
                    Cell(f"{row['records']:,}" if row["logs"] else plain("gaps.no_log")),
                    Cell(f"{row['recordings']:,}"),
                ),
                "contacts", {"since": row["first"].isoformat(), "until": row["last"].isoformat()},
            )
            for row in months
        ]  # fmt: skip
        titles = [plain(f"gaps.column_{name}") for name in ("month", "contacts", "days", "records", "recordings")]
        table("months", titles, leads, plain("gaps.by_month"))


def whose(number: str | None) -> str:
    """Whose log it is: a phone, or a system that knows both ends."""
    if number is None:
        return plain("gaps.of_system")
    return text.visible(text.words().number(number))


def stretches(case: Case) -> None:
    """Time without a record: where a file may be missing, and where a log simply is silent."""
    st.subheader(say("gaps.stretches"), anchor=False)
    found = coverage.stretches(case)
    for kind in ("uncovered", "quiet"):
        about = found[kind]
        if not about["n"]:
            st.text(plain(f"gaps.no_{kind}", days=coverage.QUIET_DAYS))
            continue
        with st.expander(say(f"gaps.{kind}", n=about["n"], days=about["days"]), expanded=kind == "uncovered"):
            st.text(plain(f"gaps.{kind}_text"))
            leads = [
                Lead((Cell(plain("gaps.from_until", since=text.day(row["since"]), until=text.day(row["until"]))),
                      Cell(plain("gaps.so_many_days", n=row["days"])), Cell(whose(row["whose"]))))
                for row in about["rows"]
            ]  # fmt: skip
            titles = [plain(f"gaps.column_{name}") for name in ("when", "days_long", "whose")]
            table(kind, titles, leads, say(f"gaps.{kind}", n=about["n"], days=about["days"]))


def carrier(case: Case) -> None:
    """What to ask the carrier for, and how."""
    with st.container(border=True):
        st.subheader(say("gaps.carrier"), anchor=False)
        bills = coverage.wanted_bills(case)
        for phone in dict.fromkeys(row["whose"] for row in bills):
            named = text.words()("summary.comma").join(month_words(r["month"]) for r in bills if r["whose"] == phone)
            st.text(plain("gaps.carrier_months", whose=whose(phone), months=named))
        st.text(plain("gaps.carrier_how"))
        st.text(plain("gaps.carrier_limits"))


def sound(case: Case) -> None:
    """Recordings without their call, calls without their recording, recordings without text."""
    st.subheader(say("gaps.sound"), anchor=False)
    if not views.status(case)["recordings"]:
        st.text(plain("gaps.no_recordings"))
        return
    counts = {kind: gap["n"] for kind, gap in gaps.recording_gaps(case, limit=1).items()}
    known = [kind for kind in gaps.KINDS if counts[kind]]
    if not known:
        st.text(plain("gaps.sound_whole"))
        return
    key = chosen("gap", known, known[0])
    labels = {kind: say(f"gaps.{kind}", n=counts[kind]) for kind in known}
    st.segmented_control(
        say("gaps.show"), known, key=key, required=True, on_change=url.follow, args=("gap",),
        format_func=labels.__getitem__,
    )  # fmt: skip
    kind = str(st.session_state[key])
    st.text(plain(f"gaps.{kind}_text"))
    number = filters.page(counts[kind], gaps.ROWS)
    leads = [
        Lead((Cell(text.moment(row["at_local"])), Cell(row["source"], called(row))), "event", {"ref": row["event_id"]})
        for row in gaps.gap(case, kind, number)
    ]
    with st.expander(say("gaps.list"), expanded=bool(url.asked("gap") or url.asked("page"))):
        table(f"gap-{kind}", [plain("gaps.column_when"), plain("gaps.column_file")], leads, plain("gaps.sound"))
        filters.pages(counts[kind], gaps.ROWS, number)


def called(row: Row) -> str:
    """Who called whom, and which recording the log names, of a call without a recording."""
    if "from_number" not in row:
        return ""
    ends = [text.words().number(row[f"{end}_number"]) or plain("app.unknown") for end in ("from", "to")]
    parties = " → ".join(ends)
    return f"{parties} · {plain('gaps.named', name=row['named'])}" if row["named"] else parties


def times(case: Case) -> None:
    """Clocks that differ, times that are not exact, records without a day, what ids of calls show, zones."""
    st.subheader(say("gaps.clocks"), anchor=False)
    for row in clocks.shifted(case):
        by = plain("gaps.hours" if row["minutes"] % 60 == 0 else "gaps.minutes",
                   n=row["minutes"] // 60 if row["minutes"] % 60 == 0 else row["minutes"])  # fmt: skip
        st.text(plain("gaps.shifted", late=row["late"], early=row["early"], by=by, n=row["calls"], both=row["both"]))
    for row in clocks.coarse(case):
        st.text(plain(f"gaps.coarse_{row['precision']}", name=row["name"], n=row["records"]))
    for row in clocks.undated(case):
        st.text(plain("gaps.undated", name=row["name"], n=row["records"]))
    for row in clocks.measured(case):
        st.text(plain("gaps.measured", name=row["name"], said=text.words().sentence(row["said"])))
    for row in clocks.zones(case):
        st.text(plain("gaps.zone", zone=text.zone(row["time_zone"]), n=row["files"]))


def hidden(case: Case) -> None:
    """Numbers that were hidden or masked."""
    found = coverage.hidden(case)
    st.subheader(say("gaps.hidden"), anchor=False)
    if not found["n"]:
        st.text(plain("gaps.no_hidden"))
        return
    st.text(plain("gaps.hidden_text", n=found["n"]))
    leads = [
        Lead((Cell(text.words().number(row["number"])),
              Cell(f"{row['contacts']:,}")), "contacts", {"number": row["number"]})
        for row in found["rows"]
    ]  # fmt: skip
    table("hidden", [plain(f"gaps.column_{name}") for name in ("number", "contacts")], leads, plain("gaps.hidden"))


def unread(case: Case) -> None:
    """Files that could be read only in part, and the records left out."""
    st.subheader(say("gaps.unread"), anchor=False)
    rows = [row for row in views.sources(case, lang=text.lang()) if row["status"] != "ok" or row["rejects"]]
    if not rows:
        st.text(plain("gaps.all_read"))
        return
    st.text(plain("gaps.unread_text", files=len(rows), records=sum(row["rejects"] or 0 for row in rows)))
    word = text.words().word
    leads = [
        Lead((Cell(row["name"]), Cell(word("status", row["status"]), row["reason"] or ""),
              Cell(f"{row['rejects'] or 0:,}"))) for row in rows[:200]
    ]  # fmt: skip
    titles = [plain(f"gaps.column_{name}") for name in ("file", "status", "rejects")]
    table("unread", titles, leads, plain("gaps.unread"))
    rejects = views.rejects(case, 50, lang=text.lang())
    if rejects:
        with st.expander(say("gaps.rejects")):
            for row in rejects:
                shown.text(f"{row['source']} · {text.place(row['locator'])}\n{row['reason'] or ''}")


def show() -> None:
    """The page."""
    case = frame.case()
    steps.top("gaps")
    st.text(plain("gaps.why"))
    months = coverage.months(case)
    if months:
        calendar(case, months)
        by_month(months)
        stretches(case)
    else:
        st.text(plain("gaps.nothing_dated"))
    carrier(case)
    sound(case)
    times(case)
    hidden(case)
    unread(case)
    steps.bottom("gaps")


show()
