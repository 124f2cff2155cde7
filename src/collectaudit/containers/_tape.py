"""The members of a tar archive, read from front to end: only ordinary files, nothing is ever extracted by name."""

import tarfile
from collections.abc import Callable, Iterator
from tarfile import EmptyHeaderError, InvalidHeaderError, TruncatedHeaderError  # type: ignore[attr-defined]
from typing import IO, Self

from ._out import Out, meant, pieces


class _CutError(tarfile.TarError):
    """Where a file or the end of the archive should begin stands something else."""


class _Header(tarfile.TarInfo):
    """Tells the end of an archive, blocks of zeros, from a damage, at which tarfile ends as quietly."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """The header of the next file."""
        try:
            return super().fromtarfile(tarfile)
        except (InvalidHeaderError, EmptyHeaderError, TruncatedHeaderError) as error:
            raise _CutError from error


def members(source: IO[bytes], out: Out, wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Every ordinary file whose name is wanted; links and devices are none. Raises TarError and OSError."""
    try:
        for name, _, content in files(source, _Header):
            if wanted(name):
                out.put(name, pieces(content))
    except _CutError:
        if not out.names:
            raise
        out.notes.append(f"{out.names[-1]} is the last file that can be read: the archive was cut or is damaged")


def files(source: IO[bytes], header: type[tarfile.TarInfo] = tarfile.TarInfo) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, place and content of each, which has to be read before the next. Raises as `members`."""
    with tarfile.open(fileobj=source, mode="r|", encoding="utf-8", errors="surrogateescape", tarinfo=header) as tape:
        for member in tape:
            content = tape.extractfile(member) if member.isreg() else None
            if content is not None:
                yield meant(member.name.encode("utf-8", "surrogateescape")), member.offset, content
            tape.members.clear()  # type: ignore[attr-defined]  # so that a long archive takes no memory
