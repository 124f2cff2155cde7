"""Messages and calls of Android phones as JSON, by the app SMS Import / Export: a list, or an object a line.

The columns are those of the phone's own tables, as strings; what the app adds begins with two underscores. A MMS has
its addresses and parts with it, whose columns are the phone's, too.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from . import _android
from ._json import Element, Lines, Walk
from ._xml import ElementError, Tags

NAME = "androidjson"

_LARGEST = 256 << 20
_BEGINS = re.compile(r"\s*(\[\s*)?\{")
_DATE = re.compile(r"1\d{9}(?:\d{3})?", re.ASCII)  # seconds or milliseconds, from 2001 to 2033
# Which table a row is of, by columns that it must have.
_KINDS = {
    "mms": frozenset({"_id", "date", "msg_box"}),
    "sms": frozenset({"_id", "date", "type", "address"}),
    "call": frozenset({"_id", "date", "type", "number", "duration"}),
}
_ADDRESSES = ("__sender_address", "__recipient_addresses", "__addresses")
_NAMES = ("__display_name", "name")


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the first object is a row of one of the three tables."""
    text = head.decode("utf-8-sig", "replace")
    first = next(_walk(text).elements(), None) if _BEGINS.match(text) else None
    return first is not None and _kind(first.value) is not None


def _walk(text: str) -> Walk | Lines:
    begins = _BEGINS.match(text)
    return Walk(text, frozenset()) if begins and begins[1] else Lines(text)


def _kind(row: Any) -> str | None:
    if not isinstance(row, dict) or not _DATE.fullmatch(str(row.get("date"))):
        return None
    return next((kind for kind, needed in _KINDS.items() if needed <= row.keys()), None)


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every row once, in order of file; behind a damaged place of a list nothing is read."""
    if job.path.stat().st_size > _LARGEST:
        raise Unreadable("the list of messages is too long to be read")
    facts.encoding = "utf-8"
    walk, last = _walk(job.path.read_bytes().decode("utf-8-sig", "replace")), None
    for last in walk.elements():
        yield from _rows(last)
    if not walk.whole and (isinstance(walk, Walk) or last is None or last.value is None):
        facts.status, facts.reason = "partial", "the file ends, or is damaged, before the end of its messages"


def _rows(element: Element) -> Iterator[Record | Reject]:
    kind, raw = _kind(element.value), element.text[:RAW_LIMIT]
    locator = f"{kind or 'row'}[{element.number}]@L{element.line}"
    try:
        if kind is None:
            raise ElementError("this is no message")
        found = _android.READERS[kind](_tags(kind, element.value))
    except ElementError as error:
        yield Reject(locator, str(error), raw)
        return
    for n, fields in enumerate(found, 1):
        yield Record(locator if n == 1 else f"{locator}.{n}", fields, raw)


def _tags(kind: str, row: Mapping[str, Any]) -> Tags:
    """As the XML backups have it: the row, its parts, its addresses."""
    columns = _columns(row)
    named = {"contact_name": next((columns[name] for name in _NAMES if columns.get(name)), "")}
    parts = [("part", _columns(part)) for part in _objects(row.get("__parts"))]
    addresses = [("addr", _columns(one)) for name in _ADDRESSES for one in _objects(row.get(name))]
    return [(kind, columns | named), *parts, *addresses]


def _columns(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items() if isinstance(value, str | int)}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
