"""whisper.cpp, for those who have its models: quantised ones, or built for a graphics chip that nothing else uses.

It gets one stretch of speech after the other, as its own way through long sound skips what it does not understand. The
times of words come from its attention (`dtw`); those it gives by itself run on through pauses.
"""

import math
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingPart, WrongUse
from ..evidence.files import sha256_of, shown
from . import planner
from .engine import ENGINES, RATE, VAD, RawSegment
from .models import Model
from .transcript import Span, Word

if TYPE_CHECKING:
    from .engine import Pcm

_MAGIC = 0x67676D6C  # "ggml"
_HEADER = struct.Struct("<12I")
_TEXT_LAYERS = 9  # the tenth number of the header
_WINDOW_S = 30  # what the model hears at once
_SETTINGS: dict[str, Any] = {
    "beam_search": {"beam_size": 5, "patience": -1.0}, "temperature": 0.0, "temperature_inc": 0.0,
    "token_timestamps": True,
}  # fmt: skip
_LEAST = 1e-10  # probability, so that its logarithm exists
_LATE_S = 1.0
_HOW = "Name a model file ggml-….bin of whisper.cpp with --model."


def weights(path: str | None) -> Model:
    """The model in that file; raises WrongUse if there is none."""
    if path is None:
        raise WrongUse("whisper.cpp needs to be told its model", _HOW)
    file = Path(path)
    head = _head(file) if file.is_file() else b""
    if len(head) < _HEADER.size or _HEADER.unpack(head)[0] != _MAGIC:
        raise WrongUse(f"{shown(path)} is not a file with a model of whisper.cpp", _HOW)
    return Model(file.resolve().stem, file.resolve(), sha256_of(file.resolve()))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER.size)


