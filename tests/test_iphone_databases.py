"""Databases of iPhones: what their rows become, over the versions of iOS."""

import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from phonedbs import ADDRESS_BOOK, CALL_RECORD, OLD_CALLS, OLD_SMS, apple, attributed, build, fill, of, read, sms_tables

from collectaudit.audit import audit
from collectaudit.records import Facts, Record, Reject
from collectaudit.sources import _apple

AT = 1_700_000_000  # 2023-11-14 22:13:20 UTC
MS = "1700000000000"
HANDLES: dict[str, list[dict[str, Any]]] = {
    "handle": [
        {"ROWID": 1, "id": "+12025550101", "service": "SMS"},
        {"ROWID": 2, "id": "+8613800000002", "service": "iMessage"},
        {"ROWID": 3, "id": "someone@example.com", "service": "iMessage"},
        {"ROWID": 4, "id": "106900001234", "service": "SMS"},
    ],
    "chat": [
        {"ROWID": 1, "guid": "SMS;-;+12025550101", "style": 45, "chat_identifier": "+12025550101"},
        {"ROWID": 2, "guid": "iMessage;+;chat1", "style": 43, "chat_identifier": "chat1"},
        {"ROWID": 3, "guid": "SMS;-;95001", "style": 45, "chat_identifier": "95001"},
    ],
    "chat_handle_join": [
        {"chat_id": 1, "handle_id": 1}, {"chat_id": 2, "handle_id": 2}, {"chat_id": 2, "handle_id": 3},
    ],
}  # fmt: skip


def message(rowid: int, **columns: object) -> dict[str, Any]:
    """One of `message`, received as an SMS at AT unless the columns say otherwise."""
    plain = {"ROWID": rowid, "guid": f"G{rowid}", "text": "words", "handle_id": 1, "service": "SMS", "date": apple(AT)}
    return {**plain, "is_from_me": 0, "is_finished": 1, **columns}


def mine(rowid: int, **columns: object) -> dict[str, Any]:
    return message(rowid, **{"is_from_me": 1, "is_sent": 1, "handle_id": 0, **columns})


def read_messages(
    folder: Path, system: int, *messages: dict[str, Any], **tables: list[dict[str, Any]]
) -> tuple[list[Record | Reject], Facts]:
    rows = {**HANDLES, "message": list(messages), **tables}
    return read(build(folder / "sms.db", sms_tables(system), rows))


@pytest.mark.parametrize(("system", "nano"), [(9, False), (12, True), (16, True), (17, True), (18, True)])
def test_every_version_of_ios(tmp_path: Path, system: int, nano: bool) -> None:
    date = apple(AT, nano=nano)
    rows, facts = read_messages(
        tmp_path, system, message(1, date=date), message(2, date=date, service="iMessage", handle_id=3),
        mine(3, date=date, is_delivered=1, date_delivered=date), mine(4, date=date),
        mine(5, date=date, error=22), mine(6, date=date, is_sent=0, is_finished=0), mine(7, date=date, is_sent=0),
        message(8, date=0),
        chat_message_join=[{"chat_id": 1, "message_id": n} for n in range(3, 9)],
    )  # fmt: skip
    assert of(rows, "channel", "direction", "other", "epoch_ms", "outcome", "body") == {
        "message[1]": ("sms", "in", "+12025550101", MS, "delivered", "words"),
        "message[2]": ("im", "in", "someone@example.com", MS, "delivered", "words"),
        "message[3]": ("sms", "out", "+12025550101", MS, "delivered", "words"),
        "message[4]": ("sms", "out", "+12025550101", MS, "sent", "words"),
        "message[5]": ("sms", "out", "+12025550101", MS, "not_sent", "words"),
        "message[6]": ("sms", "out", "+12025550101", MS, "not_sent", "words"),
        "message[7]": ("sms", "out", "+12025550101", MS, None, "words"),
        "message[8]": ("sms", "in", "+12025550101", None, "delivered", "words"),
    }
    assert (facts.kind, facts.status, facts.encoding, facts.notes) == (
        "events",
        "ok",
        "utf-8",
        ["read as iphone_messages"],
    )


