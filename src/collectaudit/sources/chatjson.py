"""Chats of WeChat, QQ and others as JSON: the interchange format of ChatLab, and the lists that export tools write.

Read are ChatLab's JSON and JSON lines, the lists of WeFlow and its kin (createTime, isSend), of chatlog (time, isSelf),
of PyWxDump (CreateTime, is_sender), of MemoTrace (timestamp, is_send), of QQ Chat Exporter (chatInfo, sender), and the
pages of WeFlow and MemoTrace, in which the messages are such a list. A name or id in a chat is no telephone number, but
for WhatsApp, whose ids are.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _chat, _decode, _js, _tree
from collectaudit.sources._chat import Fields
from collectaudit.sources._json import Element, Lines, Walk

NAME = "chatjson"

_SIZE = 128 << 20
_LISTS = frozenset({"messages"})
# MemoTrace calls its list chatMessages, as other programs call theirs: the names of its members tell.
_PAGE = re.compile(
    r"window\.WEFLOW_DATA\s*=\s*(?=\[)|(?P<memo>chatMessages)\s*=\s*(?=\[.{0,9000}is_send.{0,9000}timestamp)", re.DOTALL
)
_TITLE = re.compile(r"<title>([^<]{1,300})</title>")
_STYLES = (".chat-refer", ".chat-music-audio", ".displayname")  # of a page of MemoTrace, long before its messages
_BEGINS, _LINES = re.compile(r'\s*(?:\{\s*"|\[\s*\{\s*")'), re.compile(r'\s*\{[^\n]{0,200}"_type"\s*:')
# The members by which each kind of message is known.
_KINDS = (
    ("chatlab", "version"), ("createTime", "isSend"), ("createTime", "isSender"), ("createTime", "isSent"),
    ("talker", "isSelf"), ("CreateTime", "is_sender"), ("timestamp", "is_sender"), ("timestamp", "is_send"),
    ("chatInfo", "messages"), ("chatInfo", "statistics"),
)  # fmt: skip
_WAYS = ("isSend", "isSender", "is_sender", "is_send", "IsSender", "isSelf", "isSent", "s")
_TIMES = ("timestamp", "createTime", "CreateTime", "time", "t")
_IDS = ("sender", "senderUsername", "sender_wxid")
_NAMES = (
    "groupNickname",
    "senderRemark",
    "senderDisplayName",
    "senderName",
    "accountName",
    "senderNickname",
    "display_name",
    "displayname",
)
_PARTNERS = ("remark", "displayName", "name", "nickname", "talkerName", "room_name", "talker")
_WORDS = ("content", "msg", "text", "StrContent")
_MEDIA = ("mediaPath", "mediaFileName", "mediaLocalPath", "path", "text")
_BREAK = re.compile(r"<br ?/?>")
_VOICE = re.compile(r"[^\n]{1,300}\.(?:mp3|wav|silk|aud|amr|m4a|ogg|opus)", re.IGNORECASE)
_QUOTE = str(57 << 32 | 49)  # a message of kind 49, sub-kind 57: words below those of another
# What ChatLab's types (its format, 0.0.2), WeChat's codes and the words that tools write for them mean.
_CHATLAB = {"0": "text", "25": "text", "2": "voice", "80": "notice", "81": "notice"}
_WECHAT = {
    **dict.fromkeys(("1", "text", "文本", "文本消息", "引用消息", "引用", "quote", "reply", _QUOTE), "text"),
    **dict.fromkeys(("0", "10000", "10002", "系统", "系统消息", "撤回消息", "system", "recall"), "notice"),
    **dict.fromkeys(("34", "voice", "语音", "语音消息"), "voice"),
}
_SENDER = re.compile(r"(wxid_[\w-]{1,40}|[\w-]{1,40}@openim):\n", re.ASCII)  # before the words of a group
_WHATSAPP_ID = re.compile(r"(\d{7,15})@s\.whatsapp\.net", re.ASCII)
_EPOCH = re.compile(r"(1\d{9})(\d{3})?(?:\.\d+)?", re.ASCII)  # seconds or milliseconds, from 2001 to 2033


@dataclass(slots=True)
class _About:
    """What stands beside the messages: whom or which group the chat is with, its owner, and its members' names."""

    partner: str | None = None
    owner: frozenset[str] = frozenset()
    chatlab: bool = False
    whatsapp: bool = False
    escaped: bool = False
    names: dict[str, str] = field(default_factory=dict)
    authors: dict[str, None] = field(default_factory=dict)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the JSON, or the list in the page, has the members of a kind of message that is known."""
    text = _decode.opening(head).removeprefix("\ufeff")
    if _tree.is_page(text):
        return _PAGE.search(text) is not None or all(style in text for style in _STYLES)
    return _BEGINS.match(text) is not None and any(all(f'"{name}"' in text for name in kind) for kind in _KINDS)


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once; behind a damaged place nothing is read."""
    if job.path.stat().st_size > _SIZE:
        raise Unreadable("the file is larger than 128 MB: export the chat in parts, or as text")
    text = _decode.opening(job.path.read_bytes()).removeprefix("\ufeff")
    facts.encoding = "utf-8"
    if _tree.is_page(text) and _PAGE.search(text) is None:
        raise Unreadable("the page ends before its messages")
    first, again = _walk(text), _walk(text)
    authors, senders = dict[str, None](), dict[str, None]()
    for element in first.elements():
        authors.setdefault(_author(element.value, {}))
        if isinstance(element.value, dict) and _sent(element.value) == "in":
            senders.setdefault(_author(element.value, {}))
    about = _learn(first.about, text)
    about.authors = dict.fromkeys(about.names.get(author, author) for author in authors if author)
    if len(senders) == 1:  # of a list alone, who writes to its owner is whom the chat is with
        about.partner = about.partner or next(iter(senders)) or None
    for element in again.elements():
        yield _message(element, about)
    if not again.whole:
        facts.status, facts.reason = "partial", "the file ends, or is damaged, before the end of its messages"


