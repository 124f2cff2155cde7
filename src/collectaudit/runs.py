"""A run opened for questions: schema.sql over the Parquet files of one folder, in an in-memory database."""

import os
import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb

from . import memory
from .errors import IntegrityError, WrongUse
from .sqltext import literal

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
TABLES: tuple[str, ...] = tuple(re.findall(r"^CREATE TABLE (\w+)", SCHEMA, re.MULTILINE))

# The first and the last account of a span, both included.
Accounts = tuple[str, str]

# UTC and no extensions, so that neither the machine's zone nor the network can change an answer.
_SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET preserve_insertion_order = true",
)
_PATTERN = re.compile(r"[\[*?]")
_HELD = 32_000_000  # bytes of a run's files; in memory they are ten times as many


def connect(
    run: Path, *, threads: int | None = None, locked: bool = False, spills: bool = True,
    memory_limit: str | None = None, held: bool = False, only: Sequence[str] | None = None,
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """Every table of schema.sql as a view over `run`/<table>.parquet (empty if the file is absent), then its views.

    `only`: of tables and views those that will be asked for; of a small case to define all takes as long as to ask.
    `memory_limit` such as "2GB"; what is usual (memory.py) if not given. `locked`: nothing outside `run` can be read or
    written, and no setting can be changed any more. `spills`: what does not fit waits on the disk. `held`: the tables
    of a run of some megabytes are taken into memory, for whoever asks it a hundred questions; by one thread so small a
    run answers sooner than by several that have to agree.
    """
    run = run.resolve()
    held = held and _size(run) <= _HELD
    con = _bare(1 if held else threads, memory_limit)
    con.execute("SET temp_directory = " + literal(spill_folder(run) if spills else ""))
    turn(con, run, [table for table in TABLES if only is None or table in only], "TABLE" if held else "VIEW")
    _define_views(con, only)
    if locked:
        _lock(con, run)
    return con


def turn(con: duckdb.DuckDBPyConnection, run: Path, tables: Sequence[str], made: str = "VIEW") -> None:
    """Let these tables be those of `run`, empty where it has none. For one run after another cheaper than `connect`."""
    for table in tables:
        file = run / f"{table}.parquet"
        if file.exists():
            _look_at(con, table, file, made)
        else:
            con.execute(f"CREATE OR REPLACE VIEW {table} AS {nothing_of(table)}")


def blank() -> duckdb.DuckDBPyConnection:
    """The tables and views of schema.sql without a row."""
    con = _bare(1, None)
    for table in TABLES:
        con.execute(f"CREATE OR REPLACE VIEW {table} AS {nothing_of(table)}")
    _define_views(con, None)
    return con


def empty() -> duckdb.DuckDBPyConnection:
    """The tables and views of schema.sql, and no way to files: for checking that a query binds."""
    con = _bare(1, None)
    con.execute(SCHEMA)
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def portions(con: duckdb.DuckDBPyConnection, rows: int, table: str = "occasions") -> list[Accounts]:
    """The accounts of a table in order, in spans of about so many rows each; no account is divided. At least one."""
    spans = con.execute(_PORTIONS.format(table=table), [rows]).fetchall()
    return [(str(first), str(last)) for first, last in spans] or [("", "")]


def within(column: str) -> str:
    """Whether an account is one of those that `narrow` was given; of a file sorted by account only these are read."""
    return f"{column} >= getvariable('first_account') AND {column} <= getvariable('last_account')"


def narrow(con: duckdb.DuckDBPyConnection, accounts: Accounts) -> None:
    """Let occasions, and all that is seen through them, hold these accounts only."""
    for name, account in zip(("first_account", "last_account"), accounts, strict=True):
        con.execute(f"SET VARIABLE {name} = $1", [account])
    unknown = "" if accounts[0] else " OR account_id IS NULL"  # no account is the account ''
    con.execute(f"CREATE OR REPLACE VIEW portion AS FROM events WHERE {within('account_id')}{unknown}")


_PORTIONS = """
SELECT min(account), max(account)
FROM (
    SELECT account, (sum(count(*)) OVER (ORDER BY account) - 1) // $1 AS portion
    FROM (SELECT coalesce(account, '') AS account FROM {table}) GROUP BY account
)
GROUP BY portion ORDER BY portion
"""


def scan(*files: Path) -> str:
    """`read_parquet(…)` of exactly these files. DuckDB reads a name as a pattern and `x=1` in a path as a column."""
    for file in files:
        check_path(file)
    named = ", ".join(literal(_exactly(file)) for file in files)
    return f"read_parquet([{named}], hive_partitioning = false)"


def check_path(path: Path) -> None:
    """Refuses a path that DuckDB cannot be told exactly: not UTF-8, or a pattern sign together with a backslash."""
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WrongUse("The name of the case folder is not valid UTF-8", "Rename the folder.") from error
    if "\\" in text and _PATTERN.search(text):
        raise WrongUse(
            "The path of the case folder has a backslash and one of [ * ?, which cannot be told apart in a pattern",
            "Rename the folder.",
        )


def spill_folder(run: Path) -> str:
    """Where a query over `run` may spill: a folder of its own in the case's tmp; "" where nothing can be written."""
    home = run.parent.parent if run.parent.name == "runs" else run.parent
    tmp = home if home.name == "tmp" else home / "tmp"
    try:
        tmp.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return ""
    return str(tmp / f"spill-{os.getpid()}-{secrets.token_hex(4)}")


def rows(files: Sequence[Path]) -> dict[Path, int]:
    """How many rows each Parquet file says it has."""
    import polars as pl

    return {file: int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item()) for file in files}


