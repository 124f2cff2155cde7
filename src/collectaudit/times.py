"""Times as people and exports write them, to civil time with its precision; nothing is guessed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .years import Years, full

AMBIGUOUS = "day and month cannot be told apart: "  # begins the reason of such a record
DAY_OR_YEAR = "day and year cannot be told apart: "  # and of one whose two-digit year may stand first or last
DOUBT = "^day and (?:month|year) cannot be told apart: "
ORDERS = {"day-first": "dmy", "month-first": "mdy", "year-first": "ymd"}  # what comes first, as people say it
EARLIEST = datetime(2007, 1, 1)  # noqa: DTZ001 — civil time; before it a phone's clock had been reset
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 — day 0 of spreadsheet dates
_DATE = re.compile(
    r"(?:(?P<y>\d{4})\s*[-/.年]\s*)?(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?:日|号)?(?!\d)"
    r"|(?P<y8>\d{4})(?P<m8>\d{2})(?P<d8>\d{2})(?=\D|\d{6}|$)"
)
_SWAPPED = re.compile(
    r"(?P<a>\d{1,2})(?:[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4})|(?P<s>[/.-])(?P<b2>\d{1,2})(?P=s)(?P<y2>\d{2})(?!\d))"
)
_ASKED = re.compile(r"(\d{1,2})([/.-]) ?(\d{1,2})\2 ?(\d{4}|\d{2})(?!\d)", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?(?![a-z])"
)
_NAMED = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[.,]?\s+)?"
    rf"(?:(?P<d>\d{{1,2}})[ -](?P<m>{_MONTH})|(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}}))(?!\d)"
    r"(?:,?[ -](?P<y>\d{4})(?!\d))?,?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<half>上午|下午|晚上|凌晨|中午|早上|AM|PM)?\s*(?P<h>\d{1,2})\s*[:时点]\s*(?P<min>\d{1,2})"
    r"(?:\s*[:分]\s*(?:(?P<s>\d{1,2})(?:[.,]\d+)?|-0)?\s*秒?)?\s*(?P<ampm>[AP]\.?M\.?|[AP]\b)?"
    r"|(?<!\d)(?P<h6>\d{2})(?P<min6>\d{2})(?P<s6>\d{2})(?!\d)",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_BETWEEN = re.compile(r"\d{1,7}-(\d{1,7})")  # seconds, of what a bill rounds up to minutes
_UNITS = re.compile(
    r"(?:(\d+)\s*(?:小时|时|h))?\s*(?:(\d+)\s*(?:分钟|分|min|m))?\s*(?:(\d+)\s*(?:秒钟|秒|s))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Civil:
    """A wall-clock time, how exact it is (second · minute · day) and the offset in seconds if the text gave one."""

    at: datetime
    precision: str
    offset: int | None = None


def day_order(texts: Iterable[str], said: str | None, custom: str | None = None) -> tuple[str | None, str]:
    """What stands first in dates such as 4/5/2024 or 4/5/24, all of one file: `dmy`, `mdy`, `ymd`, None: nobody knows;
    and, where only the custom of the country decided, a date that does not show it itself.

    A part over 12 is a day, and proves it for the file (at the head of a short date, a day or a year: see Years); else
    `said`, what a person said, else `custom`. Where dates prove both, each stands for itself.
    """
    proven, doubtful, years = set[str](), "", Years(EARLIEST.year)
    for text in texts:
        if swapped := _SWAPPED.match(text.strip()):
            order = _shown(swapped)
            proven |= {order} if order else set()
            doubtful = doubtful or ("" if order else text)
            if swapped["y2"]:
                years.see(*_written(swapped))
    place = years.place() if years.firsts else "last"
    if place == "first":
        return "ymd", ""
    if place == "last" and "ymd?" in proven:
        proven = proven - {"ymd?"} | {"dmy"}
    if len(proven) > 1 or proven == {"ymd?"}:
        return (said if proven == {"ymd?"} and said != "mdy" else None), ""
    if place == "last" and said == "ymd":
        said = None
    if proven or said:
        return (min(proven) if proven else said), ""
    return custom, doubtful if custom else ""


def _shown(found: re.Match[str]) -> str | None:
    """What a date shows of its order by itself; `ymd?`: its day or its year stands first."""
    a, b, _ = _written(found)
    return "mdy" if b > 12 else None if a <= 12 else "dmy" if found["y"] else "ymd?"


def by_custom(date: str) -> str:
    """The remark on a file whose dates only the custom of the country told."""
    return f"nothing in this file tells day from month: {date} was read with the month first, as in the United States"


def said_by_custom(note: str) -> str | None:
    """The date that such a remark names; None for any other."""
    before, _, after = by_custom("\0").partition("\0")
    return note.removeprefix(before).removesuffix(after) if note.startswith(before) else None


def readings(text: str) -> dict[str, datetime]:
    """The days that a date may be, by what would stand first in it (see ORDERS); none for other texts."""
    found = _ASKED.match(text)
    if found is None:
        return {}
    written = int(found[1]), int(found[3]), int(found[4])
    days = {code: _real(*_in_order(written, order)) for code, order in ORDERS.items()}
    some = {code: day for code, day in days.items() if day and day >= EARLIEST}
    return some if len(set(some.values())) > 1 else {}


def _real(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(full(year), month, day)  # noqa: DTZ001 — civil time
    except ValueError:
        return None


def _in_order(written: tuple[int, int, int], order: str) -> tuple[int, int, int]:
    """Year, month and day of a date as written."""
    a, b, c = written
    return (a, b, c) if order == "ymd" else (c, a, b) if order == "mdy" else (c, b, a)


def _written(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found["a"]), int(found["b"] or found["b2"]), int(found["y"] or found["y2"])


def civil(text: str, *, year: int | None = None, month: int | None = None, order: str | None = None) -> Civil | str:
    """Read a date and time; the reason, as a sentence, if that cannot be done.

    `year` and `month` are the billing cycle's last: a row without a year takes it, a row of a later month the
    year before (a December call on a January bill). `order`: as day_order gives it.
    """
    text = text.strip().strip("'\"=").replace("，", " ").strip()
    if _SERIAL.fullmatch(text):
        at = _SERIAL_ZERO + timedelta(seconds=round(float(text) * 86400))
        return _plausible(at, "second" if "." in text else "day", None)
    offset = _OFFSET.search(text) if ":" in text else None
    day = _day(text, year, month, order)
    if isinstance(day, str):
        return day
    (y, m, d), rest = day
    clock = _TIME.search(rest[: -len(offset[0])] if offset and rest.endswith(offset[0]) else rest)
    try:
        if clock is None:
            return _plausible(datetime(y, m, d), "day", None) if not rest.strip(" T-") else _unreadable(text)  # noqa: DTZ001 — civil time
        hour, minute, second = _clock(clock)
        at = datetime(y, m, d, hour, minute, second or 0)  # noqa: DTZ001 — civil time
    except ValueError:
        return _unreadable(text)
    return _plausible(at, "minute" if second is None else "second", _seconds(offset[0]) if offset else None)


def _unreadable(text: str) -> str:
    return f"time cannot be read: {text[:40]}"


def _plausible(at: datetime, precision: str, offset: int | None) -> Civil | str:
    if not at >= EARLIEST or at.year > 2100:
        return f"time is not plausible (a clock that was reset?): {at:%Y-%m-%d}"
    return Civil(at, precision, offset)


def _day(
    text: str, year: int | None, month: int | None, order: str | None
) -> tuple[tuple[int, int, int], str] | str:  # fmt: skip
    """Year, month, day and the rest of the text after them."""
    if swapped := _SWAPPED.match(text):
        a, b, _ = written = _written(swapped)
        order = None if order == "ymd" and swapped["y"] else order
        order = order or _shown(swapped) or ("dmy" if a == b and swapped["y"] else None)
        if order is None or order not in ORDERS.values():
            return f"{DAY_OR_YEAR if order else AMBIGUOUS}{text[:40]}"
        y, m, d = _in_order(written, order)
        return (y if swapped["y"] else 2000 + y, m, d), text[swapped.end() :]
    if found := _DATE.match(text):
        m, d = int(found["m"] or found["m8"]), int(found["d"] or found["d8"])
        given = found["y"] or found["y8"]
    elif found := _NAMED.match(text):
        m, d = _MONTHS.index((found["m"] or found["m2"])[:3].casefold()) + 1, int(found["d"] or found["d2"])
        given = found["y"]
    else:
        return _unreadable(text)
    if given is None and year is None:
        return f"the year is not given and cannot be derived: {text[:40]}"
    y = int(given) if given else int(year or 0) - (1 if month is not None and m > month else 0)
    return (y, m, d), text[found.end() :]


def _clock(clock: re.Match[str]) -> tuple[int, int, int | None]:
    """Hour, minute, second (None when not given, or damaged as in `20:17:-0`)."""
    if clock["h6"]:
        return int(clock["h6"]), int(clock["min6"]), int(clock["s6"])
    hour, half = int(clock["h"]), (clock["half"] or clock["ampm"] or "").upper().replace(".", "")
    half = {"A": "AM", "P": "PM"}.get(half, half)
    if (half in {"下午", "晚上", "PM"} and hour < 12) or (half == "中午" and hour < 11):
        hour += 12
    elif half in {"上午", "凌晨", "早上", "AM"} and hour == 12:
        hour = 0
    return hour, int(clock["min"]), int(clock["s"]) if clock["s"] else None


def _seconds(offset: str) -> int:
    """`+08:00` or `Z` in seconds."""
    if offset == "Z":
        return 0
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60)


def duration(text: str) -> int | None:
    """Seconds of a duration as bills and switches write it (`1分23秒`, `00:01:23`, `83`); None if unreadable.

    Of `241-300`, which is all that five minutes on a bill that rounds up tell, the most that it can be.
    """
    text = text.strip().strip("'\"=").strip()
    if re.fullmatch(r"\d{1,8}(?:\.\d+)?", text):
        return round(float(text))
    if between := _BETWEEN.fullmatch(text):
        return int(between[1])
    parts = text.split(":")
    if len(parts) in (2, 3) and all(part.strip().isdigit() for part in parts):
        return sum(int(part) * size for part, size in zip(reversed(parts), (1, 60, 3600), strict=False))
    units = _UNITS.fullmatch(text)
    if text and units and any(units.groups()):
        return sum(int(part or 0) * size for part, size in zip(units.groups(), (3600, 60, 1), strict=True))
    return None


def offset_sql(zone: str, column: str, first: datetime, last: datetime, *, of_utc: bool) -> str:
    """SQL that gives the offset in seconds of `zone` for a timestamp column between `first` and `last`.

    Built from the time-zone database for the data's own range, so that no engine setting and no machine's zone
    can change a result. `of_utc`: the column holds UTC, otherwise civil time (the earlier of two readings).
    """
    changes = _transitions(ZoneInfo(zone), first - timedelta(days=2), last + timedelta(days=2))
    sql = str(changes[0][1])
    for at, seconds, before in changes[1:]:
        edge = at if of_utc else at + timedelta(seconds=max(seconds, before))
        sql = f"CASE WHEN {column} >= TIMESTAMP '{edge:%Y-%m-%d %H:%M:%S}' THEN {seconds} ELSE {sql} END"
    return sql


def _transitions(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, int, int]]:
    """(UTC time, new offset, former offset) for each change of offset in the range; the first row is the start."""

    def offset(at: datetime) -> int:
        shift = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).utcoffset()
        return int(shift.total_seconds()) if shift is not None else 0

    changes = [(first, offset(first), offset(first))]
    day = first
    while day < last:
        after = day + timedelta(days=1)
        if offset(after) != offset(day):
            low, high = day, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds() // 2))
                low, high = (middle, high) if offset(middle) == offset(day) else (low, middle)
            changes.append((high, offset(high), offset(day)))
        day = after
    return changes