def test_groups_and_chats_without_a_handle(tmp_path: Path) -> None:
    joined = [{"chat_id": 2, "message_id": n} for n in (1, 2)] + [{"chat_id": 3, "message_id": 3}]
    deleted = [{"chat_id": 1, "message_id": 5, "delete_date": 1}]
    rows, _ = read_messages(
        tmp_path, 16, mine(1, service="iMessage"), message(2, handle_id=2, service="iMessage"),
        message(3, handle_id=0), message(4, handle_id=0), mine(5), mine(6, handle_id=4),
        chat_message_join=joined, chat_recoverable_message_join=deleted,
    )  # fmt: skip
    assert of(rows, "direction", "other") == {
        "message[1]": ("out", "+8613800000002"),
        "message[1].2": ("out", "someone@example.com"),
        "message[2]": ("in", "+8613800000002"),
        "message[3]": ("in", "95001"),
        "message[4]": ("in", None),
        "message[5]": ("out", "+12025550101"),
        "message[6]": ("out", "106900001234"),
    }


def test_what_is_no_message_is_a_reject(tmp_path: Path) -> None:
    rows, _ = read_messages(
        tmp_path, 17, message(1, associated_message_type=2001, associated_message_guid="p:0/G9"),
        message(2, associated_message_type=3005), message(3, associated_message_type=1000),
        message(4, item_type=2, text=None), message(5, is_from_me=None), message(6, date="a lot"),
    )  # fmt: skip
    assert of(rows, "body") == {
        "message[1]": "a reaction to another message, no message of its own",
        "message[2]": "a reaction to another message, no message of its own",
        "message[3]": ("words",),
        "message[4]": "a notice of the app about the conversation, no message",
        "message[5]": "it does not say who wrote it",
        "message[6]": "a column for numbers holds something else",
    }


@pytest.mark.parametrize("mutable", [False, True])
@pytest.mark.parametrize("words", ["Pay now", "今天必须还款😠", "x" * 127, "x" * 128, "欠" * 12_000])
def test_words_with_their_formatting(words: str, mutable: bool) -> None:
    typedstream = pytest.importorskip("typedstream")
    archived = attributed(words, mutable=mutable)
    assert _apple.words(archived) == words
    assert typedstream.unarchive_from_data(archived).contents[0].value.value == words  # what another reader makes of it


# A string alone, which no iPhone writes there.
HEAD = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84"
STRING = HEAD + b"\x08NSString\x01\x84\x84\x08NSObject\x00\x85\x84\x01+\x05hello\x86"


def test_words_in_another_layout_need_the_optional_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = message(1, text=None, attributedBody=STRING), message(2, text=None, attributedBody=attributed("plain"))
    rows, facts = read_messages(tmp_path, 16, *other)
    assert (of(rows, "body"), facts.status) == ({"message[1]": ("hello",), "message[2]": ("plain",)}, "ok")
    monkeypatch.setitem(sys.modules, "typedstream.archiving", None)
    rows, facts = read_messages(tmp_path, 16, *other)
    assert (of(rows, "body"), facts.status) == ({"message[1]": (None,), "message[2]": ("plain",)}, "partial")
    assert facts.reason == (
        "messages whose words cannot be read: 1; an optional part is needed: pip install 'collectaudit[formats]'"
    )


@pytest.mark.parametrize("blob", [attributed("cut off")[:80], STRING[:30], STRING[:-9], b"\x00" * 50, b"bplist00"])
def test_words_that_were_cut(tmp_path: Path, blob: bytes) -> None:
    rows, facts = read_messages(tmp_path, 16, message(1, text=None, attributedBody=blob))
    assert of(rows, "body") == {"message[1]": (None,)}
    assert (facts.status, facts.reason) == ("partial", "messages whose words cannot be read: 1")


def test_edited_taken_back_scheduled_and_own_number(tmp_path: Path) -> None:
    own = {"destination_caller_id": "+12025550199"}
    rows, facts = read_messages(
        tmp_path, 18, message(1, date_edited=apple(AT + 5), **own), message(2, text=None, date_retracted=apple(AT + 9)),
        mine(3, is_sent=0, schedule_type=2, destination_caller_id="me@example.com"), message(4, **own),
    )  # fmt: skip
    assert of(rows, "outcome", "body") == {
        "message[1]": ("delivered", "words"), "message[2]": ("delivered", None), "message[3]": ("not_sent", "words"),
        "message[4]": ("delivered", "words"),
    }  # fmt: skip
    assert facts.owner_number == "+12025550199"
    assert facts.notes[1:] == [
        "messages that were edited after they were sent, shown in their last wording: 1",
        "messages that their sender took back, whose words are gone: 1",
    ]


