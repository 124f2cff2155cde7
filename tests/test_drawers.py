"""The files that people write: read as Excel leaves them, changed a row at a time, never a formula."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit import drawers
from collectaudit.drawers import plain_cell, safe_cell
from collectaudit.errors import WrongUse

FORMULAS = [
    "=1+1", "+86", "-1", "@SUM(1)", "|cmd", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1", "＋1", "－1", "＠a",
    "｜a", "\u200b=1", "\ufeff=1", "﹢1", "−1", "'=1", "\u00a0@x", "\x00=1",
]  # fmt: skip
HARMLESS = ["", "a", "13800138000", "示例", "a=1", "1-1", "'s-Gravenhage", "【示例】", "(1)", "10:00-20:00", "*", "#"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == "'" + text and plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == plain_cell(text) == text


@given(st.text(alphabet="'=+-@| \ta1＝\u200b示"))
def test_the_apostrophe_comes_off_again(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@pytest.fixture
def people(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path / "people.csv"


def put(path: Path, **row: str) -> int:
    return drawers.put(path, row, path.parent / "tmp")


def test_a_new_drawer_opens_in_excel(people: Path) -> None:
    assert put(people, number="+8613800138000", role="collector", name="=HYPERLINK(1)") == 1
    assert people.read_bytes().startswith(b"\xef\xbb\xbfnumber,role,name,organisation,account,lender,relation,note\r\n")
    assert people.read_text(encoding="utf-8-sig").splitlines()[1] == "'+8613800138000,collector,'=HYPERLINK(1),,,,,"
    assert drawers.read(people).dicts()[0]["number"] == "+8613800138000"
    assert not list((people.parent / "tmp").iterdir())


TABLE = '备注,number,Role,name,account\r\n第一,13800138000,family,母亲,A1\r\n\r\n,=x,,"two\r\nlines",,extra\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_what_a_person_and_excel_made_of_it_stays(people: Path, encoding: str, delimiter: str) -> None:
    people.write_bytes(TABLE.replace(",", delimiter).encode(encoding))
    assert put(people, number="+86 138 0013 8000", role="collector", account="A1", note="x") == 3
    assert people.read_text(encoding="utf-8-sig").splitlines() == [
        "备注,number,role,name,account,note",
        "第一,'+86 138 0013 8000,collector,母亲,A1,x",
        "",
        ',=x,,"two',
        'lines",,extra',
    ]


def test_what_is_not_given_stays_and_an_empty_text_clears(people: Path) -> None:
    put(people, number="1", role="family", name="示例", note="old")
    put(people, number="1", role="collector", note="")
    assert drawers.read(people).dicts() == [
        {"number": "1", "role": "collector", "name": "示例", "organisation": "", "account": "", "lender": "",
         "relation": "", "note": ""}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name,role\r\nx,y\r\n", "line 1: no column number, account"),
        ("号码,角色\r\n".encode(), "no column number"),
        (b"\xff\xff\xff\x80", "neither UTF-8 nor GB18030"),
        (b'number,account\r\n"' + b"x" * 200_000, "is not a table"),
    ],
)
def test_a_drawer_that_cannot_be_read_is_left_alone(people: Path, content: bytes, sentence: str) -> None:
    people.write_bytes(content)
    with pytest.raises(WrongUse, match=sentence):
        put(people, number="1", role="other")
    assert people.read_bytes() == content


def test_an_empty_file_is_an_empty_drawer(people: Path) -> None:
    people.write_bytes(b"")
    put(people, number="1", role="other")
    assert len(drawers.read(people).rows) == 1


def test_a_drawer_that_is_a_link_is_refused(people: Path) -> None:
    people.symlink_to(people.parent / "elsewhere.csv")
    with pytest.raises(WrongUse, match="is a link"):
        put(people, number="1", role="other")


@pytest.mark.parametrize(
    ("text", "fix"),
    [("colector", "Did you mean collector?"), ("Family", "Did you mean family?"), ("xyz", "Known: debtor"), ("", "K")],
)
def test_an_unknown_role_gets_the_nearest_one(text: str, fix: str) -> None:
    with pytest.raises(WrongUse, match="is not a role") as problem:
        drawers.person("1", text, {})
    assert fix in problem.value.fix


@pytest.mark.parametrize(
    ("number", "about", "sentence"),
    [
        (" ", {}, "a number is needed"),
        ("1", {"nmae": "x"}, "nmae is not a column of people.csv"),
        ("1", {"name": "a\nb"}, "name is too long or holds characters"),
        ("1", {"note": "x" * 3000}, "note is too long"),
        ("1\x1b[31m", {}, r"number is too long or holds characters that cannot be written: 1\\u001b"),
    ],
)
def test_a_label_is_checked(number: str, about: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongUse, match=sentence):
        drawers.person(number, "other", about)


@pytest.mark.parametrize(
    ("fact", "about", "sentence"),
    [
        ("agreed_hour", {}, "agreed_hour is not a fact"),
        ("agreed_hours", {}, "needs value"),
        ("agreed_hours", {"value": "nine to five"}, "are not hours"),
        ("agreed_hours", {"value": "25:00-26:00"}, "are not hours"),
        ("lender", {"from_at": "2025-01-01"}, "needs value"),
        ("due", {}, "needs from_at"),
        ("settled", {"from_at": "soon"}, "from_at: soon is not a time"),
        ("settled", {"from_at": "2025-06-01T10:00+08:00"}, "is not a time"),
        ("settled", {"from_at": "2025-06-02", "until_at": "2025-06-01"}, "is not after"),
        ("settled", {"when": "2025-06-02"}, "when is not a column"),
    ],
)
def test_a_fact_is_checked(fact: str, about: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongUse, match=sentence):
        drawers.fact(fact, about)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2025-06-01", "2025-06-01"),
        ("2025年6月1日", "2025-06-01"),
        ("2025/6/1 21:40", "2025-06-01 21:40"),
        ("2025-06-01 21:40:05", "2025-06-01 21:40:05"),
        ("2025-06-01 00:00", "2025-06-01 00:00"),
    ],
)
def test_times_are_written_in_one_form(written: str, kept: str) -> None:
    assert drawers.fact("settled", {"from_at": written})["from_at"] == kept


@pytest.mark.parametrize("value", ["09:00-18:00", "9:00 – 18:00", "09:00至24:00"])
def test_hours_as_people_write_them(value: str) -> None:
    assert drawers.fact("agreed_hours", {"value": value})["value"] == value


def test_a_verdict_is_one_of_three() -> None:
    with pytest.raises(WrongUse, match="Did you mean confirmed"):
        drawers.verdict("f", "confirm", None, "me", "now")
