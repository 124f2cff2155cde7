"""Chats of QQ as the program QQ Chat Exporter writes them as text: who, when and what in a line each, under a title."""

import re
from collections.abc import Iterator

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _chat, _decode
from collectaudit.sources._chat import Fields, Heading, Survey

NAME = "qqtext"

_SIZE = 128 << 20
_FIRST = re.compile(r"\s*\[QQ(?:ChatExporter| Data Exporter)\b")
_HEAD = r"(?:\[\d+\]\n)?(?:\[[^\[\]\n]{1,20}\] ?)?(?P<author>[^\n]{1,200}):\n时间: "
_MESSAGE = re.compile(
    rf"^{_HEAD}(?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d)\n(?:类型: [^\n]*\n)?内容: ?", re.MULTILINE | re.ASCII
)
_NUMBER, _FILES = re.compile(r"\n\[\d+\]\Z"), re.compile(r"\n资源: \d+ 个文件\n(?:  - [^\n]*\n?)*\Z")
_RULE = re.compile(r"^={20,}$", re.MULTILINE)
_END = re.compile(r"^={20,}\n\s*导出完成", re.MULTILINE)
_ABOUT = re.compile(r"^(聊天名称|消息总数): (.+)$", re.MULTILINE)
_LABEL = re.compile(r"^(?:时间|内容|类型): ", re.MULTILINE)  # which stand in their places only


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the file begins with the name of that program and the lines about the chat."""
    text = _decode.opening(head).removeprefix("\ufeff")
    return _FIRST.match(text) is not None and "聊天名称: " in text


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once."""
    if job.path.stat().st_size > _SIZE:
        raise Unreadable("the file is larger than 128 MB: export the chat in parts, or as text")
    text = _decode.opening(job.path.read_bytes()).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    facts.encoding = "utf-8"
    end = _END.search(text)
    until = end.start() if end else len(text)
    found = list(_MESSAGE.finditer(text, 0, until))
    ends = [one.start() for one in found[1:]] + [until]
    title = text[: found[0].start()] if found else text
    about, seen = dict(_ABOUT.findall(title)), Survey()
    for one in found:
        seen.see(Heading(one["time"], _chat.unmarked(one["author"])))
    total = about.get("消息总数", "").strip()
    facts.declared = int(total) if total.isdecimal() else None
    last = text[found[-1].end() :] if found else ""
    cut = len(found) < (facts.declared or 0) or (
        end is None and (not _chat.ended(job) or _RULE.search(last) is not None)
    )
    between = [title, *(text[one.end() : at] for one, at in zip(found[:-1], ends, strict=False))]
    moved = seen.moved or any(map(_LABEL.search, between)) or len(found) > (facts.declared or len(found))
    _chat.judge(facts, moved=moved, cut=False)
    if cut and not moved:
        facts.status, facts.reason = "partial", "the file ends, or is damaged, before the end of its messages"
    line, before = 1, 0
    for one, at in zip(found, ends, strict=False):
        line, before = line + text.count("\n", before, one.start()), one.start()
        fault = _chat.MOVED if moved else "the file ends inside this message" if cut and at == until else None
        yield _message(one, text[one.end() : at], f"L{line}", fault, about.get("聊天名称"), seen)


def _message(
    one: re.Match[str], below: str, locator: str, fault: str | None, partner: str | None, seen: Survey
) -> Record | Reject:  # fmt: skip
    raw = (one[0] + below.rstrip())[:RAW_LIMIT]
    said = _FILES.sub("", _NUMBER.sub("", below.rstrip()))
    if "\ufffd" in raw:
        fault = "it holds bytes that are no characters"
    if fault:
        return Reject(locator, fault, raw)
    fields: Fields = {"channel": "im", "time": one["time"], "body": said or None}
    return Record(locator, fields | _chat.ends(_chat.unmarked(one["author"]), partner, seen.authors), raw)
