"""Data: the files of the case, what could not be read in them, its runs, copies for others, and whether it is whole."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import holdings
from collectaudit.case import Case
from collectaudit.holdings import ROWS
from ui import busy, copies, filters, frame, leads, shown, text, url
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

Row = Mapping[str, Any]
VIEWS = ("sources", "rejects", "runs", "exports", "outside", "whole")


def show() -> None:
    """The page: one part of it at a time, as the address says."""
    case = frame.case()
    st.title(say("data.title"), anchor=False)
    totals = holdings.totals(case)
    st.text(plain("data.totals", **totals))
    busy.busy(case)
    view = st.segmented_control(
        say("data.view"), VIEWS, key=leads.chosen("view", VIEWS, VIEWS[0]), required=True, on_change=url.follow,
        args=("view",), label_visibility="collapsed", format_func=lambda name: say(f"data.view_{name}"),
    )  # fmt: skip
    parts = {"sources": sources, "rejects": rejects, "runs": runs, "exports": copies.page, "outside": outside}
    parts.get(str(view), whole)(case)


def sources(case: Case) -> None:
    """The files, fifty at a time."""
    totals = holdings.totals(case)
    faulty = url.asked("faulty") == "1"
    if totals["faulty"]:
        toggled = {} if faulty else {"faulty": "1"}
        label = say("data.every_file") if faulty else say("data.faulty", n=totals["faulty"])
        st.page_link("screens/data.py", label=label, query_params={**url.kept(), **toggled})
    total = totals["faulty"] if faulty else totals["sources"]
    number = filters.page(total, ROWS)
    rows = holdings.sources(case, number, text.lang(), faulty=faulty)
    columns = [plain(f"data.column_{name}") for name in ("file", "read_as", "records", "rejects", "span", "hash")]
    leads.table("sources", columns, [_source(row) for row in rows], plain("data.view_sources"))
    filters.pages(total, ROWS, number)


def _source(row: Row) -> Lead:
    word = text.words().word
    read_as = " · ".join((text.reader(row["parser"], row["encoding"]), text.size(row["size_bytes"])))
    state = "" if row["status"] == "ok" else f"{word('status', row['status'])}: {row['reason']}"
    cells = (
        Cell(row["name"], state),
        Cell(word("kind", row["kind"]), read_as),
        Cell(f"{row['records']:,}", plain("data.kept", n=row["events"])),
        Cell(f"{row['rejects']:,}", href=_rejects_of(row) if row["rejects"] else ""),
        Cell(_span(row), text.zone(row["time_zone"]) if row["first_at"] else ""),
        Cell(str(row["sha256"])),
    )
    return Lead(cells)


def _rejects_of(row: Row) -> str:
    return url.link("data", view="rejects", source=row["source_id"])


def _span(row: Row) -> str:
    if row["first_at"] is None:
        return plain("data.no_times")
    first, last = text.day(row["first_at"]), text.day(row["last_at"])
    return first if first == last else plain("app.range", first=first, last=last)


def rejects(case: Case) -> None:
    """The records that could not be read, of one file or of all."""
    known = {row["source_id"]: row for row in holdings.rejecting(case)}
    if not known:
        st.text(plain("data.no_rejects"))
        return
    names = {name: text.visible(f"{row['name']} · {row['rejects']:,}") for name, row in known.items()}
    chosen = str(st.selectbox(
        say("data.of_file"), ["", *known], key=leads.chosen("source", ["", *known], ""), on_change=url.follow,
        args=("source",), format_func=lambda name: names.get(name, plain("data.every_file")),
    ))  # fmt: skip
    total = holdings.count_rejects(case, chosen)
    st.text(plain("data.rejected", n=total))
    number = filters.page(total, ROWS)
    rows = holdings.rejects(case, chosen, number, text.lang())
    columns = [plain(f"data.column_{name}") for name in ("file", "place", "reason", "record")]
    leads.table("rejects", columns, [_reject(row) for row in rows], plain("data.view_rejects"))
    filters.pages(total, ROWS, number)


def _reject(row: Row) -> Lead:
    return Lead((Cell(row["source"]), Cell(text.place(row["locator"])), Cell(row["reason"]), Cell(row["raw"] or "")))


def runs(case: Case) -> None:
    """Every audit that was published, the last one first."""
    st.text(plain("data.runs_text"))
    for row in holdings.published(case):
        with st.container(border=True, gap="small"):
            state = plain("data.current") if row["current"] else plain("data.earlier")
            st.subheader(say("data.run", run=row["run"], state=state), anchor=False)
            at = plain("event.utc", at=text.moment(row["at"]))
            counts = {name: row["rows"].get(name) or 0 for name in ("events", "findings", "evidence")}
            st.text(plain("data.made", at=at, tool=row["tool"], sources=row["sources"], rules=row["rules"], **counts))
            with st.expander(say("data.options")):
                shown.code(f"options-{row['run']}", "\n".join(_options(row)))


def _options(row: Row) -> list[str]:
    options = [f"{name}: {value}" for name, value in sorted(row["options"].items()) if value]
    hashes = [f"{name}: {row[name]}" for name in ("manifest", "law", "lexicons") if row[name]]
    return [*options, *([f"own: {row['own']}"] if row["own"] else []), *hashes]


def outside(case: Case) -> None:
    """How to ask the tables with other programs."""
    st.text(plain("data.outside_text"))
    for name, (commands, query) in holdings.openers(case).items():
        st.subheader(say(f"data.outside_{name}"), anchor=False)
        shown.code(f"commands-{name}", commands)
        shown.code(f"query-{name}", query)
    st.text(plain("data.outside_tables"))


def whole(case: Case) -> None:
    """The log's head, to be noted elsewhere; and everything checked again against the log."""
    about = holdings.log(case)
    st.text(plain("data.log", **{**about, "first": text.moment(about["first"]), "last": text.moment(about["last"])}))
    shown.code("head", about["head"])
    st.text(plain("data.head_text"))
    copies.check(case)


show()
