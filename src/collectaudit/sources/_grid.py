"""A table as rows of text cells, each with its place in the file; here for text, see _book.py and _html.py."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from collectaudit.records import RAW_LIMIT
from collectaudit.sources._decode import BAD, LINE_LIMIT, Text, physical

ZERO_BYTES = "the line holds zero bytes"
SEPARATORS = (",", "\t", "|", ";")
_JOIN_LINES = 100  # a quotation mark must be closed within so many lines


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it is, its cells, the text found there. `last`: number of its last line or row.

    `fault`: why it cannot be read; `lost`: cells whose digits the spreadsheet has not kept; `torn`: the file ends in
    it, without the end of a line.
    """

    locator: str
    cells: list[str]
    raw: str
    last: int
    fault: str = ""
    lost: frozenset[int] = frozenset()
    torn: bool = False


class Grid(Protocol):
    """A sheet of rows."""

    name: str

    def rows(self, after: int = 0, width: int = 0) -> Iterator[Row]:
        """Rows behind row (or line) `after`; `width` is the number of cells that a record of several lines has."""


class TextGrid:
    """A text table with one separator."""

    name = ""

    def __init__(self, text: Text, separator: str) -> None:
        self.separator = separator
        self.text = text
        self._cell = re.compile(_CELL.replace("SEP", re.escape(separator)))

    def rows(self, after: int = 0, width: int = 0) -> Iterator[Row]:
        """Rows behind line `after`; records of several lines are joined if the result has at least `width` cells."""
        ahead: deque[tuple[int, bytes]] = deque()
        lines = physical(self.text, after)
        while True:
            number, line = ahead.popleft() if ahead else next(lines, (0, b""))
            if not number:
                return
            yield self._row(number, line) or self._joined(number, line, ahead, lines, width)

    def cells(self, line: str) -> list[str] | None:
        """The cells of one line; None when a quotation mark that opens a cell is not closed."""
        if '"' not in line:
            return line.split(self.separator)
        cells, at, end = [], 0, len(line)
        while at <= end:
            found = self._cell.match(line, at)
            if found is None:
                return None
            inner, tail, bare = found.groups()
            cells.append(bare if inner is None else inner.replace('""', '"') + (tail or ""))
            at = found.end() + 1
        return cells

    def _row(self, number: int, line: bytes) -> Row | None:
        """The row of a line that stands alone; None when it goes on in the next line."""
        text, fault = self._decode(line)
        if fault:
            return Row(f"L{number}", [], _shown(line), number, fault)
        cells = self.cells(text)
        return None if cells is None else self.row(number, cells, text)

    def row(self, number: int, cells: list[str], text: str, last: int = 0) -> Row:
        """The row of one line, or of those up to `last`; what ends in a quotation mark ends by itself."""
        last = last or number
        torn = last == self.text.lines and not self.text.ended and not text.endswith('"')
        return Row(f"L{number}", cells, text[:RAW_LIMIT], last, torn=torn)

    def _joined(
        self, number: int, first: bytes, ahead: deque[tuple[int, bytes]], lines: Iterator[tuple[int, bytes]], width: int
    ) -> Row:
        """The row of a line with an open quotation mark, joined with the lines up to the one that closes it.

        If none does, or what comes out is no row, only the first line is given up and reading goes on behind it.
        """
        text, taken = first.decode("utf-8"), 0
        while taken < _JOIN_LINES:
            if taken == len(ahead):
                following = next(lines, None)
                if following is None:
                    break
                ahead.append(following)
            line, fault = self._decode(ahead[taken][1])
            if fault or len(text) + len(line) > LINE_LIMIT:
                break
            taken += 1
            text += "\n" + line
            if '"' in line and (cells := self.cells(text)) is not None:
                if len(cells) < width or not self._clean(text):
                    break
                last = [ahead.popleft() for _ in range(taken)][-1][0]
                return self.row(number, cells, text, last)
        return Row(f"L{number}", [], _shown(first), number, "a quotation mark is opened here and not closed")

    def _decode(self, line: bytes) -> tuple[str, str]:
        """The text of a line, or why it has none."""
        if len(line) > LINE_LIMIT:
            return "", "the line is longer than 1 MB"
        if b"\0" in line:
            return "", ZERO_BYTES
        try:
            return line.decode("utf-8"), ""
        except UnicodeDecodeError:
            return "", f"the line is not valid {self.text.encoding.removesuffix('-sig').upper()}"

    def _clean(self, text: str) -> bool:
        """Whether nothing stands behind a closing quotation mark; a stray one often swallows rows."""
        at = 0
        while at <= len(text):
            found = self._cell.match(text, at)
            if found is None or found[2]:
                return False
            at = found.end() + 1
        return True


# A quoted cell with what stands behind it, or a bare cell; a bare cell does not begin with a quotation mark.
_CELL = r'"([^"]*(?:""[^"]*)*)"((?:[^"SEP][^SEP]*)?)(?=SEP|\Z)|((?:[^"SEP][^SEP]*)?)(?=SEP|\Z)'


def _shown(line: bytes) -> str:
    return line[: 4 * RAW_LIMIT].removeprefix(BAD).decode("utf-8", "backslashreplace")[:RAW_LIMIT]
