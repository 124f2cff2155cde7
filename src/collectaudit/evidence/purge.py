"""Deleting a case whole, with a certificate that proves what was deleted and holds nothing of anybody's data."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import __version__, drawers
from ..errors import IntegrityError, WrongUse
from . import files
from .folder import LOCK, LOG, SECRET, CaseFolder, disk_errors, now
from .lock import hold
from .log import START, Entry, sound_entries
from .store import CASE, EXPORTS, LEDGER, MAPS, ORIGINALS, REFERENCE, RUNS, TMP, TRANSCRIPTS, as_json, read_json

BEGUN, DONE = "begun", "done"
_WHAT = "collectaudit certificate of deletion"
# The log goes last: as long as it is there, a stopped purge can be taken up again and still knows everything.
_ORDER = (
    SECRET, *drawers.COLUMNS, drawers.COMPLAINT, EXPORTS, TRANSCRIPTS, RUNS, LEDGER, MAPS, ORIGINALS, TMP, CASE,
    LOG, LOCK,
)  # fmt: skip
_LOST = re.compile(r"\.collectaudit-[a-z]+-[0-9a-f]{16}")  # what a killed command may have left
_NOTE = (
    "The files were overwritten where the system allows it, and removed. Copies elsewhere (backups, snapshots, "
    "synchronised folders, exports handed out, cells of a flash drive) are not reached by this."
)


def certificate_place(case: CaseFolder) -> Path:
    """Where the certificate goes unless said otherwise: beside the case folder, named after nothing in it."""
    return case.path.with_name(f"purged-{_name(sound_entries(case.path / LOG))}.json")


def holdings(case: CaseFolder) -> dict[str, Any]:
    """What would be deleted: files and bytes by folder, originals by hash and size; and how many lie elsewhere."""
    entries = sound_entries(case.path / LOG)
    found = {name: _files(case.path / name) for name in _ORDER}
    return {
        "files": {name: len(paths) for name, paths in found.items() if paths},
        "bytes": {name: sum(path.lstat().st_size for path in paths) for name, paths in found.items() if paths},
        "originals": sorted(
            {(entry["sha256"], entry["size_bytes"]) for entry in entries if entry["ev"] == "source.keep"}
        ),
        "referenced": len(referenced(case)),
    }


def referenced(case: CaseFolder) -> list[Path]:
    """Files outside the case that it only refers to; they are not deleted."""
    notes = sorted((case.path / ORIGINALS).rglob(f"*{REFERENCE}"))
    return [(case.path / str((read_json(path) or {}).get("path", ""))).resolve() for path in notes]


def purge(case: CaseFolder, certificate: Path) -> dict[str, Any]:
    """Delete the case and write the certificate, which lies outside it; what was certified.

    Taken up again after a crash it finishes the same certificate. What is not the case's stays, and so does its folder.
    Raises Held if somebody works on the case, WrongUse if the certificate's place is taken or inside the case.
    """
    certificate = certificate.absolute()
    if certificate.resolve().is_relative_to(case.path) or not certificate.parent.is_dir():
        raise WrongUse(f"{files.shown(certificate)} is no place for the certificate", "Name a file outside the case.")
    entries = sound_entries(case.path / LOG)
    before = read_json(certificate) if os.path.lexists(certificate) else None
    if before is not None and (before.get("what"), before.get("case")) != (_WHAT, _name(entries)):
        raise WrongUse(f"{files.shown(certificate)} is there already", "Name another file.")
    with disk_errors():
        if before is None:
            with suppress(IntegrityError), case.session("purge"):  # a damaged case is deleted as well
                case.note("purge")
            before = _certificate(case)
            _write(certificate, before)
        with hold(case.path / LOCK, "purge"):
            for path in _leftovers(case.path):
                _delete(path)
            others = [path.name for path in case.path.iterdir() if path.name not in (LOG, LOCK)]
            done = {**before, "state": DONE, "finished": now(), "left": len(others)}
            _write(certificate, done)  # what is left now are hashes of the log, and then an empty folder
            files.disk.remove(case.path / LOG)
        files.disk.remove(case.path / LOCK)
        if not others:
            files.disk.remove(case.path)
    return done


def _certificate(case: CaseFolder) -> dict[str, Any]:
    """No path, name, number or text; the case by the hash of its own random id."""
    entries, found = sound_entries(case.path / LOG), holdings(case)
    return {
        "what": _WHAT, "tool": f"collectaudit {__version__}", "state": BEGUN,
        "case": _name(entries), "begun": now(), "log_records": len(entries),
        "log_head": entries[-1]["h"] if entries else START,
        "files": found["files"], "bytes": found["bytes"], "referenced_and_kept": found["referenced"],
        "originals": [{"sha256": digest, "size_bytes": size} for digest, size in found["originals"]], "note": _NOTE,
    }  # fmt: skip


def _name(entries: list[Entry]) -> str:
    """What the case is called when its name must not be said: its first record's hash, which no other case has."""
    return sha256(str(entries[0]["h"]).encode()).hexdigest()[:16] if entries else "empty"


def _leftovers(root: Path) -> Iterator[Path]:
    """What is the case's and still there, in the order of deletion."""
    yield from (path for path in sorted(root.iterdir()) if _LOST.fullmatch(path.name))
    for name in _ORDER:
        if os.path.lexists(root / name) and name not in (LOG, LOCK):
            yield root / name


def _files(top: Path) -> list[Path]:
    if top.is_dir() and not top.is_symlink():
        return sorted(path for path in top.rglob("*") if path.is_symlink() or not path.is_dir())
    return [top] if os.path.lexists(top) else []


def _delete(path: Path) -> None:
    for file in _files(path):
        _overwrite(file)
    files.disk.remove(path)


def _overwrite(path: Path) -> None:
    """Zeros over the bytes of a file that has no other name; on flash and on many file systems the old ones stay."""
    about = path.lstat()
    if not path.is_file() or path.is_symlink() or about.st_nlink > 1:
        return
    files.disk.set_mode(path, 0o600)
    fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for at in range(0, about.st_size, files.CHUNK):
            files.write_all(fd, bytes(min(files.CHUNK, about.st_size - at)))
        files.disk.sync(fd)
    finally:
        os.close(fd)


def _write(to: Path, about: Mapping[str, Any]) -> None:
    """Before or after, never a part."""
    staged = files.temporary(to.parent, ".collectaudit-purge")
    files.write_new(staged, as_json(about))
    files.move(staged, to)
