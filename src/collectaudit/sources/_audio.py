"""Containers of sound: told by their first bytes, and how long they last where counting says it without decoding.

Sizes and rates in a header are claims: they are compared with the bytes that are there.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_AMR, _AMR_WB = b"#!AMR\n", b"#!AMR-WB\n"
# Bytes of a speech frame by its type, without the byte that tells the type (3GPP TS 26.101, 26.201; RFC 4867).
_FRAME_BYTES = {
    _AMR: (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0),
    _AMR_WB: (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0),
}
_NO_DATA = 15
_FRAMES_A_SECOND = 50
_STILL_PICTURES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jpx ", b"jp2 "}
_MPEG_KBIT = {  # by whether MPEG 1, and layer
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version bits
_PCM, _FLOAT, _A_LAW, _MU_LAW, _GSM, _EXTENSIBLE = 1, 3, 6, 7, 49, 0xFFFE
_GSM_BLOCK, _GSM_SAMPLES = 65, 320
_LEAST_BYTES = 64
_MOST_FRAMES = 48 * 3600 * _FRAMES_A_SECOND  # no call lasts two days
_MOST_CHUNKS = 10_000
_UNKNOWN_LENGTHS = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_RATES = range(4_000, 384_001)
_CHANNELS = range(1, 33)


@dataclass(slots=True)
class Sound:
    """What a container says: seconds (None: not told without decoding), whether it is without sound, and remarks."""

    seconds: float | None = None
    empty: bool = False
    fault: str | None = None
    notes: list[str] = field(default_factory=list)


def container(head: bytes) -> str | None:
    """The kind of sound file that begins with `head`; None for anything else, whatever it is called."""
    for kind, magic in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL_PICTURES:
        return "mp4"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:3] == b"ID3" and len(head) >= 10 and head[3] < 16 and max(head[6:10]) < 128:
        return "mp3"
    if head[:4] == b"fLaC" and head[4:5] in (b"\x00", b"\x80"):
        return "flac"
    if head.removeprefix(b"\x02").startswith(b"#!SILK_V3"):
        return "silk"
    if _adts(head):
        return "aac"
    return "mp3" if _mpeg(head) else None


_MAGIC = {
    "amr": _AMR, "amr-wb": _AMR_WB, "amr-multi": b"#!AMR_MC1.0\n", "amr-wb-multi": b"#!AMR-WB_MC1.0\n",
    "ogg": b"OggS\x00", "au": b".snd\x00\x00", "caf": b"caff\x00\x01\x00\x00", "matroska": b"\x1aE\xdf\xa3",
    "asf": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel",
}  # fmt: skip


def _mpeg(head: bytes) -> bool:
    """Whether two MPEG audio frames of one kind follow each other; two bytes alone could be anything."""
    length = _mpeg_frame(head)
    second = head[length : length + 4] if length else b""
    return len(second) == 4 and _mpeg_frame(second) > 0 and (second[1], second[2] & 12) == (head[1], head[2] & 12)


def _mpeg_frame(head: bytes) -> int:
    """Bytes of the MPEG audio frame (layer II or III) that begins here; 0 if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer, rate, hertz = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3), head[2] >> 4, head[2] >> 2 & 3
    if version not in _MPEG_HZ or layer not in (2, 3) or rate in (0, 15) or hertz == 3:
        return 0
    bits = _MPEG_KBIT[version == 3, layer][rate - 1] * 1000
    size = 72 if layer == 3 and version != 3 else 144
    return size * bits // _MPEG_HZ[version][hertz] + (head[2] >> 1 & 1)


def _adts(head: bytes) -> bool:
    """Whether two AAC frames with ADTS headers follow each other."""
    length = _adts_frame(head)
    return length > 0 and _adts_frame(head[length : length + 7]) > 0


