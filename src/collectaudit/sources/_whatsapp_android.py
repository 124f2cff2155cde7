"""WhatsApp on Android (`msgstore.db`, decrypted): messages in the tables of old and new versions, and calls."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ..records import Record, Reject
from . import _whatsapp
from ._sqlite import Database, Fields, Row, RowError, Value, directed, number, text, whole

NAME, KIND = "whatsapp_android", "events"

_NEW = ("from_me", "chat_row_id", "timestamp", "text_data", "message_type", "sender_jid_row_id", "status")
_OLD = (
    "key_from_me", "key_remote_jid", "remote_resource", "status", "timestamp", "media_wa_type", "data",
    "media_caption", "media_name",
)  # fmt: skip
_CALL = ("from_me", "jid_row_id", "timestamp", "duration", "call_result")
# message_type, or media_wa_type: about the chat, about calls (8, 10, 90: they stand in call_log), disappearing messages
_NOTICES = frozenset({7, 8, 10, 36, 90})
_VOICE = 2
_CONTROL = 6  # status of a notice, in old versions
_STATUS = {4: "sent", 5: "delivered", 8: "delivered", 13: "delivered"}  # of what the owner wrote; 8: heard, 13: read
_RESULTS = {2: "unanswered", 3: "unanswered", 4: "unanswered", 5: "connected", 7: "unanswered"}  # call_result
_NOBODY = "-1"  # the first row of old versions


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return _has_new(database) or _has_old(database)


def read(database: Database) -> Iterator[Record | Reject]:
    """Every message, also one that was taken back, and every call; notices and posts are rejects."""
    people = _People(database)
    if _has_new(database) and not (_has_old(database) and _fuller(database)):
        yield from database.records("message", _NEW, people.new)
    elif _has_old(database):
        yield from database.records("messages", _OLD, people.old)
    if database.has("call_log", "jid_row_id", "from_me", "timestamp"):
        yield from database.records("call_log", _CALL, people.call)


def _has_new(database: Database) -> bool:
    return database.has("message", *_NEW[:4]) and database.has("jid", "raw_string")


def _has_old(database: Database) -> bool:
    return database.has("messages", "key_remote_jid", "key_from_me", "data", "timestamp")


def _fuller(database: Database) -> bool:
    """Whether the old table has more rows: while the app moves them to the new one, there are both."""
    sql = "SELECT (SELECT count(*) FROM messages) > (SELECT count(*) FROM message)"
    return next(database.asked(sql), (0,)) == (1,)


class _People:
    """Who stands behind the numbers of rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        known = {key: text(jid) for key, jid in database.every("jid", "rowid", "raw_string")}
        shown = {lid: known.get(jid) for lid, jid in database.every("jid_map", "lid_row_id", "jid_row_id")}
        self._jids = {key: shown.get(key) or jid for key, jid in known.items()}
        found = database.every("chat", "rowid", "jid_row_id", "subject")
        self._chats = {key: (self._jids.get(jid), text(subject)) for key, jid, subject in found}
        self._subjects = {jid: subject for jid, subject in self._chats.values() if jid}
        self._files = {key: text(path) for key, path in database.every("message_media", "message_row_id", "file_path")}
        joined = database.every("call_log_participant_v2", "call_log_row_id", "jid_row_id")
        self._called: dict[Value, list[str | None]] = {}
        for key, jid in joined:
            self._called.setdefault(key, []).append(self._jids.get(jid))

    def new(self, rowid: int, row: Row) -> Sequence[Fields]:
        """One row of `message`."""
        jid, subject = self._chats.get(row["chat_row_id"], (None, None))
        kind = whole(row["message_type"])
        said = {"body": text(row["text_data"]), "recording": _voice(self._files.get(rowid), kind)}
        sender = self._jids.get(row["sender_jid_row_id"])
        return _message(row, (row["from_me"], kind), (jid, subject, sender), said)

    def old(self, _: int, row: Row) -> Sequence[Fields]:
        """One row of `messages`."""
        jid, kind = text(row["key_remote_jid"]), whole(row["media_wa_type"])
        if jid == _NOBODY or (row["status"] == _CONTROL and row["key_from_me"]):
            raise RowError(_whatsapp.NOTICE)
        words = text(row["data"]) if not kind else None  # else a picture, or what stands for it
        said = {"body": words or text(row["media_caption"]), "recording": _voice(text(row["media_name"]), kind)}
        sender = text(row["remote_resource"])
        return _message(row, (row["key_from_me"], kind), (jid, self._subjects.get(jid or ""), sender), said)

    def call(self, rowid: int, row: Row) -> Sequence[Fields]:
        """One call, or of one that the owner made to several people one record for each."""
        mine, duration = directed(row["from_me"]) == 1, number(row["duration"])
        parties = self._called.get(rowid, []) if mine else []
        others = parties if len(parties) > 1 else [self._jids.get(row["jid_row_id"])]
        about = {
            "channel": "call",
            "direction": "out" if mine else "in",
            "epoch_ms": text(number(row["timestamp"])),
            "duration": text(duration),
            "outcome": _RESULTS.get(whole(row["call_result"])),
        }
        return [{**about, "other": _whatsapp.end(jid, self._subjects.get(jid or ""))} for jid in others]


def _message(
    row: Row, kind: tuple[Value, int], place: tuple[str | None, str | None, str | None], said: Fields
) -> Sequence[Fields]:
    """What both tables hold. `kind`: whether it is the owner's, its code; `place`: chat, its subject, the sender."""
    (jid, subject, sender), mine = place, directed(kind[0]) == 1
    _whatsapp.addressed(jid)
    if kind[1] in _NOTICES:
        raise RowError(_whatsapp.NOTICE)
    if _whatsapp.is_group(jid) and not mine:
        jid, subject = sender, None
    outcome = _STATUS.get(whole(row["status"])) if mine else "delivered"
    about = {"channel": "im", "direction": "out" if mine else "in", "outcome": outcome}
    return [{**about, "other": _whatsapp.end(jid, subject), "epoch_ms": text(number(row["timestamp"])), **said}]


def _voice(path: str | None, kind: int) -> str | None:
    return PurePosixPath(path).name if path and kind == _VOICE else None
