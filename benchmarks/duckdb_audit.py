"""The same questions in plain DuckDB, a query for each, the way somebody who knows SQL would write them.

It looks at the settled contacts of a case (events.parquet) and counts: there is no evidence, no citation and no list.
"""

from pathlib import Path

import duckdb

GBT_FROM, CBA_FROM = "began >= DATE '2025-02-28'", "began >= DATE '2026-01-30'"
DEBTOR, FAMILY, OTHERS = "role = 'debtor'", "role = 'family'", "role NOT IN ('debtor', 'family')"
CONNECTED = f"{DEBTOR} AND {GBT_FROM} AND outcome = 'connected'"
_CALLS = """
CREATE VIEW calls AS
SELECT account_id AS account, at_local AS began, CAST(at_local AS DATE) AS day, CAST(at_local AS TIME) AS clock,
    to_number AS number, to_role AS role, outcome, duration_s, agency, lender
FROM '{events}' WHERE from_role = 'collector' AND same_as IS NULL
"""


def which(condition: str) -> str:
    """How many contacts are such."""
    return f"SELECT count(*) FROM calls WHERE {condition}"


def outside(condition: str, closes: str) -> str:
    """Contacts before 08:00, or at or after `closes`."""
    return which(f"{condition} AND (clock < TIME '08:00' OR clock >= TIME '{closes}')")


def over_per_day(condition: str, keys: str, most: int) -> str:
    """Groups and days with more than `most` contacts."""
    return f"SELECT count(*) FROM (SELECT 1 FROM calls WHERE {condition} GROUP BY {keys}, day HAVING count(*) > {most})"


def repeated(condition: str) -> str:
    """People who were reached more than once."""
    reached = f"SELECT 1 FROM calls WHERE {condition} AND outcome = 'connected' GROUP BY account, number"
    return f"SELECT count(*) FROM ({reached} HAVING count(*) > 1)"


SEVEN_IN_SEVEN = f"""
SELECT count(*) FROM (
    SELECT sum(n) OVER (
        PARTITION BY account, agency ORDER BY day RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW) AS counted
    FROM (SELECT account, agency, day, count(*) AS n FROM calls WHERE {DEBTOR} GROUP BY ALL)
) WHERE counted > 7
"""
AFTER_CONVERSATION = f"""
SELECT count(*) FROM (
    SELECT day, max(CASE WHEN outcome = 'connected' THEN day END) OVER (
        PARTITION BY account, agency ORDER BY began ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS spoke
    FROM calls WHERE {DEBTOR}
) WHERE day < spoke + 7
"""
BURSTS = """
WITH paused AS (
    SELECT *, began - lag(began) OVER (PARTITION BY account, number, agency ORDER BY began) AS pause FROM calls
),
runs AS (
    SELECT *, count(*) FILTER (pause IS NULL OR pause > INTERVAL 10 MINUTES) OVER (
        PARTITION BY account, number, agency ORDER BY began) AS run
    FROM paused
)
SELECT count(*) FROM (SELECT 1 FROM runs GROUP BY account, number, agency, run HAVING count(*) >= 4)
"""
QUERIES = {
    "out-of-hours cn.gbt45251/hours": outside(GBT_FROM, "22:00"),
    "out-of-hours cn.cba2026/hours": outside(CBA_FROM, "22:00"),
    "out-of-hours us.regf/hours": outside(DEBTOR, "21:00:01"),
    "contact-frequency cn.gbt45251/notice-calls": over_per_day(CONNECTED, "account, lender", 3),
    "contact-frequency cn.gbt45251/interactive-calls": over_per_day(
        f"{CONNECTED} AND duration_s >= 30", "account, agency", 3
    ),
    "contact-frequency cn.cba2026/unanswered-calls": over_per_day(
        f"{DEBTOR} AND {CBA_FROM} AND outcome = 'unanswered'", "account, agency, number", 6
    ),
    "contact-frequency us.regf/seven-in-seven": SEVEN_IN_SEVEN,
    "cooldown-after-conversation us.regf/after-conversation": AFTER_CONVERSATION,
    "third-party-contact cn.gbt45251/contacts": which(f"{GBT_FROM} AND NOT {DEBTOR}"),
    "third-party-contact cn.cba2026/unrelated-persons": which(f"{CBA_FROM} AND {OTHERS}"),
    "third-party-contact cn.cba2026/family": which(f"{CBA_FROM} AND {FAMILY}"),
    "third-party-repeat us.regf/location-once": repeated(OTHERS),
    "third-party-repeat us.regf/location-once-family": repeated(FAMILY),
    "redial-burst practice/redial": BURSTS,
}


def audit(events: Path) -> dict[str, int]:
    """How many findings each provision has."""
    with duckdb.connect() as con:
        con.execute(_CALLS.format(events=events))
        return {name: (con.execute(sql).fetchone() or (0,))[0] for name, sql in QUERIES.items()}
