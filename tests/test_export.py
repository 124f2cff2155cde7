"""One file for other programs: whole or not there, no formula in it, and every rule runs on the database."""

import contextlib
import csv
import io
import json
import re
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from bigcase import sample_copy
from casekit import EVENT, FINDING, publish, write_run, write_table
from faults import FailingDisk, disk

from collectaudit import resources, runs
from collectaudit.case import Case
from collectaudit.errors import MissingPart, WrongUse
from collectaudit.evidence.files import DiskProblem
from collectaudit.evidence.log import read_chain
from collectaudit.evidence.verify import verify
from collectaudit.export import export
from collectaudit.sqltext import literal

ENDINGS = [".duckdb", ".parquet", ".csv", ".xlsx", ".jsonl"]
HOSTILE = '=HYPERLINK("http://example.org")'


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case.create(tmp_path / "case")
    publish(case, name=HOSTILE, finding={**FINDING, "account": "＝1+1"})
    case.review("f" * 16, "confirmed", note="-2+3", by="someone")
    return case


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_new_private_file_and_nothing_else(case: Case, tmp_path: Path, ending: str) -> None:
    (tmp_path / "out").mkdir()
    made = export(case, tmp_path / "out" / f"案件 [1]{ending.upper()}")
    assert list((tmp_path / "out").iterdir()) == [made]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600 and made.stat().st_size > 100
    last = read_chain(case.path / "log").entries[-1]
    assert (last["ev"], last["kind"], last["run"]) == ("export", ending, "r1") and len(last["sha256"]) == 64
    assert verify(case).ok


def test_csv_is_for_excel_and_no_cell_is_a_formula(case: Case, tmp_path: Path) -> None:
    data = export(case, tmp_path / "f.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbffinding_id,") and data.count(b"\r\n") == 2 == data.count(b"\n")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert (row["source"], row["account"], row["verdict_note"]) == ("'" + HOSTILE, "'＝1+1", "'-2+3")
    assert (row["from_number"], row["occurred_at"]) == ("'+12025550101", "2025-06-01 22:10:00")
    assert (row["instrument_zh"], row["locator"], row["verdict"]) == ("示例", "L2", "confirmed")


def test_workbook_cells_are_text(case: Case, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export(case, tmp_path / "f.xlsx"))
    assert book.sheetnames == ["findings", "sources", "rules"]
    header, row = book["findings"].iter_rows()
    cells = {str(name.value): cell for name, cell in zip(header, row, strict=True)}
    assert (cells["source"].value, cells["source"].data_type) == (HOSTILE, "s")
    assert cells["duration_s"].value == 30
    assert all(cell.data_type in ("s", "n") for sheet in book for line in sheet.iter_rows() for cell in line)
    book.close()


