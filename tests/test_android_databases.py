"""Databases of Android phones: what their rows become, over the versions and makers."""

from pathlib import Path

import pytest
from phonedbs import (
    CALLS,
    CONTACTS,
    HUAWEI_CALLS,
    HUAWEI_CONTACTS,
    HUAWEI_SMS,
    MMSSMS,
    SAMSUNG_LOGS,
    SPAM,
    build,
    of,
    read,
)

AT = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC


@pytest.mark.parametrize("version", CALLS)
def test_calls(tmp_path: Path, version: int) -> None:
    call = {"number": "13800000001", "date": AT}
    rows, facts = read(build(tmp_path / "calllog.db", CALLS[version], {"calls": [
        {**call, "type": 1, "duration": 83, "name": "张三"}, {**call, "type": 2, "duration": 0},
        {**call, "type": 3, "duration": 0}, {**call, "type": 5, "duration": 0}, {**call, "type": 6, "duration": 0},
        {**call, "type": 1, "duration": 0}, {**call, "type": 4, "duration": 20}, {**call, "type": 7, "duration": 9},
        {**call, "type": 1000, "duration": 1}, {**call, "number": "-2", "type": 3, "duration": 0},
        {**call, "number": None, "type": 3, "duration": 0}, {**call, "date": "soon", "type": 1, "duration": 1},
    ]}))  # fmt: skip
    assert of(rows, "channel", "direction", "other", "outcome", "duration", "name") == {
        "calls[1]": ("call", "in", "13800000001", "connected", "83", "张三"),
        "calls[2]": ("call", "out", "13800000001", "unanswered", "0", None),
        "calls[3]": ("call", "in", "13800000001", "unanswered", "0", None),
        "calls[4]": ("call", "in", "13800000001", "unanswered", "0", None),
        "calls[5]": ("call", "in", "13800000001", "unanswered", "0", None),
        "calls[6]": ("call", "in", "13800000001", None, "0", None),
        "calls[7]": ("voicemail", "in", "13800000001", "delivered", "20", None),
        "calls[8]": ("call", "in", "13800000001", "connected", "9", None),
        "calls[9]": "the call type is not known: '1000'",
        "calls[10]": ("call", "in", "-2", "unanswered", "0", None),
        "calls[11]": ("call", "in", None, "unanswered", "0", None),
        "calls[12]": "a column for numbers holds something else",
    }
    assert {row.fields["epoch_ms"] for row in rows if hasattr(row, "fields")} == {str(AT)}
    assert (facts.kind, facts.notes, facts.owner_number) == ("events", ["read as android_calls"], None)


@pytest.mark.parametrize(
    ("accounts", "owner"),
    [(["+8613800000009", None], "+8613800000009"), (["+8613800000009", "+8613800000008"], None),
     (["89860318740123456789"], None), ([None], None)],
)  # fmt: skip
def test_whose_phone(tmp_path: Path, accounts: list[str | None], owner: str | None) -> None:
    call = {"number": "1", "date": AT, "type": 1, "duration": 5}
    rows = [{**call, "phone_account_address": account, "presentation": 2} for account in accounts]
    assert read(build(tmp_path / "calllog.db", CALLS[9], {"calls": rows}))[1].owner_number == owner


def test_a_hidden_number_by_its_presentation(tmp_path: Path) -> None:
    call = {"number": "", "date": AT, "type": 3, "duration": 0, "presentation": 2}
    assert of(read(build(tmp_path / "calllog.db", CALLS[9], {"calls": [call]}))[0], "other") == {"calls[1]": ("-2",)}


def test_samsungs_log(tmp_path: Path) -> None:
    entry = {"number": "13800000001", "date": AT, "duration": 0, "contactid": 0}
    rows, _ = read(build(tmp_path / "logs.db", SAMSUNG_LOGS, {"logs": [
        {**entry, "logtype": 100, "type": 1, "duration": 7}, {**entry, "logtype": 500, "type": 3},
        {**entry, "logtype": 300, "type": 1, "m_content": "还款提醒"}, {**entry, "logtype": 400, "type": 1},
    ]}))  # fmt: skip
    assert of(rows, "channel", "direction", "other", "outcome", "body") == {
        "logs[1]": ("call", "in", "13800000001", "connected", None),
        "logs[2]": ("call", "in", "13800000001", "unanswered", None),
        "logs[3]": ("sms", "in", "13800000001", "delivered", "还款提醒"),
        "logs[4]": "the kind of entry is not known: 400",
    }


