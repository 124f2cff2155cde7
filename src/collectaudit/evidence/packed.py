"""A pack as it was handed over, a folder or a zip: the names in it and their bytes, read without unpacking it."""

import os
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath

from ..errors import InputProblem
from . import files
from .bag import BAGIT, MANIFEST, SUM, TAGMANIFEST, read_list

_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)
_LARGEST = 64 << 20  # of a list or signature
_SIGNS = (BAGIT, MANIFEST, TAGMANIFEST)  # any of them makes a folder one that was a pack


class Faulty(Exception):
    """A member that cannot be read; the text says why."""


class Folder:
    """A pack in a folder: `names` in it (NFC, with `/`), and what has a name and is at fault."""

    frame: bool | None = None  # of a zip: whether it is, byte for byte, what the hash beside it says

    def __init__(self, root: Path) -> None:
        self.faults: list[tuple[str, str]] = []
        self._paths: dict[str, Path] = {}
        for path in sorted(root.rglob("*")):
            name = unicodedata.normalize("NFC", path.relative_to(root).as_posix())
            if path.is_symlink():
                self.faults.append((name, "is a link"))
            elif not path.is_dir():
                self._paths[name] = path
        self.names = sorted(self._paths)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file; a pipe or device is not read."""
        try:
            fd = files.open_regular(self._paths[name])
        except files.NotAFile as problem:
            raise Faulty(str(problem)) from problem
        except OSError as error:
            raise Faulty(f"cannot be read: {error.strerror}") from error
        try:
            yield from files.chunks(fd)
        finally:
            os.close(fd)


class Zip:
    """A pack in a zip; whatever else the zip holds beside the pack's folder is at fault."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as error:
            raise InputProblem(f"{files.shown(path)} is no zip that can be read", "Ask for it again.") from error
        self.faults: list[tuple[str, str]] = []
        self._members: dict[str, zipfile.ZipInfo] = {}
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        roots = {PurePosixPath(entry.filename).parts[0] for entry in entries if entry.filename.strip("/")}
        root = next((one for one in sorted(roots) if self._has_lists(one)), None)
        for entry in entries:
            self._take(entry, f"{root}/" if root else "")
        self.names = sorted(self._members)
        self.frame = self._framed(path)

    def _has_lists(self, root: str) -> bool:
        return any(f"{root}/{name}" in self._zip.NameToInfo for name in _SIGNS)

    def _take(self, entry: zipfile.ZipInfo, root: str) -> None:
        name = unicodedata.normalize("NFC", entry.filename.removeprefix(root))
        if not entry.filename.startswith(root) or ".." in name.split("/") or name.startswith("/"):
            self.faults.append((entry.filename, "lies outside the pack's folder"))
        elif name in self._members:
            self.faults.append((name, "is in the zip twice"))
        else:
            self._members[name] = entry

    def _framed(self, path: Path) -> bool | None:
        """What stands in a zip beside its members' bytes: times, sizes, places. Only the hash beside it tells."""
        beside = path.with_name(path.name + SUM)
        if not beside.is_file():
            return None
        listed = read_list(files.read(beside)) or {}
        return listed.get(path.name) == files.sha256_of(path)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, unpacked piece by piece."""
        try:
            with self._zip.open(self._members[name]) as member:
                while piece := member.read(files.CHUNK):
                    yield piece
        except _BROKEN as error:
            raise Faulty("cannot be unpacked") from error


Packed = Folder | Zip


def is_pack(path: Path) -> bool:
    """Whether this looks like a pack, whole or damaged."""
    if path.is_dir():
        return any(os.path.lexists(path / name) for name in _SIGNS)
    return path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path))


def open_pack(path: Path) -> Packed:
    """The pack at `path`. Raises InputProblem for a zip that cannot be read at all."""
    return Folder(path) if path.is_dir() else Zip(path)


def digest(pack: Packed, name: str) -> str:
    """SHA-256 of a member. Raises Faulty."""
    found = sha256()
    for piece in pack.pieces(name):
        found.update(piece)
    return found.hexdigest()


def content(pack: Packed, name: str) -> bytes:
    """The bytes of a small member. Raises Faulty."""
    found = bytearray()
    for piece in pack.pieces(name):
        found += piece
        if len(found) > _LARGEST:
            raise Faulty("is too large to be what it should be")
    return bytes(found)
