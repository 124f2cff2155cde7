"""Long work that goes on while pages come and go: a thread of the server, at most one for a case.

What it does to the case it does as a command would: under the case's own lock, a whole step at a time. So the server
may be stopped in the middle, and nothing that was finished is lost.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..case import Case
from ..errors import CollectAuditError, WrongUse

Tell = Callable[[str, int, int], None]
Work = Callable[[Case, Tell], object]


@dataclass(slots=True)
class Task:
    """What is being done to a case. state: running · done · stopped · failed; phase, done, total: how far it is."""

    kind: str
    state: str = "running"
    phase: str = ""
    done: int = 0
    total: int = 0
    error: CollectAuditError | None = None
    notes: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None


class Stopped(Exception):
    """Somebody asked the work to end here."""


_tasks: dict[Path, Task] = {}
_lock = threading.Lock()


def start(case: Case, kind: str, work: Work) -> Task:
    """Begin; raises WrongUse while another task of this case runs."""
    task = Task(kind)
    with _lock:
        before = _tasks.get(case.path)
        if before is not None and before.state == "running":
            raise WrongUse("the case is being worked on", "Wait until that is done, or stop it.")
        _tasks[case.path] = task
    task._thread = threading.Thread(target=_do, args=(task, Case(case.path), work), daemon=True)
    task._thread.start()
    return task


def of(case: Case) -> Task | None:
    """The task of a case: the one that runs, or the last one."""
    return _tasks.get(case.path)


def stop(case: Case) -> None:
    """Ask the task of a case to end at the next step; what is finished is kept."""
    if (task := of(case)) is not None:
        task._stop.set()


def forget(case: Case) -> None:
    """The result of a task has been seen; nothing happens while it runs."""
    with _lock:
        task = _tasks.get(case.path)
        if task is not None and task.state != "running":
            del _tasks[case.path]


def wait(case: Case, seconds: float) -> None:
    """Until the task of a case has ended, at most so long."""
    task = of(case)
    if task is not None and task._thread is not None:
        task._thread.join(seconds)


def _do(task: Task, case: Case, work: Work) -> None:
    def tell(phase: str, done: int, total: int) -> None:
        task.phase, task.done, task.total = phase, done, total
        if task._stop.is_set():
            raise Stopped

    try:
        work(case, tell)
    except Stopped:
        task.state = "stopped"
    except CollectAuditError as error:
        task.error, task.state = error, "failed"
    except Exception:  # the thread's last line: a task that has died must not look as if it ran
        task.state = "failed"
        raise
    else:
        task.state = "done"
