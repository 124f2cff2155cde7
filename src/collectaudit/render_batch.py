"""What a batch says at its end: how many cases, what stands out over all of them, which have problems, what is next."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .render import Page

Row = Mapping[str, Any]
_SHOWN = 20  # cases with problems, and rules; the tables have all


def summary(page: Page, out: str, rows: Sequence[Row]) -> None:
    """The whole page; `out` is the path as the user gave it."""
    states = Counter(row["state"] for row in rows)
    counts: dict[str, Any] = {state: states[state] for state in ("complete", "incomplete", "failed")}
    reach: dict[str, Any] = {name: sum(row[name] or 0 for row in rows) for name in ("contacts", "accounts")}
    page.say("batch.title", style="bold", cases=len(rows), out=out)
    page.say("batch.states", **counts)
    page.say("batch.again", again=sum(bool(row["again"]) for row in rows if row["state"] != "failed"))
    page.say("batch.contacts", **reach)
    _findings(page, rows)
    _problems(page, rows)
    page.heading("summary.next")
    page.command("open", out)
    page.say("batch.tables", out=out)


def _findings(page: Page, rows: Sequence[Row]) -> None:
    """By rule, the gravest and most frequent first: how many findings, how many to be looked at, in how many cases."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        for key, tiers in _by_rule(row):
            found.setdefault(key, Counter()).update(tiers + Counter(cases=1))
    page.heading("batch.findings" if found else "batch.nothing")
    grave = ("severe", "high", "medium", "low")
    ordered = sorted(found, key=lambda key: (grave.index(key[1]), -found[key].total(), key))
    lines = [
        (title, page.words.word("severity", severity), n["finding"], n["review"], n["cases"])
        for title, severity in ordered[:_SHOWN] for n in (found[title, severity],)
    ]  # fmt: skip
    if lines:
        page.table(("title", "severity", "findings", "to_look_at", "cases"), lines)


def _by_rule(row: Row) -> Iterator[tuple[tuple[str, str], Counter[str]]]:
    tiers: dict[tuple[str, str], Counter[str]] = {}
    for one in row["rules"]:
        tiers.setdefault((one["title"], one["severity"]), Counter())[one["tier"]] += one["findings"]
    yield from tiers.items()


def _problems(page: Page, rows: Sequence[Row]) -> None:
    wrong = [row for row in rows if row["state"] != "complete"]
    if wrong:
        page.heading("summary.problems")
    for row in wrong[:_SHOWN]:
        why = [row["reason"]] if row["reason"] else [f"{one['input']}: {one['reason']}" for one in row["errors"][:3]]
        page.say("summary.problem", indent=2, input=row["input"], reason="; ".join(why) or page.words("batch.unread"))
    if len(wrong) > _SHOWN:
        page.say("batch.more", indent=2, n=len(wrong) - _SHOWN)
