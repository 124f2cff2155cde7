"""show, hear, review: what was found, what is really said in a recording, and what a person thinks of it."""

from pathlib import Path
from typing import Any

import click

from collectaudit.commands.cases import CASE
from collectaudit.commands.params import OPINIONS, SEVERITIES, VERDICTS, code, filters, formats, one_of
from collectaudit.commands.shell import Command, option, shell


@click.command(cls=Command)
@CASE
@click.argument("finding", metavar="[FINDING]", required=False)
@filters
@option("--rejects", is_flag=True)
@option("--unmask", is_flag=True)
@one_of("--fail-on", codes=SEVERITIES, family="severity")
@formats("table", "json", "jsonl")
def show(
    case: Path, finding: str | None, rejects: bool, unmask: bool, fail_on: str | None, format_: str, **chosen: Any
) -> int:  # fmt: skip
    """The list of findings, or one of them."""
    from collectaudit.commands import showing

    if finding:
        return showing.one(shell(), case, finding, format_, unmask=unmask)
    if rejects:
        return showing.unread(shell(), case, format_, chosen["limit"], unmask=unmask)
    return showing.many(shell(), case, format_, fail_on, chosen, unmask=unmask)


@click.command(cls=Command)
@CASE
@click.argument("passage", metavar="PASSAGE")
@option("--text", metavar="TEXT")
@option("--note", metavar="TEXT")
@option("--by", metavar="NAME")
def hear(case: Path, passage: str, text: str | None, note: str | None, by: str | None) -> None:
    """A person has listened."""
    from collectaudit.commands import showing

    showing.hear(shell(), case, passage, text, note, by)


@click.command(cls=Command)
@CASE
@click.argument("finding", metavar="FINDING")
@click.argument("verdict", metavar="VERDICT", type=code(VERDICTS, "verdict"))
@option("--note")
@option("--by", metavar="NAME")
@one_of("--kind", codes=OPINIONS, family="opinion", default=OPINIONS[0])
def review(case: Path, finding: str, verdict: str, note: str | None, by: str | None, kind: str) -> None:
    """A person's verdict."""
    from collectaudit.commands import showing

    showing.review(shell(), case, finding, verdict, {"note": note, "by": by, "kind": kind})
