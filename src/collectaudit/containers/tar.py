"""tar, also packed by gzip, bzip2 or xz; and a single file packed by one of them."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import IO, cast

from . import _packed, _tape
from ._out import Out, Shut, pieces

NAME = "tar"
_USTAR, _AT, _BLOCK = b"ustar", 257, 512
_LOOK = 64 << 20  # bytes
_PACKED: tuple[tuple[bytes, Callable[[Path], object]], ...] = (
    (b"\x1f\x8b\x08", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open),
)  # fmt: skip
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError, OverflowError)


def claims(path: Path) -> bool:
    """Whether the file is a tar archive, or packed by one of the three."""
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    return _is_tar(head) or any(head.startswith(sign) for sign, _ in _PACKED)


def _is_tar(head: bytes) -> bool:
    return head[_AT : _AT + len(_USTAR)] == _USTAR


def unpack(path: Path, out: Out, password: str | None) -> None:
    """Every ordinary file of the archive, of a phone's backup what is read; of a single packed file that file."""
    try:
        with _unpacked(path) as source:
            archive = _is_tar(source.read(_BLOCK))
            source.seek(0)
            if not archive:
                out.put(PurePosixPath(out.called).stem or "-", pieces(source))
                return
        phones = _phones(path)
        with _unpacked(path) as source:
            _tape.members(source, out, lambda name: not (phones and _packed.plain(name).startswith(phones)))
        for folder in phones:
            _packed.take(folder, lambda places: _extract(path, places, out), out, password)
    except _DAMAGED:
        raise Shut("damaged") from None


def _phones(path: Path) -> tuple[str, ...]:
    """The folders that are backups of phones: looked for to the end only where it begins like one."""
    with _unpacked(path) as source:
        begins = takewhile(lambda file: file[1] < _LOOK, _tape.files(source))
        if not any(_packed.of_phone(_packed.plain(name)) for name, _, _ in begins):
            return ()
    with _unpacked(path) as source:
        return _packed.folders({_packed.plain(name) for name, _, _ in _tape.files(source)})


def _extract(path: Path, places: Mapping[str, Path], out: Out) -> None:
    with _unpacked(path) as source:
        for name, _, content in _tape.files(source):
            place = places.get(_packed.plain(name))
            if place is not None and not place.exists():
                out.lay(place, pieces(content))


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    opener = next((opener for sign, opener in _PACKED if head.startswith(sign)), None)
    with cast(IO[bytes], opener(path) if opener else path.open("rb")) as source:
        yield source
