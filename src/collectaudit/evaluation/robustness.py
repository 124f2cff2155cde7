"""Are words still found when they are disguised, and do disguises make innocent texts look otherwise?"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from ..quoting import merged
from ..signals import Reviewer
from .disguises import DISGUISES, Span, disguised
from .figures import share
from .rows import LAWFUL, VIOLATING, Row
from .trial import FINDING, REVIEW, Heard, Said, judge

DRAWS = 3  # disguises of each kind for each row, each from a seed of its own
_INSIDE_LATIN = re.compile(r"[A-Za-z0-9]{2}")
_STRETCH = 8  # characters disguised where nothing was found, if nothing was found anywhere


@dataclass(frozen=True, slots=True)
class _Trial:
    """A disguised row, and what came of it undisguised."""

    kind: str
    verdict: str
    plain: Heard
    said: Said


def robustness(rows: Sequence[Row], *, reviewer: Reviewer | None, threads: int | None) -> dict[str, Any]:
    """For each disguise: how many of the rows that were found are still found, and how many false alarms it adds.

    All rows are judged as text messages, as only what is typed can be disguised; `clean` rows are found as such.
    """
    chosen = [row for row in rows if row.verdict in (VIOLATING, LAWFUL)]
    plain = judge([_said(row, (row.text,)) for row in chosen], reviewer=reviewer, threads=threads)
    trials = list(_trials(chosen, plain))
    heard = judge([trial.said for trial in trials], reviewer=reviewer, threads=threads)
    return {kind: _figures([pair for pair in zip(trials, heard, strict=True) if pair[0].kind == kind])
            for kind in DISGUISES}  # fmt: skip


def _said(row: Row, parts: tuple[str, ...]) -> Said:
    return Said(parts, row.from_role, row.to_role, "sms")


def _trials(rows: Sequence[Row], plain: Sequence[Heard]) -> Iterator[_Trial]:
    """What was found is disguised where it was found, a lawful row at any place over a length that is usual."""
    stretches = [merged([(span.start, span.end) for span in heard.spans]) for heard in plain]
    lengths = [end - start for found in stretches for start, end in found]
    usual = median_low(lengths) if lengths else _STRETCH
    for number, (row, heard, found) in enumerate(zip(rows, plain, stretches, strict=True)):
        if row.verdict == VIOLATING and not found:
            continue
        for kind in DISGUISES:
            for draw in range(DRAWS):
                rng = random.Random(f"{kind} {number} {draw}")  # noqa: S311 — not a secret: the same every time
                spans = found if row.verdict == VIOLATING else [_somewhere(row.text, usual, rng)]
                if parts := disguised(kind, row.text, spans, rng):
                    yield _Trial(kind, row.verdict, heard, _said(row, parts))


def _somewhere(text: str, length: int, rng: random.Random) -> Span:
    """A stretch of about that length; like what is found, it holds no part of a Latin word."""
    start = rng.randrange(max(len(text) - length, 0) + 1)
    end = min(start + length, len(text))
    while start > 0 and _INSIDE_LATIN.match(text, start - 1):
        start -= 1
    while end < len(text) and _INSIDE_LATIN.match(text, end - 1):
        end += 1
    return start, end


def _figures(tried: Sequence[tuple[_Trial, Heard]]) -> dict[str, Any]:
    """`caught`: still found at all; `same_tier`: no tier below; `added`: lawful texts that only now come out so."""
    wrongful = [(trial.plain.tier, heard.tier) for trial, heard in tried if trial.verdict == VIOLATING]
    lawful = [(trial.plain.tier, heard.tier) for trial, heard in tried if trial.verdict == LAWFUL]
    caught = sum(now is not None for _, now in wrongful)
    same = sum(now in (FINDING, before) for before, now in wrongful)
    rate, interval = share(caught, len(wrongful) - caught)
    added = {
        "finding": sum(now == FINDING != before for before, now in lawful),
        "review": sum(now == REVIEW and before is None for before, now in lawful),
    }
    return {
        "tried": len(wrongful), "caught": rate, "ci": interval, "same_tier": share(same, len(wrongful) - same)[0],
        "lawful_tried": len(lawful), "added": added,
    }  # fmt: skip
