"""SETTLE: the records of all sources become the events, parties and declared facts of one case.

Who is who comes, in this order, from the case's people.csv, from a people.csv among the inputs, and from the
export's own relation column. Nothing else gives a role; an unlabelled number has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb
import polars as pl

from . import hearing, memory
from .legs import join_legs
from .linking import families, link, made_here
from .owning import SIDES, beside, declared_owner, said_of
from .pairing import follow, pair
from .runs import scan
from .safe_text import as_text
from .sqltext import literal

# No dictionary is tried of what differs from row to row; accounts, sorted, are fewer than that in a row group.
_EVENTS_FORMAT = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 10000)"
_SMALL_FORMAT = "(FORMAT parquet, COMPRESSION zstd)"


@dataclass(frozen=True, slots=True)
class Source:
    """One read source: its ledger, its typed records, whether a person wrote it in this case (a drawer), and, of a
    transcript made in this case, the SHA-256 of the recording.
    """

    ledger: Mapping[str, object]
    records: Path
    drawer: bool = False
    recording: str | None = None

    @property
    def source_id(self) -> str:
        """First 16 hex digits of the file's SHA-256; of what a person states in this case, `told`."""
        return str(self.ledger.get("source_id") or self.ledger["sha256"])[:16]

    @property
    def name(self) -> str:
        """Display name, relative to what was given as input."""
        return as_text(str(self.ledger["name"]))

    @property
    def folder(self) -> str:
        """The folder part of the name, "" at the top."""
        return str(PurePosixPath(self.name).parent).removeprefix(".")

    @property
    def recorded(self) -> bool:
        """Whether it is a recording or a transcript of one."""
        return self.ledger["kind"] in ("recordings", "transcripts") and bool(self.ledger["records"])


def settle(
    sources: Sequence[Source], out: Path, *, owners: Mapping[str, str], channels: Mapping[str, str],
    heard: Iterable[Mapping[str, str]] = (), threads: int | None = None,
) -> None:  # fmt: skip
    """Write events, utterances, listened, parties, case_facts, sources and rejects of a case into the folder `out`.

    `owners`: whose phone an export is from; key = a source's name, its folder, or "" for all; value = a canonical
    number. `channels`: which channel of its recordings is the collector's, `left` or `right`, by the same keys.
    `heard`: the rows of listened.csv.
    """
    con = duckdb.connect(config={"threads": threads} if threads else {})
    memory.bound(con)
    con.execute("SET temp_directory = ?", [str(out.parent)])
    readable = [source for source in sources if source.ledger["records"]]
    parts = [f"SELECT *, {str(s.drawer).lower()} AS drawer FROM {scan(s.records)}" for s in readable]  # noqa: S608
    con.execute(f"CREATE VIEW records AS {' UNION ALL BY NAME '.join(parts) or _NO_RECORDS}")
    _source_table(con, sources, owners, channels, out)
    con.execute(_LABELS)
    con.execute(_FACTS)
    recorded = [source for source in sources if source.recorded]
    logs = [source for source in sources if source.ledger["kind"] in ("events", "told") and source.ledger["events"]]
    legs = con.execute("SELECT count(call_id) FROM records WHERE kind = 'event'").fetchone() != (0,)
    several = len(logs) + len(recorded) > 1 or legs
    con.execute(f"CREATE {'TABLE' if several else 'VIEW'} drafted AS {_EVENTS}")
    con.execute(_LINKS)
    hearing.remember(con, heard)
    if legs:
        join_legs(con)
    if several:
        made_here(con, [(s.source_id, s.recording[:16]) for s in recorded if s.recording])
        families(con, [(s.source_id, s.name, s.ledger["kind"] == "recordings") for s in recorded if not s.recording])
        pair(con)
        if recorded:
            link(con)
        follow(con)
    _code_texts(con, sum(int(str(source.ledger["records"])) for source in readable))
    outputs = _OUTPUTS | ({"utterances": _WITH_SPEECH} if recorded else {})
    for table, query in outputs.items():
        form = _EVENTS_FORMAT if table == "events" else _SMALL_FORMAT
        con.execute(f"COPY ({query}) TO {literal(out / f'{table}.parquet')} {form}")
    hearing.keep(con, out)
    con.close()


