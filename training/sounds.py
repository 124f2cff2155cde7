"""Writes src/collectaudit/words/sounds.txt: which characters are read alike, without tones.

    pip install pypinyin==0.55.0
    python training/sounds.py

A table in the program and not a package asked at run time: the same version then hears the same, whatever is installed,
and a person who knows the language can read it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

TARGET = Path(__file__).parents[1] / "src/collectaudit/words/sounds.txt"
HEADER = """\
# The 6,763 characters of GB 2312 by how they are read, without tones; behind | those that are mostly read otherwise.
# Written by training/sounds.py from pypinyin 0.55.0 (MIT, Copyright (c) 2016 mozillazg).
"""
OFTEN, SHARE = 3, 0.04  # a second reading counts if so many words, and that share of a character's words, have it
RARE = 0.1  # a first reading that a tenth as many words have as another is not the usual one


def characters() -> list[str]:
    """Those of GB 2312, in its order."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [char for code in codes if (char := code.decode("gb2312", "ignore"))]


def readings(char: str, words: Mapping[str, Counter[str]]) -> list[str]:
    """How a character is read, the usual way first. `words`: in how many words it is read how."""
    known = list(dict.fromkeys(map(plain, PINYIN_DICT[ord(char)].split(","))))
    heard = words[char]
    first = max(known, key=lambda name: heard[name])
    if heard[known[0]] >= RARE * heard[first]:
        first = known[0]
    others = (name for name in known if heard[name] >= max(OFTEN, SHARE * heard.total()))
    return list(dict.fromkeys((first, *others)))


def plain(reading: str) -> str:
    """A syllable without its tone, in letters."""
    return to_normal(reading).replace("ü", "v").replace("ê", "e")


def main() -> None:
    """Write the table."""
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for word, syllables in PHRASES_DICT.items():
        for char, spoken in zip(word, syllables, strict=False):
            words[char][plain(spoken[0])] += 1
    usual: dict[str, str] = defaultdict(str)
    also: dict[str, str] = defaultdict(str)
    for char in characters():
        first, *others = readings(char, words)
        usual[first] += char
        for name in others:
            also[name] += char
    rows = [f"{name} {usual[name]}|{also[name]}".rstrip("|") for name in sorted(usual | also)]
    TARGET.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
