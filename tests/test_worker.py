"""Workers that crash, hang or are killed, and runs that are: the others go on, and nothing stays but what is whole."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes import Fake, loud, opened
from sounds import case_of, tone, transcripts, wav
from troubles import Troubled, count, crash, decoding, doze, elsewhere, fail, grab, impatient, kill, leave, spin

from collectaudit.case import Case
from collectaudit.errors import WrongUse
from collectaudit.evidence.lock import Held, hold
from collectaudit.evidence.verify import verify
from collectaudit.transcribe import crew, worker
from collectaudit.transcribe.transcript import Transcript
from collectaudit.transcribe.whole import Count, Recording, Watcher, transcribe_case

# One bad recording among good ones


class Notes(Watcher):
    def __init__(self) -> None:
        self.done_: list[str] = []
        self.failed_: dict[str, str] = {}
        self.parts: list[tuple[float, float]] = []

    def part(self, count: Count) -> None:
        self.parts.append((count.course.done_s, count.course.total_s))

    def done(self, recording: Recording, transcript: Transcript, count: Count) -> None:  # noqa: ARG002
        self.done_.append(recording.name)

    def failed(self, recording: Recording, reason: str, count: Count) -> None:  # noqa: ARG002
        self.failed_[recording.name] = reason


def listen(case: Path, opener: Callable[[], Any] = opened, jobs: int | None = 1) -> Notes:
    notes = Notes()
    transcribe_case(Case.open(case), opener, language="zh", watcher=notes, jobs=jobs, voices=loud)
    return notes


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Two ordinary recordings, and between them a deadly one."""
    path = case_of(tmp_path, 2)
    Case.open(path).keep(wav(tmp_path / "call 00x.wav", tone(3, (0.5, 2.5)) * 4))
    return path


GOOD = ["call 00.wav", "call 01.wav"]


@pytest.mark.parametrize(
    ("opener", "reason"),
    [
        (partial(Troubled, os.abort), "the engine stopped (SIGABRT)"),
        (partial(Troubled, leave), "the engine stopped (exit 3)"),
        (partial(Troubled, kill), "the engine was killed by the system, probably because memory ran out"),
        (partial(Troubled, fail), "the engine failed (ValueError: cannot)"),
        (partial(Troubled, grab), "listening needed more memory than allowed"),
        (partial(impatient, os.getpid(), spin), "listening needed more processor time than allowed"),
    ],
    ids=["abort", "exit", "kill", "exception", "memory", "processor"],
)
def test_what_kills_an_engine_stops_nothing(
    case: Path, opener: Callable[[], Fake], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "free_mb", lambda: 0)
    notes = listen(case, opener)
    assert (sorted(notes.done_), notes.failed_) == (GOOD, {"call 00x.wav": reason})
    assert notes.parts[-1][0] == pytest.approx(notes.parts[-1][1], abs=0.01)
    assert listen(case).done_ == ["call 00x.wav"], "the next run tries it again"


def test_how_many_processors_there_are_decides_nothing(tmp_path: Path) -> None:
    """Sums of numpy are rounded otherwise by two threads than by one."""
    path = case_of(tmp_path, 0)
    Case.open(path).keep(wav(tmp_path / "a.wav", tone(3, (0.5, 2.5)) * 4))
    assert listen(path, partial(Troubled, count)).failed_ == {"a.wav": "the engine failed (ValueError: 1)"}


