"""Lines that fit a terminal: Chinese characters take two columns and may break anywhere."""

import re
import unicodedata
from collections.abc import Sequence

_NARROWEST = 8  # column of a table
# A run of narrow characters, or one wide character, with the punctuation that may not end or begin a line.
_UNITS = re.compile(
    r"\s+|[“‘（《「『【⟦]*(?:[^\s\u2e80-\U0003ffff]+|[\u2e80-\U0003ffff])[、。，；：！？）》」』】⟧”’]*"
)


def cells(text: str) -> int:
    """How many columns a terminal gives the text."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces or between Chinese characters; a longer word stays whole."""
    return [text[start:end] for start, end in breaks(text, width)]


def breaks(text: str, width: int) -> list[tuple[int, int]]:
    """The lines of `wrap`, as places in the text; what lies between them is blank."""
    lines: list[tuple[int, int]] = []
    start = end = used = 0  # of this line: its place, where its last word ends, its columns so far
    for unit in _UNITS.finditer(text):
        size = cells(unit[0])
        if not unit[0].isspace():
            if unit.start() > start and used + size > width:
                lines.append((start, end))
                start, used = unit.start(), 0
            end = unit.end()
        used += size
    return [*lines, (start, len(text))]


def fold(text: str, width: int) -> list[str]:
    """As `wrap`, but a word longer than the line is cut."""
    lines = []
    for line in wrap(text, width):
        part = ""
        for char in line:
            if cells(part) + cells(char) > width:
                lines.append(part)
                part = ""
            part += char
        lines.append(part)
    return lines


def pad(text: str, width: int) -> str:
    """The text, filled up with spaces."""
    return text + " " * (width - cells(text))


def fit(rows: Sequence[Sequence[str]], width: int, whole: Sequence[bool]) -> list[int]:
    """Column widths of a table with gaps of two that fits `width`, if its widest columns that may break allow it."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        widest = max((size, at) for at, size in enumerate(widths) if not whole[at])
        if widest[0] <= _NARROWEST:
            break
        widths[widest[1]] -= 1
    return widths
