"""Databases of invented phones, built with the tables that the systems themselves make."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import database

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

# iOS 9 counts seconds and has none of the columns for edited messages; iOS 12 counts nanoseconds.
_IOS_9 = """
ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER DEFAULT 0,
service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB,
version INTEGER DEFAULT 0, type INTEGER DEFAULT 0, service TEXT, account TEXT, account_guid TEXT,
error INTEGER DEFAULT 0, date INTEGER, date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0,
is_finished INTEGER DEFAULT 0, is_emote INTEGER DEFAULT 0, is_from_me INTEGER DEFAULT 0, is_empty INTEGER DEFAULT 0,
is_delayed INTEGER DEFAULT 0, is_auto_reply INTEGER DEFAULT 0, is_prepared INTEGER DEFAULT 0,
is_read INTEGER DEFAULT 0, is_system_message INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0,
has_dd_results INTEGER DEFAULT 0, is_service_message INTEGER DEFAULT 0, is_forward INTEGER DEFAULT 0,
was_downgraded INTEGER DEFAULT 0, is_archive INTEGER DEFAULT 0, cache_has_attachments INTEGER DEFAULT 0,
cache_roomnames TEXT, was_data_detected INTEGER DEFAULT 0, was_deduplicated INTEGER DEFAULT 0,
is_audio_message INTEGER DEFAULT 0, is_played INTEGER DEFAULT 0, date_played INTEGER, item_type INTEGER DEFAULT 0,
other_handle INTEGER DEFAULT -1, group_title TEXT, group_action_type INTEGER DEFAULT 0, share_status INTEGER,
share_direction INTEGER, is_expirable INTEGER DEFAULT 0, expire_state INTEGER DEFAULT 0,
message_action_type INTEGER DEFAULT 0, message_source INTEGER DEFAULT 0"""
_IOS_12 = """, associated_message_guid TEXT DEFAULT NULL, balloon_bundle_id TEXT DEFAULT NULL, payload_data BLOB,
associated_message_type INTEGER DEFAULT 0, expressive_send_style_id TEXT DEFAULT NULL,
associated_message_range_location INTEGER DEFAULT 0, associated_message_range_length INTEGER DEFAULT 0,
time_expressive_send_played INTEGER DEFAULT 0, message_summary_info BLOB DEFAULT NULL,
ck_sync_state INTEGER DEFAULT 0, ck_record_id TEXT DEFAULT NULL, ck_record_change_tag TEXT DEFAULT NULL,
destination_caller_id TEXT DEFAULT NULL"""
_IOS_16 = """, is_corrupt INTEGER DEFAULT 0, reply_to_guid TEXT DEFAULT NULL, sort_id INTEGER DEFAULT 0,
is_spam INTEGER DEFAULT 0, has_unseen_mention INTEGER DEFAULT 0, thread_originator_guid TEXT DEFAULT NULL,
thread_originator_part TEXT DEFAULT NULL, was_delivered_quietly INTEGER DEFAULT 0,
did_notify_recipient INTEGER DEFAULT 0, date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0,
was_detonated INTEGER DEFAULT 0, part_count INTEGER"""
_IOS_17 = ", is_stewie INTEGER DEFAULT 0, is_kt_verified INTEGER DEFAULT 0, is_sos INTEGER DEFAULT 0"
_IOS_18 = ", schedule_type INTEGER DEFAULT 0, schedule_state INTEGER DEFAULT 0"
MESSAGE = {
    9: _IOS_9, 12: _IOS_9 + _IOS_12, 16: _IOS_9 + _IOS_12 + _IOS_16, 17: _IOS_9 + _IOS_12 + _IOS_16 + _IOS_17,
    18: _IOS_9 + _IOS_12 + _IOS_16 + _IOS_17 + _IOS_18,
}  # fmt: skip
_SMS_TABLES = """
CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));
CREATE TABLE deleted_messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL);
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT,
    service TEXT NOT NULL, uncanonicalized_id TEXT, UNIQUE (id, service));
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER,
    account_id TEXT, properties BLOB, chat_identifier TEXT, service_name TEXT, room_name TEXT, account_login TEXT,
    is_archived INTEGER DEFAULT 0, last_addressed_handle TEXT, display_name TEXT);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL,
    created_date INTEGER DEFAULT 0, start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT,
    transfer_state INTEGER DEFAULT 0, is_outgoing INTEGER DEFAULT 0, user_info BLOB, transfer_name TEXT,
    total_bytes INTEGER DEFAULT 0);
