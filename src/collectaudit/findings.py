"""JUDGE: every rule is asked on its own; what they return becomes findings and evidence, set-wise."""

import tempfile
from collections.abc import Mapping, Sequence
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
# No dictionary is tried of what differs from row to row.
_PARQUET = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 10000)"
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
    with (
        tempfile.TemporaryDirectory(dir=run, prefix=".judge-") as folder,
        connect(run, threads=threads, locked=True) as con,
    ):
        count_days(con)
        ask = asking(con)
        asked = [Asked(number, rule, standing(ask, rule)) for number, rule in enumerate(active)]
        parts = [Part(Path(folder), *part) for part in enumerate(portions(con, _CONTACTS))]
        _prepare(con, asked, explicit)
        _put_together(con, run, _judge(con, run, asked, parts, threads), parts)


def _judge(
    con: duckdb.DuckDBPyConnection, run: Path, asked: Sequence["Asked"], parts: Sequence["Part"], threads: int | None
) -> Sequence["Asked"]:
    """Findings and evidence of every part, into its folder; what became of each rule. One that fails in a part fails as
    a whole: then all is done again without it.
    """
    for part in parts:
        part.folder.mkdir(exist_ok=True)
        narrow(con, part.accounts)
        con.execute(_PART_SQL)
        answered = [_ask(con, run, one, part, threads) for one in asked]
        if any(one.ran and not now.ran for one, now in zip(asked, answered, strict=True)):
            return _judge(con, run, answered, parts, threads)
        asked = answered
        _find(con, asked, part)
    return asked


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

    @property
    def hits(self) -> str:
        """What it returned for the part that is judged, as tables of a query."""
        return f"{scan(self.whole)} WHERE {within('account')}" if self.whole else f"hits_{self.number}"

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
        failure = _answer(con, one.rule.sql, f"CREATE OR REPLACE TEMP TABLE {one.hits} AS {{}}", one.hits)
    else:
        one = replace(one, whole=part.folder / f"{one.number}.parquet")
        limits = {"memory_mb": _STRANGER_MB, "cpu_s": _STRANGER_CPU_S, "wall_s": _STRANGER_WALL_S}
        try:
            failure = run_limited(ask_stranger, run, one.rule.sql, one.whole, threads, **limits)
        except ChildDied as died:
            failure = because("stopped", error=str(died))
    return one.failed(failure.replace(str(run), "")) if failure else one


def ask_stranger(run: Path, sql: str, target: Path, threads: int | None) -> str | None:
    """For the child: run a rule that nobody vouches for. The reason if it failed."""
    with connect(run, threads=threads, locked=True, spills=False, memory_limit=_STRANGER_MEMORY) as con:
        if remarks := sqlcheck.check(con, sql):
            return because("failed", error=remarks[0].what)
        keep = f"COPY ({{}}) TO {literal(target)} {_PARQUET}"
        return _answer(con, sql, keep, scan(target)) or _unknown_contacts(con, target)


def _answer(con: duckdb.DuckDBPyConnection, sql: str, keep: str, kept: str) -> str | None:
    """Keep what a rule returns by the statement `keep`, from then on `kept`. The reason if it failed.

    `con` is locked to the run.
    """
    try:
        returned = sqlcheck.columns(con, sql)
        if problem := next(iter(sqlcheck.column_problems(returned)), None):
            return because("failed", error=problem[0])
        con.execute(keep.format(_hits(returned, sql)))
    except duckdb.Error as error:
        return because("failed", error=str(error).strip().split("\n", 1)[0][:_ERROR_LENGTH])
    if _any(con, f"{kept} ANTI JOIN provisions USING (provision_id)"):
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
    hits = [_HITS.format(n=one.number, hits=one.hits) for one in asked if one.ran]
    con.execute("CREATE OR REPLACE TEMP VIEW hits AS " + " UNION ALL ".join([_NO_HITS, *hits]))
    con.execute(_FINDINGS_SQL)
    for table, order in _WRITTEN.items():
        _write(con, f"FROM {table}_rows ORDER BY {order}", part.folder / f"{table}.parquet")


def _put_together(con: duckdb.DuckDBPyConnection, run: Path, asked: Sequence[Asked], parts: Sequence[Part]) -> None:
    """The tables of the run: what was found in its parts, one after the other, and what became of each rule."""
    for table in _WRITTEN:
        _write(con, f"FROM {scan(*(part.folder / f'{table}.parquet' for part in parts))}", run / f"{table}.parquet")
    _tell(con, asked)
    _write(con, _RULE_RUNS.format(findings=scan(run / "findings.parquet")), run / "rule_runs.parquet")


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    con.execute(f"COPY ({query}) TO {literal(target)} {_PARQUET}")


