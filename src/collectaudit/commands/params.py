"""The values that options take; a wrong one is explained in the user's language."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from collectaudit.catalogue import LANGUAGES, Words
from collectaudit.commands.shell import F, option, say

SEVERITIES = ("low", "medium", "high", "severe")
TIERS = ("finding", "review")
VERDICTS = ("confirmed", "dismissed", "unsure")
ROLES = ("debtor", "guarantor", "collector", "family", "colleague", "reference", "lawyer", "other")
FACTS = (
    "agreed_hours", "quiet_hours_consent", "unreachable", "deceased", "incapacity", "third_party_consent", "refusal",
    "cease_request", "represented", "settled", "payment_plan", "visit_consent", "due", "product", "lender_type",
    "lender", "employer_forbids",
)  # fmt: skip


class OneOf(click.ParamType):
    """One of some codes; their words in the catalogue (`family.code`, either language) are understood too."""

    def __init__(self, codes: Sequence[str], family: str = "") -> None:
        self.codes = tuple(codes)
        self.name = "|".join(codes)
        self.family = family

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code."""
        text = str(value).strip()
        for code in self.codes:
            if text.lower() == code or text in self._words(code):
                return code
        return self.fail(say("usage.one_of", what=text, known=", ".join(self.codes)), param, ctx)

    def _words(self, code: str) -> set[str]:
        return {Words(lang).word(self.family, code) for lang in LANGUAGES} if self.family else set()


class Day(click.ParamType):
    """A calendar day, 2025-06-01."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            return self.fail(say("usage.day", what=value), param, ctx)


class Whole(click.ParamType):
    """A whole number from 1."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        if str(value).isascii() and str(value).isdigit() and int(value) > 0:
            return int(value)
        return self.fail(say("usage.whole", what=value), param, ctx)


def owners(pairs: Sequence[str]) -> dict[str, str]:
    """`[PATH=]NUMBER` → input → the number whose phone it is; the empty path stands for every input."""
    return {path: number for path, _, number in (pair.rpartition("=") for pair in pairs)}


def one_of(*names: str, codes: Sequence[str], family: str = "", **settings: Any) -> Any:
    """An option whose value is one of some codes."""
    kind = OneOf(codes, family)
    return option(*names, type=kind, metavar=kind.name, **settings)


def formats(*known: str) -> Any:
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
        option("--since", type=Day(), metavar=Day.name),
        option("--until", type=Day(), metavar=Day.name),
        option("--limit", type=Whole(), metavar="N"),
    )):  # fmt: skip
        command = add(command)
    return command
