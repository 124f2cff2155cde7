"""JUDGE: every rule is asked on its own; what they return becomes findings and evidence, set-wise."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from . import sqlcheck
from .isolate import ChildDied, run_limited
from .rules import Rule
from .runs import Accounts, connect, narrow, portions, scan, within
from .sqltext import literal
from .standing import Standing, asking, because, count_days, standing

_TYPES_SQL, _PART_SQL, _FINDINGS_SQL = (
    Path(__file__).with_name("sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    for name in ("types", "part", "findings")
)
# The law that is joined to every contact.
_LAW = ("contact_hours", "contact_limits", "cooldowns", "redial_bursts", "third_party_terms")
# What findings.sql asks of a run.
_WEIGHED = (
    "sources", "events", "utterances", "signals", "case_facts", "provisions", "regime_scopes",
    "portion", "occasions", "told",
)  # fmt: skip
_PARQUET = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy)"
# Of what is read once and thrown away: no dictionary is tried of what differs from row to row.
_WAITING = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 10000)"
_WRITTEN = {  # each in a total order, so that the same input gives the same bytes
    "findings": "occurred_at, rule_id, provision_id, finding_id",
    "evidence": "finding_id, ordinal",
}
# Contacts judged at a time: bounds the memory, whatever the size of the run.
_CONTACTS = 500_000
# A stranger's rule: the memory DuckDB plans with, and well above it what the child gets at all.
_STRANGER_MEMORY = "2GB"
_STRANGER_MB, _STRANGER_CPU_S, _STRANGER_WALL_S = 4096, 120, 180
_ERROR_LENGTH = 300


def judge(run: Path, rules: Sequence[Rule], *, explicit: frozenset[str], threads: int | None) -> None:
    """Ask every rule about the tables in `run` and write rule_runs, findings and evidence there.

    `explicit`: regimes to be taken as applying, whatever is declared. Drafts are left out. A rule that fails is
    written down as failed; the others go on. Some accounts at a time, which keeps the memory small: no rule of ours
    compares one account with another.
    """
    run = run.resolve()
    active = sorted((rule for rule in rules if rule.status == "active"), key=lambda rule: rule.id)
    with tempfile.TemporaryDirectory(dir=run, prefix=".judge-") as folder:
        with connect(run, threads=threads, locked=True) as con:
            count_days(con)
            ask = asking(con)
            asked = [Asked(number, rule, standing(ask, rule)) for number, rule in enumerate(active)]
            parts = [Part(Path(folder), *part) for part in enumerate(portions(con, _CONTACTS))]
            _name_law(con)
            for part in parts:
                part.folder.mkdir()
                narrow(con, part.accounts)
                con.execute(_PART_SQL)
                asked = [_ask(con, run, one, part, threads) for one in asked]
        with connect(run, threads=threads, only=_WEIGHED) as con:
            _prepare(con, asked, explicit)
            for part in parts:
                _find(con, asked, part)
            _put_together(con, run, parts)


def _name_law(con: duckdb.DuckDBPyConnection) -> None:
    """Hold provisions and the words of the law as the contacts of a part are held (part.sql)."""
    con.execute(_TYPES_SQL)
    con.execute(f"CREATE TYPE provision AS ENUM ({_PROVISIONS})")
    for table in _LAW:
        con.execute(f"CREATE TEMP TABLE {table} AS SELECT * REPLACE ({_NAMED}) FROM memory.main.{table}")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Part:
    """Some accounts of a run, and where what is found in them waits."""

    within: Path
    number: int
    accounts: Accounts

    @property
    def folder(self) -> Path:
        """Its own folder."""
        return self.within / str(self.number)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule, what became of it so far, and, of a stranger's, the file with what it returned for the whole run."""

    number: int
    rule: Rule
    found: Standing
    whole: Path | None = None

    @property
    def ran(self) -> bool:
        """Whether it can be asked, and has not failed."""
        return self.found.status == "ran"

    def answer(self, part: Part) -> Path:
        """The file with what it returned."""
        return self.whole or part.folder / f"{self.number}.parquet"

    def failed(self, why: str) -> "Asked":
        """The same, with the reason."""
        return replace(self, found=replace(self.found, status="failed", reason=why))


def _ask(con: duckdb.DuckDBPyConnection, run: Path, one: Asked, part: Part, threads: int | None) -> Asked:
    """Run one rule over a part, if it has something to look at. A stranger's gets the whole run, and its own process.

    Ours share a connection: one SELECT, and each is no more than that, leaves nothing behind on it.
    """
    if not one.ran or one.whole:
        return one
    failure: str | None
    if one.rule.trusted:
        failure = _answer(con, one.rule.sql, one.answer(part))
    else:
        one = replace(one, whole=one.answer(part))
        limits = {"memory_mb": _STRANGER_MB, "cpu_s": _STRANGER_CPU_S, "wall_s": _STRANGER_WALL_S}
        try:
            failure = run_limited(ask_stranger, run, one.rule.sql, one.answer(part), threads, **limits)
        except ChildDied as died:
            failure = because("stopped", error=str(died))
    return one.failed(failure.replace(str(run), "")) if failure else one


