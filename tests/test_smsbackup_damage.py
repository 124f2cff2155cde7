import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smsfiles import DATA, Read, backup, bodies, plain, read_file, reader, sms

from collectaudit.records import Record, Reject, Unreadable
from collectaudit.sources import smsbackup

TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return reader(tmp_path / "0123abcd")


# --- one bad element costs one element ----------------------------------------------------------------------------

BAD = [
    '<sms address="13800138000" date="1" type="1" body="bell \x07" />',
    '<sms address="13800138000" date="1" type="1" body="nul \x00" />',
    '<sms address="13800138000" date="1" type="1" body="&#0;" />',
    '<sms address="13800138000" date="1" type="1" body="&#x1F;" />',
    '<sms address="13800138000" date="1" type="1" body="&nbsp;" />',
    '<sms address="13800138000" date="1" type="1" body="&#' + "0" * 9000 + '55357;" />',
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
            '<mms date="1" msg_box="1" address="13800138000">' + "<a/>" * 20_000 + "</mms>",
            sms("last"),
        ).encode()
    )
    assert bodies(rows) == ["reject", "x" * 100_000, "kept", "kept", "reject", "reject", "reject", "last"]
    assert rows[-1].locator == "sms[3]@L14"
    assert {row.reason for row in rows if isinstance(row, Reject)} == {
        "a tag of more than 1,048,576 bytes without media",
        "more than 8,388,608 bytes without media",
        "more than 10,000 tags",
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
