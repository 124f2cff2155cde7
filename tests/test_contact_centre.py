"""The index of a contact centre, whose rows a program writes: one that has lost or won a separator is not read."""

from pathlib import Path

import pytest
from table_reading import DATA, job, plain, rows

from collectaudit.records import Reject

MOMENT = "column 'call_begin' does not hold what it should: the row is damaged"
NUMBER = "column 'callee_no' does not hold what it should: the row is damaged"
SHIFTED = {  # of the index of a contact centre: what is replaced in it, and why rows are not read
    "a separator lost": ("1,101,", "1101,", "the row has 8 cells, the header 9"),
    "one doubled": ("101,1712", "101,,1712", "the row has 10 cells, the header 9"),
    "one doubled at the end": ("13800138000,2024", "13800138000,,2024", "the row has 10 cells, the header 9"),
    "a time lost": ("2024-04-05 17:40:22,", "", "the row has 8 cells, the header 9"),
    "the header shifted": ("callee_no,call_begin", "callee_no,,call_begin", "the row has 9 cells, the header 10"),
    "two moments in one cell": (":22,2024-04-05 17:41:34", ":222024-04-05 17:41:34,", MOMENT),
    "columns exchanged": ("13800138000,2024-04-05 17:40:22", "2024-04-05 17:40:22,13800138000", MOMENT),
    "an id for a number": ("3201,13800138000", "3201,1712310022-101", NUMBER),
}


@pytest.mark.parametrize("kind", SHIFTED)
def test_rows_of_which_the_cells_were_shifted_are_not_read(tmp_path: Path, kind: str) -> None:
    before, after, reason = SHIFTED[kind]
    text = (DATA / "huawei_contact_center.csv").read_text(encoding="utf-8")
    whole = plain(rows(job(tmp_path, text.encode()))[0])
    assert before in text
    found = rows(job(tmp_path, text.replace(before, after, 1).encode()))[0]
    assert {item.reason for item in found if isinstance(item, Reject)} == {reason}
    assert all(item in whole for item in plain(found) if "reason" not in item)


@pytest.mark.parametrize(
    ("before", "after"), [("13800138000", "0755-12345678"), ("13800138000", "+86 138 0013 8000"), ("\n", ",\n")]
)
def test_numbers_in_groups_and_a_comma_at_the_end_are_no_damage(tmp_path: Path, before: str, after: str) -> None:
    header, _, text = (DATA / "huawei_contact_center.csv").read_text(encoding="utf-8").partition("\n")
    found = rows(job(tmp_path, f"{header}\n{text.replace(before, after)}".encode()))[0]
    assert before in text
    assert [item for item in found if isinstance(item, Reject)] == []
