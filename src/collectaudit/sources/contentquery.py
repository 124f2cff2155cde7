"""What `adb shell content query` prints of a phone's calls, messages or contacts: `Row: 0 _id=12, number=…, date=…`.

Nothing is quoted there, and a message may hold commas, equals signs and line breaks. So a row is split only at the
columns that every row has, in their order, and what stands in a message is never one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..records import RAW_LIMIT, Facts, Job, Record, Reject
from . import _bytes, _chat
from ._android import READERS, Fields
from ._xml import ElementError

NAME = "contentquery"

_ROW = re.compile(r"Row: (\d{1,9}) (?=[A-Za-z_]\w*=)", re.ASCII)
_COLUMN = re.compile(r"(?:^|, )([A-Za-z_]\w*)=", re.ASCII)
_NOTHING = "No result found."
_SHELL = re.compile(r"\s*(?:[*$>#]|adb\b|PS |[A-Z]:\\|[^,=]{0,80}[$#>] ?adb\b)")  # a prompt, or what adb says of itself
_LOOKED_AT = 20  # lines in which the first row is looked for: commands and what adb says may stand before it
_WORDS = "body"
_NUMBERS = frozenset({"_id", "date", "date_sent", "type", "duration", "msg_box", "m_type", "thread_id", "presentation"})
_WHOLE = re.compile(r"-?\d{1,20}|NULL|", re.ASCII)
_LINES = 2000  # of one row
# What a dump is of, by columns it must have.
_KINDS: Mapping[str, frozenset[str]] = {
    "call": frozenset({"number", "type", "date"}),
    "sms": frozenset({"address", "type", "date"}),
    "mms": frozenset({"msg_box", "date"}),
    "call, type not asked for": frozenset({"number", "date", "duration"}),
    "sms, type not asked for": frozenset({"address", "date"}),
}
_UNTYPED = ", type not asked for"
# ContactsContract.Data.MIMETYPE: what data1 of a row is
_PHONE, _NAME = "vnd.android.cursor.item/phone_v2", "vnd.android.cursor.item/name"
_PERSON = ("raw_contact_id", "contact_id")
_CONTACT_NAMES, _CONTACT_NUMBERS = ("display_name", "name"), ("data1", "number", "data4")


@dataclass(slots=True)
class _Printed:
    """The lines of one row. `ends`: whether the file's last line, which this row ends with, has its end."""

    number: int
    line: int
    lines: list[str] = field(default_factory=list)
    ends: bool = True

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip("\n")


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether one of the first lines begins as a row is printed, or the file says that there was none."""
    lines = [line for line in _bytes.opening(head).splitlines()[:_LOOKED_AT] if line.strip()]
    first = next((line for line in lines if not _SHELL.match(line)), "")
    return _ROW.match(first) is not None or lines == [_NOTHING]


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every row once; a row whose columns cannot be told from its words is a reject."""
    columns, moved = _survey(job, facts)
    kind = next((kind for kind, needed in _KINDS.items() if needed <= set(columns)), "contact")
    facts.kind = "contacts" if kind == "contact" else facts.kind
    if kind == "mms":
        facts.notes.append("a list of MMS holds neither their numbers nor their words: a backup of the phone has both")
    if moved:
        facts.status, facts.reason = "partial", "the rows are not in the order of their numbers: lines were moved"
    names = _people(job, facts, columns) if kind == "contact" and "mimetype" in columns else {}
    others = 0
    for row in _rows(job, facts):
        reason, cells = _cells(row, columns)
        if not row.ends:
            facts.status, facts.reason = "partial", "the last line has no end: the file may have been cut"
            reason = reason or (None if columns[-1] == _WORDS else "the file ends inside this line")
        if moved and len(row.text.split("\n")) > 1:
            reason = _chat.MOVED
        if not reason and kind == "contact" and cells.get("mimetype", _PHONE) != _PHONE:
            others += 1
            continue
        yield _record(row, kind, {"name": names.get(_person(cells), ""), **cells} if names else cells, reason)
    if others:
        facts.notes.append(f"entries of contacts that are no telephone numbers, passed over: {others}")


def _people(job: Job, facts: Facts, columns: Sequence[str]) -> dict[str, str]:
    """The names of the persons whose entries are printed, by the number that the phone gave them."""
    rows = (_cells(row, columns)[1] for row in _rows(job, facts))
    return {_person(cells): cells.get("data1", "") for cells in rows if cells.get("mimetype") == _NAME}


def _person(cells: Mapping[str, str]) -> str:
    return next((cells[name] for name in _PERSON if name in cells), "")


