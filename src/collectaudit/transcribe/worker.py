"""A process that listens, to one recording after the other. It has limits, and its death is an ordinary answer."""

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from ..errors import CollectAuditError
from ..evidence.folder import disk_errors
from ..records import Unreadable
from . import planner
from .engine import Engine
from .transcript import Transcript
from .work import transcribe

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Until it is known how long a recording lasts: for the decoder, which has closer limits of its own, and the model.
BEGIN_S = 5 * 3600
# Between two signs of life there is a block: no engine is worth waiting for that takes so many times its length.
_PATIENCE_S, _SLOWEST = 120, 20
Opener = Callable[[], Engine]


@dataclass(frozen=True, slots=True)
class Setup:
    """How to listen. It travels to other processes, so functions in it are those of modules.

    `opener` makes the engine; `language`: as in work.transcribe.
    """

    opener: Opener
    language: str
    voices: planner.Finder = planner.voices


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to be listened to; its transcript goes into the folder `target`."""

    path: Path
    target: Path
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a recording of so many seconds is done."""

    share: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """There will be no transcript; `died`: the worker is gone or not to be trusted any more."""

    reason: str
    died: bool = False


Said = Part | Failed | Transcript | CollectAuditError


def allowed_s(seconds: float) -> float:
    """Processor seconds that an engine may need for the longest block of so long a recording."""
    return _PATIENCE_S + _SLOWEST * min(seconds, planner.BLOCK_S)


def serve(descriptor: int, parent: int) -> None:
    """The worker's life: open the engine once, and listen to what comes down the line until that is closed."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        return
    line = Connection(descriptor)
    sys.path[:] = line.recv()
    setup: Setup = line.recv()
    memory_mb: int = line.recv()
    _limit(resource.RLIMIT_CORE, 0)  # a core file would hold what was said
    _limit(resource.RLIMIT_DATA, memory_mb << 20)
    opened = cache(setup.opener)
    with suppress(EOFError):
        while True:
            line.send(_listen(line.recv(), opened, setup, line))


def _listen(task: Task, opened: Opener, setup: Setup, line: Connection) -> Said:
    """What became of a recording. Every exception is caught: whatever an engine raises is an answer."""

    def tell(share: float, seconds: float) -> None:
        _limit(resource.RLIMIT_CPU, time.process_time() + allowed_s(seconds))
        line.send(Part(share, seconds))

    try:
        _limit(resource.RLIMIT_CPU, time.process_time() + BEGIN_S)
        with disk_errors():
            return transcribe(
                task.path, task.target, opened(), name=task.name, language=setup.language, progress=tell,
                voices=setup.voices,
            )  # fmt: skip
    except Unreadable as problem:
        return Failed(str(problem))
    except CollectAuditError as error:
        return error
    except MemoryError:
        return Failed("listening needed more memory than allowed", died=True)
    except Exception as error:  # noqa: BLE001 — see the docstring
        return Failed(f"the engine failed ({type(error).__name__}: {str(error)[:200]})", died=True)


def _limit(what: int, most: float) -> None:
    """Set a limit, or leave it to one that is narrower and not ours to widen."""
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard), hard))
