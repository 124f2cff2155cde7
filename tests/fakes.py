"""An engine that hears what is loud. Each process that listens loads this, so it needs nothing of the tests."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collectaudit.transcribe.engine import RATE, RawSegment
from collectaudit.transcribe.transcript import Word

Span = tuple[float, float]


def loud(pcm: Any) -> list[tuple[int, int]]:
    """Where it is not silent, in whole tenths of a second; pauses of less than half a second are none."""
    step = RATE // 10
    heard = [abs(pcm[at : at + step]).max(initial=0) > 0.05 for at in range(0, len(pcm), step)]
    spans: list[tuple[int, int]] = []
    for n, on in enumerate(heard):
        if on and spans and n * step - spans[-1][1] < RATE // 2:
            spans[-1] = (spans[-1][0], min((n + 1) * step, len(pcm)))
        elif on:
            spans.append((n * step, min((n + 1) * step, len(pcm))))
    return spans


class Fake:
    """Hears a word a second wherever it is loud, which says how the sound there looks."""

    name = "fake"
    version = "1"
    model_name = "none"
    model_id = "0" * 64

    def __init__(self, before: Callable[[int], None] = lambda _: None, deaf: Sequence[int] = ()) -> None:
        self.heard = 0
        self._before = before
        self._deaf = deaf

    def options(self) -> Mapping[str, Any]:
        return {"beam_size": 1}

    def language(self, pcm: Any, known: Sequence[str]) -> str:
        return known[len(pcm) % len(known)]

    def transcribe(self, pcm: Any, *, language: str, prompt: str | None) -> list[RawSegment]:  # noqa: ARG002
        self._before(self.heard)
        self.heard += 1
        if self.heard in self._deaf:
            return []
        words = []
        for start, end in loud(pcm):
            for at in range(start, end, RATE):
                until = min(at + RATE, end)
                text = hashlib.sha256(pcm[at:until].tobytes()).hexdigest()[:6]
                words.append(Word(at / RATE, until / RATE, f" {language}{text}", 0.9))
        return [RawSegment("".join(word.text for word in words), tuple(words), -0.2, 0.0, 1.0)] if words else []


def opened(*_: object) -> Fake:
    """What `open_engine` gives, whatever is asked for; a worker can import it."""
    return Fake()
