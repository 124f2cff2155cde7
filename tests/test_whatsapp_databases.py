"""WhatsApp's own databases: numbers only where a JID holds one, groups, notices, calls; of both systems."""

from pathlib import Path
from typing import Any

import pytest
from phonedbs import apple, build, of, read

from collectaudit.records import Record
from collectaudit.sources import _whatsapp

AT = 1_700_000_000  # 2023-11-14 22:13:20 UTC
MS = "1700000000000"
DEBTOR, AGENT, GROUP = "8613800000001@s.whatsapp.net", "12025550101@s.whatsapp.net", "120363000000000001@g.us"
LID = "900000000004@lid"

# The columns that Core Data makes of the app's model; many more are there, and none of them is read.
CHATS = """
CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZSESSIONTYPE INTEGER, ZCONTACTJID VARCHAR,
    ZCONTACTIDENTIFIER VARCHAR, ZPARTNERNAME VARCHAR, ZREMOVED INTEGER, ZLASTMESSAGEDATE TIMESTAMP);
CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZISACTIVE INTEGER, ZCHATSESSION INTEGER, ZMEMBERJID VARCHAR,
    ZCONTACTNAME VARCHAR, ZFIRSTNAME VARCHAR);
CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZTITLE VARCHAR, ZMEDIALOCALPATH VARCHAR,
    ZFILESIZE INTEGER);
CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZISFROMME INTEGER, ZMESSAGEERRORSTATUS INTEGER,
    ZMESSAGESTATUS INTEGER, ZMESSAGETYPE INTEGER, ZGROUPEVENTTYPE INTEGER, ZCHATSESSION INTEGER, ZGROUPMEMBER INTEGER,
    ZMEDIAITEM INTEGER, ZMESSAGEDATE TIMESTAMP, ZSENTDATE TIMESTAMP, ZFROMJID VARCHAR, ZTOJID VARCHAR,
    ZPUSHNAME VARCHAR, ZSTANZAID VARCHAR, ZTEXT VARCHAR);
"""
CALLS = """
CREATE TABLE ZWAAGGREGATECALLEVENT (Z_PK INTEGER PRIMARY KEY, ZINCOMING INTEGER, ZMISSED INTEGER, ZVIDEO INTEGER,
    ZFIRSTDATE TIMESTAMP);
CREATE TABLE ZWACDCALLEVENT (Z_PK INTEGER PRIMARY KEY, ZOUTCOME INTEGER, Z1CALLEVENTS INTEGER, ZDATE TIMESTAMP,
    ZDURATION FLOAT, ZCALLIDSTRING VARCHAR, ZGROUPCALLCREATORUSERJIDSTRING VARCHAR, ZGROUPJIDSTRING VARCHAR);
CREATE TABLE ZWACDCALLEVENTPARTICIPANT (Z_PK INTEGER PRIMARY KEY, ZOUTCOME INTEGER, Z1PARTICIPANTS INTEGER,
    ZJIDSTRING VARCHAR);
"""
JIDS = """
CREATE TABLE jid (_id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, server TEXT NOT NULL, agent INTEGER,
    device INTEGER, type INTEGER, raw_string TEXT);
CREATE TABLE chat (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, hidden INTEGER, subject TEXT,
    created_timestamp INTEGER);
CREATE TABLE call_log (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER, from_me INTEGER, call_id TEXT,
    transaction_id INTEGER, timestamp INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER,
    bytes_transferred INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE call_log_participant_v2 (_id INTEGER PRIMARY KEY AUTOINCREMENT, call_log_row_id INTEGER,
    jid_row_id INTEGER, call_result INTEGER);
"""
NEW = """
CREATE TABLE jid_map (lid_row_id INTEGER PRIMARY KEY NOT NULL, jid_row_id INTEGER NOT NULL, sort_id INTEGER);
CREATE TABLE message_media (message_row_id INTEGER PRIMARY KEY, chat_row_id INTEGER, file_path TEXT, mime_type TEXT);
CREATE TABLE message (_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL,
    key_id TEXT NOT NULL DEFAULT '', sender_jid_row_id INTEGER, status INTEGER, broadcast INTEGER, timestamp INTEGER,
    received_timestamp INTEGER, message_type INTEGER, text_data TEXT, starred INTEGER);
"""
OLD = """
CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER,
    key_id TEXT NOT NULL DEFAULT '', status INTEGER, needs_push INTEGER, data TEXT, timestamp INTEGER, media_url TEXT,
    media_mime_type TEXT, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT,
    remote_resource TEXT, received_timestamp INTEGER);
"""
PEOPLE: dict[str, list[dict[str, Any]]] = {
    "jid": [{"user": jid.partition("@")[0], "server": jid.partition("@")[2], "raw_string": jid}
            for jid in (DEBTOR, AGENT, GROUP, LID, "status@broadcast")],
    "chat": [{"jid_row_id": 1}, {"jid_row_id": 2}, {"jid_row_id": 3, "subject": "还款群"}, {"jid_row_id": 4},
             {"jid_row_id": 5}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("jid", "number", "end"),
    [
        (DEBTOR, "+8613800000001", "+8613800000001"), ("12025550101:7@s.whatsapp.net", "+12025550101", "+12025550101"),
        ("12025550101@c.us", "+12025550101", "+12025550101"), (LID, None, "name:张三"), (GROUP, None, "name:张三"),
        ("0@s.whatsapp.net", None, "name:张三"), ("12025550101@lid", None, "name:张三"), (None, None, "name:张三"),
    ],
)  # fmt: skip
def test_only_a_jid_of_a_telephone_holds_a_number(jid: str | None, number: str | None, end: str) -> None:
    assert (_whatsapp.number(jid), _whatsapp.end(jid, "张三")) == (number, end)


def said(pk: int, chat: int | None, **columns: object) -> dict[str, Any]:
    plain = {"Z_PK": pk, "ZCHATSESSION": chat, "ZISFROMME": 0, "ZMESSAGETYPE": 0, "ZTEXT": "words"}
    return {**plain, "ZMESSAGEDATE": apple(AT, nano=False), **columns}


def test_messages_of_an_iphone(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "ChatStorage.sqlite", CHATS, {
        "ZWACHATSESSION": [
            {"Z_PK": 1, "ZCONTACTJID": DEBTOR, "ZPARTNERNAME": "\u202a+86 138 0000 0001\u202c"},
            {"Z_PK": 2, "ZCONTACTJID": LID, "ZCONTACTIDENTIFIER": AGENT, "ZPARTNERNAME": "Ann"},
            {"Z_PK": 3, "ZCONTACTJID": GROUP, "ZPARTNERNAME": "还款群"},
            {"Z_PK": 4, "ZCONTACTJID": "status@broadcast"}, {"Z_PK": 5, "ZCONTACTJID": LID, "ZPARTNERNAME": "李四"},
            {"Z_PK": 6, "ZCONTACTJID": "120363000000000009@newsletter", "ZPARTNERNAME": "News"},
        ],
        "ZWAGROUPMEMBER": [{"Z_PK": 1, "ZMEMBERJID": AGENT, "ZCONTACTNAME": "Ann"}, {"Z_PK": 2, "ZMEMBERJID": LID}],
        "ZWAMEDIAITEM": [{"Z_PK": 1, "ZTITLE": "below a picture", "ZMEDIALOCALPATH": "Media/a/b/x.jpg"},
                         {"Z_PK": 2, "ZMEDIALOCALPATH": "Media/a/b/voice.opus"}],
        "ZWAMESSAGE": [
            said(1, 1), said(2, 2, ZISFROMME=1), said(3, 3, ZGROUPMEMBER=1, ZFROMJID=GROUP),
            said(4, 3, ZGROUPMEMBER=2, ZPUSHNAME="王五", ZFROMJID=GROUP), said(5, 3, ZISFROMME=1, ZTOJID=GROUP),
            said(6, 3, ZMESSAGETYPE=6), said(7, 1, ZMESSAGETYPE=10), said(8, 4), said(9, 6),
            said(10, 1, ZMESSAGETYPE=1, ZTEXT=None, ZMEDIAITEM=1),
            said(11, 1, ZMESSAGETYPE=3, ZTEXT=None, ZMEDIAITEM=2), said(12, 1, ZMESSAGETYPE=14, ZTEXT=None),
            said(13, 5), said(14, None, ZFROMJID=DEBTOR), said(15, 1, ZISFROMME=None),
            said(16, 3, ZFROMJID=GROUP),
        ],
    }))  # fmt: skip
    notice = "a notice of the app about the conversation, no message"
    post = "a post for everybody to see, no message to anyone"
    debtor = ("in", "+8613800000001", None)
    assert of(rows, "direction", "other", "name", "body", "recording", "outcome") == {
        "ZWAMESSAGE[1]": (*debtor, "words", None, "delivered"),
        "ZWAMESSAGE[2]": ("out", "+12025550101", "Ann", "words", None, None),
        "ZWAMESSAGE[3]": ("in", "+12025550101", "Ann", "words", None, "delivered"),
        "ZWAMESSAGE[4]": ("in", "name:王五", "王五", "words", None, "delivered"),
        "ZWAMESSAGE[5]": ("out", "name:还款群", "还款群", "words", None, None),
        "ZWAMESSAGE[6]": notice, "ZWAMESSAGE[7]": notice, "ZWAMESSAGE[8]": post, "ZWAMESSAGE[9]": post,
        "ZWAMESSAGE[10]": (*debtor, "below a picture", None, "delivered"),
        "ZWAMESSAGE[11]": (*debtor, None, "voice.opus", "delivered"),
        "ZWAMESSAGE[12]": (*debtor, None, None, "delivered"),
        "ZWAMESSAGE[13]": ("in", "name:李四", "李四", "words", None, "delivered"),
        "ZWAMESSAGE[14]": (*debtor, "words", None, "delivered"),
        "ZWAMESSAGE[15]": "it does not say who called whom",
        "ZWAMESSAGE[16]": ("in", None, None, "words", None, "delivered"),
    }  # fmt: skip
    assert {row.fields["epoch_ms"] for row in rows if isinstance(row, Record)} == {MS}
    assert {row.fields["channel"] for row in rows if isinstance(row, Record)} == {"im"}
    assert (facts.kind, facts.notes, facts.owner_number) == ("events", ["read as whatsapp_iphone"], None)


