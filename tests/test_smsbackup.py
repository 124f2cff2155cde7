import json
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _bytes, _xml, smsbackup

DATA = Path(__file__).parent / "data" / "smsbackup"
TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

Rows = list[Record | Reject]
Read = Callable[[bytes], tuple[Rows, Facts]]


def read_file(path: Path) -> tuple[Rows, Facts]:
    facts = Facts(smsbackup.NAME)
    return list(smsbackup.read(Job(path, path.name, path.parent), facts)), facts


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


def bodies(rows: Rows) -> list[str | None]:
    """The text of each record, the word `reject` for a reject."""
    return [row.fields["body"] if isinstance(row, Record) else "reject" for row in rows]


def sms(body: str = "hello", **columns: str) -> str:
    """An invented received message."""
    columns = {"address": "13800138000", "date": "1712310022000", "type": "1", "body": body, "status": "-1"} | columns
    return "<sms " + " ".join(f"{column}={quoteattr(value)}" for column, value in columns.items()) + " />"


def backup(*elements: str, count: int | None = None, prolog: str = "<?xml version='1.0' encoding='UTF-8'?>\n") -> str:
    return (
        f'{prolog}<smses count="{len(elements) if count is None else count}">\n' + "\n".join(elements) + "\n</smses>\n"
    )


# --- golden files, checked by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["messages", "calls"])
def test_golden(name: str) -> None:
    rows, facts = read_file(DATA / f"{name}.xml")
    assert plain(rows) == json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert facts.status == "ok"
    assert facts.encoding == "utf-8"
    assert facts.declared == {"messages": 22, "calls": 14}[name]
    assert {field for row in rows if isinstance(row, Record) for field in row.fields} <= set(RAW_FIELDS)


def test_raw_is_the_element_as_found() -> None:
    rows, _ = read_file(DATA / "messages.xml")
    assert rows[0].raw.startswith('<sms protocol="0" address="106900012345"')
    assert rows[0].raw.endswith('contact_name="(Unknown)" />')
    assert "&#55357;&#56834;" in rows[0].raw
    assert rows[13].raw.endswith('body="I <3 you" status="-1" />\n  ')


def test_original_is_not_written(read: Read, tmp_path: Path) -> None:
    data = (DATA / "messages.xml").read_bytes()
    read(data)
    assert (tmp_path / "0123abcd").read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["0123abcd"]


# --- which files are claimed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b"<smses count='1'>", True),
        (b"<calls>", True),
        (b"<smses/>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<!-- a > b --><?xml-stylesheet href='sms.xsl'?>\n<smses>", True),
        ("<?xml version='1.0'?><calls>".encode("utf-16"), True),
        ("<?xml version='1.0'?><calls>".encode("utf-16-be"), True),
        ("<?xml version='1.0'?><calls>".encode("utf-16-le"), True),
        (b"<!DOCTYPE smses [<!ENTITY a 'b'>]><smses>", True),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]> <smses>", True),
        (b"<!DOCTYPE calls [" + b"<!ENTITY a 'b'>" * 10_000, True),
        (b"<smsesx>", False),
        (b"<html><smses>", False),
        (b"<!-- <smses> --><html>", False),
        (b"smses", False),
        (b"", False),
        (b"\x00" * 100, False),
        (b"<" * 65536, False),
        (b"<!---->" * 9000, False),
        (b"<?x?>" * 13000, False),
    ],
)
def test_claims(head: bytes, claimed: bool) -> None:
    assert smsbackup.claims(head, "anything.bin") is claimed


# --- one bad element costs one element ----------------------------------------------------------------------------

