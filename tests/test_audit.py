"""The whole way: files in, findings out; what the law says on which day, who is who, the same bytes always."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from exports import AGENT, ME, MOTHER, bill, calls, facts, people

from collectaudit import arrivals, contact, views
from collectaudit.audit import audit
from collectaudit.case import Case

COLLECTOR, DEBTOR = f"{AGENT},collector", f"{ME},debtor"


def found(case: Case, rule: str | None = None) -> set[tuple[str, str, str]]:
    rows = views.findings(case, lang="en", rule=rule)
    return {(row["rule_id"], row["regime"], row["tier"]) for row in rows}


def hours(tmp_path: Path, at: str, *declared: str) -> tuple[set[str], Case]:
    inputs = [calls(tmp_path / "calls.xml", [(at, "in", 35)]), people(tmp_path / "people.csv", COLLECTOR, DEBTOR)]
    if declared:
        inputs.append(facts(tmp_path / "facts.csv", *declared))
    case = audit(inputs, out=tmp_path / "case", owners={"": ME})
    return {regime for _, regime, _ in found(case, "out-of-hours")}, case


@pytest.mark.parametrize(
    ("at", "regimes"),
    [
        ("2025-06-01 21:40:00", {"promise"}),
        ("2025-06-01 22:10:00", {"promise", "cn.gbt45251"}),
        ("2026-03-01 22:10:00", {"promise", "cn.gbt45251", "cn.cba2026"}),
        ("2024-06-01 22:10:00", {"promise", "cn.nifa2024"}),
        ("2023-06-01 22:10:00", set()),
        ("2026-03-01 20:59:59", set()),
        ("2026-03-01 08:00:00", set()),
        ("2026-03-01 07:59:59", {"promise", "cn.gbt45251", "cn.cba2026"}),
    ],
)
def test_which_hours_apply_on_which_day(tmp_path: Path, at: str, regimes: set[str]) -> None:
    regimes_found, case = hours(tmp_path, at)
    authority = {row["regime"]: row["authority"] for row in views.findings(case, lang="en")}
    assert {"promise" if authority[name] == "promise" else name for name in regimes_found} == regimes


def test_before_any_number_the_rule_says_why_it_is_silent(tmp_path: Path) -> None:
    _, case = hours(tmp_path, "2023-06-01 22:10:00")
    rule = next(row for row in views.rules(case, lang="en") if row["rule_id"] == "out-of-hours")
    assert rule["status"] == "not_in_force"
    assert rule["reason"]


@pytest.mark.parametrize(("rows", "fires"), [(6, set()), (7, {"cn.cba2026"})])
def test_unanswered_attempts_in_a_day(tmp_path: Path, rows: int, fires: set[str]) -> None:
    attempts = [(f"2026-03-02 1{n}:00:00", "missed", 0) for n in range(rows)]
    inputs = [calls(tmp_path / "calls.xml", attempts), people(tmp_path / "people.csv", COLLECTOR, DEBTOR)]
    case = audit(inputs, out=tmp_path / "case", owners={"": ME})
    assert {regime for _, regime, _ in found(case, "contact-frequency")} == fires


# A clock in another zone: what it showed, what the case calls it, and whether that is at night.
CLOCKS = [
    ("UTC", "Asia/Shanghai", "2026-03-01 14:30:00", "2026-03-01 22:30:00", True),
    ("UTC", "Asia/Shanghai", "2026-03-01 23:30:00", "2026-03-02 07:30:00", True),
    ("UTC", "Asia/Shanghai", "2026-03-02 02:00:00", "2026-03-02 10:00:00", False),
    ("America/New_York", "Asia/Shanghai", "2026-03-08 01:30:00", "2026-03-08 14:30:00", False),  # winter time
    ("America/New_York", "Asia/Shanghai", "2026-03-08 03:30:00", "2026-03-08 15:30:00", False),  # summer time
    ("Asia/Shanghai", "Asia/Shanghai", "2026-03-01 22:30:00", "2026-03-01 22:30:00", True),
]  # fmt: skip


@pytest.mark.parametrize(("written_in", "of_case", "written", "judged", "fires"), CLOCKS)
def test_times_of_another_clock_are_judged_by_that_of_the_case(
    tmp_path: Path, written_in: str, of_case: str, written: str, judged: str, fires: bool
) -> None:
    log = tmp_path / "in" / "calls.csv"
    log.parent.mkdir()
    header = "Call type,Date,Duration,Number,Contact,Location,Service"
    log.write_text(f"{header}\nIncoming,{written},00:00:35,{AGENT},,,Phone\n", encoding="utf-8")
    inputs = [tmp_path / "in", people(tmp_path / "people.csv", COLLECTOR, DEBTOR)]
    case = audit(inputs, out=tmp_path / "case", owners={"": ME}, zones={"in/calls.csv": written_in}, time_zone=of_case)
    event = case.query("SELECT * FROM events WHERE channel = 'call'")[0]
    assert str(event["at_local"]) == judged
    assert event["at_utc"] == event["at_local"] - timedelta(hours=8)
    assert bool(found(case, "out-of-hours")) is fires
    about = contact.contact(case, event["event_id"], "zh")
    assert about is not None and {about["time_zone"], about["records"][0]["time_zone"]} == {of_case}


DATED = [  # a date of the log, another one, what a person said, whose law → what the first was read as
    ("03/04/2026", "", "", "cn", None),
    ("03/04/2026", "", "", "us", "2026-03-04"),  # by custom, which is said
    ("03/04/2026", "", "day-first", "us", "2026-04-03"),
    ("03/04/2026", "", "month-first", "cn", "2026-03-04"),
    ("03/04/2026", "13/04/2026", "", "us", "2026-04-03"),
    ("03/04/2026", "13/04/2026", "month-first", "cn", "2026-04-03"),
    ("24/11/15", "", "year-first", "cn", "2024-11-15"),
    ("24/11/15", "24/12/04", "", "us", "2024-11-15"),
]


@pytest.mark.parametrize(("date", "other", "said", "whose", "day"), DATED)
def test_which_of_two_days_a_date_of_a_table_is(
    tmp_path: Path, run: Run, date: str, other: str, said: str, whose: str, day: str | None
) -> None:
    log = tmp_path / "in" / "calls.csv"
    log.parent.mkdir()
    dates = "".join(f"Incoming,{one} 10:00:00,00:00:35,{AGENT},,,Phone\n" for one in (date, other) if one)
    log.write_text(f"Call type,Date,Duration,Number,Contact,Location,Service\n{dates}", encoding="utf-8")
    order = ("--date-order", f"in={said}") if said else ()
    assert run("audit", log, "-o", tmp_path / "case", "--owner", ME, "--jurisdiction", whose, *order).code == (
        0 if day else 3
    )
    case = Case.open(tmp_path / "case")
    found = case.query("SELECT min(at_local) AS first FROM events WHERE at_local IS NOT NULL")[0]["first"]
    assert str(found).split()[0] == str(day)
    (row,) = arrivals.arrivals(case)
    assert row["asks_order"] == (f"{date} 10:00:00" if not other and not said else None)
    if day is None:
        assert row["problems"][0].args["why"].startswith("day and month cannot be told apart in this file: say which")
        assert run("audit", "-o", tmp_path / "case", "--date-order", "in=day-first").code == 0
        assert arrivals.arrivals(case)[0]["events"] == 1
    assert run("audit", "-o", tmp_path / "case", "--date-order", "noon").code == 2


@pytest.mark.parametrize(("day_of_the_eighth", "fires"), [("08", False), ("07", True)])
def test_seven_in_seven_calendar_days(tmp_path: Path, day_of_the_eighth: str, fires: bool) -> None:
    days = [f"2026-03-0{n} 10:00:00" for n in range(1, 8)] + [f"2026-03-{day_of_the_eighth} 10:00:00"]
    rows = [(at if n < 7 else at.replace("10:00", "10:01"), "missed", 0) for n, at in enumerate(days)]
    if not fires:
        rows = [(at, "missed", 0) for at in days]
    inputs = [calls(tmp_path / "calls.xml", rows), people(tmp_path / "people.csv", COLLECTOR, DEBTOR)]
    case = audit(inputs, out=tmp_path / "case", owners={"": ME}, jurisdiction="us", time_zone="Asia/Shanghai")
    assert bool(found(case, "contact-frequency")) is fires


def family_case(tmp_path: Path, *labels: str) -> Case:
    inputs = [
        calls(tmp_path / "mine/calls.xml", [("2026-03-01 10:00:00", "in", 35)], number="13800138009"),
        calls(tmp_path / "mother/calls.xml", [("2026-03-02 10:00:00", "in", 35)]),
        people(tmp_path / "people.csv", DEBTOR, f"{MOTHER},family,妈妈", *labels),
    ]
    return audit(inputs, out=tmp_path / "case", owners={"mine": ME, "mother": MOTHER})


def test_a_labelled_call_to_the_mother_is_found_with_her_export(tmp_path: Path) -> None:
    case = family_case(tmp_path, COLLECTOR)
    rows = views.findings(case, lang="en", rule="third-party-contact")
    assert {row["regime"] for row in rows} >= {"cn.gbt45251", "cn.cba2026"}
    assert {item["source"] for row in rows for item in row["evidence"]} == {"mother/calls.xml"}
    sources = {row["source_id"]: row["owner_number"] for row in views.sources(case)}
    assert {sources[item["event_id"].split(":")[0]] for row in rows for item in row["evidence"]} == {"+86" + MOTHER}


def test_an_unlabelled_number_stays_silent_and_is_asked_about(tmp_path: Path) -> None:
    case = family_case(tmp_path)
    assert not found(case)
    first = views.suggestions(case)[0]
    assert first["number"] == "+86" + AGENT[1:]
    assert first["reasons"]


def test_the_same_call_in_log_and_bill_counts_once_and_shows_two_exhibits(tmp_path: Path) -> None:
    inputs = [
        calls(tmp_path / "calls.xml", [("2025-06-01 22:10:00", "in", 83)]),
        bill(tmp_path / "bill.csv", [("2025-06-01 22:10:12", "被叫", "1分23秒")]),
        people(tmp_path / "people.csv", COLLECTOR, DEBTOR),
    ]
    case = audit(inputs, out=tmp_path / "case", owners={"": ME})
    assert views.overview(case)["contacts"] == 1
    row = next(row for row in views.findings(case, lang="zh") if row["regime"] == "cn.gbt45251")
    assert {item["source"].split("/")[1] for item in row["evidence"]} == {"calls.xml", "bill.csv"}
    shown = views.finding(case, row["finding_id"], "zh")
    assert shown is not None
    assert {exhibit["source"].split("/")[1]: "1分23秒" in exhibit["raw"] for exhibit in shown["exhibits"]} == {
        "calls.xml": False,
        "bill.csv": True,
    }


def digest(case: Case) -> str:
    run = case.run()
    assert run is not None
    return hashlib.sha256((run / "findings.parquet").read_bytes()).hexdigest()


def test_the_same_bytes_whatever_the_threads_order_zone_and_place(tmp_path: Path, monkeypatch: Any) -> None:
    inputs = [
        calls(tmp_path / "calls.xml", [(f"2026-03-0{n} 22:1{m}:00", "in", 40) for n in range(1, 8) for m in range(6)]),
        people(tmp_path / "people.csv", COLLECTOR, DEBTOR),
    ]
    digests = set()
    for number, (threads, zone) in enumerate([(1, "Asia/Shanghai"), (8, "America/New_York"), (2, "UTC")]):
        monkeypatch.setitem(os.environ, "TZ", zone)
        order = inputs if number % 2 else inputs[::-1]
        digests.add(digest(audit(order, out=tmp_path / f"case [{number}]*'", owners={"": ME}, threads=threads)))
    assert len(digests) == 1


def test_a_second_audit_of_the_same_files_is_the_same_run(tmp_path: Path) -> None:
    inputs = [calls(tmp_path / "calls.xml", [("2026-03-01 22:10:00", "in", 35)]), people(tmp_path / "p.csv", COLLECTOR)]
    first = audit(inputs, out=tmp_path / "case", owners={"": ME})
    run = first.run()
    again = audit(inputs, out=tmp_path / "case")
    assert again.run() == run
    assert len(list((tmp_path / "case" / "runs").iterdir())) == 1
    assert audit([], out=tmp_path / "case").run() == run


@pytest.mark.parametrize(
    ("values", "fires"),
    [([], True), ([",,quiet_hours_consent,,,,"], False), ([",,quiet_hours_consent,,2026-02-28,,"], True)],
)
def test_a_declared_consent_lifts_the_hours_while_it_lasts(tmp_path: Path, values: list[str], fires: bool) -> None:
    regimes, _ = hours(tmp_path, "2026-03-01 22:10:00", *values)
    assert ("cn.cba2026" in regimes) is fires
