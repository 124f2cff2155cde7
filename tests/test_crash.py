"""Killed, failing or full at any moment: nothing acknowledged is lost, nothing doubled, and it can go on."""

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from casekit import add_source, given, originals
from faults import CODES, CountingDisk, FailingDisk, Killer, disk, work

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError, WrongUse
from collectaudit.evidence import files
from collectaudit.evidence import verify as verifying
from collectaudit.evidence.folder import disk_errors
from collectaudit.evidence.verify import verify


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "inputs").mkdir()
    for number in range(2):
        given(tmp_path / "inputs", b"line\n" * (number + 1), f"{number}.csv")
    (tmp_path / "run").mkdir()
    for name in ("events", "sources"):
        (tmp_path / "run" / f"{name}.table").write_bytes(b"rows")
    return tmp_path


def check_after(root: Path, done: Path) -> None:
    """What was acknowledged is there and sound; a second attempt finishes and doubles nothing."""
    said = set(done.read_text(encoding="utf-8").split()) if done.exists() else set()
    try:
        case = Case.open(root / "case")
        report = verify(case)
        assert report.ok or not said, [line for line in report.lines if line.status == "bad"]
        assert {name for _, name, _ in case.kept()} >= {one for one in said if one.endswith(".csv")}
        assert len(case.ledgers()) >= sum(one.endswith(".csv") for one in said)
        assert case.run() or "run" not in said
        assert (case.path / "people.csv").exists() or "label" not in said
    except WrongUse:
        assert not said, "there must be a case"
    work(root, done)
    case = Case.open(root / "case")
    assert verify(case).ok and case.state() == "clean"
    inputs = len(list((root / "inputs").iterdir()))
    assert len(originals(case)) == len(case.ledgers()) == inputs
    assert [run.name for run in (case.path / "runs").iterdir()] == ["r1"]
    assert len(list((case.path / "ledger").iterdir())) == inputs and not list((case.path / "tmp").iterdir())
    assert len((case.path / "people.csv").read_text(encoding="utf-8").splitlines()) == 2


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kill loses no written byte, so nothing needs to reach the medium; the run has no tables to add up."""

    monkeypatch.setattr(verifying, "_adds_up", lambda run: verifying.Check(run.name, "ok"))
    with disk(Quick()):
        yield


class Quick(files.Disk):
    def sync(self, fd: int) -> None:
        pass


@pytest.mark.usefixtures("quick_disk")
def test_killed_before_any_operation_a_second_attempt_finishes(root: Path) -> None:
    killed = 0
    with Killer() as killer:
        whole = root / "whole"
        whole.mkdir()
        for name in ("inputs", "run"):
            (whole / name).symlink_to(root / name)
        _, total = killer.run(whole, whole / "done")
        assert total > 60
        for operation in random.Random(7).sample(range(1, total + 1), 60):  # noqa: S311  a repeatable choice
            place = root / f"at-{operation}"
            place.mkdir()
            for name in ("inputs", "run"):
                (place / name).symlink_to(root / name)
            killed += killer.run(place, place / "done", operation=operation)[0]
            check_after(place, place / "done")
    assert killed == 60


@pytest.mark.usefixtures("quick_disk")
def test_killed_again_and_again_at_random_moments_it_finishes_in_the_end(root: Path) -> None:
    moments = random.Random(11)  # noqa: S311  a repeatable choice
    with Killer() as killer:
        for _ in range(30):
            killer.run(root, root / "done", after_s=moments.uniform(0.001, 0.06))
            if (root / "case" / "case.json").exists():
                assert verify(Case.open(root / "case")).ok
    check_after(root, root / "done")


@pytest.mark.usefixtures("quick_disk")
@pytest.mark.parametrize(("for_good", "step"), [(False, 1), (True, 3)])
def test_whichever_operation_fails_the_message_is_clear_and_a_second_attempt_finishes(
    root: Path, for_good: bool, step: int
) -> None:
    (root / "inputs" / "1.csv").unlink()
    for number in range(1, 1000, step):
        place = root / f"fail-{number}"
        place.mkdir()
        for name in ("inputs", "run"):
            (place / name).symlink_to(root / name)
        failing = FailingDisk(number, CODES[number % len(CODES)], for_good=for_good)
        with disk(failing):
            try:
                work(place, place / "done")
            except CollectAuditError as error:
                assert error.what and error.fix and error.exit_code == 3, error
                check_with_good_disk(place)
                continue
        assert failing.count < number, "the failure was passed over"
        break
    assert number > 50


def check_with_good_disk(place: Path) -> None:
    with disk(Quick()):
        check_after(place, place / "done")


class Remembering(CountingDisk):
    """Knows which written files and renamed names a power cut could still undo."""

    def __init__(self) -> None:
        self.unsafe: set[Path] = set()
        self.safe: set[Path] = set()

    def write(self, fd: int, data: bytes | memoryview) -> int:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        self.unsafe |= set() if path.name.startswith("head-") else {path}  # the log's head may be behind
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        self.unsafe.discard(path)
        self.safe.add(path)
        super().sync(fd)

    def rename(self, old: Path, new: Path) -> None:
        assert not any(path == old or old in path.parents for path in self.unsafe), f"{new} before its bytes"
        if old.is_dir():
            assert {old, *old.rglob("*")} <= self.safe, f"{new} before what another library wrote into it"
        if new.parts[-2] not in ("tmp", "log"):
            assert not any(path.name == "audit.jsonl" for path in self.unsafe), f"{new} before the log"
            self.unsafe.add(new.parent)
        super().rename(old, new)


def test_nothing_is_acknowledged_before_it_is_on_the_medium(root: Path) -> None:
    remembering = Remembering()
    case = Case.create(root / "case")
    with disk(remembering), case.session("test"):
        for path in sorted((root / "inputs").iterdir()):
            add_source(case, path)
            assert not remembering.unsafe
        staged = case.staging()
        for path in (root / "run").iterdir():
            (staged / path.name).write_bytes(path.read_bytes())
        case.publish(staged, "r1", {})
        assert not remembering.unsafe


def test_a_full_disk_says_so(case: Case, tmp_path: Path) -> None:
    with disk(FailingDisk(3, errno.ENOSPC)), pytest.raises(files.DiskProblem) as problem:
        case.keep(given(tmp_path))
    assert "No space left" in problem.value.what and "Free some space" in problem.value.fix


def test_what_fits_neither_into_memory_nor_on_the_disk_says_so() -> None:
    con = duckdb.connect(config={"memory_limit": "100MB", "temp_directory": ""})
    with con, pytest.raises(files.DiskProblem, match="no room for the rest") as problem, disk_errors():
        con.execute("CREATE TABLE t AS SELECT repeat(hash(i)::VARCHAR, 20) AS s FROM range(2000000) t(i) ORDER BY s")
    assert problem.value.exit_code == 3 and "COLLECTAUDIT_MEMORY" in problem.value.fix


SMALL = """
import sys
from pathlib import Path
from casekit import add_source, literal, publish
from collectaudit.case import Case
from collectaudit.evidence.files import DiskProblem
from collectaudit.evidence.verify import verify


