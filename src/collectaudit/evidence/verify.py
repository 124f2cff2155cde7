"""Checks a case again, byte by byte, against its log; changes nothing, and says what it did not check."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import duckdb

from .. import runs
from ..drawers import COMPLAINT, CUSTODY, FACTS_FILE, LISTENED, PEOPLE, REVIEWS, SAMPLES, TOLD
from ..errors import IntegrityError
from . import files
from .folder import LOCK, LOG, SECRET, CaseFolder
from .log import HEAD, NAME, Broken, Chain, Cut, Entry, head_fault, read_chain, sound_entries
from .publishing import LEDGER_FILE, MANIFEST
from .store import CASE, EXPORTS, LEDGER, MAPS, ORIGINALS, REFERENCE, RUNS, TMP, pending, read_json, settled

Status = Literal["ok", "bad", "not_checked"]
_DRAWERS = (PEOPLE, FACTS_FILE, TOLD, CUSTODY, LISTENED, REVIEWS, SAMPLES)
_SHORTEST_HEAD = 12
_CHANGED = "its bytes are not those that were recorded"
_CHANGED_MADE = f"{_CHANGED}; it can be made again from the originals: collectaudit rebuild"
_MACHINE = (ORIGINALS, MAPS, LEDGER, RUNS, LOG)
_LATER = {
    "transcripts": "only what the log names there was checked",
    EXPORTS: "copies for others",
    TMP: "left by a stopped command",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: a file of the case or a statement about it."""

    what: str
    status: Status
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks; `ok` if none is bad."""

    lines: list[Check]

    @property
    def ok(self) -> bool:
        """Whether everything that was checked is as it was recorded."""
        return all(line.status != "bad" for line in self.lines)


def verify(case: CaseFolder, *, head: str | None = None) -> Report:
    """Check every file of the case. Raises Held if another process is changing it.

    `head`: a hash of the log (or its beginning) noted earlier, which must be in the log.
    """
    with case.undisturbed("verify"):
        return Report(list(_Verifier(case.path, head).checks()))


class _Verifier:
    """One pass over a case folder."""

    def __init__(self, root: Path, head: str | None) -> None:
        self.root = root
        self.head = head
        self.entries: list[Entry] = []
        self.trusted = True  # whether the log is whole
        self.expected: dict[str, str] = {}  # path in the case → hash, as far as the log can be trusted
        self.listed: set[str] = set()  # every file that some list names

    def checks(self) -> Iterator[Check]:
        """All checks, in the order of the report."""
        yield from self._log()
        yield from self._noted_head()
        for to, digest in sorted(self.expected.items()):
            if to.startswith((f"{LEDGER}/", f"{RUNS}/")):
                yield from self._sealed(to, LEDGER_FILE if to.startswith(LEDGER) else MANIFEST, digest)
            else:
                yield self._file(to, digest)
                if to.endswith(REFERENCE):
                    yield self._referenced(to)
        for folder in _MACHINE:
            yield from self._foreign(folder)
        yield from self._current()
        yield from self._by_people()
        yield from self._unchecked()

    def _log(self) -> Iterator[Check]:
        """The chain, its head, and what the log says must be there."""
        name = f"{LOG}/{NAME}"
        self.listed |= {name, f"{LOG}/{HEAD}"}
        try:
            chain = read_chain(self.root / LOG)
        except (Broken, OSError) as problem:
            found = [Check(name, "bad", problem.what if isinstance(problem, Broken) else str(problem.strerror))]
            self.entries = sound_entries(self.root / LOG)
        else:
            found = list(self._ends(name, chain))
            self.entries = chain.entries
        yield from found
        self.trusted = all(check.status != "bad" for check in found)
        waiting = {move["to"]: move for move in pending(self.root, self.entries)}
        self.expected = settled(self.root, self.entries)
        for to, move in waiting.items():
            yield self._interrupted(to, move)
        if waiting:
            self.entries = self.entries[:-1]

    def _noted_head(self) -> Iterator[Check]:
        """Whether a hash that somebody noted earlier is still in the chain: then nothing before it was rewritten."""
        if self.head is None:
            return
        what = f"the noted head {files.shown(self.head)}"
        wanted = self.head.strip().lower()
        found = [entry for entry in self.entries if len(wanted) >= _SHORTEST_HEAD and entry["h"].startswith(wanted)]
        if found:
            yield Check(what, "ok", f"record {found[0]['seq']} of {len(self.entries)}, of {found[0]['t_utc'][:19]} UTC")
        else:
            yield Check(what, "bad", "is not in the log: the log was replaced, or it is that of another case")

    def _ends(self, name: str, chain: Chain) -> Iterator[Check]:
        if chain.unfinished:
            yield Check(name, "not_checked", f"{chain.torn} bytes never finished; the next command cuts them off")
        elif chain.torn:
            yield Check(name, "bad", f"{chain.torn} bytes were added after the last record")
        try:
            fault = head_fault(self.root / LOG, chain)
        except Cut as problem:
            yield Check(name, "bad", problem.what)
            return
        if fault:
            yield Check(f"{LOG}/{HEAD}", "bad", fault)
        elif not chain.torn:
            yield Check(name, "ok", f"{len(chain.entries)} records; the last is {chain.head}")

    def _interrupted(self, to: str, move: Mapping[str, str]) -> Check:
        """A crash came between the log and the rename; what waits in tmp must be what was announced."""
        self.listed.add(to)
        staged = self.root / TMP / Path(move["from"]).name
        listing = {LEDGER: LEDGER_FILE, RUNS: MANIFEST}.get(PurePosixPath(to).parts[0])
        if not files.has_hash(staged / listing if listing else staged, move["sha256"]):
            return Check(to, "bad", "was announced in the log, and what waits to be moved there was changed")
        if to in self.expected and not os.path.lexists(self.root / to):
            del self.expected[to]
        return Check(to, "not_checked", "a command was stopped here; the next one finishes it")

    def _file(self, to: str, digest: str) -> Check:
        self.listed.add(to)
        try:
            found = files.sha256_of(self.root / to)
        except files.NotAFile as problem:
            return Check(to, "bad", str(problem))
        except OSError as error:
            return Check(to, "bad", f"cannot be read: {error.strerror}")
        if found == digest:
            return Check(to, "ok")
        again = to.startswith((f"{LEDGER}/", f"{RUNS}/"))
        return Check(to, "bad", _CHANGED_MADE if again else _CHANGED)

    def _referenced(self, to: str) -> Check:
        """The file outside that was kept by reference."""
        try:
            about = read_json(self.root / to) or {}
        except IntegrityError as problem:
            return Check(to, "bad", problem.what)
        path = self.root / str(about.get("path", ""))
        if files.has_hash(path, str(about.get("sha256"))):
            return Check(files.shown(path), "ok", "kept by reference")
        return Check(files.shown(path), "bad", "kept by reference; missing or changed")

    def _sealed(self, to: str, listing: str, digest: str) -> Iterator[Check]:
        """A published folder: its list by the log, its files by the list."""
        first = self._file(f"{to}/{listing}", digest)
        yield first
        if first.status != "ok":
            self.listed |= {_under(self.root, path) for path in _walk(self.root / to)}
            return
        about = read_json(self.root / to / listing) or {}
        for name, listed in sorted(about["files"].items()):
            yield self._file(f"{to}/{name}", listed if isinstance(listed, str) else listed["sha256"])
        if listing == LEDGER_FILE and about["records"] != about["events"] + about["rejects"]:
            yield Check(f"{to}/{listing}", "bad", "records are not events + rejects")

    def _foreign(self, folder: str) -> Iterator[Check]:
        """Files and folders among the machine's that no list names."""
        top = self.root / folder
        if top.is_symlink() or not top.is_dir():
            yield Check(folder, "bad", "is not a folder")
            return
        parents = {str(parent) for name in self.listed for parent in PurePosixPath(name).parents}
        for path in _walk(top):
            name = _under(self.root, path)
            if name not in self.listed and not (name in parents and path.is_dir()):
                yield self._unknown(name)

    def _unknown(self, name: str) -> Check:
        if self.trusted:
            return Check(files.shown(name), "bad", "nothing in the log says that this belongs here")
        return Check(files.shown(name), "not_checked", "the log is not whole and does not name this")

    def _current(self) -> Iterator[Check]:
        """case.json points to the run that the log published last, and the tables of that run add up."""
        try:
            about = read_json(self.root / CASE) or {}
        except (IntegrityError, OSError):
            return  # its hash is reported already
        if CASE not in self.expected:
            yield self._unknown(CASE)
        current = about.get("current")
        last = next((entry for entry in reversed(self.entries) if entry["ev"] == "run.publish"), None)
        if not self.trusted or (current is None and last is None):
            return
        same = last is not None and (last["run"], last["manifest"]) == (current, self.expected.get(f"{RUNS}/{current}"))
        what = f"{CASE} names the run published last"
        yield Check(what, "ok" if same else "bad", "" if same else f"it names {files.shown(str(current))}")
        if isinstance(current, str) and f"{RUNS}/{current}" in self.expected:
            yield _adds_up(self.root / RUNS / current)

    def _by_people(self) -> Iterator[Check]:
        """What people may change at any time: said, not judged."""
        used = self._used()
        for name in _DRAWERS:
            path = self.root / name
            if os.path.lexists(path):
                then = used.get(name)
                same = then is not None and files.has_hash(path, then)
                other = f"the last audit used {then}" if then else "the last audit used none"
                note = "as the last audit used it" if same else other
                detail = self._history(path) if name in (REVIEWS, SAMPLES, CUSTODY) else f"edited by people; {note}"
                yield Check(name, "not_checked", detail)

    def _history(self, path: Path) -> str:
        """Whether a drawer to which rows are only added is as the log says this program left it."""
        written = [entry["sha256"] for entry in self.entries if entry.get("drawer") == path.name]
        same = bool(written) and files.has_hash(path, written[-1])
        return "edited by people; " + ("as this program wrote it last" if same else "changed by hand since")

    def _used(self) -> dict[str, str]:
        try:
            current = (read_json(self.root / CASE) or {}).get("current")
            manifest: dict[str, Any] = read_json(self.root / RUNS / str(current) / MANIFEST) or {}
        except (IntegrityError, OSError):
            return {}
        used = manifest.get("made_from", {}).get("drawers", {})
        return used if isinstance(used, dict) else {}

    def _unchecked(self) -> Iterator[Check]:
        """What else lies in the folder, and what no check of the folder can show."""
        known = {*_MACHINE, *_DRAWERS, LOCK, CASE, SECRET, COMPLAINT}
        for path in sorted(self.root.iterdir()):
            if path.name not in known and (path.name != TMP or any(path.iterdir())):
                yield Check(files.shown(path.name), "not_checked", _LATER.get(path.name, "not part of the case"))
        head = self.entries[-1]["h"] if self.entries else "none"
        yield Check("the case as a whole", "not_checked", f"compare the log's head with one noted elsewhere: {head}")
        yield Check("the inputs before they were kept", "not_checked", "what a phone did to them is not seen here")


