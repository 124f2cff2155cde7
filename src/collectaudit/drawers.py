"""What people write into a case: people.csv, facts.csv, told.csv, custody.csv, listened.csv, reviews.csv.

The machine adds a row only if asked to. In reviews.csv and samples.csv rows are only added: they are a history. In the
others a new row takes the place of the one about the same thing.

UTF-8 with a byte order mark and commas, so that a double click opens them in a Chinese Excel; saved back by Excel as
GB18030, UTF-16 or with tabs they are still read. Columns that a person added stay, and so do their rows.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WrongUse
from .evidence import files
from .numbers import canonical
from .times import civil

PEOPLE, FACTS_FILE, LISTENED, REVIEWS = "people.csv", "facts.csv", "listened.csv", "reviews.csv"
TOLD = "told.csv"  # contacts that no record shows
CUSTODY = "custody.csv"  # how each original came here
SAMPLES = "samples.csv"  # findings drawn to be judged blind
COMPLAINT = "complaint.toml"  # no table: what a person says of their complaint
COLUMNS: Mapping[str, tuple[str, ...]] = {
    PEOPLE: ("number", "role", "name", "organisation", "account", "lender", "relation", "note"),
    FACTS_FILE: ("account", "party", "fact", "from_at", "until_at", "value", "note"),
    TOLD: (
        "at",
        "channel",
        "number",
        "who",
        "contacted",
        "role",
        "outcome",
        "said",
        "account",
        "note",
        "by",
        "told_at",
    ),
    LISTENED: ("utterance_id", "text", "note", "by", "at"),
    CUSTODY: (
        "sha256",
        "taken_by",
        "taken_at",
        "device",
        "app",
        "way",
        "kept_where",
        "own_call",
        "note",
        "by",
        "at",
    ),
    REVIEWS: ("finding_id", "verdict", "note", "by", "at", "kind"),
    SAMPLES: ("sample", "finding_id", "rule", "seed", "by", "at"),
}
# Two rows that agree in these are about the same thing; a drawer without them cannot be read.
_KEYS = {
    PEOPLE: ("number", "account"), FACTS_FILE: ("account", "party", "fact", "from_at"), LISTENED: ("utterance_id",),
    CUSTODY: ("sha256",),
    REVIEWS: ("finding_id",), SAMPLES: ("sample", "finding_id"),
    TOLD: ("at", "channel", "number", "contacted", "said"),
}  # fmt: skip
_NUMBERS = ("number", "party", "contacted")

ROLES = ("debtor", "guarantor", "collector", "family", "colleague", "reference", "lawyer", "other")
FACTS = (
    "agreed_hours", "quiet_hours_consent", "unreachable", "deceased", "incapacity", "third_party_consent", "refusal",
    "cease_request", "represented", "settled", "payment_plan", "visit_consent", "due", "product", "lender_type",
    "lender", "employer_forbids",
)  # fmt: skip
CHANNELS = ("call", "sms", "im", "voicemail", "visit", "email", "letter")
ORIGIN = ("taken_by", "taken_at", "device", "app", "way", "kept_where", "own_call")  # asked of each original
UNKNOWN = "unknown"
_UNKNOWN = (UNKNOWN, "不详", "不知道", "未知")
OUTCOMES = ("connected", "unanswered")  # of a call that somebody states
VERDICTS = ("confirmed", "dismissed", "unsure")
OWN_CALL = ("yes", "no", UNKNOWN)  # whether whoever recorded a call took part in it
ORDINARY = "ordinary"  # what an empty cell of `kind` means
KINDS = (ORDINARY, "blind", "appeal", "final")
_NEEDED = {"agreed_hours": "value", "product": "value", "lender_type": "value", "lender": "value", "due": "from_at"}
_HOURS = re.compile(r"([01]?\d|2[0-3]):[0-5]\d *[-–—~至到] *(([01]?\d|2[0-3]):[0-5]\d|24:00)")
_LONGEST = 2000
_FORMULA = "=+-@|−"


def safe_cell(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula: with an apostrophe before it where that is needed."""
    for char in text:
        if char in "\t\r\n":
            return "'" + text
        if char in "' " or char.isspace() or not char.isprintable():
            continue
        return "'" + text if unicodedata.normalize("NFKC", char)[0] in _FORMULA else text
    return text


