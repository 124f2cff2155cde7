"""Measures the dashboard on many cases: their overview in a browser, and what each query of one of them costs.

    python benchmarks/portfolio.py --cases 200 --rows 10000000

One log of an invented dialler, cut by account as docs/cluster.md says, each part audited as a case by `batch`. The
overview is opened in a browser with nothing cached, from a server that has not looked at any case yet; then again. Of
each page of one case: how many queries it asks, and the processor time of the dearest. Needs Chromium; the cases stay
in benchmarks/data/ for the next time.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from dashboard import opened  # which makes the tests' browser known

from appkit import PAGES, chromium, page, served  # isort: skip

from collectaudit import listing, serve
from collectaudit.asking import Asking
from collectaudit.case import Case
from collectaudit.caseload import audit_folder
from collectaudit.desk import Desk

HERE = Path(__file__).parent
_BEGIN, _END = "<!-- portfolio -->", "<!-- /portfolio -->"
_CUT = """
COPY (SELECT *, hash("案件编号") % {cases} AS part FROM read_csv('{log}', all_varchar = true))
TO '{parts}' (FORMAT csv, PARTITION_BY (part), OVERWRITE_OR_IGNORE)
"""


def made(cases: int, rows: int) -> Path:
    """The folder of the cases, made at the first time."""
    out = HERE / "data" / "portfolio" / f"{cases}-of-{rows}"
    if not (out / "cases.parquet").exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".log-") as name:
            log, parts = Path(name, "dialler.csv"), Path(name, "parts")
            subprocess.run([sys.executable, str(HERE / "generate.py"), "dialler", str(rows), str(log)], check=True)
            duckdb.execute(_CUT.format(cases=cases, log=log, parts=parts))
            audit_folder(parts, out)
    return out


def overview(folder: Path) -> tuple[float, float, float]:
    """Of all cases: seconds until it is drawn for the first time, the server's processor time for it, and seconds when
    it is opened again."""
    with TemporaryDirectory() as home, served(Path(home), str(folder), lang="en") as server, chromium() as browser:
        with opened(browser, server.at("about?lang=en")):  # the server's own first time is not that of a page
            pass
        before = _cpu(server.process.pid)
        with opened(browser, server.at("overview?lang=en&way=inspect")) as (shown, _, cold):
            if shown.locator("tr.link").count() < 2:
                raise SystemExit("the overview lists no cases")
            used = _cpu(server.process.pid) - before
        with opened(browser, server.at("overview?lang=en&way=inspect")) as (_, _, again):
            return cold, used, again


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def queries(folder: Path) -> Iterator[tuple[str, int, float]]:
    """Of each page of the first case: its name, how many queries it asks, CPU seconds of the dearest. The case is open
    already, and nothing was asked of it."""
    case = Case.open(min(folder.glob("*/case.json")).parent)
    serve.begin(Desk(folder), "en")
    about = serve.desk().cases()[0]
    finding = listing.page(case, listing.Wanted({}), 1, "en")[0]["finding_id"]
    account = next(iter(listing.facets(case, listing.Wanted({}))["account"]))
    for name in PAGES:
        serve.begin(Desk(folder), "en")
        serve.desk().case(about["key"]).query("SELECT 1")
        with watched() as costs:
            page(name, "en", case=about["key"], way="inspect", finding=finding, account=account)
        yield name, len(costs), max(costs, default=0.0)


@contextmanager
def watched() -> Iterator[list[float]]:
    """The processor seconds of each query that is asked of a case meanwhile; an answer that is known costs none."""
    asked, costs = Asking._asked, []

    def timed(self: Asking, *question: Any) -> Any:
        before = time.process_time()
        found = asked(self, *question)
        costs.append(time.process_time() - before)
        return found

    Asking._asked = timed  # type: ignore[assignment,method-assign]
    try:
        yield costs
    finally:
        Asking._asked = asked  # type: ignore[method-assign]


def section(folder: Path, cases: int, rows: int, repeat: int) -> str:
    """The part of RESULTS.md, between its marks."""
    load = os.getloadavg()[0]
    cold, used, again = (median(times) for times in zip(*(overview(folder) for _ in range(repeat)), strict=True))
    lines = [
        _BEGIN, "## Many cases", "",
        f"`benchmarks/portfolio.py`: {rows:,} contacts in {cases} cases, all Chinese regimes. The overview of the",
        f"cases, in a browser and from a server that know nothing yet: {cold:.2f} s, {used:.2f} CPU s of the server;",
        f"opened again {again:.2f} s (it lists a part of them at a time). Medians of {repeat}. Below, each page of one",
        "of the cases, and the processor time of its dearest query.",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · load average {load:.1f}", "",
        "| page | queries | dearest, CPU ms |", "|---|---:|---:|",
    ]  # fmt: skip
    lines += [f"| {name} | {count} | {dearest * 1000:.0f} |" for name, count, dearest in queries(folder)]
    return "\n".join([*lines, _END, ""])


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="how often the overview is opened")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    block = section(made(args.cases, args.rows), args.cases, args.rows, args.repeat)
    before, _, rest = args.out.read_text(encoding="utf-8").partition(_BEGIN)
    args.out.write_text(before.rstrip("\n") + "\n\n" + block + rest.partition(_END)[2].lstrip("\n"), encoding="utf-8")
    print(block)


if __name__ == "__main__":
    main()
