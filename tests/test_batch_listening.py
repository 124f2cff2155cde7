"""The recordings of many cases: the same words wherever they are listened to, and none that is listened to twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from batch_listening import EACH, NAMES, ear, heard, listened, opened, transcripts
from bigcase import made_once
from conftest import Run
from sounds import case_of
from test_batch import tables

from collectaudit.case import Case
from collectaudit.commands import batching
from collectaudit.evidence.lock import hold
from collectaudit.evidence.verify import verify
from collectaudit.pool import Ended
from collectaudit.transcribe import engine, many
from collectaudit.transcribe.many import Heard, listen_to, transcribe_cases
from collectaudit.transcribe.whole import Recording


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """`spoken` and `heard` as nothing happened."""
    made_once(tmp_path, "heard", heard)
    return tmp_path


def same(home: Path, out: str) -> bool:
    """Whether transcripts and tables are the same as those of `heard`, byte for byte."""
    mine, others = home / out, home / "heard"
    return transcripts(mine) == transcripts(others) and tables(mine) == tables(others)


def test_what_is_heard_is_judged_and_logged(home: Path) -> None:
    assert len(transcripts(home / "heard")) == len(NAMES) * EACH
    for name in NAMES:
        case = Case.open(home / "heard" / name)
        said = case.query("SELECT DISTINCT source_id FROM signals JOIN utterances USING (utterance_id)")
        assert len(said) == EACH and verify(case).ok
    left = [path for path in home.glob("heard/*/transcripts/*/*.journal") if path.read_bytes()]
    assert left == [], "a journal holds what was said, and nobody needs it any more"


def test_nothing_is_listened_to_twice(home: Path) -> None:
    before = transcripts(home / "heard")
    again = listened(home, opener=partial(opened, home))
    assert [(row["case"], row["state"], row["code"], row["again"]) for row in again] == [
        ("a", "incomplete", 3, False), ("b", "complete", 0, False),
    ]  # fmt: skip
    assert again[0]["errors"][-1] == {"input": "a/bad.amr", "reason": "it holds no sound"}, "it is tried again"
    assert (transcripts(home / "heard"), (home / "log").exists()) == (before, False)


RUN = """
import sys
sys.path[:0] = [{tests!r}]
from functools import partial
from pathlib import Path
from batch_listening import listened, opened
listened(Path({home!r}), "out", partial(opened, Path({home!r})))
"""


def test_the_program_killed_and_begun_again_and_then_a_worker(home: Path) -> None:
    script = RUN.format(tests=str(Path(__file__).parent), home=str(home))
    with subprocess.Popen([sys.executable, "-c", script], start_new_session=True) as process:
        while process.poll() is None and len(transcripts(home / "out")) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    (home / "deadly").touch()
    assert [row["state"] for row in listened(home, "out", partial(opened, home))] == ["incomplete", "complete"]
    assert not (home / "deadly").exists() and same(home, "out")
    asked = (home / "log").stat().st_size
    assert asked <= len(NAMES) * EACH + 3, "but for what was being listened to no recording is heard twice"


# Chunks, and what becomes of them


def recordings(*seconds: float | None) -> tuple[dict[Recording, str], dict[str, float]]:
    every = [Recording(str(n), str(n), Path(str(n)), 1) for n in range(len(seconds))]
    known = {str(n): s for n, s in enumerate(seconds) if s is not None}
    return {one: one.name for one in every}, known


@pytest.mark.parametrize(
    ("seconds", "parts"),
    [
        ((), []), ((10,), [1]), ((600, 600, 600), [3]), ((600, 600, 601), [2, 1]), ((9000, 1), [1, 1]),
        ((1, 9000, 1), [1, 1, 1]), ((None,) * 11, [10, 1]), ((1700, None, 1), [1, 2]),
    ],
)  # fmt: skip
def test_a_chunk_is_half_an_hour_or_one_recording(seconds: tuple[float | None, ...], parts: list[int]) -> None:
    assert [len(part) for part in many._parts(*recordings(*seconds), 1800)] == parts


def answering(asked: list[Any], answer: Callable[[Any], Any]) -> Any:
    """As a share, but nobody listens."""

    def share(work: Any, items: Any, jobs: int | None, *, gpu: bool) -> Iterator[tuple[int, Any]]:
        asked.append((work, [len(item.todo) for item in items], jobs, gpu))
        yield from ((n, answer(item)) for n, item in enumerate(items))

    return share


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: Ended(failed=False), "what listened was killed, again and again"),
        (lambda _: Ended(failed=True), "an error inside the program"),
        (lambda _: {}, "its transcript was written, but cannot be seen from here"),
        (lambda chunk: {one.sha256: f"{one.name}!" for one in chunk.todo}, "call 00.wav!"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, answer: Callable[[Any], Any], reason: str) -> None:
    case, asked, told = case_of(tmp_path, 2), list[Any](), list[Any]()
    (found,) = transcribe_cases(
        [case], ear(), answering(asked, answer), jobs=None, progress=lambda *said: told.append(said)
    )
    assert (found.made, [name for name, _ in found.failed]) == (0, ["call 00.wav", "call 01.wav"])
    assert found.failed[0][1].startswith(reason)
    assert asked == [(listen_to, [1, 1], None, False)]
    assert told == [("recordings", done, 2) for done in range(3)]


def test_a_case_that_somebody_transcribes_is_left_to_them(tmp_path: Path) -> None:
    cases = [case_of(tmp_path / name, 1) for name in NAMES]
    (cases[0] / "transcripts").mkdir()
    with hold(cases[0] / "transcripts" / "lock", "transcribe"):
        found = transcribe_cases(cases, ear(), answering([], lambda _: {}), jobs=1, progress=lambda *_: None)
    assert f"in use by process {os.getpid()}" in found[0].failed[0][1]
    assert [name for name, _ in found[1].failed] == ["call 00.wav"]


def test_without_recordings_nobody_is_asked(tmp_path: Path) -> None:
    asked = list[Any]()
    found = transcribe_cases([case_of(tmp_path, 0)], ear(), answering(asked, id), jobs=1, progress=lambda *_: None)
    assert (found, asked) == ([Heard()], [])


# The command


def test_the_command(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def note(what: Any, answer: Any) -> Any:
        asked.append(what)
        return answer

    monkeypatch.setattr(engine, "open_engine", lambda *given: note(given, opened()))
    monkeypatch.setattr(batching, "audit_folder", lambda *_, ear, **__: note(ear and ear.setup.language, []))
    command = ["batch", tmp_path / "in", "-o", tmp_path / "out"]
    assert run(*command).code == 0
    assert run(*command, "--transcribe", "--language", "auto", "--model", "m", "--listener", "whisper.cpp").code == 0
    assert run(*command, "--transcribe").code == 0
    assert asked == [None, ("m", "whisper.cpp"), "auto", (None, None), "zh"]
    ran = run(*command, "--language", "en", "--model", "m")
    assert (ran.code, "--model --language" in ran.err) == (2, True)


def test_without_what_listens_nothing_is_begun(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    ran = run("batch", tmp_path, "-o", tmp_path / "out", "--transcribe")
    assert (ran.code, "pip install" in ran.err, (tmp_path / "out").exists()) == (5, True, False)