CREATE TABLE chat_handle_join (chat_id INTEGER REFERENCES chat (ROWID) ON DELETE CASCADE,
    handle_id INTEGER REFERENCES handle (ROWID) ON DELETE CASCADE, UNIQUE(chat_id, handle_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, message_id));
CREATE INDEX message_idx_handle ON message(handle_id, date);
CREATE INDEX message_idx_is_read ON message(is_read, is_from_me, is_finished);
CREATE INDEX message_idx_failed ON message(is_finished, is_from_me, error);
CREATE TRIGGER add_to_deleted_messages AFTER DELETE ON message BEGIN
    INSERT INTO deleted_messages (guid) VALUES (OLD.guid); END;
"""
_DELETED_LATER = """CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER,
    delete_date INTEGER, ck_sync_state INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));"""


def sms_tables(system: int) -> str:
    """The statements that make a `sms.db` as this version of iOS does."""
    return f"CREATE TABLE message ({MESSAGE[system]});{_SMS_TABLES}{_DELETED_LATER if system >= 16 else ''}"


OLD_SMS = """
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT, date INTEGER, text TEXT, flags INTEGER,
    replace INTEGER, svc_center TEXT, group_id INTEGER, association_id INTEGER, height INTEGER, UIFlags INTEGER,
    version INTEGER, subject TEXT, country TEXT, headers BLOB, recipients BLOB, read INTEGER,
    madrid_attributedBody BLOB, madrid_handle TEXT, madrid_version INTEGER, madrid_guid TEXT, madrid_type INTEGER,
    madrid_roomname TEXT, madrid_service TEXT, madrid_account TEXT, madrid_flags INTEGER, madrid_attachmentInfo BLOB,
    madrid_url TEXT, madrid_error INTEGER, is_madrid INTEGER, madrid_date_read INTEGER, madrid_date_delivered INTEGER,
    madrid_account_guid TEXT);
CREATE TABLE msg_group (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER, newest_message INTEGER);
"""
CALL_RECORD = """
CREATE TABLE ZCALLRECORD (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZANSWERED INTEGER,
    ZCALL_CATEGORY INTEGER, ZCALLTYPE INTEGER, ZDISCONNECTED_CAUSE INTEGER, ZFACE_TIME_DATA INTEGER,
    ZHANDLE_TYPE INTEGER, ZNUMBER_AVAILABILITY INTEGER, ZORIGINATED INTEGER, ZREAD INTEGER, ZDATE TIMESTAMP,
    ZDURATION FLOAT, ZDEVICE_ID VARCHAR, ZISO_COUNTRY_CODE VARCHAR, ZLOCATION VARCHAR, ZNAME VARCHAR,
    ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR, ZADDRESS {});
CREATE TABLE ZHANDLE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZTYPE INTEGER, ZNORMALIZEDVALUE VARCHAR,
    ZVALUE VARCHAR);
CREATE TABLE Z_2REMOTEPARTICIPANTHANDLES (Z_2REMOTEPARTICIPANTCALLS INTEGER, Z_4REMOTEPARTICIPANTHANDLES INTEGER,
    PRIMARY KEY (Z_2REMOTEPARTICIPANTCALLS, Z_4REMOTEPARTICIPANTHANDLES));
CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB);
CREATE INDEX ZCALLRECORD_ZDATE_INDEX ON ZCALLRECORD (ZDATE);
"""
OLD_CALLS = """
CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));
CREATE TABLE call (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT, date INTEGER, duration INTEGER,
    flags INTEGER, id INTEGER, name TEXT, country_code TEXT, network_code TEXT, read INTEGER, assisted INTEGER,
    face_time_data BLOB, originalAddress TEXT);
CREATE TABLE data (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, pdp_ip INTEGER, bytes_rcvd REAL, bytes_sent REAL);
CREATE INDEX date_index on call(date);
"""
ADDRESS_BOOK = """
CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, First TEXT, Last TEXT, Middle TEXT,
    FirstPhonetic TEXT, MiddlePhonetic TEXT, LastPhonetic TEXT, Organization TEXT, Department TEXT, Note TEXT,
    Kind INTEGER, Birthday TEXT, JobTitle TEXT, Nickname TEXT, Prefix TEXT, Suffix TEXT, FirstSort TEXT,
    LastSort TEXT, CreationDate INTEGER, ModificationDate INTEGER);
CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
    label INTEGER, value TEXT, guid TEXT);
CREATE TABLE ABMultiValueLabel (value TEXT, UNIQUE(value));
CREATE TABLE ABGroup (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT);
CREATE VIRTUAL TABLE ABPersonFullTextSearch USING fts3(First, Last);
CREATE INDEX ABFirstSortSectionIndex ON ABPerson(FirstSort, LastSort);
"""
_CALLS_4 = """
CREATE TABLE calls (_id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, date INTEGER, duration INTEGER, type INTEGER,
    new INTEGER, name TEXT, numbertype INTEGER, numberlabel TEXT, countryiso TEXT, voicemail_uri TEXT,
    is_read INTEGER, geocoded_location TEXT, lookup_uri TEXT, matched_number TEXT, normalized_number TEXT,
    photo_id INTEGER NOT NULL DEFAULT 0, formatted_number TEXT, _data TEXT, has_content INTEGER, mime_type TEXT,
    source_data TEXT, source_package TEXT, state INTEGER{});
"""
CALLS = {
    4: _CALLS_4.format(""),
    9: _CALLS_4.format(", presentation INTEGER NOT NULL DEFAULT 1, phone_account_address TEXT, subscription_id TEXT,"
                       " transcription TEXT, deleted INTEGER NOT NULL DEFAULT 0"),
    13: _CALLS_4.format(", presentation INTEGER NOT NULL DEFAULT 1, phone_account_address TEXT, subscription_id TEXT,"
                        " transcription TEXT, deleted INTEGER NOT NULL DEFAULT 0, block_reason INTEGER NOT NULL"
                        " DEFAULT 0, missed_reason INTEGER NOT NULL DEFAULT 0, priority INTEGER NOT NULL DEFAULT 0"),
}  # fmt: skip
SAMSUNG_LOGS = """
CREATE TABLE logs (_id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, address TEXT, date INTEGER, duration INTEGER,
    type INTEGER, new INTEGER, name TEXT, name_reversed TEXT, numbertype INTEGER, numberlabel TEXT, countryiso TEXT,
    messageid TEXT, logtype INTEGER NOT NULL, frequent INTEGER, contactid INTEGER NOT NULL, raw_contact_id INTEGER,
    m_subject TEXT, m_content TEXT, sns_tid TEXT, account_name TEXT, cnap_name TEXT);
"""
CONTACTS = """
CREATE TABLE android_metadata (locale TEXT);
CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY AUTOINCREMENT, mimetype TEXT NOT NULL);
CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER, sourceid TEXT,
    deleted INTEGER NOT NULL DEFAULT 0, contact_id INTEGER, display_name TEXT, display_name_alt TEXT,
    phonetic_name TEXT, sort_key TEXT COLLATE PHONEBOOK, sync1 TEXT);
CREATE TABLE data (_id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER, mimetype_id INTEGER NOT NULL,
    raw_contact_id INTEGER NOT NULL, is_primary INTEGER NOT NULL DEFAULT 0, data_version INTEGER NOT NULL DEFAULT 0,
    data1 TEXT, data2 TEXT, data3 TEXT, data4 TEXT, data5 TEXT, data15 BLOB);
