"""SHOW: contacts by the page, whatever was found in them: what a filter leaves, counted by every facet."""

from typing import TYPE_CHECKING, Any

from .filtering import Wanted, each, marks, passing

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
FACETS = ("channel", "side", "party", "outcome", "flagged", "agency", "account")
SLICES = ("number", "agent", "lender", "weekday", "hour", "half", "found", "sound", "words")
ORDERS = ("time", "latest")


def count(case: "Case", wanted: Wanted) -> int:
    """How many contacts the filter leaves."""
    return int(case.query(MARKED + _COUNT, wanted.params(ALL))[0]["n"])


def facets(case: "Case", wanted: Wanted) -> dict[str, dict[str, int]]:
    """Facet → value → contacts that the other facets leave; the most first.

    side: theirs (the collecting side contacts somebody) · ours · unknown. party: the role of the other end.
    flagged: confirmed · finding (suspected) · review · dismissed · no; the first that holds. sound: yes · no, whether
    there is a recording or a transcript of it; words: whether anything that was said or written is known. half: the
    half hour that begins at HH:MM. found: the rules of its findings, less what was dismissed or is in doubt.
    """
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for row in case.query(MARKED + each(FACETS, ALL), wanted.params(ALL)):
        found[row["facet"]][row["value"]] = row["n"]
    return found


def page(case: "Case", wanted: Wanted, number: int) -> list[Row]:
    """The rows of one page, counted from 1: when, who, whom, how it ended, how many findings."""
    by = "at_local DESC, event_id" if wanted.order == "latest" else "at_local, event_id"
    asked = MARKED + _PAGE.format(by=by)
    rows: list[Row] = case.query(asked, [*wanted.params(ALL), ROWS, ROWS * (max(number, 1) - 1)])
    return rows


ALL = (*FACETS, *SLICES)
_SEARCH = f"${len(ALL) + 1}"
_ROWS, _SKIPPED = (f"${len(ALL) + n}" for n in (4, 5))

MARKED = f"""
WITH doubted AS (
    SELECT DISTINCT finding_id FROM evidence JOIN signals USING (signal_id)
    SEMI JOIN (SELECT utterance_id FROM utterances WHERE doubtful) u USING (utterance_id)
),
found AS (
    SELECT f.event_id, count(*) AS findings,
        CASE WHEN bool_or(v.verdict = 'confirmed') THEN 'confirmed'
            WHEN bool_or(f.tier = 'finding' AND coalesce(v.verdict, '') <> 'dismissed') THEN 'finding'
            WHEN bool_or(coalesce(v.verdict, '') <> 'dismissed') THEN 'review' ELSE 'dismissed' END AS flagged,
        list(DISTINCT rule_id) FILTER (coalesce(v.verdict, '') <> 'dismissed' AND d.finding_id IS NULL) AS rules
    FROM findings f LEFT JOIN verdicts v USING (finding_id) LEFT JOIN doubted d USING (finding_id)
    GROUP BY f.event_id
),
marked AS (
    SELECT *,
        {marks(ALL)}
    FROM (
        SELECT event_id, o.account AS of_account, on_date AS day, at_local, o.precision, duration_s, from_number,
            to_number, from_role, to_role, undirected, coalesce(findings, 0) AS findings,
            coalesce(flagged, 'no') AS flagged, o.channel, coalesce(o.outcome, '') AS outcome,
            CASE WHEN undirected THEN 'unknown' WHEN from_role = 'collector' THEN 'theirs'
                WHEN to_role = 'collector' THEN 'ours' ELSE 'unknown' END AS side,
            coalesce(CASE WHEN from_role = 'collector' THEN to_role ELSE from_role END, '') AS party,
            coalesce(agency, '-') AS agency, coalesce(nullif(o.account, ''), '-') AS account,
            [from_number, to_number] AS number, coalesce(agent, '-') AS agent, coalesce(lender, '-') AS lender,
            CAST(weekday AS VARCHAR) AS weekday, coalesce(CAST(hour(at_time) AS VARCHAR), '-') AS hour,
            CASE WHEN at_time IS NULL THEN '-'
                ELSE strftime(time_bucket(INTERVAL 30 MINUTE, at_local), '%H:%M') END AS half,
            coalesce(rules, []) AS found,
            CASE WHEN event_id IN (SELECT event_id FROM kept WHERE kept_as IN ('recording', 'transcript'))
                THEN 'yes' ELSE 'no' END AS sound,
            CASE WHEN event_id IN (SELECT event_id FROM utterances) THEN 'yes' ELSE 'no' END AS words
        FROM occasions o LEFT JOIN found USING (event_id)
    )
    WHERE {_SEARCH} = ''
        OR contains(lower(concat_ws(' ', from_number, to_number, agency, agent, lender, of_account)), {_SEARCH})
        OR event_id IN (SELECT event_id FROM utterances u WHERE contains(lower(u.text), {_SEARCH}))
),
wanted AS (FROM marked WHERE {passing(ALL)})
"""  # noqa: S608 — constants only

_COUNT = "SELECT count(*) AS n FROM wanted"
_PAGE = f"""
, chosen AS (SELECT * EXCLUDE (found) FROM wanted ORDER BY {{by}} LIMIT {_ROWS} OFFSET {_SKIPPED}),
recorded AS (SELECT event_id, source_id, locator FROM events SEMI JOIN chosen USING (event_id))
SELECT event_id, c.account, c.channel, c.at_local, c.precision, c.duration_s, c.from_number, c.to_number, c.from_role,
    c.to_role, c.undirected, c.outcome, c.agency, c.agent, c.findings, c.flagged, s.name AS source, e.locator,
    s.kind = 'told' AS told
FROM chosen c JOIN recorded e USING (event_id) JOIN sources s USING (source_id)
ORDER BY {{by}}
"""  # noqa: S608 — constants only
