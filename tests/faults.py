"""Disks that count, fail or stop, and processes that are killed, for the tests of the case folder."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from casekit import add_source

from collectaudit.case import Case
from collectaudit.evidence import files


class CountingDisk(files.Disk):
    """Counts the operations; `at` is called before each of them."""

    count = 0

    def at(self) -> None:
        """One operation is about to happen."""
        self.count += 1

    def create(self, path: Path) -> int:
        self.at()
        return super().create(path)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        self.at()
        return super().write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        self.at()
        super().truncate(fd, size)

    def sync(self, fd: int) -> None:
        self.at()
        super().sync(fd)

    def rename(self, old: Path, new: Path) -> None:
        self.at()
        super().rename(old, new)

    def make_folder(self, path: Path) -> None:
        self.at()
        super().make_folder(path)

    def set_mode(self, path: Path, mode: int) -> None:
        self.at()
        super().set_mode(path, mode)

    def remove(self, path: Path) -> None:
        self.at()
        super().remove(path)


class FailingDisk(CountingDisk):
    """Fails at the N-th operation, once or from then on; a failing write leaves half of its bytes. Syncs nothing."""

    def __init__(self, number: int, code: int, *, for_good: bool = False) -> None:
        self.number, self.code, self.for_good = number, code, for_good

    def at(self) -> None:
        super().at()
        if self.count == self.number or (self.for_good and self.count > self.number):
            raise OSError(self.code, os.strerror(self.code))

    def write(self, fd: int, data: bytes | memoryview) -> int:
        if self.count + 1 == self.number:
            os.write(fd, data[: len(data) // 2])
        return super().write(fd, data)

    def sync(self, fd: int) -> None:  # noqa: ARG002
        self.at()


class StoppingDisk(CountingDisk):
    """Kills the process before the N-th operation. Syncs nothing: a killed process loses no written byte."""

    def __init__(self, number: int) -> None:
        self.number = number

    def at(self) -> None:
        super().at()
        if self.count == self.number:
            os.kill(os.getpid(), signal.SIGKILL)

    def sync(self, fd: int) -> None:  # noqa: ARG002
        self.at()


@contextmanager
def disk(replacement: files.Disk) -> Iterator[None]:
    """Use another disk for a while."""
    before, files.disk = files.disk, replacement
    try:
        yield
    finally:
        files.disk = before


def work(root: Path, done: Path) -> None:
    """A small audit over root/inputs into root/case with the tables of root/run; each finished step goes to `done`."""
    case = Case.create(root / "case")
    with case.session("audit"):
        for path in sorted((root / "inputs").iterdir()):
            add_source(case, path)
            _acknowledge(done, path.name)
        staged = case.staging()
        for path in sorted((root / "run").iterdir()):
            (staged / path.name).write_bytes(path.read_bytes())
        case.publish(staged, "r1", {"rules": {}})
        _acknowledge(done, "run")
    case.label("+1 202-555-0101", "collector")
    _acknowledge(done, "label")


def _acknowledge(done: Path, what: str) -> None:
    with done.open("a", encoding="utf-8") as out:
        out.write(what + "\n")


class Killer:
    """A clean process that forks `work` and has it killed, at an operation or after a time."""

    def __enter__(self) -> "Killer":
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def run(self, root: Path, done: Path, *, operation: int = 0, after_s: float = 0.0) -> tuple[bool, int]:
        """Whether it was killed, and how many operations it did otherwise."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps([str(root), str(done), operation, after_s]) + "\n")
        stdin.flush()
        return cast(tuple[bool, int], tuple(json.loads(stdout.readline())))

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve() -> None:
    for line in sys.stdin:
        root, done, operation, after_s = json.loads(line)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            stopping = StoppingDisk(operation)
            with disk(stopping):
                work(Path(root), Path(done))
            os.write(writer, str(stopping.count).encode())
            os._exit(0)
        os.close(writer)
        if after_s:
            time.sleep(after_s)
            os.kill(pid, signal.SIGKILL)
        count = os.read(reader, 20)
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        print(json.dumps([os.WIFSIGNALED(status), int(count or 0)]), flush=True)


CODES = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.EDQUOT)

if __name__ == "__main__":
    _serve()
