"""report, pack: what is handed in."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from collectaudit.commands.cases import CASE
from collectaudit.commands.params import DAY, day, one_of
from collectaudit.commands.shell import Command, option, shell

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@CASE
@option("-o", "--out", type=_PATH, required=True, metavar="FILE")
@option("--account", metavar="ID")
@one_of("--only", codes=("confirmed",), family="verdict")
@option("--unmask", is_flag=True)
def report(case: Path, out: Path, account: str | None, only: str | None, unmask: bool) -> None:
    """One file to read: page, PDF, workbook, Markdown."""
    from collectaudit.commands import packing

    packing.reported(shell(), case, out, account=account, only=only, unmask=unmask)


@click.command(cls=Command)
@CASE
@option("--channel", required=True, metavar="CHANNEL")
@option("-o", "--out", type=_PATH, metavar="DIR")
@option("--field", "fields", multiple=True, metavar="NAME=TEXT")
@option("--account", metavar="ID")
@one_of("--only", codes=("confirmed",), family="verdict")
@option("--redacted", is_flag=True)
@option("--list-originals", "originals", is_flag=True, flag_value=False, default=True)
@option("--date", "on", type=day, metavar=DAY)
@option("--key", type=_PATH, metavar="FILE")
def pack(
    case: Path, channel: str, out: Path | None, fields: Sequence[str], on: date | None, only: str | None,
    account: str | None, redacted: bool, originals: bool, key: Path | None,
) -> None:  # fmt: skip
    """What goes to an authority, as a folder and a zip."""
    from collectaudit.commands import packing

    packing.packed(
        shell(), case, channel, out, fields, on, only_confirmed=only == "confirmed", account=account,
        redacted=redacted, originals=originals, key=key,
    )  # fmt: skip
