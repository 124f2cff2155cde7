"""What was in archives and backups, in a case: its log, its list, its owner and zone; the command line."""

import hashlib
import io
import random
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest
from conftest import Run
from phonedbs import OLD_CALLS, fill
from vessels import (
    MMS,
    PASSWORD,
    PICTURE,
    PROVIDER,
    SMS,
    TABLE,
    android,
    book,
    brought,
    iphone,
    names,
    packed_json,
    phone_files,
    tape,
    zip_aes,
    zipped,
)

from collectaudit import arrivals, intake, whoiswho
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.containers import _out
from collectaudit.containers._out import Shut
from collectaudit.custody import custody
from collectaudit.evidence.verify import verify
from collectaudit.inspecting import look_into
from collectaudit.report import bookends
from collectaudit.report.book import Book

# In a case


def test_the_log_remembers_the_container(tmp_path: Path) -> None:
    path = tmp_path / "in" / "bill.zip"
    path.parent.mkdir()
    path.write_bytes(zipped({"calls.csv": TABLE, "deep.zip": zipped({"IMG_1.jpg": PICTURE})}))
    case = brought(path, tmp_path / "case")
    rows = {row["name"]: [one["name"] for one in row["containers"]] for row in custody(case)}
    assert {name: sorted(found) for name, found in rows.items()} == {
        "in/bill/calls.csv": ["in/bill.zip"], "in/bill/deep/IMG_1.jpg": ["in/bill.zip", "in/bill/deep.zip"],
    }  # fmt: skip
    logged = [entry["out_of"] for entry in case.log_entries() if "out_of" in entry]
    assert [len(one) for one in logged] == [1, 2]
    assert case.errors == []
    assert verify(case).ok
    keeps = [entry["seq"] for entry in brought(path, case.path).log_entries() if entry["ev"] == "source.keep"]
    assert len(keeps) == 2  # the second time nothing is added


def test_a_database_of_an_iphone_is_read_with_what_lies_beside_it(tmp_path: Path) -> None:
    """Everything is in the -wal, as on a phone in use; and the backup is locked."""
    source = tmp_path / "call_history.db"
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    fill(connection, OLD_CALLS, {"call": [{"address": "13800138009", "date": 1772326800, "duration": 30, "flags": 4}]})
    connection.commit()
    place = ("WirelessDomain", "Library/CallHistory/call_history.db")
    beside = source.with_name("call_history.db-wal").read_bytes()
    path = iphone(
        tmp_path / "phone", {place: source.read_bytes(), (place[0], place[1] + "-wal"): beside}, password=PASSWORD
    )
    connection.close()
    rows = arrivals.arrivals(brought(path, tmp_path / "case", PASSWORD))
    assert [(row["name"].rpartition("/")[2], row["status"], row["events"], row["whole"]) for row in rows] == [
        ("call_history.db", "ok", 1, "phone"), ("call_history.db-wal", "ok", 0, "phone"),
    ]  # fmt: skip
    assert rows[0]["containers"][0]["phone"] == "+86 138 0013 8000"
    assert rows[0]["asks_owner"]


def test_media_beside_a_chat_are_kept_and_quiet(tmp_path: Path) -> None:
    files = {"calls.csv": TABLE, **{f"IMG-{n}.jpg": PICTURE + bytes([n]) for n in range(5)}, ".nomedia": b""}
    case = Case.create(tmp_path / "case")
    intake.receive(case, "chat.zip", io.BytesIO(zipped(files)))
    intake.recognise(case)
    rows = arrivals.arrivals(case)
    assert [row["status"] for row in rows] == ["ok"] * 7
    assert {problem.code for row in rows for problem in row["problems"]} == {"note"}
    assert {row["read_as"] for row in rows} == {"phone_calls", "aside"}


def test_an_archive_of_nothing_that_is_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "shots.zip"
    path.write_bytes(zipped({"1.jpg": PICTURE}))
    case = audit([path], out=tmp_path / "case")
    assert [error["reason"] for error in case.errors] == ["nothing in it can be read"]
    assert [problem.code for row in arrivals.arrivals(case) for problem in row["problems"]] == ["picture"]


