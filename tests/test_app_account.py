"""Accounts: every number on the page is the number of the rows behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from appkit import LANGUAGES, page, widget
from bigcase import sample_copy

from collectaudit import accounts, contacts, gaps, listing, serve
from collectaudit.accounts import LANE_FILTERS, LANES, ORDERS, ROWS
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.filtering import Wanted

pytest.importorskip("streamlit")
EVERY = Wanted({})


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """The sample with a few verdicts."""
    case = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("home") / "sample")
    for finding_id, name in zip(listing.ids(case, EVERY), ("confirmed", "dismissed", "unsure"), strict=False):
        case.review(finding_id, name, by="me")
    serve.begin(Desk(case.path.parent), "zh")
    yield case
    if case._asked is not None:
        case._asked[1].close()


@pytest.fixture
def key(case: Case) -> str:
    serve.begin(Desk(case.path.parent), "zh")
    return str(serve.desk().cases()[0]["key"])


def names(case: Case) -> list[str]:
    return [row["account"] for row in accounts.page(case, "", "name", 1)]


def behind(case: Case, address: str) -> int:
    """How many rows a link leads to."""
    parts = urlsplit(address)
    query = {name: values for name, values in parse_qs(parts.query).items() if name not in ("case", "lang", "way")}
    wanted = Wanted(query)
    return {"/contacts": contacts.count, "/findings": listing.count}[parts.path](case, wanted)


def test_the_list_has_every_account_and_adds_up(case: Case) -> None:
    rows = accounts.page(case, "", ORDERS[0], 1)
    assert len(rows) == accounts.count(case) == 3 < ROWS
    assert sum(row["contacts"] for row in rows) == contacts.count(case, EVERY)
    assert sum(row["findings"] for row in rows) == listing.count(case, EVERY)
    for row in rows:
        of_it = Wanted({"account": [row["account"]]})
        assert row["contacts"] == contacts.count(case, of_it)
        assert row["findings"] == listing.count(case, of_it)
        assert row["theirs"] == contacts.count(case, Wanted({**of_it.facets, "side": ["theirs"]}))
        judged = {name: row[name] for name in ("open", "confirmed", "dismissed", "unsure")}
        assert sum(judged.values()) == row["findings"]
        for name, verdict in (("open", "none"), ("confirmed", "confirmed"), ("unsure", "unsure")):
            assert judged[name] == listing.count(case, Wanted({**of_it.facets, "verdict": [verdict]}))


@pytest.mark.parametrize("order", ORDERS)
def test_orders(case: Case, order: str) -> None:
    rows = accounts.page(case, "", order, 1)
    column = {"findings": "findings", "contacts": "contacts", "latest": "last_day", "name": "account"}[order]
    values = [row[column] for row in rows]
    assert values == sorted(values, reverse=order != "name")


@pytest.mark.parametrize(
    ("words", "found"), [("xf-2023", 1), ("13800138021", 1), ("样例催收", 1), ("不在这里", 0), ("'%", 0), ("", 3)]
)
def test_the_search(case: Case, words: str, found: int) -> None:
    assert accounts.count(case, words) == found == len(accounts.page(case, words, "name", 1))


def test_what_the_list_shows_leads_to_what_it_counts(case: Case, key: str) -> None:
    shown = (widget(page("account", "zh", case=key, way="inspect"), "rows") or {})["rows"]
    assert len(shown) == 3
    for row in shown:
        for cell in row["cells"]:
            if cell["href"]:
                assert int(cell["text"].replace(",", "")) == behind(case, cell["href"])


def test_each_contact_is_in_one_lane(case: Case) -> None:
    for name in names(case):
        counts = accounts.lanes(case, name)
        assert tuple(counts) == LANES
        assert sum(counts.values()) == contacts.count(case, Wanted({"account": [name]}))
        for lane, n in counts.items():
            assert n == contacts.count(case, Wanted({"account": [name], **LANE_FILTERS[lane]}))


@pytest.mark.parametrize("most", [0, 2000])
def test_the_chart_holds_each_contact_once(case: Case, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(accounts, "ONE_BY_ONE", most)
    for name in names(case):
        found = accounts.timeline(case, name)
        assert found["unit"] == ("contact" if most else "day")
        assert sum(point["n"] for point in found["points"]) == sum(accounts.lanes(case, name).values())
        flagged = sum(point["flagged"] for point in found["points"])
        every = ["confirmed", "finding", "review", "dismissed"]
        assert flagged == contacts.count(case, Wanted({"account": [name], "flagged": every}))


def test_a_year_of_many_contacts_is_a_point_a_day(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "ONE_BY_ONE", 0)
    test = page("account", "zh", case=key, account="XF-2023-0518")
    assert not test.exception
    assert [element.value for element in test.error] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_one_account_lead_to_their_rows(case: Case, key: str, lang: str) -> None:
    for name in names(case):
        test = page("account", lang, case=key, account=name)
        assert not test.exception
        for cell in linked(test):
            number = int("".join(filter(str.isdecimal, cell["counted"])))
            assert number == behind(case, cell["href"]), cell


def linked(test: Any) -> list[dict[str, str]]:
    """Cells with an address: of people their count stands below, of findings it is the text."""
    import json

    found = []
    for element in test.get("bidi_component"):
        data = json.loads(element.proto.json) if element.proto.component_name.endswith("rows") else {"rows": []}
        for row in data["rows"]:
            for cell in row["cells"]:
                if cell["href"]:
                    counted = cell["below"].split(" · ")[-1] if cell["below"] else cell["text"]
                    found.append({**cell, "counted": counted})
    return found


def test_people_stand_in_three_columns_and_third_parties_are_marked(case: Case, key: str) -> None:
    words = Words("zh", "app")
    test = page("account", "zh", case=key, account="XF-2023-0518")
    shown = [cell["text"] for cell in linked(test) if cell["mark"] == "third"]
    assert set(shown) == {words("account.third", who="王秀兰 · +86138****8002 · 亲属")}
    third = [row for row in accounts.people(case, "XF-2023-0518") if row["person_role"] == "family"]
    assert {row["person"] for row in third} == {"+8613800138002"}
    assert {row["of_person"] for row in third} == {6} == {sum(row["n"] for row in third)}


def test_findings_by_rule(case: Case) -> None:
    for name in names(case):
        rows = accounts.findings(case, name, "zh")
        assert sum(row["n"] for row in rows) == listing.count(case, Wanted({"account": [name]}))
        for row in rows:
            assert row["n"] == listing.count(case, Wanted({"account": [name], "rule": [row["rule_id"]]}))


def test_facts_of_an_account_are_its_own_and_those_of_all(case: Case) -> None:
    mine = accounts.facts(case, "XF-2023-0518")
    assert {row["account"] for row in mine} <= {"XF-2023-0518", None}
    assert ("lender", "示例消费金融") in {(row["fact"], row["value"]) for row in mine}


def test_gaps_of_the_accounts_add_up_to_those_of_the_case(case: Case) -> None:
    every = gaps.recording_gaps(case)
    for kind in ("without_recording", "without_call", "without_transcript"):
        assert sum(accounts.gaps(case, name)[kind] for name in names(case)) == every[kind]["n"]


@pytest.mark.parametrize("name", ["no such account", "'; DROP TABLE events; --", "​"])
def test_an_account_that_does_not_exist_is_said(case: Case, key: str, name: str) -> None:
    assert accounts.account(case, name) is None
    test = page("account", "en", case=key, account=name)
    assert not test.exception
    assert Words("en", "app")("account.unknown") in [element.value for element in test.text]


def test_a_hostile_name_is_only_a_name(tmp_path: Path, evil: Case) -> None:
    serve.begin(Desk(tmp_path / "none", evil.path), "zh")
    for name in names(evil):
        test = page("account", "zh", case=serve.desk().cases()[0]["key"], account=name)
        assert not test.exception
        for kind in ("markdown", "title", "subheader"):
            assert not [element.value for element in test.get(kind) if "http://" in element.value]
