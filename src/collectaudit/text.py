"""Folding: the form of a text in which words are looked for, and the way back to the untouched original.

What it undoes was measured one by one: full-width letters, invisible characters, traditional script, emoji that stand
for a word, words kept apart by signs, and known disguised spellings.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from opencc import OpenCC

from .automaton import Find, longest_places
from .resources import folder

# How a hit was found, mildest first. Only through `spelling` does a person have to look.
PATHS = ("plain", "width", "script", "invisible", "separators", "emoji", "spelling")
_INVISIBLE = {"Cf", "Cc", "Mn", "Me", "Cs", "Co"}
_SAME = {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "｡": "。", "…": "。", "妳": "你", "\t": " "}
_HAN = "\u3400-\u9fff"
_ENDING = "。,，、!！?？:：;；"  # punctuation between whole words; other signs between Han characters are not
_GLUE = rf"[^\w\n【】〗{_ENDING}]"
_APART = re.compile(rf"(?<=[{_HAN}]){_GLUE}{{1,4}}(?=[{_HAN}])|(?<=[a-z])[*_~^|·•]+(?=[a-z])")
SIGNATURE_END = "〗"
_SIGNATURE = re.compile(r"\s*【[^】\n]{1,30}】")
_SIGN = r"(?:[^\w\n']|_)"
_LONE = rf"(?:[{_HAN}']|(?<![a-z0-9'])[a-z](?![a-z0-9']))"
_DENSE = re.compile(rf"{_LONE}(?:{_SIGN}{{1,3}}{_LONE}){{2,}}")
_SIGNS = re.compile(rf"{_SIGN}+")
_STOP = re.compile(r"(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)(?<!\bst)(?<!\bno)(?<!\bu\.s)\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what is searched. Its character i came from `raw[at[i]]`; `at` None: from `raw[i]`.

    `spelled`: the parts of `text` that stand for a disguised spelling.
    """

    raw: str
    text: str
    at: Sequence[int] | None = None
    spelled: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original that text[start:end] came from."""
        if self.at is None:
            return start, end
        for first, last in self.spelled:  # a disguise is quoted whole
            start = first if first < start < last else start
            end = last if first < end < last else end
        following = self.at[end] if end < len(self.at) else len(self.raw)
        return self.at[start], max(self.at[end - 1] + 1, following if self._spells(end - 1) else 0)

    def path(self, start: int, end: int) -> str:
        """By which of PATHS text[start:end] was found; the boldest counts."""
        if any(first < end and start < last for first, last in self.spelled):
            return "spelling"
        first, last = self.span(start, end)
        found = {_change(char) for char in self.raw[first:last]}
        if len(self.raw[first:last]) - sum(_table()[ord(c)] is None for c in self.raw[first:last]) > end - start:
            found.add("separators")
        return max(found, key=PATHS.index)

    def _spells(self, index: int) -> bool:
        return any(first <= index < last for first, last in self.spelled)


def fold(raw: str, *, message: bool) -> Folded:
    """Fold a text. `message`: written as one message, where any sign between two characters may be a disguise;
    in a transcript only runs of single characters are.
    """
    text = letters(raw)
    at: Sequence[int] | None = None
    if not _table().uneven.isdisjoint(raw):
        at = [index for index, char in enumerate(raw) for _ in _table()[ord(char)] or ""]
    text = _STOP.sub("。", text)
    if signature := _SIGNATURE.match(text):  # 【who writes】 is not part of the first sentence
        text = text[: signature.end() - 1] + SIGNATURE_END + text[signature.end() :]
    text, at = _joined(text, at, _DENSE)
    if message:
        text, at = _joined(text, at, _APART)
    return _respelled(raw, text, at)


def letters(raw: str) -> str:
    """The first step of folding: each character as it is searched."""
    return raw.translate(_table())


def _joined(text: str, at: Sequence[int] | None, disguise: re.Pattern[str]) -> tuple[str, Sequence[int] | None]:
    """Without the signs inside of what `disguise` finds; between Latin words one blank stays."""
    gone = [index for found in disguise.finditer(text) for index in _signs(text, found.start(), found.end())]
    if not gone:
        return text, at
    drop = set(gone)
    keep = [index for index in range(len(text)) if index not in drop]
    return "".join(text[index] for index in keep), [at[index] if at is not None else index for index in keep]


def _signs(text: str, start: int, end: int) -> list[int]:
    """The places of the signs in text[start:end]; a blank that parts Latin words is left out.

    Where most signs are single blanks, these are the disguise and a word ends where there are more of them.
    """
    runs = list(_SIGNS.finditer(text, start, end))
    spaced = 2 * sum(run[0] == " " for run in runs) > len(runs)
    gone: list[int] = []
    for run in runs:
        places = list(range(*run.span()))
        if " " in run[0] and (len(places) > 1 or not spaced) and text[places[0] - 1].isascii():
            places.remove(places[0] + run[0].index(" "))
        gone += places
    return gone


def _respelled(raw: str, text: str, at: Sequence[int] | None) -> Folded:
    """With known disguised spellings put right; all characters of a spelling lead to its first."""
    find, words = _spellings()
    found = find(text)
    if not found:
        return Folded(raw, text, at)
    pieces, places, spelled, done, length = [], [], [], 0, 0
    for index, start, end in found:
        pieces += [text[done:start], words[index]]
        places += [range(done, start), [start] * len(words[index])]
        length += start - done
        spelled.append((length, length + len(words[index])))
        length += len(words[index])
        done = end
    places.append(range(done, len(text)))
    origin = [at[index] if at is not None else index for index in chain.from_iterable(places)]
    return Folded(raw, "".join(pieces) + text[done:], origin, tuple(spelled))


def _change(char: str) -> str:
    """Which kind of folding a character of the original undergoes."""
    folded = _table()[ord(char)]
    if folded is None:
        return "invisible"
    if folded == char.lower() or char in _SAME or unicodedata.category(char)[0] == "P":
        return "plain"
    if char in _emoji():
        return "emoji"
    return "script" if char in _simplified() else "width"


class _Table(dict[int, "str | None"]):
    """For str.translate: a character → what is searched in its stead, None: nothing. Fills itself."""

    def __init__(self) -> None:
        self.uneven: set[str] = set()  # characters that become none or several

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        word = _SAME.get(char) or _emoji().get(char) or _letters(char)
        if len(word) != 1:
            self.uneven.add(char)
        self[code] = word or None
        return self[code]


def _letters(char: str) -> str:
    """Small letters of normal width, simplified; nothing for what cannot be seen."""
    if char in "\n ":
        return char
    normal = unicodedata.normalize("NFKC", char).lower()
    seen = (c for c in normal if unicodedata.category(c) not in _INVISIBLE)
    return "".join(_simplified().get(c, _SAME.get(c, c)) for c in seen)


@cache
def _table() -> _Table:
    return _Table()


@cache
def _simplified() -> Mapping[str, str]:
    """Traditional → simplified, character by character, as OpenCC has it for Taiwan.

    Left out: what is itself the simplified form of another (么, which would become 幺).
    """
    chars = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    lines = "\n".join(chars)
    simple, full = (OpenCC(name).convert(lines).split("\n") for name in ("tw2s", "s2t"))
    rows = zip(chars, simple, full, strict=True)
    return {char: new for char, new, old in rows if char != new and len(new) == 1 and old == char}


@cache
def _data() -> Mapping[str, Mapping[str, str]]:
    with (folder("lexicons") / "folding.toml").open("rb") as file:
        return tomllib.load(file)


def _emoji() -> Mapping[str, str]:
    return _data()["emoji"]


@cache
def _spellings() -> tuple[Find, tuple[str, ...]]:
    words = _data()["spelling"]
    return longest_places(tuple(words)), tuple(words.values())