def _survey(job: Job, facts: Facts) -> tuple[Sequence[str], bool]:
    """The columns that most rows have, in order, and whether lines were moved."""
    met: Counter[str] = Counter()
    rows, last, moved = 0, -1, False
    for row in _rows(job, facts):
        if row.ends or not met:
            met.update(_names(_ROW.sub("", row.text, count=1)))
            rows += 1
        moved, last = moved or row.number != last + 1, row.number
    columns = [name for name in met if met[name] * 2 > rows]
    if rows == 1 and _WORDS in columns:  # nothing tells what follows the words from what is in them
        columns = [name for at, name in enumerate(columns) if at <= columns.index(_WORDS) or name in _AFTER_WORDS]
    return columns, moved


def _names(text: str) -> list[str]:
    """What looks like a column, in order: the first of a name before the words, the last of one behind them."""
    found = _COLUMN.findall(text)
    at = found.index(_WORDS) + 1 if _WORDS in found else len(found)
    before, behind = dict.fromkeys(found[:at]), dict.fromkeys(reversed(found[at:]))
    return [*before, *(name for name in reversed(behind) if name not in before)]


# Columns of content://sms behind the words (android.provider.Telephony.TextBasedSmsColumns).
_AFTER_WORDS = frozenset({
    "service_center", "locked", "error_code", "seen", "sub_id", "creator", "date", "date_sent", "type", "read",
    "status", "protocol", "address", "_id", "thread_id", "person", "subject", "reply_path_present",
})  # fmt: skip


def _rows(job: Job, facts: Facts) -> Iterator[_Printed]:
    """The rows with their lines, those of words that go on in further lines, too."""
    row: _Printed | None = None
    for number, line in _chat.lines(job, facts):
        if found := _ROW.match(line):
            if row:
                yield row
            row = _Printed(int(found[1]), number)
        if row and len(row.lines) < _LINES:
            row.lines.append(line)
    if row:
        row.ends = _chat.ended(job)
        yield row


def _cells(row: _Printed, columns: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Why a row cannot be split, and its cells: those before the words are found from the left, others from the right.

    `NULL` is how nothing is printed.
    """
    text, places = ", " + _ROW.sub("", row.text, count=1), list[tuple[int, str]]()
    at, end = 0, len(text)
    if not columns:
        return "the rows of this file have no columns in common", {}
    middle = columns.index(_WORDS) + 1 if _WORDS in columns else len(columns)
    for name in columns[:middle]:
        at = text.find(f", {name}=", at)
        if at < 0:
            return f"the row has no column {name}", {}
        places.append((at, name))
    tail = list[tuple[int, str]]()
    for name in reversed(columns[middle:]):
        end = text.rfind(f", {name}=", at + 1, end)
        if end < 0:
            return f"the row has no column {name}", {}
        tail.append((end, name))
    places += reversed(tail)
    stops = [start for start, _ in places[1:]] + [len(text)]
    cells = {name: text[start + len(name) + 3 : stop] for (start, name), stop in zip(places, stops, strict=True)}
    wrong = [
        name
        for name in cells
        if name in _NUMBERS and cells[name] not in ("NULL", "") and not _WHOLE.fullmatch(cells[name])
    ]
    if wrong:
        return f"column {wrong[0]} holds no number: {cells[wrong[0]][:40]!r}", {}
    return None, {name: value for name, value in cells.items() if value != "NULL"}


def _record(row: _Printed, kind: str, cells: Mapping[str, str], reason: str | None) -> Record | Reject:
    locator, raw = f"L{row.line}", row.text[:RAW_LIMIT]
    if "\ufffd" in row.text:
        reason = "it holds bytes that are no characters"
    if reason:
        return Reject(locator, reason, raw)
    try:
        return Record(locator, _contact(cells) if kind == "contact" else _event(kind, cells), raw)
    except ElementError as error:
        return Reject(locator, str(error), raw)


def _event(kind: str, cells: Mapping[str, str]) -> Fields:
    """The fields of a call or message; where nobody asked for its type, nothing says who called or wrote whom."""
    columns = dict(cells)
    if kind == "call" and "name" in cells:
        columns["contact_name"] = cells["name"]
    if kind.endswith(_UNTYPED):
        kind = kind.removesuffix(_UNTYPED)
        fields = READERS[kind]([(kind, columns | {"type": "1"})])[0]
        return {**fields, "direction": None, "outcome": None}
    return READERS[kind]([(kind, columns)])[0]


def _contact(cells: Mapping[str, str]) -> Fields:
    number = next((cells[name] for name in _CONTACT_NUMBERS if cells.get(name)), None)
    if number is None:
        raise ElementError("no telephone number")
    return {"kind": "party", "number": number, "name": next((cells[n] for n in _CONTACT_NAMES if cells.get(n)), None)}
