"""Invented SMS backups for the tests, and the reader's answer to them in comparable form."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import smsbackup

DATA = Path(__file__).parent / "data" / "smsbackup"

Rows = list[Record | Reject]
Read = Callable[[bytes], tuple[Rows, Facts]]


def read_file(path: Path) -> tuple[Rows, Facts]:
    facts = Facts(smsbackup.NAME)
    return list(smsbackup.read(Job(path, path.name, path.parent), facts)), facts


def reader(path: Path) -> Read:
    """A function that reads bytes as the file at `path`."""

    def read_bytes(data: bytes) -> tuple[Rows, Facts]:
        path.write_bytes(data)
        return read_file(path)

    return read_bytes


def plain(rows: Rows) -> list[dict[str, Any]]:
    return [
        {"locator": row.locator, "fields": dict(row.fields)}
        if isinstance(row, Record)
        else {"locator": row.locator, "reason": row.reason}
        for row in rows
    ]


def bodies(rows: Rows) -> list[str | None]:
    """The text of each record, the word `reject` for a reject."""
    return [row.fields["body"] if isinstance(row, Record) else "reject" for row in rows]


def sms(body: str = "hello", **columns: str) -> str:
    """An invented received message."""
    columns = {"address": "13800138000", "date": "1712310022000", "type": "1", "body": body, "status": "-1"} | columns
    return "<sms " + " ".join(f"{column}={quoteattr(value)}" for column, value in columns.items()) + " />"


def backup(*elements: str, count: int | None = None, prolog: str = "<?xml version='1.0' encoding='UTF-8'?>\n") -> str:
    return (
        f'{prolog}<smses count="{len(elements) if count is None else count}">\n' + "\n".join(elements) + "\n</smses>\n"
    )
