"""The values that options take; a wrong one is explained in the user's language."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import click

from collectaudit.catalogue import LANGUAGES, Words
from collectaudit.commands.shell import F, option, say

SEVERITIES = ("low", "medium", "high", "severe")
DAY = "YYYY-MM-DD"
TIERS = ("finding", "review")
VERDICTS = ("confirmed", "dismissed", "unsure")
OPINIONS = ("ordinary", "blind", "appeal", "final")
GROUPS = ("category", "lang", "provenance", "speaker", "channel")
OWN_CALL = ("yes", "no", "unknown")
ROLES = ("debtor", "guarantor", "collector", "family", "colleague", "reference", "lawyer", "other")
CHANNELS = ("call", "sms", "im", "voicemail", "visit", "email", "letter")
SPOKEN = ("zh", "en", "auto")
LISTENERS = ("faster-whisper", "whisper.cpp")
OUTCOMES = ("connected", "unanswered")
FACTS = (
    "agreed_hours", "quiet_hours_consent", "unreachable", "deceased", "incapacity", "third_party_consent", "refusal",
    "cease_request", "represented", "settled", "payment_plan", "visit_consent", "due", "product", "lender_type",
    "lender", "employer_forbids",
)  # fmt: skip


def code(codes: Sequence[str], family: str = "") -> Callable[[str], str]:
    """The type of a value that is one of some codes, or their word (`family.code`) in either language."""

    def convert(value: str) -> str:
        for known in codes:
            if value.strip().lower() == known or value.strip() in _words(family, known):
                return known
        raise click.BadParameter(say("usage.one_of", what=value, known=", ".join(codes)))

    return convert


def _words(family: str, known: str) -> set[str]:
    return {Words(lang).word(family, known) for lang in LANGUAGES} if family else set()


def groups(value: str) -> list[str]:
    """The type of a list of kinds of groups, parted by commas."""
    return [code(GROUPS)(name) for name in value.split(",")]


def day(value: str) -> date:
    """The type of a calendar day, 2025-06-01."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(say("usage.day", what=value)) from None


def whole(value: str) -> int:
    """The type of a whole number from 1."""
    if value.isascii() and value.isdigit() and int(value) > 0:
        return int(value)
    raise click.BadParameter(say("usage.whole", what=value))


def by_source(pairs: Sequence[str]) -> dict[str, str]:
    """`[PATH=]VALUE` → input → what is said of it; the empty path stands for every input."""
    return {path: value for path, _, value in (pair.rpartition("=") for pair in pairs)}


def one_of(*names: str, codes: Sequence[str], family: str = "", **settings: Any) -> Callable[[F], F]:
    """An option whose value is one of some codes."""
    return option(*names, type=code(codes, family), metavar="|".join(codes), **settings)


def formats(*known: str) -> Callable[[F], F]:
    """The option --format, of which the first is the default."""
    return one_of("--format", "format_", codes=known, default=known[0])


def filters(command: F) -> F:
    """The options that choose among findings."""
    for add in reversed((
        option("--rule", metavar="ID"),
        option("--regime", metavar="ID"),
        option("--account", metavar="ID"),
        one_of("--severity", codes=SEVERITIES, family="severity"),
        one_of("--tier", codes=TIERS, family="tier"),
        option("--since", type=day, metavar=DAY),
        option("--until", type=day, metavar=DAY),
        option("--limit", type=whole, metavar="N"),
    )):  # fmt: skip
        command = add(command)
    return command
