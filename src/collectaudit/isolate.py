"""Runs a function on hostile input in a child process with limits; its death is an ordinary answer.

One clean helper process is started per program and forks a child for each call: a fork from it costs a
millisecond, and it has no threads, which a fork from the main program could not promise.
"""

import atexit
import base64
import contextlib
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from subprocess import Popen
from typing import IO, Any

from .errors import CollectAuditError
from .records import Unreadable

_SOUND = "collectaudit.transcribe.audio"  # whoever decodes has a helper that reads nothing else


class ChildDied(Exception):
    """The child was stopped by a limit or a crash; the reason is a sentence for people."""


class _Server:
    """The helper process, started at the first call."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._one_at_a_time = threading.Lock()

    def ask(self, request: tuple[Any, ...]) -> Any:
        """Send one request and wait for the answer; several threads take turns."""
        with self._one_at_a_time:
            return self._ask(request)

    def _ask(self, request: tuple[Any, ...]) -> Any:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None  # noqa: S101 — pipes were asked for
        try:
            _send(process.stdin, request)
            return _receive(process.stdout)
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 — our own interpreter and module
            python("from collectaudit.isolate import serve; serve()"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._owner = os.getpid()

    def stop(self) -> None:
        """End the helper and whatever it runs."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


_SERVER = _Server()
atexit.register(_SERVER.stop)


def python(program: str) -> list[str]:
    """The command that runs a program of ours; -P: nothing is imported from the folder that somebody stands in."""
    return [sys.executable, "-P", "-c", program]


def on_a_line(serve: Callable[[int, int], None], environment: Mapping[str, str]) -> tuple[Connection, Popen[bytes]]:
    """A fresh interpreter that runs `serve` (of a module) with its end of a pipe and our process id; our end, and it.

    It is a session of its own and says nothing to the terminal. `environment`: beside that of this process.
    """
    line, theirs = Pipe()
    with theirs:
        process = Popen(  # noqa: S603 — our own interpreter and module
            python(f"from {serve.__module__} import serve; serve({theirs.fileno()}, {os.getpid()})"),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()], start_new_session=True, env={**os.environ, **environment},
        )  # fmt: skip
    return line, process


def run_limited(
    func: Callable[..., Any], *args: Any, memory_mb: int = 4096, cpu_s: int = 60, wall_s: float = 120
) -> Any:
    """Call a module-level function in a child and return its (picklable) result.

    `memory_mb` limits its memory (that a file which it looks into takes no part of), `cpu_s` processor seconds,
    `wall_s` the time by the clock. Raises the child's CollectAuditError or Unreadable, and ChildDied for all else.
    """
    name = (func.__module__, func.__qualname__)
    kind, value = _SERVER.ask((name, args, memory_mb, cpu_s, wall_s, list(sys.path)))
    if kind == "done":
        return value
    if kind == "error":
        raise value
    raise ChildDied(value)


def _send(pipe: IO[bytes], message: Any) -> None:
    pipe.write(base64.b64encode(pickle.dumps(message)) + b"\n")
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    line = pipe.readline()
    if not line:
        raise ChildDied("the reading process ended")
    return pickle.loads(base64.b64decode(line))  # noqa: S301 — from our own helper process


def serve() -> None:
    """The helper's loop: fork a child for each request on standard input, answer on standard output."""
    signal.signal(signal.SIGTERM, _end_group)
    while line := sys.stdin.buffer.readline():
        name, args, memory_mb, cpu_s, wall_s, path = pickle.loads(base64.b64decode(line))  # noqa: S301
        sys.path[:] = path
        _prepare(name[0])
        _send(sys.stdout.buffer, _fork(name, args, memory_mb, cpu_s, wall_s))


def _prepare(module: str) -> None:
    """Load what the functions of a module need here, once, so that no child pays for it."""
    if module == _SOUND:
        with contextlib.suppress(ImportError):
            import_module("av")
        import_module(module)
    else:
        from . import numbers, reading  # noqa: F401
        from .sources import _map, parsers

        parsers()
        _map.shipped()
        numbers.canonical("+861088880000")  # loads the numbering plan


def _end_group(*_: object) -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _fork(name: tuple[str, str], args: tuple[Any, ...], memory_mb: int, cpu_s: int, wall_s: float) -> tuple[str, Any]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(writer, name, args, memory_mb, cpu_s)
    os.close(writer)
    answer = _collect(reader, pid, time.monotonic() + wall_s)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    if answer is None:
        return "died", f"it took longer than {wall_s:.0f} seconds"
    if answer:
        return pickle.loads(answer)  # type: ignore[no-any-return]  # noqa: S301
    return "died", _cause(status)


def _collect(reader: int, pid: int, deadline: float) -> bytes | None:
    """What the child wrote; None when it ran out of time and was killed. It never outlives the main program."""
    chunks: list[bytes] = []
    watched = select.poll()
    watched.register(reader, select.POLLIN)
    watched.register(sys.stdin.fileno(), 0)  # says only that the other end is gone
    while True:
        ready = watched.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if (sys.stdin.fileno(), select.POLLHUP) in ready:
            _end_group()
        if not ready:
            os.kill(pid, signal.SIGKILL)
            return None
        chunk = os.read(reader, 65536)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


def _cause(status: int) -> str:
    number = os.waitstatus_to_exitcode(status)
    if number == -signal.SIGXCPU:
        return "it needed more processor time than allowed"
    return (
        f"the reader stopped ({signal.Signals(-number).name})" if number < 0 else f"the reader stopped (exit {number})"
    )


def _child(writer: int, name: tuple[str, str], args: tuple[Any, ...], memory_mb: int, cpu_s: int) -> None:
    """Never returns. The one place where every exception is caught: whatever a reader raises is an answer."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    for what, soft, hard in (
        (resource.RLIMIT_DATA, memory_mb << 20, memory_mb << 20),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 5),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 256, 256),
    ):
        resource.setrlimit(what, (soft, hard))
    try:
        module = __import__(name[0], fromlist=["*"])
        answer: tuple[str, Any] = ("done", getattr(module, name[1])(*args))
    except (CollectAuditError, Unreadable) as error:
        answer = ("error", error)
    except MemoryError:
        answer = ("died", "it needed more memory than allowed")
    except Exception as error:  # noqa: BLE001 — see the docstring
        answer = ("died", f"the reader failed ({type(error).__name__}: {str(error)[:200]})")
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(pickle.dumps(answer))
    os._exit(0)
