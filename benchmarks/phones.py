"""Measures the reading of what large phones hold, and writes a section into benchmarks/RESULTS.md.

    python benchmarks/phones.py --messages 100000 --megabytes 2000 --folder /tmp/phones

A `sms.db` of an iPhone with its words stored as since iOS 16, and a backup of SMS Backup & Restore that is mostly
pictures. Each is read in a fresh process; peak memory is that of the largest single process. The yardsticks only walk
through the same file. What was made is deleted again.
"""

import argparse
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
_SECTION = re.compile(r"\n?<!-- phones -->.*<!-- /phones -->\n", re.DOTALL)
_AT = 1_700_000_000
_APPLE = 978_307_200
_BEFORE = (
    b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92"
    b"\x84\x84\x84\x08NSString\x01\x94\x84\x01+"
)
_TABLES = """
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
    handle_id INTEGER DEFAULT 0, subject TEXT, attributedBody BLOB, service TEXT, error INTEGER DEFAULT 0, date INTEGER,
    date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0,
    is_from_me INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0, item_type INTEGER DEFAULT 0,
    associated_message_type INTEGER DEFAULT 0, message_summary_info BLOB, destination_caller_id TEXT,
    date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0);
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, service TEXT NOT NULL);
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT, style INTEGER, chat_identifier TEXT);
CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, message_id));
CREATE INDEX message_idx_handle ON message(handle_id, date);
"""
_HANDLES = 500


def _words(n: int) -> str:
    return f"【示例】第{n}条：您好，请于今日处理。Your reference is {n}. " * (1 + n % 4)


def make_database(path: Path, messages: int) -> None:
    """A `sms.db`: every second message keeps its words only in `attributedBody`, every third is one's own."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(_TABLES)
        people = range(1, _HANDLES + 1)
        connection.executemany("INSERT INTO handle VALUES (?, ?, 'SMS')", ((n, f"+1202555{n:04}") for n in people))
        connection.executemany(
            "INSERT INTO chat VALUES (?, ?, 45, ?)", ((n, f"g{n}", f"+1202555{n:04}") for n in people)
        )
        connection.executemany("INSERT INTO chat_handle_join VALUES (?, ?)", ((n, n) for n in people))
        columns = "ROWID, guid, text, handle_id, attributedBody, service, date, is_finished, is_from_me, is_sent"
        rows = map(_row, range(1, messages + 1))
        connection.executemany(f"INSERT INTO message ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)", rows)
        joins = ((n % _HANDLES + 1, n) for n in range(1, messages + 1))
        connection.executemany("INSERT INTO chat_message_join VALUES (?, ?)", joins)


def _row(n: int) -> tuple[object, ...]:
    words, mine = _words(n), n % 3 == 0
    said = words.encode()
    body = _BEFORE + b"\x81" + len(said).to_bytes(2, "little") + said + b"\x86" + bytes(300)
    date = (_AT - _APPLE + 60 * n) * 1_000_000_000
    plain, handle = words if n % 2 else None, 0 if mine else n % _HANDLES + 1
    return n, f"G{n}", plain, handle, body, "iMessage" if n % 5 else "SMS", date, mine, mine


def make_backup(path: Path, megabytes: int) -> None:
    """A backup: 200 short messages for each message with a picture of a megabyte and a half."""
    picture = "QUJD" * 375_000
    with path.open("w", encoding="utf-8") as file:
        file.write("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<smses>\n")
        last = 0
        while file.tell() < megabytes * 1_000_000:
            first, last = last + 1, last + 200
            for n in range(first, last + 1):
                about = f'address="+1202555{n % _HANDLES:04}" date="{(_AT + 60 * n) * 1000}"'
                file.write(f'<sms protocol="0" {about} type="{1 + n % 2}" body="{_words(n)}" read="1" status="-1" />\n')
            part = f'<part seq="0" ct="image/jpeg" cl="{last}.jpg" text="null" data="{picture}" />'
            address = '<addr address="+12025550101" type="137" charset="106" />'
            file.write(f'<mms date="{(_AT + 60 * last) * 1000}" msg_box="1" m_type="132" address="+12025550101">')
            file.write(f"<parts>{part}</parts><addrs>{address}</addrs></mms>\n")
        file.write("</smses>\n")


def read(path: Path) -> int:
    """collectaudit's reading, up to typed records; how many there are."""
    from collectaudit.reading import Task, read_into

    folder = path.with_name("records")
    folder.mkdir()
    ledger = read_into(Task(path.name, "0" * 64, path.stat().st_size, "Asia/Shanghai", "CN"), path, folder)
    if ledger["status"] != "ok" or ledger["rejects"]:
        raise SystemExit(f"{path}: {ledger['status']}: {ledger['reason']}")
    (folder / "records.parquet").unlink()
    folder.rmdir()
    return int(str(ledger["events"]))


