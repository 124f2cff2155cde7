"""A child with limits: it answers, fails or dies, and the parent always goes on."""

import mmap
import os
import signal
import time
from pathlib import Path

import pytest

from collectaudit import isolate
from collectaudit.errors import WrongUse
from collectaudit.isolate import ChildDied, run_limited
from collectaudit.records import Unreadable


def double(number: int) -> int:
    return 2 * number


def refuse(kind: type[Exception]) -> None:
    raise kind("no")


def endless() -> None:
    while True:
        pass


def sleepy() -> None:
    time.sleep(60)


def greedy() -> int:
    return len(bytearray(8 << 30))


def look_into(path: str) -> int:
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as content:
        return len(content)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def test_the_result_comes_back() -> None:
    assert run_limited(double, 21) == 42


@pytest.mark.parametrize("kind", [Unreadable, WrongUse])
def test_expected_errors_come_back_as_they_are(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="no"):
        run_limited(refuse, kind)


@pytest.mark.parametrize(
    ("func", "limits", "reason"),
    [
        (endless, {"cpu_s": 1, "wall_s": 20}, "processor time"),
        (sleepy, {"wall_s": 0.3}, "longer than"),
        (greedy, {"memory_mb": 1024}, "memory"),
        (crash, {}, "SIGSEGV"),
    ],
)
def test_a_death_is_an_answer(func: object, limits: dict[str, float], reason: str) -> None:
    with pytest.raises(ChildDied, match=reason):
        run_limited(func, **limits)  # type: ignore[arg-type]
    assert run_limited(double, 1) == 2


def test_a_file_may_be_larger_than_the_memory(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        file.truncate(8 << 30)  # nothing but a hole
    assert run_limited(look_into, str(tmp_path / "log"), memory_mb=1024) == 8 << 30


@pytest.mark.parametrize("name", ["base64.py", "collectaudit/__init__.py"])
def test_nothing_is_imported_from_where_somebody_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "collectaudit").mkdir()
    (tmp_path / name).write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    isolate._SERVER.stop()  # so that a new helper is started here
    assert run_limited(double, 1) == 2


def test_any_other_failure_is_named() -> None:
    with pytest.raises(ChildDied, match="TypeError"):
        run_limited(double, None)
