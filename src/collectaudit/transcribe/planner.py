"""Blocks for the engine: at most ten minutes, cut at silence, with what is taken for speech in each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .engine import RATE, VAD, missing_extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.float32]

VERSION = 1  # changes whenever the same sound would be cut or judged otherwise
BLOCK_S = 600
_SILENT = 1e-4  # loudest sample of what nobody can hear
Samples = tuple[int, int]
Finder = Callable[["Pcm"], list[Samples]]


@dataclass(frozen=True, slots=True)
class Block:
    """Samples `start` to `end` of a recording, and the speech in it, counted from the recording's start."""

    start: int
    end: int
    speech: tuple[Samples, ...]


def blocks(length: int, read: Callable[[int, int], "Pcm"], voices: Finder) -> Iterator[Block]:
    """Cut `length` samples into blocks; `voices` finds speech in a piece of sound."""
    start = 0
    while start < length:
        end = min(start + BLOCK_S * RATE, length)
        speech = [(start + first, start + last) for first, last in _found(read(start, end), voices)]
        if end < length:
            end = _cut(start, end, speech)
        yield Block(start, end, tuple((first, min(last, end)) for first, last in speech if first < end))
        start = end


def _found(pcm: "Pcm", voices: Finder) -> list[Samples]:
    return [] if abs(pcm).max(initial=0.0) < _SILENT else voices(pcm)


def _cut(start: int, end: int, speech: list[Samples]) -> int:
    """The middle of the longest silence in the later half; the end if it is silent, or if nobody stops to breathe."""
    if not speech or speech[-1][1] < end:
        return end
    half = start + (end - start) // 2
    pauses = [(after[0] - before[1], before[1], after[0]) for before, after in pairwise(speech) if before[1] >= half]
    _, since, until = max(pauses, default=(0, end, end))
    return (since + until) // 2


def voices(pcm: "Pcm") -> list[Samples]:
    """Where somebody speaks, by the detector that comes with faster-whisper."""
    try:
        from faster_whisper.vad import VadOptions, get_speech_timestamps
    except ImportError as error:
        raise missing_extra() from error
    found = get_speech_timestamps(pcm, VadOptions(**VAD))
    return [(int(span["start"]), int(span["end"])) for span in found]
