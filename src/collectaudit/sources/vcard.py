"""Address books as vCard 2.1, 3.0 and 4.0: names, numbers and organisations; every other property is passed over."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from . import _bytes

NAME = "vcard"

_LINE_LIMIT = 8192  # bytes of a name, number or organisation; pictures are longer and not read
_LINES_LIMIT = 1000  # such lines of one card
_NUMBER_LIMIT = 200
_RAW_BYTES = 4 * RAW_LIMIT

_PROPERTY = re.compile(rb"""(?:[\w-]+\.)?([\w-]+)((?:;(?:[^":;]|"[^"]*")*+)*+):(.*)""", re.DOTALL)
_READ = frozenset({b"FN", b"N", b"TEL", b"ORG"})
_BEGIN = re.compile(rb"\s*BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_END = re.compile(rb"\s*END\s*:\s*VCARD\s*", re.IGNORECASE)
_OLD = re.compile(rb"\s*VERSION\s*:\s*2\.1\s*", re.IGNORECASE)
_CHARSET = re.compile(rb""";CHARSET="?([\w.-]+)""", re.IGNORECASE)
_QUOTED = re.compile(rb""";(?:ENCODING=)?"?QUOTED-PRINTABLE"?(?=;|\Z)""", re.IGNORECASE)
_BASE64 = re.compile(rb""";(?:(?:ENCODING=)?"?BASE64|ENCODING="?B)"?(?=;|\Z)""", re.IGNORECASE)

_ESCAPE = re.compile(r"\\([\\,;:nN])")
_SEPARATOR = re.compile(r"((?:[^\\;]|\\.)*+\\?)(?:;|\Z)", re.DOTALL)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# SIM cards have one number an entry, so phones write further ones as 张三/2.
_SIM_SUFFIX = re.compile(r"/\d\Z", re.ASCII)
# What a phone dials once connected (p and , pause, w and ; wait, ext= of a tel: address) is no part of the number.
_DIALLED_LATER = re.compile(r"(?<=[\d)])\s*(?:;ext=.*|[pw,;]+[\d*#\spw,;]*)\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
_TEL_URI = re.compile(r"tel:([^;?]*)", re.IGNORECASE)


class _CardError(ValueError):
    """A card cannot be read; the reason is a phrase for people."""


@dataclass(slots=True)
class _Card:
    """The lines of one card that matter, unfolded, and its beginning as found."""

    line: int
    raw: bytes = b""
    old: bool = False
    closed: bool = False
    lines: list[bytes] = field(default_factory=list)
    kept: bool = False  # whether the property being read is one of `lines`
    stray: bool = False  # whether a property that belongs to no card stands before it
    soft: bool = False  # whether it goes on in the next line, because quoted-printable ended in `=`


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the file begins with BEGIN:VCARD, after any byte order mark and white space."""
    return _BEGIN.match(_bytes.opening(head).encode("utf-8", "replace")) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """One record for each number of each card; a card that is damaged or has no number is one reject."""
    encoding = _bytes.sniff(job.path, b"\n", _undeclared_lines(job))
    facts.kind, facts.encoding = "contacts", encoding.name
    if encoding.mixed:
        facts.notes.append("lines that are not UTF-8 and declare no character set were read as gb18030")
    card, ordinal, moved = None, 0, False
    for ordinal, card in enumerate(_cards(job, encoding), 1):
        yield from _entries(card, f"card[{ordinal}]@L{card.line}", encoding)
        moved = moved or card.stray
    if card is None:
        raise Unreadable("the file holds no vCard")
    if not card.closed:
        facts.status, facts.reason = "partial", "the file ends inside a card"
    elif moved:
        facts.status, facts.reason = "partial", "there are names or numbers outside of the cards: lines were moved"


def _undeclared_lines(job: Job) -> Iterator[bytes]:
    """Unfolded, for a fold may cut a character; without those that declare a character set of their own."""
    cards = _cards(job, _bytes.Encoding("utf-8"))
    return (line for card in cards for line in card.lines if not _CHARSET.search(line))


def _cards(job: Job, encoding: _bytes.Encoding) -> Iterator[_Card]:
    """The cards in order; a BEGIN inside a card ends that card, unclosed."""
    card: _Card | None = None
    stray = False
    for number, line in _bytes.lines(job.path, encoding, _LINE_LIMIT):
        if _BEGIN.fullmatch(line) or (card is None and _begun(line)):
            if card is not None:
                yield card
            card, stray = _Card(number, stray=stray), False
        if card is None:
            stray = stray or _begins_property(line)
            continue
        if len(card.raw) < _RAW_BYTES:
            card.raw += line[:_RAW_BYTES] + b"\n"
        if _END.fullmatch(line):
            card.closed = True
            yield card
            card = None
        else:
            _keep(card, line)
    if card is not None:
        yield card


def _begun(line: bytes) -> bool:
    """Whether a line is what is left of the first one of a card, in which the file ends."""
    return line.strip() != b"" and b"BEGIN:VCARD".startswith(line.strip().upper())


def _keep(card: _Card, line: bytes) -> None:
    """Adds a physical line to the property that it continues, or begins a new one if it is of use."""
    card.old = card.old or _OLD.fullmatch(line) is not None
    if card.soft and not (card.kept and _begins_property(line)):
        card.soft = line.endswith(b"=")
        _continue(card, line.removesuffix(b"="))
    elif line.startswith((b" ", b"\t")):
        # 2.1 folds at white space that belongs to the value; later versions insert the space that they fold at.
        _continue(card, line if card.old else line[1:])
    else:
        found = _PROPERTY.match(line)
        card.kept = found is not None and found[1].upper() in _READ and len(card.lines) < _LINES_LIMIT
        card.soft = found is not None and line.endswith(b"=") and _QUOTED.search(found[2]) is not None
        if card.kept:
            card.lines.append(line.removesuffix(b"=") if card.soft else line)


def _begins_property(line: bytes) -> bool:
    """A name that was cut off after `=` must not swallow the number in the next line."""
    found = _PROPERTY.match(line)
    return found is not None and found[1].upper() in _READ


def _continue(card: _Card, line: bytes) -> None:
    if card.kept and len(card.lines[-1]) <= _LINE_LIMIT:
        card.lines[-1] += line


def _entries(card: _Card, locator: str, encoding: _bytes.Encoding) -> Iterator[Record | Reject]:
    raw = card.raw.decode(encoding.within, "replace")[:RAW_LIMIT]
    try:
        if not card.closed:
            raise _CardError("the card has no END:VCARD")
        rows = _rows(card, encoding)
        if not rows:
            raise _CardError("no telephone number on this card")
    except _CardError as error:
        yield Reject(locator, str(error), raw)
        return
    for ordinal, fields in enumerate(rows, 1):
        yield Record(locator if ordinal == 1 else f"{locator}.{ordinal}", fields, raw)


def _rows(card: _Card, encoding: _bytes.Encoding) -> list[dict[str, str | None]]:
    if len(card.lines) == _LINES_LIMIT:
        raise _CardError(f"the card has {_LINES_LIMIT:,} names and numbers or more")
    first: dict[str, str] = {}
    numbers = []
    for line in card.lines:
        key, value = _property(line, encoding)
        if key == "TEL":
            numbers.append(_number(value))
        elif value.strip("; \t\r\n"):
            first.setdefault(key, value)
    organisation = " ".join(_parts(first.get("ORG", ""))) or None
    name = _plain(first.get("FN", "")) or _composed(first.get("N", "")) or organisation
    name = _SIM_SUFFIX.sub("", name) if name else None
    return [
        {"kind": "party", "number": number, "name": name, "organisation": organisation} for number in numbers if number
    ]


def _property(line: bytes, encoding: _bytes.Encoding) -> tuple[str, str]:
    """Name and decoded value; the value is still escaped, because `\\` may be half of a GBK character until decoded."""
    found = _PROPERTY.match(line)
    if found is None or len(line) > _LINE_LIMIT:
        raise _CardError(f"a line is longer than {_LINE_LIMIT:,} bytes")
    parameters, value = found[2], found[3]
    key, charset = found[1].decode("ascii").upper(), _CHARSET.search(parameters)
    if _QUOTED.search(parameters):
        value = binascii.a2b_qp(value)
    elif _BASE64.search(parameters):
        value = _base64(value)
    elif encoding.within != encoding.name:
        charset = None  # the whole file was UTF-16 and the value is decoded already
    return key, _declared(value, charset[1].decode("ascii")) if charset else _undeclared(value, encoding)


def _base64(value: bytes) -> bytes:
    try:
        return binascii.a2b_base64(value)
    except binascii.Error as error:
        raise _CardError("a value is damaged base64") from error


def _declared(value: bytes, charset: str) -> str:
    codec = _bytes.CODECS.get(charset.lower())
    if codec is None:
        raise _CardError(f"the character set {charset[:20]!r} is not read")
    try:
        return value.decode(codec)
    except UnicodeDecodeError as error:
        raise _CardError(f"its bytes are not valid {charset[:20]}") from error


def _undeclared(value: bytes, encoding: _bytes.Encoding) -> str:
    """Strict UTF-8, then GB18030; GB18030 at once where the file as a whole is."""
    for codec in ("gb18030",) if encoding.name == "gb18030" else ("utf-8", "gb18030"):
        try:
            return value.decode(codec)
        except UnicodeDecodeError:
            continue
    raise _CardError("its bytes are neither UTF-8 nor gb18030")


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda escape: " " if escape[1] in "nN" else escape[1], value).strip()


def _parts(value: str) -> list[str]:
    return [part for part in map(_plain, _SEPARATOR.findall(value)) if part]


def _composed(value: str) -> str:
    family, given, further = [_plain(part) for part in [*_SEPARATOR.findall(value), "", "", ""][:3]]
    return composed(family, given, further)


def composed(family: str, given: str, further: str) -> str:
    """A name in the order in which it is said; a Chinese one has no space between."""
    if _HAN.search(family + given):
        return family + further + given
    return " ".join(part for part in (given, further, family) if part)


def _number(value: str) -> str:
    text = _plain(value)
    if len(text) > _NUMBER_LIMIT:
        raise _CardError(f"a telephone number of more than {_NUMBER_LIMIT} characters")
    address = _TEL_URI.match(text)
    return plain_number(address[1] if address else text)


def plain_number(text: str) -> str:
    """A number without what the phone dials once it is connected."""
    return _DIALLED_LATER.sub("", text).strip()
