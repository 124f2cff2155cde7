"""How much memory the engine may take; what does not fit waits on the disk, and the answer is the same."""

import os
import re
from typing import TYPE_CHECKING

from .errors import WrongUse

if TYPE_CHECKING:
    import duckdb

VARIABLE = "COLLECTAUDIT_MEMORY"
USUAL_MIB = 2048
_LEAST_MIB = 200  # with less it cannot begin what some rules ask
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B", re.IGNORECASE)
_POWERS = "KMGT"


def bound(con: "duckdb.DuckDBPyConnection", most_mib: float = float("inf")) -> None:
    """Let this connection take what COLLECTAUDIT_MEMORY says (such as 1GB); otherwise 2 GB, or 60 % of the machine's
    memory where that is less. Never more than `most_mib`. Raises WrongUse for a text that is no size, or one too small
    to work with.
    """
    con.execute(f"SET memory_limit = '{min(most_mib, _told() or _usual(con)):.0f}MiB'")


def _told() -> float | None:
    said = os.environ.get(VARIABLE, "").strip()
    if said and (_SIZE.fullmatch(said) is None or _mebibytes(said) < _LEAST_MIB):
        raise WrongUse(f"{said} is no amount of memory to work with", "Write it as COLLECTAUDIT_MEMORY=1GB.")
    return _mebibytes(said) if said else None


def _usual(con: "duckdb.DuckDBPyConnection") -> float:
    """DuckDB starts with 80 % of what the machine or its container has; of that three quarters are left to us."""
    (text,) = con.execute("SELECT current_setting('memory_limit')").fetchone() or ("1 GiB",)
    return min(USUAL_MIB, _mebibytes(str(text)) * 0.75)


def _mebibytes(text: str) -> float:
    """`1GB` and `1.5 GiB`; 0 for what is no size."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return 0
    base, power = 1024 if found[3] else 1000, _POWERS.index(found[2].upper()) + 1
    return float(found[1]) * float(base**power) / (1 << 20)
