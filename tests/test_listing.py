"""Findings by the page: every number is the number of the rows behind it."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from bigcase import sample_copy
from casekit import EVENT, FINDING, PROVISION, RULE_RUN, SOURCE

from collectaudit import contact, listing, runs
from collectaudit.case import Case
from collectaudit.desk import Desk, desk_at
from collectaudit.errors import WrongUse
from collectaudit.listing import FACETS, ROWS, Wanted
from collectaudit.sqltext import literal

EVERY = Wanted({})


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("sample") / "case")


def everything(case: Case, wanted: Wanted) -> list[dict[str, Any]]:
    pages = range(1, listing.count(case, wanted) // ROWS + 2)
    return [row for number in pages for row in listing.page(case, wanted, number, "zh")]


def test_the_pages_hold_every_finding_once(case: Case) -> None:
    found = [row["finding_id"] for row in everything(case, EVERY)]
    assert len(found) == len(set(found)) == listing.count(case, EVERY)
    assert set(found) == {row["finding_id"] for row in case.query("SELECT finding_id FROM findings")}
    assert listing.page(case, EVERY, 99, "zh") == []


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("besides", [{}, {"severity": ["high"]}, {"tier": ["review"]}])
def test_a_facet_counts_what_choosing_it_leaves(case: Case, facet: str, besides: dict[str, list[str]]) -> None:
    counted = listing.facets(case, Wanted(besides))[facet]
    for value, n in counted.items():
        assert listing.count(case, Wanted({**besides, facet: [value]})) == n
        assert len(everything(case, Wanted({**besides, facet: [value]}))) == n


@pytest.mark.parametrize(("words", "least"), [("通讯录", 3), ("13800138021", 3), ("样例催收", 5), ("XF-2023", 20)])
def test_the_search_looks_into_words_numbers_and_names(case: Case, words: str, least: int) -> None:
    assert least <= listing.count(case, Wanted({}, words)) < listing.count(case, EVERY)


@pytest.mark.parametrize("words", ["%", "'", "\\", "}", "$1", "不在这里"])
def test_signs_in_a_search_are_only_signs(case: Case, words: str) -> None:
    assert listing.count(case, Wanted({}, words)) <= listing.count(case, EVERY)


def test_orders(case: Case) -> None:
    times = [row["occurred_at"] for row in everything(case, EVERY)]
    assert times == sorted(times)
    latest = [row["occurred_at"] for row in everything(case, Wanted({}, order="latest"))]
    assert latest == sorted(times, reverse=True)
    ranks = ["severe", "high", "medium", "low"]
    weighty = [ranks.index(row["severity"]) for row in everything(case, Wanted({}, order="severity"))]
    assert weighty == sorted(weighty)


@pytest.mark.parametrize(
    ("slice_", "column"),
    [
        ("weekday", "isodow(occurred_at)"),
        ("hour", "hour(occurred_at)"),
        ("regime", "regime"),
        ("authority", "(SELECT authority FROM provisions p WHERE p.provision_id = f.provision_id)"),
        ("agency", "(SELECT agency FROM events e WHERE e.event_id = f.event_id)"),
    ],
)
def test_what_a_number_leads_to_are_the_rows_it_counts(case: Case, slice_: str, column: str) -> None:
    counted = case.query(f"SELECT CAST({column} AS VARCHAR) AS value, count(*) AS n FROM findings f GROUP BY 1")
    assert len(counted) > 1
    for row in counted:
        assert listing.count(case, Wanted({slice_: [row["value"] or "-"]})) == row["n"]


def test_a_period_has_both_its_days(case: Case) -> None:
    days = [row["occurred_at"].date().isoformat() for row in everything(case, EVERY)]
    first, last = days[len(days) // 4], days[len(days) // 2]
    assert listing.count(case, Wanted({}, since=first, until=last)) == sum(first <= day <= last for day in days)
    assert listing.count(case, Wanted({}, since="2026-13-01")) == len(days)


def test_a_number_is_that_of_either_end(case: Case) -> None:
    row = everything(case, EVERY)[0]
    for end in ("from_number", "to_number"):
        found = everything(case, Wanted({"number": [row[end]]}))
        assert row["finding_id"] in {one["finding_id"] for one in found}
        assert all(row[end] in (one["from_number"], one["to_number"]) for one in found)


def test_an_order_that_does_not_exist_is_that_of_time(case: Case) -> None:
    assert listing.page(case, Wanted({}, order="; DROP"), 1, "en") == listing.page(case, EVERY, 1, "en")


def test_the_next_one_nobody_has_looked_at(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    case = sample_copy(tmp_path_factory, tmp_path / "case")
    ids = [row["finding_id"] for row in everything(case, EVERY)]
    assert listing.next_unreviewed(case, ids[0], EVERY) == ids[1]
    case.review(ids[1], "confirmed", note="heard", by="me")
    assert listing.next_unreviewed(case, ids[0], EVERY) == ids[2]
    assert listing.next_unreviewed(case, ids[-1], EVERY) == ids[0]
    assert listing.next_unreviewed(case, ids[0], Wanted({"verdict": ["confirmed"]})) is None
    assert (contact.verdict_on(case, ids[1]) or {})["note"] == "heard"
    assert contact.verdict_on(case, ids[0]) is None
    assert listing.facets(case, EVERY)["verdict"] == {"none": len(ids) - 1, "confirmed": 1}


def test_a_contact_has_every_record_of_it(case: Case) -> None:
    second = case.query("SELECT event_id, same_as FROM events WHERE same_as IS NOT NULL ORDER BY event_id LIMIT 1")[0]
    by_either = [contact.contact(case, second[key], "zh") for key in ("event_id", "same_as")]
    assert by_either[0] == by_either[1]
    records = (by_either[0] or {})["records"]
    assert [row["second_record"] for row in records].count(False) == 1
    assert second["event_id"] in {row["event_id"] for row in records}
    assert contact.contact(case, "no such event", "zh") is None


def test_a_contact_names_its_findings_and_marks_its_words(case: Case) -> None:
    for row in everything(case, Wanted({}, "通讯录")):
        about = contact.contact(case, row["event_id"], "zh")
        assert about is not None
        assert row["finding_id"] in {found["finding_id"] for found in about["findings"]}
        spans = [(turn["text"], span) for turn in about["turns"] for span in turn["spans"]]
        assert spans
        assert all(text[span["start_char"] : span["end_char"]] for text, span in spans)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of 100,000 findings."""
    case = Case.create(tmp_path_factory.mktemp("big") / "case")
    with case.session("test"):
        staged = case.staging()
        with duckdb.connect() as con:
            con.execute(runs.SCHEMA)
            for table, row in (("sources", SOURCE), ("provisions", PROVISION), ("rule_runs", RULE_RUN)):
                marks = ", ".join("?" for _ in row)
                con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
            _many(con, "events", {**EVENT, "event_id": "'e' || i"})
            _many(con, "findings", {**FINDING, "finding_id": "printf('%016x', i)", "event_id": "'e' || i"})
            _many(con, "evidence", {"finding_id": "printf('%016x', i)", "ordinal": 1, "event_id": "'e' || i"})
            for table in ("sources", "provisions", "rule_runs", "events", "findings", "evidence"):
                con.execute(f"COPY {table} TO {literal(staged / f'{table}.parquet')}")
        case.publish(staged, "r1", {})
    return case


