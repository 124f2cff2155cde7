"""The members of a tar archive, read from front to end: only ordinary files, nothing is ever extracted by name."""

import tarfile
from collections.abc import Callable
from typing import IO

from ._out import Out, meant, pieces


def members(source: IO[bytes], out: Out, wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Every ordinary file whose name is wanted; links and devices are none. Raises TarError and OSError."""
    with tarfile.open(fileobj=source, mode="r|", encoding="utf-8", errors="surrogateescape") as tape:
        for member in tape:
            name = meant(member.name.encode("utf-8", "surrogateescape"))
            content = tape.extractfile(member) if member.isreg() and wanted(name) else None
            if content is not None:
                out.put(name, pieces(content))
            tape.members.clear()  # type: ignore[attr-defined]  # so that a long archive takes no memory
