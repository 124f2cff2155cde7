"""Questions to one run: one connection for many of them, and the last answers, since pages ask the same again."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import duckdb

Row = dict[str, Any]
Params = Sequence[Any] | Mapping[str, Any]  # by place ($1) or by name
_ANSWERS, _ROWS = 256, 2_000  # answers that are kept, and the longest of them


class Asking:
    """What a run says; it never changes, so neither do its answers."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._mine = Lock()
        self._answers: OrderedDict[tuple[str, str], list[Row]] = OrderedDict()

    def rows(self, sql: str, params: Params) -> list[Row]:
        """Rows of one SELECT by column name, each the caller's own."""
        key = sql, repr(params)
        with self._mine:
            if key not in self._answers:
                self._remember(key, self._asked(sql, params))
            self._answers.move_to_end(key)
            found = self._answers[key]
            if len(found) > _ROWS:
                del self._answers[key]
        return [dict(row) for row in found]

    def close(self) -> None:
        """Let the files of the run go."""
        self.con.close()

    def _asked(self, sql: str, params: Params) -> list[Row]:
        asked = self.con.execute(sql, dict(params) if isinstance(params, Mapping) else list(params))
        names = [column[0] for column in asked.description or ()]
        return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]

    def _remember(self, key: tuple[str, str], rows: list[Row]) -> None:
        self._answers[key] = rows
        while len(self._answers) > _ANSWERS:
            self._answers.popitem(last=False)
