"""Chats of WhatsApp, exported as text: Android and iPhone, in the shapes of date that their languages have.

An export says neither the zone nor whose phone it is from, and names people as that phone's address book does. Calls
are not in it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _chat, _decode
from collectaudit.sources._chat import Heading

NAME = "whatsapp"

_SPACE = "[ \u00a0\u202f]"
_HEADING = re.compile(
    rf"(\[)?(?P<a>\d{{1,4}})(?P<sep>[./-])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{4}}|\d{{1,2}}),?{_SPACE}+"
    rf"(?:(?P<half>上午|下午|凌晨|清晨|早上|中午|傍晚|晚上){_SPACE}?)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    rf"(?:{_SPACE}?(?P<ampm>[ap]\.?{_SPACE}?m\.?))?(?(1)\]{_SPACE}|{_SPACE}-{_SPACE})(?P<rest>.*)",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
_EDGES = "\ufeff\u200e\u200f"
_YEAR_FIRST_OR_LAST = {(4, 1), (4, 2), (1, 2), (2, 2), (1, 4), (2, 4)}  # digits of the first and the last part
_AUTHOR_LIMIT = 100
_QUOTES = frozenset('"“”«»')  # a subject that somebody gave a group stands in quotes, and may hold a colon
# What the app itself says begins with U+200E; of that, the places of pictures, sounds and files are messages.
_PLACE = re.compile(r"<[^<>]{1,300}>|[^:]{1,60} omitted\b|.{0,60}(?:省略|忽略|略去)", re.DOTALL)
_ENCRYPTED = re.compile(r"end-to-end encrypted|端到端加密|端對端加密")
_WITH = re.compile(r"WhatsApp Chat (?:with|-) (?P<a>.+)|与(?P<b>.+?)的 ?WhatsApp ?聊天记录")
_DAYS = 5  # different days that must stand in order before their order says which number is the month

Shape = tuple[bool, str, bool, bool, bool]
Order = str | None  # "dmy", "mdy", or not known


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the first line that is not blank is the heading of a message or of a notice."""
    text = _decode.opening(head[: _decode.BLOCK]).lstrip("\ufeff")
    first = next((line for line in text.splitlines() if _chat.unmarked(line)), "")
    found = _match(first)
    return found is not None and bool(found["rest"].strip()) and not _chat.is_log(_chat.unmarked(found["rest"]))


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once; what the app says itself, and what has no sure date, is a reject."""
    parse, whole = _parser(*_survey(job, facts)), _chat.ended(job)
    seen = _chat.survey(_chat.lines(job, facts), parse)
    _chat.judge(facts, moved=seen.moved, whole=whole)
    chat = _chat.Chat(_partner(job.name), seen.authors, seen.moved, whole, one_line=True, numbers=True)
    yield from _chat.read(_chat.lines(job, facts), parse, chat)


def _match(line: str) -> re.Match[str] | None:
    found = _HEADING.match(line.lstrip(_EDGES))
    digits = (len(found["a"]), len(found["c"])) if found else (0, 0)
    return found if digits in _YEAR_FIRST_OR_LAST else None


def _shape(found: re.Match[str]) -> Shape:
    """What all headings of one export have in common; what is pasted into a message often differs in it."""
    halves = bool(found["half"] or found["ampm"])
    return (bool(found[1]), found["sep"], bool(found["second"]), len(found["a"]) == 4, halves)


@dataclass(slots=True)
class _Days:
    """The days of a file in which the year stands last: whether day or month comes first."""

    first: bool = False
    second: bool = False
    count: int = 0
    last: tuple[int, int, int] = (0, 0, 0)
    day_first: bool = True
    month_first: bool = True

    def see(self, a: int, b: int, year: int) -> None:
        if (a, b, year) == self.last:
            return
        self.first, self.second = self.first or a > 12, self.second or b > 12
        if self.count:
            last_a, last_b, last_year = self.last
            self.day_first = self.day_first and (year, b, a) > (last_year, last_b, last_a)
            self.month_first = self.month_first and (year, a, b) > (last_year, last_a, last_b)
        self.count, self.last = self.count + 1, (a, b, year)

    def order(self) -> Order:
        if self.first != self.second:
            return "dmy" if self.first else "mdy"
        if self.first or self.day_first == self.month_first or self.count < _DAYS:
            return None
        return "dmy" if self.day_first else "mdy"


def _survey(job: Job, facts: Facts) -> tuple[Shape | None, Order]:
    """The shape of the headings, and in which order day and month stand, from all of them."""
    shape, days = None, _Days()
    for _, line in _chat.lines(job, facts):
        found = _match(line)
        if found:
            shape = shape or _shape(found)
            if _shape(found) == shape and len(found["a"]) < 4:
                days.see(int(found["a"]), int(found["b"]), int(found["c"]))
    return shape, days.order()


def _parser(shape: Shape | None, order: Order) -> Callable[[str], Heading | None]:
    def parse(line: str) -> Heading | None:
        found = _match(line)
        if found is None or _shape(found) != shape:
            return None
        author, text = _said(found["rest"])
        written = found[0][: found.start("rest") - found.start()].strip("[] -")
        day, clock = _day(found, order), _clock(found)
        if day is None:
            return Heading("", author, text, f"day and month cannot be told apart: {written}")
        if clock is None:
            return Heading("", author, text, f"time cannot be read: {written}")
        return Heading(f"{day} {clock}", author, text)

    return parse


def _said(rest: str) -> tuple[str | None, str]:
    """Author and words; no author: a notice."""
    author, colon, text = rest.partition(": ")
    if not colon and rest.endswith(":"):
        author, colon = rest[:-1], ":"
    author = _chat.unmarked(author)
    if not colon or not author or len(author) > _AUTHOR_LIMIT or _QUOTES & set(author):
        return None, rest
    if text.startswith("\u200e") and (_ENCRYPTED.search(text) or not _PLACE.match(text.lstrip("\u200e"))):
        return None, rest
    return author, text


def _day(found: re.Match[str], order: Order) -> str | None:
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        return f"{a}-{b:02}-{c:02}"
    if order is None:
        order = "dmy" if a > 12 or a == b else "mdy" if b > 12 else None
    year = c if c > 99 else 2000 + c
    return None if order is None else f"{year}-{b:02}-{a:02}" if order == "dmy" else f"{year}-{a:02}-{b:02}"


def _clock(found: re.Match[str]) -> str | None:
    """The time of 24 hours; 晚上12点 could be noon's or midnight's and is not read."""
    hour, half = int(found["hour"]), found["half"] or (found["ampm"] or "")[:1].upper()
    if half:
        late = half in ("下午", "傍晚", "晚上", "P") or (half == "中午" and hour < 11)
        if hour > 12 or (half == "晚上" and hour in (0, 12)):
            return None
        hour = hour if half == "中午" and hour >= 11 else hour % 12 + 12 * late
    if hour > 23 or int(found["minute"]) > 59 or int(found["second"] or 0) > 59:
        return None
    return f"{hour:02}:{found['minute']}" + (f":{found['second']}" if found["second"] else "")


def _partner(name: str) -> str | None:
    """With whom, or with which group, the chat is, as the name of the file or of its folder tells."""
    for part in reversed(name.removesuffix(".txt").split("/")):
        found = _WITH.search(part)
        if found:
            return _chat.unmarked(found["a"] or found["b"])
    return None
