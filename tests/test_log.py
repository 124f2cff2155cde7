"""The log is a chain: a changed, missing or foreign byte shows, and a torn end is cut off and said."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults import FailingDisk, disk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectaudit.errors import CollectAuditError, IntegrityError
from collectaudit.evidence.log import HEAD, NAME, START, Broken, Cut, Log, canonical, head_fault, read_chain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def written(folder: Path, records: int = 5) -> Log:
    log = Log.create(folder, folder.parent / "tmp", "test")
    for number in range(records):
        log.append("source.keep", sha256="ab" * 32, size_bytes=number)
    return log


def test_a_record_says_who_did_what_when_with_which_version(folder: Path) -> None:
    log = written(folder, 1)
    (line,) = (folder / NAME).read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    assert set(entry) == {
        "seq", "prev", "h", "t_utc", "t_mono", "tz", "actor", "host", "tool", "cmd", "ev", "sha256", "size_bytes",
    }  # fmt: skip
    assert (entry["seq"], entry["prev"], entry["ev"], entry["cmd"]) == (1, START, "source.keep", "test")
    assert re.fullmatch(r"collectaudit \d+\.\d+\.\d+", entry["tool"]) and entry["t_utc"].endswith("+00:00")
    assert entry["h"] == log.head() == read_chain(folder).head
    assert line.encode() == canonical(entry), "canonical form"


def test_the_chain_grows_over_sessions(folder: Path) -> None:
    written(folder)
    log = Log.open(folder, "again")
    log.append("note")
    assert [entry["seq"] for entry in read_chain(folder).entries] == [1, 2, 3, 4, 5, 6]
    assert head_fault(folder, read_chain(folder)) is None


@pytest.mark.parametrize("value", [1.5, None, True, {"a": 0.1}, [None], b"x", {1: "x"}])
def test_only_integers_and_strings_go_in(folder: Path, value: Any) -> None:
    log = written(folder, 0)
    with pytest.raises(TypeError):
        log.append("note", value=value)
    assert read_chain(folder).entries == []


texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(st.integers() | texts, lambda x: st.lists(x, max_size=3) | st.dictionaries(texts, x, max_size=3))


@given(facts=st.dictionaries(st.from_regex(r"[g-m]{1,5}", fullmatch=True), plain, max_size=4))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_appended_is_read_back(folder: Path, facts: dict[str, Any]) -> None:
    log = Log.create(folder, folder.parent / "tmp", "test")
    log.append("note", **{key: value for key, value in facts.items() if key != "h"})
    entry = read_chain(folder).entries[-1]
    assert {key: entry[key] for key in facts if key != "h"} == {key: facts[key] for key in facts if key != "h"}


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_changed_bit_is_found(folder: Path, at: int, bit: int) -> None:
    if not (folder / NAME).exists():
        written(folder)
    good = (folder / NAME).read_bytes()
    at %= len(good)
    (folder / NAME).write_bytes(good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :])
    try:
        with pytest.raises((Broken, Cut)) as broken:
            head_fault(folder, read_chain(folder))
        line = good[:at].count(b"\n") + 1
        assert not isinstance(broken.value, Broken) or broken.value.line in (line, line + 1)
        with pytest.raises(IntegrityError):
            Log.open(folder, "test")
    finally:
        (folder / NAME).write_bytes(good)


def drop_line(lines: list[bytes]) -> list[bytes]:
    return lines[:2] + lines[3:]


def swap_lines(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def repeat_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[2], *lines[3:]]


def add_spaces(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b":", b": ", 1), *lines[1:]]


def deep_nesting(lines: list[bytes]) -> list[bytes]:
    return [*lines, b"[" * 100_000 + b"\n"]


def cut_end(lines: list[bytes]) -> list[bytes]:
    return lines[:-2]


def cut_in_a_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][:30]]


def cut_all(lines: list[bytes]) -> list[bytes]:
    return lines[:0]


@pytest.mark.parametrize(
    ("change", "line"),
    [(drop_line, 3), (swap_lines, 1), (repeat_line, 4), (add_spaces, 1), (deep_nesting, 6)],
)
def test_a_log_that_was_edited_is_broken_at_that_line(
    folder: Path, change: Callable[[list[bytes]], list[bytes]], line: int
) -> None:
    written(folder)
    path = folder / NAME
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(Broken, match=f"log broken at line {line}:") as broken:
        Log.open(folder, "test")
    assert broken.value.exit_code == 4 and broken.value.fix


@pytest.mark.parametrize("change", [cut_end, cut_in_a_line, cut_all])
def test_a_log_that_was_cut_is_refused(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    written(folder)
    path = folder / NAME
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(Cut, match="line 5 was acknowledged"):
        Log.open(folder, "test")


def test_a_missing_log_is_broken(folder: Path) -> None:
    written(folder)
    (folder / NAME).unlink()
    with pytest.raises(Broken, match="missing"):
        Log.create(folder, folder.parent / "tmp", "test")


def test_a_torn_last_line_is_cut_off_and_that_is_logged(folder: Path) -> None:
    head = written(folder).head()
    with (folder / NAME).open("ab") as out:
        out.write(b'{"actor":"x","cmd":"au')
    chain = read_chain(folder)
    assert (chain.head, chain.torn, chain.unfinished) == (head, 22, True)
    log = Log.open(folder, "test")
    assert [entry["ev"] for entry in log.entries[-1:]] == ["log.repaired"] and log.entries[-1]["bytes_cut"] == 22
    assert log.entries[-1]["prev"] == head and read_chain(folder).torn == 0


@pytest.mark.parametrize("content", [b"", b"garbage", b"000000000003 " + b"0" * 64 + b"\n", b"\xff" * 78, None])
def test_a_damaged_head_is_said_and_written_again(folder: Path, content: bytes | None) -> None:
    written(folder)
    (folder / HEAD).unlink()
    if content is not None:
        (folder / HEAD).write_bytes(content)
    assert head_fault(folder, read_chain(folder))
    log = Log.open(folder, "test")
    assert log.entries[-1]["ev"] == "log.repaired" and head_fault(folder, read_chain(folder)) is None


def test_a_head_that_is_behind_does_no_harm(folder: Path) -> None:
    log = written(folder, 1)
    behind = (folder / HEAD).read_bytes()
    log.append("note")
    (folder / HEAD).write_bytes(behind)
    assert head_fault(folder, read_chain(folder)) is None
    Log.open(folder, "test")
    assert (folder / HEAD).read_bytes() != behind


def test_another_program_that_writes_into_the_log_is_noticed(folder: Path) -> None:
    log = written(folder)
    with (folder / NAME).open("ab") as out:
        out.write(b"hello")
    with pytest.raises(IntegrityError, match="changed by another program"):
        log.append("note")


@pytest.mark.parametrize("for_good", [False, True])
def test_a_failed_append_leaves_the_log_as_it_was(folder: Path, for_good: bool) -> None:
    log = written(folder)
    before = (folder / NAME).read_bytes()
    with disk(FailingDisk(1, 28, for_good=for_good)), pytest.raises(OSError, match="No space left"):
        log.append("note")
    assert (folder / NAME).read_bytes() == before or for_good
    with pytest.raises(CollectAuditError):
        log.append("note")
    again = Log.open(folder, "test")
    assert len(again.entries) == (6 if for_good else 5)


def test_a_log_of_many_records_is_checked_quickly(folder: Path) -> None:
    log = written(folder, 0)
    with disk(FailingDisk(0, 28)):
        for _ in range(2000):
            log.append("note", sha256="ab" * 32)
    assert (folder / NAME).stat().st_size > 500_000
    assert len(read_chain(folder).entries) == 2000


def test_a_log_that_was_read_before_is_checked_again_where_it_differs(folder: Path) -> None:
    log = written(folder)
    assert len(read_chain(folder).entries) == 5
    log.append("note", of="sixth")
    assert [entry["seq"] for entry in read_chain(folder).entries] == [1, 2, 3, 4, 5, 6]
    path = folder / NAME
    path.write_bytes(path.read_bytes().replace(b'"size_bytes":1', b'"size_bytes":7'))
    with pytest.raises(Broken) as problem:
        read_chain(folder)
    assert problem.value.line == 2
