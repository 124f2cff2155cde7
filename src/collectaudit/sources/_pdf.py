"""Tables in PDF with a text layer, as carriers send them: ruled tables by their lines, others by where words stand.

A page is rows of cells like any other table. Where lines are drawn they are the cells. Where none are, the header of a
known map gives the columns, and each word belongs to the column whose header it stands under.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from collectaudit.records import RAW_LIMIT, Unreadable
from collectaudit.sources._grid import Row
from collectaudit.sources._header import layouts
from collectaudit.sources._map import ColumnMap
from collectaudit.sources._pdfpages import Cell, Line, Page, ends, joined, pages

_MAGIC = b"%PDF-"
_HEAD = 1024  # bytes in which a PDF says what it is
_HEAD_LINES = 3  # of a header whose words wrap
# Of the height of letters: words closer than this are of one cell. Lines that go on are closer than rows are, by this
# much, and than so many heights.
_WORD_GAP, _CLOSER, _LEADING = 0.6, 0.8, 1.75
_CLOCK = re.compile(r"[\d:./年月日 -]*")
_ALIGNED = 1.0  # points: a word so near to where a head begins begins its column
PICTURES = (
    "its pages are pictures, and words in pictures cannot be read: "
    "ask the carrier for Excel or CSV, or for a PDF in which words can be selected"
)
NO_TABLE = "no table with a known header is found in this PDF: ask the carrier for Excel or CSV"


def claims(head: bytes) -> bool:
    """Whether the file is a PDF; a few bytes may stand before its mark."""
    return _MAGIC in head[:_HEAD]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns of a table without lines are, as its header tells: `first` to `last` line, if on this page."""

    heads: Line
    required: tuple[int, ...]
    first: int = -1
    last: int = -1

    def cells(self, line: Line) -> list[str]:
        """The text under each head, of one line or of lines that overlap."""
        found = [""] * len(self.heads)
        for cell in _together(line, {head.left for head in self.heads}):
            at = self._of(cell)
            found[at] = joined([found[at], cell.text] if found[at] else [cell.text])
        return found

    def _of(self, cell: Cell) -> int:
        """The head that a cell stands under: by its left, its middle or its right, whichever is nearest."""
        distances = [
            min(abs(cell.left - head.left), abs(cell.right - head.right),
                abs(cell.left + cell.right - head.left - head.right) / 2)
            for head in self.heads
        ]  # fmt: skip
        return distances.index(min(distances))


class PdfGrid:
    """All rows of all pages; a locator is the page and the row on it. `fault`: why some of it could not be read."""

    name = ""

    def __init__(self, path: Path, maps: Sequence[ColumnMap]) -> None:
        """Reads all pages. Raises Unreadable for what is locked, damaged, a picture, or holds no table."""
        self.fault = "" if ends(path) else "the file ends before its end mark"
        self._maps, self._rows, self._columns = maps, list[Row](), None
        pictures = 0
        for number, page in enumerate(pages(path), 1):
            if page.fault:
                self.fault = page.fault
            pictures += page.empty
            self._add(number, self._read(page))
        if not self._rows:
            raise Unreadable(PICTURES if pictures else NO_TABLE)
        if pictures:
            self.fault = f"{pictures} pages are pictures: what stands on them is not read"

    _columns: _Columns | None

    def rows(self, after: int = 0, width: int = 0) -> Iterator[Row]:  # noqa: ARG002 — a cell is never cut in two
        """Rows behind row `after`."""
        yield from self._rows[after:]

    def _read(self, page: Page) -> list[list[str]]:
        """The rows of one page, and above the first table what stands over it."""
        if page.ruled:
            above = [] if self._rows else [line for line in page.lines if line[0].bottom <= page.top]
            return [*([cell.text for cell in _together(line)] for line in above), *page.ruled]
        found = self._header(page.lines)
        self._columns = found or (self._columns and _Columns(self._columns.heads, self._columns.required))
        return list(_under(self._columns, page.lines)) if self._columns else []

    def _add(self, page: int, rows: Sequence[list[str]]) -> None:
        for number, cells in enumerate(rows, 1):
            raw = "\t".join(cells)[:RAW_LIMIT]
            self._rows.append(Row(f"p{page}!R{number}", cells, raw, len(self._rows) + 1))

    def _header(self, lines: Sequence[Line]) -> _Columns | None:
        """The line, or the lines whose words stand over each other, that a map knows as its header."""
        best: tuple[int, _Columns] | None = None
        for first in range(len(lines)):
            for last in range(first, min(first + _HEAD_LINES, len(lines))):
                heads = _stacked(lines[first : last + 1])
                found = layouts(Row("", [cell.text for cell in heads], "", 0), self._maps)
                layout = max(found, key=lambda layout: layout.score, default=None)
                if layout and (best is None or layout.score > best[0]):
                    best = layout.score, _Columns(heads, layout.required, first, last)
        return best[1] if best else None


