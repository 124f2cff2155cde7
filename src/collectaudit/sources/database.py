"""Databases of iPhones and Android phones (SQLite): messages, calls, contacts. What each holds, its tables tell.

One module claims them all: the tables of a database often stand outside of its first pages, or in the file beside it.
"""

import re
from collections.abc import Iterator
from types import ModuleType

from ..records import Facts, Job, Record, Reject, Unreadable
from . import (
    Unrecognised,
    _android_calls,
    _android_contacts,
    _android_messages,
    _iphone_calls,
    _iphone_contacts,
    _iphone_messages,
    _iphone_old,
    _iphone_voicemail,
    _whatsapp_android,
    _whatsapp_iphone,
)
from ._sqlite import Database
from ._sqlitefile import MAGIC, opened

NAME = "database"

_SCHEMAS: tuple[ModuleType, ...] = (
    _iphone_messages, _iphone_old, _iphone_calls, _iphone_contacts, _iphone_voicemail, _android_messages,
    _android_calls, _android_contacts, _whatsapp_iphone, _whatsapp_android,
)  # fmt: skip
_LOCATOR = re.compile(r"(\w+)\[(-?\d{1,19})\](?:\.\d+)?", re.ASCII)
_NAMED_TABLES = 5  # of an unknown app


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the file begins as a database of SQLite."""
    return head.startswith(MAGIC)


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message, call and number of a contact; raises Unrecognised for the database of another app."""
    with opened(job, facts) as database:
        schemas = _schemas(database)
        facts.notes.insert(0, f"read as {'_'.join(schema.NAME for schema in schemas)}")
        facts.kind = "events" if any(schema.KIND == "events" for schema in schemas) else "contacts"
        facts.encoding = str(database.connection.execute("PRAGMA encoding").fetchone()[0]).lower()
        for schema in schemas:
            yield from schema.read(database)


def seek(job: Job, facts: Facts, locator: str) -> Iterator[Record | Reject]:
    """The records of the one row that a locator names."""
    place = _LOCATOR.fullmatch(locator)
    if place is None:
        return
    with opened(job, facts, (place[1], int(place[2]))) as database:
        for schema in _schemas(database):
            yield from schema.read(database)


def _schemas(database: Database) -> list[ModuleType]:
    found = [schema for schema in _SCHEMAS if schema.fits(database)]
    if found:
        return found
    if database.facts.status == "partial":
        raise Unreadable(str(database.facts.reason))
    names = sorted(database.tables)
    if not names:
        raise Unreadable(
            "the database holds no tables; what a phone wrote last is in a file beside it, of the same name with -wal"
        )
    said = ", ".join(name[:40] for name in names[:_NAMED_TABLES]) + (", …" if len(names) > _NAMED_TABLES else "")
    raise Unrecognised(f"a database of an app that is not known here; its tables: {said}")
