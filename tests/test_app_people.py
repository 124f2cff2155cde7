"""Who is who, as a reader says it: one click each, several at once, and what judging again has changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, page, served_sample

from collectaudit import serve, views, whoiswho
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.serve import task

pytest.importorskip("streamlit")


@pytest.fixture
def case(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    found = served_sample(tmp_path_factory, tmp_path / "home")
    yield found
    task.wait(found, 120)
    task.forget(found)


def opened(lang: str = "zh", **query: str) -> Any:
    test = page("people", lang, case=serve.desk().cases()[0]["key"], **query)
    assert not test.exception
    assert not test.error
    return test


def texts(test: Any) -> str:
    return "\n".join(element.value for element in test.text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_are_those_of_the_rows(case: Case, lang: str) -> None:
    test = opened(lang)
    rows = whoiswho.numbers(case)
    unknown = [row for row in rows if row["choice"] is None]
    assert Words(lang, "app")("people.counted", n=len(rows), unknown=len(unknown)) in texts(test)
    assert len(unknown) == len(views.suggestions(case, 1000))
    boxes = [box.key for box in test.button_group if str(box.key).startswith("who-")]
    assert boxes == [f"who-{row['number']}" for row in rows[: whoiswho.ROWS]]
    rest = opened(lang, page="2")
    more = [box.key for box in rest.button_group if str(box.key).startswith("who-")]
    assert more == [f"who-{row['number']}" for row in rows[whoiswho.ROWS : 2 * whoiswho.ROWS]]


def test_one_click_says_it_and_judging_again_tells_what_changed(case: Case) -> None:
    test = opened()
    assert "again-" not in str([button.key for button in test.button])
    row = whoiswho.numbers(case)[0]
    test.button_group(key=f"who-{row['number']}").set_value("collector").run()
    assert not test.error
    said = {one["number"]: one for one in whoiswho.numbers(case)}[row["number"]]
    assert (said["choice"], said["new"]) == ("collector", True)
    before = views.status(case)
    test.button(key="again-below").click().run()
    task.wait(case, 120)
    test.run()
    assert not test.exception
    after = views.status(case)
    counts = {"before": before["findings"], "after": after["findings"], "review_before": before["review"],
              "review_after": after["review"]}  # fmt: skip
    assert Words("zh", "app")("people.changed", **counts) in texts(test)
    assert not whoiswho.to_be_judged(case)
    page = (
        next(n for n, one in enumerate(whoiswho.numbers(case)) if one["number"] == row["number"]) // whoiswho.ROWS + 1
    )
    opened(page=str(page)).button(key=f"back-{row['number']}").click().run()
    taken_back = {one["number"]: one for one in whoiswho.numbers(case)}[row["number"]]
    assert (taken_back["choice"], taken_back["new"], taken_back["contacts"] > 0) == (None, True, True)
    assert whoiswho.to_be_judged(case)


def test_several_numbers_of_one_agency_at_once(case: Case) -> None:
    test = opened()
    words = Words("zh", "app")
    several = [row["number"] for row in whoiswho.numbers(case) if row["choice"] is None][:3]
    test.multiselect[0].set_value(several)
    box = next(box for box in test.text_input if box.label == words("people.organisation_all"))
    box.set_value("样例催收服务部")
    next(button for button in test.button if button.label == words("people.say_all")).click().run()
    assert not test.exception
    known = {row["number"]: row for row in whoiswho.numbers(case)}
    assert {(known[n]["choice"], known[n]["organisation"]) for n in several} == {("collector", "样例催收服务部")}


def test_name_and_organisation_can_be_added(case: Case) -> None:
    number = whoiswho.numbers(case)[0]["number"]
    whoiswho.say_who(case, [number], "family")
    test = opened(search=number)
    test.text_input(key=f"name-{number}").set_value("=大姐")
    test.text_input(key=f"relation-{number}").set_value("姐姐")
    test.button(key=f"save-{number}").click().run()
    assert not test.exception
    row = whoiswho.numbers(case, number)[0]
    assert (row["choice"], row["name"], row["relation"]) == ("family", "=大姐", "姐姐")


def test_the_search_is_in_the_address(case: Case) -> None:
    number = whoiswho.numbers(case)[3]["number"]
    boxes = [box.key for box in opened(search=number).button_group if str(box.key).startswith("who-")]
    assert boxes == [f"who-{number}"]
    assert Words("zh", "app")("people.not_found") in texts(opened(search="nobody at all"))


def test_somebody_else_at_work_is_said_in_words(case: Case) -> None:
    test = opened()
    row = whoiswho.numbers(case)[0]
    with Case.open(case.path).session("audit"):
        test.button_group(key=f"who-{row['number']}").set_value("family").run()
    assert not test.exception
    assert len(test.error) == 1
    assert whoiswho.numbers(case)[0]["choice"] is None
