"""What is reckoned from a switch's own columns: which end is its own, the ids of a call, and in which zone it writes.

An id that begins with the second of its making (Asterisk's `uniqueid`) or holds its time (a UUID of version 1) tells
the moment; the column of the start, beside it, then shows in which zone the switch writes.
"""

import re
import uuid
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from collectaudit.sources._header import Layout
from collectaudit.times import civil

BY_IDS = "call ids"  # in every sentence about what was measured so; the dashboard's page about clocks looks for it
_EPOCH = re.compile(r"(?:.*[-_])?(1[1-9]\d{8}|20\d{8})\.\d+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_GREGORIAN = 122_192_928_000_000_000  # from 15 October 1582 to 1970, in units of 100 ns (RFC 9562, 5.1)
_HOUR, _DAY = 3600, 86_400
# Differences from UTC that are in use beside whole hours from -12 to +14, in minutes (tz database, 2026).
_BETWEEN = (-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825)
OFFSETS = tuple(sorted([hour * _HOUR for hour in range(-12, 15)] + [minutes * 60 for minutes in _BETWEEN]))
_SURE_S, _NEAR_S = 5, 60
_SWAPPED = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4})(?P<rest> .*)")
_COUNT = re.compile(r"\d{1,12}", re.ASCII)
_FEW, _RECENT = 3, 1000  # ids; a call's legs stand near each other in a log

_EXTENSION = re.compile(r"[2-9]\d{1,4}|1\d{2,3}", re.ASCII)
_SERVICE = re.compile(r"9[56]\d{3}|11\d|12\d|[2-9]11", re.ASCII)  # China's numbering plan; N11 codes of North America
_SUBSCRIBER = re.compile(r"\+?[\d*](?:[ ().-]?[\d*]){6,17}", re.ASCII)


def reckoned(layout: Layout) -> bool:
    """Whether records below this header need more than the text of their cells."""
    one = layout.map
    extra = one.extensions or one.minutes_up or one.offset or layout.zone or layout.tests
    named = {"id", "call", "end", *(["other"] if one.side == "switch" else [])}
    return bool(extra or named & layout.where.keys())


def made_at(text: str) -> float | None:
    """The second, since 1970 in UTC, in which the id of a call was made, if it tells that."""
    text = text.strip()
    if found := _EPOCH.fullmatch(text):
        return float(found[1])
    return (uuid.UUID(text).time - _GREGORIAN) / 10_000_000 if _UUID.fullmatch(text) else None


def own_end(caller: str, callee: str) -> str | None:
    """`caller` or `callee` where one end is an extension and the other a number outside; else nobody knows."""
    short = [_is_extension(end.strip()) for end in (caller, callee)]
    outside = [_SUBSCRIBER.fullmatch(end.strip()) is not None for end in (caller, callee)]
    if short == [True, False] and outside[1]:
        return "caller"
    return "callee" if short == [False, True] and outside[0] else None


def _is_extension(text: str) -> bool:
    return _EXTENSION.fullmatch(text) is not None and _SERVICE.fullmatch(text) is None


def written(seconds: int) -> str:
    """A difference from UTC as people write it, +08:00."""
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // _HOUR:02}:{abs(seconds) // 60 % 60:02}"


