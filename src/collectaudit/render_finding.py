"""One finding on a page: what was measured, the text it rests on, the records, what it cannot see."""

from collections.abc import Mapping, Sequence
from typing import Any

from .render import Page
from .render_words import heard, words_section
from .speech import stretch

Row = Mapping[str, Any]
_TO_THE_SECOND = len("2025-06-01 22:10:31")
_SHOWN = 50  # exhibits on a terminal; JSON has them all


def finding_page(page: Page, case: str, finding: Row) -> None:
    """Everything known about one finding, from `views.finding`."""
    words = page.words
    page.data(finding["title"], style="bold")
    page.data(finding["message"])
    kind: dict[str, Any] = {name: words.value(name, finding[name]) for name in ("tier", "severity")}
    account = finding["account"] or words("word.unknown")
    page.say("finding.kind", style="dim", id=finding["finding_id"], account=account, **kind)
    if finding["words"]:
        words_section(page, finding["words"])
    elif finding["speech"]:
        _speech(page, finding["speech"])
    if any(exhibit["parser"] == "told" for exhibit in finding["exhibits"]):
        page.say("finding.told_review" if finding["tier"] == "review" else "finding.told_besides")
    page.heading("finding.facts")
    for name, value in finding["facts"].items():
        if value is not None:
            page.pair(name, value, indent=2)
    _law(page, finding)
    _exhibits(page, finding["exhibits"])
    if finding.get("limits"):
        page.heading("finding.limits")
        page.data(finding["limits"], indent=2)
    page.heading("finding.sql", rule=finding["rule_id"])
    page.block(finding["sql"], indent=2)
    _verdict(page, case, finding)


def _speech(page: Page, speech: Row) -> None:
    """What is known of the words of a contact that a finding asks about as a whole."""
    done = speech["heard"] == speech["passages"]
    page.say("finding.speech", n=speech["passages"], heard=speech["heard"], at=_at(speech))
    page.data(" · ".join(heard(page.words, {**speech, "listened": done})))


def _at(speech: Row) -> str:
    return "" if speech["start_s"] is None else stretch(speech["start_s"], speech["end_s"])


def _law(page: Page, finding: Row) -> None:
    law, words = finding["law"], page.words
    page.heading("finding.law")
    page.data(f"{law['instrument']} {law['article'] or ''}".strip(), indent=2, style="bold")
    verb: dict[str, Any] = {name: words.value(name, law[name]) for name in ("authority", "modality")}
    page.say("finding.force", indent=2, since=str(law["in_force_from"]), **verb)
    for citation in finding["citations"]:
        page.data(citation["quote"], indent=2)
        page.data(citation["url"], indent=2)
    known = words.value("confidence", law["confidence"])
    page.say("finding.known", indent=2, confidence=known, day=str(law["reviewed"]))
    if law["caveat"]:
        page.say("finding.caveat", indent=2, caveat=law["caveat"])


def _exhibits(page: Page, exhibits: Sequence[Row]) -> None:
    page.heading("finding.exhibits", n=len(exhibits))
    for exhibit in exhibits[:_SHOWN]:
        where: dict[str, Any] = {name: exhibit[name] for name in ("source", "locator")}
        page.say("finding.exhibit", indent=2, at=str(exhibit["at_local"])[:_TO_THE_SECOND], **where)
        page.data(f"SHA-256 {exhibit['sha256']}", indent=4, style="dim")
        if exhibit["parser"] == "told":
            page.say("finding.told", indent=4)
        if exhibit["raw"]:
            page.data(exhibit["raw"], indent=4)
        else:
            page.say("finding.no_raw", indent=4)
        if exhibit["second_record"]:
            page.say("finding.second", indent=4)
            if exhibit["same_why"]:
                page.say("finding.same_why", indent=4, why=page.words.word("same_why", exhibit["same_why"]))
    if len(exhibits) > _SHOWN:
        page.say("finding.more_exhibits", indent=2, n=len(exhibits) - _SHOWN)


def _verdict(page: Page, case: str, finding: Row) -> None:
    page.gap()
    speech = finding["speech"]
    if speech and speech["utterance_id"] and not speech["heard"]:
        page.say("finding.not_listened")
        page.command("hear", case, str(speech["utterance_id"]))
    if finding["verdict"]:
        page.say("finding.reviewed", verdict=page.words.value("verdict", finding["verdict"]))
        return
    page.say("finding.unreviewed")
    page.command("review", case, str(finding["finding_id"]), "confirmed")
