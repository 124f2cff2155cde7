"""Making again what was made from the originals: to heal a case (rebuild), or to see the same come out (recheck)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from . import memory, runs
from .audit import Progress, audit, make_tables, sources_of
from .case import Case
from .errors import IntegrityError
from .evidence import files
from .evidence.publishing import LEDGER_FILE, RECORDS, read_manifest
from .evidence.store import LEDGER, RUNS
from .evidence.verify import Check, Report, verify
from .reading import Task, read_into
from .rules import load_rules
from .settle import Source
from .sqltext import literal

_MADE = (f"{LEDGER}/", f"{RUNS}/")
_SAME = "the same was read again"


def rebuild(case: Case, rules: Sequence[Path] = (), progress: Progress = lambda *_: None) -> Report:
    """Read the originals again where what was read is damaged, judge again, and check everything.

    Raises IntegrityError if something is damaged that nothing can be made again from: log, originals, case.json.
    """
    lost = [line.what for line in verify(case).lines if line.status == "bad" and not _made(line.what)]
    if lost:
        raise IntegrityError(
            f"{', '.join(lost[:3])} cannot be made again", "Bring it back from a copy; `collectaudit verify` names all."
        )
    case.note("rebuild")
    audit([], out=case.path, rules=rules, progress=progress)
    return verify(Case(case.path))


def _made(what: str) -> bool:
    """Whether a bad thing is, or is about, what was made from the originals."""
    return what.startswith(_MADE)


def recheck(case: Case, progress: Progress = lambda *_: None) -> Iterator[Check]:
    """Read every original again and judge again, in a private folder; is what comes out what is in the case?"""
    run = case.run()
    with case.undisturbed("verify"), case.private_folder() as folder:
        again = _Again(case, folder)
        made = folder / "run"
        made.mkdir()
        sources = sources_of(case, made, None, again.read)
        yield from again.checks
        if run is None:
            yield Check("the findings", "not_checked", "the case was never judged")
            return
        _, basis = make_tables(case, sources, made, load_rules(()), None, progress)
        manifest = read_manifest(run)
        other = _other(manifest["made_from"], {**basis, "drawers": case.drawers_read})
        if other:
            yield Check("the findings", "not_checked", f"they would now be judged by other {', '.join(other)}")
            return
        for name in sorted(manifest["files"]):
            yield _compared(f"{RUNS}/{run.name}/{name}", run / name, made / name)


class _Again:
    """Reads originals into a folder and compares with what was read before."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.folder = folder
        self.checks: list[Check] = []
        self._last = {ledger["sha256"]: ledger for ledger in case.ledgers()}

    def read(self, case: Case, task: Task, path: Path) -> Source:
        """Read one file."""
        to = self.folder / task.sha256
        to.mkdir(exist_ok=True)
        ledger = read_into(task, path, to)
        self.checks.append(self._check(case, task, ledger, to / RECORDS))
        return Source(ledger, to / RECORDS)

    def _check(self, case: Case, task: Task, ledger: Mapping[str, Any], made: Path) -> Check:
        what = f"{LEDGER}/{task.sha256}-{task.fingerprint}"
        before = case.ledger(task.sha256, task.fingerprint)
        if before is None:
            return Check(what, "not_checked", "this version of the program reads it in another way")
        if any(before.get(name) != ledger[name] for name in _COUNTED):
            return Check(f"{what}/{LEDGER_FILE}", "bad", "reading the original again gives something else")
        if not ledger["records"]:
            return Check(what, "ok", _SAME)
        return _compared(f"{what}/{RECORDS}", case.path / what / RECORDS, made)


def _compared(what: str, kept: Path, made: Path) -> Check:
    """Whether two tables hold the same: byte for byte, or (written by another version of the engine) row for row."""
    if made.exists() and _same_bytes(kept, made):
        return Check(what, "ok", _SAME)
    try:
        same = made.exists() and kept.suffix == ".parquet" and _same_rows(kept, made)
    except duckdb.Error:
        same = False
    if same:
        return Check(what, "ok", "the same rows came out again")
    return Check(what, "bad", "making it again gives something else")


def _same_bytes(one: Path, other: Path) -> bool:
    return files.has_hash(one, files.sha256_of(other))


def _same_rows(one: Path, other: Path) -> bool:
    a, b = runs.scan(one), runs.scan(other)
    with duckdb.connect() as con:
        memory.bound(con)
        con.execute("SET temp_directory = " + literal(runs.spill_folder(other.parent)))
        query = f"SELECT count(*) FROM ((FROM {a} EXCEPT ALL FROM {b}) UNION ALL (FROM {b} EXCEPT ALL FROM {a}))"  # noqa: S608
        return con.execute(query).fetchone() == (0,)


def _other(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Names of what decided the run and is not as it was."""
    now = json.loads(json.dumps(now))
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


_COUNTED = ("records", "events", "rejects", "parser", "encoding", "first_at", "last_at", "status")
