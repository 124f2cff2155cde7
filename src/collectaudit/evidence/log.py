"""The log of a case: append-only, one JSON object a line, each bound to the one before by its hash.

A record holds integers and strings only, in canonical form (sorted keys, no spaces, UTF-8), so that its hash is
well defined. No text, number or name of a person in the data ever goes in: sources are named by their hash.
Beside it `head` repeats sequence number and hash of the last acknowledged record, so that a cut end shows.
"""

import getpass
import hashlib
import json
import os
import platform
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import IntegrityError
from . import files

NAME = "audit.jsonl"
HEAD = "head"
START = "0" * 64
Entry = dict[str, Any]
# Of the log that was read last: the bytes that were checked, and their records. A page reads it several times, and it
# grows by a line with each verdict.
_CHECKED: dict[Path, tuple[bytes, tuple[Entry, ...]]] = {}
_BEGINNING = b'{"actor":"'  # of every record: keys are sorted
_RESTORE = "Restore the log from a copy, or read the inputs into a new case folder; the originals are not touched."


class Broken(IntegrityError):
    """The chain does not hold at line `line`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"log broken at line {line}: {why} (log/{NAME})", _RESTORE)
        self.line = line


@dataclass(frozen=True, slots=True)
class Chain:
    """A log as found: its records, the bytes they take, and the bytes of a torn last line after them."""

    entries: list[Entry]
    size: int
    torn: int
    unfinished: bool  # what is torn is the beginning of a record, as a power cut leaves it

    @property
    def head(self) -> str:
        """Hash of the last record."""
        return str(self.entries[-1]["h"]) if self.entries else START


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The one way to write a record."""
    return json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_chain(folder: Path) -> Chain:
    """Read and check the log in `folder`; raises Broken. A last line without its end was never acknowledged."""
    try:
        data = files.read(folder / NAME)
    except (FileNotFoundError, files.NotAFile):
        raise Broken(1, "the log is missing") from None
    end = data.rfind(b"\n") + 1
    checked, before = _CHECKED.get(folder, (b"", ()))
    if not data.startswith(checked):
        checked, before = b"", ()
    entries = _follow(before, data[len(checked) : end])
    _CHECKED.clear()
    _CHECKED[folder] = data[:end], tuple(entries)
    return Chain(entries, end, len(data) - end, data[end:].startswith(_BEGINNING))


def _follow(before: Sequence[Entry], data: bytes) -> list[Entry]:
    """The records before these lines, and theirs; raises Broken."""
    entries = list(before)
    for line in data.split(b"\n")[:-1]:
        number, prev = len(entries) + 1, entries[-1]["h"] if entries else START
        entry = _entry(line + b"\n")
        if not isinstance(entry, str) and (entry.get("seq"), entry.get("prev")) != (number, prev):
            entry = "does not follow the line before it"
        if isinstance(entry, str):
            raise Broken(number, entry)
        entries.append(entry)
    return entries


def sound_entries(folder: Path) -> list[Entry]:
    """Every record whose own hash fits, wherever it stands: what a broken log still says."""
    try:
        lines = files.read(folder / NAME).split(b"\n")
    except (OSError, files.NotAFile):
        return []
    return [entry for line in lines if isinstance(entry := _entry(line + b"\n"), dict)]


def _entry(line: bytes) -> Entry | str:
    """The record of a line, or what is wrong with it."""
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict) or canonical(entry) + b"\n" != line:
            return "not in canonical form"
    except (ValueError, RecursionError):
        return "not a record"
    body = {key: value for key, value in entry.items() if key != "h"}
    return entry if entry.get("h") == hashlib.sha256(canonical(body)).hexdigest() else "its hash does not fit"


class Cut(IntegrityError):
    """Acknowledged records are missing at the end of the log."""


def head_fault(folder: Path, chain: Chain) -> str | None:
    """What is wrong with the log's `head` file; it may be behind (a crash). Raises Cut if it is ahead of the log."""
    try:
        number, _, digest = files.read(folder / HEAD).decode("ascii").partition(" ")
        seq = int(number)
    except (OSError, ValueError, files.NotAFile):
        return f"log/{HEAD} is missing or damaged"
    at = chain.entries[seq - 1]["h"] if 0 < seq <= len(chain.entries) else START
    if seq > len(chain.entries) and re.fullmatch(r"\d{12} [0-9a-f]{64}\n", f"{number} {digest}"):
        raise Cut(
            f"the log is cut: line {seq} was acknowledged, and it ends at line {len(chain.entries)} (log/{NAME})",
            _RESTORE,
        )
    return None if f"{number} {digest}" == _head_line(seq, at) else f"log/{HEAD} does not belong to this log"


