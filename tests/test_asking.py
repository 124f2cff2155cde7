"""Questions to a run: the same one is asked of the files once, and each caller's rows are its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from collectaudit import drawers, reviews, runs
from collectaudit.asking import Asking

NUMBERS = "SELECT unnest(range($1)) AS n"


class Counted:
    """A connection that counts what it is asked."""

    def __init__(self) -> None:
        self.con = runs.blank()
        reviews.install(self.con, drawers.Sheet([], []))
        self.asked = 0

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        self.asked += 1
        return self.con.execute(sql, list(params))

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
        assert len(asking.rows(NUMBERS, [7000])) == 7000
    assert counted.asked == 2
    for n in range(1100):
        asking.rows(f"{NUMBERS} LIMIT {n % 2}", [n])
    asking.rows(f"{NUMBERS} LIMIT 1", [1099])
    assert counted.asked == 1102
    asking.rows(f"{NUMBERS} LIMIT 0", [0])
    assert counted.asked == 1103


def test_no_more_rows_are_kept_than_memory_should_hold(counted: Counted) -> None:
    asking = Asking(counted)  # type: ignore[arg-type]
    for n in range(20):
        asking.rows(NUMBERS, [5981 + n])  # nearly 6,000 rows each: seventeen of them are too many
    asking.rows(NUMBERS, [6000])
    asking.rows(NUMBERS, [5985])
    assert counted.asked == 20
    asking.rows(NUMBERS, [5984])
    assert counted.asked == 21


def test_a_new_verdict_leaves_the_answers_that_ask_for_none(counted: Counted, tmp_path: Path) -> None:
    asking, verdicts = Asking(counted), "SELECT verdict FROM verdicts"  # type: ignore[arg-type]
    written = tmp_path / drawers.REVIEWS
    assert asking.rows(verdicts, []) == []
    asking.rows(NUMBERS, [3])
    written.write_text("finding_id,verdict\nf1,confirmed\n", encoding="utf-8")
    asking.judged(drawers.read(written))
    before = counted.asked
    asking.rows(NUMBERS, [3])
    assert counted.asked == before
    assert asking.rows(verdicts, []) == [{"verdict": "confirmed"}]


def test_a_table_is_made_by_the_first_who_needs_it_and_anew_only_for_a_verdict(
    counted: Counted, tmp_path: Path
) -> None:
    asking, written = Asking(counted), tmp_path / drawers.REVIEWS  # type: ignore[arg-type]
    tables = {"long": NUMBERS.replace("$1", "3"), "said": "SELECT count(*) AS n FROM verdicts JOIN long ON true"}
    before = counted.asked
    assert asking.rows("FROM said", [], tables) == [{"n": 0}]
    assert asking.rows("FROM long ORDER BY n", [], tables) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert counted.asked == before + 4
    written.write_text("finding_id,verdict\nf1,confirmed\n", encoding="utf-8")
    asking.judged(drawers.read(written))
    before = counted.asked
    assert asking.rows("FROM said", [], tables) == [{"n": 3}]
    assert counted.asked == before + 2  # made and asked; the other one is as it was


@pytest.mark.parametrize(
    ("verdict", "tier", "asked"),
    [
        ("confirmed", "finding", 0),  # it counts as before
        ("confirmed", "review", 1),
        ("dismissed", "finding", 1),
        ("dismissed", "review", 1),
        ("unsure", "finding", 0),
    ],
)
def test_what_no_verdict_so_far_has_changed_is_not_asked_again(
    counted: Counted, tmp_path: Path, verdict: str, tier: str, asked: int
) -> None:
    counted.con.execute(f"CREATE OR REPLACE VIEW findings AS SELECT 'f1' AS finding_id, '{tier}' AS tier")
    asking, written = Asking(counted), tmp_path / drawers.REVIEWS  # type: ignore[arg-type]
    marks = "SELECT (SELECT count(*) FROM struck) + (SELECT count(*) FROM upheld) AS n"
    assert asking.rows(marks, []) == [{"n": 0}]
    written.write_text(f"finding_id,verdict\nf1,{verdict}\n", encoding="utf-8")
    asking.judged(drawers.read(written))
    before = counted.asked
    assert asking.rows(marks, []) == [{"n": asked}]
    assert counted.asked == before + asked
