"""The page of material: what goes in is what is counted, states stay apart, nothing is invented, the pack is whole."""

import csv
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from appkit import LANGUAGES, codes, page, tables
from bigcase import sample_copy

from collectaudit import listing, material, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.evidence.packcheck import check_pack
from collectaudit.evidence.store import EXPORTS
from collectaudit.evidence.verify import verify
from collectaudit.filtering import Wanted
from collectaudit.report import complaint
from collectaudit.report.channels import channel, channels, missing
from collectaudit.report.dossier import AUTHORITIES, counts, dossier
from collectaudit.serve import task

pytest.importorskip("streamlit")
ZH = Words("zh", "app")
ACCOUNT = "XF-2023-0518"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, of which two findings are confirmed, one is dismissed, one is not sure."""
    case = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("material") / "sample")
    suspected = Wanted({"tier": ["finding"], "authority": list(AUTHORITIES)})
    rows = listing.page(case, suspected, 1, "zh")
    for row, verdict in zip(rows, ("confirmed", "confirmed", "dismissed", "unsure"), strict=False):
        case.review(row["finding_id"], verdict)
    return case.path


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Case:
    """A copy of it, served."""
    shutil.copytree(made, tmp_path / "sample")
    desk = Desk(tmp_path / "none", tmp_path / "sample")
    serve.begin(desk, "zh")
    return desk.case(desk.cases()[0]["key"])


def shown(lang: str = "zh", name: str = "material", **query: str) -> Any:
    test = page(name, lang, unfolded=["packs"], case=serve.desk().cases()[0]["key"], **query)
    assert not test.exception
    assert [element.value for element in test.error] == []
    return test


def done(test: Any, case: Case, key: str) -> Any:
    """The page after a button was pressed and what it began has come to its end."""
    test.button(key=key).click().run()
    task.wait(case, 120)
    found = task.of(case)
    assert found is not None
    assert (found.state, found.error) == ("done", None)
    test.run()
    assert not test.exception
    return test


def wanted(href: str) -> Wanted:
    asked = parse_qs(urlsplit(href).query)
    return Wanted({name: values for name, values in asked.items() if name in (*listing.FACETS, *listing.SLICES)})


@pytest.mark.parametrize("account", [None, ACCOUNT])
def test_the_states_are_all_findings_once(case: Case, account: str | None) -> None:
    of = {"account": [account]} if account else {}
    found = {state: counts(case, account)[state] for state in material.SHOWN}
    assert sum(found.values()) == listing.count(case, Wanted(of))
    for state, n in found.items():
        assert listing.count(case, Wanted({**material.FILTERS[state], **of})) == n
    assert (counts(case)["confirmed"], counts(case)["dismissed"]) == (2, 1)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "account"), [("material", ""), ("material", ACCOUNT), ("account", ACCOUNT)])
def test_every_number_leads_to_its_rows(case: Case, lang: str, name: str, account: str) -> None:
    words = Words(lang, "app")
    found = tables(shown(lang, name, choice="all", account=account))
    about = dossier(case, lang, account=account or None).counts
    rows = found[words("material.what")]["rows"]
    assert len(rows) >= 3
    for row in rows:
        assert row["cells"][1]["text"] == f"{listing.count(case, wanted(row['href'])):,}"
    named = {row["cells"][0]["text"]: row["cells"][1]["text"] for row in rows}
    assert named.items() <= {words(f"material.group_{state}"): f"{about[state]:,}" for state in material.SHOWN}.items()
    for row in found[words("material.rests_on")]["rows"] if name == "material" else ():
        for cell in row["cells"][1:]:
            assert cell["text"] == f"{listing.count(case, wanted(cell['href'])):,}"


def test_by_authority_adds_up_to_the_states(case: Case) -> None:
    found = counts(case)
    assert "practice" not in found["by_authority"]
    for state in material.CHOICES["all"]:
        assert sum(row[state] for row in found["by_authority"].values()) == found[state]


@pytest.mark.parametrize("choice", list(material.CHOICES))
def test_the_table_holds_what_was_counted(case: Case, choice: str) -> None:
    done(shown(choice=choice), case, "form-csv")
    text = next((case.path / EXPORTS).glob("findings-*.csv")).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == sum(counts(case)[state] for state in material.CHOICES[choice])
    assert [row["verdict"] for row in rows].count("confirmed") == 2
    assert not [row for row in rows if row["verdict"] == "dismissed" or row["authority"] == "practice"]
    assert sorted(row["finding_id"] for row in rows) == material.ids(case, choice)


@pytest.mark.parametrize(("name", "account"), [("material", ""), ("account", ACCOUNT)])
def test_a_pack_is_made_from_the_page(case: Case, name: str, account: str) -> None:
    pytest.importorskip("typst")
    complaint.keep(case, {"complainant_name": "某某"})
    test = done(shown("zh", name, choice="confirmed", channel="nfra", account=account), case, "make-pack")
    (found,) = material.packs(case)
    assert check_pack(found["folder"]).ok
    assert check_pack(found["zip"]).ok
    about = (found["folder"] / "data" / "manifest.json").read_text(encoding="utf-8")
    assert f'"confirmed": {counts(case, account or None)["confirmed"]}' in about
    assert '"channel": "nfra"' in about
    assert next(field.name("zh") for field in missing(channel("nfra"), {"complainant_name": "x"})) in about
    assert {str(found["folder"]), found["sha256"]} <= set(codes(test))
    assert len(test.get("download_button")) == 1
    assert verify(case).ok


def test_a_second_pack_is_the_redacted_one_beside_the_first(case: Case) -> None:
    pytest.importorskip("typst")
    test = done(shown(choice="confirmed"), case, "make-pack")
    test.checkbox(key="redacted").check().run()
    done(test, case, "make-pack")
    twin, first = sorted(material.packs(case), key=lambda row: "redacted" not in row["name"])
    assert '"redacted": false' in (first["folder"] / "data" / "manifest.json").read_text(encoding="utf-8")
    assert '"redacted": true' in (twin["folder"] / "data" / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["html", "pdf", "xlsx"])
def test_a_single_file_is_made_from_the_page(case: Case, form: str) -> None:
    pytest.importorskip("typst")
    test = done(shown(choice="all"), case, f"form-{form}")
    assert len(test.get("download_button")) == len(list((case.path / EXPORTS).glob(f"report-*.{form}"))) == 1


def test_without_the_extra_the_page_says_so_and_offers_the_table(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "_PARTS", ("not_there_at_all",))
    test = shown()
    assert ZH("material.not_installed") in [element.value for element in test.text]
    assert "make-pack" not in [button.key for button in test.button]
    assert [button.key for button in test.button if str(button.key).startswith("form-")] == ["form-csv"]
    done(test, case, "form-csv")


@pytest.mark.usefixtures("case")
def test_without_a_word_of_the_person_it_asks_and_invents_nothing() -> None:
    lender = channel("lender")
    points = material.open_points(lender, {}, facts=2)
    assert [field.key for field, standing in points if standing == "there"] == ["facts"]
    assert {field.key for field, standing in points if standing == "missing"} == {f.key for f in missing(lender, {})}
    test = shown()
    boxes = [*test.text_input, *test.text_area]
    assert {box.value for box in boxes} == {""}
    assert not [box.key for box in boxes if str(box.key).endswith("_id")]


def test_what_the_person_wrote_is_kept_in_the_case(case: Case) -> None:
    test = shown()
    test.text_input(key="about-complainant_name").set_value("  某某 ")
    test.text_area(key="about-request").set_value("不要再打给我的家人")
    next(button for button in test.button if button.label == ZH("material.keep")).click().run()
    assert not test.exception
    assert complaint.told(case) == {"complainant_name": "某某", "request": "不要再打给我的家人"}
    assert shown().text_input(key="about-complainant_name").value == "某某"
    assert verify(case).ok


def test_receipts_are_kept(case: Case) -> None:
    test = shown()
    test.text_area(key="receipts-text").set_value("12378\n受理编号 0018")
    [button for button in test.button if button.label == ZH("material.keep")][-1].click().run()
    assert not test.exception
    assert complaint.told(case) == {complaint.RECEIPTS: "12378\n受理编号 0018"}


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", channels(), ids=lambda place: place.id)
def test_every_channel_says_what_it_asks_for(place: Any, lang: str) -> None:
    test = shown(lang, channel=place.id)
    if place.jurisdiction != "cn":  # of another country: the first one is shown
        assert test.selectbox(key="in-channel").value == "lender"
        return
    text = [element.value for element in test.text]
    assert {place.text("for", lang), place.text("note", lang)} <= set(text)
    checklist = tables(test)[Words(lang, "app")("material.checklist")]["rows"]
    named = [row["cells"][0]["text"] for row in checklist]
    assert named == [*(field.name(lang) for field in place.asks), *(p.name(lang) for p in place.attach(agent=False))]


def test_an_american_case_has_its_own_place(tmp_path: Path) -> None:
    from exports import AGENT, ME, calls, people

    from collectaudit.audit import audit

    calls(tmp_path / "in" / "calls.xml", [("2026-03-09 22:15:00", "in", 30)])
    people(tmp_path / "in" / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    case = audit([tmp_path / "in"], out=tmp_path / "case", jurisdiction="us", owners={"": ME})
    serve.begin(Desk(tmp_path / "none", case.path), "en")
    assert shown("en").selectbox(key="in-channel").value == "cfpb"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_stays_text(tmp_path: Path, evil: Case, lang: str) -> None:
    serve.begin(Desk(tmp_path / "none", evil.path), lang)
    test = shown(lang, choice="all")
    for kind in ("markdown", "title", "subheader", "header", "caption"):
        for element in test.get(kind):
            assert "http://" not in element.value
    pytest.importorskip("typst")
    done(test, evil, "form-html")
    html = next((evil.path / EXPORTS).glob("report-*.html")).read_text(encoding="utf-8")
    assert not re.search(r"<img|<a [^>]*http|\u202e|alert\(1\)</script>", html)
