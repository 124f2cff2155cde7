"""Texts of the pages: from the catalogue, in the language chosen, and made harmless where data go into them.

Streamlit reads most of its arguments as Markdown. `say` and `label` are for those; `plain` and `visible` for widgets
that show text as it is. Nothing else may be handed to a widget (tests/test_app_texts.py).
"""

import re
from datetime import date, datetime
from functools import cache
from typing import Any

import streamlit as st

from collectaudit import dates
from collectaudit.catalogue import Words
from collectaudit.masking import masked
from collectaudit.safe_text import term_safe

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What is turned into links or pictures even where it is escaped: https://…, www.…, an e-mail address, :shortcode:
_TURNED = re.compile(r"(:(?=\S)|@|www(?=\.))", re.IGNORECASE)
WHOLE = "whole"  # what the address says of numbers that are shown whole
_JOINER = "\u2060"  # word joiner: seen by nobody, and no link any more


def lang() -> str:
    """The language of this session."""
    return str(st.session_state.get("lang", "zh"))


def words() -> Words:
    """The catalogue in the language of this session."""
    return words_in(lang())


@cache
def words_in(chosen: str) -> Words:
    """The catalogue in a language."""
    return Words(chosen, "app")


def say(key: str, /, **args: Any) -> str:
    """A text of the catalogue for a widget that reads Markdown; what is filled in is escaped."""
    return words()(key, **{name: label(value) if isinstance(value, str) else value for name, value in args.items()})


def plain(key: str, /, **args: Any) -> str:
    """A text of the catalogue for a widget that shows text as it is."""
    return words()(key, **{name: visible(value) if isinstance(value, str) else value for name, value in args.items()})


def label(text: object) -> str:
    """Data for a widget that reads Markdown: every sign stands for itself, nothing becomes a link or a picture."""
    line = " ".join(visible(text).split("\n"))
    parts = _TURNED.sub(r"\1" + _JOINER, line)
    return _PUNCTUATION.sub(r"\\\1", parts)


def visible(text: object) -> str:
    """Data for a widget that shows text as it is: lines stay lines, what hides or turns text round is written out.

    The middle of subscribers' numbers is hidden, unless the reader asked for all of it.
    """
    shown = "\n".join(term_safe(line.removesuffix("\r")) for line in str(text).split("\n"))
    return shown if whole_numbers() else masked(shown)


def whole_numbers() -> bool:
    """Whether telephone numbers are shown whole in this session."""
    return st.session_state.get("numbers") == WHOLE


def day(at: date | datetime | str | None) -> str:
    """A day as the reader writes it."""
    return dates.day(words(), at)


def moment(at: datetime | str | None, precision: str | None = "second") -> str:
    """A civil time as the reader writes it, to the precision of its source."""
    return dates.moment(words(), at, precision)


def zone(name: str | None) -> str:
    """A time zone as people call it, or by its name in the database of zones."""
    return visible(dates.zone(words(), name))


def length(seconds: float | None) -> str:
    """How long something lasts, or where in a recording it stands: 3:07, 1:02:45."""
    return dates.length(words(), seconds)


def size(count: int | None) -> str:
    """The size of a file: 1.2 MB, 3.4 kB."""
    if count is None:
        return plain("app.unknown")
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count / 1000:,.1f} kB"


def place(locator: str | None) -> str:
    """Where in a file a record stands; of a recording, what of it was read."""
    here = words()
    return here.word("place", locator) if f"place.{locator}" in here else visible(locator or "")


def reader(name: str | None, encoding: str | None) -> str:
    """What a file was read as, and its encoding."""
    key = f"files.as_{name}"
    told = plain(key) if key in words() else visible(name or "")
    return " · ".join(part for part in (told, (encoding or "").upper()) if part)


def who(number: str | None, role: str | None, name: str | None = None) -> str:
    """A party on one line: the name if it is known, the number, the role."""
    parts = [name, words().number(number), words().word("role", role) if role else plain("app.nobody_named")]
    return visible(" · ".join(part for part in parts if part))
