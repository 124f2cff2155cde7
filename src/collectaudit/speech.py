"""SHOW: what findings and recordings rest on that a machine wrote down, and how much of it a person has listened to."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
NOTHING = {"recordings": 0, "untranscribed": 0, "not_listened": 0}


def clock(seconds: float) -> str:
    """`1:02:03`; `0:12` within the first hour."""
    whole = int(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02}"


def stretch(start: float, end: float | None) -> str:
    """`0:12–0:15`, or one moment."""
    first, last = clock(start), clock(start if end is None else end)
    return first if first == last else f"{first}–{last}"


def listening(case: "Case") -> Row:
    """How many recordings there are and lack a transcript, how many findings rest on words nobody listened to."""
    row: Row = case.query(_LISTENING)[0]
    return row


def lost(case: "Case") -> list[Row]:
    """What a person heard in passages that no transcript of the case has any more."""
    rows: list[Row] = case.query("SELECT * EXCLUDE (found) FROM listened WHERE NOT found ORDER BY utterance_id")
    return rows


def passage(case: "Case", ref: str) -> str | None:
    """The id of a transcribed passage: that is `ref`, or the one that the finding of this (shortened) id quotes."""
    rows = case.query(_PASSAGE, [ref])
    return str(rows[0]["utterance_id"]) if len(rows) == 1 else None


# A transcript is of the recording that has its name; one whose name no recording has is of its call.
SOUND = r"""
WITH sound AS (
    SELECT event_id, kind, parser, lower(regexp_replace(s.name, '\.[^./]*$', '')) AS family,
        coalesce(same_as, event_id) AS contact
    FROM sources s JOIN events USING (source_id) WHERE kind IN ('recordings', 'transcripts')
),
recordings AS (FROM sound WHERE parser = 'recording'),
transcripts AS (
    SELECT *, family IN (SELECT family FROM recordings) AS named FROM sound WHERE kind = 'transcripts'
),
untranscribed AS (
    FROM recordings r WHERE NOT EXISTS (
        FROM transcripts t WHERE t.family = r.family OR (t.contact = r.contact AND NOT named))
)
"""
_LISTENING = f"""
{SOUND}
SELECT (SELECT count(*) FROM recordings) AS recordings, (SELECT count(*) FROM untranscribed) AS untranscribed,
    (SELECT count(*) FROM speech WHERE heard < passages) AS not_listened
"""  # noqa: S608 — constants only

_PASSAGE = """
SELECT utterance_id FROM utterances JOIN sources USING (source_id) WHERE utterance_id = $1 AND kind = 'transcripts'
UNION
SELECT utterance_id FROM speech WHERE $1 <> '' AND starts_with(finding_id, $1)
"""
