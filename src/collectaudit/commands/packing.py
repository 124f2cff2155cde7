"""What `report` and `pack` do: one dossier, put into the forms that people hand in."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from collectaudit import dates
from collectaudit.case import Case
from collectaudit.commands.running import progress
from collectaudit.commands.shell import Shell, say_head
from collectaudit.errors import WrongUse
from collectaudit.evidence.files import shown
from collectaudit.render import Page
from collectaudit.report import channels, complaint
from collectaudit.report.pack import Order, pack
from collectaudit.report.single import write_report

__all__ = ["packed", "reported"]


def reported(shell: Shell, path: Path, to: Path, *, account: str | None, only: str | None, unmask: bool) -> None:
    """Write the report in the form its ending names."""
    case = Case.open(path)
    write_report(
        case, to, shell.words.lang, account=account, only_confirmed=only == "confirmed", unmask=unmask, on=dates.today()
    )
    if not shell.quiet:
        Page(shell.words).say("done.report", path=str(to))
    say_head(case)


def packed(
    shell: Shell, path: Path, channel: str, to: Path | None, fields: Sequence[str], on: date | None, **wanted: Any
) -> None:
    """Make the pack, and say what is still to be filled in."""
    case, place = Case.open(path), channels.channel(channel)
    told = complaint.told(case, _fields(fields))
    order = Order(place, shell.words.lang, on or dates.today(), told, **wanted)
    name = to or Path(f"{path.resolve().name}-{place.id}" + ("-redacted" if order.redacted else ""))
    with progress(shell) as tick:
        digest = pack(case, name, order, tick)
    if not shell.quiet:
        page = Page(shell.words)
        page.say("done.pack", path=str(name), zip=f"{name}.zip", digest=digest)
        for field in channels.missing(place, told):
            page.say("done.blank", what=field.name(shell.words.lang), key=field.key)
    say_head(case)


def _fields(given: Sequence[str]) -> Mapping[str, str]:
    """`--field name=value`, several times."""
    pairs = [one.partition("=") for one in given]
    for key, sign, _ in pairs:
        if not sign:
            raise WrongUse(f"--field {shown(key)} has no value", "Write it as: --field request=TEXT")
    return {key.strip(): value for key, _, value in pairs}
