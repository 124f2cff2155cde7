"""SHOW: contacts by the page, whatever was found in them: what a filter leaves, counted by every facet."""

from typing import TYPE_CHECKING, Any

from .filtering import Source, Wanted

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
FACETS = ("channel", "side", "party", "outcome", "flagged", "agency", "account")
SLICES = ("number", "agent", "lender", "weekday", "hour", "half", "found", "sound", "words")
ORDERS = ("time", "latest")


def count(case: "Case", wanted: Wanted) -> int:
    """How many contacts the filter leaves."""
    return int(case.query(LIST.sql(wanted, ["event_id"]) + _COUNT, wanted.params(ALL))[0]["n"])


def facets(case: "Case", wanted: Wanted) -> dict[str, dict[str, int]]:
    """Facet → value → contacts that the other facets leave; the most first.

    side: theirs (the collecting side contacts somebody) · ours · unknown. party: the role of the other end.
    flagged: confirmed · finding (suspected) · review · dismissed · no; the first that holds. sound: yes · no, whether
    there is a recording or a transcript of it; words: whether anything that was said or written is known. half: the
    half hour that begins at HH:MM. found: the rules of its findings, less what was dismissed or is in doubt.
    """
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for row in case.query(LIST.each(wanted, FACETS), wanted.params(ALL)):
        found[row["facet"]][row["value"]] = row["n"]
    return found


def page(case: "Case", wanted: Wanted, number: int) -> list[Row]:
    """The rows of one page, counted from 1: when, who, whom, how it ended, how many findings."""
    by = "c.at_local DESC, event_id" if wanted.order == "latest" else "c.at_local, event_id"
    asked = LIST.sql(wanted, ["event_id", "at_local"]) + _PAGE.format(by=by)
    rows: list[Row] = case.query(asked, {**wanted.params(ALL), "rows": ROWS, "skipped": ROWS * (max(number, 1) - 1)})
    return rows


ALL = (*FACETS, *SLICES)
_COUNTED = """
    SELECT f.event_id, count(*) AS findings,
        CASE WHEN bool_or(v.verdict = 'confirmed') THEN 'confirmed'
            WHEN bool_or(f.tier = 'finding' AND coalesce(v.verdict, '') <> 'dismissed') THEN 'finding'
            WHEN bool_or(coalesce(v.verdict, '') <> 'dismissed') THEN 'review' ELSE 'dismissed' END AS flagged
    FROM {} f LEFT JOIN verdicts v USING (finding_id) GROUP BY f.event_id
"""
# Findings that rest on words a machine may have misheard.
DOUBTED = """
SELECT DISTINCT finding_id FROM evidence JOIN signals USING (signal_id)
SEMI JOIN (SELECT utterance_id FROM utterances WHERE doubtful) u USING (utterance_id)
"""
_RULED = f"""ruled AS (
    WITH doubted AS ({DOUBTED})
    SELECT f.event_id, rule_id FROM findings f ANTI JOIN doubted USING (finding_id) ANTI JOIN struck USING (finding_id)
)"""  # noqa: S608 — constants only
# What `flagged` says where it makes no difference whether a person has confirmed it.
_WEIGHED = """weighed AS (
    SELECT f.event_id, CASE WHEN bool_or(f.tier = 'finding' AND s.finding_id IS NULL OR u.finding_id IS NOT NULL)
        THEN 'suspected' WHEN bool_or(s.finding_id IS NULL) THEN 'review' END AS mark
    FROM findings f LEFT JOIN struck s USING (finding_id) LEFT JOIN upheld u USING (finding_id) GROUP BY f.event_id
)"""
LIST = Source(
    facets=ALL,
    before={f"counted AS ({_COUNTED.format('findings')})": ("findings", "flagged"), _WEIGHED: ("mark",),
            _RULED: ("found", "outside")},
    tables="occasions o",
    columns={
        **{name: name for name in ("event_id", "at_local", "duration_s", "from_number", "to_number", "undirected",
                                   "from_role", "to_role")},
        "day": "on_date", "precision": "o.precision", "channel": "o.channel",
        "findings": "coalesce(findings, 0)", "flagged": "coalesce(flagged, 'no')",
        "mark": "coalesce(mark, 'nothing')",  # one of dots.KINDS
        "found": "o.event_id",  # whose findings are looked up
        "outside": "o.event_id IN (SELECT event_id FROM ruled WHERE rule_id = 'out-of-hours')",
        "outcome": "coalesce(o.outcome, '')",
        "side": """CASE WHEN undirected THEN 'unknown' WHEN from_role = 'collector' THEN 'theirs'
            WHEN to_role = 'collector' THEN 'ours' ELSE 'unknown' END""",
        "party": "coalesce(CASE WHEN from_role = 'collector' THEN to_role ELSE from_role END, '')",
        "agency": "coalesce(agency, '-')", "account": "coalesce(nullif(o.account, ''), '-')",
        "number": "[from_number, to_number]", "agent": "coalesce(agent, '-')", "lender": "coalesce(lender, '-')",
        "weekday": "CAST(weekday AS VARCHAR)", "hour": "coalesce(CAST(hour(at_time) AS VARCHAR), '-')",
        "slot": "2 * hour(at_time) + minute(at_time) // 30",  # the half hour as a number
        "half": """CASE WHEN at_time IS NULL THEN '-'
            ELSE strftime(time_bucket(INTERVAL 30 MINUTE, at_local), '%H:%M') END""",
        "sound": """CASE WHEN event_id IN (SELECT event_id FROM kept WHERE kept_as IN ('recording', 'transcript'))
            THEN 'yes' ELSE 'no' END""",
        "words": "CASE WHEN event_id IN (SELECT event_id FROM utterances) THEN 'yes' ELSE 'no' END",
    },
    joins={
        "LEFT JOIN counted USING (event_id)": ("findings", "flagged"),
        "LEFT JOIN weighed USING (event_id)": ("mark",),
    },
    search="""
        contains(lower(concat_ws(' ', from_number, to_number, agency, agent, lender, o.account)), $search)
        OR event_id IN (SELECT event_id FROM utterances u WHERE contains(lower(u.text), $search))
    """,
    special={
        "number": "list_has_any($number::VARCHAR[], number)",
        "found": "found IN (SELECT event_id FROM ruled WHERE list_contains($found::VARCHAR[], rule_id))",
    },
)  # fmt: skip

_COUNT = "SELECT count(*) AS n FROM wanted"
# The fifty are chosen by what orders them; what they say is fetched for these alone.
_PAGE = f"""
, chosen AS (SELECT event_id, at_local FROM wanted c ORDER BY {{by}} LIMIT $rows OFFSET $skipped),
few AS ({_COUNTED.format("(FROM findings SEMI JOIN chosen USING (event_id))")}),
recorded AS (SELECT event_id, source_id, locator FROM events SEMI JOIN chosen USING (event_id))
SELECT event_id, coalesce(nullif(o.account, ''), '-') AS account, o.channel, c.at_local, o.precision, o.duration_s,
    o.from_number, o.to_number, o.from_role, o.to_role, o.undirected, coalesce(o.outcome, '') AS outcome,
    coalesce(o.agency, '-') AS agency, coalesce(o.agent, '-') AS agent, coalesce(findings, 0) AS findings,
    coalesce(flagged, 'no') AS flagged, s.name AS source, e.locator, s.kind = 'told' AS told
FROM chosen c JOIN occasions o USING (event_id) JOIN recorded e USING (event_id) LEFT JOIN few USING (event_id)
JOIN sources s ON s.source_id = e.source_id
ORDER BY {{by}}
"""  # noqa: S608 — constants only