def walk_database(path: Path) -> int:
    """Every row with all its columns, looked at and let go."""
    with sqlite3.connect(path) as connection:
        return sum(1 for _ in connection.execute("SELECT * FROM message"))


def walk_backup(path: Path) -> int:
    """Every element by Python's own parser, looked at and let go."""
    from xml.etree import ElementTree  # made here

    found = 0
    for _, element in ElementTree.iterparse(path):  # noqa: S314 — as above
        found += element.tag in ("sms", "mms")
        element.clear()
    return found


@dataclass(frozen=True, slots=True)
class Cost:
    """What one reading took."""

    file: str
    label: str
    records: int
    cpu_s: float
    wall_s: float
    peak_mb: float


def measured(path: Path, file: str, task: str, label: str) -> Cost:
    """One task in a process of its own."""
    started = time.perf_counter()
    command = [sys.executable, str(Path(__file__)), "--task", task, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{task} {path}: ended with status {os.waitstatus_to_exitcode(status)}")
    wall = time.perf_counter() - started
    return Cost(file, label, int(said), used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def costs(folder: Path, messages: int, megabytes: int) -> Iterator[Cost]:
    """Make each file, read it in both ways, and delete it."""
    for name, make, size, walk, label in (
        ("sms.db", make_database, messages, "walk_database", "Python sqlite3, SELECT *"),
        ("sms.xml", make_backup, megabytes, "walk_backup", "Python ElementTree.iterparse"),
    ):
        path = folder / name
        make(path, size)
        about = f"{name}, {path.stat().st_size / 1e6:,.0f} MB"
        yield measured(path, about, walk, label)
        yield measured(path, about, "read", "collectaudit, to typed records")
        path.unlink()


def _line(cost: Cost) -> str:
    spent = f"{cost.cpu_s:.1f} | {cost.wall_s:.1f} | {cost.peak_mb:,.0f}"
    return f"| {cost.file} | {cost.label} | {cost.records:,} | {spent} |"


def section(found: list[Cost]) -> str:
    """The part of RESULTS.md, between its marks."""
    lines = [
        "<!-- phones -->", "## Large phones", "",
        "`benchmarks/phones.py`: one file each, read once, in a fresh process. Peak MB: the largest single process.",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {os.cpu_count()} cores · load average {os.getloadavg()[0]:.1f}", "",
        "| file | contender | records | CPU s | wall s | peak MB |", "|---|---|---:|---:|---:|---:|",
        *map(_line, found),
        "<!-- /phones -->", "",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, default=HERE / "data")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    parser.add_argument("--task", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.task:
        print(
            {"read": read, "walk_database": walk_database, "walk_backup": walk_backup}[args.task[0]](Path(args.task[1]))
        )
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    text = section(list(costs(args.folder, args.messages, args.megabytes)))
    before = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    args.out.write_text(_SECTION.sub("", before).rstrip("\n") + "\n\n" + text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
