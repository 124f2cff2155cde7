"""Engines and decoders for trouble. Workers load them from here."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes import Fake

from collectaudit.errors import WrongUse
from collectaudit.transcribe import audio, worker

DEADLY = 30_000  # a sample as loud as this is what the engines below stumble over


def spin() -> None:
    while True:
        pass


def leave() -> None:
    os._exit(3)


def fail() -> None:
    raise ValueError("cannot")


def count() -> None:
    raise ValueError(os.environ["OPENBLAS_NUM_THREADS"])


def grab() -> None:
    bytearray(8 << 30)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doze(*_: object) -> None:
    time.sleep(600)


def crash(*_: object) -> None:
    os.abort()


class Troubled(Fake):
    """Stumbles over a recording that is deadly loud; only once, if there is a `mark` to leave."""

    def __init__(self, act: Callable[[], None], mark: Path | None = None) -> None:
        super().__init__()
        self._act = act
        self._mark = mark

    def transcribe(self, pcm: Any, *, language: str, prompt: str | None) -> Any:
        if abs(pcm).max() > DEADLY / 32768 and not (self._mark and self._mark.exists()):
            if self._mark:
                self._mark.touch()
            self._act()
        return super().transcribe(pcm, language=language, prompt=prompt)


def impatient(pid: int, act: Callable[[], None]) -> Fake:
    """In another process than this there is no patience."""
    if os.getpid() != pid:
        worker._PATIENCE_S, worker._SLOWEST = 2, 0
    return Troubled(act)


def decoding(pid: int, act: Callable[..., None]) -> Fake:
    """In another process than this decoding does something else, and may take four seconds."""
    if os.getpid() != pid:
        audio._decode = act  # type: ignore[assignment]
        audio._CPU_S, audio._CPU_S_PER_MB = 1, 0
    return Fake()


def elsewhere(pid: int) -> Fake:
    """An engine that opens in one process alone."""
    if os.getpid() != pid:
        raise WrongUse("not here")
    return Fake()


class Logging(Fake):
    """Takes its time, and writes down how often it was asked."""

    def __init__(self, log: Path) -> None:
        super().__init__(lambda _: time.sleep(0.05))
        self._log = log

    def transcribe(self, pcm: Any, *, language: str, prompt: str | None) -> Any:
        heard = super().transcribe(pcm, language=language, prompt=prompt)
        with self._log.open("a") as file:
            file.write("x")
        return heard
