"""What comes out of a container: files called by numbers, counted against bombs, and the names that people see."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from ..errors import CollectAuditError
from ..evidence import files

MEMBERS, TOTAL, BIG, RATIO = 10_000, 4 << 30, 10 << 20, 200
LONGEST = 400  # letters of a name
_LEFT_OUT = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
_PIECE = 1 << 20
WHYS = {
    "locked": "it is locked, and opens only with its password",
    "wrong": "it is locked, and the password does not fit",
    "big": "it is too large, or holds too many files, and was not opened",
    "damaged": "it cannot be opened; it is damaged, or was not copied whole",
    "missing": "opening it needs an optional part: pip install 'collectaudit[formats]'",
}


class Shut(CollectAuditError):
    """A container that stays shut; `why` is one of WHYS."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        super().__init__(WHYS.get(why, WHYS["damaged"]))
        self.why = why if why in WHYS else "damaged"

    def __reduce__(self) -> tuple[type["Shut"], tuple[str]]:
        return Shut, (self.why,)


@dataclass(frozen=True, slots=True)
class Room:
    """How much may still come out of what was handed in."""

    members: int = MEMBERS
    total: int = TOTAL


@dataclass(slots=True)
class Out:
    """Takes the members of one container. A name from inside never becomes a path: files are called 0, 1, 2 …

    `folder`: None to look through it only. `called`, `size`: of the container. `notes`: what a person should know of
    it; `about`: what it says of the phone it comes from (device, system, phone, made_at). `derived`: the members are
    not bytes that lay in it, so it is kept beside them.
    """

    folder: Path | None
    called: str
    size: int
    room: Room = field(default_factory=Room)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    derived: bool = False
    written: int = 0
    _often: Counter[str] = field(default_factory=Counter)

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """A member, piece by piece; one without a name of its own (what systems put beside files) is left out."""
        called = harmless(name)
        if not called:
            return
        if len(self.names) >= self.room.members:
            raise Shut("big")
        if self.folder is None:
            for piece in pieces:
                self._count(len(piece))
        else:
            self._write(self.folder / str(len(self.names)), pieces)
        self._often[called] += 1
        self.names.append(called if self._often[called] == 1 else _again(called, self._often[called]))

    def _write(self, to: Path, pieces: Iterable[bytes]) -> None:
        with to.open("xb") as out:
            for piece in pieces:
                self._count(len(piece))
                try:
                    out.write(piece)
                except OSError as error:
                    raise files.disk_problem(error) or error from error

    def lay(self, to: Path, pieces: Iterable[bytes]) -> None:
        """A file that is needed to find the members; what becomes one is counted then."""
        before = self.written
        to.parent.mkdir(parents=True, exist_ok=True)
        self._write(to, pieces)
        self.written = before

    def _count(self, n: int) -> None:
        self.written += n
        if self.written > self.room.total or (self.written > BIG and self.written > RATIO * self.size):
            raise Shut("big")

    def private(self) -> tempfile.TemporaryDirectory[str]:
        """A folder for what has to lie there while the container is read; inside the case if members do."""
        return tempfile.TemporaryDirectory(dir=self.folder, prefix="work-")


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """The rest of an open file."""
    while piece := source.read(_PIECE):
        yield piece


def harmless(name: str) -> str:
    """The name without ways to elsewhere, of bounded length; empty for what systems put beside files."""
    text = name.encode("utf-8", "replace").decode().replace("\\", "/").replace("\0", "")
    parts = [part for part in text.split("/") if part not in ("", ".", "..")]
    return "" if _LEFT_OUT.intersection(parts) else "/".join(parts)[-LONGEST:].lstrip("/")


def meant(raw: bytes) -> str:
    """The letters of a name for which no coding is given: UTF-8, or what a Chinese Windows writes."""
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _again(name: str, often: int) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} ({often}){path.suffix}"))
