"""When contacts were, and the hours that apply: every number worked out by hand, by the invented law of situations."""

from pathlib import Path

import pytest
from bigcase import sample_copy
from toldkit import stated_case

from collectaudit import contacts, dots, hours, near
from collectaudit.case import Case
from collectaudit.filtering import Wanted

RULES = ("out-of-hours", "contact-frequency")
THEIRS = {"side": ["theirs"]}
# The law: from 9 to 20 until the end of February 2025, from 8 to 22 since. e3 and e4 lie outside, e7 has only a day.
CONTACTS = """
date       time     from      to
2025-02-27 10:00    -         -
2025-02-28 19:45    -         -
2025-02-28 20:10    -         -
2025-03-02 22:10:30 -         -
2025-03-02 21:40    -         -
2025-03-03 08:29    -         -
2025-03-03 -        -         -
2025-03-04 23:00    debtor    collector
"""


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return stated_case(tmp_path, CONTACTS, rules=RULES)


def test_each_contact_is_a_dot(case: Case) -> None:
    found = dots.dots(case, Wanted(THEIRS), "en")
    assert {key: found[key] for key in ("n", "timed", "suspected", "outside", "first", "last", "single")} == {
        "n": 7, "timed": 6, "suspected": 2, "outside": 2, "first": "2025-02-27", "last": "2025-03-03", "single": True,
    }  # fmt: skip
    assert [(row["event_id"], row["day"], round(row["hour"], 2), row["kind"]) for row in found["rows"]] == [
        ("e1", "2025-02-27", 10.0, "nothing"), ("e2", "2025-02-28", 19.75, "nothing"),
        ("e3", "2025-02-28", 20.17, "suspected"), ("e5", "2025-03-02", 21.67, "nothing"),
        ("e4", "2025-03-02", 22.17, "suspected"), ("e6", "2025-03-03", 8.48, "nothing"),
    ]  # fmt: skip
    assert [(row["hour"], row["n"], row["suspected"]) for row in found["hours"]] == [
        ("8", 1, 0), ("10", 1, 0), ("19", 1, 0), ("20", 1, 1), ("21", 1, 0), ("22", 1, 1),
    ]  # fmt: skip


def test_what_a_person_dismissed_is_outside_no_more(case: Case) -> None:
    ids = case.query("SELECT finding_id FROM findings WHERE event_id = 'e3'")
    case.review_all([row["finding_id"] for row in ids], "dismissed")
    found = dots.dots(case, Wanted(THEIRS), "en")
    assert (found["suspected"], found["outside"]) == (1, 1)
    assert contacts.count(case, Wanted({"found": ["out-of-hours"]})) == 1


def test_many_are_counted_in_cells_and_each_cell_leads_to_its_contacts(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dots, "MOST", 3)
    monkeypatch.setattr(dots, "COLUMNS", 3)  # five days: two a cell
    found = dots.dots(case, Wanted(THEIRS), "en")
    assert not found["single"]
    assert [tuple(row.values()) for row in found["rows"]] == [
        ("2025-02-27", "2025-02-28", "10:00", 1, 0), ("2025-02-27", "2025-02-28", "19:30", 1, 0),
        ("2025-02-27", "2025-02-28", "20:00", 1, 1), ("2025-03-01", "2025-03-02", "21:30", 1, 0),
        ("2025-03-01", "2025-03-02", "22:00", 1, 1), ("2025-03-03", "2025-03-03", "08:00", 1, 0),
    ]  # fmt: skip
    for row in found["rows"]:
        behind = Wanted({**THEIRS, "half": [row["half"]]}, since=row["since"], until=row["until"])
        assert contacts.count(case, behind) == row["n"]


def test_a_filter_that_leaves_nothing(case: Case) -> None:
    found = dots.dots(case, Wanted({"number": ["nobody"]}), "zh")
    assert (found["n"], found["rows"], found["hours"], found["bands"]) == (0, [], [], [])
    assert dots.recent(case, Wanted({"number": ["nobody"]})) is None


# The hours that are shaded


def runs(case: Case, first: str, last: str) -> list[tuple[str, str, str, str]]:
    found = hours.bands(case, first, last, "zh")
    assert all(band["instruments"] == ["测试文件"] for band in found)
    return [(band["since"], band["until"], str(band["opens"])[:5], str(band["closes"])[:5]) for band in found]


