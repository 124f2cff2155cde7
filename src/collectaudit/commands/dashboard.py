"""What `open` does: find the case, say the address, serve until interrupted."""

from importlib.util import find_spec
from pathlib import Path

import click

from collectaudit.commands.shell import Shell
from collectaudit.desk import desk_at
from collectaudit.errors import MissingPart


def opened(shell: Shell, path: Path | None, port: int | None, *, browser: bool) -> None:
    """Serve the case, the cases of a folder, or the start page; 5 if the dashboard is not installed."""
    desk = desk_at(path)
    if find_spec("streamlit") is None:
        raise MissingPart("the dashboard needs the extra app", "Install it with: pip install 'collectaudit[app]'")
    from collectaudit.serve.server import run

    def say(address: str) -> None:
        click.echo(address)
        if not shell.quiet:
            click.echo(shell.words("done.serving"), err=True)

    run(desk, lang=shell.words.lang, port=port, browser=browser, say=say)
