"""MIUI's own form inside its `.bak`: calls, messages and contacts as Protocol Buffers; cut and damaged ones."""

import random
from pathlib import Path

import pytest
from phonedbs import of
from vessels import miui, tape

from collectaudit.inspecting import look_into
from collectaudit.records import Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import miuibackup, parsers

AT = 1_772_326_800_000  # 2026-03-01 09:00 in China
Field = int | str | bytes


def number(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def packed(*fields: tuple[int, Field]) -> bytes:
    """A message; what is no number is written with its length."""
    out = b""
    for tag, value in fields:
        if isinstance(value, int):
            out += number(tag << 3) + number(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += number(tag << 3 | 2) + number(len(data)) + data
    return out


def call(other: str, kind: int, seconds: int = 0, at: int = AT) -> tuple[int, bytes]:
    return 1, packed((2, "6"), (3, other), (4, at), (5, seconds), (6, kind), (7, 1))


def sms(other: str, kind: int, body: str, status: int = -1) -> tuple[int, bytes]:
    about = packed((1, "guid"), (2, "9"), (3, kind), (4, other), (6, body), (7, AT), (8, 1), (10, status))
    return 1, about + packed((11, 0), (12, "+8613800100500"), (99, b"\xff\xfe"))


def mms(box: int, *addresses: tuple[str, int], kind: int = 132) -> tuple[int, bytes]:
    who = b"".join(packed((33, packed((1, one), (2, role), (3, 106)))) for one, role in addresses)
    parts = packed((34, packed((2, "text/plain"), (11, "请还款"))), (34, packed((2, "image/jpeg"), (12, b"\xff\xd8"))))
    return 1, packed((3, AT // 1000), (5, box), (14, kind)) + who + parts


def contact(name: str, *numbers: str) -> tuple[int, bytes]:
    phones = b"".join(packed((6, packed((1, one), (2, 2)))) for one in numbers)
    return 2, packed((2, "1"), (5, packed((1, name), (4, name[:1])))) + phones


CALLS = packed((2, packed(call("13800138009", 1, 30), call("13800138009", 3), call("95001", 2), call("1", 99))))
SMS = packed((4, packed(sms("106900001234", 1, "您的欠款已逾期"), sms("13800138003", 2, "好的", 64),
                        sms("13800138003", 3, "草稿"))))  # fmt: skip
MMS = packed((9, packed(mms(1, ("13800138009", 137), ("insert-address-token", 151)),
                        mms(2, ("1380", 151), ("1381", 151)), mms(1, kind=134))))  # fmt: skip
PEOPLE = packed((1, packed(contact("张三", "138 0013 8001", "010-88880001"), contact("无号码"))))


def read(folder: Path, data: bytes) -> tuple[list[Record | Reject], Facts, str | None]:
    path, facts, found = folder / "_tmp_bak", Facts("miuibackup"), []
    path.write_bytes(data)
    try:
        for row in miuibackup.read(Job(path, "x", folder), facts):
            found.append(row)  # noqa: PERF402 — what comes before the end is kept
    except Unreadable as problem:
        return found, facts, str(problem)
    return found, facts, None


def test_calls(tmp_path: Path) -> None:
    rows, facts, why = read(tmp_path, CALLS)
    assert of(rows, "channel", "direction", "other", "epoch_ms", "duration", "outcome") == {
        "call[1]": ("call", "in", "13800138009", str(AT), "30", "connected"),
        "call[2]": ("call", "in", "13800138009", str(AT), "0", "unanswered"),
        "call[3]": ("call", "out", "95001", str(AT), "0", "unanswered"),
        "call[4]": "the call type is not known: '99'",
    }
    assert (facts.kind, facts.encoding, why) == ("events", "utf-8", None)
    assert rows[0].raw == f"number: 13800138009\ndate: {AT}\nduration: 30\ntype: 1"


def test_messages(tmp_path: Path) -> None:
    rows, _, why = read(tmp_path, SMS + MMS)
    assert of(rows, "direction", "other", "epoch_ms", "body", "outcome") == {
        "sms[1]": ("in", "106900001234", str(AT), "您的欠款已逾期", "delivered"),
        "sms[2]": ("out", "13800138003", str(AT), "好的", "undelivered"),
        "sms[3]": ("out", "13800138003", str(AT), "草稿", "not_sent"),
        "mms[1]": ("in", "13800138009", str(AT), "请还款", "delivered"),
        "mms[2]": ("out", "1380", str(AT), "请还款", "sent"),
        "mms[2].2": ("out", "1381", str(AT), "请还款", "sent"),
        "mms[3]": "a delivery or read receipt, not a message",
    }
    assert why is None


def test_contacts(tmp_path: Path) -> None:
    rows, facts, why = read(tmp_path, PEOPLE)
    assert of(rows, "kind", "number", "name") == {
        "contact[1]": ("party", "138 0013 8001", "张三"),
        "contact[1].2": ("party", "010-88880001", "张三"),
        "contact[2]": "no telephone number",
    }
    assert (facts.kind, why) == ("contacts", None)


@pytest.mark.parametrize("data", [CALLS, SMS, MMS, PEOPLE, SMS + MMS], ids=["calls", "sms", "mms", "people", "both"])
def test_only_this_reader_claims_them(data: bytes) -> None:
    assert [parser.NAME for parser in parsers() if parser.claims(data[:65536], "x")] == ["miuibackup"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x12\x00", b"\x20\x00\x2a\x00\x32\x00", b'{"packageName":"com.android.mms"}', b"\n\n\n\x12\x03abc", b"\x0a",
     "日期,号码\n".encode(), packed((2, packed((1, packed((3, "x"), (4, 5), (6, 1)))))), packed((5, b"wifi")),
     packed((1, packed((2, packed((6, packed((1, "no digits"))))))))],
)  # fmt: skip
def test_what_is_none_of_them(data: bytes) -> None:
    assert not miuibackup.claims(data, "apps/com.android.contacts/miui_bak/_tmp_bak")


@pytest.mark.parametrize("data", [CALLS, SMS, MMS, PEOPLE])
def test_cut_anywhere(tmp_path: Path, data: bytes) -> None:
    """What is read is what the whole file has, and that something is missing is said."""
    whole = of(read(tmp_path, data)[0], "other", "number", "epoch_ms", "body")
    for length in range(1, len(data)):
        rows, _, why = read(tmp_path, data[:length])
        assert of(rows, "other", "number", "epoch_ms", "body").items() <= whole.items()
        assert why == "the list of messages ends inside a message"


def test_noise_is_no_traceback(tmp_path: Path) -> None:
    noise = random.Random(7)  # noqa: S311 — not for a secret
    for _ in range(300):
        data = bytearray(SMS + MMS + CALLS + PEOPLE)
        for _ in range(4):
            data[noise.randrange(len(data))] = noise.randrange(256)
        miuibackup.claims(bytes(data), "x")
        read(tmp_path, bytes(data))


def test_out_of_a_backup(tmp_path: Path) -> None:
    files = {"apps/com.android.contacts/miui_meta/cache/_tmp_meta": b"1",
             "apps/com.android.contacts/miui_bak/_tmp_bak": CALLS}  # fmt: skip
    (tmp_path / "通话记录(com.android.contacts).bak").write_bytes(miui(tape(files)))
    found = {row["name"].rpartition("/")[2]: row for row in look_into(tmp_path / "通话记录(com.android.contacts).bak")}
    assert (found["_tmp_bak"]["parser"], found["_tmp_bak"]["events"], found["_tmp_bak"]["rejects"]) == (
        "miuibackup",
        3,
        1,
    )
