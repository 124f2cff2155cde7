"""SHOW: which time each file tells of, and which time none does: where nothing is known, nothing can be found."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
LANES = 12  # logs that get a line of their own, those with most records; the rest share one
QUIET_DAYS = 7  # so many days without a record are mentioned even where a log goes on; the project's own yardstick
_DAILY = 92  # days up to which a calendar has a field for every day


def months(case: "Case") -> list[Row]:
    """Of each month from the first contact to the last: contacts, days with one, records in logs, recordings.

    `first`, `last`: its days. A month of which no log has a record has `logs` 0.
    """
    rows: list[Row] = case.query(_MONTHS)
    return rows


def calendar(case: "Case", month: str = "") -> Row:
    """Records of each source by the day, or by the month where the time is long. `month` (2026-03): that one by days.

    `unit` (day · month), `lanes`: names of sources in order, `fields`: the first day of each, `cells`: lane, since
    (the first day of the field), records. A lane is a log; recordings together are the lane "", logs beyond LANES
    together "+".
    """
    span = case.query(_SPAN, [month or None])[0]
    unit = "day" if month or (span["days"] or 0) <= _DAILY else "month"
    cells = case.query(_CELLS, [unit, month or None])
    fields = [row["field"] for row in case.query(_FIELDS, [unit, month or None])]
    return {"unit": unit, "lanes": list(dict.fromkeys(c["lane"] for c in cells)), "fields": fields, "cells": cells}


def stretches(case: "Case", limit: int = 100) -> Row:
    """Stretches of days without a record in the logs of a phone or system, between its first and its last day.

    `uncovered`: no log spans them, so a file may be missing. `quiet`: a log goes on before and after, for QUIET_DAYS
    or more. Of each kind `n`, `days` in all, and the longest `rows`: whose (number or None), since, until, days.
    """
    found = case.query(_STRETCHES)
    return {
        kind: {"n": len(rows), "days": sum(row["days"] for row in rows), "rows": rows[:limit]}
        for kind, rows in (
            ("uncovered", [row for row in found if not row["covered"]]),
            ("quiet", [row for row in found if row["covered"] and row["days"] >= QUIET_DAYS]),
        )
    }


def wanted_bills(case: "Case") -> list[Row]:
    """What to ask the carrier for: of each phone the months that hold a stretch without a log (`month`, `days`)."""
    rows: list[Row] = case.query(_BILLS)
    return rows


def spans(case: "Case", limit: int = 200) -> list[Row]:
    """Each log: name, whose, first and last day, records, days with one."""
    rows: list[Row] = case.query(_SPANS, [limit])
    return rows


def hidden(case: "Case", limit: int = 50) -> Row:
    """Contacts whose other number is hidden or masked (`n`), and the numbers (`rows`: number, contacts)."""
    return {"n": case.query(_HIDDEN)[0]["n"], "rows": case.query(_HIDDEN_NUMBERS, [limit])}


# Every dated record of a log, with its day; whose: the phone's number, NULL for a system that names both ends.
_DAYS = """
WITH logged AS (
    SELECT s.source_id, s.name, s.owner_number AS whose, CAST(e.at_local AS DATE) AS day
    FROM events e JOIN sources s USING (source_id)
    WHERE s.kind = 'events' AND e.at_local IS NOT NULL
),
days AS (SELECT DISTINCT whose, day FROM logged)
"""

_MONTHS = f"""
{_DAYS},
range AS (SELECT min(on_date) AS first, max(on_date) AS last FROM occasions),
each AS (
    SELECT CAST(unnest(generate_series(date_trunc('month', first), last, INTERVAL 1 MONTH)) AS DATE) AS month
    FROM range WHERE first IS NOT NULL
),
had AS (
    SELECT CAST(date_trunc('month', on_date) AS DATE) AS month, count(*) AS contacts, count(DISTINCT on_date) AS days
    FROM occasions GROUP BY 1
),
logs AS (
    SELECT CAST(date_trunc('month', day) AS DATE) AS month, count(*) AS records, count(DISTINCT source_id) AS logs
    FROM logged GROUP BY 1
),
heard AS (
    SELECT CAST(date_trunc('month', at_local) AS DATE) AS month, count(*) AS recordings
    FROM events JOIN sources USING (source_id) WHERE parser = 'recording' AND at_local IS NOT NULL GROUP BY 1
)
SELECT strftime(month, '%Y-%m') AS month, month AS first, CAST(last_day(month) AS DATE) AS last,
    coalesce(contacts, 0) AS contacts, coalesce(days, 0) AS days, coalesce(records, 0) AS records,
    coalesce(logs, 0) AS logs, coalesce(recordings, 0) AS recordings