def _walk(text: str) -> Walk | Lines:
    page = _PAGE.search(text) if _tree.is_page(text) else None
    if page is None and _LINES.match(text):
        return Lines(text)
    if page and page["memo"]:
        text = text[: page.end()] + _js.as_json(text[page.end() :])
    return Walk(text, _LISTS, page.end() if page else 0)


def _learn(beside: Mapping[str, Any], text: str) -> _About:
    """What the members of the file beside its messages tell."""
    about = _About(chatlab="chatlab" in beside)
    for name in ("session", "chatInfo", "meta"):
        if isinstance(part := beside.get(name), dict):
            about.partner = _text(part, _PARTNERS) or about.partner
            about.owner |= _ids(part, ("ownerId", "selfUid", "selfUin"))
            about.whatsapp = about.whatsapp or part.get("platform") == "whatsapp"
    about.partner = about.partner or _text(beside, _PARTNERS)
    if _tree.is_page(text) and (page := _PAGE.search(text)):
        about.escaped = page["memo"] is not None
        title = _TITLE.search(text, 0, page.end())
        about.partner = html.unescape(title[1]).removesuffix("聊天记录").rstrip(" -") or None if title else None
    members = beside.get("members")
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict) and (known := _text(member, ("platformId", "wxid", "username"))):
            about.names[known] = _text(member, ("groupNickname", "accountName", "displayName", "nickname")) or known
    return about