def _code_texts(con: duckdb.DuckDBPyConnection, records: int) -> None:
    """The types in which contacts are sorted: where there are few different texts among many, an ENUM of them."""
    few = dict.fromkeys(_CODED, False)
    if records > _MANY:
        con.execute(f"CREATE TEMP TABLE texts AS {_TEXTS}")
        counts = con.execute("SELECT count(COLUMNS(*)) FROM texts").fetchone() or ()
        few = {text: count <= _FEW for text, count in zip(_CODED, counts, strict=True)}
    for text, coded in few.items():
        distinct = f"ENUM (SELECT {text} FROM texts WHERE {text} IS NOT NULL ORDER BY ALL)"  # noqa: S608 — names of ours
        con.execute(f"CREATE TYPE {text}_code AS {distinct if coded else 'VARCHAR'}")


def _source_table(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Source], owners: Mapping[str, str], channels: Mapping[str, str],
    out: Path,
) -> None:  # fmt: skip
    """The table `sources`, with the owner of each phone and how that is known."""
    phones = {row[0] for row in con.execute(_PHONE_SIDE).fetchall()}
    declared = {source.source_id: declared_owner(source, owners) for source in sources}
    rows = []
    for source in (source for source in sources if not source.drawer):
        owner = declared[source.source_id]
        if source.source_id not in phones and source.ledger["kind"] in ("events", "recordings"):
            owner = None, None  # a switch has no owner, whatever was said of all inputs
        elif source.source_id in phones and owner[0] is None:
            owner = beside(source, sources, declared, phones)
        reason = [source.ledger["reason"], *source.ledger.get("notes", [])]  # type: ignore[misc]
        row = {**source.ledger, "source_id": source.source_id, "owner_number": owner[0], "owner_basis": owner[1]}
        row["name"] = source.name
        row["reason"] = "; ".join(str(part) for part in reason if part) or None
        row["phone"] = source.source_id in phones
        row["collector_voice"] = SIDES.get(said_of(source, channels) or "")
        rows.append({key: row[key] for key in _SOURCE_TYPES})
    frame = pl.DataFrame(rows, schema=_SOURCE_TYPES).sort("source_id")
    path = out / "source-facts.parquet"
    frame.write_parquet(path)
    con.execute(f"CREATE TABLE source_facts AS SELECT * FROM {scan(path)}")  # noqa: S608
    path.unlink()


_SOURCE_TYPES: dict[str, type[pl.DataType]] = {
    "source_id": pl.String, "name": pl.String, "sha256": pl.String, "size_bytes": pl.Int64, "parser": pl.String,
    "kind": pl.String, "encoding": pl.String, "time_zone": pl.String, "owner_number": pl.String,
    "owner_basis": pl.String, "records": pl.Int64, "events": pl.Int64, "rejects": pl.Int64, "declared": pl.Int64,
    "first_at": pl.String, "last_at": pl.String, "status": pl.String, "reason": pl.String, "phone": pl.Boolean,
    "collector_voice": pl.Int32,
}  # fmt: skip

_NO_RECORDS = """
SELECT '' AS source_id, 0 AS n, '' AS locator, '' AS kind, '' AS reason, '' AS raw, '' AS channel, '' AS direction,
    '' AS own, '' AS other, '' AS caller, '' AS callee, '' AS collector, '' AS role, '' AS relation, '' AS name,
    '' AS organisation, '' AS account_id, TIMESTAMP '2000-01-01' AS at_local, TIMESTAMP '2000-01-01' AS at_utc,
    0 AS utc_offset, '' AS precision, '' AS outcome, true AS connected, 0 AS duration_s, '' AS body, '' AS agent,
    '' AS agency, '' AS lender, 0 AS days_past_due, '' AS recording, '' AS call_id, 0 AS least_s,
    '' AS number, '' AS fact, '' AS party,
    TIMESTAMP '2000-01-01' AS from_at, TIMESTAMP '2000-01-01' AS until_at, '' AS value, '' AS note,
    0.0 AS start_s, 0.0 AS end_s, '' AS speaker, 0 AS voice, 0.0 AS confidence, false AS doubtful, '' AS engine,
    false AS drawer
WHERE false
"""