def test_locked_then_opened_in_the_wizard(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    data = zip_aes({"calls.csv": TABLE}, PASSWORD.encode())
    sha256 = intake.receive(case, "bill.zip", io.BytesIO(data))[0].sha256
    intake.recognise(case)
    assert [(row["name"], row["problems"][0].code) for row in arrivals.arrivals(case)] == [("bill.zip", "shut_locked")]
    with pytest.raises(Shut) as shut:
        intake.unlock(case, sha256, "4321")
    assert shut.value.why == "wrong"
    assert [kept.name for kept in intake.unlock(case, sha256, PASSWORD)] == ["bill/calls.csv"]
    intake.recognise(case)
    rows = arrivals.arrivals(case)
    assert [(row["name"], row["status"], [p.code for p in row["problems"]]) for row in rows] == [
        ("bill/calls.csv", "ok", []), ("bill.zip", "ok", ["note"]),
    ]  # fmt: skip
    assert verify(case).ok
    assert not [p for p in case.path.rglob("*") if p.is_file() and PASSWORD.encode() in p.read_bytes()]


def test_a_locked_workbook_is_kept_and_read(tmp_path: Path) -> None:
    path = tmp_path / "bill.xlsx"
    path.write_bytes(book())
    rows = arrivals.arrivals(brought(path, tmp_path / "case"))
    assert [row["problems"][0].code for row in rows] == ["shut_locked"]
    rows = sorted(arrivals.arrivals(brought(path, tmp_path / "case", PASSWORD)), key=lambda row: str(row["name"]))
    assert [(row["name"].partition("/")[2], row["status"], row["events"]) for row in rows] == [
        ("bill.xlsx", "ok", 0), ("bill/bill.xlsx", "ok", 2),
    ]  # fmt: skip


def test_two_phones_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    for table in (TABLE, TABLE + b"2026-03-02 10:00:00,13800138003,\xe5\x91\xbc\xe5\x87\xba,30\n"):
        intake.receive(case, "backup.zip", io.BytesIO(zipped({"calls.csv": table})))
    names = [name for _, name, _ in case.kept()]
    assert names[0].startswith("backup-")
    assert names[1] == "backup/calls.csv"
    again = intake.receive(case, "backup.zip", io.BytesIO(zipped({"calls.csv": TABLE, "new.csv": TABLE + b"\n"})))
    assert len({kept.name.partition("/")[0] for kept in again}) == 1


def test_owner_and_zone_are_said_of_a_container_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "in" / "phone.zip"
    path.parent.mkdir()
    path.write_bytes(zipped({"a/calls.csv": TABLE, "b/more.csv": TABLE + b"\n"}))
    other = tmp_path / "in" / "other.csv"
    other.write_bytes(TABLE + b"\n\n")
    mine, there = {str(path): "13800138000"}, {str(path): "America/New_York"}
    case = audit([path, other], out=tmp_path / "case", owners=mine, zones=there)
    rows = case.query("SELECT name, owner_number, time_zone FROM sources ORDER BY name")
    assert [(row["name"], row["time_zone"]) for row in rows] == [
        ("in/other.csv", "Asia/Shanghai"), ("in/phone/a/calls.csv", "America/New_York"),
        ("in/phone/b/more.csv", "America/New_York"),
    ]  # fmt: skip
    assert {row["owner_number"] for row in rows[1:]} == {"+8613800138000"}
    assert not whoiswho.to_be_judged(case)
    intake.keep_time(case, ["in/phone"], "")
    assert whoiswho.to_be_judged(case)


def test_inspect_says_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x.ab"
    path.write_bytes(android(tape(phone_files())))
    rows = look_into(path)
    assert [(row["name"].rpartition("/")[2], row["parser"], row["records"]) for row in rows] == [
        ("x.ab", None, 0), ("000000_sms_backup", "androidbackup", 3), ("000000_mms_backup", "androidbackup", 2),
        ("通话.csv", "table", 2),
    ]  # fmt: skip
    path.write_bytes(android(tape(phone_files()), password=PASSWORD))
    assert [(row["status"], row["reason"]) for row in look_into(path)] == [("unrecognised", _out.WHYS["locked"])]


# Messages in Android's backup


def test_messages_of_an_android_backup(tmp_path: Path) -> None:
    path = tmp_path / "x.ab"
    path.write_bytes(android(tape(phone_files())))
    case = brought(path, tmp_path / "case")
    frames = [
        pl.read_parquet(case.ledger_folder(ledger["sha256"], ledger["fingerprint"]) / "records.parquet")
        for ledger in case.ledgers() if ledger["parser"] == "androidbackup"
    ]  # fmt: skip
    assert {ledger["owner_number"] for ledger in case.ledgers() if ledger["parser"] == "androidbackup"} == {ME}
    assert any(name.endswith(f"x/{PROVIDER}/d_f/000000_sms_backup") for name in names(case))
    columns = ("locator", "direction", "own", "other", "at_local", "outcome", "body", "reason")
    rows = pl.concat(frames, how="diagonal_relaxed").sort("locator").select(*columns).rows()
    assert rows == [
        ("mms[1]", "in", ME, "+8613800138009", at(9, 1, 40), "delivered", "请还款", None),
        ("mms[2]", None, None, None, None, None, None, "a delivery or read receipt, not a message"),
        ("sms[1]", "in", ME, "+8613800138009", at(9), "delivered", "您的欠款已逾期", None),
        ("sms[2]", "out", ME, "+8613800138003", at(10, 0, 0, 123_000), "undelivered", "好的", None),
        ("sms[3]", "out", ME, "+8613800138003", at(10, 1, 40), "not_sent", "草稿", None),
    ]


ME = "+8613800138000"


def at(hour: int, minute: int = 0, second: int = 0, micros: int = 0) -> datetime:
    return datetime(2026, 3, 1, hour, minute, second, micros)  # noqa: DTZ001 — civil time


@pytest.mark.parametrize(("data", "status", "records"), [
    (packed_json(SMS), "ok", 3), (packed_json(MMS), "ok", 2), (packed_json([]), "ok", 0),
    (packed_json(SMS)[:-60], "partial", 1), (packed_json([*SMS, 1]), "partial", 3),
    (packed_json([{**SMS[0], "type": "99"}]), "rejected", 1), (packed_json(SMS[::-1]), "ok", 3),
])  # fmt: skip
def test_damaged_messages(tmp_path: Path, data: bytes, status: str, records: int) -> None:
    path = tmp_path / "000000_sms_backup"
    path.write_bytes(data)
    row = look_into(path)[0]
    assert (row["parser"], row["status"]) == ("androidbackup", status)
    assert row["records"] == row["events"] + row["rejects"]
    assert row["records"] <= records if status == "partial" else row["records"] == records


# Stopped in the middle, and the command line


def test_killed_in_the_middle_nothing_is_half(tmp_path: Path) -> None:
    files = {f"{n}.csv": TABLE + random.Random(n).randbytes(300_000) for n in range(60)}  # noqa: S311
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files))
    program = (
        "import sys; from pathlib import Path; from collectaudit import intake; from collectaudit.case import Case\n"
        "intake.receive(Case.create(Path(sys.argv[2])), 'x.zip', open(sys.argv[1], 'rb'))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(path), str(tmp_path / "case")])
    while process.poll() is None and len(list((tmp_path / "case" / "originals").glob("*/*"))) < 9:
        time.sleep(0.005)
    process.kill()
    process.wait()
    case = Case.open(tmp_path / "case")
    assert 0 < len(case.kept()) < 60
    assert verify(case).ok
    with path.open("rb") as file:
        intake.receive(case, "x.zip", file)
    assert names(case) == sorted(f"x/{name}" for name in files)
    assert verify(case).ok
    assert not list((case.path / "tmp").iterdir())


def test_on_the_command_line(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in" / "bill.zip"
    path.parent.mkdir()
    path.write_bytes(zip_aes({"calls.csv": TABLE, "1.jpg": PICTURE}, PASSWORD.encode()))
    looked_at = run("inspect", path)
    assert (looked_at.code, "it is locked" in looked_at.out) == (3, True)
    monkeypatch.setenv("COLLECTAUDIT_PASSWORD", PASSWORD)
    looked_at = run("inspect", path, lang="zh")
    assert looked_at.code == 0
    assert "bill/calls.csv" in looked_at.out
    ran = run("audit", path, "-o", tmp_path / "case", "--time-zone", f"{path}=America/New_York", "--strict")
    assert "1.jpg" not in ran.out
    assert (ran.code, PASSWORD in ran.out + ran.err) == (0, False)
    monkeypatch.delenv("COLLECTAUDIT_PASSWORD")
    shown = run("custody", tmp_path / "case", lang="zh").out
    assert shown.count("取自") == 2
    assert "in/bill.zip（SHA-256 " in shown
    assert run("audit", "-o", tmp_path / "case", "--time-zone", "bill=Nowhere/Here").code == 2
    case = Case.open(tmp_path / "case")
    assert case.options["zones"] == {"in/bill": "America/New_York"}
    assert case.query("SELECT DISTINCT time_zone FROM sources WHERE events > 0") == [{"time_zone": "America/New_York"}]


def test_a_password_is_asked_for_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from collectaudit.catalogue import Words
    from collectaudit.commands import running
    from collectaudit.commands.shell import Shell

    typed = iter(["4321", PASSWORD, ""])
    monkeypatch.delenv("COLLECTAUDIT_PASSWORD", raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **how: next(typed) if how["hide_input"] else "seen")
    asked = running.asked(Shell(Words("zh")))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    assert list(asked("bill.zip")) == []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert list(asked("bill.zip")) == ["4321", PASSWORD]


def test_the_book_names_the_container_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "bill.zip"
    path.write_bytes(zipped({"calls.csv": TABLE}))
    made = custody(brought(path, tmp_path / "case"))
    source = {"name": made[0]["name"], "sha256": made[0]["sha256"], "size_bytes": 1, "records": 2, "rejects": 0}
    dossier = SimpleNamespace(sources=[source], custody=made, about={"log_head": "0"})
    blocks = list(bookends.files(cast(Book, SimpleNamespace(words=Words("zh", "report"), made=dossier))))
    assert hashlib.sha256(path.read_bytes()).hexdigest() in str(blocks)
