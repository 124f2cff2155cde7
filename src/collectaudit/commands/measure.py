"""eval: how well the words are found, on rows that a person has judged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from collectaudit.commands.params import formats, groups
from collectaudit.commands.shell import Command, option, say, shell

_PATH = click.Path(path_type=Path)


@click.command("eval", cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, type=_PATH)
@option("--by", multiple=True, type=groups, metavar="GROUP[,GROUP]")
@option("--plain", multiple=True, type=_PATH, metavar="FILE")
@option("--no-robustness", "disguise", is_flag=True, flag_value=False, default=True)
@option("--no-reviewer", "second", is_flag=True, flag_value=False, default=True)
@formats("table", "json")
def evaluate(files: Sequence[Path], by: Sequence[Sequence[str]], plain: Sequence[Path], **how: Any) -> int:
    """Precision, recall, false alarms."""
    from collectaudit.commands.evaluating import evaluated

    if not files and not plain:
        raise click.UsageError(say("usage.missing", what="FILE"), click.get_current_context())
    asked = list(dict.fromkeys(name for names in by for name in names))
    return evaluated(shell(), files, plain, asked, **how)
