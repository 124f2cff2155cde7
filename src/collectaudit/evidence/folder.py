"""The case folder itself: made whole or not at all, one writer at a time, what a crash left is finished."""

import os
import re
import secrets
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import duckdb

from ..errors import IntegrityError, WrongUse
from ..runs import check_path
from . import files
from .lock import hold
from .log import Entry, Log, read_chain, sound_entries
from .store import CASE, LEDGER, MAPS, ORIGINALS, RUNS, TMP, Move, Store, as_json, damaged, pending, read_json, settled

SCHEMA = 1
LOG, LOCK = "log", "lock"
_FOLDERS = (ORIGINALS, LEDGER, RUNS, MAPS, LOG, TMP)
_OURS = {*_FOLDERS, LOCK}  # what a folder may hold before its case.json is written
SECRET = "secret.key"  # noqa: S105 — the name of a file
_OWN = ("schema", "id", "created", "maps", "current")  # of case.json; the rest of it are the options
_SPILL = re.compile(r"spill-(\d+)-[0-9a-f]+")


class CaseFolder:
    """A case on disk. Reading needs no lock; whatever changes it runs in a `session`, one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path).resolve()
        self._store: Store | None = None
        self._mine = threading.RLock()

    @classmethod
    def create(cls, path: Path, *, jurisdiction: str = "cn", time_zone: str = "Asia/Shanghai") -> Self:
        """Open the case at `path`, or make a new one there; raises WrongUse for a folder that holds other things."""
        case = cls(path)
        if os.path.lexists(case.path / CASE):
            return case
        check_path(case.path)
        options = checked({"jurisdiction": jurisdiction, "time_zone": time_zone, "owners": {}})
        with disk_errors():
            case._refuse_other_things()
            case.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with hold(case.path / LOCK, "create"):
                case._lay_out(options)
        return case

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the case at `path`; raises WrongUse if there is none."""
        case = cls(path)
        if not os.path.lexists(case.path / CASE) and not case._was_whole():
            raise WrongUse(
                f"{files.shown(path)} is not a case folder",
                f"Make one with: collectaudit audit INPUT… -o {files.shown(path)}",
            )
        return case

    def _was_whole(self) -> bool:
        """Whether a case without case.json once had it; otherwise its making was stopped, or it is no case."""
        return CASE in settled(self.path, sound_entries(self.path / LOG))

    def _refuse_other_things(self) -> None:
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise WrongUse(f"{files.shown(self.path)} is not a folder", "Name a new folder for the case.")
        others = {entry.name for entry in self.path.iterdir()} - _OURS if self.path.is_dir() else set()
        if others:
            raise WrongUse(
                f"{files.shown(self.path)} holds other things ({files.shown(min(others))}) and is not a case",
                "Name a new or empty folder for the case.",
            )

    def _lay_out(self, options: Mapping[str, Any]) -> None:
        """Folders, log, case.json last; picks up where a killed attempt stopped."""
        files.disk.set_mode(self.path, 0o700)
        for name in reversed(_FOLDERS):
            files.make_folder(self.path / name)
        store = Store(self.path, Log.create(self.path / LOG, self.path / TMP, "create"))
        store.finish()
        if CASE not in store.placed:
            about = {"schema": SCHEMA, "id": uuid.uuid4().hex, "created": now(), "maps": {}, "current": None}
            store.commit("case.create", [store.stage(as_json({**about, **options}), CASE)])
        self._about()

    @contextmanager
    def session(self, command: str = "python") -> Iterator[Self]:
        """Work on the case alone: raises Held, naming the other process, if one does; what a crash left is finished.

        Sessions of one object may be nested; the outermost one counts. `command` goes into the lock and the log.
        """
        with self._mine:
            if self._store is not None:
                yield self
                return
            with disk_errors(), hold(self.path / LOCK, command):
                self._store = self._begin(command)
                try:
                    yield self
                    if not pending(self.path, self._store.log.entries):
                        self._empty_tmp()
                finally:
                    self._store = None

    @contextmanager
    def undisturbed(self, command: str) -> Iterator[None]:
        """Nobody else changes the case while the block runs, and nothing is begun or repaired; raises Held."""
        if self._store is not None or not os.access(self.path, os.W_OK):  # a read-only case cannot change either
            yield
            return
        with disk_errors(), hold(self.path / LOCK, command):
            yield

    def _begin(self, command: str) -> Store:
        files.make_folder(self.path / TMP)
        store = Store(self.path, Log.open(self.path / LOG, command))
        store.finish()
        if not files.has_hash(self.path / CASE, store.placed.get(CASE, "")):
            raise damaged(self.path / CASE)
        self._about()
        self._empty_tmp()
        return store

    def _empty_tmp(self) -> None:
        """Remove what nobody works on; another process that reads the case may be spilling there."""
        for path in list((self.path / TMP).iterdir()):
            spill = _SPILL.fullmatch(path.name)
            if not (spill and _alive(int(spill[1]))):
                files.disk.remove(path)

    @property
    def _now_open(self) -> Store:
        if self._store is None:
            raise RuntimeError("only inside `with case.session(…)`")
        return self._store

    def note(self, event: str, **facts: int | str) -> None:
        """Write an event into the log: integers and strings, never a number, name or text from the data."""
        with self.session():
            self._now_open.commit(event, [], **facts)

    def log_head(self) -> str:
        """Hash of the last log record; kept elsewhere, it later shows that the log up to here is unchanged."""
        return self._store.log.head() if self._store else read_chain(self.path / LOG).head

    def log_entries(self) -> list[Entry]:
        """Every record of the log, checked; raises Broken."""
        return list(self._entries())

    def secret(self) -> bytes:
        """32 random bytes that belong to this case alone and never leave it: the key of its pseudonyms."""
        path = self.path / SECRET
        if not path.exists():
            with self.session():
                files.write_atomic(path, secrets.token_bytes(32), self._now_open.tmp)
        return files.read(path)

    def _entries(self) -> list[Entry]:
        return self._store.log.entries if self._store else read_chain(self.path / LOG).entries

    def _placed(self) -> dict[str, str]:
        """Path in the case → hash, as the log says; what another process is moving right now is left out."""
        return self._store.placed if self._store else settled(self.path, self._entries())

    def _about(self) -> dict[str, Any]:
        """What case.json holds."""
        about = read_json(self.path / CASE)
        if about is None:
            raise IntegrityError(f"{files.shown(self.path)} has no {CASE}", "Run `collectaudit verify` on the case.")
        if about.get("schema") != SCHEMA:
            raise WrongUse(f"{files.shown(self.path)} was made by another version", "Use the newest collectaudit.")
        return about

    def _changed(self, **changes: Any) -> Move:
        return self._now_open.stage(as_json({**self._about(), **changes}), CASE)

    @property
    def id(self) -> str:
        """What tells this case from every other, given when it was made."""
        return str(self._about()["id"])

    @property
    def options(self) -> dict[str, Any]:
        """What the case was told: jurisdiction, time_zone, owners, and what else was set."""
        return {key: value for key, value in self._about().items() if key not in _OWN}

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Replace the options; raises WrongUse for a time zone that does not exist."""
        with self.session():
            if options != self.options:
                own = {key: value for key, value in self._about().items() if key in _OWN}
                move = self._now_open.stage(as_json({**checked(options), **own}), CASE)
                self._now_open.commit("case.save", [move], options=sorted(options))


def checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options, if their time zones exist; raises WrongUse with the nearest one."""
    for zone in (str(options.get("time_zone")), *map(str, options.get("zones", {}).values())):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = get_close_matches(zone, available_timezones(), 1)
            fix = f"Did you mean {near[0]}?" if near else "Use a name such as Asia/Shanghai or America/New_York."
            raise WrongUse(f"there is no time zone {files.shown(zone)}", fix) from None
    return options


def now() -> str:
    """The time of a person's or the machine's act, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_NO_ROOM = "this needs more memory than there is, and the disk has no room for the rest"
_MORE_ROOM = "Free some space where the case folder lies, or set COLLECTAUDIT_MEMORY=4GB, and run the command again."


@contextmanager
def disk_errors() -> Iterator[None]:
    """A failing disk becomes a sentence for people, whichever library met it."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:  # also where what waits on the disk is too much for the disk
        raise files.DiskProblem(_NO_ROOM, _MORE_ROOM) from error
    except _disk_failures() as error:
        problem = files.disk_problem(error)
        if problem is None:
            raise
        raise problem from error


def _disk_failures() -> tuple[type[Exception], ...]:
    """What Python, DuckDB and (if anybody has loaded it) Polars raise when the system refuses to write."""
    polars = sys.modules.get("polars")
    others = (polars.exceptions.PolarsError,) if polars else ()
    return (OSError, duckdb.IOException, duckdb.FatalException, *others)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