def test_calls_and_contacts_in_one_database(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "contacts2.db", CONTACTS + CALLS[4], {
        "calls": [{"number": "13800000001", "date": AT, "type": 2, "duration": 3}],
        "raw_contacts": [{"display_name": "张三"}, {"display_name": None}, {"display_name": "无号码"}],
        "data": [
            {"raw_contact_id": 1, "mimetype_id": 7, "data1": "张三"},
            {"raw_contact_id": 1, "mimetype_id": 5, "data1": "138 0000 0001", "data3": "家里"},
            {"raw_contact_id": 1, "mimetype_id": 5, "data1": "010-88880001"},
            {"raw_contact_id": 1, "mimetype_id": 1, "data1": "a@example.com"},
            {"raw_contact_id": 2, "mimetype_id": 4, "data1": "示例公司"},
            {"raw_contact_id": 2, "mimetype_id": 5, "data1": "95001"},
            {"raw_contact_id": 3, "mimetype_id": 7, "data1": "无号码"},
        ],
    }))  # fmt: skip
    assert of(rows, "kind", "number", "name", "organisation", "note", "other") == {
        "calls[1]": (None, None, None, None, None, "13800000001"),
        "data[2]": ("party", "138 0000 0001", "张三", None, "家里", None),
        "data[3]": ("party", "010-88880001", "张三", None, None, None),
        "data[6]": ("party", "95001", "示例公司", "示例公司", None, None),
        "raw_contacts[3]": "no telephone number",
    }
    assert (facts.kind, facts.notes) == ("events", ["read as android_calls_android_contacts"])


SMS = {"address": "106900001234", "date": AT, "thread_id": 1}
OTHERS = [{"_id": 1, "address": "13800000001"}, {"_id": 2, "address": "13800000002"}]


def test_messages(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "mmssms.db", MMSSMS, {"sms": [
        {**SMS, "type": 1, "body": "【示例】请尽快还款"}, {**SMS, "type": 2, "body": "好", "status": 0},
        {**SMS, "type": 2, "status": 64}, {**SMS, "type": 2}, {**SMS, "type": 3}, {**SMS, "type": 5},
        {**SMS, "type": 6}, {**SMS, "type": 9}, {**SMS, "type": 1, "body": "null"},
    ]}))  # fmt: skip
    assert of(rows, "channel", "direction", "other", "outcome", "body") == {
        "sms[1]": ("sms", "in", "106900001234", "delivered", "【示例】请尽快还款"),
        "sms[2]": ("sms", "out", "106900001234", "delivered", "好"),
        "sms[3]": ("sms", "out", "106900001234", "undelivered", None),
        "sms[4]": ("sms", "out", "106900001234", "sent", None),
        "sms[5]": ("sms", "out", "106900001234", "not_sent", None),
        "sms[6]": ("sms", "out", "106900001234", "not_sent", None),
        "sms[7]": ("sms", "out", "106900001234", "not_sent", None),
        "sms[8]": "the message type is not known: '9'",
        "sms[9]": ("sms", "in", "106900001234", "delivered", "null"),
    }
    assert facts.notes == ["read as android_messages"]


