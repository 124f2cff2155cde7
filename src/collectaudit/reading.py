"""READ: an input file becomes an original in the case and, in a child process with limits, typed records."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from . import __version__, containers, normalise, numbers
from .isolate import ChildDied, run_limited
from .records import RAW_FIELDS, Facts, Job, Record, Reject, Unreadable
from .sources import Unrecognised, parser_for
from .times import DAY_OR_YEAR

_BATCH = 50_000
MEMBER, OPENED = "member", "opened"
ASIDE = "aside"  # the kind of what is kept and holds no records
_PICTURES, _HEIF = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8"), (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
_LISTED = "it was opened: the files in it are listed by themselves"
_SAY_ORDER = (
    "day and month cannot be told apart in this file: say which comes first (--date-order, or in the list of files)"
)
_SAY_YEAR = (
    "day and year cannot be told apart in this file: say which comes first (--date-order, or in the list of files)"
)
_KEPT = "it came along with other files: it is kept, and not read"


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that belongs to the one that is read."""

    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read, and how. `companions`: as in records.Job. `beside`: it came along with others, out of a
    container (member), or is a container whose members are in the case (opened); then it need not be read. `time_zone`:
    in which its times are written; `judged_in`: that of the case, if it is another; `order`: as in records.Job.
    """

    name: str
    sha256: str
    size_bytes: int
    time_zone: str
    region: str
    map_file: Path | None = None
    threads: int | None = None
    known_as: str | None = None  # instead of its hash, of a file that grows
    companions: Mapping[str, Companion] = field(default_factory=dict)
    beside: str = ""
    judged_in: str = ""
    order: str | None = None

    @property
    def source_id(self) -> str:
        """What its contacts are named after."""
        return self.known_as or self.sha256[:16]

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same bytes might be read differently: program, zone, numbering plan, column map,
        what lies beside a database, whether it came along with others, and what a person said of its dates.
        """
        parts = [_code_hash(), self.time_zone, self.region]
        parts += [f"{suffix} {self.companions[suffix].sha256}" for suffix in sorted(self.companions)]
        parts += [part for part in (self.beside, self.judged_in, self.order) if part]
        if self.map_file is not None:
            parts.append(hashlib.sha256(self.map_file.read_bytes()).hexdigest())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


