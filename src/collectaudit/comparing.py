"""SHOW: agencies side by side, and the agents of one: how much they did, what was found, what records there are.

Of contacts that the collecting side began, as in portfolio.py. Every number comes with the filter of its rows.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from .filtering import Wanted
from .funnel import FEW, limits, wilson
from .listing import UNREVIEWED
from .portfolio import Figure

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
COUNTED = {"tier": ("finding",), "verdict": (UNREVIEWED, "unsure", "confirmed")}  # findings that are held against one
FLAGGED = ("confirmed", "finding")  # contacts with one of them, as the list of contacts calls them
DECLARED = {"party": ("debtor",), "outcome": ("connected", "delivered")}
AGAINST = ("said", "number")  # what may speak against a log that says that the debtor was reached
ROWS = 50
_CALLS = {"channel": ("call",), "outcome": ("connected",)}
COMPLETE = ("outcome", "agent", "duration", "recording", "transcript")  # the last three: of connected calls


def groups(case: "Case", wanted: Wanted) -> list[Row]:
    """One row per agency; where `wanted` names one agency, per agent of it. Most contacts first.

    contacts, flagged, findings: figures. share, low, high: of contacts with a finding, its 95 % interval. per_1000:
    findings. few: too few contacts to compare. has: of each of COMPLETE (part, whole). quiet_days: days of the period
    on which some agency has a contact and this one has none; days: how many days the period has such contacts.
    """
    by = level(wanted)
    found = case.query(_GROUPS[by], _params(wanted))
    return [_group(row, by, wanted) for row in found]


def level(wanted: Wanted) -> str:
    """What is compared: agencies, or the agents of the one that was chosen."""
    return "agent" if len(wanted.facets.get("agency", ())) == 1 else "agency"


def _group(row: Row, by: str, wanted: Wanted) -> Row:
    n, name = row["contacts"], row["name"]
    query = scope(wanted, by, name)
    interval = wilson(row["flagged"], n)
    return {
        "name": name, "n": n, "first": row["first_day"], "last": row["last_day"],
        "contacts": Figure(n, "contacts", query),
        "flagged": Figure(row["flagged"], "contacts", {**query, "flagged": FLAGGED}),
        "findings": Figure(row["findings"], "findings", findings_scope(query)),
        "share": row["flagged"] / n if n else 0.0, "low": interval and interval[0], "high": interval and interval[1],
        "per_1000": 1000 * row["findings"] / n if n else 0.0, "few": n < FEW,
        "has": {what: (row[what], row["calls"] if place > 1 else n) for place, what in enumerate(COMPLETE)},
        "quiet_days": row["all_days"] - row["days"], "days": row["all_days"],
    }  # fmt: skip


def scope(wanted: Wanted, by: str, name: str) -> dict[str, Sequence[str]]:
    """The filter of the contacts of an agency or agent."""
    query: dict[str, Sequence[str]] = {
        facet: tuple(wanted.facets[facet]) for facet in ("agency", "channel") if wanted.facets.get(facet)
    }
    query |= {key: (day,) for key, day in (("since", wanted.since), ("until", wanted.until)) if day}
    return {**query, by: (name,), "side": ("theirs",)}


def findings_scope(query: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The filter of the findings held against somebody, from that of the contacts."""
    return {**{name: values for name, values in query.items() if name != "side"}, **COUNTED}


def overall(rows: Sequence[Row]) -> float:
    """The share of contacts with a finding over all groups together."""
    contacts = sum(row["n"] for row in rows)
    return sum(row["flagged"].n for row in rows) / contacts if contacts else 0.0


def funnel(rows: Sequence[Row], points: int = 60) -> list[Row]:
    """n and the limits around the overall share (`low_95`, `high_95`, `low_998`, `high_998`), n from least to most."""
    volumes = [row["n"] for row in rows if row["n"]]
    if not volumes:
        return []
    share, least, most = overall(rows), max(min(volumes) * 0.8, 1), max(volumes) * 1.1
    steps = sorted({round(least * (most / least) ** (n / (points - 1))) for n in range(points)})
    return [{"n": n, **_limits(share, n)} for n in steps]


