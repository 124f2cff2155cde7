"""Raw text to typed records: times, numbers, durations. What SQL can prove it decides for a whole column;
every other distinct text goes once through the Python reference in `numbers.py` and `times.py`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from . import memory, numbers, times
from .records import RAW_FIELDS, RAW_LIMIT, Facts
from .sqltext import literal

RAW_COLUMNS = {"n": pl.Int64, "locator": pl.String, "reason": pl.String, "raw": pl.String} | dict.fromkeys(
    RAW_FIELDS, pl.String
)
_SQL = Path(__file__).parent / "sql"
_NUMBER_FIELDS = ("own", "other", "caller", "callee", "number", "party")
_DAY_FIELDS = ("from_at", "until_at")
_PLAIN_TEXTS = (
    "own", "other", "caller", "callee", "relation", "name", "organisation", "body", "agent", "agency", "lender",
    "recording", "number", "fact", "party", "value", "note", "speaker", "engine",
)  # fmt: skip
# With more different texts than that in a row group no dictionary is tried: the file is as large, and made in three
# quarters of the time.
_FORMAT = "(FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 2000)"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one source is read: its id, the zone its times are written in, the one they are judged in (the debtor's), the
    numbering plan (CN, US), threads to use, and which of day and month a person said comes first (`dmy`, `mdy`).
    """

    source_id: str
    written_in: str
    judged_in: str
    region: str
    threads: int | None = None
    order: str | None = None


def normalise(raw: str, out: Path, facts: Facts, reading: Reading) -> None:
    """Write `out`, the typed records of one source, from the raw Parquet files matching the pattern `raw`.

    One row in, one row out: a record that cannot be typed keeps its place with a `reason` and is a reject. Works
    in the current folder.
    """
    con = duckdb.connect(config={"threads": reading.threads or 2})
    memory.bound(con, memory.USUAL_MIB)  # a reader may have no more than twice that
    con.execute("SET temp_directory = ?", [str(out.parent)])
    con.execute(f"CREATE VIEW raw AS SELECT * FROM read_parquet({literal(raw)})")  # noqa: S608 — a name of ours
    used = _used(con)
    con.execute(f"CREATE MACRO stamp_of(d, t) AS {_stamp(used)}")
    for script in ("types", "timed"):
        con.execute((_SQL / f"{script}.sql").read_text(encoding="utf-8"))
    _fill_times(con, used, facts, reading)
    _fill(con, "odd_durations", con.execute(_ODD_DURATIONS).fetchall(), lambda text: (times.duration(text),))
    _number_view(con, [field for field in _NUMBER_FIELDS if field in used], reading.region)
    if reading.written_in != reading.judged_in:
        (written,) = _offsets(con, reading.written_in, ("moment",), "read_stamps")
        con.execute(f"CREATE OR REPLACE MACRO written_offset(t) AS {written}")
    civil, epoch = _offsets(con, reading.judged_in, ("civil_at", "epoch_at"), "timed")
    con.execute(f"CREATE MACRO civil_offset(t) AS {civil}")
    con.execute(f"CREATE MACRO epoch_offset(t) AS {epoch}")
    con.execute(f"CREATE TYPE source AS ENUM ({literal(reading.source_id)})")
    con.execute(f"CREATE MACRO source_id() AS CAST({literal(reading.source_id)} AS source)")
    con.execute((_SQL / "typed.sql").read_text(encoding="utf-8"))
    con.execute(f"COPY ({_without_empty(used)}) TO {literal(out)} {_FORMAT}")
    con.close()


