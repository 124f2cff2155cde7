"""SETTLE: directions, owners, roles, accounts, facts; nothing unlabelled gets a role."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from records_table import Raw, settled, source

from collectaudit import settle

ME, MOTHER, AGENT = "+8613800138000", "+8613800138001", "+862188880000"
CALL_IN: Raw = {"channel": "call", "direction": "in", "other": "021-88880000", "time": "2025-06-01 21:40:00"}
CALL_OUT: Raw = {**CALL_IN, "direction": "out"}
SWITCH: Raw = {
    "channel": "call", "caller": "021-88880000", "callee": "13800138000", "collector": "caller", "account": "A1",
    "time": "2025-06-01 21:40:00",
}  # fmt: skip


def label(number: str, role: str, **more: str) -> Raw:
    return {"kind": "party", "number": number, "role": role, **more}


def event(tmp_path: Path, row: Raw, *labels: Raw, **owners: str) -> dict[str, Any]:
    sources = [source(tmp_path, "calls", [row])]
    if labels:
        sources.append(source(tmp_path, "people.csv", labels, kind="people"))
    rows = settled(tmp_path, sources, **(owners or {"_": ME}))["events"]
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(("row", "ends"), [(CALL_IN, (AGENT, ME)), (CALL_OUT, (ME, AGENT)), (SWITCH, (AGENT, ME))])
def test_who_called_whom(tmp_path: Path, row: Raw, ends: tuple[str, str]) -> None:
    found = event(tmp_path, row)
    assert (found["from_number"], found["to_number"]) == ends


@pytest.mark.parametrize(
    ("row", "labels", "roles"),
    [
        (CALL_IN, [], (None, "debtor")),  # the only phone of the case is taken for the debtor's, and says so
        (CALL_IN, [label(ME, "family")], (None, "family")),
        (CALL_IN, [label(AGENT, "collector")], ("collector", "debtor")),
        (SWITCH, [], ("collector", None)),
        ({**SWITCH, "role": "family"}, [], ("collector", "family")),
        ({**SWITCH, "role": "family"}, [label(ME, "debtor")], ("collector", "debtor")),
        ({**SWITCH, "collector": "callee", "role": "family"}, [], ("family", "collector")),
        ({**SWITCH, "collector": None, "role": "family"}, [], (None, None)),
        (SWITCH, [label(ME, "debtor", account="A1"), label(ME, "reference", account="A2")], ("collector", "debtor")),
        ({**SWITCH, "account": "A3"}, [label(ME, "debtor", account="A1"), label(ME, "reference", account="A2")],
         ("collector", None)),
    ],
)  # fmt: skip
def test_roles(tmp_path: Path, row: Raw, labels: list[Raw], roles: tuple[str | None, str | None]) -> None:
    found = event(tmp_path, row, *labels)
    assert (found["from_role"], found["to_role"]) == roles


def test_the_case_drawer_outranks_an_input(tmp_path: Path) -> None:
    sources = [
        source(tmp_path, "calls", [CALL_IN]),
        source(tmp_path, "in/people.csv", [label(AGENT, "colleague")], kind="people"),
        source(tmp_path, "people.csv", [label(AGENT, "family"), label(AGENT, "collector")], kind="people", drawer=True),
    ]
    assert settled(tmp_path, sources, _=ME)["events"][0]["from_role"] == "collector"


def test_a_label_gives_account_lender_and_agency(tmp_path: Path) -> None:
    found = event(
        tmp_path, CALL_IN, label(AGENT, "collector", account="A1", organisation="示例催收", lender="示例消金")
    )
    assert (found["account_id"], found["agency"], found["lender"]) == ("A1", "示例催收", "示例消金")


def test_two_phones_without_names_are_not_guessed(tmp_path: Path) -> None:
    sources = [source(tmp_path, "mine/calls", [CALL_IN]), source(tmp_path, "hers/calls", [CALL_IN])]
    rows = settled(tmp_path, sources)["events"]
    assert {(row["to_number"], row["to_role"]) for row in rows} == {("phone:mine", None), ("phone:hers", None)}


def test_owners_by_folder_name_and_from_the_bill_beside(tmp_path: Path) -> None:
    sources = [
        source(tmp_path, "mine/calls", [CALL_IN]),
        source(tmp_path, "mine/bill", [{**CALL_IN, "time": "2025-06-02 09:00:00"}], parser="table", owner=ME),
        source(tmp_path, "hers/calls", [CALL_IN]),
    ]
    tables = settled(tmp_path, sources, hers=MOTHER)
    assert {(s["name"], s["owner_number"], s["owner_basis"]) for s in tables["sources"]} == {
        ("mine/calls", ME, "beside"),
        ("mine/bill", ME, "export"),
        ("hers/calls", MOTHER, "declared"),
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({**CALL_IN, "time": "soon"}, "time cannot be read: soon"),
        ({**CALL_IN, "time": None}, "no time is given"),
        ({**CALL_IN, "time": None, "epoch_ms": "0"}, "time is not plausible (a clock that was reset?): 1970-01-01"),
        ({**CALL_IN, "time": None, "epoch_ms": "today"}, "time cannot be read: today"),
        ({**CALL_IN, "channel": None}, "the kind of contact is not given"),
        ({**CALL_IN, "direction": None}, "neither a direction nor two numbers are given"),
        ({**SWITCH, "callee": " "}, "the number of the person contacted is not given"),
        ({"kind": "party", "number": "", "role": "family"}, "no telephone number"),
        ({"kind": "fact", "fact": "settled", "from_at": "later"}, "time cannot be read: later"),
    ],
)
def test_what_cannot_be_typed_is_a_reject(tmp_path: Path, row: Raw, reason: str) -> None:
    sources = [source(tmp_path, "calls", [row, CALL_IN])]
    tables = settled(tmp_path, sources, _=ME)
    assert [(r["locator"], r["reason"]) for r in tables["rejects"]] == [("L1", reason)]
    assert [(s["records"], s["events"], s["rejects"]) for s in tables["sources"]] == [(2, 1, 1)]


def test_facts_have_windows_and_whole_last_days(tmp_path: Path) -> None:
    fact: Raw = {"kind": "fact", "fact": "agreed_hours", "value": "20:00-23:00", "from_at": "2025-01-01",
                 "until_at": "2025-12-31"}  # fmt: skip
    rows = settled(tmp_path, [source(tmp_path, "facts.csv", [fact, {"kind": "fact", "fact": "settled"}])])["case_facts"]
    agreed = next(row for row in rows if row["fact"] == "agreed_hours")
    assert (str(agreed["opens"]), str(agreed["closes"])) == ("20:00:00", "23:00:00")
    assert agreed["until_at"] == datetime.fromisoformat("2026-01-01")


@pytest.mark.parametrize(("due", "days"), [("2025-05-02", 30), ("2025-07-01", None)])
def test_days_past_due_from_the_due_date(tmp_path: Path, due: str, days: int | None) -> None:
    fact: Raw = {"kind": "fact", "fact": "due", "from_at": due}
    sources = [source(tmp_path, "calls", [CALL_IN]), source(tmp_path, "facts.csv", [fact], kind="facts")]
    assert settled(tmp_path, sources, _=ME)["events"][0]["days_past_due"] == days


def test_epoch_times_take_the_zone_of_their_source(tmp_path: Path) -> None:
    row: Raw = {"channel": "sms", "direction": "in", "other": "2025550123", "epoch_ms": "1741505400000", "body": "hi"}
    found = settled(tmp_path, [source(tmp_path, "sms", [row], zone="America/New_York", region="US")])["events"][0]
    assert (str(found["at_local"]), found["utc_offset"]) == ("2025-03-09 03:30:00", -14400)


def test_a_forwarded_leg_and_a_draft_are_events_but_no_contacts(tmp_path: Path) -> None:
    found = event(tmp_path, {**CALL_IN, "direction": "forwarded"})
    assert found["outcome"] == "not_sent"


def test_sorted_as_codes_or_as_texts_contacts_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [{**SWITCH, "account": account, "agent": agent} for account in ("A2", "A1") for agent in ("B", "A", "C")]
    calls += [{key: cell for key, cell in row.items() if key not in ("account", "agent")} for row in calls[:2]]
    sources = [source(tmp_path, "a", calls), source(tmp_path, "b", [CALL_IN, *calls])]
    seen = []
    for number, (many, few) in enumerate([(100, 0), (0, 100), (0, 2), (0, 0)]):
        monkeypatch.setattr(settle, "_MANY", many)
        monkeypatch.setattr(settle, "_FEW", few)
        (folder := tmp_path / str(number)).mkdir()
        seen.append(settled(folder, sources)["events"])
    assert len(seen[0]) == 17
    assert all(events == seen[0] for events in seen)