CREATE TABLE contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, name_raw_contact_id INTEGER);
CREATE INDEX data_raw_contact_id ON data (raw_contact_id);
CREATE INDEX raw_contact_sort_key1_index ON raw_contacts (sort_key);
CREATE VIEW view_data AS SELECT data._id, data1 FROM data JOIN raw_contacts ON raw_contact_id = raw_contacts._id;
INSERT INTO mimetypes VALUES (1, 'vnd.android.cursor.item/email_v2'), (5, 'vnd.android.cursor.item/phone_v2'),
    (7, 'vnd.android.cursor.item/name'), (4, 'vnd.android.cursor.item/organization');
"""
_SMS = """(_id INTEGER PRIMARY KEY{}, thread_id INTEGER, address TEXT, person INTEGER, date INTEGER,
    date_sent INTEGER DEFAULT 0, protocol INTEGER, read INTEGER DEFAULT 0, status INTEGER DEFAULT -1, type INTEGER,
    reply_path_present INTEGER, subject TEXT, body TEXT, service_center TEXT, locked INTEGER DEFAULT 0,
    error_code INTEGER DEFAULT 0, seen INTEGER DEFAULT 0)"""
MMSSMS = f"""
CREATE TABLE android_metadata (locale TEXT);
CREATE TABLE sms {_SMS.format("")};
CREATE TABLE pdu (_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0,
    msg_box INTEGER, read INTEGER DEFAULT 0, m_id TEXT, sub TEXT, sub_cs INTEGER, ct_t TEXT, ct_l TEXT, exp INTEGER,
    m_cls TEXT, m_type INTEGER, v INTEGER, m_size INTEGER, pri INTEGER, rr INTEGER, rpt_a INTEGER, resp_st INTEGER,
    st INTEGER, tr_id TEXT, locked INTEGER DEFAULT 0, seen INTEGER DEFAULT 0);
CREATE TABLE addr (_id INTEGER PRIMARY KEY, msg_id INTEGER, contact_id INTEGER, address TEXT, type INTEGER,
    charset INTEGER);
CREATE TABLE part (_id INTEGER PRIMARY KEY AUTOINCREMENT, mid INTEGER, seq INTEGER DEFAULT 0, ct TEXT, name TEXT,
    chset INTEGER, cd TEXT, fn TEXT, cid TEXT, cl TEXT, ctt_s INTEGER, ctt_t TEXT, _data TEXT, text TEXT);
CREATE TABLE canonical_addresses (_id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT);
CREATE TABLE threads (_id INTEGER PRIMARY KEY AUTOINCREMENT, date INTEGER DEFAULT 0, message_count INTEGER DEFAULT 0,
    recipient_ids TEXT, snippet TEXT, read INTEGER DEFAULT 1, type INTEGER DEFAULT 0, error INTEGER DEFAULT 0);
CREATE INDEX typeThreadIdIndex ON sms (type, thread_id);
CREATE TRIGGER sms_update_thread_on_insert AFTER INSERT ON sms BEGIN
    UPDATE threads SET message_count = message_count + 1 WHERE threads._id = new.thread_id; END;
"""
SPAM = f"CREATE TABLE spam_sms {_SMS.format(' AUTOINCREMENT')};"


# What the backup of a Huawei phone keeps: the columns of Android's tables, without their keys.
HUAWEI_SMS = """
CREATE TABLE sms_tb (group_id INTEGER, date INTEGER, address TEXT, read INTEGER, date_sent INTEGER, subject TEXT,
    sub_id INTEGER, type INTEGER, body TEXT, seen INTEGER, thread_id INTEGER, protocol INTEGER, service_center TEXT,
    error_code INTEGER, locked INTEGER, status INTEGER);
