"""The run of a case for other programs: one file, made beside its place and renamed, so never half of it."""

import csv
import io
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from . import runs
from .case import Case
from .drawers import safe_cell
from .errors import MissingPart, WrongUse
from .evidence import files
from .evidence.folder import disk_errors
from .sqltext import literal

_BATCH = 10_000
_SHEET_ROWS, _CELL_CHARS = 1_048_575, 32_767  # what a workbook can hold, below its header and in one cell
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def export(case: Case, to: Path) -> Path:
    """Write the current run to a new file; the ending decides what.

    `.duckdb`: all tables, views and the law, for DuckDB 1.0 or later. `.parquet` `.csv` `.xlsx` `.jsonl`: findings,
    each in one row with its law, contact and source (`.xlsx` also the sources and rules). Raises WrongUse for
    another ending or an existing file, MissingPart without openpyxl. The log records kind and hash.
    """
    write = _WRITERS.get(to.suffix.lower())
    if write is None:
        raise WrongUse(f"cannot write {files.shown(to.name)}", f"Use one of these endings: {' '.join(_WRITERS)}")
    _refuse(case, to)
    with case.session("export"), disk_errors(), case.connect() as con, _beside(to) as folder:
        made = folder / f"export{to.suffix.lower()}"
        write(con, made)
        files.disk.set_mode(made, 0o600)
        files.sync(made)
        run = case.run()
        case.note("export", kind=to.suffix.lower(), sha256=files.sha256_of(made), run=run.name if run else "")
        files.move(made, to)
    return to


def _refuse(case: Case, to: Path) -> None:
    if os.path.lexists(to):
        raise WrongUse(f"{files.shown(to)} is there already", "Choose another name, or delete it first.")
    if not to.parent.is_dir():
        raise WrongUse(f"there is no folder {files.shown(to.parent)}", "Make it first, or choose another.")
    target = to.resolve()
    if target.is_relative_to(case.path) and target.parent != case.path / "exports":
        raise WrongUse(f"{files.shown(to)} lies inside the case", "Choose a place outside the case folder.")


@contextmanager
def _beside(to: Path) -> Iterator[Path]:
    """A private folder on the file system of the target, where everything is made; also what openpyxl makes."""
    folder = to.parent / f".collectaudit-export-{secrets.token_hex(8)}"
    files.disk.make_folder(folder)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def _duckdb(con: duckdb.DuckDBPyConnection, made: Path) -> None:
    runs.check_path(made)
    con.execute(f"ATTACH {literal(made)} AS exported (STORAGE_VERSION 'v1.0.0')")
    (home,) = con.execute("SELECT current_database()").fetchone() or ("memory",)
    con.execute("USE exported")
    con.execute(runs.SCHEMA)
    con.execute(f'CREATE TABLE verdicts AS FROM "{home}".main.verdicts')
    for table in runs.TABLES:
        con.execute(f'INSERT INTO {table} FROM "{home}".main.{table}')
    con.execute(f'USE "{home}"')
    con.execute("DETACH exported")


def _parquet(con: duckdb.DuckDBPyConnection, made: Path) -> None:
    con.execute(f"COPY ({_FINDINGS}) TO {literal(made)} (FORMAT parquet, COMPRESSION zstd)")


def _csv(con: duckdb.DuckDBPyConnection, made: Path) -> None:
    """UTF-8 with a byte order mark and CRLF, as Excel wants it; no cell can become a formula."""
    columns, rows = _rows(con, _FINDINGS)
    with _text(made, "utf-8-sig") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def _jsonl(con: duckdb.DuckDBPyConnection, made: Path) -> None:
    columns, rows = _rows(con, _FINDINGS)
    with _text(made, "utf-8") as out:
        for row in rows:
            found = dict(zip(columns, row, strict=True))
            found["facts"] = json.loads(found["facts"]) if found["facts"] else {}
            out.write(json.dumps(found, ensure_ascii=False) + "\n")


def _xlsx(con: duckdb.DuckDBPyConnection, made: Path) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ModuleNotFoundError as error:
        raise MissingPart(
            "writing .xlsx needs openpyxl, which is not installed",
            "Install it with: pip install 'collectaudit[report]'",
        ) from error
    book = Workbook(write_only=True)
    for title, query in (("findings", _FINDINGS), ("sources", _SOURCES), ("rules", _RULES)):
        sheet = book.create_sheet(title)
        columns, rows = _rows(con, query)
        sheet.append(columns)
        for number, row in enumerate(rows):
            if number >= _SHEET_ROWS:
                raise WrongUse(f"a workbook cannot hold so many {title}", "Use .csv or .parquet.")
            sheet.append([_cell(WriteOnlyCell(sheet), value) for value in row])
    book.save(made)


def _cell(cell: Any, value: Any) -> Any:
    """A workbook cell; text is text, whatever it begins with."""
    if isinstance(value, str):
        cell.value = _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", value)[:_CELL_CHARS]
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


@contextmanager
def _text(made: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    with made.open("x", encoding=encoding, errors="backslashreplace", newline="") as out:
        yield out


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Column names, and the rows a batch at a time with times as text."""
    asked = con.execute(query)
    columns = [column[0] for column in asked.description or ()]

    def rows() -> Iterator[list[Any]]:
        while batch := asked.fetchmany(_BATCH):
            for row in batch:
                yield [_plain(value) for value in row]

    return columns, rows()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else value


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path], None]] = {
    ".duckdb": _duckdb, ".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx, ".jsonl": _jsonl,
}  # fmt: skip

_FINDINGS = """
SELECT f.finding_id, f.tier, f.severity, r.title_zh, r.title_en, f.account, f.occurred_at, e.channel,
    e.from_number, e.from_role, e.to_number, e.to_role, e.outcome, e.duration_s, e.agent, e.agency, e.lender,
    p.authority, p.instrument_zh, p.instrument_en, p.article, p.quote, p.url, p.in_force_from,
    f.facts, v.verdict, v.note AS verdict_note, v."by" AS verdict_by,
    s.name AS source, e.locator, s.sha256 AS source_sha256, f.rule_id, f.regime, f.provision_id, f.event_id
FROM findings f
LEFT JOIN rule_runs r USING (rule_id)
LEFT JOIN provisions p USING (provision_id)
LEFT JOIN events e ON e.event_id = f.event_id
LEFT JOIN sources s USING (source_id)
LEFT JOIN verdicts v ON v.finding_id = f.finding_id
ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id
"""
_SOURCES = "SELECT * FROM sources ORDER BY name, source_id"
_RULES = """
SELECT rule_id, title_zh, title_en, severity, status, reason, contacts_seen, findings FROM rule_runs ORDER BY rule_id
"""
