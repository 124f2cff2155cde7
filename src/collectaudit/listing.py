"""SHOW: findings by the page: what a filter leaves, counted by every facet, fifty rows at a time."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .filtering import Wanted as Wanted
from .filtering import each, marks, passing
from .views import message

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
FACETS = ("severity", "tier", "verdict", "rule", "channel", "agency", "account")
# What numbers and charts lead to.
SLICES = ("authority", "regime", "provision", "number", "agent", "lender", "weekday", "hour")
ORDERS = ("time", "latest", "severity")
UNREVIEWED = "none"  # the verdict of a finding that nobody has looked at
NOBODY = "-"  # the agency or account of a contact that names none


def count(case: "Case", wanted: Wanted) -> int:
    """How many findings the filter leaves."""
    return int(case.query(_MARKED + _COUNT, wanted.params(_ALL))[0]["n"])


def facets(case: "Case", wanted: Wanted) -> dict[str, dict[str, int]]:
    """Facet → value → findings that the other facets and the search leave; the most first."""
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for row in case.query(_MARKED + _FACETS, wanted.params(_ALL)):
        found[row["facet"]][row["value"]] = row["n"]
    return found


def page(case: "Case", wanted: Wanted, number: int, lang: str) -> list[Row]:
    """The rows of one page, counted from 1, each with the sentence of its rule and whom it is about."""
    order = wanted.order if wanted.order in ORDERS else ORDERS[0]
    rows = case.query(_MARKED + _PAGE, [*wanted.params(_ALL), order, ROWS, ROWS * (max(number, 1) - 1)])
    words = Words(lang)
    return [_shown(row, words) for row in rows]


def next_unreviewed(case: "Case", finding_id: str, wanted: Wanted) -> str | None:
    """The finding without a verdict that follows in time, or else the first one; None if there is none left."""
    rows = case.query(_MARKED + _NEXT, [*wanted.params(_ALL), finding_id])
    return str(rows[0]["finding_id"]) if rows else None


def span(case: "Case") -> Row:
    """First and last day on which there was a contact, and the zone of all times."""
    return {**case.query(_SPAN)[0], "time_zone": case.options["time_zone"]}


def rule_titles(case: "Case", lang: str) -> dict[str, str]:
    """Rule → what it is called, of all rules of the run."""
    words = Words(lang)
    return {row["rule_id"]: words.pick(row, "title") for row in case.query(_TITLES)}


def _shown(row: Row, words: Words) -> Row:
    law = {"instrument": words.pick(row, "instrument"), "article": row["article"]}
    return {
        **{key: row[key] for key in ("finding_id", "event_id", "rule", "severity", "tier", "authority", "channel")},
        **{key: row[key] for key in ("from_number", "to_number", "from_role", "to_role", "occurred_at", "precision")},
        "verdict": None if row["verdict"] == UNREVIEWED else row["verdict"],
        "title": words.pick(row, "title"),
        "message": message(words.pick(row, "message"), {**json.loads(row["facts"]), **law}, words),
    }


_ALL = (*FACETS, *SLICES)
_SEARCH = f"${len(_ALL) + 1}"
_ORDER, _ROWS, _SKIPPED = (f"${len(_ALL) + n}" for n in (4, 5, 6))

# Every finding with its facets and whether each of them, the period and the search let it pass.
_MARKED = f"""
WITH facetted AS (
    SELECT f.finding_id, f.event_id, f.rule_id AS rule, f.severity, f.tier, f.occurred_at, f.provision_id, f.facts,
        f.regime, f.provision_id AS provision, p.authority, coalesce(nullif(f.account, ''), '-') AS account,
        coalesce(v.verdict, 'none') AS verdict,
        coalesce(e.channel, '') AS channel, coalesce(e.agency, '-') AS agency,
        CAST(f.occurred_at AS DATE) AS day, CAST(isodow(f.occurred_at) AS VARCHAR) AS weekday,
        CASE WHEN e.precision = 'day' THEN '-' ELSE CAST(hour(f.occurred_at) AS VARCHAR) END AS hour,
        [e.from_number, e.to_number] AS number, coalesce(e.agent, '-') AS agent, coalesce(e.lender, '-') AS lender,
        concat_ws(' ', f.finding_id, f.account, f.facts, e.from_number, e.to_number, e.name, e.agency, e.agent,
            e.lender) AS about
    FROM findings f JOIN provisions p USING (provision_id) LEFT JOIN verdicts v USING (finding_id)
    LEFT JOIN events e ON e.event_id = f.event_id
),
marked AS MATERIALIZED (
    SELECT *,
        {marks(_ALL)}
    FROM facetted f
    WHERE {_SEARCH} = '' OR contains(lower(about), {_SEARCH})
        OR EXISTS (FROM utterances u WHERE u.event_id = f.event_id AND contains(lower(u.text), {_SEARCH}))
),
wanted AS (
    FROM marked
    WHERE {passing(_ALL)}
)
"""  # noqa: S608 — constants only

_COUNT = "SELECT count(*) AS n FROM wanted"

_FACETS = each(FACETS, _ALL)

_RANK = "list_position(['low', 'medium', 'high', 'severe'], severity)"
_PAGE = f"""
, chosen AS (
    SELECT *, row_number() OVER (ORDER BY
        CASE WHEN {_ORDER} = 'severity' THEN -{_RANK} END, CASE WHEN {_ORDER} = 'severity' THEN tier END,
        CASE WHEN {_ORDER} = 'latest' THEN -epoch_us(occurred_at) END,
        occurred_at, rule, provision_id, finding_id) AS place
    FROM wanted ORDER BY place LIMIT {_ROWS} OFFSET {_SKIPPED}
)
SELECT c.*, e.from_number, e.to_number, e.from_role, e.to_role, e.precision, p.authority, p.article, p.instrument_en,
    p.instrument_zh, r.title_en, r.title_zh, r.message_en, r.message_zh
FROM chosen c JOIN provisions p USING (provision_id) JOIN rule_runs r ON r.rule_id = c.rule
LEFT JOIN events e ON e.event_id = c.event_id
ORDER BY place
"""  # noqa: S608 — a constant

_NEXT = f"""
SELECT w.finding_id FROM wanted w, (SELECT * FROM facetted WHERE finding_id = {_ORDER}) here
WHERE w.verdict = 'none' AND w.finding_id <> here.finding_id
ORDER BY (w.occurred_at, w.rule, w.provision_id, w.finding_id)
    < (here.occurred_at, here.rule, here.provision_id, here.finding_id),
    w.occurred_at, w.rule, w.provision_id, w.finding_id
LIMIT 1
"""  # noqa: S608 — a constant

_SPAN = "SELECT CAST(min(on_date) AS VARCHAR) AS first_day, CAST(max(on_date) AS VARCHAR) AS last_day FROM occasions"
_TITLES = "SELECT rule_id, title_en, title_zh FROM rule_runs ORDER BY rule_id"
