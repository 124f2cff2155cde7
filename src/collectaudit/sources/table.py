"""Tables: CSV, TSV, workbooks, HTML and PDF, read through column maps; a header row is found, a map names its columns.

Rows go through Python (`read`), or, for plain text tables, as columns (`copy_raw`); the same map drives both and
both give the same records. A table that no map fits is not read: `propose` shows what a map for it could look like.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import (
    _book,
    _columnar,
    _decode,
    _html,
    _pdf,
    chatjson,
    contentquery,
    imazing,
    qq,
    qqtext,
    recording,
    told,
    transcript,
    wechat,
    wechatpage,
    whatsapp,
)
from collectaudit.sources._grid import SEPARATORS, ZERO_BYTES, Grid, Row, TextGrid
from collectaudit.sources._header import Layout, find, layouts, without_header
from collectaudit.sources._map import READ_AS, ColumnMap, load_map, shipped
from collectaudit.sources._mapcheck import check_map
from collectaudit.sources._preface import preface
from collectaudit.sources._propose import Proposal, proposal
from collectaudit.sources._rows import RowReader, is_regular, shown
from collectaudit.sources._switch import Clock, measure, started

__all__ = ["NAME", "Proposal", "check_map", "claims", "copy_raw", "propose", "read"]

NAME = "table"

# Whose lines may have separators, and whose pages may have tables.
_OTHERS = (recording, transcript, whatsapp, wechat, qq, qqtext, told, contentquery, imazing, chatjson, wechatpage)
_NOT_A_TABLE = re.compile(r"\s*(?:[{<]|\[\s*[\[{\"]|BEGIN:V|Row: \d|WEBVTT)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
NO_MAP = "no column map fits this table; run: collectaudit inspect FILE, save the proposed map and pass it with --map"
_CUT_HEADER = "the file ends in its header, in a line without an end: it may have been cut"
_SECTIONS = 20


def claims(head: bytes, name: str) -> bool:
    """Whether the file begins as a workbook, an HTML table, or lines with a separator in columns."""
    if not head or _book.claims(head) or _pdf.claims(head):
        return bool(head)
    text = _decode.opening(head).removeprefix("\ufeff")
    if any(other.claims(head, name) for other in _OTHERS):
        return False
    if _html.claims(text):
        return True
    lines = [line for line in re.split(r"\r?\n|\r", text[: _decode.BLOCK])[:200] if line.strip()]
    bare = text.replace("\0", "")  # a table that was torn may hold long stretches of zeros
    if not lines or _NOT_A_TABLE.match(text) or len(_CONTROL.findall(bare)) * 100 > len(bare):
        return False
    return any(_in_columns(lines, separator) for separator in SEPARATORS)


def _in_columns(lines: Sequence[str], separator: str) -> bool:
    """Whether most lines with this separator have equally many (three columns or more), or one is a known header."""
    counts = Counter(count for line in lines if (count := line.count(separator)))
    count, often = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    if count >= 2 and often >= 2 and often * 2 >= sum(counts.values()) and often * 3 >= len(lines):
        return True
    rows = (Row("", [cell.strip('"') for cell in line.split(separator)], "", 0) for line in lines[:30])
    if any(layouts(row, shipped()) for row in rows):
        return True
    try:
        cut = [Row("", cells, "", 0) for cells in csv.reader(lines[:30], delimiter=separator)]
    except csv.Error:
        return False
    return without_header(cut, shipped()) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every data row once. Raises Unreadable when no map fits, WrongUse when the map given is broken."""
    maps, kinds = _maps(job), set[str]()
    for grid, layout in _tables(job, facts, maps):
        if kinds and layout.map.kind not in kinds:
            facts.status, facts.reason = "partial", f"sheet {shown(grid.name)} holds {layout.map.kind}; it is not read"
            continue
        kinds.add(layout.map.kind)
        _introduce(grid, layout, facts, job.name)
        clock = _clock(grid, layout)
        clock.zone = "UTC" if layout.map.offset else layout.zone or facts.time_zone or job.time_zone
        _note(facts, clock.notes(job.time_zone))
        for item in _sections(grid, layout, maps, facts, clock):
            if isinstance(item, Reject) and item.reason == ZERO_BYTES:
                facts.status, facts.reason = "partial", "there are lines of zero bytes: the file is damaged"
            yield item
    if not kinds:
        raise _no_map(job, maps)


def copy_raw(job: Job, facts: Facts, out: Path) -> bool:
    """Writes the records of a plain text table as columns: n, locator, reason, raw, then RAW_FIELDS; all text but n.

    Returns False, with `out` and `facts` untouched, for anything that has to go row by row through `read`.
    Raises as `read` does.
    """
    if _pdf.claims(_head(job)):
        return False
    maps = _maps(job)
    for trusting in (True, False):
        learned = replace(facts, notes=list(facts.notes))
        grid, layout = next(_tables(job, learned, maps, trusting), (None, None))
        if grid is None or layout is None:
            continue
        if not isinstance(grid, TextGrid) or not _columnar.can(grid, layout):
            return False
        reader = RowReader(layout, maps)
        if _columnar.copy(grid, reader, job.work, out):
            _introduce(grid, layout, learned, job.name)
            _close(reader, learned)
            for name in Facts.__slots__:
                setattr(facts, name, getattr(learned, name))
            return True
        if grid.text.checked:
            return False
    raise _no_map(job, maps)


