"""The index of a contact centre, whose rows a program writes: one that has lost or won a separator is not read, nor one
whose cells were exchanged, where their contents show it; of logs of switches neither."""

from dataclasses import replace
from pathlib import Path

import pytest
from table_reading import DATA, as_tuples, columns, job, plain, rows

from collectaudit.records import Record, Reject

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
EXCHANGED = {  # cells of one row, and the column whose content shows it
    "agent and call": ("101,1712310022-101", "1712310022-101,101", "agent_id"),
    "agent and end": ("101,1712310022-101,3201,13800138000,2024-04-05 17:40:22,2024-04-05 17:41:34",
                      "2024-04-05 17:41:34,1712310022-101,3201,13800138000,2024-04-05 17:40:22,101", "agent_id"),
    "call and end": ("1712310022-101,3201,13800138000,2024-04-05 17:40:22,2024-04-05 17:41:34",
                     "2024-04-05 17:41:34,3201,13800138000,2024-04-05 17:40:22,1712310022-101", "call_id"),
    "call and centre": ("1,101,1712310022-101", "1712310022-101,101,1", "cc_id"),
    "callee and centre": ("1,101,1712310022-101,3201,13800138000", "13800138000,101,1712310022-101,3201,1", "cc_id"),
}  # fmt: skip
HUAWEI = ("developer,account_id,cc_id,agent_id,call_id,caller_no,callee_no,call_begin,call_end\n"
          "d,a1,1,{agent},{call},3201,13800138000,{begin},{end}\n")  # fmt: skip
ASTERISK = ('"","3201","13800138000","c","","SIP/a","SIP/b","Dial","x,60","{begin}","{begin}","{end}",72,63,"ANSWERED",'
            '"DOCUMENTATION","1712310022.1",""\n')  # fmt: skip
FREESWITCH = ('"A","3201","13800138000","default","{begin}","{begin}","{end}","72","63","NORMAL_CLEARING",'
              '"a2c7fe2c-87c9-4ae9-ae42-cb1b1f2a9b01","","","PCMA","PCMA",""\n')  # fmt: skip
LOGS = {HUAWEI: ("call_begin", "call_end"), ASTERISK: ("start", "end"), FREESWITCH: ("start_stamp", "end_stamp")}
HERE, THERE = "Asia/Shanghai", "America/New_York"  # whose clocks were set back on 3 November 2024, from two to one
MOMENTS = [  # the zone in force, when a call began, when it ended, whether both can be right
    (HERE, "2024-04-05 17:40:22", "2024-04-05 17:41:34", True),
    (HERE, "2024-04-05 17:40:22", "2024-04-05 17:40:22", True),
    (HERE, "2024-04-05 23:59:50", "2024-04-06 00:00:10", True),
    (HERE, "2024-04-05 17:41:34", "2024-04-05 17:40:22", False),
    (HERE, "2024-04-05 17:40:23", "2024-04-05 17:40:22", False),
    (HERE, "2024-04-06 00:00:10", "2024-04-05 23:59:50", False),
    (HERE, "2024-11-03 01:50:00", "2024-11-03 01:10:00", False),
    (THERE, "2024-11-03 01:50:00", "2024-11-03 01:10:00", True),
    (THERE, "2024-11-03 01:50:00", "2024-11-03 00:50:00", False),
    (THERE, "2024-11-04 01:50:00", "2024-11-04 01:10:00", False),
    (THERE, "2024-03-10 03:10:00", "2024-03-10 01:50:00", False),
    (HERE, "2024-04-05 17:40:22", "1970-01-01 08:00:00", True),
]
WRITTEN = [  # further ways to write the end of a call in Huawei's index
    ("2024-04-05 17:40:22", "", True), ("2024-04-05 17:40:22", "0000-00-00 00:00:00", True),
    ("2024-04-05 17:40:22", "2024-04-05 17:40", True), ("2024-04-05 17:40:22", "2024/4/5 17:39", False),
    ("2024/4/5 9:40", "2024/4/5 10:02", True), ("2024/4/5 10:02", "2024/4/5 9:40", False),
]  # fmt: skip
AGENTS = ["101", "20011", "张三", "", "a-1", "13800138000", "zhang.san@example.com", "101-2", "EXAMPLE\\zhang"]


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


