"""Opens the SQLite database of a phone: a private copy, with what lies beside it, of which the pages are checked."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ..records import Facts, Job, Unreadable
from . import _sqliterows, companion
from ._sqlite import VALUE_BYTES, Database, Garbled, named

MAGIC = b"SQLite format 3\0"
_COLLATIONS = ("PHONEBOOK", "LOCALIZED", "UNICODE")  # Android's own; nothing here is put in order by them
_NO_SCHEMA = "SELECT 1 FROM sqlite_master WHERE coalesce(type, '') NOT IN ('table', 'index', 'view', 'trigger')"
_MESSAGES = 1000  # of the check that are looked at
# What SQLite says of pages that are not there, and of rows that break a rule of their table. Everything else means
# that pages are not in their places: then rows of one table may stand where those of another are looked for.
_TORN = re.compile(
    r"btreeInitPage\(\) returns error|invalid page number|[Uu]nable to get the page|failed to get page|never used"
)
_BROKEN_RULE = re.compile(
    r"\*\*\* in database|(?:NULL|NUMERIC|TEXT) value in|CHECK constraint|non-unique|missing from index|"
    r"wrong # of entries"
)


@contextmanager
def opened(job: Job, facts: Facts, only: tuple[str, int] | None = None) -> Iterator[Database]:
    """The database, as SQLite finds it together with what lies beside it. Raises Unreadable.

    For one row no copy is made of what may have gigabytes: the original is opened so that it cannot be written to.
    """
    path = job.work / "database"
    place = _in_place(job, path) if only else None
    if place is None:
        shutil.copyfile(job.path, path)
        _even(path)
    for added in companion.READ_WITH:
        if added in job.companions:
            shutil.copyfile(job.companions[added], Path(f"{path}{added}"))
    try:
        with closing(_connected(place or path.absolute().as_uri())) as connection:
            database = Database(connection, facts, only=only)
            if only is None:
                _check(database, job)
            database.tables = _tables(connection)
            yield database
    except sqlite3.Error as error:
        raise Unreadable(f"the database cannot be read: {error}") from error
    finally:
        for file in job.work.glob("database*"):
            file.unlink()


def _in_place(job: Job, path: Path) -> str | None:
    """Where SQLite finds the original, only to be read; None if it was cut, or a change has to be taken back.

    SQLite looks for the log of changes beside the name, so that name becomes one of the original for the while.
    """
    size, pages = _pages(job.path)
    if job.path.stat().st_size < size * pages:
        return None
    if not job.companions:
        return f"{job.path.absolute().as_uri()}?mode=ro&immutable=1"
    if "-journal" in job.companions:
        return None
    try:
        path.hardlink_to(job.path)
    except OSError:  # another disk, or one that has no such names
        return None
    return f"{path.absolute().as_uri()}?mode=ro"


def _even(path: Path) -> None:
    """Take away the piece of a page that a file which was cut ends with: SQLite would fill it up with zeros."""
    size, _ = _pages(path)
    os.truncate(path, path.stat().st_size // size * size)


def _pages(path: Path) -> tuple[int, int]:
    """Of which size its pages are, and how many it should have, as its header says."""
    with path.open("rb") as file:
        head = file.read(32)
    size = int.from_bytes(head[16:18], "big")
    return 65536 if size == 1 else size or 512, int.from_bytes(head[28:32], "big")


def _connected(place: str) -> sqlite3.Connection:
    """What a hostile schema could make SQLite do is switched off: functions in it, extensions, writing."""
    connection = sqlite3.connect(place, isolation_level=None, uri=True)
    connection.text_factory = _decoded
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
    for collation in _COLLATIONS:
        connection.create_collation(collation, lambda one, other: (one > other) - (one < other))
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    # Without this SQLite opens no database that is shorter than it should be, nor one that holds a statement of a
    # newer version; the copy is written to only where it finishes what lies beside it.
    connection.execute("PRAGMA writable_schema = ON")
    with suppress(sqlite3.DatabaseError):
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    connection.execute("PRAGMA query_only = ON")
    return connection


def _check(database: Database, job: Job) -> None:
    """Raises Unreadable where pages are not in their places; says what is missing."""
    facts, connection = database.facts, database.connection
    lost = "-wal" in job.companions and _newest_missing(job.companions["-wal"], connection)
    every = list(_faults(connection))
    said = [line for line in every if not _BROKEN_RULE.search(line)]
    if connection.execute(_NO_SCHEMA).fetchone():
        raise Unreadable("the database is damaged: its pages are not in their places (sqlite_master)")
    if misplaced := [line for line in said if not _TORN.search(line)]:
        raise Unreadable(f"the database is damaged: its pages are not in their places ({misplaced[0][:100]})")
    if not said and not job.companions and (name := _sqliterows.foreign(connection, every, _COLLATIONS)):
        raise Unreadable(f"the database is damaged: its pages are not in their places ({name[:100]})")
    if said:
        facts.status, facts.reason = "partial", f"the database is damaged: pages are missing ({said[0][:100]})"
    with job.path.open("rb") as file:
        waits = file.read(20)[18:] == b"\2\2"  # file format versions: write-ahead logging
    if waits and "-wal" not in job.companions:
        facts.notes.append(
            "the newest records may be in a file beside it, of the same name with -wal, which was not handed in"
        )
    if lost:
        facts.status = "partial"
        facts.reason = "the file beside the database (-wal) was cut or is damaged: the newest records are missing"


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    """What SQLite finds wrong with the pages, and then with the rows up to the first that cannot be read."""
    try:
        for (text,) in connection.execute(f"PRAGMA quick_check({_MESSAGES})"):
            yield from str(text).removeprefix("ok").splitlines()
    except sqlite3.OperationalError:  # an order or a function that is not known here
        return
    except sqlite3.DatabaseError as error:
        yield f"failed to get page: {error}"


def _newest_missing(wal: Path, connection: sqlite3.Connection) -> bool:
    """Whether the log of changes (a header of 32 bytes, then 24 before each page) holds any that SQLite cannot use.

    What was not finished when it was copied is not missed, nor what an earlier round of the log left behind.
    """
    size = wal.stat().st_size
    if not size:
        return False
    _, used, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    with wal.open("rb") as file:
        head = file.read(32)
        step = 24 + int.from_bytes(head[8:12], "big")
        if used <= 0 or (size - 32) % step:
            return True
        for at in range(32 + used * step, size, step):
            file.seek(at)
            frame = file.read(24)  # page, size of the database if a change ends here, two salts, two sums
            if frame[8:16] == head[16:24] and any(frame[4:8]):
                return True
    return False


def _tables(connection: sqlite3.Connection) -> dict[str, dict[str, bool]]:
    """Tables with a rowid, and of their columns whether they are for text; no views, no tables that call code."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite@_%' ESCAPE '@'"
    )
    found: dict[str, dict[str, bool]] = {}
    for (name,) in connection.execute(sql).fetchall():
        with suppress(sqlite3.OperationalError):  # no rowid, or a definition that is not read
            connection.execute(f"SELECT rowid FROM {named(name)} LIMIT 0")  # noqa: S608
            columns = connection.execute(f"PRAGMA table_info({named(name)})").fetchall()
            if not any(_hides_rowid(*column) for column in columns):
                texts = {str(column[1]).casefold(): _for_text(column[2]) for column in columns}
                found[str(name).casefold()] = {"rowid": False, **texts}
    return found


def _hides_rowid(_: int, name: str, kind: str, __: int, ___: str | None, key: int) -> bool:
    """Whether `rowid` means this column, and it is not what SQLite itself counts."""
    return name.casefold() == "rowid" and not (key == 1 and kind.upper() == "INTEGER")


def _decoded(text: bytes) -> str:
    """Half a surrogate pair, which programs leave where they cut a text, becomes U+FFFD; zeros are no characters."""
    try:
        return Garbled(text.decode("utf-8")) if b"\0" in text[:-1] else text.decode("utf-8")
    except UnicodeDecodeError:
        with suppress(UnicodeDecodeError):
            return text.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return Garbled(text.decode("utf-8", "replace"))


def _for_text(kind: str) -> bool:
    """By the rules of https://www.sqlite.org/datatype3.html#determination_of_column_affinity."""
    return "INT" not in kind.upper() and any(word in kind.upper() for word in ("CHAR", "CLOB", "TEXT"))
