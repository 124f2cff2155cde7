"""Recordings into text while pages come and go: a task of the server that tells how far it is, and then judges."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..audit import audit
from ..case import Case
from ..transcribe import planner
from ..transcribe.engine import open_engine
from ..transcribe.transcript import Transcript
from ..transcribe.whole import Count, Recording, Watcher, transcribe_case
from ..transcribe.worker import Opener
from . import task

KIND, JUDGING = "listen", "judge-again"
LANGUAGES = ("zh", "en", "auto")


class Course(Watcher):
    """How far it is with the recordings of a case, for whoever looks.

    `finished` of `total` recordings, `done_s` of `total_s` seconds of sound, `speed` (seconds of sound in a second),
    `left_s`; `shares`: of each that is being listened to how much is done, `reasons`: why one could not be; by hash.
    """

    def __init__(self, tell: task.Tell) -> None:
        self._tell = tell
        self.finished = self.total = 0
        self.done_s = self.total_s = self.speed = self.left_s = 0.0
        self.shares: Mapping[str, float] = {}
        self.reasons: dict[str, str] = {}

    def part(self, count: Count) -> None:
        """A block is done."""
        self._look(count)

    def done(self, recording: Recording, transcript: Transcript, count: Count) -> None:  # noqa: ARG002 — the protocol's
        """A recording is done."""
        self._look(count)

    def failed(self, recording: Recording, reason: str, count: Count) -> None:
        """A recording cannot be listened to; the others can."""
        self.reasons[recording.sha256] = reason
        self._look(count)

    def _look(self, count: Count) -> None:
        course = count.course
        self.finished, self.total = count.done, count.total
        self.done_s, self.total_s, self.speed, self.left_s = course.done_s, course.total_s, course.speed, course.left_s
        self.shares = {name: share for name, share in course.shares.items() if share < 1}
        self._tell(KIND, int(course.done_s), int(course.total_s))


_courses: dict[Path, Course] = {}


def course(case: Case) -> Course | None:
    """How far it is, or how it ended last, as long as the server runs."""
    return _courses.get(case.path)


def start(
    case: Case, opener: Opener, *, language: str, voices: planner.Finder = planner.voices
) -> task.Task:  # fmt: skip
    """Transcribe what has no transcript yet, then judge the case again; raises WrongUse while it is worked on.

    It may be stopped at any time: what was transcribed is kept, and the next start goes on with the rest.
    """

    def work(mine: Case, tell: task.Tell) -> None:
        watcher = _courses[case.path] = Course(tell)
        tell(KIND, 0, 0)
        transcribe_case(mine, opener, language=language, watcher=watcher, voices=voices)
        audit([], out=mine.path, progress=tell)

    return task.start(case, KIND, work)


def opener(model: str | None) -> Opener:
    """What opens the engine with a model of that name or in that folder; None: the best that is here."""
    return partial(open_engine, model)


def judge(case: Case, **said: Any) -> task.Task:
    """Judge the case again in the background; `said`: what `audit` is to remember, such as `channels`."""
    return task.start(case, JUDGING, lambda mine, tell: audit([], out=mine.path, progress=tell, **said) and None)
