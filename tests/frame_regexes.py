"""The reference for frames: the same frame as a regular expression, for Python's `re` and for RE2."""

import re

from collectaudit.words.frames import ADJACENT, Frame, expand
from collectaudit.words.lexicon import Lexicon

_WORD = "[a-z0-9]"


def regex(frame: Frame, lexicon: Lexicon) -> str:
    """Leftmost, longest word first, nearest next slot: what `matcher` promises."""
    parts = [_slot(frame.slots[0], lexicon)]
    for gap, slot in zip(frame.gaps, frame.slots[1:], strict=True):
        any_character = "[\\s\\S]" if gap.crossing else "[^。!?;〗\\n]"
        parts.append(" ?" if gap.limit == ADJACENT else f"{any_character}{{0,{gap.limit}}}?")
        parts.append(_slot(slot, lexicon))
    return "".join(parts)


def _slot(slot: tuple[str, ...], lexicon: Lexicon) -> str:
    words = {word for name in slot for word in expand(name, lexicon.classes)}
    return "(?:" + "|".join(_word(word) for word in sorted(words, key=lambda w: (-len(w), w))) + ")"


def _word(word: str) -> str:
    bare = word.rstrip("*")
    left = r"\b" if re.match(_WORD, bare[0]) else ""
    right = f"{_WORD}*" if word != bare else r"\b" if re.match(_WORD, bare[-1]) else ""
    return left + re.escape(bare) + right
