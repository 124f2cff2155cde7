"""The letter: confirmed and suspected are kept apart, blanks are named, PDF and DOCX say the same."""

import re
import time
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bigcase import sample_copy
from packkit import OFFICE, as_pdf

from collectaudit import dates
from collectaudit.case import Case
from collectaudit.catalogue import Words, texts
from collectaudit.report import letter, statements
from collectaudit.report.channels import Channel, channel, channels, fields, missing
from collectaudit.report.conducts import conducts
from collectaudit.report.dossier import Dossier, dossier
from collectaudit.rules import load_rules

pytest.importorskip("typst")
pytest.importorskip("docx")
pypdf = pytest.importorskip("pypdf")

ON = date(2026, 3, 14)
TOLD = {"complainant_name": "陈喆㛃𬭎", "respondent": "示例消费金融", "request": "停止联系我的家人。\n书面答复。"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("letter") / "case")


@pytest.fixture(scope="module")
def unjudged(case: Case) -> Dossier:
    return dossier(case, "zh")


@pytest.fixture(scope="module", params=["zh", "en"])
def judged(case: Case, unjudged: Dossier, request: pytest.FixtureRequest) -> Dossier:
    """Made after `unjudged`, which is of the same case before anybody judged it."""
    assert unjudged.counts["confirmed"] == 0
    rules = ("third-party-disclosure", "out-of-hours")
    rows = case.query("SELECT finding_id FROM findings WHERE list_contains(?, rule_id)", [list(rules)])
    case.review_all([row["finding_id"] for row in rows], "confirmed", by="陈静怡")
    return dossier(case, request.param)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def pdf_text(data: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages))


def docx_text(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))  # noqa: S314 — made here
    return squeezed("".join(root.itertext()))


@pytest.mark.parametrize("place", channels(), ids=lambda place: place.id)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_required_field_is_there_or_a_named_blank(case: Case, place: Channel, lang: str) -> None:
    made = dossier(case, lang)
    for found in (pdf_text(letter.pdf(made, TOLD, place, ON)), docx_text(letter.word(made, TOLD, place, ON))):
        for field in place.asks:
            if field.source == "person":
                wanted = TOLD.get(field.key) or field.blank(lang)
                assert all(squeezed(line) in found for line in wanted.split("\n")), field.key
        lacking = {field.key for field in missing(place, TOLD)}
        assert all((squeezed(fields()[key].blank(lang)) in found) == (key in lacking) for key in
                   (field.key for field in place.asks if field.source == "person"))  # fmt: skip


def test_nothing_confirmed_means_suspected_throughout(unjudged: Dossier) -> None:
    found = docx_text(letter.word(unjudged, TOLD, channel("nfra"), ON))
    assert "下列各项都是疑似" in found
    items = re.findall(r"\d\.([^。]*?涉及联系\d+次)", found)
    assert items and all(item.startswith("疑似") for item in items)
    assert "已经核实的" not in found
    assert not conducts(unjudged, "confirmed", Words("zh", "report"))


def test_confirmed_comes_first_and_counts_stay_apart(judged: Dossier) -> None:
    words = Words(judged.lang, "report")
    found = docx_text(letter.word(judged, TOLD, channel("nfra"), ON))
    first, second = (found.index(squeezed(words(f"letter.{state}_text"))) for state in ("confirmed", "suspected"))
    assert first < second
    counts = {state: str(judged.counts[state]) for state in ("confirmed", "suspected", "review")}
    assert squeezed(words("letter.about_counts", **counts)) in found
    assert found == docx_text(letter.word(judged, TOLD, channel("12378"), ON))
    for conduct in conducts(judged, "confirmed", words):
        at = found.index(squeezed(words("letter.item", what="", n=len(conduct.exhibits))[:4]))
        assert at > 0


def test_a_kind_of_conduct_is_told_once_under_its_strongest_text(judged: Dossier) -> None:
    words = Words(judged.lang, "report")
    found = conducts(judged, "confirmed", words)
    assert [row.rule_id for row in found] == ["third-party-disclosure", "out-of-hours"]
    assert [row.authority for row in found] == ["law", "std"]
    for conduct in found:
        rows = [row for row in judged.findings if row["rule_id"] == conduct.rule_id and row["state"] == "confirmed"]
        assert conduct.exhibits == tuple(sorted({n for row in rows for n in row["exhibits"]}))
        assert len(conduct.laws) <= len({row["provision_id"] for row in rows})
    assert not any(row.authority == "practice" for state in ("confirmed", "suspected")
                   for row in conducts(judged, state, words))  # fmt: skip


@pytest.mark.parametrize("limit", [200, 500, 1000, 2000])
@pytest.mark.parametrize("place", ["nfra", "platform", "cfpb"])
def test_a_short_form_keeps_to_its_length(judged: Dossier, place: str, limit: int) -> None:
    told = {**TOLD, "request": "请" * 900}
    for given in (TOLD, told, {}):
        text = letter.short_form(judged, given, channel(place), limit)
        assert len(text) <= limit
        assert limit < 500 or judged.about["number"] in text


