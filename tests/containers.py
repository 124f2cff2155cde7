"""Sound files of every kind, by the encoders that come with PyAV or by hand; and what watches over hostile ones."""

import ctypes
import io
import os
import socket
import struct
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from sounds import av, np, tone

from collectaudit.transcribe.engine import RATE

_IN_OPEN = 0x20
LOUD = ((0.5, 1.3), (2.3, 3.1))
SECONDS = 4


def encode(path: Path, form: str, codec: str, rate: int, *channels: Any, **options: str) -> Path:
    """16-bit samples of 16 kHz, one array a channel, in a container."""
    layout = "mono" if len(channels) == 1 else "stereo"
    with av.open(str(path), "w", format=form, options=options) as box:
        stream: Any = box.add_stream(codec, rate=rate, options={"strict": "experimental"})
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.stack(channels, axis=1).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        size = 160 if "amr" in codec else stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            box.mux(stream.encode(piece))
        box.mux(stream.encode(None))
    return path


@cache
def encoded(form: str, codec: str, rate: int, channels: int = 1, **options: str) -> bytes:
    """Four seconds, loud in two of them, in a container; a second channel is loud elsewhere."""
    sides = (tone(SECONDS, *LOUD), tone(SECONDS, (3.2, 3.8), pitch=500))[:channels]
    with tempfile.TemporaryDirectory() as folder:
        return encode(Path(folder) / "a", form, codec, rate, *sides, **options).read_bytes()


def amr_wb() -> bytes:
    """Frames of 6.6 kbit/s with no bit set, each behind the byte that tells its kind (RFC 4867, 5.3)."""
    return b"#!AMR-WB\n" + (b"\x04" + bytes(17)) * (SECONDS * 50)


def silk(*, tencent: bool = True) -> bytes:
    """Four seconds of sound as WeChat writes a voice message, or, without its mark, as others do."""
    import pysilk

    out = io.BytesIO()
    pysilk.encode(io.BytesIO(tone(SECONDS, *LOUD).tobytes()), out, 16000, 20_000, tencent=tencent)
    return out.getvalue()


def gsm_wav() -> bytes:
    """GSM 6.10 as Microsoft packs it: 320 samples in 65 bytes."""
    size = 65 * (SECONDS * 8000 // 320)
    form = struct.pack("<HHIIHHHH", 49, 1, 8000, 1625, 65, 0, 2, 320)
    body = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + bytes(size)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def id3(size: int) -> bytes:
    """An ID3 tag that holds a picture of so many bytes, with what looks like frames of sound in it."""
    picture = b"\0image/jpeg\0\3\0\xff\xd8\xff\xe0" + b"\xff\xfb\x90\x00" * (size // 4)
    body = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    return b"ID3\3\0\0" + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


def grown(data: bytes, path: tuple[bytes, ...], new: bytes) -> bytes:
    """An MPEG-4 file in which the content of the box at `path` is `new`; the boxes around it grow with it."""
    at = 0
    while True:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == path[0]:
            inner = data[at + 8 : at + size]
            inner = grown(inner, path[1:], new) if path[1:] else new
            return data[:at] + struct.pack(">I", len(inner) + 8) + name + inner + data[at + size :]
        at += size


def elsewhere(kind: bytes, target: str) -> bytes:
    """An MPEG-4 file whose sound lies in the file `target`, as a URL or as an alias of a Macintosh."""
    place = target.encode()
    if kind == b"url ":
        place += b"\0"
    else:
        place = bytes(6) + b"\0\x96\0\2" + bytes(140) + struct.pack(">HH", 2, len(place)) + place + b"\xff\xff\0\0"
    entry = struct.pack(">II", 0, 1) + struct.pack(">I4sI", 12 + len(place), kind, 0) + place
    path = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    return grown(encoded("ipod", "aac", 16000), path, entry)


def reference_movie(target: str) -> bytes:
    """A QuickTime file that only says which other file to play."""
    inner = b"\0\0\0\0url " + struct.pack(">I", len(target) + 1) + target.encode() + b"\0"
    for name in (b"rdrf", b"rmda", b"rmra", b"moov"):
        inner = struct.pack(">I4s", len(inner) + 8, name) + inner
    return b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + inner


def linked_segment(target: str) -> bytes:
    """A Matroska file that says which file comes next."""
    whole, name = encoded("matroska", "libopus", 48000), b"\x15\x49\xa9\x66"
    at = whole.index(name, whole.index(name) + 1) + 4  # the first is in the table of contents
    width = 9 - whole[at].bit_length()
    size = int.from_bytes(whole[at : at + width], "big") & (1 << 7 * width) - 1
    more = b"\x3e\xb9\x23\x90" + bytes(16) + b"\x3e\x83\xbb" + bytes([0x80 | len(target)]) + target.encode()
    grown_ = whole[:at] + (1 << 56 | size + len(more)).to_bytes(8, "big") + more + whole[at + width :]
    segment = grown_.index(b"\x18\x53\x80\x67") + 4
    return grown_[:segment] + b"\x01" + b"\xff" * 7 + grown_[segment + 8 :]


class Guard:
    """Sees which files of some folders are opened, by any process, and whether somebody calls at a port."""

    def __init__(self, *folders: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_NONBLOCK)
        for folder in folders:
            assert libc.inotify_add_watch(self._fd, os.fsencode(folder), _IN_OPEN) > 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self.port = self._server.getsockname()[1]

    def seen(self) -> set[str]:
        """Names of the files that were opened since; "network" if somebody called."""
        names = set()
        try:
            events = os.read(self._fd, 1 << 20)
        except BlockingIOError:
            events = b""
        while events:
            length = struct.unpack_from("iIII", events)[3]
            names.add(events[16 : 16 + length].rstrip(b"\0").decode())
            events = events[16 + length :]
        try:
            self._server.accept()[0].close()
            names.add("network")
        except BlockingIOError:
            pass
        return names - {""}

    def close(self) -> None:
        """Stop watching."""
        os.close(self._fd)
        self._server.close()
