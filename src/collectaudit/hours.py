"""SHOW: the hours in which the texts that apply to a case permit contact, day by day, by the run's law tables."""

from typing import TYPE_CHECKING, Any

from .catalogue import Words

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
# The window that is drawn and looked at: that of calls to the debtor. Texts that differ by channel or role are few, and
# what counts is what the rules found.
_CHANNEL, _ROLE = "call", "debtor"

# Hours of regimes that surely apply: to everybody, or named for this case, or every fact that decides is declared so.
# What only the house thinks (authority practice) is no text. Given: $1 the regimes that were named.
APPLYING = """
WITH said AS (
    SELECT DISTINCT fact, lower(trim(value)) AS value FROM case_facts
    UNION SELECT DISTINCT 'lender', lower(trim(lender)) FROM events WHERE lender IS NOT NULL
),
unfit AS (
    SELECT regime FROM (
        SELECT r.regime, r.fact, bool_or(s.value IS NOT NULL) AS fits
        FROM regime_scopes r LEFT JOIN said s ON s.fact = r.fact AND s.value = lower(trim(r.value))
        GROUP BY r.regime, r.fact
    ) GROUP BY regime HAVING NOT bool_and(fits)
),
hours AS (
    SELECT h.*, p.regime, p.instrument_en, p.instrument_zh, p.article
    FROM contact_hours h JOIN provisions p USING (provision_id)
    WHERE p.authority <> 'practice'
        AND (list_contains($1::VARCHAR[], p.regime) OR p.regime NOT IN (SELECT regime FROM unfit))
)
"""


def bands(case: "Case", first: str, last: str, lang: str) -> list[Row]:
    """Runs of days with the same permitted hours: since, until (the first day after), opens, closes, instruments.

    Where several texts apply, the latest opening and the earliest closing, and the texts that have them. Days for
    which no text has hours, or an agreement lifts them, are in no run. An agreement counts if it is for the whole case.
    """
    rows = case.query(APPLYING + _BANDS, [list(case.options.get("regimes", [])), first, last])
    words = Words(lang)
    return [
        {
            **{key: row[key] for key in ("since", "until", "opens", "closes")},
            "instruments": list(dict.fromkeys(words.pick(text, "instrument") for text in row["texts"])),
        }
        for row in rows
    ]


def agreed_apart(case: "Case") -> bool:
    """Whether hours were agreed on that hold for one account of several, so that no band can show them."""
    return bool(case.query(_APART)[0]["apart"])


_BANDS = f"""
, days AS (
    SELECT CAST(unnest(generate_series(CAST($2 AS DATE), CAST($3 AS DATE), INTERVAL 1 DAY)) AS DATE) AS day
),
agreed AS (
    SELECT fact, CAST(from_at AS DATE) AS since, until_at, opens, closes FROM case_facts
    WHERE account IS NULL OR (SELECT count(DISTINCT account) FROM occasions) = 1
),
each_text AS (
    SELECT day, h.instrument_en, h.instrument_zh, h.article,
        CASE WHEN a.fact IS NULL THEN h.opens ELSE a.opens END AS opens,
        CASE WHEN a.fact IS NULL THEN h.closes ELSE a.closes END AS closes
    FROM days JOIN hours h ON day >= in_force_from AND day < in_force_until AND weekday = isodow(day)
    LEFT JOIN agreed a ON a.fact = h.waiver AND a.since <= day AND day < a.until_at
    WHERE channel = '{_CHANNEL}' AND to_role = '{_ROLE}'
),
strictest AS (
    SELECT day, max(opens) AS opens, min(closes) AS closes,
        list({{'instrument_en': instrument_en, 'instrument_zh': instrument_zh}} ORDER BY instrument_en) AS texts
    FROM (
        SELECT *, max(opens) OVER (PARTITION BY day) AS latest, min(closes) OVER (PARTITION BY day) AS earliest
        FROM each_text WHERE opens IS NOT NULL
    ) WHERE opens = latest OR closes = earliest GROUP BY day
),
runs AS (
    SELECT *, day - CAST(row_number() OVER (PARTITION BY opens, closes, texts ORDER BY day) AS INTEGER) AS run
    FROM strictest
)
SELECT CAST(min(day) AS VARCHAR) AS since, CAST(max(day) + 1 AS VARCHAR) AS until, opens, closes, texts
FROM runs GROUP BY opens, closes, texts, run ORDER BY since
"""  # noqa: S608 — constants only

_APART = """
SELECT (SELECT count(DISTINCT account) FROM occasions) > 1 AND EXISTS (
    FROM case_facts SEMI JOIN (SELECT DISTINCT waiver AS fact FROM contact_hours) w USING (fact)
    WHERE account IS NOT NULL) AS apart
"""
