"""The parsers: one module a format, found by listing this package. A module has NAME, claims() and read()."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from ..records import Facts, Job, Record, Reject, Unreadable

HEAD_BYTES = 65536
# How the program sox is told what these endings promise, at the 8 kHz of telephones. What they hold is never guessed.
_HEADERLESS = {
    "ulaw": "-t ul -r 8000", "ul": "-t ul -r 8000", "pcmu": "-t ul -r 8000", "alaw": "-t al -r 8000",
    "al": "-t al -r 8000", "pcma": "-t al -r 8000", "gsm": "-t gsm", "sln": "-t s16 -r 8000",
}  # fmt: skip


class Parser(Protocol):
    """What a source module offers.

    `claims` decides by content whether a file is of this format; `read` yields each record once, as a Record or
    a Reject, and fills the facts. A module may also have `copy_raw(job, facts, out) -> bool`, which writes the
    same rows as columns, without Python between, and returns False where it cannot; and `seek(job, facts, locator)`,
    which yields the records of one place only.
    """

    NAME: str

    def claims(self, head: bytes, name: str) -> bool:
        """Whether the file that begins with `head` is of this format."""

    def read(self, job: Job, facts: Facts) -> Iterator[Record | Reject]:
        """Every record of the file, in order."""


@cache
def parsers() -> tuple[Parser, ...]:
    """All parsers, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast(Parser, importlib.import_module(f"{__name__}.{name}")) for name in names)


def parser_for(path: Path, name: str) -> Parser:
    """The one parser that claims the file; Unreadable when none does, or two do."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    claiming = [parser for parser in parsers() if parser.claims(head, name)]
    if not head and not claiming:
        raise Unreadable("the file is empty")
    if len(claiming) > 1:
        raise Unreadable("more than one reader claims this file: " + ", ".join(parser.NAME for parser in claiming))
    if not claiming:
        how, reason = _HEADERLESS.get(name.rpartition(".")[2].casefold()), "no reader knows this kind of file"
        if how:
            reason = f"sound without a header does not say how it is written: convert it first (sox {how} IN OUT.wav)"
        raise Unrecognised(reason)
    return claiming[0]


class Unrecognised(Unreadable):
    """No parser knows the format; the file is kept and listed."""