def test_calls_of_an_iphone(tmp_path: Path) -> None:
    """The rows of events and of what tells of them have other numbers; those who took part go by the latter."""
    date = apple(AT, nano=False)
    rows, _ = read(build(tmp_path / "CallHistory.sqlite", CALLS, {
        "ZWAAGGREGATECALLEVENT": [
            {"Z_PK": 11, "ZINCOMING": 1, "ZMISSED": 0}, {"Z_PK": 12, "ZINCOMING": 1, "ZMISSED": 1},
            {"Z_PK": 13, "ZINCOMING": 0, "ZMISSED": 0}, {"Z_PK": 14, "ZINCOMING": 0, "ZMISSED": 0},
            {"Z_PK": 15, "ZINCOMING": 1, "ZMISSED": 0},
        ],
        "ZWACDCALLEVENT": [
            {"Z_PK": 1, "Z1CALLEVENTS": 11, "ZOUTCOME": 0, "ZDATE": date, "ZDURATION": 83.7},
            {"Z_PK": 2, "Z1CALLEVENTS": 12, "ZOUTCOME": 1, "ZDATE": date, "ZDURATION": 3.0},
            {"Z_PK": 3, "Z1CALLEVENTS": 13, "ZOUTCOME": 4, "ZDATE": date, "ZDURATION": 0.0},
            {"Z_PK": 4, "Z1CALLEVENTS": 14, "ZOUTCOME": 0, "ZDATE": date, "ZDURATION": 9.0},
            {"Z_PK": 5, "Z1CALLEVENTS": 15, "ZOUTCOME": 5, "ZDATE": date, "ZDURATION": 0.0,
             "ZGROUPCALLCREATORUSERJIDSTRING": AGENT},
            {"Z_PK": 6, "Z1CALLEVENTS": 99, "ZOUTCOME": 0, "ZDATE": date, "ZDURATION": 1.0},
        ],
        "ZWACDCALLEVENTPARTICIPANT": [
            {"Z1PARTICIPANTS": 11, "ZJIDSTRING": DEBTOR}, {"Z1PARTICIPANTS": 12, "ZJIDSTRING": AGENT},
            {"Z1PARTICIPANTS": 13, "ZJIDSTRING": LID}, {"Z1PARTICIPANTS": 14, "ZJIDSTRING": DEBTOR},
            {"Z1PARTICIPANTS": 14, "ZJIDSTRING": AGENT}, {"Z1PARTICIPANTS": 15, "ZJIDSTRING": DEBTOR},
            {"Z1PARTICIPANTS": 15, "ZJIDSTRING": AGENT}, {"Z1PARTICIPANTS": 1, "ZJIDSTRING": "19995550100@lid"},
        ],
    }))  # fmt: skip
    assert of(rows, "channel", "direction", "other", "duration", "outcome") == {
        "ZWACDCALLEVENT[1]": ("call", "in", "+8613800000001", "83", "connected"),
        "ZWACDCALLEVENT[2]": ("call", "in", "+12025550101", "3", "unanswered"),
        "ZWACDCALLEVENT[3]": ("call", "out", f"name:{LID}", "0", "unanswered"),
        "ZWACDCALLEVENT[4]": ("call", "out", "+8613800000001", "9", "connected"),
        "ZWACDCALLEVENT[4].2": ("call", "out", "+12025550101", "9", "connected"),
        "ZWACDCALLEVENT[5]": ("call", "in", "+12025550101", "0", None),
        "ZWACDCALLEVENT[6]": "it does not say who called whom",
    }


