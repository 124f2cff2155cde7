"""SHOW: contacts that almost broke a rule on hours or numbers and did not. None of them is a finding."""

from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .hours import APPLYING

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
MINUTES = 30  # so close to the hours that are permitted, and still within them
ROWS = 50


def near_hours(case: "Case", lang: str, event: str | None = None) -> Row:
    """Contacts of a collector within the hours of every text that applies, at most MINUTES from the end of one.

    n, and the first `rows` in order of time: event_id, at_local, precision, channel, opens, closes, instrument,
    minutes (from the end that is near), late (it is the closing one). `event`: only that contact.
    """
    return _told(case.query(APPLYING + _HOURS, [_named(case), MINUTES, ROWS, event]), lang)


def near_limits(case: "Case", lang: str, event: str | None = None) -> Row:
    """Days on which the contacts that a text counts reach its number and do not exceed it.

    n, and the first `rows` in order of time: event_id (the contact that reached it), on_date, counted, days, unit,
    instrument.
    """
    account = case.query("SELECT account FROM contacts WHERE event_id = ?", [event]) if event else []
    of = account[0]["account"] if account else None  # contacts of one account are counted together, and no others
    return _told(case.query(APPLYING + _LIMITS, [_named(case), ROWS, event, of]), lang)


def _named(case: "Case") -> list[str]:
    return list(case.options.get("regimes", []))


def _told(rows: list[Row], lang: str) -> Row:
    words = Words(lang)
    dropped = ("instrument_en", "instrument_zh", "every")
    told = [
        {**{key: row[key] for key in row if key not in dropped}, "instrument": words.pick(row, "instrument")}
        for row in rows
    ]
    return {"n": rows[0]["every"] if rows else 0, "rows": told}


# The text that is nearest speaks for a contact; one that is out of hours by any text is none of these.
_HOURS = """
, within AS (
    SELECT c.event_id, c.at_local, c.precision, c.channel, h.opens, h.closes, instrument_en, instrument_zh,
        date_diff('minute', h.opens, at_time) AS early, date_diff('minute', at_time, h.closes) AS left_over
    FROM contacts c JOIN hours h USING (channel, weekday, to_role)
    ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = h.waiver
    ANTI JOIN (SELECT event_id FROM findings WHERE rule_id = 'out-of-hours') f ON f.event_id = c.event_id
    WHERE from_role = 'collector' AND on_date >= in_force_from AND on_date < in_force_until
        AND at_time >= opens AND (at_time < closes OR (at_time = closes AND closes_inclusive))
        AND ($4 IS NULL OR c.event_id = $4)
)
SELECT event_id, at_local, precision, channel, opens, closes, instrument_en, instrument_zh,
    least(early, left_over) AS minutes, left_over <= early AS late, count(*) OVER () AS every
FROM (
    FROM within WHERE least(early, left_over) <= $2
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY least(early, left_over), instrument_en) = 1
)
ORDER BY at_local, event_id LIMIT $3
"""

# As the rule contact-frequency counts, in the same groups; here the number is reached and not exceeded.
_LIMITS = """
, applying AS (
    SELECT l.*, p.instrument_en, p.instrument_zh FROM contact_limits l JOIN provisions p USING (provision_id)
    WHERE p.authority <> 'practice'
        AND (list_contains($1::VARCHAR[], p.regime) OR p.regime NOT IN (SELECT regime FROM unfit))
),
countable AS (
    SELECT provision_id, unit, days, max_count, instrument_en, instrument_zh, c.account, c.event_id, at_local, on_date,
        CASE per WHEN 'number' THEN to_number ELSE to_role END AS contacted,
        CASE scope WHEN 'lender' THEN coalesce(lender, agency, from_number, '')
                   ELSE coalesce(agency, lender, from_number, '') END AS caller
    FROM contacts c JOIN applying l USING (channel, to_role)
    ANTI JOIN declared d ON d.event_id = c.event_id AND d.fact = l.waiver
    WHERE from_role = 'collector' AND on_date >= in_force_from AND on_date < in_force_until
        AND ($4 IS NULL OR c.account = $4)
        AND CASE unit WHEN 'attempt' THEN true
                      WHEN 'unanswered' THEN outcome = 'unanswered'
                      WHEN 'connected' THEN connected
                      WHEN 'effective' THEN connected AND least_s >= min_seconds END
),
daily AS (
    SELECT * EXCLUDE (event_id, at_local), count(*) AS today, max_by(event_id, (at_local, event_id)) AS event_id
    FROM countable GROUP BY ALL
),
reached AS (
    SELECT *, CAST(sum(today) OVER (PARTITION BY provision_id, unit, days, max_count, account, contacted, caller
        ORDER BY on_date RANGE BETWEEN to_days(days - 1) PRECEDING AND CURRENT ROW) AS BIGINT) AS counted
    FROM daily
    QUALIFY counted = max_count
)
SELECT event_id, on_date, counted, days, unit, instrument_en, instrument_zh, count(*) OVER () AS every
FROM reached WHERE $3 IS NULL OR event_id = $3 ORDER BY on_date, event_id, instrument_en LIMIT $2
"""
