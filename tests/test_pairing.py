"""The same call in two sources counts once; two calls never become one."""

from pathlib import Path

import pytest
from records_table import Raw, settled, source

ME = "+8613800138000"


def call(time: str, seconds: str | None = "60", other: str = "021-88880000", **more: str) -> Raw:
    return {
        "channel": "call",
        "direction": "in",
        "other": other,
        "time": f"2025-06-01 {time}",
        "duration": seconds,
    } | more


def duplicates(tmp_path: Path, log: list[Raw], bill: list[Raw], parser: str = "table") -> int:
    sources = [source(tmp_path, "log", log, parser="phone"), source(tmp_path, "bill", bill, parser=parser)]
    rows = settled(tmp_path, sources, _=ME)["events"]
    assert len(rows) == len(log) + len(bill)
    kept = {row["event_id"] for row in rows if row["same_as"] is None}
    assert {row["same_as"] for row in rows} - {None} <= kept
    return len(rows) - len(kept)


@pytest.mark.parametrize(
    ("log", "bill", "pairs"),
    [
        ([call("10:00:00")], [call("10:00:25")], 1),
        ([call("10:00:00")], [call("10:01:30")], 1),
        ([call("10:00:00")], [call("10:01:31")], 0),
        ([call("10:00:00")], [call("10:02", "60")], 1),
        ([call("10:00:00")], [call("10:00:10", other="021-88880001")], 0),
        ([call("10:00:00", "0", outcome="unanswered")], [call("10:00:40", "30")], 0),
        ([call("10:00:00", "45")], [call("10:00:20", "60")], 1),
        ([call("10:00:00", "10")], [call("10:00:20", "500")], 0),
        ([call("10:00:00"), call("10:03:00"), call("10:06:00")], [call("10:00:20"), call("10:03:20")], 2),
        ([call("10:00:00", "5"), call("10:00:40", "5")], [call("10:00:45", "5")], 1),
        ([call("10:00:00")], [call("10:00:25", other="021****0000")], 1),
        ([call("10:00:00")], [call("10:00:25", "61", other="021****0000")], 0),
        ([call("10:00:00", channel="sms")], [call("10:00:25")], 0),
    ],
)
def test_phone_log_and_bill(tmp_path: Path, log: list[Raw], bill: list[Raw], pairs: int) -> None:
    assert duplicates(tmp_path, log, bill) == pairs


@pytest.mark.parametrize(("apart", "pairs"), [("10:00:00", 1), ("10:00:01", 1), ("10:00:02", 0)])
def test_two_exports_of_one_phone_must_agree(tmp_path: Path, apart: str, pairs: int) -> None:
    assert duplicates(tmp_path, [call("10:00:00")], [call(apart)], parser="phone") == pairs


def test_messages_pair_only_with_the_same_words(tmp_path: Path) -> None:
    texts = [call("10:00:00", None, channel="sms", body=body) for body in ("一", "二")]
    assert duplicates(tmp_path, texts, texts[1:], parser="phone") == 1


def test_three_sources_count_once(tmp_path: Path) -> None:
    sources = [source(tmp_path, name, [call("10:00:00")], parser=name) for name in ("a", "b", "c")]
    rows = settled(tmp_path, sources, _=ME)["events"]
    assert len({row["same_as"] for row in rows} - {None}) == 1
    assert sum(row["same_as"] is None for row in rows) == 1


def test_the_record_that_names_its_account_counts(tmp_path: Path) -> None:
    dialler = {"channel": "call", "caller": "021-88880000", "callee": "13800138000", "collector": "caller",
               "account": "A1", "time": "2025-06-01 10:00:05", "duration": "60"}  # fmt: skip
    sources = [source(tmp_path, "log", [call("10:00:00")], parser="phone"), source(tmp_path, "dialler", [dialler])]
    kept = [row for row in settled(tmp_path, sources, _=ME)["events"] if row["same_as"] is None]
    assert [row["account_id"] for row in kept] == ["A1"]
