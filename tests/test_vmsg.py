"""Messages as vMessage, which the backups of OPPO, ZTE and others are; cut and damaged ones."""

import quopri
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phonedbs import of

from collectaudit.inspecting import look_into
from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import parsers, vmsg

TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
WORDS = "您的欠款已逾期 = 100%\nEND:VMSG"


def message(
    *numbers: str, box: str = "INBOX", words: str = "", subject: str = ";ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8",
    more: str = "", end: str = "\r\n",
) -> str:  # fmt: skip
    cards = "".join(f"BEGIN:VCARD\nTEL:{number}\nEND:VCARD\n" for number in numbers)
    said = quopri.encodestring(words.encode()).decode().replace("END:VMSG", "=45ND:VMSG") if subject else words
    text = f"BEGIN:VMSG\nVERSION:1.1\n{cards}BEGIN:VBODY\nX-BOX:{box}\nX-READ:READ\nDate:2026/03/01 09:00:00\n{more}"
    return f"{text}Subject{subject}:{said}\nEND:VBODY\nEND:VMSG\n".replace("\n", end)


def read(folder: Path, text: str | bytes) -> tuple[list[Record | Reject], Facts]:
    path, facts = folder / "sms.vmsg", Facts("vmsg")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(vmsg.read(Job(path, "sms.vmsg", folder), facts)), facts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_messages(tmp_path: Path, end: str) -> None:
    oppo = "ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8"  # without the semicolon before it
    text = "".join([
        message("106900001234", words=WORDS, subject=oppo, more="DateOrigin:1772326801123\n", end=end),
        message("13800138001", box="SENDBOX", words="x" * 300, end=end),
        message("13800138001", box="DRAFT", words="TEL:1\nX-BOX:INBOX", subject="", end=end),
        message("1380", "1381", box="SENT", words="a", end=end),
        message(words="b", end=end),
    ])  # fmt: skip
    rows, facts = read(tmp_path, text)
    assert of(rows, "direction", "other", "outcome", "epoch_ms", "time", "body") == {
        "message[1]@L1": ("in", "106900001234", "delivered", "1772326801123", None, WORDS),
        "message[2]@L15": ("out", "13800138001", "sent", None, "2026/03/01 09:00:00", "x" * 300),
        "message[3]@L30": ("out", "13800138001", "not_sent", None, "2026/03/01 09:00:00", "TEL:1\nX-BOX:INBOX"),
        "message[4]@L43": ("out", "1380", "sent", None, "2026/03/01 09:00:00", "a"),
        "message[4]@L43.2": ("out", "1381", "sent", None, "2026/03/01 09:00:00", "a"),
        "message[5]@L58": ("in", None, "delivered", None, "2026/03/01 09:00:00", "b"),
    }
    assert (facts.status, facts.kind, facts.encoding) == ("ok", "events", "utf-8")


def test_a_picture_is_passed_over(tmp_path: Path) -> None:
    part = "BEGIN:VPART\nX-MMS-PART-CONTENT-TYPE:image/jpeg\nX-MMS-PART-DATA:" + "QUJD" * 200_000 + "\nEND:VPART\n"
    (row,), _ = read(tmp_path, message("1380", words="a").replace("END:VMSG", part + "END:VMSG"))
    assert isinstance(row, Record)
    assert row.fields["body"] == "a"
    assert "QUJD" not in row.raw


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (message("1380", box="ARCHIVE"), "the message box is not known: 'ARCHIVE'"),
        (message("1380").replace("X-BOX:INBOX\r\n", ""), "the message box is not known: ''"),
        (message("1380", "1381"), "2 addresses and none marked as the sender"),
        (message("1380", subject=";ENCODING=QUOTED-PRINTABLE;CHARSET=x-odd"), "the character set 'x-odd' is not read"),
        (message("1380", subject=";ENCODING=QUOTED-PRINTABLE", words="a").replace(":a", ":=FF"),
         "its bytes are not valid utf-8"),
        (message("1380", words="y" * 500_000), "a message of more than 400,000 characters"),
    ],
)  # fmt: skip
def test_what_is_no_message_says_why(tmp_path: Path, text: str, reason: str) -> None:
    rows, facts = read(tmp_path, text + message("1382", words="next"))
    assert [row.reason for row in rows if isinstance(row, Reject)] == [reason]
    assert [row.fields["body"] for row in rows if isinstance(row, Record)] == ["next"]
    assert facts.status == "ok"


@given(at=st.integers(0, 700))
@TMP
def test_cut_anywhere(tmp_path: Path, at: int) -> None:
    text = "".join(message("1380", words=f"{n} 还款") for n in range(3))
    rows, facts = read(tmp_path, text.encode()[:at])
    lost = [row for row in rows if isinstance(row, Reject)]
    assert all(row.reason == "the message has no END:VMSG" for row in lost)
    assert len(lost) == (facts.status == "partial")
    assert [row.fields["body"] for row in rows if isinstance(row, Record)] == ["0 还款", "1 还款", "2 还款"][
        : len(rows) - len(lost)
    ]


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b"BEGIN:VMSG\r\n", True), (b"\xef\xbb\xbf\n begin:vmsg \n", True), ("BEGIN:VMSG\n".encode("utf-16"), True),
        (b"BEGIN:VCARD\n", False), (b"X BEGIN:VMSG\n", False), (b"BEGIN:VMSGS\n", False), (b"", False),
    ],
)  # fmt: skip
def test_claims(head: bytes, claimed: bool) -> None:
    assert vmsg.claims(head, "x") is claimed


def test_only_this_reader_claims_it(tmp_path: Path) -> None:
    text = message("1380", words="a")
    assert [parser.NAME for parser in parsers() if parser.claims(text.encode(), "sms.vmsg")] == ["vmsg"]
    (tmp_path / "sms.vmsg").write_text(text, encoding="utf-8", newline="")
    (found,) = look_into(tmp_path / "sms.vmsg")
    assert (found["parser"], found["records"]) == ("vmsg", 1)
