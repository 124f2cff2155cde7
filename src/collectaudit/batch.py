"""Many cases at once: each item becomes a case of its own by the same `audit`; what is done is not done again."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import pool, resources
from .audit import Progress, audit
from .case import Case
from .completeness import in_part, incomplete
from .containers import paths_below
from .desk import BATCH as STATE
from .errors import CollectAuditError, InputProblem, IntegrityError, WrongUse
from .evidence import files
from .evidence.lock import Held
from .evidence.store import as_json, read_json
from .safe_text import as_text

if TYPE_CHECKING:
    from .transcribe.whole import Ear

Row = dict[str, Any]
Engine = Callable[[int | None], AbstractContextManager[pool.Share]]
ENGINES = ("local", "ray")
PASSWORD = "COLLECTAUDIT_PASSWORD"  # noqa: S105 — the name of a variable
CRASHED = 70
_HELD_S = 30.0  # a worker that was killed elsewhere may still hold its case
_NOTHING: Row = dict.fromkeys((
    "run", "sources", "records", "events", "rejects", "contacts", "accounts", "findings", "review", "first_day",
    "last_day",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes one case: its inputs, the folder of the case, and what `audit` is told beside them."""

    inputs: tuple[Path, ...]
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it, as text that any table can hold."""
        name = self.inputs[0].name if self.inputs else self.out.name
        return as_text(name)


def audit_many(
    items: Sequence[Item], engine: str = "local", *, jobs: int | None = None, ear: "Ear | None" = None,
    progress: Progress = lambda *_: None,
) -> list[Row]:  # fmt: skip
    """Make each item a case; a row for each, in their order. An item that fails does not stop the others.

    `engine`: local (`jobs` processes of this machine) or ray (see cluster.py); the cases are the same. `jobs`: None for
    as many as there are processors. With an `ear` their recordings are transcribed, and what has new words is judged
    again; a recording that cannot be listened to makes its case incomplete. A row has case, input, state (complete ·
    incomplete · failed), code (what `audit` would exit with), reason, again (whether it was done now), part (whether
    anything was read only in part), counts, findings by rule, and the inputs that could not be read.
    """
    if len({item.out.resolve() for item in items}) < len(items):
        raise WrongUse("two items would become one case", "Give each a folder of its own.")
    with engine_of(engine)(jobs) as share:
        rows = _audited_all(items, share, jobs or _room(engine, _processors), progress)
        if ear:
            from .transcribe.crew import room_for

            _transcribe(items, rows, ear, share, jobs or _room(engine, room_for), progress)
    return rows


def _room(engine: str, here: Callable[[], int]) -> int | None:
    """How many at once where nobody says it; a cluster knows by itself."""
    return None if engine == "ray" else here()


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def _audited_all(items: Sequence[Item], share: pool.Share, jobs: int | None, progress: Progress) -> list[Row]:
    rows: list[Row] = [{} for _ in items]
    progress("batch", 0, len(items))
    for done, (n, answer) in enumerate(share(audit_one, items, jobs), 1):
        rows[n] = _ended(items[n], answer) if isinstance(answer, pool.Ended) else answer
        progress("batch", done, len(items))
    return rows


def engine_of(name: str) -> Engine:
    """How the work is shared out; raises WrongUse for a name that is none, MissingPart where it is not installed."""
    if name == "ray":
        from . import cluster

        cluster.check()
        return cluster.sharing
    if name != "local":
        raise WrongUse(f"there is no engine {name}", "choose one of: " + ", ".join(ENGINES))
    return lambda _: nullcontext(pool.share)


def _transcribe(
    items: Sequence[Item], rows: list[Row], ear: "Ear", share: pool.Share, jobs: int | None, progress: Progress
) -> None:
    """Listen to what became cases; the rows of those with new transcripts are made anew."""
    from .transcribe.many import transcribe_cases

    cases = [n for n, row in enumerate(rows) if row["state"] != "failed"]
    heard = transcribe_cases([items[n].out for n in cases], ear, share, jobs=jobs, progress=progress)
    if changed := [n for n, one in zip(cases, heard, strict=True) if one.made]:
        anew = _audited_all([items[n] for n in changed], share, jobs, progress)
        for n, row in zip(changed, anew, strict=True):
            rows[n] = row
    for n, one in zip(cases, heard, strict=True):
        if one.failed and rows[n]["state"] != "failed":
            lost = [{"input": as_text(name), "reason": reason} for name, reason in one.failed]
            lacks = {"state": "incomplete", "code": InputProblem.exit_code, "errors": [*rows[n]["errors"], *lost]}
            rows[n] = {**rows[n], **lacks}


def _ended(item: Item, ended: pool.Ended) -> Row:
    if ended.failed:
        reason = "an error inside the program; `collectaudit audit` on this case alone says where"
    else:
        reason = "whatever worked on it was killed, again and again, probably because memory ran out"
    return failed(item.out.name, item.name, CRASHED, reason)


def failed(case: str | None, name: str, code: int, reason: str) -> Row:
    """The row of what has become no case."""
    return {
        "case": case, "input": name, "state": "failed", "code": code, "reason": reason, "again": True, "part": True,
        **_NOTHING, "rules": [], "errors": [],
    }  # fmt: skip


def audit_one(item: Item) -> Row:
    """One item, wherever it is run: the case, unless it is as it would become; its row."""
    deadline = time.monotonic() + _HELD_S
    while True:
        try:
            return _audited(item)
        except Held as error:
            if time.monotonic() > deadline:
                return failed(item.out.name, item.name, error.exit_code, error.what)
            time.sleep(0.2)
        except CollectAuditError as error:
            return failed(item.out.name, item.name, error.exit_code, error.what)


def _audited(item: Item) -> Row:
    state = item.out.parent / STATE
    key, memo = _key(item), state / f"{item.out.name}.json"
    with suppress(IntegrityError):  # a torn note is no note
        known = read_json(memo)
        if known and known["key"] == key and known["stamp"] == _stamp(item.out):
            return {**known["row"], "again": False}
    case = audit(item.inputs, out=item.out, passwords=_from_environment, **{"threads": 1, **item.settings})
    row = _row(case, item)
    state.mkdir(mode=0o700, exist_ok=True)
    files.write_atomic(memo, as_json({"key": key, "stamp": _stamp(item.out), "row": row}), state)
    return {**row, "again": True}


def _from_environment(_name: str) -> Iterator[str]:
    """Nobody sits at a worker."""
    if given := os.environ.get(PASSWORD):
        yield given


# What would change a case


def _key(item: Item) -> str:
    """Changes whenever an item would become another case: its files, what is said of them, the program."""
    said = {name: _contents(value) for name, value in item.settings.items() if value and name != "threads"}
    inputs = [[as_text(given.name), list(_hashes(given))] for given in item.inputs]
    return hashlib.sha256(json.dumps([program(), said, inputs], sort_keys=True).encode()).hexdigest()


def _contents(value: Any) -> Any:
    """A setting by what it holds: files and folders of rules by their hashes."""
    if isinstance(value, Path):
        return [[path.name, _hash(path)] for path in (sorted(value.glob("*.sql")) if value.is_dir() else [value])]
    if isinstance(value, list | tuple):
        return [_contents(one) for one in value]
    return value


def _hashes(given: Path) -> Iterator[tuple[str, str]]:
    """Each file of an input by name and content; the backup of a phone by all that it holds."""
    if not given.is_dir() or given.is_symlink():
        yield "", _hash(given)
        return
    for path in paths_below(given):
        for one in sorted(path.rglob("*")) if path.is_dir() and not path.is_symlink() else [path]:
            if not one.is_dir() or one.is_symlink():
                yield one.relative_to(given).as_posix(), _hash(one)


def _hash(path: Path) -> str:
    """Of a file; of what is none, why it cannot be read."""
    try:
        return files.sha256_of(path)
    except files.NotAFile as problem:
        return str(problem)
    except OSError as problem:
        return type(problem).__name__


@cache
def program() -> str:
    """Hash of the whole program, with its rules, laws and words."""
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, *map(resources.folder, ("queries", "regimes", "lexicons"))):
        for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
            if path.is_file() and path.parent.name != "__pycache__":
                digest.update(f"{path.relative_to(folder).as_posix()}\n{files.sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _stamp(path: Path) -> str | None:
    """Changes with the case: what people wrote, its options, its transcripts, its run; None if there is no run."""
    try:
        case = Case.open(path)
        run = case.run()
        if run is None or not run.is_dir():
            return None
        case.drawers()
        holds = [case.id, run.name, case.options, case.drawers_read, case.transcribed()]
    except CollectAuditError:
        return None
    return hashlib.sha256(json.dumps(holds, sort_keys=True).encode()).hexdigest()


# What became of it


def _row(case: Case, item: Item) -> Row:
    lacks, run = incomplete(case), case.run()
    return {
        "case": item.out.name, "input": item.name, "state": "incomplete" if lacks else "complete",
        "code": 3 if lacks else 0, "reason": None, "part": in_part(case), "run": run and run.name,
        **case.query(_FIGURES)[0], "rules": case.query(_RULES),
        "errors": [{"input": as_text(str(one["input"])), "reason": str(one["reason"])} for one in case.errors],
    }  # fmt: skip


_FIGURES = """
SELECT * FROM (
    SELECT count(*) AS sources, coalesce(CAST(sum(records) AS BIGINT), 0) AS records,
        coalesce(CAST(sum(events) AS BIGINT), 0) AS events, coalesce(CAST(sum(rejects) AS BIGINT), 0) AS rejects
    FROM sources
), (
    SELECT count(*) AS contacts, count(DISTINCT account) FILTER (account <> '') AS accounts,
        CAST(min(on_date) AS VARCHAR) AS first_day, CAST(max(on_date) AS VARCHAR) AS last_day
    FROM occasions
), (SELECT count_if(tier = 'finding') AS findings, count_if(tier = 'review') AS review FROM findings)
"""
_RULES = """
SELECT rule_id, title_en, title_zh, f.severity, tier, count(*) AS findings
FROM findings f JOIN rule_runs USING (rule_id) GROUP BY ALL ORDER BY ALL
"""