@pytest.mark.parametrize("kind", EXCHANGED)
def test_cells_that_were_exchanged_are_seen_where_they_look_different(tmp_path: Path, kind: str) -> None:
    before, after, column = EXCHANGED[kind]
    text = (DATA / "huawei_contact_center.csv").read_text(encoding="utf-8")
    assert before in text
    first, second = rows(job(tmp_path, text.replace(before, after, 1).encode()))[0]
    assert isinstance(first, Reject)
    assert first.reason == f"column '{column}' does not hold what it should: the row is damaged"
    assert isinstance(second, Record)


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_is_a_number_or_a_name(tmp_path: Path, agent: str) -> None:
    content = HUAWEI.format(agent=agent, call="1712310022-101", begin="2024-04-05 17:40:22", end="2024-04-05 17:41:34")
    (found,) = rows(job(tmp_path, content.encode()))[0]
    assert isinstance(found, Record)
    assert found.fields.get("agent") == (agent or "3201")  # the extension that called, where no agent is named


@pytest.mark.parametrize("call", ["1712310022-101", "1000000000-0001", "1037058396471308289", "a2c7fe2c-87c9", ""])
def test_ids_of_calls_may_have_other_forms(tmp_path: Path, call: str) -> None:
    content = HUAWEI.format(agent="101", call=call, begin="2024-04-05 17:40:22", end="2024-04-05 17:41:34")
    assert isinstance(rows(job(tmp_path, content.encode()))[0][0], Record)


@pytest.mark.parametrize("log", LOGS, ids=["huawei", "asterisk", "freeswitch"])
@pytest.mark.parametrize(("zone", "begin", "end", "right"), MOMENTS)
def test_no_call_ends_before_it_begins(
    tmp_path: Path, log: str, zone: str, begin: str, end: str, right: bool
) -> None:  # fmt: skip
    content = log.format(agent="101", call="1712310022-101", begin=begin, end=end)
    (found,) = rows(replace(job(tmp_path, content.encode()), time_zone=zone))[0]
    if right:
        assert isinstance(found, Record)
        assert found.fields["date"] == begin
        assert "end" not in found.fields
    else:
        first, last = LOGS[log]
        reason = f"the call ends (column '{last}') before it begins (column '{first}'): they may have been exchanged"
        assert isinstance(found, Reject)
        assert found.reason == reason


@pytest.mark.parametrize(("begin", "end", "right"), WRITTEN)
def test_an_end_may_be_missing_or_less_exact(tmp_path: Path, begin: str, end: str, right: bool) -> None:
    content = HUAWEI.format(agent="101", call="1712310022-101", begin=begin, end=end)
    (found,) = rows(job(tmp_path, content.encode()))[0]
    assert isinstance(found, Record) == right


OWN_MAP = """id = "own"
kind = "events"
channel = "call"
side = "switch"
collector = "caller"
required = ["date", "caller", "callee"]
title = { en = "own", zh = "自有" }
[columns]
date = ["day"]
time = ["at"]
end = ["until"]
caller = ["a"]
callee = ["b"]
"""
OWN_ROWS = {  # day, time and end of a call, and whether it is read
    "2024-04-05,17:40:22,2024-04-05 17:41:34": True, "2024-04-05,17:41:34,2024-04-05 17:40:22": False,
    "2024-04-05,17:41:34,2024-04-05": True, "2024-04-05,17:41:34,2024-04-04": False,
    "2024-04-05,17:41:34,17:40:22": True, "2024-04-05,17:41:34,": True,
    "2024-04-05,17:40:22,2024-04-05T09:41:34Z": True, "2024-04-05,17:40:22+08:00,2024-04-05T09:41:34Z": True,
    "2024-04-05,17:40:22+08:00,2024-04-05T09:39:34Z": False,
}  # fmt: skip


def test_a_map_of_ones_own_may_name_the_end_both_ways(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN_MAP, encoding="utf-8")
    content = "day,at,until,a,b\n" + "".join(f"{times},3201,13800138000\n" for times in OWN_ROWS)
    task = job(tmp_path, content.encode(), map_file=own)
    found = rows(task)[0]
    assert [isinstance(item, Record) for item in found] == list(OWN_ROWS.values())
    by_columns = columns(task, tmp_path / "out.parquet")[0]
    assert by_columns is None or by_columns == as_tuples(found)
