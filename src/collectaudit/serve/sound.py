"""Recordings for the browser: as they are where it can play them, decoded where it cannot; piece by piece."""

import re
import struct
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Protocol

from ..case import Case
from ..contact import media_type, recording
from ..evidence.store import TMP

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE = 1 << 18
_HEADER = 44  # bytes of a WAV file before its samples
_AT_ONCE = 2  # decoded recordings that are held


class Part:
    """What to answer: status, headers, and the bytes in pieces."""

    def __init__(self, source: "Source", asked: str | None) -> None:
        wanted = _wanted(asked, source.size)
        self.status = 416 if wanted is None else 200 if asked is None else 206
        self._source, (self._start, self._end) = source, wanted or (0, 0)
        self.headers = {
            "content-type": source.media_type, "accept-ranges": "bytes", "cache-control": "no-store",
            "content-length": str(self._end - self._start),
        }  # fmt: skip
        if self.status == 206:
            self.headers["content-range"] = f"bytes {self._start}-{self._end - 1}/{source.size}"
        elif self.status == 416:
            self.headers["content-range"] = f"bytes */{source.size}"

    def __iter__(self) -> Iterator[bytes]:
        for at in range(self._start, self._end, _PIECE):
            yield self._source.read(at, min(at + _PIECE, self._end))


def _wanted(asked: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for a range that does not exist."""
    match = _RANGE.fullmatch(asked or "bytes=0-")
    if match is None or match[0] == "bytes=-":
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size
    start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
    return (start, end) if start < end else None


class Source(Protocol):
    """Bytes that can be asked for in pieces."""

    media_type: str
    size: int

    def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end`."""


class _File:
    """A recording as it is."""

    def __init__(self, path: Path, media_type: str) -> None:
        self.media_type = media_type
        self.size = path.stat().st_size
        self._path = path

    def read(self, start: int, end: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


class _Decoded:
    """A recording decoded into a nameless file of the case, told as WAV."""

    media_type = "audio/wav"

    def __init__(self, path: Path, folder: Path) -> None:
        from ..transcribe.audio import decoded
        from ..transcribe.engine import RATE

        self._open = ExitStack()
        self._sound = self._open.enter_context(decoded(path, folder))
        width = 2 * self._sound.about.channels
        self._bytes = self._sound.about.samples * width
        self._width = width
        self.size = _HEADER + self._bytes
        self._head = b"RIFF" + struct.pack("<I", min(self.size - 8, 2**32 - 1)) + b"WAVEfmt " + struct.pack(
            "<IHHIIHH", 16, 1, self._sound.about.channels, RATE, RATE * width, width, 16
        ) + b"data" + struct.pack("<I", min(self._bytes, 2**32 - 1))  # fmt: skip

    def read(self, start: int, end: int) -> bytes:
        head = self._head[start:end]
        first, last = max(start - _HEADER, 0), max(end - _HEADER, 0)
        low, high = first // self._width, -(-last // self._width)
        samples = self._sound.read(low, high).tobytes() if last else b""
        return head + samples[first - low * self._width : last - low * self._width]

    def close(self) -> None:
        """Let the decoded bytes go."""
        self._open.close()


class Sounds:
    """The recordings that were asked for last, ready to be read in pieces."""

    def __init__(self) -> None:
        self._decoded: OrderedDict[tuple[Path, str], _Decoded] = OrderedDict()
        self._mine = Lock()

    def of(self, case: Case, sha256: str) -> Source | None:
        """A recording of the case; None if there is none of that hash. Raises Unreadable, ImportError without PyAV."""
        path = recording(case, sha256)
        if path is None or not path.exists():
            return None
        direct = media_type(path)
        return _File(path, direct) if direct else self._decode(case, sha256, path)

    def _decode(self, case: Case, sha256: str, path: Path) -> _Decoded:
        key = (case.path, sha256)
        with self._mine:
            if key not in self._decoded:
                self._decoded[key] = _Decoded(path, case.path / TMP)
            self._decoded.move_to_end(key)
            while len(self._decoded) > _AT_ONCE:
                self._decoded.popitem(last=False)[1].close()
            return self._decoded[key]
