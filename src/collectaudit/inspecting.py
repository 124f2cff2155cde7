"""What is this file? Reads it as an audit would, into a folder that is thrown away."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from .containers import Opened, Passwords, Shut, nobody, opened
from .errors import InputProblem
from .isolate import ChildDied, run_limited
from .reading import MEMBER, Companion, Task, read_into
from .records import Job, Unreadable
from .sources import companion, table

_NO_HASH = "0" * 64


def inspect(
    path: Path, map_file: Path | None = None, *, time_zone: str = "Asia/Shanghai", region: str = "CN"
) -> dict[str, Any]:
    """Parser, kind, encoding, counts, time range, sample rejects, and for an unknown table a proposed column map.

    Changes nothing. Raises InputProblem when the file is missing or no regular file.
    """
    if not path.is_file():
        raise InputProblem(f"{path} is not a file that can be read", "name an existing file")
    beside = {name: path.with_name(name) for name in companion.beside(path.name).values()}
    task = Task(path.name, _NO_HASH, path.stat().st_size, time_zone, region, map_file and map_file.resolve())
    return _looked_at(task, path, {name: file for name, file in beside.items() if file.is_file()})


def look_into(path: Path, map_file: Path | None = None, passwords: Passwords = nobody) -> list[dict[str, Any]]:
    """A file as `inspect` sees it; of a container a row for itself, and one for each file in it. Each has a name.

    Raises InputProblem as `inspect` does, and for a phone's backup that stays shut.
    """
    with tempfile.TemporaryDirectory(prefix="collectaudit-") as folder:
        try:
            found = opened(path, path.name, Path(folder), passwords)
        except Shut as shut:
            if path.is_dir():
                raise InputProblem(f"{path}: {shut.what}", shut.fix) from None
            found = None
        if found is None:
            return [{**inspect(path, map_file), "name": str(path)}]
        files = {member.name: member.path for member in found.members}
        return [_container(path, found), *(_member(name, file, map_file, files) for name, file in files.items())]


def _container(path: Path, found: Opened) -> dict[str, Any]:
    """The row of a container: whether everything was there, and how much came out of it."""
    missing = "; ".join(found.notes) or None
    counts = {"records": 0, "events": 0, "rejects": 0, "first_at": None, "last_at": None}
    return {"name": str(path), "status": "partial" if missing else "ok", "reason": missing, "parser": None,
            "kind": "aside", "encoding": None, "notes": [], "reject_samples": [], "proposed_map": None, **counts,
            "members": len(found.members)}  # fmt: skip


def _member(name: str, path: Path, map_file: Path | None, files: Mapping[str, Path]) -> dict[str, Any]:
    task = Task(name, _NO_HASH, path.stat().st_size, "Asia/Shanghai", "CN", map_file and map_file.resolve(),
                beside=MEMBER)  # fmt: skip
    return {**_looked_at(task, path, files), "name": name}


def _looked_at(task: Task, path: Path, others: Mapping[str, Path]) -> dict[str, Any]:
    """As an audit reads it, with what SQLite finds beside a database among the others."""
    beside = {added: others[name] for added, name in companion.beside(task.name).items() if name in others}
    task = replace(task, companions={added: Companion(_NO_HASH, file.resolve()) for added, file in beside.items()})
    with tempfile.TemporaryDirectory(prefix="collectaudit-") as name:
        folder = Path(name)
        (folder / "read").mkdir()
        ledger = read_into(task, path, folder / "read")
        ledger.pop("sha256")
        samples = _samples(folder / "read" / "records.parquet") if ledger["records"] else []
        known = ledger["parser"] or ledger["kind"]
        proposed = None if known else _proposal(path.resolve(), folder)
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
