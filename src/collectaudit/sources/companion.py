"""Files that SQLite writes beside a database: what was not yet moved into it (`-wal`), or what it was before a change
that was not finished (`-journal`). They are read together with the database and hold no records of their own.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from ..records import Facts, Job, Record, Reject

NAME = "companion"

READ_WITH = ("-wal", "-journal")  # SQLite makes the third, -shm, anew
_ADDED = (*READ_WITH, "-shm")
_WAL = (
    b"\x37\x7f\x06\x82",
    b"\x37\x7f\x06\x83",
)  # WAL header magic, https://www.sqlite.org/fileformat2.html#the_write_ahead_log
_JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"  # header of a rollback journal, as on the same page
_USED_JOURNAL = bytes(28)  # PRAGMA journal_mode=PERSIST: the header is overwritten with zeros
_SHM = (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18")  # version 3007000 of the wal-index, in the machine's byte order


def beside(name: str) -> dict[str, str]:
    """What is added to the name of a database → the name of that file; for such a file, "" → its database's name."""
    database = next((name.removesuffix(added) for added in _ADDED if name.endswith(added)), None)
    return {"": database} if database else {added: name + added for added in READ_WITH}


def claims(head: bytes, name: str) -> bool:
    """Whether it begins as such a file. One that is not in use is empty or begins with zeros; then its name decides."""
    used = head.startswith((*_WAL, _JOURNAL)) or (head[:4] in _SHM and head[48:52] == head[:4])
    return used or (name.endswith(_ADDED) and (not head or head.startswith(_USED_JOURNAL)))


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Nothing; the facts say to which database it belongs, or that this is not there."""
    facts.kind = "companion"
    with job.path.open("rb") as file:
        head = file.read(len(_USED_JOURNAL))
    missing = beside(job.name).get("")
    if "" in job.companions:
        facts.notes.append("it belongs to a database and is read with it")
    elif head.startswith((*_WAL, _JOURNAL)):
        of = PurePosixPath(missing).name if missing else "-"
        facts.status, facts.reason = "partial", f"its database was not handed in, so it cannot be read: {of}"
    yield from ()
