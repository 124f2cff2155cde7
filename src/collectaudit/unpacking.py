"""Simple archives: a ZIP of ordinary files is unpacked with limits, in a child process; any other says why not."""

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .isolate import ChildDied, run_limited
from .sources import _book

MEMBERS, TOTAL, BIG, RATIO = 2000, 2 << 30, 10 << 20, 200
WHYS = ("locked", "nested", "big", "damaged")
_HEAD, _PIECE = 65536, 1 << 20
_ZIP = b"PK\x03\x04"
_UTF8, _LOCKED = 0x800, 0x1  # bits of a member's flags
_PARTS = (
    b"[Content_Types].xml",
    b"mimetype",
    b"META-INF/",
    b"AndroidManifest.xml",
)  # a document or a program begins so
_ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
_LEFT_OUT = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP, and neither a workbook nor another document that is made of parts."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head.startswith(_ZIP) and not _book.claims(head) and not head[30:].startswith(_PARTS)


def why_not(path: Path) -> str | None:
    """Why an archive cannot be unpacked here, one of WHYS; None if it can."""
    try:
        return str(run_limited(_why_here, path)) or None
    except ChildDied:
        return "damaged"


def unpack(path: Path, folder: Path) -> list[tuple[str, Path]]:
    """Unpack a simple archive into an empty folder: (name in it, file) of each member; nothing if it is not simple.

    The files are called by numbers: a name from an archive never becomes a path.
    """
    try:
        names = run_limited(_unpack_here, path, folder, cpu_s=600, wall_s=900)
    except ChildDied:
        return []
    return [(name, folder / str(n)) for n, name in enumerate(names)]


def _why_here(path: Path) -> str:
    """Looks at the list of members alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return "damaged"
    if any(member.flag_bits & _LOCKED for member in members):
        return "locked"
    if len(members) > MEMBERS or sum(member.file_size for member in members) > TOTAL or any(map(_swollen, members)):
        return "big"
    return "nested" if any(PurePosixPath(_name(m)).suffix.casefold() in _ARCHIVES for m in members) else ""


def _swollen(member: zipfile.ZipInfo) -> bool:
    return member.file_size > BIG and member.file_size > RATIO * max(member.compress_size, 1)


def _unpack_here(path: Path, folder: Path) -> list[str]:
    """Every member that is a file; nothing unless the archive is simple and each is as long as it says."""
    if _why_here(path):
        return []
    names: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = _name(member)
                if name and not member.is_dir():
                    _write(archive, member, folder / str(len(names)))
                    names.append(name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, RuntimeError):
        return []
    return names


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    left = member.file_size
    with archive.open(member) as source, to.open("xb") as out:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise ValueError("a member is longer than it says")
            out.write(piece)


def _name(member: zipfile.ZipInfo) -> str:
    """What a member is called, in the letters that were meant; empty for what systems put beside files."""
    name = member.filename
    if not member.flag_bits & _UTF8:
        name = _meant(name)
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "" if _LEFT_OUT.intersection(parts) else "/".join(parts)


def _meant(name: str) -> str:
    """A Chinese Windows writes GBK where the format knows only the letters of 1981."""
    try:
        written = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for codec in ("utf-8", "gb18030"):
        try:
            return written.decode(codec)
        except UnicodeDecodeError:
            continue
    return name
