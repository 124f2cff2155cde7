"""One dossier of a case: every number, sentence and exhibit that letter, book, tables and pages show.

All forms are filled from this one value, so their counts agree. It holds text as it stands in the records: each form
makes it harmless in its own one place. Confirmed, suspected and to be looked at are counted apart, never together.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import __version__, views
from ..catalogue import Words
from ..custody import custody
from .exhibits import exhibits_of

if TYPE_CHECKING:
    from ..case import Case

Row = dict[str, Any]
STATES = ("confirmed", "suspected", "review")
LEFT_OUT = ("dismissed", "practice")  # counted, and not handed in
# From what binds everybody down to what somebody has only said of itself.
AUTHORITIES = ("law", "rule", "std", "self", "guide", "promise")


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is to be handed in, in one language.

    `findings`: rows with `state`, `message`, `law`, `exhibit` numbers; `groups`: authority → provision → its findings;
    `exhibits`: numbered from 1 in order of time; `counts`: by state, and of contacts; `facts`: what people declared;
    `custody`: where each original comes from, `unknown` where nobody said.
    """

    lang: str
    about: Row
    counts: Row
    parties: list[Row]
    findings: list[Row]
    groups: list[Row]
    exhibits: list[Row]
    days: list[Row]
    third_parties: list[Row]
    contrary: Row
    gaps: Row
    method: Row
    sources: list[Row]
    facts: list[Row] = field(default_factory=list)
    custody: list[Row] = field(default_factory=list)


def dossier(case: "Case", lang: str, *, account: str | None = None, only_confirmed: bool = False) -> Dossier:
    """The dossier of the current run; what a person dismissed, and what rests on no text, is counted and stays out."""
    words = Words(lang, "report")
    wanted = STATES[:1] if only_confirmed else STATES
    found = [row for row in _findings(case, words, account) if row["state"] in wanted]
    exhibits = exhibits_of(case, found, words)
    return Dossier(
        lang=lang,
        about=_about(case, account),
        counts=counts(case, account),
        parties=case.query(_PARTIES, [account]),
        findings=found,
        groups=_groups(found, words),
        exhibits=exhibits,
        days=case.query(_DAYS, [account]),
        third_parties=_third_parties(case, account, exhibits),
        contrary=_contrary(case, account),
        gaps=_gaps(case, lang),
        method=_method(case, lang),
        sources=views.sources(case, lang=lang),
        custody=custody(case),
        facts=case.query(_FACTS, [account]),
    )


def as_json(made: Dossier) -> str:
    """The whole as JSON, times as text: what templates are filled from."""
    rows = {name: getattr(made, name) for name in Dossier.__slots__}
    return json.dumps(rows, ensure_ascii=False, default=str)


def _findings(case: "Case", words: Words, account: str | None) -> list[Row]:
    rows = case.query(FOUND, [account])
    return [_finding(row, words) for row in rows]


def _finding(row: Row, words: Words) -> Row:
    law = {"instrument": words.pick(row, "instrument"), "article": row["article"]}
    facts = json.loads(row["facts"])
    return {
        **{name: row[name] for name in _PLAIN},
        "title": words.pick(row, "title"),
        "message": views.message(words.pick(row, "message"), {**facts, **law}, words),
        "limits": words.pick(row, "limits"),
        "facts": facts,
        "law": {
            **law,
            **{name: row[name] for name in ("url", "in_force_from", "in_force_until", "confidence", "reviewed")},
            "quote": row["quote"],
            "paraphrase": words.pick(row, "text"),
            "caveat": words.pick(row, "caveat"),
        },
    }


def _groups(found: Sequence[Row], words: Words) -> list[Row]:
    """Authority, strongest first → its provisions in order of weight → what was found under each, by state."""
    groups: list[Row] = []
    for authority in AUTHORITIES:
        mine = [row for row in found if row["authority"] == authority]
        if mine:
            groups.append(
                {
                    "authority": authority,
                    "name": words.word("authority", authority),
                    "counts": tally(mine),
                    "provisions": _provisions(mine),
                }
            )
    return groups


def _provisions(found: Sequence[Row]) -> list[Row]:
    by_id: dict[tuple[str, str], list[Row]] = {}
    for row in found:
        by_id.setdefault((row["provision_id"], row["rule_id"]), []).append(row)
    made = [_provision(rows) for rows in by_id.values()]
    return sorted(made, key=lambda row: (-_RANK[row["severity"]], -row["counts"]["confirmed"], row["provision_id"]))