def plain_cell(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell[1:] if cell.startswith("'") and safe_cell(cell[1:]) == cell else cell


def word(text: str, known: Sequence[str], what: str) -> str:
    """`text` if it is one of the known words; raises WrongUse with the nearest one."""
    if text in known:
        return text
    near = difflib.get_close_matches(text, known, 1, 0.5)
    every = ", ".join(known)
    fix = f"Did you mean {near[0]}? Known: {every}." if near else f"Known: {every}."
    raise WrongUse(f"{files.shown(text)} is not a {what}", fix)


def person(number: str, role: str | None, about: Mapping[str, str | None]) -> dict[str, str]:
    """A row of people.csv, checked; what is None stays as it was, but for the role: without one the row goes."""
    row = _row(PEOPLE, {"number": number, "role": "" if role is None else word(role, ROLES, "role"), **about})
    if not canonical(row["number"]):
        raise WrongUse("a number is needed to say who is who")
    return row


def fact(name: str, about: Mapping[str, str | None]) -> dict[str, str]:
    """A row of facts.csv, checked: times are civil times of the case, `until_at` is the first moment after."""
    row = _row(FACTS_FILE, {"fact": word(name, FACTS, "fact"), **about})
    row |= {key: _moment(key, row[key]) for key in ("from_at", "until_at") if row.get(key)}
    needed = _NEEDED.get(name)
    if needed and not row.get(needed):
        raise WrongUse(f"the fact {name} needs {needed}", "See `collectaudit declare --help`.")
    if name == "agreed_hours" and not _HOURS.fullmatch(row["value"]):
        raise WrongUse(f"{files.shown(row['value'])} are not hours", "Write them as 09:00-18:00.")
    since, until = row.get("from_at"), row.get("until_at")
    if since and until and until <= since:
        raise WrongUse(f"until_at {until} is not after from_at {since}")
    return row


def told(about: Mapping[str, str | None]) -> dict[str, str]:
    """A row of told.csv, checked: at (a civil time of the case, or only its day), channel, contacted, and what else."""
    row = {"role": "debtor", **_row(TOLD, {name: text for name, text in about.items() if text})}
    row["at"] = _moment("at", row.get("at", ""))
    word(row.get("channel", ""), CHANNELS, "channel")
    word(row["role"], [role for role in ROLES if role != "collector"], "role of somebody contacted")
    if "outcome" in row:
        word(row["outcome"], OUTCOMES if row["channel"] == "call" else (), "outcome")
    if not canonical(row.get("contacted")):
        raise WrongUse("it is not said whom they contacted", "Give the number of whoever was called or visited.")
    return row


def heard(utterance_id: str, text: str | None, note: str | None, by: str, at: str) -> dict[str, str]:
    """A row of listened.csv, checked; an empty `text`: it is as transcribed."""
    return _row(LISTENED, {"utterance_id": utterance_id, "text": text, "note": note, "by": by, "at": at})


def origin(sha256: str, about: Mapping[str, str | None]) -> dict[str, str]:
    """A row of custody.csv, checked; what is asked and nobody knows is `unknown`, never blank."""
    row = _row(CUSTODY, {"sha256": sha256, **about})
    row |= {name: UNKNOWN for name in ORIGIN if not row.get(name) or row[name].lower() in _UNKNOWN}
    if row["taken_at"] != UNKNOWN:
        row["taken_at"] = _moment("taken_at", row["taken_at"])
    word(row["own_call"], OWN_CALL, "answer")
    return row


def verdict(finding_id: str, name: str, note: str | None, by: str, at: str, kind: str = ORDINARY) -> dict[str, str]:
    """A row of reviews.csv, checked."""
    about = {"verdict": word(name, VERDICTS, "verdict"), "kind": "" if kind == ORDINARY else word(kind, KINDS, "kind")}
    return _row(REVIEWS, {"finding_id": finding_id, "note": note, "by": by, "at": at, **about})


def drawn(sample: int, finding_id: str, rule: str, seed: str, by: str, at: str) -> dict[str, str]:
    """A row of samples.csv, checked."""
    about = {"sample": str(sample), "finding_id": finding_id, "rule": rule, "seed": seed, "by": by, "at": at}
    return _row(SAMPLES, about)


def _row(drawer: str, given: Mapping[str, str | None]) -> dict[str, str]:
    for name in given:
        word(name, COLUMNS[drawer], f"column of {drawer}")
    row = {name: text.strip() for name, text in given.items() if text is not None}
    for name, text in row.items():
        if len(text) > _LONGEST or any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
            raise WrongUse(f"{name} is too long or holds characters that cannot be written: {files.shown(text[:40])}")
    return row


def _moment(name: str, text: str) -> str:
    """A civil time in the one form that this program writes."""
    read = civil(text)
    if isinstance(read, str) or read.offset is not None:
        raise WrongUse(f"{name}: {files.shown(text)} is not a time", "Write 2025-06-01 or 2025-06-01 21:40.")
    return read.at.strftime("%Y-%m-%d" if read.precision == "day" else "%Y-%m-%d %H:%M:%S").removesuffix(":00")


@dataclass(slots=True)
class Sheet:
    """A drawer as found: its columns in order, and the cells of each row as they stand in the file."""

    columns: list[str]
    rows: list[list[str]]

    def dicts(self) -> list[dict[str, str]]:
        """Rows by column, without the apostrophes that keep spreadsheets quiet."""
        return [dict(zip(self.columns, map(plain_cell, row), strict=False)) for row in self.rows]

    def column(self, name: str) -> list[str]:
        """The cells of one column, in order; empty where a row or the whole drawer does not have it."""
        if name not in self.columns:
            return [""] * len(self.rows)
        n = self.columns.index(name)
        return [plain_cell(row[n]).strip() if n < len(row) else "" for row in self.rows]


def read(path: Path) -> Sheet:
    """A drawer; an empty one if there is no file. Raises WrongUse if a needed column is missing."""
    needed = COLUMNS[path.name]
    try:
        text = _decoded(files.read(path), path)
    except FileNotFoundError:
        return Sheet(list(needed), [])
    except files.NotAFile as problem:
        raise WrongUse(f"{files.shown(path)} {problem}") from problem
    first = text.partition("\n")[0]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=first.count)))
    except csv.Error as error:
        raise WrongUse(f"{files.shown(path)} is not a table: {error}", "Save it as CSV UTF-8.") from error
    if not rows:
        return Sheet(list(needed), [])
    columns = [name.strip().lower() for name in rows[0]]
    missing = [name for name in _KEYS[path.name] if name not in columns]
    if missing:
        raise WrongUse(
            f"{files.shown(path)}, line 1: no column {', '.join(missing)}", f"The first line is: {','.join(needed)}"
        )
    return Sheet(columns, rows[1:])


