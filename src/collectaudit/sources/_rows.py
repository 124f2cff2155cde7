"""Rows below a header become records: the map says which cell is what, and what a word in it means."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from collectaudit.records import Record, Reject
from collectaudit.sources._grid import Row
from collectaudit.sources._header import Layout, best, layouts, unlike
from collectaudit.sources._map import ColumnMap
from collectaudit.sources._mapcheck import VOCABULARY
from collectaudit.sources._switch import Clock, finish, reckoned, started
from collectaudit.sources._words import ValueTable, fold, fold_header

_TOTAL = re.compile(r"(?:合计|总计|小计|共计|累计|总和|本页合|sum\b|(?:sub|grand )?total\b)")
_NOTE = re.compile(
    r"[*※]|注|备注|说明|温馨提示|提示|声明|免责|以上|[本此](?:清|详|账|帐|话)单|尊敬|感谢|如有疑问|如需|数据来源"
    r"|(?:打印|导出|制表|查询|下载|生成)(?:时间|日期|人)|第 ?\d+ ?页|共 ?\d+ ?[条页]"
    r"|(?:notes?|disclaimer|page \d+|end of|generated|printed)\b"
)
_DATE_ALONE = re.compile(
    r"(?:(?:\d{4} ?[-/.年] ?)?\d{1,2} ?[-/.月] ?\d{1,2} ?日?|20\d{6})(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
)
_MOMENT = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}[ T]\d{2}:\d{2}:\d{2}", re.ASCII)  # whole
_TIME_ALONE = re.compile(r"\d{1,2}:\d{1,2}(?::-?\d{1,2})?")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_WHOLE_MINUTES = re.compile(r"(\d{1,5})(?:\.0+)?(?: ?min(?:ute)?s?\.?)?", re.ASCII | re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KINDS = {"contacts": "party", "people": "party", "facts": "fact"}
_SHOWN = 5  # words without a meaning
_SKIPPED = {"total": "total rows", "note": "rows of remarks", "header": "repeated headers"}


@dataclass(frozen=True, slots=True)
class Take:
    """Where a field comes from: its own cell, else another, else a default. Index -1: there is no such cell."""

    field: str
    own: int
    other: int
    default: str | None = None
    table: ValueTable | None = None
    refuse: bool = False

    def word(self, text: str) -> str | None:
        """What the text of a field with a vocabulary means."""
        if not text.strip():
            return self.default
        return self.table.of(text) if self.table else None


def takes(layout: Layout) -> list[Take]:
    """The fields that records below this header have; first those whose unknown words refuse the record."""
    column_map, found = layout.map, []
    for name in dict.fromkeys((*column_map.columns, *column_map.source, "channel", "collector")):
        if name == "end":  # it only proves the beginning
            continue
        own = layout.where.get(name, (-1,))[0]
        other = layout.where.get(column_map.source.get(name, ""), (-1,))[0]
        default = {"channel": column_map.channel, "collector": column_map.collector}.get(name)
        table = ValueTable(column_map.values[name]) if name in column_map.values else None
        if name in VOCABULARY and table is None:  # a fixed value, or a column that only others are taken from
            own = other = -1
        if (own, other, default) != (-1, -1, None):
            found.append(Take(name, own, other, default, table, name in column_map.refuse_unknown))
    return sorted(found, key=lambda take: not take.refuse)


def is_regular(cells: Sequence[str], layout: Layout) -> bool:
    """Whether a row is surely a data row: as wide as the header, complete, and beginning its date with a digit."""
    return (
        len(cells) == layout.width
        and all(cells[i] for i in layout.required)
        and (layout.map.kind != "events" or "0" <= cells[layout.required[0]][0] <= "9")
    )


def shown(text: str) -> str:
    """Text from a file inside a sentence: short, in quotation marks, control characters escaped."""
    return repr(text[:40])


class RowReader:
    """Reads the rows below one header, and counts those that are no records.

    `section`: the header of another table, met below; rows behind it are not of this one. `grouped`: dates stand
    in rows of their own. `clock`: what the ids of its calls say about the times. `torn`: the file may have been cut in
    its last row, in a cell that counts.
    """

    def __init__(self, layout: Layout, maps: Sequence[ColumnMap], clock: Clock | None = None) -> None:
        self.layout = layout
        self._clock, self._reckoned = clock or Clock(), reckoned(layout)
        self.takes = takes(layout)
        self.section: Layout | None = None
        self.grouped = ""
        self.torn = False
        self._group: Row | None = None
        self._maps = [column_map for column_map in maps if column_map.kind == layout.map.kind]
        self._minutes = layout.minutes
        self._skipped: Counter[str] = Counter()
        self._mapped = frozenset(i for places in layout.where.values() for i in places)

    def read(self, row: Row) -> list[Record | Reject]:
        """The records of a row: none for a blank, total or repeated one, several for a contact's numbers."""
        problem = row.fault
        if not problem and not is_regular(row.cells, self.layout):
            if self._aside(row):
                return []
            problem = self._ragged(row.cells)
        problem = problem or self._end(row)
        if not problem and (odd := unlike(row.cells, self.layout.tests)):
            problem = f"column {shown(self.layout.header[odd[0]])} does not hold what it should: the row is damaged"
        problem = problem or self._backwards(row.cells)
        self._group = None
        if not problem and row.lost & self._mapped:
            header = self.layout.header[min(row.lost & self._mapped)]
            problem = f"column {shown(header)}: a number stored as a number has lost digits"
        return [Reject(row.locator, problem, row.raw)] if problem else self._records(row)

    def _aside(self, row: Row) -> bool:
        """Whether the row is no record; what it says about later rows is remembered."""
        filled = [(i, fold(cell)) for i, cell in enumerate(row.cells) if cell.strip()]
        if not filled:
            return True
        events = self.layout.map.kind == "events"
        kind = "header" if self._repeats(row.cells) else self._remark(filled) if events else None
        if kind == "group":
            self.grouped, self._group = filled[0][1], row
        elif kind is None and events and not any(map(str.isdigit, "".join(row.cells))):
            self.section = best(layouts(row, self._maps))
        if kind == "header" or self.section:
            self.torn = row.torn
        self._skipped[kind or ""] += 1
        return kind is not None or self.section is not None

    def _repeats(self, cells: Sequence[str]) -> bool:
        header = self.layout.header
        return all(i < len(cells) and fold_header(cells[i]) == fold_header(header[i]) for i in self.layout.required)

    def _remark(self, filled: Sequence[tuple[int, str]]) -> str | None:
        """`total`, `note` or `group` for a row that is about other rows."""
        at, first = filled[0]
        if len(filled) == 1 and _DATE_ALONE.fullmatch(first):
            return "group"
        required = self.layout.required
        if at in required or not {i for i, _ in filled}.issuperset(required):
            return "total" if _TOTAL.match(first) else "note" if _NOTE.match(first) else None
        return None

    def _ragged(self, cells: Sequence[str]) -> str:
        """Why a row with too many or too few cells cannot be read; empty if it can."""
        short = self.layout.map.exact and len(cells) < self.layout.width
        if short or any(cell.strip() for cell in cells[self.layout.width :]):
            return f"the row has {len(cells)} cells, the header {self.layout.width}"
        for i in self.layout.required:
            if i >= len(cells):
                return f"the row ends before column {shown(self.layout.header[i])}"
        return ""

    def _end(self, row: Row) -> str:
        """Why the row that a file ends in is not whole; empty if it may be. What people write ends as they like."""
        if not row.torn or self.layout.map.kind not in ("events", "contacts"):
            return ""
        # Of a log without a header the rows differ, and each has its end.
        log = bool(self.layout.tests) and not self.layout.map.exact
        short = len(row.cells) < self.layout.width and not log
        self.torn = log or short or (len(row.cells) - 1 in self._mapped and not _MOMENT.fullmatch(row.cells[-1]))
        return "the file ends inside this line" if short else ""

    def _backwards(self, cells: Sequence[str]) -> str:
        """Why the beginning and the end of a row cannot both be right; empty if they can."""
        where = self.layout.where
        texts = {name: cells[i] for name in ("date", "time", "end") for i in where.get(name, ()) if i < len(cells)}
        if "end" not in texts or not self._clock.backwards(started(texts), texts["end"]):
            return ""
        end, begin = (shown(self.layout.header[where[name][0]]) for name in ("end", "date"))
        return f"the call ends (column {end}) before it begins (column {begin}): they may have been exchanged"

    def _records(self, row: Row) -> list[Record | Reject]:
        cells = [*row.cells, *[""] * (self.layout.width + 1 - len(row.cells))]  # cell -1 is empty
        fields: dict[str, str | None] = {}
        for take in self.takes:
            text = cells[take.own] or cells[take.other]
            word = take.word(text) if take.field in VOCABULARY else text
            if word:
                fields[take.field] = word
            elif take.refuse and cells[take.own].strip():
                known = ", ".join(self.layout.map.values[take.field])
                return [Reject(row.locator, f"no {take.field} is known as {shown(text)}; known are {known}", row.raw)]
        kind = self.layout.map.kind
        if kind == "contacts":
            return _contacts(row, cells, fields, self.layout)
        if kind == "events":
            self._finish(fields)
        else:
            fields["kind"] = _KINDS[kind]
        return [Record(row.locator, fields, row.raw)]

    def _finish(self, fields: dict[str, str | None]) -> None:
        """A date from the row above a group, and a duration in minutes."""
        date, duration = fields.get("date"), fields.get("duration")
        if self.grouped and date and "time" not in fields and _TIME_ALONE.fullmatch(date.strip()):
            fields["date"], fields["time"] = self.grouped, date
        if self._reckoned:
            finish(fields, self.layout, self._clock)
        if self.layout.map.minutes_up and duration:
            fields["duration"] = _rounded_up(duration)
        elif self._minutes and duration and _NUMBER.fullmatch(duration.strip()):
            seconds = int(Decimal(duration.strip()) * 60)
            fields["duration"] = f"{seconds // 60}分{seconds % 60}秒"

    def close(self) -> list[Record | Reject]:
        """A date alone in the last row heads no group: it is what was left of a record."""
        return [Reject(self._group.locator, "the row ends behind its date", self._group.raw)] if self._group else []

    def notes(self) -> Iterator[str]:
        """What was passed over, and words without a meaning, for people."""
        for kind, what in _SKIPPED.items():
            if self._skipped[kind]:
                yield f"{what} skipped: {self._skipped[kind]}"
        for take in self.takes:
            borrowed = take.own < 0 and self.layout.map.source.get(take.field) in self.layout.map.values
            if take.table and take.table.unknown and not (take.refuse or borrowed):
                header = self.layout.header[take.own if take.own >= 0 else take.other]
                words, more = _sample(take.table.unknown), len(take.table.unknown) - _SHOWN
                others = f" and {more} more" if more > 0 else ""
                yield f"column {shown(header)}: no {take.field} is known for {words}" + others
        if self.layout.map.caution:
            yield self.layout.map.caution


