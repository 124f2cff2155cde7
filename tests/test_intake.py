"""Files into a case: kept at once, recognised, and what is wrong with each said with a way out."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from exports import AGENT, ME, calls, people

from collectaudit import arrivals, intake, mapping, whoiswho
from collectaudit.arrivals import CODES, Problem
from collectaudit.case import Case
from collectaudit.containers._out import BIG
from collectaudit.errors import CollectAuditError, WrongUse

CALLS = "日期,号码,类型,时长\n2026-03-01 09:00:00,{},呼入,30\n2026-03-01 10:00:00,13800138003,呼出,30\n"
ODD = (
    "序号,对方,去还是来,什么时候\n1,13800138009,打来的,2026-03-01 09:00:00\n2,13800138009,打走的,2026-03-02 09:00:00\n"
)
WAYS = {"打来的": "in", "打走的": "out"}
COLUMNS = {"date": "什么时候", "other": "对方", "direction": "去还是来"}


def case_of(folder: Path, files: Mapping[str, bytes]) -> Case:
    case = Case.create(folder / "case")
    for name, data in files.items():
        intake.receive(case, name, io.BytesIO(data))
    intake.recognise(case)
    return case


def zipped(files: Mapping[str, str], flags: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # of no time: the same in every process
    return bytes(out.getvalue()) if not flags else _flagged(out.getvalue(), flags)


def _flagged(data: bytes, flags: int) -> bytes:
    """The same archive, every member of which says that it is encrypted."""
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(sign) + at
        data = data[:place] + bytes([data[place] | flags]) + data[place + 1 :]
    return data


def codes(case: Case) -> dict[str, list[str]]:
    return {row["name"]: [problem.code for problem in row["problems"]] for row in arrivals.arrivals(case)}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("gb.csv", CALLS.format("13800138009").encode("gb18030"), ["gb18030"]),
        ("utf8.csv", CALLS.format("13800138009").encode(), []),
        ("excel.csv", CALLS.format("1.38E+10").encode(), ["cut"]),
        ("odd.csv", ODD.encode(), ["columns"]),
        ("empty.csv", b"", ["empty"]),
        ("bill.pdf", b"%PDF-1.7\n", ["rejected"]),
        ("screen.jpg", b"\xff\xd8\xff\xe0", ["picture"]),
        ("sms.db", b"SQLite format 3\0" + b"\0" * 100, ["database"]),
        ("phone.ab", b"ANDROID BACKUP\n5\n", ["shut_damaged"]),
        ("all.rar", b"Rar!\x1a\x07", ["rar"]),
        ("voice.aud", b"\x02#!SILK_V3", ["rejected"]),
        ("letter.docx", zipped({"[Content_Types].xml": "x", "word/document.xml": "x"}), ["document"]),
        ("noise.bin", bytes(range(256)), ["unrecognised"]),
        ("locked.zip", zipped({"a.csv": "x"}, 1), ["shut_locked"]),
        ("broken.zip", zipped({"a.csv": "x"})[:-30], ["shut_damaged"]),
        ("swollen.zip", zipped({"a.csv": "0" * (BIG + 1)}), ["shut_big"]),
    ],
)
def test_each_kind_of_trouble_has_its_sentence(tmp_path: Path, name: str, data: bytes, expected: list[str]) -> None:
    case = case_of(tmp_path, {name: data})
    assert codes(case) == {name: expected}
    assert set(expected) <= set(CODES)


def test_a_number_that_a_spreadsheet_has_cut_belongs_to_nobody(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"excel.csv": CALLS.format("1.38E+10").encode()})
    row = arrivals.arrivals(case)[0]
    assert (row["records"], row["events"], row["rejects"]) == (2, 1, 1)
    assert row["problems"] == [Problem("cut", {"n": 1})]
    assert [one["locator"] for one in arrivals.rejects(case, [row], 1)] == ["L2"]


def test_the_same_bytes_again_are_kept_once(tmp_path: Path) -> None:
    data = CALLS.format("13800138009").encode()
    case = case_of(tmp_path, {"a.csv": data})
    again = intake.receive(case, "b.csv", io.BytesIO(data))
    assert [(kept.name, kept.before) for kept in again] == [("b.csv", "a.csv")]
    assert len(case.kept()) == 1


def test_a_simple_archive_is_unpacked_under_harmless_names(tmp_path: Path) -> None:
    inside = {"录音/../../../etc/x.csv": CALLS.format("13800138009"), "__MACOSX/._x": "no", "two.csv": ODD}
    case = case_of(tmp_path, {"all.zip": zipped(inside)})
    assert [name for _, name, _ in case.kept()] == ["all/two.csv", "all/录音/etc/x.csv"]
    assert not list(tmp_path.glob("etc"))


def test_names_that_a_chinese_windows_wrote_are_read(tmp_path: Path) -> None:
    data = zipped({"XXXX.csv": CALLS.format("13800138009")}).replace(b"XXXX", "详单".encode("gb18030"))
    case = case_of(tmp_path, {"bill.zip": data})
    assert [name for _, name, _ in case.kept()] == ["bill/详单.csv"]


def test_a_member_that_is_longer_than_it_says_unpacks_to_nothing(tmp_path: Path) -> None:
    data = zipped({"a.csv": "0" * 5000}).replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert codes(case_of(tmp_path, {"a.zip": data})) == {"a.zip": ["shut_damaged"]}


def test_a_folder_is_brought_without_its_hidden_files(tmp_path: Path) -> None:
    calls(tmp_path / "in" / "calls.xml", [("2026-03-09 22:15:00", "in", 30)])
    (tmp_path / "in" / ".hidden").write_text("x", encoding="utf-8")
    case, told = Case.create(tmp_path / "case"), []
    kept = intake.bring(case, tmp_path / "in", lambda *step: told.append(step))
    assert [one.name for one in kept] == ["in/calls.xml"]
    assert {phase for phase, *_ in told} == {"keep", "read"}
    assert [row["status"] for row in arrivals.arrivals(case)] == ["ok"]


@pytest.mark.parametrize("given", ["missing", "empty"])
def test_a_folder_that_is_not_there_or_empty_is_said(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match="folder"):
        intake.bring(Case.create(tmp_path / "case"), tmp_path / given, lambda *_: None)


def test_work_that_is_stopped_keeps_what_it_has_read(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    for n in range(3):
        intake.receive(case, f"{n}.csv", io.BytesIO(CALLS.format(f"1380013800{n}").encode()))

    def tell(_phase: str, done: int, _all: int) -> None:
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        intake.recognise(case, tell)
    assert sorted(row["status"] for row in arrivals.arrivals(case)) == ["ok", "ok", "waiting"]
    intake.recognise(case)
    assert {row["status"] for row in arrivals.arrivals(case)} == {"ok"}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"calls.csv": CALLS.format("13800138009").encode()})
    assert arrivals.missing(arrivals.arrivals(case)) == ["messages", "bill", "recordings", "contacts"]
    assert set(arrivals.missing([])) == set(arrivals.GOOD_SET)


def test_rejects_come_by_the_page_over_several_files(tmp_path: Path) -> None:
    bad = "日期,号码,类型,时长\n" + "2026-13-01 09:00:00,13800138009,呼入,30\n" * 40 + "2026-03-01,13800138009,呼入,3\n"
    case = case_of(tmp_path, {"a.csv": bad.encode(), "b.csv": (bad + "\n").encode() + b"2026-03-02,1,x,y\n"})
    rows = arrivals.arrivals(case)
    total = sum(row["rejects"] for row in rows)
    first, second = arrivals.rejects(case, rows, 1), arrivals.rejects(case, rows, 2)
    assert (len(first), len(first) + len(second)) == (arrivals.ROWS, total)
    assert len({(one["source"], one["locator"]) for one in first + second}) == total


def test_columns_said_once_serve_the_next_table_too(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ODD.encode(), "b.csv": ODD.replace("09:00", "21:00").encode()})
    sha256 = next(row["sha256"] for row in arrivals.arrivals(case) if row["name"] == "a.csv")
    found = mapping.unknown(case, sha256)
    assert found is not None
    assert found.headers == ("序号", "对方", "去还是来", "什么时候")
    assert found.guesses == {"other": "对方", "date": "什么时候"}
    assert found.words == {"去还是来": ("打来的", "打走的")}
    assert mapping.keep(case, sha256, mapping.map_text("phone", "call", COLUMNS, WAYS)) == 2
    intake.receive(case, "c.csv", io.BytesIO(ODD.replace("09:00", "22:00").encode()))
    intake.recognise(case)
    rows = arrivals.arrivals(case)
    assert [(row["name"], row["read_as"], row["events"]) for row in rows] == [
        (name, "own_map", 2) for name in ("a.csv", "b.csv", "c.csv")
    ]


@pytest.mark.parametrize(
    ("columns", "side"),
    [
        ({"date": "什么时候", "other": "对方"}, "phone"),
        ({"date": "什么时候", "other": "对方", "direction": "对方"}, "phone"),
        ({"date": "什么时候", "caller": "对方"}, "switch"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: dict[str, str], side: str) -> None:
    with pytest.raises(WrongUse, match="column"):
        mapping.map_text(side, "call", columns, {})


def test_a_map_that_reads_nothing_is_not_remembered(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ODD.encode()})
    row = arrivals.arrivals(case)[0]
    wrong = mapping.map_text("phone", "call", {**COLUMNS, "date": "序号"}, WAYS)
    with pytest.raises(WrongUse, match="no row"):
        mapping.keep(case, row["sha256"], wrong)
    assert codes(case) == {"a.csv": ["columns"]}


@pytest.mark.parametrize(
    ("word", "way"), [("主叫", "out"), ("被叫", "in"), ("Incoming", "in"), ("呼叫转移", "forwarded"), ("甲", None)]
)
def test_words_for_who_called_whom(word: str, way: str | None) -> None:
    assert mapping.way_of(word) == way


def phone_case(tmp_path: Path, *persons: str) -> Case:
    log = calls(tmp_path / "in" / "calls.xml", [("2026-03-09 22:15:00", "in", 30), ("2026-03-10 09:00:00", "in", 30)])
    case = case_of(tmp_path, {"calls.xml": log.read_bytes()})
    if persons:
        people(case.path / "people.csv", *persons)
    return case


def test_of_whose_phone_an_export_is(tmp_path: Path) -> None:
    case = phone_case(tmp_path)
    assert arrivals.arrivals(case)[0]["asks_owner"]
    with pytest.raises(WrongUse, match="telephone"):
        intake.belongs(case, ["calls.xml"], "12", "debtor")
    assert intake.belongs(case, ["calls.xml"], ME, "debtor") == f"+86{ME.removeprefix('+86')}"
    row = arrivals.arrivals(case)[0]
    assert (row["asks_owner"], row["owner_basis"]) == (False, "declared")
    intake.read_and_judge(case, lambda *_: None)
    assert case.query("SELECT owner_number, owner_basis FROM sources")[0]["owner_basis"] == "declared"
    intake.unsay(case, ["calls.xml"])
    assert whoiswho.to_be_judged(case)
    assert arrivals.arrivals(case)[0]["asks_owner"]


def test_another_law_asks_for_judging_again(tmp_path: Path) -> None:
    case = phone_case(tmp_path)
    intake.read_and_judge(case, lambda *_: None)
    assert not whoiswho.to_be_judged(case)
    intake.place(case, "us", "America/Chicago")
    assert whoiswho.to_be_judged(case)
    with pytest.raises(CollectAuditError):
        intake.place(case, "mars", "America/Chicago")


def test_who_is_who_goes_into_the_case_and_counts_after_judging(tmp_path: Path) -> None:
    case = phone_case(tmp_path)
    intake.read_and_judge(case, lambda *_: None)
    number = next(row["number"] for row in whoiswho.numbers(case) if row["choice"] is None)
    whoiswho.say_who(case, [number], "collector", organisation="样例催收服务部")
    said = whoiswho.numbers(case)[0]
    assert (said["number"], said["choice"], said["new"]) == (number, "collector", True)
    changed = intake.read_and_judge(case, lambda *_: None)
    assert changed["before"]["findings"] == 0 < changed["after"]["findings"]
    known = {row["number"]: row for row in whoiswho.numbers(case)}
    assert not any(row["new"] for row in known.values())
    assert known[number]["organisation"] == "样例催收服务部"


@pytest.mark.parametrize(("choice", "organisation", "lender"), [
    ("lender", "范例银行", "范例银行"), ("lender", None, "放款机构"), ("collector", "样例", ""), ("family", None, ""),
])  # fmt: skip
def test_a_lender_is_a_collector_with_a_name(
    tmp_path: Path, choice: str, organisation: str | None, lender: str
) -> None:
    case = phone_case(tmp_path)
    whoiswho.say_who(case, [AGENT], choice, organisation=organisation, unnamed="放款机构")
    row: dict[str, Any] = next(row for row in whoiswho.numbers(case) if row["choice"])
    assert row["choice"] == choice
    text = (case.path / "people.csv").read_text(encoding="utf-8-sig")
    assert (lender in text) if lender else ("放款机构" not in text)
    whoiswho.say_who(case, [AGENT], "other")
    assert [row["choice"] for row in whoiswho.numbers(case)] == ["other"]


def test_nothing_else_is_a_role(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="role"):
        whoiswho.say_who(phone_case(tmp_path), [AGENT], "boss")


def test_numbers_are_found_by_number_and_name(tmp_path: Path) -> None:
    case = phone_case(tmp_path, f"{AGENT},collector,张专员,样例催收服务部")
    assert len(whoiswho.numbers(case, "张专")) == 1
    assert len(whoiswho.numbers(case, AGENT[-6:])) == 1
    assert whoiswho.numbers(case, "nobody") == []
