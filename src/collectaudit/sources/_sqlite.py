"""Rows of a phone's SQLite database, in order, up to a damage; _sqlitefile.py opens it."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..records import RAW_LIMIT, Facts, Record, Reject

Value = str | int | float | bytes | None
Row = dict[str, Value]
Fields = Mapping[str, str | None]
Make = Callable[[int, Row], Sequence[Fields]]  # of rowid and row

VALUE_BYTES = 32 << 20  # of one value; a longer one makes its row a reject
_NO_NUMBER = "a column for numbers holds something else"


class Garbled(str):
    """Text whose bytes are no characters; U+FFFD stands in their places."""


class RowError(ValueError):
    """A row is no record of ours; the reason is a phrase for people."""


@dataclass(slots=True)
class Database:
    """An open copy. `tables`: the columns of each, and whether they are for text; `only`: the one row (table, rowid)
    that is asked for.
    """

    connection: sqlite3.Connection
    facts: Facts
    tables: dict[str, dict[str, bool]] = field(default_factory=dict)
    only: tuple[str, int] | None = None

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table with these columns."""
        known = self.tables.get(table.casefold())
        return known is not None and all(column.casefold() in known for column in columns)

    def records(self, table: str, columns: Sequence[str], make: Make) -> Iterator[Record | Reject]:
        """What `make` makes of each row, in order of rowid; raising RowError it makes a reject of it."""
        if self.has(table) and (self.only is None or self.only[0] == table):
            for rowid, row, fault in self._rows(table, columns):
                yield from _made(table, rowid, row, fault, make)

    def every(self, table: str, *columns: str) -> Iterator[tuple[Value, ...]]:
        """These columns of each row, NULL for those that the table lacks; nothing if there is no such table."""
        if self.has(table):
            for values in self.asked(f"SELECT {self._columns(table, columns)} FROM {named(table)} NOT INDEXED"):  # noqa: S608
                if not self._fault(table, dict(zip(columns, values, strict=True))):
                    yield values

    def asked(self, sql: str, *values: Value) -> Iterator[tuple[Value, ...]]:
        """The rows of a SELECT of ours, up to a damage."""
        try:
            yield from self.connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            self._damaged(error)

    def row(self, table: str, rowid: Value, columns: Sequence[str]) -> Row | None:
        """One row; None if there is no such row or table."""
        if not self.has(table):
            return None
        sql = f"SELECT {self._columns(table, columns)} FROM {named(table)} WHERE rowid = ?"  # noqa: S608
        found = [dict(zip(columns, values, strict=True)) for values in self.asked(sql, rowid)]
        return found[0] if found and not self._fault(table, found[0]) else None

    def _columns(self, table: str, columns: Sequence[str]) -> str:
        return ", ".join(named(name) if self.has(table, name) else "NULL" for name in columns)

    def holds(self, table: str) -> bool:
        """Whether there is a row in it."""
        return self.has(table) and next(self.asked(f"SELECT 1 FROM {named(table)} LIMIT 1"), None) is not None  # noqa: S608

    def _rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[int, Row, str | None]]:
        """Each row, or why it cannot be read."""
        where = "rowid = ?" if self.only else "rowid > ?"
        source = f"{named(table)} NOT INDEXED WHERE {where} ORDER BY rowid"
        sql = f"SELECT rowid, {self._columns(table, columns)} FROM {source}"  # noqa: S608
        last: int | None = self.only[1] if self.only else -(1 << 63)
        while last is not None:
            try:
                for rowid, *values in self.connection.execute(sql, [last]):
                    if rowid <= last and not self.only:
                        raise sqlite3.DatabaseError("rows out of order")
                    row = dict(zip(columns, values, strict=True))
                    yield rowid, row, self._fault(table, row)
                    last = rowid
                return
            except sqlite3.DatabaseError as error:  # at one of the next two rows: Python reads ahead
                self._damaged(error)
                alone = None if self.only else self._next(table, columns, last)
                if alone:
                    yield alone
                last = alone and alone[0]

    def _next(self, table: str, columns: Sequence[str], last: int) -> tuple[int, Row, str | None] | None:
        """The row after a rowid, or why it cannot be read; None where the rows end, perhaps in a damage."""
        row, fault = None, "the database is damaged at this place"
        try:
            rowids = f"SELECT min(rowid) FROM {named(table)} WHERE rowid > ?"  # noqa: S608
            (rowid,) = self.connection.execute(rowids, [last]).fetchone()
            if rowid is None or rowid <= last:
                return None
            sql = f"SELECT {self._columns(table, columns)} FROM {named(table)} WHERE rowid = ?"  # noqa: S608
            row = self.connection.execute(sql, [rowid]).fetchone()
        except sqlite3.DataError:
            fault = f"a value of more than {VALUE_BYTES >> 20} MB"
        except sqlite3.DatabaseError as error:
            self._damaged(error)
            return None
        found = dict(zip(columns, row, strict=True)) if row else {}
        return rowid, found, self._fault(table, found) if row else fault

    def _fault(self, table: str, row: Row) -> str | None:
        """Why a row cannot be right: SQLite leaves no number in a column for text, so its page is another table's."""
        texts = self.tables[table.casefold()]
        if any(isinstance(value, int | float) and texts.get(name.casefold()) for name, value in row.items()):
            self.facts.status = "partial"
            self.facts.reason = "the database is damaged: rows of other tables stand where these are looked for"
            return "it is a row of another table: the database is damaged"
        broken = any(isinstance(value, Garbled) for value in row.values())
        return "it holds bytes that are no characters" if broken else None

    def _damaged(self, error: sqlite3.DatabaseError) -> None:
        if isinstance(error, sqlite3.DataError):  # string or blob too big: nothing is wrong with the pages
            return
        self.facts.status = "partial"
        self.facts.reason = f"the database is damaged: what lies behind the damage is missing ({error})"