def ask_stranger(run: Path, sql: str, target: Path, threads: int | None) -> str | None:
    """For the child: run a rule that nobody vouches for. The reason if it failed."""
    with connect(run, threads=threads, locked=True, spills=False, memory_limit=_STRANGER_MEMORY) as con:
        if remarks := sqlcheck.check(con, sql):
            return because("failed", error=remarks[0].what)
        return _answer(con, sql, target) or _unknown_contacts(con, target)


def _answer(con: duckdb.DuckDBPyConnection, sql: str, target: Path) -> str | None:
    """What a rule returns, as Parquet; `con` is locked to the run. The reason if it failed."""
    try:
        returned = sqlcheck.columns(con, sql)
        if problem := next(iter(sqlcheck.column_problems(returned)), None):
            return because("failed", error=problem[0])
        con.execute(f"COPY ({_hits(returned, sql)}) TO {literal(target)} {_WAITING}")
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


def _find(con: duckdb.DuckDBPyConnection, asked: Sequence[Asked], part: Part) -> None:
    """Findings and evidence of a part, into its folder."""
    narrow(con, part.accounts)
    con.execute("CREATE OR REPLACE TEMP VIEW hits AS " + " UNION ALL BY NAME ".join(_hits_of(asked, part)))
    con.execute(_FINDINGS_SQL)
    for table, order in _WRITTEN.items():
        _write(con, f"FROM {table}_rows ORDER BY {order}", part.folder / f"{table}.parquet", _WAITING)


def _hits_of(asked: Sequence[Asked], part: Part) -> Iterator[str]:
    """What each rule returned for a part, as queries."""
    yield "FROM no_hits"
    for one in asked:
        if one.ran:
            yield f"SELECT {one.number} AS n, * FROM {scan(one.answer(part))}" + (_OF_PART if one.whole else "")  # noqa: S608


def _put_together(con: duckdb.DuckDBPyConnection, run: Path, parts: Sequence[Part]) -> None:
    """The tables of the run: what was found in its parts, one after the other, and what became of each rule."""
    for table in _WRITTEN:
        _write(con, f"FROM {scan(*(part.folder / f'{table}.parquet' for part in parts))}", run / f"{table}.parquet")
    _write(con, _RULE_RUNS.format(findings=scan(run / "findings.parquet")), run / "rule_runs.parquet")


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path, form: str = _PARQUET) -> None:
    con.execute(f"COPY ({query}) TO {literal(target)} {form}")


def _prepare(con: duckdb.DuckDBPyConnection, asked: Sequence[Asked], explicit: frozenset[str]) -> None:
    """The tables that findings.sql is given, but for the hits."""
    con.execute(_GIVEN)
    for regime in sorted(explicit):
        con.execute("INSERT INTO explicit VALUES (?)", [regime])
    columns = [list(column) for column in zip(*map(_row, asked), strict=True)]
    if columns:  # all at once: row by row it takes as long as a dozen rules
        con.execute(f"INSERT INTO asked SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)
    con.execute(_KINDS)


def _row(one: Asked) -> list[object]:
    rule, found = one.rule, one.found
    texts = [text[lang] for text in (rule.title, rule.message, rule.limits) for lang in ("en", "zh")]
    said = [found.status, found.reason, found.contacts_seen]
    return [one.number, rule.id, rule.sha256, *said, rule.severity, *texts, rule.sql]


_PROVISIONS = "SELECT provision_id FROM provisions UNION SELECT '' ORDER BY provision_id"  # DuckDB 1.5: never none
_NAMED = """CAST(provision_id AS provision) AS provision_id, CAST(channel AS word) AS channel,
    CAST(to_role AS word) AS to_role"""
_OF_PART = f" WHERE {within('account')}"
_RULE_RUNS = """
SELECT rule_id, rule_sha256, status, reason, contacts_seen, coalesce(findings, 0) AS findings, a.severity,
    title_en, title_zh, message_en, message_zh, limits_en, limits_zh, sql
FROM asked a LEFT JOIN (SELECT rule_id, count(*) AS findings FROM {findings} GROUP BY rule_id) USING (rule_id)
ORDER BY rule_id
"""
# What many findings have in common, in order; as text it would take half as long again to sort. The files of the run
# are made of text: of such kinds DuckDB writes into a row group, or not, also one that stands just behind its border.
_KINDS = f"""
CREATE TYPE rule AS ENUM (SELECT rule_id FROM asked UNION SELECT '' ORDER BY rule_id);
CREATE TYPE provision AS ENUM ({_PROVISIONS});
CREATE TYPE regime AS ENUM (SELECT regime FROM provisions UNION SELECT '' ORDER BY regime);
CREATE TYPE tier AS ENUM ('finding', 'review');
CREATE TYPE severity AS ENUM ('low', 'medium', 'high', 'severe');
"""  # noqa: S608 — constants only
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
