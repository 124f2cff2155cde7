"""transcribe, models: from recordings to text."""

from pathlib import Path

import click

from collectaudit.commands.cases import CASE
from collectaudit.commands.params import LISTENERS, SPOKEN, formats, one_of, whole
from collectaudit.commands.shell import Command, Group, option, shell


@click.command(cls=Command)
@CASE
@option("--model", metavar="NAME|FOLDER|FILE")
@one_of("--engine", codes=LISTENERS, default=LISTENERS[0])
@one_of("--language", codes=SPOKEN, default="zh")
@option("--jobs", type=whole, metavar="N")
def transcribe(case: Path, model: str | None, engine: str, language: str, jobs: int | None) -> int:
    """Every recording of a case."""
    from collectaudit.commands.listening import listened

    return listened(shell(), case, model, language, jobs, engine)


@click.group(cls=Group)
def models() -> None:
    """The models that listen."""


@models.command("list")
@formats("table", "json")
def list_models(format_: str) -> None:
    """Every model that is known."""
    from collectaudit.commands.listening import model_list

    model_list(shell(), format_)


@models.command("get")
@click.argument("name", metavar="NAME")
@option("--yes", is_flag=True)
def get_model(name: str, yes: bool) -> None:
    """A model, joined and checked."""
    from collectaudit.commands.listening import model_got

    model_got(shell(), name, yes)
