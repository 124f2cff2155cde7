"""Android's call and message columns → canonical fields; the codes are the platform's own constants."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ._xml import ElementError, Tags

Fields = Mapping[str, str | None]
_T = TypeVar("_T")

# android.provider.CallLog.Calls.TYPE → channel, direction, outcome if somebody talked, outcome if nobody did.
# An incoming call of no duration may have been answered and cut at once: its outcome stays open.
CALL_TYPES: dict[str, tuple[str, str, str, str | None]] = {
    "1": ("call", "in", "connected", None),  # INCOMING_TYPE
    "2": ("call", "out", "connected", "unanswered"),  # OUTGOING_TYPE
    "3": ("call", "in", "unanswered", "unanswered"),  # MISSED_TYPE
    "4": ("voicemail", "in", "delivered", "delivered"),  # VOICEMAIL_TYPE
    "5": ("call", "in", "unanswered", "unanswered"),  # REJECTED_TYPE
    "6": ("call", "in", "unanswered", "unanswered"),  # BLOCKED_TYPE
    "7": ("call", "in", "connected", "connected"),  # ANSWERED_EXTERNALLY_TYPE
}
# CallLog.Calls.NUMBER_PRESENTATION: RESTRICTED, UNKNOWN, PAYPHONE, UNAVAILABLE. The number is then empty; older
# Androids wrote a code in its place (CallerInfo: -1 unknown, -2 private, -3 payphone), which serves for all.
HIDDEN = {"2": "-2", "3": "-1", "4": "-3", "5": "-1"}

# android.provider.Telephony.TextBasedSmsColumns.TYPE → direction, outcome
SMS_TYPES = {
    "1": ("in", "delivered"),  # MESSAGE_TYPE_INBOX
    "2": ("out", "sent"),  # MESSAGE_TYPE_SENT
    "3": ("out", "not_sent"),  # MESSAGE_TYPE_DRAFT
    "4": ("out", "not_sent"),  # MESSAGE_TYPE_OUTBOX
    "5": ("out", "not_sent"),  # MESSAGE_TYPE_FAILED
    "6": ("out", "not_sent"),  # MESSAGE_TYPE_QUEUED
}
# TextBasedSmsColumns.STATUS of a sent message: STATUS_COMPLETE, STATUS_FAILED
SMS_STATUS = {"0": "delivered", "64": "undelivered"}

# android.provider.Telephony.BaseMmsColumns.MESSAGE_BOX → direction, outcome
MMS_BOXES = {
    "1": ("in", "delivered"),  # MESSAGE_BOX_INBOX
    "2": ("out", "sent"),  # MESSAGE_BOX_SENT
    "3": ("out", "not_sent"),  # MESSAGE_BOX_DRAFTS
    "4": ("out", "not_sent"),  # MESSAGE_BOX_OUTBOX
    "5": ("out", "not_sent"),  # MESSAGE_BOX_FAILED
}
# BaseMmsColumns.MESSAGE_TYPE holds codes of com.google.android.mms.pdu.PduHeaders: MESSAGE_TYPE_DELIVERY_IND,
# MESSAGE_TYPE_READ_REC_IND and MESSAGE_TYPE_READ_ORIG_IND are receipts for a message, not messages.
MMS_RECEIPTS = frozenset({"134", "135", "136"})
# android.provider.Telephony.Mms.Addr.TYPE, codes of PduHeaders: FROM, and TO, CC, BCC
SENDER = "137"
RECIPIENTS = frozenset({"151", "130", "129"})
OWNER = "insert-address-token"  # PduHeaders.FROM_INSERT_ADDRESS_TOKEN_STR: the phone's own number

UNKNOWN_NAME = "(Unknown)"
_SECONDS = 10  # digits of a date in seconds, from 2001 on; in milliseconds they are 1970, when no phone had messages


def call(tags: Tags) -> list[Fields]:
    """A `<call>`; raises ElementError for a type that Android does not define."""
    columns = tags[0][1]
    channel, direction, talked, silent = _meaning(CALL_TYPES, columns, "type", "call type")
    number = _given(columns, "number") or HIDDEN.get(columns.get("presentation", ""))
    duration = _given(columns, "duration")
    seconds = int(duration) if duration and duration.isascii() and duration.isdigit() and len(duration) < 16 else None
    outcome = talked if seconds or talked == silent else silent if seconds == 0 else None
    return [
        {
            "channel": channel,
            "direction": direction,
            "other": number,
            "epoch_ms": _millis(columns),
            "duration": duration,
            "outcome": outcome,
            "name": _name(columns),
        }
    ]


def _oppo_call(tags: Tags) -> list[Fields]:
    """A call with its name in Android's own column; a blank is how OPPO writes that there is none."""
    name, columns = tags[0]
    return call([(name, {**columns, "contact_name": columns.get("name", "").strip()})])


