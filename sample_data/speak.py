"""Makes the sample recordings anew from speech.toml, and lists them, with hashes and times, in speech.json.

    python sample_data/speak.py FOLDER      # FOLDER: where the voices were unpacked; kokoro.py says what to install

The recordings are kept in the repository, so nobody needs this who does not change what is said. The same script and
the same versions give the same bytes on the same kind of processor.
"""

import hashlib
import json
import sys
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from kokoro import RATE, Kokoro, Sound
from numpy.typing import NDArray

HERE = Path(__file__).parent
LINE_RATE = 8000  # of telephones
LEAK_DB = -30.0  # how much of the other side is heard in each channel
_HISS, _NOISE = 2e-4, 0.02
_LOUDEST = 0.4
_LOW, _HIGH = 300, 3400  # Hz between which a telephone lets sound through
_TAIL_S = 0.8
_AMR_FRAME, _AMR_RATE = 160, 12_200
_CHORDS = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
Call = NDArray[np.float32]  # samples × two sides
Row = dict[str, Any]


def played(turns: list[Row], voices: Kokoro) -> tuple[Call, list[Row]]:
    """Both sides of a call at RATE, and who said what from which second to which."""
    at, pieces, said = 0.0, [], []
    for turn in turns:
        sound = _sound(turn, voices)
        start, end = at + turn["pause"], at + turn["pause"] + len(sound) / RATE
        pieces.append((turn["channel"], round(start * RATE), sound))
        if "text" in turn:
            times = {"start_s": round(start, 2), "end_s": round(end, 2)}
            said.append({"channel": turn["channel"], **times, "text": turn["text"]})
        at = end
    call = np.zeros((round((at + _TAIL_S) * RATE), 2), np.float32)
    for channel, begin, sound in pieces:
        call[begin : begin + len(sound), channel] += sound
    return call, said


def _sound(turn: Row, voices: Kokoro) -> Sound:
    if "music" in turn:
        return music(turn["music"])
    if "noise" in turn:
        return np.random.default_rng(0).normal(0, _NOISE, round(turn["noise"] * RATE)).astype(np.float32)
    spoken = voices.say(turn["text"], turn["voice"])
    return spoken / np.abs(spoken).max() * np.float32(_LOUDEST)


def music(seconds: float) -> Sound:
    """Hold music: broken chords, two a second, with overtones, and nobody singing."""
    clock = np.arange(round(seconds * RATE)) / RATE
    part = (clock * 2).astype(int) % len(_CHORDS)
    sound = np.zeros(len(clock))
    for n, chord in enumerate(_CHORDS):
        for pitch in chord:
            for overtone in (1, 2, 3):
                sound += (part == n) * np.sin(2 * np.pi * pitch * overtone * clock) / overtone / 12
    return (sound * np.exp(-3 * (clock * 2 % 1))).astype(np.float32)


def on_the_line(call: Call, channels: int, chance: np.random.Generator) -> Call:
    """What a recorder on a telephone line keeps: the band of the line, its hiss, and some of the other side."""
    heard = call + 10 ** (LEAK_DB / 20) * call[:, ::-1] if channels == 2 else call.sum(axis=1, keepdims=True)
    heard = heard + chance.normal(0, _HISS, heard.shape)
    pitches = np.fft.rfftfreq(len(heard), 1 / RATE)
    passed = 1 / np.sqrt((1 + (_LOW / np.maximum(pitches, 1)) ** 4) * (1 + (pitches / _HIGH) ** 16))
    return np.fft.irfft(np.fft.rfft(heard, axis=0) * passed[:, None], len(heard), axis=0).astype(np.float32)


def written(path: Path, call: Call, codec: str) -> None:
    """The file, in the container of its ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layout = "stereo" if call.shape[1] == 2 else "mono"
    with av.open(path, "w", format=path.suffix[1:], options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=LINE_RATE, layout=layout)
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = av.AudioFrame.from_ndarray(_whole(call), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        amr = path.suffix == ".amr"
        if amr:
            stream.bit_rate = _AMR_RATE
        size = {"frame_size": _AMR_FRAME} if amr else {}
        resampler = av.AudioResampler("s16", layout, LINE_RATE, **size)
        for piece in (*resampler.resample(frame), *resampler.resample(None), None):
            file.mux(stream.encode(piece))


def _whole(call: Call) -> NDArray[np.int16]:
    return (call.clip(-1, 1) * 32767).astype(np.int16).reshape(1, -1)


def main() -> None:
    """Make every recording of the script, and the list."""
    voices = Kokoro(Path(sys.argv[1]))
    script = tomllib.loads((HERE / "speech.toml").read_text(encoding="utf-8"))
    made = []
    for n, row in enumerate(script["recording"]):
        path = HERE / row["file"]
        call, said = played(row["turns"], voices)
        written(path, on_the_line(call, row["channels"], np.random.default_rng(n)), row["codec"])
        about = {key: row[key] for key in ("file", "call", "codec", "channels", "language")}
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        made.append({**about, "sha256": digest, "seconds": round(len(call) / RATE, 2), "turns": said})
    (HERE / "speech.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