FROM each LEFT JOIN had USING (month) LEFT JOIN logs USING (month) LEFT JOIN heard USING (month)
ORDER BY month
"""  # noqa: S608 — constants only

# A record is in the calendar with its own day, second records of a contact too: it shows what each file tells.
_DATED = """
WITH dated AS (
    SELECT s.source_id, s.name, s.kind, CAST(e.at_local AS DATE) AS day
    FROM events e JOIN sources s USING (source_id)
    WHERE e.at_local IS NOT NULL AND (s.kind = 'events' OR s.parser = 'recording')
)
"""
_SPAN = f"""
{_DATED}
SELECT date_diff('day', min(day), max(day)) + 1 AS days FROM dated WHERE $1 IS NULL OR strftime(day, '%Y-%m') = $1
"""  # noqa: S608 — constants only

_FIELDS = f"""
{_DATED},
ends AS (SELECT min(day) AS first, max(day) AS last FROM dated WHERE $2 IS NULL OR strftime(day, '%Y-%m') = $2)
SELECT strftime(unnest(generate_series(date_trunc($1, first), last, to_months(CASE $1 WHEN 'month' THEN 1 ELSE 0 END)
    + to_days(CASE $1 WHEN 'month' THEN 0 ELSE 1 END))), '%Y-%m-%d') AS field
FROM ends WHERE first IS NOT NULL ORDER BY field
"""  # noqa: S608 — constants only

_CELLS = f"""
{_DATED},
ranked AS (
    SELECT source_id, row_number() OVER (ORDER BY count(*) DESC, name, source_id) AS rank
    FROM dated WHERE kind = 'events' GROUP BY source_id, name
),
laned AS (
    SELECT CASE WHEN kind <> 'events' THEN '' WHEN rank <= {LANES} THEN name ELSE '+' END AS lane,
        coalesce(least(rank, {LANES} + 1), {LANES} + 2) AS rank, date_trunc($1, day) AS since
    FROM dated LEFT JOIN ranked USING (source_id)
    WHERE $2 IS NULL OR strftime(day, '%Y-%m') = $2
)
SELECT lane, CAST(since AS DATE) AS since, count(*) AS records
FROM laned GROUP BY lane, rank, since ORDER BY rank, lane, since
"""  # noqa: S608 — constants only

# Within a stretch no log has its first or its last day, so one that spans a day of it spans all of it.
_EMPTY = f"""
{_DAYS},
spans AS (SELECT source_id, whose, min(day) AS first, max(day) AS last FROM logged GROUP BY source_id, whose),
after AS (SELECT whose, day, lead(day) OVER (PARTITION BY whose ORDER BY day) AS next FROM days),
empty AS (
    SELECT whose, day + 1 AS since, next - 1 AS until, next - day - 1 AS days,
        EXISTS (
            FROM spans s WHERE s.whose IS NOT DISTINCT FROM after.whose AND s.first <= day AND s.last >= next
        ) AS covered
    FROM after WHERE next - day > 1
)
"""  # noqa: S608 — constants only
_STRETCHES = f"{_EMPTY} SELECT * FROM empty ORDER BY days DESC, since, whose"  # noqa: S608 — constants only
_BILLS = f"""
{_EMPTY},
lacking AS (
    SELECT whose, unnest(generate_series(since, until, INTERVAL 1 DAY)) AS day
    FROM empty WHERE NOT covered AND whose IS NOT NULL
)
SELECT whose, strftime(day, '%Y-%m') AS month, count(*) AS days FROM lacking GROUP BY ALL ORDER BY month DESC, whose
"""  # noqa: S608 — constants only

_SPANS = f"""
{_DAYS}
SELECT name, whose, min(day) AS first, max(day) AS last, count(*) AS records, count(DISTINCT day) AS days
FROM logged GROUP BY source_id, name, whose ORDER BY first, name, source_id LIMIT ?
"""  # noqa: S608 — constants only

# Hidden: no number at all; masked: with stars for digits.
_UNSEEN = "(number = 'hidden' OR regexp_matches(number, '^[+]?[0-9*]*[*][0-9*]*$'))"
_HIDDEN = f"""
SELECT count(*) AS n FROM occasions
WHERE {_UNSEEN.replace("number", "from_number")} OR {_UNSEEN.replace("number", "to_number")}
"""  # noqa: S608 — constants only
_HIDDEN_NUMBERS = f"""
SELECT number, count(DISTINCT event_id) AS contacts
FROM (SELECT event_id, unnest([from_number, to_number]) AS number FROM occasions)
WHERE {_UNSEEN} GROUP BY number ORDER BY contacts DESC, number LIMIT ?
"""  # noqa: S608 — constants only