def _stacked(lines: Sequence[Line]) -> Line:
    """The cells of a header whose words go on below."""
    levels = [
        [cell for cell in line if cell.level == level] for line in lines for level in sorted({c.level for c in line})
    ]
    heads = list(_together(levels[0]))
    for cell in (cell for level in levels[1:] for cell in _together(level)):
        shared = [min(cell.right, head.right) - max(cell.left, head.left) for head in heads]
        at = shared.index(max(shared))
        if shared[at] <= 0:
            heads.append(cell)
            continue
        head = heads[at]
        text, left, right = joined([head.text, cell.text]), min(head.left, cell.left), max(head.right, cell.right)
        heads[at] = Cell(text, left, right, head.top, cell.bottom)
    return sorted(heads, key=lambda head: head.left)


def _together(line: Line, lefts: Collection[float] = ()) -> Iterator[Cell]:
    """Words that stand close as one; a word that begins where a column does (`lefts`) is another."""
    open_one: Cell | None = None
    for word in line:
        if open_one is None:
            open_one = word
            continue
        near = 0 <= word.left - open_one.right < _WORD_GAP * (word.bottom - word.top)
        if near and word.level == open_one.level and not any(abs(word.left - left) < _ALIGNED for left in lefts):
            open_one = open_one.and_then(word)
        else:
            yield open_one
            open_one = word
    if open_one:
        yield open_one


def _under(columns: _Columns, lines: Sequence[Line]) -> Iterator[list[str]]:
    """Lines above the header as they are, the header, and the rows below it with lines that their cells go on in."""
    pitch = _pitch(columns, lines)
    row, top = list[str](), 0.0
    for number, line in enumerate(lines):
        if number < columns.last:
            if number < columns.first:
                yield [cell.text for cell in _together(line)]
            continue
        cells = columns.cells(line) if number > columns.last else [head.text for head in columns.heads]
        if row and line[0].top - top < pitch and _goes_on(cells, columns.required):
            row = [joined(pair) for pair in zip(row, cells, strict=True)]
        elif number == columns.last or _may_be_row(cells, columns.required):
            if row:
                yield row
            row = cells
        top = line[0].top
    if row:
        yield row


def _pitch(columns: _Columns, lines: Sequence[Line]) -> float:
    """How far a line that goes on may be from the one before: less than rows are, and not more than lines of a text."""
    tops = [line[0].top for line in lines if all(columns.cells(line)[i] for i in columns.required)]
    steps = [below - above for above, below in pairwise(tops)]
    return min(_CLOSER * min(steps, default=1000.0), _LEADING * (lines[0][0].bottom - lines[0][0].top))


def _goes_on(cells: Sequence[str], required: tuple[int, ...]) -> bool:
    """Whether a line so near is no row of its own: it lacks what a row must have, and no words stand for its time."""
    return not all(cells[i] for i in required) and _CLOCK.fullmatch(cells[required[0]]) is not None


def _may_be_row(cells: Sequence[str], required: tuple[int, ...]) -> bool:
    """Whether a line may be a row, or head a group of them; what else stands below a table is none."""
    return any(cells[i] and any(map(str.isdigit, cells[i])) for i in required) or all(cells[i] for i in required)