def _message(element: Element, about: _About) -> Record | Reject:
    """One message: its time, who sent it to whom, and its words if it is made of words."""
    locator, raw, row = f"message[{element.number}]@L{element.line}", element.text[:RAW_LIMIT], element.value
    if not isinstance(row, dict):
        return Reject(locator, "this is no message", raw)
    kind = _kind(row, about)
    if kind == "notice" or row.get("system") is True:
        return Reject(locator, "a notice of the app, no message", raw)
    words = _words(row, about)
    said_by = _SENDER.match(words)
    fields: Fields = {"channel": "im", "body": (_SENDER.sub("", words, count=1) or None) if kind == "text" else None}
    media = next((name for key in _MEDIA if isinstance(name := row.get(key), str) and _VOICE.fullmatch(name)), "")
    if kind == "voice" and media:
        fields["recording"] = PureWindowsPath(PurePosixPath(media).name).name
    author = _author(row, about.names) or (said_by[1] if said_by else "")
    return Record(locator, fields | _time(row) | _ends(row, author, about), raw)


def _kind(row: Mapping[str, Any], about: _About) -> str | None:
    """`text`, `voice`, `notice`, or something else that has no words."""
    if "b" in row and "s" in row:  # of a page: text, if there is any
        return "text"
    if "refer_text" in row or "text" in (row["content"] if isinstance(row.get("content"), dict) else ()):
        return "text"  # words below those of another; what the program shows in place of a picture
    codes = [str(row[key]).strip().casefold() for key in ("localType", "type", "type_name") if key in row]
    meanings = _CHATLAB if about.chatlab else _WECHAT
    return next((meanings[code] for code in codes if code in meanings), None if codes else "text")


def _words(row: Mapping[str, Any], about: _About) -> str:
    """The words as written; those of a page stand in its elements, or as it shows them."""
    if isinstance(shown := row.get("b"), str) and "s" in row:
        return "\n".join(part.text() for part in _tree.fragment(shown).all("message-text"))
    found = next((row[key] for key in _WORDS if row.get(key)), "")
    said = _text(found, ("text",)) if isinstance(found, dict) else str(found)
    return html.unescape(_BREAK.sub("\n", said)) if about.escaped else said


def _author(row: Any, names: Mapping[str, str]) -> str:
    """What the sender is called: in this message, else among the members, else the id."""
    if not isinstance(row, dict):
        return ""
    sender = row.get("sender")
    if isinstance(sender, dict):
        return _text(sender, ("remark", "name", "uin", "uid"))
    known = _text(row, _IDS)
    if phone := _WHATSAPP_ID.fullmatch(known):
        return f"+{phone[1]}"
    return _text(row, _NAMES) or names.get(known, known)


def _ends(row: Mapping[str, Any], author: str, about: _About) -> Fields:
    way = _sent(row)
    if way is None and about.owner:
        sender = row.get("sender")
        ids = _ids(sender, ("uid", "uin")) if isinstance(sender, dict) else _ids(row, _IDS)
        way = "out" if ids & about.owner else "in"
    partner = about.partner or _text(row, _PARTNERS[-3:])
    if way is None:
        return _chat.ends(author, partner, about.authors, numbers=about.whatsapp) if author else {}
    other = (author or partner if way == "in" else partner) or None
    end = _chat.identity(other, numbers=about.whatsapp) if other else None
    return {"direction": way, "other": end, "name": None if end == other else other}


def _sent(row: Mapping[str, Any]) -> str | None:
    return next((_way(row[key]) for key in _WAYS if key in row), None)


def _way(value: object) -> str | None:
    return {"1": "out", "true": "out", "0": "in", "false": "in"}.get(str(value).strip().casefold())


def _time(row: Mapping[str, Any]) -> Fields:
    written = next((str(row[key]).strip() for key in _TIMES if row.get(key)), None)
    if written and (epoch := _EPOCH.fullmatch(written)):
        return {"epoch_ms": epoch[1] + (epoch[2] or "000")}
    return {"time": written}


def _ids(found: Mapping[str, Any], keys: Iterable[str]) -> frozenset[str]:
    return frozenset(known for key in keys if (known := _text(found, (key,))))


def _text(found: Mapping[str, Any], keys: Iterable[str]) -> str:
    """The first of these members that says something."""
    values = (_chat.unmarked(str(found[key])) for key in keys if isinstance(found.get(key), str | int))
    return next((value for value in values if value), "")
