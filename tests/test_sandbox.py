"""What a stranger's rule must not do: read or write files, reach the network, change the next rule, depend on the day.

Two lines of defence, each tested by itself: the reading of the SQL (`sqlcheck`), and the connection that is locked to
the run. The third, a process with limits, is in test_judge.py.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from situations import DATA, judged, shipped, situation

from collectaudit import runs, sqlcheck
from collectaudit.runs import connect

CANARY = "canary-7f3a"

# {secret}: a file outside the run. {out}: a place outside the run. Each must be refused by reading.
FILES = [
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{secret}*')",
    "SELECT * FROM '{secret}'",
    'SELECT * FROM "{secret}"',
    "FROM '{secret}'",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'file://{secret}'",
    "SELECT * FROM 'http://127.0.0.1:9/x.csv'",
    "SELECT * FROM/**/ReAd_TeXt/**/('{secret}')",
    "SELECT * FROM \"read_text\"('{secret}')",
    "SELECT * FROM main.read_text('{secret}')",
    "SELECT * FROM system.main.read_text('{secret}')",
    "WITH x AS (SELECT * FROM read_text('{secret}')) SELECT * FROM x",
    "WITH \"{secret}\" AS (SELECT 1) SELECT * FROM '{secret}'",
    "SELECT * FROM contacts, (WITH \"{secret}\" AS (SELECT 1) SELECT 1), '{secret}'",
    "SELECT (SELECT content FROM read_text('{secret}')) AS x FROM contacts",
    "SELECT * FROM contacts WHERE EXISTS (SELECT * FROM read_text('{secret}'))",
    "SELECT * FROM contacts ORDER BY (SELECT content FROM read_text('{secret}'))",
    "SELECT count(*) FILTER (EXISTS (FROM read_text('{secret}'))) FROM contacts",
    "SELECT * FROM contacts QUALIFY (SELECT true FROM read_text('{secret}'))",
    "SELECT * FROM contacts c, LATERAL (SELECT * FROM read_text('{secret}'))",
    "SELECT * FROM query('FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{secret}'')'))",
    "COPY contacts TO '{out}.csv'",
    "COPY (SELECT 1) TO '{out}.csv'",
    "COPY contacts FROM '{secret}'",
    "EXPORT DATABASE '{out}'",
    "IMPORT DATABASE '{out}'",
    "ATTACH '{out}.db' AS x",
    "ATTACH '{secret}' AS x (TYPE sqlite)",
    "CREATE SECRET x (TYPE s3)",
    "INSTALL httpfs",
    "LOAD '{secret}'",
    "SELECT secret_table.* FROM secret_table",
]
STATEMENTS = [
    "SELECT 1; DROP VIEW contacts",
    "SELECT 1;;SELECT 1",
    "DROP VIEW contacts",
    "CREATE TEMP MACRO lower(x) AS 'x'",
    "CREATE TEMP TABLE contacts (a INTEGER)",
    "CREATE OR REPLACE VIEW contacts AS SELECT 1",
    "INSERT INTO events (event_id) VALUES ('x')",
    "UPDATE events SET account_id = 'x'",
    "DELETE FROM events",
    "WITH x AS (DELETE FROM events RETURNING *) SELECT * FROM x",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "SET VARIABLE x = 1",
    "RESET lock_configuration",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "PREPARE x AS SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE contacts",
    "SUMMARIZE contacts",
    "SHOW TABLES",
    "PIVOT contacts ON channel USING count(*)",
    "ALTER TABLE events ADD COLUMN x INTEGER",
    "USE memory",
]
ANSWERS = [  # an answer must be the same everywhere, every day, and about the whole case
    "SELECT current_date",
    "SELECT CURRENT_TIMESTAMP",
    "SELECT localtime",
    "SELECT now()",
    "SELECT today()",
    "SELECT random()",
    "SELECT uuid()",
    "SELECT getenv('HOME')",
    "SELECT current_setting('TimeZone')",
    "SELECT getvariable('x')",
    "SELECT current_user",
    "SELECT version()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM memory.main.contacts",
    "SELECT * FROM events",
    "SELECT * FROM reviews",
    "SELECT * FROM contacts LIMIT 1",
    "SELECT * FROM contacts USING SAMPLE 1",
    "SELECT * FROM contacts TABLESAMPLE 1 ROWS",
    "SELECT * FROM contacts POSITIONAL JOIN case_facts",
    "SELECT DISTINCT ON (account) * FROM contacts",
    "SELECT any_value(event_id) FROM contacts",
    "SELECT first(event_id) FROM contacts",
    "SELECT arg_min(event_id, on_date) FROM contacts",
    "SELECT list(event_id) FROM contacts",
    "SELECT string_agg(event_id) FROM contacts",
    "SELECT row_number() OVER () FROM contacts",
    "SELECT avg(duration_s) FROM contacts",
    "SELECT hour(at_local::TIMESTAMPTZ AT TIME ZONE 'x'), timezone('x', at_local) FROM contacts",
    "SELECT $1",
    "SELECT ?",
    "WITH contacts AS (SELECT 1) SELECT * FROM contacts",
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT * FROM x",
    "SELECT * FROM range(2000000000)",
    "SELECT len(range(2000000000))",
    "SELECT repeat('x', 1)",
    "SELECT rpad('x', duration_s, 'x') FROM contacts",
    "SELECT factorial(duration_s) FROM contacts",
    "SELECT 1 << duration_s FROM contacts",
    "SELECT levenshtein(event_id, event_id) FROM contacts",
    "SELECT list_transform([1], lambda x: x)",
    "SELECT ｌower(channel) FROM contacts",
    "SELECT * FROM contact\u200bs",
    "SELECT '22:00'",
    "SELECT INTERVAL 7 DAY",
    "SELECT '2025-06-01'::DATE",
    "SELECT 99999999999999999999",
]
ATTACKS = [*FILES, *STATEMENTS, *ANSWERS]
secret_table = {"a": [1]}  # a Python variable; DuckDB would find one that it understands by its name


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with runs.empty() as connection:
        yield connection


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the attacks are asked about."""
    return situation(tmp_path_factory.mktemp("asked") / "run", "date\n2025-06-02")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.csv").write_text(f"a\n{CANARY}\n", encoding="utf-8")
    return folder


