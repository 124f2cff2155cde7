"""Disguises that people put over words, to measure whether the words are still found."""

import random
import re
from collections.abc import Callable, Sequence
from functools import cache

from opencc import OpenCC

Span = tuple[int, int]
DISGUISES = ("zero_width", "separators", "full_width", "traditional", "emoji", "split")
SPLIT = "split"
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SIGNS = (" ", "*", ".", "-", "_", "·", "/", "|", "~", "#")
_EMOJI = ("🌸", "⭐", "🍀", "😊", "🎈", "❤️")
_SCRIPTS = ("s2t", "s2tw", "s2hk")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_INSIDE_WORDS = re.compile(r"(?<=[^\W_])(?=[^\W_])")
_ANYWHERE = re.compile(r"(?<=.)(?=.)", re.DOTALL)


def disguised(kind: str, text: str, spans: Sequence[Span], rng: random.Random) -> tuple[str, ...] | None:
    """The message or messages that `text` becomes when its `spans` (in order, apart) are disguised.

    None if that changes nothing, or if a text cannot be cut so that one span is torn and no other stays whole.
    """
    if kind == SPLIT:
        return _cut(text, spans, rng)
    if kind == "traditional":  # a writer of that script does not change it in mid-sentence
        changed = _converter(rng.choice(_SCRIPTS)).convert(text)
    else:
        changed = _over(text, spans, _STRETCHES[kind](rng))
    return None if changed == text else (changed,)


def _over(text: str, spans: Sequence[Span], change: Callable[[str], str]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], change(text[start:end])]
        done = end
    return "".join(pieces) + text[done:]


def _cut(text: str, spans: Sequence[Span], rng: random.Random) -> tuple[str, ...] | None:
    if len(spans) != 1 or spans[0][1] - spans[0][0] < 2:
        return None
    place = rng.randrange(spans[0][0] + 1, spans[0][1])
    parts = text[:place], text[place:]
    return parts if all(part.strip() for part in parts) else None


def _zero_width(rng: random.Random) -> Callable[[str], str]:
    return lambda part: _ANYWHERE.sub(lambda _: rng.choice(_ZERO_WIDTH), part)


def _separators(rng: random.Random) -> Callable[[str], str]:
    """One sign between all letters; who parts letters by blanks parts words by more of them."""
    sign = rng.choice(_SIGNS)
    return lambda part: _INSIDE_WORDS.sub(sign, part.replace(" ", "   ") if sign == " " else part)


def _emoji(rng: random.Random) -> Callable[[str], str]:
    return lambda part: _INSIDE_WORDS.sub(lambda _: rng.choice(_EMOJI), part)


def _full_width(_: random.Random) -> Callable[[str], str]:
    return lambda part: part.translate(_WIDE)


_STRETCHES = {"zero_width": _zero_width, "separators": _separators, "full_width": _full_width, "emoji": _emoji}


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)
