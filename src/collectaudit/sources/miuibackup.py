"""Messages, calls and contacts as MIUI's own backup keeps them: `apps/com.android.…/miui_bak/_tmp_bak` in a `.bak`.

All of Xiaomi's apps write the same root message (SyncRoot), each with the part that is its own; the columns are those
of Android's tables. Fields that are not named here hold what no contact needs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ..records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from . import _android, _wire
from ._xml import ElementError, Tags
from .vcard import plain_number

NAME = "miuibackup"

_LARGEST = 256 << 20
_CALL = {3: "number", 4: "date", 5: "duration", 6: "type"}
_SMS = {3: "type", 4: "address", 5: "subject", 6: "body", 7: "date", 10: "status"}
_MMS = {3: "date", 5: "msg_box", 8: "sub", 14: "m_type"}
_ADDRESSES, _ADDRESS = 33, {1: "address", 2: "type"}
_PARTS, _PART = 34, {2: "ct", 11: "text"}
_NAMES, _NAMED = 5, {1: "name"}
_PHONES, _PHONE = 6, {1: "number"}
_EARLIEST = 1_000_000_000  # of a date, be it in seconds
_LOOK = 3  # records by which the file is known

Fields = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the root: what its records are called, in which field they stand, what is in them, what that means."""

    kind: str
    entry: int
    tags: Callable[[memoryview], Tags]
    read: Callable[[Tags], list[Fields]]


def _mms(data: memoryview) -> Tags:
    parts = [("part", _wire.row(one, _PART)) for one in _wire.inner(data, _PARTS)]
    addresses = [("addr", _wire.row(one, _ADDRESS)) for one in _wire.inner(data, _ADDRESSES)]
    return [("mms", _wire.row(data, _MMS)), *parts, *addresses]


def _person(data: memoryview) -> Tags:
    names = [("name", _wire.row(one, _NAMED)) for one in _wire.inner(data, _NAMES)]
    return [*names, *(("phone", _wire.row(one, _PHONE)) for one in _wire.inner(data, _PHONES))]


def _contact(tags: Tags) -> list[Fields]:
    called = next((columns["name"] for tag, columns in tags if tag == "name" and columns.get("name")), None)
    numbers = [columns["number"] for tag, columns in tags if tag == "phone" and columns.get("number")]
    if not numbers:
        raise ElementError("no telephone number")
    return [{"kind": "party", "number": plain_number(number), "name": called} for number in numbers]


_PARTS_OF_ROOT = {
    1: _Part("contact", 2, _person, _contact),
    2: _Part("call", 1, lambda data: [("call", _wire.row(data, _CALL))], _android.call),
    4: _Part("sms", 1, lambda data: [("sms", _wire.row(data, _SMS))], _android.sms),
    9: _Part("mms", 1, _mms, _android.mms),
}


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether it begins with records of one of the four kinds, as far as these are there."""
    try:
        entries = list(islice(_entries(memoryview(head)), _LOOK))
        return bool(entries) and all(_likely(part, data) for part, data, whole in entries if whole or len(entries) == 1)
    except _wire.Torn:
        return False


def _likely(part: _Part, data: memoryview) -> bool:
    try:
        found = part.read(part.tags(data))
    except ElementError:
        return True
    except _wire.Torn:
        return False
    dates = [fields.get("epoch_ms") or "" for fields in found if "epoch_ms" in fields]
    numbers = [fields.get("number") or "" for fields in found if "number" in fields]
    return all(date.isdigit() and int(date) > _EARLIEST for date in dates) and all(map(_is_number, numbers))


def _is_number(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and text.isprintable()


def _entries(data: memoryview) -> Iterator[tuple[_Part, memoryview, bool]]:
    """Each record of the parts that are read, and whether it is whole; raises Torn."""
    for number, value, _ in _wire.fields(data):
        part = _PARTS_OF_ROOT.get(number)
        if part is not None and isinstance(value, memoryview):
            for inner, entry, whole in _wire.fields(value):
                if inner == part.entry and isinstance(entry, memoryview):
                    yield part, entry, whole


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every record once, in order of file; raises Unreadable where the file breaks off."""
    if job.path.stat().st_size > _LARGEST:
        raise Unreadable("the list of messages is too long to be read")
    facts.encoding, facts.kind = "utf-8", "contacts"
    counts: dict[str, int] = {}
    try:
        for part, data, whole in _entries(memoryview(job.path.read_bytes())):
            if not whole:
                raise _wire.Torn
            counts[part.kind] = counts.get(part.kind, 0) + 1
            facts.kind = facts.kind if part.kind == "contact" else "events"
            yield from _rows(part, data, f"{part.kind}[{counts[part.kind]}]")
    except _wire.Torn:
        raise Unreadable("the list of messages ends inside a message") from None


def _rows(part: _Part, data: memoryview, locator: str) -> Iterator[Record | Reject]:
    raw = ""
    try:
        tags = part.tags(data)
        raw = "\n".join(f"{name}: {value}" for _, columns in tags for name, value in columns.items())[:RAW_LIMIT]
        found = part.read(tags)
    except (ElementError, _wire.Torn) as error:
        yield Reject(locator, str(error) or "this is no message", raw)
        return
    for n, fields in enumerate(found, 1):
        yield Record(locator if n == 1 else f"{locator}.{n}", fields, raw)
