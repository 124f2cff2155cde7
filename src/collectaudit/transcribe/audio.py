"""Sound out of a hostile file: decoded in a child with limits, its container told by content and forced.

The decoder gets an open file and the one demuxer that its first bytes call for, so that no playlist can be read and no
other file or address opened, whatever is written in it. What is decoded goes to a file without a name.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..evidence.folder import disk_errors
from ..isolate import ChildDied, run_limited
from ..records import Unreadable
from ..sources._audio import kind_of, listen_to
from ..sources._sound import RATES
from ..sources._sound import Sound as Told
from . import silk
from .engine import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_S = 12 * 3600
_DEMUXERS = {
    "amr": "amr", "amr-wb": "amr", "mp4": "mov", "mp3": "mp3", "aac": "aac", "wav": "wav", "ogg": "ogg", "flac": "flac",
    "au": "au", "caf": "caf", "aiff": "aiff", "matroska": "matroska", "asf": "asf",
}  # fmt: skip
_SILK = "silk"
_COMPLETE = 0.98  # of the declared length; less has lost something
_SAMPLE = 2  # bytes
_HOLD = 1 << 20  # bytes gathered before they are written
_GAP_S, _LONGEST_GAP_S = 0.1, 600  # a jump in the file's own clock that is filled with silence
_MEMORY_MB = 2048
_AMR_FRAMES = 50  # a second
_CPU_S, _CPU_S_PER_MB, _MOST_CPU_S = 120, 60, 3600


@dataclass(slots=True)
class Decoded:
    """What was decoded: `samples` of 16 kHz in each channel; `declared_s`: what the container says."""

    codec: str
    sample_rate: int
    channels: int
    declared_s: float | None
    samples: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long the decoded sound lasts."""
        return self.samples / RATE


class Sound:
    """Decoded sound, read in pieces: 16-bit samples × channels."""

    def __init__(self, fd: int, about: Decoded) -> None:
        self._fd = fd
        self.about = about

    def read(self, start: int, end: int) -> "NDArray[np.int16]":
        """Samples `start` to `end` of all channels."""
        import numpy as np

        width = _SAMPLE * self.about.channels
        data = os.pread(self._fd, (end - start) * width, start * width)
        return np.frombuffer(data, np.int16).reshape(-1, self.about.channels)

    def pieces(self, samples: int) -> Iterator["NDArray[np.int16]"]:
        """All of it, in pieces of so many samples."""
        for start in range(0, self.about.samples, samples):
            yield self.read(start, min(start + samples, self.about.samples))


@contextmanager
def decoded(path: Path, folder: Path) -> Iterator[Sound]:
    """The sound of a recording; kept in a nameless file of `folder` until the block ends. Raises Unreadable."""
    kind = _kind(path)
    with tempfile.TemporaryFile(dir=folder) as out:
        # The helper process cannot inherit a descriptor that was opened after it; it reaches it through its owner.
        reach = f"/proc/{os.getpid()}/fd/{out.fileno()}"
        cpu_s = min(_CPU_S + _CPU_S_PER_MB * (path.stat().st_size >> 20), _MOST_CPU_S)
        try:
            about = run_limited(_decode, str(path), reach, kind, memory_mb=_MEMORY_MB, cpu_s=cpu_s, wall_s=4 * cpu_s)
        except ChildDied as died:
            raise Unreadable(f"the sound could not be decoded: {died}") from died
        yield Sound(out.fileno(), about)


def is_recording(path: Path) -> bool:
    """Whether a file holds sound, by its first bytes."""
    return kind_of(path) is not None


def _kind(path: Path) -> str:
    kind = kind_of(path)
    if kind is None:
        raise Unreadable("it is not a sound file, whatever its name says")
    if kind not in _DEMUXERS and kind != _SILK:
        raise Unreadable(f"sound of the kind {kind} cannot be decoded here")
    return kind


def _decode(path: str, out: str, kind: str) -> Decoded:
    """In the child: decode everything to 16-bit samples, 16 kHz. What READ rejects is not decoded either."""
    told = listen_to(Path(path), kind)
    if told.empty:
        raise Unreadable(told.fault or "it holds no sound")
    if told.notes and told.seconds is None:
        raise Unreadable(told.notes[0])
    about = _decode_silk(path, out, told) if kind == _SILK else _decode_by_ffmpeg(path, out, kind, told)
    _judge(about)
    return about


def _decode_silk(path: str, out: str, told: Told) -> Decoded:
    about = Decoded(_SILK, RATE, 1, told.seconds, warnings=[told.fault] if told.fault else [])
    with Path(out).open("r+b", buffering=0) as target:
        samples = _Samples(target, 1)
        silk.decode(Path(path), samples, about.warnings)
        samples.flush()
    about.samples = samples.samples
    return about


