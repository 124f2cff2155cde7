"""SHOW: every question the outside asks of a case, each one statement; plain rows in, plain rows out."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from . import __version__, dates
from .catalogue import Words
from .gaps import recording_gaps as recording_gaps
from .judgements import each_judgement, judgements
from .safety import notices as notices
from .safety import safety as safety
from .speech import NOTHING, listening, lost, stretch
from .suggestions import suggest
from .wording import words_of

if TYPE_CHECKING:
    from .case import Case

SCHEMA_VERSION = 1
Row = dict[str, Any]
_LAW_COLUMNS = (
    "authority", "modality", "article", "url", "confidence", "reviewed", "in_force_from", "in_force_until",
)  # fmt: skip
_HOLE = re.compile(r"\{(\w+)\}")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})?(?:(?:^| |T)(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?")


def message(template: str, facts: Mapping[str, Any], words: Words) -> str:
    """A rule's sentence filled with measured facts; codes become words, nothing in a fact is a template."""

    def fill(hole: re.Match[str]) -> str:
        value = facts.get(hole[1])
        if value is None or value == []:
            return words("word.unknown" if value is None else "word.none")
        said = _shown(words.value(hole[1], value), words)
        second = facts.get("at_second") if hole[1] == "channel" else None
        if second is None:
            return said
        return words("words.channel_at", channel=said, at=stretch(second, facts.get("until_second")))

    return _HOLE.sub(fill, template)


def _shown(value: str, words: Words) -> str:
    """Days as the reader writes them, times to the minute."""
    found = _TIME.fullmatch(value)
    if found is None:
        return value
    try:
        day = dates.day(words, found[1]) if found[1] else ""
    except ValueError:  # words of a message that only look like a day
        return value
    return " ".join(part for part in (day, found[2]) if part)


def report(case: "Case", *, lang: str, **filters: Any) -> Row:
    """The whole result as one JSON-ready document; `filters` as in `findings`."""
    return {**report_without_findings(case, lang=lang), "findings": findings(case, lang=lang, **filters)}


def report_without_findings(case: "Case", *, lang: str) -> Row:
    """The same with an empty list of findings, which stand in it where they belong."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "collectaudit", "version": __version__},
        "inputs": [source["name"] for source in sources(case)],
        "sources": sources(case, lang=lang),
        "rules": rules(case, lang=lang),
        "notices": notices(case, lang=lang),
        "findings": [],
        "errors": [_worded(error, Words(lang)) for error in case.errors],
    }


def sources(case: "Case", *, lang: str = "en") -> list[Row]:
    """Every file of the case with its counts, `records = events + rejects`."""
    words = Words(lang)
    return [_worded(_plain(row), words) for row in case.query("SELECT * FROM sources ORDER BY name, source_id")]


def rejects(case: "Case", limit: int = 200, *, lang: str = "en") -> list[Row]:
    """Records that could not be read: source, locator, reason, raw."""
    rows = case.query(
        "SELECT s.name AS source, locator, r.reason, raw FROM rejects r JOIN sources s USING (source_id) "
        "ORDER BY s.name, r.source_id, locator LIMIT ?",
        [limit],
    )
    words = Words(lang)
    return [_worded(row, words) for row in rows]


def _worded(row: Row, words: Words) -> Row:
    """The row with its reason in the language asked for."""
    return {**row, "reason": words.sentence(row["reason"]) or None}


def rules(case: "Case", *, lang: str) -> list[Row]:
    """Each rule of the run: whether it ran, why not, how many contacts it saw, how many findings it has."""
    words = Words(lang)
    rows = case.query("SELECT * FROM rule_runs ORDER BY rule_id")
    return [
        {
            "rule_id": row["rule_id"], "status": row["status"], "reason": words.reason(row["reason"]) or None,
            "contacts_seen": row["contacts_seen"], "findings": row["findings"], "title": words.pick(row, "title"),
            "severity": row["severity"], "sha256": row["rule_sha256"],
        }
        for row in rows
    ]  # fmt: skip


def findings(case: "Case", *, lang: str, **filters: Any) -> list[Row]:
    """Findings in order of time; `filters` as in judgements.py."""
    words = Words(lang)
    return [_finding(row, words) for row in judgements(case, filters)]


def each_finding(case: "Case", *, lang: str, **filters: Any) -> Iterator[Row]:
    """The same, one after the other: there may be millions."""
    words = Words(lang)
    return (_finding(row, words) for row in each_judgement(case, filters))


def _finding(row: Row, words: Words) -> Row:
    facts = json.loads(row["facts"])
    law = {"instrument": words.pick(row, "instrument"), "article": words.article(row["article"])}
    return {
        **{
            key: row[key]
            for key in ("finding_id", "rule_id", "regime", "provision_id", "authority", "tier", "severity")
        },
        "account": row["account"] or None,
        "occurred_at": _text(row["occurred_at"]),
        "message": message(words.pick(row, "message"), {**facts, **law}, words),
        "facts": facts,
        "citations": [
            {**law, "quote": _quoted(row, words), "url": row["url"], "in_force_from": _text(row["in_force_from"])}
        ],
        "evidence": row["evidence"],
        "speech": row["speech"],
        "verdict": row["verdict"],
    }


def _quoted(row: Row, words: Words) -> str:
    """The instrument's words where they were read, else our paraphrase, marked as one."""
    return row["quote"] or words("finding.paraphrase", text=words.pick(row, "text"))