class WhisperCpp:
    """Whisper on ggml; one thread, no sampling. What it thinks of silence it does not say, so `no_speech_prob` is 0."""

    name = ENGINES[1]

    def __init__(self, model: Model) -> None:
        self._file = model.folder
        self.model_name = model.name
        self.model_id = model.sha256
        try:
            self.version = version("pywhispercpp")
        except PackageNotFoundError as error:
            install = "Install it with: pip install 'collectaudit[whisper-cpp]'"
            raise MissingPart("pywhispercpp is not installed", install) from error

    def options(self) -> Mapping[str, Any]:
        """Everything that changes what it hears."""
        return {**_SETTINGS, "window_s": _WINDOW_S, "vad": VAD, "times": "dtw"}

    @cached_property
    def _model(self) -> Any:
        import _pywhispercpp
        from pywhispercpp.model import Model as Loaded

        layers = _HEADER.unpack(_head(self._file))[_TEXT_LAYERS]
        heads = _pywhispercpp.whisper_alignment_heads_preset.WHISPER_AHEADS_N_TOP_MOST
        found: Any = Loaded(
            str(self._file), params_sampling_strategy=1, redirect_whispercpp_logs_to=None, n_threads=1,
            print_progress=False, print_realtime=False, **_SETTINGS,
            context_params={
                "flash_attn": False, "dtw_token_timestamps": True, "dtw_aheads_preset": heads,
                "dtw_n_top": max(layers // 2, 1),
            },
        )  # fmt: skip
        if found._ctx is None:
            raise WrongUse(f"{shown(self._file)} is not a file with a model of whisper.cpp", _HOW)
        return found

    def language(self, pcm: "Pcm", known: Sequence[str]) -> str:
        """Which of the known languages is most likely spoken, by the first window that holds speech."""
        import _pywhispercpp as cpp
        import numpy as np

        context = self._model._ctx
        for start, end in _windows(planner.voices(pcm)):
            cpp.whisper_pcm_to_mel(context, pcm[start:end], min(end - start, _WINDOW_S * RATE), 1)
            chances = np.zeros(cpp.whisper_lang_max_id() + 1, np.float32)
            cpp.whisper_lang_auto_detect(context, 0, 1, chances)
            return max(known, key=lambda language: float(chances[cpp.whisper_lang_id(language)]))
        return known[0]

    def transcribe(self, pcm: "Pcm", *, language: str, prompt: str | None) -> list[RawSegment]:
        """What is said, in order of time."""
        found = []
        spoken = planner.voices(pcm)
        speech = [(start / RATE, end / RATE) for start, end in spoken]
        for start, end in _windows(spoken):
            self._model.transcribe(pcm[start:end], language=language, initial_prompt=prompt or "")
            found += [_heard(pieces, speech) for pieces in self._segments(start / RATE) if pieces]
        return found

    def _segments(self, window: float) -> Iterator[list[Word]]:
        """What was just heard in the window that began then: the pieces of text of each segment."""
        import _pywhispercpp as cpp

        context, since = self._model._ctx, window
        last = cpp.whisper_token_eot(context)
        for n in range(cpp.whisper_full_n_segments(context)):
            count = cpp.whisper_full_n_tokens(context, n)
            tokens = [cpp.whisper_full_get_token_data(context, n, token) for token in range(count)]
            told = [(cpp.whisper_token_to_bytes(context, token.id), token) for token in tokens if token.id < last]
            pieces = _pieces(told, since, window)
            yield pieces
            since = max((piece.end_s for piece in pieces if not _mark(piece.text)), default=since)


def _windows(spoken: Sequence[planner.Samples]) -> list[planner.Samples]:
    """Stretches of speech put together as long as the model hears them at once."""
    made: list[planner.Samples] = []
    for start, end in spoken:
        if made and end - made[-1][0] <= _WINDOW_S * RATE:
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made


def _pieces(tokens: Sequence[tuple[bytes, Any]], since: float, window: float) -> list[Word]:
    """Tokens put together to whole characters; each begins where the one before ends."""
    pieces: list[Word] = []
    held, prob = b"", 1.0
    for data, token in tokens:
        held, prob = held + data, min(prob, token.p)
        try:
            text = held.decode()
        except UnicodeDecodeError:
            continue
        end = max(since, window + (token.t1 if token.t_dtw < 0 else token.t_dtw) / 100)
        pieces.append(Word(since, end, text, prob))
        held, prob, since = b"", 1.0, since if _mark(text) else end
    return pieces


def _heard(pieces: Sequence[Word], speech: Sequence[Span]) -> RawSegment:
    text = "".join(piece.text for piece in pieces)
    data = text.encode()
    sure = sum(math.log(max(piece.prob, _LEAST)) for piece in pieces) / len(pieces)
    words = tuple(_within(word, speech) for word in _words(pieces))
    return RawSegment(text, words, sure, 0.0, len(data) / len(zlib.compress(data)))


def _words(pieces: Sequence[Word]) -> list[Word]:
    """Pieces put together to words: a mark, and letters that no space parts from others, go with what is before."""
    words: list[Word] = []
    for piece in pieces:
        if words and (_mark(piece.text) or _goes_on(words[-1].text, piece.text)):
            last = words[-1]
            until = last.end_s if _mark(piece.text) else piece.end_s
            words[-1] = Word(last.start_s, until, last.text + piece.text, min(last.prob, piece.prob))
        else:
            words.append(piece)
    return words


def _mark(text: str) -> bool:
    return all(unicodedata.category(letter)[0] in "PZ" for letter in text)


def _goes_on(before: str, text: str) -> bool:
    return before[-1:].isascii() and text[:1].isascii() and text[:1].isalnum()


def _within(word: Word, speech: Sequence[Span]) -> Word:
    """The word without the silence before or after it; one that is late by less than a second ends with the speech."""
    parts = [(max(start, word.start_s), min(end, word.end_s)) for start, end in speech]
    start, end = max(parts, key=lambda part: part[1] - part[0], default=(1.0, 0.0))
    if start < end:
        return replace(word, start_s=start, end_s=end)
    late = [end for _, end in speech if 0 <= word.start_s - end < _LATE_S]
    return replace(word, start_s=late[-1], end_s=late[-1]) if late else word
