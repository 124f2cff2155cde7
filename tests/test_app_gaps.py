"""The page of what is missing: each number is that of the rows behind it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from appkit import LANGUAGES, page, tables
from bigcase import made_once
from exports import AGENT, ME, calls

from collectaudit import clocks, contacts, coverage, gaps, serve
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.filtering import Wanted
from collectaudit.masking import masked

pytest.importorskip("streamlit")


def served(path: Path, lang: str = "zh", **query: str) -> Any:
    desk = Desk(path.parent / "none", path)
    serve.begin(desk, lang)
    test = page("gaps", lang, case=desk.cases()[0]["key"], **query)
    assert not test.exception
    assert [element.value for element in test.error] == []
    return test


def said(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.subheader) for element in kind)


@pytest.fixture
def spring(tmp_path: Path) -> Case:
    """January and April in two files, one contact hidden, a line that cannot be read."""
    made_once(tmp_path, "spring", _spring)
    return Case.open(tmp_path / "case")


def _spring(root: Path) -> None:
    calls(root / "in" / "winter.xml", [("2026-01-02 10:00:00", "in", 60), ("2026-01-20 10:00:00", "in", 60)])
    calls(root / "in" / "april.xml", [("2026-04-03 10:00:00", "in", 60)])
    calls(root / "in" / "unseen.xml", [("2026-01-05 10:00:00", "in", 60)], "")
    lines = (
        "起始时间,通信方式,对方号码,通信时长\n2026-01-06 10:00:00,被叫,02188880000,60\nkein Tag,被叫,02188880000,60\n"
    )
    (root / "in" / "bill.csv").write_text(lines, encoding="utf-8")
    audit([root / "in"], out=root / "case", owners={"": ME})


def query_of(href: str) -> Wanted:
    """The filter that an address stands for."""
    asked = parse_qs(urlsplit(href).query)
    period = {name: asked.pop(name, [""])[0] for name in ("since", "until")}
    return Wanted({name: values for name, values in asked.items() if name in contacts.SLICES}, **period)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_leads_to_its_rows(spring: Case, lang: str) -> None:
    test, words = served(spring.path, lang), Words(lang, "app")
    shown = tables(test)
    for caption, column in ((words("gaps.by_month"), 1), (words("gaps.hidden"), 1)):
        for row in shown[caption]["rows"]:
            counted = contacts.count(spring, query_of(row["href"]))
            assert row["cells"][column]["text"] == f"{counted:,}"
    assert [row["cells"][1]["text"] for row in shown[words("gaps.by_month")]["rows"]] == ["4", "0", "0", "1"]


def test_what_is_missing_is_said(spring: Case) -> None:
    """From 21 January to 2 April no file tells anything: 72 days, in four months."""
    test, words = served(spring.path), Words("zh", "app")
    assert words("gaps.uncovered", n=1, days=72) in [box.label for box in test.expander]
    text = said(test)
    months = "、".join(f"2026年{n}月" for n in (4, 3, 2, 1))
    assert words("gaps.carrier_months", whose=masked("+86" + ME), months=months) in text
    assert words("gaps.hidden_text", n=1) in text
    assert words("gaps.unread_text", files=1, records=1) in text
    assert words("gaps.no_recordings") in text


def test_a_month_by_days(spring: Case) -> None:
    test = served(spring.path, month="2026-01")
    assert test.selectbox(key="in-month").value == "2026-01"
    assert served(spring.path, month="1999-13").selectbox(key="in-month").value == ""


def test_gaps_of_the_sound_are_listed_with_their_calls(tmp_path: Path, spoken: Case) -> None:
    calls(tmp_path / "more" / "calls.xml", [("2026-03-10 09:00:00", "in", 30), ("2026-03-11 09:00:00", "in", 30)])
    case = audit([tmp_path / "more"], out=spoken.path, owners={"": ME})
    words = Words("zh", "app")
    counted = gaps.recording_gaps(case)["without_recording"]["n"]
    assert counted == 2
    test = served(case.path)
    assert test.button_group(key="in-gap").value == "without_recording"
    assert len(tables(test)[words("gaps.sound")]["rows"]) == counted
    assert test.button_group(key="in-gap").options[0] == words("gaps.without_recording", n=2)


def test_a_case_without_days(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "people.csv").write_text(f"number,role\n{AGENT},collector\n", encoding="utf-8")
    case = audit([tmp_path / "in"], out=tmp_path / "case")
    assert Words("zh", "app")("gaps.nothing_dated") in said(served(case.path))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_stay_text(evil: Case, lang: str) -> None:
    test = served(evil.path, lang)
    assert coverage.spans(evil)
    for kind in ("markdown", "title", "subheader", "header", "caption"):
        for element in test.get(kind):
            assert "http://" not in element.value
    for element in test.text:
        assert "\u202e" not in element.value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_ids_of_calls_show_is_said(tmp_path: Path, lang: str) -> None:
    """A switch that writes UTC: its night is this place's morning."""
    (tmp_path / "in").mkdir()
    row = ",3201,13800138000,c,,a,b,Dial,x,{0},{0},{0},72,63,ANSWERED,DOCUMENTATION,{1}.1,"
    lines = [row.format(f"2024-04-05 0{n}:40:22", 1_712_310_022 - 3600 * (9 - n)) for n in range(4)]
    (tmp_path / "in" / "Master.csv").write_text("\n".join(lines), encoding="utf-8")
    case = audit([tmp_path / "in"], out=tmp_path / "case", jurisdiction="cn")
    assert [one["said"] for one in clocks.measured(case)] == [
        "its times are UTC+00:00 by 4 of 4 call ids",
        "that is not the time of Asia/Shanghai: going by its call ids, each time was converted to it",
    ]
    shown = said(served(case.path, lang))
    for one in clocks.measured(case):
        assert Words(lang, "app").sentence(one["said"]) in shown
    assert [f"{one['at_local']:%H:%M}" for one in case.query("FROM events ORDER BY at_local")] == [
        "08:40", "09:40", "10:40", "11:40",
    ]  # fmt: skip
