"""Shares of few contacts are uncertain: how far a share may lie from the truth, and from that of all others."""

from math import exp, lgamma, log, log1p, sqrt

Z95 = 1.959963984540054  # 97.5 % of a normal distribution lie below it
LIMITS = (0.95, 0.998)
FEW = 30  # contacts; below that nothing is compared


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float] | None:
    """The 95 % interval of a share (Wilson 1927, JASA 22:209–212); None of nothing.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    """
    if not whole:
        return None
    p, square = part / whole, z * z / whole
    middle, half = (p + square / 2) / (1 + square), z * sqrt(p * (1 - p) / whole + square / whole / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def limits(share: float, whole: int) -> dict[float, tuple[float, float]]:
    """Between which shares 95 % and 99.8 % of groups of `whole` contacts would lie, if `share` were true of each.

    Spiegelhalter 2005, Statistics in Medicine 24:1185–1202, A.1.1, exact for a binomial count: with r the least count
    for which P(R ≤ r) > p, the limit is (r − α) / n, α = (P(R ≤ r) − p) / P(R = r); cut at 0 and 1.
    """
    if not 0 < share < 1 or not whole:
        return dict.fromkeys(LIMITS, (share, share))
    tails = sorted(tail for width in LIMITS for tail in ((1 - width) / 2, (1 + width) / 2))
    found = dict(zip(tails, _quantiles(share, whole, tails), strict=True))
    cut = {tail: min(max(count / whole, 0.0), 1.0) for tail, count in found.items()}
    return {width: (cut[(1 - width) / 2], cut[(1 + width) / 2]) for width in LIMITS}


def _quantiles(share: float, whole: int, tails: list[float]) -> list[float]:
    """r − α for each p of `tails`, which ascend. Begins ten standard deviations below the mean: nothing lies before."""
    first = max(0, int(whole * share - 10 * sqrt(whole * share * (1 - share))) - 10)
    ways = lgamma(whole + 1) - lgamma(first + 1) - lgamma(whole - first + 1)
    mass = exp(ways + first * log(share) + (whole - first) * log1p(-share))
    below, at, odds, found = 0.0, first, share / (1 - share), []
    for tail in tails:
        while below + mass <= tail and at < whole:
            below += mass
            mass *= (whole - at) / (at + 1) * odds
            at += 1
        found.append(at - (below + mass - tail) / mass)
    return found
