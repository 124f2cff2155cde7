"""The measurement: rows and plain texts in, figures out, with every row that was judged otherwise than by a person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from ..signals import Reviewer
from .figures import measured, share
from .robustness import robustness
from .rows import LAWFUL, UNDECIDED, VIOLATING, Row
from .trial import FINDING, REVIEW, Heard, Said, judge

GROUPS = ("category", "lang", "provenance", "speaker", "channel")
USUAL = GROUPS[:4]
_LAWFUL_KIND = "ok."
# What is asked of a row: the tiers that count as found.
QUESTIONS = {"finding": (FINDING,), "finding_or_review": (FINDING, REVIEW)}
FALSE_FINDING, MISSED, REVIEW_ONLY, LAWFUL_IN_REVIEW = MISTAKES = (
    "false_finding", "missed", "review_only", "lawful_in_review",
)  # fmt: skip


class Case(NamedTuple):
    """A row and what came of it."""

    row: Row
    heard: Heard


def evaluate(
    rows: Sequence[Row], *, plain: Mapping[str, Sequence[str]] | None = None, by: Sequence[str] = USUAL,
    disguise: bool = True, reviewer: Reviewer | None = None, threads: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything `collectaudit eval` reports; docs/model-card.md says what each figure means.

    `plain`: file name → texts of nobody knows whom, where whatever is found is a false alarm. `by`: of GROUPS.
    `disguise`: also measure what disguises do.
    """
    heard = judge([_said(row) for row in rows], reviewer=reviewer, threads=threads)
    cases = [Case(row, found) for row, found in zip(rows, heard, strict=True)]
    nobody = judge([Said((row.text,), None, None, row.heard_on) for row in rows], reviewer=reviewer, threads=threads)
    unattributed = [Case(row, found) for row, found in zip(rows, nobody, strict=True)]
    lawful = _lawful_collecting(cases)
    return {
        "rows": len(rows), **_judged(cases), "review_share_lawful": lawful["share"], "lawful_collecting": lawful,
        "undecided": _undecided(cases),
        "collecting_side": _slice([case for case in cases if case.row.collecting]),
        "speaker_unknown": _slice(unattributed),
        "by": {name: _by_category(cases) if name == "category" else _by(cases, name) for name in by},
        "robustness": robustness(rows, reviewer=reviewer, threads=threads) if disguise else None,
        "plain": [_plain(name, texts, reviewer, threads) for name, texts in (plain or {}).items()],
        "errors": list(_errors(cases)),
    }  # fmt: skip


def _said(row: Row) -> Said:
    return Said((row.text,), row.from_role, row.to_role, row.heard_on)


def _judged(cases: Sequence[Case]) -> dict[str, Any]:
    """How many rows a person has decided, and the figures over them."""
    decided = [case for case in cases if case.row.verdict != UNDECIDED]
    counts = {verdict: sum(case.row.verdict == verdict for case in decided) for verdict in (VIOLATING, LAWFUL)}
    return {"judged": len(decided), **counts, **{name: _figures(decided, name) for name in QUESTIONS}}


def _slice(cases: Sequence[Case]) -> dict[str, Any]:
    return {"rows": len(cases), **_judged(cases)}


def _figures(cases: Sequence[Case], question: str) -> dict[str, Any]:
    found = [(case.row.verdict == VIOLATING, case.heard.tier in QUESTIONS[question]) for case in cases]
    return _measured(found)


