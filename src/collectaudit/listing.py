"""SHOW: findings by the page: what a filter leaves, counted by every facet, fifty rows at a time."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .filtering import Source
from .filtering import Wanted as Wanted
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
    return int(case.query(_LIST.sql(wanted, ["finding_id"]) + _COUNT, wanted.params(_ALL))[0]["n"])


def by_verdict(case: "Case") -> dict[str, int]:
    """Verdict → findings, of those that there are."""
    return {row["verdict"]: row["n"] for row in case.query(_BY_VERDICT)}


def facets(case: "Case", wanted: Wanted) -> dict[str, dict[str, int]]:
    """Facet → value → findings that the other facets and the search leave; the most first."""
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for row in case.query(_LIST.each(wanted, FACETS), wanted.params(_ALL)):
        found[row["facet"]][row["value"]] = row["n"]
    return found


def page(case: "Case", wanted: Wanted, number: int, lang: str) -> list[Row]:
    """The rows of one page, counted from 1, each with the sentence of its rule and whom it is about."""
    by = _BY.get(wanted.order, _IN_TIME)
    asked = _LIST.sql(wanted, _ORDERED) + _PAGE.format(by=by)
    rows = case.query(asked, {**wanted.params(_ALL), "rows": ROWS, "skipped": ROWS * (max(number, 1) - 1)})
    words = Words(lang)
    return [_shown(row, words) for row in rows]


def ids(case: "Case", wanted: Wanted) -> list[str]:
    """The findings that the filter leaves, by id."""
    rows = case.query(_LIST.sql(wanted, ["finding_id"]) + _IDS, wanted.params(_ALL))
    return [row["finding_id"] for row in rows]


def judged(case: "Case", finding_ids: Sequence[str]) -> int:
    """On how many of these findings somebody has given a verdict."""
    return int(case.query(_JUDGED, [list(finding_ids)])[0]["n"])


def next_unreviewed(case: "Case", finding_id: str, wanted: Wanted) -> str | None:
    """The finding without a verdict that follows in time, or else the first one; None if there is none left."""
    rows = case.query(_LIST.sql(wanted, [*_ORDERED, "verdict"]) + _NEXT, {**wanted.params(_ALL), "here": finding_id})
    return str(rows[0]["finding_id"]) if rows else None


def span(case: "Case") -> Row:
    """First and last day on which there was a contact, and the zone of all times."""
    return {**case.query(_SPAN)[0], "time_zone": case.options["time_zone"]}


def rule_titles(case: "Case", lang: str) -> dict[str, str]:
    """Rule → what it is called, of all rules of the run."""
    words = Words(lang)
    return {row["rule_id"]: words.pick(row, "title") for row in case.query(_TITLES)}


def _shown(row: Row, words: Words) -> Row:
    law = {"instrument": words.pick(row, "instrument"), "article": words.article(row["article"])}
    return {
        **{key: row[key] for key in ("finding_id", "event_id", "rule", "severity", "tier", "authority", "channel")},
        **{key: row[key] for key in ("from_number", "to_number", "from_role", "to_role", "occurred_at", "precision")},
        "verdict": None if row["verdict"] == UNREVIEWED else row["verdict"],
        "title": words.pick(row, "title"),
        "law": " ".join(part for part in (law["instrument"], law["article"]) if part),
        "message": message(words.pick(row, "message"), {**json.loads(row["facts"]), **law}, words),
    }


_ALL = (*FACETS, *SLICES)
_ORDERED = ("finding_id", "event_id", "rule", "severity", "tier", "occurred_at", "provision_id")
_LIST = Source(
    facets=_ALL,
    before={},
    tables="findings f",
    columns={
        **{name: f"f.{name}" for name in ("finding_id", "event_id", "severity", "tier", "occurred_at", "provision_id",
                                          "regime")},
        "rule": "f.rule_id", "provision": "f.provision_id", "authority": "p.authority",
        "account": "coalesce(nullif(f.account, ''), '-')", "verdict": "coalesce(v.verdict, 'none')",
        "channel": "coalesce(e.channel, '')", "agency": "coalesce(e.agency, '-')",
        "agent": "coalesce(e.agent, '-')", "lender": "coalesce(e.lender, '-')",
        "number": "[e.from_number, e.to_number]", "day": "CAST(f.occurred_at AS DATE)",
        "weekday": "CAST(isodow(f.occurred_at) AS VARCHAR)",
        "hour": "CASE WHEN e.precision = 'day' THEN '-' ELSE CAST(hour(f.occurred_at) AS VARCHAR) END",
    },
    joins={
        "JOIN provisions p USING (provision_id)": ("authority",),
        "LEFT JOIN verdicts v USING (finding_id)": ("verdict",),
        "LEFT JOIN events e ON e.event_id = f.event_id": (
            "channel", "agency", "agent", "lender", "number", "hour", "search",
        ),
    },
    search="""
        contains(lower(concat_ws(' ', f.finding_id, f.account, f.facts, e.from_number, e.to_number, e.name, e.agency,
            e.agent, e.lender)), $search)
        OR f.event_id IN (SELECT event_id FROM utterances WHERE contains(lower(text), $search))
    """,
    special={"number": "list_has_any($number::VARCHAR[], number)"},
)  # fmt: skip

_COUNT = "SELECT count(*) AS n FROM wanted"
_IDS = "SELECT finding_id FROM wanted ORDER BY finding_id"

_RANK = "list_position(['low', 'medium', 'high', 'severe'], severity)"
_IN_TIME = "occurred_at, rule, provision_id, finding_id"
_BY = {"time": _IN_TIME, "latest": _IN_TIME.replace(",", " DESC,", 1), "severity": f"{_RANK} DESC, tier, {_IN_TIME}"}
# The fifty are chosen by what orders them; what they say is fetched for these alone.
_PAGE = """
, first AS (
    SELECT finding_id, event_id, rule, severity, tier, occurred_at, provision_id
    FROM wanted ORDER BY {by} LIMIT $rows OFFSET $skipped
),
chosen AS (SELECT *, row_number() OVER (ORDER BY {by}) AS place FROM first),
said AS (SELECT finding_id, facts FROM findings SEMI JOIN first USING (finding_id)),
contacted AS (FROM events SEMI JOIN first USING (event_id))
SELECT c.*, p.authority, coalesce(e.channel, '') AS channel, coalesce(v.verdict, 'none') AS verdict, s.facts,
    e.from_number, e.to_number, e.from_role, e.to_role, e.precision, p.article, p.instrument_en, p.instrument_zh,
    r.title_en, r.title_zh, r.message_en, r.message_zh
