"""Sentences that the code makes in English, said in Chinese: pairs of templates in `catalogue/sentences.toml`."""

import operator
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "catalogue" / "sentences.toml"
_ENDS = re.compile(r"(; |\n)")  # between the sentences of one text
_ENDS_WITHIN = 6  # a sentence, with what its holes hold, has fewer of them
_PLACES = 3  # `file:line: key: …` stands before a sentence at most so often
_DEPTH = 3  # sentences in the holes of sentences


@dataclass(frozen=True, slots=True)
class _Sentence:
    """An English template as a pattern, the Chinese one, and the holes whose content is a sentence, too."""

    pattern: re.Pattern[str]
    zh: str
    nested: frozenset[str]
    words: int  # letters of its own: the more it has, the less it leaves to holes
    ends: int  # of sentences, within it


@cache
def _catalogue() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


def pairs() -> list[tuple[str, str]]:
    """(English, Chinese) of every sentence."""
    return [(pair["en"], pair["zh"]) for pair in _catalogue()["sentence"]]


@lru_cache(maxsize=4096)
def in_chinese(text: str, depth: int = 0) -> str:
    """The text with each sentence in it that the catalogue knows in Chinese; everything else stays as it is.

    What stands in the holes is data: it is carried over and never a template.
    """
    pieces = _ENDS.split(text)
    said: list[str] = []
    known = False
    at = places = 0
    while at < len(pieces):
        found = _found(pieces, at, depth)
        if found is None and ": " in pieces[at] and places < _PLACES:
            place, colon, pieces[at] = pieces[at].partition(": ")
            said.append(place + colon)
            places += 1
            continue
        sentence, used = found or (pieces[at], 1)
        if known and found and said[-1] == "; ":
            said[-1] = "；"
        said += [sentence, *pieces[at + used : at + used + 1]]
        known, at = found is not None, at + used + 1
    return "".join(said)


def _found(pieces: list[str], at: int, depth: int) -> tuple[str, int] | None:
    """The sentence that begins at a piece, in Chinese, and how many pieces it takes.

    Of several the one with most words of its own; one that leaves ends of sentences to its holes only if no other fits.
    """
    fitting: list[tuple[bool, int, int, _Sentence, dict[str, str]]] = []
    for used in range(1, min(2 * _ENDS_WITHIN, len(pieces) - at + 1), 2):
        text = "".join(pieces[at : at + used])
        for sentence in _sentences():
            if found := sentence.pattern.fullmatch(text):
                whole = 2 * sentence.ends == used - 1
                fitting.append((whole, sentence.words if whole else 0, -used, sentence, found.groupdict()))
    if not fitting:
        return None
    _, _, used, sentence, holes = max(fitting, key=operator.itemgetter(0, 1, 2))
    nested = {name: _word(holes[name], depth + 1) for name in sentence.nested} if depth < _DEPTH else {}
    return sentence.zh.format_map(holes | nested), -used


def _word(text: str, depth: int) -> str:
    """What stands in a hole marked `!s`."""
    return str(_catalogue()["words"].get(text) or in_chinese(text, depth))


@cache
def _sentences() -> tuple[_Sentence, ...]:
    """Most specific first."""
    found = (_sentence(en, zh) for en, zh in pairs())
    return tuple(sorted(found, key=lambda sentence: -sentence.words))


def _sentence(en: str, zh: str) -> _Sentence:
    words = sum(len(literal) for literal, *_ in string.Formatter().parse(en))
    pattern = re.compile(_pattern(en), re.DOTALL)
    return _Sentence(pattern, zh, frozenset(_nested(zh)), words, len(_ENDS.findall(en)))


def _pattern(template: str) -> str:
    """Linear: each hole but the last ends, once and for all, where the words behind it first appear."""
    words, names = [""], []
    for literal, name, *_ in string.Formatter().parse(template):
        words[-1] += re.escape(literal)
        if name is not None:
            names.append(name)
            words.append("")
    pattern = words[0]
    for name, behind in zip(names[:-1], words[1:], strict=False):
        pattern += f"(?>(?P<{name}>.*?){behind})"
    return pattern + (f"(?P<{names[-1]}>.*){words[-1]}" if names else "")


def _nested(template: str) -> Iterator[str]:
    for _, name, _, conversion in string.Formatter().parse(template):
        if name is not None and conversion == "s":
            yield name
