"""What `eval` does: read the rows, measure, print; a line that is no row is named and makes the exit code 3."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from collectaudit.commands.shell import Shell
from collectaudit.errors import InputProblem
from collectaudit.evaluation.report import USUAL, evaluate
from collectaudit.evaluation.rows import Row, read_plain, read_rows
from collectaudit.problems import Problem
from collectaudit.render import Page, as_json
from collectaudit.render_eval import measurement
from collectaudit.safe_text import term_safe
from collectaudit.words.reviewer import Reviewer

_PLAIN = ".txt"


def evaluated(
    shell: Shell, files: Sequence[Path], plain: Sequence[Path], by: Sequence[str], *, disguise: bool, second: bool,
    format_: str,
) -> int:  # fmt: skip
    """Measure on all rows of the files together. A file *.txt is a plain one: a text a line, of nobody knows whom."""
    rows: list[Row] = []
    texts: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for file in [*files, *plain]:
        if file in plain or file.suffix.lower() == _PLAIN:
            texts[str(file)], wrong = read_plain(file)
        else:
            found, wrong = read_rows(file)
            rows += found
        problems += wrong
    reviewer = Reviewer.load() if second else None
    report = evaluate(rows, plain=texts, by=by or USUAL, disguise=disguise, reviewer=reviewer)
    _show(shell, report, problems, format_)
    return InputProblem.exit_code if problems else 0


def _show(shell: Shell, report: dict[str, Any], problems: Sequence[Problem], format_: str) -> None:
    said = [
        {"file": one.path, "line": one.line, "reason": shell.words.sentence(f"{one.what}; {one.fix}")}
        for one in problems
    ]
    if format_ == "json":
        click.echo(as_json({**report, "problems": said}))
    else:
        measurement(Page(shell.words), report)
    for one in said:
        click.echo(term_safe(f"{one['file']}:{one['line']}: {one['reason']}"), err=True)
