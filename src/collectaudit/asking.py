"""Questions to one run: one connection for many of them, and the last answers, since pages ask the same again."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any

import duckdb

from . import reviews
from .drawers import Sheet

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]  # by place ($1) or by name
_ALWAYS, _SELDOM = ("verdicts", "opinions"), ("struck", "upheld")  # tables that are others after a verdict
_CONTENT = "SELECT count(*), bit_xor(hash(finding_id))"
_NONE: Mapping[str, str] = MappingProxyType({})
_ANSWERS, _ROWS, _ALL = 1024, 6_000, 100_000  # answers that are kept, rows of the longest, and of all of them


class Asking:
    """What a run and its verdicts say. A run never changes, so neither do the answers that ask for no verdict.

    Tables that several questions begin with are made by the first of them, and last as long as answers do.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._mine = Lock()
        self._answers: OrderedDict[tuple[str, str], list[Row]] = OrderedDict()
        self._held = 0  # rows
        self._made: dict[str, str] = {}  # tables

    def rows(self, sql: str, params: Params, tables: Mapping[str, str] = _NONE) -> list[Row]:
        """Rows of one SELECT by column name, each the caller's own. `tables`: name → SELECT of those it begins with."""
        key = " ".join([sql, *tables.values()]), repr(params)
        with self._mine:
            found = self._answers.get(key)
            if found is None:
                self._make(tables)
                found = self._asked(sql, params)
                self._remember(key, found)
            else:
                self._answers.move_to_end(key)
        return [dict(row) for row in found]

    def judged(self, written: Sheet) -> None:
        """People have judged anew: the verdicts are those of `written`, and what depends on them is asked again."""
        with self._mine:
            before = self._seldom()
            reviews.install(self.con, written)
            after = self._seldom()
            others = [*_ALWAYS, *(name for name in _SELDOM if before[name] != after[name])]
            judged = re.compile(rf"\b({'|'.join(others)})\b")
            self._made = {name: sql for name, sql in self._made.items() if not judged.search(sql)}
            for key in [key for key in self._answers if judged.search(key[0])]:
                self._held -= len(self._answers.pop(key))

    def _seldom(self) -> dict[str, object]:
        """What is in the tables that most verdicts leave as they are."""
        return {name: self.con.execute(f"{_CONTENT} FROM {name}").fetchone() for name in _SELDOM}

    def close(self) -> None:
        """Let the files of the run go."""
        self.con.close()

    def _make(self, tables: Mapping[str, str]) -> None:
        for name, sql in tables.items():
            if name not in self._made:
                self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
                self._made[name] = sql

    def _asked(self, sql: str, params: Params) -> list[Row]:
        asked = self.con.execute(sql, dict(params) if isinstance(params, Mapping) else list(params))
        names = [column[0] for column in asked.description or ()]
        return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]

    def _remember(self, key: tuple[str, str], rows: list[Row]) -> None:
        if len(rows) > _ROWS:
            return
        self._answers[key] = rows
        self._held += len(rows)
        while len(self._answers) > _ANSWERS or self._held > _ALL:
            self._held -= len(self._answers.popitem(last=False)[1])
