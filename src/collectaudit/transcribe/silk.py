"""SILK, the sound of WeChat's and QQ's voice messages, which FFmpeg does not know: decoded by the SDK's own code."""

import io
from pathlib import Path
from typing import Protocol

from ..records import Unreadable
from ..sources._frames import silk_frames
from .engine import RATE

_HEADER = b"#!SILK_V3"
_NEEDED = "hearing voice messages of WeChat needs an optional part: pip install 'collectaudit[formats]'"


class Sink(Protocol):
    """Where samples go."""

    def put(self, data: bytes) -> None:
        """So many more."""


class _Writing(io.RawIOBase):
    """A sink as the file that the decoder writes to."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: object) -> int:
        found = bytes(data)  # type: ignore[call-overload]
        self._sink.put(found)
        return len(found)


def decode(path: Path, sink: Sink, warnings: list[str]) -> None:
    """All frames as 16-bit samples of 16 kHz; the decoder is given none that its file does not hold whole."""
    try:
        import pysilk
    except ImportError:
        raise Unreadable(_NEEDED) from None
    data = path.read_bytes()
    frames = b"".join(data[start - 2 : end] for start, end in silk_frames(data))
    try:
        pysilk.decode(io.BytesIO(_HEADER + frames), _Writing(sink), RATE)
    except pysilk.SilkError as error:
        warnings.append(f"the file cannot be read to its end: {error}")