def test_mms_with_their_parts_and_addresses(tmp_path: Path) -> None:
    rows, _ = read(build(tmp_path / "mmssms.db", MMSSMS, {
        "pdu": [
            {"_id": 3, "date": AT // 1000, "msg_box": 1, "m_type": 132, "thread_id": 1},
            {"_id": 5, "date": AT // 1000, "msg_box": 2, "m_type": 128, "thread_id": 2},
            {"_id": 6, "date": AT // 1000, "msg_box": 2, "m_type": 128, "thread_id": 2},
            {"_id": 7, "date": AT, "msg_box": 1, "m_type": 134},
        ],
        "addr": [
            {"msg_id": 5, "address": "13800000002", "type": 151}, {"msg_id": 3, "address": "13800000001", "type": 137},
            {"msg_id": 3, "address": "insert-address-token", "type": 151}, {"msg_id": 99, "address": "1", "type": 151},
        ],
        "part": [
            {"mid": 5, "ct": "text/plain", "text": "one"}, {"mid": 3, "ct": "application/smil", "text": "<smil/>"},
            {"mid": 5, "ct": "text/plain", "text": "two"}, {"mid": 5, "ct": "image/jpeg", "_data": "/x.jpg"},
        ],
        "threads": [{"_id": 1, "recipient_ids": "1"}, {"_id": 2, "recipient_ids": "1 2"}],
        "canonical_addresses": OTHERS,
    }))  # fmt: skip
    assert of(rows, "direction", "other", "epoch_ms", "outcome", "body") == {
        "pdu[3]": ("in", "13800000001", str(AT), "delivered", None),
        "pdu[5]": ("out", "13800000002", str(AT), "sent", "one\ntwo"),
        "pdu[6]": ("out", "13800000001", str(AT), "sent", None),
        "pdu[6].2": ("out", "13800000002", str(AT), "sent", None),
        "pdu[7]": "a delivery or read receipt, not a message",
    }


def test_messages_that_the_phone_had_put_aside(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "mmssms.db", MMSSMS + SPAM, {
        "sms": [{**SMS, "type": 1, "body": "a"}], "spam_sms": [{**SMS, "type": 1, "body": "b"}],
    }))  # fmt: skip
    assert of(rows, "body") == {"sms[1]": ("a",), "spam_sms[1]": ("b",)}
    assert facts.notes[1:] == ["messages that the phone itself had put aside as unwanted were read as well"]


def test_backups_of_huawei(tmp_path: Path) -> None:
    """The keys of MMS are columns there, and not the numbers of the rows."""
    rows, facts = read(build(tmp_path / "sms.db", HUAWEI_SMS, {
        "sms_tb": [{**SMS, "type": 1, "body": "【示例】请尽快还款", "status": -1}, {**SMS, "type": 2, "status": 64}],
        "pdu_tb": [{"_id": 31, "date": AT // 1000, "msg_box": 1, "m_type": 132},
                   {"_id": 33, "date": AT // 1000, "msg_box": 2, "m_type": 128}],
        "addr_tb": [{"msg_id": 33, "address": "13800000002", "type": 151},
                    {"msg_id": 31, "address": "13800000001", "type": 137}, {"msg_id": 1, "address": "1", "type": 137}],
        "part_tb": [{"mid": 31, "ct": "text/plain", "text": "one"}, {"mid": 1, "ct": "text/plain", "text": "two"}],
    }))  # fmt: skip
    assert of(rows, "direction", "other", "epoch_ms", "outcome", "body") == {
        "sms_tb[1]": ("in", "106900001234", str(AT), "delivered", "【示例】请尽快还款"),
        "sms_tb[2]": ("out", "106900001234", str(AT), "undelivered", None),
        "pdu_tb[1]": ("in", "13800000001", str(AT), "delivered", "one"),
        "pdu_tb[2]": ("out", "13800000002", str(AT), "sent", None),
    }
    assert facts.notes == ["read as android_messages"]
    rows, facts = read(build(tmp_path / "calllog.db", HUAWEI_CALLS, {
        "calls_tb": [{"number": "13800000001", "date": AT, "duration": 7, "type": 1, "name": "张三"}],
    }))  # fmt: skip
    assert of(rows, "direction", "other", "outcome", "name") == {
        "calls_tb[1]": ("in", "13800000001", "connected", "张三")
    }
    assert facts.notes == ["read as android_calls"]


def test_address_book_in_a_backup_of_huawei(tmp_path: Path) -> None:
    rows, facts = read(build(tmp_path / "contact.db", HUAWEI_CONTACTS, {
        "raw_contacts_tb": [{"_id": 7}, {"_id": 9}],
        "data_tb": [
            {"raw_contact_id": 7, "mimetype": "vnd.android.cursor.item/name", "data1": "张三"},
            {"raw_contact_id": 7, "mimetype": "vnd.android.cursor.item/phone_v2", "data1": "138 0000 0001"},
            {"raw_contact_id": 7, "mimetype": "vnd.android.cursor.item/email_v2", "data1": "a@example.com"},
            {"raw_contact_id": 9, "mimetype": "vnd.android.cursor.item/name", "data1": "无号码"},
        ],
    }))  # fmt: skip
    assert of(rows, "kind", "number", "name") == {
        "data_tb[2]": ("party", "138 0000 0001", "张三"),
        "raw_contacts_tb[2]": "no telephone number",
    }
    assert (facts.kind, facts.notes) == ("contacts", ["read as android_contacts"])
