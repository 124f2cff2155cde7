"""The page of material: what goes in is what is counted, what is suspected is counted apart, nothing is invented."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from appkit import LANGUAGES, evil_case, page, tables
from bigcase import sample_copy

from collectaudit import listing, material, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.evidence.verify import verify
from collectaudit.filtering import Wanted

pytest.importorskip("streamlit")
ZH = Words("zh", "app")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, of which two findings are confirmed, one is dismissed, one is not sure."""
    case = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("material") / "sample")
    suspected = Wanted({"tier": ["finding"], "authority": list(material.AUTHORITIES)})
    rows = listing.page(case, suspected, 1, "zh")
    for row, verdict in zip(rows, ("confirmed", "confirmed", "dismissed", "unsure"), strict=False):
        case.review(row["finding_id"], verdict)
    return case.path


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Case:
    """A copy of it, served."""
    import shutil

    shutil.copytree(made, tmp_path / "sample")
    desk = Desk(tmp_path / "none", tmp_path / "sample")
    serve.begin(desk, "zh")
    return desk.case(desk.cases()[0]["key"])


def shown(lang: str = "zh", **query: str) -> Any:
    test = page("material", lang, case=serve.desk().cases()[0]["key"], **query)
    assert not test.exception
    assert [element.value for element in test.error] == []
    return test


def wanted(href: str) -> Wanted:
    asked = parse_qs(urlsplit(href).query)
    return Wanted({name: values for name, values in asked.items() if name in (*listing.FACETS, *listing.SLICES)})


def test_the_groups_are_all_findings_once(case: Case) -> None:
    counts = material.groups(case)
    assert (counts["confirmed"], counts["dismissed"]) == (2, 1)
    assert sum(counts.values()) == listing.count(case, Wanted({}))
    for group, n in counts.items():
        assert listing.count(case, Wanted(material.FILTERS[group])) == n


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_leads_to_its_rows(case: Case, lang: str) -> None:
    words = Words(lang, "app")
    found = tables(shown(lang, choice="both"))
    for row in found[words("material.what")]["rows"]:
        assert row["cells"][1]["text"] == f"{listing.count(case, wanted(row['href'])):,}"
    for row in found[words("material.rests_on")]["rows"]:
        for cell in row["cells"][1:3]:
            assert cell["text"] == f"{listing.count(case, wanted(cell['href'])):,}"


def test_by_authority_adds_up_to_the_groups(case: Case) -> None:
    rows, counts = material.by_authority(case), material.groups(case)
    assert "practice" not in [row["authority"] for row in rows]
    for group in ("confirmed", "suspected"):
        assert sum(row[group] for row in rows) == counts[group]


