"""What is kept is kept once, whole, and survives kills, full disks and odd inputs."""

import errno
import os
import random
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from casekit import CODES, CountingDisk, FailingDisk, Killer, add_source, disk, work

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError, IntegrityError, WrongUse
from collectaudit.evidence import files
from collectaudit.evidence import verify as verifying
from collectaudit.evidence.store import Refused, place
from collectaudit.evidence.verify import verify


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


def given(tmp_path: Path, content: bytes = b"one\n", name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def originals(case: Case) -> list[str]:
    return sorted(p.name for p in (case.path / "originals").rglob("*") if p.is_file() and p.suffix != ".json")


def test_an_input_is_copied_once_read_only_under_its_hash(case: Case, tmp_path: Path) -> None:
    path = given(tmp_path)
    kept = case.keep(path)
    stored = case.original(kept.sha256)
    assert stored == case.path / "originals" / kept.sha256[:2] / kept.sha256
    assert stored.read_bytes() == b"one\n" and kept.size_bytes == 4
    assert stat.S_IMODE(stored.stat().st_mode) == 0o400
    assert path.read_bytes() == b"one\n"
    head = case.log_head()
    assert case.keep(path) == kept and case.log_head() == head, "a second time nothing happens"
    assert originals(case) == [kept.sha256]


def test_every_folder_and_file_is_private(case: Case, tmp_path: Path) -> None:
    add_source(case, given(tmp_path))
    case.label("+1 202-555-0101", "collector")
    for path in [case.path, *case.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_first_name_in_the_alphabet_stays_whatever_the_order(tmp_path: Path) -> None:
    names = ["b.csv", "a.csv", "c.csv"]
    found = []
    for order in (names, sorted(names), names[::-1]):
        case = Case.create(tmp_path / "-".join(order))
        for name in order:
            case.keep(given(tmp_path), name)
        found.append([name for _, name, _ in case.kept()])
    assert found == [["a.csv"]] * 3


@pytest.mark.parametrize(
    "name", ["汉字 [1]*?.csv", "a\nb\x1b[31m", "x'); drop table t; --.csv", "\u202etxt.exe", "é" * 80]
)
def test_any_name_is_kept_as_it_is(case: Case, tmp_path: Path, name: str) -> None:
    kept = case.keep(given(tmp_path, name=name))
    assert case.kept() == [(kept.sha256, name, 4)]


def test_a_name_that_is_not_utf8_is_kept(case: Case, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff\xfe.csv")
    path.write_bytes(b"x")
    case.keep(path)
    assert case.kept()[0][1] == path.name
    kept = case.keep(path, reference=True)
    assert case.original(kept.sha256).read_bytes() == b"x"


def odd_inputs(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    yield tmp_path / "missing.csv", "missing.csv cannot be read: No such file"
    yield tmp_path, "is a folder"
    (tmp_path / "link").symlink_to(given(tmp_path))
    yield tmp_path / "link", "link is a link to"
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    yield tmp_path / "dead", "dead is a link to"
    os.mkfifo(tmp_path / "fifo")
    yield tmp_path / "fifo", "fifo is a pipe (FIFO)"
    yield Path("/dev/zero"), "zero is a device"
    yield tmp_path / ("x" * 300), "cannot be read: File name too long"


def test_what_is_not_an_ordinary_file_is_refused_at_once_by_name(case: Case, tmp_path: Path) -> None:
    for path, sentence in odd_inputs(tmp_path):
        began = time.monotonic()
        with pytest.raises(Refused) as refused:
            case.keep(path)
        assert sentence in str(refused.value) and refused.value.exit_code == 3
        assert time.monotonic() - began < 1
    assert verify(case).ok and originals(case) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(case: Case, tmp_path: Path) -> None:
    path = given(tmp_path)
    path.chmod(0)
    with pytest.raises(Refused, match="Permission denied"):
        case.keep(path)


def test_a_control_sequence_in_a_name_does_not_reach_the_terminal(case: Case, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        case.keep(tmp_path / "\x1b]0;evil\x07")
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("mode", ["ab", "r+b", "wb"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    path = given(tmp_path, b"x" * (3 << 20))
    os.utime(path, ns=(1, 1))
    real = files.chunks

    def changing(fd: int) -> Iterator[bytes]:
        for piece in real(fd):
            with path.open(mode) as out:
                out.write(b"more")
            yield piece

    monkeypatch.setattr(files, "chunks", changing)
    with pytest.raises(Refused, match="changed while it was read"):
        case.keep(path)
    assert case.kept() == []


def test_an_empty_file_is_kept(case: Case, tmp_path: Path) -> None:
    assert case.keep(given(tmp_path, b"")).size_bytes == 0
    assert verify(case).ok


def test_a_damaged_original_is_put_right_when_the_input_comes_again(case: Case, tmp_path: Path) -> None:
    kept = case.keep(given(tmp_path))
    stored = case.original(kept.sha256)
    stored.chmod(0o600)
    stored.write_bytes(b"One\n")
    assert not verify(case).ok
    case.keep(given(tmp_path))
    assert stored.read_bytes() == b"one\n" and verify(case).ok


def test_by_reference_only_hash_and_place_are_kept(case: Case, tmp_path: Path) -> None:
    path = given(tmp_path)
    kept = case.keep(path, reference=True)
    assert originals(case) == [] and case.original(kept.sha256) == path
    assert f'"path": "../{path.name}"' in (case.path / (place(kept.sha256) + ".ref.json")).read_text(encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert case.original(kept.sha256) == path, "another time but the same bytes"
    path.write_bytes(b"two\n")
    with pytest.raises(IntegrityError, match=r"in\.csv, kept by reference, is missing or was changed"):
        case.original(kept.sha256)
    assert not verify(case).ok
    moved = given(tmp_path, name="moved.csv")
    case.keep(moved, reference=True)
    assert case.original(kept.sha256) == moved and verify(case).ok


def test_a_reference_outside_is_absolute_and_a_copy_ends_the_need_for_it(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "deep" / "case")
    path = given(tmp_path)
    kept = case.keep(path, reference=True)
    assert str(path) in (case.path / (place(kept.sha256) + ".ref.json")).read_text(encoding="utf-8")
    case.keep(path)
    assert case.original(kept.sha256).parent.parent == case.path / "originals"
    assert [name for _, name, _ in case.kept()] == ["in.csv"]


def test_the_records_of_a_source_are_published_whole_and_once(case: Case, tmp_path: Path) -> None:
    sha256 = add_source(case, given(tmp_path))
    folder = case.ledger_folder(sha256, "f1")
    assert sorted(p.name for p in folder.iterdir()) == ["ledger.json", "records.parquet"]
    found = case.ledger(sha256, "f1")
    assert found is not None and found["records"] == 2 and list(found["files"]) == ["records.parquet"]
    head = case.log_head()
    add_source(case, given(tmp_path))
    assert case.log_head() == head
    assert case.ledger(sha256, "other") is None and [one["sha256"] for one in case.ledgers()] == [sha256]


@pytest.mark.parametrize("name", ["records.parquet", "ledger.json"])
def test_damaged_records_count_as_not_read_and_are_replaced(case: Case, tmp_path: Path, name: str) -> None:
    sha256 = add_source(case, given(tmp_path))
    file = case.ledger_folder(sha256, "f1") / name
    file.write_bytes(file.read_bytes().replace(b"1", b"7", 1))
    assert case.ledger(sha256, "f1") is None
    add_source(case, given(tmp_path))
    assert case.ledger(sha256, "f1") is not None and verify(case).ok


def test_records_that_do_not_add_up_are_not_published(case: Case, tmp_path: Path) -> None:
    kept = case.keep(given(tmp_path))
    with case.session("test"), pytest.raises(IntegrityError, match="do not add up"):
        case.add_ledger(
            case.staging(),
            {"sha256": kept.sha256, "fingerprint": "f", "name": "n", "records": 3, "events": 1, "rejects": 1},
        )


def test_staging_needs_a_session(case: Case) -> None:
    with pytest.raises(RuntimeError):
        case.staging()


# Crashes


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


def test_threads_of_one_process_take_turns(case: Case, tmp_path: Path) -> None:
    paths = [given(tmp_path, b"%d" % n, f"{n}.csv") for n in range(8)]
    threads = [threading.Thread(target=case.keep, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(case.kept()) == 8 and verify(case).ok


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
