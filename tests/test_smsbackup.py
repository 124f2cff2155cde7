import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phonedbs import of
from smsfiles import DATA, Read, backup, bodies, plain, read_file, reader, sms

from collectaudit.records import RAW_FIELDS, Record, Reject
from collectaudit.sources import _bytes, _xml, smsbackup

TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader(tmp_path / "0123abcd")


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
        (b"<?xml version='1.0' standalone='no' ?><CallLog><CALL_RECORDS _id='1'", True),
        (b"<callrecord>\n  <CALL_RECORDS number='1'", True),
        (b"<CallLog><call number='1'", False),
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


def test_calls_in_the_backup_of_an_oppo_phone(read: Read) -> None:
    rows, facts = read(
        b"<?xml version='1.0' standalone='no' ?><CallLog>"
        b'<CALL_RECORDS _id="3" number="13800138001" duration="7" type="1" date="1772326801123" name="A" ring="9"/>'
        b'<CALL_RECORDS _id="2" number="13800138002" duration="0" type="3" date="1772326700000" name=" " features="0"/>'
        b'<CALL_RECORDS _id="1" number="13800138003" duration="0" type="99" date="1772326700000" name=" "/></CallLog>'
    )
    assert of(rows, "direction", "other", "epoch_ms", "duration", "outcome", "name") == {
        "CALL_RECORDS[1]@L1": ("in", "13800138001", "1772326801123", "7", "connected", "A"),
        "CALL_RECORDS[2]@L1": ("in", "13800138002", "1772326700000", "0", "unanswered", None),
        "CALL_RECORDS[3]@L1": "the call type is not known: '99'",
    }
    assert (facts.status, facts.kind) == ("ok", "events")


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


def test_a_date_in_seconds(read: Read) -> None:
    text = backup(
        '<sms address="1" date="1712310022" type="1" body="在吗"/><call number="1" date="1712310022" type="3"/>'
    )
    rows, _ = read(text.encode())
    assert [row.fields["epoch_ms"] for row in rows if isinstance(row, Record)] == ["1712310022000"] * 2


def test_utf16_with_a_lone_surrogate(read: Read) -> None:
    data = backup(sms("一"), sms("X"), sms("😂")).encode("utf-16-le").replace(b"X\0", b"\x3d\xd8")
    rows, facts = read(b"\xff\xfe" + data)
    assert bodies(rows) == ["一", "reject", "😂"]
    assert facts.encoding == "utf-16-le"
