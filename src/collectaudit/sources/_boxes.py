"""MPEG-4, 3GP and QuickTime: a tree of boxes. Matroska and WebM: a tree of elements."""

import mmap
import struct
from collections.abc import Iterator

from collectaudit.sources._sound import MOST_PARTS, Sound, believed

_Box = tuple[bytes, int, int]  # name, where its content begins, where it says that it ends
_UNKNOWN_LENGTHS = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_SINCE_1904 = 2_082_844_800  # seconds from there to 1970 (ISO/IEC 14496-12)
_IN_THIS_FILE = 1
_CUT = "the file was cut: it declares more than is there"

_SEGMENT, _INFO, _SCALE, _DURATION = b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66", b"\x2a\xd7\xb1", b"\x44\x89"
_NANOSECONDS = 1_000_000_000
_USUAL_SCALE = 1_000_000


def mp4(data: mmap.mmap) -> Sound:
    """What the index tells; without an index nothing in the file can be heard."""
    boxes = list(_boxes(data, 0, len(data)))
    index = next((box for box in boxes if box[0] == b"moov"), None)
    if index is None or index[2] > len(data):
        sound = Sound(empty=True)
        sound.fault = "its index is missing: the file was cut, or never finished"
        return sound
    sound = _header(data, index)
    tracks = [box for box in _within(data, index, b"trak") if _is_sound(data, box)]
    sound.empty = not tracks
    if any(end > len(data) for name, _, end in boxes if name == b"mdat"):
        sound.fault = _CUT
    if any(_lies_elsewhere(data, track) for track in tracks):
        sound.empty = True
        sound.fault = "its sound lies in another file, which is not opened"
    return sound


def _header(data: mmap.mmap, index: _Box) -> Sound:
    """Length and time of the whole; a time of zero is none."""
    start = next((start for _, start, _ in _within(data, index, b"mvhd")), None)
    if start is None or start + 32 > len(data):
        return Sound()
    long = data[start] == 1
    made, _, scale, length = struct.unpack_from(">QQIQ" if long else ">IIII", data, start + 4)
    known = length not in _UNKNOWN_LENGTHS
    return Sound(believed(length, scale) if known else None, finished=made - _SINCE_1904 if made else None)


def _is_sound(data: mmap.mmap, track: _Box) -> bool:
    return any(data[start + 8 : start + 12] == b"soun" for _, start, _ in _within(data, track, b"mdia", b"hdlr"))


def _lies_elsewhere(data: mmap.mmap, track: _Box) -> bool:
    """Whether an entry of its list of files is not this file."""
    for _, start, end in _within(data, track, b"mdia", b"minf", b"dinf", b"dref"):
        for _, entry, _ in _boxes(data, start + 8, min(end, len(data))):
            if not data[min(entry + 3, end - 1)] & _IN_THIS_FILE:
                return True
    return False


def _within(data: mmap.mmap, box: _Box, *path: bytes) -> Iterator[_Box]:
    """The boxes that lie in a box, by the names on the way."""
    until = min(box[2], len(data))
    for name, start, end in _boxes(data, box[1], until):
        if name == path[0]:
            child = (name, start, min(end, until))
            yield from _within(data, child, *path[1:]) if path[1:] else (child,)


def _boxes(data: mmap.mmap, at: int, until: int) -> Iterator[_Box]:
    """Each box of a row of them."""
    for _ in range(MOST_PARTS):
        if at + 8 > until:
            return
        size, name = struct.unpack_from(">I4s", data, at)
        start, end = (at + 8, until if size == 0 else at + size)
        if size == 1 and at + 16 <= until:
            start, end = at + 16, at + struct.unpack_from(">Q", data, at + 8)[0]
        if end < start:
            return
        yield name, start, end
        at = end


def matroska(data: mmap.mmap) -> Sound:
    """The length that the information about the segment gives, if it does: what is recorded live has none."""
    segment = next((box for box in _elements(data, 0, len(data)) if box[0] == _SEGMENT), None)
    about = segment and next((box for box in _elements(data, *segment[1:]) if box[0] == _INFO), None)
    told = _elements(data, *about[1:]) if about else ()
    sound = Sound(empty=segment is None)
    sound.seconds = _length({name: data[start : min(end, start + 8)] for name, start, end in told})
    if segment and segment[2] > len(data):
        sound.fault = _CUT
    return sound


def _length(told: dict[bytes, bytes]) -> float | None:
    length = told.get(_DURATION, b"")
    scale = int.from_bytes(told[_SCALE], "big") if _SCALE in told else _USUAL_SCALE
    if len(length) not in (4, 8):
        return None
    ticks = struct.unpack(">f" if len(length) == 4 else ">d", length)[0]
    return believed(ticks * scale, _NANOSECONDS)


def _elements(data: mmap.mmap, at: int, until: int) -> Iterator[_Box]:
    """Each element of a row of them; one of unknown size goes on to the end."""
    for _ in range(MOST_PARTS):
        if at + 2 > min(until, len(data)):
            return
        name = 9 - data[at].bit_length()
        width = 9 - data[at + name].bit_length() if at + name < len(data) else 9
        start = at + name + width
        if name > 4 or width > 8 or start > len(data):
            return
        size = int.from_bytes(data[at + name : start], "big") & (1 << 7 * width) - 1
        end = len(data) if size == (1 << 7 * width) - 1 else start + size
        yield data[at : at + name], start, end
        at = end
