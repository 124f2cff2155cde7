"""The words of one record as they stand in an original, found by its locator."""

import re
from itertools import islice
from pathlib import Path

from ..isolate import ChildDied, run_limited
from ..records import RAW_LIMIT, Facts, Job, Unreadable
from ..sources import parsers

_LINE = re.compile(r"L(\d+)")
_SMALL_BYTES = 8 << 20  # up to this size the parser is asked; in a larger file of lines the line is looked up


def excerpt(job: Job, parser: str, locator: str, encoding: str | None) -> str | None:
    """The record at `locator`, cut at 2,000 characters; None if it cannot be found again.

    The parser that read the file reads it again in a child process, up to that record.
    """
    line = _LINE.fullmatch(locator)
    if line and job.path.stat().st_size > _SMALL_BYTES and not (encoding or "").startswith("utf-16"):
        return _line(job.path, int(line[1]), encoding or "utf-8")
    try:
        found = run_limited(_search, job, parser, locator, cpu_s=120, wall_s=180)
    except (Unreadable, ChildDied):
        return None
    return None if found is None else str(found)


def _line(path: Path, number: int, encoding: str) -> str | None:
    with path.open("rb") as file:
        for line in islice(file, number - 1, number):
            return line.rstrip(b"\r\n").decode(encoding, "replace")[:RAW_LIMIT]
    return None


def _search(job: Job, parser: str, locator: str) -> str | None:
    """In the child: the record's text."""
    reader = next((module for module in parsers() if parser == module.NAME), None)
    if reader is None:
        return None
    facts, seek = Facts(parser), getattr(reader, "seek", None)
    records = seek(job, facts, locator) if seek else reader.read(job, facts)
    return next((record.raw for record in records if record.locator == locator), None)
