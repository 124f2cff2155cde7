"""Deleting a case: all of it, with a certificate that tells nothing of anybody; and making damaged parts again."""

import errno
import json
import shutil
from pathlib import Path

import pytest
from casekit import full_case
from conftest import Run
from faults import FailingDisk, disk

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError, IntegrityError, WrongUse
from collectaudit.evidence import purge
from collectaudit.evidence.verify import verify
from collectaudit.remaking import rebuild, recheck

PRIVATE = ("示例", "2025550101", "2025550102", "listen again", "reviewer", "calls-0", "other.csv", "unreachable")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full_case(tmp_path_factory.mktemp("whole")).path


@pytest.fixture
def case(whole: Path, tmp_path: Path) -> Case:
    shutil.copytree(whole.parent, tmp_path / "张三", copy_function=shutil.copy2)
    return Case.open(tmp_path / "张三" / "case")


def test_everything_is_gone_and_what_was_there_is_certified(case: Case) -> None:
    before, head = sorted(path.stat().st_size for path in case.path.rglob("*") if path.is_file()), case.log_head()
    to = purge.certificate_place(case)
    made = purge.purge(case, to)
    assert not case.path.exists()
    assert made == json.loads(to.read_text(encoding="utf-8"))
    assert made["state"] == "done" and made["left"] == 0 and made["log_head"] != head
    assert len(made["originals"]) == 3 and made["referenced_and_kept"] == 1
    assert sum(made["files"].values()) >= len(before) - 1
    assert (case.path.parent / "inputs" / "calls-2.csv").exists()


def test_the_certificate_tells_nothing_of_anybody(case: Case) -> None:
    to = purge.certificate_place(case)
    purge.purge(case, to)
    text = to.read_text(encoding="utf-8") + to.name
    assert not [private for private in (*PRIVATE, "张三", str(case.path)) if private in text]


def test_what_is_not_the_cases_stays(case: Case) -> None:
    (case.path / "my notes.txt").write_text("mine", encoding="utf-8")
    made = purge.purge(case, purge.certificate_place(case))
    assert made["left"] == 1 and [path.name for path in case.path.iterdir()] == ["my notes.txt"]


def test_links_are_removed_and_not_followed(case: Case, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("mine", encoding="utf-8")
    (case.path / "exports").mkdir()
    (case.path / "exports" / "link").symlink_to(tmp_path / "outside")
    (case.path / "exports" / "hard").hardlink_to(tmp_path / "outside" / "file")
    purge.purge(case, purge.certificate_place(case))
    assert not case.path.exists() and (tmp_path / "outside" / "file").read_text(encoding="utf-8") == "mine"


def test_a_damaged_case_is_deleted_as_well(case: Case) -> None:
    log = case.path / "log" / "audit.jsonl"
    log.write_bytes(log.read_bytes()[:-20] + b"x" * 20)
    made = purge.purge(case, purge.certificate_place(case))
    assert made["state"] == "done" and not case.path.exists()


def test_a_place_inside_or_taken_is_refused_and_nothing_is_deleted(case: Case, tmp_path: Path) -> None:
    (tmp_path / "taken.json").write_text("{}", encoding="utf-8")
    for to in (case.path / "certificate.json", tmp_path / "taken.json", tmp_path / "no" / "folder.json"):
        with pytest.raises(WrongUse):
            purge.purge(case, to)
    assert verify(case).ok


def test_a_stopped_purge_is_taken_up_again(whole: Path, tmp_path: Path) -> None:
    """The disk refuses the N-th operation: the case is whole, or the next purge finishes the same certificate."""
    for n in range(1, 400, 9):
        root = tmp_path / str(n)
        shutil.copytree(whole.parent, root, copy_function=shutil.copy2)
        case, to = Case.open(root / "case"), root / "certificate.json"
        try:
            with disk(FailingDisk(n, errno.EIO)):
                purge.purge(case, to)
        except CollectAuditError:
            failed = True
        else:
            failed = False
        if failed:
            begun = json.loads(to.read_text(encoding="utf-8")) if to.exists() else None
            if begun is None or begun["state"] == "begun" or (case.path / "log" / "audit.jsonl").exists():
                done = purge.purge(Case.open(case.path), to)
                assert begun is None or (begun["begun"], begun["files"]) == (done["begun"], done["files"])
        assert _rest(case.path) <= {"lock", "log", "log/head"}
        assert json.loads(to.read_text(encoding="utf-8"))["state"] == "done"
        if not failed:
            return


def _rest(path: Path) -> set[str]:
    """What is left of a case where the very last removals failed: nothing that says anything."""
    return {found.relative_to(path).as_posix() for found in path.rglob("*")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_asks(case: Case, run: Run, lang: str) -> None:
    refused = run("purge", case.path, lang=lang)
    assert refused.code == 2 and "--yes" in refused.err and verify(case).ok
    to = case.path.parent / "certificate.json"
    done = run("purge", case.path, "--yes", "--certificate", to, lang=lang)
    assert done.code == 0 and not case.path.exists()
    assert {"certificate.json", "calls-2.csv"} <= {
        name for name in ("certificate.json", "calls-2.csv") if name in done.out.replace("\n", "")
    }


def test_damaged_ledgers_and_runs_are_made_again(late: Path, run: Run) -> None:
    before = {path.relative_to(late): path.read_bytes() for path in late.rglob("*.parquet")}
    for path in before:
        (late / path).chmod(0o600)
        (late / path).write_bytes(b"damaged")
    said = run("verify", late)
    assert said.code == 4 and "collectaudit rebuild" in said.out
    assert run("rebuild", late).code == 0
    assert {path.relative_to(late): path.read_bytes() for path in late.rglob("*.parquet")} == before
    assert run("verify", late).code == 0


def test_a_missing_run_is_made_again(late: Path, run: Run) -> None:
    shutil.rmtree(next((late / "runs").iterdir()))
    assert run("verify", late).code == 4
    assert run("rebuild", late).code == 0


def test_what_cannot_be_made_again_is_said(late: Path) -> None:
    original = next(path for path in (late / "originals").rglob("*") if path.is_file() and not path.suffix)
    original.chmod(0o600)
    original.write_bytes(b"damaged")
    with pytest.raises(IntegrityError, match="cannot be made again"):
        rebuild(Case.open(late))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_deep_reads_and_judges_again(late: Path, run: Run, lang: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in late.rglob("*") if path.is_file() and path.name != "lock"}
    said = run("verify", late, "--deep", lang=lang)
    assert said.code == 0, said
    after = {path: path.stat().st_mtime_ns for path in late.rglob("*") if path.is_file() and path.name != "lock"}
    assert before == after
    deep = [line for line in recheck(Case.open(late)) if line.status == "ok"]
    assert {"findings.parquet", "events.parquet"} <= {line.what.rpartition("/")[2] for line in deep}


def test_deep_names_findings_that_do_not_come_out_again(late: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectaudit.remaking._same_bytes", lambda *_: False)
    assert {line.status for line in recheck(Case.open(late))} == {"ok"}  # other bytes, the same rows
    monkeypatch.setattr("collectaudit.remaking._same_rows", lambda *_: False)
    bad = [line.what for line in recheck(Case.open(late)) if line.status == "bad"]
    assert any(name.endswith("findings.parquet") for name in bad)
    assert run("verify", late, "--deep").code == 4


def test_deep_says_when_other_things_are_declared_now(late: Path, run: Run) -> None:
    run("declare", late, "deceased")
    said = run("verify", late, "--deep")
    assert said.code == 0 and "would now be judged by other drawers" in said.out
