"""Blocks of text that a PDF or a DOCX is drawn from, and how periods and parties are written in every form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from .. import dates
from ..catalogue import Words
from .typeset import Block, Run

Row = Mapping[str, Any]
_NUMERALS = "一二三四五六七八九十"
_OPEN_UNTIL, _OPEN_SINCE = 9000, 1901  # years that stand for "open" in the tables


def run(text: object, **marks: object) -> Run:
    """A piece of text with its marks; without those that are None."""
    return {"t": str(text), **{name: mark for name, mark in marks.items() if mark is not None}}


def heading(text: str, level: int, ident: str | None = None, *, page: bool = False) -> Block:
    """A heading; `page`: on a new page."""
    return {"k": "h", "level": level, "text": text, "page": page, **({"id": ident} if ident else {})}


def para(*runs: Run | str, **marks: object) -> Block:
    """A paragraph."""
    return {"k": "p", "runs": [run(part) if isinstance(part, str) else part for part in runs], **marks}


def note(text: str) -> Block:
    """What the reader has to know about what follows."""
    return {"k": "note", "runs": [run(text)]}


def items(rows: Iterable[str | list[Run]]) -> Block:
    """A list."""
    return {"k": "items", "rows": list(rows)}


def table(widths: Sequence[float | str], head: Sequence[str], rows: Iterable[Sequence[str | list[Run]]]) -> Block:
    """A table with a head; widths are shares of the line, or "auto"."""
    return {"k": "table", "widths": list(widths), "head": list(head), "rows": [list(row) for row in rows]}


def pairs(rows: Iterable[tuple[str, str | list[Run]]], widths: Sequence[float] = (1, 3.4)) -> Block:
    """What it is on the left, and what it says on the right."""
    return {"k": "pairs", "widths": list(widths), "rows": [list(row) for row in rows]}


def numbered(title: str, n: int, lang: str) -> str:
    """The title of the n-th part: 一、…, or 1. …"""
    return f"{_numeral(n)}、{title}" if lang == "zh" else f"{n}. {title}"


def _numeral(n: int) -> str:
    if n <= 10:
        return _NUMERALS[n - 1]
    return ("十" if n < 20 else _NUMERALS[n // 10 - 1] + "十") + (_NUMERALS[n % 10 - 1] if n % 10 else "")


def period(since: date | datetime | str | None, until: date | datetime | str | None, words: Words) -> str:
    """From when to when; the end is the first moment after, and open ends are said as such."""
    known = (at if at is not None and _OPEN_SINCE <= int(str(at)[:4]) <= _OPEN_UNTIL else None for at in (since, until))
    first, last = (None if at is None else dates.day(words, at) for at in known)
    if first is None:
        return words("book.until", last=last) if last else words("book.always")
    return words("book.span", first=first, last=last) if last else words("book.since", first=first)


def who(number: str | None, role: str | None, names: Mapping[str, str], words: Words, agency: str = "") -> str:
    """A party in one line: firm, name, then role and number in brackets."""
    name = " ".join(part for part in (agency, names.get(number or "", "")) if part)
    about = words("summary.comma").join(
        part for part in (words.word("role", role) if role else "", words.number(number)) if part
    )
    if not name:
        return about or words("book.nobody")
    return words("book.who", name=name, about=about)


def lasted(row: Row, words: Words) -> str:
    """How long a call lasted, or else what became of the contact."""
    return (
        words("book.seconds", n=int(row["duration_s"])) if row["duration_s"] else words.word("outcome", row["outcome"])
    )


def names_of(parties: Iterable[Row]) -> dict[str, str]:
    """Number → what people call whoever has it."""
    return {row["number"]: row["name"] or row["organisation"] or "" for row in parties}


def refs(numbers: Iterable[int], linked: frozenset[int], lang: str) -> list[Run]:
    """Exhibit numbers, each leading to its exhibit if that is in this volume."""
    comma = "、" if lang == "zh" else ", "
    runs: list[Run] = []
    for n in numbers:
        runs += [run(comma)] if runs else []
        runs.append(run(n, to=f"exhibit-{n}") if n in linked else run(n))
    return runs
