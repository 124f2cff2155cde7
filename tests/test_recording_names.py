"""Names of recordings beyond the usual: near misses, numbers like dates, other languages; nothing is invented."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.records import RAW_FIELDS
from collectaudit.sources import _naming

NOON = {"time": "2024-04-05 17:40:22"}

NAMES = [
    # switches: the id of the call tells the zone in which the name is written
    ("out-13800138000-3201-20240405-094022-1712310022.12.wav",
     {"time": "2024-04-05 09:40:22", "offset": "+00:00", "call": "1712310022.12", "caller": "3201",
      "callee": "13800138000", "collector": "caller", "agent": "3201"}),
    ("external-3201-13800138000-20240405-174322-pbx1-1712310022.12.wav",
     {"time": "2024-04-05 17:43:22", "offset": "+08:00", "call": "pbx1-1712310022.12"}),
    ("force-13800138000-3201-20240405-171022-1712310022.12.wav",
     {"time": "2024-04-05 17:10:22", "call": "1712310022.12"}),
    ("20240405174022-1712310022.12-3201-3202-Internal.wav", NOON | {"offset": "+08:00", "call": "1712310022.12"}),
    ("20240405-174022_13800138000-all.wav", NOON | {"other": "13800138000"}),
    ("20240405-174022_2025550123_6001-all.mp3", NOON | {"other": "2025550123"}),
    # phones that speak other languages
    ("통화 녹음 홍길동_240405_174022.m4a", NOON | {"name": "홍길동"}),
    ("Grabación de llamada +12025550123_240405_174022.m4a", NOON | {"other": "+12025550123"}),
    ("Запись вызова Иван_240405_174022.m4a", NOON | {"name": "Иван"}),
    ("通話録音 13800138000_240405_174022.m4a", NOON | {"other": "13800138000"}),
    ("Aufnahme +12025550123_240405_174022.m4a", NOON | {"other": "+12025550123", "name": "Aufnahme"}),
    ("2024-04-05 17-40-22 (skype-lite) 张三 ↗.m4a", NOON | {"name": "张三", "direction": "out"}),
    ("Call with +1 (202) 555-0123 20240405 174022.m4a", NOON | {"other": "+1 (202) 555-0123", "name": "Call with"}),
    ("202-555-0123 2024-04-05 17.40.22.m4a", NOON | {"other": "202-555-0123"}),
    # a month, a day, an hour or a second that is none
    ("通话录音@张三(13800138000)_20241305174022.mp3", {"other": "13800138000"}),
    ("13800138000_20240431174022.amr", {"other": "13800138000"}),
    ("张三-2404052540.mp3", {}),
    ("Call recording 张三_240405_174099.m4a", {}),
    # two times: the one behind counts; with a number between them as well
    ("20230101000000 20240405174022.m4a", NOON),
    ("20230101000000 13800138000 20240405174022.m4a", NOON | {"other": "13800138000"}),
    ("20230101000000_13800138000_20240405174022.m4a", NOON),  # as Xiaomi names a call with two others
    # ten digits that are a number of North America, or may be
    ("Call_2405221359.m4a", {}),
    ("recording-2405221359.m4a", {}),
    ("2405221359.m4a", {}),
    ("2025550123_20240405174022.m4a", NOON | {"other": "2025550123"}),
    ("rec 2025550123.m4a", {}),
    ("张三-2405221359.mp3", {"time": "2024-05-22 13:59", "name": "张三"}),
    # a number that looks like a date, and a date that is none of a recording
    ("13800138000.m4a", {"other": "13800138000"}),
    ("案件20240405.m4a", {}),
    ("1999-12-31 23-59-59 张三.m4a", {}),
    ("20990405174022.m4a", {"time": "2099-04-05 17:40:22"}),
    ("21990405174022.m4a", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_what_a_name_tells(name: str, expected: dict[str, str]) -> None:
    assert _naming.told(name) == expected


PIECES = [
    "通话录音@", "张三", "(13800138000)", "+12025550123", "3201", "-", "_", " ", "(1)", "20240405174022",
    "240405_174022", "2405221359", "1712310022.12", "out-", "in-", "-Inbound", "p", "s", "Call recording ", "↗",
    "(phone)", "@",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=8).map("".join))
def test_every_digit_that_is_told_stands_in_the_name(name: str) -> None:
    plain = re.sub(r"\D", "", unicodedata.normalize("NFKC", name))
    told = _naming.told(name + ".m4a")
    for field in ("other", "caller", "callee", "call", "agent"):
        assert re.sub(r"\D", "", told.get(field, "")) in plain
    assert told.get("name", "") in unicodedata.normalize("NFKC", name)
    assert set(told) <= set(RAW_FIELDS)
