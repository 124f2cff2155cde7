"""One finding on a page: what was measured, the text it rests on, the records, what it cannot see."""

from collections.abc import Mapping
from typing import Any

from .render import Page


def finding_page(page: Page, case: str, finding: Mapping[str, Any]) -> None:
    """Everything known about one finding, from `views.finding`."""
    words = page.words
    page.data(finding["title"], style="bold")
    page.data(finding["message"])
    page.say(
        "finding.kind",
        style="dim",
        id=finding["finding_id"],
        tier=words.word("tier", finding["tier"]),
        severity=words.word("severity", finding["severity"]),
        account=finding["account"] or words("word.unknown"),
    )
    _facts(page, finding["facts"])
    _law(page, finding)
    _exhibits(page, finding["exhibits"])
    page.heading("finding.limits")
    page.data(finding["limits"] or words("finding.no_limits"), indent=2)
    page.heading("finding.sql", rule=finding["rule_id"])
    page.block(finding["sql"], indent=2)
    _verdict(page, case, finding)


def _facts(page: Page, facts: Mapping[str, Any]) -> None:
    page.heading("finding.facts")
    for name, value in facts.items():
        page.pair(name, value, indent=2)


def _law(page: Page, finding: Mapping[str, Any]) -> None:
    law, words = finding["law"], page.words
    page.heading("finding.law")
    for citation in finding["citations"]:
        page.data(f"{citation['instrument']} {citation['article'] or ''}".strip(), indent=2, style="bold")
        page.say(
            "finding.force",
            indent=2,
            authority=words.word("authority", finding["authority"]),
            modality=words.word("modality", law["modality"]),
            since=str(citation["in_force_from"]),
        )
        if citation["quote"]:
            page.say("finding.quote", indent=2, quote=citation["quote"])
        if citation["url"]:
            page.data(citation["url"], indent=2)
    if law["caveat"]:
        page.say("finding.caveat", indent=2, caveat=law["caveat"])


def _exhibits(page: Page, exhibits: list[Mapping[str, Any]]) -> None:
    page.heading("finding.exhibits", n=len(exhibits))
    for exhibit in exhibits:
        page.say(
            "finding.exhibit",
            indent=2,
            source=exhibit["source"],
            locator=exhibit["locator"],
            at=str(exhibit["at_local"]),
        )
        page.data(f"SHA-256 {exhibit['sha256']}", indent=4, style="dim")
        if exhibit["raw"]:
            page.data(exhibit["raw"], indent=4)
        if exhibit["second_record"]:
            page.say("finding.second", indent=4)


def _verdict(page: Page, case: str, finding: Mapping[str, Any]) -> None:
    page.gap()
    if finding["review"]:
        page.say("finding.reviewed", verdict=page.words.word("verdict", finding["review"]["verdict"]))
        return
    page.say("finding.unreviewed")
    page.command("review", case, finding["finding_id"], "confirmed")