BAD = [
    '<sms address="13800138000" date="1" type="1" body="bell \x07" />',
    '<sms address="13800138000" date="1" type="1" body="nul \x00" />',
    '<sms address="13800138000" date="1" type="1" body="&#0;" />',
    '<sms address="13800138000" date="1" type="1" body="&#x1F;" />',
    '<sms address="13800138000" date="1" type="1" body="&nbsp;" />',
    '<sms address="13800138000" date="1" type="1" body="R&D" />',
    '<sms address="13800138000" date="1" type="1" body="a < b" />',
    '<sms address="13800138000" date="1" type="1" body="an <!-- opened comment" />',
    '<sms address="13800138000" date="1" type="1" body="a <!DOCTYPE html> page" />',
    '<sms address="13800138000" date="1" type="1" body="unclosed />',
    '<sms address="13800138000" date="1" type="1" body="unclosed>',
    '<sms address="13800138000" date="1" type="1" body="open">',
    '<sms address="13800138000" date="1" type="1" type="2" body="twice" />',
    '<sms address=13800138000 date="1" type="1" body="unquoted" />',
    '<sms address="13800138000" date="1" type="1" body="wrong end"></mms>',
    '<sms address="13800138000" date="1" type="7" body="unknown type" />',
    '<mms date="1" msg_box="7" address="13800138000"></mms>',
    '<mms date="1" address="13800138000"></mms>',
    '<mms date="1" msg_box="1" address="13800138000"><parts><part ct="text/plain" text="R&D"/></parts></mms>',
    '<mms date="1" msg_box="1" address="13800138000"><parts><part ct="text/plain" text="x></parts></mms>',
    '<mms date="1" msg_box="1" address="13800138000"><parts></mms></parts>',
    '<mms date="1" msg_box="1" address="13800138000">' + "<a>" * 50 + "</a>" * 50 + "</mms>",
    '<mms date="1" msg_box="1" address="13800138000"><!ENTITY a "b"></mms>',
    "<sms",
    "<rcs address='13800138000'><part>one</part></rcs><rcs address='13800138000'/>",
]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_element_in_the_middle(read: Read, bad: str) -> None:
    rows, facts = read(backup(sms("before"), bad, sms("after"), count=2).encode())
    assert bodies(rows) == ["before", "reject", "after"]
    reject = rows[1]
    assert isinstance(reject, Reject)
    assert reject.locator.endswith("@L4")
    assert reject.reason
    assert reject.raw.startswith(bad[:20])
    assert facts.status == "ok"


@pytest.mark.parametrize(
    "harmless",
    [
        "<!-- " + sms("commented out") + " -->",
        "<![CDATA[ " + sms("in CDATA") + " ]]>",
        "<!-- " + "x" * 2_000_000 + "-->",
        "<?php echo 1 ?>",
        "stray text > with a bracket",
        "\x00\x00\x00",
        "</parts>",
    ],
)
def test_what_is_no_record_is_passed_over(read: Read, harmless: str) -> None:
    rows, facts = read(backup(sms("before"), harmless, sms("after"), count=2).encode())
    assert bodies(rows) == ["before", "after"]
    assert rows[1].locator == "sms[2]@L5"
    assert facts.status == "ok"


def test_stray_text_is_noted(read: Read) -> None:
    _, facts = read(backup(sms() + " lost words", sms()).encode())
    assert facts.notes == ["places with text outside of records, passed over: 1"]


def test_a_prolog_without_its_end_does_not_swallow_the_file(read: Read) -> None:
    assert bodies(read(backup(sms(), prolog="<?xml version='1.0'>").encode())[0]) == ["hello"]


def test_raw_is_cut(read: Read) -> None:
    rows, _ = read(backup(sms("长" * 5000), sms("长" * 5000, type="9")).encode())
    assert [len(row.raw) for row in rows] == [2000, 2000]


# --- surrogate pairs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant", "lone"),
    [
        ("&#55357;&#56834;", "😂", 0),
        ("&#xD83D;&#xDE02;", "😂", 0),
        ("&#xd83d;&#56834;", "😂", 0),
        ("&#0055357;&#x00DE02;", "😂", 0),
        ("&#128514;😂", "😂😂", 0),
        ("&#55357;&#56834;&#55356;&#57225;", "😂🎉", 0),
        ("&#10;&#55357;&#56834;&#10;", "\n😂\n", 0),
        ("a&#55357;b", "a\ufffdb", 1),
        ("a&#56834;b", "a\ufffdb", 1),
        ("&#56834;&#55357;", "\ufffd\ufffd", 2),
        ("&#55357;&#55357;&#56834;", "\ufffd😂", 1),
        ("&#55357; &#56834;", "\ufffd \ufffd", 2),
        ("&#55203;&#57344;&#65533;", "\ud7a3\ue000\ufffd", 0),  # the neighbours of the surrogates are characters
        ("&amp;#55357;", "&#55357;", 0),
    ],
)
def test_surrogates(read: Read, written: str, meant: str, lone: int) -> None:
    element = sms("BODY").replace("BODY", written)
    rows, facts = read(backup(element).encode())
    assert bodies(rows) == [meant]
    assert facts.notes == ([f"lone halves of surrogate pairs, shown as U+FFFD: {lone}"] if lone else [])