def _many(con: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    values = [
        value if "i)" in str(value) or str(value).endswith("|| i") else literal(str(value)) for value in row.values()
    ]
    con.execute(f"INSERT INTO {table} ({', '.join(row)}) SELECT {', '.join(values)} FROM range(100000) t(i)")


def test_a_hundred_thousand_findings_are_pages_of_fifty(big: Case) -> None:
    assert listing.count(big, EVERY) == 100_000
    rows = listing.page(big, EVERY, 1000, "en")
    assert [row["finding_id"] for row in rows[:1]] == [f"{49950:016x}"]
    assert len(rows) == ROWS
    assert listing.facets(big, Wanted({}, "e"))["severity"] == {"medium": 100_000}


def test_the_desk_finds_cases_and_makes_new_ones(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    assert desk.cases() == []
    key = desk.new(" ../../某人 的/案卷\x00 ")
    assert [row["name"] for row in desk.cases()] == ["某人-的-案卷"]
    assert desk.case(key).state() == "empty"
    assert desk.case(key) is desk.case(key)
    assert desk.new("某人 的 案卷") != key
    for name in ("", " / ", "..", "\x00"):
        with pytest.raises(WrongUse):
            desk.new(name)
    with pytest.raises(WrongUse):
        desk.case("0" * 12)


def test_what_a_command_names_is_a_case_or_a_folder_of_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert desk_at(None).home == tmp_path / "me" / "collectaudit"
    case = Case.create(tmp_path / "cases" / "one")
    (tmp_path / "cases" / ".hidden").mkdir()
    assert [row["path"] for row in desk_at(tmp_path / "cases").cases()] == [case.path]
    assert [row["path"] for row in desk_at(case.path).cases()] == [case.path]
    (tmp_path / "cases" / "note.txt").write_text("x", encoding="utf-8")
    for path in (tmp_path / "cases", tmp_path / "nowhere"):
        with pytest.raises(WrongUse):
            desk_at(path)