def _decode_by_ffmpeg(path: str, out: str, kind: str, told: Told) -> Decoded:
    import av

    av.logging.set_level(None)
    only = {"format_whitelist": _DEMUXERS[kind], "protocol_whitelist": "none"}
    try:
        with (
            Path(path).open("rb") as file,
            av.open(file, format=_DEMUXERS[kind], options=only, metadata_errors="replace") as box,
        ):
            about = _about(box, told)
            with Path(out).open("r+b", buffering=0) as target:
                _write(box, about, _Samples(target, about.channels))
    except av.error.FFmpegError as error:
        raise Unreadable(f"the sound could not be decoded: {error.strerror}") from error
    except (OverflowError, ValueError, OSError) as error:  # it asks for a place that cannot be in the file
        raise Unreadable("the sound could not be decoded: its header declares what cannot be") from error
    return about


def _about(box: Any, told: Told) -> Decoded:
    """What is declared of the sound: by our own reading of the container, or else by the decoder's."""
    if not box.streams.audio:
        raise Unreadable("it holds no sound")
    stream, codec = box.streams.audio[0], box.streams.audio[0].codec_context
    if codec is None:
        raise Unreadable("its sound is written in a way that is not known here")
    if codec.sample_rate not in RATES:
        raise Unreadable("the sound could not be decoded: its header declares what cannot be")
    seconds = told.seconds
    if seconds is None and stream.duration and stream.time_base and stream.duration > 0:
        seconds = float(stream.duration * stream.time_base)
    channels = codec.channels if codec.channels in (1, 2) else 1
    warnings = [told.fault] if told.fault else []
    return Decoded(codec.name, codec.sample_rate, channels, seconds, warnings=warnings)


class _Samples:
    """Where decoded samples go; silence takes no room on the disk."""

    def __init__(self, file: Any, channels: int) -> None:
        self._file = file
        self._width = channels * _SAMPLE
        self._held = bytearray()
        self._written = 0

    @property
    def samples(self) -> int:
        return (self._written + len(self._held)) // self._width

    def put(self, data: bytes) -> None:
        self._held += data
        if len(self._held) >= _HOLD:
            self.flush()

    def silence(self, samples: int) -> None:
        if self._held:
            self.flush()
        self._written += samples * self._width

    def flush(self) -> None:
        with disk_errors():
            if self._held.count(0) < len(self._held):
                self._file.seek(self._written)
                self._file.write(self._held)
            self._written += len(self._held)
            self._held.clear()
            self._file.truncate(self._written)


def _write(box: Any, about: Decoded, out: _Samples) -> None:
    """Decode what can be decoded; what cannot is counted, and its place kept by the file's own clock."""
    import av

    resampler = av.AudioResampler("s16", "stereo" if about.channels == 2 else "mono", RATE)
    damaged, first = 0, None
    for packet in _packets(box, about):
        if packet.size == 1 and about.codec.startswith("amr"):  # a frame that says: nothing was sent
            out.silence(RATE // _AMR_FRAMES)
            continue
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            damaged += 1
            continue
        for frame in frames:
            if frame.time is not None:
                first = frame.time - out.samples / RATE if first is None else first
                _fill(out, frame.time - first)
            for sound in resampler.resample(frame):
                out.put(bytes(sound.planes[0])[: sound.samples * _SAMPLE * about.channels])
        if out.samples >= LONGEST_S * RATE:
            about.warnings.append(f"only the first {LONGEST_S // 3600} hours were decoded")
            break
    for sound in resampler.resample(None):
        out.put(bytes(sound.planes[0])[: sound.samples * _SAMPLE * about.channels])
    out.flush()
    about.samples = out.samples
    if damaged:
        about.warnings.append(f"{damaged} damaged packets were left out")


def _packets(box: Any, about: Decoded) -> Iterator[Any]:
    import av

    try:
        yield from box.demux(box.streams.audio[0])
    except av.error.FFmpegError as error:
        about.warnings.append(f"the file cannot be read to its end: {error.strerror}")


def _fill(out: _Samples, seconds: float) -> None:
    """Keep the place of sound that is missing before this second."""
    missing = seconds - out.samples / RATE
    if _GAP_S < missing < _LONGEST_GAP_S:
        out.silence(round(missing * RATE))


def _judge(about: Decoded) -> None:
    if not about.samples:
        raise Unreadable("it holds no sound")
    if about.declared_s and about.seconds < _COMPLETE * about.declared_s:
        about.warnings.append(f"{about.seconds:.1f} of {about.declared_s:.1f} declared seconds could be decoded")
