"""Which time the files of a case tell of, and where clocks are doubtful; every number is worked out by hand."""

from datetime import date
from pathlib import Path

import pytest
from exports import AGENT, ME, MOTHER, bill, calls, people

from collectaudit import clocks, contacts, coverage, gaps
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.filtering import Wanted


def case_of(root: Path) -> Case:
    return audit([root / "in"], out=root / "case", owners={"": ME})


def log(root: Path, name: str, *times: str, number: str = AGENT, seconds: int = 60) -> None:
    calls(root / "in" / f"{name}.xml", [(at, "in", seconds) for at in times], number)


@pytest.fixture
def spring(tmp_path: Path) -> Case:
    """Two logs of one phone: three calls from 2 to 20 January, two from 3 to 5 April. Nothing in between."""
    log(tmp_path, "winter", "2026-01-02 10:00:00", "2026-01-02 11:00:00", "2026-01-20 10:00:00")
    log(tmp_path, "april", "2026-04-03 10:00:00", "2026-04-05 10:00:00")
    return case_of(tmp_path)


def test_every_month_from_the_first_contact_to_the_last(spring: Case) -> None:
    rows = [
        (row["month"], row["contacts"], row["days"], row["records"], row["logs"]) for row in coverage.months(spring)
    ]
    assert rows == [("2026-01", 3, 2, 3, 1), ("2026-02", 0, 0, 0, 0), ("2026-03", 0, 0, 0, 0), ("2026-04", 2, 2, 2, 1)]


def test_a_month_leads_to_its_contacts(spring: Case) -> None:
    for row in coverage.months(spring):
        wanted = Wanted({}, since=row["first"].isoformat(), until=row["last"].isoformat())
        assert contacts.count(spring, wanted) == row["contacts"]


def test_between_two_files_a_third_may_be_missing(spring: Case) -> None:
    """From 21 January to 2 April: 11 + 28 + 31 + 2 days. Within the files: 3 to 19 January is 17 days; 4 April is 1."""
    found = coverage.stretches(spring)
    assert [(row["since"], row["until"], row["days"]) for row in found["uncovered"]["rows"]] == [
        (date(2026, 1, 21), date(2026, 4, 2), 72)
    ]
    assert (found["uncovered"]["n"], found["uncovered"]["days"]) == (1, 72)
    assert [(row["since"], row["days"]) for row in found["quiet"]["rows"]] == [(date(2026, 1, 3), 17)]


def test_what_to_ask_the_carrier_for(spring: Case) -> None:
    found = [(row["whose"], row["month"], row["days"]) for row in coverage.wanted_bills(spring)]
    me = "+86" + ME
    assert found == [(me, "2026-04", 2), (me, "2026-03", 31), (me, "2026-02", 28), (me, "2026-01", 11)]


def test_one_phone_does_not_hide_the_gaps_of_another(tmp_path: Path) -> None:
    log(tmp_path, "mine/winter", "2026-01-02 10:00:00")
    log(tmp_path, "mine/april", "2026-04-03 10:00:00")
    log(tmp_path, "hers/spring", "2026-01-01 10:00:00", "2026-04-10 10:00:00")
    case = audit([tmp_path / "in"], out=tmp_path / "case", owners={"mine": ME, "hers": MOTHER})
    found = coverage.stretches(case)
    assert [(row["whose"], row["days"]) for row in found["uncovered"]["rows"]] == [("+86" + ME, 90)]
    assert [(row["whose"], row["days"]) for row in found["quiet"]["rows"]] == [("+86" + MOTHER, 98)]


def test_the_calendar_by_month_and_by_day(spring: Case) -> None:
    """From 2 January to 5 April are 94 days: too many for a field each."""
    whole = coverage.calendar(spring)
    assert whole["unit"] == "month"
    assert whole["lanes"] == ["in/winter.xml", "in/april.xml"]
    assert whole["fields"] == ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
    assert [(cell["lane"], str(cell["since"]), cell["records"]) for cell in whole["cells"]] == [
        ("in/winter.xml", "2026-01-01", 3), ("in/april.xml", "2026-04-01", 2),
    ]  # fmt: skip
    january = coverage.calendar(spring, "2026-01")
    assert (january["unit"], len(january["fields"]), january["fields"][0]) == ("day", 19, "2026-01-02")
    assert [(str(cell["since"]), cell["records"]) for cell in january["cells"]] == [
        ("2026-01-02", 2),
        ("2026-01-20", 1),
    ]


def test_many_logs_share_the_last_lane(tmp_path: Path) -> None:
    for n in range(coverage.LANES + 3):
        log(tmp_path, f"log{n:02}", f"2026-01-{n + 1:02} 10:00:00")
    found = coverage.calendar(case_of(tmp_path))
    assert (len(found["lanes"]), found["lanes"][-1]) == (coverage.LANES + 1, "+")
    assert sum(cell["records"] for cell in found["cells"] if cell["lane"] == "+") == 3