def _adds_up(run: Path) -> Check:
    """Every record of every source is an event or a reject, in the tables too."""
    what = f"{RUNS}/{run.name}: records = events + rejects"
    try:
        with runs.connect(run, locked=True) as con:
            wrong = con.execute(_WRONG).fetchall()
    except (IntegrityError, duckdb.Error) as error:
        return Check(what, "bad", str(error).splitlines()[0])
    names = ", ".join(files.shown(str(name)) for (name,) in wrong)
    return Check(what, "bad" if wrong else "ok", f"not for {names}" if wrong else "")


def _walk(top: Path) -> Iterator[Path]:
    """Everything below a folder, following no link."""
    for folder, inner, names in os.walk(top):
        yield from (Path(folder) / name for name in sorted([*inner, *names]))


def _under(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


# Address books and drawers give parties and facts, not events.
_WRONG = """
SELECT name FROM sources s
LEFT JOIN (SELECT source_id, count(*) AS n FROM events GROUP BY source_id) e USING (source_id)
LEFT JOIN (SELECT source_id, count(*) AS n FROM rejects GROUP BY source_id) r USING (source_id)
WHERE s.records IS DISTINCT FROM s.events + s.rejects OR s.rejects IS DISTINCT FROM coalesce(r.n, 0)
    OR (s.kind = 'events' AND s.events IS DISTINCT FROM coalesce(e.n, 0))
ORDER BY name
"""
