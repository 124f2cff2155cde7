"""Engines that turn sound into words; everything around them is the same for every engine."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import MissingPart, WrongUse
from ..evidence.files import shown
from .models import Model, find
from .transcript import Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pcm = NDArray[np.float32]

RATE = 16_000  # samples a second that engines take
# What a voice needs to be taken for one. With Silero's own threshold of 0.5 up to four tenths of the speech in
# narrow-band calls was passed over; pauses and margins as measured for calls.
VAD: dict[str, Any] = {"threshold": 0.35, "min_silence_duration_ms": 500, "speech_pad_ms": 200}
_OPTIONS: dict[str, Any] = {
    "compute_type": "int8", "batch_size": 4, "beam_size": 5, "temperature": [0.0], "word_timestamps": True, "vad": VAD,
}  # fmt: skip
_GPU = {"device": "cuda", "compute_type": "float16", "batch_size": 16}
ENGINES = ("faster-whisper", "whisper.cpp")


@dataclass(frozen=True, slots=True)
class RawSegment:
    """What an engine heard in one stretch of sound, in seconds from its start, with its own measures of doubt."""

    text: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


class Engine(Protocol):
    """Turns mono sound of 16 kHz into words. `model_id`: SHA-256 of the weights."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def version(self) -> str:
        """Which version of it this is."""

    @property
    def model_name(self) -> str:
        """What its weights are called."""

    @property
    def model_id(self) -> str:
        """SHA-256 of its weights."""

    def options(self) -> Mapping[str, Any]:
        """Everything else that changes what it hears."""

    def language(self, pcm: "Pcm", known: Sequence[str]) -> str:
        """Which of the known languages is most likely spoken."""

    def transcribe(self, pcm: "Pcm", *, language: str, prompt: str | None) -> list[RawSegment]:
        """What is said, in order of time."""


class FasterWhisper:
    """Whisper on CTranslate2; no sampling, so that the same sound gives the same words.

    With 8-bit weights and one thread, or on a GPU if there is one: then it hears, rarely, something else.
    """

    name = ENGINES[0]

    def __init__(self, model: Model) -> None:
        self._model = model
        self._options = {**_OPTIONS, **(_GPU if _on_gpu() else {})}
        self.model_name = model.name
        self.model_id = model.sha256
        self.version = _version()

    def options(self) -> Mapping[str, Any]:
        """Everything that changes what it hears."""
        return self._options

    @cached_property
    def _whisper(self) -> Any:
        os.environ["HF_HUB_OFFLINE"] = "1"  # it would look for what the folder lacks
        import numpy as np
        from faster_whisper import WhisperModel

        folder, device = str(self._model.folder), self._options.get("device", "cpu")
        kind = self._options["compute_type"]
        try:
            found = WhisperModel(folder, device=device, compute_type=kind, cpu_threads=1, local_files_only=True)
            if device == "cuda":
                found.detect_language(np.zeros(RATE, np.float32))  # only now are the libraries of the GPU looked for
            return found
        except (RuntimeError, ValueError) as error:
            fix = "Without the GPU: set CUDA_VISIBLE_DEVICES to nothing, and try again." if device == "cuda" else ""
            raise WrongUse(f"the model in {shown(folder)} cannot be loaded: {shown(str(error))}", fix) from error

    @cached_property
    def _pipeline(self) -> Any:
        from faster_whisper import BatchedInferencePipeline

        return BatchedInferencePipeline(self._whisper)

    def language(self, pcm: "Pcm", known: Sequence[str]) -> str:
        """Which of the known languages is most likely spoken, by the first 30 seconds that hold speech."""
        _, _, likely = self._whisper.detect_language(pcm, vad_filter=True, vad_parameters=_vad())
        chances = dict(likely)
        return max(known, key=lambda language: chances.get(language, 0.0))

    def transcribe(self, pcm: "Pcm", *, language: str, prompt: str | None) -> list[RawSegment]:
        """What is said, in order of time."""
        found, _ = self._pipeline.transcribe(
            pcm, language=language, initial_prompt=prompt, batch_size=self._options["batch_size"], beam_size=5,
            temperature=[0.0], word_timestamps=True, vad_filter=True, vad_parameters=dict(VAD),
        )  # fmt: skip
        return [_heard(segment) for segment in found]


def open_engine(model: str | None, engine: str | None = None) -> Engine:
    """One of ENGINES with the model of that name, or in that folder or file; raises MissingPart with what gets it."""
    _version()  # of every engine: it brings what finds voices
    if engine == "whisper.cpp":
        from .whisper_cpp import WhisperCpp, weights

        return WhisperCpp(weights(model))
    return FasterWhisper(find(model, gpu=_on_gpu()))


def _on_gpu() -> bool:
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count())


def _vad() -> Any:
    from faster_whisper.vad import VadOptions

    return VadOptions(**VAD)


def _version() -> str:
    try:
        import ctranslate2
        import faster_whisper
    except ImportError as error:
        raise missing_extra() from error
    return f"{faster_whisper.__version__} (CTranslate2 {ctranslate2.__version__})"


def missing_extra() -> MissingPart:
    """The error for an installation without what listens."""
    return MissingPart(
        "what turns sound into text is not installed", "Install it with: pip install 'collectaudit[asr]'"
    )


def _heard(segment: Any) -> RawSegment:
    words = [Word(float(word.start), float(word.end), word.word, float(word.probability)) for word in segment.words]
    measures = (float(segment.avg_logprob), float(segment.no_speech_prob), float(segment.compression_ratio))
    return RawSegment(segment.text, tuple(words), *measures)
