"""WhatsApp on an iPhone: messages (`ChatStorage.sqlite`) and calls (`CallHistory.sqlite`)."""

from collections.abc import Iterator, Sequence
from math import floor
from pathlib import PurePosixPath

from ..records import Record, Reject
from . import _whatsapp
from ._apple import epoch_ms
from ._sqlite import Database, Fields, Row, RowError, Value, directed, number, text, whole

NAME, KIND = "whatsapp_iphone", "events"

_MESSAGE = (
    "ZTEXT", "ZMESSAGEDATE", "ZMESSAGETYPE", "ZISFROMME", "ZFROMJID", "ZTOJID", "ZPUSHNAME", "ZCHATSESSION",
    "ZGROUPMEMBER", "ZMEDIAITEM",
)  # fmt: skip
_NOTICES = frozenset({6, 10, 59})  # ZMESSAGETYPE: about a group, of the app (also of missed calls), about a call
_VOICE = 3
_CALL = ("ZDATE", "ZDURATION", "ZOUTCOME", "ZGROUPCALLCREATORUSERJIDSTRING", "Z1CALLEVENTS")
_UNANSWERED = frozenset({1, 4})  # ZOUTCOME: missed, rejected


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return _has_messages(database) or _has_calls(database)


def read(database: Database) -> Iterator[Record | Reject]:
    """Every message, also one that was taken back, and every call; notices and posts are rejects."""
    if _has_messages(database):
        yield from database.records("ZWAMESSAGE", _MESSAGE, _Messages(database).fields)
    if _has_calls(database):
        yield from database.records("ZWACDCALLEVENT", _CALL, _Calls(database).fields)


def _has_messages(database: Database) -> bool:
    return database.has("ZWAMESSAGE", "ZISFROMME", "ZMESSAGEDATE", "ZTEXT")


def _has_calls(database: Database) -> bool:
    return database.has("ZWACDCALLEVENT", "ZDATE", "ZDURATION")


class _Messages:
    """Knows with whom each conversation is, and who is in the groups."""

    def __init__(self, database: Database) -> None:
        self._database = database
        columns = ("rowid", "ZCONTACTJID", "ZCONTACTIDENTIFIER", "ZPARTNERNAME")
        self._chats = {row[0]: _chat(row[1:]) for row in database.every("ZWACHATSESSION", *columns)}
        columns = ("rowid", "ZMEMBERJID", "ZCONTACTNAME", "ZFIRSTNAME")
        self._members = {row[0]: _member(row[1:]) for row in database.every("ZWAGROUPMEMBER", *columns)}

    def fields(self, _: int, row: Row) -> Sequence[Fields]:
        """One message. Raises RowError for what is none."""
        mine = directed(row["ZISFROMME"]) == 1
        said = text(row["ZTOJID"] if mine else row["ZFROMJID"])
        jid, name = self._chats.get(row["ZCHATSESSION"], (said, None))
        _whatsapp.addressed(jid)
        if whole(row["ZMESSAGETYPE"]) in _NOTICES:
            raise RowError(_whatsapp.NOTICE)
        if _whatsapp.is_group(jid) and not mine:
            jid, name = self._members.get(row["ZGROUPMEMBER"], (said, None))
            jid, name = (None, None) if _whatsapp.is_group(jid) else (jid, name or text(row["ZPUSHNAME"]))
        about = {"channel": "im", "direction": "out" if mine else "in", "outcome": None if mine else "delivered"}
        ends = {"other": _whatsapp.end(jid, name), "name": _whatsapp.given(name)}
        return [{**about, **ends, "epoch_ms": epoch_ms(row["ZMESSAGEDATE"]), **self._content(row)}]

    def _content(self, row: Row) -> Fields:
        """The words, or those below a picture, and the name of a voice message."""
        media = self._database.row("ZWAMEDIAITEM", row["ZMEDIAITEM"], ("ZTITLE", "ZMEDIALOCALPATH")) or {}
        place = text(media.get("ZMEDIALOCALPATH"))
        voice = PurePosixPath(place).name if place and row["ZMESSAGETYPE"] == _VOICE else None
        return {"body": text(row["ZTEXT"]) or text(media.get("ZTITLE")), "recording": voice}


def _chat(row: Sequence[Value]) -> tuple[str | None, str | None]:
    """With whom: the name for it that holds a number goes first."""
    jid, also, name = (text(value) for value in row)
    return (also if not _whatsapp.number(jid) and _whatsapp.number(also) else jid), name


def _member(row: Sequence[Value]) -> tuple[str | None, str | None]:
    jid, name, first = (text(value) for value in row)
    return jid, name or first


class _Calls:
    """Who took part in each call, and who began it, stand in tables of their own.

    Both columns that begin with Z1 name a row of the table of that number in Core Data, which is ZWAAGGREGATECALLEVENT.
    """

    def __init__(self, database: Database) -> None:
        found = database.every("ZWAAGGREGATECALLEVENT", "rowid", "ZINCOMING", "ZMISSED")
        self._about = {key: (incoming, missed) for key, incoming, missed in found}
        self._parties: dict[Value, list[str]] = {}
        for key, jid in database.every("ZWACDCALLEVENTPARTICIPANT", "Z1PARTICIPANTS", "ZJIDSTRING"):
            if key is not None and (name := text(jid)):
                self._parties.setdefault(key, []).append(name)

    def fields(self, _: int, row: Row) -> Sequence[Fields]:
        """One call, or of one that the owner made to several people one record for each."""
        incoming, missed = self._about.get(row["Z1CALLEVENTS"], (None, None))
        parties, began = self._parties.get(row["Z1CALLEVENTS"], []), text(row["ZGROUPCALLCREATORUSERJIDSTRING"])
        if incoming is None and began and parties:
            incoming = int(began in parties)
        coming = directed(incoming) == 1
        others: Sequence[str | None] = ([began] if began else parties[:1]) if coming else parties
        duration, code = number(row["ZDURATION"]), whole(row["ZOUTCOME"])
        unanswered = missed == 1 or code in _UNANSWERED
        about = {
            "channel": "call",
            "direction": "in" if coming else "out",
            "epoch_ms": epoch_ms(row["ZDATE"]),
            "duration": None if duration is None else str(floor(duration)),
            "outcome": "unanswered" if unanswered else "connected" if duration and not code else None,
        }
        return [{**about, "other": _whatsapp.end(jid, None)} for jid in others or [None]]