@cache
def _code_hash() -> str:
    """Hash of the program text that reading depends on."""
    package = Path(__file__).parent
    files = [*package.glob("sources/**/*.py"), *package.glob("sources/**/*.toml"), *package.glob("*.py"),
             *package.glob("containers/*.py"), *package.glob("sql/t*.sql")]  # fmt: skip
    digest = hashlib.sha256(__version__.encode())
    for file in sorted(files, key=lambda f: f.relative_to(package).as_posix()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_into(task: Task, original: Path, folder: Path) -> dict[str, object]:
    """Read the file `original` into `folder` (records.parquet) and return the facts of its ledger.

    Never raises for bad data: a file that cannot be read has status `rejected` or `unrecognised` and a reason.
    """
    facts: dict[str, object] = {
        "sha256": task.sha256, "name": task.name, "size_bytes": task.size_bytes, "fingerprint": task.fingerprint,
        "parser": None, "kind": None, "encoding": None, "time_zone": task.time_zone, "owner_number": None,
        "declared": None, "records": 0, "events": 0, "rejects": 0, "first_at": None, "last_at": None, "notes": [],
    }  # fmt: skip
    if task.companions:
        facts["companions"] = {suffix: beside.sha256 for suffix, beside in sorted(task.companions.items())}
    if task.beside == OPENED:
        return facts | {"status": "ok", "kind": ASIDE, "reason": None, "notes": [_LISTED]}
    if task.beside and _is_picture(original):  # a chat brings thousands: no child for each
        return facts | {"status": "ok", "kind": ASIDE, "reason": None, "notes": [_KEPT]}
    if shut := containers.why_not(original, task.name):
        return facts | {"status": "unrecognised", "reason": containers.WHYS[shut]}
    megabytes = task.size_bytes >> 20
    try:
        limits = {"cpu_s": 120 + 3 * megabytes, "wall_s": 240 + 6 * megabytes}
        read: dict[str, object] = run_limited(_read_here, task, original.resolve(), folder.resolve(), **limits)
    except (Unreadable, ChildDied) as problem:
        if task.beside and (isinstance(problem, Unrecognised) or not task.size_bytes):
            return facts | {"status": "ok", "kind": ASIDE, "reason": None, "notes": [_KEPT]}
        if isinstance(problem, Unrecognised):
            return facts | {"status": "unrecognised", "reason": str(problem)}
        return facts | {"status": "rejected", "reason": str(problem)}
    return facts | read


def _is_picture(path: Path) -> bool:
    """Whether it begins as JPEG, PNG, GIF, WebP or HEIF do; no reader here knows any of them."""
    with path.open("rb") as file:
        head = file.read(12)
    return head.startswith(_PICTURES) or head[:4] + head[8:] == b"RIFFWEBP" or head[4:] in _HEIF


def _read_here(task: Task, original: Path, folder: Path) -> dict[str, object]:
    """In the child: parse, normalise, count. Works with relative names, so that no path reaches SQL."""
    os.chdir(folder)
    work = Path("work")
    work.mkdir()
    parser = parser_for(original, task.name)
    facts = Facts(parser.NAME)
    job = Job(original, task.name, work, task.map_file, task.time_zone, task.region, task.order, _beside(task))
    copy_raw = getattr(parser, "copy_raw", None)
    stopped = None
    if copy_raw is None or not copy_raw(job, facts, work / "raw-0000.parquet"):
        stopped = _batch(parser.read(job, facts), work)
    written_in, judged_in = facts.time_zone or task.time_zone, task.judged_in or task.time_zone
    reading = normalise.Reading(task.source_id, written_in, judged_in, task.region, task.threads, task.order)
    normalise.normalise(f"{work}/raw-*.parquet", Path("records.parquet"), facts, reading)
    counts = normalise.counts(Path("records.parquet"))
    odd = counts.pop("odd_durations")
    if odd:
        facts.notes.append(f"duration cannot be read in {odd} records")
    if doubt := counts.pop("ambiguous"):
        say = _SAY_YEAR if doubt.startswith(DAY_OR_YEAR) else _SAY_ORDER
        facts.status, facts.reason = "partial", facts.reason or say
    status, reason = ("partial", stopped) if stopped else (facts.status, facts.reason)
    if not counts["events"] and (stopped or counts["rejects"]):
        status, reason = "rejected", reason or "none of its records can be read"
    _clear(work)
    return counts | {
        "parser": facts.parser, "kind": facts.kind, "encoding": facts.encoding, "time_zone": written_in,
        "owner_number": numbers.canonical(facts.owner_number, task.region), "declared": facts.declared,
        "status": status, "reason": reason,
        "notes": facts.notes,
    }  # fmt: skip


def _beside(task: Task) -> dict[str, Path]:
    return {suffix: beside.path for suffix, beside in task.companions.items()}


def _batch(found: Iterator[Record | Reject], work: Path) -> str | None:
    """Write records and rejects as raw Parquet files; the reason when the rest of the file could not be read."""
    stopped: list[str] = []

    def rows() -> Iterator[tuple[object, ...]]:
        try:
            for n, item in enumerate(found, 1):
                raw = normalise.cut(item.raw)
                if isinstance(item, Reject):
                    yield (n, item.locator, item.reason, raw, *[None] * len(RAW_FIELDS))
                else:
                    yield (n, item.locator, None, raw, *[item.fields.get(field) for field in RAW_FIELDS])
        except Unrecognised:  # only its content, not how it begins, shows that nobody here reads it
            raise
        except Unreadable as problem:
            stopped.append(str(problem))

    stream = rows()
    for part in range(1_000_000):
        batch = list(islice(stream, _BATCH))
        if part == 0 or batch:
            normalise.write_raw(batch, work / f"raw-{part:04}.parquet")
        if len(batch) < _BATCH:
            break
    return stopped[0] if stopped else None


def _clear(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
