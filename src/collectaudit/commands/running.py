"""What `demo`, `inspect` and `audit` do: call, print, and decide the exit code."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from collectaudit import render_lists, views
from collectaudit.audit import audit
from collectaudit.batch import PASSWORD
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.commands.shell import Shell, say_head
from collectaudit.completeness import in_part, incomplete
from collectaudit.containers import Passwords
from collectaudit.errors import InputProblem, IntegrityError, WrongUse
from collectaudit.render import Page, PlainConsole, as_json, json_parts, jsonl_parts
from collectaudit.render_summary import summary
from collectaudit.safe_text import term_safe
from collectaudit.sample import PHONES, copied
from collectaudit.sources._map import found_by

Tick = Callable[[str, int, int], None]
Row = Mapping[str, Any]
_TRIES = 3
FINDINGS, INCOMPLETE, CHANGED = 1, InputProblem.exit_code, IntegrityError.exit_code


def audited(shell: Shell, inputs: Sequence[Path], *, out: Path, **settings: Any) -> Case:
    """Run the audit and show how far it is; without inputs there must be a case to judge again."""
    if not inputs:
        Case.open(out)
    with progress(shell) as tick:
        return audit(inputs, out=out, progress=tick, passwords=asked(shell), **settings)


def asked(shell: Shell) -> Passwords:
    """Where the passwords of locked containers come from: the environment, or whoever sits at the terminal.

    Never the command line, where every process of the machine could read them.
    """

    def ask(name: str) -> Iterator[str]:
        if given := os.environ.get(PASSWORD):
            yield given
        for _ in range(_TRIES if sys.stdin.isatty() else 0):
            if shell.bar is not None:
                shell.bar.stop()
            typed = click.prompt(
                shell.words("cli.password", name=term_safe(name)),
                "",
                hide_input=True,
                show_default=False,
                err=True,
                prompt_suffix="",
            )
            if shell.bar is not None:
                shell.bar.start()
            if not typed:
                return
            yield typed

    return ask


def finish(
    shell: Shell, case: Case, path: Path, format_: str = "table", fail_on: str | None = None, strict: bool = False
) -> int:
    """Print the result and decide the exit code: an incomplete audit outranks findings."""
    lang = shell.words.lang
    if format_ == "table":
        summary(Page(shell.words), str(path), views.overview(case, lang=lang), case.errors, case.log_head())
    else:
        print_all(case, lang, format_)
        for error in case.errors if format_ == "jsonl" else ():
            reason = shell.words.sentence(error["reason"])
            click.echo(term_safe(f"{error['input']}: {reason}"), err=True)
        say_head(case)
    if incomplete(case) or (strict and in_part(case)):
        return INCOMPLETE
    return FINDINGS if fail_on and fails(case, lang, fail_on) else 0


def print_all(case: Case, lang: str, format_: str, **filters: Any) -> None:
    """All that was found, for a program, as it comes: as `json` with what it was found in, or as `jsonl`."""
    found = views.each_finding(case, lang=lang, **filters)
    if format_ == "json":
        parts = json_parts(views.report_without_findings(case, lang=lang), "findings", found)
    else:
        parts = jsonl_parts(found)
    sys.stdout.writelines(parts)


def fails(case: Case, lang: str, fail_on: str) -> bool:
    """Whether there is a finding (not one that a person has to look at first) of this severity or above."""
    return bool(views.findings(case, lang=lang, severity=fail_on, tier="finding", limit=1))


def look_at(shell: Shell, files: Sequence[Path], map_file: Path | None, format_: str) -> int:
    """Print what each file is; a file that is not there does not keep the others from being looked at."""
    from collectaudit.inspecting import look_into

    found: list[Row] = []
    code = 0
    for file in files:
        try:
            found += [_said(shell.words, row) for row in look_into(file, map_file, asked(shell))]
        except InputProblem as problem:
            click.echo(shell.words("cli.error", what=term_safe(shell.words.sentence(problem.what))), err=True)
            code = INCOMPLETE
    if format_ == "json":
        click.echo(as_json(found))
    else:
        for row in found:
            render_lists.inspected(Page(shell.words), row)
    return code if all(row["status"] in ("ok", "partial") for row in found) else INCOMPLETE


def _said(words: Words, found: Row) -> Row:
    """What `inspect` found, with its reasons in the user's language."""
    samples = [{**reject, "reason": words.sentence(reject["reason"])} for reject in found["reject_samples"]]
    notes = [words.sentence(note) for note in found["notes"]]
    known = found_by(found["notes"])
    found = {**found, "title": known.title[words.lang] if known else None}
    return {**found, "reason": words.sentence(found["reason"]) or None, "notes": notes, "reject_samples": samples}


def told(shell: Shell, path: Path, format_: str) -> None:
    """Print what the case holds."""
    row = views.status(Case.open(path))
    if format_ == "json":
        click.echo(as_json(row))
    else:
        render_lists.pairs(Page(shell.words), {**row, "state": shell.words.sentence(row["state"])}, list(row))


def copied_sample(shell: Shell, out: Path) -> tuple[list[Path], dict[str, str]]:
    """The sample's inputs, copied to `out`, and whose phone each folder of exports is from."""
    if out.exists() and any(out.iterdir()) and not (out / "case").is_dir():
        raise WrongUse(shell.words("usage.demo_folder", path=str(out)))
    return copied(out), dict(PHONES)


@contextmanager
def progress(shell: Shell) -> Iterator[Tick]:
    """A bar on stderr for people, lines with --verbose, nothing for programs."""
    if not sys.stderr.isatty() or shell.quiet:
        yield (lambda phase, done, total: _line(shell, phase, done, total)) if shell.verbose else _silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=PlainConsole(sys.stderr), transient=True) as bar:
        task, shell.bar = bar.add_task("", total=None), bar
        yield lambda phase, done, total: bar.update(task, description=_phase(shell, phase), completed=done, total=total)


def _silent(phase: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _line(shell: Shell, phase: str, done: int, total: int) -> None:
    click.echo(f"{_phase(shell, phase)} {done}/{total}", err=True)


def _phase(shell: Shell, phase: str) -> str:
    return term_safe(shell.words.word("progress", phase))