@dataclass
class Clock:
    """What the ids of a file say about its times. `offsets`: in seconds, by which it writes; empty: they do not say.

    `zone`: the one in force for the file.
    """

    offsets: tuple[int, ...] = ()
    zone: str = "UTC"
    measured: int = 0
    agreeing: int = 0
    drifting: int = 0
    furthest: float = 0
    latest: float = 0

    def offset(self, start: str, made: float | None) -> str | None:
        """The offset of one record: where the zone changed its clocks, the nearest of the two."""
        apart = None if made is None else _apart(_in_order(start, made), made)
        if apart is None:
            return written(self.offsets[0]) if len(self.offsets) == 1 else None
        return written(min(self.offsets, key=lambda known: abs(apart[0] - known))) if self.offsets else None

    def backwards(self, begin: str, end: str) -> bool:
        """Whether a call ends before it begins, and the hour that comes twice in the zone's autumn is no reason for it.

        Times are as exact as the less exact of the two; a text that is no time shows nothing.
        """
        first, last = civil(begin), civil(end)
        if isinstance(first, str) or isinstance(last, str):
            return False
        exact = {first.precision, last.precision}
        left, right = _floored(first.at, exact), _floored(last.at, exact)
        if first.offset is not None and last.offset is not None:
            return right - timedelta(seconds=last.offset) < left - timedelta(seconds=first.offset)
        if first.offset is not None or last.offset is not None or right >= left:
            return False
        zone = ZoneInfo(self.zone)
        return right.replace(tzinfo=zone, fold=1).timestamp() < left.replace(tzinfo=zone).timestamp()

    def notes(self, zone: str) -> Iterator[str]:
        """What was measured, in sentences; `zone`: the one in force for this file."""
        if not self.measured:
            return
        if not self.offsets:
            yield f"its times and its {BY_IDS} fit no time zone: the times are read by {zone}"
            return
        there = ", ".join(f"UTC{written(known)}" for known in self.offsets)
        yield f"its times are {there} by {self.agreeing:,} of {self.measured:,} {BY_IDS}"
        here = datetime.fromtimestamp(self.latest, ZoneInfo(zone)).utcoffset()
        if here not in [timedelta(seconds=known) for known in self.offsets]:
            yield f"that is not the time of {zone}: going by its {BY_IDS}, each time was converted to it"
        if self.drifting:
            n, minutes = self.drifting, round(self.furthest / 60)
            yield f"the clock of its times differs from that of its {BY_IDS} in {n:,} calls, by up to {minutes} min"


def measure(starts: Iterable[tuple[str, str]]) -> Clock:
    """The clock of a file, of (id, start as written) of its records; of the legs with one id the first counts."""
    clock, seen = Clock(), OrderedDict[str, None]()
    apart: Counter[tuple[int, bool]] = Counter()
    for name, start in starts:
        made = made_at(name)
        found = None if made is None or name in seen else _apart(_in_order(start, made), made)
        if found is None or made is None:
            continue
        seen[name] = None
        if len(seen) > _RECENT:
            seen.popitem(last=False)
        apart[(round(found[0]), found[1])] += 1
        clock.latest = max(clock.latest, made)
    _judge(clock, apart)
    return clock


def _judge(clock: Clock, apart: Mapping[tuple[int, bool], int]) -> None:
    """Which offset the differences show. By chance one in twenty is near any; so several must be near the same."""
    clock.measured = sum(apart.values())
    near: Counter[int] = Counter()
    for (seconds, exact), often in apart.items():
        known = _nearest(seconds)
        near[known] += often if abs(seconds - known) <= _tolerance(exact) else 0
    main, often = next(iter(near.most_common(1)), (0, 0))
    beside = [known for known in near if abs(known - main) == _HOUR and near[known] * 20 >= clock.measured][:1]
    found = often + sum(near[known] for known in beside)
    sure = all(min(abs(seconds - known) for known in (main, *beside)) <= _SURE_S for seconds, _ in apart)
    enough = often >= _FEW and found * 4 >= clock.measured and found * 10 >= sum(near.values()) * 9
    if not clock.measured or not (sure or enough):
        return
    clock.offsets = tuple(sorted([main, *beside]))
    for (seconds, exact), often in apart.items():
        off = min(abs(seconds - known) for known in clock.offsets)
        clock.agreeing += often if off <= _tolerance(exact) else 0
        if off > _tolerance(exact) + _NEAR_S:
            clock.drifting += often
            clock.furthest = max(clock.furthest, off)


