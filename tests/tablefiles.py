"""Tables of schema.sql as the Parquet files of a run: written from rows, and read back as they lie there."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from collectaudit import runs
from collectaudit.runs import scan
from collectaudit.sqltext import literal

Row = dict[str, Any]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all tests of a process, to write and read tables: opening it takes longer than that."""
    con = duckdb.connect(config={"threads": 1})
    con.execute("SET enable_external_file_cache = false")
    return con


def write(run: Path, **tables: Sequence[Row]) -> None:
    """Rows of tables of schema.sql as Parquet files of a run; events in the order that settling gives them."""
    for name, given in tables.items():
        (run / f"{name}.parquet").write_bytes(_file_of(name, json.dumps(list(given))))


@cache
def _file_of(name: str, given: str) -> bytes:
    """A table with these rows (JSON) as a file; many runs have the same sources, patterns and facts."""
    columns: Row = next(iter(json.loads(given)), {})
    types = {column: kind for column, kind in runs._definitions()[name] if column in columns}
    order = "account_id, at_local, event_id" if name == "events" else "ALL"
    con = _engine().begin()
    try:
        con.execute(f"CREATE TABLE {name} AS {runs.nothing_of(name)}")
        if types:
            values = [given, json.dumps([types])]
            con.execute(f"INSERT INTO {name} BY NAME SELECT unnest(from_json(?, ?), recursive := true)", values)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "table.parquet"
            con.execute(f"COPY (FROM {name} ORDER BY {order}) TO {literal(file)}")
            return file.read_bytes()
    finally:
        con.rollback()


def rows(run: Path, name: str) -> list[Row]:
    """A table of a run as it lies in its file."""
    found = _engine().execute(f"FROM {scan(run / f'{name}.parquet')}")
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
