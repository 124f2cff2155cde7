"""Ogg, whose pages say how far the sound has come, and FLAC, whose frames are numbered."""

import mmap
import struct
from collections.abc import Iterator

from collectaudit.sources._sound import RATES, Sound, believed

_OPUS_HZ = 48_000
_NONE_ENDS = -1
_PAGE = 27  # bytes before the table of sizes
_FLAC_HEAD = 42
_LONGEST_FLAC_HEADER = 16
_MOST_TRIES = 10_000


def ogg(data: mmap.mmap) -> Sound:
    """The last position of each stream of sound, added up: one may follow the other."""
    open_: dict[int, tuple[int, int]] = {}  # of each stream: samples a second, samples that are not played
    reached: dict[int, int] = {}
    seconds, end, heard = 0.0, 0, False
    for start, after, serial, begins, position in _pages(data):
        end = after
        if begins:
            seconds += _lasted(open_.pop(serial, None), reached.pop(serial, 0))
            if stream := _stream(data[start : start + 64]):
                open_[serial], heard = stream, True
        elif position != _NONE_ENDS and serial in open_:
            reached[serial] = position
    seconds += sum(_lasted(stream, reached.get(serial, 0)) for serial, stream in open_.items())
    sound = Sound(believed(seconds, 1), empty=not end or (heard and not seconds))
    if end < len(data) and data[end : end + 4] == b"OggS":
        sound.fault = "the file ends inside a page"
    return sound


def _lasted(stream: tuple[int, int] | None, position: int) -> float:
    return max(position - stream[1], 0) / stream[0] if stream else 0.0


def _stream(head: bytes) -> tuple[int, int] | None:
    """Samples a second and samples not played, by the first packet of a stream; None if it is no sound known here."""
    rate, unplayed = 0, 0
    if head.startswith(b"OpusHead") and len(head) >= 12:
        rate, unplayed = _OPUS_HZ, int.from_bytes(head[10:12], "little")
    elif head.startswith(b"\x01vorbis") and len(head) >= 16:
        rate = int.from_bytes(head[12:16], "little")
    elif head.startswith(b"Speex   ") and len(head) >= 40:
        rate = int.from_bytes(head[36:40], "little")
    elif head.startswith(b"\x7fFLAC") and len(head) >= 34:
        rate = int.from_bytes(head[27:30], "big") >> 4
    return (rate, unplayed) if rate in RATES else None


def _pages(data: mmap.mmap) -> Iterator[tuple[int, int, int, bool, int]]:
    """(where its content begins and ends, stream, whether that begins here, position) of each whole page."""
    at = data.find(b"OggS")
    while 0 <= at <= len(data) - _PAGE:
        flags, position, serial, _, _, count = struct.unpack_from("<BqIIIB", data, at + 5)
        start = at + _PAGE + count
        end = start + sum(data[at + _PAGE : start])
        if end > len(data):
            return
        yield start, end, serial, flags & 2 > 0, position
        at = end if data[end : end + 4] == b"OggS" else data.find(b"OggS", end)


def flac(data: mmap.mmap, at: int) -> Sound:
    """The samples that the first block, at `at`, declares, if the last frame that is there comes so far."""
    block, about = int.from_bytes(data[at + 8 : at + 10], "big"), int.from_bytes(data[at + 18 : at + 26], "big")
    rate, declared = about >> 44, about & (1 << 36) - 1  # of STREAMINFO: rate 20 bits, channels 3, bits 5, samples 36
    last = _last_frame(data, at + _FLAC_HEAD, block) if rate in RATES else None
    if last is None:
        return Sound(empty=True)
    start, samples = last
    if not declared or start + samples >= declared:
        return Sound(believed(declared or start + samples, rate))
    sound = Sound(believed(start, rate))
    sound.fault = f"its header declares {declared} samples of sound, about {start} are there"
    return sound


def _last_frame(data: mmap.mmap, since: int, block: int) -> tuple[int, int] | None:
    """First sample and number of samples of the last frame; its header proves itself by its check sum."""
    at = len(data)
    for _ in range(_MOST_TRIES):
        at = data.rfind(b"\xff", since, at)
        if at < 0:
            return None
        if data[at + 1 : at + 2] in (b"\xf8", b"\xf9") and (found := _numbered(data[at : at + 16], block)):
            return found
    return None


def _numbered(head: bytes, block: int) -> tuple[int, int] | None:
    """Of a frame's header, if it is one; `block`: samples of each frame where they all have as many."""
    head = head.ljust(_LONGEST_FLAC_HEADER, b"\0")
    ones = 8 - (head[4] ^ 0xFF).bit_length()  # the number is written as UTF-8 writes characters
    at = 4 + max(ones, 1)
    size, rate = head[2] >> 4, head[2] & 15
    extra, more = {6: 1, 7: 2}.get(size, 0), {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if ones in (1, 8) or size == 0 or _crc8(head[: at + extra + more]) != head[at + extra + more]:
        return None
    number = head[4] & (0x7F >> ones)
    for byte in head[5:at]:
        number = number << 6 | byte & 0x3F
    if extra:
        samples = int.from_bytes(head[at : at + extra], "big") + 1
    else:
        samples = 192 if size == 1 else 576 << size - 2 if size < 6 else 256 << size - 8
    return (number if head[1] & 1 else number * block), samples


def _crc8(data: bytes) -> int:
    """Of polynomial x^8 + x^2 + x + 1, as FLAC uses it (RFC 9639)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