def test_an_engine_that_does_nothing_any_more_is_ended(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_PATIENCE_S", 2)
    monkeypatch.setattr(worker, "_SLOWEST", 0)
    notes = listen(case, partial(Troubled, doze))
    assert (sorted(notes.done_), notes.failed_) == (GOOD, {"call 00x.wav": "listening took longer than 0 minutes"})


@pytest.mark.parametrize(
    ("act", "reason"), [(crash, "the reader stopped (SIGABRT)"), (doze, "it took longer than 4 seconds")]
)
def test_a_decoder_that_crashes_or_hangs_stops_nothing(tmp_path: Path, act: Callable[..., None], reason: str) -> None:
    notes = listen(case_of(tmp_path, 1), partial(decoding, os.getpid(), act))
    assert notes.failed_ == {"call 00.wav": f"the sound could not be decoded: {reason}"}


def test_a_recording_gets_a_second_chance(case: Path, tmp_path: Path) -> None:
    notes = listen(case, partial(Troubled, os.abort, tmp_path / "mark"))
    assert (notes.done_, notes.failed_) == (["call 00.wav", "call 00x.wav", "call 01.wav"], {})
    assert (tmp_path / "mark").exists()


def test_an_engine_that_cannot_be_opened_ends_the_run(case: Path) -> None:
    with pytest.raises(WrongUse, match="not here"):
        listen(case, partial(elsewhere, os.getpid()))


def test_an_original_that_is_not_what_was_kept_is_not_transcribed(case: Path) -> None:
    sha256, name, _ = Case.open(case).kept()[0]
    path = Case.open(case).original(sha256)
    path.chmod(0o600)
    wav(path, tone(3, (1, 2)))
    notes = listen(case)
    assert notes.failed_ == {name: "the original is not the recording any more that was kept"}
    assert len(Case.open(case).transcripts()) == 2


def test_another_process_that_holds_the_case_is_waited_for(case: Path) -> None:
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", HOLDING.format(str(case / "lock"))], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        assert len(listen(case).done_) == 3
    assert time.monotonic() - started > 4
    assert verify(Case.open(case)).ok


HOLDING = """
import time
from pathlib import Path
from collectaudit.evidence.lock import Held, hold
with hold(Path({!r}), "audit"):
    print("held", flush=True)
    time.sleep(4)
"""


# Killed

RUN = """
import sys
from functools import partial
from pathlib import Path
sys.path[:0] = [{tests!r}]
from collectaudit.case import Case
from collectaudit.transcribe.whole import Watcher, transcribe_case
from fakes import loud
from troubles import Logging, decoding, doze
transcribe_case(Case.open(Path({case!r})), {opener}, language="zh", watcher=Watcher(), jobs={jobs}, voices=loud)
"""


class Started:
    """A run in a process group of its own; `mark` is in the environment of everything it starts."""

    def __init__(self, case: Path, log: Path, jobs: int, opener: str = "") -> None:
        self.log = log
        self.mark = uuid.uuid4().hex
        opener = opener or f"partial(Logging, Path({str(log)!r}))"
        script = RUN.format(tests=str(Path(__file__).parent), case=str(case), jobs=jobs, opener=opener)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], start_new_session=True, stderr=subprocess.DEVNULL,
            env={**os.environ, "MARK": self.mark},
        )  # fmt: skip

    def asked(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def wait_for(self, asked: int) -> None:
        """Until the engine was asked so often, or the run is over."""
        while self.process.poll() is None and self.asked() < asked:
            time.sleep(0.01)

    def end(self, how: signal.Signals) -> None:
        """Send a signal to the whole group, and see everything end that was started."""
        os.killpg(self.process.pid, how)
        self.process.wait()
        until = time.monotonic() + 20
        while list(self.living()) and time.monotonic() < until:
            time.sleep(0.02)
        assert list(self.living()) == []

    def living(self) -> Iterator[int]:
        """Processes of this run."""
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.mark.encode() in path.read_bytes():
                    yield int(path.parent.name)
            except OSError:
                continue


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What twenty recordings give when nothing happens."""
    path = case_of(tmp_path_factory.mktemp("whole"), 20)
    assert len(listen(path).done_) == 20
    return transcripts(path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_in_the_middle_of_twenty_recordings(tmp_path: Path, undisturbed: dict[str, bytes], jobs: int) -> None:
    moments = random.Random(jobs)  # noqa: S311  a repeatable choice
    path, log = case_of(tmp_path, 20), tmp_path / "log"
    kills = 0
    for asked in (1, 6, 11, 16):
        run = Started(path, log, jobs)
        run.wait_for(asked)
        time.sleep(moments.uniform(0, 0.1))
        kills += run.process.poll() is None
        run.end(signal.SIGKILL)
        assert verify(Case.open(path)).ok
        with Case.open(path).session() as found:
            assert {file.name for _, file in found.transcripts().values()} <= undisturbed.keys()
    last = Started(path, log, jobs)
    assert last.process.wait() == 0
    assert transcripts(path) == undisturbed
    assert kills == 4
    assert 20 <= log.stat().st_size <= 20 + kills * jobs
    assert verify(Case.open(path)).ok


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_person_no_process_and_no_sound_stays(tmp_path: Path, how: signal.Signals) -> None:
    path = case_of(tmp_path, 20)
    run = Started(path, tmp_path / "log", 2)
    run.wait_for(3)
    assert len(list(run.living())) >= 3
    run.end(how)
    kinds = {name.partition("-")[0] if "." not in name else Path(name).suffix for name in transcripts(path)}
    assert kinds <= {".json", ".journal"} | ({"write"} if how == signal.SIGTERM else set())


def test_a_decoder_that_hangs_dies_with_the_run(tmp_path: Path) -> None:
    path = case_of(tmp_path, 1)
    run = Started(path, tmp_path / "log", 1, opener="partial(decoding, 0, doze)")
    while len(list(run.living())) < 4:  # the run, its worker, that one's helper, and what that one started
        time.sleep(0.02)
    os.kill(run.process.pid, signal.SIGKILL)
    run.end(signal.SIGKILL)
    assert transcripts(path).keys() <= {name for name in transcripts(path) if name.endswith(".journal")}


def test_what_a_killed_run_was_writing_is_removed(tmp_path: Path) -> None:
    path = case_of(tmp_path, 1)
    listen(path)
    before = transcripts(path)
    [folder] = [entry for entry in (path / "transcripts").iterdir() if entry.is_dir()]
    for name in ("tmpab12cd34", "write-0123456789abcdef"):
        (folder / name).write_bytes(b"sound")
    assert listen(path).done_ == []
    assert transcripts(path) == before


def test_two_at_once_write_the_same_bytes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    path = case_of(tmp_path, 20)
    assert sorted(listen(path, jobs=2).done_) == [f"call {n:02}.wav" for n in range(20)]
    assert transcripts(path) == undisturbed


@pytest.mark.parametrize(
    ("free", "takes", "workers"), [(0, 700, 1), (1000, 700, 1), (3500, 700, 4), (3500, 2800, 2), (99_999, 2800, 8)]
)
def test_as_many_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch, free: int, takes: int, workers: int) -> None:
    monkeypatch.setattr(crew, "free_mb", lambda: free)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert crew.room_for(takes) == workers


def test_more_join_when_the_first_has_shown_what_one_needs(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def two(need: int) -> int:
        seen.append(need)
        return 2

    monkeypatch.setattr(crew, "room_for", two)
    path = case_of(tmp_path, 20)
    listen(path, jobs=None)
    assert len(seen) == 1 and 20 < seen[0] < 1000
    assert transcripts(path) == undisturbed


def _once_free(path: Path) -> None:
    """Have the case for a moment; while a transcript is being kept it is taken, and soon free again."""
    for _ in range(20):
        try:
            with hold(path / "lock", "audit"):
                return
        except Held:
            time.sleep(0.05)
    raise AssertionError("the case is never free")


def test_the_case_can_be_worked_on_meanwhile(tmp_path: Path) -> None:
    path = case_of(tmp_path, 6)
    run = Started(path, tmp_path / "log", 1)
    run.wait_for(1)
    _once_free(path)
    run.end(signal.SIGKILL)
