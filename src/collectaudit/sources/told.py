"""What a person states of a contact that no record shows (told.csv): a visit, a call nobody recorded, a screenshot.

A statement keeps its name (locator) as long as its words stay the same, wherever it stands in the file.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

from collectaudit.drawers import plain_cell
from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _decode
from collectaudit.sources._grid import TextGrid
from collectaudit.sources._rows import shown
from collectaudit.sources._words import ValueTable, fold

NAME = "told"
_NEEDED = {"at", "channel", "contacted", "said", "told_at"}
_SEPARATORS = ",\t;"
_STATED = ("at", "channel", "number", "who", "contacted", "role", "outcome", "said", "account")
_NOBODY_KNOWS = "unknown"  # a number that was not seen is read as a hidden one
_LONGEST = 10_000  # lines of what people wrote by hand
_CHANNELS = {
    "visit": ["上门", "当面", "visit"], "sms": ["短信", "sms", "text message"], "voicemail": ["语音留言", "voicemail"],
    "im": ["微信", "即时", "聊天", "im", "chat"], "email": ["邮件", "email"], "letter": ["信函", "信件", "letter"],
    "call": ["电话", "call"],
}  # fmt: skip


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the first line names the columns of told.csv."""
    names, _ = _names(_decode.opening(head).removeprefix("\ufeff").partition("\n")[0])
    return _NEEDED.issubset(names)


def _names(line: str) -> tuple[list[str], str]:
    """The columns of a first line, and what stands between them."""
    separator = max(_SEPARATORS, key=line.count)
    return [cell.strip().strip('"').casefold() for cell in line.strip().split(separator)], separator


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every statement once; a row that ends before a column that each has is a reject."""
    facts.kind = "told"
    text = _decode.open_text(job.path, job.work)
    facts.encoding = text.encoding
    first = next(_decode.physical(text))[1]
    names, separator = _names(first.decode("utf-8", "ignore"))
    width, seen = max(map(names.index, _NEEDED)) + 1, dict[str, int]()
    for n, row in enumerate(TextGrid(text, separator).rows(1, width)):
        if n == _LONGEST:
            raise Unreadable(f"more than {_LONGEST} statements; the rest is not read")
        if row.fault:
            yield Reject(row.locator, row.fault, row.raw)
        elif not any(map(str.strip, row.cells)):
            continue
        elif len(row.cells) < width:
            yield Reject(row.locator, f"the row ends before column {shown(names[width - 1])}", row.raw)
        else:
            cells = zip(names, row.cells, strict=False)
            yield _record({name: plain_cell(cell).strip() for name, cell in cells}, seen)


def _record(row: Mapping[str, str], seen: dict[str, int]) -> Record | Reject:
    """One statement: somebody of the collecting side contacts somebody."""
    raw = "\n".join(f"{name}: {cell}" for name, cell in row.items() if cell)
    stated = "\n".join(row.get(name, "") for name in _STATED)
    name = "T" + sha256(stated.encode()).hexdigest()[:12]
    seen[name] = seen.get(name, 0) + 1
    locator = name if seen[name] == 1 else f"{name}.{seen[name]}"
    channel = ValueTable(_CHANNELS).of(row["channel"])
    if channel is None:
        return Reject(locator, f"the kind of contact is not known: {row['channel'][:40]}", raw)
    outcome = fold(row.get("outcome", "")) or ("connected" if channel == "call" else "")
    fields = {
        "channel": channel, "collector": "caller", "caller": row.get("number") or _NOBODY_KNOWS,
        "callee": row["contacted"], "role": row.get("role"), "date": row["at"], "outcome": outcome,
        "body": row["said"], "agent": row.get("who"), "account": row.get("account"),
    }  # fmt: skip
    return Record(locator, {key: value or None for key, value in fields.items()}, raw)