def cut(data: bytes, at: list[int]) -> list[bytes]:
    bounds = [0, *sorted(at), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


def elements(chunks: list[bytes]) -> list[_xml.Element]:
    roots, records = frozenset({b"smses", b"calls"}), frozenset({b"sms", b"mms", b"call"})
    return list(_xml.Cutter(chunks, roots=roots, records=records).elements())


@given(st.lists(st.integers(0, 7000), max_size=40), st.sampled_from([1, 16, 4096]))
@TMP
def test_any_cut_into_chunks_gives_the_same_elements(at: list[int], short: int) -> None:
    data = (DATA / "messages.xml").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_xml, "_SHORT", short)
        assert elements(cut(data, [min(position, len(data)) for position in at])) == elements([data])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 64, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_any_chunk_size_gives_the_same_records(
    read: Read, monkeypatch: pytest.MonkeyPatch, size: int, encoding: str
) -> None:
    data = (DATA / "messages.xml").read_text(encoding="utf-8").encode(encoding)
    expected = read(data)
    monkeypatch.setattr(_bytes, "CHUNK", size)
    monkeypatch.setattr(_xml, "_SHORT", 16)
    rows, facts = read(data)
    assert plain(rows) == plain(expected[0])
    assert facts == expected[1]


def test_surrogate_pair_over_every_chunk_border(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    data = backup(sms("EMOJI").replace("EMOJI", "&#55357;&#56834;")).encode()
    for size in range(1, len(data)):
        monkeypatch.setattr(_bytes, "CHUNK", size)
        assert bodies(read(data)[0]) == ["😂"]


# --- round trip ---------------------------------------------------------------------------------------------------

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
SAID = st.text(st.one_of(LETTERS, st.sampled_from("\n\t\r<>&\"'/=[]-!?😂"))).filter(lambda text: text != "null")
# In GB18030 only words whose bytes cannot pass as UTF-8 by accident: nobody could tell the two apart.
SAID_IN_GBK = st.text(st.sampled_from("请尽快还款否则后果自负 abc<>&\"'\n\U00020bb7"))


def attribute(text: str) -> str:
    """As the exporter writes: markup and white space as references, characters beyond U+FFFF as two of them."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    for control in "\n\r\t":
        escaped = escaped.replace(control, f"&#{ord(control)};")
    units = ((ord(letter) - 0x10000, letter) for letter in escaped)
    return "".join(x if u < 0 else f"&#{0xD800 + (u >> 10)};&#{0xDC00 + (u & 0x3FF)};" for u, x in units)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@given(data=st.data())
@TMP
def test_round_trip(tmp_path: Path, encoding: str, data: st.DataObject) -> None:
    said = SAID_IN_GBK if encoding == "gb18030" else SAID
    texts = data.draw(st.lists(st.tuples(said, said), max_size=6))
    written = backup(*(f'<sms type="1" body="{attribute(b)}" address="{attribute(a)}"/>' for a, b in texts))
    path = tmp_path / "backup.xml"
    path.write_bytes(written.encode(encoding))
    rows, facts = read_file(path)
    assert [(row.fields["other"], row.fields["body"]) for row in rows if isinstance(row, Record)] == texts
    assert (len(rows), facts.status, facts.notes[1:]) == (len(texts), "ok", [])


# --- damage -------------------------------------------------------------------------------------------------------

SMALL = backup(
    sms("第一条"),
    '<mms date="1" msg_box="2" address="13800138000~13800001111">'
    '<parts><part ct="text/plain" text="二"/></parts></mms>',
    sms("three"),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_truncated_at_every_byte(read: Read, encoding: str) -> None:
    data = SMALL.encode(encoding)
    whole = plain(read(data)[0])
    assert len(whole) == 4
    for length in range(len(data)):
        try:
            rows, facts = read(data[:length])
        except Unreadable:
            assert length <= data.find(b"s\0m" if encoding == "utf-16" else b"sm") + 12, "before the root only"
            continue
        got = plain(rows)
        intact = [row for row in got if "fields" in row]
        assert intact == whole[: len(intact)]
        assert len(got) - len(intact) <= 1, "only the last element can be torn"
        assert not got or "fields" in got[-1] or got[-1]["reason"].startswith(("the file ends", "its bytes"))
        assert facts.status == "partial" or SMALL.encode(encoding)[length:].strip(b"\n\0") == b""


TOKENS = [b"<", b">", b'"', b"&", b"\0", b"\xff", b"<!DOCTYPE a [", b"<!--", b"]]>", b"&#55357;", b"<sms ", b"</smses>"]


@given(st.randoms(use_true_random=False), st.integers(1, 20))
@TMP
def test_mutations_never_escape(tmp_path: Path, chance: random.Random, times: int) -> None:
    data = bytearray((DATA / chance.choice(["messages.xml", "calls.xml"])).read_bytes())
    for _ in range(times):
        at = chance.randrange(len(data))
        data[at : at + chance.choice([0, 1, 30])] = chance.choice(TOKENS)
    path = tmp_path / "mutated.xml"
    path.write_bytes(data)
    try:
        rows, _ = read_file(path)
    except Unreadable:
        return
    assert len({row.locator for row in rows}) == len(rows)


def test_torn_last_element(read: Read) -> None:
    rows, facts = read(backup(sms("one"), sms("two"), sms("three")).encode()[:-40])
    assert bodies(rows) == ["one", "two", "reject"]
    assert rows[2] == Reject("sms[3]@L5", "the file ends inside this element", rows[2].raw)
    assert (facts.status, facts.declared) == ("partial", 3)
    assert facts.reason == "the file ends before its end tag"


@pytest.mark.parametrize(
    ("count", "status", "reason", "notes"),
    [
        ("2", "ok", None, []),
        ("3", "partial", "2 of 3 declared records were found", []),
        ("1", "ok", None, ["2 records were found where 1 are declared"]),
        ("many", "ok", None, []),
        ("-1", "ok", None, []),
        ("", "ok", None, []),
        ("9" * 5000, "ok", None, []),
    ],
)
def test_declared_count(read: Read, count: str, status: str, reason: str | None, notes: list[str]) -> None:
    rows, facts = read(f'<smses count="{count}">{sms()}{sms()}</smses>'.encode())
    assert len(rows) == 2
    assert (facts.status, facts.reason, facts.notes) == (status, reason, notes)


def test_empty_backup(read: Read) -> None:
    rows, facts = read(b'<?xml version="1.0"?><calls count="0" />')
    assert (rows, facts.status, facts.declared) == ([], "ok", 0)


def test_two_backups_in_one_file_are_both_read(read: Read) -> None:
    rows, facts = read((backup(sms("a")) + backup(sms("b"))).encode())
    assert bodies(rows) == ["a", "b"]
    assert [row.locator for row in rows] == ["sms[1]@L3", "sms[2]@L7"]
    assert (facts.status, facts.declared) == ("ok", 2)


def test_zero_filled_tail(read: Read) -> None:
    data = backup(sms("one"), sms("two")).encode()
    rows, facts = read(data[:-60] + bytes(60))
    assert bodies(rows) == ["one", "reject"]
    assert facts.status == "partial"


@pytest.mark.parametrize("data", [b"", b"\x00" * 5000, b"\xff\xfe", b"no markup", b"<html><body/></html>", b"<"])
def test_no_backup_at_all(read: Read, data: bytes) -> None:
    with pytest.raises(Unreadable, match="no <smses> or <calls>"):
        rows, _ = read(data)
        assert not [row for row in rows if isinstance(row, Record)]
        raise Unreadable("no <smses> or <calls>")  # a foreign element is a reject


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "definition",
    [
        f'<!DOCTYPE smses [<!ENTITY a0 "ha">{BOMB}]>',
        '<!DOCTYPE smses [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE smses SYSTEM "http://192.0.2.1/evil.dtd">',
        "<!DOCTYPE smses>",
        '<!ENTITY x "y">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_definitions_are_refused(read: Read, definition: str, encoding: str) -> None:
    data = f'<?xml version="1.0"?>\n{definition}\n<smses count="1">{sms("&x;")}</smses>'.encode(encoding)
    assert smsbackup.claims(data[:65536], "x") or definition.startswith("<!ENTITY")
    with pytest.raises(Unreadable, match="document type or entity definition; not read"):
        read(data)


# --- encodings ----------------------------------------------------------------------------------------------------


def test_gbk_under_a_utf8_prolog(read: Read) -> None:
    rows, facts = read(backup(sms("请联系张䶮"), sms("plain"), sms("一")).encode("gb18030"))
    assert bodies(rows) == ["请联系张䶮", "plain", "一"]
    assert facts.encoding == "gb18030"
    assert facts.notes == ["the file declares utf-8, its bytes are read as gb18030"]


def test_gbk_with_a_byte_that_is_none(read: Read) -> None:
    data = backup(sms("请还款"), sms("坏"), sms("请回电")).encode("gb18030")
    rows, _ = read(data.replace("坏".encode("gb18030"), b"\xff\xff"))
    assert bodies(rows) == ["请还款", "reject", "请回电"]
    assert isinstance(rows[1], Reject)
    assert rows[1].reason == "its bytes are not valid gb18030"


def test_gbk_among_utf8_is_rejected_not_guessed(read: Read) -> None:
    data = backup(sms("请还款"), sms("坏"), sms("请回电")).encode()
    rows, facts = read(data.replace("坏".encode(), "尽快还款".encode("gb18030")))
    assert bodies(rows) == ["请还款", "reject", "请回电"]
    assert isinstance(rows[1], Reject)
    assert rows[1].reason == "its bytes are not valid utf-8"
    assert facts.encoding == "utf-8"


@pytest.mark.parametrize(
    ("declared", "codec", "text", "expected"),
    [
        ("GBK", "gbk", "请还款", "请还款"),
        ("ISO-8859-1", "latin-1", "à régler", "à régler"),
        ("Big5", "big5", "請還款", "請還款"),
        ("UTF-8", "utf-8", "请还款", "请还款"),
        ("GBK", "utf-8", "请还款", "请还款"),
        ("koi8-r", "koi8-r", "долг", "reject"),
    ],
)
def test_declared_encoding(read: Read, declared: str, codec: str, text: str, expected: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>'
    assert bodies(read(backup(sms(text), prolog=prolog).encode(codec))[0]) == [expected]


def test_utf16_with_a_lone_surrogate(read: Read) -> None:
    data = backup(sms("一"), sms("X"), sms("😂")).encode("utf-16-le").replace(b"X\0", b"\x3d\xd8")
    rows, facts = read(b"\xff\xfe" + data)
    assert bodies(rows) == ["一", "reject", "😂"]
    assert facts.encoding == "utf-16-le"


# --- size ---------------------------------------------------------------------------------------------------------


def test_long_values(read: Read) -> None:
    long, media = "x" * (1 << 20), "QUJD" * 500_000
    part = '<part ct="text/plain" text="kept" />'
    rows, _ = read(
        backup(
            sms(long),
            sms("x" * 100_000),
            f'<mms date="1" msg_box="1" address="13800138000"><part data="{media}" />{part}</mms>',
            f"<mms date='1' msg_box='1' address='13800138000'><part\ndata =\n'{media}\n\n' />{part}</mms>",
            f'<mms date="1" msg_box="1" address="13800138000">{part}<part text="{long}" />{part}</mms>',
            '<mms date="1" msg_box="1" address="13800138000">' + f'<part text="{long[:900_000]}" />' * 10 + "</mms>",
            sms("last"),
        ).encode()
    )
    assert bodies(rows) == ["reject", "x" * 100_000, "kept", "kept", "reject", "reject", "last"]
    assert rows[-1].locator == "sms[3]@L13"
    assert {row.reason for row in rows if isinstance(row, Reject)} == {
        "longer than 1,048,576 bytes without media",
        "longer than 8,388,608 bytes without media",
    }


IN_200_MB = """
import resource, sys
from pathlib import Path
from collectaudit.records import Facts, Job
from collectaudit.sources import smsbackup
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))
rows = [type(row).__name__ for row in smsbackup.read(Job(path, "x", path.parent), Facts("x"))]
print(*rows)
"""


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ('<mms date="1" msg_box="1" address="13800138000"><part data="', '" /></mms>', ["Record"] * 3),
        ('<sms date="1" type="1" address="13800138000" body="', '" />', ["Record", "Reject", "Record"]),
        ('<sms date="1" type="1" address="13800138000" body="', "", ["Record", "Reject", "Record"]),
        ("<!-- ", " -->", ["Record", "Record"]),
    ],
)
def test_sixty_megabytes_in_one_value(tmp_path: Path, start: str, end: str, expected: list[str]) -> None:
    path = tmp_path / "big.xml"
    path.write_text(f"<smses>{sms()}{start}{'QUJD' * 15_000_000}{end}{sms()}</smses>", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", IN_200_MB, str(path)], capture_output=True, text=True, check=True, timeout=10
    )
    assert done.stdout.split() == expected


def test_a_parser_is_replaced_before_it_grows(read: Read) -> None:
    rows, _ = read(backup(*(sms(f"{n}", **{f"x{n}": "1"}) for n in range(2500))).encode())
    assert bodies(rows) == [str(n) for n in range(2500)]
