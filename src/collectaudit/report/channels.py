"""Where a complaint can be handed in: what each place asks for, and which of that is still missing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import WrongUse
from ..safe_text import term_safe

_DATA = Path(__file__).with_suffix(".toml")
BASES = ("V", "R", "own")  # read · reported · no reliable account found, so the common core of a complaint


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a place asks for. `source`: who gives it: person · agent (if one acts) · records · hand (in ink)."""

    key: str
    source: str
    zh: str
    en: str
    blank_zh: str = ""
    blank_en: str = ""

    def name(self, lang: str) -> str:
        """What people call it."""
        return str(getattr(self, lang))

    def blank(self, lang: str) -> str:
        """What stands on the empty line: （待填写：…）."""
        what = str(getattr(self, f"blank_{lang}")) or self.name(lang)
        return f"（待填写：{what}）" if lang == "zh" else f"(to be filled in: {what})"


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to enclose. `own`: not in the pack, the person adds it; `agent`: only if somebody acts for them."""

    key: str
    zh: str
    en: str
    own: bool = False
    agent: bool = False

    def name(self, lang: str) -> str:
        """What people call it."""
        return str(getattr(self, lang))


@dataclass(frozen=True, slots=True)
class Channel:
    """A place that takes complaints. `short`: characters of the short form; `short_found`: the place says so."""

    id: str
    aliases: tuple[str, ...]
    jurisdiction: str
    texts: Mapping[str, str]
    asks: tuple[Field, ...]
    papers: tuple[Paper, ...]
    short: int
    short_found: bool
    basis: str
    source: tuple[str, ...]

    def text(self, name: str, lang: str) -> str:
        """`name`: "" (what it is called), to, title, for, note."""
        return self.texts[f"{name}_{lang}" if name else lang]

    def attach(self, *, agent: bool) -> list[Paper]:
        """What to enclose; papers for somebody who acts for another only if somebody does."""
        return [paper for paper in self.papers if agent or not paper.agent]


@cache
def fields() -> Mapping[str, Field]:
    """Every field that some place asks for, by key."""
    return {row["key"]: _field(row) for row in _data()["field"]}


@cache
def channels() -> tuple[Channel, ...]:
    """All places, in the order in which they are shown."""
    papers = {row["key"]: Paper(**row) for row in _data()["paper"]}
    return tuple(_channel(row, papers) for row in _data()["channel"])


def channel(name: str) -> Channel:
    """The place of this id or alias (12378, 12315, …); raises WrongUse with the nearest one."""
    known = {key: place for place in channels() for key in (place.id, *place.aliases)}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 1, 0.5)
    every = ", ".join(place.id for place in channels())
    fix = f"Did you mean {near[0]}? Known: {every}." if near else f"Known: {every}."
    raise WrongUse(f"{term_safe(name)} is not a channel", fix)


def missing(place: Channel, given: Mapping[str, str]) -> list[Field]:
    """What the place asks of the person and nobody has said yet; nothing is ever filled in for them.

    Signature and date are left out: they are written on the print. If somebody acts for the person, that one's name
    and identity are asked for too.
    """
    asked = [field for field in place.asks if field.source == "person"]
    if any(given.get(key) for key in agent_keys()):
        asked += [fields()[key] for key in agent_keys()]
    return [field for field in asked if not given.get(field.key, "").strip()]


@cache
def agent_keys() -> tuple[str, ...]:
    """The fields about somebody who acts for the person."""
    return tuple(key for key, field in fields().items() if field.source == "agent")


@cache
def _data() -> Mapping[str, Any]:
    with _DATA.open("rb") as file:
        return tomllib.load(file)


def _field(row: Mapping[str, str]) -> Field:
    return Field(row["key"], row["from"], row["zh"], row["en"], row.get("blank_zh", ""), row.get("blank_en", ""))


def _channel(row: Mapping[str, Any], papers: Mapping[str, Paper]) -> Channel:
    return Channel(
        id=row["id"],
        aliases=tuple(row["aliases"]),
        jurisdiction=row["jurisdiction"],
        texts={key: text for key, text in row.items() if isinstance(text, str)},
        asks=tuple(fields()[key] for key in row["asks"]),
        papers=tuple(papers[key] for key in row["attach"]),
        short=row["short"],
        short_found=row["short_found"],
        basis=row["basis"],
        source=tuple(row["source"]),
    )
