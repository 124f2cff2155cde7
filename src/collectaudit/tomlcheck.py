"""TOML files with the line on which each value stands, and the checks their values have to pass."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from .problems import Problem, suggestion

Key = tuple[str | int, ...]
Check = Callable[[object], str | None]  # what is wrong with the value and how it should look, or None

_HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-.\" ]+?)\s*=")
_FENCE = re.compile(r'"""|' + "'''")


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a table: its check, whether it may be left out, and what to write there."""

    check: Check
    fix: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file that was read: its values and where each stands."""

    path: str
    data: dict[str, Any]
    lines: Mapping[Key, int]

    def problem(self, at: Key, what: str, fix: str) -> Problem:
        """A problem on the line of a key, or of the nearest table around it."""
        known = (at[:length] for length in range(len(at), 0, -1) if at[:length] in self.lines)
        return Problem(self.path, self.lines.get(next(known, ()), 1), what, fix)


def read_document(path: Path) -> Document | Problem:
    """The file's values and lines, or the reason why it has none."""
    try:
        text = path.read_bytes().decode("utf-8")
        return Document(str(path), tomllib.loads(text), _lines(text))
    except OSError as error:
        return Problem(str(path), 1, f"cannot be read ({error.strerror})", "check the name and the permissions")
    except UnicodeDecodeError as error:
        return Problem(str(path), error.object.count(b"\n", 0, error.start) + 1, "is not UTF-8", "save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        return Problem(str(path), _error_line(str(error), text), f"is not TOML: {error}", "see https://toml.io")


def _error_line(message: str, text: str) -> int:
    """tomllib tells the line only in its message ("at line 3, column 5", "at end of document")."""
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else text.rstrip().count("\n") + 1


def _lines(text: str) -> dict[Key, int]:
    lines: dict[Key, int] = {}
    tables: Counter[Key] = Counter()
    prefix: Key = ()
    for number, line in _outside_long_strings(text):
        if header := _HEADER.match(line):
            prefix = _table(header[2], tables, opens_new=header[1] == "[[")
            for path in (prefix, prefix[:-1] or prefix):  # the table, and the list or table that holds it
                lines.setdefault(path, number)
        elif key := _KEY.match(line):
            parts = _parts(key[1])
            for length in range(1, len(parts) + 1):
                lines.setdefault(prefix + parts[:length], number)
    return lines


def _outside_long_strings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that can hold a key: those that do not begin inside a string of several lines."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not fence:
            yield number, line
        for mark in _FENCE.findall(line):
            fence = mark if not fence else "" if mark == fence else fence


def _parts(name: str) -> Key:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _table(name: str, tables: Counter[Key], *, opens_new: bool) -> Key:
    """The path of a header; an array of tables adds the number of its latest table, from 0."""
    path: Key = ()
    parts = _parts(name)
    for position, part in enumerate(parts, 1):
        path += (part,)
        if opens_new and position == len(parts):
            tables[path] += 1
        if tables[path]:
            path += (tables[path] - 1,)
    return path


def check_table(
    document: Document, at: Key, table: Mapping[str, object], fields: Mapping[str, Field], name: str
) -> Iterator[Problem]:
    """Every key that is unknown, missing or has an unfit value; `name` is what the message calls the table."""
    for key, value in table.items():
        if key not in fields:
            yield document.problem((*at, key), f"{name}: unknown key {key!r}", suggestion(key, fields))
        elif wrong := fields[key].check(value):
            yield document.problem((*at, key), f"{name}: {key} {wrong}", fields[key].fix)
    for key, field in fields.items():
        if field.required and key not in table:
            yield document.problem(at, f"{name} has no {key}", field.fix)


def words(value: object) -> str | None:
    """Text that is not empty."""
    return None if isinstance(value, str) and value.strip() else "is not a text"


def in_both_languages(value: object) -> str | None:
    """A table with the texts `en` and `zh` and nothing else."""
    if isinstance(value, dict) and value.keys() == {"en", "zh"} and not any(words(text) for text in value.values()):
        return None
    return "is not given in en and zh"


def matching(pattern: str) -> Check:
    """Text of a fixed form."""

    def check(value: object) -> str | None:
        return None if isinstance(value, str) and re.fullmatch(pattern, value) else f"{value!r} has an unknown form"

    return check


def one_of(known: Sequence[str]) -> Check:
    """One of the known words."""

    def check(value: object) -> str | None:
        return None if value in known else f"{value!r} is not known ({suggestion(value, known)})"

    return check


def some_of(known: Sequence[str | int]) -> Check:
    """A list of at least one of the known words or numbers."""
    names = [str(word) for word in known]

    def check(value: object) -> str | None:
        if not isinstance(value, list) or not value:
            return "is not a list with at least one entry"
        unknown = [entry for entry in value if isinstance(entry, bool) or entry not in known]
        return f"{unknown[0]!r} is not known ({suggestion(unknown[0], names)})" if unknown else None

    return check


def whole(low: int, high: int) -> Check:
    """A whole number from `low` to `high`."""

    def check(value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if fits else f"{value!r} is not a whole number from {low} to {high}"

    return check


def flag(value: object) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else f"{value!r} is not true or false"


def day(value: object) -> str | None:
    """A TOML date."""
    return None if isinstance(value, date) and not isinstance(value, datetime) else f"{_plain(value)} is not a date"


def clock(value: object) -> str | None:
    """A TOML time of day."""
    return None if isinstance(value, time) else f"{_plain(value)} is not a time of day"


def _plain(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)
