"""Chats of WeChat, as the tools write them that people use for it: WeChat itself exports none.

Read are the tables that name IsSender or is_sender and CreateTime, the table of 时间, 发送者 and 聊天对象 (other tools
call these by other names), and text: blocks of a line with time and author and the words below, or, of WechatExporter,
lines with author, time and words under a title. A WeChat name or id is no number.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject
from collectaudit.sources import _chat, _decode, _wechat_sent
from collectaudit.sources._chat import Fields, Heading, Survey
from collectaudit.sources._chat_table import Row, rows

NAME = "wechat"

_HEADING = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) ([^\s,，;|\t\[{<:：][^\n,;|\t:：]{0,40})", re.ASCII)
_QUOTED = re.compile(r"'(.+)'\Z")  # as WeFlow writes an author
_TITLE = re.compile(r"(.{1,200}) - 微信聊天[记記][录錄]")
_TITLED = re.compile(
    r"(?P<author>[^\n]{1,80}?) "
    r"\((?P<day>\d{4}-\d{2}-\d{2}) (?P<hour>\d{2})(?P<rest>:\d{2}:\d{2})(?: (?P<half>[AP]M))?\):"
    r"(?P<text>.*)",
    re.ASCII,
)
_CODED = frozenset({"TalkerId", "Type", "IsSender", "CreateTime", "StrContent", "StrTime"})
_PLAIN = frozenset({"时间", "发送者", "聊天对象", "内容"})
# The tables of chatlog and of MemoTrace (one chat a file), in the names of the plain one.
_CALLED: tuple[Mapping[str, str], ...] = (
    {"Time": "时间", "SenderName": "发送者", "TalkerName": "聊天对象", "Content": "内容", "Sender": "", "Talker": ""},
    {"消息ID": "", "类型": "消息类型", "发送人": "发送者", "时间": "时间", "内容": "内容"},
)
_WAYS = {"0": "in", "1": "out"}  # IsSender
_TEXT, _NOTICE = "1", frozenset({"10000", "10002", "系统", "系统消息"})
_SECONDS = re.compile(r"1\d{9}", re.ASCII)  # from 2001 to 2033
_SENDER = re.compile(r"(wxid_[\w-]{1,40}):\n", re.ASCII)  # before the words of a group
# A line that begins as a row does, within a cell: the cell had no end, or the lines were moved.
_ROW_BEGINS = re.compile(
    r"\n(?:\d+,[^,\n]*,\d+,\d*,[01],1\d{9},|\d{4}-\d{2}-\d{2} \d{2}:\d{2}[\d:]*,[^,\n]+,[^,\n]+,"
    r"|\d+,[^,\n]*,[^,\n]+,\d{4}-\d{2}-\d{2} \d{2}:\d{2}|\d+,\d*,[^,\n]+,[01],[^,\n]*,)",
    re.ASCII,
)
_QUARTER, _ZONES = 900, (-12 * 3600, 14 * 3600)  # every zone is so many seconds away from UTC


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the header is that of one of the two tables, or the text begins with a block."""
    text = _decode.opening(head).removeprefix("\ufeff")
    rows = [line for line in text.splitlines()[:50] if line.strip()]
    if not rows:
        return False
    if _columns(rows[0]) or (_TITLE.fullmatch(rows[0].strip()) and any(map(_titled, rows))):
        return True
    found = [heading for line in rows if (heading := _heading(line))]
    authors = {heading.author for heading in found}
    if any(map(_chat.is_log, authors)) or len(authors) > max(
        2, len(found) // 2
    ):  # each line of a log says another thing
        return False
    return len(rows) > 1 and _heading(rows[0]) is not None and _heading(rows[1]) is None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once."""
    _, first = next(((n, line) for n, line in _chat.lines(job, facts) if line.strip()), (0, ""))
    columns = _columns(first.removeprefix("\ufeff"))
    if columns:
        yield from _table(job, facts, columns)
        return
    title = _TITLE.fullmatch(first.removeprefix("\ufeff").strip())
    yield from _titled_text(job, facts, _chat.unmarked(title[1])) if title else _blocks(job, facts)


def _blocks(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    ended, seen = _chat.ended(job), _chat.survey(_chat.lines(job, facts), _heading)
    _chat.judge(facts, moved=seen.moved, cut=not ended)
    chat = _chat.Chat(None, seen.authors, seen.moved, seen.half and not ended)
    yield from _chat.read(_chat.lines(job, facts), _heading, chat)


def _titled_text(job: Job, facts: Facts, partner: str) -> Iterator[Record | Reject]:
    ended, seen = _chat.ended(job), _chat.survey(_below(job, facts), _titled, one_line=True, bare=True)
    _chat.judge(facts, moved=seen.moved, cut=not ended)
    authors = [author for author in seen.authors if not _glued(author, seen.authors)]
    chat = _chat.Chat(partner, authors, seen.moved, seen.half and not ended, one_line=True)

    def parse(line: str) -> Heading | None:
        found = _titled(line)
        sure = found is None or not _glued(found.author or "", seen.authors)
        return found if found is None or sure else replace(found, fault="where its author begins is not known")

    yield from _chat.read(_below(job, facts), parse, chat)


def _glued(author: str, authors: Collection[str]) -> bool:
    """Whether a notice may stand before an author, with no space between."""
    return any(author != one and author.endswith(one) for one in authors)


def _below(job: Job, facts: Facts) -> Iterator[_chat.Line]:
    """The lines below the title."""
    return islice((line for line in _chat.lines(job, facts) if line[1].strip()), 1, None)


def _titled(line: str) -> Heading | None:
    found = _TITLED.fullmatch(line)
    author = _chat.unmarked(found["author"]) if found else ""
    if not found or not author:
        return None
    hour, half = int(found["hour"]), found["half"]
    hour = hour % 12 + 12 * (half == "PM") if half else hour
    return Heading(f"{found['day']} {hour:02}{found['rest']}", author, found["text"])


def _heading(line: str) -> Heading | None:
    found = _HEADING.fullmatch(line.rstrip())
    author = _chat.unmarked(_QUOTED.sub(r"\1", found[2])) if found else ""
    return Heading(found[1], author) if found and author else None


def _columns(line: str) -> list[str] | None:
    names = [cell.strip().strip('"') for cell in line.strip().split(",")]
    for called in _CALLED:
        if set(names) >= set(called):
            return [called.get(name) or name for name in names]
    known = set(names) >= _CODED or set(names) >= _PLAIN or _wechat_sent.fits(frozenset(names))
    return names if known else None


# --- tables -------------------------------------------------------------------------------------------------------


def _table(job: Job, facts: Facts, columns: list[str]) -> Iterator[Record | Reject]:
    chats = _chats(job, facts, columns)
    moved = any(chat.moved for chat in chats.values())
    _chat.judge(facts, moved=moved, cut=not _chat.ended(job))
    for number, row, raw, wrong in rows(job, facts, columns):
        reason = wrong or _row_fault(row)
        if "\ufffd" in raw:
            reason = "it holds bytes that are no characters"
        elif not reason and _is_notice(row):
            reason = "a notice of the app, no message"
        elif not reason and "\n" in raw and (moved or _ROW_BEGINS.search(raw)):
            reason = _chat.MOVED
        locator = f"L{number}"
        if reason:
            yield Reject(locator, reason, raw[:RAW_LIMIT])
        else:
            yield Record(locator, _fields(row, chats), raw[:RAW_LIMIT])


def _row_fault(row: Row) -> str | None:
    return _coded_fault(row) if "IsSender" in row else _wechat_sent.fault(row) if "is_sender" in row else None


def _fields(row: Row, chats: Mapping[str, Survey]) -> Fields:
    if "is_sender" in row:
        return _wechat_sent.fields(row, chats[_chat_of(row)])
    return _coded(row, chats) if "IsSender" in row else _plain(row, chats)


def _chats(job: Job, facts: Facts, columns: list[str]) -> dict[str, Survey]:
    """The order of each chat, and who writes in it: of a coded table, those who are not the owner of the phone."""
    chats: dict[str, Survey] = {}
    for _, row, _, wrong in rows(job, facts, columns):
        if wrong or _is_notice(row):
            continue
        chat = chats.setdefault(_chat_of(row), Survey())
        if "IsSender" in row:
            chat.see(Heading(row["CreateTime"], _shown(row) if row["IsSender"].strip() == "0" else None))
        elif "is_sender" in row:
            chat.see(_wechat_sent.heading(row))
        else:
            chat.see(Heading(row["时间"], _sender(row)))
    return chats


def _chat_of(row: Row) -> str:
    return (
        row["TalkerId"]
        if "TalkerId" in row
        else _chat.unmarked(row.get("聊天对象", "") or row.get("Talker", "") or row.get("room_name", ""))
    )


def _sender(row: Row) -> str:
    """Who wrote; the one whom a chat is with is called as the chat is."""
    if row.get("Sender") and row["Sender"] == row.get("Talker"):
        return _chat_of(row)
    return _chat.unmarked(row["发送者"] or row.get("Sender", ""))


def _is_notice(row: Row) -> bool:
    if "type_name" in row:
        return _wechat_sent.is_notice(row)
    return (row["Type"] if "Type" in row else row.get("消息类型", "")).strip() in _NOTICE


def _coded_fault(row: Row) -> str | None:
    """Why a row cannot be right. Its two times are of one moment, in some zone, or cells of two rows got mixed."""
    created, written = row["CreateTime"].strip(), row["StrTime"].strip()
    if row["IsSender"].strip() not in _WAYS:
        return f"whether it was sent or received is not known: {row['IsSender'][:40]}"
    if not _SECONDS.fullmatch(created):
        return f"time cannot be read: {created[:40]}"
    try:
        away = datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp() - int(created) if written else 0
    except ValueError:
        return f"time cannot be read: {written[:40]}"
    return None if away % _QUARTER == 0 and _ZONES[0] <= away <= _ZONES[1] else "the two times of this row do not agree"


def _shown(row: Row) -> str:
    """What the owner of the phone calls the sender: the remark, else the nickname, else the id."""
    names = [_chat.unmarked(row.get(column, "")) for column in ("Remark", "NickName", "Sender")]
    said_by = _SENDER.match(row["StrContent"])
    return next((name for name in [*names, said_by[1] if said_by else ""] if name), "")


def _coded(row: Row, chats: Mapping[str, Survey]) -> Fields:
    way, others = _WAYS[row["IsSender"].strip()], list(chats[_chat_of(row)].authors)
    other = (_shown(row) if way == "in" else others[0] if len(others) == 1 else "") or None
    body = _SENDER.sub("", row["StrContent"], count=1) if row["Type"].strip() == _TEXT else None
    ends: Fields = {"direction": way, "other": _chat.identity(other) if other else None, "name": other}
    return {"channel": "im", "epoch_ms": row["CreateTime"].strip() + "000", "body": body or None} | ends


def _plain(row: Row, chats: Mapping[str, Survey]) -> Fields:
    sender, partner = _sender(row), _chat_of(row)
    ends = _chat.ends(sender, partner or None, chats[partner].authors)
    return {"channel": "im", "time": row["时间"].strip(), "body": row["内容"] or None} | ends
