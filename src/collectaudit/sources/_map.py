"""Column maps: which column of an export is what. One TOML file each, written by people, checked before use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from collectaudit.errors import WrongUse
from collectaudit.sources._mapcheck import FLAGS, LISTS, TEXTS, check_map, parse_map

READ_AS = "read as "  # begins the note that names the map
FOLDER = Path(__file__).parent / "columns"


@dataclass(frozen=True)
class ColumnMap:
    """One kind of table. `columns`: canonical field → header names, best first. The keys are those of the file.

    `headerless`: the column names, joined by commas, of tables that have none in the file; `cells`: column name → what
    its cells look like, by which those are told (see `exact`). `offset`: in which the times are written, wherever the
    people were.
    `extensions`: an end that is an extension is the switch's own. `minutes_up`: durations are minutes, rounded up.
    """

    id: str
    kind: str
    title: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    channel: str | None = None
    side: str | None = None
    collector: str | None = None
    time_zone: str | None = None
    one_of: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    only_known: bool = False
    known: tuple[str, ...] = ()
    refuse_unknown: tuple[str, ...] = ()
    caution: str | None = None
    offset: str | None = None
    headerless: tuple[str, ...] = ()
    extensions: bool = False
    minutes_up: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether all rows below a header are alike, as a program writes them: others have lost or won a separator."""
        return bool(self.cells) and not self.headerless

    @property
    def least(self) -> int:
        """How many columns must be recognised: a table of contacts needs three, a list of people two."""
        return 3 if self.kind == "events" else 2


@cache
def shipped() -> tuple[ColumnMap, ...]:
    """The maps that come with the program."""
    return tuple(load_map(path) for path in sorted(FOLDER.glob("*.toml")))


def found_by(notes: Iterable[str]) -> ColumnMap | None:
    """The map that comes with the program by which a table was read, of the notes of its reader; None if none was."""
    named = {note.removeprefix(READ_AS) for note in notes if note.startswith(READ_AS)}
    return next((one for one in shipped() if one.id in named), None)


def load_map(path: Path) -> ColumnMap:
    """Reads one map; raises WrongUse naming the file, the key and the way out."""
    problems = check_map(path)
    if problems:
        raise WrongUse(f"{path.name}: {problems[0]}", "Correct the column map and run again.")
    return _build(parse_map(path))


def _build(data: dict[str, Any]) -> ColumnMap:
    texts: dict[str, str] = {key: data[key] for key in TEXTS if key in data}
    lists: dict[str, tuple[str, ...]] = {key: tuple(data.get(key, ())) for key in LISTS}
    columns = {name: tuple(headers) for name, headers in data["columns"].items()}
    values = {
        name: {meaning: tuple(words) for meaning, words in table.items()}
        for name, table in data.get("values", {}).items()
    }
    return ColumnMap(
        **{**texts, **lists, **{key: data.get(key, False) for key in FLAGS}, "columns": columns, "values": values,
           "title": data["title"], "source": data.get("from", {}), "cells": data.get("cells", {})}
    )  # fmt: skip
