"""Messages of an iPhone before iOS 6 (`sms.db`), and its calls before iOS 8 (`call_history.db`)."""

from collections.abc import Iterator, Sequence

from ..records import Record, Reject
from ._apple import epoch_ms
from ._sqlite import Database, Fields, Row, RowError, Value, directed, number, text, whole

NAME, KIND = "iphone_old", "events"

_MESSAGE = (
    "address", "date", "text", "subject", "flags", "is_madrid", "madrid_handle", "madrid_flags", "madrid_error",
)  # fmt: skip
_CALL = ("address", "date", "duration", "flags", "name", "answered")
# message.flags → direction, outcome; 33 and 35: it could not be sent, 131: no such recipient
_FLAGS = {
    2: ("in", "delivered"),
    3: ("out", "sent"),
    33: ("out", "not_sent"),
    35: ("out", "not_sent"),
    131: ("out", "not_sent"),
}
_FROM_ME, _DELIVERED = 1 << 2, 1 << 12  # bits of message.madrid_flags, as IMMessageItem has them
_OUTGOING = 1 << 0  # bit of call.flags, as the triggers of the database itself test it


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return _has_messages(database) or _has_calls(database)


def read(database: Database) -> Iterator[Record | Reject]:
    """Every message and every call."""
    if _has_messages(database):
        yield from database.records("message", _MESSAGE, _message)
    if _has_calls(database):
        yield from database.records("call", _CALL, _call)


def _has_messages(database: Database) -> bool:
    return database.has("message", "address", "text", "date", "flags") and not database.has("message", "handle_id")


def _has_calls(database: Database) -> bool:
    return database.has("call", "address", "date", "duration", "flags")


def _message(_: int, row: Row) -> Sequence[Fields]:
    madrid = bool(row["is_madrid"])  # what iMessage was called before it had a name
    direction, outcome = _imessage(row) if madrid else _sms(row)
    said = "\n".join(part for part in (text(row["subject"]), text(row["text"])) if part)
    return [
        {
            "channel": "im" if madrid else "sms",
            "direction": direction,
            "other": text(row["madrid_handle"] if madrid else row["address"]),
            "epoch_ms": epoch_ms(row["date"]) if madrid else _since_1970(row["date"]),
            "outcome": outcome,
            "body": said or None,
        }
    ]


def _sms(row: Row) -> tuple[str, str]:
    flags = whole(row["flags"])
    if flags not in _FLAGS:
        raise RowError(f"its flags are not known: {flags}")
    return _FLAGS[flags]


def _imessage(row: Row) -> tuple[str, str]:
    flags = whole(row["madrid_flags"])
    if not flags & _FROM_ME:
        return "in", "delivered"
    return "out", "not_sent" if row["madrid_error"] else "delivered" if flags & _DELIVERED else "sent"


def _call(_: int, row: Row) -> Sequence[Fields]:
    duration = number(row["duration"])
    talked = bool(duration) or (row["answered"] == 1 and duration is None)
    # There is no other sign of a call that nobody answered.
    return [
        {
            "channel": "call",
            "direction": "out" if directed(row["flags"]) & _OUTGOING else "in",
            "other": text(row["address"]),
            "epoch_ms": _since_1970(row["date"]),
            "duration": text(duration),
            "outcome": "connected" if talked else None if duration is None else "unanswered",
            "name": text(row["name"]),
        }
    ]


def _since_1970(value: Value) -> str | None:
    seconds = number(value)
    return str(int(seconds * 1000)) if seconds else None
