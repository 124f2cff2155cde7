"""The run of a case for other programs: one file, made beside its place and renamed, so never half of it."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from . import runs
from .case import Case
from .drawers import safe_cell
from .errors import WrongUse
from .evidence import files, handout
from .evidence.folder import disk_errors
from .sqltext import literal
from .workbook import write_workbook

_BATCH = 10_000
# Rows that are put in order at a time: bounds the memory, whatever the size of the run. More of Parquet, to which
# nothing can be added, so that its pieces are written twice.
_ROWS, _PIECE = 200_000, 1_000_000
_BY_ACCOUNT = {"findings": "findings", "contacts": "occasions"}
_EVERY: runs.Accounts = ("", "\U0010ffff")  # from the first account there can be to the last


def export(case: Case, to: Path, only: Sequence[str] | None = None, what: str = "findings") -> Path:
    """Write the current run to a new file; the ending decides what.

    `.duckdb`: all tables, views and the law, for DuckDB 1.0 or later. `.parquet` `.csv` `.xlsx` `.jsonl`: findings,
    each in one row with its law, contact and source (`.xlsx` also the sources and rules), account after account,
    each in order of time. Raises WrongUse for another ending or an existing file, MissingPart without XlsxWriter. The
    log records kind and hash.
    `only`: the ids of the findings that go in, in all but `.duckdb`. `what`: contacts instead, one row each.
    """
    write = _WRITERS.get(to.suffix.lower())
    if write is None:
        raise WrongUse(f"cannot write {files.shown(to.name)}", f"Use one of these endings: {' '.join(_WRITERS)}")
    handout.check_free(case.path, to)
    with case.session("export"), disk_errors(), case.connect() as con, handout.beside(to, "export") as folder:
        made = folder / f"export{to.suffix.lower()}"
        for table, columns in _REPEATED.items():
            for column in columns:
                con.execute(_NUMBERED.format(table=table, column=column))
        if only is not None:  # a table of this connection stands before the run's of the same name
            con.execute(_ONLY, [list(only)])
        write(con, made, what)
        files.disk.set_mode(made, 0o600)
        files.sync(made)
        run = case.run()
        case.note("export", kind=to.suffix.lower(), sha256=files.sha256_of(made), run=run.name if run else "")
        files.move(made, to)
    return to


def _duckdb(con: duckdb.DuckDBPyConnection, made: Path, _what: str) -> None:
    runs.check_path(made)
    con.execute(f"ATTACH {literal(made)} AS exported (STORAGE_VERSION 'v1.0.0')")
    (home,) = con.execute("SELECT current_database()").fetchone() or ("memory",)
    con.execute("USE exported")
    con.execute(runs.SCHEMA)
    for table in ("opinions", "verdicts"):
        con.execute(f'CREATE TABLE {table} AS FROM "{home}".main.{table}')
    for table in runs.TABLES:
        con.execute(f'INSERT INTO {table} FROM "{home}".main.{table}')
    con.execute(f'USE "{home}"')
    con.execute("DETACH exported")


def _parquet(con: duckdb.DuckDBPyConnection, made: Path, what: str) -> None:
    pieces: list[Path] = []
    for _ in _spans(con, what, _PIECE):
        pieces.append(made.with_name(f"{len(pieces)}.parquet"))
        _copy(con, _SHEETS[what], pieces[-1])
    if len(pieces) == 1:
        pieces[0].rename(made)
    else:
        _copy(con, f"FROM {runs.scan(*pieces)}", made)


def _copy(con: duckdb.DuckDBPyConnection, query: str, made: Path) -> None:
    con.execute(f"COPY ({query}) TO {literal(made)} (FORMAT parquet, COMPRESSION zstd)")


def _csv(con: duckdb.DuckDBPyConnection, made: Path, what: str) -> None:
    """UTF-8 with a byte order mark and CRLF, as Excel wants it; no cell can become a formula."""
    columns, rows = _rows(con, what)
    with _text(made, "utf-8-sig") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def _jsonl(con: duckdb.DuckDBPyConnection, made: Path, what: str) -> None:
    columns, rows = _rows(con, what)
    with _text(made, "utf-8") as out:
        for row in rows:
            found = dict(zip(columns, row, strict=True))
            if "facts" in found:
                found["facts"] = json.loads(found["facts"]) if found["facts"] else {}
            out.write(json.dumps(found, ensure_ascii=False) + "\n")


def _xlsx(con: duckdb.DuckDBPyConnection, made: Path, what: str) -> None:
    sheets = ((title, *_rows(con, title)) for title in (what, "sources", "rules"))
    write_workbook(made, sheets)


@contextmanager
def _text(made: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    with made.open("x", encoding=encoding, errors="backslashreplace", newline="") as out:
        yield out


def _rows(con: duckdb.DuckDBPyConnection, what: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Column names, and the rows a batch at a time with times as text."""
    _look_at(con, _EVERY)
    columns = [column[0] for column in con.execute(f"DESCRIBE {_SHEETS[what]}").fetchall()]

    def rows() -> Iterator[list[Any]]:
        for _ in _spans(con, what, _ROWS):
            asked = con.execute(_SHEETS[what])
            while batch := asked.fetchmany(_BATCH):
                for row in batch:
                    yield [_plain(value) for value in row]

    return columns, rows()


