"""tar, also packed by gzip, bzip2 or xz; and a single file packed by one of them."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, cast

from . import _tape
from ._out import Out, Shut, pieces

NAME = "tar"
_USTAR, _AT, _BLOCK = b"ustar", 257, 512
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


def unpack(path: Path, out: Out, password: str | None) -> None:  # noqa: ARG001 — a tar has none
    """Every ordinary file of the archive; of a single packed file that file."""
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    opener = next((opener for sign, opener in _PACKED if head.startswith(sign)), None)
    try:
        with cast(IO[bytes], opener(path) if opener else path.open("rb")) as source:
            first = source.read(_BLOCK)
            source.seek(0)
            if _is_tar(first):
                _tape.members(source, out)
            else:
                out.put(PurePosixPath(out.called).stem or "-", pieces(source))
    except _DAMAGED:
        raise Shut("damaged") from None
