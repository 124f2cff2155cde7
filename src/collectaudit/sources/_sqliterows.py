"""Whether the rows of a SQLite database are those of the tables in which they stand, where its pages seem whole.

Pages that changed places may each be sound. Then rows of one table have more columns than the table in which they are
found, break the rules of most of its columns, or are not in its indexes. (https://www.sqlite.org/fileformat2.html)
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

_TABLE, _LEAF = 0x05, 0x0D  # kinds of pages that hold tables: of their tree, of their rows
_DEEPEST = 20
_RULE = re.compile(r"(?:NULL|NUMERIC|TEXT) value in (.+)\.[^.]+")
_MISSING = re.compile(r"row -?\d+ missing from index (.+)")
_SMALL = 8 << 20  # bytes of a database whose indexes are looked through


def foreign(connection: sqlite3.Connection, said: Iterable[str], collations: Iterable[str]) -> str | None:
    """A table most of whose rows are not its own. `said`: what SQLite says of rows that break rules."""
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    broken = Counter(found[1] for line in said if (found := _RULE.fullmatch(line)))
    for name, at in _roots(connection):
        rows = next(_first(path, at, _page_size(path)), [])
        columns = connection.execute("SELECT pk FROM pragma_table_info(?)", [name]).fetchall()
        if any(len(row) > len(columns) for row in rows):
            return name
    for name, times in [*broken.items(), *_unindexed(connection, path, collations).items()]:
        quoted = '"' + name.replace('"', '""') + '"'
        (rows_in,) = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608 — a name, quoted
        if 2 * times > rows_in:
            return name
    return None


def _roots(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Tables with their first pages; of those without a rowid the page is none of a table's."""
    sql = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    return [(str(name), int(page)) for name, page in connection.execute(sql)]


def _page_size(path: Path) -> int:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:], "big")
    return 65536 if size == 1 else size


def _first(path: Path, page: int, size: int) -> Iterator[list[list[int]]]:
    """The kinds of the values of each row in a table's first page of rows."""
    with path.open("rb") as file:
        for _ in range(_DEEPEST):
            file.seek((page - 1) * size)
            data, start = file.read(size), 100 if page == 1 else 0
            kind, cells = data[start : start + 1], int.from_bytes(data[start + 3 : start + 5], "big")
            if kind == bytes([_LEAF]):
                places = range(start + 8, min(start + 8 + 2 * cells, len(data) - 1), 2)
                yield [_kinds(data, int.from_bytes(data[place : place + 2], "big")) for place in places]
                return
            if kind != bytes([_TABLE]) or not cells:
                return
            cell = int.from_bytes(data[start + 12 : start + 14], "big")
            page = int.from_bytes(data[cell : cell + 4], "big")


def _kinds(data: bytes, at: int) -> list[int]:
    """Of one row: behind its size and its rowid stand the size of its header and the kind of each value."""
    _, at = _varint(data, at)
    _, begin = _varint(data, at)
    length, at = _varint(data, begin)
    end, found = min(begin + length, len(data)), []
    while at < end:
        kind, at = _varint(data, at)
        found.append(kind)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next begins."""
    value = 0
    for place, byte in enumerate(data[at : at + 9], 1):
        if place == 9 or byte < 0x80:
            return (value << (8 if place == 9 else 7)) | byte, at + place
        value = value << 7 | byte & 0x7F
    return value, len(data)


def _unindexed(connection: sqlite3.Connection, path: Path, collations: Iterable[str]) -> Counter[str]:
    """How many rows of each table are missing from an index; nothing where an index has an order of its own."""
    missing = Counter[str]()
    schema = connection.execute("SELECT coalesce(group_concat(sql), '') FROM sqlite_master").fetchone()[0]
    if path.stat().st_size > _SMALL or any(name in schema for name in collations):
        return missing
    try:
        lines = [line for (text,) in connection.execute("PRAGMA integrity_check(1000)") for line in text.splitlines()]
    except sqlite3.DatabaseError:
        return missing
    tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"))
    by_index = Counter(found[1] for line in lines if (found := _MISSING.fullmatch(line)))
    for index, times in by_index.items():
        if index in tables:
            missing[tables[index]] = max(missing[tables[index]], times)
    return missing
