"""Every shipped column map on a small table with the quirks of its kind, in every encoding such tables come in."""

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from table_reading import DATA, as_tuples, columns, job, plain, rows

from collectaudit.errors import WrongUse
from collectaudit.records import RAW_FIELDS, Record, Unreadable
from collectaudit.sources import table
from collectaudit.sources._map import FOLDER, shipped
from collectaudit.sources._mapcheck import VOCABULARY
from collectaudit.sources._words import ValueTable, fold_header

FIXTURES = sorted(DATA.glob("*.csv"))
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8-sig": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "gb18030": lambda text: text.encode("gb18030"),
}
EVENTS = {m.id for m in shipped() if m.kind == "events"}
# Read row by row: dates in rows of their own, records of several lines, and what is reckoned from several cells.
BY_ROWS = {"carrier_groups", "case_notes", "sms_gateway"} | {
    path.stem for path in FIXTURES
    if re.match("asterisk|freepbx|freeswitch|vicidial|twilio|huawei|avaya|us_(?!att_messages)", path.stem)
}  # fmt: skip


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_golden(tmp_path: Path, fixture: Path, encoding: str, line_end: str) -> None:
    content = ENCODINGS[encoding](fixture.read_text(encoding="utf-8").replace("\n", line_end))
    expected = json.loads(fixture.with_suffix(".expected.json").read_text(encoding="utf-8"))
    items, facts = rows(job(tmp_path, content))
    assert table.claims(content[:65536], "")
    assert plain(items) == expected["records"]
    assert {name: getattr(facts, name) for name in expected["facts"]} == expected["facts"]
    pure = content.isascii() and encoding == "gb18030"
    assert facts.encoding == ("utf-8" if pure else encoding)
    found, learned = columns(job(tmp_path, content), tmp_path / "out.parquet")
    if expected["facts"]["kind"] != "events" or fixture.stem in BY_ROWS:
        assert found is None
    else:
        assert found == as_tuples(items)
        assert learned == facts


def test_every_map_has_a_fixture() -> None:
    used = {json.loads(path.read_text(encoding="utf-8"))["facts"]["notes"][0] for path in DATA.glob("*.expected.json")}
    assert used == {f"read as {column_map.id}" for column_map in shipped()}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_maps_are_valid(path: Path) -> None:
    assert table.check_map(path) == []
    assert path.stem == next(m.id for m in shipped() if m.id == path.stem)


@pytest.mark.parametrize("column_map", shipped(), ids=lambda m: m.id)
def test_no_header_is_named_twice_in_one_field(column_map: object) -> None:
    for name, headers in getattr(column_map, "columns").items():  # noqa: B009 — parametrised
        folded = [fold_header(header) for header in headers if "#" not in header]
        assert len(folded) == len(set(folded)), name


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_records_hold_canonical_fields_only(tmp_path: Path, fixture: Path) -> None:
    for item in rows(job(tmp_path, fixture))[0]:
        if isinstance(item, Record):
            assert set(item.fields) <= set(RAW_FIELDS)
            for name in VOCABULARY.keys() & item.fields.keys():
                assert item.fields[name] in VOCABULARY[name]


def meaning(map_id: str, field: str, text: str) -> str | None:
    column_map = next(m for m in shipped() if m.id == map_id)
    return ValueTable(column_map.values[field]).of(text)


