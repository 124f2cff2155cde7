"""Small invented cases, and disks that fail, stop or remember, for the tests of the case folder."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import duckdb

from collectaudit import runs
from collectaudit.case import Case
from collectaudit.evidence import files
from collectaudit.sqltext import literal

HASH = "0" * 64
Row = Mapping[str, Any]


def write_tables(folder: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    """Parquet files with the declared columns of these tables."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(runs.SCHEMA)
        for table, rows in tables.items():
            for row in rows:
                marks = ", ".join("?" for _ in row)
                con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
            con.execute(f"COPY {table} TO {literal(folder / f'{table}.parquet')}")


def write_table(folder: Path, table: str, rows: Sequence[Row]) -> Path:
    """One of them."""
    write_tables(folder, {table: rows})
    return folder / f"{table}.parquet"


EVENT: Row = {
    "event_id": "e1", "source_id": "s1", "locator": "L2", "account_id": "A1", "channel": "call",
    "from_number": "+12025550101", "to_number": "+12025550102", "from_role": "collector", "to_role": "family",
    "at_local": "2025-06-01 22:10:00", "precision": "minute", "outcome": "connected", "connected": True,
    "duration_s": 30,
}  # fmt: skip
SOURCE: Row = {
    "source_id": "s1", "name": "calls.csv", "sha256": HASH, "size_bytes": 10, "parser": "table", "kind": "events",
    "records": 2, "events": 1, "rejects": 1, "status": "ok",
}  # fmt: skip
PROVISION: Row = {
    "provision_id": "demo/hours@2025-01-01", "regime": "demo", "in_force_from": "2025-01-01",
    "in_force_until": "9999-12-31", "authority": "practice", "article": "1", "instrument_en": "Demo",
    "instrument_zh": "示例", "quote": "示例条款", "url": "https://example.org/",
}  # fmt: skip
RULE_RUN: Row = {
    "rule_id": "out-of-hours", "status": "ran", "contacts_seen": 1, "findings": 1, "title_en": "Outside hours",
    "title_zh": "时段以外",
}  # fmt: skip
FINDING: Row = {
    "finding_id": "f" * 16, "rule_id": "out-of-hours", "regime": "demo", "provision_id": PROVISION["provision_id"],
    "tier": "finding", "severity": "medium", "account": "A1", "event_id": "e1", "occurred_at": "2025-06-01 22:10:00",
    "facts": '{"at_time": "22:10:00"}',
}  # fmt: skip


def write_run(folder: Path, *, name: str = "calls.csv", finding: Row = FINDING) -> None:
    """The tables of a run with one contact and one finding."""
    reject = {"source_id": "s1", "locator": "L3", "reason": "no time", "raw": "x"}
    shown = {"finding_id": finding["finding_id"], "ordinal": 1, "event_id": "e1"}
    write_tables(
        folder,
        {
            "sources": [{**SOURCE, "name": name}], "rejects": [reject], "events": [EVENT], "provisions": [PROVISION],
            "rule_runs": [RULE_RUN], "findings": [finding], "evidence": [shown],
        },
    )  # fmt: skip


def ledger(sha256: str, **more: Any) -> dict[str, Any]:
    """The ledger of a source of two records."""
    return {
        "sha256": sha256, "name": "calls.csv", "size_bytes": 10, "fingerprint": "f1", "records": 2, "events": 1,
        "rejects": 1, "status": "ok", "encoding": "utf-8", **more,
    }  # fmt: skip


def add_source(case: Case, path: Path, *, reference: bool = False, content: bytes = b"PAR1 not really") -> str:
    """Keep a file and publish records for it, as the audit does."""
    with case.session("test"):
        kept = case.keep(path, reference=reference)
        if case.ledger(kept.sha256, "f1") is None:
            staged = case.staging()
            (staged / "records.parquet").write_bytes(content)
            (staged / "work").mkdir()
            (staged / "work" / "leftover").write_bytes(b"x")
            case.add_ledger(staged, ledger(kept.sha256, name=path.name))
    return kept.sha256


def publish(case: Case, run_id: str = "r1", **tables: Any) -> Path:
    """Publish a small run."""
    with case.session("test"):
        staged = case.staging()
        write_run(staged, **tables)
        return case.publish(staged, run_id, {"rules": {"out-of-hours": HASH}})


