"""SHOW: the recordings of a case by the page: how long each is, and what became of turning it into text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
# text: its words are in the run · silent: its transcript holds none · new: transcribed since the case was judged ·
# waiting · unreadable: the file holds no sound that can be read
STATES = ("waiting", "new", "text", "silent", "unreadable")


def totals(case: "Case") -> dict[str, Row]:
    """Of each state: recordings (`n`), their `seconds` as far as known, how many of unknown length (`unknown`)."""
    rows = case.query(_RECORDINGS + _TOTALS, [list(case.transcribed())])
    found = {row["state"]: row for row in rows}
    nothing = {"n": 0, "seconds": 0, "unknown": 0, "two_sided": 0}
    return {state: {"state": state, **nothing, **found.get(state, {})} for state in STATES}


def page(case: "Case", states: Sequence[str], number: int) -> list[Row]:
    """The recordings in these states (none: all), fifty from page `number`, in order of time.

    `passages`: turns of talk in its transcript, `doubtful`: those that do not count; `engine`: what wrote it down, None
    where the transcript came with the recording; `reason`: why it cannot be read, or what is odd about the file.
    """
    values = [list(case.transcribed()), list(states) or None, ROWS, ROWS * (max(number, 1) - 1)]
    rows: list[Row] = case.query(_RECORDINGS + _PAGE, values)
    return rows


def names(case: "Case", hashes: Sequence[str]) -> dict[str, str]:
    """Hash → name of these recordings, in order of name."""
    return {row["sha256"]: row["name"] for row in case.query(_NAMES, [list(hashes)])} if hashes else {}


def sides(case: "Case") -> Row:
    """Recordings of two channels of which nobody knows which channel collects.

    `n`, their `names`, one with its contact (`name`, `event_id`); `collecting`: whether it is known who collects there.
    """
    row: Row = case.query(_SIDES)[0]
    return row


# A transcript is of the recording that has its name; one whose name no recording has is of its call: as in speech.py.
_RECORDINGS = r"""
WITH sound AS (
    SELECT s.source_id, s.name, s.sha256, s.size_bytes, s.parser, s.kind, s.reason, e.event_id, e.at_local, e.precision,
        e.duration_s, coalesce(e.same_as, e.event_id) AS contact,
        lower(regexp_replace(s.name, '\.[^./]*$', '')) AS family
    FROM sources s LEFT JOIN events e USING (source_id) WHERE kind IN ('recordings', 'transcripts')
),
told AS (
    SELECT source_id, count(*) AS passages, count(*) FILTER (doubtful) AS doubtful, min(engine) AS engine,
        count(DISTINCT voice) > 1 AS two_sided
    FROM utterances WHERE source_id IN (SELECT source_id FROM sound) GROUP BY source_id
),
transcripts AS (
    SELECT t.source_id, family, contact, coalesce(passages, 0) AS passages, coalesce(doubtful, 0) AS doubtful, engine,
        coalesce(two_sided, false) AS two_sided,
        family IN (SELECT family FROM sound WHERE parser = 'recording') AS named
    FROM sound t LEFT JOIN told USING (source_id) WHERE kind = 'transcripts' AND event_id IS NOT NULL
),
matched AS (
    SELECT r.source_id AS recording, t.* FROM sound r JOIN transcripts t ON t.family = r.family
    WHERE r.parser = 'recording'
    UNION ALL
    SELECT r.source_id, t.* FROM sound r JOIN transcripts t ON t.contact = r.contact AND NOT named
    WHERE r.parser = 'recording'
),
written AS (
    SELECT recording AS source_id, CAST(sum(passages) AS BIGINT) AS passages, CAST(sum(doubtful) AS BIGINT) AS doubtful,
        min(engine) AS engine, bool_or(two_sided) AS two_sided FROM matched GROUP BY recording
),
recordings AS (
    SELECT r.source_id, r.name, r.sha256, r.size_bytes, r.at_local, r.precision, r.duration_s, r.contact AS event_id,
        passages, doubtful, engine, coalesce(two_sided, false) AS two_sided,
        coalesce(r.reason, (SELECT min(x.reason) FROM rejects x WHERE x.source_id = r.source_id)) AS reason,
        CASE WHEN r.event_id IS NULL THEN 'unreadable' WHEN passages > 0 THEN 'text' WHEN passages = 0 THEN 'silent'
            WHEN list_contains($1::VARCHAR[], r.sha256) THEN 'new' ELSE 'waiting' END AS state
    FROM sound r LEFT JOIN written USING (source_id) WHERE r.parser = 'recording'
)
"""

_TOTALS = """
SELECT state, count(*) AS n, CAST(coalesce(sum(duration_s), 0) AS BIGINT) AS seconds,
    count(*) FILTER (duration_s IS NULL) AS unknown, count(*) FILTER (two_sided) AS two_sided
FROM recordings GROUP BY state
"""

_PAGE = """
SELECT * FROM recordings WHERE $2 IS NULL OR list_contains($2::VARCHAR[], state)
ORDER BY at_local NULLS LAST, name, source_id LIMIT $3 OFFSET $4
"""

_NAMES = """
SELECT sha256, min(name) AS name FROM sources
WHERE parser = 'recording' AND list_contains($1::VARCHAR[], sha256) GROUP BY sha256 ORDER BY name
"""

_SIDES = """
WITH two AS (
    SELECT event_id, source_id FROM utterances WHERE voice IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT voice) > 1
),
lacking AS (
    SELECT two.*, s.name, e.from_role = 'collector' OR e.to_role = 'collector' AS collecting
    FROM two JOIN sources s USING (source_id) JOIN events e ON e.event_id = two.event_id
    ANTI JOIN voices v ON v.event_id = two.event_id AND v.source_id = two.source_id
    WHERE s.collector_voice IS NULL
)
SELECT count(*) AS n, coalesce(list(DISTINCT name ORDER BY name), []) AS names, min(name) AS name,
    arg_min(event_id, name) AS event_id, coalesce(bool_or(collecting), false) AS collecting
FROM lacking
"""
