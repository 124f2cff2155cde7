"""A judged run cut into parts by account, as it would be for many machines; and who kills a worker in mid-case."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import duckdb
from situations import fact, heard, invented_law, judged, law_tables, prepared, records, rows, sections, shipped

from collectaudit.batch import Item, Row, audit_one
from collectaudit.runs import scan
from collectaudit.sqltext import literal

# A part has the contacts and facts of its accounts, and what belongs to no account; all else is the same for each.
OF_EVENTS = ("events", "utterances", "signals")


def every_situation(run: Path) -> list[str]:
    """A judged run with the situations of all rules, each account of each rule one of its own; those accounts."""
    contacts: list[dict[str, str]] = []
    facts: list[dict[str, str]] = []
    for rule in sorted(shipped()):
        for table, found in (("contacts", contacts), ("facts", facts)):
            for row in sections(rule).get(table, []):
                account = row.get("account", "-")
                found.append({**row, "account": account if account == "-" else f"{rule} {account}"})
    judged(prepared(run, records(contacts), [fact(row) for row in facts], (), heard(contacts)))
    return sorted({row["account"] for row in contacts} - {"-"})


def cut(run: Path, accounts: Sequence[str], part: Path) -> Path:
    """The part of a run that holds these accounts; not judged yet."""
    part.mkdir(parents=True)
    for name, content in law_tables(invented_law()).items():
        (part / name).write_bytes(content)
    for name in ("sources", "patterns"):
        (part / f"{name}.parquet").write_bytes((run / f"{name}.parquet").read_bytes())
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("CREATE TABLE mine AS SELECT unnest(?) AS account", [list(accounts)])
        con.execute(f"CREATE VIEW every AS FROM {scan(run / 'events.parquet')}")
        con.execute(
            "CREATE TABLE ids AS SELECT event_id FROM every WHERE account_id IS NULL OR account_id IN (FROM mine)"
        )
        for name in OF_EVENTS:
            taken = f"FROM {scan(run / f'{name}.parquet')} WHERE event_id IN (FROM ids)"
            con.execute(f"COPY ({taken}) TO {literal(part / f'{name}.parquet')}")
        taken = f"FROM {scan(run / 'case_facts.parquet')} WHERE account IS NULL OR account IN (FROM mine)"
        con.execute(f"COPY ({taken}) TO {literal(part / 'case_facts.parquet')}")
    return part


def found_in(runs: Sequence[Path], table: str) -> list[str]:
    """The rows of a table of these runs taken together; the same row twice is one."""
    return sorted({repr(sorted(row.items())) for run in runs for row in rows(run, table)})


def judge_part(part: Path) -> str:
    """Judge a part, in whatever process."""
    judged(part)
    return part.name


def either(item: object) -> Row | str:
    """For one Ray: a case, or a part of a run."""
    if isinstance(item, Path):
        return judge_part(item)
    assert isinstance(item, Item), item
    return audit_one(item)


@contextmanager
def killer(case: Path) -> Iterator[list[int]]:
    """SIGKILL for the first process that works on the case, in the midst of it; its number."""
    killed: list[int] = []
    done = Event()

    def watch() -> None:
        while not killed and not done.wait(0.005):
            with suppress(OSError, ValueError, IndexError):
                holder = int((case / "lock").read_text(encoding="utf-8").splitlines()[0])
                if holder != os.getpid() and any((case / "originals").iterdir()):
                    os.kill(holder, signal.SIGKILL)
                    killed.append(holder)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        done.set()
        thread.join()


def dies_once(marker: Path) -> str:
    """Work that kills its worker the first time."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def dies(_: object) -> None:
    """Work that kills each of its workers."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def fails(_: object) -> None:
    """Work with a fault."""
    raise KeyError("fault")
