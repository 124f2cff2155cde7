"""The contenders of bench.py, each run in a fresh process: `python benchmarks/tasks.py TASK INPUT OUT`.

A task writes OUT.json: whatever has to be equal between contenders for their times to be comparable.
"""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

# The regimes judged, by name: so no declared fact decides which of them apply.
REGIMES = ("cn.cba2026", "cn.gbt45251", "practice", "us.regf")
# The columns of a contact that rules read.
COLUMNS = (
    "event_id", "account_id", "channel", "from_number", "to_number", "from_role", "to_role", "at_local", "precision",
    "outcome", "connected", "duration_s", "agency", "lender", "days_past_due", "same_as",
)  # fmt: skip
Answer = dict[str, object]
_WRITTEN = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 10000)"  # as events are
_BY_HAND = """
SELECT 案件编号 AS account_id, 'call' AS channel, 'collector' AS from_role,
    '+86' || right(regexp_replace(主叫号码, '[^0-9]', '', 'g'), 11) AS from_number,
    '+86' || right(regexp_replace(被叫号码, '[^0-9]', '', 'g'), 11) AS to_number,
    CASE 与本人关系 WHEN '本人' THEN 'debtor' WHEN '同事' THEN 'colleague' WHEN '紧急联系人' THEN 'reference'
        ELSE 'family' END AS to_role,
    拨打时间 AS at_local, 拨打时间 - INTERVAL 8 HOURS AS at_utc, 28800 AS utc_offset, 'second' AS "precision",
    CASE WHEN 通话结果 = '接通' THEN 'connected' ELSE 'unanswered' END AS outcome, 通话结果 = '接通' AS connected,
    "通话时长(秒)" AS duration_s, 坐席工号 AS agent, 受托方 AS agency, 委托方 AS lender, 逾期天数 AS days_past_due,
    录音文件 AS recording
FROM read_csv('{csv}') ORDER BY account_id, at_local
"""


def raw_copy(csv: Path, out: Path) -> Answer:
    """DuckDB's own CSV → Parquet: the yardstick of reading."""
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM read_csv('{csv}')) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
    return {"rows": _count(out)}


def by_hand(csv: Path, out: Path) -> Answer:
    """A DuckDB statement that knows this one file: its columns typed, and sorted as contacts are. Lines have no numbers
    and cannot be rejected.
    """
    with duckdb.connect(config={"memory_limit": "2GB"}) as con:
        con.execute(f"COPY ({_BY_HAND.format(csv=csv)}) TO '{out}' {_WRITTEN}")
    return {"rows": _count(out)}


def ingest(csv: Path, out: Path) -> Answer:
    """collectaudit's reading and settling of the same file, up to the contacts that rules read."""
    from collectaudit.reading import Task, read_into
    from collectaudit.settle import Source, settle

    records = out / "records"
    shutil.rmtree(out, ignore_errors=True)
    records.mkdir(parents=True)
    # Hashing and keeping the original belong to the case folder; they are measured with the whole.
    ledger = read_into(Task(csv.name, "0" * 64, csv.stat().st_size, "Asia/Shanghai", "CN"), csv, records)
    if ledger["status"] != "ok":
        raise SystemExit(f"{csv}: {ledger['status']}: {ledger['reason']}")
    settle([Source(ledger, records / "records.parquet")], out, owners={}, channels={})
    return {"rows": _count(out / "events.parquet")}


def law(_: Path, out: Path) -> Answer:
    """The law tables beside the contacts; not timed, since they take as long for ten rows as for ten million."""
    from collectaudit.regimes import load_regimes, select, write_law

    write_law(select(load_regimes(), "cn", REGIMES), out)
    return {}


def scan(run: Path, _: Path) -> Answer:
    """One pass over the columns that rules read, every value decoded: the yardstick of judging."""
    with duckdb.connect() as con:
        columns = ", ".join(f"last({column})" for column in COLUMNS)
        con.execute(f"SELECT {columns} FROM '{run / 'events.parquet'}'").fetchall()
    return {}


