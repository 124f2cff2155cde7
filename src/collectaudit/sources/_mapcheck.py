"""What may stand in a column map, and everything that is wrong with one, in words for those who write them."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectaudit.sources._words import fold_header

WORDS = Path(__file__).parent / "columns" / "words"
CHANNELS = ("call", "sms", "im", "voicemail", "visit", "email", "letter")
ROLES = ("debtor", "guarantor", "collector", "family", "colleague", "reference", "lawyer", "other")
ENDS = ("caller", "callee")
FACT_WORDS = (
    "agreed_hours", "quiet_hours_consent", "unreachable", "deceased", "incapacity", "third_party_consent", "refusal",
    "cease_request", "represented", "settled", "payment_plan", "visit_consent", "due", "product", "lender_type",
    "lender", "employer_forbids",
)  # fmt: skip
# Fields whose text is one of a few words; a map says which words of the export mean which.
VOCABULARY: dict[str, tuple[str, ...]] = {
    "channel": CHANNELS,
    "direction": ("in", "out", "forwarded"),
    "collector": ENDS,
    "outcome": ("connected", "unanswered", "sent", "delivered", "undelivered", "not_sent"),
    "role": ROLES,
    "fact": FACT_WORDS,
}
_EVENT = (
    "date", "time", "epoch_ms", "offset", "duration", "outcome", "body", "name", "organisation", "account", "agent",
    "agency", "lender", "role", "relation", "days_past_due", "recording", "note", "channel", "direction", "end",
)  # fmt: skip
_PERSON = ("number", "name", "organisation", "relation", "note")
COLUMNS: dict[str, tuple[str, ...]] = {
    "phone": (*_EVENT, "own", "other"),
    "switch": (*_EVENT, "caller", "callee", "other", "id", "call"),
    "contacts": (*_PERSON, "family_name", "given_name"),
    "people": (*_PERSON, "role", "account", "lender"),
    "facts": ("account", "party", "fact", "from_at", "until_at", "value", "note"),
}
KINDS = ("events", "contacts", "people", "facts")
TEXTS = ("id", "kind", "channel", "side", "collector", "time_zone", "offset", "caution")
LISTS = ("required", "one_of", "marks", "known", "refuse_unknown", "headerless")
FLAGS = ("only_known", "extensions", "minutes_up")
_KEYS = {*TEXTS, *LISTS, *FLAGS, "title", "columns", "values", "from", "cells"}


@cache
def word_lists() -> dict[str, dict[str, list[str]]]:
    """The lists of words that maps share, by name."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(WORDS.glob("*.toml"))}


def check_map(path: Path) -> list[str]:
    """Everything wrong with a map file, each as `key: what; what to do`."""
    try:
        data = parse_map(path)
    except OSError as error:
        return [f"the file cannot be read ({error.strerror}); check its name"]
    except UnicodeDecodeError:
        return ["the file is not UTF-8; save it as UTF-8"]
    except tomllib.TOMLDecodeError as error:
        return [f'not TOML: {error}; lists of texts look like date = ["通话时间", "时间"]']
    problems = list(_shape(data))
    return problems or list(_sense(data))


def parse_map(path: Path) -> dict[str, Any]:
    """The TOML of a map file, unchecked; the name of a word list is replaced by the list."""
    return _parsed(path.read_bytes())


@lru_cache(maxsize=1)  # what was checked is then built
def _parsed(file: bytes) -> dict[str, Any]:
    data = tomllib.loads(file.decode("utf-8-sig"))
    values = data.get("values")
    if isinstance(values, dict):
        lists: dict[str, Any] = word_lists()
        data["values"] = {
            name: lists.get(table, table) if isinstance(table, str) else table for name, table in values.items()
        }
    return data


def _shape(data: dict[str, Any]) -> Iterator[str]:
    """Keys that do not exist, are missing, or hold the wrong kind of value."""
    for key in sorted(data.keys() - _KEYS):
        yield f"{key}: there is no such key; the keys are {', '.join(sorted(_KEYS))}"
    for key in ("id", "kind", "title", "required", "columns"):
        if key not in data:
            yield f"{key}: is missing; every map needs it"
    for key in TEXTS:
        if not isinstance(data.get(key, ""), str):
            yield f'{key}: must be a text; write {key} = "…"'
    for key in LISTS:
        if not _texts(data.get(key, [])):
            yield f'{key}: must be a list of texts; write {key} = ["…", "…"]'
    for key in FLAGS:
        if not isinstance(data.get(key, False), bool):
            yield f"{key}: must be true or false"
    yield from _tables(data)


