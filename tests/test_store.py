"""What is kept is kept once, whole, and survives kills, full disks and odd inputs."""

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from casekit import add_source, given, originals

from collectaudit.case import Case
from collectaudit.errors import IntegrityError
from collectaudit.evidence import files
from collectaudit.evidence.store import Refused, place
from collectaudit.evidence.verify import verify


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


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


def test_threads_of_one_process_take_turns(case: Case, tmp_path: Path) -> None:
    paths = [given(tmp_path, b"%d" % n, f"{n}.csv") for n in range(8)]
    threads = [threading.Thread(target=case.keep, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(case.kept()) == 8 and verify(case).ok
