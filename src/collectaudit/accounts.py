"""SHOW: accounts: a list of them by the page, and of one its contacts over time, people, facts, findings and gaps."""

from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .gaps import counted
from .listing import NOBODY

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
ORDERS = ("findings", "contacts", "latest", "name")
LANES = ("calls", "messages", "visits", "ours")
MESSAGES = ("sms", "im", "email", "letter")
# What the list of contacts must be filtered by to hold a lane, and nothing else.
LANE_FILTERS: dict[str, dict[str, list[str]]] = {
    "calls": {"channel": ["call", "voicemail"], "side": ["theirs", "unknown"]},
    "messages": {"channel": list(MESSAGES), "side": ["theirs", "unknown"]},
    "visits": {"channel": ["visit"], "side": ["theirs", "unknown"]},
    "ours": {"side": ["ours"]},
}
ONE_BY_ONE = 500  # contacts up to which each is a point of the chart; above that each day is one
_PEOPLE_SHOWN, _FACTS_SHOWN = 50, 200  # of one account


def count(case: "Case", search: str = "") -> int:
    """How many accounts there are whose name, numbers, agency or lender hold the words."""
    return int(case.query(_ACCOUNTS + _COUNT, [search.strip().lower()])[0]["n"])


def page(case: "Case", search: str, order: str, number: int) -> list[Row]:
    """One page of accounts: contacts, first and last day, findings by what people think of them."""
    chosen = order if order in ORDERS else ORDERS[0]
    params = [search.strip().lower(), chosen, ROWS, ROWS * (max(number, 1) - 1)]
    rows: list[Row] = case.query(_ACCOUNTS + _PAGE, params)
    return rows


def account(case: "Case", name: str) -> Row | None:
    """One account as the list has it; "-": what belongs to none. None if there is no such account."""
    return next(iter(case.query(_ACCOUNTS + _ONE, ["", name])), None)


def timeline(case: "Case", name: str) -> Row:
    """`unit`: contact (each `event_id`) or day; `points`: lane, at, n, flagged (how many have findings)."""
    many = sum(lanes(case, name).values())
    unit = "contact" if many <= ONE_BY_ONE else "day"
    return {"unit": unit, "points": case.query(_OF + (_EACH if unit == "contact" else _DAILY), [_stored(name)])}


def lanes(case: "Case", name: str) -> dict[str, int]:
    """How many contacts each lane has; every contact is in one of them."""
    found = case.query(_OF + _LANES, [_stored(name)])
    return {**dict.fromkeys(LANES, 0), **{row["lane"]: row["n"] for row in found}}


def people(case: "Case", name: str) -> list[Row]:
    """Who contacts whom: agency, the collecting side's number, the person at the other end; `n` contacts of these.

    `of_agency`, `of_number`, `of_person`: contacts of this account with that agency or number at all. `every`: how many
    such rows there are; those with the most contacts are given.
    """
    rows: list[Row] = case.query(_OF + _PEOPLE, [_stored(name), _PEOPLE_SHOWN])
    return rows


def facts(case: "Case", name: str) -> list[Row]:
    """What was declared for this account, or for all: fact, party, from when to when, value, note, where it stands."""
    rows: list[Row] = case.query(_FACTS, [_stored(name), _FACTS_SHOWN])
    return rows


def findings(case: "Case", name: str, lang: str) -> list[Row]:
    """Findings of the account by rule: n, and how many of them nobody looked at, confirmed, dismissed, left unsure."""
    words = Words(lang)
    return [{**row, "title": words.pick(row, "title")} for row in case.query(_FINDINGS, [_stored(name)])]


def gaps(case: "Case", name: str) -> dict[str, int]:
    """What its record lacks: of each kind of gaps.py how many, and contacts of which nobody knows who began them."""
    unknown = case.query(_OF + _UNKNOWN, [_stored(name)])[0]["n"]
    return {**counted(case, _stored(name)), "undirected": unknown}


def _stored(name: str) -> str:
    """How tables write an account; none is nothing there."""
    return "" if name == NOBODY else name


_ACCOUNTS = """
WITH told AS (
    SELECT coalesce(nullif(account, ''), '-') AS account, count(*) AS contacts, min(on_date) AS first_day,
        max(on_date) AS last_day, count(*) FILTER (from_role = 'collector' AND NOT undirected) AS theirs,
        bool_or(contains(lower(concat_ws(' ', account, from_number, to_number, agency, lender)), $1)) AS fits
    FROM occasions GROUP BY 1
),
judged AS (
    SELECT coalesce(nullif(account, ''), '-') AS account, count(*) AS findings,
        count(*) FILTER (verdict IS NULL) AS open, count(*) FILTER (verdict = 'confirmed') AS confirmed,
        count(*) FILTER (verdict = 'dismissed') AS dismissed, count(*) FILTER (verdict = 'unsure') AS unsure
    FROM findings LEFT JOIN verdicts USING (finding_id) GROUP BY 1
),
accounts AS (
    SELECT account, coalesce(contacts, 0) AS contacts, first_day, last_day, coalesce(theirs, 0) AS theirs,
        coalesce(findings, 0) AS findings, coalesce(open, 0) AS open, coalesce(confirmed, 0) AS confirmed,
        coalesce(dismissed, 0) AS dismissed, coalesce(unsure, 0) AS unsure
    FROM told FULL JOIN judged USING (account)
    WHERE coalesce(fits, contains(lower(account), $1))
)
"""

