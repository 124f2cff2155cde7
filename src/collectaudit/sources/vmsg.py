"""Messages as the backups of OPPO, ZTE and other makers of Android phones keep them: `sms.vmsg`, a vMessage each.

A vMessage is written as a vCard is, the other end in a card inside it. Its date is a clock on the wall; OPPO adds the
moment itself (`DateOrigin`), and leaves out the semicolon before the parameters of the words.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..records import RAW_LIMIT, Facts, Job, Record, Reject
from . import _bytes, _chat

NAME = "vmsg"

_BEGIN = re.compile(r"\s*BEGIN:VMSG\b\s*", re.IGNORECASE)
_END = re.compile(r"\s*END:VMSG\s*", re.IGNORECASE)
_MEDIA = "X-MMS-PART-DATA:"  # a picture, as long as it is
_LONGEST = 400_000  # characters of a message with its encoding
_WORDS = re.compile(r"^Subject([^:\n]*):(.*?)\n?^END:VBODY", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_VALUE = re.compile(r"^(X-BOX|DateOrigin|Date|TEL)(?:;[^:\n]*)?:[ \t]*(.*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_QUOTED = re.compile(r"QUOTED-PRINTABLE", re.IGNORECASE)
_CHARSET = re.compile(r"CHARSET=([\w.-]+)", re.IGNORECASE)
_MOMENT = re.compile(r"\d{13}", re.ASCII)
# Direction and outcome. What waits to be sent and what is sent stand in one box with some programs.
_BOXES = {
    "INBOX": ("in", "delivered"), "SENDBOX": ("out", "sent"), "SENT": ("out", "sent"), "OUTBOX": ("out", None),
    "DRAFT": ("out", "not_sent"),
}  # fmt: skip

Fields = Mapping[str, str | None]


class _MessageError(ValueError):
    """A message cannot be read; the reason is a phrase for people."""


@dataclass(slots=True)
class _Message:
    line: int
    lines: list[str] = field(default_factory=list)
    size: int = 0
    closed: bool = False

    def add(self, line: str) -> None:
        self.size += 0 if line.startswith(_MEDIA) else len(line) + 1
        if self.size <= _LONGEST and not line.startswith(_MEDIA):
            self.lines.append(line)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the file begins with BEGIN:VMSG, after any byte order mark and white space."""
    return _BEGIN.match(_bytes.opening(head)) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once, in order of file; one to several numbers is a record for each."""
    for ordinal, message in enumerate(_messages(job, facts), 1):
        yield from _records(message, f"message[{ordinal}]@L{message.line}")
        if not message.closed:
            facts.status, facts.reason = "partial", "messages without their end"


def _messages(job: Job, facts: Facts) -> Iterator[_Message]:
    """The messages in order; a BEGIN inside a message ends that message, unclosed."""
    message: _Message | None = None
    for number, line in _chat.lines(job, facts):
        if _BEGIN.fullmatch(line) or (message is None and _begun(line)):
            if message is not None:
                yield message
            message = _Message(number)
        if message is not None:
            message.add(line)
            if _END.fullmatch(line):
                message.closed = True
                yield message
                message = None
    if message is not None:
        yield message


def _begun(line: str) -> bool:
    """Whether a line is what is left of the first one of a message, in which the file ends."""
    return line.strip() != "" and "BEGIN:VMSG".startswith(line.strip().upper())


def _records(message: _Message, locator: str) -> Iterator[Record | Reject]:
    text = "\n".join(message.lines)
    try:
        found = _rows(message, text)
    except _MessageError as error:
        yield Reject(locator, str(error), text[:RAW_LIMIT])
        return
    for n, fields in enumerate(found, 1):
        yield Record(locator if n == 1 else f"{locator}.{n}", fields, text[:RAW_LIMIT])


def _rows(message: _Message, text: str) -> list[Fields]:
    if not message.closed:
        raise _MessageError("the message has no END:VMSG")
    if message.size > _LONGEST:
        raise _MessageError(f"a message of more than {_LONGEST:,} characters")
    words = _WORDS.search(text)
    values = _values(text[: words.start()] + text[words.end() :] if words else text)
    box, others = next(iter(values["X-BOX"]), ""), list(dict.fromkeys(filter(None, values["TEL"])))
    if box.upper() not in _BOXES:
        raise _MessageError(f"the message box is not known: {box[:20]!r}")
    direction, outcome = _BOXES[box.upper()]
    if direction == "in" and len(others) > 1:
        raise _MessageError(f"{len(others)} addresses and none marked as the sender")
    shared = {"channel": "sms", "direction": direction, "outcome": outcome, "body": _body(words), **_when(values)}
    return [{**shared, "other": other or None} for other in others or [""]]


def _values(text: str) -> Mapping[str, list[str]]:
    values: dict[str, list[str]] = {"X-BOX": [], "TEL": [], "DATE": [], "DATEORIGIN": []}
    for key, value in _VALUE.findall(text):
        values[key.upper()].append(value)
    return values


def _when(values: Mapping[str, list[str]]) -> Fields:
    moment, date = next(iter(values["DATEORIGIN"]), ""), next(iter(values["DATE"]), None)
    return {"epoch_ms": moment} if _MOMENT.fullmatch(moment) else {"time": date or None}


def _body(words: re.Match[str] | None) -> str | None:
    """The words; a line that ends in `=` goes on in the next."""
    if words is None or not _QUOTED.search(words[1]):
        return words[2] if words else None
    charset = _CHARSET.search(words[1])
    declared = charset[1] if charset else "utf-8"
    codec = _bytes.CODECS.get(declared.lower())
    if codec is None:
        raise _MessageError(f"the character set {declared[:20]!r} is not read")
    try:
        return binascii.a2b_qp(words[2].encode()).decode(codec)
    except UnicodeDecodeError as error:
        raise _MessageError(f"its bytes are not valid {declared[:20]}") from error
