"""A run opens as the tables and views of schema.sql, wherever it lies, and a locked one sees nothing else."""

import re
from pathlib import Path

import duckdb
import pytest
from casekit import EVENT, write_run, write_table
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectaudit import runs
from collectaudit.errors import IntegrityError, WrongUse
from collectaudit.sqltext import literal

VIEWS = re.findall(r"^CREATE VIEW (\w+)", runs.SCHEMA, re.MULTILINE)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_run(tmp_path / "runs" / "r1")
    return tmp_path / "runs" / "r1"


def columns(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in con.execute(f"DESCRIBE {table}").fetchall()]


def test_every_table_and_view_of_the_schema_is_there(run: Path) -> None:
    with duckdb.connect() as plain, runs.connect(run) as con, runs.empty() as empty:
        plain.execute(runs.SCHEMA)
        for name in (*runs.TABLES, *VIEWS):
            assert columns(con, name) == columns(plain, name) == columns(empty, name), name
            assert empty.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


def test_rows_come_from_the_files_and_absent_tables_are_empty(run: Path) -> None:
    with runs.connect(run) as con:
        assert con.execute("SELECT account, weekday, hour(at_time) FROM contacts").fetchall() == [("A1", 7, 22)]
        assert con.execute("SELECT source, locator FROM exhibits").fetchall() == [("calls.csv", "L2")]
        assert con.execute("SELECT count(*) FROM utterances").fetchone() == (0,)


@pytest.mark.parametrize("most", [0, runs._HELD])
def test_a_small_run_is_taken_into_memory_and_says_the_same(
    run: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_HELD", most)
    with runs.connect(run) as read, runs.connect(run, held=True) as held:
        for name in (*runs.TABLES, *VIEWS):
            assert held.execute(f"FROM {name}").fetchall() == read.execute(f"FROM {name}").fetchall(), name
            assert columns(held, name) == columns(read, name), name
        in_memory = held.execute("SELECT count(*) > 0 FROM duckdb_tables() WHERE NOT internal").fetchone()
        assert in_memory == (most > 0,)
        (run / "events.parquet").unlink()
        if most:
            assert held.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_columns_get_their_declared_type_and_others_are_left_out(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT 'e' AS event_id, 1 AS extra, 0::TINYINT AS ordinal, 'f' AS finding_id, NULL AS signal_id) TO "
            + literal(tmp_path / "evidence.parquet")
        )
    with runs.connect(tmp_path) as con:
        assert columns(con, "evidence") == [
            ("finding_id", "VARCHAR"), ("ordinal", "INTEGER"), ("event_id", "VARCHAR"), ("signal_id", "VARCHAR"),
        ]  # fmt: skip


@pytest.mark.parametrize("content", ["SELECT 1 AS finding_id", "nonsense"])
def test_a_file_with_missing_columns_or_damage_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "evidence.parquet"
    file.write_bytes(b"PAR1" * 9)
    if content != "nonsense":
        with duckdb.connect() as con:
            con.execute(f"COPY ({content}) TO {literal(file)}")
    with pytest.raises(IntegrityError, match=r"evidence\.parquet of run"):
        runs.connect(tmp_path)


