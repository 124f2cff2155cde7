"""Messages as Android's own backup keeps them: `com.android.providers.telephony/d_f/000000_sms_backup`, `…_mms_backup`.

Each is a list of objects in JSON, packed by zlib; the columns are those of the phone's message store, as strings
(com.android.providers.telephony.TelephonyBackupAgent). SMS times are milliseconds, MMS times seconds.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from . import _android
from ._xml import ElementError, Tags

NAME = "androidbackup"

_LARGEST = 256 << 20  # the phone writes a thousand messages into a file
_LOOK = 8192
_LIST = re.compile(r"\s*\[\s*(?=\{)")
_SMS, _MMS = ('"address"', '"body"', '"date"'), ('"mms_addresses"', '"mms_body"')
_EMPTY = re.compile(r"\d{6}_[sm]ms_backup$")
_BETWEEN = re.compile(r"[\s,]*")
_SECONDS = 100_000_000_000  # below it a time is in seconds: as milliseconds it would be of 1973


def claims(head: bytes, name: str) -> bool:
    """Whether a packed list of messages begins here; an empty one tells by its name what it is."""
    text = _unpacked(head, _LOOK)
    if text.strip() == "[]":
        return bool(_EMPTY.search(name))
    return bool(_LIST.match(text)) and (all(key in text for key in _SMS) or any(key in text for key in _MMS))


def _unpacked(packed: bytes, most: int) -> str:
    """The text, as far as it can be unpacked; nothing if it is not packed by zlib."""
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(packed, most).decode("utf-8", "ignore")
    except zlib.error:
        return ""


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once, in order of file; raises Unreadable where the list breaks off."""
    text = _text(job)
    facts.encoding = "utf-8"
    if text.strip() == "[]":
        return
    found = _LIST.match(text)
    at, number, owners = found.end() if found else 0, 0, set()
    while text[at : at + 1] == "{":
        try:
            message, end = json.JSONDecoder().raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        number += 1
        owners.add(str(message.get("self_phone") or ""))
        yield from _rows(message, number, text[at : min(end, at + RAW_LIMIT)])
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    facts.owner_number = owners.pop() or None if len(owners) == 1 else None
    if text[at:].strip() != "]":
        raise Unreadable("the list of messages ends inside a message")


def _text(job: Job) -> str:
    """All of it; of a damaged file what can still be unpacked."""
    unpacker, text = zlib.decompressobj(), b""
    try:
        for piece in _pieces(job):
            text += unpacker.decompress(piece, _LARGEST + 1 - len(text))
            if len(text) > _LARGEST:
                raise Unreadable("the list of messages is too long to be read")
    except zlib.error:
        pass  # the list then breaks off, which is said
    return text.decode("utf-8", "replace")


def _pieces(job: Job) -> Iterator[bytes]:
    with job.path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece


def _rows(message: Mapping[str, Any], number: int, raw: str) -> Iterator[Record | Reject]:
    kind = "mms" if any(key in message for key in ("mms_addresses", "mms_body", "m_type", "msg_box")) else "sms"
    locator = f"{kind}[{number}]"
    try:
        rows = _android.mms(_mms_tags(message)) if kind == "mms" else _android.sms([("sms", _columns(message))])
    except ElementError as error:
        yield Reject(locator, str(error), raw)
        return
    own = str(message.get("self_phone") or "") or None
    for n, fields in enumerate(rows, 1):
        yield Record(locator if n == 1 else f"{locator}.{n}", {**fields, "own": own}, raw)


def _columns(message: Mapping[str, Any]) -> dict[str, str]:
    """The plain columns, the time in milliseconds."""
    columns = {key: str(value) for key, value in message.items() if isinstance(value, str | int)}
    date = columns.get("date", "")
    if date.isascii() and date.isdigit() and int(date) < _SECONDS:
        columns["date"] = f"{date}000"
    return columns


def _mms_tags(message: Mapping[str, Any]) -> Tags:
    """As the XML backups have it: the message, its text, its addresses."""
    addresses = message.get("mms_addresses")
    every = [one for one in addresses if isinstance(one, dict)] if isinstance(addresses, list) else []
    body = message.get("mms_body")
    parts = [("part", {"ct": "text/plain", "text": body})] if isinstance(body, str) else []
    return [("mms", _columns(message)), *parts, *(("addr", _columns(address)) for address in every)]