def test_short_forms_do_not_mix_states(judged: Dossier) -> None:
    words = Words(judged.lang, "report")
    text = letter.short_form(judged, TOLD, channel("nfra"), 2000)
    confirmed, suspected = (text.index(words(f"letter.short_{state}")) for state in ("confirmed", "suspected"))
    assert confirmed < suspected
    assert text.count(words("letter.short_confirmed")) == text.count(words("letter.short_suspected")) == 1


def test_the_files_are_the_same_bytes_twice(judged: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for name, zone in (("a", "Asia/Shanghai"), ("b", "America/New_York")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        paths = letter.write(judged, tmp_path / name / "01", TOLD, channel("lender"), ON)
        paths += statements.write(judged, tmp_path / name, TOLD, ON)
        made.append({path.name: path.read_bytes() for path in paths})
        time.sleep(1.1)
    monkeypatch.delenv("TZ")
    time.tzset()
    assert made[0] == made[1]
    assert {"01.pdf", "01.docx", "01_500.txt", "01_1000.txt", "01_2000.txt"} <= set(made[0])


def test_the_docx_names_a_font_for_chinese_and_nothing_outside(judged: Dossier) -> None:
    with zipfile.ZipFile(BytesIO(letter.word(judged, TOLD, channel("lender"), ON))) as package:
        styles = package.read("word/styles.xml").decode()
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        links = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".rels"))
        core = package.read("docProps/core.xml").decode()
    assert 'w:eastAsia="SimSun"' in styles and 'w:eastAsia="SimHei"' in styles
    assert 'TargetMode="External"' not in links
    assert "python-docx" not in core and "2026-03-14" in core


def test_hostile_text_stays_text(unjudged: Dossier) -> None:
    told = {**TOLD, "respondent": '#read("x") <w:t>&amp; \u202eabc\x00\ud800 {respondent}'}
    found = docx_text(letter.word(unjudged, told, channel("lender"), ON))
    assert squeezed('#read("x") <w:t>&amp; \\u202eabc\\u0000\\ud800 {respondent}') in found
    assert squeezed('#read("x") <w:t>&amp; \\u202eabc') in pdf_text(letter.pdf(unjudged, told, channel("lender"), ON))


def test_every_rule_has_a_phrase_that_a_person_would_write() -> None:
    rules = {rule.id for rule in load_rules()}
    for lang in ("zh", "en"):
        phrases = {
            key.removeprefix("letter.rule_") for key in texts(f"{lang}.report") if key.startswith("letter.rule_")
        }
        assert phrases == rules


def test_a_place_for_numbers_gets_numbers_and_times(unjudged: Dossier) -> None:
    found = pdf_text(letter.pdf(unjudged, TOLD, channel("12321"), ON))
    first = next(row for row in unjudged.exhibits if row["from_role"] == "collector")
    at = dates.moment(Words("zh"), first["at_local"], first["precision"])
    assert squeezed(f"{first['from_number']}电话{at}") in found


def test_somebody_acting_is_named_and_signs(unjudged: Dossier) -> None:
    found = docx_text(letter.word(unjudged, {**TOLD, "agent_name": "李代理"}, channel("lender"), ON))
    assert "李代理" in found and "授权委托书" in found and "代理人签名" in found
    assert squeezed(fields()["agent_id"].blank("zh")) in found


def test_statement_sheets_are_for_the_people_reached(unjudged: Dossier, tmp_path: Path) -> None:
    paths = statements.write(unjudged, tmp_path, TOLD, ON)
    assert [path.name for path in paths] == ["本人陈述.pdf", "情况说明_1.pdf"]
    person = unjudged.third_parties[0]
    assert all(len(pypdf.PdfReader(path).pages) == 1 for path in paths)
    assert person["name"] in pdf_text(paths[1].read_bytes())
    assert person["name"] not in "".join(path.name for path in paths)


def test_in_the_us_a_declaration_is_drafted_and_signed_by_nobody(unjudged: Dossier, tmp_path: Path) -> None:
    american = replace(unjudged, lang="en", about={**unjudged.about, "jurisdiction": "us"})
    paths = statements.write(american, tmp_path, TOLD, ON)
    assert [path.name for path in paths] == [
        "Statement_of_my_own.pdf", "Statement_1.pdf", "Draft_declaration_on_records.pdf",
    ]  # fmt: skip
    found = pdf_text(paths[-1].read_bytes())
    for said in ("28 U.S.C. § 1746", "902(13)", "902(14)", "under penalty of perjury", american.about["log_head"]):
        assert squeezed(said) in found
    assert TOLD["complainant_name"] not in found  # who signs is not ours to say


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_docx(judged: Dossier, tmp_path: Path) -> None:
    (tmp_path / "01.docx").write_bytes(letter.word(judged, TOLD, channel("nfra"), ON))
    assert squeezed(TOLD["respondent"]) in pdf_text(as_pdf(tmp_path / "01.docx").read_bytes())
