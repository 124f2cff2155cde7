"""Messages of QQ, exported from a computer as text: one or many chats, each under the name of whom it is with.

QQ writes every chat once under its group of contacts and again under 最近联系人, the latest ones.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _chat, _decode
from collectaudit.sources._chat import Heading, Line

NAME = "qq"

_FIRST = re.compile(r"\s*消息记录[（(]此消息记录为文本格式")
_RULE = re.compile("={20,}")
_TITLE = re.compile(r"消息(分组|对象)[:：](.*)")
_HEADING = re.compile(
    r"(\d{4}-\d{2}-\d{2}) (?:(?P<before>上午|下午) ?)?(?P<clock>\d{1,2}:\d{2}:\d{2})(?: (?P<after>[AP]M))? +"
    r"(?:【[^【】]{1,20}】)?"
    r"(?P<author>[^\n]{0,80}?(?:\(\d{4,12}\)|<[^<>\s]{1,60}@[^<>\s]{1,60}>)|[^\n]{1,80})",
    re.ASCII,
)
_ID = re.compile(r"(?:\(\d{4,12}\)|<[^<>\s]+>)\Z", re.ASCII)
_SYSTEM = re.compile(r"系统(?:消息|提示)\((?:10000|1000000)\)")  # who tells what QQ itself has to say
_LATEST = "最近联系人"


@dataclass(slots=True)
class _Part:
    """The lines of one chat: its group of contacts, whom it is with, and its lines."""

    group: str = ""
    partner: str | None = None
    lines: list[Line] = field(default_factory=list)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the file begins as QQ begins such an export."""
    return _FIRST.match(_decode.opening(head).removeprefix("\ufeff")) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once; those under the latest contacts only where they stand nowhere else."""
    groups, moved, seen = set[str](), False, _chat.Survey()
    for part in _parts(_chat.lines(job, facts)):
        seen = _chat.survey(part.lines, _heading)
        moved = moved or seen.moved or (part.partner is None and bool(seen.authors))
        groups.add(part.group)
    ended, again = _chat.ended(job), 0
    half = seen.half and not ended
    _chat.judge(facts, moved=moved, cut=not ended)
    for part, last in _to_last(_parts(_chat.lines(job, facts))):
        authors = _chat.survey(part.lines, _heading).authors
        if part.group == _LATEST and groups - {_LATEST, ""}:
            again += 1
            continue
        partner = next((author for author in authors if part.partner in (author, _ID.sub("", author))), part.partner)
        yield from _chat.read(part.lines, _heading, _chat.Chat(partner, authors, moved, half and last))
    if again:
        facts.notes.append(f"chats of the latest contacts, which stand under their groups, too, passed over: {again}")


def _heading(line: str) -> Heading | None:
    found = _HEADING.fullmatch(line.rstrip())
    author = _chat.unmarked(found["author"]) if found else ""
    if not found or not author:
        return None
    return Heading(f"{found[1]} {_clock(found)}", None if _SYSTEM.fullmatch(author) else author)


def _clock(found: re.Match[str]) -> str:
    """The time of 24 hours; QQ writes it as the computer shows times."""
    half, (hour, _, rest) = found["before"] or found["after"], found["clock"].partition(":")
    return f"{int(hour) % 12 + 12 * (half in ('下午', 'PM')) if half else int(hour):02}:{rest}"


def _parts(found: Iterable[Line]) -> Iterator[_Part]:
    """The chats in order. What a chat begins with are a rule, a title, and rules and titles after that."""
    part, rule, titled = _Part(), None, False
    for number, line in found:
        title = _TITLE.fullmatch(line.strip()) if rule or titled else None
        if title:
            if not titled or title[1] == "分组":
                yield part
                part = _Part(part.group)
            _entitle(part, title)
            rule, titled = None, True
        elif rule and _cut_title(line):
            rule = None
        elif _RULE.fullmatch(line.strip()):
            if rule:
                part.lines.append(rule)
            rule = None if titled else (number, line)
        else:
            if rule:
                part.lines.append(rule)
            first = _FIRST.match(line)
            rule, titled = None, bool(first) or (titled and not line.strip())
            if not first:
                part.lines.append((number, line))
    yield part


def _cut_title(line: str) -> bool:
    """Whether a file was cut in this line, which would have been a title."""
    rest = line.strip().rstrip("\ufffd")
    return bool(line.strip()) and any(title.startswith(rest) for title in ("消息分组:", "消息对象:"))


def _entitle(part: _Part, title: re.Match[str]) -> None:
    if title[1] == "分组":
        part.group = title[2].strip()
    else:
        part.partner = _chat.unmarked(title[2]) or None


def _to_last(parts: Iterable[_Part]) -> Iterator[tuple[_Part, bool]]:
    """Each chat, and whether it is the last."""
    before: _Part | None = None
    for part in parts:
        if before:
            yield before, False
        before = part
    if before:
        yield before, True
