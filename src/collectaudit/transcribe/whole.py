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
from .crew import Crew
from .store import JOURNAL, key
from .transcript import Transcript
from .work import how
from .worker import Failed, Opener, Part, Setup, Task

_ON_GPU = 1  # workers, where nobody says how many: its memory is not seen from here
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


class Ear:
    """What listens, as this process knows it: by that it tells what is transcribed already."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        with disk_errors():
            self._engine = setup.opener()
        self._options = how(self._engine, setup.language)

    @property
    def on_gpu(self) -> bool:
        """Whether it needs the GPU."""
        return self._options.get("device") == "cuda"

    def place(self, recording: Recording) -> str:
        """Where in a case its transcript of a recording lies."""
        return f"{TRANSCRIPTS}/{recording.sha256}/{key(recording.sha256, self._engine, self._options)}.json"


def lacking(case: Case, ear: Ear) -> tuple[int, dict[Recording, str]]:
    """How many recordings there are; those without a transcript by this ear, and its place. To be called `alone`."""
    places = {recording: ear.place(recording) for recording in recordings(case)}
    kept = {to for to in places.values() if case.has_transcript(to)}
    for to in places.values():  # what is not the log's was left by a run that was killed, or put there by a stranger
        (case.path / to).with_suffix(JOURNAL if to in kept else ".json").unlink(missing_ok=True)
    return len(places), {recording: to for recording, to in places.items() if to not in kept}


def listen(
    path: Path, setup: Setup, todo: Mapping[Recording, str], jobs: int | None
) -> Iterator[tuple[Recording, Part | Failed | Transcript]]:
    """What up to `jobs` workers say of these recordings of the case at `path`; an error that would meet all is raised.

    The transcripts lie where they belong, and are not in the log of the case.
    """
    tasks = {Task(one.path, path / TRANSCRIPTS / one.sha256, one.name): one for one in todo}
    with Crew(setup, tasks, jobs) as crew:
        for task, said in crew:
            recording = tasks[task]
            if isinstance(said, CollectAuditError):
                raise said
            if isinstance(said, Transcript) and said.audio_sha256 != recording.sha256:
                said = Failed("the original is not the recording any more that was kept")
            elif isinstance(said, Transcript) and not (path / todo[recording]).exists():
                said = Failed("what listened has another engine, model or version than the program that asked for it")
            yield recording, said


def transcribe_case(
    case: Case, opener: Opener, *, language: str, watcher: Watcher, jobs: int | None = None,
    voices: planner.Finder = planner.voices,
) -> Count:  # fmt: skip
    """Transcribe what is not transcribed yet with this engine, model and options; others may read the case meanwhile.

    `opener` makes the engine, here to know it and in each worker to use it. A recording that failed is tried again by
    every run: a crash may have come from a machine that was short of something, and what ends well is not repeated.
    Raises Held if another process is transcribing the same case.
    """
    ear = Ear(Setup(opener, language, voices))
    with alone(case):
        total, todo = lacking(case, ear)
        count = Count(total, total - len(todo), Course(lengths(case), {r.sha256: r.size for r in todo}))
        for recording, said in listen(case.path, ear.setup, todo, jobs or (_ON_GPU if ear.on_gpu else None)):
            if isinstance(said, Transcript):
                keep(case, todo[recording])
            _tell(watcher, recording, said, count)
    return count


def _tell(watcher: Watcher, recording: Recording, said: Part | Failed | Transcript, count: Count) -> None:
    match said:
        case Part(share, seconds):
            count.course.heard(recording.sha256, share, seconds)
            watcher.part(count)
        case Failed(reason):
            count.done += 1
            count.course.leave_out(recording.sha256)
            watcher.failed(recording, reason, count)
        case Transcript():
            count.done += 1
            watcher.done(recording, said, count)


@contextmanager
def alone(case: Case) -> Iterator[None]:
    """Nobody else transcribes this case meanwhile; raises Held if somebody does."""
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


def lengths(case: Case) -> Mapping[str, float]:
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


def keep(case: Case, to: str) -> None:
    """Write a transcript into the log; another process may work on the case for a while, and no listening is lost."""
    sha256, name = Path(to).parent.name, Path(to).stem
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            case.keep_transcript(sha256, name)
            return (case.path / to).with_suffix(JOURNAL).unlink(missing_ok=True)
        except Held:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