def _spans(con: duckdb.DuckDBPyConnection, what: str, rows: int) -> Iterator[None]:
    """Let a connection look at some accounts after the others, in order; no row of a sheet is outside of them."""
    table = _BY_ACCOUNT.get(what)
    spans = runs.portions(con, rows, table) if table else [_EVERY]
    spans[0] = _EVERY[0], spans[0][1]
    spans[-1] = spans[-1][0], max(spans[-1][1], _EVERY[1])
    for accounts in spans:
        _look_at(con, accounts)
        yield


def _look_at(con: duckdb.DuckDBPyConnection, accounts: runs.Accounts) -> None:
    """`portion` and `found` are then the events and findings of these accounts."""
    runs.narrow(con, accounts)
    unknown = "" if accounts[0] else " OR account IS NULL"
    con.execute(f"CREATE OR REPLACE TEMP VIEW found AS FROM findings WHERE {runs.within('account')}{unknown}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else value


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path, str], None]] = {
    ".duckdb": _duckdb, ".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx, ".jsonl": _jsonl,
}  # fmt: skip

_ONLY = """
CREATE TEMP TABLE findings AS
FROM main.findings SEMI JOIN (SELECT unnest(CAST(? AS VARCHAR[])) AS finding_id) USING (finding_id)
"""
# Texts that stand in millions of rows are numbers while these are put in order, or no memory holds them.
_REPEATED = {
    "rule_runs": ("title_zh", "title_en"), "sources": ("name", "sha256"),
    "provisions": ("instrument_zh", "instrument_en", "article", "quote", "url"),
}  # fmt: skip
_NUMBERED = """
CREATE TYPE {column}_of AS ENUM (SELECT {column} FROM {table} WHERE {column} IS NOT NULL UNION SELECT '')
"""
_FINDINGS = """
SELECT * REPLACE (CAST(title_zh AS VARCHAR) AS title_zh, CAST(title_en AS VARCHAR) AS title_en,
    CAST(source AS VARCHAR) AS source, CAST(source_sha256 AS VARCHAR) AS source_sha256,
    CAST(instrument_zh AS VARCHAR) AS instrument_zh, CAST(instrument_en AS VARCHAR) AS instrument_en,
    CAST(article AS VARCHAR) AS article, CAST(quote AS VARCHAR) AS quote, CAST(url AS VARCHAR) AS url)
FROM (
SELECT f.finding_id, f.tier, f.severity, CAST(r.title_zh AS title_zh_of) AS title_zh,
    CAST(r.title_en AS title_en_of) AS title_en, f.account, f.occurred_at, e.channel,
    e.from_number, e.from_role, e.to_number, e.to_role, e.outcome, e.duration_s, e.agent, e.agency, e.lender,
    p.authority, CAST(p.instrument_zh AS instrument_zh_of) AS instrument_zh,
    CAST(p.instrument_en AS instrument_en_of) AS instrument_en, CAST(p.article AS article_of) AS article,
    CAST(p.quote AS quote_of) AS quote, CAST(p.url AS url_of) AS url, p.in_force_from,
    f.facts, v.verdict, v.note AS verdict_note, v."by" AS verdict_by, CAST(s.name AS name_of) AS source, e.locator,
    CAST(s.sha256 AS sha256_of) AS source_sha256, f.rule_id, f.regime, f.provision_id, f.event_id
FROM found f
LEFT JOIN rule_runs r USING (rule_id)
LEFT JOIN provisions p USING (provision_id)
LEFT JOIN portion e ON e.event_id = f.event_id
LEFT JOIN sources s USING (source_id)
LEFT JOIN verdicts v ON v.finding_id = f.finding_id
ORDER BY f.account, f.occurred_at, f.rule_id, f.provision_id, f.finding_id)
"""
_SOURCES = "SELECT * FROM sources ORDER BY name, source_id"
_RULES = """
SELECT rule_id, title_zh, title_en, severity, status, reason, contacts_seen, findings FROM rule_runs ORDER BY rule_id
"""
_CONTACTS = """
SELECT o.event_id, o.account, o.at_local, e.at_utc, o.precision, o.channel, o.from_number, o.from_role, o.to_number,
    o.to_role, o.undirected, o.outcome, o.duration_s, o.agent, o.agency, o.lender, o.days_past_due, o.recording,
    coalesce(n.findings, 0) AS findings, s.name AS source, e.locator, s.sha256 AS source_sha256
FROM occasions o JOIN portion e USING (event_id) JOIN sources s ON s.source_id = o.source_id
LEFT JOIN (SELECT event_id, count(*) AS findings FROM found GROUP BY event_id) n ON n.event_id = o.event_id
ORDER BY o.account, o.at_local, o.event_id
"""
_SHEETS = {"findings": _FINDINGS, "contacts": _CONTACTS, "sources": _SOURCES, "rules": _RULES}
