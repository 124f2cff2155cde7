"""The pages of a PDF: words and where they stand, and the rows of tables whose lines are drawn."""

import logging
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from collectaudit.records import Unreadable

_TAIL = 2048  # bytes in which a PDF says that it ends
_MOST_PAGES = 1000
# Of the height of letters: lines that overlap by more are of one row, tops that differ by less on one level.
_OVERLAP, _SAME_LINE = 0.2, 0.5
_RULED = {"vertical_strategy": "lines", "horizontal_strategy": "lines"}
_DATE_ENDS, _TIME_BEGINS = re.compile(r"\d[-/.月]\d{1,2}日?$"), re.compile(r"\d{1,2}:\d")
# What pdfminer lets out when a file is not what it says.
_DAMAGE = (
    ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError, ArithmeticError, struct.error,
    zlib.error, OSError,
)  # fmt: skip
NO_PART = "reading a PDF needs an optional part: pip install 'collectaudit[formats]'"
LOCKED = "the PDF is locked: it needs its password"


@dataclass(frozen=True, slots=True)
class Cell:
    """A word, or words that stand together: from where to where on the page, and on which level of its line."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    level: int = 0

    def and_then(self, other: "Cell") -> "Cell":
        """With what stands behind it."""
        return Cell(
            f"{self.text} {other.text}", self.left, other.right, self.top, max(self.bottom, other.bottom), self.level
        )


_Line = list[Cell]


Line = list[Cell]


@dataclass(slots=True)
class Page:
    """What one page holds: lines of words, rows of ruled tables, where the first of those begins."""

    lines: list[Line] = field(default_factory=list)
    ruled: list[list[str]] = field(default_factory=list)
    top: float = 0.0
    empty: bool = False
    fault: str = ""


def pages(path: Path) -> Iterator[Page]:
    """Every page up to the first that is damaged. Raises Unreadable if there is none, or no way in."""
    try:
        import pdfplumber
        from pdfminer.pdfdocument import PDFPasswordIncorrect
        from pdfminer.psexceptions import PSException
        from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
    except ImportError:
        raise Unreadable(NO_PART) from None
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    damage = (PSException, MalformedPDFException, PdfminerException, *_DAMAGE)
    number = 0
    try:
        with path.open("rb") as file, pdfplumber.open(file) as pdf:
            for number, page in enumerate(pdf.pages[:_MOST_PAGES], 1):  # noqa: B007 — for the reason below
                yield _page(page)
                page.close()
            if len(pdf.pages) > _MOST_PAGES:
                yield Page(fault=f"only the first {_MOST_PAGES} pages are read")
    except damage as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in (error, *error.args)):
            raise Unreadable(LOCKED) from None
        if not number:
            raise Unreadable("the PDF is damaged: download or copy it again") from None
        yield Page(fault=f"the PDF is damaged from page {number} on")


def _page(page: Any) -> Page:
    if not page.chars:
        return Page(empty=any(page.objects.values()))
    tables = [table for table in page.find_tables(_RULED) if len(table.rows[0].cells) > 2]  # else it is a frame
    ruled = [[joined((cell or "").split("\n")) for cell in row] for table in tables for row in table.extract()]
    return Page(_lines(page.extract_words()), ruled, min((table.bbox[1] for table in tables), default=0.0))


def _lines(words: Sequence[Any]) -> list[Line]:
    """Words in lines, from the top; lines that overlap are of one row whose cells are not equally high."""
    cells = [Cell(word["text"], word["x0"], word["x1"], word["top"], word["bottom"]) for word in words]
    lines: list[Line] = []
    bottom = 0.0
    for cell in sorted(cells, key=lambda cell: (cell.top, cell.left)):
        if lines and cell.top < bottom - _OVERLAP * (cell.bottom - cell.top):
            lines[-1].append(cell)
            bottom = max(bottom, cell.bottom)
        else:
            lines.append([cell])
            bottom = cell.bottom
    return [_ordered(line) for line in lines]


def _ordered(line: Line) -> Line:
    """Words of one line from the left; of several that overlap, level by level."""
    height = line[0].bottom - line[0].top
    levels = [replace(cell, level=round((cell.top - line[0].top) / height / _SAME_LINE)) for cell in line]
    return sorted(levels, key=lambda cell: (cell.level, cell.left))


def ends(path: Path) -> bool:
    """Whether the mark of the end is there."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _TAIL))
        return b"%%EOF" in file.read()


def joined(parts: Sequence[str]) -> str:
    """The lines of a cell as one: a word goes on, but words of Latin letters, or a day and its time, are two."""
    text = ""
    for part in filter(None, (part.strip() for part in parts)):
        latin = text[-1:].isascii() and text[-1:].isalpha() and part[0].isascii() and part[0].isalpha()
        two = latin or (_DATE_ENDS.search(text) and _TIME_BEGINS.match(part))
        text += f" {part}" if text and two else part
    return text
