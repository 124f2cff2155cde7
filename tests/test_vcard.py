import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _bytes, vcard

DATA = Path(__file__).parent / "data" / "vcard"
BOOKS = ["phone21", "modern", "gbk"]
TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

Rows = list[Record | Reject]
Read = Callable[[bytes], tuple[Rows, Facts]]


def read_file(path: Path) -> tuple[Rows, Facts]:
    facts = Facts(vcard.NAME)
    return list(vcard.read(Job(path, path.name, path.parent), facts)), facts


@pytest.fixture
def read(tmp_path: Path) -> Read:
    path = tmp_path / "0123abcd"

    def read_bytes(data: bytes) -> tuple[Rows, Facts]:
        path.write_bytes(data)
        return read_file(path)

    return read_bytes


def plain(rows: Rows) -> list[dict[str, Any]]:
    return [
        {"locator": row.locator, "fields": dict(row.fields)}
        if isinstance(row, Record)
        else {"locator": row.locator, "reason": row.reason}
        for row in rows
    ]


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def seen(rows: Rows) -> list[tuple[str | None, str | None] | str]:
    """Name and number of each record, the reason of each reject."""
    return [(row.fields["name"], row.fields["number"]) if isinstance(row, Record) else row.reason for row in rows]


# --- golden files, checked by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOOKS)
def test_golden(name: str) -> None:
    rows, facts = read_file(DATA / f"{name}.vcf")
    assert plain(rows) == json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert (facts.kind, facts.status) == ("contacts", "ok")
    assert facts.encoding == {"phone21": "utf-8", "modern": "utf-8", "gbk": "gb18030"}[name]
    assert {field for row in rows if isinstance(row, Record) for field in row.fields} <= set(RAW_FIELDS)


def test_raw_is_the_card_as_found() -> None:
    rows, _ = read_file(DATA / "modern.vcf")
    assert rows[4].raw.splitlines()[:3] == ["BEGIN:VCARD", "VERSION:4.0", "FN:Ann\\, Other\\nSecond"]
    assert rows[4].raw.rstrip().endswith("END:VCARD")


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b"BEGIN:VCARD\r\n", True),
        (b"\xef\xbb\xbf\r\n begin:vcard\n", True),
        ("BEGIN:VCARD\n".encode("utf-16"), True),
        ("BEGIN:VCARD\n".encode("utf-16-be"), True),
        (b"BEGIN:VCALENDAR\r\n", False),
        (b"name,number\nBEGIN:VCARD", False),
        (b"", False),
        (bytes(100), False),
    ],
)
def test_claims(head: bytes, claimed: bool) -> None:
    assert vcard.claims(head, "anything.bin") is claimed


# --- properties and values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("TEL:13800138000", "13800138000"),
        ("tel;cell:13800138000", "13800138000"),
        ("TEL;TYPE=CELL,VOICE:+86 138 0013 8000", "+86 138 0013 8000"),
        ("item12.TEL;type=pref:(202) 555-0123", "(202) 555-0123"),
        ("my-group.TEL:2025550123", "2025550123"),
        ("TEL;VALUE=uri:tel:+86-138-0013-8000", "+86-138-0013-8000"),
        ('TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-202-555-0123;ext=5', "+1-202-555-0123"),
        ("TEL;VALUE=uri:TEL:0123;phone-context=+1", "0123"),
        ('TEL;X-A=";:";X-B=c:88880000', "88880000"),
        ("TEL;ENCODING=QUOTED-PRINTABLE:=31=33800138000", "13800138000"),
        ("TEL;QUOTED-PRINTABLE:1380013=38000", "13800138000"),
        ("TEL;CHARSET=UTF-8:13800138000", "13800138000"),
        ("TEL:13800138000p12#", "13800138000"),
        ("TEL:13800138000W3", "13800138000"),
        ("TEL:13800138000,,1,2", "13800138000"),
        ("TEL:13800138000;ext=12", "13800138000"),
        ("TEL:*#06#", "*#06#"),
        ("TEL:*67", "*67"),
        ("TEL:138xxxx8000", "138xxxx8000"),
        ("TEL:1-800-FLOWERS", "1-800-FLOWERS"),
        ("TEL: 13800138000 ", "13800138000"),
    ],
)
def test_spellings_of_a_number(read: Read, line: str, number: str) -> None:
    assert seen(read(card("FN:A", line).encode())[0]) == [("A", number)]


