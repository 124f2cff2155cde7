"""Rows of chats as PyWxDump, WeFlow and WeClone write them: is_sender, talker (who wrote), msg or content, and time."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from collectaudit.sources import _chat
from collectaudit.sources._chat import Fields, Heading, Survey
from collectaudit.sources._chat_table import Row

_NEEDED, _WORDS = frozenset({"type_name", "is_sender", "talker", "CreateTime"}), frozenset({"msg", "content"})
_WAYS = {"0": "in", "1": "out", "false": "in", "true": "out"}
_TEXTS = frozenset({"1", "text", "文本", "文本消息", "引用消息", "引用回复", "带有引用的文本消息"})
_NOTICES = frozenset({"10000", "系统", "系统消息", "系统通知", "system"})
_VOICES = frozenset({"34", "voice", "语音", "语音消息"})
# Nothing shorter: the time is the last cell, and the file may have been cut in it.
_TIME = re.compile(
    r"1\d{9}(?:\d{3})?|\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d|T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))", re.ASCII
)


def fits(columns: frozenset[str]) -> bool:
    """Whether these are the names of its columns."""
    return columns >= _NEEDED and bool(columns & _WORDS)


def is_notice(row: Row) -> bool:
    """Whether the app itself says it."""
    return row["type_name"].strip().casefold() in _NOTICES


def fault(row: Row) -> str | None:
    """Why a row cannot be right."""
    if _way(row) is None:
        return f"whether it was sent or received is not known: {row['is_sender'][:40]}"
    return None if _TIME.fullmatch(row["CreateTime"].strip()) else f"time cannot be read: {row['CreateTime'][:40]}"


def heading(row: Row) -> Heading:
    """Its time, and who wrote it if that was not the owner of the phone."""
    return Heading(row["CreateTime"].strip(), _other(row) if _way(row) == "in" else None)


def fields(row: Row, chat: Survey) -> Fields:
    """One message; what the owner wrote went to the one who writes back, or to the room."""
    way, time, kind = _way(row), row["CreateTime"].strip(), row["type_name"].strip().casefold()
    others, room = list(chat.authors), _chat.unmarked(row.get("room_name", ""))
    other = (_other(row) if way == "in" else others[0] if len(others) == 1 else room) or None
    said, source = _said(row)
    found: Fields = {
        "channel": "im",
        "direction": way,
        "other": _chat.identity(other) if other else None,
        "name": other,
    }
    found |= {"epoch_ms": time.ljust(13, "0")} if time.isdigit() else {"time": time}
    found["body"] = (said or None) if kind in _TEXTS else None
    if kind in _VOICES and source:
        found["recording"] = PureWindowsPath(PurePosixPath(source).name).name
    return found


def _way(row: Row) -> str | None:
    return _WAYS.get(row["is_sender"].strip().casefold())


def _other(row: Row) -> str:
    return _chat.unmarked(row["talker"])


def _said(row: Row) -> tuple[str, str]:
    """The words, and the file that belongs to them; some versions write both as JSON."""
    if "msg" in row:
        return row["msg"], row.get("src", "")
    try:
        both = json.loads(row["content"])
    except ValueError:
        both = row["content"]
    if isinstance(both, Mapping):
        return str(both.get("msg") or ""), str(both.get("src") or "")
    return str(both), ""
