"""people, declare, tell: who is who, and what no log shows."""

from pathlib import Path

import click

from collectaudit.commands.cases import CASE
from collectaudit.commands.params import CHANNELS, FACTS, OUTCOMES, ROLES, code, formats, one_of
from collectaudit.commands.shell import Command, option, say, shell


@click.command(cls=Command)
@CASE
@click.argument("number", metavar="[NUMBER]", required=False)
@click.argument("role", metavar="[ROLE]", required=False, type=code(ROLES, "role"))
@option("--suggest", is_flag=True)
@option("--name", metavar="TEXT")
@option("--organisation", metavar="TEXT")
@option("--account", metavar="ID")
@option("--lender", metavar="TEXT")
@option("--relation", metavar="TEXT")
@option("--note", metavar="TEXT")
@formats("table", "json")
def people(case: Path, number: str | None, role: str | None, suggest: bool, format_: str, **about: str | None) -> None:
    """Who is who."""
    from collectaudit.commands import showing

    if number and role:
        showing.label(shell(), case, number, role, about)
    elif number:
        raise click.UsageError(say("usage.number_and_role"), click.get_current_context())
    else:
        showing.persons(shell(), case, suggest, format_)


@click.command(cls=Command)
@CASE
@click.argument("fact", metavar="FACT", type=code(FACTS, "fact"))
@option("--account", metavar="ID")
@option("--party", metavar="NUMBER")
@option("--from", "from_at", metavar="TIME")
@option("--until", "until_at", metavar="TIME")
@option("--value", metavar="TEXT")
@option("--note", metavar="TEXT")
def declare(case: Path, fact: str, **about: str | None) -> None:
    """What the rules depend on and no log shows."""
    from collectaudit.commands import showing

    showing.declare(shell(), case, fact, about)


@click.command(cls=Command)
@CASE
@option("--at", metavar="TIME", required=True)
@one_of("--channel", codes=CHANNELS, family="channel", required=True)
@option("--contacted", metavar="NUMBER", required=True)
@option("--role", metavar="ROLE", type=code(ROLES, "role"))
@option("--number", metavar="NUMBER")
@option("--who", metavar="TEXT")
@option("--said", metavar="TEXT")
@one_of("--outcome", codes=OUTCOMES, family="outcome")
@option("--account", metavar="ID")
@option("--note", metavar="TEXT")
def tell(case: Path, **about: str | None) -> None:
    """A contact that no record shows."""
    from collectaudit.commands import showing

    showing.tell(shell(), case, about)