def _rounded_up(text: str) -> str:
    """What minutes on a bill that rounds up say, in seconds: `5` is anything from 241 to 300."""
    found = _WHOLE_MINUTES.fullmatch(text.strip())
    minutes = int(found[1]) if found else 0
    return f"{60 * minutes - 59}-{60 * minutes}" if minutes else text


def _sample(texts: set[str]) -> str:
    return ", ".join(map(shown, sorted(texts)[:_SHOWN]))


def _contacts(row: Row, cells: Sequence[str], fields: dict[str, str | None], layout: Layout) -> list[Record | Reject]:
    """One record a number; Google joins several numbers of one kind by `:::`."""
    family, given = fields.pop("family_name", None), fields.pop("given_name", None)
    if not fields.get("name") and (family or given):
        chinese = _HAN.search((family or "") + (given or ""))
        fields["name"] = (family or "") + (given or "") if chinese else " ".join(filter(None, (given, family)))
    texts = [part.strip() for i in layout.where["number"] for part in cells[i].split(":::")]
    numbers = list(dict.fromkeys(filter(None, texts)))
    fields["kind"] = "party"
    if not numbers:
        return [Reject(row.locator, "no telephone number", row.raw)]
    return [
        Record(row.locator if n == 1 else f"{row.locator}.{n}", {**fields, "number": number}, row.raw)
        for n, number in enumerate(numbers, 1)
    ]
