"""Every changed, missing, foreign or swapped file of a case is found and named, and what is not checked is said."""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from casekit import add_source, full_case, publish, write_table
from faults import FailingDisk, disk

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.evidence import verify as verifying
from collectaudit.evidence.log import canonical
from collectaudit.evidence.verify import Report, verify

MACHINE = ("originals", "ledger", "runs", "maps", "log")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return full_case(tmp_path_factory.mktemp("good"))


@pytest.fixture
def case(good: Case, tmp_path: Path) -> Case:
    """A copy of the good case that a test may damage; the file kept by reference lies beside it."""
    shutil.copytree(good.path.parent, tmp_path / "copy", copy_function=shutil.copy2)
    return Case.open(tmp_path / "copy" / "case")


def machine_files(case: Case) -> list[Path]:
    """Every file that `verify` must answer for, the one kept by reference included."""
    inside = [path for name in MACHINE for path in (case.path / name).rglob("*") if path.is_file()]
    return sorted([*inside, case.path / "case.json", case.path.parent / "inputs" / "calls-2.csv"])


def bad(report: Report) -> list[str]:
    return [line.what for line in report.lines if line.status == "bad"]


def test_a_good_case_is_clean_and_says_what_was_not_checked(case: Case) -> None:
    report = verify(case)
    assert report.ok
    found = {line.what: line for line in report.lines}
    named = {path.relative_to(case.path).as_posix() for path in machine_files(case)[:-1]} - {"log/head"}
    assert named <= set(found) and all(found[name].status == "ok" for name in named)
    unchecked = {line.what for line in report.lines if line.status == "not_checked"}
    assert {"people.csv", "facts.csv", "reviews.csv", "the case as a whole"} <= unchecked
    (rows,) = [line for line in report.lines if "records = events + rejects" in line.what]
    assert rows.what.startswith("runs/r2") and rows.status == "ok"


def test_verifying_changes_nothing(case: Case) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in case.path.rglob("*") if p.name != "lock"}

    before = state()
    verify(case)
    assert state() == before


