"""What has been put into a case: what each file was recognised as, how much was read, what is wrong or missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from .containers import WHYS
from .evidence.store import containers
from .intake import needs_map
from .keeping import whole
from .owning import named
from .reading import ASIDE
from .sources._map import READ_AS, load_map, shipped
from .times import DOUBT, said_by_custom

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50  # of rejects on a page
GOOD_SET = ("calls", "messages", "bill", "recordings", "contacts")
CUT = "a spreadsheet has cut the number short: "
_BILLS = ("cn_carrier_calls", "cn_carrier_sms", "us_att", "us_att_messages", "us_verizon", "us_tmobile")
_HEAD = 512
_TIMED = ("events", "recordings", "transcripts")
_NOBODY = "no reader knows this kind of file"
# What a file that no reader knows begins with, and what people call such a file.
_KNOWN_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "picture"), (b"\x89PNG", "picture"), (b"GIF8", "picture"),
    (b"SQLite format 3\0", "database"), (b"bplist", "database"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "rar"),
    (b"PK\x03\x04", "document"),
)  # fmt: skip
CODES = (
    "columns", "cut", "rejects", "partial", "rejected", "dates", "unrecognised", "empty", "note", "gb18030",
    *dict.fromkeys(kind for _, kind in _KNOWN_HEADS), *(f"shut_{why}" for why in WHYS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a file that a person should know: one of CODES, which the catalogue says, with its remedy."""

    code: str
    args: Mapping[str, Any] = field(default_factory=dict)


def arrivals(case: "Case") -> list[Row]:
    """Every file: sha256, name, size_bytes, status, read_as, title_en, title_zh, kind, encoding, records, events,
    rejects, first_at, last_at, channels, owner, owner_basis (declared · export), asks_owner, asks_order, time_zone,
    containers (as in custody), whole (keeping.whole), judged, problems.

    Those with problems come first, what is only kept comes last. status `waiting`: nothing has been read yet.
    asks_owner: of a phone, and nobody has said of which. time_zone: of its times that have none; None if it has no
    records of contacts. asks_order: a date of it that could be one of two days, None if there is none.
    """
    read = {ledger["sha256"]: ledger for ledger in case.ledgers()}
    judged = {row["sha256"] for row in case.query("SELECT sha256 FROM sources")} if case.run() else set()
    rows = [_row(case, sha256, name, size, read.get(sha256)) for sha256, name, size in case.kept()]
    of_use = {one["sha256"] for row in rows if row["records"] for one in row["containers"]}
    for row in rows:
        row["judged"] = row["sha256"] in judged
        within = {one["sha256"] for one in row["containers"]}
        if row["kind"] == ASIDE and within and not within & of_use:
            row["problems"] = [_unread(case, read[row["sha256"]])]
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[bool, bool, str]:
    return not any(_bad(problem) for problem in row["problems"]), row["kind"] == ASIDE, row["name"]


def _bad(problem: Problem) -> bool:
    return problem.code not in ("note", "gb18030")


def _row(case: "Case", sha256: str, name: str, size: int, ledger: Row | None) -> Row:
    about: Row = {"sha256": sha256, "name": name, "size_bytes": size, "status": "waiting", "read_as": None,
                  "kind": None, "encoding": None, "records": 0, "events": 0, "rejects": 0, "first_at": None,
                  "last_at": None, "title_en": "", "title_zh": "", "channels": (), "time_zone": None,
                  "asks_order": None, "problems": [], "containers": containers(case.path, sha256)}  # fmt: skip
    about["whole"] = whole(name, about["containers"])
    if ledger is None:
        return about | {"owner": None, "owner_basis": None, "asks_owner": False}
    about |= {key: ledger[key] for key in ("status", "kind", "encoding", "records", "events", "rejects", "first_at",
                                           "last_at")}  # fmt: skip
    side = _recognised(case, about, ledger)
    folder = case.ledger_folder(sha256, ledger["fingerprint"])
    about["channels"], cut, doubtful = _inside(folder) if ledger["records"] else ((), 0, None)
    about |= _owner(case, about, ledger, side)
    about["time_zone"] = ledger["time_zone"] if about["events"] and about["kind"] in _TIMED else None
    about["asks_order"] = doubtful or next(filter(None, map(said_by_custom, map(str, ledger["notes"]))), None)
    about["problems"] = list(_problems(case, about, ledger, cut))
    return about


def _recognised(case: "Case", about: Row, ledger: Row) -> str | None:
    """What a table was read as, with its title; the side (phone · switch) that its map tells."""
    about["read_as"] = ASIDE if ledger["kind"] == ASIDE else ledger["parser"]
    said = next((str(note).removeprefix(READ_AS) for note in ledger["notes"] if str(note).startswith(READ_AS)), None)
    if ledger["parser"] == "database" and said:
        about["read_as"] = said
    if ledger["parser"] != "table" or said is None:
        return "phone" if ledger["kind"] == "events" else None
    path = case.keep_map(ledger["sha256"], None)
    maps = [load_map(path)] if path else list(shipped())
    found = next((one for one in maps if one.id == said), None)
    if found is None:
        return None
    about |= {"read_as": "own_map" if path else said, "title_en": found.title["en"], "title_zh": found.title["zh"]}
    return found.side


