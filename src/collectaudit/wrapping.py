"""Lines that fit a terminal: Chinese characters take two columns and may break anywhere."""

import re
import unicodedata

# A run of narrow characters, or one wide character with the punctuation that may not begin a line.
_UNITS = re.compile(r"\s+|[^\s\u2e80-\U0003ffff]+|[\u2e80-\U0003ffff][、。，；：！？）》」』”’]*")


def cells(text: str) -> int:
    """How many columns a terminal gives the text."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces or between Chinese characters; a longer word stays whole."""
    lines = [""]
    for unit in _UNITS.findall(text):
        if lines[-1] and cells(lines[-1]) + cells(unit.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += unit if lines[-1] or len(lines) == 1 else unit.lstrip()
    return lines
