"""Which channel of a two-channel recording is the collector's: as somebody declared, else the one that introduces
itself as an institution. Where neither is known, or both do, nobody's words are held against anybody.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from .linking import COLLECTING
from .text import fold
from .words.matcher import Matcher

_OPENING_S = 60  # who calls in somebody's name says so at the beginning; the project's own yardstick
_INTRODUCES = {"states.institution", "states.capacity"}


def attribute(con: duckdb.DuckDBPyConnection, run: Path, matcher: Callable[[], Matcher]) -> None:
    """Write `voices` of the utterances in the folder `run`, which `con` is connected to.

    `matcher` is asked for only if somebody speaks: to make one takes a third of a second.
    """
    named = [utterance for utterance, text in con.execute(_OPENINGS).fetchall() if _names(text, matcher())]
    con.execute("CREATE TEMP TABLE named (utterance_id VARCHAR)")
    if named:
        con.executemany("INSERT INTO named VALUES (?)", [[utterance] for utterance in named])
    rows = con.execute(_VOICES).fetchall()
    pl.DataFrame(rows, schema=_TYPES, orient="row").write_parquet(run / "voices.parquet")


def _names(text: str, matcher: Matcher) -> bool:
    sight = matcher.look(fold(text, message=False).text, message=False)
    return any(hit.pattern.category in _INTRODUCES for hit in matcher.hits(sight))


_TYPES: dict[str, type[pl.DataType]] = {
    "event_id": pl.String, "source_id": pl.String, "voice": pl.Int32, "side": pl.String, "why": pl.String,
    "utterance_id": pl.String,
}  # fmt: skip

_OPENINGS = f"""
SELECT utterance_id, text FROM utterances
WHERE voice IS NOT NULL AND NOT doubtful AND start_s < {_OPENING_S}
ORDER BY utterance_id
"""  # noqa: S608 — constants only

_VOICES = f"""
WITH channels AS (SELECT DISTINCT event_id, source_id, voice FROM utterances WHERE voice IS NOT NULL),
introduced AS (
    SELECT event_id, source_id, min(voice) AS voice, arg_min(utterance_id, start_s) AS utterance_id
    FROM utterances SEMI JOIN named USING (utterance_id)
    GROUP BY event_id, source_id HAVING count(DISTINCT voice) = 1
),
known AS (
    SELECT c.*, coalesce(s.collector_voice, i.voice) AS collector, i.utterance_id,
        CASE WHEN s.collector_voice IS NULL THEN 'named' ELSE 'declared' END AS why
    FROM channels c JOIN sources s USING (source_id) LEFT JOIN introduced i USING (event_id, source_id)
),
ends AS (SELECT event_id, {COLLECTING} AS collecting FROM events)
SELECT event_id, source_id, voice,
    CASE WHEN voice = collector THEN collecting WHEN collecting = 'from' THEN 'to' ELSE 'from' END AS side,
    why, CASE WHEN why = 'named' THEN utterance_id END AS utterance_id
FROM known JOIN ends USING (event_id)
WHERE collector IS NOT NULL AND collecting IS NOT NULL
ORDER BY event_id, source_id, voice
"""  # noqa: S608 — constants only
