"""Two channels or one: a second channel that only repeats the first, and the other side's voice leaking into a line."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME = 320  # samples: 20 ms at 16 kHz
_FRAMES = 50  # a second
_LEAST_FRAMES = 25  # half a second, to say how loud it is when nobody speaks
SAME = 0.98  # correlation from which on two channels hold one and the same sound
LOUDER_DB = 15.0  # a channel is muted where the other is louder by more than this …
_NEAR, _MOST = 5, 3  # … in most of the frames around (100 ms)
_FULL = 32_767
_FLOOR = 1e-9  # power of silence, so that its logarithm exists


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud each channel is: power per frame (channel × frame), correlation, share of clipped samples."""

    power: "NDArray[np.float32]"
    correlation: float
    clipped: float


def levels(pieces: Iterable["NDArray[np.int16]"], channels: int) -> Levels:
    """Measure a recording piece by piece (samples × channels); each but the last holds whole frames."""
    import numpy as np

    powers, products, clipped, samples = [], np.zeros((channels, channels)), 0, 0
    for piece in pieces:
        sound = piece.astype(np.float32) / _FULL
        clipped += int((abs(piece.astype(np.int32)) >= _FULL).sum())
        samples += piece.size
        products += sound.T @ sound
        whole = np.pad(sound, ((0, -len(sound) % FRAME), (0, 0)))
        powers.append((whole.reshape(-1, FRAME, channels) ** 2).mean(axis=1).T)
    power = np.concatenate(powers, axis=1) if powers else np.zeros((channels, 0), np.float32)
    return Levels(power.astype(np.float32), _correlation(products), clipped / max(samples, 1))


def _correlation(products: Any) -> float:
    if len(products) < 2:
        return 1.0
    loudness = float(products[0, 0] * products[1, 1]) ** 0.5
    return abs(float(products[0, 1])) / loudness if loudness > _FLOOR else 0.0


def sides(found: Levels) -> list[int] | None:
    """The channels that hold a side of the talk each; None: the sound is one, and the loudest channel has all of it."""
    return [0, 1] if len(found.power) == 2 and found.correlation < SAME else None


def loudest(found: Levels) -> int:
    """The channel with most power."""
    return int(found.power.sum(axis=1).argmax())


def leaked(found: Levels, channel: int) -> "NDArray[np.bool_]":
    """For each frame whether what a channel holds there is the other side's voice."""
    import numpy as np

    mine, other = (10 * np.log10(found.power[c] + _FLOOR) for c in (channel, 1 - channel))
    louder = (other - mine > LOUDER_DB).astype(np.int8)
    return np.asarray(np.convolve(louder, np.ones(_NEAR, np.int8), mode="same") >= _MOST)[: len(louder)]


def without(piece: "NDArray[np.int16]", mute: "NDArray[np.bool_]") -> "NDArray[np.int16]":
    """The piece with the frames silent that leaked; `mute` begins at its first sample."""
    import numpy as np

    return np.where(np.repeat(mute, FRAME)[: len(piece)], np.int16(0), piece)


def quality(found: Levels, speech: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    """How good the sound is: by how many dB speech is above what is behind it (None: nothing is), and clipping.

    `speech`: seconds from and to which somebody speaks. Of the rest, what is quiet counts: hold music is no noise.
    """
    import numpy as np

    power = found.power.max(axis=0, initial=0.0)
    spoken = np.zeros(len(power), bool)
    for start, end in speech:
        spoken[int(start * _FRAMES) : math.ceil(end * _FRAMES)] = True
    behind, voice = power[~spoken & (power > _FLOOR)], power[spoken & (power > _FLOOR)]
    clipped = round(found.clipped, 5)
    if len(behind) < _LEAST_FRAMES or not len(voice):
        return {"snr_db": None, "clipped": clipped}
    return {"snr_db": round(float(10 * np.log10(np.median(voice) / np.percentile(behind, 20))), 1), "clipped": clipped}
