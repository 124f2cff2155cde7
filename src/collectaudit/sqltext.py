"""The one place where our own names become SQL text; text from data never does."""

from pathlib import Path


def literal(text: str | Path) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"
