"""SHOW: what makes times doubtful: files whose clocks differ, times without seconds or hours, records without a day;
and what a switch's own ids show about the zone and the clock of its times.

Two clocks: calls that only one of the files seems to have, with the same two numbers and to the second as long, whose
starts always differ by the same. It needs three such calls, and half of those that both files have.
"""

from typing import TYPE_CHECKING, Any

from .sources._switch import BY_IDS

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
_LEAST_CALLS = 3
_SHORTEST_S = 5  # calls so short are alike by chance
_SAME_S = 150  # a phone logs the dialling, a bill the answer: what differs by less is one clock
_FARTHEST_S = 26 * 3600  # the most that two zones of the world differ


def shifted(case: "Case") -> list[Row]:
    """Pairs of logs of one phone or of several whose clocks differ.

    `late`, `early`: names of the files; `minutes`: by how much the first one is ahead; `calls`: that differ by it, of
    `both` that both files have.
    """
    rows: list[Row] = case.query(_SHIFTED)
    return rows


def coarse(case: "Case") -> list[Row]:
    """Sources with records whose time is known to the minute or the day only: name, precision, records."""
    rows: list[Row] = case.query(_COARSE)
    return rows


def undated(case: "Case") -> list[Row]:
    """Sources with records of which nobody knows the day: name, records; these are not judged."""
    rows: list[Row] = case.query(_UNDATED)
    return rows


def measured(case: "Case") -> list[Row]:
    """What the ids of the calls in a switch's log showed about its times: name, said (a sentence as read)."""
    rows: list[Row] = case.query(_MEASURED, [BY_IDS])
    return rows


def zones(case: "Case") -> list[Row]:
    """The time zones by which files were read: time_zone, files."""
    rows: list[Row] = case.query(_ZONES)
    return rows


_SHIFTED = f"""
WITH calls AS (
    SELECT event_id, e.source_id, from_number, to_number, duration_s, at_utc, CAST(at_utc AS DATE) AS day
    FROM events e JOIN sources s USING (source_id)
    WHERE s.kind = 'events' AND channel = 'call' AND precision <> 'day' AND duration_s >= {_SHORTEST_S}
        AND at_utc IS NOT NULL
),
single AS (
    SELECT c.* FROM calls c JOIN events e USING (event_id)
    WHERE e.same_as IS NULL AND event_id NOT IN (SELECT same_as FROM events WHERE same_as IS NOT NULL)
),
near AS (SELECT *, unnest([day - 1, day, day + 1]) AS on_day FROM single),
pairs AS (
    SELECT a.source_id AS late, b.source_id AS early, a.event_id AS a,
        date_diff('second', b.at_utc, a.at_utc) AS apart
    FROM near a JOIN single b
        ON a.on_day = b.day AND a.from_number = b.from_number AND a.to_number = b.to_number
        AND a.duration_s = b.duration_s AND a.source_id <> b.source_id
    WHERE apart BETWEEN {_SAME_S} AND {_FARTHEST_S}
),
rounded AS (
    SELECT *, CASE WHEN abs(apart - 3600 * round(apart / 3600)) <= {_SAME_S} THEN 60 * round(apart / 3600)
        ELSE round(apart / 60) END AS minutes
    FROM pairs
),
counted AS (
    SELECT late, early, CAST(minutes AS INTEGER) AS minutes, count(DISTINCT a) AS calls
    FROM rounded GROUP BY ALL HAVING calls >= {_LEAST_CALLS}
),
met AS (
    SELECT x.source_id AS one, y.source_id AS other, count(*) AS n
    FROM events x JOIN events y ON x.same_as = y.event_id GROUP BY ALL
),
best AS (
    SELECT c.*, calls + coalesce((SELECT sum(n) FROM met WHERE (one, other) IN ((late, early), (early, late))), 0)
        AS at_least
    FROM counted c
    QUALIFY row_number() OVER (PARTITION BY least(late, early), greatest(late, early)
        ORDER BY calls DESC, minutes) = 1
)
SELECT s.name AS late, t.name AS early, minutes, calls, CAST(at_least AS BIGINT) AS "both"
FROM best JOIN sources s ON s.source_id = best.late JOIN sources t ON t.source_id = best.early
WHERE calls * 2 >= at_least
ORDER BY calls DESC, 1, 2
"""  # noqa: S608 — constants only

_COARSE = """
SELECT s.name, precision, count(*) AS records FROM events JOIN sources s USING (source_id)
WHERE precision IN ('minute', 'day') AND at_local IS NOT NULL AND s.kind <> 'transcripts'
GROUP BY ALL ORDER BY precision, records DESC, s.name
"""
_UNDATED = """
SELECT s.name, count(*) AS records FROM events JOIN sources s USING (source_id)
WHERE at_local IS NULL AND same_as IS NULL GROUP BY s.source_id, s.name ORDER BY s.name
"""
_MEASURED = """
SELECT name, said FROM (
    SELECT name, unnest(string_split(reason, '; ')) AS said, generate_subscripts(string_split(reason, '; '), 1) AS n
    FROM sources)
WHERE contains(said, ?) ORDER BY name, n
"""
_ZONES = """
SELECT time_zone, count(*) AS files FROM sources
WHERE kind IN ('events', 'recordings') AND time_zone IS NOT NULL GROUP BY 1 ORDER BY files DESC, 1
"""
