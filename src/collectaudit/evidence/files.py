"""The one place that changes files, and reads evidence: written under a temporary name, synced, renamed."""

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import CollectAuditError
from ..safe_text import term_safe

CHUNK = 1 << 20


class DiskProblem(CollectAuditError):
    """The disk, not the input, refused: full, read-only, failing. What was acknowledged before is kept (exit 3)."""

    exit_code = 3


class NotAFile(Exception):
    """Not a regular file; the text says what it is instead."""


class Disk:
    """Every operation that changes the disk, one method each, so that a test can make the N-th one fail."""

    def create(self, path: Path) -> int:
        """A new file, 0600, open for writing; fails if the name is taken."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write; may write less than asked."""
        return os.write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        """Cut an open file to `size` bytes."""
        os.ftruncate(fd, size)

    def sync(self, fd: int) -> None:
        """Bring an open file or folder to the medium."""
        os.fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        """Rename, replacing a file of the new name."""
        old.replace(new)

    def make_folder(self, path: Path) -> None:
        """A new folder, 0700."""
        path.mkdir(mode=0o700)

    def set_mode(self, path: Path, mode: int) -> None:
        """Change who may read and write."""
        path.chmod(mode)

    def remove(self, path: Path) -> None:
        """Delete a file, or a folder with all it holds."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


disk = Disk()


def shown(path: Path | str) -> str:
    """A name from outside, harmless to print."""
    return term_safe(str(path))


def open_regular(path: Path) -> int:
    """A descriptor for reading. Never waits on a FIFO, never follows a link; raises NotAFile or OSError."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        raise NotAFile(_kind(path, mode))
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotAFile("was replaced while it was opened")
    return fd


_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a pipe (FIFO)",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def _kind(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"is a link to {shown(path.readlink())}"
    return _KINDS.get(stat.S_IFMT(mode), "is not an ordinary file")


def chunks(fd: int) -> Iterator[bytes]:
    """The rest of an open file in pieces of a megabyte."""
    while piece := os.read(fd, CHUNK):
        yield piece


def read(path: Path) -> bytes:
    """The bytes of a (small) regular file; raises NotAFile or OSError."""
    fd = open_regular(path)
    try:
        return b"".join(chunks(fd))
    finally:
        os.close(fd)


def sha256_of(path: Path) -> str:
    """SHA-256 of a regular file, 64 hex digits; raises NotAFile or OSError."""
    digest = hashlib.sha256()
    fd = open_regular(path)
    try:
        for piece in chunks(fd):
            digest.update(piece)
    finally:
        os.close(fd)
    return digest.hexdigest()


def has_hash(path: Path, sha256: str) -> bool:
    """Whether `path` is a regular file of exactly these bytes."""
    try:
        return sha256_of(path) == sha256
    except (NotAFile, OSError):
        return False


def temporary(folder: Path, stem: str) -> Path:
    """A name in `folder` that nobody has."""
    return folder / f"{stem}-{secrets.token_hex(8)}"


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, however small the pieces the system takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(fd, rest) :]


def write_new(path: Path, data: bytes) -> None:
    """A new file of these bytes, on the medium when this returns."""
    fd = disk.create(path)
    try:
        write_all(fd, data)
        disk.sync(fd)
    finally:
        os.close(fd)


def write_atomic(path: Path, data: bytes, tmp: Path) -> None:
    """Replace `path` in one step: before-or-after, never a part. `tmp` is a folder on the same file system."""
    staged = temporary(tmp, "write")
    write_new(staged, data)
    move(staged, path)


def move(old: Path, new: Path) -> None:
    """Rename within one file system; the new name lasts when this returns (the old one may come back in a crash)."""
    disk.rename(old, new)
    sync(new.parent)


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the medium."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        disk.sync(fd)
    finally:
        os.close(fd)


def sync_tree(folder: Path) -> None:
    """Make all files of a folder 0600, its folders 0700, and bring them to the medium."""
    for path in [*sorted(folder.rglob("*")), folder]:
        disk.set_mode(path, 0o700 if path.is_dir() else 0o600)
        sync(path)


def make_folder(path: Path) -> None:
    """A folder that is there when this returns; its parents must exist."""
    if not path.is_dir():
        disk.make_folder(path)
        sync(path.parent)


_FIXES = {
    errno.ENOSPC: "The disk is full. Free some space and run the command again; nothing that was kept is lost.",
    errno.EDQUOT: "Your quota is used up. Free some space and run the command again; nothing that was kept is lost.",
    errno.EROFS: "The disk is read-only. Copy the case folder to one that can be written.",
    errno.EACCES: "Check who may read and write the case folder.",
    errno.EPERM: "Check who may read and write the case folder.",
    errno.EMFILE: "Too many files are open. Close other programs and run the command again.",
    errno.ENFILE: "Too many files are open. Close other programs and run the command again.",
    errno.EIO: "The disk reports an error. Copy the case folder to another disk, and run `collectaudit verify` there.",
    errno.EFBIG: "The file would be larger than allowed here. Raise the limit and run the command again.",
    errno.ENAMETOOLONG: "Use a shorter path for the case folder.",
    errno.ENOLCK: "This file system cannot lock files. Put the case folder on a disk of this machine.",
}


def disk_problem(error: Exception) -> DiskProblem | None:
    """What a failed disk operation means for people; None if the disk is not to blame.

    DuckDB and Polars give the system's words instead of its error number.
    """
    code = error.errno if isinstance(error, OSError) else None
    if code is None:
        code = next((known for known in _FIXES if os.strerror(known) in str(error)), None)
    if code not in _FIXES:
        return None
    name = getattr(error, "filename", None)
    return DiskProblem((f"{shown(str(name))}: " if name else "") + os.strerror(code), _FIXES[code])
