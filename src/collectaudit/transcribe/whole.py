"""Every recording of a case, one after the other; what is done stays done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..case import Case
from ..evidence import files
from ..evidence.folder import disk_errors
from ..evidence.lock import hold
from ..evidence.store import TRANSCRIPTS
from ..records import Unreadable
from . import planner
from .audio import is_recording
from .engine import Engine
from .store import key
from .transcript import Transcript
from .work import how, transcribe


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording among the originals of a case."""

    sha256: str
    name: str
    path: Path
    size: int


@dataclass(slots=True)
class Count:
    """How far it is: `seconds` of sound listened to in `took_s` seconds, bytes done and still to do."""

    total: int
    done: int = 0
    seconds: float = 0.0
    took_s: float = 0.0
    bytes_done: int = 0
    bytes_left: int = 0

    @property
    def left_s(self) -> float:
        """How long the rest will take, if it is like what is done."""
        return self.took_s / self.bytes_done * self.bytes_left if self.bytes_done else 0.0


class Watcher:
    """Hears how it goes; does nothing by itself."""

    def part(self, share: float, count: Count) -> None:
        """A block is done; `share`: how much of the recording."""

    def done(self, recording: Recording, transcript: Transcript, count: Count) -> None:
        """A recording is done."""

    def failed(self, recording: Recording, reason: str, count: Count) -> None:
        """A recording cannot be listened to."""


def recordings(case: Case) -> Iterator[Recording]:
    """The originals that hold sound, by content, in order of name."""
    for sha256, name, size in case.kept():
        path = case.original(sha256)
        if is_recording(path):
            yield Recording(sha256, name, path, size)


def transcribe_case(
    case: Case, engine: Engine, *, language: str, watcher: Watcher, voices: planner.Finder = planner.voices
) -> Count:
    """Transcribe what is not transcribed yet with this engine, model and options; others may read the case meanwhile.

    Raises Held if another process is transcribing the same case.
    """
    options = how(engine, language)
    every = list(recordings(case))
    with _alone(case):
        waiting = [(r, to) for r in every if not case.has_transcript(to := _place(r, key(r.sha256, engine, options)))]
        count = Count(len(every), done=len(every) - len(waiting), bytes_left=sum(r.size for r, _ in waiting))
        for recording, to in waiting:
            (case.path / to).unlink(missing_ok=True)  # not the log's: a run was killed here, or a stranger put it there
            _one(case, recording, engine, language, voices, watcher, count)
    return count


def _place(recording: Recording, name: str) -> str:
    return f"{TRANSCRIPTS}/{recording.sha256}/{name}.json"


@contextmanager
def _alone(case: Case) -> Iterator[None]:
    with disk_errors():
        files.make_folder(case.path / TRANSCRIPTS)
        with hold(case.path / TRANSCRIPTS / "lock", "transcribe"):
            yield


def _one(
    case: Case, recording: Recording, engine: Engine, language: str, voices: planner.Finder, watcher: Watcher,
    count: Count,
) -> None:  # fmt: skip
    began = time.monotonic()
    count.done += 1
    count.bytes_left -= recording.size
    try:
        transcript = transcribe(
            recording.path, case.path / TRANSCRIPTS / recording.sha256, engine, name=recording.name, language=language,
            progress=lambda done, total: watcher.part(done / total, count), voices=voices,
        )  # fmt: skip
    except Unreadable as problem:
        return watcher.failed(recording, str(problem), count)
    case.keep_transcript(recording.sha256, key(recording.sha256, engine, transcript.options))
    count.took_s += time.monotonic() - began
    count.seconds += transcript.decoded_s
    count.bytes_done += recording.size
    return watcher.done(recording, transcript, count)
