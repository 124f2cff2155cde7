"""Messages of Android phones (mmssms.db): SMS and MMS, also those that Samsung's filter put aside; Huawei's backups."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..records import Record, Reject
from . import _android
from ._sqlite import Beside, Database, Fields, Row, RowError, Value, number, text, whole
from ._xml import ElementError, Tags

NAME, KIND = "android_messages", "events"

_SMS = ("thread_id", "address", "date", "date_sent", "type", "status", "body", "service_center")
_PDU = ("_id", "thread_id", "date", "date_sent", "msg_box", "m_type", "sub")
_FILTERED = "spam_{}"  # Samsung's tables of filtered messages: spam_sms, spam_pdu, spam_addr, spam_part
_SAVED = "{}_tb"  # those in the backups of Huawei's phones, sms.db; their rows keep the numbers of the phone in _id
_FORMS = ("{}", _FILTERED, _SAVED)
_MILLISECONDS = 1e11  # MMS are dated in seconds; as seconds this would be the year 5138


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return any(database.has(form.format("sms"), "address", "date", "type", "body") for form in ("{}", _SAVED))


def read(database: Database) -> Iterator[Record | Reject]:
    """Every message, and of one MMS to several people one record for each."""
    groups = _groups(database)
    for form in _FORMS:
        yield from database.records(form.format("sms"), _SMS, _sms)
        yield from database.records(form.format("pdu"), _PDU, _Mms(database, form, groups).fields)
    if any(database.holds(_FILTERED.format(kind)) for kind in ("sms", "pdu")):
        database.facts.notes.append("messages that the phone itself had put aside as unwanted were read as well")


def _sms(_: int, row: Row) -> Sequence[Fields]:
    whole(row["date"])
    body = text(row["body"])  # as it is: only the exporter writes the word `null` for nothing
    return [{**fields, "body": body} for fields in _said(_android.sms, [("sms", _columns(row))])]


class _Mms:
    """The parts and addresses of each message, which stand in tables of their own."""

    def __init__(self, database: Database, form: str, groups: Mapping[Value, str]) -> None:
        self._groups = groups
        self._parts = Beside(database, form.format("part"), "mid", ("ct", "text"))
        self._addresses = Beside(database, form.format("addr"), "msg_id", ("address", "type"))

    def fields(self, rowid: int, row: Row) -> Sequence[Fields]:
        """One message, or one record for each recipient."""
        key = whole(row["_id"]) or rowid
        parts, addresses = self._parts.of(key), self._addresses.of(key)
        row["parts"] = "\n".join(said for part in parts if (said := text(part["text"]) or text(part["ct"])))
        row["addresses"] = ", ".join(said for one in addresses if (said := text(one["address"])))
        columns, since = _columns(row), number(row["date"])
        if since and abs(since) < _MILLISECONDS:
            columns["date"] = str(int(since * 1000))
        columns |= {"address": self._groups.get(row["thread_id"], "null")}
        inner = [("part", _columns(part)) for part in parts] + [("addr", _columns(one)) for one in addresses]
        return _said(_android.mms, [("mms", columns), *inner])


def _columns(row: Row) -> dict[str, str]:
    return {name: said for name, value in row.items() if (said := text(value)) is not None}


def _said(read: Callable[[Tags], list[Fields]], tags: Tags) -> Sequence[Fields]:
    try:
        return read(tags)
    except ElementError as error:
        raise RowError(str(error)) from error


def _groups(database: Database) -> dict[Value, str]:
    """Conversation → its numbers, joined by `~` as the exporter of these tables does."""
    addresses = {str(key): text(name) for key, name in database.every("canonical_addresses", "rowid", "address")}
    threads = ((key, (text(ids) or "").split()) for key, ids in database.every("threads", "rowid", "recipient_ids"))
    return {key: "~".join(name for one in ids if (name := addresses.get(one))) for key, ids in threads}