def test_nothing_has_a_date(tmp_path: Path) -> None:
    people(tmp_path / "in" / "people.csv", f"{AGENT},collector")
    case = case_of(tmp_path)
    assert coverage.months(case) == []
    assert coverage.calendar(case) == {"unit": "day", "lanes": [], "fields": [], "cells": []}
    assert coverage.stretches(case)["uncovered"] == {"n": 0, "days": 0, "rows": []}
    assert (coverage.hidden(case), clocks.shifted(case), clocks.coarse(case)) == ({"n": 0, "rows": []}, [], [])


def test_hidden_and_masked_numbers_lead_to_their_contacts(tmp_path: Path) -> None:
    log(tmp_path, "seen", "2026-01-02 10:00:00")
    log(tmp_path, "unseen", "2026-01-03 10:00:00", "2026-01-03 11:00:00", number="")
    lines = "起始时间,通信方式,对方号码,通信时长\n2026-01-04 10:00:00,被叫,138****8001,60\n"
    (tmp_path / "in" / "bill.csv").write_text(lines, encoding="utf-8")
    case = case_of(tmp_path)
    found = coverage.hidden(case)
    assert found["n"] == 3
    assert sorted(row["contacts"] for row in found["rows"]) == [1, 2]
    for row in found["rows"]:
        assert contacts.count(case, Wanted({"number": [row["number"]]})) == row["contacts"]


# Clocks

FIVE = ("02 10:00:00", "03 11:30:00", "04 09:15:00", "05 16:45:00", "06 20:00:00")


def two_logs(root: Path, *minutes: int) -> Case:
    """The five calls as the phone has them, and in a bill so many minutes later; each as long as no other."""
    rows = [(f"2025-06-{at}", "in", 60 + 7 * n) for n, at in enumerate(FIVE)]
    calls(root / "in" / "calls.xml", rows)
    moved = []
    for n, late in enumerate(minutes):
        day, clock = FIVE[n].split()
        hour, minute, second = clock.split(":")
        total = int(hour) * 60 + int(minute) + late
        moved.append((f"2025-06-{day} {total // 60:02}:{total % 60:02}:{second}", "被叫", str(60 + 7 * n)))
    bill(root / "in" / "bill.csv", moved)
    return audit([root / "in"], out=root / "case", owners={"": ME})


def test_two_logs_an_hour_apart(tmp_path: Path) -> None:
    (row,) = clocks.shifted(two_logs(tmp_path, 60, 60, 60, 60, 60))
    assert (row["late"], row["early"]) == ("in/bill.csv", "in/calls.xml")
    assert (row["minutes"], row["calls"], row["both"]) == (60, 5, 5)


@pytest.mark.parametrize(
    ("minutes", "shift"),
    [
        ((0, 0, 0, 0, 0), None),
        ((60, 60), None),  # two calls are no proof
        ((60, 60, 60, 0, 0), (60, 3, 5)),
        ((7, 7, 7, 7), (7, 4, 4)),
        ((30, 7, 60, 90, 13), None),  # never by the same
        ((120, 120, 120), (120, 3, 3)),
    ],
)
def test_clocks_that_differ_by_the_same(
    tmp_path: Path, minutes: tuple[int, ...], shift: tuple[int, ...] | None
) -> None:
    found = clocks.shifted(two_logs(tmp_path, *minutes))
    assert [(row["minutes"], row["calls"], row["both"]) for row in found] == ([shift] if shift else [])


def test_times_that_are_not_exact_and_records_without_a_day(tmp_path: Path) -> None:
    lines = "起始时间,通信方式,对方号码,通信时长\n"
    lines += "2026-01-04 10:00,被叫,02188880000,60\n2026-01-05 10:00,被叫,02188880000,60\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bill.csv").write_text(lines, encoding="utf-8")
    case = case_of(tmp_path)
    assert clocks.coarse(case) == [{"name": "in/bill.csv", "precision": "minute", "records": 2}]
    assert clocks.zones(case) == [{"time_zone": "Asia/Shanghai", "files": 1}]


def test_gaps_of_recordings_by_the_page(tmp_path: Path) -> None:
    from recordings import wav

    rows = [(f"2026-01-{1 + n // 20:02} {n % 20:02}:00:00", "in", 60) for n in range(gaps.ROWS + 3)]
    calls(tmp_path / "in" / "calls.xml", rows)
    people(tmp_path / "in" / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    (tmp_path / "in" / f"{AGENT}_20260209100000.wav").write_bytes(wav(5))
    case = case_of(tmp_path)
    first, second = (gaps.gap(case, "without_recording", number) for number in (1, 2))
    assert (len(first), len(second)) == (gaps.ROWS, 3)
    assert max(row["at_local"] for row in first) < min(row["at_local"] for row in second)
    assert len(gaps.gap(case, "without_call", 1)) == gaps.recording_gaps(case)["without_call"]["n"] == 1
