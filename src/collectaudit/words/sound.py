"""How Chinese sounds: each character by its syllable, without tone, as sounds.txt has it.

A recogniser that does not know a word writes another that sounds like it. Where it errs in the sound itself (z for zh,
n for l), nothing here helps.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

_FILE = Path(__file__).with_name("sounds.txt")
_FIRST_SIGN = 0xE000  # for private use: no such character is left in a folded text


def sounded(text: str) -> str:
    """A text by its sound: a sign in place of each character that is in the table, the others as they are."""
    return text.translate(_usual())


def forms(word: str) -> Iterator[str]:
    """All that a word can sound like, as `sounded` has it: a character may be read in several ways.

    Nothing for a word of one character, which sounds like too many others, and for one that is not all in the table.
    """
    if len(word) > 1 and all(char in _readings() for char in word):
        yield from map("".join, product(*(_readings()[char] for char in word)))


def syllables(text: str) -> int:
    """How many characters of a text are in the table."""
    return sum(char in _readings() for char in text)


@cache
def _usual() -> Mapping[int, str]:
    return {ord(char): signs[0] for char, signs in _readings().items()}


@cache
def _readings() -> Mapping[str, list[str]]:
    """Character → the signs of the syllables it is read as, the usual one first."""
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = [(chr(_FIRST_SIGN + n), line.split(" ", 1)[1].partition("|")) for n, line in enumerate(lines)]
    readings = {char: [sign] for sign, (usual, _, _) in rows for char in usual}
    for sign, (_, _, also) in rows:
        for char in also:
            readings[char].append(sign)
    return readings