@pytest.mark.parametrize("choice", list(material.CHOICES))
def test_what_goes_in_is_what_was_counted(case: Case, choice: str) -> None:
    counts = material.groups(case)
    text = material.table(case, choice, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == sum(counts[group] for group in material.CHOICES[choice])
    assert [row["verdict"] for row in rows].count("confirmed") == 2
    assert not [row for row in rows if row["verdict"] == "dismissed" or row["authority"] == "practice"]
    assert sorted(row["finding_id"] for row in rows) == material.ids(case, choice)


def test_the_other_tables_hold_the_same(case: Case, tmp_path: Path) -> None:
    import polars as pl
    from openpyxl import load_workbook

    n = len(material.ids(case, "both"))
    (tmp_path / "f.parquet").write_bytes(material.table(case, "both", "parquet"))
    assert pl.read_parquet(tmp_path / "f.parquet").height == n
    book = load_workbook(io.BytesIO(material.table(case, "both", "xlsx")))
    assert book["findings"].max_row == n + 1
    assert verify(case).ok


def test_without_a_word_of_the_person_it_asks_and_invents_nothing(case: Case) -> None:
    assert material.about(case) == dict.fromkeys(material.ABOUT, "")
    lender = material.CHANNELS["cn"][0]
    points = material.open_points(lender, material.about(case), facts=2)
    assert [name for name, there in points.items() if there] == ["facts"]
    test = shown()
    assert [box.value for box in test.text_input] == [""] * 4
    assert test.text_area[0].value == ""


def test_what_the_person_wrote_is_kept_in_the_case(case: Case) -> None:
    test = shown()
    test.text_input(key="about-name").set_value("  某某 ")
    test.text_area(key="about-request").set_value("不要再打给我的家人")
    next(button for button in test.button if button.label == ZH("material.keep")).click().run()
    assert not test.exception
    again = Case.open(case.path)
    assert material.about(again)["name"] == "某某"
    assert material.about(again)["request"] == "不要再打给我的家人"
    assert again.options["jurisdiction"] == "cn"
    assert shown().text_input(key="about-name").value == "某某"
    assert verify(case).ok


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_summary_counts_apart_and_loads_nothing(case: Case, lang: str) -> None:
    material.keep_about(case, {"name": "<b>某某</b>", "request": "a\u202eb"})
    test = shown(lang, choice="both", channel="nfra")
    test.button(key="form-page").click().run(timeout=60)
    assert not test.exception
    words, ready = Words(lang, "app"), test.session_state["made"]
    html, counts = ready["bytes"].decode("utf-8"), material.groups(case)
    assert words("printed.count_confirmed", n=counts["confirmed"]) in html
    assert words("printed.count_suspected", n=counts["suspected"]) in html
    assert str(counts["confirmed"] + counts["suspected"]) not in re.sub(r"<table.*?</table>", "", html, flags=re.DOTALL)
    assert html.count("<tr>") >= counts["confirmed"] + counts["suspected"]
    assert "&lt;b&gt;" in html
    assert "\u202e" not in html
    assert not re.search(r"https?:|<script|<img|<link|url\(", html)
    assert words("material.channel_nfra") in html
    assert len(test.get("download_button")) == 1


@pytest.mark.usefixtures("case")
def test_a_file_is_not_offered_when_what_it_was_made_of_changed() -> None:
    test = shown(choice="both")
    test.button(key="form-csv").click().run(timeout=60)
    assert len(test.get("download_button")) == 1
    test.radio(key="in-choice").set_value("confirmed").run()
    assert len(test.get("download_button")) == 0
    assert test.query_params["choice"] == "confirmed"


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("channel", [channel.name for channels in material.CHANNELS.values() for channel in channels])
def test_every_channel_says_what_it_asks_for(channel: str, lang: str) -> None:
    known = [one.name for one in material.CHANNELS["cn"]]
    words, test = Words(lang, "app"), shown(lang, channel=channel)
    if channel in known:
        text = "\n".join(element.value for element in test.text)
        assert words(f"material.asks_{channel}") in text
    else:  # of another country: the first one is shown
        assert test.selectbox(key="in-channel").value == known[0]


def test_an_american_case_has_its_own_place(tmp_path: Path) -> None:
    from exports import AGENT, ME, calls, people

    from collectaudit.audit import audit

    calls(tmp_path / "in" / "calls.xml", [("2026-03-09 22:15:00", "in", 30)])
    people(tmp_path / "in" / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    case = audit([tmp_path / "in"], out=tmp_path / "case", jurisdiction="us", owners={"": ME})
    serve.begin(Desk(tmp_path / "none", case.path), "en")
    assert shown("en").selectbox(key="in-channel").value == "cfpb"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_stays_text(tmp_path: Path, lang: str) -> None:
    case = evil_case(tmp_path)
    serve.begin(Desk(tmp_path / "none", case.path), lang)
    test = shown(lang, choice="both")
    for kind in ("markdown", "title", "subheader", "header", "caption"):
        for element in test.get(kind):
            assert "http://" not in element.value
    test.button(key="form-page").click().run(timeout=60)
    html = test.session_state["made"]["bytes"].decode("utf-8")
    assert not re.search(r"<script|<img|<a |\u202e", html)
