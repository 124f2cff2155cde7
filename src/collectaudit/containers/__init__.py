"""Files that hold files: one module a kind, found by listing this package.

A module has NAME, `claims(path)` (by content; at most one may claim) and `unpack(path, out, password)`, which runs in
a child process, hands each member to `out`, and raises Shut if the container stays shut. What `unpack` gives nothing
from is no container after all. Members that are containers are opened in turn.
"""

import importlib
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from ..evidence import files
from ..isolate import ChildDied, run_limited
from . import iphone
from ._out import WHYS, Out, Room, Shut, harmless

__all__ = ["DEPTH", "WHYS", "Member", "Opened", "Origin", "Passwords", "Shut", "kind_of", "nobody", "opened",
           "paths_below", "stem", "why_not"]  # fmt: skip
DEPTH = 4  # containers in each other
_ENDING = re.compile(r"(?i)(?<=[^/])(\.tar)?\.[a-z][a-z0-9]{0,4}$")

Passwords = Callable[[str], Iterable[str]]  # name of a container → what may open it, one after the other


class Container(Protocol):
    """What a module offers."""

    NAME: str

    def claims(self, path: Path) -> bool:
        """Whether the file (or folder) is of this kind."""

    def unpack(self, path: Path, out: Out, password: str | None) -> None:
        """Hand every member to `out`; raises Shut."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A container that something came out of: what it is called, its hash, what it says of the phone.

    Of a phone's backup, which is a folder, the hash is that of its index.
    """

    name: str
    sha256: str
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A file that came out of a container (and that perhaps out of another one)."""

    name: str
    path: Path
    out_of: tuple[Origin, ...]


@dataclass(slots=True)
class Opened:
    """What came out of what was handed in.

    `inside`: the folder that the members are named after. `kept`: what was handed in is to be kept beside them,
    because it was locked, or they are not bytes that lay in it.
    """

    inside: str
    members: list[Member] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept: bool = False


def nobody(_name: str) -> Iterable[str]:
    """Nobody knows a password."""
    return ()


@cache
def containers() -> tuple[Container, ...]:
    """All kinds, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast(Container, importlib.import_module(f"{__name__}.{name}")) for name in names)


def kind_of(path: Path) -> Container | None:
    """The kind of container that this is by its first bytes; None for anything else, and what cannot be read."""
    try:
        if path.is_dir():
            return iphone if iphone.claims(path) else None
        if not path.is_file() or path.is_symlink() or not path.stat().st_size:
            return None
        return next((kind for kind in containers() if kind.claims(path)), None)
    except OSError:
        return None


def opened(path: Path, name: str, folder: Path, passwords: Passwords = nobody) -> Opened | None:
    """Open what was handed in, and what is in it, into an empty folder; None if it is no container. Raises Shut."""
    return _Opening(folder, passwords).open(path, harmless(name) or "-", ())


def why_not(path: Path, name: str) -> str | None:
    """Why a container stays shut without a password, one of WHYS; None if it does not, or is none."""
    kind = kind_of(path)
    try:
        if kind is not None:
            _run(kind, path, name, None, Room(), None)
    except Shut as shut:
        return shut.why
    return None


class _Opening:
    """One thing handed in: counts what has come out of it so far."""

    def __init__(self, folder: Path, passwords: Passwords) -> None:
        self._folder = folder
        self._passwords = passwords
        self._room = Room()
        self._made = 0

    def open(self, path: Path, name: str, above: tuple[Origin, ...]) -> Opened | None:
        kind = kind_of(path) if len(above) < DEPTH else None
        if kind is None:
            return None
        out, folder, locked = self._with_passwords(kind, path, name)
        if not out.names and not out.notes:
            return None
        self._room = Room(self._room.members - len(out.names), self._room.total - out.written)
        digest = files.sha256_of(path / iphone.INDEX if path.is_dir() else path)
        origins = (*above, Origin(name, digest, tuple(sorted(out.about.items()))))
        inside = name if path.is_dir() else stem(name)
        found = Opened(inside, notes=[f"{inside}/{note}" for note in out.notes], kept=locked or out.derived)
        for n, called in enumerate(out.names):
            self._member(folder / str(n), f"{inside}/{called}", origins, found)
        return found

    def _member(self, path: Path, name: str, origins: tuple[Origin, ...], found: Opened) -> None:
        """A member, or if it can be opened what is in it; what was locked is kept beside what it held."""
        try:
            inside = self.open(path, name, origins)
        except Shut:
            inside = None
        if inside is None or inside.kept:
            found.members.append(Member(name, path, origins))
        if inside is not None:
            found.members += inside.members
            found.notes += inside.notes

    def _with_passwords(self, kind: Container, path: Path, name: str) -> tuple[Out, Path, bool]:
        try:
            return *self._run(kind, path, name, None), False
        except Shut as shut:
            if shut.why != "locked":
                raise
        why = "locked"
        for password in self._passwords(name):
            try:
                return *self._run(kind, path, name, password), True
            except Shut as shut:
                why = shut.why
                if why != "wrong":
                    break
        raise Shut(why)

    def _run(self, kind: Container, path: Path, name: str, password: str | None) -> tuple[Out, Path]:
        self._made += 1
        folder = self._folder / f"open-{self._made}"
        folder.mkdir()
        try:
            return _run(kind, path, name, folder, self._room, password), folder
        except Shut:
            shutil.rmtree(folder)
            raise


def _run(kind: Container, path: Path, name: str, folder: Path | None, room: Room, password: str | None) -> Out:
    """`unpack` in a child process, in time that fits the size."""
    size = room.total if path.is_dir() else path.stat().st_size  # a folder is not packed
    called, megabytes = PurePosixPath(name).name, size >> 20
    try:
        found = run_limited(
            _here, kind.NAME, path.resolve(), called, size, folder and folder.resolve(), room, password,
            cpu_s=300 + 3 * megabytes, wall_s=600 + 6 * megabytes,
        )  # fmt: skip
    except ChildDied:
        raise Shut("damaged") from None
    return cast(Out, found)


def _here(kind: str, path: Path, called: str, size: int, folder: Path | None, room: Room, password: str | None) -> Out:
    """In the child."""
    out = Out(folder, called, size, room)
    next(one for one in containers() if kind == one.NAME).unpack(path, out, password)
    return out


def stem(name: str) -> str:
    """What the members of a container are called after: its name without the ending."""
    return _ENDING.sub("", name) or name


def paths_below(folder: Path) -> Iterator[Path]:
    """Every visible file of a folder in order of name; the backup of a phone in it is one path."""
    if iphone.claims(folder):
        yield folder
        return
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except PermissionError:
        return
    for path in inside:
        if path.is_dir() and not path.is_symlink():
            yield from paths_below(path)
        else:
            yield path