_PHONE_SIDE = """
SELECT DISTINCT source_id FROM records
WHERE kind IN ('event', 'recording') AND reason IS NULL AND caller IS NULL AND callee IS NULL
"""

# Labels: the best row for each number and account (a person's word in the case first, a later line over an
# earlier). `anywhere` serves contacts whose account is not known, and is silent where a number's roles differ.
_LABELS = """
-- Undoes the apostrophe that keeps a spreadsheet from taking a cell for a formula.
CREATE MACRO plain_cell(cell) AS regexp_replace(cell, '^''([=+@|-])', '\\1');
CREATE TABLE labels AS
SELECT number, account_id, role, plain_cell(name) AS name, plain_cell(organisation) AS organisation,
    plain_cell(lender) AS lender, relation, source_id, locator,
    CASE WHEN drawer OR role IS NOT NULL THEN 'people.csv' ELSE 'contacts' END AS basis
FROM records WHERE kind = 'party' AND reason IS NULL
QUALIFY row_number() OVER (
    PARTITION BY number, account_id
    ORDER BY drawer DESC, role IS NULL, source_id, n DESC) = 1;

INSERT INTO labels BY NAME
SELECT min(owner_number) AS number, 'debtor' AS role, 'assumed' AS basis
FROM source_facts WHERE phone
HAVING count(DISTINCT owner_number) = 1 AND min(owner_number) NOT IN (SELECT number FROM labels WHERE role IS NOT NULL);

CREATE TABLE anywhere AS
SELECT number, CASE WHEN count(DISTINCT role) = 1 THEN min(role) END AS role,
    CASE WHEN count(DISTINCT account_id) = 1 AND count(account_id) = count(role) THEN min(account_id) END AS account_id,
    min(name) AS name, CASE WHEN count(DISTINCT organisation) = 1 THEN min(organisation) END AS organisation,
    CASE WHEN count(DISTINCT lender) = 1 THEN min(lender) END AS lender
FROM labels GROUP BY number;
"""

_FACTS = """
CREATE TABLE facts AS
SELECT account_id AS account, party, fact, coalesce(from_at, TIMESTAMP '1900-01-01') AS from_at,
    coalesce(until_at, TIMESTAMP '9999-12-31') AS until_at, value,
    try_cast(hours.opens || ':00' AS TIME) AS opens, try_cast(hours.closes || ':00' AS TIME) AS closes,
    note, source_id, locator
FROM (
    SELECT *, regexp_extract(value, '^ *([0-9]{1,2}:[0-9]{2}) *[-–—~至到] *([0-9]{1,2}:[0-9]{2}) *$',
        ['opens', 'closes']) AS hours FROM records)
WHERE kind = 'fact' AND reason IS NULL;

CREATE TABLE account_facts AS
SELECT account, max(value) FILTER (fact = 'lender') AS lender,
    CAST(max(from_at) FILTER (fact = 'due') AS DATE) AS due_on
FROM facts WHERE fact IN ('lender', 'due') GROUP BY account;
"""

# Sorting carries every column along: as codes, texts take half the time, and more contacts fit into memory.
_CODED = ("source_id", "channel", "from_number", "from_role", "to_role", "precision", "outcome", "name", "agent",
          "agency", "lender")  # fmt: skip
