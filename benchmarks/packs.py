"""Measures checking a case and making its book, and writes a section into benchmarks/RESULTS.md.

    python benchmarks/packs.py

`verify` of the case of 130,000 contacts beside `sha256sum` of the same files, which says less; and the evidence book of
3,000 exhibits (those of the sample, numbered on). The case is kept in benchmarks/data/ for the next time.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import dashboard  # its case, and the tests' helpers on the path

from collectaudit.report.book import volumes
from collectaudit.report.dossier import dossier
from collectaudit.sample import sample_case

HERE = Path(__file__).parent
EXHIBITS = 3_000
_SECTION = re.compile(r"\n?<!-- packs -->.*<!-- /packs -->\n", re.DOTALL)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor, those of children included."""
    begun, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - begun, sum(after[:4]) - sum(before[:4])


def checked(rows: int) -> list[tuple[str, float, float]]:
    """`verify` of the case of so many contacts, and the hashes of its files alone."""
    path = dashboard.made(rows)
    verify = [str(Path(sys.executable).with_name("collectaudit")), "verify", "-q", str(path)]
    files = [str(file) for file in sorted(path.rglob("*")) if file.is_file()]
    return [
        (f"`verify`, {rows:,} contacts", *timed(lambda: subprocess.run(verify, check=True, capture_output=True))),
        (
            f"`sha256sum` of its {len(files)} files",
            *timed(lambda: subprocess.run(["sha256sum", *files], check=True, capture_output=True)),  # noqa: S607
        ),
    ]


def book() -> tuple[str, float, float]:
    """The evidence book of many exhibits."""
    with TemporaryDirectory() as folder:
        made = dossier(sample_case(Path(folder) / "case"), "zh")
        many = [{**made.exhibits[n % len(made.exhibits)], "number": n + 1} for n in range(EXHIBITS)]
        figures = timed(lambda: volumes(replace(made, exhibits=many), {}, date(2026, 3, 14)))
    return f"evidence book, {EXHIBITS:,} exhibits", *figures


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=130_000)
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    rows = [*checked(args.rows), book()]
    about = (__doc__ or "").split("\n\n")[-1].replace("\n", " ").strip()
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · load average {os.getloadavg()[0]:.1f}"
    lines = ["<!-- packs -->", "## Checking and handing in", "", f"`benchmarks/packs.py`: {about}", when, "",
             "| what | s | CPU s |", "|---|---:|---:|"]  # fmt: skip
    lines += [f"| {what} | {wall:.2f} | {cpu:.2f} |" for what, wall, cpu in rows]
    text = "\n".join([*lines, "<!-- /packs -->", ""])
    before = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    args.out.write_text(_SECTION.sub("", before).rstrip("\n") + "\n\n" + text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