def judge(run: Path, _: Path) -> Answer:
    """collectaudit's audit: all built-in rules, findings and evidence written."""
    from collectaudit.findings import judge as judge_run
    from collectaudit.rules import load_rules

    judge_run(run, load_rules(), explicit=frozenset(REGIMES), threads=None)
    return {"findings": _per_provision(run)}


def one_regime(run: Path, out: Path) -> Answer:
    """All built-in rules, by one regime that limits hours, calls and third parties."""
    return _judged_by(run, out, ("cn.gbt45251",))


def every_regime(run: Path, out: Path) -> Answer:
    """The same contacts, by every Chinese regime."""
    from collectaudit.regimes import load_regimes, select

    return _judged_by(run, out, [regime.id for regime in select(load_regimes(), "cn", ())])


def _judged_by(run: Path, out: Path, regimes: Sequence[str]) -> Answer:
    """The contacts of a run beside another law; what is timed beside judging, links and small files, is little."""
    from collectaudit.findings import judge as judge_run
    from collectaudit.regimes import load_regimes, select, write_law
    from collectaudit.rules import load_rules

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    for table in ("events", "utterances", "parties", "case_facts", "sources"):
        (out / f"{table}.parquet").hardlink_to(run / f"{table}.parquet")
    write_law(select(load_regimes(), "cn", regimes), out)
    judge_run(out, load_rules(), explicit=frozenset(regimes), threads=None)
    counted = sum(_per_provision(out).values())
    shutil.rmtree(out)
    return {"regimes": len(regimes), "counted": counted}


def whole(csv: Path, out: Path) -> Answer:
    """The command line from file to findings, the case folder with its hashes included."""
    from collectaudit.cli import main as command

    shutil.rmtree(out, ignore_errors=True)
    named = [part for regime in REGIMES for part in ("--regime", regime)]
    code = command(["audit", str(csv), "-o", str(out), *named, "--quiet"])
    if code:
        raise SystemExit(code)
    (run,) = (path for path in (out / "runs").iterdir() if path.is_dir())
    return {"rows": _count(run / "events.parquet"), "findings": _per_provision(run)}


def pandas(source: Path, _: Path) -> Answer:
    """The same questions in plain pandas, from the contacts of a run or from the file itself."""
    import pandas_audit

    calls = pandas_audit.load(source if source.suffix == ".csv" else source / "events.parquet")
    return {"rows": len(calls), "findings": pandas_audit.audit(calls)}


def copied(run: Path, out: Path) -> Answer:
    """What judging wrote, read and written once more: it cannot take less than that."""
    with duckdb.connect(config={"memory_limit": "2GB"}) as con:
        for table in ("findings", "evidence"):
            con.execute(f"COPY (FROM '{run / f'{table}.parquet'}') TO '{out}' {_WRITTEN}")
    return {}


def queries(run: Path, _: Path) -> Answer:
    """The same questions as a query each in plain DuckDB."""
    import duckdb_audit

    return {"findings": duckdb_audit.audit(run / "events.parquet")}


def _count(parquet: Path) -> int:
    found = duckdb.execute(f"SELECT count(*) FROM '{parquet}'").fetchone()
    return int(found[0]) if found else 0


def _per_provision(run: Path) -> dict[str, int]:
    """How many findings each rule has under each provision, the date left out."""
    sql = (
        "SELECT rule_id || ' ' || split_part(provision_id, '@', 1), count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 1"
    )
    return dict(duckdb.execute(sql, [str(run / "findings.parquet")]).fetchall())


TASKS: dict[str, Callable[[Path, Path], Answer]] = {
    "raw-copy": raw_copy, "ingest": ingest, "law": law, "scan": scan, "judge": judge, "pandas": pandas, "whole": whole,
    "queries": queries, "by-hand": by_hand, "copied": copied,
    "one-regime": one_regime, "every-regime": every_regime,
}  # fmt: skip


def main() -> None:
    """Run one task."""
    name, source, out = sys.argv[1:]
    answer = TASKS[name](Path(source), Path(out))
    Path(f"{out}.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