def _provision(rows: Sequence[Row]) -> Row:
    """What was found under one provision by one rule, in order of time."""
    first, last = rows[0], rows[-1]
    return {
        **{name: first[name] for name in ("provision_id", "rule_id", "severity", "modality", "title", "limits", "law")},
        "counts": tally(rows),
        "first_at": first["occurred_at"],
        "last_at": last["occurred_at"],
        "finding_ids": [row["finding_id"] for row in rows],
    }


def tally(rows: Sequence[Mapping[str, Any]]) -> Row:
    """How many of the rows are in each state."""
    return {state: sum(row["state"] == state for row in rows) for state in STATES}


def _about(case: "Case", account: str | None) -> Row:
    run = case.run()
    about = case.query(_SPAN, [account])[0]
    return {
        **about,
        "case": case.path.name,
        "number": f"CA-{case.id[:8].upper()}",
        "account": account,
        "run": run.name if run else None,
        "time_zone": case.options["time_zone"],
        "jurisdiction": case.options["jurisdiction"],
        "log_head": case.log_head(),
    }


def counts(case: "Case", account: str | None = None) -> Row:
    """By state, by authority and state, and of contacts; the same numbers as rerun.sql gives."""
    counted = {**dict.fromkeys((*STATES, *LEFT_OUT), 0), **case.query(_CONTACTS, [account])[0]}
    by_authority: Row = {}
    for row in case.query(_COUNTED, [account]):
        counted[row["state"]] += row["n"]
        if row["state"] in STATES:
            by_authority.setdefault(row["authority"], dict.fromkeys(STATES, 0))[row["state"]] += row["n"]
    return {**counted, "by_authority": by_authority}


def _third_parties(case: "Case", account: str | None, exhibits: Sequence[Row]) -> list[Row]:
    """People beside the debtor whom the collecting side reached: how often, and in which exhibits."""
    numbers: dict[str, list[int]] = {}
    for row in exhibits:
        if row["from_role"] == "collector" and not row["undirected"]:
            numbers.setdefault(row["to_number"], []).append(row["number"])
    return [{**row, "exhibits": sorted(set(numbers.get(row["number"], [])))} for row in case.query(_REACHED, [account])]


def _contrary(case: "Case", account: str | None) -> Row:
    """What speaks for the other side: contacts from the debtor's side, what was agreed, what was dismissed."""
    return {
        **case.query(_FROM_DEBTOR, [account])[0],
        "agreed": case.query(_AGREED, [account]),
        "guarantors": case.query(_GUARANTORS, [account]),
    }


def _gaps(case: "Case", lang: str) -> Row:
    seen = views.overview(case, lang=lang)
    missing = {kind: found["n"] for kind, found in views.recording_gaps(case, limit=1).items()}
    names = ("rejects", "unread", "unknown_numbers", "undirected", "undated", "not_judged", "not_listened")
    return {**{name: seen[name] for name in names}, **missing}


def _method(case: "Case", lang: str) -> Row:
    return {
        "version": __version__,
        "engines": [row["engine"] for row in case.query(_ENGINES)],
        "rules": [{name: row[name] for name in ("rule_id", "title", "sha256", "status", "contacts_seen", "findings")}
                  for row in views.rules(case, lang=lang)],
        "lexicons": [row["sha256"] for row in case.query(_LEXICONS)],
    }  # fmt: skip


_RANK = {"low": 0, "medium": 1, "high": 2, "severe": 3}
_PLAIN = (
    "finding_id", "rule_id", "provision_id", "regime", "authority", "modality", "severity", "tier", "state", "account",
    "event_id", "occurred_at", "precision", "verdict", "note", "by", "judged_at", "event_ids", "heard", "passages",
)  # fmt: skip

# dismissed: a person has looked, and it is not so. review: nobody has confirmed it, and the records alone cannot.
# practice: rests on our own yardstick alone, which binds nobody: counted, never handed in.
STATE = """
CASE WHEN p.authority = 'practice' THEN 'practice'
    WHEN v.verdict = 'confirmed' THEN 'confirmed' WHEN v.verdict = 'dismissed' THEN 'dismissed'
    WHEN f.tier = 'review' THEN 'review' ELSE 'suspected' END"""
_OF = "($1 IS NULL OR nullif(f.account, '') IS NOT DISTINCT FROM $1)"

