"""Measures how much memory each command takes on one large case, and writes a section into benchmarks/RESULTS.md.

    python benchmarks/memory.py --rows 1000000 --limits usual 1GB
    python benchmarks/memory.py --rows 100000000 --limits 1GB --at /large/disk

Counted every 0.1 s: the memory of the command and of all processes that it starts, as the system counts it, pages of
files that they look into included. What was measured at another size or limit stays in the table, with its day.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import duckdb

HERE = Path(__file__).parent
BEGIN, END = "<!-- memory -->", "<!-- /memory -->"
USUAL, VARIABLE = "usual", "COLLECTAUDIT_MEMORY"
OFTEN_S = 0.1
COMMAND = (sys.executable, "-c", "import sys; from collectaudit.cli import main; sys.exit(main())")
# {log}: the dialler log; {case}: its case; {many}: a folder with the log as one case; {out}: an empty folder;
# {account}, {finding}: one of them. The audit makes the case that the others look at.
COMMANDS = (
    "inspect {log}", "audit {log} -o {case}", "status {case}", "show {case}", "show {case} {finding}",
    "show {case} --format jsonl", "people {case}", "people {case} --suggest", "custody {case}",
    "export {case} --to {out}/findings.parquet", "export {case} --to {out}/findings.csv",
    "export {case} --to {out}/findings.jsonl", "export {case} --to {out}/case.duckdb",
    "report {case} --account {account} -o {out}/report.html",
    "pack {case} --account {account} --channel lender --list-originals -o {out}/pack",
    "review {case} {finding} confirmed", "declare {case} settled --account {account} --from 2026-02-01",
    "audit -o {case}", "verify {case}", "verify {case} --deep", "batch {many} -o {out}/audited --reference",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """A command: how it ended, CPU and other seconds, megabytes of its largest process and of all together."""

    code: int
    cpu_s: float
    wall_s: float
    largest_mb: float
    all_mb: float
    load: float


def measured(arguments: Sequence[str], limit: str) -> Cost:
    """Run a command to its end."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {} if limit == USUAL else {VARIABLE: limit}
    load, used, begun = os.getloadavg()[0], getrusage(RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen([*COMMAND, *arguments], env=environment, stdout=subprocess.DEVNULL)
    largest = together = 0
    while process.poll() is None:
        sizes = list(_memory_of(process.pid))
        largest, together = max([largest, *(most for _, most in sizes)]), max(together, sum(now for now, _ in sizes))
        time.sleep(OFTEN_S)
    after = getrusage(RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    wall_s, together = time.perf_counter() - begun, max(largest, together)
    return Cost(process.returncode, cpu_s, wall_s, largest / 1024, together / 1024, load)


def _memory_of(root: int) -> Iterator[tuple[int, int]]:
    """Kilobytes now and at most so far, of a process and of all below it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        if text := _read(path):
            children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    todo = [root]
    while todo:
        process = todo.pop()
        todo += children.get(process, [])
        told = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", _read(Path(f"/proc/{process}/status")), re.MULTILINE))
        if told:
            yield int(told["VmRSS"]), int(told["VmHWM"])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended
        return ""


def lines(rows: int, limit: str, at: Path) -> Iterator[str]:
    """A line of the table for each command, over a case of so many contacts that is made for it."""
    log, case, out = at / f"dialler-{rows}.csv", at / f"memory-{rows}", at / f"memory-{rows}-out"
    if not log.exists():
        subprocess.run([sys.executable, str(HERE / "generate.py"), "dialler", str(rows), str(log)], check=True)
    places = {"log": str(log), "case": str(case), "out": str(out), "many": str(out / "many")}
    shutil.rmtree(case, ignore_errors=True)
    for command in COMMANDS:
        shutil.rmtree(out, ignore_errors=True)
        (out / "many" / "one").mkdir(parents=True)
        (out / "many" / "one" / log.name).hardlink_to(log)
        if "{finding}" in command or "{account}" in command:
            places |= _one_of(case)
        cost = measured([part.format(**places) for part in command.split()], limit)
        ended = "" if cost.code == 0 else f" **exit {cost.code}**"
        numbers = (
            f"{cost.largest_mb:,.0f} | {cost.all_mb:,.0f} | {cost.cpu_s:.1f} | {cost.wall_s:.1f} | {cost.load:.1f}"
        )
        yield f"| {rows:,} | {limit} | `{_shown(command)}`{ended} | {numbers} | {datetime.now(UTC):%Y-%m-%d} |"
    shutil.rmtree(out)
    shutil.rmtree(case)


def _shown(command: str) -> str:
    """As a person would write it: what stands in braces in capitals, or, of our folder, nothing."""
    return re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), command.replace("{out}/", ""))


def _one_of(case: Path) -> dict[str, str]:
    findings = next(case.glob("runs/*/findings.parquet"))
    sql = "SELECT finding_id, account FROM read_parquet(?) ORDER BY finding_id LIMIT 1"
    found = duckdb.execute(sql, [str(findings)]).fetchone() or ("", "")
    return {"finding": str(found[0]), "account": str(found[1])}


def section(kept: Sequence[str], new: Sequence[str]) -> str:
    """The part of RESULTS.md, between its marks."""
    return "\n".join([BEGIN, *_HEAD, *kept, *new, END, ""])


_HEAD = (
    "## Memory", "",
    "`benchmarks/memory.py`: the commands on one case of a dialler's log, judged by all Chinese regimes. Limit: what",
    f"the engine was told it may take, by `{VARIABLE}`; usual: nothing was said. MB: at most at any moment, of the",
    "largest process and of all together, pages of files that they look into included. Load: the machine's before.", "",
    "| contacts | limit | command | largest, MB | all, MB | CPU s | wall s | load | day |",
    "|---:|---|---|---:|---:|---:|---:|---:|---|",
)  # fmt: skip


def main() -> None:
    """Measure, and write after each command: what was measured stays, should the rest take too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--limits", nargs="+", default=[USUAL, "1GB"])
    parser.add_argument("--at", type=Path, default=HERE / "data", help="a folder with room for eight times the log")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    args.at.mkdir(exist_ok=True)
    for rows in args.rows:
        for limit in args.limits:
            text = args.out.read_text(encoding="utf-8")
            before, _, rest = text.partition(BEGIN)
            block, _, after = rest.partition(END + "\n")
            same = f"| {rows:,} | {limit} |"
            kept = [row for row in block.splitlines() if row[:3].strip("| ").isdigit() and not row.startswith(same)]
            new: list[str] = []
            for row in lines(rows, limit, args.at):
                print(row, flush=True)
                new.append(row)
                args.out.write_text(before.rstrip("\n") + "\n\n" + section(kept, new) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
