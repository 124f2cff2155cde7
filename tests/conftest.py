"""What several tests use: the command line, and a small case made with it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from exports import AGENT, ME, calls, people

from collectaudit.cli import main
from collectaudit.transcribe import models


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in English, or in the language that it or `lang` asks for."""
    monkeypatch.setenv("COLUMNS", "100")  # workers of pytest-xdist have another width

    def go(*args: object, lang: str = "en") -> Ran:
        monkeypatch.setenv("COLLECTAUDIT_LANG", lang)
        code = main([str(arg) for arg in args])
        return Ran(code, *capsys.readouterr())

    return go


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A machine on which no model is installed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr(models, "_installed", lambda *_: None)


@pytest.fixture(scope="session")
def late_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case with one call from a collector at 22:10, and what it was made of; only to be copied."""
    home = tmp_path_factory.mktemp("late")
    log = calls(home / "in/calls.xml", [("2025-06-01 22:10:00", "in", 35)])
    roles = people(home / "in/people.csv", f"{AGENT},collector", f"{ME},debtor")
    assert main(["audit", str(log), str(roles), "-o", str(home / "case"), "--owner", ME]) == 0
    return home


@pytest.fixture
def late(tmp_path: Path, late_once: Path) -> Path:
    """A case with one call from a collector at 22:10."""
    shutil.copytree(late_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "case"
