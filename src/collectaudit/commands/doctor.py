"""doctor: what is installed, what is missing, how to get it."""

import click

from collectaudit.commands.params import formats
from collectaudit.commands.shell import Command, shell


@click.command(cls=Command)
@formats("table", "json")
def doctor(format_: str) -> int:
    """The parts of the program."""
    from collectaudit.commands.parts import examine

    return examine(shell(), format_)
