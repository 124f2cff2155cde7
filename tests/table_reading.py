"""Reading a table in tests: as rows, as columns, and from bytes."""

from pathlib import Path
from typing import Any

import polars as pl

from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject
from collectaudit.sources import table

DATA = Path(__file__).parent / "data" / "table"
Item = Record | Reject


def job(folder: Path, content: bytes | Path, name: str = "t.csv", map_file: Path | None = None) -> Job:
    """A job on a file with this content, in a folder of its own."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    for left in work.iterdir():
        left.unlink()
    if isinstance(content, bytes):
        (folder / "original").write_bytes(content)
        content = folder / "original"
    return Job(content, name, work, map_file)


def rows(task: Job) -> tuple[list[Item], Facts]:
    """All records by way of rows."""
    facts = Facts("table")
    return list(table.read(task, facts)), facts


def columns(task: Job, out: Path) -> tuple[list[tuple[Any, ...]] | None, Facts]:
    """All records by way of columns, as tuples; None where that way is not open."""
    facts = Facts("table")
    if not table.copy_raw(task, facts, out):
        assert not out.exists()
        assert facts == Facts("table")
        return None, facts
    frame = pl.read_parquet(out, glob=False)
    assert frame.columns == ["n", "locator", "reason", "raw", *RAW_FIELDS]
    return frame.rows(), facts


def as_tuples(items: list[Item]) -> list[tuple[Any, ...]]:
    """What the columnar way must give for these records."""
    return [
        (n, item.locator, item.reason, item.raw, *[None] * len(RAW_FIELDS))
        if isinstance(item, Reject)
        else (n, item.locator, None, None, *[item.fields.get(name) for name in RAW_FIELDS])
        for n, item in enumerate(items, 1)
    ]


def plain(items: list[Item]) -> list[dict[str, Any]]:
    """Records as they stand in the golden files: locator and fields, or locator and reason."""
    return [
        {"locator": item.locator, "reason": item.reason}
        if isinstance(item, Reject)
        else {"locator": item.locator, **dict(sorted(item.fields.items()))}
        for item in items
    ]