@pytest.mark.parametrize(
    ("map_id", "field", "text", "expected"),
    [
        ("cn_carrier_calls", "direction", "主叫-", "out"),
        ("cn_carrier_calls", "direction", "国内异地主叫", "out"),
        ("cn_carrier_calls", "direction", "被叫呼入", "in"),
        ("cn_carrier_calls", "direction", "被叫无条件呼转", "forwarded"),
        ("cn_carrier_calls", "direction", "视频通话", None),
        ("cn_carrier_sms", "direction", "上行", "out"),
        ("cn_carrier_sms", "direction", "下行", "in"),
        ("dialler", "outcome", "未接通", "unanswered"),
        ("dialler", "outcome", "已接通", "connected"),
        ("dialler", "outcome", "接通-承诺还款", "connected"),
        ("dialler", "outcome", "拒接", "unanswered"),
        ("dialler", "outcome", "拒绝还款", None),
        ("dialler", "outcome", "否认欠款", None),
        ("dialler", "outcome", "否", "unanswered"),
        ("dialler", "outcome", "NO ANSWER", "unanswered"),
        ("dialler", "outcome", "ANSWERED", "connected"),
        ("dialler", "outcome", "disconnected", None),
        ("dialler", "outcome", "ＢＵＳＹ", "unanswered"),
        ("dialler", "collector", "outgoing", "caller"),
        ("dialler", "collector", "in", "callee"),
        ("dialler", "role", "本人", "debtor"),
        ("dialler", "role", "非本人", "other"),
        ("dialler", "role", "不是本人", "other"),
        ("dialler", "role", "本人父亲", "family"),
        ("dialler", "role", "本人的表叔", "family"),
        ("dialler", "role", "本人的钓友", None),
        ("dialler", "role", "债务人单位", "colleague"),
        ("dialler", "role", "紧急联系人", "reference"),
        ("dialler", "role", "紧急联系人（配偶）", "family"),
        ("dialler", "role", "担保人", "guarantor"),
        ("dialler", "role", "friend of the borrower", "other"),
        ("dialler", "role", "borrower's neighbour", "other"),
        ("dialler", "role", "borrower's dentist", None),
        ("dialler", "role", "老师", None),
        ("people", "role", "催收公司", "collector"),
        ("people", "role", "律师", "lawyer"),
        ("people", "role", "colleague", "colleague"),
        ("sms_gateway", "outcome", "stat:DELIVRD", "delivered"),
        ("sms_gateway", "outcome", "UNDELIV", "undelivered"),
        ("sms_gateway", "outcome", "EXPIRED", "undelivered"),
        ("sms_gateway", "outcome", "ACCEPTD", "sent"),
        ("sms_gateway", "outcome", "发送失败", "undelivered"),
        ("sms_gateway", "outcome", "未成功", "undelivered"),
        ("case_notes", "channel", "电子邮件", "email"),
        ("case_notes", "channel", "电催", "call"),
        ("case_notes", "channel", "律师函", "letter"),
        ("case_notes", "channel", "外访", "visit"),
        ("facts", "fact", "已委托律师", "represented"),
        ("facts", "fact", "未结清", None),
        ("facts", "fact", "同意夜间联系", "quiet_hours_consent"),
        ("facts", "fact", "单位禁止联系", "employer_forbids"),
        ("facts", "fact", "要求停止", "cease_request"),
        ("facts", "fact", "出借方", "lender"),
        ("facts", "fact", "还款协议", "payment_plan"),
        ("facts", "fact", "due", "due"),
        ("asterisk", "outcome", "NO ANSWER", "unanswered"),
        ("asterisk", "outcome", "CONGESTION", "unanswered"),
        ("freeswitch", "outcome", "NO_ANSWER", "unanswered"),
        ("freeswitch", "outcome", "NORMAL_CLEARING", None),
        ("freeswitch", "outcome", "ATTENDED_TRANSFER", None),
        ("vicidial", "collector", "MAIN", "caller"),
        ("vicidial", "collector", "0", "callee"),
        ("vicidial", "collector", "12.5", "callee"),
        ("vicidial", "collector", "SPARE1", None),
        ("vicidial", "outcome", "NA", "unanswered"),
        ("vicidial", "outcome", "NANQUE", None),
        ("twilio_calls", "collector", "outbound-api", "caller"),
        ("twilio_calls", "collector", "Incoming", "callee"),
        ("twilio_calls", "collector", "outbound-dial", None),
        ("twilio_messages", "outcome", "queued", "not_sent"),
        ("us_att", "direction", "INCOMING", "in"),
        ("us_att", "direction", "INCOMING CL", "in"),
        ("us_att", "direction", "VM DEPOSIT", "in"),
        ("us_att", "channel", "VM DEPOSIT", "voicemail"),
        ("us_att", "channel", "WASHINGTN DC", "call"),
        ("us_verizon", "direction", "Bethesda MD", "out"),
    ],
)  # fmt: skip
def test_words(map_id: str, field: str, text: str, expected: str | None) -> None:
    assert meaning(map_id, field, text) == expected