def test_a_workbook_takes_characters_that_xml_cannot_hold_and_long_texts(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    publish(case, name="a\x00\x1b[31m" + "字" * 40_000)
    book = openpyxl.load_workbook(export(case, tmp_path / "f.xlsx"))
    value = str(book["sources"].cell(2, 2).value)
    assert value.startswith("a\\u0000\\u001b[31m字") and len(value) == 32_767
    book.close()


def test_jsonl_has_the_facts_as_values(case: Case, tmp_path: Path) -> None:
    (line,) = export(case, tmp_path / "f.jsonl").read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    assert found["facts"] == {"at_time": "22:10:00"} and found["source"] == HOSTILE and found["title_zh"] == "时段以外"


def test_parquet_is_one_flat_table(case: Case, tmp_path: Path) -> None:
    made = export(case, tmp_path / "f.parquet")
    with duckdb.connect() as con:
        row = con.execute("SELECT finding_id, source, verdict FROM read_parquet(?)", [str(made)]).fetchall()
    assert row == [("f" * 16, HOSTILE, "confirmed")]


def test_the_database_has_tables_views_and_law_for_older_programs(case: Case, tmp_path: Path) -> None:
    made = export(case, tmp_path / "audit.duckdb")
    moved = made.rename(tmp_path / "another name.duckdb")
    with duckdb.connect(str(moved), read_only=True) as con:
        tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert tables == {*runs.TABLES, "opinions", "verdicts"}
        assert con.execute("SELECT weekday FROM contacts").fetchall() == [(7,)]
        assert con.execute("SELECT source, locator FROM exhibits").fetchall() == [(HOSTILE, "L2")]
        assert con.execute("SELECT provision_id FROM provisions").fetchall() == [(FINDING["provision_id"],)]
        (about,) = con.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchone() or ({},)
        assert str(about["storage_version"]).startswith("v1.0.0")


QUERIES = sorted(resources.folder("queries").glob("*.sql"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("export")
    case = Case.create(root / "case")
    publish(case)
    return export(case, root / "audit.duckdb")


def test_there_are_rules() -> None:
    assert QUERIES


@pytest.mark.parametrize("rule", QUERIES, ids=lambda rule: rule.stem)
def test_every_rule_runs_on_the_database_in_a_bare_connection(database: Path, rule: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as con:
        con.execute(rule.read_text(encoding="utf-8")).fetchall()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("sample") / "case")


def in_pieces_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_ROWS", "_PIECE"):
        monkeypatch.setattr(f"collectaudit.export.{name}", rows)


ORDERS = {
    "findings": ("finding_id", "account, occurred_at, rule_id, provision_id, finding_id"),
    "contacts": ("event_id", "account, at_local, event_id"),
}


@pytest.mark.parametrize("what", ORDERS)
def test_account_after_account_and_each_in_order_of_time(
    sample: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    in_pieces_of(7, monkeypatch)
    made = literal(export(sample, tmp_path / "f.parquet", what=what))
    key, order = ORDERS[what]
    with duckdb.connect() as con:
        ids = con.execute(f"SELECT {key} FROM {made}").fetchall()
        assert ids == con.execute(f"SELECT {key} FROM {made} ORDER BY {order}").fetchall()
        assert con.execute(f"SELECT count(DISTINCT account) > 2 FROM {made}").fetchone() == (True,)
    table = {"findings": "findings", "contacts": "occasions"}[what]
    assert sorted(ids) == [tuple(row.values()) for row in sample.query(f"SELECT {key} FROM {table} ORDER BY {key}")]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".xlsx", ".parquet"])
@pytest.mark.parametrize("what", ORDERS)
def test_the_same_bytes_on_any_number_of_threads(
    sample: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, ending: str
) -> None:
    connect = Case.connect
    at_once = export(sample, tmp_path / f"at once{ending}", what=what)
    in_pieces_of(7, monkeypatch)
    made = []
    for threads in (1, 2, 8):

        def with_threads(case: Case, threads: int = threads, **about: Any) -> duckdb.DuckDBPyConnection:
            con = connect(case, **about)
            con.execute(f"SET threads = {threads}")
            return con

        monkeypatch.setattr(Case, "connect", with_threads)
        made.append(export(sample, tmp_path / f"f{threads}{ending}", what=what).read_bytes())
    assert made[0] == made[1] == made[2]
    if ending != ".parquet":  # dictionaries of a table put together of pieces may be others
        assert made[0] == at_once.read_bytes()


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_no_finding_is_lost_whatever_its_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    case = Case.create(tmp_path / "case")
    accounts = [None, "", " ", "A1", "二", "\U0010ffff", "\U0010ffff\U0010ffff"]
    with case.session():
        staged = case.staging()
        write_run(staged)
        findings = [{**FINDING, "finding_id": f"{n:016x}", "account": name} for n, name in enumerate(accounts)]
        write_table(staged, "findings", findings)
        case.publish(staged, "r1", {})
    in_pieces_of(rows, monkeypatch)
    lines = export(case, tmp_path / "f.jsonl").read_text(encoding="utf-8").splitlines()
    every = [f"{n:016x}" for n in range(len(accounts))]
    assert sorted(json.loads(line)["finding_id"] for line in lines) == every
    with duckdb.connect() as con:
        table = literal(export(case, tmp_path / "f.parquet"))
        assert con.execute(f"SELECT finding_id FROM {table} ORDER BY 1").fetchall() == [(found,) for found in every]


@pytest.mark.parametrize("name", ["f.txt", "f", "f.csv.gz", ".csv", "f.duckdb.wal"])
def test_an_unknown_ending_lists_the_known_ones(case: Case, tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse, match="cannot write") as problem:
        export(case, tmp_path / name)
    assert problem.value.fix == "Use one of these endings: .duckdb .parquet .csv .xlsx .jsonl"


def test_nothing_is_overwritten_and_the_case_is_not_a_place_for_exports(case: Case, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere")
    for path, sentence in (
        (tmp_path / "f.csv", "is there already"),
        (tmp_path / "link.csv", "is there already"),
        (tmp_path / "none" / "f.csv", "there is no folder"),
        (case.path / "originals" / "f.csv", "inside the case"),
        (case.path / "f.csv", "inside the case"),
    ):
        with pytest.raises(WrongUse, match=sentence):
            export(case, path)
    assert (tmp_path / "f.csv").read_text(encoding="utf-8") == "mine"
    (case.path / "exports").mkdir()
    export(case, case.path / "exports" / "f.csv")
    assert verify(case).ok


def test_without_xlsxwriter_the_way_to_get_it_is_named(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingPart) as problem:
        export(case, tmp_path / "f.xlsx")
    assert problem.value.exit_code == 5 and "pip install 'collectaudit[report]'" in problem.value.fix
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case"]


def test_without_a_run_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="has no run yet"):
        export(Case.create(tmp_path / "case"), tmp_path / "f.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_failing_disk_leaves_all_or_nothing_under_the_final_name(case: Case, tmp_path: Path, ending: str) -> None:
    size = export(case, tmp_path / f"whole{ending}").stat().st_size
    made = tmp_path / f"f{ending}"
    for number in range(1, 30):
        with disk(FailingDisk(number, 28)), contextlib.suppress(DiskProblem):
            export(case, made)
        assert len(list(tmp_path.glob(".collectaudit*"))) == 0
        if made.exists():
            break
    assert number > 3 and abs(made.stat().st_size - size) < 50


EXPORT = """
import sys
from pathlib import Path
from typing import Any
from collectaudit.case import Case
from collectaudit.export import export
from collectaudit.sqltext import literal
case = Case.open(Path(sys.argv[1]))
print("ready", flush=True)
export(case, Path(sys.argv[2]))
"""


@pytest.mark.parametrize("ending", [".duckdb", ".csv"])
def test_a_killed_export_leaves_nothing_under_the_final_name(tmp_path: Path, ending: str) -> None:
    case = Case.create(tmp_path / "case")
    with case.session():
        staged = case.staging()
        write_run(staged)
        many = [{**FINDING, "finding_id": f"{n:016x}"} for n in range(3)]
        write_table(staged, "findings", many)
        with duckdb.connect() as con:
            file = literal(staged / "findings.parquet")
            con.execute(f"CREATE TABLE f AS SELECT f.* FROM {file} f, range(60000)")
            con.execute(f"COPY f TO {file}")
        case.publish(staged, "r1", {})
    for delay in (0.02, 0.1, 0.2, 0.3, 0.4):
        to = tmp_path / f"f-{delay}{ending}"
        with subprocess.Popen(
            [sys.executable, "-c", EXPORT, str(case.path), str(to)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            threading.Timer(delay, process.kill).start()
            process.wait()
        if to.exists():
            _check_whole(to)
    assert verify(case).ok


def _check_whole(made: Path) -> None:
    if made.suffix == ".csv":
        assert made.read_bytes().count(b"\r\n") == 180_001
    else:
        with duckdb.connect(str(made), read_only=True) as con:
            assert con.execute("SELECT count(*) FROM findings").fetchone() == (180_000,)


def test_temporary_files_of_a_workbook_stay_beside_it(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    make = tempfile.mkstemp

    def watched(*args: Any, **about: Any) -> tuple[int, str]:
        used.append(str(about.get("dir") or tempfile.gettempdir()))
        return make(*args, **about)

    monkeypatch.setattr(tempfile, "mkstemp", watched)
    export(case, tmp_path / "f.xlsx")
    assert {Path(folder).parent for folder in used} == {tmp_path}


def test_one_contact_of_the_export_is_the_one_of_the_case(case: Case, tmp_path: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(export(case, tmp_path / "f.csv").read_text(encoding="utf-8-sig"), newline=""))
    for name in ("event_id", "channel", "outcome", "from_role", "to_role", "locator"):
        assert row[name] == EVENT[name]
    assert re.fullmatch(r"0{64}", row["source_sha256"])