def _prepare(con: duckdb.DuckDBPyConnection, asked: Sequence[Asked], explicit: frozenset[str]) -> None:
    """What part.sql and findings.sql are given, but for the hits."""
    con.execute(_GIVEN)
    for regime in sorted(explicit):
        con.execute("INSERT INTO explicit VALUES (?)", [regime])
    _tell(con, asked)
    con.execute(_TYPES_SQL)
    con.execute(_KINDS)
    for table in _LAW:  # with the words that the contacts of a part are held in (part.sql)
        con.execute(f"CREATE TEMP TABLE {table} AS SELECT * REPLACE ({_NAMED}) FROM memory.main.{table}")  # noqa: S608


def _tell(con: duckdb.DuckDBPyConnection, asked: Sequence[Asked]) -> None:
    """The rules and what became of them, as the table `asked`."""
    con.execute("DELETE FROM asked")
    columns = [list(column) for column in zip(*map(_row, asked), strict=True)]
    if columns:  # all at once: row by row it takes as long as a dozen rules
        con.execute(f"INSERT INTO asked SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)


def _row(one: Asked) -> list[object]:
    rule, found = one.rule, one.found
    texts = [text[lang] for text in (rule.title, rule.message, rule.limits) for lang in ("en", "zh")]
    said = [found.status, found.reason, found.contacts_seen]
    return [one.number, rule.id, rule.sha256, *said, rule.severity, *texts, rule.sql]


_NAMED = """CAST(provision_id AS provision) AS provision_id, CAST(channel AS word) AS channel,
    CAST(to_role AS word) AS to_role"""
_HITS = """
SELECT {n}, CAST(provision_id AS provision), CAST(account AS account), event_id, event_ids, signal_id, tier, facts
FROM {hits}"""
_NO_HITS = """
SELECT CAST(NULL AS INTEGER) AS n, CAST(NULL AS provision) AS provision_id, CAST(NULL AS account) AS account,
    CAST(NULL AS VARCHAR) AS event_id, CAST(NULL AS VARCHAR[]) AS event_ids, CAST(NULL AS VARCHAR) AS signal_id,
    CAST(NULL AS VARCHAR) AS tier, CAST(NULL AS VARCHAR) AS facts WHERE false"""
_RULE_RUNS = """
SELECT rule_id, rule_sha256, status, reason, contacts_seen, coalesce(findings, 0) AS findings, a.severity,
    title_en, title_zh, message_en, message_zh, limits_en, limits_zh, sql
FROM asked a LEFT JOIN (SELECT rule_id, count(*) AS findings FROM {findings} GROUP BY rule_id) USING (rule_id)
ORDER BY rule_id
"""
# What many findings have in common. As text it would take half as long again to sort. The files of the run are made of
# text: of such kinds DuckDB writes into a row group, or not, also one that stands just behind its border. None may be
# without a word (DuckDB 1.5).
_KINDS = """
CREATE TYPE rule AS ENUM (SELECT rule_id FROM asked UNION SELECT '' ORDER BY rule_id);
CREATE TYPE provision AS ENUM (SELECT provision_id FROM provisions UNION SELECT '' ORDER BY provision_id);
CREATE TYPE regime AS ENUM (SELECT regime FROM provisions UNION SELECT '' ORDER BY regime);
CREATE TYPE tier AS ENUM ('finding', 'review');
CREATE TYPE severity AS ENUM ('low', 'medium', 'high', 'severe');
CREATE TEMP TABLE kinds AS
SELECT n, CAST(rule_id AS rule) AS rule_id, CAST(provision_id AS provision) AS provision_id,
    CAST(regime AS regime) AS regime, coalesce(p.tier = 'review', false) AS review, authority = 'practice' AS house,
    -- no finding weighs more than the word of its provision
    least(CAST(r.severity AS severity), CAST(
        CASE WHEN authority = 'practice' THEN 'low' WHEN modality = 'prohibit' THEN 'severe'
             WHEN modality IN ('require', 'presume') THEN 'medium' ELSE 'low' END AS severity)) AS severity,
    concat(rule_id, chr(10), provision_id, chr(10)) AS head
FROM asked r CROSS JOIN provisions p;
SET VARIABLE told = (SELECT count(*) > 0 FROM sources WHERE kind = 'told');
"""
_GIVEN = """
CREATE TEMP TABLE explicit (regime VARCHAR);
CREATE TEMP TABLE asked (
    n INTEGER, rule_id VARCHAR, rule_sha256 VARCHAR, status VARCHAR, reason VARCHAR, contacts_seen BIGINT,
    severity VARCHAR, title_en VARCHAR, title_zh VARCHAR, message_en VARCHAR, message_zh VARCHAR,
    limits_en VARCHAR, limits_zh VARCHAR, sql VARCHAR
);
"""
