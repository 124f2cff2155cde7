"""A person says what the columns of an unknown table are: it becomes a column map, checked and remembered."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .audit import task_for
from .case import Case
from .errors import WrongUse
from .intake import needs_map, try_maps
from .isolate import ChildDied, run_limited
from .reading import read_into
from .records import Job, Unreadable
from .sources import table
from .sources._mapcheck import check_map
from .sources._propose import quoted

PHONE = ("date", "time", "other", "direction", "duration", "body", "name")
SWITCH = ("date", "time", "caller", "callee", "duration", "body", "account", "agency", "agent")
NEEDED = {"phone": ("date", "other", "direction"), "switch": ("date", "caller", "callee")}
CHANNELS = ("call", "sms", "im", "visit")
SIDES = ("phone", "switch")
WAYS = ("in", "out", "forwarded")
_SHOWN = 60  # letters of a cell
_KNOWN_WAYS: Mapping[str, Sequence[str]] = {
    "in": ("被叫", "呼入", "来电", "打来", "打入", "已接", "未接", "接听", "接收", "收到", "收", "incoming",
           "inbound", "in", "received", "missed"),
    "out": ("主叫", "呼出", "去电", "打去", "打出", "拨出", "已拨", "发送", "发出", "发", "outgoing",
            "outbound", "out", "sent", "dialed"),
    "forwarded": ("呼叫转移", "呼转", "转移", "forwarded"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unknown:
    """A table nobody knows: its first rows below their headers, the header that each field could be, and of columns in
    which a few words stand again and again these words: one of them may say who called whom.
    """

    headers: tuple[str, ...]
    preview: tuple[tuple[str, ...], ...]
    guesses: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


def unknown(case: Case, sha256: str) -> Unknown | None:
    """Look at a table of the case, in a child process; None if it is no table after all."""
    with tempfile.TemporaryDirectory(prefix="collectaudit-") as work:
        try:
            found = run_limited(_look_here, case.original(sha256), Path(work))
        except (Unreadable, ChildDied):
            return None
    return found if isinstance(found, Unknown) else None


def _look_here(path: Path, work: Path) -> Unknown:
    found = table.propose(Job(path, path.name, work))
    where = {header: i for i, header in reversed(list(enumerate(found.header))) if header.strip()}
    headers = tuple(sorted(where, key=where.__getitem__))
    preview = tuple(tuple(_cell(row, where[header]) for header in headers) for row in found.preview)
    return Unknown(headers, preview, {guess.field: guess.header for guess in found.guesses if guess.field}, found.words)


def _cell(row: Sequence[str], i: int) -> str:
    return row[i][:_SHOWN] if i < len(row) else ""


def way_of(word: str) -> str | None:
    """Who called whom, if the word says so in a way that is known."""
    plain = word.strip().casefold()
    for way in ("forwarded", "out", "in"):
        if any(plain == known or (len(known) > 1 and plain.startswith(known)) for known in _KNOWN_WAYS[way]):
            return way
    return None


def map_text(side: str, channel: str, columns: Mapping[str, str], ways: Mapping[str, str], collector: str = "") -> str:
    """A column map: field → header, word → who called whom, and which end of a switch's log always collects.

    Raises WrongUse naming the fields that are still missing.
    """
    lacking = [name for name in NEEDED[side] if not columns.get(name)]
    if lacking:
        raise WrongUse("some columns are still to be chosen", "Choose those marked as needed.")
    used = [header for header in columns.values() if header]
    if len(set(used)) < len(used):
        raise WrongUse("one column has been chosen for two things", "Choose another column for one of them.")
    lines = ['id = "my_table"', 'kind = "events"', f'channel = "{channel}"', f'side = "{side}"']
    lines += [f'collector = "{collector}"'] if collector else []
    lines += [f"required = [{', '.join(map(quoted, NEEDED[side]))}]", "", "[title]"]
    lines += ['en = "A table described by hand"', 'zh = "由人说明各列的表格"', "", "[columns]"]
    lines += [f"{name} = [{quoted(header)}]" for name, header in columns.items() if header]
    if side == "phone":
        lines += ["", "[values.direction]", *(line for way in WAYS if (line := _said(way, ways)))]
    return "\n".join([*lines, ""])


def _said(way: str, ways: Mapping[str, str]) -> str:
    """The words that mean a direction: those of this table, and those of all tables that say nothing else here."""
    words = [word for word, meant in ways.items() if meant == way]
    words += [word for word in _KNOWN_WAYS[way] if word not in ways]
    return f"{way} = [{', '.join(map(quoted, words))}]"


def keep(case: Case, sha256: str, text: str) -> int:
    """Read the table by this map and remember it; how many records were read. Raises WrongUse if none could be."""
    with case.session("import"), case.private_folder() as folder:
        path = folder / "map.toml"
        path.write_text(text, encoding="utf-8")
        if problems := check_map(path):
            raise WrongUse(problems[0], "Choose other columns; the table shows what is in each.")
        name, size = next((name, size) for known, name, size in case.kept() if known == sha256)
        task, staged = task_for(case, sha256, name, size, path), case.staging()
        ledger = read_into(task, case.original(sha256), staged)
        if not ledger["events"]:
            raise WrongUse("no row can be read in this way", "Choose other columns; the table shows what is in each.")
        case.keep_map(sha256, path)
        case.add_ledger(staged, ledger)
        for other in [ledger for ledger in case.ledgers() if needs_map(ledger)]:
            try_maps(case, task_for(case, other["sha256"], other["name"], other["size_bytes"]))
    return int(str(ledger["events"]))
