"""Tiny recordings and transcripts for tests: headers and silence, no sound anybody could hear."""

import struct

AMR, AMR_WB = b"#!AMR\n", b"#!AMR-WB\n"
_SPEECH, _NO_DATA = b"\x3c" + bytes(31), b"\x7c"
Turn = tuple[float, float, str]


def wav(
    seconds: float = 2.0, *, rate: int = 8000, tag: int = 7, channels: int = 1, bits: int = 8,
    declared: int | None = None, salt: int = 0,
) -> bytes:  # fmt: skip
    """A WAV file; `declared`: the size its header claims, where that is another one."""
    block = channels * bits // 8
    content = bytes([0x55 + salt]) * round(seconds * rate * block)
    size = len(content) if declared is None else declared
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    head = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", (4 + len(head) + size) & 0xFFFFFFFF) + b"WAVE" + head + content


def amr(seconds: float = 2.0, *, silent: bool = False) -> bytes:
    """An AMR file of 12.2 kbit/s, or one in which every frame says that nothing was sent."""
    return AMR + (_NO_DATA if silent else _SPEECH) * round(seconds * 50)


def mp3(frames: int = 4) -> bytes:
    """MPEG 1 layer III frames of 128 kbit/s and 44.1 kHz: 1152 samples each."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def box(name: bytes, content: bytes) -> bytes:
    """A box of an MPEG-4 file."""
    return struct.pack(">I", len(content) + 8) + name + content


def m4a(seconds: int = 2, *, index: bool = True, made: int = 0, handler: bytes = b"soun") -> bytes:
    """An MPEG-4 file whose index gives its length, or cut before that; `made`: its own time, in seconds since 1904."""
    header = box(b"mvhd", struct.pack(">IIIII", 0, made, made, 1000, seconds * 1000) + bytes(80))
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12))))
    moov = box(b"moov", header + track)
    return box(b"ftyp", b"M4A " + bytes(8)) + box(b"mdat", bytes(100)) + (moov if index else b"")


def flac(seconds: int = 2, rate: int = 8000, *, there: int | None = None) -> bytes:
    """A FLAC file: its first block of metadata, and its last frame of 4096 samples; `there`: which frame that is."""
    samples = seconds * rate
    about = (rate << 44 | 15 << 36 | samples).to_bytes(8, "big")
    streaminfo = struct.pack(">HH", 4096, 4096) + bytes(6) + about + bytes(16)
    number = -(-samples // 4096) - 1 if there is None else there
    frame = b"\xff\xf8\xc4\x08" + bytes([number])  # 4096 samples, 8 kHz, one channel of 16 bits
    return b"fLaC\x80\x00\x00\x22" + streaminfo + frame + bytes([_crc8(frame)]) + bytes(100)


def _crc8(data: bytes) -> int:
    crc = 0
    for bit in "".join(f"{byte:08b}" for byte in data):
        crc = (crc << 1 & 0xFF) ^ (0x07 if (crc >> 7) ^ int(bit) else 0)
    return crc


def clock(at: float, mark: str = ",") -> str:
    whole, thousandths = divmod(round(at * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{thousandths:03}"


def srt(*turns: Turn) -> str:
    """SubRip of (start, end, words)."""
    cues = (f"{n}\n{clock(start)} --> {clock(end)}\n{words}\n" for n, (start, end, words) in enumerate(turns, 1))
    return "\n".join(cues)
