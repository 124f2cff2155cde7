"""Workbooks for people: text is text whatever it begins with, and the same rows are the same bytes."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from .errors import MissingPart, WrongUse

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]  # title, names of the columns, rows
MOST_ROWS, _MOST_CHARS = 1_048_575, 32_767  # what a sheet can hold below its header, and a cell
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # when a workbook says it was made: not now, so that it is the same again
_WIDEST = 60


def write_workbook(to: Path, sheets: Iterable[Sheet]) -> None:
    """Write the sheets to a new file; header row frozen and filterable, times as text of their source.

    Raises WrongUse if a sheet has too many rows, MissingPart without XlsxWriter.
    """
    try:
        from xlsxwriter import Workbook
    except ModuleNotFoundError as error:
        raise MissingPart(
            "writing .xlsx needs XlsxWriter, which is not installed",
            "Install it with: pip install 'collectaudit[report]'",
        ) from error
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(to, {**plain, "constant_memory": True, "tmpdir": str(to.parent)})
    book.set_properties({"created": _EPOCH})
    head, cell = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    for title, columns, rows in sheets:
        _fill(book.add_worksheet(title), columns, rows, head, cell)
    book.close()


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]], head: Any, cell: Any) -> None:
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(columns):
        sheet.set_column(place, place, min(max(len(name) * 2, 12), _WIDEST), cell)
        sheet.write_string(0, place, name, head)
    number = 0
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise WrongUse(f"a workbook cannot hold so many {sheet.get_name()}", "Use .csv or .parquet.")
        for place, value in enumerate(row):
            _write(sheet, number, place, value)
    sheet.autofilter(0, 0, number, max(len(columns) - 1, 0))


def _write(sheet: Any, row: int, place: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif value is not None:
        sheet.write_string(row, place, _NOT_IN_XML.sub(_written_out, _text(value))[:_MOST_CHARS])


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _written_out(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
