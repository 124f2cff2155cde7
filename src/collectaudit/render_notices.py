"""What is said before everything else: that a person may be in danger, and whom to call."""

from collections.abc import Mapping, Sequence
from typing import Any

from .render import Page

Row = Mapping[str, Any]
_TO_THE_MINUTE = len("2025-06-01 22:10")
_NAMED = 3  # places on a terminal; JSON has more


def notices(page: Page, rows: Sequence[Row]) -> None:
    """Every notice, each with an empty line behind it."""
    for row in rows:
        page.data(row["title"], style="bold")
        for paragraph in row["text"].splitlines():
            page.data(paragraph)
        for place in row["help"]:
            page.say("safety.place", indent=2, style="bold", place=place["place"])
            for line in place["lines"]:
                page.say("word.pair", indent=4, name=line["number"], value=line["what"])
        _where(page, row["utterances"])
        page.say("safety.no_finding")
        page.gap()


def _where(page: Page, utterances: Sequence[Row]) -> None:
    for said in utterances[:_NAMED]:
        who = page.words.word("role", said["speaker"]["role"])
        at = str(said["at"])[:_TO_THE_MINUTE]
        page.say("safety.where", indent=2, at=at, who=who, source=said["source"], locator=said["locator"])
    if len(utterances) > _NAMED:
        page.say("safety.more", indent=2, n=len(utterances) - _NAMED)