def full_case(root: Path) -> Case:
    """A case with every kind of file: originals (one by reference), ledgers, a map, two runs, drawers, an export."""
    inputs = root / "inputs"
    inputs.mkdir(parents=True)
    for number in range(3):
        (inputs / f"calls-{number}.csv").write_bytes(b"time,number\n2025-06-01 22:10,12025550101\n" * (number + 1))
    (inputs / "map.toml").write_text("name = 'demo'\n", encoding="utf-8")
    case = Case.create(root / "case")
    for path in sorted(inputs.glob("*.csv")):
        sha256 = add_source(case, path, reference=path.name == "calls-2.csv")
    case.keep_map(sha256, inputs / "map.toml")
    publish(case, "r1")
    publish(case, "r2", name="other.csv")
    case.label("+1 202-555-0101", "collector", name="示例")
    case.declare("unreachable", account="A1", from_at="2025-01-01")
    case.review("f" * 16, "unsure", note="listen again", by="reviewer")
    return case


class CountingDisk(files.Disk):
    """Counts the operations; `at` is called before each of them."""

    count = 0

    def at(self) -> None:
        """One operation is about to happen."""
        self.count += 1

    def create(self, path: Path) -> int:
        self.at()
        return super().create(path)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        self.at()
        return super().write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        self.at()
        super().truncate(fd, size)

    def sync(self, fd: int) -> None:
        self.at()
        super().sync(fd)

    def rename(self, old: Path, new: Path) -> None:
        self.at()
        super().rename(old, new)

    def make_folder(self, path: Path) -> None:
        self.at()
        super().make_folder(path)

    def set_mode(self, path: Path, mode: int) -> None:
        self.at()
        super().set_mode(path, mode)

    def remove(self, path: Path) -> None:
        self.at()
        super().remove(path)


class FailingDisk(CountingDisk):
    """Fails at the N-th operation, once or from then on; a failing write leaves half of its bytes. Syncs nothing."""

    def __init__(self, number: int, code: int, *, for_good: bool = False) -> None:
        self.number, self.code, self.for_good = number, code, for_good

    def at(self) -> None:
        super().at()
        if self.count == self.number or (self.for_good and self.count > self.number):
            raise OSError(self.code, os.strerror(self.code))

    def write(self, fd: int, data: bytes | memoryview) -> int:
        if self.count + 1 == self.number:
            os.write(fd, data[: len(data) // 2])
        return super().write(fd, data)

    def sync(self, fd: int) -> None:  # noqa: ARG002
        self.at()


class StoppingDisk(CountingDisk):
    """Kills the process before the N-th operation. Syncs nothing: a killed process loses no written byte."""

    def __init__(self, number: int) -> None:
        self.number = number

    def at(self) -> None:
        super().at()
        if self.count == self.number:
            os.kill(os.getpid(), signal.SIGKILL)

    def sync(self, fd: int) -> None:  # noqa: ARG002
        self.at()


@contextmanager
def disk(replacement: files.Disk) -> Iterator[None]:
    """Use another disk for a while."""
    before, files.disk = files.disk, replacement
    try:
        yield
    finally:
        files.disk = before


def work(root: Path, done: Path) -> None:
    """A small audit over root/inputs into root/case with the tables of root/run; each finished step goes to `done`."""
    case = Case.create(root / "case")
    with case.session("audit"):
        for path in sorted((root / "inputs").iterdir()):
            add_source(case, path)
            _acknowledge(done, path.name)
        staged = case.staging()
        for path in sorted((root / "run").iterdir()):
            (staged / path.name).write_bytes(path.read_bytes())
        case.publish(staged, "r1", {"rules": {}})
        _acknowledge(done, "run")
    case.label("+1 202-555-0101", "collector")
    _acknowledge(done, "label")


def _acknowledge(done: Path, what: str) -> None:
    with done.open("a", encoding="utf-8") as out:
        out.write(what + "\n")


class Killer:
    """A clean process that forks `work` and has it killed, at an operation or after a time."""

    def __enter__(self) -> "Killer":
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def run(self, root: Path, done: Path, *, operation: int = 0, after_s: float = 0.0) -> tuple[bool, int]:
        """Whether it was killed, and how many operations it did otherwise."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps([str(root), str(done), operation, after_s]) + "\n")
        stdin.flush()
        return cast(tuple[bool, int], tuple(json.loads(stdout.readline())))

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve() -> None:
    for line in sys.stdin:
        root, done, operation, after_s = json.loads(line)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            stopping = StoppingDisk(operation)
            with disk(stopping):
                work(Path(root), Path(done))
            os.write(writer, str(stopping.count).encode())
            os._exit(0)
        os.close(writer)
        if after_s:
            time.sleep(after_s)
            os.kill(pid, signal.SIGKILL)
        count = os.read(reader, 20)
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        print(json.dumps([os.WIFSIGNALED(status), int(count or 0)]), flush=True)


CODES = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.EDQUOT)

if __name__ == "__main__":
    _serve()
