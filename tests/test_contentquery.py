"""Dumps of `adb shell content query`: cells that are told from words, and rows that are never glued."""

import hashlib
import json
import random
from pathlib import Path

import pytest
from conftest import Run
from test_chats import Rows, plain, read_bytes, read_file

from collectaudit.case import Case
from collectaudit.records import Record, Reject, Unreadable
from collectaudit.sources import contentquery

DATA = Path(__file__).parent / "data" / "contentquery"
FILES = sorted(DATA.glob("*.txt"))


def golden(path: Path) -> object:
    return json.loads(path.with_suffix(".golden.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    rows, facts = read_file(path, path.name)
    assert plain(rows) == golden(path)
    assert (facts.parser, facts.status, facts.notes) == ("contentquery", "ok", [])
    assert facts.kind == ("contacts" if path.stem == "contacts" else "events")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_as_a_windows_shell_saves_it(tmp_path: Path, path: Path, encoding: str) -> None:
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    rows, facts = read_bytes(tmp_path, text.encode(encoding), "")
    assert plain(rows) == golden(path)
    assert facts.status == "ok"


def words(rows: Rows) -> list[tuple[object, ...]]:
    return [(row.fields.get("epoch_ms"), row.fields.get("number"), row.fields.get("body"), row.fields.get("duration"))
            for row in rows if isinstance(row, Record)]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data, whole = path.read_bytes(), words(read_file(path, "")[0])
    for length in range(data.index(b"\nRow: 1") + 20, len(data)):
        rows, facts = read_bytes(tmp_path, data[:length], "")
        assert words(rows) == whole[: len(words(rows))]
        assert facts.status == ("ok" if data[:length].endswith(b"\n") else "partial")
        assert len({row.locator for row in rows}) == len(rows)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(20))
def test_shuffled_lines(tmp_path: Path, path: Path, seed: int) -> None:
    lines, whole = path.read_bytes().splitlines(keepends=True), words(read_file(path, "")[0])
    mixed = list(lines)
    random.Random(seed).shuffle(mixed)  # noqa: S311 — a test
    try:
        rows, facts = read_bytes(tmp_path, b"".join(mixed), "")
    except Unreadable:  # it begins in the middle of a message: nobody knows the kind of file
        assert not mixed[0].startswith(b"Row")
        return
    assert set(words(rows)) <= set(whole)
    assert facts.status == "partial" or mixed == lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "$ adb shell content query --uri content://sms\nRow: 0 address=10690, date=1712310022000, type=1, body=a\n",
            ["a"],
        ),
        ("Row: 0 address=10690, date=1712310022000, type=1, body=a, b=c, seen=1\n", ["a, b=c"]),
        ("Row: 0 body=a, date=1, address=10690, date=1712310022000, type=1\n", ["a, date=1"]),
        ("Row: 0 address=1, date=1712310022000, type=1, body=a\nRow: 1 x\n", ["a\nRow: 1 x"]),
        ("No result found.\n", []),
    ],
)
def test_words_that_look_like_columns(tmp_path: Path, text: str, wanted: list[str]) -> None:
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert [row.reason if isinstance(row, Reject) else row.fields["body"] for row in rows] == wanted
    assert facts.parser == "contentquery"


def test_mms_are_named_with_what_is_missing(tmp_path: Path) -> None:
    rows, facts = read_bytes(tmp_path, b"Row: 0 _id=1, date=1712310022, msg_box=1, m_type=132\n", "")
    assert [row.fields["epoch_ms"] for row in rows if isinstance(row, Record)] == ["1712310022000"]
    assert "neither their numbers nor their words" in facts.notes[0]


def test_only_telephone_numbers_of_all_that_is_known_of_contacts(tmp_path: Path) -> None:
    kinds = (("name", "催收小王"), ("phone_v2", "13800138001"), ("phone_v2", "+1 202-555-0123"), ("note", "在吗\n99"))
    text = "".join(
        f"Row: {at} contact_id=7, mimetype=vnd.android.cursor.item/{kind}, data1={value}, data2=NULL\n"
        for at, (kind, value) in enumerate(kinds)
    )
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert [(row.locator, row.fields["number"], row.fields["name"]) for row in rows if isinstance(row, Record)] == [
        ("L2", "13800138001", "催收小王"), ("L3", "+1 202-555-0123", "催收小王"),
    ]  # fmt: skip
    assert len(rows) == 2
    assert facts.notes == ["entries of contacts that are no telephone numbers, passed over: 2"]


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Row: 0 address=10690, date=1712310022000, body=在吗, 还款\n", "sms"),
        ("Row: 0 number=13800138001, date=1712310022000, duration=3\n", "call"),
    ],
)
def test_where_nobody_asked_for_the_type_no_direction_is_made_up(tmp_path: Path, text: str, channel: str) -> None:
    (row,), facts = read_bytes(tmp_path, text.encode(), "")
    assert isinstance(row, Record)
    assert (row.fields["channel"], row.fields["direction"], row.fields["outcome"]) == (channel, None, None)
    assert (row.fields["epoch_ms"], facts.kind) == ("1712310022000", "events")


@pytest.mark.parametrize(
    "text", ["Row: 0 is the first\n", "Row 0 _id=1\n", "Rows: 0 _id=1\n", "", "No result found. Really.\n"]
)
def test_not_claimed(text: str) -> None:
    assert not contentquery.claims(text.encode(), "calls.txt")


def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run) -> None:
    path, case = DATA / "messages.txt", tmp_path / "case"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for _ in range(2):
        assert run("audit", path, "-o", case, "--owner", "13800138000").code in (0, 1)
        (row,) = Case.open(case).query("SELECT records, events, rejects FROM sources")
        assert row == {"records": 5, "events": 4, "rejects": 1}
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
