"""Legs of one call: what a switch logs in several rows (a queue, a transfer, both ends of a bridge) is one contact.

The rows say so by an id of the call. Each person outside the switch whom a call reached is a contact of their own: a
call that was passed on to somebody's relative is two. Of the legs with one person the longest conversation counts, or
the first attempt; the others stay as records of it.
"""

import duckdb

_ROUNDS = 3  # of two rows that share no id, but each shares one with a third


def join_legs(con: duckdb.DuckDBPyConnection) -> None:
    """Add to `same` the legs of each call in `drafted` that another one stands for, within one source."""
    con.execute(_IDS)
    for _ in range(_ROUNDS):
        con.execute(_SHARED)
    con.execute(_SAME)


_IDS = """
CREATE TABLE call_ids AS
SELECT event_id, source_id, unnest(string_split(call_id, ' ')) AS id FROM drafted
WHERE call_id IS NOT NULL AND NOT recorded;
CREATE TABLE call_keys AS SELECT event_id, min(id) AS key FROM call_ids GROUP BY event_id;
"""
_SHARED = """
CREATE OR REPLACE TABLE call_keys AS
WITH least_of AS (SELECT source_id, id, min(key) AS key FROM call_ids JOIN call_keys USING (event_id) GROUP BY ALL)
SELECT event_id, min(key) AS key FROM call_ids JOIN least_of USING (source_id, id) GROUP BY event_id;
"""

# A number of seven digits or more is outside a switch, one of a few digits is an extension of it. `person`: whom the
# leg reached; a leg that does not tell belongs to the one it names, or, between extensions, to the call's first.
_SAME = """
CREATE MACRO outside(number) AS
    coalesce(number = 'hidden' OR regexp_full_match(number, '[+]?[0-9*]{7,}|95[0-9]{3}'), false);
INSERT INTO same
WITH legs AS (
    SELECT event_id, source_id, key, n, from_number, to_number, at_utc, duration_s,
        coalesce(connected AND duration_s > 0, false) AS reached,
        outside(from_number) AND outside(to_number) AS both_outside,
        CASE WHEN from_role = 'collector' AND outside(to_number) THEN to_number
            WHEN to_role = 'collector' AND outside(from_number) THEN from_number
            WHEN outside(from_number) AND NOT outside(to_number) THEN from_number
            WHEN outside(to_number) AND NOT outside(from_number) THEN to_number END AS whom
    FROM drafted JOIN call_keys USING (event_id)
),
known AS (SELECT source_id, key, whom, min(n) AS n FROM legs WHERE whom IS NOT NULL GROUP BY ALL),
firsts AS (SELECT source_id, key, arg_min(whom, n) AS whom FROM known GROUP BY ALL),
named AS (
    SELECT event_id, min(k.whom) AS whom FROM legs l JOIN known k USING (source_id, key)
    WHERE l.whom IS NULL AND k.whom IN (from_number, to_number) GROUP BY event_id
),
placed AS (
    SELECT l.*, coalesce(l.whom, named.whom, CASE WHEN both_outside THEN from_number || ' ' || to_number END,
        firsts.whom, '') AS person
    FROM legs l LEFT JOIN named USING (event_id) LEFT JOIN firsts USING (source_id, key)
),
headed AS (
    SELECT event_id, first_value(event_id) OVER (PARTITION BY source_id, key, person
        ORDER BY reached DESC, CASE WHEN reached THEN -duration_s END, at_utc, n) AS head
    FROM placed
)
SELECT event_id, head, 'leg' FROM headed WHERE event_id <> head;
"""