def propose(job: Job) -> Proposal:
    """What an unknown table could be: headers, guesses with reasons, a preview, and a column map as text to edit."""
    for grids in _grids(job, Facts(NAME)):
        found = proposal(grids)
        if found is not None:
            return found
    raise Unreadable("no table with a header is found in this file")


def _maps(job: Job) -> tuple[ColumnMap, ...]:
    return (load_map(job.map_file),) if job.map_file else shipped()


def _no_map(job: Job, maps: Sequence[ColumnMap]) -> Unreadable:
    if job.map_file is None:
        return Unreadable(NO_MAP)
    needed = ", ".join(f"{name} ({' or '.join(maps[0].columns[name])})" for name in maps[0].required)
    return Unreadable(f"no header in this table fits the column map {maps[0].id}; it needs {needed}")


def _introduce(grid: Grid, layout: Layout, facts: Facts, name: str) -> None:
    """What the map and the rows above the header say about the file."""
    facts.kind = layout.map.kind
    facts.time_zone = facts.time_zone or layout.map.time_zone
    _note(facts, [READ_AS + layout.map.id])
    above = list(takewhile(lambda row: row.last < layout.last, grid.rows()))
    preface(above, facts, name)
    if isinstance(grid, TextGrid) and not grid.text.ended and layout.last == grid.text.lines:
        facts.status, facts.reason = "partial", _CUT_HEADER
    if layout.map.kind == "events" and any(is_regular(row.cells, layout) for row in above):
        facts.status, facts.reason = "partial", "rows stand above the header of this table: lines were moved"


def _close(reader: RowReader, facts: Facts) -> None:
    """What a reader says behind its last row."""
    _note(facts, reader.notes())
    if reader.torn:
        facts.status, facts.reason = "partial", "the last line has no end: the file may have been cut"


def _note(facts: Facts, notes: Iterable[str]) -> None:
    facts.notes.extend(note for note in notes if note not in facts.notes)


def _tables(job: Job, facts: Facts, maps: Sequence[ColumnMap], trusting: bool = False) -> Iterator[tuple[Grid, Layout]]:
    """Each sheet with its header; sheets without one are named in the notes. Of separators the best is taken."""
    for grids in _grids(job, facts, trusting):
        found = [(layout, grid) for grid in grids if (layout := find(grid, maps)) is not None]
        if found:
            layout, grid = max(found, key=lambda pair: pair[0].score)
            yield grid, layout
        elif grids[0].name and any(row.cells for row in grids[0].rows()):
            facts.notes.append(f"sheet {shown(grids[0].name)} has no header that a column map fits; it is not read")


def _grids(job: Job, facts: Facts, trusting: bool = False) -> Iterator[list[Grid]]:
    """The sheets of a file, each in all ways in which it may be cut into cells."""
    head = _head(job)
    if _book.claims(head):
        for sheet in _book.sheets(job.path):
            yield [sheet]
        return
    if _pdf.claims(head):
        pages = _pdf.PdfGrid(job.path, _maps(job))
        if pages.fault:
            facts.status, facts.reason = "partial", pages.fault
        yield [pages]
        return
    text = _decode.open_text(job.path, job.work, trusting=trusting)
    facts.encoding = text.encoding
    if _html.claims(_decode.opening(head).removeprefix("\ufeff")):
        page = _html.HtmlGrid(text.path)
        if not page.ended:
            facts.status, facts.reason = "partial", "the file ends before its end tag"
        yield [page]
    else:
        yield [TextGrid(text, separator) for separator in SEPARATORS]


def _head(job: Job) -> bytes:
    with job.path.open("rb") as file:
        return file.read(_decode.BLOCK)


def _clock(grid: Grid, layout: Layout) -> Clock:
    """What the ids of the calls say about the times of a switch; nothing of other tables."""
    where = layout.where
    if "id" not in where or layout.map.offset:
        return Clock()
    name, at = where["id"][0], {field: where[field][0] for field in ("date", "time") if field in where}
    rows = (row.cells for row in grid.rows(layout.last, layout.width) if len(row.cells) > max(name, *at.values()))
    return measure((cells[name], started({field: cells[i] for field, i in at.items()})) for cells in rows)


def _sections(
    grid: Grid, layout: Layout, maps: Sequence[ColumnMap], facts: Facts, clock: Clock
) -> Iterator[Record | Reject]:
    """The records below a header, and below further headers of other tables in the same sheet."""
    for _ in range(_SECTIONS):
        reader = RowReader(layout, maps, clock)
        for row in grid.rows(layout.last, layout.width):
            yield from reader.read(row)
            if reader.section:
                break
        yield from reader.close()
        _close(reader, facts)
        if not reader.section:
            return
        layout = reader.section
        _note(facts, [READ_AS + layout.map.id])
    raise Unreadable(f"more than {_SECTIONS} tables follow each other in one sheet; the rest is not read")