def test_two_own_numbers_are_no_owner(tmp_path: Path) -> None:
    numbers = [message(n, destination_caller_id=f"+1202555019{n}") for n in (1, 2)]
    assert read_messages(tmp_path, 17, *numbers)[1].owner_number is None


def test_attachments_are_named(tmp_path: Path) -> None:
    files = [
        {"ROWID": 5, "guid": "a", "filename": "~/Library/SMS/Attachments/1/IMG_1.HEIC", "mime_type": "image/heic"},
        {"ROWID": 6, "guid": "b", "filename": "~/x/Audio Message.caf", "transfer_name": "Audio Message.caf",
         "mime_type": "audio/x-caf"},
    ]  # fmt: skip
    joined = [{"message_id": 1, "attachment_id": 5}, {"message_id": 2, "attachment_id": 6}]
    rows, _ = read_messages(
        tmp_path, 12, message(1, text="\ufffc look at this"), message(2, text="\ufffc", subject="Voice"),
        attachment=files, message_attachment_join=joined,
    )  # fmt: skip
    assert of(rows, "body", "recording") == {
        "message[1]": ("look at this", None), "message[2]": ("Voice", "Audio Message.caf"),
    }  # fmt: skip
    assert "attachment: IMG_1.HEIC" in rows[0].raw


def test_columns_that_are_missing(tmp_path: Path) -> None:
    tables = """CREATE TABLE message (rowid INTEGER PRIMARY KEY, text TEXT, date INTEGER, handle_id INTEGER,
        is_from_me INTEGER); CREATE TABLE handle (rowid INTEGER PRIMARY KEY, id TEXT);"""
    some = {"text": "hi", "date": apple(AT, nano=False), "handle_id": 1}
    path = build(
        tmp_path / "chat.db", tables,
        {"handle": [{"id": "+12025550101"}], "message": [{**some, "is_from_me": 0}, {**some, "is_from_me": 1}]},
    )  # fmt: skip
    assert of(read(path)[0], "channel", "other", "epoch_ms", "outcome") == {
        "message[1]": ("sms", "+12025550101", MS, "delivered"), "message[2]": ("sms", "+12025550101", MS, None),
    }  # fmt: skip


def test_before_ios_6(tmp_path: Path) -> None:
    sms = {"address": "+12025550101", "date": AT, "text": "old", "is_madrid": 0}
    madrid = {"madrid_handle": "someone@example.com", "date": apple(AT, nano=False), "text": "new", "is_madrid": 1}
    rows, facts = read(build(tmp_path / "sms.db", OLD_SMS, {"message": [
        {**sms, "flags": 2}, {**sms, "flags": 3}, {**sms, "flags": 33}, {**sms, "flags": 129},
        {**madrid, "flags": 0, "madrid_flags": 12289}, {**madrid, "flags": 0, "madrid_flags": 36869},
        {**madrid, "flags": 0, "madrid_flags": 32773, "madrid_error": 3},
    ]}))  # fmt: skip
    assert of(rows, "channel", "direction", "other", "epoch_ms", "outcome") == {
        "message[1]": ("sms", "in", "+12025550101", MS, "delivered"),
        "message[2]": ("sms", "out", "+12025550101", MS, "sent"),
        "message[3]": ("sms", "out", "+12025550101", MS, "not_sent"),
        "message[4]": "its flags are not known: 129",
        "message[5]": ("im", "in", "someone@example.com", MS, "delivered"),
        "message[6]": ("im", "out", "someone@example.com", MS, "delivered"),
        "message[7]": ("im", "out", "someone@example.com", MS, "not_sent"),
    }
    assert facts.notes == ["read as iphone_old"]


