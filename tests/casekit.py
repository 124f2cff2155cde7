"""Small invented runs and cases, for the tests of the case folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from collectaudit import runs
from collectaudit.case import Case
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


def given(folder: Path, content: bytes = b"one\n", name: str = "in.csv") -> Path:
    """A file to be put into a case."""
    path = folder / name
    path.write_bytes(content)
    return path


def originals(case: Case) -> list[str]:
    """The hashes of the copies that a case holds."""
    return sorted(p.name for p in (case.path / "originals").rglob("*") if p.is_file() and p.suffix != ".json")
