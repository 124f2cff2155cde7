"""The reference for frames: the same frame as a regular expression, for Python's `re` and for RE2."""

import re
from collections.abc import Callable

from collectaudit.words.frames import ADJACENT, Frame, expand
from collectaudit.words.lexicon import Lexicon

_WORD = "[a-z0-9]"


def _nothing(_: str) -> str:
    return ""


def regex(frame: Frame, lexicon: Lexicon, also: Callable[[str], str] = _nothing) -> str:
    """Leftmost, longest word first, nearest next slot: what `matcher` promises. `also`: what else stands for a word."""
    parts = [_slot(frame.slots[0], lexicon, also)]
    for gap, slot in zip(frame.gaps, frame.slots[1:], strict=True):
        any_character = "[\\s\\S]" if gap.crossing else "[^。!?;〗\\n]"
        parts.append(" ?" if gap.limit == ADJACENT else f"{any_character}{{0,{gap.limit}}}?")
        parts.append(_slot(slot, lexicon, also))
    return "".join(parts)


def _slot(slot: tuple[str, ...], lexicon: Lexicon, also: Callable[[str], str]) -> str:
    words = sorted({word for name in slot for word in expand(name, lexicon.classes)}, key=lambda w: (-len(w), w))
    return "(?:" + "|".join(part for word in words for part in (_word(word), also(word)) if part) + ")"


def _word(word: str) -> str:
    bare = word.rstrip("*")
    left = r"\b" if re.match(_WORD, bare[0]) else ""
    right = f"{_WORD}*" if word != bare else r"\b" if re.match(_WORD, bare[-1]) else ""
    return left + re.escape(bare) + right