def _head_line(seq: int, digest: str) -> str:
    return f"{seq:012d} {digest}\n"


def _plain(value: Any) -> bool:
    """Whether canonical JSON writes it in one way only: no floats, no None."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(_plain(item) for item in value)
    return isinstance(value, str | int) and not isinstance(value, bool)


@dataclass(slots=True)
class Log:
    """The log opened by the holder of the case's lock; every record it appends says who, with what, and when."""

    folder: Path
    command: str
    entries: list[Entry] = field(default_factory=list)
    size: int = 0
    broken: bool = False

    @classmethod
    def open(cls, folder: Path, command: str) -> "Log":
        """Check the chain, cut off a torn last line (and say so in the log). Raises Broken and Cut."""
        chain = read_chain(folder)
        fault = head_fault(folder, chain)
        log = cls(folder, command, chain.entries, chain.size)
        if chain.torn:
            log._cut_off()
        if chain.torn or fault:
            log.append("log.repaired", bytes_cut=chain.torn, head=fault or "")
        elif files.read(folder / HEAD) != log._head_now():
            log._write_head()
        return log

    @classmethod
    def create(cls, folder: Path, tmp: Path, command: str) -> "Log":
        """Open the log, or begin it where there is none; the head comes first, so it is never missing later."""
        start = _head_line(0, START).encode()
        if not (folder / HEAD).exists():
            files.write_atomic(folder / HEAD, start, tmp)
        if not (folder / NAME).exists() and files.read(folder / HEAD) == start:
            files.write_new(folder / NAME, b"")
            files.sync(folder)
        return cls.open(folder, command)

    def head(self) -> str:
        """Hash of the last record: whoever keeps it can later show that the log up to here is unchanged."""
        return str(self.entries[-1]["h"]) if self.entries else START

    def append(self, event: str, **facts: Any) -> Entry:
        """Add one record of integers and strings (and lists of them); it is on the medium when this returns."""
        if not _plain(facts):
            raise TypeError(f"a log record holds integers and strings only: {event}")
        if self.broken:
            raise IntegrityError("the log could not be written before", "Run the command again.")
        body = {**facts, **_who_and_when(), "cmd": self.command, "ev": event}
        body |= {"seq": len(self.entries) + 1, "prev": self.head()}
        entry = {**body, "h": hashlib.sha256(canonical(body)).hexdigest()}
        self._write(canonical(entry) + b"\n")
        self.entries.append(entry)
        self._write_head()
        return entry

    def _write(self, line: bytes) -> None:
        """One write and one sync. A failure leaves the file as it was, or a torn line for the next start to cut."""
        self.broken = True
        fd = os.open(self.folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(fd).st_size != self.size:
                raise IntegrityError("the log was changed by another program (log/audit.jsonl)", _RESTORE)
            files.write_all(fd, line)
            files.disk.sync(fd)
        except OSError:
            files.disk.truncate(fd, self.size)
            raise
        finally:
            os.close(fd)
        self.size += len(line)
        self.broken = False

    def _head_now(self) -> bytes:
        return _head_line(len(self.entries), self.head()).encode()

    def _write_head(self) -> None:
        """By rename; not synced, since a head that is behind does no harm."""
        self.broken = True
        staged = files.temporary(self.folder.parent / "tmp", "head")
        fd = files.disk.create(staged)
        try:
            files.write_all(fd, self._head_now())
        finally:
            os.close(fd)
        files.disk.rename(staged, self.folder / HEAD)
        self.broken = False

    def _cut_off(self) -> None:
        """Remove what stands after the last whole line."""
        fd = os.open(self.folder / NAME, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            files.disk.truncate(fd, self.size)
            files.disk.sync(fd)
        finally:
            os.close(fd)


def _who_and_when() -> Entry:
    """Two clocks, because one can be set back; the host as a hash, because its name may be a person's."""
    now = datetime.now(UTC)
    offset = now.astimezone().utcoffset()
    return {
        "t_utc": now.isoformat(timespec="microseconds"),
        "t_mono": time.monotonic_ns(),
        "tz": int(offset.total_seconds()) // 60 if offset else 0,
        "actor": actor(),
        "host": hashlib.sha256(platform.node().encode()).hexdigest()[:16],
        "tool": f"collectaudit {__version__}",
    }


def actor() -> str:
    """The account name on this machine; its number where it has none."""
    try:
        return getpass.getuser().encode("utf-8", "backslashreplace").decode()
    except (KeyError, OSError):
        return str(os.getuid())