def _owner(case: "Case", about: Row, ledger: Row, side: str | None) -> Row:
    """Whose phone it is from: what a person said (the closest name counts), else what the export says."""
    declared = named(about["name"], case.options.get("owners", {}))
    phone = side == "phone" and about["kind"] == "events" and about["events"]
    owner = declared or ledger["owner_number"]
    basis = "declared" if declared else "export" if owner else None
    return {"owner": owner if phone else None, "owner_basis": basis if phone else None,
            "asks_owner": bool(phone and not owner)}  # fmt: skip


@lru_cache(maxsize=4096)
def _inside(folder: Path) -> tuple[tuple[str, ...], int, str | None]:
    """Of published records, which never change: the channels among them, how many numbers a spreadsheet has cut, and a
    date that could be one of two days.
    """
    frame, reason = pl.scan_parquet(folder / "records.parquet"), pl.col("reason")
    channels = pl.col("channel").filter(reason.is_null()).drop_nulls().unique().implode()
    doubtful = reason.str.extract(f"{DOUBT}(.*)").drop_nulls().min()
    found = frame.select(channels=channels, cut=reason.str.starts_with(CUT).sum(), doubtful=doubtful).collect()
    row = found.row(0, named=True)
    return tuple(sorted(row["channels"])), int(row["cut"] or 0), row["doubtful"]


def _problems(case: "Case", about: Row, ledger: Row, cut: int) -> Iterator[Problem]:
    if needs_map(ledger):
        yield Problem("columns")
    elif ledger["status"] == "unrecognised" or (ledger["status"] == "rejected" and not ledger["records"]):
        yield _unread(case, ledger)
    elif ledger["status"] in ("rejected", "partial"):
        asked = about["asks_order"] and "told apart" in str(ledger["reason"])
        yield Problem("dates" if asked else ledger["status"], {"why": str(ledger["reason"] or "")})
    if cut:
        yield Problem("cut", {"n": cut})
    rest = about["rejects"] - cut
    if rest and about["events"]:
        yield Problem("rejects", {"n": rest})
    for note in ledger["notes"]:
        if not str(note).startswith(READ_AS):
            yield Problem("note", {"why": str(note)})
    if str(about["encoding"]).casefold() == "gb18030" and about["events"]:
        yield Problem("gb18030")


def _unread(case: "Case", ledger: Row) -> Problem:
    """What a file is that nobody here reads, by its first bytes."""
    with case.original(ledger["sha256"]).open("rb") as file:
        head = file.read(_HEAD)
    shut = next((why for why, said in WHYS.items() if said == ledger["reason"]), None)
    if shut:
        return Problem(f"shut_{shut}")
    if not head:
        return Problem("empty")
    kind = next((kind for start, kind in _KNOWN_HEADS if head.startswith(start)), None)
    if kind is None and b"ftypheic" in head[:16]:
        kind = "picture"
    status = "unrecognised" if ledger["status"] == "ok" else str(ledger["status"])
    return Problem(kind) if kind else Problem(status, {"why": str(ledger["reason"] or _NOBODY)})


def missing(rows: Sequence[Row]) -> list[str]:
    """Of GOOD_SET what nobody has brought yet."""
    there = {kind for row in rows for kind in _kinds(row)}
    return [kind for kind in GOOD_SET if kind not in there]


def _kinds(row: Row) -> Iterator[str]:
    if row["kind"] == "events" and row["read_as"] not in _BILLS:
        yield from ({"call": "calls"}.get(channel, "messages") for channel in row["channels"])
    if row["read_as"] in _BILLS:
        yield "bill"
    if row["kind"] in ("recordings", "contacts"):
        yield row["kind"]
    if str(row["read_as"]).endswith("_contacts"):  # a database of calls and contacts
        yield "contacts"


def rejects(case: "Case", rows: Sequence[Row], number: int) -> list[Row]:
    """A page (counted from 1) of the records that could not be read: source, locator, reason, raw; in order of file."""
    skip = ROWS * (max(number, 1) - 1)
    found: list[Row] = []
    latest = {ledger["sha256"]: ledger["fingerprint"] for ledger in case.ledgers()}
    for row in (row for row in rows if row["rejects"]):
        if skip >= row["rejects"]:
            skip -= row["rejects"]
            continue
        frame = pl.scan_parquet(case.ledger_folder(row["sha256"], latest[row["sha256"]]) / "records.parquet")
        wanted = frame.filter(pl.col("reason").is_not_null()).sort("n").select("locator", "reason", "raw")
        part = wanted.slice(skip, ROWS - len(found)).collect().to_dicts()
        found += [{"source": row["name"], **one} for one in part]
        skip = 0
        if len(found) == ROWS:
            break
    return found
