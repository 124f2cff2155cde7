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
from ..errors import WrongUse
from . import questions
from .exhibits import exhibits_of

if TYPE_CHECKING:
    from ..case import Case

Row = dict[str, Any]
STATES = ("confirmed", "suspected", "review")
_MOST = 20_000  # findings in one document, and people in its lists
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
    """The dossier of the current run; what a person dismissed, and what rests on no text, is counted and stays out.

    Raises WrongUse for more than a document can hold.
    """
    words = Words(lang, "report")
    wanted = STATES[:1] if only_confirmed else STATES
    counted = counts(case, account)
    _refuse(sum(counted[state] for state in wanted), counted["third_parties"])
    found = [row for row in _findings(case, words, account) if row["state"] in wanted]
    exhibits = exhibits_of(case, found, words)
    return Dossier(
        lang=lang,
        about=_about(case, account),
        counts=counted,
        parties=case.query(questions.PARTIES, [account]),
        findings=found,
        groups=_groups(found, words),
        exhibits=exhibits,
        days=case.query(questions.DAYS, [account]),
        third_parties=_third_parties(case, account, exhibits),
        contrary=_contrary(case, account),
        gaps=_gaps(case, lang),
        method=_method(case, lang),
        sources=views.sources(case, lang=lang),
        custody=custody(case),
        facts=case.query(questions.FACTS, [account]),
    )


def _refuse(findings: int, third_parties: int) -> None:
    """No document is made of what nobody could read, and no memory holds: that is for tables."""
    if max(findings, third_parties) > _MOST:
        raise WrongUse(
            f"{findings} findings and {third_parties} third parties are too many for one document",
            "Choose one account with --account; `collectaudit export` writes all of them as a table.",
        )


def as_json(made: Dossier) -> str:
    """The whole as JSON, times as text: what templates are filled from."""
    rows = {name: getattr(made, name) for name in Dossier.__slots__}
    return json.dumps(rows, ensure_ascii=False, default=str)


def _findings(case: "Case", words: Words, account: str | None) -> list[Row]:
    rows = case.query(questions.FOUND, [account])
    return [_finding(row, words) for row in rows]


def _finding(row: Row, words: Words) -> Row:
    law = {"instrument": words.pick(row, "instrument"), "article": words.article(row["article"])}
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
    about = case.query(questions.SPAN, [account])[0]
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
    counted = {**dict.fromkeys((*STATES, *LEFT_OUT), 0), **case.query(questions.CONTACTS, [account])[0]}
    by_authority: Row = {}
    for row in case.query(questions.COUNTED, [account]):
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
    return [
        {**row, "exhibits": sorted(set(numbers.get(row["number"], [])))}
        for row in case.query(questions.REACHED, [account])
    ]


def _contrary(case: "Case", account: str | None) -> Row:
    """What speaks for the other side: contacts from the debtor's side, what was agreed, what was dismissed."""
    return {
        **case.query(questions.FROM_DEBTOR, [account])[0],
        "agreed": case.query(questions.AGREED, [account]),
        "guarantors": case.query(questions.GUARANTORS, [account]),
    }


def _gaps(case: "Case", lang: str) -> Row:
    seen = views.overview(case, lang=lang)
    missing = {kind: found["n"] for kind, found in views.recording_gaps(case, limit=1).items()}
    names = ("rejects", "unread", "unknown_numbers", "undirected", "undated", "not_judged", "not_listened")
    return {**{name: seen[name] for name in names}, **missing}


def _method(case: "Case", lang: str) -> Row:
    return {
        "version": __version__,
        "engines": [row["engine"] for row in case.query(questions.ENGINES)],
        "rules": [{name: row[name] for name in ("rule_id", "title", "sha256", "status", "contacts_seen", "findings")}
                  for row in views.rules(case, lang=lang)],
        "lexicons": [row["sha256"] for row in case.query(questions.LEXICONS)],
    }  # fmt: skip


_RANK = {"low": 0, "medium": 1, "high": 2, "severe": 3}
_PLAIN = (
    "finding_id", "rule_id", "provision_id", "regime", "authority", "modality", "severity", "tier", "state", "account",
    "event_id", "occurred_at", "precision", "verdict", "note", "by", "judged_at", "event_ids", "heard", "passages",
)  # fmt: skip
