"""SHOW: one contact whole: who, whom, when; every record of it; what was said; what was found in it."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .evidence.log import read_chain
from .sources._audio import kind_of
from .wording import turns_of, utterance

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
TURNS = 2000  # of one contact, at most
_BY_BROWSER = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac"}


def contact(case: "Case", ref: str, lang: str) -> Row | None:
    """The contact that an event is a record of, with its records, words and findings; None if there is none."""
    rows = case.query(_CONTACT, [ref])
    if not rows:
        return None
    about, event_id, words = rows[0], rows[0]["event_id"], Words(lang)
    zone = case.options["time_zone"]  # all civil times of a case are in it, whatever zone a file was written in
    records = [
        {**row, "second_record": row["event_id"] != event_id, "time_zone": zone}
        for row in case.query(_RECORDS, [event_id])
    ]
    ends = [about["from_number"], about["to_number"]]
    names = {row["number"]: row["name"] for row in case.query(_NAMES, [ends, about["account_id"]])}
    return {
        **about,
        **{f"{end}_name": names.get(about[f"{end}_number"]) for end in ("from", "to")},
        "time_zone": zone,
        "records": records,
        "recordings": [row for row in records if row["parser"] == "recording"],
        "turns": [{**turn, "precision": about["precision"]} for turn in turns(case, event_id)],
        "told": all(row["parser"] == "told" for row in records),
        "findings": [
            {**row, "title": words.pick(row, "title"), "instrument": words.pick(row, "instrument")}
            for row in case.query(_FOUND, [event_id])
        ],
    }


def turns(case: "Case", event_id: str) -> list[Row]:
    """What was said in a contact, in order; of each passage found: where, what kind, what it is worth.

    told: a person states that it was said; nothing shows it.
    """
    named = case.query(_NAMED, [event_id, TURNS])
    spans = case.query(_SPANS, [event_id])
    found = turns_of(case, named, beside=0) if named else []
    return [{**utterance(turn, []), "spans": _spans(turn, spans), "told": turn["told"]} for turn in found]


def _spans(turn: Mapping[str, Any], spans: list[Row]) -> list[Row]:
    wanted = ("start_char", "end_char", "category", "tier", "pattern")
    return [{key: s[key] for key in wanted} for s in spans if s["utterance_id"] == turn["utterance_id"]]


def exhibits_of(case: "Case", finding_id: str) -> list[Row]:
    """The contacts that a finding rests on, in order: when, who, whom, how it ended."""
    rows: list[Row] = case.query(_RESTS_ON, [finding_id])
    return rows


def verdict_on(case: "Case", finding_id: str) -> Row | None:
    """What a person wrote down on a finding: verdict, note, by, at; None if nobody did."""
    return next(iter(case.query("SELECT * FROM verdicts WHERE finding_id = ?", [finding_id])), None)


def recording(case: "Case", sha256: str) -> Path | None:
    """Where the sound of a recording of this case lies; None if this is no recording. Raises IntegrityError."""
    known = case.query("SELECT 1 FROM sources WHERE sha256 = ? AND parser = 'recording'", [sha256])
    return case.original(sha256) if known else None


def media_type(path: Path) -> str | None:
    """What to tell a browser that plays this file itself; None if it has to be decoded for it."""
    return _BY_BROWSER.get(kind_of(path) or "")


def playable(case: "Case", sha256: str) -> bool:
    """Whether the page can let it be heard: the browser knows this kind of sound, or it can be decoded here."""
    path = recording(case, sha256)
    return path is not None and path.exists() and (media_type(path) is not None or find_spec("av") is not None)


def opinions_on(case: "Case", finding_id: str) -> list[Row]:
    """Every opinion on a finding in the order it was written: verdict, note, by, at, kind."""
    rows: list[Row] = case.query("SELECT * FROM opinions WHERE finding_id = ? ORDER BY nth", [finding_id])
    return rows


def kept_when(case: "Case", sha256: str) -> Row:
    """When (UTC) a file came into the case, when it was read, and by which version; None where the log does not say."""
    found: Row = {"kept": None, "read": None, "tool": None}
    for entry in read_chain(case.path / "log").entries:
        moved = {move["sha256"] for move in entry.get("moves", ())}
        if sha256 in moved and found["kept"] is None:
            found |= {"kept": str(entry["t_utc"])[:19], "tool": entry["tool"]}
        if entry["ev"] == "source.read" and entry.get("sha256") == sha256:
            found |= {"read": str(entry["t_utc"])[:19], "tool": entry["tool"]}
    return found


def same_words(case: "Case", finding_id: str, limit: int = 8) -> Row | None:
    """Other contacts with wording of the same pattern as the finding's first passage; None if it rests on no words.

    `matched`: that passage; `same`: other contacts with exactly its words, `alike`: with its pattern; `rows`: the first
    of these, those with the same words first: event_id, when, who, whom, matched.
    """
    passages = case.query(_PASSAGE, [finding_id])
    if not passages:
        return None
    about = [passages[0]["pattern"], passages[0]["matched"], passages[0]["event_id"]]
    counts = case.query(_ALIKE + _HOW_ALIKE, about)[0]
    return {"matched": passages[0]["matched"], **counts, "rows": case.query(_ALIKE + _FIRST_ALIKE, [*about, limit])}


_CONTACT = """
SELECT * EXCLUDE (same_as, same_why)
FROM events WHERE event_id = (SELECT coalesce(same_as, event_id) FROM events WHERE event_id = ?)
"""
# The name that this account knows goes before that of another.
_NAMES = """
SELECT number, min_by(coalesce(name, organisation), (account_id IS DISTINCT FROM $2, name)) AS name
FROM parties WHERE list_contains($1::VARCHAR[], number) AND coalesce(name, organisation) IS NOT NULL
GROUP BY number ORDER BY number
"""

_RECORDS = """
SELECT e.event_id, s.name AS source, s.sha256, s.size_bytes, s.parser, s.encoding, e.locator,
    e.at_local, e.at_utc, e.precision, e.duration_s, e.same_why
