"""What the container of a recording tells, and how much of what containers claim is believed."""

from dataclasses import dataclass, field

MOST_SECONDS = 48 * 3600  # no call lasts two days
MOST_PARTS = 10_000
RATES = range(4_000, 384_001)
CHANNELS = range(1, 33)


@dataclass(slots=True)
class Sound:
    """Seconds (None: not told without decoding), whether it is without sound, what is wrong, and remarks.

    `finished`: when the container was finished, in seconds of Unix time, if it says so.
    """

    seconds: float | None = None
    empty: bool = False
    fault: str | None = None
    notes: list[str] = field(default_factory=list)
    finished: int | None = None


def believed(samples: float, rate: float) -> float | None:
    """How long so many samples last, if that can be the length of a call."""
    return samples / rate if rate > 0 and 0 < samples / rate < MOST_SECONDS else None
