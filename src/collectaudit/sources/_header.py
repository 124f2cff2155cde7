"""Where the header of a table is and which map it fits, found by counting recognised cells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import dropwhile, islice, takewhile

from collectaudit.records import Unreadable
from collectaudit.sources._grid import Grid, Row
from collectaudit.sources._map import ColumnMap
from collectaudit.sources._words import fold_header

_MINUTES = re.compile(r"[(\[（【]\s*(?:分钟?|min(?:ute)?s?)\s*[)\]）】]|\bmin(?:ute)?s\b", re.IGNORECASE)
_ZONES = tuple(
    (re.compile(sign, re.IGNORECASE), zone)
    for sign, zone in (
        (r"\b(?:UTC|GMT)\b(?!\s*[+-])", "UTC"), (r"(?:UTC|GMT)\s*\+0?8\b|北京时间|CST\s*\+0?8", "Asia/Shanghai"),
        (r"\b(?:Pacific|P[SD]?T)\b", "America/Los_Angeles"), (r"\b(?:Mountain|M[SD]T)\b", "America/Denver"),
        (r"\b(?:Central)\b", "America/Chicago"), (r"\b(?:Eastern|E[SD]T)\b", "America/New_York"),
    )
)  # fmt: skip
_WIDEST = 1000  # cells of a row that are looked at
_SEARCHED, _BLANK = 30, 10_000  # rows from the top in which a header is looked for, and blank ones between them


@dataclass(frozen=True, slots=True)
class Layout:
    """A header that fits a map: `where` gives the cells of each canonical field, `required` those a row must have.

    `last`: number of the header's last line or row. `score`: how many cells were recognised. `tests`: what cells of a
    table without a header, or of one that a program writes (`ColumnMap.exact`), must look like.
    """

    map: ColumnMap
    header: tuple[str, ...]
    last: int
    where: Mapping[str, tuple[int, ...]]
    required: tuple[int, ...]
    score: int
    tests: Mapping[int, re.Pattern[str]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Number of cells of the header."""
        return len(self.header)

    @property
    def zone(self) -> str:
        """The time zone that the header of the date or the time names, `Date and time (Pacific)`; empty if none."""
        headers = [self.header[self.where[name][0]] for name in ("date", "time") if name in self.where]
        return next((zone for text in headers for sign, zone in _ZONES if sign.search(text)), "")

    @property
    def minutes(self) -> bool:
        """Whether plain numbers in the duration column are minutes: the header says so in its unit."""
        header = self.header[self.where["duration"][0]] if "duration" in self.where else ""
        return _MINUTES.search(header) is not None


def find(grid: Grid, maps: Iterable[ColumnMap]) -> Layout | None:
    """The topmost header in the first rows, or None; of rows that follow each other, the best of them.

    What stands below its records is a table of its own. Raises Unreadable when two maps fit it equally well.
    """
    maps = tuple(maps)
    filled = (row for row in islice(grid.rows(), _BLANK) if any(map(str.strip, row.cells)))
    first = list(islice(filled, _SEARCHED))
    fitting = dropwhile(lambda found: not found, (layouts(row, maps) for row in first))
    return best(layout for found in takewhile(bool, fitting) for layout in found) or without_header(first, maps)


def without_header(rows: Sequence[Row], maps: Iterable[ColumnMap]) -> Layout | None:
    """The layout of a table that begins with its records, if most rows look as a map says; None if there is none."""
    whole = [row.cells for row in rows if not row.fault]
    found = [_headerless(columns.split(","), whole, one) for one in maps for columns in one.headerless]
    return best(layout for layout in found if layout is not None)


def _headerless(names: Sequence[str], rows: Sequence[Sequence[str]], column_map: ColumnMap) -> Layout | None:
    """The layout if most rows fit it; switches add columns behind those that are known, which have no names."""
    tests = {names.index(name): re.compile(text) for name, text in column_map.cells.items() if name in names}
    fitting = [cells for cells in rows if len(cells) > max(tests, default=0) and not unlike(cells, tests)]
    if len(fitting) * 5 < len(rows) * 4 or not fitting:
        return None
    width = max(map(len, fitting))
    header = [*names, *[""] * width][: max(width, len(names))]
    found = layouts(Row("", header, "", 0), [column_map])
    return replace(found[0], tests=tests, score=len(names)) if found else None


def unlike(cells: Sequence[str], tests: Mapping[int, re.Pattern[str]]) -> list[int]:
    """The cells that do not look as they must. One that is not there may be of a column that was added later."""
    return [i for i, test in tests.items() if i < len(cells) and not test.fullmatch(cells[i].strip())]


def best(found: Iterable[Layout]) -> Layout | None:
    """The layout that recognises most cells, the topmost of equals. Raises Unreadable when two maps are equal."""
    found = tuple(found)
    if not found:
        return None
    first = max(found, key=lambda layout: layout.score)
    equals = sorted({layout.map.id for layout in found if (layout.score, layout.last) == (first.score, first.last)})
    if len(equals) > 1:
        raise Unreadable(f"the header fits several column maps equally well ({', '.join(equals)}); name one with --map")
    return first


def layouts(row: Row, maps: Iterable[ColumnMap]) -> list[Layout]:
    """The maps whose columns this row names."""
    named: dict[str, list[int]] = {}
    for i, cell in enumerate(row.cells[:_WIDEST]):
        if header := fold_header(cell):
            named.setdefault(header, []).append(i)
    if len(named) < 2:
        return []
    return [layout for column_map in maps if (layout := _fit(row, named, column_map)) is not None]


def _fit(row: Row, named: Mapping[str, list[int]], column_map: ColumnMap) -> Layout | None:
    where: dict[str, tuple[int, ...]] = {}
    taken: set[int] = set()
    for name, headers in column_map.columns.items():
        many = name == "number" and column_map.kind == "contacts"
        hits = [i for header in headers for i in _places(header, named) if i not in taken]
        if hits:
            where[name] = tuple(dict.fromkeys(hits if many else hits[:1]))
            taken.update(where[name])
    if len(where) < column_map.least or not _complete(column_map, where, named):
        return None
    known = {i for header in column_map.known for i in _places(header, named)} - taken
    if column_map.only_known and sum(map(len, named.values())) > len(taken | known):
        return None
    required = tuple(where[name][0] for name in column_map.required)
    cells = column_map.cells.items() if column_map.exact else ()
    tests = {i: re.compile(text) for header, text in cells for i in _places(header, named)}
    return Layout(column_map, tuple(row.cells), row.last, where, required, len(taken | known), tests)


def _places(header: str, named: Mapping[str, list[int]]) -> list[int]:
    """The cells that bear this header; `#` in it stands for any number (`Phone # - Value`)."""
    if "#" not in header:
        return named.get(_folded(header), [])
    pattern = re.compile(r"\d+".join(re.escape(_folded(part)) for part in header.split("#")))
    return sorted(i for name, places in named.items() if pattern.fullmatch(name) for i in places)


@cache
def _folded(header: str) -> str:
    """A header of a map, folded once."""
    return fold_header(header)


def _complete(column_map: ColumnMap, where: Mapping[str, tuple[int, ...]], named: Mapping[str, list[int]]) -> bool:
    """Required columns, one of those that tell this kind of table from others, and one of its marks."""
    return (
        all(name in where for name in column_map.required)
        and (not column_map.one_of or any(name in where for name in column_map.one_of))
        and (not column_map.marks or any(_folded(mark) in named for mark in column_map.marks))
    )