@pytest.fixture
def no_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes alone must find it; opening the tables each time would be slow."""
    monkeypatch.setattr(verifying, "_adds_up", lambda run: verifying.Check(run.name, "ok"))


@pytest.mark.usefixtures("no_sums")
def test_one_changed_byte_anywhere_is_found_and_the_file_named(case: Case) -> None:
    chance = random.Random(3)  # noqa: S311  a repeatable choice
    files = machine_files(case)
    kinds = {path.suffix or path.parent.parent.name for path in files}
    assert kinds >= {".parquet", ".json", ".jsonl", ".toml", ".csv", "originals"}
    for number in range(300):
        path = files[number % len(files)]
        content = path.read_bytes()
        at = chance.randrange(len(content))
        damaged = content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :]
        _overwrite(path, damaged)
        name = path.name if path.name == "calls-2.csv" else path.relative_to(case.path).as_posix()
        report = verify(case)
        assert not report.ok and any(name in line for line in bad(report)), (name, at, bad(report))
        _overwrite(path, content)
    assert verify(case).ok


def _overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.usefixtures("no_sums")
def test_every_deleted_file_is_named(case: Case) -> None:
    for path in machine_files(case):
        content = path.read_bytes()
        path.unlink()
        assert any(path.name in line for line in bad(verify(case))), path
        path.write_bytes(content)
    assert verify(case).ok


@pytest.mark.usefixtures("no_sums")
def test_every_cut_file_is_named(case: Case) -> None:
    for path in machine_files(case):
        content = path.read_bytes()
        for size in (0, 1, len(content) // 2, len(content) - 1):
            _overwrite(path, content[:size])
            assert any(path.name in line for line in bad(verify(case))), (path, size)
        _overwrite(path, content)


@pytest.mark.usefixtures("no_sums")
def test_added_bytes_are_found(case: Case) -> None:
    for path in machine_files(case):
        content = path.read_bytes()
        _overwrite(path, content + b"\n")
        assert any(path.name in line for line in bad(verify(case))), path
        _overwrite(path, content)


@pytest.mark.parametrize("folder", MACHINE)
@pytest.mark.parametrize("name", ["foreign", "ab/foreign", ".hidden", "\x1b[31mred", "0" * 64])
def test_a_foreign_file_or_folder_is_named(case: Case, folder: str, name: str) -> None:
    path = case.path / folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    found = bad(verify(case))
    assert any("foreign" in line or "hidden" in line or "red" in line or "0" * 64 in line for line in found)
    assert not any("\x1b" in line for line in found)
    path.unlink()
    path.mkdir()
    assert bad(verify(case)) == found, "an empty folder too"


def test_foreign_files_inside_published_folders_are_named(case: Case) -> None:
    for folder in [*(case.path / "runs").iterdir(), *(case.path / "ledger").iterdir()]:
        (folder / "extra.parquet").write_bytes(b"x")
        assert bad(verify(case)) == [f"{folder.relative_to(case.path)}/extra.parquet"]
        (folder / "extra.parquet").unlink()


def pairs(case: Case) -> list[tuple[Path, Path]]:
    stored = sorted(p for p in (case.path / "originals").rglob("*") if p.is_file() and not p.suffix)
    runs, ledgers = sorted((case.path / "runs").iterdir()), sorted((case.path / "ledger").iterdir())
    tables = [runs[0] / "sources.parquet", runs[1] / "sources.parquet"]
    return [(stored[0], stored[1]), (runs[0], runs[1]), (ledgers[0], ledgers[1]), (tables[0], tables[1])]


@pytest.mark.parametrize("number", range(4))
def test_swapped_files_and_folders_are_named(case: Case, number: int) -> None:
    one, two = pairs(case)[number]
    aside = case.path.parent / "aside"
    for old, new in ((one, aside), (two, one), (aside, two)):
        old.rename(new)
    found = bad(verify(case))
    assert all(any(path.relative_to(case.path).as_posix() in line for line in found) for path in (one, two))


@pytest.mark.parametrize("name", MACHINE)
def test_a_missing_or_replaced_machine_folder_is_named(case: Case, name: str) -> None:
    elsewhere = case.path.parent / "elsewhere"
    (case.path / name).rename(elsewhere)
    assert any(line.split("/")[0] == name for line in bad(verify(case)))
    (case.path / name).symlink_to(elsewhere)
    assert name in bad(verify(case)), "a link is not the folder"


def test_odd_things_in_place_of_files_do_not_stop_it(case: Case) -> None:
    original = case.original(case.kept()[0][0])
    content = original.read_bytes()
    original.unlink()
    os.mkfifo(original)
    assert bad(verify(case)) == [original.relative_to(case.path).as_posix()]
    original.unlink()
    (case.path.parent / "same").write_bytes(content)
    original.symlink_to(case.path.parent / "same")
    assert bad(verify(case)) == [original.relative_to(case.path).as_posix()], "a link to the same bytes"


def test_case_json_of_an_earlier_time_is_found(case: Case) -> None:
    about = case.path / "case.json"
    old = about.read_bytes().replace(b'"r2"', b'"r1"')
    about.write_bytes(old)
    assert "case.json" in bad(verify(case)) and "case.json names the run published last" in bad(verify(case))


def test_rows_that_do_not_add_up_are_found(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    with case.session():
        staged = case.staging()
        write_table(
            staged,
            "sources",
            [{"name": "a.csv", "source_id": "s", "kind": "events", "records": 3, "events": 2, "rejects": 1},
             {"name": "b.vcf", "source_id": "t", "kind": "parties", "records": 2, "events": 2, "rejects": 0}],
        )  # fmt: skip
        write_table(staged, "events", [{"source_id": "s"}])
        write_table(staged, "rejects", [{"source_id": "s"}])
        case.publish(staged, "r1", {})
    (line,) = [line for line in verify(case).lines if line.status == "bad"]
    assert (line.what, line.detail) == ("runs/r1: records = events + rejects", "not for a.csv")


def test_a_forged_record_count_is_found_even_with_a_new_hash_chain(case: Case) -> None:
    """Someone who rewrites ledger and log needs the head noted elsewhere to be refuted; sums still betray him."""
    ledger = next((case.path / "ledger").iterdir()) / "ledger.json"
    before = case.log_head()
    ledger.write_text(ledger.read_text(encoding="utf-8").replace('"records": 2', '"records": 3'), encoding="utf-8")
    digest = hashlib.sha256(ledger.read_bytes()).hexdigest()
    prev, lines = "0" * 64, []
    for line in (case.path / "log" / "audit.jsonl").read_bytes().splitlines():
        entry = {key: value for key, value in json.loads(line).items() if key != "h"}
        for move in entry.get("moves", []):
            move["sha256"] = digest if move["to"].endswith(ledger.parent.name) else move["sha256"]
        entry["prev"] = prev
        prev = hashlib.sha256(canonical(entry)).hexdigest()
        lines.append(canonical({**entry, "h": prev}) + b"\n")
    (case.path / "log" / "audit.jsonl").write_bytes(b"".join(lines))
    (case.path / "log" / "head").write_text(f"{len(lines):012d} {prev}\n", encoding="ascii")
    assert bad(verify(case)) == [f"ledger/{ledger.parent.name}/ledger.json"]
    assert case.log_head() != before


def corrupt_first_line(log: bytes) -> bytes:
    return log.replace(b"case.create", b"case.Create", 1)


def cut(log: bytes) -> bytes:
    return log[:-300]


@pytest.mark.parametrize("change", [corrupt_first_line, cut])
def test_a_broken_log_accuses_no_good_file(case: Case, change: Callable[[bytes], bytes]) -> None:
    log = case.path / "log" / "audit.jsonl"
    log.write_bytes(change(log.read_bytes()))
    assert bad(verify(case)) == ["log/audit.jsonl"]


def test_other_things_in_the_case_are_listed_as_not_checked(case: Case) -> None:
    for name in ("transcripts", "exports", "notes.txt"):
        (case.path / name).mkdir()
    (case.path / "tmp" / "stage").mkdir()
    found = {line.what: line.status for line in verify(case).lines}
    assert [found[name] for name in ("transcripts", "exports", "notes.txt", "tmp")] == ["not_checked"] * 4


def test_what_a_crash_left_is_said_and_not_called_damage(case: Case) -> None:
    with disk(FailingDisk(2, 5)), pytest.raises(CollectAuditError):
        case.note("something")
    path = case.path.parent / "inputs" / "new.csv"
    path.write_bytes(b"new")
    for number in range(1, 40):
        with disk(FailingDisk(number, 28, for_good=True)):
            try:
                add_source(case, path)
                break
            except CollectAuditError:
                pass
        assert verify(case).ok
    add_source(case, path)
    assert verify(case).ok


def test_what_waits_to_be_moved_may_not_be_changed(case: Case) -> None:
    class NoRename(FailingDisk):
        def rename(self, old: Path, new: Path) -> None:
            if new.name == "case.json":
                raise OSError(28, "No space left on device")
            super().rename(old, new)

    with disk(NoRename(0, 28)), pytest.raises(CollectAuditError):
        case.set_options({**case.options, "regimes": ["demo"]})
    report = verify(case)
    assert report.ok and any(line.what == "case.json" and line.status == "not_checked" for line in report.lines)
    (waiting,) = (path for path in (case.path / "tmp").iterdir() if path.name.startswith("new-"))
    waiting.write_bytes(waiting.read_bytes().replace(b"demo", b"dEmo"))
    assert bad(verify(case)) == ["case.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_case_can_be_verified(case: Case) -> None:
    case.path.chmod(0o500)
    try:
        assert verify(case).ok
    finally:
        case.path.chmod(0o700)


def test_an_old_run_is_checked_too(case: Case) -> None:
    (case.path / "runs" / "r1" / "events.parquet").write_bytes(b"x")
    assert bad(verify(case)) == ["runs/r1/events.parquet"]
    publish(case, "r3")
    assert bad(verify(case)) == ["runs/r1/events.parquet"]