def test_the_hours_change_when_the_law_does(case: Case) -> None:
    assert runs(case, "2025-02-27", "2025-03-03") == [
        ("2025-02-27", "2025-03-01", "09:00", "20:00"), ("2025-03-01", "2025-03-04", "08:00", "22:00"),
    ]  # fmt: skip
    assert runs(case, "2023-12-30", "2024-01-02") == [("2024-01-01", "2024-01-03", "09:00", "20:00")]
    assert runs(case, "2023-01-01", "2023-01-02") == []


def test_an_agreement_for_the_whole_case_replaces_the_hours(tmp_path: Path) -> None:
    facts = "fact from until window\nagreed_hours 2025-03-02 2025-03-04 18:30-22:30"
    case = stated_case(tmp_path, CONTACTS, facts, RULES)
    assert runs(case, "2025-03-01", "2025-03-05") == [
        ("2025-03-01", "2025-03-02", "08:00", "22:00"), ("2025-03-02", "2025-03-04", "18:30", "22:30"),
        ("2025-03-04", "2025-03-06", "08:00", "22:00"),
    ]  # fmt: skip
    assert not hours.agreed_apart(case)


def test_an_agreement_for_one_account_of_several_is_said_and_not_drawn(tmp_path: Path) -> None:
    rows = "date time account\n2025-03-02 22:10 A1\n2025-03-02 21:40 A2"
    facts = "fact account from until window\nagreed_hours A1 2025-03-02 2025-03-04 18:30-22:30"
    case = stated_case(tmp_path, rows, facts, RULES)
    assert runs(case, "2025-03-02", "2025-03-02") == [("2025-03-02", "2025-03-03", "08:00", "22:00")]
    assert hours.agreed_apart(case)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("sample") / "case")


def test_only_texts_that_apply_are_shaded(sample: Case) -> None:
    """The sample's lender is another than that of the one published policy that names hours until nine."""
    found = hours.bands(sample, "2026-03-01", "2026-03-02", "zh")
    assert [(str(band["opens"]), str(band["closes"])) for band in found] == [("08:00:00", "22:00:00")]
    assert hours.bands(sample, "2023-06-01", "2023-06-02", "zh") == []


def test_old_contacts_do_not_press_the_others_into_a_corner(sample: Case) -> None:
    since = dots.recent(sample, Wanted(THEIRS))
    whole, late = (dots.dots(sample, Wanted(THEIRS, since=start), "zh") for start in ("", since or ""))
    assert since and late["first"] == since
    assert late["n"] * 2 >= whole["n"] > late["n"]
    assert whole["n"] == contacts.count(sample, Wanted(THEIRS))


# Close to a limit, and no finding


def test_contacts_close_to_the_hours_are_near_misses(case: Case) -> None:
    """e2 15 minutes before eight in the evening, e5 20 before ten, e6 29 after eight; e3 and e4 are findings."""
    found = near.near_hours(case, "en")
    assert [(row["event_id"], row["minutes"], row["late"]) for row in found["rows"]] == [
        ("e2", 15, True), ("e5", 20, True), ("e6", 29, False),
    ]  # fmt: skip
    assert found["n"] == 3
    assert {row["instrument"] for row in found["rows"]} == {"Test instrument"}


def test_nothing_is_close_where_the_hours_are_lifted(tmp_path: Path) -> None:
    """An agreement lifts the hours since March; those before know of none."""
    case = stated_case(tmp_path, CONTACTS, "fact from window\nagreed_hours 2025-02-01 00:00-23:59", RULES)
    assert [row["event_id"] for row in near.near_hours(case, "en")["rows"]] == ["e2"]


def test_a_number_that_is_reached_and_not_exceeded_is_a_near_miss(tmp_path: Path) -> None:
    """At most two unanswered calls a day to a relative's number: two on the 2nd, three on the 3rd, one on the 4th."""
    days = ["2025-06-02", "2025-06-02", "2025-06-03", "2025-06-03", "2025-06-03", "2025-06-04"]
    rows = [f"{day} 1{n}:00 family unanswered" for n, day in enumerate(days)]
    case = stated_case(tmp_path, "\n".join(["date time to outcome", *rows]), rules=["contact-frequency"])
    assert [row["event_id"] for row in case.query("SELECT event_id FROM findings")] == ["e5"]
    found = near.near_limits(case, "en")
    assert [(row["event_id"], str(row["on_date"]), row["counted"], row["unit"]) for row in found["rows"]] == [
        ("e2", "2025-06-02", 2, "unanswered")
    ]
