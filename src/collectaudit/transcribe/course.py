"""How far it is with the sound of many recordings, and how long the rest will take."""

import time
from collections.abc import Mapping


class Course:
    """Seconds of sound done and still to do; where nobody knows how long a recording is, its size tells.

    `lengths`: seconds of recordings, as far as known; `sizes`: bytes of those that are to be listened to.
    """

    def __init__(self, lengths: Mapping[str, float], sizes: Mapping[str, int]) -> None:
        self._sizes = dict(sizes)
        self._lengths = {name: lengths[name] for name in sizes if name in lengths}
        self._shares: dict[str, float] = {}
        self._known_s = sum(self._lengths.values())
        self._known_bytes = sum(sizes[name] for name in self._lengths)
        self._unknown_bytes = sum(sizes.values()) - self._known_bytes
        self._began = time.monotonic()
        self.done_s = 0.0

    def heard(self, name: str, share: float, seconds: float) -> None:
        """Such a share of a recording is done, which lasts so long; a share may shrink when it is begun anew."""
        self.done_s += share * seconds - self._shares.get(name, 0) * self._lengths.get(name, 0)
        self._shares[name] = share
        self._forget(name)
        self._lengths[name] = seconds
        self._known_s += seconds
        self._known_bytes += self._sizes[name]

    def leave_out(self, name: str) -> None:
        """Nobody will listen to this recording."""
        self.done_s -= self._shares.pop(name, 0) * self._lengths.get(name, 0)
        self._forget(name)
        del self._sizes[name]

    def _forget(self, name: str) -> None:
        """Take a recording out of what is known, or out of what is not."""
        if name in self._lengths:
            self._known_s -= self._lengths.pop(name)
            self._known_bytes -= self._sizes[name]
        else:
            self._unknown_bytes -= self._sizes[name]

    @property
    def shares(self) -> Mapping[str, float]:
        """Of each recording that has been begun, the share that is done."""
        return dict(self._shares)

    @property
    def total_s(self) -> float:
        """Seconds of sound in all; a guess until the length of every recording is known."""
        a_byte = self._known_s / self._known_bytes if self._known_bytes else 0.0
        return self._known_s + self._unknown_bytes * a_byte

    @property
    def speed(self) -> float:
        """Seconds of sound done in a second."""
        return self.done_s / max(time.monotonic() - self._began, 0.001)

    @property
    def left_s(self) -> float:
        """How long the rest will take, if it is like what is done."""
        return (self.total_s - self.done_s) / self.speed if self.done_s else 0.0