FOUND = f"""
SELECT f.*, p.authority, p.modality, p.article, p.instrument_en, p.instrument_zh, p.quote, p.text_en, p.text_zh, p.url,
    p.confidence, p.reviewed, p.in_force_from, p.in_force_until, p.caveat_en, p.caveat_zh, r.title_en, r.title_zh,
    r.message_en, r.message_zh, r.limits_en, r.limits_zh, e.precision, v.verdict, v.note, v."by", v."at" AS judged_at,
    h.heard, h.passages, {STATE} AS state, x.event_ids
FROM findings f JOIN provisions p USING (provision_id) JOIN rule_runs r USING (rule_id)
LEFT JOIN (SELECT finding_id, list(event_id ORDER BY ordinal) AS event_ids FROM evidence GROUP BY 1) x
    USING (finding_id)
LEFT JOIN verdicts v USING (finding_id) LEFT JOIN speech h USING (finding_id)
LEFT JOIN events e ON e.event_id = f.event_id
WHERE {_OF}
ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id
"""  # noqa: S608 — constants only
# Every finding of an account ($1, or of all) with its state.
STATED = f"""
SELECT f.finding_id, f.event_id, p.authority, {STATE} AS state
FROM findings f JOIN provisions p USING (provision_id) LEFT JOIN verdicts v USING (finding_id) WHERE {_OF}
"""  # noqa: S608 — constants only
_COUNTED = f"""
SELECT authority, state, count(*) AS n FROM ({STATED}) GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only

MINE = "($1 IS NULL OR account = $1)"
_CONTACTS = f"""
SELECT count(*) AS contacts, count(*) FILTER (from_role = 'collector' AND NOT undirected) AS collector_contacts,
    count(DISTINCT to_number) FILTER (from_role = 'collector' AND NOT undirected
        AND to_role IN ('family', 'colleague', 'reference', 'other')) AS third_parties
FROM occasions WHERE {MINE}
"""  # noqa: S608 — constants only
_SPAN = f"SELECT min(on_date) AS first_day, max(on_date) AS last_day FROM occasions WHERE {MINE}"  # noqa: S608 — constants only
_DAYS = f"""
SELECT on_date AS day, channel, count(*) AS contacts, count(*) FILTER (from_role = 'collector') AS from_collector
FROM occasions WHERE {MINE} GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only
_PARTIES = f"""
WITH ends AS (
    SELECT from_number AS number, account FROM occasions UNION ALL SELECT to_number, account FROM occasions
), seen AS (SELECT number, count(*) AS contacts FROM ends WHERE {MINE} GROUP BY 1)
SELECT p.number, p.role, p.name, p.organisation, p.lender, p.relation, p.basis, coalesce(s.contacts, 0) AS contacts
FROM parties p LEFT JOIN seen s USING (number)
WHERE p.role IS NOT NULL AND ($1 IS NULL OR p.account_id IS NULL OR p.account_id = $1)
ORDER BY p.role = 'debtor' DESC, p.role = 'collector' DESC, contacts DESC, p.number, p.name
"""  # noqa: S608 — constants only
_REACHED = f"""
SELECT o.to_number AS number, any_value(o.to_role) AS role, min(p.name) AS name, min(p.relation) AS relation,
    count(*) AS contacts, min(on_date) AS first_day, max(on_date) AS last_day
FROM occasions o LEFT JOIN parties p ON p.number = o.to_number
WHERE {MINE} AND from_role = 'collector' AND NOT undirected
    AND to_role IN ('family', 'colleague', 'reference', 'other')
GROUP BY 1 ORDER BY contacts DESC, number
"""  # noqa: S608 — constants only
_FROM_DEBTOR = f"""
SELECT count(*) AS from_debtor, min(on_date) AS first_day, max(on_date) AS last_day
FROM occasions WHERE {MINE} AND to_role = 'collector' AND NOT undirected
"""  # noqa: S608 — constants only
_FACTS = """
SELECT account, party, fact, from_at, until_at, value, note FROM case_facts
WHERE $1 IS NULL OR account IS NULL OR account = $1 ORDER BY ALL
"""
_AGREED = f"SELECT * FROM ({_FACTS}) WHERE fact IN ('agreed_hours', 'quiet_hours_consent', 'third_party_consent', \
'unreachable', 'visit_consent')"  # noqa: S608 — constants only
_GUARANTORS = """
SELECT DISTINCT number, name FROM parties
WHERE role = 'guarantor' AND ($1 IS NULL OR account_id IS NULL OR account_id = $1) ORDER BY ALL
"""
_ENGINES = "SELECT DISTINCT engine FROM utterances WHERE engine IS NOT NULL ORDER BY engine"
_LEXICONS = "SELECT DISTINCT lexicons_sha256 AS sha256 FROM patterns WHERE lexicons_sha256 IS NOT NULL ORDER BY 1"
