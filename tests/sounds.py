"""What tests of transcription share: sound made of tones, a detector of loudness, an engine that hears what is loud."""

import hashlib
import wave
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from collectaudit.case import Case
from collectaudit.transcribe.engine import RATE, RawSegment
from collectaudit.transcribe.transcript import Word

np = pytest.importorskip("numpy", exc_type=ImportError)
av = pytest.importorskip("av", exc_type=ImportError)

Span = tuple[float, float]
SPEECH = Path(__file__).parent / "data" / "speech"
SAMPLES = Path(__file__).parents[1] / "sample_data"


def tone(seconds: float, *loud: Span, rate: int = RATE, pitch: float = 300.0) -> Any:
    """16-bit samples: a tone in each of the spans, silence elsewhere."""
    clock = np.arange(round(seconds * rate)) / rate
    on = sum(((clock >= start) & (clock < end)) for start, end in loud) if loud else np.zeros(len(clock))
    return (8000 * np.sin(2 * np.pi * pitch * clock) * on).astype(np.int16)


def wav(path: Path, *channels: Any, rate: int = RATE) -> Path:
    """A WAV file of these channels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return path


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


def case_of(folder: Path, many: int) -> Path:
    """A case of so many recordings, each with a second or two of sound, none like another."""
    case = Case.create(folder / "case")
    with case.session():
        for n in range(many):
            case.keep(wav(folder / f"call {n:02}.wav", tone(3, (0.5, 1.5 + n / 20))))
    return folder / "case"


def transcripts(case: Path) -> dict[str, bytes]:
    """Every file beside the transcripts, by its name."""
    return {path.name: path.read_bytes() for path in sorted((case / "transcripts").glob("*/*"))}
