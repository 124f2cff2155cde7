"""The comparison as a page: each number leads to as many rows as it says; few contacts are marked; nothing ranks."""

import json
from typing import Any

import pytest
from appkit import LANGUAGES, page
from bigcase import shared_big_case
from officerkit import links, number, rows_behind
from test_comparing import ONE, TWO, doubtful, two

from collectaudit import comparing, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk, desk_at
from collectaudit.filtering import Wanted

pytest.importorskip("streamlit")
__all__ = ["doubtful", "two"]  # fixtures


def opened(case: Case, lang: str, **asked: str) -> Any:
    serve.begin(Desk(case.path.parent / "none", case.path), lang)
    test = page("comparison", lang, case=str(serve.desk().cases()[0]["key"]), **asked)
    assert not test.exception
    assert [element.value for element in test.error] == []
    return test


def tables(test: Any) -> dict[str, list[list[dict[str, str]]]]:
    """Caption → rows of cells, of each table of ours."""
    found = [json.loads(element.proto.json) for element in test.get("bidi_component")]
    return {data["caption"]: [row["cells"] for row in data["rows"]] for data in found if "caption" in data}


@pytest.mark.parametrize(
    "asked", [{}, {"agency": ONE}, {"agency": TWO, "until": "2026-03-05"}, {"channel": "sms"}], ids=str
)
def test_each_number_leads_to_as_many_rows(two: Case, asked: dict[str, str]) -> None:
    found = links(opened(two, "zh", **asked))
    for text, name, query in found:
        assert number(text) == rows_behind(two, name, query), (text, query)
    assert bool(found) == (asked.get("channel") != "sms")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_few_contacts_are_marked_and_compared_with_nothing(two: Case, lang: str) -> None:
    words = Words(lang, "app")
    one, other = tables(opened(two, lang))[words("comparison.title")]
    assert [cell["text"] for cell in one[:6]] == [ONE, "40", "4", "10.0%", "4", words("comparison.within")]
    assert one[3]["below"] == words("comparison.from_to", low="4.0", high="23.1")
    assert (other[5]["text"], other[5]["mark"]) == (words("comparison.few"), "few")
    assert [cell["text"] for cell in other[6:]] == [
        "100.0%",
        "0.0%",
        "100.0%",
        "0.0%",
        "0.0%",
        words("comparison.days_of", n=19, days=20),
    ]


def test_an_agency_leads_to_its_agents(two: Case) -> None:
    words = Words("zh", "app")
    first = tables(opened(two, "zh"))[words("comparison.title")][0][0]
    assert first["href"].startswith("/comparison?")
    agents = tables(opened(two, "zh", agency=ONE))[words("comparison.title")]
    assert [row[0]["text"] for row in agents] == ["A0", "A1"]
    assert not agents[0][0]["href"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_speaks_against_the_log_is_listed(doubtful: Case, lang: str) -> None:
    words = Words(lang, "app")
    rows = tables(opened(doubtful, lang))[words("comparison.declared")]
    by_name = {row[0]["text"]: row for row in rows}
    assert [cell["text"] for cell in by_name[ONE][1:]] == ["2", "0", "0", "1"]
    assert "against=number" in by_name[ONE][4]["href"]
    shown = tables(opened(doubtful, lang, against="number", of=ONE))[words("comparison.list_number", n=1)]
    assert [row[3]["text"] for row in shown] == [Words(lang).word("role", "family")]
    assert words("comparison.declared_not_seen") in [text.value for text in opened(doubtful, lang).text]


@pytest.mark.parametrize(
    "asked", [{"against": "said", "of": "nobody"}, {"against": "x"}, {"page": "99"}, {"since": "x"}], ids=str
)
def test_an_address_that_nobody_made(doubtful: Case, asked: dict[str, str]) -> None:
    opened(doubtful, "zh", **asked)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text(evil: Case, lang: str) -> None:
    test = opened(evil, lang)
    assert "\u202e" not in json.dumps(tables(test), ensure_ascii=False)


def test_with_100_000_findings(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = desk_at(shared_big_case(tmp_path_factory))
    serve.begin(desk, "zh")
    case = desk.case(desk.cases()[0]["key"])
    test = page("comparison", "zh", case=desk.cases()[0]["key"])
    assert [element.value for element in test.error] == []
    shown = tables(test)[Words("zh", "app")("comparison.title")]
    assert [row[0]["text"] for row in shown] == [row["name"] for row in comparing.groups(case, Wanted({}))]
    for row in shown[:2]:
        for cell in (row[1], row[2], row[4]):
            from urllib.parse import parse_qs, urlsplit

            parts = urlsplit(cell["href"])
            assert number(cell["text"]) == rows_behind(case, parts.path.strip("/"), parse_qs(parts.query))