FROM chosen c JOIN said s USING (finding_id) JOIN provisions p USING (provision_id)
LEFT JOIN verdicts v USING (finding_id) JOIN rule_runs r ON r.rule_id = c.rule
LEFT JOIN contacted e ON e.event_id = c.event_id
ORDER BY place
"""

_NEXT = """
SELECT w.finding_id FROM wanted w, (SELECT *, rule_id AS rule FROM findings WHERE finding_id = $here) here
WHERE w.verdict = 'none' AND w.finding_id <> here.finding_id
ORDER BY (w.occurred_at, w.rule, w.provision_id, w.finding_id)
    < (here.occurred_at, here.rule, here.provision_id, here.finding_id),
    w.occurred_at, w.rule, w.provision_id, w.finding_id
LIMIT 1
"""

_BY_VERDICT = f"""
SELECT coalesce(verdict, '{UNREVIEWED}') AS verdict, count(*) AS n
FROM findings LEFT JOIN verdicts USING (finding_id) GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only
_JUDGED = """
SELECT count(*) AS n FROM verdicts WHERE verdict IS NOT NULL
    AND finding_id IN (SELECT unnest($1::VARCHAR[]))
"""
_SPAN = "SELECT CAST(min(on_date) AS VARCHAR) AS first_day, CAST(max(on_date) AS VARCHAR) AS last_day FROM occasions"
_TITLES = "SELECT rule_id, title_en, title_zh FROM rule_runs ORDER BY rule_id"