@pytest.mark.parametrize(
    ("lines", "name", "organisation"),
    [
        (["FN:张三", "N:李;四"], "张三", None),
        (["FN:张 三"], "张 三", None),
        (["N:张;三;;;"], "张三", None),
        (["N:欧阳;;;;"], "欧阳", None),
        (["N:Doe;Jane"], "Jane Doe", None),
        (["N:Doe;Jane;Q.;Dr.;PhD"], "Jane Q. Doe", None),
        (["N:Doe\\;Roe;Jane\\\\"], "Jane\\ Doe;Roe", None),
        (["FN:", "N:;;;;", "ORG:Example;Legal"], "Example Legal", "Example Legal"),
        (["FN:张三", "ORG:示例公司;"], "张三", "示例公司"),
        (["FN:张三/2"], "张三", None),
        (["FN:张三/12"], "张三/12", None),
        (["FN:A/B"], "A/B", None),
        (["FN:first", "FN:second"], "first", None),
        (["FN:a\\, b\\; c\\: d\\\\ e\\nf"], "a, b; c: d\\ e f", None),
        (["FN:C:\\path"], "C:\\path", None),
        (["FN:fol", " ded", "\t twice"], "folded twice", None),
        (["FN;ENCODING=b:5byg5LiJ"], "张三", None),
        (["X-FN:no", "FNX:no"], None, None),
    ],
)
def test_names(read: Read, lines: list[str], name: str | None, organisation: str | None) -> None:
    rows, _ = read(card(*lines, "TEL:88880000").encode())
    assert isinstance(rows[0], Record)
    assert rows[0].fields == {"kind": "party", "number": "88880000", "name": name, "organisation": organisation}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b";CHARSET=UTF-8:\xe5\xbc\xa0\xe4\xb8\x89", "张三"),
        (b";CHARSET=GBK:\xd5\xc5\xc8\xfd", "张三"),
        (b";CHARSET=gb2312;ENCODING=QUOTED-PRINTABLE:=D5=C5=C8=FD", "张三"),
        (b";CHARSET=SHIFT_JIS:\x95\x5c\x8e\xa6", "表示"),
        (b";CHARSET=GB18030:\xd5\x5c\x5c;", "誠;"),
        (b":\xe5\xbc\xa0\xe4\xb8\x89", "张三"),
        (b":\xd5\xc5\xc8\xfd", "张三"),
        (b";ENCODING=QUOTED-PRINTABLE:=D5=C5=\r\n=C8=FD", "张三"),
        (b";ENCODING=QUOTED-PRINTABLE:a=3", "a=3"),
        (b";ENCODING=QUOTED-PRINTABLE:John =\r\nSmith", "John Smith"),
        (b";ENCODING=QUOTED-PRINTABLE:cut off=", "cut off"),
        (b";CHARSET=UTF-8:\xd5\xc5", "its bytes are not valid UTF-8"),
        (b";CHARSET=KLINGON:x", "the character set 'KLINGON' is not read"),
        (b";CHARSET=rot13:x", "the character set 'rot13' is not read"),
        (b":\xff\xff", "its bytes are neither UTF-8 nor gb18030"),
        (b";ENCODING=B:5byg5LiJx", "a value is damaged base64"),
    ],
)
def test_character_sets(read: Read, value: bytes, name: str) -> None:
    rows, _ = read(b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN" + value + b"\r\nTEL:88880000\r\nEND:VCARD\r\n")
    assert seen(rows) in ([(name, "88880000")], [name])


def test_21_folds_at_white_space_of_the_value(read: Read) -> None:
    book = card("FN:John", " Smith", "TEL:88880000", version="2.1")
    assert seen(read(book.encode())[0]) == [("John Smith", "88880000")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends(read: Read, encoding: str, end: str) -> None:
    book = card("FN:张三", "TEL:13800138000") + card("FN;CHARSET=UTF-8;QUOTED-PRINTABLE:=E4=B8=80", "TEL:88880000")
    rows, facts = read(book.replace("\r\n", end).encode(encoding))
    assert seen(rows) == [("张三", "13800138000"), ("一", "88880000")]
    assert [row.locator for row in rows] == ["card[1]@L1", "card[2]@L6"]
    assert (facts.status, facts.notes) == ("ok", [])


def test_utf8_and_gbk_cards_in_one_file(read: Read) -> None:
    rows, facts = read(
        card("FN:张三丰", "TEL:13800138000").encode() + card("FN:李四", "TEL:13800001111").encode("gb18030")
    )
    assert seen(rows) == [("张三丰", "13800138000"), ("李四", "13800001111")]
    assert facts.notes == ["lines that are not UTF-8 and declare no character set were read as gb18030"]


# --- damage -------------------------------------------------------------------------------------------------------

UNCLOSED = "the card has no END:VCARD"
NO_NUMBER = "no telephone number on this card"
GOOD = ("A", "88880000")


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (["FN:B", "EMAIL:nobody@example.com"], NO_NUMBER),
        ([], NO_NUMBER),
        (["FN:B", "TEL:", "TEL;CELL:  "], NO_NUMBER),
        (["PHOTO;ENCODING=BASE64:/9j/", "!!not base64, not folded!!", "TEL:88880000", "FN:A"], GOOD),
        (["PHOTO;ENCODING=BASE64:/9j/" + "QUJD" * 50_000, " QUJD", "", "TEL:88880000", "FN:A"], GOOD),
        (["FN:A", "TEL:88880000", "nonsense", ";;;:::", ":", "=", " folded nothing"], GOOD),
        (["FN:A", "TEL:88880000", "NOTE;QUOTED-PRINTABLE:=", "TEL:110"], GOOD),
        (["TEL:88880000", "FN;QUOTED-PRINTABLE:A="], GOOD),
        (["FN;QUOTED-PRINTABLE:A=", "TEL:88880000"], GOOD),
        (["FN:A\x00\x01", "TEL:88880000"], ("A\x00\x01", "88880000")),
        (["FN:" + "x" * 9000, "TEL:88880000"], "a line is longer than 8,192 bytes"),
        (["FN:x", *[" " + "x" * 80] * 200, "TEL:88880000"], "a line is longer than 8,192 bytes"),
        (["TEL:" + "1p" * 3000], "a telephone number of more than 200 characters"),
        (["TEL:88880000"] * 2000, "the card has 1,000 names and numbers or more"),
    ],
)
def test_one_damaged_card_in_the_middle(read: Read, lines: list[str], result: object) -> None:
    book = card("FN:A", "TEL:88880000") + card(*lines) + card("FN:A", "TEL:88880000")
    rows, facts = read(book.encode())
    assert seen(rows) == [GOOD, result, GOOD]
    assert facts.status == "ok"


