"""demo, inspect, audit, batch, status, export: the case as a whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from collectaudit.commands.params import LISTENERS, SEVERITIES, SPOKEN, by_source, formats, one_of, whole
from collectaudit.commands.shell import Command, F, option, say, say_head, shell

CASE = click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
_PATH = click.Path(path_type=Path)
ENGINES = ("local", "ray")


def _judging(command: F) -> F:
    """The options that say what to judge by."""
    for add in reversed((
        option("--owner", multiple=True, metavar="[PATH=]NUMBER"),
        option("--collector-channel", multiple=True, metavar="[PATH=]left|right"),
        option("--time-zone", multiple=True, metavar="[PATH=]ZONE"),
        option("--date-order", multiple=True, metavar="[PATH=]day-first|month-first|year-first"),
        one_of("--jurisdiction", codes=("cn", "us")),
        option("--regime", multiple=True, metavar="ID"),
        option("--rules", multiple=True, type=_PATH, metavar="DIR"),
        option("--map", "map_file", type=_PATH, metavar="FILE"),
        option("--reference", is_flag=True),
        option("--threads", type=whole, metavar="N"),
    )):  # fmt: skip
        command = add(command)
    return command


def _said(given: dict[str, Any]) -> dict[str, Any]:
    """What `_judging` takes, as `audit` takes it."""
    zones = by_source(given.pop("time_zone"))
    return {
        "owners": by_source(given.pop("owner")), "channels": by_source(given.pop("collector_channel")),
        "time_zone": zones.pop("", None), "zones": zones, "dates": by_source(given.pop("date_order")),
        "regimes": given.pop("regime"), **given,
    }  # fmt: skip


@click.command(cls=Command)
@option("-o", "--out", type=_PATH, default=Path("collectaudit-demo"), metavar="DIR")
def demo(out: Path) -> int:
    """The sample case, audited."""
    from collectaudit.commands.sampling import demonstrated

    return demonstrated(shell(), out)


@click.command(cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_PATH)
@option("--map", "map_file", type=_PATH, metavar="FILE")
@formats("table", "json")
def inspect(files: Sequence[Path], map_file: Path | None, format_: str) -> int:
    """What is this file?"""
    from collectaudit.commands.running import look_at

    return look_at(shell(), files, map_file, format_)


@click.command(cls=Command)
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=_PATH)
@option("-o", "--out", type=_PATH, required=True, metavar="CASE")
@_judging
@one_of("--fail-on", codes=SEVERITIES, family="severity")
@option("--strict", is_flag=True)
@formats("table", "json", "jsonl")
def audit(inputs: Sequence[Path], out: Path, fail_on: str | None, strict: bool, format_: str, **settings: Any) -> int:
    """The main job."""
    from collectaudit.commands.running import audited, finish

    case = audited(shell(), inputs, out=out, **_said(settings))
    return finish(shell(), case, out, format_, fail_on, strict)


@click.command(cls=Command)
@click.argument("folder", metavar="INPUT", type=_PATH)
@option("-o", "--out", type=_PATH, required=True, metavar="OUT")
@one_of("--engine", codes=ENGINES, default="local")
@option("--jobs", type=whole, metavar="N")
@option("--transcribe", is_flag=True)
@option("--model", metavar="NAME|FOLDER|FILE")
@one_of("--language", codes=SPOKEN)
@one_of("--listener", codes=LISTENERS)
@_judging
@one_of("--fail-on", codes=SEVERITIES, family="severity")
@option("--strict", is_flag=True)
@formats("table", "json", "jsonl")
def batch(folder: Path, out: Path, fail_on: str | None, strict: bool, format_: str, **settings: Any) -> int:
    """Many cases at once."""
    from collectaudit.commands.batching import batched

    listening = _listening(settings)
    return batched(shell(), folder, out, format_, fail_on, strict, listening, **_said(settings))


def _listening(given: dict[str, Any]) -> dict[str, str | None] | None:
    """How `--transcribe` is to listen, taken out of what was given; None: not at all."""
    listening = {name: given.pop(name) for name in ("model", "language", "listener")}
    if given.pop("transcribe"):
        return listening
    if said := [f"--{name}" for name, value in listening.items() if value]:
        raise click.UsageError(say("usage.transcribe", what=" ".join(said)), click.get_current_context())
    return None


@click.command(cls=Command)
@CASE
@formats("table", "json")
def status(case: Path, format_: str) -> None:
    """What the case holds."""
    from collectaudit.commands.running import told

    told(shell(), case, format_)


@click.command(cls=Command)
@CASE
@option("--to", type=_PATH, required=True, metavar="FILE")
def export(case: Path, to: Path) -> None:
    """The tables for another program."""
    from collectaudit.case import Case
    from collectaudit.export import export as write
    from collectaudit.render import Page

    opened = Case.open(case)
    write(opened, to)
    if not shell().quiet:
        Page(shell().words).say("done.exported", path=str(to))
    say_head(opened)
