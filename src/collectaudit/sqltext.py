"""The one place where our own file names become SQL text; text from data never does."""

import re
from pathlib import Path


def literal(text: str | Path) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def scan(path: Path) -> str:
    """A FROM item that reads exactly this Parquet file; DuckDB would take `[`, `*` and `?` in a name for a pattern."""
    exact = re.sub(r"([*?[])", r"[\1]", str(path))
    return f"read_parquet({literal(exact)})"