def _used(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Those of the raw fields that any record has (Parquet statistics answer without a scan)."""
    counts = ", ".join(f'count("{field}")' for field in RAW_FIELDS)
    found = con.execute(f"SELECT {counts} FROM raw").fetchone() or ()  # noqa: S608 — names of ours
    return {field for field, count in zip(RAW_FIELDS, found, strict=True) if count}


def _without_empty(used: set[str]) -> str:
    """The typed records; a text that no record has is a word that none has, which costs a tenth to write."""
    columns = ", ".join(f"CAST(NULL AS word) AS {field}" for field in _PLAIN_TEXTS if field not in used)
    return f"SELECT * REPLACE ({columns}) FROM typed" if columns else "FROM typed"  # noqa: S608 — names of ours


def _stamp(used: set[str]) -> str:
    """The text of the time: `date time`, or whichever of the two the source has."""
    if {"date", "time"} <= used:
        return "nullif(trim(concat_ws(' ', nullif(trim(d), ''), nullif(trim(t), ''))), '')"
    return f"nullif({'d' if 'date' in used else 't'}, '')"


def _fill(
    con: duckdb.DuckDBPyConnection, table: str, texts: Iterable[tuple[str]], convert: Callable[[str], tuple[Any, ...]]
) -> None:
    """Fill a look-up table with what the Python reference makes of each text."""
    rows = [(text, *convert(text)) for (text,) in texts]
    path = Path(f"{table}.parquet")
    frame = pl.DataFrame(rows, schema=_LOOKUPS[table], orient="row")
    frame.write_parquet(path)
    con.execute(f"INSERT INTO {table} SELECT * FROM read_parquet({literal(path)})")  # noqa: S608 — names of ours
    path.unlink()


def _fill_times(con: duckdb.DuckDBPyConnection, used: set[str], facts: Facts, reading: Reading) -> None:
    """Every time text that is not plainly `YYYY-MM-DD HH:MM:SS`, and the days of declared facts."""
    texts = set(con.execute(_ODD_TIMES).fetchall())
    for field in used.intersection(_DAY_FIELDS):
        texts |= set(con.execute(f"SELECT DISTINCT {field} FROM raw WHERE {field} IS NOT NULL").fetchall())  # noqa: S608
    found = sorted(texts)
    custom = "mdy" if reading.region == "US" else None
    order, doubtful = times.day_order((text for (text,) in found), reading.order, custom)
    if doubtful:
        facts.notes.append(times.by_custom(doubtful[:40]))

    def convert(text: str) -> tuple[Any, ...]:
        read = times.civil(text, year=facts.year, month=facts.month, order=order)
        return (None, None, None, read) if isinstance(read, str) else (read.at, read.precision, read.offset, None)

    _fill(con, "odd_times", found, convert)


def _number_view(con: duckdb.DuckDBPyConnection, fields: list[str], region: str) -> None:
    """The view `numbered`: the number fields canonical, by pattern or by the look-up table."""
    fast = {field: numbers.FAST_PATH[region].format(f"r.{field}") for field in fields}
    odd = [f"SELECT DISTINCT {f} FROM raw r WHERE {f} IS NOT NULL AND ({sql}) IS NULL" for f, sql in fast.items()]  # noqa: S608
    texts = sorted(con.execute(" UNION ".join(odd)).fetchall()) if odd else []
    _fill(con, "odd_numbers", texts, lambda text: (numbers.canonical(text, region),))
    columns = ", ".join(f"coalesce({sql}, odd_{f}.canonical) AS {f}" for f, sql in fast.items())
    joins = " ".join(f"LEFT JOIN odd_numbers odd_{f} ON odd_{f}.text = r.{f}" for f in fast)
    replaced = f"REPLACE ({columns})" if columns else ""
    con.execute(f"CREATE VIEW numbered AS SELECT r.* {replaced} FROM timed r {joins}")  # noqa: S608 — names of ours


def _offsets(con: duckdb.DuckDBPyConnection, zone: str, columns: Sequence[str], view: str) -> Iterator[str]:
    """The offset of `zone` as an expression of t, over the range of the data in each of the columns."""
    ends = ", ".join(f"min({column}), max({column})" for column in columns)
    found = con.execute(f"SELECT {ends} FROM {view}").fetchone() or ()  # noqa: S608 — names of ours
    for column, first, last in zip(columns, found[::2], found[1::2], strict=True):
        first, last = (first, last) if first else (times.EARLIEST, times.EARLIEST)
        first, last = max(first, times.EARLIEST), min(last, datetime(2100, 1, 1))  # noqa: DTZ001 — civil time
        yield times.offset_sql(zone, "t", first, last, of_utc=column == "epoch_at")


_LOOKUPS: dict[str, dict[str, type[pl.DataType]]] = {
    "odd_times": {"text": pl.String, "moment": pl.Datetime, "precision": pl.String, "s": pl.Int64, "why": pl.String},
    "odd_durations": {"text": pl.String, "seconds": pl.Int64},
    "odd_numbers": {"text": pl.String, "canonical": pl.String},
}
_ODD_TIMES = "SELECT DISTINCT stamp FROM stamped WHERE stamp IS NOT NULL AND epoch_ms IS NULL AND plain_at IS NULL"
_ODD_DURATIONS = """
SELECT DISTINCT duration FROM raw WHERE duration IS NOT NULL AND NOT regexp_full_match(duration, '[0-9]{1,7}')
"""


def write_raw(rows: Iterable[tuple[object, ...]], path: Path) -> None:
    """One Parquet file of raw rows, columns as in RAW_COLUMNS."""
    pl.DataFrame(list(rows), schema=RAW_COLUMNS, orient="row").write_parquet(path)


def counts(records: Path) -> dict[str, Any]:
    """Of a typed file: records, events, rejects, first and last time, records with an unreadable duration, and
    the reason of one whose day and month, or day and year, cannot be told apart.
    """
    frame = pl.scan_parquet(records)
    read = pl.col("reason").is_null()
    at, written = pl.col("at_local").filter(read), "%Y-%m-%d %H:%M:%S"
    return (
        frame.select(
            records=pl.len(),
            events=read.sum(),
            rejects=(~read).sum(),
            first_at=at.min().dt.strftime(written),
            last_at=at.max().dt.strftime(written),
            odd_durations=pl.col("odd_duration").sum(),
            ambiguous=pl.col("reason").filter(pl.col("reason").str.contains(times.DOUBT)).min(),
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )


def cut(text: str) -> str:
    """Text of a rejected record as it is kept."""
    return text[:RAW_LIMIT]
