"""Which records of different sources are the same contact: the second is no other contact, but it is an exhibit.

Two records pair when channel and both ends agree, nothing they say contradicts, and their starts lie within the
tolerance of their sources; each record pairs with at most one of another source, nearest first.
"""

import duckdb

# Seconds. A phone logs when dialling began, a bill when the call was answered: up to a minute and a half later
# (facts on real pairs are wanting; this is the project's working value). Two exports of one kind must agree.
_TOLERANCE_OTHER_KIND = 90
_TOLERANCE_SAME_KIND = 1
_MINUTE = 60
_ROUNDS = 8


def pair(con: duckdb.DuckDBPyConnection) -> None:
    """Add to the table `same (event_id, same_as, why)` what the table `drafted` has twice, and is not in it yet."""
    con.execute(_CANDIDATES)
    con.execute("CREATE TABLE links (a VARCHAR, b VARCHAR, source_a VARCHAR, source_b VARCHAR)")
    for _ in range(_ROUNDS):
        found = con.execute(_NEAREST).fetchone()
        if not found or not found[0]:
            break
        con.execute(_TAKEN)
    con.execute(_SAME)


def follow(con: duckdb.DuckDBPyConnection) -> None:
    """Let each record in `same` point to the one that counts, where that one is itself the same as another."""
    for _ in range(_ROUNDS):
        con.execute("UPDATE same SET same_as = s.same_as FROM same s WHERE same.same_as = s.event_id")


# `standing` decides which record counts: one that is more than a person's statement, one with whole numbers, one that
# names its account, the more exact one, the earlier one (a phone logs the dialling, a bill the answer), by source id.
_CANDIDATES = f"""
CREATE MACRO is_mask(number) AS coalesce(regexp_full_match(number, '[+]?[0-9*]*[*][0-9*]*'), false);
CREATE MACRO bare(number) AS regexp_replace(number, '^([+]86|0)', '');
CREATE MACRO fits(number, other) AS number = other
    OR (is_mask(other) AND regexp_full_match(bare(number), replace(bare(other), '*', '.')));

CREATE TABLE ranked AS
SELECT event_id, d.source_id, parser, owner_number, channel, from_number, to_number, at_utc, precision,
    connected, duration_s, body,
    epoch_ms(at_utc) // 180000 AS slot, is_mask(from_number) OR is_mask(to_number) AS masked,
    (CASE WHEN masked THEN 8 ELSE 0 END) + (CASE WHEN account_id IS NULL THEN 4 ELSE 0 END)
        + (CASE precision WHEN 'second' THEN 0 WHEN 'minute' THEN 1 ELSE 2 END)
        + (CASE kind WHEN 'told' THEN 16 ELSE 0 END) AS standing
FROM drafted d JOIN source_facts USING (source_id) ANTI JOIN same USING (event_id)
WHERE precision <> 'day' AND outcome IS DISTINCT FROM 'not_sent' AND NOT recorded;  -- linking.py looks at those

CREATE TABLE candidates AS
WITH near AS (SELECT *, unnest([slot - 1, slot, slot + 1]) AS near_slot FROM ranked),
pairs AS (
    SELECT a.*, b.event_id AS other_id, b.source_id AS other_source, b AS o
    FROM ranked a JOIN near b
    ON a.slot = b.near_slot AND a.channel = b.channel AND a.from_number = b.from_number AND a.to_number = b.to_number
    WHERE a.source_id <> b.source_id
    UNION ALL
    SELECT a.*, b.event_id, b.source_id, b
    FROM ranked a JOIN near b ON a.slot = b.near_slot AND a.channel = b.channel AND b.masked AND NOT a.masked
    WHERE a.source_id <> b.source_id AND a.duration_s = b.duration_s
        AND fits(a.from_number, b.from_number) AND fits(a.to_number, b.to_number)
)
SELECT event_id AS a, other_id AS b, source_id AS source_a, other_source AS source_b,
    abs(epoch_ms(at_utc) - epoch_ms(o.at_utc)) / 1000 AS seconds_apart,
    abs(coalesce(duration_s - o.duration_s, 0)) AS duration_apart
FROM pairs
WHERE (standing, at_utc, source_id) < (o.standing, o.at_utc, other_source)
    AND seconds_apart <= (CASE WHEN parser = o.parser AND owner_number IS NOT DISTINCT FROM o.owner_number
            THEN {_TOLERANCE_SAME_KIND} ELSE {_TOLERANCE_OTHER_KIND} END)
        + (CASE WHEN precision = 'minute' OR o.precision = 'minute' THEN {_MINUTE} ELSE 0 END)
    AND (body IS NULL OR o.body IS NULL OR body = o.body)
    AND coalesce(connected = o.connected, true)
    AND (duration_apart <= 30 OR duration_apart <= {_MINUTE} AND (duration_s % 60 = 0 OR o.duration_s % 60 = 0));
"""  # noqa: S608 — constants only

_NEAREST = """
INSERT INTO links
SELECT a, b, source_a, source_b FROM candidates
QUALIFY row_number() OVER (PARTITION BY a, source_b ORDER BY seconds_apart, duration_apart, b) = 1
    AND row_number() OVER (PARTITION BY b, source_a ORDER BY seconds_apart, duration_apart, a) = 1
"""

_TAKEN = """
DELETE FROM candidates c WHERE EXISTS (SELECT 1 FROM links l WHERE l.a = c.a AND l.source_b = c.source_b)
    OR EXISTS (SELECT 1 FROM links l WHERE l.b = c.b AND l.source_a = c.source_a)
"""

_SAME = """
INSERT INTO same
SELECT b, first(a ORDER BY standing, at_utc, r.source_id, a), 'time'
FROM links JOIN ranked r ON r.event_id = a GROUP BY b
"""