def _decoded(data: bytes, path: Path) -> str:
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for name in (codec, "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise WrongUse(f"{files.shown(path)} is neither UTF-8 nor GB18030 text", "Save it as CSV UTF-8.")


def add(path: Path, rows: Sequence[Mapping[str, str]], tmp: Path) -> int:
    """Add rows to a drawer that is a history; the number of rows then."""
    sheet = read(path)
    sheet.columns += [name for name in COLUMNS[path.name] if name not in sheet.columns]
    sheet.rows += [[safe_cell(row.get(name, "")) for name in sheet.columns] for row in rows]
    files.write_atomic(path, _encoded(sheet), tmp)
    return len(sheet.rows)


def put(path: Path, row: Mapping[str, str], tmp: Path, region: str = "CN") -> int:
    """Add a row to a drawer, or replace the one about the same thing; the number of rows then.

    A person without a role is nobody any more: their row is taken out.
    """
    sheet = read(path)
    sheet.columns += [name for name in row if name not in sheet.columns]
    key = _key(path.name, row, region)
    same = [n for n, old in enumerate(sheet.dicts()) if _key(path.name, old, region) == key]
    where = same[-1] if same else len(sheet.rows)
    kept = sheet.dicts()[where] if same else {}
    cells = [safe_cell(text) if text else "" for text in (row.get(c, kept.get(c, "")) for c in sheet.columns)]
    sheet.rows[where : where + 1] = [] if row.get("role") == "" else [cells]
    files.write_atomic(path, _encoded(sheet), tmp)
    return len(sheet.rows)


def _key(drawer: str, row: Mapping[str, Any], region: str) -> tuple[str | None, ...]:
    """What a row is about; a number is the same however it is written."""
    values = {name: str(row.get(name) or "").strip() for name in _KEYS[drawer]}
    return tuple(canonical(text, region) if name in _NUMBERS else text for name, text in values.items())


def _encoded(sheet: Sheet) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([sheet.columns, *sheet.rows])
    return out.getvalue().encode("utf-8-sig")