FROM events e JOIN sources s USING (source_id)
WHERE coalesce(e.same_as, e.event_id) = ?
ORDER BY e.same_as IS NOT NULL, s.name, e.locator
"""

_FOUND = """
SELECT f.finding_id, f.rule_id, f.severity, f.tier, r.title_en, r.title_zh, p.instrument_en, p.instrument_zh, p.article,
    v.verdict
FROM findings f SEMI JOIN (SELECT finding_id FROM evidence WHERE event_id = ?) x USING (finding_id)
JOIN rule_runs r USING (rule_id) JOIN provisions p USING (provision_id) LEFT JOIN verdicts v USING (finding_id)
ORDER BY list_position(['severe', 'high', 'medium', 'low'], f.severity), f.tier, f.rule_id, f.provision_id, f.finding_id
"""

_NAMED = "SELECT utterance_id FROM spoken WHERE event_id = ? ORDER BY ordinal, utterance_id LIMIT ?"

_SPANS = """
SELECT s.utterance_id, start_char, end_char, category, tier, pattern
FROM signals s SEMI JOIN (SELECT utterance_id FROM utterances WHERE event_id = ?) u USING (utterance_id)
WHERE category NOT LIKE 'states.%'
ORDER BY start_char, end_char, pattern
"""

_PASSAGE = """
SELECT s.pattern, s.matched, s.event_id FROM evidence v JOIN signals s USING (signal_id)
WHERE v.finding_id = ? ORDER BY v.ordinal, s.path = 'model', s.start_char, s.pattern LIMIT 1
"""
_ALIKE = """
WITH alike AS (
    SELECT event_id, bool_or(matched = $2) AS same, min_by(matched, (matched <> $2, start_char)) AS matched
    FROM signals WHERE pattern = $1 AND event_id <> $3 AND event_id IN (SELECT event_id FROM occasions)
    GROUP BY event_id
)
"""
_HOW_ALIKE = "SELECT count(*) AS alike, count(*) FILTER (same) AS same FROM alike"
_FIRST_ALIKE = """
SELECT a.matched, a.same, o.event_id, channel, at_local, precision, from_number, from_role, to_number, to_role
FROM alike a JOIN occasions o USING (event_id) ORDER BY NOT same, at_local, event_id LIMIT $4
"""

_RESTS_ON = """
SELECT e.event_id, min(v.ordinal) AS ordinal, any_value(e.channel) AS channel, any_value(e.at_local) AS at_local,
    any_value(e.precision) AS precision, any_value(e.from_number) AS from_number, any_value(e.from_role) AS from_role,
    any_value(e.to_number) AS to_number, any_value(e.to_role) AS to_role, any_value(e.outcome) AS outcome,
    any_value(e.duration_s) AS duration_s, any_value(s.name) AS source, any_value(e.locator) AS locator
FROM evidence v JOIN events e USING (event_id) JOIN sources s USING (source_id)
WHERE v.finding_id = ? GROUP BY e.event_id ORDER BY ordinal
"""
