"""SHOW: what a case holds: its files and what could not be read in them, its runs, its log."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .catalogue import Words
from .evidence import files
from .evidence.log import read_chain
from .evidence.publishing import read_manifest
from .evidence.store import EXPORTS, RUNS
from .evidence.verify import Report, verify

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
_checked: dict[Path, Report] = {}
ROWS = 50
WHAT = ("findings", "contacts")
ENDINGS = (".csv", ".xlsx", ".parquet", ".jsonl", ".duckdb")


def totals(case: "Case") -> Row:
    """Files, records, events, rejects, and the files in which something was not read."""
    return case.query(_TOTALS)[0]


def sources(case: "Case", number: int, lang: str, *, faulty: bool = False) -> list[Row]:
    """A page of the files, counted from 1, with their counts; `faulty`: only those not read to the last record."""
    words = Words(lang)
    rows = case.query(_SOURCES, [faulty, ROWS, ROWS * (max(number, 1) - 1)])
    return [{**row, "reason": words.sentence(row["reason"])} for row in rows]


def count_rejects(case: "Case", source_id: str = "") -> int:
    """How many records could not be read, of this file or of all."""
    return int(case.query(_COUNT_REJECTS, [source_id or None])[0]["n"])


def rejects(case: "Case", source_id: str, number: int, lang: str) -> list[Row]:
    """A page of the records that could not be read, of this file or of all: file, place, reason, the record."""
    words = Words(lang)
    rows = case.query(_REJECTS, [source_id or None, ROWS, ROWS * (max(number, 1) - 1)])
    return [{**row, "reason": words.sentence(row["reason"])} for row in rows]


def rejecting(case: "Case") -> list[Row]:
    """The files with records that could not be read: source_id, name, rejects; the most first."""
    rows: list[Row] = case.query(_REJECTING)
    return rows


def published(case: "Case") -> list[Row]:
    """The runs of the case, the last one first: id, when (UTC), by which version, from what, rows of each table."""
    said = {entry["run"]: entry for entry in read_chain(case.path / "log").entries if entry["ev"] == "run.publish"}
    current = case.run()
    return [
        _run(case, name, entry, current is not None and current.name == name) for name, entry in [*said.items()][::-1]
    ]


def current(case: "Case") -> Row:
    """The run that the pages show."""
    return next(row for row in published(case) if row["current"])


def _run(case: "Case", name: str, entry: Row, is_current: bool) -> Row:
    manifest = read_manifest(case.path / RUNS / name)
    made_from = manifest["made_from"]
    return {
        "run": name, "at": str(entry["t_utc"])[:19], "current": is_current, "tool": manifest["tool"],
        "manifest": entry["manifest"], "options": made_from.get("options", {}), "own": len(made_from.get("own", {})),
        **{name: made_from.get(name) for name in ("lexicons", "law")},
        **{name: len(made_from.get(name, [])) for name in ("sources", "rules")},
        "rows": {file.removesuffix(".parquet"): about.get("rows") for file, about in manifest["files"].items()},
    }  # fmt: skip


def log(case: "Case") -> Row:
    """How many records the log has, when the first and the last were written (UTC), and the last one's hash."""
    chain = read_chain(case.path / "log")
    times = [str(entry["t_utc"])[:19] for entry in chain.entries] or [""]
    return {"records": len(chain.entries), "first": times[0], "last": times[-1], "head": chain.head}


def openers(case: "Case") -> dict[str, tuple[str, str]]:
    """Commands that open the tables with the plain `duckdb` program, and a first question: one · files."""
    path, run = shlex.quote(str(case.path)), shlex.quote(str(case.run()))
    one = f"collectaudit export {path} --to audit.duckdb\nduckdb -readonly audit.duckdb"
    return {
        "one": (one, _FIRST.format("findings")),
        "files": (f"cd {run}\nduckdb", _FIRST.format("'findings.parquet'")),
    }


def place(case: "Case", what: str, *endings: str) -> Path:
    """Where the next copy goes: in the case's folder for them, with the first ending, under a name free with each."""
    folder = case.path / EXPORTS
    files.make_folder(folder)
    run = case.run()
    stem = f"{what}-{run.name[:8] if run else ''}"
    names = [stem, *(f"{stem}-{n}" for n in range(2, 1000))]
    free = (name for name in names if not any((folder / f"{name}{ending}").exists() for ending in endings))
    return folder / f"{next(free)}{endings[0]}"


def exported(case: "Case") -> list[Row]:
    """What lies in the folder for exports, the newest first: name, path, size in bytes."""
    folder = case.path / EXPORTS
    found = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    newest = sorted(found, key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return [{"name": path.name, "path": path, "size_bytes": path.stat().st_size} for path in newest]


def opened(path: Path) -> BinaryIO:
    """A copy to be handed out; read as it is sent."""
    return path.open("rb")


def check(case: "Case", tell: Callable[[str, int, int], None]) -> None:
    """Check every file of the case against its log, and remember what was found until the program ends."""
    tell("verify", 0, 1)
    _checked[case.path] = verify(case)
    tell("verify", 1, 1)


def checked(case: "Case") -> Report | None:
    """What the last check found, if nothing was written into the case since."""
    found = _checked.get(case.path)
    head = read_chain(case.path / "log").head
    return found if found and any(head in line.detail for line in found.lines) else None


def worded(lines: Sequence[Any], lang: str) -> list[Row]:
    """What `verify` looked at and has something to say about, in words; the rest is counted by the caller."""
    words = Words(lang)
    told = [line for line in lines if line.status != "ok" or line.detail]
    return [
        {"what": words.sentence(line.what), "status": line.status, "detail": words.sentence(line.detail)}
        for line in told
    ]


_FIRST = (
    "SELECT rule_id, severity, count(*) AS findings FROM {} GROUP BY ALL ORDER BY findings DESC, rule_id, severity;"
)

_TOTALS = """
SELECT count(*) AS sources, coalesce(sum(records), 0)::BIGINT AS records, coalesce(sum(events), 0)::BIGINT AS events,
    coalesce(sum(rejects), 0)::BIGINT AS rejects, count(*) FILTER (status <> 'ok' OR rejects > 0) AS faulty
FROM sources
"""

_SOURCES = """
SELECT source_id, name, sha256, size_bytes, parser, kind, encoding, time_zone, owner_number, records, events, rejects,
    first_at, last_at, status, reason
FROM sources WHERE NOT $1 OR status <> 'ok' OR rejects > 0 ORDER BY name, source_id LIMIT $2 OFFSET $3
"""

_COUNT_REJECTS = "SELECT count(*) AS n FROM rejects WHERE $1 IS NULL OR source_id = $1"

_REJECTS = """
SELECT s.name AS source, r.source_id, r.locator, r.reason, r.raw
FROM rejects r JOIN sources s USING (source_id) WHERE $1 IS NULL OR r.source_id = $1
ORDER BY s.name, r.source_id, length(r.locator), r.locator LIMIT $2 OFFSET $3
"""

_REJECTING = "SELECT source_id, name, rejects FROM sources WHERE rejects > 0 ORDER BY rejects DESC, name, source_id"
