"""Workbooks (.xlsx .xls .xlsb .ods): each sheet a grid, each typed cell as the text a person would read there."""

import struct
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from collectaudit.records import RAW_LIMIT, Unreadable
from collectaudit.sources._grid import Row

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MEMBERS, _TOTAL, _BIG, _RATIO = 10_000, 2 << 30, 10 << 20, 200
_SAFE_INTEGER = 10**15  # a spreadsheet keeps 15 digits
_SHEETS = 256

Cell = int | float | str | bool | time | date | datetime | timedelta
T = TypeVar("T")


def claims(head: bytes) -> bool:
    """Whether the bytes begin a workbook: an old one (OLE), or a ZIP whose first members are those of a workbook."""
    if head.startswith(OLE):
        return True
    if not head.startswith(_ZIP):
        return False
    names = list(_member_names(head))
    return any(name.startswith(b"xl/") for name in names) or (names[:1] == [b"mimetype"] and _ODS in head[:120])


def _member_names(head: bytes) -> Iterator[bytes]:
    at = head.find(_ZIP)
    while 0 <= at <= len(head) - 30:
        (length,) = struct.unpack_from("<H", head, at + 26)
        yield head[at + 30 : at + 30 + length]
        at = head.find(_ZIP, at + 4)


class SheetGrid:
    """One sheet. Row numbers are those the spreadsheet shows."""

    def __init__(self, name: str, load: Callable[[], CalamineSheet]) -> None:
        self.name = name
        self._load = cache(load)

    def rows(self, after: int = 0, width: int = 0) -> Iterator[Row]:  # noqa: ARG002 — a cell is never cut in two
        """Rows behind row `after`."""
        sheet = _calmly(self._load, f"sheet {self.name[:40]!r} cannot be read")
        found = _calmly(sheet.iter_rows, f"sheet {self.name[:40]!r} cannot be read") if sheet.height else iter(())
        for number, cells in enumerate(found, 1):
            if number > after:
                texts = [_text(cell) for cell in cells]
                lost = frozenset(i for i, cell in enumerate(cells) if _lost(cell))
                yield Row(f"{self.name}!R{number}", texts, "\t".join(texts)[:RAW_LIMIT], number, lost=lost)


def sheets(path: Path) -> list[SheetGrid]:
    """The sheets of a workbook, hidden ones too. Raises Unreadable for bombs, passwords and damage."""
    _refuse_bomb(path)
    book = _calmly(lambda: CalamineWorkbook.from_path(path), "the workbook cannot be read")
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if len(names) > _SHEETS:
        raise Unreadable(f"the workbook has {len(names)} sheets, more than {_SHEETS}")
    return [SheetGrid(name, lambda name=name: book.get_sheet_by_name(name)) for name in names]  # type: ignore[misc]


def _calmly(action: Callable[[], T], what: str) -> T:
    """What the action returns; a failure of the workbook reader becomes Unreadable."""
    try:
        return action()
    except PasswordError:
        raise Unreadable("the workbook has a password; save it without one and add it again") from None
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"{what}: {str(error)[:200]}") from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the class of Rust panics cannot be imported
            raise Unreadable(f"{what}: it is damaged") from None
        raise


def _refuse_bomb(path: Path) -> None:
    """Raises Unreadable for an archive that would unpack to far more than a workbook holds."""
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(f"the workbook is damaged: {str(error)[:200]}") from None
    if len(members) > _MEMBERS or sum(member.file_size for member in members) > _TOTAL:
        raise Unreadable("the workbook would unpack to more than 2 GB; it is not read")
    for member in members:
        if member.flag_bits & 1:
            raise Unreadable("the workbook is encrypted; save it without a password and add it again")
        if member.file_size > _BIG and member.file_size > _RATIO * max(member.compress_size, 1):
            raise Unreadable("a part of the workbook would unpack to more than 200 times its size; it is not read")


def _text(cell: Cell) -> str:
    """A cell as text: whole numbers without a fraction, times as ISO, durations as hours:minutes:seconds."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < _SAFE_INTEGER:
            return str(int(cell))
        case datetime():
            return _seconds(cell).isoformat(sep=" ")
        case timedelta():
            whole = round(cell.total_seconds())
            return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
        case time():
            day = datetime(2000, 1, 1)  # noqa: DTZ001 — a time of day, no moment
            return _seconds(datetime.combine(day, cell)).time().isoformat()
        case date():
            return cell.isoformat()
    return str(cell)


def _seconds(moment: datetime) -> datetime:
    """A moment to the second: a spreadsheet keeps days as a fraction, which is off by a few microseconds."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _lost(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _SAFE_INTEGER
