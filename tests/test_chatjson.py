"""Chats as JSON: the interchange format, the tools' lists, and what is left of a file that was cut."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from test_chats import plain, read_bytes, read_file

from collectaudit.case import Case
from collectaudit.records import Record, Reject, Unreadable
from collectaudit.sources import chatjson

DATA = Path(__file__).parent / "data" / "chatjson"
FILES = sorted(path for path in DATA.iterdir() if not path.name.endswith(".golden.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    rows, facts = read_file(path, path.name)
    assert plain(rows) == json.loads(path.with_name(f"{path.stem}.golden.json").read_text(encoding="utf-8"))
    assert (facts.parser, facts.status, facts.reason) == ("chatjson", "ok", None)


IN: dict[str, str | None] = {"channel": "im", "direction": "in", "other": "name:小王", "name": "小王", "body": "在吗"}
LISTS: dict[str, tuple[Any, dict[str, str | None]]] = {
    "chatlog": (
        [{"seq": 1, "time": "2024-04-05T17:40:22+08:00", "talker": "wxid_a", "talkerName": "小王", "isChatRoom": False,
          "sender": "wxid_a", "senderName": "小王", "isSelf": False, "type": 1, "subType": 0, "content": "在吗"}],
        IN | {"time": "2024-04-05T17:40:22+08:00"},
    ),
    "chatlog sent": (
        [{"time": "2024-04-05T17:40:22+08:00", "talker": "wxid_a", "talkerName": "小王", "sender": "wxid_me",
          "senderName": "我", "isSelf": True, "type": 1, "content": "在吗"}],
        IN | {"time": "2024-04-05T17:40:22+08:00", "direction": "out"},
    ),
    "PyWxDump": (
        [{"id": 1, "type_name": "文本", "is_sender": 0, "talker": "小王", "room_name": "小王", "msg": "在吗", "src": "",
          "CreateTime": "2024-04-05 17:40:22"}],
        IN | {"time": "2024-04-05 17:40:22"},
    ),
    "MemoTrace": (
        [{"type": "1", "is_send": False, "timestamp": 1712310022, "server_id": "8", "display_name": "小王",
          "avatar_src": "", "xml_dict": {}, "text": "在吗"}],
        IN | {"epoch_ms": "1712310022000"},
    ),
    "MemoTrace, an answer to a message": (
        [{"type": "244813135921", "is_send": True, "timestamp": 1712310022, "display_name": "我", "text": "在吗"}],
        IN | {"epoch_ms": "1712310022000", "direction": "out", "other": None, "name": None},
    ),
    "QQ Chat Exporter": (
        {"metadata": {"version": "5.1.0"}, "chatInfo": {"name": "小王", "type": "private", "selfUin": "10001"},
         "messages": [{"timestamp": 1712310022000, "time": "2024-04-05 17:40:22", "type": "type_2", "system": False,
                       "sender": {"uid": "u_a", "uin": "10002", "name": "小王"}, "content": {"text": "在吗"}}]},
        IN | {"epoch_ms": "1712310022000"},
    ),
    "QQ Chat Exporter, sent": (
        {"chatInfo": {"name": "小王", "selfUid": "u_me"}, "statistics": {}, "messages": [
            {"timestamp": "2024-04-05T09:40:22.000Z", "type": "text", "content": {"text": "在吗"},
             "sender": {"uid": "u_me", "uin": "10001", "name": "我"}}]},
        IN | {"time": "2024-04-05T09:40:22.000Z", "direction": "out"},
    ),
    "a group's prefix": (
        {"session": {"displayName": "群"}, "messages": [
            {"createTime": 1712310022, "isSend": 0, "localType": 1, "content": "wxid_abc12:\n在吗"}]},
        IN | {"epoch_ms": "1712310022000", "other": "name:wxid_abc12", "name": "wxid_abc12"},
    ),
    "milliseconds": (
        {"messages": [{"timestamp": 1712310022123, "is_sender": 0, "sender": {"uid": "u", "name": "小王"},
                       "type": "text", "content": {"text": "在吗"}}]},
        IN | {"epoch_ms": "1712310022123"},
    ),
    "WhatsApp's ids are numbers": (
        {"chatlab": {"version": "0.0.2"}, "meta": {"platform": "whatsapp", "name": "群", "ownerId": "x"}, "messages": [
            {"sender": "8613800138001@s.whatsapp.net", "timestamp": 1712310022, "type": 0, "content": "在吗"}]},
        IN | {"epoch_ms": "1712310022000", "other": "+8613800138001", "name": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", LISTS)
def test_lists_of_known_tools(tmp_path: Path, name: str, indent: int | None) -> None:
    tree, fields = LISTS[name]
    rows, facts = read_bytes(tmp_path, json.dumps(tree, ensure_ascii=False, indent=indent).encode(), "")
    assert [dict(row.fields) for row in rows if isinstance(row, Record)] == [fields]
    assert facts.status == "ok"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes().rstrip()
    whole = [row.fields for row in read_file(path, "")[0] if isinstance(row, Record)]
    begin = data.index(b'"messages"') if b'"messages"' in data else data.index(b"1712310022")
    for length in range(begin + 100, len(data) - (130 if path.suffix == ".html" else 0)):
        rows, facts = read_bytes(tmp_path, data[:length], "")
        found = [row.fields for row in rows if isinstance(row, Record)]
        assert facts.status in ("partial", "unrecognised")
        assert found == whole[: len(found)]


@pytest.mark.parametrize(
    "text",
    [
        '{"messages": [{"createTime": 1712310022, "isSend": 0, "isSend": 1}]}',  # two messages made into one
        '{"messages": [{"createTime": 1712310022, "isSend": 0}',
        '{"messages": ' + "[" * 5000 + '"createTime" "isSend"',
    ],
)
def test_damage(tmp_path: Path, text: str) -> None:
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert facts.status == "partial"
    assert not [row for row in rows if isinstance(row, Record) and "direction" not in row.fields]


def test_lines_that_are_no_json_are_rejects(tmp_path: Path) -> None:
    lines = (DATA / "lines_private.jsonl").read_text(encoding="utf-8").splitlines()
    rows, _ = read_bytes(tmp_path, "\n".join([*lines[:4], lines[4][:-9], lines[5], ""]).encode(), "")
    assert [row.reason if isinstance(row, Reject) else row.fields["body"] for row in rows] == [
        "this is no message",
        "你是谁",
    ]


@pytest.mark.parametrize(
    "text", ['{"messages": [{"role": "user", "content": "x"}]}', "[1, 2]", '{"createTime": 1}', "<html>chatlab</html>"]
)
def test_not_claimed(text: str) -> None:
    assert not chatjson.claims(text.encode(), "chat.json")


def test_a_page_whose_messages_begin_late(tmp_path: Path) -> None:
    styles = ".chat-refer{} .chat-music-audio{} .displayname{}" + " " * 100_000
    page = (DATA / "memotrace.html").read_text(encoding="utf-8").replace(".a{}", styles)
    rows, facts = read_bytes(tmp_path, page.encode(), "")
    assert (len(rows), facts.status) == (5, "ok")
    with pytest.raises(Unreadable, match="before its messages"):
        read_bytes(tmp_path, page[:90_000].encode(), "")


def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run) -> None:
    path, case = DATA / "weflow.json", tmp_path / "case"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for _ in range(2):
        assert run("audit", path, "-o", case, "--owner", "13800138000").code in (0, 1)
        (row,) = Case.open(case).query("SELECT records, events, rejects FROM sources")
        assert row == {"records": 4, "events": 3, "rejects": 1}
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
