"""SHOW: every case of a folder on one line, also where a case is damaged or another process is at work on it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from . import drawers, reviews, runs
from .case import Case
from .errors import CollectAuditError
from .portfolio import HEAVY, REVIEWED, SUSPECTED

if TYPE_CHECKING:
    from .desk import Desk

Row = dict[str, Any]
_NOTHING: Row = {"contacts": None, "suspected": None, "confirmed": None, "reviewed": None, "waiting": None}
_NO_VERDICTS = drawers.Sheet([], [])
_known: dict[str, tuple[object, Row]] = {}  # path → what its numbers were made from, and the numbers


def cases(desk: "Desk", first: int = 0, rows: int | None = None) -> Iterator[Row]:
    """Of each: key, name, contacts, suspected, confirmed, reviewed, waiting (grave, not looked at), state, problem.

    Of a case that cannot be read the numbers are None, and `problem` says why.
    """
    with runs.blank() as con:
        reviews.install(con, _NO_VERDICTS)
        for about in desk.cases()[first : None if rows is None else first + rows]:
            yield {"key": about["key"], "name": about["name"], **_row(con, Case(about["path"]))}


def _row(con: duckdb.DuckDBPyConnection, case: Case) -> Row:
    """The numbers and the state of a case. Each is asked by itself: nothing that goes wrong in one hides the others."""
    try:
        state = case.state()
        return {**_figures(con, case), "state": state, "problem": None}
    except CollectAuditError as error:
        return {**_NOTHING, "state": None, "problem": error.what}
    except (duckdb.Error, OSError):
        return {**_NOTHING, "state": None, "problem": "the tables of this case cannot be read"}


def _figures(con: duckdb.DuckDBPyConnection, case: Case) -> Row:
    """Kept as long as the run and the verdicts stay the same."""
    made_from, path, run = case.stamp(), str(case.path), case.run()
    if run is None:
        return _NOTHING
    if path not in _known or _known[path][0] != made_from:
        runs.turn(con, run, ("events", "findings"))
        _known[path] = made_from, _counted(con, drawers.read(case.path / drawers.REVIEWS))
    return _known[path][1]


def _counted(con: duckdb.DuckDBPyConnection, written: drawers.Sheet) -> Row:
    """The numbers of the run that `con` looks at. Most cases have no verdicts, and their tables are there already."""
    try:
        if written.rows:
            reviews.install(con, written)
        asked = con.execute(_NUMBERS, [list(SUSPECTED), list(REVIEWED), list(HEAVY)])
        names = [column[0] for column in asked.description or ()]
        return dict(zip(names, asked.fetchone() or (), strict=True))
    finally:
        if written.rows:
            reviews.install(con, _NO_VERDICTS)


_NUMBERS = """
WITH judged AS (
    SELECT coalesce(verdict, 'none') AS verdict, severity FROM findings LEFT JOIN verdicts USING (finding_id)
)
SELECT (SELECT count(*) FROM occasions WHERE from_role = 'collector' AND NOT undirected) AS contacts,
    count(*) FILTER (list_contains($1::VARCHAR[], verdict)) AS suspected,
    count(*) FILTER (verdict = 'confirmed') AS confirmed,
    count(*) FILTER (list_contains($2::VARCHAR[], verdict)) AS reviewed,
    count(*) FILTER (list_contains($3::VARCHAR[], severity) AND verdict = 'none') AS waiting
FROM judged
"""
