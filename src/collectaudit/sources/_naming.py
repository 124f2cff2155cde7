"""What the name of a recording tells: when, with whom, which way. The patterns are data, in recordings.toml."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from collectaudit.sources import _switch
from collectaudit.times import EARLIEST

_LONGEST = 255
_LATEST_YEAR = 2100
_EARLIEST_MS = int(EARLIEST.replace(tzinfo=UTC).timestamp() + 86_400) * 1000
_AROUND = " _-@.,()[]（）"
_NUMBER = re.compile(r"[+*#]?[\d*#][\d *#-]*")
_COPY = re.compile(r"\s?\(\d{1,2}\)$")  # what a second file of the same name gets
_PIECES = re.compile(r"\d{7,}|[_@()\[\]]+|\s-|-\s")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way of naming recordings, with its example and what comes of that."""

    id: str
    regex: re.Pattern[str]
    direction: Mapping[str, str]
    collector: str | None
    example: str
    gives: Mapping[str, str]


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_name("recordings.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def patterns() -> tuple[Pattern, ...]:
    """The named patterns, in the order in which they are tried."""
    return tuple(
        Pattern(row["id"], _compiled(row["regex"]), row.get("direction", {}), row.get("collector"), row["example"],
                row["gives"])
        for row in _data()["pattern"]
    )  # fmt: skip


@cache
def _loose(table: str) -> dict[str, re.Pattern[str]]:
    """The patterns for times, or for numbers, anywhere in a name."""
    return {name: _compiled(regex) for name, regex in _data()[table].items()}


def _compiled(regex: str) -> re.Pattern[str]:
    for name, part in _data()["parts"].items():
        regex = regex.replace(f"%{name}%", part)
    return re.compile(regex, re.ASCII)


def stem(name: str) -> str:
    """The last part of a path without the endings of sound and text (`a.m4a.json` → `a`), in form NFKC."""
    text = unicodedata.normalize("NFKC", name[-4 * _LONGEST :].rpartition("/")[2])[-_LONGEST:]
    while True:
        rest, dot, ending = text.rpartition(".")
        if not dot or not rest or ending.casefold() not in _data()["endings"]:
            return text.strip()
        text = rest


def told(name: str) -> dict[str, str]:
    """What the name of a file says, as raw fields: time or epoch_ms, direction, other, name; of a switch both ends."""
    text = stem(name)
    for plain in dict.fromkeys((text, _COPY.sub("", text))):
        for pattern in patterns():
            found = pattern.regex.fullmatch(plain)
            if found and (at := _time(found)):
                return at | _of_call(found, at) | _ends(found, pattern)
    return _anywhere(text)


def _time(found: re.Match[str]) -> dict[str, str]:
    """The field `time` (or `epoch_ms`); empty where the digits are no date of a time when phones recorded."""
    part = found.groupdict()
    if epoch := part.get("epoch_ms") or (part.get("epoch_s") and part["epoch_s"] + "000"):
        return {"epoch_ms": epoch} if int(epoch) >= _EARLIEST_MS else {}
    year = int(part["year"]) + (2000 if len(part["year"]) == 2 else 0)
    second = part.get("second")
    month, day, hour, minute = (int(part[name]) for name in ("month", "day", "hour", "minute"))
    try:
        at = datetime(year, month, day, hour, minute, int(second or 0))  # noqa: DTZ001 — civil time
    except ValueError:
        return {}
    if not at >= EARLIEST or year > _LATEST_YEAR:
        return {}
    zone = part.get("zone") or ""
    zone = zone if zone in ("", "Z") else f"{zone[:3]}:{zone[3:]}"
    return {"time": f"{at:%Y-%m-%d %H:%M}{f':{second}' if second else ''}{zone}"}


def _of_call(found: re.Match[str], at: dict[str, str]) -> dict[str, str]:
    """The id of the call, and by the moment that it tells the offset in which the name's time is written."""
    call = found.groupdict().get("call")
    if not call:
        return {}
    offset = _switch.offset_of_recording(at.get("time", ""), call)
    return {"call": call} | ({"offset": offset} if offset else {})


def _ends(found: re.Match[str], pattern: Pattern) -> dict[str, str]:
    part = found.groupdict()
    fields = {"direction": pattern.direction.get(part.get("direction") or ""), "collector": pattern.collector}
    fields |= {"caller": part.get("caller"), "callee": part.get("callee")}
    fields["agent"] = part[pattern.collector] if pattern.collector else None
    fields |= {"other": part.get("number"), "name": _name(part.get("name"))}
    if party := part.get("party"):
        fields["other" if _NUMBER.fullmatch(party) else "name"] = party if _NUMBER.fullmatch(party) else _name(party)
    if fields["other"] and "s" in fields["other"]:  # written for *, which a file's name cannot have
        fields["other"] = fields["other"].replace("s", "*")
    return {key: value for key, value in fields.items() if value}


def _name(text: str | None) -> str | None:
    """A name, if it is one: neither a number nor a word that stands in its place."""
    plain = (text or "").strip(_AROUND)
    return plain if plain and plain.casefold() not in _data()["not_names"] and not _NUMBER.fullmatch(plain) else None


def _anywhere(text: str) -> dict[str, str]:
    """For a name that no pattern fits: the time furthest to the right, a number beside it, and else a name."""
    found = sorted(_times(text), key=lambda hit: hit[0].end())
    if not found:  # then the rest is a title, not the name of a person
        return {key: value for key, value in _party(text).items() if key == "other"}
    (place, at), ends = found[-1], found[-1][0].end()
    fields = _party(text[: place.start()] + "_" + text[ends:])
    several = {tuple(time.items()) for hit, time in found if hit.end() == ends}
    return fields | at if len(several) == 1 else fields


def _times(text: str) -> Iterator[tuple[re.Match[str], dict[str, str]]]:
    for pattern in _loose("times").values():
        for hit in pattern.finditer(text):
            if at := _time(hit):
                yield hit, at


def _party(rest: str) -> dict[str, str]:
    """The number of the first kind that is there, and a name beside it; of several numbers none is the one."""
    for pattern in _loose("numbers").values():
        hits = list(pattern.finditer(rest))
        if len({re.sub(r"\D", "", hit[1]) for hit in hits}) > 1:
            return {}
        if hits:
            name = _first_name(rest[: hits[0].start()] + "_" + rest[hits[0].end() :])
            return {"other": hits[0][1].strip()} | name
    return _first_name(rest)


def _first_name(rest: str) -> dict[str, str]:
    names = (name for piece in _PIECES.split(rest) if (name := _name(piece)))
    return {"name": name} if (name := next(names, None)) else {}
