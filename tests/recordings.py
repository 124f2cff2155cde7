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
    """MPEG 1 layer III frames of 128 kbit/s and 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def m4a(seconds: int = 2, *, index: bool = True) -> bytes:
    """An MPEG-4 file with an index that gives its length, or cut before that."""
    header = b"mvhd" + struct.pack(">IIIII", 0, 0, 0, 1000, seconds * 1000) + bytes(80)
    header = struct.pack(">I", len(header) + 4) + header
    moov = struct.pack(">I", len(header) + 8) + b"moov" + header
    data = struct.pack(">I", 108) + b"mdat" + bytes(100)
    return struct.pack(">I", 20) + b"ftypM4A " + bytes(8) + data + (moov if index else b"")


def flac(seconds: int = 2, rate: int = 8000) -> bytes:
    """A FLAC file that is no more than its first block of metadata."""
    about = (rate << 44 | 15 << 36 | seconds * rate).to_bytes(8, "big")
    return b"fLaC\x80\x00\x00\x22" + bytes(10) + about + bytes(16) + bytes(100)


def clock(at: float, mark: str = ",") -> str:
    whole, thousandths = divmod(round(at * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{thousandths:03}"


def srt(*turns: Turn) -> str:
    """SubRip of (start, end, words)."""
    cues = (f"{n}\n{clock(start)} --> {clock(end)}\n{words}\n" for n, (start, end, words) in enumerate(turns, 1))
    return "\n".join(cues)