CREATE TABLE pdu_tb (_id INTEGER, thread_id INTEGER, date INTEGER, msg_box INTEGER, m_type INTEGER, sub TEXT);
CREATE TABLE addr_tb (msg_id INTEGER, address TEXT, type INTEGER, charset INTEGER);
CREATE TABLE part_tb (mid INTEGER, seq INTEGER, ct TEXT, text TEXT, _data TEXT);
"""
HUAWEI_CALLS = """
CREATE TABLE calls_tb (number TEXT, date INTEGER, duration INTEGER, type INTEGER, new INTEGER, name TEXT,
    numbertype INTEGER, countryiso TEXT, geocoded_location TEXT, subscription_id TEXT, ring_times INTEGER);
"""
HUAWEI_CONTACTS = """
CREATE TABLE raw_contacts_tb (_id INTEGER, ext_account_name TEXT, ext_account_type TEXT, starred INTEGER);
CREATE TABLE data_tb (_id INTEGER, raw_contact_id INTEGER, mimetype TEXT, data1 TEXT, data2 TEXT, data3 TEXT,
    data15 BLOB);
CREATE TABLE groups_tb (_id INTEGER, title TEXT);
"""


def build(path: Path, tables: str, rows: Rows, *, page: int = 4096) -> Path:
    """A database with these rows, each given by its columns."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {page}")
    connection.create_collation("PHONEBOOK", lambda one, other: (one > other) - (one < other))  # as Android has it
    fill(connection, tables, rows)
    connection.close()
    return path


def fill(connection: sqlite3.Connection, tables: str, rows: Rows) -> None:
    connection.executescript(tables)
    for table, many in rows.items():
        for row in many:
            columns, places = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(row.values()))
    connection.commit()


def apple(seconds: int, *, nano: bool = True) -> int:
    """A second since 1970 as Apple counts it, in nanoseconds or seconds."""
    return (seconds - 978_307_200) * (1_000_000_000 if nano else 1)


def attributed(words: str, *, mutable: bool = False) -> bytes:
    """Words as an `attributedBody` of iOS holds them; mutable classes shift the numbers by which others are named."""
    said = words.encode()
    length, letters = _counted(len(said)), _counted(len(words))
    root, text, plus, kind = b"\x94", b"\x08NSString\x01\x94", b"\x96", b"\x99"
    outer = b"\x12NSAttributedString\x00"
    if mutable:
        root, text, plus, kind = b"\x95", b"\x0fNSMutableString\x01\x84\x84\x08NSString\x01\x95", b"\x98", b"\x9b"
        outer = b"\x19NSMutableAttributedString\x00\x84\x84" + outer
    return b"".join((
        b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84", outer, b"\x84\x84\x08NSObject\x00\x85\x92",
        b"\x84\x84\x84", text, b"\x84\x01+", length, said, b"\x86\x84\x02iI\x01", letters,
        b"\x92\x84\x84\x84\x0cNSDictionary\x00", root, b"\x84\x01i\x01\x92\x84", plus, plus,
        b"\x1d__kIMMessagePartAttributeName\x86\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00", root,
        b"\x84\x01*\x84", kind, kind, b"\x00\x86\x86\x86",
    ))  # fmt: skip


def _counted(size: int) -> bytes:
    return bytes([size]) if size < 0x80 else b"\x81" + size.to_bytes(2, "little")


def of(rows: Sequence[Record | Reject], *fields: str) -> dict[str, object]:
    """Locator → these fields, or the reason of a reject."""
    found: dict[str, object] = {}
    for row in rows:
        assert row.locator not in found
        found[row.locator] = tuple(row.fields.get(name) for name in fields) if isinstance(row, Record) else row.reason
    return found


def read(path: Path, *companions: str) -> tuple[list[Record | Reject], Facts]:
    """Its rows, with the files beside it that are named by what is added to its name."""
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    facts = Facts("database")
    job = Job(path, path.name, work, companions={added: path.with_name(path.name + added) for added in companions})
    return list(database.read(job, facts)), facts
