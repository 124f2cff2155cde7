"""Voicemail of an iPhone (`voicemail.db`): who spoke after the tone. What was said lies beside it, as `ROWID.amr`."""

from collections.abc import Iterator, Sequence
from math import floor

from ..records import Record, Reject
from ._sqlite import Database, Fields, Row, number, text

NAME, KIND = "iphone_voicemail", "events"

_COLUMNS = ("sender", "callback_num", "date", "duration")


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return database.has("voicemail", "remote_uid", "sender", "callback_num", "date", "duration")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every voicemail, also one that was put into the bin."""
    yield from database.records("voicemail", _COLUMNS, _voicemail)


def _voicemail(rowid: int, row: Row) -> Sequence[Fields]:
    seconds, duration = number(row["date"]), number(row["duration"])
    return [
        {
            "channel": "voicemail",
            "direction": "in",
            "other": text(row["sender"]) or text(row["callback_num"]),
            "epoch_ms": str(floor(seconds * 1000)) if seconds else None,
            "duration": None if duration is None else str(floor(duration)),
            "outcome": "delivered",
            "recording": f"{rowid}.amr",
        }
    ]