HEADERS = {
    "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,套餐优惠,实收通信费(元)": "cn_carrier_calls",
    "序号,起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,套餐优惠,实收通信费,是否“新通话”": "cn_carrier_calls",
    "呼叫类型,对方号码,通话日期,通话时间,通话时长（秒）,本机通话地,对方归属地": "cn_carrier_calls",
    "起始时间,通信地点,对方号码,通信方式,信息类型,业务名称,套餐优惠,通信费(元)": "cn_carrier_sms",
    "calldate,calltime,主被叫标志,对端号码,通话秒数": "cn_carrier_calls",
    "用户号码,主叫号码,被叫号码,呼叫类型,开始时间,通话时长": "switch_calls",
    "start time,caller,callee,agent,agency,lender,account,relation,result,duration,recording,direction": "dialler",
    "案件编号,拨打时间,主叫号码,被叫号码,通话结果,通话时长,催收员": "dialler",
    "案件编号,委案日期,跟进时间,跟进方式,催收对象,姓名,电话,电话状态,联系结果,跟进内容,跟进人员": "case_notes",
    "submit time,sender,mobile,content,status": "sms_gateway",
    "First Name,Middle Name,Last Name,Mobile Phone": "contacts_outlook",
    "Name,Given Name,Family Name,Phone 1 - Type,Phone 1 - Value": "contacts_google",
    "number,role,name,organisation,account,lender,relation,note": "people",
    "number,role,name,my own column": "people",
    "号码,关系": "people_by_relation",
    "account,party,fact,from_at,until_at,value,note": "facts",
    "Call type,Date,Duration,Number,Contact,Location,Service": "phone_calls",
    "号码,姓名,类型,日期,时间,时长": "phone_calls",
}


@pytest.mark.parametrize("header", HEADERS)
def test_headers_find_their_map(tmp_path: Path, header: str) -> None:
    _, facts = rows(job(tmp_path, f"{header}\n".encode()))
    assert facts.notes[0] == f"read as {HEADERS[header]}"
    assert table.claims(header.encode(), "")


@pytest.mark.parametrize(
    "header",
    [
        "电话,关系,备用",
        "时间,号码,内容",
        "起始时间,对方号码,通信方式",
        "date,number,type",
        "开始时间,号码,坐席",
        "a,b,c",
        "姓名,号码",
    ],
)
def test_headers_that_fit_no_map_are_not_guessed(tmp_path: Path, header: str) -> None:
    with pytest.raises(Unreadable, match="no column map fits this table; run: collectaudit inspect FILE"):
        rows(job(tmp_path, f"{header}\n1,2,3\n".encode()))


def test_two_maps_that_fit_equally_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [m for m in shipped() if m.id == "switch_calls"]
    twin = type(twins[0])(**{**twins[0].__dict__, "id": "twin"})
    monkeypatch.setattr(table, "shipped", lambda: (*twins, twin))
    with pytest.raises(
        Unreadable, match=r"several column maps equally well \(switch_calls, twin\); name one with --map"
    ):
        rows(job(tmp_path, DATA / "switch_calls.csv"))


MAP = """
id = "mine"
kind = "events"
channel = "call"
side = "phone"
required = ["date", "other"]
[title]
en = "Mine"
zh = "我的表"
[columns]
date = ["什么时候"]
other = ["那个号码"]
direction = ["谁打的"]
duration = ["多久"]
[values.direction]
in = ["他打来"]
out = ["我打去"]
"""
MINE = "什么时候,那个号码,谁打的,多久\n2024-04-05 17:40:22,13800138000,他打来,83秒\n"


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MAP, encoding="utf-8")
    task = job(tmp_path, MINE.encode(), map_file=tmp_path / "mine.toml")
    items, facts = rows(task)
    fields = {
        "channel": "call",
        "date": "2024-04-05 17:40:22",
        "direction": "in",
        "duration": "83秒",
        "other": "13800138000",
    }
    assert plain(items) == [{"locator": "L2", **fields}]
    assert columns(task, tmp_path / "o.parquet") == (as_tuples(items), facts)


