"""Every kind of file that is read or opened, in one case: nothing of it is changed, and a second time adds nothing."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pdfs import bill
from phonedbs import CALLS, build, sms_tables
from recordings import wav
from test_androidjson import ROWS as ANDROID_JSON
from test_androidjson import lines
from test_databases import messages
from test_huaweibackup import OPEN as HUAWEI
from test_miuibackup import CALLS as MIUI_CALLS
from test_sidecar import CALL
from test_vessels import paper
from test_vmsg import message
from vessels import PASSWORD, SMS, TABLE, android, book, brought, iphone, miui, packed_json, phone_files, tape, zipped

from collectaudit import intake
from collectaudit.arrivals import arrivals
from collectaudit.case import Case
from collectaudit.catalogue import LANGUAGES, Words
from collectaudit.containers import containers
from collectaudit.sources import parsers

DATA = Path(__file__).parent / "data"
WRITTEN = (  # in tests/data
    "chatjson/weflow.json", "chats/qq_two_chats.txt", "chats/qqtext_private.txt", "chats/wechat_blocks.txt",
    "chats/wechat_chatlog.csv", "chats/whatsapp_android_24h.txt", "contentquery/calls.txt", "googlevoice/text.html",
    "imazing/messages.csv", "smsbackup/calls.xml", "smsbackup/messages.xml", "table/asterisk.csv", "vcard/modern.vcf",
    "wechatpage/page.html", "wechatpage/msg-2.js",
)  # fmt: skip
TOLD = """at,channel,number,who,contacted,role,outcome,said,account,note,by,told_at
2025-06-01 22:40,visit,,甲,13800138000,debtor,,,,,me,2025-06-02T00:00:00Z
"""
MADE: Mapping[str, bytes] = {
    "told.csv": TOLD.encode(), "call.srt": "1\n00:00:01,000 --> 00:00:02,500\n坐席：您好\n".encode(),
    "call.json": json.dumps(CALL).encode(), "messages.json": lines(ANDROID_JSON).encode(), "info.xml": HUAWEI.encode(),
    "calls.miui": MIUI_CALLS, "000000_sms_backup": packed_json(SMS), "sms.vmsg": message("1380").encode(),
    "call.wav": wav(),
    "bill.pdf": bill(("日期", "号码", "类型", "时长"), (("2026-03-01 09:00:00", "138", "主叫", "3"),)),
}  # fmt: skip
PACKED: Mapping[str, bytes] = {  # by the kind of container
    "zip": zipped({"a.csv": TABLE + b"\n"}), "tar": tape({"b.csv": TABLE + b"\n\n"}), "workbook": book(),
    "adb": android(tape(phone_files())), "pdf": paper(),
}  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of every kind."""
    folder = tmp_path_factory.mktemp("every") / "in"
    for name in WRITTEN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DATA / name, folder / name)
    for name, data in {**MADE, **{f"packed.{kind}": data for kind, data in PACKED.items()}}.items():
        (folder / name).write_bytes(data)
    (folder / "x.bak").write_bytes(miui(tape(phone_files())))
    iphone(folder / "backup")
    build(folder / "calls.db", CALLS[4], {"calls": [{"number": "1380", "date": 1, "type": 1, "duration": 1}]})
    live = build(folder.parent / "sms.db", sms_tables(17), messages(20))
    connection = sqlite3.connect(live)
    connection.executescript("PRAGMA journal_mode = WAL; UPDATE message SET text = 'new'")
    for added in ("", "-wal"):
        shutil.copyfile(f"{live}{added}", folder / f"sms.db{added}")
    connection.close()
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def seen(given: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, Any], dict[str, Any]]:
    """The case, and what was in the folder and in the case before and after it was handed in once more."""
    before = digests(given)
    case = brought(given, tmp_path_factory.mktemp("case") / "case", PASSWORD)
    once = {"given": before, **inside(case)}
    intake.bring(case, given, lambda *_: None, PASSWORD)
    return case, once, {"given": digests(given), **inside(case)}


def inside(case: Case) -> dict[str, Any]:
    originals = digests(case.path / "originals")
    assert all(Path(name).name == digest for name, digest in originals.items() if not Path(name).suffix)
    return {"kept": sorted(case.kept()), "originals": originals, "read": sorted(map(str, case.ledgers()))}


@pytest.mark.parametrize("kind", ["given", "kept", "originals", "read"])
def test_nothing_is_changed_and_a_second_time_adds_nothing(
    seen: tuple[Case, dict[str, Any], dict[str, Any]], kind: str
) -> None:
    _, once, again = seen
    assert once[kind] == again[kind]


@pytest.mark.parametrize("parser", [parser.NAME for parser in parsers()])
def test_each_reader_has_read_some(seen: tuple[Case, dict[str, Any], dict[str, Any]], parser: str) -> None:
    assert [ledger for ledger in seen[0].ledgers() if ledger["parser"] == parser and ledger["status"] == "ok"]
    assert all(f"files.as_{parser}" in Words(lang, "app") for lang in LANGUAGES)


@pytest.mark.parametrize("kind", [kind.NAME for kind in containers()])
def test_each_kind_of_container_was_opened(seen: tuple[Case, dict[str, Any], dict[str, Any]], kind: str) -> None:
    out_of = {origin["name"] for row in arrivals(seen[0]) for origin in row["containers"]}
    assert [name for name in out_of if name.endswith("backup" if kind == "iphone" else f"packed.{kind}")]
