"""Opinions are a history; which of them is the verdict; old files, files changed by hand, several writers at a time."""

import csv
import getpass
import multiprocessing
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from casekit import FINDING, publish

from collectaudit import drawers
from collectaudit.case import Case
from collectaudit.errors import WrongUse
from collectaudit.evidence.lock import Held
from collectaudit.evidence.log import read_chain
from collectaudit.evidence.verify import verify

ID = str(FINDING["finding_id"])
BY_HAND = "finding_id,verdict,note,by,at,kind\r\n"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case.create(tmp_path / "case")
    publish(case)
    return case


def verdict(case: Case) -> tuple[str, str, str] | None:
    """Verdict, by whom, of which kind."""
    rows = case.query('SELECT verdict, "by", kind FROM verdicts')
    assert len(rows) < 2
    return (rows[0]["verdict"], rows[0]["by"], rows[0]["kind"]) if rows else None


YES, NO, OPEN = "confirmed", "dismissed", "unsure"
# (kind, by, verdict) in order → what counts
PRECEDENCE: list[tuple[list[tuple[str, str, str]], tuple[str, str, str] | None]] = [
    ([], None),
    ([("ordinary", "a", YES)], (YES, "a", "ordinary")),
    ([("ordinary", "a", YES), ("ordinary", "b", NO)], (NO, "b", "ordinary")),
    ([("final", "a", YES), ("ordinary", "b", NO)], (YES, "a", "final")),
    ([("ordinary", "b", NO), ("final", "a", YES)], (YES, "a", "final")),
    ([("final", "a", YES), ("final", "c", OPEN), ("ordinary", "b", NO)], (OPEN, "c", "final")),
    ([("appeal", "z", NO)], None),
    ([("ordinary", "a", YES), ("appeal", "z", NO)], (YES, "a", "ordinary")),
    ([("final", "a", YES), ("appeal", "z", NO)], (YES, "a", "final")),
    ([("blind", "a", YES)], None),
    ([("blind", "a", YES), ("blind", "a", YES)], None),  # the same person twice
    ([("blind", "a", YES), ("blind", "A", YES)], None),
    ([("blind", "a", YES), ("blind", "b", NO)], None),
    ([("blind", "a", YES), ("blind", "b", YES)], (YES, "a, b", "blind")),
    ([("blind", "a", NO), ("blind", "b", YES), ("blind", "a", YES)], (YES, "b, a", "blind")),
    ([("blind", "a", YES), ("blind", "b", YES), ("blind", "c", NO)], None),
    ([("blind", "a", YES), ("blind", "b", YES), ("ordinary", "c", NO)], (NO, "c", "ordinary")),
    ([("ordinary", "c", NO), ("blind", "a", YES), ("blind", "b", YES)], (NO, "c", "ordinary")),
    ([("blind", "a", YES), ("blind", "b", YES), ("final", "c", NO)], (NO, "c", "final")),
]


@pytest.mark.parametrize(("said", "counts"), PRECEDENCE)
def test_which_opinion_counts(case: Case, said: list[tuple[str, str, str]], counts: tuple[str, str, str]) -> None:
    for kind, by, name in said:
        case.review(ID, name, by=by, kind=kind)
    assert verdict(case) == counts
    rows = case.query('SELECT kind, "by", verdict FROM opinions ORDER BY nth')
    assert [(row["kind"], row["by"], row["verdict"]) for row in rows] == said


def test_nothing_that_was_written_is_replaced(case: Case) -> None:
    case.review(ID, YES, note="first", by="a")
    before = (case.path / "reviews.csv").read_bytes()
    case.review(ID, NO, by="b", kind="final")
    after = (case.path / "reviews.csv").read_bytes()
    assert after.startswith(before)
    assert [row["kind"] for row in csv.DictReader(after.decode("utf-8-sig").splitlines())] == ["", "final"]


