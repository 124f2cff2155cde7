"""Calls of Android phones: `calls` in calllog.db or contacts2.db, Samsung's `logs`, `calls_tb` in Huawei's backups."""

import re
from collections.abc import Iterator, Sequence

from ..records import Record, Reject
from . import _android
from ._sqlite import Database, Fields, Row, RowError, text, whole
from ._xml import ElementError

NAME, KIND = "android_calls", "events"

_TABLES = ("calls", "logs", "calls_tb")
_COLUMNS = (
    "number", "presentation", "date", "duration", "type", "name", "phone_account_address", "logtype", "m_content",
)  # fmt: skip
# `logtype` of Samsung's log, as com.sec.android.provider.logsprovider tells calls from messages
_SAMSUNG_CALLS = frozenset({100, 110, 120, 150, 500, 510, 800, 900, 1000, 1150})
_SAMSUNG_MESSAGES = frozenset({200, 300})
_OWN = re.compile(r"\+?\d{7,15}", re.ASCII)  # not the 19 or 20 digits of a SIM card


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return any(_here(database, table) for table in _TABLES)


def _here(database: Database, table: str) -> bool:
    return database.has(table, "number", "date", "duration", "type")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every call, and the messages among Samsung's calls."""
    own: set[str] = set()

    def make(_: int, row: Row) -> Sequence[Fields]:
        number = text(row["phone_account_address"])
        if number and _OWN.fullmatch(number) and len(own) <= 1:
            own.add(number)
        return _fields(row)

    for table in _TABLES:
        if _here(database, table):
            yield from database.records(table, _COLUMNS, make)
    if len(own) == 1:
        database.facts.owner_number = min(own)


def _fields(row: Row) -> Sequence[Fields]:
    kind = whole(row["logtype"])
    whole(row["date"])
    columns = {name: said for name, value in row.items() if (said := text(value)) is not None}
    try:
        if kind in _SAMSUNG_MESSAGES:
            message = {"address": columns.get("number", ""), "body": columns.get("m_content", "null")}
            return _android.sms([("sms", {**columns, **message})])
        if kind and kind not in _SAMSUNG_CALLS:
            raise RowError(f"the kind of entry is not known: {kind}")
        return _android.call([("call", {**columns, "contact_name": columns.get("name", "null")})])
    except ElementError as error:
        raise RowError(str(error)) from error
