"""One function over many items, in processes of this machine: where one dies, only its item is done again.

A worker is a fresh interpreter that dies with the program, however that ends, and says nothing to the terminal.
"""

import ctypes
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from .isolate import on_a_line

T = TypeVar("T")
R = TypeVar("R")
Share = Callable[..., Iterator[tuple[int, Any]]]  # `share`, or what does the same elsewhere
ONE_THREAD = {"POLARS_MAX_THREADS": "1"}  # workers stand side by side: none starts a thread for each processor
TRIES = 3  # an item that so many workers died of is left alone
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True, slots=True)
class Ended:
    """There is no answer for an item. `failed`: the program has a fault there; otherwise its workers were killed."""

    failed: bool


def share(
    work: Callable[[T], R], items: Sequence[T], jobs: int, *, gpu: bool = False
) -> Iterator[tuple[int, R | Ended]]:
    """(place of the item, what `work` says of it) as they get done, `jobs` at a time; one, if each wants the GPU.

    `work` is a function of a module, items and answers can be pickled. To be used in one thread: a worker ends with
    the thread that started it.
    """
    jobs = 1 if gpu else jobs
    todo = deque((n, item, TRIES) for n, item in enumerate(items))
    workers: list[_Worker[T, R]] = []
    try:
        while todo or workers:
            while todo and len(workers) < jobs:
                workers.append(_Worker(work, *todo.popleft()))
            for worker in _heard_from(workers):
                answer = worker.hear()
                if answer is None and worker.killed and worker.tries > 1:
                    todo.appendleft((worker.n, worker.item, worker.tries - 1))
                else:
                    yield worker.n, answer[0] if answer else Ended(not worker.killed)
                if answer and todo:
                    worker.take(*todo.popleft())
                else:
                    workers.remove(worker)
                    worker.stop()
    finally:
        for worker in workers:
            worker.stop()


class _Worker(Generic[T, R]):
    """A worker as seen by the program that started it."""

    def __init__(self, work: Callable[[T], R], n: int, item: T, tries: int) -> None:
        self.line, self._process = on_a_line(serve, ONE_THREAD)
        self._send((list(sys.path), pickle.dumps(work)))
        self.take(n, item, tries)

    def take(self, n: int, item: T, tries: int) -> None:
        """Give it an item, which may be tried so often."""
        self.n, self.item, self.tries = n, item, tries
        self._send(item)

    def _send(self, message: object) -> None:
        with suppress(OSError):  # it is dead, and will be found so
            self.line.send(message)

    def hear(self) -> tuple[R] | None:
        """Its answer; None if it is dead. It must have said something, or be dead."""
        try:
            return (self.line.recv(),)
        except (EOFError, OSError):
            self._process.wait()
            return None

    @property
    def killed(self) -> bool:
        """Whether something ended it from outside."""
        return (self._process.poll() or 0) < 0

    def stop(self) -> None:
        """End it; there is nothing it has to put in order."""
        self._process.kill()
        self._process.wait()
        self.line.close()


def _heard_from(workers: Sequence[_Worker[T, R]]) -> list[_Worker[T, R]]:
    ready = wait([worker.line for worker in workers])
    return [worker for worker in workers if worker.line in ready]


def serve(descriptor: int, parent: int) -> None:
    """The worker's life: answer what comes down the line until that is closed. What `work` raises ends it."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        return
    line = Connection(descriptor)
    with suppress(EOFError):
        sys.path[:], pickled = line.recv()
        work = pickle.loads(pickled)  # noqa: S301 — from the program that started this one
        while True:
            line.send(work(line.recv()))
