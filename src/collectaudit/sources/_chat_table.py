"""Chats as tables of cells in quotes, where the words of a message go on over lines."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collectaudit.records import Facts, Job
from collectaudit.sources import _chat

Row = Mapping[str, str]


@dataclass(slots=True)
class _Lines:
    """Lines for the reader of cells, and those of the row that it is reading."""

    job: Job
    facts: Facts
    kept: list[str] = field(default_factory=list)
    number: int = 0

    def __iter__(self) -> Iterator[str]:
        for number, line in _chat.lines(self.job, self.facts):
            self.number = number
            self.kept.append(line)
            yield line + "\n"


def rows(job: Job, facts: Facts, columns: list[str]) -> Iterator[tuple[int, Row, str, str | None]]:
    """Number of the first line, cells by name, text, and what is wrong with each row below the header."""
    lines, header = _Lines(job, facts), True
    reader = csv.reader(lines, strict=True)
    while True:
        lines.kept.clear()
        wrong, cells = None, list[str]()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            wrong = "the quotes of this row do not close"
        first, raw = lines.number - len(lines.kept) + 1, "\n".join(lines.kept)
        if not raw.strip():
            continue
        if not wrong and len(cells) != len(columns):
            wrong = f"a row of {len(cells)} cells under a header of {len(columns)}"
        if not header:
            yield first, dict(zip(columns, cells, strict=False)), raw, wrong
        header = False
