"""Texts for people, in Chinese and English, by key; the words lie in `catalogue/*.toml`."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .sentences import in_chinese

LANGUAGES = ("en", "zh")
UNSEEN = ("number not seen", "条号未见")  # what a regime's file says of an article instead of its number
_FOLDER = Path(__file__).with_suffix("")
# Columns of the data that hold codes, and the family of words that says them.
FAMILIES = {
    "channel": "channel", "channels": "channel", "to_role": "role", "from_role": "role", "role": "role",
    "suggested_role": "role", "speaker_role": "role", "fact": "fact", "allowed_if": "fact", "requires_fact": "fact",
    "waiver": "fact", "outcome": "outcome", "unit": "unit", "authority": "authority", "modality": "modality",
    "statements": "statement", "conduct": "conduct",
    "severity": "severity", "tier": "tier", "verdict": "verdict", "jurisdiction": "jurisdiction", "basis": "basis",
    "status": "status", "kind": "kind", "state": "state", "result": "check", "confidence": "confidence",
    "path": "path",
}  # fmt: skip


class Words:
    """The texts of one language: `words("key", n=3)`. Arguments are data and never templates."""

    def __init__(self, lang: str, part: str = "") -> None:
        """`part`: also the texts of `<lang>.<part>.toml`, which only that part of the program needs."""
        self.lang = lang
        self._texts = {**texts(lang), **texts(f"{lang}.{part}")} if part else texts(lang)

    def __call__(self, key: str, /, **args: object) -> str:
        """The text, filled in."""
        return self._texts[key].format_map({name: self._argument(value) for name, value in args.items()})

    def _argument(self, value: object) -> object:
        """A number agrees with its noun, a list is one of codes."""
        if isinstance(value, list):
            return self.value("fact", value)
        return _Count(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def word(self, family: str, code: str | None) -> str:
        """The word for a code of the data (`role`, `channel`, …); an unknown code stands for itself."""
        return self._texts.get(f"{family}.{code}", code or "") if code else self._texts["word.unknown"]

    def value(self, column: str, value: object) -> str:
        """What a cell of that column says to people: codes as words, lists joined, nothing as nothing."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._texts["word.yes" if value else "word.no"]
        if isinstance(value, list):
            return self._texts["summary.comma"].join(self.value(column, part) for part in value) or self("word.none")
        return self.word(FAMILIES[column], str(value)) if column in FAMILIES else str(value)

    def reason(self, stored: str | None) -> str:
        """Why a rule did not run, from the key and arguments that a run keeps."""
        if not stored:
            return ""
        because = json.loads(stored)
        return self(f"rule_reason.{because['key']}", **because["args"])

    def sentence(self, text: str | None) -> str:
        """A reason or an error that the code made in English, in this language; what is unknown stays as it is."""
        return in_chinese(text or "") if self.lang == "zh" else text or ""

    def number(self, number: str | None) -> str:
        """Who a number stands for, to be read: it may be a name in a chat, a phone nobody named, or withheld."""
        kind, colon, name = (number or "").partition(":")
        if number == "hidden" or (colon and kind in ("name", "phone")):
            return self(f"number.{kind}", name=name)
        return number or ""

    def article(self, cited: str | None) -> str:
        """A provision's number as it is cited; that nobody saw the number is said in this language."""
        return self("word.article_unseen") if cited in UNSEEN else cited or ""

    def pick(self, row: Mapping[str, object], name: str) -> str:
        """The column `name_en` or `name_zh` of a row, in this language."""
        return str(row.get(f"{name}_{self.lang}") or "")


class _Count(int):
    """A number that agrees with its noun: `{n:contact|contacts}`."""

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return format(int(self), spec or ",")
        one, many = spec.split("|")
        return f"{int(self):,} {one if self == 1 else many}"


@cache
def texts(lang: str) -> Mapping[str, str]:
    """Every text of a language (or of `<language>.<part>`) by its dotted key."""
    with (_FOLDER / f"{lang}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


def _flat(table: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value).strip("\n"))]
    return rows


def language(environ: Mapping[str, str]) -> str:
    """The language the environment asks for: COLLECTAUDIT_LANG, else the locale (zh… is Chinese, all else English)."""
    asked = environ.get("COLLECTAUDIT_LANG", "")
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if (asked or locale).lower().startswith("zh") else "en"
