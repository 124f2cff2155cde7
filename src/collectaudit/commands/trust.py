"""verify, custody, rebuild, purge, seal, keys: what shows that nothing was changed, and who had it in hand."""

from collections.abc import Sequence
from pathlib import Path

import click

from collectaudit.commands.cases import CASE
from collectaudit.commands.params import OWN_CALL, code, formats
from collectaudit.commands.shell import Command, Group, option, shell

_PATH = click.Path(path_type=Path)
_PACK = click.argument("pack", metavar="PACK", type=_PATH)


@click.command(cls=Command)
@click.argument("path", metavar="CASE|PACK", type=_PATH)
@option("--deep", is_flag=True)
@option("--head", metavar="HASH")
@option("--key", type=_PATH, metavar="FILE")
@option("--tsa-root", "roots", type=_PATH, metavar="FILE")
@formats("table", "json")
def verify(path: Path, deep: bool, head: str | None, key: Path | None, roots: Path | None, format_: str) -> int:
    """Check every byte again."""
    from collectaudit.commands import proving

    if proving.is_pack(path):
        return proving.pack_verified(shell(), path, key, roots, format_)
    return proving.case_verified(shell(), path, head, deep, format_)


@click.command(cls=Command)
@CASE
@click.argument("originals", metavar="[ORIGINAL]...", nargs=-1)
@option("--taken-by", metavar="TEXT")
@option("--taken-at", metavar="TIME")
@option("--device", metavar="TEXT")
@option("--app", metavar="TEXT")
@option("--way", metavar="TEXT")
@option("--kept-where", metavar="TEXT")
@option("--own-call", metavar="yes|no|unknown", type=code(OWN_CALL, "own_call"))
@option("--note", metavar="TEXT")
@option("--by", metavar="NAME")
@formats("table", "json")
def custody(case: Path, originals: Sequence[str], format_: str, **about: str | None) -> None:
    """Where the originals come from."""
    from collectaudit.commands import proving

    proving.custody(shell(), case, originals, about, format_)


@click.command(cls=Command)
@CASE
@option("--rules", multiple=True, type=_PATH, metavar="DIR")
@formats("table", "json")
def rebuild(case: Path, rules: Sequence[Path], format_: str) -> int:
    """What was made from the originals, made again."""
    from collectaudit.commands import proving

    return proving.rebuilt(shell(), case, rules, format_)


@click.command(cls=Command)
@CASE
@option("--certificate", type=_PATH, metavar="FILE")
@option("--yes", is_flag=True)
def purge(case: Path, certificate: Path | None, yes: bool) -> None:
    """The whole case, deleted."""
    from collectaudit.commands import proving

    proving.purged(shell(), case, certificate, yes)


@click.command(cls=Command)
@_PACK
@option("--key", type=_PATH, metavar="FILE")
@option("--token", type=_PATH, metavar="FILE")
@option("--chain", type=_PATH, metavar="FILE")
def seal(pack: Path, key: Path | None, token: Path | None, chain: Path | None) -> None:
    """Sign a pack, or put a time stamp into it."""
    from collectaudit.commands import proving

    proving.sealed(shell(), pack, key, token, chain)


@click.group(cls=Group)
def keys() -> None:
    """Keys to sign packs with."""


@keys.command("new")
@click.argument("file", metavar="FILE", type=_PATH)
def new_key(file: Path) -> None:
    """A key."""
    from collectaudit.commands import proving

    proving.key_made(shell(), file)
