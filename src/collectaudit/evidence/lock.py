"""One writer at a time: a lock on a file that says who holds it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..errors import WrongUse
from .files import shown

_SHORT_S = 0.5  # the holder writes its name right after it took the lock
_held: set[int] = set()


class Held(WrongUse):
    """Another process is working on the case."""


def _let_go_in_child() -> None:
    """A child process must not keep the case locked when its parent has died."""
    for fd in _held:
        os.close(fd)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def hold(path: Path, command: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; raises Held at once if another process does."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    _held.add(fd)
    try:
        _take(fd, path)
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        os.pwrite(fd, f"{os.getpid()}\n{since}\n{command}\n".encode(), 0)
        yield
        os.ftruncate(fd, 0)
    finally:
        if fd in _held:  # not in a forked child, where it is closed already
            _held.discard(fd)
            fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)


def _take(fd: int, path: Path) -> None:
    deadline = time.monotonic() + _SHORT_S
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 4096, 0).decode("utf-8", "replace").splitlines()
            if len(holder) == 3 or time.monotonic() > deadline:
                raise _held_by(path, holder) from None
            time.sleep(0.01)


def _held_by(path: Path, holder: list[str]) -> Held:
    pid, since, command = holder if len(holder) == 3 else ("?", "?", "?")
    return Held(
        f"{shown(path.parent)} is in use by process {pid} (collectaudit {command}) since {since}",
        "Wait until it has finished, or stop it; nothing is lost by stopping it.",
    )
