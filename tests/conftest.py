"""What several tests use: the command line, and a small case made with it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from appkit import Served, Tab, chromium, evil_case, spoken_case
from bigcase import copied, sample_copy
from exports import AGENT, ME, calls, people
from packkit import sealed_pack

from collectaudit import serve
from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.desk import Desk
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


@pytest.fixture
def evil(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case whose every text from outside tries something."""
    return copied(tmp_path_factory, "evil", evil_case, tmp_path / "evil")


@pytest.fixture
def spoken(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A call with its recording and a transcript, see `appkit.spoken_inputs`."""
    return copied(tmp_path_factory, "spoken", spoken_case, tmp_path / "spoken")


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that is served, with the sample and an empty case, the test's own."""
    home = tmp_path / "home"
    sample_copy(tmp_path_factory, home / "sample")
    Case.create(home / "empty")
    found = Desk(home)
    serve.begin(found, "zh")
    yield found
    for row in found.cases():  # what was opened is closed, so that the folder can go
        case = found.case(row["key"])
        if case._asked is not None:
            case._asked[1].close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Any, server: Served, lang: str) -> Iterator[Tab]:
    """A fresh tab of the module's server, see `Tab.close`."""
    found = Tab(browser, server, lang=lang)
    yield found
    found.close()


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack that is sealed in every way; only to be copied."""
    return sealed_pack(tmp_path_factory.mktemp("good"))


@pytest.fixture
def pack(good: Path, tmp_path: Path) -> Path:
    """A copy of it, beside the key and the authority."""
    shutil.copytree(good.parent, tmp_path / "copy")
    return tmp_path / "copy" / good.name


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