def whole_id(case: "Case", beginning: str) -> str | None:
    """The id of the one finding whose id begins so; None if there is none, or more than one."""
    known = case.query("SELECT finding_id FROM findings WHERE starts_with(finding_id, ?) LIMIT 2", [beginning])
    return str(known[0]["finding_id"]) if len(known) == 1 else None


def finding(case: "Case", finding_id: str, lang: str) -> Row | None:
    """One finding with everything it rests on; the id may be shortened as long as it is unique. None if unknown."""
    words = Words(lang)
    whole = whole_id(case, finding_id)
    if whole is None:
        return None
    row = judgements(case, {"finding_id": whole})[0]
    return _finding(row, words) | {
        "title": words.pick(row, "title"),
        "limits": words.pick(row, "limits"),
        "sql": row["sql"],
        "law": {
            key: _text(row[key])
            for key in _LAW_COLUMNS
        } | {
            **{name: words.pick(row, name) for name in ("instrument", "caveat")},
            "article": words.article(row["article"]),
        },
        "exhibits": list(exhibits(case, row["finding_id"])),
        "words": words_of(case, row["finding_id"], words),
    }  # fmt: skip


def exhibits(case: "Case", finding_id: str) -> Iterator[Row]:
    """The records a finding rests on, each with its file, hash, locator and the text found there."""
    for row in case.query(
        "SELECT * FROM exhibits WHERE finding_id = ? ORDER BY ordinal, second_record, source", [finding_id]
    ):
        yield {**_plain(row), "raw": case.raw(row["sha256"], row["parser"], row["locator"])}


def people(case: "Case", limit: int = 500) -> list[Row]:
    """Numbers with a role: number, account, role, name, organisation, basis, contacts; most contacts first."""
    rows: list[Row] = case.query(_PEOPLE, [limit])
    return rows


def suggestions(case: "Case", limit: int = 50) -> list[Row]:
    """Numbers without a role, those that would matter most first, with reasons."""
    with case.connect() as con:
        return suggest(con, limit)


def status(case: "Case") -> Row:
    """Counts and state of the case."""
    run = case.run()
    counts = {**case.query(_STATUS)[0], **listening(case)} if run else {**_NOT_YET, **NOTHING}
    return {**counts, "state": case.state(), "run": run.name if run else None}