def test_without_a_name_it_is_the_login_name(case: Case) -> None:
    case.review(ID, YES)
    assert verdict(case) == (YES, getpass.getuser(), "ordinary")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (f"finding_id,verdict,note,by,at\r\n{ID},confirmed,n,me,2025-06-01T00:00:00Z\r\n", (YES, "me", "ordinary")),
        (f"finding_id,verdict,note,by,at\r\n{ID},confirmed,,me,\r\n{ID},dismissed,,you,\r\n", (NO, "you", "ordinary")),
        (f"finding_id\r\n{ID}\r\n", (None, None, "ordinary")),  # somebody took a verdict out
        (f"{BY_HAND}{ID},Confirmed ,,me,, FINAL\r\n{ID},dismissed,,me,,\r\n", (YES, "me", "final")),
        (f"{BY_HAND}{ID},confirmed,,me,,whatever\r\n,dismissed,,me,,\r\n", None),
        (f"{BY_HAND}{ID},,,me,,blind\r\n{ID},confirmed,,you,,blind\r\n", None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_old_files_and_files_changed_by_hand(case: Case, text: str, counts: Any, encoding: str) -> None:
    (case.path / "reviews.csv").write_bytes(text.encode(encoding))
    assert verdict(case) == counts
    case.review(ID, OPEN, by="me", kind="final")
    assert verdict(case) == (OPEN, "me", "final")
    assert len(drawers.read(case.path / "reviews.csv").rows) == text.count("\r\n")


def test_columns_that_people_added_stay(case: Case) -> None:
    (case.path / "reviews.csv").write_text(f"编号,finding_id,verdict\r\n7,{ID},confirmed\r\n", encoding="utf-8")
    case.review(ID, NO, note="=1+1", by="me")
    lines = (case.path / "reviews.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "编号,finding_id,verdict,note,by,at,kind"
    assert lines[1] == f"7,{ID},confirmed"
    assert lines[2].startswith(f",{ID},dismissed,'=1+1,me,")
    assert case.query("SELECT note FROM verdicts") == [{"note": "=1+1"}]


@pytest.mark.parametrize(("name", "kind"), [("confirm", "final"), ("confirmed", "finale")])
def test_only_known_words(case: Case, name: str, kind: str) -> None:
    with pytest.raises(WrongUse):
        case.review(ID, name, kind=kind)
    assert not (case.path / "reviews.csv").exists()


def test_many_at_once_are_one_record_of_the_log(tmp_path: Path) -> None:
    case = many(tmp_path, 3)
    ids = [row["finding_id"] for row in case.query("SELECT finding_id FROM findings ORDER BY ALL")]
    before = len(read_chain(case.path / "log").entries)
    assert case.review_all([*ids, ids[0]], NO, note="one reason", by="me") == 3
    (entry,) = read_chain(case.path / "log").entries[before:]
    assert (entry["ev"], entry["cmd"], entry["added"], entry["rows"]) == ("drawer.write", "review", 3, 3)
    assert case.query("SELECT count(*) AS n, min(note) AS note FROM verdicts") == [{"n": 3, "note": "one reason"}]
    assert case.review_all([], NO) == 0
    with pytest.raises(WrongUse, match="there is no finding nonsense"):
        case.review_all([ids[0], "nonsense"], YES)
    assert case.query("SELECT count(*) AS n FROM opinions") == [{"n": 3}]
    assert len(read_chain(case.path / "log").entries) == before + 1


def many(tmp_path: Path, findings: int) -> Case:
    """A case with so many findings."""
    from casekit import write_run, write_tables

    case = Case.create(tmp_path / "many")
    rows = [{**FINDING, "finding_id": f"{n:016x}"} for n in range(findings)]
    with case.session("test"):
        staged = case.staging()
        write_run(staged)
        write_tables(staged, {"findings": rows})
        case.publish(staged, "r1", {})
    return case


def _write(path: str, by: str) -> None:
    case = Case.open(Path(path))
    done = 0
    while done < 5:
        try:
            case.review(ID, YES, by=by)
            done += 1
        except Held:
            pass


def test_of_several_processes_none_loses_a_row(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a page may stand there
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(case.path), name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    rows = case.query('SELECT "by", count(*) AS n FROM opinions GROUP BY ALL ORDER BY ALL')
    assert [(row["by"], row["n"]) for row in rows] == [("a", 5), ("b", 5)]
    assert verify(case).ok


def test_verify_says_whether_somebody_changed_the_history(case: Case) -> None:
    def said() -> str:
        return next(line.detail for line in verify(case).lines if line.what == "reviews.csv")

    case.review(ID, YES, by="me")
    assert said() == "edited by people; as this program wrote it last"
    with (case.path / "reviews.csv").open("a", encoding="utf-8") as file:
        file.write(f"{ID},dismissed,,someone,,\r\n")
    assert said() == "edited by people; changed by hand since"
    assert verify(case).ok
