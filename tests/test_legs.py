"""Rows of a switch's log that are one call, and the recordings that belong to it by its id or by their name."""

from pathlib import Path

import pytest
from records_table import Raw, settled, source


def leg(caller: str, callee: str, call: str, seconds: str = "60", at: str = "10:00:00", **more: str) -> Raw:
    return {"channel": "call", "caller": caller, "callee": callee, "date": f"2025-06-01 {at}", "duration": seconds,
            "call": call, **more}  # fmt: skip


ZHANG, LI, AGENCY = "13800138000", "13800138001", "01088880000"
OUT = {"collector": "caller"}


@pytest.mark.parametrize(
    ("legs", "heads"),
    [
        ([leg(ZHANG, "600", "a", "40"), leg(ZHANG, "3202", "a", "21", "10:00:12")], ["L1", "L1"]),
        ([leg(ZHANG, "600", "a", "0", outcome="unanswered"), leg(ZHANG, "3202", "a", "21")], ["L2", "L2"]),
        ([leg(ZHANG, "600", "a", "0"), leg(ZHANG, "3202", "a", "0", "10:00:12")], ["L1", "L1"]),
        ([leg("3201", ZHANG, "a b", **OUT), leg(AGENCY, ZHANG, "b a")], ["L1", "L1"]),
        ([leg("3201", ZHANG, "a", **OUT), leg("3201", ZHANG, "b", at="10:05:00", **OUT)], ["L1", "L2"]),
        ([leg("3201", ZHANG, "a", **OUT), leg("3201", LI, "a", at="10:05:00", **OUT)], ["L1", "L2"]),  # passed on
        ([leg("3201", ZHANG, "a", **OUT), leg("3201", "3202", "a", "5")], ["L1", "L1"]),
        ([leg("3201", "3202", "a"), leg("3201", "3203", "a", "0")], ["L1", "L1"]),
        ([leg(AGENCY, ZHANG, "a"), leg(AGENCY, LI, "a")], ["L1", "L2"]),
        ([leg("3201", ZHANG, "b c", **OUT), leg("3201", ZHANG, "a b", **OUT), leg("3201", ZHANG, "c d", "70", **OUT)],
         ["L3", "L3", "L3"]),
        ([leg("3201", ZHANG, ""), leg("3201", ZHANG, "")], ["L1", "L2"]),
        ([leg("anonymous", "3201", "a"), leg("anonymous", "3202", "a", "0")], ["L1", "L1"]),
    ],
)  # fmt: skip
def test_the_legs_of_one_call_are_one_contact(tmp_path: Path, legs: list[Raw], heads: list[str]) -> None:
    events = {row["locator"]: row for row in settled(tmp_path, [source(tmp_path, "cdr", legs)])["events"]}
    named = {row["event_id"]: row["locator"] for row in events.values()}
    found = [named[events[f"L{n}"]["same_as"] or events[f"L{n}"]["event_id"]] for n in range(1, len(legs) + 1)]
    assert found == heads
    assert {row["same_why"] for row in events.values()} <= {None, "leg"}


def test_each_switch_counts_its_own_ids(tmp_path: Path) -> None:
    both = [
        source(tmp_path, name, [leg("3201", ZHANG, "a", at=at)]) for name, at in (("x", "10:00:00"), ("y", "11:00:00"))
    ]
    assert [row["same_as"] for row in settled(tmp_path, both)["events"]] == [None, None]


def test_a_recording_finds_its_call_by_the_id_in_its_name(tmp_path: Path) -> None:
    legs = [leg(ZHANG, "600", "1.1", "40"), leg(ZHANG, "3202", "1.2 1.1", "21"), leg(LI, "600", "1.3", at="10:00:05")]
    tape: Raw = {"kind": "recording", "channel": "call", "time": "2025-06-01 10:00:20", "call": "1.2", "duration": "20",
                 "recording": "q-600.wav"}  # fmt: skip
    sources = [source(tmp_path, "cdr", legs), source(tmp_path, "q.wav", [tape], kind="recordings", parser="recording")]
    (heard,) = [row for row in settled(tmp_path, sources)["events"] if row["same_why"] == "call_id"]
    assert heard["same_as"].endswith(":L1")
