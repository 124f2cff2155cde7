"""SHOW: what a reader wants to see of a list, as an address holds it, and the SQL that lets rows pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

PERIOD = ("since", "until")
MOST = 200  # values that a box offers of one facet; a log of diallers has more accounts than any box can hold


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

    def chosen(self, facets: Sequence[str]) -> list[str]:
        """Those of the facets of which only some values count."""
        return [facet for facet in facets if self.facets.get(facet)]

    def params(self, facets: Sequence[str]) -> dict[str, Any]:
        """The values for a statement made with `Source.sql`, by name."""
        values: dict[str, Any] = {facet: list(self.facets[facet]) for facet in self.chosen(facets)}
        since, until = self.days()
        sought = {"search": self.search.strip().lower(), "since": since, "until": until}
        return values | {name: value for name, value in sought.items() if value}

    def days(self) -> tuple[date | None, date | None]:
        """First and last day of the period; None where it is open, or where the address names no day."""
        return _day(self.since), _day(self.until)


def _day(text: str) -> date | None:
    """A day of an address; anything else is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """A list as SQL that asks only for what is wanted of it: ten million rows are long, and each join costs.

    tables: what it begins with. columns: name → expression. before, joins: table or join → the columns (or `search`)
    that need it. search: the condition on `$search`. special: conditions on what is chosen of a facet, where it is not
    one value.
    """

    facets: Sequence[str]
    before: Mapping[str, Sequence[str]]
    tables: str
    columns: Mapping[str, str]
    joins: Mapping[str, Sequence[str]]
    search: str
    special: Mapping[str, str]

    def sql(self, wanted: Wanted, names: Sequence[str]) -> str:
        """`marked`: those columns of every row, and whether each chosen facet lets it pass; `wanted`: what passes."""
        params = wanted.params(self.facets)
        days = ["day"] if params.keys() & set(PERIOD) else []
        needed = dict.fromkeys([*names, *wanted.chosen(self.facets), *days])
        before = "".join(f"{table}, " for table, of in self.before.items() if {*needed, *params} & {*of})
        joins = " ".join(join for join, of in self.joins.items() if {*needed, *params} & {*of})
        columns = ", ".join(f"{self.columns[name]} AS {name}" for name in needed)
        marks = "".join(f", {self._passes(name)} AS in_{name}" for name in params if name != "search")
        where = f"WHERE {self.search}" if "search" in params else ""
        return f"""WITH {before}
            marked AS (SELECT *{marks} FROM (SELECT {columns} FROM {self.tables} {joins} {where})),
            wanted AS (FROM marked WHERE {self.passing(wanted)})
        """  # noqa: S608 — constants only

    def _passes(self, name: str) -> str:
        if name in PERIOD:
            return f"day {'>=' if name == 'since' else '<='} $" + name
        return self.special.get(name, f"list_contains(${name}::VARCHAR[], {name})")

    def passing(self, wanted: Wanted, but: str = "") -> str:
        """Whether every facet and the period let a row of `marked` pass, one of them perhaps left out."""
        names = [name for name in wanted.params(self.facets) if name not in ("search", but)]
        return " AND ".join(f"in_{name}" for name in names) or "true"

    def each(self, wanted: Wanted, boxes: Sequence[str]) -> str:
        """Facet, value, n: how many rows each value of a box would leave, the other facets as they are.

        Of each facet the `MOST` with the most rows, and those that are chosen.
        """
        every = " UNION ALL ".join(self._one(wanted, box) for box in boxes)
        asked = f"SELECT facet, value, n FROM ({every}) ORDER BY facet, n DESC, value"  # noqa: S608 — constants only
        return self.sql(wanted, boxes) + asked

    def _one(self, wanted: Wanted, box: str) -> str:
        chosen = f" OR list_contains(${box}::VARCHAR[], {box})" if wanted.facets.get(box) else ""
        return f"""
            SELECT '{box}' AS facet, {box} AS value, count(*) AS n FROM marked WHERE {self.passing(wanted, box)}
            GROUP BY {box} QUALIFY row_number() OVER (ORDER BY n DESC, {box}) <= {MOST}{chosen}
        """  # noqa: S608 — constants only