class Beside:
    """Rows of a table that belong to rows of another: `of` is asked in order of that one, so that few are in memory."""

    def __init__(self, database: Database, table: str, key: str, columns: Sequence[str]) -> None:
        self._database, self._table, self._columns = database, table, columns
        name, there = named(key), database.has(table, key)
        self._sql = f"SELECT {name}, rowid FROM {named(table)} NOT INDEXED WHERE typeof({name}) = 'integer'"  # noqa: S608
        every = there and database.only is None
        self._pairs: Iterator[tuple[Any, ...]] = database.asked(f"{self._sql} ORDER BY 1, 2") if every else iter(())
        self._next = next(self._pairs, None)
        self._alone = f"{self._sql} AND {name} = ? ORDER BY 2" if there and not every else None

    def of(self, key: int) -> list[Row]:
        """Those that belong to a row; of a lower one than was asked for before, none."""
        if self._alone:
            self._pairs = self._database.asked(self._alone, key)
            self._next = next(self._pairs, None)
        found = []
        while self._next is not None and self._next[0] <= key:
            if self._next[0] == key and (row := self._database.row(self._table, self._next[1], self._columns)):
                found.append(row)
            self._next = next(self._pairs, None)
        return found


def named(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _made(table: str, rowid: int, row: Row, fault: str | None, make: Make) -> Iterator[Record | Reject]:
    locator = f"{table}[{rowid}]"
    try:
        if fault:
            raise RowError(fault)
        found = make(rowid, row)
    except RowError as error:
        yield Reject(locator, str(error), shown(row))
        return
    raw = shown(row)
    for ordinal, fields in enumerate(found, 1):
        yield Record(locator if ordinal == 1 else f"{locator}.{ordinal}", fields, raw)


def shown(row: Row) -> str:
    """A row for people: `column: value`, one a line."""
    said = (f"{name}: {_value(value)}" for name, value in row.items() if value is not None)
    return "\n".join(said)[:RAW_LIMIT]


def _value(value: Value) -> str:
    return f"({len(value)} bytes)" if isinstance(value, bytes) and b"\0" in value else text(value) or ""


def text(value: Value) -> str | None:
    """A value as text; None where there is none."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") or None
    return str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)


def number(value: Value) -> float | int | None:
    """A value as a number; raises RowError where something else stands."""
    if value is None or isinstance(value, int):
        return value
    try:
        read = float(value)
    except ValueError as error:
        raise RowError(_NO_NUMBER) from error
    if not abs(read) < 1e19:  # neither infinite nor NaN
        raise RowError(_NO_NUMBER)
    return read


def whole(value: Value) -> int:
    """A whole number, 0 where there is none; raises RowError as `number`."""
    read = number(value)
    if read is not None and read != int(read):
        raise RowError(_NO_NUMBER)
    return int(read or 0)


def directed(value: Value) -> int:
    """A whole number that tells who called whom; raises RowError where there is none."""
    if value is None:
        raise RowError("it does not say who called whom")
    return whole(value)
