"""Questions to a run: the same one is asked of the files once, and each caller's rows are its own."""

from typing import Any

import duckdb
import pytest

from collectaudit.asking import Asking

NUMBERS = "SELECT unnest(range($1)) AS n"


class Counted:
    """A connection that counts what it is asked."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.asked = 0

    def execute(self, sql: str, params: list[Any]) -> Any:
        self.asked += 1
        return self.con.execute(sql, params)

    def close(self) -> None:
        self.con.close()


@pytest.fixture
def counted() -> Counted:
    return Counted()


def test_the_same_question_is_asked_once(counted: Counted) -> None:
    asking = Asking(counted)  # type: ignore[arg-type]
    assert [row["n"] for row in asking.rows(NUMBERS, [3])] == [0, 1, 2]
    asking.rows(NUMBERS, [3])[0]["n"] = 99
    assert asking.rows(NUMBERS, [3])[0]["n"] == 0
    assert counted.asked == 1
    assert len(asking.rows(NUMBERS, [4])) == 4
    assert counted.asked == 2


def test_a_long_answer_is_not_kept_and_old_ones_go(counted: Counted) -> None:
    asking = Asking(counted)  # type: ignore[arg-type]
    for _ in range(2):
        assert len(asking.rows(NUMBERS, [5000])) == 5000
    assert counted.asked == 2
    for n in range(300):
        asking.rows(NUMBERS, [n])
    asking.rows(NUMBERS, [299])
    assert counted.asked == 302
    asking.rows(NUMBERS, [0])
    assert counted.asked == 303