_COUNT = "SELECT count(*) AS n FROM accounts"
_ONE = "SELECT * FROM accounts WHERE account = $2"
_PAGE = """
SELECT * FROM accounts
ORDER BY CASE $2 WHEN 'findings' THEN findings WHEN 'contacts' THEN contacts
        WHEN 'latest' THEN date_diff('day', DATE '1970-01-01', last_day) ELSE 0 END DESC NULLS LAST, account
LIMIT $3 OFFSET $4
"""

_OF = """
WITH mine AS (
    SELECT o.*, found.event_id IS NOT NULL AS has_findings,
        CASE WHEN undirected THEN 'unknown' WHEN from_role = 'collector' THEN 'theirs'
            WHEN to_role = 'collector' THEN 'ours' ELSE 'unknown' END AS side,
        CASE WHEN side = 'ours' THEN 'ours' WHEN channel IN ('call', 'voicemail') THEN 'calls'
            WHEN channel = 'visit' THEN 'visits' ELSE 'messages' END AS lane
    FROM occasions o LEFT JOIN (SELECT DISTINCT event_id FROM findings) found USING (event_id)
    WHERE account = $1
)
"""

_LANES = "SELECT lane, count(*) AS n FROM mine GROUP BY lane"
_UNKNOWN = "SELECT count(*) AS n FROM mine WHERE side = 'unknown'"
_EACH = """
SELECT lane, at_local AS at, event_id, channel, precision, 1 AS n, CAST(has_findings AS INTEGER) AS flagged
FROM mine ORDER BY at_local, event_id
"""
_DAILY = """
SELECT lane, on_date AS at, count(*) AS n, count(*) FILTER (has_findings) AS flagged
FROM mine GROUP BY lane, on_date ORDER BY on_date, lane
"""

# The collecting end of a contact: the collector's; where there is none, the one that nobody has named.
_PEOPLE = """
, ends AS (
    SELECT event_id, coalesce(agency, '-') AS agency,
        CASE WHEN from_role = 'collector' THEN true WHEN to_role = 'collector' THEN false
            ELSE from_role IS NULL OR to_role IS NOT NULL END AS from_first, from_number, to_number, from_role, to_role
    FROM mine
),
pairs AS (
    SELECT agency, CASE WHEN from_first THEN from_number ELSE to_number END AS number,
        CASE WHEN from_first THEN from_role ELSE to_role END AS role,
        CASE WHEN from_first THEN to_number ELSE from_number END AS person,
        CASE WHEN from_first THEN to_role ELSE from_role END AS person_role
    FROM ends
),
each_number AS (
    SELECT number, count(*) AS n
    FROM (SELECT from_number AS number FROM mine UNION ALL SELECT to_number FROM mine WHERE to_number <> from_number)
    GROUP BY number
),
named AS (
    SELECT number, min_by(name, (account_id IS DISTINCT FROM $1, name)) FILTER (name IS NOT NULL) AS name,
        min_by(organisation, (account_id IS DISTINCT FROM $1, organisation)) FILTER (organisation IS NOT NULL)
            AS organisation
    FROM parties GROUP BY number
)
SELECT p.agency, p.number, p.role, p.person, p.person_role, n.name, n.organisation, m.name AS person_name,
    count(*) AS n, sum(count(*)) OVER (PARTITION BY p.agency) AS of_agency, any_value(x.n) AS of_number,
    any_value(y.n) AS of_person, count(*) OVER () AS every
FROM pairs p LEFT JOIN named n ON n.number = p.number LEFT JOIN named m ON m.number = p.person
LEFT JOIN each_number x ON x.number = p.number LEFT JOIN each_number y ON y.number = p.person
GROUP BY p.agency, p.number, p.role, p.person, p.person_role, n.name, n.organisation, m.name
ORDER BY of_agency DESC, p.agency, of_number DESC, p.number, count(*) DESC, p.person LIMIT $2
"""

_FACTS = """
SELECT f.fact, f.party, f.from_at, f.until_at, f.value, f.note, nullif(f.account, '') AS account, s.name AS source,
    f.locator
FROM case_facts f LEFT JOIN sources s USING (source_id)
WHERE f.account = $1 OR f.account IS NULL
ORDER BY f.account IS NULL, f.from_at NULLS FIRST, f.fact, f.party LIMIT $2
"""

_FINDINGS = """
SELECT rule_id, title_en, title_zh, count(*) AS n, count(*) FILTER (verdict IS NULL) AS open,
    count(*) FILTER (verdict = 'confirmed') AS confirmed, count(*) FILTER (verdict = 'dismissed') AS dismissed,
    count(*) FILTER (verdict = 'unsure') AS unsure
FROM findings JOIN rule_runs USING (rule_id) LEFT JOIN verdicts USING (finding_id)
WHERE coalesce(account, '') = $1
GROUP BY ALL ORDER BY n DESC, rule_id
"""