@pytest.mark.parametrize("kind", ["BLOB", "VARCHAR"])
def test_calls(tmp_path: Path, kind: str) -> None:
    def call(address: str | None, **columns: object) -> dict[str, object]:
        given = address.encode() if kind == "BLOB" and address else address
        provider = {"ZCALLTYPE": 1, "ZSERVICE_PROVIDER": "com.apple.Telephony"}
        return {"ZADDRESS": given, "ZDATE": AT - 978_307_200 + 0.25, "ZDURATION": 0.0, **provider, **columns}

    rows, facts = read(build(tmp_path / "CallHistory.storedata", CALL_RECORD.format(kind), {
        "ZCALLRECORD": [
            call("+12025550101", ZORIGINATED=0, ZANSWERED=1, ZDURATION=83.7, ZNAME="Someone"),
            call("+12025550101", ZORIGINATED=0, ZANSWERED=0), call("95001", ZORIGINATED=1, ZANSWERED=0),
            call("95001", ZORIGINATED=1, ZANSWERED=0, ZDURATION=12.2), call(None, ZORIGINATED=0, ZANSWERED=0),
            call("wxid_abc1", ZORIGINATED=0, ZANSWERED=1, ZDURATION=5.0, ZCALLTYPE=0, ZNAME="小李",
                 ZSERVICE_PROVIDER="com.tencent.xin"),
            call("+8613800000002", ZORIGINATED=1, ZANSWERED=0, ZCALLTYPE=16, ZSERVICE_PROVIDER="com.apple.FaceTime"),
            call(None, ZORIGINATED=1, ZCALLTYPE=8, ZDURATION=30.0, ZSERVICE_PROVIDER="com.apple.FaceTime"),
            call("95001", ZORIGINATED=0, ZANSWERED=0, ZCALLTYPE=0), call("95001", ZORIGINATED=None),
        ],
        "ZHANDLE": [{"Z_PK": 9, "ZVALUE": "someone@example.com"}],
        "Z_2REMOTEPARTICIPANTHANDLES": [{"Z_2REMOTEPARTICIPANTCALLS": 8, "Z_4REMOTEPARTICIPANTHANDLES": 9}],
    }))  # fmt: skip
    assert {row.fields["epoch_ms"] for row in rows if isinstance(row, Record)} == {"1700000000250"}
    assert of(rows, "direction", "other", "outcome", "duration", "name") == {
        "ZCALLRECORD[1]": ("in", "+12025550101", "connected", "83", "Someone"),
        "ZCALLRECORD[2]": ("in", "+12025550101", "unanswered", "0", None),
        "ZCALLRECORD[3]": ("out", "95001", "unanswered", "0", None),
        "ZCALLRECORD[4]": ("out", "95001", "connected", "12", None),
        "ZCALLRECORD[5]": ("in", None, "unanswered", "0", None),
        "ZCALLRECORD[6]": ("in", "name:小李", "connected", "5", "小李"),
        "ZCALLRECORD[7]": ("out", "+8613800000002", "unanswered", "0", None),
        "ZCALLRECORD[8]": ("out", "someone@example.com", "connected", "30", None),
        "ZCALLRECORD[9]": ("in", "95001", "unanswered", "0", None),
        "ZCALLRECORD[10]": "it does not say who called whom",
    }
    assert facts.notes == [
        "read as iphone_calls",
        "calls that were made through an app, not the telephone network: FaceTime (2), com.tencent.xin (1)",
    ]


def test_calls_before_ios_8(tmp_path: Path) -> None:
    call = {"address": "+12025550101", "date": AT}
    rows, _ = read(build(tmp_path / "call_history.db", OLD_CALLS, {"call": [
        {**call, "duration": 60, "flags": 4}, {**call, "duration": 0, "flags": 0}, {**call, "duration": 9, "flags": 5},
        {**call, "duration": 0, "flags": 1, "name": "Someone"},
    ]}))  # fmt: skip
    assert of(rows, "direction", "epoch_ms", "outcome", "duration", "name") == {
        "call[1]": ("in", MS, "connected", "60", None), "call[2]": ("in", MS, "unanswered", "0", None),
        "call[3]": ("out", MS, "connected", "9", None), "call[4]": ("out", MS, "unanswered", "0", "Someone"),
    }  # fmt: skip