_MANY, _FEW = 100_000, 10_000
_TEXTS = f"SELECT {', '.join(_CODED)} FROM drafted GROUP BY GROUPING SETS (({'), ('.join(_CODED)}))"  # noqa: S608 — our own
_AS_CODES = ", ".join(f"CAST({text} AS {text}_code) AS {text}" for text in _CODED)
_AS_TEXTS = ", ".join(f"CAST({text} AS VARCHAR) AS {text}" for text in _CODED)

_EVENTS = (Path(__file__).parent / "sql" / "drafted.sql").read_text(encoding="utf-8")

_LINKS = """
CREATE TABLE same (event_id VARCHAR, same_as VARCHAR, why VARCHAR);
CREATE TABLE named_recordings (event_id VARCHAR, named VARCHAR);
-- Whole numbers are sorted in half the time of names.
CREATE TABLE accounts AS
SELECT account_id, row_number() OVER (ORDER BY account_id) AS place
FROM (SELECT DISTINCT account_id FROM records WHERE account_id IS NOT NULL);
"""

# What a person states that was said belongs to the contact that counts, where a record shows that contact.
_MESSAGES = """
SELECT d.event_id || '#0' AS utterance_id, coalesce(t.same_as, d.event_id) AS event_id, d.source_id, locator,
    CAST(0 AS INTEGER) AS ordinal, 'from' AS speaker, CAST(NULL AS INTEGER) AS voice, CAST(NULL AS DOUBLE) AS start_s,
    CAST(NULL AS DOUBLE) AS end_s, body AS text, CAST(NULL AS VARCHAR) AS engine, CAST(NULL AS DOUBLE) AS confidence,
    false AS doubtful, CAST(NULL AS VARCHAR) AS machine_text, CAST(NULL AS VARCHAR) AS heard_by, n
FROM drafted d LEFT JOIN (FROM same WHERE split_part(event_id, ':', 1) IN (
    SELECT source_id FROM source_facts WHERE kind = 'told')) t USING (event_id) WHERE body IS NOT NULL
"""

_OUTPUTS = {
    "events": f"""
        SELECT CAST(source_id AS VARCHAR) || ':' || locator AS event_id, * EXCLUDE (n, place) REPLACE ({_AS_TEXTS})
        FROM (
            SELECT source_id, locator, account_id, channel, from_number, to_number, from_role, to_role,
                at_local, at_utc, utc_offset, precision, outcome, connected, duration_s, least_s, name, agent, agency,
                lender, CAST(days_past_due AS INTEGER) AS days_past_due, coalesce(recording, named) AS recording,
                undirected, same_as, why AS same_why, n, place
            FROM (SELECT * REPLACE ({_AS_CODES}) FROM drafted)
            LEFT JOIN same USING (event_id) LEFT JOIN named_recordings USING (event_id)
            LEFT JOIN accounts USING (account_id)
            ORDER BY place, at_local, source_id, n)""",  # noqa: S608 — our own
    "utterances": f"SELECT * EXCLUDE (n) FROM ({_MESSAGES}) ORDER BY source_id, n",  # noqa: S608 — our own
    "parties": """
        SELECT number, account_id, role, name, organisation, lender, relation, basis, source_id, locator
        FROM labels ORDER BY number, account_id""",
    "case_facts": """
        SELECT account, party, fact, from_at, until_at, value, opens, closes, note, source_id, locator
        FROM facts ORDER BY ALL""",
    "sources": """
        SELECT * EXCLUDE (phone)
            REPLACE (CAST(first_at AS TIMESTAMP) AS first_at, CAST(last_at AS TIMESTAMP) AS last_at)
        FROM source_facts ORDER BY source_id""",
    "rejects": """
        SELECT source_id, locator, reason, raw FROM records WHERE reason IS NOT NULL AND NOT drawer
        ORDER BY source_id, n""",
}
_WITH_SPEECH = f"SELECT * EXCLUDE (n) FROM ({_MESSAGES} UNION ALL BY NAME ({hearing.CORRECTED})) ORDER BY source_id, n"  # noqa: S608 — our own
