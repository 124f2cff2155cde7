"""SHOW: what a reader wants to see of a list, as an address holds it, and the SQL that lets rows pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

PERIOD = ("since", "until")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: of each facet and slice the values that count (none: all), words to be found, a period in days.

    weekday: 1 (Monday) to 7; hour: 0 to 23, "-" where only the day is known; since, until: both days included.
    """

    facets: Mapping[str, Sequence[str]]
    search: str = ""
    order: str = "time"
    since: str = ""
    until: str = ""

    def params(self, facets: Sequence[str]) -> list[Any]:
        """The values for a statement made with `marks`: one of each facet, then search, since, until."""
        chosen = [list(self.facets.get(facet, ())) or None for facet in facets]
        return [*chosen, self.search.strip().lower(), *self.days()]

    def days(self) -> tuple[date | None, date | None]:
        """First and last day of the period; None where it is open, or where the address names no day."""
        return _day(self.since), _day(self.until)


def _day(text: str) -> date | None:
    """A day of an address; anything else is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def marks(facets: Sequence[str]) -> str:
    """Columns in_<facet>, in_<period>: whether each facet lets a row pass; $1 … in the order of `Wanted.params`."""
    n = len(facets)
    several = [_passes(i, facet) for i, facet in enumerate(facets, 1)]
    days = [f"${n + 2}::DATE IS NULL OR day >= ${n + 2}::DATE AS in_since",
            f"${n + 3}::DATE IS NULL OR day <= ${n + 3}::DATE AS in_until"]  # fmt: skip
    return ",\n        ".join([*several, *days])


def _passes(i: int, facet: str) -> str:
    """A contact has two numbers, perhaps several rules with findings, and one value of everything else."""
    has = "list_has_any" if facet in ("number", "found") else "list_contains"
    return f"${i} IS NULL OR {has}(${i}::VARCHAR[], {facet}) AS in_{facet}"


def passing(facets: Sequence[str], but: str = "") -> str:
    """Whether every facet and the period let a row pass, one of them perhaps left out."""
    return " AND ".join(f"in_{facet}" for facet in (*facets, *PERIOD) if facet != but)


def each(boxes: Sequence[str], facets: Sequence[str]) -> str:
    """Facet, value, n: how many rows of `marked` each value of a box would leave, the other facets as they are."""
    one = "SELECT '{0}' AS facet, {0} AS value, count(*) AS n FROM marked WHERE {1} GROUP BY {0}"
    every = " UNION ALL ".join(one.format(facet, passing(facets, facet)) for facet in boxes)
    return f"SELECT facet, value, n FROM ({every}) ORDER BY facet, n DESC, value"  # noqa: S608 — constants only
