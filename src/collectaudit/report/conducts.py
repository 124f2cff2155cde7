"""What a letter tells, one item a kind of conduct: how often, in which exhibits, by which texts, strongest first.

The same contact is measured by several texts; told once for each it would read like more than it is. So a kind of
conduct is told once, under the strongest text it rests on, with the others named after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import dates
from ..catalogue import Words
from .dossier import AUTHORITIES, Dossier

Row = Mapping[str, Any]
TOLD = ("confirmed", "suspected")  # what is to be looked at first is in the book alone
_EXAMPLES = 3
_RANK = {"severe": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class Conduct:
    """One kind of conduct in one state. `exhibits`: numbers; `laws`: what it is measured by, strongest first."""

    rule_id: str
    state: str
    authority: str
    what: str
    exhibits: tuple[int, ...]
    laws: tuple[str, ...]
    examples: tuple[str, ...]


def conducts(made: Dossier, state: str, words: Words) -> list[Conduct]:
    """The kinds of conduct found in this state, those under the strongest text first."""
    by_rule: dict[str, list[Row]] = {}
    for row in made.findings:
        if row["state"] == state:
            by_rule.setdefault(row["rule_id"], []).append(row)
    ranked = sorted(by_rule.values(), key=_weight)
    return [_conduct(rows, words) for rows in ranked]


def _weight(rows: Sequence[Row]) -> tuple[int, int, int, str]:
    """Strongest text, then severity, then how many contacts."""
    strongest = min(AUTHORITIES.index(row["authority"]) for row in rows)
    severity = min(_RANK[row["severity"]] for row in rows)
    return strongest, severity, -len(_numbers(rows)), rows[0]["rule_id"]


def _numbers(rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(sorted({n for row in rows for n in row["exhibits"]}))


def _conduct(rows: Sequence[Row], words: Words) -> Conduct:
    strongest = sorted(rows, key=lambda row: AUTHORITIES.index(row["authority"]))
    key = f"letter.rule_{rows[0]['rule_id']}"
    examples = dict.fromkeys(said for row in rows if (said := _example(row, words)))
    return Conduct(
        rule_id=rows[0]["rule_id"],
        state=rows[0]["state"],
        authority=strongest[0]["authority"],
        what=words(key) if key in words else rows[0]["title"],
        exhibits=_numbers(rows),
        laws=tuple(dict.fromkeys(_law(row["law"], words) for row in strongest)),
        examples=tuple(examples)[:_EXAMPLES],
    )


def _law(law: Row, words: Words) -> str:
    """The instrument and its article, unless nobody saw its number; what was only reported is said to be."""
    key = "letter.law" if law["confidence"] == "V" else "letter.law_reported"
    article = "" if law["article"] == words("word.article_unseen") else law["article"] or ""
    return " ".join(words(key, instrument=law["instrument"], article=article).split())


def _example(row: Row, words: Words) -> str:
    """What happened when, in a clause; "" where the measured facts do not say it in one."""
    facts, n = row["facts"], row["exhibits"][0] if row["exhibits"] else None
    if facts.get("counted") and facts.get("max_count"):
        key = "letter.example_counted" if facts["days"] == 1 else "letter.example_counted_days"
        counted = {"counted": facts["counted"], "days": facts["days"], "most": facts["max_count"]}
        return words(key, day=dates.day(words, facts["on_date"]), **{name: str(n) for name, n in counted.items()})
    if not facts.get("channel") or not facts.get("on_date") or n is None:
        return ""
    known = facts.get("at_time") and row["precision"] != "day"
    at = words("letter.clock", at=facts["at_time"][:5]) if known else ""
    about = {
        "day": dates.day(words, facts["on_date"]), "clock": at,
        "channel": words.word("channel", facts["channel"]), "n": str(n),
    }  # fmt: skip
    if facts.get("quote"):
        return words("letter.example_said", quote=facts["quote"], **about)
    return words("letter.example_at", **about)
