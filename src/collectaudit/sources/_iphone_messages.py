"""Messages of an iPhone or Mac (`sms.db`, `chat.db`) since iOS 6: SMS, RCS and iMessage."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..records import Record, Reject
from ._apple import NEEDS, epoch_ms, words
from ._sqlite import Beside, Database, Fields, Row, RowError, Value, text, whole

NAME, KIND = "iphone_messages", "events"

_COLUMNS = (
    "text", "subject", "attributedBody", "date", "date_delivered", "service", "handle_id", "is_from_me", "is_sent",
    "is_delivered", "is_finished", "error", "item_type", "associated_message_type", "destination_caller_id",
    "date_edited", "date_retracted", "schedule_type",
)  # fmt: skip
_NETWORK = re.compile(r"SMS|MMS|RCS", re.IGNORECASE)  # every other service is a messenger's: iMessage, Jabber, …
_REACTIONS = range(2000, 4000)  # associated_message_type: 2000 and up something was added, 3000 and up taken back
_GROUP = 43  # chat.style; 45: of two people
_LATER = 2  # message.schedule_type: to be sent at a time that was chosen
_JOINS = ("chat_message_join", "chat_recoverable_message_join")  # the second: deleted, but not yet for good (iOS 16)
_FILE = ("transfer_name", "filename", "mime_type")
_PLACE = "\ufffc"  # stands in the words where an attachment is
_OWN = re.compile(r"\+?\d{7,15}", re.ASCII)


def fits(database: Database) -> bool:
    """Whether these are its tables."""
    return database.has("message", "text", "date", "handle_id", "is_from_me") and database.has("handle", "id")


def read(database: Database) -> Iterator[Record | Reject]:
    """Every message, and of one to a group one record for each recipient; reactions and notices are rejects."""
    messages = _Messages(database)
    yield from database.records("message", _COLUMNS, messages.fields)
    messages.close()


@dataclass(slots=True)
class _Chat:
    identifier: str | None
    group: bool
    members: list[str] = field(default_factory=list)

    @property
    def partner(self) -> str | None:
        """The other party of a chat of two people."""
        if self.group or len(self.members) > 1:
            return None
        return self.members[0] if self.members else self.identifier


class _Messages:
    """What has to be known of the whole database, and what is learned on the way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handles = {key: text(name) for key, name in database.every("handle", "rowid", "id")}
        self._chats = self._known_chats(database)
        self._joins = [Beside(database, join, "message_id", ("chat_id",)) for join in _JOINS]
        self._attached = Beside(database, "message_attachment_join", "message_id", ("attachment_id",))
        self._own: set[str] = set()
        self._met: Counter[str] = Counter()

    def _known_chats(self, database: Database) -> dict[Value, _Chat]:
        found = database.every("chat", "rowid", "chat_identifier", "style")
        chats = {key: _Chat(text(identifier), style == _GROUP) for key, identifier, style in found}
        for chat, handle in database.every("chat_handle_join", "chat_id", "handle_id"):
            name = self._handles.get(handle)
            if chat in chats and name and name not in chats[chat].members:
                chats[chat].members.append(name)
        return chats

    def fields(self, rowid: int, row: Row) -> Sequence[Fields]:
        """One record, or one for each recipient. Raises RowError for what is no message."""
        places = [place["chat_id"] for join in self._joins for place in join.of(rowid)]
        chat = self._chats.get(places[0]) if places else None
        about = {**_about(row), **self._content(rowid, row)}
        self._learn(row)
        one, partner = self._handles.get(row["handle_id"]), chat.partner if chat else None
        if about["direction"] == "in":
            return [{**about, "other": one or partner}]
        others: Sequence[str | None] = chat.members if chat and len(chat.members) > 1 else [partner or one]
        return [{**about, "other": other} for other in others]

    def _content(self, rowid: int, row: Row) -> Fields:
        """The words, and the name of a voice message; `attachment` is added to the row, which is shown to people."""
        said = text(row["text"]) or self._archived(row)
        parts = [part.replace(_PLACE, "").strip() for part in (text(row["subject"]), said) if part]
        files = [self._database.row("attachment", one["attachment_id"], _FILE) for one in self._attached.of(rowid)]
        named = [(_name(file), text(file["mime_type"]) or "") for file in files if file]
        row["attachment"] = ", ".join(name for name, _ in named) or None
        voice = next((name for name, kind in named if kind.startswith("audio/")), None)
        return {"body": "\n".join(filter(None, parts)) or None, "recording": voice or None}

    def _archived(self, row: Row) -> str | None:
        archived = row["attributedBody"]
        if not isinstance(archived, bytes) or not archived:
            return None
        try:
            row["attributedBody"] = words(archived)
        except ValueError:
            self._met["unread"] += 1
        except ImportError:
            self._met["lacking"] += 1
        return text(row["attributedBody"]) if isinstance(row["attributedBody"], str) else None

    def _learn(self, row: Row) -> None:
        own = text(row["destination_caller_id"])
        if own and _OWN.fullmatch(own) and len(self._own) <= 1:
            self._own.add(own)
        self._met["edited"] += bool(row["date_edited"]) and not row["date_retracted"]
        self._met["retracted"] += bool(row["date_retracted"])

    def close(self) -> None:
        """Says what was learned of the whole file."""
        met, facts = self._met, self._database.facts
        if len(self._own) == 1:
            facts.owner_number = min(self._own)
        if met["edited"]:
            facts.notes.append(
                f"messages that were edited after they were sent, shown in their last wording: {met['edited']}"
            )
        if met["retracted"]:
            facts.notes.append(f"messages that their sender took back, whose words are gone: {met['retracted']}")
        if unread := met["unread"] + met["lacking"]:
            needs = f"; an optional part is needed: {NEEDS}" if met["lacking"] else ""
            facts.status, facts.reason = "partial", f"messages whose words cannot be read: {unread}{needs}"


def _name(file: Row) -> str:
    return PurePosixPath(text(file["transfer_name"]) or text(file["filename"]) or "").name


def _about(row: Row) -> Fields:
    """What does not depend on other tables."""
    if whole(row["associated_message_type"]) in _REACTIONS:
        raise RowError("a reaction to another message, no message of its own")
    if whole(row["item_type"]):
        raise RowError("a notice of the app about the conversation, no message")
    mine = row["is_from_me"]
    if mine not in (0, 1):
        raise RowError("it does not say who wrote it")
    service = text(row["service"])
    return {
        "channel": "sms" if service is None or _NETWORK.search(service) else "im",
        "direction": "out" if mine else "in",
        "epoch_ms": epoch_ms(row["date"]),
        "outcome": _sent(row) if mine else "delivered",
    }


def _sent(row: Row) -> str | None:
    """What became of a message that was written on the phone; None where its columns leave that open."""
    if row["error"] or (row["is_sent"] == 0 and (row["is_finished"] == 0 or row["schedule_type"] == _LATER)):
        return "not_sent"
    if row["is_delivered"] and row["date_delivered"]:
        return "delivered"
    return "sent" if row["is_sent"] else None
