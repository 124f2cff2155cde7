"""Long work beside the pages: what it says of itself while it runs, when it ends, when it is stopped, when it fails."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collectaudit.case import Case
from collectaudit.errors import WrongUse
from collectaudit.serve import task

Tell = Callable[[str, int, int], None]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    found = Case.create(tmp_path / "case")
    yield found
    task.stop(found)
    task.wait(found, 10)
    task.forget(found)


def test_it_tells_how_far_it_is_and_ends(case: Case) -> None:
    told, go_on = threading.Event(), threading.Event()

    def work(of: Case, tell: Tell) -> None:
        assert of.path == case.path
        assert of is not case  # a connection of its own: the pages go on asking theirs
        tell("read", 1, 3)
        told.set()
        go_on.wait(10)
        tell("read", 3, 3)

    running = task.start(case, "audit", work)
    assert told.wait(10)
    assert (running.state, running.kind, running.phase, running.done, running.total) == (
        "running",
        "audit",
        "read",
        1,
        3,
    )
    with pytest.raises(WrongUse, match="worked on"):
        task.start(case, "listen", work)
    task.forget(case)
    assert task.of(case) is running
    go_on.set()
    task.wait(case, 10)
    assert (running.state, running.done) == ("done", 3)
    task.forget(case)
    assert task.of(case) is None


def test_it_ends_at_the_next_step_when_it_is_asked_to(case: Case) -> None:
    done: list[int] = []

    def work(_: Case, tell: Tell) -> None:
        for n in range(1000):
            tell("listen", n, 1000)
            done.append(n)
            task.stop(case)

    task.start(case, "listen", work)
    task.wait(case, 10)
    found = task.of(case)
    assert found is not None
    assert (found.state, done) == ("stopped", [0])


def test_a_failure_of_ours_is_kept_to_be_said(case: Case) -> None:
    def work(*_: object) -> None:
        raise WrongUse("there is nothing to read", "Put files in.")

    task.start(case, "audit", work)
    task.wait(case, 10)
    found = task.of(case)
    assert found is not None
    assert found.state == "failed"
    assert found.error is not None
    assert found.error.what == "there is nothing to read"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_does_not_look_like_work(case: Case) -> None:
    def work(*_: object) -> None:
        raise ZeroDivisionError

    task.start(case, "audit", work)
    task.wait(case, 10)
    found = task.of(case)
    assert found is not None
    assert (found.state, found.error) == ("failed", None)
