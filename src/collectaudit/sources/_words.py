"""Words in cells and headers: how text is folded for comparison, and what a value table makes of a cell."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>")
_MARKS = re.compile(r"[\s_\-.:;,/\\\"'“”‘’「」*#\ufeff\u200b-\u200f]+")
_LATIN = re.compile(r"[a-z0-9 ]+")
# Marks of a word in a map: any text; not if it holds this; the whole cell; a whole cell of digits.
_EVERYTHING, _NOT, _WHOLE, _DIGITS = "*", "!", "=", "#"


def fold(text: str) -> str:
    """Text for comparing values: compatibility forms, case and runs of blanks do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fold_header(text: str) -> str:
    """A header for comparing: also without blanks, punctuation and bracketed units, `通话时长(秒)` → `通话时长`."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", _BRACKETS.sub("", plain)) or _MARKS.sub("", plain)


def contains(text: str, word: str) -> bool:
    """Whether folded text holds the folded word; a Latin word must stand alone (`in` is not in `outgoing`)."""
    if not _LATIN.fullmatch(word):
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None


class ValueTable:
    """What the words in a column mean: the first meaning, in listed order, one of whose words the cell contains."""

    def __init__(self, meanings: Mapping[str, Sequence[str]]) -> None:
        self._meanings = {meaning: _sorted_words(words) for meaning, words in meanings.items()}
        self._seen: dict[str, str | None] = {}
        self.unknown: set[str] = set()

    def of(self, text: str) -> str | None:
        """The meaning of a cell, or None; a text without one is remembered in `unknown` unless it is blank."""
        if text not in self._seen:
            if len(self._seen) > 100_000:  # a column of free text must not fill the memory
                self._seen.clear()
            self._seen[text] = self._find(fold(text))
        meaning = self._seen[text]
        if meaning is None and len(self.unknown) < 1000 and text.strip():
            self.unknown.add(text)
        return meaning

    def _find(self, text: str) -> str | None:
        if text in self._meanings:
            return text
        for meaning, (words, never) in self._meanings.items():
            if any(_fits(text, word) for word in words) and not any(contains(text, word) for word in never):
                return meaning
        return None


def _sorted_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that say it and, marked `!` in the map, those that deny it."""
    return (
        [fold(word) for word in words if not word.startswith(_NOT)],
        [fold(word[1:]) for word in words if word.startswith(_NOT)],
    )


def _fits(text: str, word: str) -> bool:
    if word.startswith(_WHOLE):
        return text == word[1:]
    if word == _DIGITS:
        return re.fullmatch(r"\d+(?:\.\d+)?", text) is not None
    return contains(text, word) if word != _EVERYTHING else bool(text)
