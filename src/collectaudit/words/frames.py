"""A frame: word classes in a row with bounded gaps between them. No regular expressions, so time stays linear."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ADJACENT = -1
_GAP = re.compile(r"\{(\d{1,3})(!?)\}")


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand between two slots: up to `limit` characters (ADJACENT: a blank at most), within one sentence
    unless `crossing`.
    """

    limit: int
    crossing: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """`slots`: for each place the names that may fill it, "@class" or a word; one gap between each two slots."""

    text: str
    slots: tuple[tuple[str, ...], ...]
    gaps: tuple[Gap, ...]


def parse(text: str) -> Frame | str:
    """The frame that a line of a lexicon writes down, or what is wrong with it.

    "@class word|other {6} @class": slots parted by blanks; {n} a gap, {n!} one that may cross sentence ends.
    """
    slots: list[tuple[str, ...]] = []
    gaps: list[Gap] = []
    for token in text.split():
        found = _GAP.fullmatch(token)
        if not found:
            gaps += [Gap(ADJACENT)] if len(slots) > len(gaps) else []
            slots.append(tuple(part if part.startswith("@") else part.replace("_", " ") for part in token.split("|")))
        elif len(slots) != len(gaps) + 1:
            return f'"{text}": a gap stands between two slots'
        else:
            gaps.append(Gap(int(found[1]), bool(found[2])))
    if not slots or len(gaps) != len(slots) - 1:
        return f'"{text}": begins and ends with a slot'
    for part in (part for slot in slots for part in slot):
        if len(part.strip("@* ")) < (3 if part.endswith("*") else 1) or set(part) & set("{}"):
            return f'"{text}": {part!r} is not a word'
    return Frame(text, tuple(slots), tuple(gaps))


def expand(name: str, classes: Mapping[str, Sequence[str]], above: tuple[str, ...] = ()) -> frozenset[str]:
    """The words of "@class", through the classes it names, or the word itself. KeyError for an unknown class."""
    if not name.startswith("@"):
        return frozenset((name,))
    if name in above:
        return frozenset()
    parts = (expand(part, classes, (*above, name)) for part in classes[name[1:]])
    return frozenset(word for part in parts for word in part)
