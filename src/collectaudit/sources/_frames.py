"""Sound that is a row of frames, each with its own small header: AMR, MPEG audio, AAC in ADTS. Frames are counted."""

import mmap
from collections.abc import Callable, Iterator

from collectaudit.sources._sound import MOST_SECONDS, Sound, believed

AMR, AMR_WB, SILK = b"#!AMR\n", b"#!AMR-WB\n", b"#!SILK_V3"
# Bytes of a speech frame by its type, without the byte that tells the type (3GPP TS 26.101, 26.201; RFC 4867).
_FRAME_BYTES = {
    AMR: (12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, 0, 0, 0, 0),
    AMR_WB: (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0),
}
_AMR_A_SECOND = 50
_MOST_AMR = MOST_SECONDS * _AMR_A_SECOND
_MPEG_KBIT = {  # by whether MPEG 1, and layer
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version bits
_ADTS_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_HEADER = 7
_MOST_TRIES = 65_536  # places that begin like a frame, and are none
_COMPLETE = 0.98  # of the declared frames


def is_mpeg(head: bytes) -> bool:
    """Whether two MPEG audio frames of one kind follow each other; two bytes alone could be anything."""
    return _followed(head, 0, mpeg_frame)


def is_adts(head: bytes) -> bool:
    """Whether two AAC frames with ADTS headers follow each other."""
    return _followed(head, 0, adts_frame)


def mpeg_frame(head: bytes) -> int:
    """Bytes of the MPEG audio frame (layer II or III) that begins here; 0 if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer, rate, hertz = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3), head[2] >> 4, head[2] >> 2 & 3
    if version not in _MPEG_HZ or layer not in (2, 3) or rate in (0, 15) or hertz == 3:
        return 0
    bits = _MPEG_KBIT[version == 3, layer][rate - 1] * 1000
    size = 72 if layer == 3 and version != 3 else 144
    return size * bits // _MPEG_HZ[version][hertz] + (head[2] >> 1 & 1)


def adts_frame(head: bytes) -> int:
    """Bytes of the AAC frame that begins here; 0 if none does."""
    if len(head) < _HEADER or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= _HEADER else 0


def amr(data: mmap.mmap, magic: bytes) -> Sound:
    """Frames of 20 ms each; without sound where every one says that nothing was sent, or nothing came."""
    sizes, at, frames, spoken = _FRAME_BYTES[magic], len(magic), 0, 0
    while at < len(data) and frames < _MOST_AMR:
        kind = data[at] >> 3 & 15
        at += 1 + sizes[kind]
        if at > len(data):
            break
        frames += 1
        spoken += sizes[kind] > 0
    sound = Sound(frames / _AMR_A_SECOND if frames < _MOST_AMR else None, empty=not spoken)
    if at > len(data):
        sound.fault = _CUT
    return sound


_CUT = "the file ends inside a frame"
_SILK_A_SECOND, _MOST_SILK = 50, 640  # frames; bytes of one at the highest rate that the format has


def silk(data: mmap.mmap) -> Sound:
    """Frames of 20 ms each, as WeChat and QQ write them."""
    frames, spoken, end = 0, 0, 0
    for start, end in silk_frames(data):
        frames, spoken = frames + 1, spoken + (end > start)
    sound = Sound(believed(frames, _SILK_A_SECOND), empty=not spoken)
    if spoken and data[end : end + 2] not in (b"", b"\xff\xff"):  # QQ marks the end, WeChat does not
        sound.fault = _CUT
    return sound


def silk_frames(data: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where each whole frame begins and ends, behind the two bytes that tell how long it is."""
    at = len(SILK) + (data[:1] == b"\x02")
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "little")
        if size > _MOST_SILK or at + 2 + size > len(data):
            break
        yield at + 2, at + 2 + size
        at += 2 + size


def mpeg(data: mmap.mmap, at: int) -> Sound:
    """Frames of MPEG audio, from `at`; the first may only tell how many there are, and what was added to the sound."""
    frames, end = 0, at
    head = b""
    for start, size in _frames(data, at, mpeg_frame):
        head = head or data[start : start + size]
        frames, end = frames + 1, start + size
    if not frames:
        return Sound(empty=True)
    mpeg1 = head[1] & 8 > 0
    samples = 576 if not mpeg1 and head[1] >> 1 & 3 == 1 else 1152
    tells, declared, added = _first(head, mpeg1)
    frames -= tells
    sound = Sound(believed(frames * samples - added, _MPEG_HZ[head[1] >> 3 & 3][head[2] >> 2 & 3]), empty=not frames)
    return _ended(sound, data, end, frames, declared)


def _first(head: bytes, mpeg1: bool) -> tuple[bool, int, int]:
    """Of the first frame: whether it holds no sound but tells of it, how many frames follow, samples added by LAME."""
    mono = head[3] >> 6 == 3
    at = 4 + ((17 if mono else 32) if mpeg1 else (9 if mono else 17))
    if head[at : at + 4] not in (b"Xing", b"Info"):
        return False, 0, 0
    flags = head[at + 7] if len(head) > at + 7 else 0
    count = int.from_bytes(head[at + 8 : at + 12], "big") if flags & 1 else 0
    added = int.from_bytes(head[at + 141 : at + 144], "big") if flags & 15 == 15 else 0
    return True, count, (added >> 12) + (added & 0xFFF)


def adts(data: mmap.mmap, at: int) -> Sound:
    """Frames of AAC, from `at`, of one or more blocks of 1024 samples each."""
    blocks, end, rate = 0, at, 0
    for start, size in _frames(data, at, adts_frame):
        rate = rate or _ADTS_HZ[data[start + 2] >> 2 & 15]
        blocks, end = blocks + 1 + (data[start + 6] & 3), start + size
    return _ended(Sound(believed(blocks * 1024, rate), empty=not blocks), data, end, blocks, 0)


def _ended(sound: Sound, data: mmap.mmap, end: int, frames: int, declared: int) -> Sound:
    """Adds what the end of the file tells: a frame that is cut, or fewer of them than the first one declares."""
    if frames < _COMPLETE * declared:
        sound.fault = f"its header declares {declared} frames of sound, {frames} are there"
    elif mpeg_frame(data[end : end + _HEADER]) or adts_frame(data[end : end + _HEADER]):
        sound.fault = _CUT
    return sound


def _frames(data: mmap.mmap, at: int, size_of: Callable[[bytes], int]) -> Iterator[tuple[int, int]]:
    """(where it begins, its bytes) of each frame like the first one; what is between them is passed over."""
    like: tuple[int, int] | None = None
    for _ in range(_MOST_TRIES):
        while (size := size_of(head := data[at : at + _HEADER])) and like in (None, _kind(head)):
            if at + size > len(data) or (like is None and not _followed(data, at, size_of)):
                break
            like = _kind(head)
            yield at, size
            at += size
        at = data.find(b"\xff", at + 1)
        if at < 0:
            return


def _kind(head: bytes) -> tuple[int, int]:
    """What all frames of a file have in common: version, layer, sample rate."""
    return head[1], head[2] & 12


def _followed(data: bytes | mmap.mmap, at: int, size_of: Callable[[bytes], int]) -> bool:
    """Whether a frame begins here, and another of its kind behind it."""
    head = data[at : at + _HEADER]
    length = size_of(head)
    second = data[at + length : at + length + _HEADER] if length else b""
    return size_of(second) > 0 and _kind(second) == _kind(head)
