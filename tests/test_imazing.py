"""Messages that iMazing exported, and its calls, which are a table like any other."""

import hashlib
import json
import random
from pathlib import Path

import pytest
from conftest import Run
from test_chats import plain, read_bytes, read_file

from collectaudit.case import Case
from collectaudit.records import Record, Reject

DATA = Path(__file__).parent / "data" / "imazing"
FILES = sorted(DATA.glob("*.csv"))
CALLS = """Call type,Date,Duration,Number,Contact,Location,Service
Outgoing,2024-04-05 12:00:00,00:01:00,+12025550123,Example Recovery,,Phone: +12025550100
Missed,2024-04-05 21:40:22,00:00:00,+12025550123,Example Recovery,,Phone: +12025550100
"""


def golden(path: Path) -> object:
    return json.loads(path.with_suffix(".golden.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(tmp_path: Path, path: Path, encoding: str, end: str) -> None:
    rows, facts = read_bytes(tmp_path, path.read_text(encoding="utf-8").replace("\n", end).encode(encoding), "")
    assert plain(rows) == golden(path)
    assert (facts.parser, facts.status) == ("imazing", "ok")


def test_what_the_file_tells_of_its_owner_and_states() -> None:
    assert read_file(DATA / "whatsapp.csv", "")[1].owner_number == "+8613800138000"
    assert read_file(DATA / "messages.csv", "")[1].notes == [
        "states of messages whose meaning is not known: Not Delivered"
    ]


def test_columns_in_another_order_and_fewer_of_them(tmp_path: Path) -> None:
    lines = ["Type,Text,Sender ID,Message Date,Chat Session", "Incoming,在吗,+8613800138001,2024-04-05 12:00:00,小王"]
    text = "\n".join([*lines, "Neu,x,,2024-04-05 12:00:00,小王", ""])
    rows, _ = read_bytes(tmp_path, text.encode(), "")
    assert [row.reason if isinstance(row, Reject) else (row.fields["other"], row.fields["body"]) for row in rows] == [
        ("+8613800138001", "在吗"), "whether it was sent or received is not known: Neu",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "times",
    [
        ("2024-04-06 12:00:00", "2024-04-05 12:00:00", "2024-04-05 11:00:00"),  # the newest first
        ("2024-04-05 12:00:00", "yesterday", "2024-04-05 12:01:00"),
    ],
)
def test_rows_in_order_although_it_is_another(tmp_path: Path, times: tuple[str, ...]) -> None:
    head = "Chat Session,Message Date,Type,Sender ID,Text,Status\n"
    text = head + "".join(f'小王,{time},Incoming,+8613800138001,"在\n吗",Received\n' for time in times)
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert [row.fields["time"] for row in rows if isinstance(row, Record)] == list(times)
    assert (facts.status, facts.notes) == ("ok", [])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    whole = {row.locator: row for row in read_file(path, "")[0] if isinstance(row, Record)}
    for length in range(data.index(b"\n") + 1, len(data), 2):
        rows, facts = read_bytes(tmp_path, data[:length], "")
        whole_rows = data[:length].endswith(b"\n") and data[:length].count(b'"') % 2 == 0
        assert facts.status == ("ok" if whole_rows else "partial")
        for row in rows:
            if isinstance(row, Record):
                full = whole[row.locator].fields
                assert (row.fields["time"], row.fields["direction"]) == (full["time"], full["direction"])
                assert row.fields["body"] == full["body"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(30))
def test_shuffled_lines_mix_nothing(tmp_path: Path, path: Path, seed: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    mixed = lines[1:]
    random.Random(seed).shuffle(mixed)  # noqa: S311 — a test
    found = [row for row in read_bytes(tmp_path, b"".join([lines[0], *mixed]), "")[0] if isinstance(row, Record)]
    right = {(row.fields["time"], row.fields["body"]) for row in read_file(path, "")[0] if isinstance(row, Record)}
    assert {(row.fields["time"], row.fields["body"]) for row in found} <= right


@pytest.mark.parametrize("which", ["messages", "calls"])
def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run, which: str) -> None:
    path, case = tmp_path / f"{which}.csv", tmp_path / "case"
    path.write_text(
        (DATA / "messages.csv").read_text(encoding="utf-8") if which == "messages" else CALLS, encoding="utf-8"
    )
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for _ in range(2):
        assert run("audit", path, "-o", case, "--jurisdiction", "us", "--owner", "+12025550100").code in (0, 1)
        (row,) = Case.open(case).query("SELECT parser, events, rejects FROM sources")
        assert row == (
            {"parser": "imazing", "events": 6, "rejects": 1}
            if which == "messages"
            else {"parser": "table", "events": 2, "rejects": 0}
        )
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
