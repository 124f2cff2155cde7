"""Small sources written as tables of raw records, normalised and settled, for tests."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from collectaudit import normalise
from collectaudit.records import RAW_FIELDS, Facts
from collectaudit.settle import Source, settle

Raw = Mapping[str, str | None]


def source(
    folder: Path,
    name: str,
    rows: Sequence[Raw],
    *,
    kind: str = "events",
    parser: str = "test",
    owner: str | None = None,
    zone: str = "Asia/Shanghai",
    region: str = "CN",
    drawer: bool = False,
    year: int | None = None,
    month: int | None = None,
) -> Source:
    """One source `name` whose records are `rows` (canonical raw fields)."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    work = folder / sha256[:8]
    work.mkdir()
    raw = tuple((n, f"L{n}", None, "as found", *(row.get(f) for f in RAW_FIELDS)) for n, row in enumerate(rows, 1))
    reading = normalise.Reading(sha256[:16], zone, zone, region)
    content, counted = _normalised(raw, reading, parser, kind, year, month)
    (work / "records.parquet").write_bytes(content)
    ledger = counted | {
        "sha256": sha256, "name": name, "size_bytes": 1, "parser": parser, "kind": kind, "encoding": "utf-8",
        "time_zone": zone, "owner_number": owner, "declared": None, "status": "ok", "reason": None, "notes": [],
    }  # fmt: skip
    return Source(ledger, work / "records.parquet", drawer)


@cache
def _normalised(
    raw: tuple[tuple[Any, ...], ...], reading: normalise.Reading, parser: str, kind: str, year: int | None,
    month: int | None,
) -> tuple[bytes, dict[str, Any]]:  # fmt: skip
    """The records and their counts; many tests have the same call, the same words."""
    before = Path.cwd()
    with TemporaryDirectory() as work:
        os.chdir(work)
        normalise.write_raw(raw, Path("raw-0000.parquet"))
        facts = Facts(parser, kind=kind, year=year, month=month)
        normalise.normalise("raw-*.parquet", Path("records.parquet"), facts, reading)
        counted = normalise.counts(Path("records.parquet"))
        os.chdir(before)
        return (Path(work) / "records.parquet").read_bytes(), dict(counted)


def settled(folder: Path, sources: Sequence[Source], **owners: str) -> dict[str, list[dict[str, Any]]]:
    """The settled tables as lists of rows; `owners` by name, `_` for all."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    settle(sources, out, owners={key.replace("_", ""): value for key, value in owners.items()}, channels={})
    return {file.stem: pl.read_parquet(file).to_dicts() for file in out.glob("*.parquet")}
