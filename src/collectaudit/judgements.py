"""SHOW: findings with their rule, their law and the records they rest on, in order of time. There may be millions."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from .case import Case

Row = dict[str, Any]
FILTERS = ("rule", "regime", "severity", "account", "tier", "since", "until", "limit", "finding_id")
_BATCH = 2_000
# Findings that are put in order at a time: bounds what waits on the disk, whatever the size of the run.
_IN_ORDER = 5_000_000
_ALWAYS = (None, None)
_RECORD = ("source", "locator", "event_id")


def judgements(case: "Case", wanted: Mapping[str, Any]) -> list[Row]:
    """Those that the filters leave, as `each_judgement` gives them; not more than a reader wants to see."""
    return list(_together(case, case.query(_FOUND, [*_params(wanted), *_ALWAYS])))


def each_judgement(case: "Case", wanted: Mapping[str, Any]) -> Iterator[Row]:
    """Each finding that the filters leave, one after the other, however many there are.

    `severity` is the least, `since` and `until` are days, both included. `evidence`: source, locator, event_id.
    """
    with case.connect() as con:
        times = [_ALWAYS] if wanted.get("limit") else _times(con, wanted)
        yield from _together(case, (row for between in times for row in _rows(con, wanted, between)))


def _times(con: "duckdb.DuckDBPyConnection", wanted: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Spans of time, one after the other, each with about as many of the findings as are put in order at a time."""
    begun = con.execute(_BEGUN, [*_params(wanted), *_ALWAYS, _IN_ORDER]).fetchall()
    cuts = [hour for (hour,) in begun[1:]]
    return list(zip([None, *cuts], [*cuts, None], strict=True))


def _rows(con: "duckdb.DuckDBPyConnection", wanted: Mapping[str, Any], between: tuple[Any, Any]) -> Iterator[Row]:
    asked = con.execute(_FOUND, [*_params(wanted), *between])
    names = [column[0] for column in asked.description or ()]
    while batch := asked.fetchmany(_BATCH):
        yield from (dict(zip(names, row, strict=True)) for row in batch)


def _params(wanted: Mapping[str, Any]) -> list[Any]:
    return [wanted.get(name) for name in FILTERS]


def _together(case: "Case", rows: Iterable[Row]) -> Iterator[Row]:
    """One row for each finding, from one for each of its records; what all findings of a rule share is put in here."""
    rules = {row["rule_id"]: row for row in case.query(_RULES)}
    law = {row["provision_id"]: row for row in case.query(_LAW)}
    for _, mine in groupby(rows, lambda row: row["finding_id"]):
        records = list(mine)
        evidence = [{name: row[f"of_{name}"] for name in _RECORD} for row in records]
        found = {key: value for key, value in records[0].items() if not key.startswith("of_")}
        yield {**rules[found["rule_id"]], **law[found["provision_id"]], **found, "evidence": evidence}


_CHOSEN = """
    SELECT f.* FROM findings f SEMI JOIN provisions USING (provision_id) SEMI JOIN rule_runs USING (rule_id)
    WHERE ($1 IS NULL OR f.rule_id = $1) AND ($2 IS NULL OR f.regime = $2)
        AND ($3 IS NULL OR list_position(['low', 'medium', 'high', 'severe'], f.severity)
            >= list_position(['low', 'medium', 'high', 'severe'], $3))
        AND ($4 IS NULL OR f.account = $4) AND ($5 IS NULL OR f.tier = $5)
        AND ($6 IS NULL OR CAST(f.occurred_at AS DATE) >= $6) AND ($7 IS NULL OR CAST(f.occurred_at AS DATE) <= $7)
        AND ($9 IS NULL OR f.finding_id = $9)
        AND ($10 IS NULL OR f.occurred_at >= $10) AND ($11 IS NULL OR f.occurred_at < $11)
"""
_BEGUN = f"""
SELECT min(hour) FROM (
    SELECT hour, (sum(count(*)) OVER (ORDER BY hour) - 1) // $12 AS span
    FROM (SELECT date_trunc('hour', occurred_at) AS hour FROM ({_CHOSEN}) LIMIT $8) GROUP BY hour
) GROUP BY span ORDER BY span
"""  # noqa: S608 — constants only
# What a finding rests on is looked for among the contacts of the chosen findings alone.
_FOUND = f"""
WITH chosen AS MATERIALIZED (
    {_CHOSEN}
    ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id
    LIMIT $8
),
rests AS MATERIALIZED (SELECT v.* FROM evidence v SEMI JOIN chosen USING (finding_id))
SELECT c.*, v.verdict, s.name AS of_source, e.locator AS of_locator, e.event_id AS of_event_id,
    CASE WHEN h.finding_id IS NOT NULL THEN struct_pack(passages := h.passages, heard := h.heard, start_s := h.start_s,
        end_s := h.end_s, engine := h.engine, confidence := h.confidence, doubtful := h.doubtful,
        heard_by := h.heard_by, utterance_id := h.utterance_id) END AS speech
FROM chosen c JOIN rests r USING (finding_id) JOIN events e ON coalesce(e.same_as, e.event_id) = r.event_id
JOIN sources s USING (source_id)
LEFT JOIN verdicts v USING (finding_id) LEFT JOIN (FROM speech SEMI JOIN chosen USING (finding_id)) h USING (finding_id)
ORDER BY c.occurred_at, c.rule_id, c.provision_id, c.finding_id, r.ordinal, e.same_as IS NOT NULL, e.event_id
"""  # noqa: S608 — constants only
_RULES = """
SELECT rule_id, title_en, title_zh, message_en, message_zh, limits_en, limits_zh, sql FROM rule_runs ORDER BY rule_id
"""
_LAW = """
SELECT provision_id, authority, modality, article, instrument_en, instrument_zh, quote, text_en, text_zh, url,
    confidence, reviewed, in_force_from, in_force_until, caveat_en, caveat_zh
FROM provisions ORDER BY provision_id
"""
