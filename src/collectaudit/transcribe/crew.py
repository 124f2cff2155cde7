"""The workers as the program sees that started them: who does what, who died of it, and how many there may be.

A worker is a fresh interpreter, as the libraries of recognisers do not survive a fork. It dies with the program,
however that ends, and leaves nothing but what it has written to the disk.
"""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Self

from ..isolate import on_a_line
from .worker import BEGIN_S, Failed, Part, Said, Setup, Task, allowed_s, serve

# The first of glibc: a fifth less memory with Whisper base, at the same speed. The others of what multiplies for numpy:
# it rounds otherwise with two threads than with one, and a machine's processors must not decide what is heard.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_LEAST_LIMIT_MB = 4096  # below which no worker is stopped: libraries reserve more than they use
_NEED_MB, _SPARE = 1100, 1.25  # what a worker needs at least, and more than the first was seen to take
_BUSY = 2  # seconds by the clock for each of the processor, on a machine that does other things, too


class Crew:
    """Up to `jobs` workers that share the tasks. Iterate for what they say; an error in it would meet every task.

    Without `jobs` there is one until it has shown how much memory one needs, then as many as there are processors and
    memory for. To be used in one thread: a worker ends with the thread that started it.
    """

    def __init__(self, setup: Setup, tasks: Iterable[Task], jobs: int | None) -> None:
        self._setup = setup
        self._memory_mb = max(free_mb(), _LEAST_LIMIT_MB)
        self._todo = deque(tasks)
        self._jobs = jobs
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()

    def __iter__(self) -> Iterator[tuple[Task, Said]]:
        while self._todo or self._workers:
            while self._todo and len(self._workers) < (self._jobs or 1):
                self._workers.append(self._begun(self._todo.popleft()))
            for worker in _heard_from(self._workers):
                task, said = worker.task, worker.hear()
                if isinstance(said, Part):
                    if said.share and not self._jobs:
                        self._jobs = room_for(worker.peak_mb)
                    yield task, said
                elif isinstance(said, Failed) and said.died:
                    yield from self._mourn(worker, said)
                else:
                    self._go_on(worker)
                    yield task, said

    def _begun(self, task: Task, *, again: bool = False) -> "_Worker":
        return _Worker((self._setup, self._memory_mb), task, again=again)

    def _go_on(self, worker: "_Worker") -> None:
        if self._todo:
            worker.take(self._todo.popleft())
        else:
            self._workers.remove(worker)
            worker.stop()

    def _mourn(self, worker: "_Worker", last: Failed) -> Iterator[tuple[Task, Said]]:
        """Once more in a fresh process; a recording that two of them died of is left alone."""
        self._workers.remove(worker)
        worker.stop()
        if worker.again:
            yield worker.task, last
        else:
            self._workers.append(self._begun(worker.task, again=True))


class _Worker:
    """A worker as seen by the program that started it."""

    def __init__(self, setup: tuple[Setup, int], task: Task, *, again: bool = False) -> None:
        self.line, self._process = on_a_line(serve, ENVIRONMENT)
        self._overdue = False
        for message in (list(sys.path), *setup):
            self._send(message)
        self.take(task, again=again)

    def take(self, task: Task, *, again: bool = False) -> None:
        """Give it a recording; `again`: another worker died of it."""
        self.task = task
        self.again = again
        self._allowed_s: float = BEGIN_S
        self._since = time.monotonic()
        self._send(task)

    def _send(self, message: object) -> None:
        with suppress(OSError):  # it is dead, and will be found so
            self.line.send(message)

    @property
    def deadline(self) -> float:
        """When it must have said something."""
        return self._since + self._allowed_s

    @property
    def peak_mb(self) -> int:
        """The most memory that it had so far."""
        return _megabytes(Path(f"/proc/{self._process.pid}/status"), "VmHWM:")

    def end(self) -> None:
        """It took too long."""
        self._overdue = True
        self._process.kill()

    def hear(self) -> Said:
        """What it says; it must have said something, or be dead."""
        try:
            said: Said = self.line.recv()
        except (EOFError, OSError):
            return Failed(self._cause(), died=True)
        if isinstance(said, Part):
            self._allowed_s = _BUSY * allowed_s(said.seconds)
            self._since = time.monotonic()
        return said

    def _cause(self) -> str:
        """Why it is dead."""
        if self._overdue:
            return f"listening took longer than {self._allowed_s / 60:.0f} minutes"
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return "listening needed more processor time than allowed"
        if code == -signal.SIGKILL:
            return "the engine was killed by the system, probably because memory ran out"
        return f"the engine stopped ({signal.Signals(-code).name if code < 0 else f'exit {code}'})"

    def stop(self) -> None:
        """End it; there is nothing it has to put in order."""
        self._process.kill()
        self._process.wait()
        self.line.close()


def _heard_from(workers: list[_Worker]) -> list[_Worker]:
    """Wait for those that have said something; those that did not in time are ended, and thereby have."""
    ready = wait([worker.line for worker in workers], max(0.0, min(w.deadline for w in workers) - time.monotonic()))
    for worker in workers:
        if worker.line not in ready and worker.deadline < time.monotonic():
            worker.end()
    return [worker for worker in workers if worker.line in ready]


def room_for(need_mb: int = 0) -> int:
    """How many workers, of which one is there and takes so much, this machine has processors and memory for."""
    more = free_mb() // max(_NEED_MB, int(need_mb * _SPARE))
    return min(len(os.sched_getaffinity(0)), 1 + more)


def free_mb() -> int:
    """Memory that programs can still have; in a container not more than that is given."""
    free = _megabytes(Path("/proc/meminfo"), "MemAvailable:")
    try:
        return min(free, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")) >> 20)
    except (OSError, ValueError):  # no such limit, or it is "max"
        return free


def _megabytes(path: Path, what: str) -> int:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith(what)), 0)