def fails(act, *args):
    try:
        act(*args)
    except DiskProblem as problem:
        assert problem.exit_code == 3 and "No space left" in problem.what and "Free some space" in problem.fix, problem
    else:
        raise SystemExit("the disk should have been full")
    assert verify(Case.open(case.path)).ok

def spill(table):
    import duckdb
    with case.session():
        duckdb.sql(f"COPY (SELECT md5(i::VARCHAR) AS m FROM range(900000) t(i)) TO {literal(case.staging() / table)}")

def columns(table):
    import os, polars
    with case.session():
        polars.DataFrame({"a": [os.urandom(64).hex() for _ in range(90000)]}).write_parquet(case.staging() / table)

root = Path(sys.argv[1])
case = Case.create(root / "case")
big, little = root.parent / "big", root.parent / "little"
fails(case.keep, big)
add_source(case, little)
fails(spill, "events.parquet")
fails(columns, "events.parquet")
fails(case.keep, big)
publish(case)
assert case.state() == "clean" and verify(case).ok and not list((case.path / "tmp").iterdir())
print("done")
"""


def in_namespace(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script where it may mount."""
    command = [shutil.which("unshare") or "unshare", "-Urm", "sh", "-c", script, "-", *args]
    return subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_on_a_disk_that_is_really_full(tmp_path: Path) -> None:
    small = tmp_path / "disk"
    small.mkdir()
    mount = 'mount -t tmpfs -o size=4m none "$1"'
    if shutil.which("unshare") is None or in_namespace(mount, str(small)).returncode != 0:
        pytest.skip("a small file system needs a user namespace")
    given(tmp_path, os.urandom(6 << 20), "big")
    given(tmp_path, b"x" * 100_000, "little")
    ran = in_namespace(mount + ' && exec "$2" -c "$3" "$1"', str(small), sys.executable, SMALL)
    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr
