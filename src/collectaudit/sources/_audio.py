"""Containers of sound: told by their first bytes, and how long they last where counting says it without decoding."""

import mmap
from pathlib import Path

from collectaudit.sources import _boxes, _frames, _ogg, _riff
from collectaudit.sources._sound import Sound

HEAD_BYTES = 65_536
_STILL_PICTURES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jpx ", b"jp2 "}
_LEAST_BYTES = 64
_MOST_TAGS = 16
_TAGGED = ("mp3", "aac", "flac")  # what may have a tag in front of it
_MAGIC = {
    "amr": _frames.AMR, "amr-wb": _frames.AMR_WB, "amr-multi": b"#!AMR_MC1.0\n", "amr-wb-multi": b"#!AMR-WB_MC1.0\n",
    "ogg": b"OggS\x00", "au": b".snd\x00\x00", "caf": b"caff\x00\x01\x00\x00", "matroska": b"\x1aE\xdf\xa3",
    "asf": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel",
}  # fmt: skip


def container(head: bytes) -> str | None:
    """The kind of sound file that begins with `head`; None for anything else, whatever it is called."""
    return _named(head, _untagged(head))


def kind_of(path: Path) -> str | None:
    """The kind of a sound file, however long the tags in front of its sound are."""
    if not path.stat().st_size:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _named(data, _untagged(data))


def _named(data: bytes | mmap.mmap, at: int) -> str | None:
    kind = _kind(data[at : at + HEAD_BYTES])
    return kind if not at or kind in _TAGGED else "mp3"  # there may be a gap behind the tags


def _kind(head: bytes) -> str | None:
    for kind, magic in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL_PICTURES:
        return "mp4"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"fLaC" and head[4:5] in (b"\x00", b"\x80"):
        return "flac"
    if head.removeprefix(b"\x02").startswith(_frames.SILK):
        return "silk"
    if _frames.is_adts(head):
        return "aac"
    return "mp3" if _frames.is_mpeg(head) else None


def _untagged(data: bytes | mmap.mmap) -> int:
    """Where a file begins behind the ID3 tags in front of it."""
    at = 0
    for _ in range(_MOST_TAGS):
        head = data[at : at + 10]
        if head[:3] != b"ID3" or len(head) < 10 or head[3] > 15 or max(head[6:10]) > 127:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + size + (10 if head[5] & 16 else 0)
    return at


def listen_to(path: Path, kind: str) -> Sound:
    """How long the sound of a file lasts, as far as its container tells."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if len(data) < _LEAST_BYTES and not kind.startswith(("amr", "silk")):
            return Sound(empty=True)
        return _sound(data, kind)


def _sound(data: mmap.mmap, kind: str) -> Sound:
    match kind:
        case "wav":
            return _riff.wav(data)
        case "amr" | "amr-wb":
            return _frames.amr(data, _frames.AMR_WB if kind == "amr-wb" else _frames.AMR)
        case "silk":
            return _frames.silk(data)
        case "mp3":
            return _frames.mpeg(data, _untagged(data))
        case "aac":
            return _frames.adts(data, _untagged(data))
        case "mp4":
            return _boxes.mp4(data)
        case "matroska":
            return _boxes.matroska(data)
        case "ogg":
            return _ogg.ogg(data)
        case "flac":
            return _ogg.flac(data, _untagged(data))
    return Sound()
