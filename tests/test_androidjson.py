"""Messages and calls as the app SMS Import / Export writes them: as a list or as lines, whole and cut."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from phonedbs import of

from collectaudit.inspecting import look_into
from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import androidjson, parsers

AT = "1772326801123"
ABOUT = {"thread_id": "1", "read": "1", "subject": None}


def sms(number: str, kind: str = "1", **more: str | None) -> dict[str, Any]:
    return {"_id": "7", **ABOUT, "address": number, "date": AT, "type": kind, "body": "还款", "status": "-1", **more}


def call(number: str, kind: str = "1", seconds: str = "9", **more: str) -> dict[str, Any]:
    return {"_id": "8", "number": number, "date": AT, "type": kind, "duration": seconds, **more}


def mms(box: str, *addresses: tuple[str, str], **more: object) -> dict[str, Any]:
    every = [{"_id": "1", "address": number, "type": kind, "charset": "106"} for number, kind in addresses]
    sender = next((one for one in every if one["type"] == "137"), None)
    parts = [{"ct": "text/plain", "text": "请还款"}, {"ct": "image/jpeg", "_data": "/data/PART_1.jpg"}]
    others = [one for one in every if one is not sender]
    return {
        "_id": "9", "date": AT[:10], "msg_box": box, "m_type": "132", "__parts": parts, "__sender_address": sender,
        "__recipient_addresses": others, **more,
    }  # fmt: skip


ROWS = [
    sms("106900001234"), sms("13800138001", "2", status="64", __display_name="张三"), sms("1380", "77"),
    mms("1", ("13800138009", "137"), ("insert-address-token", "151")), mms("2", ("1380", "151"), ("1381", "151")),
    {"_id": "1", "note": "no row"},
]  # fmt: skip


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def read(folder: Path, text: str) -> tuple[list[Record | Reject], Facts]:
    path, facts = folder / "messages", Facts("androidjson")
    path.write_text(text, encoding="utf-8", newline="")
    return list(androidjson.read(Job(path, "messages", folder), facts)), facts


@pytest.mark.parametrize("form", [lines, json.dumps, lambda rows: lines(rows).rstrip("\n")])
def test_messages(tmp_path: Path, form: Callable[[Any], str]) -> None:
    rows, facts = read(tmp_path, form(ROWS))
    assert list(of(rows, "direction", "other", "epoch_ms", "body", "outcome", "name").values()) == [
        ("in", "106900001234", AT, "还款", "delivered", None),
        ("out", "13800138001", AT, "还款", "undelivered", "张三"),
        "the message type is not known: '77'",
        ("in", "13800138009", f"{AT[:10]}000", "请还款", "delivered", None),
        ("out", "1380", f"{AT[:10]}000", "请还款", "sent", None),
        ("out", "1381", f"{AT[:10]}000", "请还款", "sent", None),
        "this is no message",
    ]
    assert (facts.status, facts.encoding) == ("ok", "utf-8")


def test_calls_and_where_they_stand(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, lines([call("95001", name="银行"), call("", "3", "0", presentation="2")]))
    assert of(rows, "channel", "direction", "other", "duration", "outcome", "name") == {
        "call[1]@L1": ("call", "in", "95001", "9", "connected", "银行"),
        "call[2]@L2": ("call", "in", "-2", "0", "unanswered", None),
    }
    assert json.loads(rows[0].raw)["number"] == "95001"


@pytest.mark.parametrize("form", [lines, json.dumps])
def test_cut_anywhere(tmp_path: Path, form: Callable[[Any], str]) -> None:
    text = form([sms(f"1380013800{n}") for n in range(3)])
    for at in range(1, len(text)):
        rows, facts = read(tmp_path, text[:at])
        found = [row.fields["other"] for row in rows if isinstance(row, Record)]
        assert found == [f"1380013800{n}" for n in range(len(found))]
        lost = len(found) < 3 and text[:at].count('"_id"') > len(found)
        assert facts.status == "partial" or not lost


@pytest.mark.parametrize(
    "text", [lines(ROWS), json.dumps(ROWS), lines([call("95001")]), lines([mms("1", ("1", "137"))])]
)
def test_only_this_reader_claims_them(tmp_path: Path, text: str) -> None:
    assert [parser.NAME for parser in parsers() if parser.claims(text.encode()[:65536], "x")] == ["androidjson"]
    with zipfile.ZipFile(tmp_path / "sms.zip", "w") as archive:
        archive.writestr("messages.ndjson", text)
        archive.writestr("data/PART_1.jpg", b"\xff\xd8\xff")
    assert [row["parser"] for row in look_into(tmp_path / "sms.zip") if row["parser"]] == ["androidjson"]


@pytest.mark.parametrize("text", ["", "{", "[{", "[]", "{}", '[{"_id":"1","date":"2024-01-01","number":"1"}]', "[1]"])
def test_other_json_is_not_claimed(text: str) -> None:
    assert not androidjson.claims(text.encode(), "messages.json")
