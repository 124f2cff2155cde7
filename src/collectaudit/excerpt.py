"""The record a locator points at, as it stands in the original."""

import re
from itertools import islice
from pathlib import Path

from .isolate import ChildDied, run_limited
from .records import RAW_LIMIT, Unreadable


def excerpt(original: Path, encoding: str | None, locator: str) -> str | None:
    """The text at `L42`, `sms[12]@L15`, `通话!R12` …, cut at 2,000 characters; None when it cannot be shown."""
    try:
        shown: str | None = run_limited(_excerpt_here, original, encoding, locator)
    except (Unreadable, ChildDied):
        return None
    return shown


def _excerpt_here(original: Path, encoding: str | None, locator: str) -> str | None:
    row = re.fullmatch(r"(?P<sheet>.*)!R(?P<row>\d+)", locator, re.DOTALL)
    if row:
        return _workbook_row(original, row["sheet"], int(row["row"]))
    line = re.search(r"(?:^|@)L(\d+)", locator)
    return _line(original, encoding or "utf-8", int(line[1])) if line else None


def _line(original: Path, encoding: str, number: int) -> str | None:
    """The physical line; a record that goes on over several shows its first."""
    with original.open(encoding=encoding, errors="replace", newline=None) as file:
        found = next(islice(file, number - 1, number), None)
    return None if found is None else found.rstrip("\r\n")[:RAW_LIMIT]


def _workbook_row(original: Path, sheet: str, number: int) -> str | None:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(original).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return " | ".join(map(str, rows[number - 1]))[:RAW_LIMIT] if number <= len(rows) else None
