"""Pages on a terminal: every text from data goes through `term_safe`, every line fits, nothing is markup."""

import json
import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .catalogue import Words
from .safe_text import term_safe
from .wrapping import wrap

_PLAIN_WIDTH = 100  # of a pipe or a file, unless COLUMNS says otherwise


class Page:
    """What is written to a terminal, in one language."""

    def __init__(self, words: Words, out: TextIO | None = None) -> None:
        self.words = words
        out = out or sys.stdout
        width = None if out.isatty() else int(os.environ.get("COLUMNS") or _PLAIN_WIDTH)
        self._console = Console(file=out, markup=False, highlight=False, emoji=False, width=width)

    def say(self, key: str, /, *, style: str = "", indent: int = 0, **args: object) -> None:
        """A text of the catalogue; its arguments may come from data."""
        safe = {name: term_safe(value) if isinstance(value, str) else value for name, value in args.items()}
        for line in self.words(key, **safe).splitlines():
            self._put(line, style, indent)

    def data(self, value: object, *, style: str = "", indent: int = 0) -> None:
        """A text from data, as one paragraph."""
        self._put(term_safe(str(value)), style, indent)

    def block(self, text: str, *, indent: int = 0) -> None:
        """A text of several lines that must stay lines: a query, a column map."""
        for line in text.splitlines():
            self._console.print(Text(" " * indent + term_safe(line)), soft_wrap=True)

    def command(self, *words: str) -> None:
        """A command to copy, never broken over lines."""
        line = "  collectaudit " + term_safe(" ".join(shlex.quote(word) for word in words))
        self._console.print(Text(line, style="bold"), soft_wrap=True)

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def heading(self, key: str, /, **args: object) -> None:
        """An empty line and a heading."""
        self.gap()
        self.say(key, style="bold", **args)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, whole: Sequence[str] = ()) -> None:
        """A table; `columns` are keys of the family `column`, those in `whole` are never broken."""
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in columns:
            table.add_column(self.words.word("column", column), overflow="fold", no_wrap=column in whole)
        for row in rows:
            table.add_row(*(Text(term_safe("" if cell is None else str(cell))) for cell in row))
        self._console.print(table)

    def _put(self, line: str, style: str, indent: int) -> None:
        for part in wrap(line, max(self._console.width - indent, 20)):
            self._console.print(Text(" " * indent + part, style=style), soft_wrap=True)


def as_json(value: object) -> str:
    """JSON in pure ASCII, so that no text from data reaches the terminal as it is."""
    return json.dumps(value, ensure_ascii=True, indent=2, default=str)


def as_jsonl(rows: Iterable[Mapping[str, object]]) -> str:
    """One JSON object a line."""
    return "\n".join(json.dumps(row, ensure_ascii=True, default=str) for row in rows)
