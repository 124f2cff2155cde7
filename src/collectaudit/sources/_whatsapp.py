"""WhatsApp's databases name people and groups by a JID, of which only `8613800000001@s.whatsapp.net` holds a number."""

import re

from . import _chat
from ._sqlite import RowError

_PERSON = re.compile(r"(\d{7,15})(?:[.:]\d{1,5}){0,2}@(?:s\.whatsapp\.net|c\.us)", re.ASCII)  # behind it, a device
_GROUP = re.compile(r"[\d-]{1,40}@(?:g\.us|broadcast)", re.ASCII)
_POST = re.compile(r".*(?:status@broadcast|@newsletter|@(?:lid\.)?status)", re.DOTALL)
NOTICE = "a notice of the app about the conversation, no message"


def number(jid: str | None) -> str | None:
    """The telephone number that it holds, if any."""
    found = _PERSON.fullmatch(jid or "")
    return f"+{found[1]}" if found else None


def is_group(jid: str | None) -> bool:
    """Whether it is a group, or a list of people to whom the same is sent."""
    return _GROUP.fullmatch(jid or "") is not None


def addressed(jid: str | None) -> None:
    """Raises RowError for what is written to nobody: a status, a channel."""
    if _POST.fullmatch(jid or ""):
        raise RowError("a post for everybody to see, no message to anyone")


def end(jid: str | None, name: str | None) -> str | None:
    """The end of a contact: a number, or else what the app calls it."""
    called = given(name) or jid
    return number(jid) or (f"name:{called}" if called else None)


def given(name: str | None) -> str | None:
    """A name; what the app shows of whom nobody has saved is a number, and none."""
    said = _chat.unmarked(name or "")
    return said if said and _chat.identity(said, numbers=True) != said else None
