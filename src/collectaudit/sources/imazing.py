"""Messages of an iPhone, or its WhatsApp chats, as the program iMazing writes them into a table; its calls are a table.

Times are those of the computer that exported. Who wrote is empty in what the owner sent, so whom it went to is told by
what came in: the one number of that chat, else the name of the chat.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject
from collectaudit.sources import _chat, _decode
from collectaudit.sources._chat import Fields, Heading, Survey
from collectaudit.sources._chat_table import Row, rows

NAME = "imazing"

_NEEDED = frozenset({"Chat Session", "Message Date", "Type", "Sender ID", "Text"})
_WAYS = {"incoming": "in", "outgoing": "out"}
_NOTICE = "notification"
_NETWORK = re.compile(
    r"sms|mms|rcs|text message", re.IGNORECASE
)  # every other service is a messenger's: iMessage, WhatsApp
_STATUS = {
    "read": "delivered", "delivered": "delivered", "received": "delivered", "sent": "sent", "failed": "not_sent",
    "not sent": "not_sent",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHATSAPP_ID = re.compile(r"(\d{7,15})@s\.whatsapp\.net", re.ASCII)
# A line that begins as a row does, within a cell: the cell had no end, or the lines were moved.
_ROW_BEGINS = re.compile(r"\n[^,\n]{0,200},\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}", re.ASCII)


@dataclass(slots=True)
class _Session:
    """A chat: the order of its messages, and who writes to the owner."""

    survey: Survey = field(default_factory=Survey)
    senders: dict[str, None] = field(default_factory=dict)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the first line is the header of such a table."""
    return _columns(_decode.opening(head).removeprefix("\ufeff").lstrip("\r\n").partition("\n")[0]) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once."""
    _, first = next(((n, line) for n, line in _chat.lines(job, facts) if line.strip()), (0, ""))
    columns = _columns(first.removeprefix("\ufeff")) or []
    sessions, own = _sessions(job, facts, columns)
    facts.owner_number = next(iter(own)) if len(own) == 1 else None
    moved = any(session.survey.moved and not session.survey.newest_first for session in sessions.values())
    _chat.judge(facts, moved=moved, cut=not _chat.ended(job))
    unknown = set[str]()
    for number, row, raw, wrong in rows(job, facts, columns):
        if wrong and facts.status == "ok":  # a program tears no row; whose it was, and so who is in its chat, is lost
            facts.status, facts.reason = "partial", "rows of this table are not whole: the file was cut or changed"
        reason = wrong or _fault(row, raw, moved=moved)
        if reason:
            yield Reject(f"L{number}", reason, raw[:RAW_LIMIT])
            continue
        status = row.get("Status", "").strip()
        unknown |= {status} if status and status.casefold() not in _STATUS else set()
        yield Record(f"L{number}", _message(row, sessions[row["Chat Session"]]), raw[:RAW_LIMIT])
    if unknown:
        facts.notes.append(f"states of messages whose meaning is not known: {', '.join(sorted(unknown)[:5])}")


def _columns(line: str) -> list[str] | None:
    names = [cell.strip().strip('"') for cell in line.strip().split(",")]
    return names if set(names) >= _NEEDED else None


def _sessions(job: Job, facts: Facts, columns: list[str]) -> tuple[Mapping[str, _Session], set[str]]:
    """The chats of the file, and the numbers that stand as the owner's."""
    sessions: dict[str, _Session] = {}
    own = set[str]()
    for _, row, _, wrong in rows(job, facts, columns):
        if wrong:
            continue
        session, way = sessions.setdefault(row["Chat Session"], _Session()), _way(row)
        at = row["Message Date"].strip()
        session.survey.see(Heading(at, None, fault=None if _DATE.match(at) else "no date"))
        if way == "in" and len(session.senders) < 3:
            session.senders.setdefault(_sender(row))
        if way == "out" and _chat.identity(_sender(row), numbers=True) == _sender(row):
            own.add(_sender(row))
    return sessions, own


def _fault(row: Row, raw: str, *, moved: bool) -> str | None:
    """Why a row is no message, or cannot be read."""
    kind = row["Type"].strip()
    if "\ufffd" in raw:
        return "it holds bytes that are no characters"
    if kind.casefold() == _NOTICE:
        return "a notice of the app, no message"
    if _way(row) is None:
        return f"whether it was sent or received is not known: {kind[:40]}"
    return _chat.MOVED if "\n" in raw and (moved or _ROW_BEGINS.search(raw)) else None


def _way(row: Row) -> str | None:
    return _WAYS.get(row["Type"].strip().casefold())


def _sender(row: Row) -> str:
    sender = row["Sender ID"].strip()
    known = _WHATSAPP_ID.fullmatch(sender)
    return f"+{known[1]}" if known else sender


def _message(row: Row, session: _Session) -> Fields:
    """In: who sent it. Out: the one who writes in that chat, else the chat, by its number or name."""
    way, service = _way(row), row.get("Service", "")
    chat, name = _chat.unmarked(row["Chat Session"]), _chat.unmarked(row.get("Sender Name", ""))
    one = next(iter(session.senders)) if len(session.senders) == 1 else ""
    if way == "in":
        other, outcome = _sender(row) or (f"name:{name}" if name else None), "delivered"
    else:
        other = one or (_chat.identity(chat, numbers=True) if chat else None)
        outcome, name = _STATUS.get(row.get("Status", "").strip().casefold(), ""), chat
    return {
        "channel": "sms" if _NETWORK.search(service) else "im",
        "direction": way,
        "other": other,
        "time": row["Message Date"].strip() or None,
        "outcome": outcome or None,
        "body": row["Text"] or None,
        "name": name if name and name != other else None,
    }