def _tables(data: dict[str, Any]) -> Iterator[str]:
    for key in ("title", "columns", "values", "from", "cells"):
        if not isinstance(data.get(key, {}), dict):
            yield f"{key}: must be a section; write [{key}]"
            return
    if not all(isinstance(text, str) for text in data.get("title", {}).values()):
        yield "title: must hold texts"
    for name, headers in data.get("columns", {}).items():
        if not _texts(headers) or not headers:
            yield f'columns.{name}: must be a list of headers; write {name} = ["…"]'
    for name, other in data.get("from", {}).items():
        if not isinstance(other, str):
            yield f'from.{name}: must name a column; write {name} = "relation"'
    for name, pattern in data.get("cells", {}).items():
        if not isinstance(pattern, str) or not _compiles(pattern):
            yield f"cells.{name}: must be a regular expression that the whole cell fits"
    for name, table in data.get("values", {}).items():
        if isinstance(table, str):
            yield f"values.{name}: there is no word list {table!r}; the lists are {', '.join(word_lists())}"
        elif not isinstance(table, dict) or not all(_texts(words) for words in table.values()):
            yield f'values.{name}: must hold lists of words; write [values.{name}] and then meaning = ["word", "…"]'


def _compiles(pattern: str) -> bool:
    try:
        return bool(re.compile(pattern))
    except re.error:
        return False


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _sense(data: dict[str, Any]) -> Iterator[str]:
    """Values outside what the program knows."""
    kind, side = data["kind"], data.get("side", "")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", data["id"]):
        yield f"id: {data['id']!r} must be lower-case letters, digits and _"
    if kind not in KINDS:
        yield f"kind: {kind!r} is not one of {', '.join(KINDS)}"
        return
    if kind == "events" and side not in ("phone", "switch"):
        yield 'side: must be "phone" (own, other, direction) or "switch" (caller, callee)'
        return
    allowed = COLUMNS[side if kind == "events" else kind]
    for key, words in (("channel", CHANNELS), ("collector", ENDS)):
        if key in data and data[key] not in words:
            yield f"{key}: {data[key]!r} is not one of {', '.join(words)}"
    for missing in {"en", "zh"} - data["title"].keys():
        yield f"title.{missing}: is missing; give the title in both languages"
    if not re.fullmatch(r"[+-]\d\d:\d\d", data.get("offset", "+00:00")):
        yield f'offset: {data["offset"]!r} is not a difference from UTC; write for example "+00:00"'
    if data.get("headerless") and not data.get("cells"):
        yield "headerless: goes with [cells], which says what such rows are told by"
    if not _zone(data.get("time_zone")):
        yield f'time_zone: {data["time_zone"]!r} is not a time zone; write for example "Asia/Shanghai"'
    yield from _fields(data, allowed)
    yield from _meanings(data, allowed)
    if kind == "events":
        yield from _events(data)


def _zone(name: str | None) -> bool:
    try:
        return name is None or bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _fields(data: dict[str, Any], allowed: tuple[str, ...]) -> Iterator[str]:
    columns = data["columns"]
    for name in columns.keys() - set(allowed):
        yield f"columns.{name}: there is no such column; the columns are {', '.join(sorted(allowed))}"
    for key in ("required", "one_of"):
        for name in data.get(key, ()):
            if name not in columns:
                yield f"{key}: {name!r} has no line under [columns]; add one or take it out"
    for name, other in data.get("from", {}).items():
        if other not in columns:
            yield f"from.{name}: {other!r} has no line under [columns]; add one or take it out"
    for name in columns:
        if name in VOCABULARY and name not in data.get("values", {}) and name not in data.get("from", {}).values():
            yield f"columns.{name}: its words have no meaning yet; add a section [values.{name}]"
    for name, headers in columns.items():
        for header in headers:
            if not fold_header(header):
                yield f"columns.{name}: {header!r} has no letters; take it out"


def _meanings(data: dict[str, Any], allowed: tuple[str, ...]) -> Iterator[str]:
    for name, table in data.get("values", {}).items():
        if name not in VOCABULARY or (name not in allowed and name != "collector"):
            yield f"values.{name}: this column takes any text; take the section out"
            continue
        for meaning in table.keys() - set(VOCABULARY[name]):
            yield f"values.{name}.{meaning}: is not one of {', '.join(VOCABULARY[name])}"
        if name not in data["columns"] and name not in data.get("from", {}):
            yield f"values.{name}: there is no column to read; add columns.{name} or from.{name}"
    for name in data.get("refuse_unknown", ()):
        if name not in data.get("values", {}):
            yield f"refuse_unknown: {name!r} has no section [values.{name}]"


def _events(data: dict[str, Any]) -> Iterator[str]:
    if data["required"][:1] not in (["date"], ["epoch_ms"]):
        yield 'required: must begin with "date" (or "epoch_ms"); without a time there is no event'
    if "channel" not in data and "channel" not in data.get("values", {}):
        yield f'channel: say what these are; write channel = "call" (or {", ".join(CHANNELS[1:])})'
    if data["side"] == "phone" and "direction" not in data.get("values", {}):
        yield "values.direction: is missing; a phone's list needs to know who called whom"
