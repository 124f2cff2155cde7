"""What tests of transcription share: sound made of tones, cases of it; see also fakes."""

import wave
from pathlib import Path
from typing import Any

import pytest
from fakes import Fake as Fake
from fakes import Span as Span
from fakes import loud as loud
from fakes import opened as opened

from collectaudit.case import Case
from collectaudit.transcribe.engine import RATE

np = pytest.importorskip("numpy", exc_type=ImportError)
av = pytest.importorskip("av", exc_type=ImportError)

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
