"""Problems of files that people write (rules, regimes, words): where, what, and how to put it right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file; `line` is 1-based. Ordered by place, so that a list sorts as one reads."""

    path: str
    line: int
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}; {self.fix}"


def suggestion(word: object, known: Iterable[str]) -> str:
    """What to write instead of a word that is not known: the nearest known one, then all of them."""
    words = list(known)
    near = difflib.get_close_matches(str(word), words, n=1)
    return (f'did you mean "{near[0]}"? ' if near else "") + "known: " + ", ".join(words)