def test_messages_and_calls_of_android(tmp_path: Path) -> None:
    one = {"chat_row_id": 1, "from_me": 0, "timestamp": AT * 1000, "message_type": 0, "text_data": "words", "status": 0}
    call = {"jid_row_id": 1, "from_me": 0, "timestamp": AT * 1000, "duration": 0, "call_result": 2}
    rows, facts = read(build(tmp_path / "msgstore.db", JIDS + NEW, {
        **PEOPLE, "jid_map": [{"lid_row_id": 4, "jid_row_id": 2}],
        "message": [
            one, {**one, "from_me": 1, "status": 13}, {**one, "from_me": 1, "status": 4},
            {**one, "from_me": 1, "status": 0}, {**one, "chat_row_id": 3, "sender_jid_row_id": 4},
            {**one, "chat_row_id": 3, "from_me": 1, "status": 5}, {**one, "message_type": 7},
            {**one, "message_type": 90}, {**one, "chat_row_id": 5}, {**one, "message_type": 2, "text_data": None},
            {**one, "message_type": 15, "text_data": None}, {**one, "chat_row_id": 3, "sender_jid_row_id": None},
        ],
        "message_media": [{"message_row_id": 10, "file_path": "Media/WhatsApp Voice Notes/202311/PTT-1.opus"}],
        "call_log": [call, {**call, "duration": 20, "call_result": 5}, {**call, "from_me": 1, "call_result": 77},
                     {**call, "from_me": 1, "duration": 7, "call_result": 5, "group_jid_row_id": 3}],
        "call_log_participant_v2": [{"call_log_row_id": 4, "jid_row_id": 1}, {"call_log_row_id": 4, "jid_row_id": 2},
                                    {"call_log_row_id": 3, "jid_row_id": 1}],
    }))  # fmt: skip
    notice, debtor = "a notice of the app about the conversation, no message", "+8613800000001"
    assert of(rows, "channel", "direction", "other", "outcome", "body", "recording", "duration") == {
        "message[1]": ("im", "in", debtor, "delivered", "words", None, None),
        "message[2]": ("im", "out", debtor, "delivered", "words", None, None),
        "message[3]": ("im", "out", debtor, "sent", "words", None, None),
        "message[4]": ("im", "out", debtor, None, "words", None, None),
        "message[5]": ("im", "in", "+12025550101", "delivered", "words", None, None),
        "message[6]": ("im", "out", "name:还款群", "delivered", "words", None, None),
        "message[7]": notice, "message[8]": notice,
        "message[9]": "a post for everybody to see, no message to anyone",
        "message[10]": ("im", "in", debtor, "delivered", None, "PTT-1.opus", None),
        "message[11]": ("im", "in", debtor, "delivered", None, None, None),
        "message[12]": ("im", "in", None, "delivered", "words", None, None),
        "call_log[1]": ("call", "in", debtor, "unanswered", None, None, "0"),
        "call_log[2]": ("call", "in", debtor, "connected", None, None, "20"),
        "call_log[3]": ("call", "out", debtor, None, None, None, "0"),
        "call_log[4]": ("call", "out", debtor, "connected", None, None, "7"),
        "call_log[4].2": ("call", "out", "+12025550101", "connected", None, None, "7"),
    }  # fmt: skip
    assert {row.fields["epoch_ms"] for row in rows if isinstance(row, Record)} == {MS}
    assert facts.notes == ["read as whatsapp_android"]


