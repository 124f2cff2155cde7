"""The evidence book: what an authority sees; looked at through the text, links, fonts and marks of the PDF itself."""

import copy
import dataclasses
import re
import time
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from bigcase import sample_copy

from collectaudit import dates
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.errors import MissingPart
from collectaudit.report import book, typeset
from collectaudit.report.book import PARTS, volumes
from collectaudit.report.bookexhibits import marked, vouched
from collectaudit.report.dossier import STATES, Dossier, dossier

pytest.importorskip("typst")
pypdf = pytest.importorskip("pypdf")

ON = date(2026, 3, 14)
TOLD = {"complainant_name": "陈喆㛃𬭎", "respondent": "示例消费金融"}
HOSTILE = '#read("/etc/passwd") $x$ \\ @a <b> *b* _i_ `c` //d [e] = f\u202e\u200bg\x1b[31m😀'
SEEN = '#read("/etc/passwd") $x$ \\ @a <b> *b* _i_ `c` //d [e] = f\\u202e\\u200bg\\u001b[31m\\U0001f600'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    found = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("book") / "case")
    ids = [row["finding_id"] for row in found.query("SELECT finding_id FROM findings ORDER BY occurred_at, finding_id")]
    found.review_all(ids[:3], "confirmed", note="看过记录", by="陈静怡")
    found.review_all(ids[3:5], "dismissed", by="陈静怡")
    return found


@pytest.fixture(scope="module", params=["zh", "en"])
def made(case: Case, request: pytest.FixtureRequest) -> Dossier:
    return dossier(case, request.param)


@pytest.fixture(scope="module")
def pdf(made: Dossier) -> bytes:
    return volumes(made, TOLD, ON)[0]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def text_of(data: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages))


def test_every_part_is_there_in_order(made: Dossier, pdf: bytes) -> None:
    words = Words(made.lang, "report")
    titles = [item.title for item in pypdf.PdfReader(BytesIO(pdf)).outline if not isinstance(item, list)]
    wanted = [words(f"book.part_{name}") for name, _ in PARTS]
    assert [title.endswith(name) for title, name in zip(titles, wanted, strict=True)] == [True] * len(wanted)


def test_text_extracts_and_rare_names_are_whole(pdf: bytes, made: Dossier) -> None:
    found = text_of(pdf)
    assert "陈喆㛃𬭎" in found
    assert made.about["log_head"] in found
    for source in made.sources:
        assert source["sha256"] in found
    for row in made.exhibits:
        for record in row["records"]:
            assert squeezed(record["locator"]) in found
        for turn in row["turns"]:
            assert squeezed(turn["text"]) in found


def test_each_state_has_its_own_count(pdf: bytes, made: Dossier) -> None:
    words = Words(made.lang, "report")
    last = squeezed(pypdf.PdfReader(BytesIO(pdf)).pages[-1].extract_text())
    for state in STATES:
        assert squeezed(words(f"book.n_{state}", n=made.counts[state])) in last
    together = made.counts["confirmed"] + made.counts["suspected"]
    assert squeezed(words("book.n_suspected", n=together)) not in text_of(pdf)


def test_fonts_are_inside_and_both_standards_declared(pdf: bytes) -> None:
    reader = pypdf.PdfReader(BytesIO(pdf))
    names = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            about = inner["/FontDescriptor"].get_object()
            assert {"/FontFile3", "/FontFile2"} & set(about), about
            names.add(about["/FontName"])
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in names)
    meta = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert all(re.search(rf"<{tag}>{value}</{tag}>", meta) for tag, value in
               [("pdfaid:part", "3"), ("pdfaid:conformance", "B"), ("pdfuaid:part", "1")])  # fmt: skip
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"].startswith(("zh", "en"))


def test_links_lead_to_exhibits(pdf: bytes, made: Dossier) -> None:
    reader = pypdf.PdfReader(BytesIO(pdf))
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    named = reader.named_destinations
    assert {f"exhibit-{row['number']}" for row in made.exhibits} <= set(named)
    inside = [link for link in links if link["/Subtype"] == "/Link"]
    assert len(inside) > len(made.exhibits)
    assert all("/URI" not in link.get("/A", {}) for link in inside), "nothing leads out of the book"


