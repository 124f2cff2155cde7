"""Measures collectaudit against what people would use instead, in one run, and writes benchmarks/RESULTS.md.

    python benchmarks/bench.py --rows 1000000 10000000 --repeat 1

Every contender runs in a fresh process, in turn. CPU is user and system time of the process and of all its children;
peak memory is that of the largest single process. A row whose answer differs from its yardstick's is void.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
DATA = HERE / "data"
OTHERS = "\n<!-- "  # what the other benchmarks have written begins here
VERSIONED = ("collectaudit", "duckdb", "polars", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class Contender:
    """One way of doing a job; the first of a job is what the others are measured against."""

    job: str
    label: str
    task: str
    source: str
    out: str


# {csv} is the dialler log, {run} the folder of settled contacts that `ingest` leaves behind.
LAW = "Judging by more law"
READING, JUDGING, WHOLE = "Reading: CSV to contacts", "Judging: contacts to findings", "The whole: CSV to findings"
CONTENDERS = (
    Contender(READING, "DuckDB raw COPY to Parquet (zstd)", "raw-copy", "{csv}", "{csv}.parquet"),
    Contender(READING, "collectaudit, read and settle", "ingest", "{csv}", "{run}"),
    Contender(READING, "DuckDB script for this one file, no line numbers", "by-hand", "{csv}", "{csv}.parquet"),
    Contender(JUDGING, "DuckDB, one scan of the same columns", "scan", "{run}", "{run}-scan"),
    Contender(JUDGING, "collectaudit, all rules, findings written", "judge", "{run}", "{run}-judge"),
    Contender(JUDGING, "DuckDB, these findings and evidence copied", "copied", "{run}", "{run}-copied"),
    Contender(JUDGING, "pandas script, 14 provisions, counts only", "pandas", "{run}", "{run}-pandas"),
    Contender(JUDGING, "DuckDB script, 14 queries, counts only", "queries", "{run}", "{run}-queries"),
    Contender(LAW, "collectaudit, one regime (GB/T 45251)", "one-regime", "{run}", "{run}-one"),
    Contender(LAW, "collectaudit, every Chinese regime", "every-regime", "{run}", "{run}-every"),
    Contender(WHOLE, "pandas script, 14 provisions, counts only", "pandas", "{csv}", "{csv}-pandas"),
    Contender(WHOLE, "collectaudit audit FILE -o CASE", "whole", "{csv}", "{csv}-case"),
)


@dataclass(slots=True)
class Measured:
    """What one run of a contender cost, and its answer."""

    rows: int
    job: str
    label: str
    cpu_s: float
    wall_s: float
    peak_mb: float
    answer: dict[str, object]
    load: float
    void: str = ""


def run_task(task: str, source: str, out: str) -> tuple[float, float, float, dict[str, object]]:
    """CPU seconds, wall seconds, peak megabytes and the answer of one task in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(HERE / "tasks.py"), task, source, out], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{task} {source}: ended with status {os.waitstatus_to_exitcode(status)}")
    answer = json.loads(Path(f"{out}.json").read_text(encoding="utf-8"))
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, answer


def measure(rows: int, repeat: int) -> Iterator[Measured]:
    """Every contender at one size, in turn, `repeat` times."""
    places = {"csv": str(DATA / f"dialler-{rows}.csv"), "run": str(DATA / f"run-{rows}")}
    if not Path(places["csv"]).exists():
        subprocess.run([sys.executable, str(HERE / "generate.py"), "dialler", str(rows), places["csv"]], check=True)
    for _ in range(repeat):
        for contender in CONTENDERS:
            source, out = (text.format(**places) for text in (contender.source, contender.out))
            load = os.getloadavg()[0]
            cost = run_task(contender.task, source, out)
            cpu, wall, peak, _ = cost
            print(f"{rows:>12,}  {contender.label:<44} {cpu:8.2f} CPU s {wall:8.2f} s {peak:8.0f} MB", flush=True)
            yield Measured(rows, contender.job, contender.label, *cost, load)
            if contender.task == "ingest":
                run_task("law", places["csv"], places["run"])
    shutil.rmtree(f"{places['csv']}-case")