def test_a_card_without_end_costs_one_card(read: Read) -> None:
    book = card("FN:B", "TEL:110").replace("END:VCARD\r\n", "") + card("FN:A", "TEL:88880000")
    rows, facts = read(book.encode())
    assert seen(rows) == [UNCLOSED, GOOD]
    assert facts.status == "ok"


def test_what_stands_between_cards_is_passed_over(read: Read) -> None:
    book = "END:VCARD\nTEL:110\n" + card("FN:A", "TEL:88880000") + "TEL:110\nEND:VCARD\n"
    assert seen(read(book.encode())[0]) == [GOOD]


@pytest.mark.parametrize("data", [b"", b"\x00" * 5000, b"\xff\xfe", b"TEL:88880000\n"])
def test_no_card_at_all(read: Read, data: bytes) -> None:
    with pytest.raises(Unreadable, match="the file holds no vCard"):
        read(data)


@pytest.mark.parametrize("name", BOOKS)
def test_truncated_at_every_byte(read: Read, name: str) -> None:
    data = (DATA / f"{name}.vcf").read_bytes()
    encoding = read(data)[1].encoding
    whole = plain(read(data)[0])
    for length in range(len(data)):
        try:
            rows, facts = read(data[:length])
        except Unreadable:
            assert length < 20
            continue
        got = plain(rows)
        if facts.encoding == encoding and not facts.notes:
            assert got[:-1] == whole[: len(got) - 1]
        assert len({row.locator for row in rows}) == len(rows)
        assert (facts.status == "partial") is (got[-1].get("reason") == UNCLOSED)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("name", BOOKS)
def test_any_chunk_size_gives_the_same_records(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    data = (DATA / f"{name}.vcf").read_bytes()
    expected = read(data)
    monkeypatch.setattr(_bytes, "CHUNK", size)
    assert read(data) == expected


TOKENS = [b"\n", b"\r", b" ", b":", b";", b"=", b"\\", b"\0", b"\xff", b"BEGIN:VCARD\n", b"END:VCARD\n", b"\nTEL:1"]


@given(st.randoms(use_true_random=False), st.integers(1, 20))
@TMP
def test_mutations_never_escape(tmp_path: Path, chance: random.Random, times: int) -> None:
    data = bytearray((DATA / f"{chance.choice(BOOKS)}.vcf").read_bytes())
    for _ in range(times):
        at = chance.randrange(len(data))
        data[at : at + chance.choice([0, 1, 30])] = chance.choice(TOKENS)
    path = tmp_path / "mutated.vcf"
    path.write_bytes(data)
    try:
        rows, _ = read_file(path)
    except Unreadable:
        return
    assert len({row.locator for row in rows}) == len(rows)


# --- round trip ---------------------------------------------------------------------------------------------------

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
NAME = st.text(st.one_of(LETTERS, st.sampled_from(",;\\:=/张三")), min_size=1).filter(lambda text: text[-2:-1] != "/")
NUMBER = st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True)


def folded(line: str, at: int) -> str:
    """Folds after so many bytes, in the middle of characters if it happens so."""
    data = line.encode()
    parts = [data[start : start + at] for start in range(0, len(data), at)]
    return b"\r\n ".join(parts).decode("utf-8", "surrogateescape")


@given(st.lists(st.tuples(NAME, st.lists(NUMBER, min_size=1, max_size=3)), min_size=1, max_size=4), st.integers(10, 80))
@TMP
def test_round_trip(tmp_path: Path, people: list[tuple[str, list[str]]], at: int) -> None:
    book = ""
    for name, numbers in people:
        escaped = "".join(f"\\{letter}" if letter in "\\,;:" else letter for letter in name)
        book += card(folded(f"FN:{escaped}", at), *(f"TEL:{number}" for number in numbers))
    path = tmp_path / "book.vcf"
    path.write_bytes(book.encode("utf-8", "surrogateescape"))
    rows, _ = read_file(path)
    assert seen(rows) == [(name, number) for name, numbers in people for number in numbers]
