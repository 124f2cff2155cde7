"""The workbook of a dossier, opened again: its sheets, its counts, and that no cell can become a formula."""

from pathlib import Path

import openpyxl
import pytest
from bigcase import sample_copy
from packkit import OFFICE, as_pdf

from collectaudit.case import Case
from collectaudit.report.dossier import LEFT_OUT, STATES, dossier
from collectaudit.report.tables import write_tables


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    found = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("tables") / "case")
    ids = [row["finding_id"] for row in found.query("SELECT finding_id FROM findings ORDER BY finding_id LIMIT 3")]
    for finding_id, verdict in zip(ids, ("confirmed", "dismissed", "unsure"), strict=True):
        found.review(finding_id, verdict)
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sheet_holds_what_the_dossier_counts(case: Case, lang: str, tmp_path: Path) -> None:
    made = dossier(case, lang)
    write_tables(case, made, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    findings, contacts, _, provisions, counts, _, sources = (list(sheet.values) for sheet in book.worksheets)
    assert len(findings) - 1 == len(made.findings)
    assert len(contacts) - 1 == made.counts["contacts"]
    assert len(sources) - 1 == len(made.sources)
    numbers = [row[1] for row in counts[1:]]
    assert numbers[:5] == [made.counts[state] for state in (*STATES, *LEFT_OUT)]
    by_state = [sum(int(str(row[5 + n])) for row in provisions[1:]) for n in range(3)]
    assert by_state == [made.counts[state] for state in STATES]
    assert {type(cell).__name__ for row in contacts[1:] for cell in row} <= {"str", "int", "NoneType"}
    book.close()


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(case: Case, tmp_path: Path) -> None:
    write_tables(case, dossier(case, "zh"), tmp_path / "t.xlsx")
    pypdf = pytest.importorskip("pypdf")
    words = "".join(page.extract_text() for page in pypdf.PdfReader(as_pdf(tmp_path / "t.xlsx")).pages)
    assert "示例消费金融" in words


def test_no_cell_is_a_formula_and_nothing_is_lost(tmp_path: Path, evil: Case) -> None:
    write_tables(evil, dossier(evil, "zh"), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any("<script>" in str(cell.value) for cell in cells)
    book.close()


def test_the_same_tables_are_the_same_bytes(case: Case, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_tables(case, dossier(case, "zh"), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