def check(results: Sequence[Measured]) -> None:
    """Mark as void what did not give the same answer: rows read in a job, findings of every provision compared."""
    for rows in {result.rows for result in results}:
        here = [result for result in results if result.rows == rows]
        pandas = next(result.answer["findings"] for result in here if result.label.startswith("pandas"))
        for result in here:
            read, found = result.answer.get("rows", rows), result.answer.get("findings", pandas)
            if read != rows:
                result.void = f"{read:,} rows read"
            elif differing := _differing(pandas, found):
                result.void = "; ".join(differing)


def _differing(expected: object, found: object) -> list[str]:
    """The provisions whose number of findings is not the pandas script's."""
    if not isinstance(expected, dict) or not isinstance(found, dict):
        return ["no counts"]
    return [f"{key}: {found.get(key, 0):,} ≠ {n:,}" for key, n in expected.items() if found.get(key, 0) != n]


def report(results: Sequence[Measured], repeat: int) -> str:
    """RESULTS.md."""
    lines = [
        "# Benchmark results",
        "",
        "Made by `make bench`; do not edit. CPU s: user and system time of the process and all its children.",
        "Peak MB: the largest single process. ×: CPU time as a multiple of the first line of the same job and size,",
        f"measured in the same run. Median of {repeat} run(s), each in a fresh process. Data: invented, by",
        "`benchmarks/generate.py dialler`.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {_machine()} · load average ≤ {max(r.load for r in results):.1f}",
        "",
        f"Python {platform.python_version()} · " + " · ".join(f"{name} {version(name)}" for name in VERSIONED),
        "",
        "| rows | job | contender | findings | CPU s | wall s | peak MB | × |",
        "|---:|---|---|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *_table(results), "", *_counts(results), ""])


def _table(results: Sequence[Measured]) -> Iterator[str]:
    first: dict[tuple[int, str], float] = {}
    for rows, job, label in dict.fromkeys((r.rows, r.job, r.label) for r in results):
        runs = [r for r in results if (r.rows, r.job, r.label) == (rows, job, label)]
        cpu, wall = median(r.cpu_s for r in runs), median(r.wall_s for r in runs)
        yardstick = first.setdefault((rows, job), cpu)
        void = next((f" **void**: {r.void}" for r in runs if r.void), "")
        found = runs[0].answer.get("findings")
        total = f"{sum(found.values()):,}" if isinstance(found, dict) else ""
        if "counted" in runs[0].answer:
            total = f"{runs[0].answer['counted']:,}"
        cost = f"{cpu:.2f} | {wall:.2f} | {max(r.peak_mb for r in runs):.0f} | {cpu / yardstick:.2f}"
        yield f"| {rows:,} | {job} | {label}{void} | {total} | {cost} |"


def _counts(results: Sequence[Measured]) -> Iterator[str]:
    """What the contenders agreed on."""
    yield "Findings compared (equal for all contenders, or the row is void):"
    yield ""
    for rows in sorted({result.rows for result in results}):
        found = next(r.answer["findings"] for r in results if r.rows == rows and r.label.startswith("pandas"))
        counts = found.items() if isinstance(found, dict) else ()
        yield f"- {rows:,} rows: " + " · ".join(f"{key} {n:,}" for key, n in counts)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory} GB"


def main() -> None:
    """Measure every size and write RESULTS.md and results.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    results = [measured for rows in args.rows for measured in measure(rows, args.repeat)]
    check(results)
    known = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    others = known[known.index(OTHERS) :] if OTHERS in known else ""
    args.out.write_text(report(results, args.repeat) + others, encoding="utf-8")
    args.out.with_suffix(".json").write_text(
        json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1), encoding="utf-8"
    )
    print(args.out.read_text(encoding="utf-8"))
    if any(result.void for result in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