def _adts_frame(head: bytes) -> int:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def listen_to(path: Path, kind: str) -> Sound:
    """How long the sound of a file lasts, as far as its container tells."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if len(data) < _LEAST_BYTES and not kind.startswith("amr"):
            return Sound(empty=True)
        match kind:
            case "wav":
                return _wav(data)
            case "amr" | "amr-wb":
                return _amr(data, _AMR_WB if kind == "amr-wb" else _AMR)
            case "mp4":
                return _mp4(data)
            case "flac":
                return _flac(data)
        return Sound()


def _amr(data: mmap.mmap, magic: bytes) -> Sound:
    """Frames of 20 ms each, counted."""
    sizes, at, frames, spoken = _FRAME_BYTES[magic], len(magic), 0, 0
    while at < len(data) and frames < _MOST_FRAMES:
        kind = data[at] >> 3 & 15
        at += 1 + sizes[kind]
        if at > len(data):
            break
        frames += 1
        spoken += kind != _NO_DATA
    sound = Sound(frames / _FRAMES_A_SECOND if frames < _MOST_FRAMES else None, empty=not spoken)
    if at > len(data):
        sound.fault = "the file ends inside a frame"
    return sound


def _mp4(data: mmap.mmap) -> Sound:
    """The length that the index gives; without an index nothing in the file can be heard."""
    index = next((box for box in _boxes(data, 0, len(data)) if box[0] == b"moov"), None)
    if index is None or index[2] > len(data):
        sound = Sound(empty=True)
        sound.fault = "its index is missing: the file was cut, or never finished"
        return sound
    header = next((start for name, start, _ in _boxes(data, index[1], index[2]) if name == b"mvhd"), None)
    if header is None or header + 32 > len(data):
        return Sound()
    scale, length = struct.unpack_from(*((">IQ", data, header + 20) if data[header] else (">II", data, header + 12)))
    known = scale and length and length not in _UNKNOWN_LENGTHS and length / scale < _MOST_FRAMES / _FRAMES_A_SECOND
    return Sound(length / scale if known else None)


def _boxes(data: mmap.mmap, at: int, until: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, where it says that it ends) of each box."""
    for _ in range(_MOST_CHUNKS):
        if at + 16 > until:
            return
        size, name, long = struct.unpack_from(">I4sQ", data, at)
        start, end = (at + 16, at + long) if size == 1 else (at + 8, until if size == 0 else at + size)
        if end < start:
            return
        yield name, start, end
        at = end


def _flac(data: mmap.mmap) -> Sound:
    about = int.from_bytes(data[18:26], "big")  # of STREAMINFO: rate 20 bits, channels 3, bits 5, samples 36
    rate, samples = about >> 44, about & (1 << 36) - 1
    return Sound(samples / rate if rate in _RATES and samples else None)


def _wav(data: mmap.mmap) -> Sound:
    form, sound = b"", Sound(empty=True)
    if data[:4] != b"RIFF":
        return Sound()  # sizes of 64 bits, or the other byte order: left to the decoder
    for name, start, size in _chunks(data):
        if name == b"fmt ":
            form = data[start : start + min(size, 40)]
        elif name == b"data":
            there = len(data) - start
            sound.empty = there <= 0
            if size > there:
                sound.fault = f"its header declares {size} bytes of sound, {there} are there"
            elif size == 0 and there:
                sound.notes.append(f"its header declares no sound, {there} bytes are there")
            return _lasting(sound, form, there if size > there or not size else size)
    return sound


def _chunks(data: mmap.mmap) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, declared size) of each chunk; the size is what the file says."""
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, size
        at += 8 + size + (size & 1)


def _lasting(sound: Sound, form: bytes, size: int) -> Sound:
    """Adds the seconds that `size` bytes last, if what the header says of them can be so."""
    if len(form) < 16:
        sound.notes.append("its header does not say how the sound is written")
        return sound
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", form)
    if tag == _EXTENSIBLE and len(form) >= 26:
        tag = struct.unpack_from("<H", form, 24)[0]
    if rate not in _RATES or channels not in _CHANNELS:
        sound.notes.append(f"its header declares what cannot be: {rate} Hz, {channels} channels")
    elif tag == _GSM:
        sound.seconds = size // _GSM_BLOCK * _GSM_SAMPLES / rate
    elif tag in (_PCM, _FLOAT, _A_LAW, _MU_LAW) and block == channels * bits // 8 > 0:
        sound.seconds = size / (rate * block)
    return sound
