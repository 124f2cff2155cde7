"""open: the dashboard in the browser."""

from pathlib import Path

import click

from collectaudit.commands.params import whole
from collectaudit.commands.shell import Command, option, shell


@click.command("open", cls=Command)
@click.argument("case", metavar="[CASE]", required=False, type=click.Path(path_type=Path))
@option("--port", type=whole, metavar="N")
@option("--no-browser", is_flag=True)
def open_(case: Path | None, port: int | None, no_browser: bool) -> None:
    """The dashboard."""
    from collectaudit.commands.dashboard import opened

    opened(shell(), case, port, browser=not no_browser)
