"""Chats of WhatsApp, exported as text: Android and iPhone, in the shapes of date that their languages have.

An export says neither the zone nor whose phone it is from, and names people as that phone's address book does. Calls
are not in it. Where nothing in the file tells day from month or year, such a date is a reject (see _days.py).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _chat, _decode
from collectaudit.sources._chat import Heading
from collectaudit.sources._days import Days
from collectaudit.sources._stamps import Order, Shape, stamp
from collectaudit.times import AMBIGUOUS, DAY_OR_YEAR, by_custom

NAME = "whatsapp"

_AUTHOR_LIMIT = 100
_ENDING = re.compile(r"(?: ?\(\d{1,3}\))?\.(?:txt|zip)$", re.IGNORECASE)
_QUOTES = frozenset('"“”«»')  # a subject that somebody gave a group stands in quotes, and may hold a colon
# What the app itself says begins with U+200E; of that, places of pictures, sounds and files, and what was taken back
# later, are messages.
_OMITTED = (
    "omitted", "省略", "忽略", "略去", "omitid", "ocultad", "weggelassen", "omis", "absente", "omess", "weggelaten",
    "пропущ", "отсутству", "dahil edilmedi", "tidak disertakan", "छोड़", "استبعاد", "생략", "pominięt", "utelämna",
    "udelad", "utelatt", "הושמט",
)  # fmt: skip
_MESSAGE = "message|消息|訊息|mensaje|mensagem|nachricht|messaggio|bericht|сообщени|mesaj|pesan|メッセージ|메시지"
_DELETED = (
    "deleted|删除|刪除|撤回|eliminó|eliminaste|eliminado|apagou|apagada|gelöscht|supprimé|eliminato|verwijderd|удал|silindi"
    "|dihapus|削除|삭제"
)
_PLACE = re.compile(
    rf"<[^<>]{{1,300}}>|[^:]{{0,80}}(?:{'|'.join(_OMITTED)})|[^:]{{1,40}}: https?://"
    rf"|(?=[^:]{{0,80}}(?:{_MESSAGE}))[^:]{{0,80}}(?:{_DELETED})",
    re.DOTALL | re.IGNORECASE,
)
_ENCRYPTED = re.compile(r"end-to-end encrypted|端到端加密|端對端加密")
_WITH = re.compile(
    r"(?:WhatsApp[ -]Chat (?:with|-|mit|met)|Chat (?:de )?WhatsApp (?:con|com|dengan)|Conversa do WhatsApp com"
    r"|Discussion WhatsApp avec) (?P<a>.+)|[与與](?P<b>.+?)的 ?WhatsApp ?(?:聊天[记記][录錄]|[对對][话話])",
    re.IGNORECASE,
)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the first line that is not blank is the heading of a message or of a notice."""
    text = _decode.opening(head[: _decode.BLOCK]).lstrip("\ufeff")
    first = next((line for line in text.splitlines() if _chat.unmarked(line)), "")
    found = stamp(first)
    return found is not None and bool(found.rest.strip()) and not _chat.is_log(_chat.unmarked(found.rest))


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once; what the app says itself, and what has no sure date, is a reject."""
    parse, ended = _parser(*_survey(job, facts)), _chat.ended(job)
    seen = _chat.survey(_chat.lines(job, facts), parse, one_line=True)
    half = seen.half and not ended
    _chat.judge(facts, moved=seen.moved, cut=not ended)
    chat = _chat.Chat(_partner(job.name), seen.authors, seen.moved, half, one_line=True, numbers=True)
    yield from _chat.read(_chat.lines(job, facts), parse, chat)


def _survey(job: Job, facts: Facts) -> tuple[Shape | None, Order]:
    """The shape that most headings have, and in which order day, month and year stand in these."""
    found: dict[Shape, Days] = {}
    shapes = Counter[Shape]()
    for _, line in _chat.lines(job, facts):
        heading = stamp(line)
        if heading:
            shapes[heading.shape] += 1
            if not heading.year_first:
                author, words = _said(heading.rest)
                found.setdefault(heading.shape, Days()).see(heading, "" if author else words)
    shape = next(iter(shapes.most_common(1)), (None, 0))[0]
    if shape is None or shape not in found:
        return shape, None
    order = found[shape].order(job.order)
    if order is None and job.region == "US" and found[shape].american:
        order = "mdy"
        facts.notes.append(by_custom(found[shape].example))
    return shape, order


def _parser(shape: Shape | None, order: Order) -> Callable[[str], Heading | None]:
    def parse(line: str) -> Heading | None:
        found = stamp(line)
        if found is None or found.shape != shape:
            return None
        author, text = _said(found.rest)
        day = found.day(order)
        if day is None:
            return Heading("", author, text, f"{DAY_OR_YEAR if order == '?' else AMBIGUOUS}{found.written}")
        if found.clock is None:
            return Heading("", author, text, f"time cannot be read: {found.written}")
        return Heading(f"{day} {found.clock}", author, text)

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


def _partner(name: str) -> str | None:
    """With whom, or with which group, the chat is, as the name of the file or of its folder tells."""
    for part in reversed(name.split("/")):
        found = _WITH.search(_ENDING.sub("", part))
        if found:
            return _chat.unmarked(found["a"] or found["b"])
    return None