NAMES = [
    "a[12]",
    "b*",
    "c?d",
    "quo'te\"s",
    "account_id=A9",
    "汉字 空格",
    "[!a]",
    "[[]",
    "**",
    "x;--",
    "~",
    "{a,b}",
    "%41",
]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with awkward names, and neighbours that a pattern would find."""
    street = tmp_path_factory.mktemp("street")
    right = write_table(street, "events", [EVENT]).read_bytes()
    wrong = write_table(street, "events", [{**EVENT, "event_id": "wrong"}]).read_bytes()
    for name in NAMES:
        (street / name / "run").mkdir(parents=True)
        (street / name / "run" / "events.parquet").write_bytes(right)
    for neighbour in ("a1", "a2", "bb", "cxd", "a", "xx"):
        (street / neighbour / "run").mkdir(parents=True)
        (street / neighbour / "run" / "events.parquet").write_bytes(wrong)
    return street


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_never_a_pattern(street: Path, name: str) -> None:
    run = street / name / "run"
    for locked in (False, True):
        with runs.connect(run, locked=locked) as con:
            assert con.execute("SELECT event_id, account_id FROM events").fetchall() == [("e1", "A1")]
            con.execute(f"COPY (SELECT 1 AS x) TO {literal(run / 'out.parquet')}")
    assert runs.rows([run / "out.parquet"]) == {run / "out.parquet": 1}


@given(name=st.text(alphabet="[]*?!a-^{}'\"\\ .=", min_size=1, max_size=12).filter(lambda n: n not in (".", "..")))
@example(name="[\\")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_path_is_read_exactly_or_refused(tmp_path: Path, name: str) -> None:
    run = tmp_path / name
    run.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT $1 AS x) TO {literal(run / 'x.parquet')}", [name])
        try:
            assert con.execute(f"SELECT x FROM {runs.scan(run / 'x.parquet')}").fetchall() == [(name,)]
        except WrongUse as problem:
            assert "\\" in name and "Rename" in problem.fix
        except duckdb.InvalidInputException as problem:  # DuckDB 2, beside a name with a backslash
            assert "incompatible paths" in str(problem)


def test_a_path_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="UTF-8"):
        runs.check_path(tmp_path / "\udcff")


def test_answers_do_not_depend_on_the_machine(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with runs.connect(run, threads=1, memory_limit="300MB") as con:
        value = "SELECT current_setting($1)"
        assert con.execute(value, ["TimeZone"]).fetchone() == ("UTC",)
        assert con.execute(value, ["threads"]).fetchone() == (1,)
        assert con.execute(value, ["memory_limit"]).fetchone() == ("286.1 MiB",)
        assert con.execute(value, ["preserve_insertion_order"]).fetchone() == (True,)
        for name in ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions"):
            assert con.execute(value, [name]).fetchone() == (False,)
        assert con.execute("SELECT hour(TIMESTAMPTZ '2024-05-01 22:30:00+08')").fetchone() == (14,)
        secret = 1  # noqa: F841  a Python variable is no table
        with pytest.raises(duckdb.Error):
            con.execute("SELECT * FROM secret")


ATTACKS = [
    "SELECT * FROM read_text('{outside}')",
    "SELECT * FROM read_csv('{outside}')",
    "SELECT * FROM '{outside}'",
    "SELECT * FROM glob('{parent}/*')",
    "SELECT * FROM read_text('{run}/../secret.csv')",
    "SELECT * FROM read_text('{run}2/secret.csv')",
    "COPY (SELECT 1) TO '{parent}/written.csv'",
    "COPY (SELECT 1) TO '{run}/../written.csv'",
    "ATTACH '{parent}/other.duckdb' AS other",
    "EXPORT DATABASE '{parent}/dump'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_text('http://127.0.0.1:9/x')",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET temp_directory = '{parent}'",
    "SET memory_limit = '1TB'",
    "RESET lock_configuration",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_locked_connection_reaches_nothing_but_its_run(run: Path, attack: str) -> None:
    secret = run.parent / "secret.csv"
    secret.write_text("secret\n1\n", encoding="utf-8")
    (run.parent / "r12").mkdir()
    (run.parent / "r12" / "secret.csv").write_text("secret\n", encoding="utf-8")
    before = sorted(run.parent.rglob("*"))
    with runs.connect(run, locked=True) as con, pytest.raises(duckdb.Error):
        con.execute(attack.format(outside=secret, parent=run.parent, run=run)).fetchall()
    assert sorted(run.parent.rglob("*")) == before


def test_an_empty_connection_binds_and_reaches_no_file() -> None:
    with runs.empty() as con:
        con.execute("SELECT event_id FROM contacts JOIN contact_hours USING (channel, weekday, to_role)")
        with pytest.raises(duckdb.Error):
            con.execute("SELECT * FROM read_text('/etc/hostname')").fetchall()


SORT = "COPY (SELECT i, md5(i::VARCHAR) AS m FROM range(3000000) t(i) ORDER BY m) TO "


def test_what_does_not_fit_spills_into_the_case_and_is_gone_after(run: Path) -> None:
    with runs.connect(run, threads=2, memory_limit="120MB") as con:
        (spill,) = con.execute("SELECT current_setting('temp_directory')").fetchone() or ()
        assert Path(spill).parent == run.parent.parent / "tmp"
        con.execute(SORT + literal(run / "sorted.parquet"))
        assert Path(spill).is_dir()
    assert not list((run.parent.parent / "tmp").iterdir())


@pytest.mark.parametrize(
    ("run", "tmp"), [("case/runs/r1", "case/tmp"), ("case/tmp/stage-1", "case/tmp"), ("somewhere", "tmp")]
)
def test_where_a_query_may_spill(tmp_path: Path, run: str, tmp: str) -> None:
    (tmp_path / run).mkdir(parents=True)
    assert Path(runs.spill_folder(tmp_path / run)).parent == tmp_path / tmp


def test_a_stranger_does_not_spill(run: Path) -> None:
    strange = runs.connect(run, locked=True, spills=False, memory_limit="120MB")
    with strange as con, pytest.raises(duckdb.OutOfMemoryException):
        con.execute(SORT + literal(run / "sorted.parquet"))


def test_a_locked_connection_spills_where_nothing_else_can_be_written(run: Path) -> None:
    with runs.connect(run, locked=True, threads=2, memory_limit="120MB") as con:
        con.execute(SORT + literal(run / "sorted.parquet"))
    assert not list((run.parent.parent / "tmp").iterdir())


def test_the_tables_are_read_from_the_schema_as_duckdb_reads_them() -> None:
    with duckdb.connect(":memory:") as con:
        con.execute(runs.SCHEMA)
        sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY column_index"
        found = con.execute(sql).fetchall()
    known = {table: tuple((column, kind) for of, column, kind in found if of == table) for table in runs.TABLES}
    assert runs._definitions() == known
