"""Pages on a terminal: every text from data goes through `term_safe`, every line fits, nothing is markup."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from .catalogue import Words
from .masking import masked
from .quoting import Span, quoted
from .safe_text import term_safe
from .wrapping import breaks, fit, fold, pad, wrap

_PLAIN_WIDTH = 100  # of a pipe or a file, unless COLUMNS says otherwise
_POINTED_OUT = "bold reverse"


class PlainConsole(Console):
    """rich without its readings of our text; when the reader goes away, that is for `cli.main` to answer."""

    def __init__(self, file: TextIO, width: int | None = None) -> None:
        colours = None if os.environ.get("NO_COLOR") else "auto"
        super().__init__(
            file=file,
            markup=False,
            highlight=False,
            emoji=False,
            width=width,
            color_system=colours,  # type: ignore[arg-type]
        )

    def on_broken_pipe(self) -> None:
        """Not rich's SystemExit(1), which would mean findings."""
        raise BrokenPipeError


class Page:
    """What is written to a terminal, in one language. `mask`: the middle of subscribers' numbers is hidden."""

    def __init__(self, words: Words, out: TextIO | None = None, *, mask: bool = False) -> None:
        self.words = words
        self._mask = masked if mask else str
        out = out or sys.stdout
        width = None if out.isatty() else shutil.get_terminal_size((_PLAIN_WIDTH, 0)).columns
        self._console = PlainConsole(out, width)

    def _safe(self, value: object) -> str:
        """Data as this page may show it."""
        return self._mask(term_safe(str(value)))

    def say(self, key: str, /, *, style: str = "", indent: int = 0, **args: object) -> None:
        """A text of the catalogue; its arguments may come from data."""
        safe = {name: self._safe(value) if isinstance(value, str) else value for name, value in args.items()}
        for line in self.words(key, **safe).splitlines():
            self._put(line, style, indent)

    def data(self, value: object, *, style: str = "", indent: int = 0) -> None:
        """A text from data, as one paragraph."""
        self._put(self._safe(value), style, indent)

    def pair(self, column: str, value: object, *, indent: int = 0) -> None:
        """The word for a column and what its cell says."""
        said = self.words.value(column, value)
        self.say("word.pair", indent=indent, name=self.words.word("column", column), value=said)

    def block(self, text: str, *, indent: int = 0) -> None:
        """A text of several lines that must stay lines: a query, a column map."""
        for line in text.splitlines():
            self._console.print(Text(" " * indent + self._safe(line)), soft_wrap=True)

    def quote(self, text: str, spans: Sequence[Span], *, indent: int = 0) -> None:
        """A text from data, line by line behind a bar; the characters of `spans` stand out, with colour or without."""
        for line, places in quoted(text, spans, signs=self._console.color_system is None):
            shown = Text(self._mask(line))  # as long as before, so that the places hold
            for start, end in places:
                shown.stylize(_POINTED_OUT, start, end)
            for start, end in breaks(line, max(self._console.width - indent - 2, 20)):
                self._console.print(Text(" " * indent + "│ ") + shown[start:end], soft_wrap=True)

    def command(self, *words: str) -> None:
        """A command to copy, never broken over lines."""
        line = "  collectaudit " + term_safe(" ".join(shlex.quote(word) for word in words))
        self._console.print(Text(line, style="bold"), soft_wrap=True)

    def gap(self) -> None:
        """An empty line."""
        self._console.print()

    def heading(self, key: str, /, **args: Any) -> None:
        """An empty line and a heading."""
        self.gap()
        self.say(key, style="bold", **args)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, whole: Sequence[str] = ()) -> None:
        """A table; `columns` are keys of the family `column`, those in `whole` are never broken."""
        heads = [self.words.word("column", column) for column in columns]
        cells = [[self._safe("" if cell is None else cell) for cell in row] for row in rows]
        widths = fit([heads, *cells], self._console.width, [column in whole for column in columns])
        self._row(heads, widths, "bold")
        for row in cells:
            self._row(row, widths, "")

    def _row(self, row: Sequence[str], widths: Sequence[int], style: str) -> None:
        for parts in zip_longest(*map(fold, row, widths), fillvalue=""):
            line = "  ".join(pad(part, width) for part, width in zip(parts, widths, strict=True))
            self._console.print(Text(line.rstrip(), style=style), soft_wrap=True)

    def _put(self, line: str, style: str, indent: int) -> None:
        hang = 2 if line.startswith("· ") else 0
        first, *more = wrap(line, max(self._console.width - indent - hang, 20))
        for part in (" " * indent + first, *(" " * (indent + hang) + part for part in more)):
            self._console.print(Text(part, style=style), soft_wrap=True)


def as_json(value: object) -> str:
    """JSON in pure ASCII, so that no text from data reaches the terminal as it is."""
    return json.dumps(value, ensure_ascii=True, indent=2, default=str)


def json_parts(document: Mapping[str, object], key: str, rows: Iterable[object]) -> Iterator[str]:
    """What `as_json` says of the document with the list of these rows at its `key`, piece by piece: there may be
    millions of them.
    """
    keys = list(document)
    before, after = keys[: keys.index(key)], keys[keys.index(key) + 1 :]
    yield as_json({name: document[name] for name in before})[:-2] + f',\n  "{key}": ['
    comma = ""
    for row in rows:
        yield comma + "\n    " + as_json(row).replace("\n", "\n    ")
        comma = ","
    yield ("\n  ]" if comma else "]") + "," + as_json({name: document[name] for name in after})[1:] + "\n"


def jsonl_parts(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One JSON object a line, each with its end."""
    return (json.dumps(row, ensure_ascii=True, default=str) + "\n" for row in rows)


def as_jsonl(rows: Iterable[Mapping[str, object]]) -> str:
    """One JSON object a line."""
    return "\n".join(json.dumps(row, ensure_ascii=True, default=str) for row in rows)