@pytest.mark.parametrize("moving", [False, True])
def test_old_versions_of_android(tmp_path: Path, *, moving: bool) -> None:
    """`moving`: the table of newer versions is there as well, and not all rows are in it yet."""
    one = {"key_remote_jid": DEBTOR, "key_from_me": 0, "timestamp": AT * 1000, "media_wa_type": "0", "data": "words"}
    early = {"message": [{"chat_row_id": 1, "from_me": 0, "timestamp": AT * 1000, "text_data": "words"}]}
    rows, _ = read(build(tmp_path / "msgstore.db", JIDS + OLD + (NEW if moving else ""), {
        **PEOPLE, **(early if moving else {}),
        "messages": [
            {"key_remote_jid": "-1", "key_from_me": 0}, one, {**one, "key_from_me": 1, "status": 5},
            {**one, "key_remote_jid": GROUP, "remote_resource": AGENT},
            {**one, "key_remote_jid": GROUP, "key_from_me": 1, "status": 6, "data": None},
            {**one, "media_wa_type": "1", "data": "/9j/4AAQ", "media_caption": "below"},
            {**one, "key_remote_jid": "status@broadcast", "remote_resource": AGENT},
            {**one, "key_remote_jid": GROUP, "key_from_me": 1, "status": 4},
        ],
    }))  # fmt: skip
    notice = "a notice of the app about the conversation, no message"
    assert of(rows, "direction", "other", "outcome", "body") == {
        "messages[1]": notice,
        "messages[2]": ("in", "+8613800000001", "delivered", "words"),
        "messages[3]": ("out", "+8613800000001", "delivered", "words"),
        "messages[4]": ("in", "+12025550101", "delivered", "words"),
        "messages[5]": notice,
        "messages[6]": ("in", "+8613800000001", "delivered", "below"),
        "messages[7]": "a post for everybody to see, no message to anyone",
        "messages[8]": ("out", "name:还款群", "sent", "words"),
    }
