"""The members of a tar archive, read from front to end: only ordinary files, nothing is ever extracted by name."""

import tarfile
from collections.abc import Callable, Iterator
from typing import IO

from ._out import Out, meant, pieces


def members(source: IO[bytes], out: Out, wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Every ordinary file whose name is wanted; links and devices are none. Raises TarError and OSError."""
    for name, _, content in files(source):
        if wanted(name):
            out.put(name, pieces(content))


def files(source: IO[bytes]) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, place and content of each, which has to be read before the next. Raises as `members`."""
    with tarfile.open(fileobj=source, mode="r|", encoding="utf-8", errors="surrogateescape") as tape:
        for member in tape:
            content = tape.extractfile(member) if member.isreg() else None
            if content is not None:
                yield meant(member.name.encode("utf-8", "surrogateescape")), member.offset, content
            tape.members.clear()  # type: ignore[attr-defined]  # so that a long archive takes no memory
