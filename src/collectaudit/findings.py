"""JUDGE: every rule is asked on its own; what they return becomes findings and evidence, set-wise."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from . import sqlcheck
from .isolate import ChildDied, run_limited
from .rules import Rule
from .runs import connect, scan
from .sqltext import literal
from .standing import Standing, because, count_days, standing

_FINDINGS_SQL = Path(__file__).with_name("sql").joinpath("findings.sql").read_text(encoding="utf-8")
_PARQUET = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy)"
_WRITTEN = {  # each in a total order, so that the same input gives the same bytes
    "findings": "occurred_at, rule_id, provision_id, finding_id",
    "evidence": "finding_id, ordinal",
    "rule_runs": "rule_id",
}
# A stranger's rule: the memory DuckDB plans with, and well above it what the child gets at all.
_STRANGER_MEMORY = "2GB"
_STRANGER_MB, _STRANGER_CPU_S, _STRANGER_WALL_S = 4096, 120, 180
_ERROR_LENGTH = 300


def judge(run: Path, rules: Sequence[Rule], *, explicit: frozenset[str], threads: int | None) -> None:
    """Ask every rule about the tables in `run` and write rule_runs, findings and evidence there.

    `explicit`: regimes to be taken as applying, whatever is declared. Drafts are left out. A rule that fails is
    written down as failed; the others go on.
    """
    run = run.resolve()
    active = sorted((rule for rule in rules if rule.status == "active"), key=lambda rule: rule.id)
    with tempfile.TemporaryDirectory(dir=run, prefix=".judge-") as folder:
        files = [Path(folder) / f"{number}.parquet" for number in range(len(active))]
        with connect(run, threads=threads, locked=True) as con:
            con.execute("CREATE TEMP TABLE worded AS FROM main.worded")  # many rules ask for it
            count_days(con)
            asked = [_ask(con, run, rule, file, threads) for rule, file in zip(active, files, strict=True)]
        with connect(run, threads=threads) as con:
            _prepare(con, list(zip(active, asked, files, strict=True)), explicit)
            con.execute(_FINDINGS_SQL)
            for table, order in _WRITTEN.items():
                rows = f"(SELECT * FROM {table}_rows ORDER BY {order})"  # noqa: S608  our own names
                con.execute(f"COPY {rows} TO {literal(run / f'{table}.parquet')} {_PARQUET}")


def _ask(con: duckdb.DuckDBPyConnection, run: Path, rule: Rule, target: Path, threads: int | None) -> Standing:
    """Run one rule, if it has something to look at. A stranger's gets a process of its own.

    Ours share a connection: one SELECT, and each is no more than that, leaves nothing behind on it.
    """
    found = standing(con, rule)
    if found.status != "ran":
        return found
    failure: str | None
    if rule.trusted:
        failure = _answer(con, rule.sql, target)
    else:
        limits = {"memory_mb": _STRANGER_MB, "cpu_s": _STRANGER_CPU_S, "wall_s": _STRANGER_WALL_S}
        try:
            failure = run_limited(ask_stranger, run, rule.sql, target, threads, **limits)
        except ChildDied as died:
            failure = because("stopped", error=str(died))
    if failure:
        return replace(found, status="failed", reason=failure.replace(str(run), ""))
    return found


def ask_stranger(run: Path, sql: str, target: Path, threads: int | None) -> str | None:
    """For the child: run a rule that nobody vouches for. The reason if it failed."""
    with connect(run, threads=threads, locked=True, memory_limit=_STRANGER_MEMORY) as con:
        if remarks := sqlcheck.check(con, sql):
            return because("failed", error=remarks[0].what)
        return _answer(con, sql, target) or _unknown_contacts(con, target)


def _answer(con: duckdb.DuckDBPyConnection, sql: str, target: Path) -> str | None:
    """What a rule returns, as Parquet; `con` is locked to the run. The reason if it failed."""
    try:
        returned = sqlcheck.columns(con, sql)
        if problem := next(iter(sqlcheck.column_problems(returned)), None):
            return because("failed", error=problem[0])
        con.execute(f"COPY ({_hits(returned, sql)}) TO {literal(target)} {_PARQUET}")
    except duckdb.Error as error:
        return because("failed", error=str(error).strip().split("\n", 1)[0][:_ERROR_LENGTH])
    if _any(con, f"{scan(target)} ANTI JOIN provisions USING (provision_id)"):
        return because("unknown_provision")
    return None


def _hits(returned: Mapping[str, str], sql: str) -> str:
    """The rule's SELECT with fixed columns; whatever it returns beside them becomes the facts."""
    named = {name: name if name in returned else f"CAST(NULL AS {kind})" for name, kind in sqlcheck.OPTIONAL.items()}
    named["event_ids"] = "[event_id]"
    if "event_ids" in returned:  # the event itself is always among its evidence
        named["event_ids"] = (
            "CASE WHEN list_contains(event_ids, event_id) THEN event_ids ELSE list_prepend(event_id, event_ids) END"
        )
    facts = [f"'{name}', {_shown(name, kind)}" for name, kind in returned.items() if name not in sqlcheck.KEYS]
    columns = [*sqlcheck.CORE, *(f"{expression} AS {name}" for name, expression in named.items())]
    columns.append(f"CAST(json_object({', '.join(facts)}) AS VARCHAR) AS facts")
    return f"SELECT {', '.join(columns)} FROM (\n{sql}\n)"  # noqa: S608  a rule is SQL; sqlcheck has read it


