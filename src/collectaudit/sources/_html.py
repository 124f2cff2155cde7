"""Tables in HTML, the form in which many exports named .xls come: every row of every table, in order."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from collectaudit.records import RAW_LIMIT, Unreadable
from collectaudit.sources._grid import Row

_SIZE = 64 << 20
_PIECE = 1 << 20
_DEPTH = 20
_SPAN = 100
_CELLS = 1000
_START = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|table|meta|head|body|div|style)\b", re.I | re.S)
_BLANKS = re.compile(r"[ \t\r\n]+")
_TABLE = re.compile(r"<table\b", re.I)


def claims(text: str) -> bool:
    """Whether text begins an HTML page with a table."""
    return _START.match(text) is not None and _TABLE.search(text) is not None


class HtmlGrid:
    """All rows of all tables of a page; a locator is the row's number in the page and the line of its start tag."""

    name = ""

    def __init__(self, path: Path) -> None:
        """Reads a page that is UTF-8; raises Unreadable if it is larger than 64 MB."""
        if path.stat().st_size > _SIZE:
            raise Unreadable("the HTML table is larger than 64 MB; save it as CSV and add it again")
        text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
        reader = _Tables()
        for at in range(0, len(text), _PIECE):
            reader.feed(text[at : at + _PIECE])
        reader.close()
        self.ended = reader.end()
        self._rows = reader.done

    def rows(self, after: int = 0, width: int = 0) -> Iterator[Row]:  # noqa: ARG002 — a cell is never cut in two
        """Rows behind row `after`."""
        yield from self._rows[after:]


class _Tables(HTMLParser):
    """Collects rows; a cell or row that is not closed ends where the next begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[Row] = []
        self._cells: list[str] | None = None
        self._texts: list[str] | None = None
        self._span = 1
        self._line = 0
        self._outer: list[tuple[list[str] | None, list[str] | None, int, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Tables nest; rows and cells end those before them."""
        if tag == "table" and len(self._outer) < _DEPTH:
            self._outer.append((self._cells, self._texts, self._span, self._line))
            self._cells = self._texts = None
        elif tag == "tr":
            self._end_row()
            self._cells, self._line = [], self.getpos()[0]
        elif tag in ("td", "th") and self._cells is not None:
            self._end_cell()
            self._texts, self._span = [], _span(dict(attrs).get("colspan"))
        elif tag in ("br", "p", "div"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        """The end of a table gives its surrounding row back."""
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self._outer:
            self._end_row()
            self._cells, self._texts, self._span, self._line = self._outer.pop()

    def handle_data(self, data: str) -> None:
        """Text counts inside cells only."""
        if self._texts is not None:
            self._texts.append(data)

    def _end_cell(self) -> None:
        if self._texts is not None and self._cells is not None and len(self._cells) < _CELLS:
            text = _BLANKS.sub(" ", "".join(self._texts)).strip(" ")
            self._cells += [text if text.strip() else "", *[""] * (self._span - 1)]
        self._texts = None

    def end(self) -> bool:
        """Whether the last table was closed; if not, the row that the page ends in is not whole."""
        self._end_row("the file ends inside this element" if self._outer else "")
        return not self._outer

    def _end_row(self, fault: str = "") -> None:
        """Keep the row that is open, if there is one."""
        self._end_cell()
        if self._cells is not None:
            number = len(self.done) + 1
            raw = "\t".join(self._cells)[:RAW_LIMIT]
            fault = "the row holds bytes that are no characters" if "\ufffd" in raw else raw and fault
            self.done.append(Row(f"tr[{number}]@L{self._line}", self._cells, raw, number, fault))
        self._cells = None


def _span(text: str | None) -> int:
    return min(int(text), _SPAN) if text and re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII) else 1
