"""Cases made once for many tests: the sample, and one of any size (for benchmarks too), judged by the real audit."""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.sample import sample_case

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
    return _once(factory, "big", big_case)


def sample_copy(factory: "pytest.TempPathFactory", out: Path) -> Case:
    """What `sample_case` makes, at `out` and the caller's own; it is made once for all processes of a test run."""
    return copied(factory, "sample", sample_case, out)


def copied(factory: "pytest.TempPathFactory", name: str, make: Callable[[Path], object], out: Path) -> Case:
    """The case that `make` makes at a path, at `out` and the caller's own; made once for all processes of a run."""
    shutil.copytree(_once(factory, name, make), out)
    return Case.open(out)


def made_once(root: Path, name: str, make: Callable[[Path], object]) -> None:
    """Into `root`, the tmp_path of a test, what `make` makes in a folder; made once for all tests of this process."""
    once = root.parent / f"made-{name}"
    if not once.exists():
        once.mkdir()
        make(once)
    shutil.copytree(once, root, dirs_exist_ok=True)


def _once(factory: "pytest.TempPathFactory", name: str, make: Callable[[Path], object]) -> Path:
    base = factory.getbasetemp()
    home = (base.parent if base.name.startswith("popen-") else base) / f"made-{name}"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "made").exists():
            make(home / "cases" / name)
            (home / "made").touch()
    return home / "cases" / name