def sms(tags: Tags) -> list[Fields]:
    """An `<sms>`; drafts and messages that never left the phone are `not_sent`. Raises ElementError as `call` does."""
    columns = tags[0][1]
    direction, outcome = _meaning(SMS_TYPES, columns, "type", "message type")
    if outcome == "sent":
        outcome = SMS_STATUS.get(columns.get("status", ""), outcome)
    return [_message(columns, direction, outcome, _given(columns, "body"), _given(columns, "address"), _name(columns))]


def mms(tags: Tags) -> list[Fields]:
    """An `<mms>` (RCS chats are stored as such): one row, or one for each recipient. Raises ElementError as `call`."""
    columns = tags[0][1]
    if columns.get("m_type") in MMS_RECEIPTS:
        raise ElementError("a delivery or read receipt, not a message")
    direction, outcome = _meaning(MMS_BOXES, columns, "msg_box", "message box")
    others: Sequence[str | None] = _sender(tags) if direction == "in" else _recipients(tags)
    name = _name(columns) if len(_parties(columns)) <= 1 else None  # else it is a list of names
    body = _text(tags)
    return [_message(columns, direction, outcome, body, other, name) for other in others or [None]]


def _message(
    columns: Mapping[str, str], direction: str, outcome: str, body: str | None, other: str | None, name: str | None
) -> Fields:
    return {
        "channel": "sms",
        "direction": direction,
        "other": other,
        "epoch_ms": _millis(columns),
        "outcome": outcome,
        "body": body,
        "name": name,
    }


def _given(columns: Mapping[str, str], column: str) -> str | None:
    """The exporter writes the word `null` where the phone has nothing."""
    value = columns.get(column)
    return None if value == "null" else value


def _millis(columns: Mapping[str, str]) -> str | None:
    """The date; converters from other phones, and the table of MMS, have it in seconds."""
    date = _given(columns, "date")
    return f"{date}000" if date and len(date) == _SECONDS and date.isascii() and date.isdigit() else date


def _name(columns: Mapping[str, str]) -> str | None:
    name = _given(columns, "contact_name")
    return None if name == UNKNOWN_NAME else name or None


def _meaning(table: Mapping[str, _T], columns: Mapping[str, str], column: str, what: str) -> _T:
    code = _given(columns, column)
    if code is None:
        raise ElementError(f"the {what} is not given")
    if code not in table:
        raise ElementError(f"the {what} is not known: {code[:20]!r}")
    return table[code]


def _text(tags: Tags) -> str | None:
    parts = (columns for tag, columns in tags if tag == "part" and columns.get("ct", "").startswith("text/plain"))
    texts = [text for text in (_given(columns, "text") for columns in parts) if text is not None]
    return "\n".join(texts) if texts else None


def _addresses(tags: Tags, types: frozenset[str]) -> list[str]:
    found = (_given(columns, "address") for tag, columns in tags if tag == "addr" and columns.get("type") in types)
    return list(dict.fromkeys(address for address in found if address and address != OWNER))


def _parties(columns: Mapping[str, str]) -> list[str]:
    """Both ends of a conversation but for the owner: `address` joins several numbers by `~`."""
    found = (_given(columns, "address") or "").split("~")
    return list(dict.fromkeys(address for address in found if address and address != OWNER))


def _sender(tags: Tags) -> list[str]:
    senders = _addresses(tags, frozenset({SENDER})) or _parties(tags[0][1])
    if len(senders) > 1:
        raise ElementError(f"{len(senders)} addresses and none marked as the sender")
    return senders


def _recipients(tags: Tags) -> list[str]:
    return _addresses(tags, RECIPIENTS) or _parties(tags[0][1])


READERS: dict[str, Callable[[Tags], list[Fields]]] = {"call": call, "CALL_RECORDS": _oppo_call, "sms": sms, "mms": mms}
