"""The transcript of one recording, and its file: the same sound, engine, model and options give the same bytes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import IntegrityError
from ..evidence.files import NotAFile, read, shown

SCHEMA = 1
Span = tuple[float, float]  # seconds from the start of the recording


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the engine heard it: when, what, how sure (0–1)."""

    start_s: float
    end_s: float
    text: str
    prob: float


@dataclass(frozen=True, slots=True)
class Segment:
    """What one voice says without a pause. `text` is simplified script; `doubt`: why it does not count."""

    ordinal: int
    channel: int | None
    start_s: float
    end_s: float
    text: str
    raw_text: str
    confidence: float
    doubt: tuple[str, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything heard in a recording and how it was made. `uncovered`: speech of which no word was written."""

    audio_sha256: str
    audio_name: str
    codec: str
    sample_rate: int
    channels: int
    duration_s: float | None
    decoded_s: float
    language: str
    engine: Mapping[str, str]
    model: Mapping[str, str]
    options: Mapping[str, Any]
    segments: tuple[Segment, ...]
    speech_s: float
    covered_s: float
    uncovered: tuple[Span, ...]
    quality: Mapping[str, Any]
    warnings: tuple[str, ...]

    def counted(self) -> tuple[Segment, ...]:
        """The segments without doubt."""
        return tuple(segment for segment in self.segments if not segment.doubt)


def as_bytes(transcript: Transcript) -> bytes:
    """The file: sorted keys, no time of making, seconds and probabilities with three digits."""
    about = {**asdict(transcript), "schema": SCHEMA}
    about["segments"] = [_segment(segment) for segment in transcript.segments]
    return (json.dumps(_rounded(about), sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode(
        "utf-8", "surrogatepass"
    )


def _segment(segment: Segment) -> dict[str, Any]:
    words = [[word.start_s, word.end_s, word.text, word.prob] for word in segment.words]
    return {**asdict(replace(segment, words=())), "words": words}


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 3) + 0.0  # no -0.0
        case dict():
            return {key: _rounded(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_rounded(inner) for inner in value]
    return value


def read_transcript(path: Path) -> Transcript:
    """A transcript that was written here; raises IntegrityError for anything else."""
    try:
        about = json.loads(read(path).decode("utf-8", "surrogatepass"))
        if about.pop("schema") != SCHEMA:
            raise ValueError
        about["segments"] = tuple(map(_read_segment, about["segments"]))
        about["uncovered"] = tuple((start, end) for start, end in about["uncovered"])
        about["warnings"] = tuple(about["warnings"])
        return Transcript(**about)
    except (OSError, NotAFile, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError(
            f"{shown(path)} is not a transcript as it was written here", "Remove it and transcribe again."
        ) from error


def _read_segment(about: dict[str, Any]) -> Segment:
    words = tuple(Word(*word) for word in about.pop("words"))
    return Segment(**{**about, "doubt": tuple(about["doubt"]), "words": words})
