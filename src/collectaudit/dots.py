"""SHOW: when contacts were, day by time of day, in a size that can be drawn: each by itself, or counted in cells."""

from typing import TYPE_CHECKING, Any

from .contacts import ALL, MARKED
from .filtering import Wanted
from .hours import bands

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
MOST = 2000  # contacts drawn one by one; beyond that they are counted
COLUMNS = 120  # of cells; a cell is so many days wide that there are no more, and half an hour high
KINDS = ("suspected", "review", "nothing")


def dots(case: "Case", wanted: Wanted, lang: str) -> Row:
    """The contacts that a filter (as in `contacts`) leaves, to be drawn.

    n, timed (their time of day is known), suspected (of those: with a finding that nobody dismissed), outside (of
    those: out of hours), first, last, single. rows: of single contacts event_id, day, hour (as a fraction), kind and
    channel; of cells since, until (both included), half (HH:MM), n and suspected. hours: of each hour of the day hour,
    n and suspected. bands: see `hours.bands`.
    """
    about = case.query(MARKED + _ABOUT, wanted.params(ALL))[0]
    if not about["timed"]:
        return {**about, "single": True, "rows": [], "hours": [], "bands": []}
    single = about["timed"] <= MOST
    query, more = (_DOTS, []) if single else (_CELLS, [about["first"], _step(about), about["last"]])
    rows = case.query(MARKED + query, [*wanted.params(ALL), *more])
    about |= {"first": str(about["first"]), "last": str(about["last"])}
    about |= {"single": single, "rows": rows, "hours": case.query(MARKED + _HOURS, wanted.params(ALL))}
    return {**about, "bands": bands(case, about["first"], about["last"], lang)}


def recent(case: "Case", wanted: Wanted) -> str | None:
    """From which day on the contacts lie close together, where a few old ones would press them into a corner."""
    row = case.query(MARKED + _RECENT, wanted.params(ALL))[0]
    return str(row["since"]) if row["since"] else None


def _step(about: Row) -> int:
    """Days of a cell."""
    return int(-(-((about["last"] - about["first"]).days + 1) // COLUMNS))


_SUSPECTED = "flagged IN ('confirmed', 'finding')"
_ABOUT = f"""
SELECT count(*) AS n, count(*) FILTER (half <> '-') AS timed,
    count(*) FILTER (half <> '-' AND {_SUSPECTED}) AS suspected,
    count(*) FILTER (half <> '-' AND list_contains(found, 'out-of-hours')) AS outside,
    min(day) FILTER (half <> '-') AS first, max(day) FILTER (half <> '-') AS last
FROM wanted
"""  # noqa: S608 — constants only

_DOTS = f"""
SELECT event_id, CAST(day AS VARCHAR) AS day, hour(at_local) + minute(at_local) / 60 AS hour, channel,
    CASE WHEN {_SUSPECTED} THEN 'suspected' WHEN flagged = 'review' THEN 'review' ELSE 'nothing' END AS kind
FROM wanted WHERE half <> '-' ORDER BY at_local, event_id
"""  # noqa: S608 — constants only

_HOURS = f"""
SELECT hour, count(*) AS n, count(*) FILTER ({_SUSPECTED}) AS suspected FROM wanted WHERE half <> '-'
GROUP BY hour ORDER BY CAST(hour AS INTEGER)
"""  # noqa: S608 — constants only

_RECENT_DAYS = 92
_RECENT = f"""
, late AS (SELECT max(day) - {_RECENT_DAYS} AS since, min(day) AS first FROM wanted)
SELECT CASE WHEN any_value(first) < any_value(since) - {_RECENT_DAYS} AND count(*) FILTER (day >= since) * 2 >= count(*)
    THEN CAST(min(day) FILTER (day >= since) AS VARCHAR) END AS since
FROM wanted, late
"""  # noqa: S608 — constants only

_FIRST, _STEP, _LAST = (f"${len(ALL) + n}" for n in (4, 5, 6))
_CELLS = f"""
SELECT CAST({_FIRST}::DATE + cell * {_STEP}::INTEGER AS VARCHAR) AS since,
    CAST(least({_FIRST}::DATE + (cell + 1) * {_STEP}::INTEGER - 1, {_LAST}::DATE) AS VARCHAR) AS until, half,
    count(*) AS n,
    count(*) FILTER ({_SUSPECTED}) AS suspected
FROM (SELECT *, CAST((day - {_FIRST}::DATE) // {_STEP}::INTEGER AS INTEGER) AS cell FROM wanted WHERE half <> '-')
GROUP BY cell, half ORDER BY cell, half
"""  # noqa: S608 — constants only