def _measured(found: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """Figures from pairs: should it be found, was it?"""
    return measured(found.count((True, True)), found.count((False, True)), found.count((True, False)))


def _lawful_collecting(cases: Sequence[Case]) -> dict[str, Any]:
    """What becomes of lawful words of those who collect."""
    lawful = [case.heard.tier for case in cases if case.row.verdict == LAWFUL and case.row.collecting]
    review = lawful.count(REVIEW)
    part, interval = share(review, len(lawful) - review)
    return {"rows": len(lawful), "review": review, "finding": lawful.count(FINDING), "share": part, "ci": interval}


def _undecided(cases: Sequence[Case]) -> dict[str, int]:
    """Rows whose wrongfulness cannot be read off the words; they should be in review and count nowhere else."""
    tiers = [case.heard.tier for case in cases if case.row.verdict == UNDECIDED]
    return {"rows": len(tiers), "finding": tiers.count(FINDING), "review": tiers.count(REVIEW)}


def _by(cases: Sequence[Case], name: str) -> dict[str, Any]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(getattr(case.row, name) or "unknown", []).append(case)
    return {
        group: {**_slice(members), "review_share_lawful": _lawful_collecting(members)["share"]}
        for group, members in sorted(groups.items())
    }


def _by_category(cases: Sequence[Case]) -> dict[str, Any]:
    """Each category as a question of its own: labelled so, and found as such?

    `caught`: the share of the violating rows labelled so that are found as anything at all; `false_alarms`: the lawful
    rows in which this category was found, or, for a lawful kind, anything was.
    """
    decided = [case for case in cases if case.row.verdict != UNDECIDED]
    names = {name for case in decided for name in (*case.row.labels, *case.heard.categories)}
    return {name: _category(decided, name) for name in sorted(names)}


def _category(cases: Sequence[Case], name: str) -> dict[str, Any]:
    labelled = [case for case in cases if name in case.row.labels]
    due = [case.heard.tier for case in labelled if case.row.verdict == VIOLATING]
    undue = [_tier(case, name) for case in cases if case.row.verdict == LAWFUL]
    figures: dict[str, Any] = {"rows": len(labelled), "caught": {}, "false_alarms": {}}
    for question, tiers in QUESTIONS.items():
        found = [(name in case.row.labels, case.heard.categories.get(name) in tiers) for case in cases]
        caught = sum(tier in tiers for tier in due)
        figures[question] = _measured(found)
        figures["caught"][question] = share(caught, len(due) - caught)[0]
        figures["false_alarms"][question] = sum(tier in tiers for tier in undue)
    return figures


def _tier(case: Case, name: str) -> str | None:
    """As what a category was found in a row; a row of a lawful kind, as what anything was."""
    lawful_kind = name.startswith(_LAWFUL_KIND) and name in case.row.labels
    return case.heard.tier if lawful_kind else case.heard.categories.get(name)


def _plain(name: str, texts: Sequence[str], reviewer: Reviewer | None, threads: int | None) -> dict[str, Any]:
    """False alarms in everyday texts, in all and per 1,000."""
    heard = judge([Said((text,), None, None, "sms") for text in texts], reviewer=reviewer, threads=threads)
    tiers = [found.tier for found in heard]
    hits = [{"text": text, **_found(found)} for text, found in zip(texts, heard, strict=True) if found.tier is not None]
    return {
        "file": name, "texts": len(texts),
        **{tier: {"alarms": tiers.count(tier), "per_1000": _per_1000(tiers.count(tier), len(texts))}
           for tier in (FINDING, REVIEW)},
        "hits": hits,
    }  # fmt: skip


def _per_1000(alarms: int, texts: int) -> float | None:
    return round(1_000 * alarms / texts, 3) if texts else None


def _errors(cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    """Every row that came out otherwise than a person decided, the gravest kind first."""
    mistakes = [(kind, case) for case in cases if (kind := _mistake(case)) is not None]
    for kind, (row, heard) in sorted(mistakes, key=lambda mistake: MISTAKES.index(mistake[0])):
        about = {"id": row.id, "kind": kind, "labels": sorted(row.labels), "speaker": row.speaker, "text": row.text}
        yield {**about, **_found(heard)}


def _mistake(case: Case) -> str | None:
    match case.row.verdict, case.heard.tier:
        case "violating", None:
            return MISSED
        case "violating", "review":
            return REVIEW_ONLY
        case "lawful", "finding":
            return FALSE_FINDING
        case "lawful", "review":
            return LAWFUL_IN_REVIEW
    return None


def _found(heard: Heard) -> dict[str, Any]:
    return {"tier": heard.tier, "spans": [asdict(span) for span in heard.spans]}
