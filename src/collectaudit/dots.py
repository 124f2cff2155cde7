"""SHOW: when contacts were, day by time of day, in a size that can be drawn: each by itself, or counted in cells."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from .contacts import ALL, LIST
from .filtering import Wanted
from .hours import bands

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
MOST = 2000  # contacts drawn one by one; beyond that they are counted
COLUMNS = 40  # of cells; a cell is so many days wide that there are no more, and half an hour high
KINDS = ("suspected", "review", "nothing")


def dots(case: "Case", wanted: Wanted, lang: str) -> Row:
    """The contacts that a filter (as in `contacts`) leaves, to be drawn.

    n, timed (their time of day is known), suspected (of those: with a finding that nobody dismissed), outside (of
    those: out of hours), first, last, single. rows: of single contacts event_id, day, hour (as a fraction), kind and
    channel; of cells since, until (both included), half (HH:MM), n and suspected. step: days that a cell is wide.
    hours: of each hour of the day hour, n and suspected. bands: see `hours.bands`.
    """
    grid = case.query(LIST.sql(wanted, _GRIDDED) + _GRID, wanted.params(ALL))
    timed = [row for row in grid if row["half"] != "-"]
    about = {"n": sum(row["n"] for row in grid), "timed": sum(row["n"] for row in timed)}
    about |= {what: sum(row[what] for row in timed) for what in ("suspected", "outside")}
    if not timed:
        return {**about, "first": None, "last": None, "single": True, "rows": [], "hours": [], "bands": []}
    first, last = timed[0]["day"], timed[-1]["day"]
    single, step = about["timed"] <= MOST, -(-((last - first).days + 1) // COLUMNS)
    return {
        **about, "first": str(first), "last": str(last), "single": single, "step": step, "hours": _hours(timed),
        "rows": case.query(LIST.sql(wanted, _DOTTED) + _DOTS, wanted.params(ALL)) if single else _cells(timed, step),
        "bands": bands(case, str(first), str(last), lang),
    }  # fmt: skip


def recent(case: "Case", wanted: Wanted) -> str | None:
    """From which day on the contacts lie close together, where a few old ones would press them into a corner."""
    row = case.query(LIST.sql(wanted, ["day"]) + _RECENT, wanted.params(ALL))[0]
    return str(row["since"]) if row["since"] else None


def _hours(timed: Sequence[Row]) -> list[Row]:
    every, suspected = Counter[int](), Counter[int]()
    for row in timed:
        hour = int(row["half"][:2])
        every[hour] += row["n"]
        suspected[hour] += row["suspected"]
    return [{"hour": str(hour), "n": every[hour], "suspected": suspected[hour]} for hour in sorted(every)]


def _cells(timed: Sequence[Row], step: int) -> list[Row]:
    """Half hours of so many days."""
    first, last = timed[0]["day"], timed[-1]["day"]
    every, suspected = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for row in timed:
        cell = (row["day"] - first).days // step, row["half"]
        every[cell] += row["n"]
        suspected[cell] += row["suspected"]
    return [
        {**_days(first + timedelta(days=n * step), step, last), "half": half, "n": every[n, half],
         "suspected": suspected[n, half]}
        for n, half in sorted(every)
    ]  # fmt: skip


def _days(since: date, step: int, last: date) -> Row:
    return {"since": str(since), "until": str(min(since + timedelta(days=step - 1), last))}


_GRIDDED = ("day", "slot", "mark", "outside")
_GRID = """
SELECT day, CASE WHEN slot IS NULL THEN '-' ELSE printf('%02d:%02d', slot // 2, slot % 2 * 30) END AS half, n,
    suspected, outside
FROM (
    SELECT day, slot, count(*) AS n, count(*) FILTER (mark = 'suspected') AS suspected,
        count(*) FILTER (outside) AS outside
    FROM wanted GROUP BY day, slot
)
ORDER BY day, half
"""

_DOTTED = ("event_id", "day", "at_local", "slot", "channel", "mark")
_DOTS = """
SELECT event_id, CAST(day AS VARCHAR) AS day, hour(at_local) + minute(at_local) / 60 AS hour, channel, mark AS kind
FROM wanted WHERE slot IS NOT NULL ORDER BY at_local, event_id
"""

_RECENT_DAYS = 92
_RECENT = f"""
, late AS (SELECT max(day) - {_RECENT_DAYS} AS since, min(day) AS first FROM wanted)
SELECT CASE WHEN any_value(first) < any_value(since) - {_RECENT_DAYS} AND count(*) FILTER (day >= since) * 2 >= count(*)
    THEN CAST(min(day) FILTER (day >= since) AS VARCHAR) END AS since
FROM wanted, late
"""  # noqa: S608 — constants only