def _limits(share: float, n: int) -> Row:
    found = limits(share, n)
    return {
        f"{side}_{str(width)[2:]}": span[place]
        for width, span in found.items() for place, side in enumerate(("low", "high"))
    }  # fmt: skip


def outside(row: Row, share: float) -> str | None:
    """`above` or `below` the limits of 99.8 % around the share of all; None within, and of too few contacts."""
    if row["few"]:
        return None
    low, high = limits(share, row["n"])[0.998]
    return "above" if row["share"] > high else "below" if row["share"] < low else None


def by_rule(case: "Case", wanted: Wanted) -> list[Row]:
    """rule, name (of an agency or agent), n: findings held against it."""
    rows: list[Row] = case.query(_BY_RULE[level(wanted)], _params(wanted))
    return rows


def declared(case: "Case", wanted: Wanted) -> list[Row]:
    """Per agency (or agent): contacts whose log says the debtor was reached, and what speaks against it.

    declared, checkable (words of it are known): figures. said: words that speak to somebody who does not owe. number:
    the account's records name somebody else at this number elsewhere.
    """
    by = level(wanted)
    return [
        {
            "name": row["name"], "said": row["said"], "number": row["number"],
            "declared": Figure(row["declared"], "contacts", _reached(wanted, by, row["name"])),
            "checkable": Figure(row["checkable"], "contacts", {**_reached(wanted, by, row["name"]), "words": ("yes",)}),
        }
        for row in case.query(_DECLARED[by], _params(wanted))
    ]  # fmt: skip


def _reached(wanted: Wanted, by: str, name: str) -> dict[str, Sequence[str]]:
    return {**scope(wanted, by, name), **DECLARED}


def doubted(case: "Case", wanted: Wanted, against: str, name: str, number: int) -> list[Row]:
    """A page of the contacts counted by `declared` under `said` or `number`; name: of the agency or agent, "" of all.

    event_id, at_local, precision, channel, account, to_number, agency, agent, quote (the words), roles (others that the
    number has on record).
    """
    params = [*_params(wanted), against, name, ROWS, ROWS * (max(number, 1) - 1)]
    rows: list[Row] = case.query(_DOUBTED[level(wanted)], params)
    return rows


def _params(wanted: Wanted) -> list[Any]:
    since, until = wanted.days()
    chosen = [list(wanted.facets.get(facet, ())) or None for facet in ("agency", "channel")]
    return [*chosen, since or date.min, until or date.max]


# $1 agencies, $2 channels, $3 and $4 the period. The columns are those by which the lists filter.
_COMPARED = """
    SELECT *, coalesce(agency, '-') AS of_agency, coalesce(agent, '-') AS of_agent FROM occasions
    WHERE from_role = 'collector' AND NOT undirected
        AND ($1 IS NULL OR list_contains($1::VARCHAR[], coalesce(agency, '-')))
        AND ($2 IS NULL OR list_contains($2::VARCHAR[], channel)) AND on_date BETWEEN $3::DATE AND $4::DATE
"""
_FOUND = """
    SELECT f.rule_id AS rule, coalesce(e.agency, '-') AS of_agency, coalesce(e.agent, '-') AS of_agent
    FROM findings f LEFT JOIN verdicts v USING (finding_id) LEFT JOIN events e ON e.event_id = f.event_id
    WHERE f.tier = 'finding' AND coalesce(v.verdict, 'none') IN ('none', 'unsure', 'confirmed')
        AND ($1 IS NULL OR list_contains($1::VARCHAR[], coalesce(e.agency, '-')))
        AND ($2 IS NULL OR list_contains($2::VARCHAR[], coalesce(e.channel, '')))
        AND CAST(f.occurred_at AS DATE) BETWEEN $3::DATE AND $4::DATE
"""
_FLAGGED = """
    SELECT f.event_id FROM findings f LEFT JOIN verdicts v USING (finding_id) GROUP BY f.event_id
    HAVING bool_or(v.verdict = 'confirmed') OR bool_or(f.tier = 'finding' AND coalesce(v.verdict, '') <> 'dismissed')
"""

