"""A folder of cases: which item each of its folders is, and what all of them came to, as tables beside the cases."""

import io
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from .audit import Progress
from .batch import Item, Row, audit_many, engine_of, failed
from .desk import BATCH as STATE
from .errors import InputProblem, WrongUse
from .evidence import files
from .evidence.folder import checked, disk_errors
from .evidence.lock import hold
from .regimes import load_regimes, select
from .rules import load_rules
from .runs import check_path
from .safe_text import as_text

if TYPE_CHECKING:
    from .transcribe.whole import Ear

TABLES = ("cases", "counts", "errors")  # of the roll-up: <name>.parquet beside the cases
_BY_INPUT = {"owners", "channels", "zones", "dates"}  # settings by the name of an input
_NOT_IN_A_NAME = frozenset('\\*?[]:"<>|')
_LONGEST = 150  # bytes
_ASIDE = "it lies beside the folders of the cases and belongs to none: put it into a folder"


def audit_folder(
    folder: Path, out: Path, *, engine: str = "local", jobs: int | None = None, ear: "Ear | None" = None,
    progress: Progress = lambda *_: None, **settings: Any,
) -> list[Row]:  # fmt: skip
    """Each folder in `folder` as a case in `out`, and the tables of all; the rows of batch.audit_many, and one for each
    file that lies beside the folders. `settings`: as of `audit`, for every case.

    Raises WrongUse, before anything is begun, for settings that no case could be judged by, MissingPart without the
    engine, and InputProblem where there are no folders.
    """
    engine_of(engine)
    _judgeable(settings)
    items, strays = _items(folder, out.resolve(), settings)
    with _kept_alone(out):
        rows = audit_many(items, engine, jobs=jobs, ear=ear, progress=progress)
        rows += [failed(None, as_text(path.name), InputProblem.exit_code, _ASIDE) for path in strays]
        roll_up(out, rows)
    return rows


def _judgeable(settings: Mapping[str, Any]) -> None:
    load_rules(settings.get("rules", ()))
    checked({"time_zone": settings.get("time_zone") or "UTC", "zones": settings.get("zones") or {}})
    select(load_regimes(), settings.get("jurisdiction") or "cn", settings.get("regimes", ()))


def _items(folder: Path, out: Path, settings: Mapping[str, Any]) -> tuple[list[Item], list[Path]]:
    """An item for each visible folder, in order of name; what else lies there."""
    try:
        found = sorted(path for path in folder.resolve().iterdir() if not path.name.startswith("."))
    except OSError as problem:
        fix = "Name the folder that holds the folders of the cases."
        raise InputProblem(f"{files.shown(folder)} is not a folder", fix) from problem
    if out.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(out):
        fix = "Name a folder elsewhere with -o."
        raise WrongUse(f"{files.shown(out)} and the folder of the cases lie in one another", fix)
    items = [Item((path,), out / case_name(path.name), _of(path, settings)) for path in found if path.is_dir()]
    if not items:
        fix = "Each case is a folder of its own in it; for one case: collectaudit audit."
        raise InputProblem(f"{files.shown(folder)} holds no folders", fix)
    return items, [path for path in found if not path.is_dir()]


def _of(item: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a case: of what is said of single inputs, only what is said of its own."""
    found = {name: value for name, value in settings.items() if value is not None}
    for name in found.keys() & _BY_INPUT:
        found[name] = {key: said for key, said in found[name].items() if not key or _within(key, item)}
    return found


def _within(key: str, item: Path) -> bool:
    return Path(key).resolve().is_relative_to(item) or Path(key).parts[:1] == (item.name,)


def case_name(name: str) -> str:
    """What the folder of a case is called: as that of its inputs, as far as any program can be told such a name."""
    plain = all(sign.isprintable() and sign not in _NOT_IN_A_NAME for sign in name) and not name.startswith("-")
    if plain and len(name.encode()) <= _LONGEST and Path(name).suffix != ".parquet":
        return name
    kept = "".join(sign if sign.isalnum() else "-" for sign in as_text(name)).strip("-")
    mark = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{kept.encode()[:_LONGEST].decode(errors='ignore')}-{mark}".lstrip("-")


def _kept_alone(out: Path) -> AbstractContextManager[None]:
    """`out` is a folder of such cases, or becomes one, and no other batch works in it."""
    state = out / STATE
    if out.exists() and not state.is_dir() and (not out.is_dir() or any(out.iterdir())):
        fix = "Name a new or empty folder, or one that batch has made."
        raise WrongUse(f"{files.shown(out)} holds other things", fix)
    check_path(out.resolve())
    with disk_errors():
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        out.chmod(0o700)
    return hold(state / "lock", "batch")


# The tables of all


def roll_up(out: Path, rows: Sequence[Row]) -> None:
    """Write cases.parquet, counts.parquet and errors.parquet; the same rows give the same bytes."""
    ordered = sorted(rows, key=lambda row: (row["case"] is None, row["case"] or "", row["input"]))
    tables = {
        "cases": ordered,
        "counts": [{"case": row["case"], **one} for row in ordered for one in row["rules"]],
        "errors": [{"case": row["case"], **one} for row in ordered for one in problems(row)],
    }
    with disk_errors():
        for name in TABLES:
            frame, written = pl.DataFrame(tables[name], schema=_COLUMNS[name], strict=False), io.BytesIO()
            frame.with_columns(pl.col("^.*_day$").str.to_date()).write_parquet(written)
            files.write_atomic(out / f"{name}.parquet", written.getvalue(), out / STATE)


def problems(row: Row) -> list[dict[str, str]]:
    """What could not be read in a case; of one that failed, why."""
    return [{"input": row["input"], "reason": row["reason"]}] if row["reason"] else list(row["errors"])


_COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "cases": {
        "case": pl.String, "input": pl.String, "state": pl.String, "code": pl.Int64, "reason": pl.String,
        "part": pl.Boolean, "run": pl.String, "sources": pl.Int64, "records": pl.Int64, "events": pl.Int64,
        "rejects": pl.Int64, "contacts": pl.Int64, "accounts": pl.Int64, "findings": pl.Int64, "review": pl.Int64,
        "first_day": pl.String, "last_day": pl.String,
    },
    "counts": {
        "case": pl.String, "rule_id": pl.String, "severity": pl.String, "tier": pl.String, "findings": pl.Int64,
    },
    "errors": {"case": pl.String, "input": pl.String, "reason": pl.String},
}  # fmt: skip