def offset_of_recording(start: str, name: str) -> str | None:
    """The offset of a recording's time, which is the call's or some minutes later; None if it fits none in use."""
    made = made_at(name)
    apart = None if made is None else _apart(start, made)
    known = None if apart is None else next((o for o in OFFSETS if -_SURE_S <= apart[0] - o <= 10 * _NEAR_S), None)
    return None if known is None else written(known)


def _tolerance(exact: bool) -> int:
    """Seconds by which the two clocks may differ; a start without its seconds is up to a minute early."""
    return _NEAR_S if exact else 2 * _NEAR_S


def _nearest(seconds: int) -> int:
    return min(OFFSETS, key=lambda known: abs(seconds - known))


def _in_order(start: str, made: float) -> str:
    """A start as `2024-4-5 …` if the id tells which of `5/4/2024` is the day: no zone is as much as 15 hours off."""
    found = _SWAPPED.fullmatch(start)
    if not found:
        return start
    ordered = (f"{found['y']}-{m}-{d}{found['rest']}" for m, d in ((found["a"], found["b"]), (found["b"], found["a"])))
    near = {text for text in ordered if (apart := _apart(text, made)) and abs(apart[0]) <= 15 * _HOUR}
    return next(iter(near)) if len(near) == 1 else start


def _apart(start: str, made: float) -> tuple[float, bool] | None:
    """By how many seconds the start, read as UTC, is ahead of the id's making, and whether the start tells seconds."""
    read = civil(start)
    if isinstance(read, str) or read.precision == "day" or read.offset is not None:
        return None
    seconds = read.at.replace(tzinfo=UTC).timestamp() - made
    return (seconds, read.precision == "second") if abs(seconds) < _DAY else None


def _floored(at: datetime, exact: Collection[str]) -> datetime:
    """A time as a less exact one would be written."""
    at = at.replace(hour=0, minute=0) if "day" in exact else at
    return at.replace(second=0) if exact != {"second"} else at


def started(fields: Mapping[str, str | None]) -> str:
    """When a record began, as written."""
    return f"{fields.get('date') or ''} {fields.get('time') or ''}".strip()


def finish(fields: dict[str, str | None], layout: Layout, clock: Clock) -> None:
    """Adds to a record what its columns imply: the collecting end, the ids of its call, the offset of its time."""
    name, call = fields.pop("id", None), fields.pop("call", None)
    start = started(fields)
    if ids := [_unique(text, start) for one in (name, call) for text in (one or "").replace('"', "").split()]:
        fields["call"] = " ".join(dict.fromkeys(ids))
    made = made_at(name or "")
    if made is not None and (ordered := _in_order(start, made)) != start:
        fields["date"] = ordered
        fields.pop("time", None)
    offset = layout.map.offset or clock.offset(start, made)
    if not offset and layout.zone:
        offset = _offset_of(layout.zone, start)
    if offset:
        fields["offset"] = offset
    if layout.map.side == "switch":
        _ends(fields, layout)


def _ends(fields: dict[str, str | None], layout: Layout) -> None:
    """Who called whom, where a log has one column for the person outside, and which end is the switch's own."""
    other, own = fields.pop("other", None), fields.get("collector")
    if other and own:
        fields.setdefault("callee" if own == "caller" else "caller", other)
    if not layout.map.extensions:
        return
    if own := own or own_end(fields.get("caller") or "", fields.get("callee") or ""):
        fields["collector"] = own
        if _is_extension((fields.get(own) or "").strip()):
            fields.setdefault("agent", fields[own])


def _unique(name: str, start: str) -> str:
    """The id of a call; a plain count begins anew with the switch, so its legs must also have begun together."""
    return f"{name}@{'T'.join(start.split())}" if _COUNT.fullmatch(name) else name


def _offset_of(zone: str, start: str) -> str | None:
    """The offset of a zone at a civil time; none for a text that is no time."""
    read = civil(start, order="mdy")
    if isinstance(read, str) or read.offset is not None:
        return None
    shift = read.at.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return written(int(shift.total_seconds())) if shift is not None else None
