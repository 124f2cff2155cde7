"""ZIP: names as a Chinese Windows writes them, passwords of both kinds (ZipCrypto, AES), limits against bombs."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..sources import _book
from . import _packed
from ._out import BIG, RATIO, Out, Shut, meant, pieces

NAME = "zip"
_ZIP = (b"PK\x03\x04", b"PK00PK\x03\x04")  # the second: once meant for several disks, as some phones write it
_HEAD = 65536
_UTF8, _LOCKED, _AES = 0x800, 0x1, 99  # bits of a member's flags; a way of packing
_PARTS = (
    b"[Content_Types].xml",
    b"mimetype",
    b"META-INF/",
    b"AndroidManifest.xml",
)  # a document or a program begins so
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, ValueError, EOFError, RuntimeError)


def claims(path: Path) -> bool:
    """Whether the file is a ZIP, and neither a workbook nor another document that is made of parts."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head.startswith(_ZIP) and not _book.claims(head) and not head[30:].startswith(_PARTS)


def unpack(path: Path, out: Out, password: str | None) -> None:
    """Every member that is a file, each as long as it says; of a phone's backup what is read of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        locked = any(member.flag_bits & _LOCKED for member in members)
        if locked and password is None:
            raise Shut("locked")
        phones = _packed.folders([_packed.plain(_name(member)) for member in members])
        with _opened(path, members) as archive:
            key = _key(archive, password) if locked and password is not None else None
            _others(archive, key, phones, out)
            for folder in phones:
                _packed.take(folder, lambda places: _extract(archive, key, places, out), out, password)
    except _DAMAGED:
        raise Shut("damaged") from None


def _others(archive: zipfile.ZipFile, key: bytes | None, phones: tuple[str, ...], out: Out) -> None:
    """What is in no phone's backup."""
    files = [member for member in archive.infolist() if not member.is_dir()]
    members = [member for member in files if not (phones and _packed.plain(_name(member)).startswith(phones))]
    if sum(member.file_size for member in members) > out.room.total or any(map(_swollen, members)):
        raise Shut("big")
    for member in members:
        out.put(_name(member), _content(archive, member, key))


def _extract(archive: zipfile.ZipFile, key: bytes | None, places: Mapping[str, Path], out: Out) -> None:
    for member in archive.infolist():
        place = places.get(_packed.plain(_name(member)))
        if place is not None and not place.exists():
            out.lay(place, _content(archive, member, key))


def _swollen(member: zipfile.ZipInfo) -> bool:
    return member.file_size > BIG and member.file_size > RATIO * max(member.compress_size, 1)


def _opened(path: Path, members: Sequence[zipfile.ZipInfo]) -> zipfile.ZipFile:
    if not any(member.compress_type == _AES for member in members):
        return zipfile.ZipFile(path)
    try:
        import pyzipper
    except ImportError:
        raise Shut("missing") from None
    found: zipfile.ZipFile = pyzipper.AESZipFile(path)
    return found


def _key(archive: zipfile.ZipFile, password: str) -> bytes:
    """The bytes of the password, tried on the smallest member: written as UTF-8, or as a Chinese Windows writes."""
    locked = [member for member in archive.infolist() if member.flag_bits & _LOCKED and not member.is_dir()]
    smallest = min(locked, key=lambda member: (member.file_size == 0, member.file_size), default=None)
    for codec in ("utf-8", "gb18030"):
        key = password.encode(codec, "replace")
        try:
            next(_content(archive, smallest, key) if smallest else iter(()), None)
        except _DAMAGED:
            continue
        return key
    raise Shut("wrong")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, key: bytes | None) -> Iterator[bytes]:
    left = member.file_size
    if member.header_offset < 0:  # of an archive that lacks a piece
        raise ValueError("a member begins before the archive")
    with archive.open(member, pwd=key) as source:
        for piece in pieces(source):
            left -= len(piece)
            if left < 0:
                raise ValueError("a member is longer than it says")
            yield piece


def _name(member: zipfile.ZipInfo) -> str:
    """What a member is called, in the letters that were meant."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return meant(member.filename.encode("cp437"))
    except UnicodeEncodeError:
        return member.filename
