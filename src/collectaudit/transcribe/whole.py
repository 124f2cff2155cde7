"""Every recording of a case, by as many workers as there is room for; what is done stays done."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ..case import Case
from ..errors import CollectAuditError
from ..evidence import files
from ..evidence.folder import disk_errors
from ..evidence.lock import Held, hold
from ..evidence.store import TRANSCRIPTS
from . import planner
from .audio import is_recording
from .course import Course
from .crew import Crew, free_mb
from .engine import Engine
from .store import JOURNAL, key
from .transcript import Transcript
from .work import how
from .worker import Failed, Opener, Part, Said, Setup, Task

_LEAST_LIMIT_MB = 4096  # below which no worker is stopped: libraries reserve more than they use
_ON_GPU = {"cuda": 1}  # workers, where nobody says how many: its memory is not seen from here
_WAIT_S = 3600  # for another process that works on the case


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording among the originals of a case."""

    sha256: str
    name: str
    path: Path
    size: int


@dataclass(slots=True)
class Count:
    """How far it is: recordings that are done, of how many; and how far with the sound."""

    total: int
    done: int
    course: Course


class Watcher:
    """Hears how it goes; does nothing by itself."""

    def part(self, count: Count) -> None:
        """A block is done."""

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
    case: Case, opener: Opener, *, language: str, watcher: Watcher, jobs: int | None = None,
    voices: planner.Finder = planner.voices,
) -> Count:  # fmt: skip
    """Transcribe what is not transcribed yet with this engine, model and options; others may read the case meanwhile.

    `opener` makes the engine, here to know it and in each worker to use it. A recording that failed is tried again by
    every run: a crash may have come from a machine that was short of something, and what ends well is not repeated.
    Raises Held if another process is transcribing the same case.
    """
    with disk_errors():
        engine = opener()
    options = how(engine, language)
    every = list(recordings(case))
    with _alone(case):
        waiting = [(r, to) for r in every if not case.has_transcript(to := _place(r, key(r.sha256, engine, options)))]
        for _, to in waiting:
            (case.path / to).unlink(missing_ok=True)  # not the log's: a run was killed here, or a stranger put it there
        course = Course(_lengths(case), {r.sha256: r.size for r, _ in waiting})
        count = Count(len(every), len(every) - len(waiting), course)
        setup = Setup(opener, language, voices, max(free_mb(), _LEAST_LIMIT_MB))
        tasks = {Task(r.path, case.path / TRANSCRIPTS / r.sha256, r.name): r for r, _ in waiting}
        with Crew(setup, tasks, jobs or _ON_GPU.get(str(options.get("device")))) as crew:
            for task, said in crew:
                _take_in(case, tasks[task], said, engine, watcher, count)
    return count


def _place(recording: Recording, name: str) -> str:
    return f"{TRANSCRIPTS}/{recording.sha256}/{name}.json"


@contextmanager
def _alone(case: Case) -> Iterator[None]:
    with disk_errors():
        files.make_folder(case.path / TRANSCRIPTS)
        with hold(case.path / TRANSCRIPTS / "lock", "transcribe"):
            _sweep(case.path / TRANSCRIPTS)
            try:
                yield
            finally:
                _sweep(case.path / TRANSCRIPTS)


def _sweep(folder: Path) -> None:
    """Remove what a killed process was writing: half a transcript, or sound where a file system gives it a name."""
    for path in folder.glob("*/*"):
        if path.suffix not in (".json", JOURNAL):
            files.disk.remove(path)


def _lengths(case: Case) -> Mapping[str, float]:
    """Seconds of recordings by their hash, as far as reading them told."""
    read = {
        str(case.ledger_folder(ledger["sha256"], ledger["fingerprint"]) / "records.parquet"): ledger["sha256"]
        for ledger in case.ledgers()
        if ledger["kind"] == "recordings" and ledger["events"]
    }
    if not read:
        return {}
    ask = "SELECT filename, duration_s FROM read_parquet(?, filename = true) WHERE duration_s > 0"
    try:
        found = duckdb.connect().execute(ask, [list(read)]).fetchall()
    except duckdb.Error:  # a damaged ledger is found by those who judge by it; here it only tells the time left
        return {}
    return {read[name]: float(seconds) for name, seconds in found}


def _take_in(case: Case, recording: Recording, said: Said, engine: Engine, watcher: Watcher, count: Count) -> None:
    if isinstance(said, Transcript) and said.audio_sha256 != recording.sha256:
        said = Failed("the original is not the recording any more that was kept")
    match said:
        case Part(share, seconds):
            count.course.heard(recording.sha256, share, seconds)
            watcher.part(count)
        case Failed(reason):
            count.done += 1
            count.course.leave_out(recording.sha256)
            watcher.failed(recording, reason, count)
        case Transcript():
            _keep(case, recording.sha256, key(recording.sha256, engine, said.options))
            count.done += 1
            watcher.done(recording, said, count)
        case CollectAuditError():
            raise said


def _keep(case: Case, sha256: str, name: str) -> None:
    """Write it into the log; another process may work on the case for a while, and an hour's listening is not lost."""
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            return case.keep_transcript(sha256, name)
        except Held:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
