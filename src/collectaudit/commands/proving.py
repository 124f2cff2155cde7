"""What `verify`, `custody`, `rebuild`, `purge`, `seal` and `keys` do: call, print, and decide the exit code."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from collectaudit import custody as chain_of_custody
from collectaudit import render_lists
from collectaudit.case import Case
from collectaudit.commands.running import CHANGED, progress
from collectaudit.commands.shell import Shell, say_head
from collectaudit.errors import WrongUse
from collectaudit.evidence import purge, seal
from collectaudit.evidence.bag import TAGMANIFEST, zip_again
from collectaudit.evidence.files import shown
from collectaudit.evidence.packcheck import check_pack
from collectaudit.evidence.packed import is_pack
from collectaudit.evidence.verify import Report, verify
from collectaudit.remaking import rebuild, recheck
from collectaudit.render import Page, as_json

__all__ = ["case_verified", "custody", "is_pack", "key_made", "pack_verified", "purged", "rebuilt", "sealed"]


def pack_verified(shell: Shell, path: Path, key: Path | None, roots: Path | None, format_: str) -> int:
    """Print every check of a pack; 4 when a byte is not as listed, or a seal does not hold."""
    for given in filter(None, (key, roots)):
        if not given.is_file():
            raise WrongUse(f"{shown(given)} is not there")
    return _told(shell, check_pack(path, key=key, roots=roots), format_)


def case_verified(shell: Shell, path: Path, head: str | None, deep: bool, format_: str) -> int:
    """Print every check of a case; 4 when bytes on disk are not those that were recorded."""
    case = Case.open(path)
    report = verify(case, head=head)
    if deep and report.ok:
        with progress(shell) as tick:
            report.lines.extend(recheck(case, tick))
    return _told(shell, report, format_)


def rebuilt(shell: Shell, path: Path, rules: Sequence[Path], format_: str) -> int:
    """Make again what can be made, and print every check."""
    case = Case.open(path)
    with progress(shell) as tick:
        report = rebuild(case, rules, tick)
    code = _told(shell, report, format_)
    say_head(case)
    return code


def _told(shell: Shell, report: Report, format_: str) -> int:
    said = shell.words.sentence
    lines = [{"check": said(line.what), "result": line.status, "detail": said(line.detail)} for line in report.lines]
    if format_ == "json":
        click.echo(as_json({"ok": report.ok, "checks": lines}))
    else:
        render_lists.checks(Page(shell.words), lines, report.ok)
    return 0 if report.ok else CHANGED


def custody(
    shell: Shell, path: Path, originals: Sequence[str], about: Mapping[str, str | None], format_: str
) -> None:  # fmt: skip
    """State where originals come from; without anything to state, list what is known."""
    case = Case.open(path)
    if any(about.values()):
        names = chain_of_custody.state(case, originals, about)
        if not shell.quiet:
            Page(shell.words).say("done.custody", n=len(names))
        say_head(case)
        return
    rows = chain_of_custody.custody(case)
    if format_ == "json":
        click.echo(as_json(rows))
    else:
        render_lists.custody(Page(shell.words), str(path), rows)


def purged(shell: Shell, path: Path, certificate: Path | None, yes: bool) -> None:
    """Say what will be gone, ask, delete, and say where the certificate lies. Nobody to ask: only with --yes."""
    case = Case.open(path)
    to = certificate or purge.certificate_place(case)
    held = purge.holdings(case)
    page = Page(shell.words)
    if not shell.quiet:
        page.say("done.to_purge", path=str(path), files=sum(held["files"].values()), bytes=sum(held["bytes"].values()))
        for kept in purge.referenced(case):
            page.say("done.not_purged", path=str(kept))
    if not yes:
        if not sys.stdin.isatty():
            raise WrongUse("nothing was deleted: nobody can be asked here", "Add --yes if all of it is to be deleted.")
        click.confirm(shell.words("done.ask_purge"), abort=True, err=True)
    made = purge.purge(case, to)
    if not shell.quiet:
        page.say("done.purged", path=str(to), head=made["log_head"])
        if made["left"]:
            page.say("done.left", n=made["left"], path=str(path))


def sealed(shell: Shell, path: Path, key: Path | None, token: Path | None, chain: Path | None) -> None:
    """Sign a pack that is whole, or put a time stamp into it; its zip is made again."""
    if not (path / TAGMANIFEST).is_file():
        raise WrongUse(f"{shown(path)} is not the folder of a pack", "Name the folder, not the zip.")
    if not check_pack(path).ok:
        raise WrongUse(f"{shown(path)} is not as it was made", "See: collectaudit verify PACK")
    page = Page(shell.words)
    if key:
        made = seal.sign(path, key, at=datetime.now(UTC))
        page.say("done.signed", fingerprint=made.fingerprint)
    if token:
        page.say("done.stamped", at=f"{seal.add_token(path, token, chain).at:%Y-%m-%d %H:%M:%S} UTC")
    if not (key or token):
        seal.ask(path)
        page.say("done.stamp_asked", path=str(path / seal.REQUEST))
    zip_again(path)


def key_made(shell: Shell, to: Path) -> None:
    """Make a key and say what to keep secret and what to hand out."""
    made = seal.new_key(to)
    page = Page(shell.words)
    page.say("done.key", path=str(to), public=f"{to}.pub")
    page.say("done.fingerprint", fingerprint=made.fingerprint)
