"""Contacts of Android phones (contacts2.db): one record for each telephone number."""

from collections.abc import Iterator, Sequence

from ..records import Record, Reject
from ._sqlite import Database, Fields, Row, RowError, Value, text
from .vcard import plain_number

NAME, KIND = "android_contacts", "contacts"

# ContactsContract.CommonDataKinds: CONTENT_ITEM_TYPE of Phone, StructuredName, Organization; DATA1 is the number, the
# name as shown, the company
_PHONE = "vnd.android.cursor.item/phone_v2"
_NAME = "vnd.android.cursor.item/name"
_COMPANY = "vnd.android.cursor.item/organization"


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    has = database.has
    return (
        has("raw_contacts") and has("data", "raw_contact_id", "mimetype_id", "data1") and has("mimetypes", "mimetype")
    )


def read(database: Database) -> Iterator[Record | Reject]:
    """Every telephone number; a contact without one is a reject."""
    book = _Book(database)
    yield from database.records("data", ("raw_contact_id", "mimetype_id", "data1", "data3"), book.entry)
    yield from database.records("raw_contacts", ("display_name", "account_type", "deleted"), book.person)


class _Book:
    def __init__(self, database: Database) -> None:
        self._kinds = {key: text(name) for key, name in database.every("mimetypes", "rowid", "mimetype")}
        self._people = {key: text(name) for key, name in database.every("raw_contacts", "rowid", "display_name")}
        self._companies: dict[Value, str] = {}
        self._with: set[Value] = set()
        for person, kind, value in database.every("data", "raw_contact_id", "mimetype_id", "data1"):
            self._see(person, self._kinds.get(kind), text(value))

    def _see(self, person: Value, kind: str | None, value: str | None) -> None:
        if value and kind == _PHONE:
            self._with.add(person)
        elif value and kind == _COMPANY:
            self._companies.setdefault(person, value)
        elif value and kind == _NAME and not self._people.get(person):
            self._people[person] = value

    def entry(self, _: int, row: Row) -> Sequence[Fields]:
        """A number; nothing for what else is known of a person."""
        value, person = text(row["data1"]), row["raw_contact_id"]
        if self._kinds.get(row["mimetype_id"]) != _PHONE or not value:
            return []
        company = self._companies.get(person)
        about = {"name": self._people.get(person) or company, "organisation": company, "note": text(row["data3"])}
        return [{"kind": "party", "number": plain_number(value), **about}]

    def person(self, rowid: int, _: Row) -> Sequence[Fields]:
        """Nothing, where there is a number."""
        if rowid not in self._with:
            raise RowError("no telephone number")
        return []
