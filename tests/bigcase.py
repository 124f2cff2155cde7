"""A case of any size for tests and benchmarks: an invented dialler log, read and judged by the real audit."""

import fcntl
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from collectaudit.audit import audit
from collectaudit.case import Case

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[1]
# Judged by name, so that no declared fact decides which of them apply. The American one finds something in every other
# contact of an invented Chinese log, which is what makes the list long.
REGIMES = ("cn.cba2026", "cn.gbt45251", "practice", "us.regf")
ROWS = 130_000  # gives about 100,000 findings: 8 agencies, 400 seats, 5,200 accounts, 90 days


def big_case(out: Path, rows: int = ROWS) -> Case:
    """The case folder `out`, made here: `rows` calls of a dialler, about four findings for five of them."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=".log-") as folder:  # the case keeps a copy
        log = Path(folder) / "dialler.csv"
        generate = [sys.executable, str(ROOT / "benchmarks" / "generate.py"), "dialler", str(rows), str(log)]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
        return audit([log], out=out, regimes=REGIMES)


def shared_big_case(factory: "pytest.TempPathFactory") -> Path:
    """The case of 100,000 findings, made once for all processes of a test run; nobody may write into it."""
    base = factory.getbasetemp()
    home = (base.parent if base.name.startswith("popen-") else base) / "big"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "made").exists():
            big_case(home / "cases" / "big")
            (home / "made").touch()
    return home / "cases" / "big"
