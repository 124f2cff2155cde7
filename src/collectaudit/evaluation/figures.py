"""Precision, recall and F1 with intervals."""

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import exp, lgamma, log, sqrt
from typing import Any

DRAWS = 2_000
_SEED = 20250228
_TAIL = 0.025  # on either side of an interval

Counts = Sequence[float]


def measured(tp: int, fp: int, fn: int) -> dict[str, Any]:
    """The measures of so many rows found, found wrongly and missed, with 95 % intervals; None where nothing counts."""
    draws = _draws((tp, fp, fn))
    measures = {"precision": _precision, "recall": _recall, "f1": _f1}
    figures: dict[str, Any] = {name: _rounded(measure((tp, fp, fn))) for name, measure in measures.items()}
    intervals = {name: _interval(measure, draws) for name, measure in measures.items()}
    return {**figures, "ci": intervals, "tp": tp, "fp": fp, "fn": fn}


def share(some: int, others: int) -> tuple[float | None, list[float] | None]:
    """`some` as a share of all, and its 95 % interval; None if there is nothing."""
    return _rounded(_precision((some, others))), _interval(_precision, _draws((some, others)))


def _precision(counts: Counts) -> float | None:
    return _ratio(counts[0], counts[1])


def _recall(counts: Counts) -> float | None:
    return _ratio(counts[0], counts[2])


def _f1(counts: Counts) -> float | None:
    return _ratio(2 * counts[0], counts[1] + counts[2])


def _ratio(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest else None


def _draws(counts: Sequence[int]) -> list[Counts]:
    """Bootstrap: each row is drawn a Poisson number of times, so each count becomes a Poisson number of its size.

    The same as drawing rows with replacement, but for the total, and as quick for any number of rows.
    """
    rng = random.Random(_SEED)  # noqa: S311 — not a secret: the same figures every time
    tables = [_poisson(count) for count in counts]
    return [[bisect(table, rng.random()) for table in tables] for _ in range(DRAWS)]


def _poisson(mean: int) -> list[float]:
    """How likely a Poisson number is at most 0, 1, 2, …"""
    if not mean:
        return []
    most = mean + int(12 * sqrt(mean)) + 20
    return list(accumulate(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(most)))


def _interval(measure: Callable[[Counts], float | None], draws: Sequence[Counts]) -> list[float] | None:
    values = sorted(value for value in map(measure, draws) if value is not None)
    if not values:
        return None
    last = len(values) - 1
    return [round(values[round(_TAIL * last)], 4), round(values[round((1 - _TAIL) * last)], 4)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