def _shown(name: str, kind: str) -> str:
    """A fact as JSON knows it: dates and times as text."""
    if kind in ("DATE", "TIME", "TIMESTAMP"):
        return f'CAST("{name}" AS VARCHAR)'
    return f'CAST("{name}" AS BIGINT)' if kind == "HUGEINT" else f'"{name}"'


def _unknown_contacts(con: duckdb.DuckDBPyConnection, target: Path) -> str | None:
    """The reason why rows cannot become findings if they name a contact that their account does not have."""
    named = f"(SELECT account, unnest(event_ids) AS event_id FROM {scan(target)})"  # noqa: S608  our own file
    return because("unknown_event") if _any(con, f"{named} ANTI JOIN occasions USING (account, event_id)") else None


def _any(con: duckdb.DuckDBPyConnection, tables: str) -> bool:
    return con.execute(f"SELECT 1 FROM {tables} LIMIT 1").fetchone() is not None  # noqa: S608  written above


def _prepare(
    con: duckdb.DuckDBPyConnection, asked: Sequence[tuple[Rule, Standing, Path]], explicit: frozenset[str]
) -> None:
    """The tables that findings.sql is given."""
    con.execute(_GIVEN)
    for regime in sorted(explicit):
        con.execute("INSERT INTO explicit VALUES (?)", [regime])
    hits = ["SELECT * FROM no_hits"]
    for number, (rule, found, file) in enumerate(asked):
        texts = [text[lang] for text in (rule.title, rule.message, rule.limits) for lang in ("en", "zh")]
        said = [found.status, found.reason, found.contacts_seen]
        row = [number, rule.id, rule.sha256, *said, rule.severity, *texts, rule.sql]
        con.execute("INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        if found.status == "ran":
            hits.append(f"SELECT {number} AS n, * FROM {scan(file)}")  # noqa: S608  our own file
    con.execute("CREATE TEMP VIEW hits AS " + " UNION ALL BY NAME ".join(hits))


_GIVEN = """
CREATE TEMP TABLE explicit (regime VARCHAR);
CREATE TEMP TABLE asked (
    n INTEGER, rule_id VARCHAR, rule_sha256 VARCHAR, status VARCHAR, reason VARCHAR, contacts_seen BIGINT,
    severity VARCHAR, title_en VARCHAR, title_zh VARCHAR, message_en VARCHAR, message_zh VARCHAR,
    limits_en VARCHAR, limits_zh VARCHAR, sql VARCHAR
);
CREATE TEMP TABLE no_hits (
    n INTEGER, provision_id VARCHAR, account VARCHAR, event_id VARCHAR, event_ids VARCHAR[], signal_id VARCHAR,
    tier VARCHAR, facts VARCHAR
);
"""