def test_the_same_bytes_twice(pdf: bytes, made: Dossier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.chdir(tmp_path)
    time.tzset()
    assert volumes(made, TOLD, ON)[0] == pdf
    monkeypatch.delenv("TZ")
    time.tzset()
    assert volumes(made, TOLD, date(2026, 3, 15))[0] != pdf


def test_hostile_text_is_shown_and_does_nothing(case: Case) -> None:
    made = dossier(case, "zh")
    exhibits = copy.deepcopy(made.exhibits)
    exhibits[0]["turns"] = [{**next(t for e in exhibits for t in e["turns"]), "text": HOSTILE, "spans": []}]
    exhibits[0]["records"][0]["source"] = "x" * 300 + HOSTILE
    found = text_of(volumes(dataclasses.replace(made, exhibits=exhibits), {"respondent": HOSTILE}, ON)[0])
    assert found.count(squeezed(SEEN)) >= 4
    assert "root:" not in found


@pytest.mark.parametrize(
    ("text", "seen"),
    [("喆㛃𬭎𰻝", "喆㛃𬭎𰻝"), ("a\tb\nc\r\nd", "a b\nc\nd"), ("😀", "\\U0001f600"), ("한", "\\ud55c"),
     ("\u2066x", "\\u2066x"), ("\ufeff", "\\ufeff"), ("ASCII", "ASCII"), ("\ue000", "\\ue000")],
)  # fmt: skip
def test_what_no_font_draws_is_written_out(text: str, seen: str) -> None:
    assert typeset.printable({"a": [text, 1, None]}) == {"a": [seen, 1, None]}


def test_without_fonts_or_typst_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for absent in ("typst", "pylopdf_fonts_zh_cn"):
        with monkeypatch.context() as patch:
            patch.setattr(typeset, "find_spec", lambda name, absent=absent: None if name == absent else object())
            with pytest.raises((MissingPart, AttributeError)) as problem:
                typeset.compiled([], {}, ON) if absent == "typst" else typeset.font_folder()
            assert problem.type is MissingPart


def test_a_long_book_comes_in_volumes(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = dossier(case, "zh")
    monkeypatch.setattr(book, "VOLUME", 15)
    files = book.write(made, tmp_path / "02_证据册.pdf", TOLD, ON)
    assert [path.name for path in files] == ["02_证据册_1.pdf", "02_证据册_2.pdf", "02_证据册_3.pdf"]
    texts = [text_of(path.read_bytes()) for path in files]
    for row in made.exhibits:
        at = dates.moment(Words("zh"), row["at_local"], row["precision"])
        inside = [squeezed(f"证据 {row['number']}　{at}") in text for text in texts]
        assert inside == [n == (row["number"] - 1) // 15 for n in range(3)]
    assert "第2卷" in texts[1] and "十一、完整性清单" not in texts[1]


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ({"listened": None}, ""),
        ({"listened": False, "engine": "m"}, "机器转写（m），还没有人听过"),
        ({"listened": False, "engine": None}, "他人提供的文字稿，还没有人听过"),
        ({"listened": False, "engine": "m", "doubtful": True}, "机器转写（m），机器自己没有把握，还没有人听过"),
        ({"listened": True, "engine": "m", "heard_by": "陈静怡"}, "机器转写（m），陈静怡 听过"),
        ({"listened": True, "engine": "m", "heard_by": "陈静怡", "machine_text": "x"}, "人工更正，陈静怡 听过"),
    ],
)
def test_who_vouches_for_the_words(turn: dict[str, Any], said: str) -> None:
    plain = {"machine_text": None, "doubtful": False, "heard_by": None, **turn}
    assert vouched(plain, Words("zh", "report")).replace("、", "，") == said


def test_passages_are_marked_in_the_text_as_it_stands() -> None:
    spans = [{"start_char": 2, "end_char": 4}, {"start_char": 3, "end_char": 5}]
    runs = marked({"text": "叫你叫警察来", "spans": spans})
    assert [(run["t"], run.get("hit")) for run in runs] == [
        ("叫你", None),
        ("叫", True),
        ("警", True),
        ("察", True),
        ("来", None),
    ]


def test_a_dossier_without_findings_is_a_book_too(case: Case) -> None:
    made = dossier(case, "en", account="nobody")
    assert "holds no finding" in " ".join(
        pypdf.PdfReader(BytesIO(volumes(made, {}, ON)[0])).pages[3].extract_text().split()
    ) or ("holdsnofinding" in text_of(volumes(made, {}, ON)[0]))


def test_three_thousand_exhibits_are_one_volume(case: Case) -> None:
    made = dossier(case, "zh")
    many = [{**made.exhibits[n % len(made.exhibits)], "number": n + 1} for n in range(3000)]
    (made_whole,) = volumes(dataclasses.replace(made, exhibits=many), {}, ON)
    assert len(pypdf.PdfReader(BytesIO(made_whole)).pages) > 300
