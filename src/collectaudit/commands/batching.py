"""What `batch` does: call, print, and decide the exit code."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collectaudit import __version__, views
from collectaudit.batch import CRASHED
from collectaudit.caseload import audit_folder
from collectaudit.commands.params import SEVERITIES
from collectaudit.commands.running import CHANGED, FINDINGS, INCOMPLETE, progress
from collectaudit.commands.shell import Shell
from collectaudit.render import Page, as_json, as_jsonl
from collectaudit.render_batch import summary

if TYPE_CHECKING:
    from collectaudit.transcribe.whole import Ear

Row = Mapping[str, Any]
_COUNTED = ("rule_id", "severity", "tier", "findings")
_GRAVEST = (CRASHED, CHANGED, 5, 2, INCOMPLETE)  # what outranks what


def batched(
    shell: Shell, folder: Path, out: Path, format_: str, fail_on: str | None, strict: bool,
    listening: Mapping[str, str | None] | None, **settings: Any,
) -> int:  # fmt: skip
    """Make the cases, print what they came to, and decide the exit code: that of the gravest."""
    with progress(shell) as tick:
        rows = audit_folder(folder, out, ear=_ear(**listening) if listening else None, progress=tick, **settings)
    said = [_said(shell, row) for row in rows]
    if format_ == "json":
        tool = {"name": "collectaudit", "version": __version__}
        click.echo(as_json({"schema_version": views.SCHEMA_VERSION, "tool": tool, "cases": said}))
    elif format_ == "jsonl":
        click.echo(as_jsonl(said))
    else:
        summary(Page(shell.words), str(out), said)
    return _code(rows, fail_on, strict)


def _ear(model: str | None, language: str | None, listener: str | None) -> "Ear":
    from collectaudit.transcribe.engine import open_engine
    from collectaudit.transcribe.whole import Ear
    from collectaudit.transcribe.worker import Setup

    return Ear(Setup(partial(open_engine, model, listener), language or "zh"))


def _said(shell: Shell, row: Row) -> Row:
    """The row with its reasons in the language of the user."""
    words = shell.words
    errors = [{**one, "reason": words.sentence(one["reason"])} for one in row["errors"]]
    rules = [{"title": words.pick(one, "title"), **{k: one[k] for k in _COUNTED}} for one in row["rules"]]
    return {**row, "reason": words.sentence(row["reason"]) or None, "rules": rules, "errors": errors}


def _code(rows: Sequence[Row], fail_on: str | None, strict: bool) -> int:
    codes = {row["code"] or (INCOMPLETE if strict and row["part"] else 0) for row in rows}
    if found := next((code for code in _GRAVEST if code in codes), None):
        return found
    return FINDINGS if fail_on and any(_fails(row, fail_on) for row in rows) else 0


def _fails(row: Row, fail_on: str) -> bool:
    least = SEVERITIES.index(fail_on)
    return any(one["tier"] == "finding" and SEVERITIES.index(one["severity"]) >= least for one in row["rules"])
