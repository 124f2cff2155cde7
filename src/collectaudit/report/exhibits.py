"""Numbered exhibits: each contact that a finding rests on, with its records, its words, and what it is to show."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..catalogue import Words
from ..wording import turns_of, utterance

if TYPE_CHECKING:
    from ..case import Case

Row = dict[str, Any]


def exhibits_of(case: "Case", found: Sequence[Row], words: Words) -> list[Row]:
    """The contacts behind findings in order of time, numbered from 1; each finding gets the numbers of its own.

    An exhibit: number, when, channel, who, whom, `records` (file, hash, place), `turns` (words with passages), `shows`.
    """
    ids = json.dumps(sorted({event_id for row in found for event_id in row["event_ids"] or ()}))
    rows = case.query(_EXHIBITS, [ids])
    numbers = {row["event_id"]: n for n, row in enumerate(rows, 1)}
    for row in found:
        row["exhibits"] = sorted(numbers[event_id] for event_id in row["event_ids"] or ())
    because = json.dumps(sorted(row["finding_id"] for row in found))
    records, turns, shows = _records(case, ids), _turns(case, ids, because), _shows(found, words)
    return [
        {
            **row,
            "number": numbers[row["event_id"]],
            "records": records[row["event_id"]],
            "turns": turns.get(row["event_id"], []),
            **shows[row["event_id"]],
        }
        for row in rows
    ]


def _records(case: "Case", ids: str) -> dict[str, list[Row]]:
    return _by_contact(case.query(_RECORDS, [ids]), "contact")


def _turns(case: "Case", ids: str, because: str) -> dict[str, list[Row]]:
    """Of messages all words, of conversations the turns with passages and those beside them."""
    spans = case.query(_SPANS, [because])
    written = case.query(_WRITTEN, [ids])
    said = turns_of(case, spans, beside=1) if spans else []
    there = {turn["utterance_id"] for turn in said}
    said += turns_of(case, [row for row in written if row["utterance_id"] not in there], beside=0) if written else []
    return _by_contact([utterance(turn, spans) for turn in said], "event_id")


def _shows(found: Sequence[Row], words: Words) -> dict[str, Row]:
    """Contact → the findings it serves, and the facts it is to prove, each once."""
    shows: dict[str, Row] = {}
    for row in found:
        for event_id in row["event_ids"] or ():
            one = shows.setdefault(event_id, {"finding_ids": [], "shows": []})
            one["finding_ids"].append(row["finding_id"])
            fact = words("report.shows", title=row["title"], state=words(f"report.state_{row['state']}"))
            if fact not in one["shows"]:
                one["shows"].append(fact)
    return shows


def _by_contact(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[key], []).append(dict(row))
    return grouped


_CHOSEN = "WITH chosen AS (SELECT unnest(CAST(CAST(? AS JSON) AS VARCHAR[])) AS event_id)"

_EXHIBITS = f"""
{_CHOSEN}
SELECT e.event_id, e.account_id AS account, e.channel, e.at_local, e.at_utc, e.precision, e.from_number, e.to_number,
    e.from_role, e.to_role, e.outcome, e.duration_s, e.agency, e.agent, e.lender,
    coalesce(e.undirected, false) AS undirected
FROM events e SEMI JOIN chosen USING (event_id)
ORDER BY e.at_local, e.event_id
"""  # noqa: S608
_RECORDS = f"""
{_CHOSEN}
SELECT c.event_id AS contact, s.name AS source, s.sha256, s.parser, e.locator, e.same_as IS NOT NULL AS second_record,
    e.same_why
FROM events e JOIN chosen c ON c.event_id = coalesce(e.same_as, e.event_id) JOIN sources s USING (source_id)
ORDER BY contact, second_record, source, locator
"""  # noqa: S608
# Every passage of a kind that a finding rests on in that contact, said by somebody whose words count.
_SPANS = """
WITH because AS (SELECT unnest(CAST(CAST(? AS JSON) AS VARCHAR[])) AS finding_id),
own AS (
    SELECT DISTINCT s.event_id, s.category
    FROM evidence v SEMI JOIN because USING (finding_id) JOIN signals s USING (signal_id)
)
SELECT s.* FROM signals s SEMI JOIN own USING (event_id, category)
JOIN spoken u USING (utterance_id)
WHERE coalesce(u.speaker_role, 'collector') = 'collector'
ORDER BY s.event_id, s.utterance_id, s.start_char, s.end_char, s.pattern
"""
_WRITTEN = f"""
{_CHOSEN}
SELECT u.utterance_id FROM spoken u SEMI JOIN chosen USING (event_id)
WHERE u.channel IN ('sms', 'im', 'email', 'letter') ORDER BY u.utterance_id
"""  # noqa: S608