def _exactly(path: Path) -> str:
    return _PATTERN.sub(r"[\g<0>]", str(path))


def _bare(threads: int | None, memory_limit: str | None) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        con.execute(setting)
    if threads is not None:
        con.execute(f"SET threads = {int(threads)}")
    if memory_limit is None:
        memory.bound(con)
    else:
        con.execute("SET memory_limit = " + literal(memory_limit))
    return con


@cache
def _definitions() -> dict[str, tuple[tuple[str, str], ...]]:
    """Table → its (column, type) pairs. schema.sql calls the types what DuckDB calls them; asking it takes a process
    longer than to read most files.
    """
    found = re.findall(r"^CREATE TABLE (\w+) \((.*?)\);", SCHEMA, re.MULTILINE | re.DOTALL)
    return {table: tuple(re.findall(r"(\w+) (\w+(?:\[\])?)", columns)) for table, columns in found}


def nothing_of(table: str) -> str:
    """A SELECT with the columns of a table of schema.sql, and no row."""
    columns = ", ".join(f'CAST(NULL AS {kind}) AS "{c}"' for c, kind in _definitions()[table])
    return f"SELECT {columns} WHERE false"


def _size(run: Path) -> int:
    return sum(file.stat().st_size for file in run.glob("*.parquet"))


def _look_at(con: duckdb.DuckDBPyConnection, table: str, file: Path, made: str) -> None:
    columns = ", ".join(f'CAST(file."{c}" AS {kind}) AS "{c}"' for c, kind in _definitions()[table])
    try:
        con.execute(f"CREATE OR REPLACE {made} {table} AS SELECT {columns} FROM {scan(file)} AS file")  # noqa: S608  names from schema.sql
    except duckdb.Error as error:
        raise IntegrityError(
            f"{file.name} of run {file.parent.name} is damaged or not of this version: {str(error).splitlines()[0]}",
            "Run `collectaudit verify` on the case, then audit again.",
        ) from error


def _define_views(con: duckdb.DuckDBPyConnection, only: Sequence[str] | None) -> None:
    for statement in con.extract_statements(SCHEMA):
        view = re.search(r"^CREATE VIEW (\w+)", statement.query, re.MULTILINE)
        if view and (only is None or view[1] in only):
            con.execute(statement)


def _lock(con: duckdb.DuckDBPyConnection, run: Path) -> None:
    """The folders must be named before access is switched off; the pattern form is what the views ask for."""
    allowed = {str(run), _exactly(run)}
    con.execute("SET allowed_directories = [" + ", ".join(literal(a) for a in sorted(allowed)) + "]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
