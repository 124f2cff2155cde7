"""WAV: chunks whose sizes are claims, compared with the bytes that are there."""

import mmap
import struct
from collections.abc import Iterator

from collectaudit.sources._sound import CHANNELS, MOST_PARTS, RATES, Sound

_PCM, _FLOAT, _A_LAW, _MU_LAW, _GSM, _EXTENSIBLE = 1, 3, 6, 7, 49, 0xFFFE
_GSM_BLOCK, _GSM_SAMPLES = 65, 320


def wav(data: mmap.mmap) -> Sound:
    """How long the bytes of sound last that are there."""
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
    for _ in range(MOST_PARTS):
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
    if rate not in RATES or channels not in CHANNELS:
        sound.notes.append(f"its header declares what cannot be: {rate} Hz, {channels} channels")
    elif tag == _GSM:
        sound.seconds = size // _GSM_BLOCK * _GSM_SAMPLES / rate
    elif tag in (_PCM, _FLOAT, _A_LAW, _MU_LAW) and block == channels * bits // 8 > 0:
        sound.seconds = size / (rate * block)
    return sound
