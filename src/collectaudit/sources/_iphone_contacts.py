"""The address book of an iPhone (`AddressBook.sqlitedb`): one record for each telephone number."""

from collections.abc import Iterator, Sequence

from ..records import Record, Reject
from ._sqlite import Database, Fields, Row, RowError, Value, text
from .vcard import composed, plain_number

NAME, KIND = "iphone_contacts", "contacts"

_PHONE = 3  # ABMultiValue.property: kABPersonPhoneProperty
_WRAPPED = ("_$!<", ">!$_")  # around labels of Apple's own


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return database.has("ABPerson", "First", "Last") and database.has("ABMultiValue", "record_id", "value")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every telephone number; a person without one is a reject."""
    book = _Book(database)
    yield from database.records("ABMultiValue", ("record_id", "property", "label", "value"), book.entry)
    yield from database.records("ABPerson", ("First", "Middle", "Last", "Organization"), book.person)


class _Book:
    def __init__(self, database: Database) -> None:
        columns = ("rowid", "First", "Middle", "Last", "Organization")
        self._people = {row[0]: _named(row[1:]) for row in database.every("ABPerson", *columns)}
        self._labels = {key: text(label) for key, label in database.every("ABMultiValueLabel", "rowid", "value")}
        self._without = set(self._people)
        for person, kind, value in database.every("ABMultiValue", "record_id", "property", "value"):
            if kind in (_PHONE, None) and text(value):
                self._without.discard(person)

    def entry(self, _: int, row: Row) -> Sequence[Fields]:
        """A number; nothing for an address of another kind."""
        value = text(row["value"])
        if row["property"] not in (_PHONE, None) or not value:
            return []
        label = self._labels.get(row["label"])
        row["label"] = label.removeprefix(_WRAPPED[0]).removesuffix(_WRAPPED[1]) if label else None
        name, organisation = self._people.get(row["record_id"], (None, None))
        about = {"name": name, "organisation": organisation, "note": text(row["label"])}
        return [{"kind": "party", "number": plain_number(value), **about}]

    def person(self, rowid: int, _: Row) -> Sequence[Fields]:
        """Nothing, where there is a number."""
        if rowid in self._without:
            raise RowError("no telephone number")
        return []


def _named(row: Sequence[Value]) -> tuple[str | None, str | None]:
    first, middle, last, organisation = (text(value) or "" for value in row)
    return composed(last, first, middle) or organisation or None, organisation or None