def overview(case: "Case", *, lang: str = "en") -> Row:
    """What a person wants to know first: how many contacts when, what stands out, what could not be judged."""
    words = Words(lang)
    return {
        **case.query(_OVERVIEW)[0],
        **status(case),
        "notices": notices(case, lang=lang),
        "by_rule": case.query(_BY_RULE),
        "by_authority": {row["authority"]: row["findings"] for row in case.query(_BY_AUTHORITY)},
        "not_judged": case.query(_NOT_JUDGED),
        "unread": [_worded(row, words) for row in case.query(_UNREAD)],
        "owners": case.query(_OWNERS),
        "lost": lost(case),
        "undated": [row["name"] for row in case.query(_UNDATED)],
        "assumed": [row["number"] for row in case.query("SELECT number FROM parties WHERE basis = 'assumed'")],
        "time_zone": case.options["time_zone"],
        "jurisdiction": case.options["jurisdiction"],
    }  # fmt: skip


def _plain(row: Row) -> Row:
    return {key: _text(value) for key, value in row.items()}


def _text(value: Any) -> Any:
    """Times as text; everything else as it is."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else value


_PEOPLE = """
WITH ends AS (
    SELECT from_number AS number, account, from_role AS role FROM occasions
    UNION ALL SELECT to_number, account, to_role FROM occasions
), seen AS (SELECT number, account, role, count(*) AS contacts FROM ends WHERE role IS NOT NULL GROUP BY ALL)
SELECT coalesce(s.number, p.number) AS number, nullif(coalesce(s.account, p.account_id), '') AS account,
    coalesce(s.role, p.role) AS role, p.name, p.organisation, coalesce(p.basis, 'export') AS basis,
    coalesce(s.contacts, 0) AS contacts
FROM seen s
FULL JOIN (SELECT * FROM parties WHERE role IS NOT NULL) p
    ON p.number = s.number AND (p.account_id IS NULL OR p.account_id = s.account)
ORDER BY contacts DESC, number, account LIMIT ?
"""

_NOT_YET = dict.fromkeys(("events", "rejects", "sources", "findings", "review"), 0)
_STATUS = """
SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM rejects) AS rejects,
    (SELECT count(*) FROM sources) AS sources, (SELECT count(*) FROM findings) AS findings,
    (SELECT count(*) FROM findings WHERE tier = 'review') AS review
"""

_OVERVIEW = """
SELECT count(*) AS contacts, count(*) FILTER (from_role = 'collector' AND NOT undirected) AS collector_contacts,
    CAST(min(on_date) AS VARCHAR) AS first_day, CAST(max(on_date) AS VARCHAR) AS last_day,
    (SELECT sum(records) FROM sources)::BIGINT AS records,
    (SELECT count(from_number) FROM (SELECT from_number FROM occasions WHERE from_role IS NULL
        UNION SELECT to_number FROM occasions WHERE to_role IS NULL)) AS unknown_numbers,
    count(*) FILTER (undirected) AS undirected
FROM occasions
"""

_BY_RULE = """
SELECT p.authority, rule_id, r.title_en, r.title_zh, count(*) FILTER (f.tier = 'finding') AS findings,
    count(*) FILTER (f.tier = 'review') AS review,
    CAST(min(f.occurred_at) AS VARCHAR) AS first_at, CAST(max(f.occurred_at) AS VARCHAR) AS last_at
FROM findings f JOIN provisions p USING (provision_id) JOIN rule_runs r USING (rule_id)
GROUP BY ALL ORDER BY p.authority, findings DESC, rule_id
"""

_NOT_JUDGED = "SELECT rule_id, title_en, title_zh, status, reason FROM rule_runs WHERE status <> 'ran' ORDER BY rule_id"
_UNREAD = "SELECT name, status, reason, rejects FROM sources WHERE status <> 'ok' OR rejects > 0 ORDER BY name"
_UNDATED = """
SELECT name FROM sources
JOIN (SELECT source_id FROM events WHERE at_local IS NULL AND same_as IS NULL) USING (source_id)
ORDER BY name, source_id
"""
_OWNERS = """
SELECT name, owner_number, owner_basis, time_zone FROM sources WHERE owner_number IS NOT NULL ORDER BY name
"""

_BY_AUTHORITY = """
SELECT p.authority, count(*) AS findings FROM findings JOIN provisions p USING (provision_id) GROUP BY 1 ORDER BY 1
"""
