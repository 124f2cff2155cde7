"""What `transcribe` and `models` do: listen, say how it goes, name what is missing."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from collectaudit.case import Case
from collectaudit.commands.reference import listing
from collectaudit.commands.running import INCOMPLETE, progress
from collectaudit.commands.shell import Shell, say_head
from collectaudit.drawers import word
from collectaudit.evidence.folder import disk_errors
from collectaudit.safe_text import term_safe
from collectaudit.transcribe import models
from collectaudit.transcribe.engine import open_engine
from collectaudit.transcribe.known import KNOWN, WEIGHTS
from collectaudit.transcribe.transcript import Transcript
from collectaudit.transcribe.whole import Count, Recording, Watcher, transcribe_case


def listened(
    shell: Shell, path: Path, model: str | None, language: str, jobs: int | None, engine: str | None = None
) -> int:
    """Transcribe what is not transcribed yet; 3 if a recording cannot be listened to."""
    case = Case.open(path)
    with progress(shell) as tick:
        teller = _Teller(shell, tick)
        opener = partial(open_engine, model, engine)
        count = transcribe_case(case, opener, language=language, watcher=teller, jobs=jobs)
    if not shell.quiet:
        shell_key = "listen.end" if count.total else "listen.none"
        click.echo(shell.words(shell_key, total=count.total, failed=teller.failures), err=True)
    say_head(case)
    return INCOMPLETE if teller.failures else 0


class _Teller(Watcher):
    """Says on stderr how it goes."""

    def __init__(self, shell: Shell, tick: Any) -> None:
        self._shell = shell
        self._tick = tick
        self.failures = 0

    def part(self, count: Count) -> None:
        """A block is done; the bar counts seconds of sound."""
        self._tick("listen", int(count.course.done_s), int(count.course.total_s))

    def done(self, recording: Recording, transcript: Transcript, count: Count) -> None:
        """A recording is done: what was heard, how fast, how long the rest will take."""
        course, doubtful = count.course, len(transcript.segments) - len(transcript.counted())
        self._say(
            "listen.done", done=count.done, total=count.total, name=term_safe(recording.name),
            minutes=_minutes(transcript.decoded_s), turns=len(transcript.segments), doubtful=doubtful,
            hours=f"{course.done_s / 3600:.1f}", rest=f"{(course.total_s - course.done_s) / 3600:.1f}",
            speed=f"{course.speed:.1f}", left=_minutes(course.left_s),
        )  # fmt: skip
        for warning in transcript.warnings:
            self._say("listen.warning", what=self._shell.words.sentence(warning))

    def failed(self, recording: Recording, reason: str, count: Count) -> None:  # noqa: ARG002 — the protocol's
        """A recording cannot be listened to; said even when nothing else is."""
        self.failures += 1
        what = f"{term_safe(recording.name)}: {term_safe(self._shell.words.sentence(reason))}"
        click.echo(self._shell.words("cli.error", what=what), err=True)

    def _say(self, key: str, **args: Any) -> None:
        if not self._shell.quiet:
            click.echo(self._shell.words(key, **args), err=True)


def _minutes(seconds: float) -> str:
    """12:05, minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def model_list(shell: Shell, format_: str) -> None:
    """Every model that is known by name, and whether it is here."""
    rows = [
        {
            "model": name,
            "megabytes": known.download_mb,
            "status": models.state(name),
            "sha256": known.hashes[WEIGHTS],
        }
        for name, known in KNOWN.items()
    ]
    listing(shell, rows, format_)


def model_got(shell: Shell, name: str, yes: bool) -> None:
    """Say what a model is and where it comes from; fetch it only with `yes`; join and check it."""
    known = KNOWN[word(models.named(name), tuple(KNOWN), "model")]
    name, digest = known.name, known.hashes[WEIGHTS]
    click.echo(
        shell.words("listen.model", name=name, megabytes=known.download_mb, licence=known.licence, sha256=digest)
    )
    if models.state(name) == "missing":
        click.echo(shell.words("listen.command", command=known.command))
        if yes:
            with disk_errors():
                models.install(name)
    with disk_errors():
        found = models.get(name)
    click.echo(shell.words("listen.ready", path=term_safe(str(found.folder))))
