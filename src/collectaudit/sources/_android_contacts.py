"""Contacts of Android phones (contacts2.db, and contact.db of Huawei's backups): one record for each number."""

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
_DATA = ("raw_contact_id", "mimetype_id", "data1", "data3", "mimetype")


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    has = database.has
    own = has("raw_contacts") and has("data", "raw_contact_id", "mimetype_id", "data1") and has("mimetypes", "mimetype")
    return own or has("data_tb", "raw_contact_id", "mimetype", "data1")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every telephone number; a contact without one is a reject."""
    for form in ("{}", "{}_tb"):
        book = _Book(database, form)
        yield from database.records(form.format("data"), _DATA, book.entry)
        yield from database.records(form.format("raw_contacts"), ("_id", "display_name", "deleted"), book.person)


class _Book:
    def __init__(self, database: Database, form: str) -> None:
        self._kinds = {key: text(name) for key, name in database.every("mimetypes", "rowid", "mimetype")}
        people = database.every(form.format("raw_contacts"), "_id", "display_name")
        self._people = {key: text(name) for key, name in people}
        self._companies: dict[Value, str] = {}
        self._with: set[Value] = set()
        for person, kind, value, _, said in database.every(form.format("data"), *_DATA):
            self._see(person, text(said) or self._kinds.get(kind), text(value))

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
        if (text(row["mimetype"]) or self._kinds.get(row["mimetype_id"])) != _PHONE or not value:
            return []
        company = self._companies.get(person)
        about = {"name": self._people.get(person) or company, "organisation": company, "note": text(row["data3"])}
        return [{"kind": "party", "number": plain_number(value), **about}]

    def person(self, _: int, row: Row) -> Sequence[Fields]:
        """Nothing, where there is a number."""
        if row["_id"] not in self._with:
            raise RowError("no telephone number")
        return []
