"""Texts that differ only in numbers of which no word is made: what stands in one stands in all, in the same place."""

import re
from collections.abc import Iterable

from ..text import letters
from .matcher import Matcher

# Each of these becomes one character when it is folded, and none a digit: a number stays the number that it is.
PLAIN = re.compile("[\n -~\u4e00-\u9fff、。【】，！（）：；？]*")
_NUMBER = re.compile("[0-9]+")
_AT_AN_END = re.compile("^[0-9]+[^0-9]?|[^0-9]?[0-9]+$")
_HAN_PAIR = re.compile("[\u3400-\u9fff]{2}")
_ANY = "\0"  # not plain: in a text with numbers left out it can stand for nothing else


class Alike:
    """Tells texts that are alike to a matcher from others."""

    def __init__(self, matcher: Matcher) -> None:
        words = matcher.vocabulary.words
        self._whole = frozenset(number for word in words for number in _NUMBER.findall(word))
        # These may begin or end within a longer number: the matcher looks for them across signs, or past their end.
        loose = [word for word in words if _HAN_PAIR.search(word) or word.endswith("*")]
        ends = {end for word in (*loose, *matcher.solid_words) for end in _AT_AN_END.findall(word.rstrip("*"))}
        self._partly = re.compile(_either(ends) if ends else "(?!)")

    def shape(self, text: str) -> str:
        """The same for texts that are alike, and only for them."""
        return _NUMBER.sub(self._left_out, text) if PLAIN.fullmatch(text) else text

    def _left_out(self, found: re.Match[str]) -> str:
        number, (start, end) = found[0], found.span()
        around = letters(found.string[max(start - 1, 0) : end + 1])
        return number if number in self._whole or self._partly.search(around) else _ANY * len(number)


def _either(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts)))