VOICEMAIL = """
CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, remote_uid INTEGER, date INTEGER, token TEXT,
    sender TEXT, callback_num TEXT, duration INTEGER, expiration INTEGER, trashed_date INTEGER, flags INTEGER);
CREATE INDEX date_index on voicemail(date);
"""


def voicemail(path: Path) -> Path:
    left = {"date": AT, "sender": "+12025550101", "duration": 14, "flags": 75}
    gone = {**left, "sender": None, "callback_num": "+12025550102", "trashed_date": 1, "date": AT + 60}
    return build(path, VOICEMAIL, {"voicemail": [left, gone, {**left, "date": None, "sender": None}]})


def test_voicemail(tmp_path: Path) -> None:
    rows, facts = read(voicemail(tmp_path / "voicemail.db"))
    assert of(rows, "channel", "direction", "other", "epoch_ms", "outcome", "duration", "recording") == {
        "voicemail[1]": ("voicemail", "in", "+12025550101", MS, "delivered", "14", "1.amr"),
        "voicemail[2]": ("voicemail", "in", "+12025550102", str(int(MS) + 60_000), "delivered", "14", "2.amr"),
        "voicemail[3]": ("voicemail", "in", None, None, "delivered", "14", "3.amr"),
    }
    assert facts.notes == ["read as iphone_voicemail"]


@pytest.mark.parametrize("name", ["1.amr", "3.amr"])
def test_voicemail_and_what_was_said(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "Voicemail"
    folder.mkdir()
    voicemail(folder / "voicemail.db")
    (folder / name).write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50)
    case = audit([folder], out=tmp_path / "case", owners={"": "+12025550199"}, jurisdiction="us")
    rows = case.query("SELECT channel, recording, same_why FROM events ORDER BY event_id, at_local")
    tied = [row for row in rows if row["same_why"] == "file"]
    assert len(tied) == (name == "1.amr")  # the third has no time, so it is no event
    assert len(rows) == 3


PEOPLE: dict[str, list[dict[str, Any]]] = {
    "ABPerson": [
        {"First": "Ann", "Last": "Example", "Middle": "B."}, {"First": "三", "Last": "张"},
        {"Organization": "示例公司"}, {"First": "Only", "Last": "Mail"},
    ],
    "ABMultiValueLabel": [{"value": "_$!<Mobile>!$_"}, {"value": "单位"}],
    "ABMultiValue": [
        {"UID": 1, "record_id": 1, "property": 3, "label": 1, "value": "(202) 555-0101"},
        {"UID": 2, "record_id": 1, "property": 4, "label": 1, "value": "ann@example.com"},
        {"UID": 3, "record_id": 2, "property": 3, "label": 2, "value": "138 0000 0002"},
        {"UID": 4, "record_id": 3, "property": 3, "value": "95001"},
        {"UID": 5, "record_id": 4, "property": 4, "value": "only@example.com"},
    ],
}  # fmt: skip
IN_BOOK = {
    "ABMultiValue[1]": ("party", "(202) 555-0101", "Ann B. Example", None, "Mobile"),
    "ABMultiValue[3]": ("party", "138 0000 0002", "张三", None, "单位"),
    "ABMultiValue[4]": ("party", "95001", "示例公司", "示例公司", None),
    "ABPerson[4]": "no telephone number",
}


def test_address_book(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "AddressBook.sqlitedb", ADDRESS_BOOK, PEOPLE))
    assert of(rows, "kind", "number", "name", "organisation", "note") == IN_BOOK
    assert (facts.kind, facts.notes) == ("contacts", ["read as iphone_contacts"])


def test_an_address_book_that_is_all_in_the_wal(tmp_path: Path) -> None:
    path = tmp_path / "phone.sqlitedb"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    fill(connection, ADDRESS_BOOK, PEOPLE)
    copy = tmp_path / "AddressBook.sqlitedb"
    copy.write_bytes(path.read_bytes())
    copy.with_name("AddressBook.sqlitedb-wal").write_bytes(path.with_name("phone.sqlitedb-wal").read_bytes())
    connection.close()
    before = copy.read_bytes()
    rows, facts = read(copy, "-wal")
    assert of(rows, "kind", "number", "name", "organisation", "note") == IN_BOOK
    assert (copy.read_bytes(), facts.status, len(facts.notes)) == (before, "ok", 1)
