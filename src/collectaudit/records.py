"""What a parser yields: records and rejects, as text; typing them is the next room's work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RAW_LIMIT = 2000

RAW_FIELDS = (
    "kind", "channel", "direction", "own", "other", "caller", "callee", "collector",
    "date", "time", "epoch_ms", "offset", "duration", "outcome", "body", "name",
    "account", "agent", "agency", "lender", "role", "relation", "days_past_due", "recording", "call",
    "organisation", "number", "fact", "party", "from_at", "until_at", "value", "note",
    "start_s", "end_s", "speaker", "voice", "confidence", "doubtful", "engine",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source: canonical field → text as the file has it (absent or None = not given)."""

    locator: str
    fields: Mapping[str, str | None]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that could not be read, with the reason and the text found there."""

    locator: str
    reason: str
    raw: str = ""


@dataclass(slots=True)
class Facts:
    """What a parser learned about its file while reading it; `year` and `month` date rows that lack a year."""

    parser: str
    kind: str = "events"
    encoding: str | None = None
    declared: int | None = None
    owner_number: str | None = None
    time_zone: str | None = None
    year: int | None = None
    month: int | None = None
    status: str = "ok"
    reason: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read: a read-only original, its (hostile) display name, and a private empty folder to work in.

    `time_zone`: of civil times for which the file names none. `region`: of the case, as two letters. `order`: which of
    day and month a person said comes first in this file (`dmy`, `mdy`).
    `companions`: the files that SQLite writes beside a database, by what their names add to its (`-wal`); beside
    such a file its database, by "".
    """

    path: Path
    name: str
    work: Path
    map_file: Path | None = None
    time_zone: str = "UTC"
    region: str = "CN"
    order: str | None = None
    companions: Mapping[str, Path] = field(default_factory=dict)


class Unreadable(Exception):
    """The file, or the rest of it, cannot be read; the reason is a sentence for people."""
