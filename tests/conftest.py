"""What several tests use: the command line, and a small case made with it."""

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from appkit import Served, Tab, chromium, evil_case, spoken_case
from bigcase import copied, sample_copy
from exports import AGENT, ME, calls, people
from hypothesis import settings
from packkit import sealed_pack

from collectaudit import serve
from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.desk import Desk
from collectaudit.transcribe import models

settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")

# What takes longest, by the seconds of processor it takes.
SLOW = (
    "test_browser_wizard", "test_batch", "test_browser_pages", "test_browser", "test_listened", "test_batch_listening",
    "test_audit", "test_chats", "test_real_model", "test_worker", "test_app_pages", "test_cli_case", "test_wheel",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each process of a run is given as many tests, one after the other; each begins with some of the slow files.

    A slow one begun last would leave all other processors with nothing to do.
    """
    many = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    slow = {name: [item for item in items if item.path.stem == name] for name in SLOW}
    first = [[item for name in SLOW[n::many] for item in slow[name]] for n in range(many)]
    rest = iter([item for item in items if item.path.stem not in slow])
    total, items[:] = len(items), ()
    for n in range(many):
        items += [*first[n], *islice(rest, max(0, total * (n + 1) // many - len(items) - len(first[n])))]
    items += rest


def pytest_collection_finish() -> None:
    """What is there when the tests begin stays until they end: nobody need look through it for garbage all the time."""
    gc.collect()
    gc.freeze()


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


@contextmanager
def stocked(home: Path, factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk in `home` with the sample and an empty case."""
    sample_copy(factory, home / "sample")
    Case.create(home / "empty")
    found = Desk(home)
    yield found
    for row in found.cases():  # what was opened is closed, so that the folder can go
        case = found.case(row["key"])
        if case._asked is not None:
            case._asked[1].close()


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that is served, with the sample and an empty case, the test's own."""
    with stocked(tmp_path / "home", tmp_path_factory) as found:
        serve.begin(found, "zh")
        yield found


@pytest.fixture(scope="session")
def desk_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with stocked(tmp_path_factory.mktemp("desk") / "home", tmp_path_factory) as found:
        yield found


@pytest.fixture
def showcase(desk_of_all: Desk) -> Desk:
    """The same for all tests that change nothing in it: what one has asked of the sample, the next need not."""
    serve.begin(desk_of_all, "zh")
    return desk_of_all


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def tabs(browser: Any, server: Served) -> Iterator[Callable[[str], Tab]]:
    """The module's tab in a language: to draw a page after another takes it a third of what the first one took."""
    made: dict[str, Tab] = {}

    def found(lang: str) -> Tab:
        if lang not in made:
            made[lang] = Tab(browser, server, lang=lang)
        return made[lang]

    yield found
    for one in made.values():
        one.context.close()


@pytest.fixture
def tab(tabs: Callable[[str], Tab], lang: str) -> Iterator[Tab]:
    """A tab of the module's server as if it were a new one, see `Tab.leave`."""
    found = tabs(lang)
    yield found
    found.leave()


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
