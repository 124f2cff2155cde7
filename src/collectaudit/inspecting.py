"""What is this file? Reads it as an audit would, into a folder that is thrown away."""

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from .errors import InputProblem
from .isolate import ChildDied, run_limited
from .reading import Task, read_into
from .records import Job, Unreadable
from .sources import table


def inspect(
    path: Path, map_file: Path | None = None, *, time_zone: str = "Asia/Shanghai", region: str = "CN"
) -> dict[str, Any]:
    """Parser, kind, encoding, counts, time range, sample rejects, and for an unknown table a proposed column map.

    Changes nothing. Raises InputProblem when the file is missing or no regular file.
    """
    if not path.is_file():
        raise InputProblem(f"{path} is not a file that can be read", "name an existing file")
    with tempfile.TemporaryDirectory(prefix="collectaudit-") as name:
        folder = Path(name)
        task = Task(path.name, "0" * 64, path.stat().st_size, time_zone, region, map_file and map_file.resolve())
        (folder / "read").mkdir()
        ledger = read_into(task, path, folder / "read")
        ledger.pop("sha256")
        samples = _samples(folder / "read" / "records.parquet") if ledger["records"] else []
        proposed = None if ledger["parser"] else _proposal(path.resolve(), folder)
        return {**ledger, "reject_samples": samples, "proposed_map": proposed}


def _samples(records: Path) -> list[dict[str, Any]]:
    frame = pl.scan_parquet(records).filter(pl.col("reason").is_not_null())
    return frame.select("locator", "reason", "raw").head(5).collect().to_dicts()


def _proposal(path: Path, folder: Path) -> str | None:
    """The text of a column map for a table that no map fits; None if it is no table."""
    try:
        return str(run_limited(_propose_here, path, folder))
    except (Unreadable, ChildDied):
        return None


def _propose_here(path: Path, folder: Path) -> str:
    (folder / "propose").mkdir()
    return table.propose(Job(path, path.name, folder / "propose")).text
