"""The list that a Huawei phone's backup begins with (`info.xml`), which says whether the files beside it are encrypted.

Those that are not are databases (sms.db, calllog.db, contact.db) and are read as such.
"""

import re
from collections.abc import Iterator

from ..records import Facts, Job, Record, Reject, Unreadable
from . import _bytes

NAME = "huaweibackup"

_ROOT = re.compile(r"<info\.xml[\s>]")
_ROW = re.compile(r"<row\s+table=[\"'](?:HeaderInfo|BackupFile\w*)[\"']")
# What a password leaves: the check of the password, and for each file what it was encrypted with.
_LOCKED = re.compile(rb"name=[\"'](?:checkMsg|encMsgV3|checkMsgV3)[\"']\s*>\s*<value\s+String=[\"'][0-9A-Fa-f]{32,}")
_MOST = 16 << 20


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether it begins as such a list."""
    text = _bytes.opening(head)
    return _ROOT.search(text, 0, 1024) is not None and _ROW.search(text) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """No records; raises Unreadable if those of the backup cannot be read."""
    facts.kind = "companion"
    with job.path.open("rb") as file:
        if _LOCKED.search(file.read(_MOST)):
            raise Unreadable(
                "the backup of a Huawei phone, encrypted with its password: the files beside this list cannot be read; "
                "make it again without a password, or bring the messages and calls by SMS Backup & Restore"
            )
    facts.notes.append("the list of a Huawei phone's backup: the databases in it are read by themselves")
    yield from ()