# What there is of a contact beside its row is joined to the few contacts that have it, not to all of them.
_GROUPS = {
    by: f"""
WITH compared AS ({_COMPARED}),
counted AS (
    SELECT of_{by} AS name, count(*) AS contacts, count(outcome) AS outcome, count(agent) AS agent,
        count(*) FILTER (channel = 'call' AND outcome = 'connected') AS calls,
        count(duration_s) FILTER (channel = 'call' AND outcome = 'connected') AS duration,
        min(on_date) AS first_day, max(on_date) AS last_day, count(DISTINCT on_date) AS days
    FROM compared GROUP BY name
),
flagged AS (
    SELECT of_{by} AS name, count(*) AS flagged FROM compared SEMI JOIN ({_FLAGGED}) USING (event_id) GROUP BY 1
),
kept_too AS (
    SELECT of_{by} AS name, count(DISTINCT event_id) FILTER (kept_as = 'recording') AS recording,
        count(DISTINCT event_id) FILTER (kept_as = 'transcript') AS transcript
    FROM compared
    JOIN (SELECT event_id, kept_as FROM kept WHERE kept_as IN ('recording', 'transcript')) USING (event_id)
    WHERE channel = 'call' AND outcome = 'connected' GROUP BY 1
),
found AS (SELECT of_{by} AS name, count(*) AS findings FROM ({_FOUND}) GROUP BY 1)
SELECT c.*, coalesce(flagged, 0) AS flagged, coalesce(findings, 0) AS findings, coalesce(recording, 0) AS recording,
    coalesce(transcript, 0) AS transcript, (SELECT count(DISTINCT on_date) FROM compared) AS all_days
FROM counted c LEFT JOIN flagged USING (name) LEFT JOIN found USING (name) LEFT JOIN kept_too USING (name)
ORDER BY contacts DESC, name
"""  # noqa: S608 — constants only
    for by in ("agency", "agent")
}

_BY_RULE = {
    by: f"SELECT rule, of_{by} AS name, count(*) AS n FROM ({_FOUND}) GROUP BY ALL ORDER BY ALL"  # noqa: S608 — constants only
    for by in ("agency", "agent")
}

# A number is somebody else's if the same account's records elsewhere call its holder a relative, colleague, …
_DOUBTS = f"""
WITH reached AS (
    SELECT * FROM ({_COMPARED}) WHERE to_role = 'debtor' AND outcome IN ('connected', 'delivered')
),
said AS (
    SELECT event_id, min_by(quote, (tier, category)) AS quote FROM worded
    WHERE category IN ('third_party.disclosure', 'third_party.demand') GROUP BY event_id
    UNION ALL SELECT event_id, NULL FROM stated WHERE statement = 'locating_only'
),
numbers AS (
    SELECT account, to_number, list_sort(list(DISTINCT role)) AS roles
    FROM (
        SELECT account, to_number, to_role AS role FROM occasions WHERE NOT undirected
        UNION ALL SELECT account, from_number, from_role FROM occasions WHERE NOT undirected
    )
    WHERE role IN ('family', 'colleague', 'reference', 'other') GROUP BY account, to_number
),
doubts AS (
    SELECT event_id, 'said' AS against, any_value(quote) AS quote, []::VARCHAR[] AS roles FROM said GROUP BY event_id
    UNION ALL
    SELECT event_id, 'number', NULL, roles FROM reached JOIN numbers USING (account, to_number)
)
"""  # noqa: S608 — constants only

_DECLARED = {
    by: f"""
{_DOUBTS}
SELECT of_{by} AS name, count(*) AS declared, count(u.event_id) AS checkable,
    count(*) FILTER (event_id IN (SELECT event_id FROM doubts WHERE against = 'said')) AS said,
    count(*) FILTER (event_id IN (SELECT event_id FROM doubts WHERE against = 'number')) AS number
FROM reached LEFT JOIN (SELECT DISTINCT event_id FROM utterances) u USING (event_id)
GROUP BY name ORDER BY declared DESC, name
"""  # noqa: S608 — constants only
    for by in ("agency", "agent")
}

_DOUBTED = {
    by: f"""
{_DOUBTS}
SELECT event_id, at_local, precision, channel, account, to_number, agency, agent, quote, roles
FROM reached JOIN doubts USING (event_id) WHERE against = $5 AND ($6 = '' OR of_{by} = $6)
ORDER BY at_local, event_id LIMIT $7 OFFSET $8
"""  # noqa: S608 — constants only
    for by in ("agency", "agent")
}