def test_only_the_map_given_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MAP, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"fits the column map mine; it needs date \(什么时候\), other \(那个号码\)"):
        rows(job(tmp_path, DATA / "switch_calls.csv", map_file=tmp_path / "mine.toml"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("id = ", "idd = ", "idd: there is no such key; the keys are"),
        ('kind = "events"', 'kind = "calls"', "kind: 'calls' is not one of events, contacts, people, facts"),
        ('side = "phone"', 'side = "left"', 'side: must be "phone" (own, other, direction) or "switch"'),
        ('channel = "call"', 'channel = "fax"', "channel: 'fax' is not one of call, sms, im"),
        ('channel = "call"', "", 'channel: say what these are; write channel = "call"'),
        ('required = ["date", "other"]', 'required = ["other"]', 'required: must begin with "date"'),
        ('required = ["date", "other"]', 'required = ["date", "own"]', "required: 'own' has no line under [columns]"),
        ('required = ["date", "other"]', 'required = "date"', "required: must be a list of texts"),
        ('duration = ["多久"]', 'durations = ["多久"]', "columns.durations: there is no such column; the"),
        ('duration = ["多久"]', 'callee = ["多久"]', "columns.callee: there is no such column"),
        ('duration = ["多久"]', 'outcome = ["多久"]', "columns.outcome: its words have no meaning yet; add a section"),
        ('duration = ["多久"]', "duration = []", "columns.duration: must be a list of headers"),
        ('duration = ["多久"]', 'duration = [" - "]', "columns.duration: ' - ' has no letters"),
        ('in = ["他打来"]', 'inn = ["他打来"]', "values.direction.inn: is not one of in, out, forwarded"),
        ('in = ["他打来"]', "in = 1", "values.direction: must hold lists of words"),
        ("[values.direction]", "[values.agent]", "values.agent: this column takes any text"),
        ('zh = "我的表"', "", "title.zh: is missing"),
        ('id = "mine"', 'id = "mine"\noffset = "UTC"', "offset: 'UTC' is not a difference from UTC; write for example"),
        ('id = "mine"', 'id = "mine"\nextensions = 1', "extensions: must be true or false"),
        ('id = "mine"', 'id = "mine"\nheaderless = ["a,b"]', "headerless: goes with [cells], which says what"),
        ('out = ["我打去"]', 'out = ["我打去"]\n[cells]\na = "("', "cells.a: must be a regular expression that the"),
        ('id = "mine"', 'id = "mine"\ntime_zone = "Beijing"', "time_zone: 'Beijing' is not a time zone"),
        ('id = "mine"', 'id = "mine"\nrefuse_unknown = ["role"]', "refuse_unknown: 'role' has no section"),
        ('id = "mine"', "id = mine", "not TOML: "),
        ('out = ["我打去"]', 'out = ["我打去"]\n[from]\nname = "agent"', "from.name: 'agent' has no line"),
        ('out = ["我打去"]', 'out = ["我打去"]\n[from]\nname = 1', "from.name: must name a column"),
        ("[values.direction]", '[values]\nrole = "calls"\n[values.direction]', "values.role: there is no word list"),
    ],
)  # fmt: skip
def test_a_broken_map_is_explained(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in MAP
    path = tmp_path / "mine.toml"
    path.write_text(MAP.replace(old, new), encoding="utf-8")
    problems = table.check_map(path)
    assert any(text.startswith(problem) for text in problems), problems
    with pytest.raises(WrongUse, match=r"^mine\.toml: ") as caught:
        rows(job(tmp_path, MINE.encode(), map_file=path))
    assert caught.value.fix


def test_a_map_that_is_no_text_is_explained(tmp_path: Path) -> None:
    assert "cannot be read" in table.check_map(tmp_path / "none.toml")[0]
    (tmp_path / "gbk.toml").write_bytes('id = "表"'.encode("gb18030"))
    assert table.check_map(tmp_path / "gbk.toml") == ["the file is not UTF-8; save it as UTF-8"]


def test_a_duration_in_minutes(tmp_path: Path) -> None:
    lines = [f"2025-03-01 09:00:00,1,2,{duration}" for duration in ("1.5", "3", "1分")]
    task = job(tmp_path, "\n".join(["开始时间,主叫号码,被叫号码,通话时长(分钟)", *lines]).encode())
    assert [item.fields["duration"] for item in rows(task)[0] if isinstance(item, Record)] == [
        "1分30秒",
        "3分0秒",
        "1分",
    ]
    assert columns(task, tmp_path / "o.parquet")[0] is None