def filled(attack: str, outside: Path) -> str:
    return attack.replace("{secret}", str(outside / "secret.csv")).replace("{out}", str(outside / "out"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_by_reading_it(attack: str, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    remarks = sqlcheck.check(con, filled(attack, tmp_path))
    assert remarks
    assert all(remark.what and remark.fix for remark in remarks)


@pytest.mark.parametrize("attack", FILES)
def test_the_locked_connection_refuses_files_by_itself(attack: str, outside: Path, run: Path) -> None:
    before = {path: path.read_bytes() for path in outside.iterdir()}
    with connect(run, locked=True, threads=1) as locked:
        try:
            answer = str(locked.execute(filled(attack, outside)).fetchall())
        except duckdb.Error as error:
            answer = str(error).replace(str(outside), "")
    assert CANARY not in answer
    assert "root:" not in answer
    assert {path: path.read_bytes() for path in outside.iterdir()} == before


def test_an_attack_changes_nothing_for_the_next_rule(tmp_path: Path) -> None:
    """Rules before and after a stranger's find the same; the stranger is written down as failed."""
    run = situation(tmp_path / "run", "date time\n2025-06-02 23:00")
    attacks = ["SELECT 1; DROP VIEW contacts", "CREATE TEMP MACRO isodow(x) AS 0", "DELETE FROM contact_hours"]
    ours = shipped()["out-of-hours"]
    strangers = [
        dataclasses.replace(ours, id=f"{place}-{number}", sql=sql, trusted=False)
        for place in ("a", "z")
        for number, sql in enumerate(attacks)
    ]
    outcome = judged(run, [*strangers, "out-of-hours"])
    assert {name for name, row in outcome.rules.items() if row["status"] == "failed"} == {rule.id for rule in strangers}
    assert outcome.fired() == {"e1": ["hours"]}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT lower(channel), count(*) FROM contacts GROUP BY ALL",
        "SELECT list(event_id ORDER BY at_local, event_id) FROM contacts",
        "SELECT string_agg(event_id, ',' ORDER BY event_id) FROM contacts",
        "SELECT * FROM contacts c LEFT JOIN case_facts f ON f.account = c.account",
        "SELECT sum(1) OVER (PARTITION BY account) FROM contacts",
        "SELECT lag(on_date) OVER (PARTITION BY account ORDER BY at_local, event_id) FROM contacts",
        "WITH x AS (SELECT * FROM contacts), y AS (SELECT * FROM x) SELECT * FROM y",
        "SELECT u.x FROM contacts, unnest([event_id]) AS u(x)",
        "SELECT * FROM contacts WHERE channel LIKE 'c%' AND outcome IN ('a', 'b') OR NOT connected",
        "SELECT min({'at': at_local, 'id': event_id}).id FROM contacts",
        "SELECT extract('hour' FROM at_time), at_local + to_minutes(duration_s) FROM contacts",
        "SELECT coalesce(agency, lender), nullif(agency, ''), CASE WHEN connected THEN 1 ELSE 0 END FROM contacts",
        "SELECT * FROM CONTACTS UNION ALL BY NAME SELECT * FROM contacts;",
        (DATA / "good-rule.sql").read_text(encoding="utf-8"),
    ],
)
def test_ordinary_sql_is_not_refused(sql: str, con: duckdb.DuckDBPyConnection) -> None:
    assert sqlcheck.check(con, sql) == []


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT 1\nFROM events", 2),
        ("SELECT '中文',\n current_date", 2),
        ("-- 中文注释\nSELECT now()", 2),
        ("SELECT 1 FROM contacts\nWHERE at_time >= TIME '22:00'", 2),
        ("SELECT 1\n\nFORM x y", 3),
    ],
)
def test_the_place_is_a_byte_of_the_file(sql: str, line: int, con: duckdb.DuckDBPyConnection) -> None:
    (remark, *_) = sqlcheck.check(con, sql)
    assert sql.encode()[: remark.at].count(b"\n") + 1 == line


def test_deep_and_long_sql_is_refused_and_not_fallen_over(con: duckdb.DuckDBPyConnection) -> None:
    assert "longer" in sqlcheck.check(con, "SELECT '" + "x" * 70_000 + "'")[0].what
    deep = "SELECT * FROM contacts"
    for _ in range(400):
        deep = f"SELECT * FROM ({deep})"
    for sql in (deep, "SELECT " + "(" * 900 + "x" + ")" * 900, "SELECT " + "NOT " * 950 + "true"):
        assert isinstance(sqlcheck.check(con, sql), list)
