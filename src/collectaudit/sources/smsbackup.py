"""SMS Backup & Restore (Android): messages (`<smses>`, SMS and MMS) and calls (`<calls>`) as XML.

The calls in OPPO's backups (`callrecord_backup.xml`) have the same columns under another name.
"""

import re
from collections import Counter
from collections.abc import Iterator

from ..records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from . import _bytes, _xml
from ._android import READERS
from ._xml import Element, ElementError, Tags

NAME = "smsbackup"

_ROOTS = frozenset({b"smses", b"calls", b"CallLog", b"callrecord"})
_RECORDS = frozenset({b"sms", b"mms", b"call", b"CALL_RECORDS"})

# Possessive groups: a hostile prolog must not make the search try every way to split it.
_INSTRUCTIONS = r"\s*+(?:(?:(?><\?[^<>]*>)|(?><!--.*?-->))\s*+)*+"
_DEFINITION = r"(?><!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)"
_OPPO = r"(?:CallLog|callrecord)\s*+>\s*+<CALL_RECORDS"
_ROOT = re.compile(rf"{_INSTRUCTIONS}(?:{_DEFINITION}{_INSTRUCTIONS})?+<(?:smses|calls|{_OPPO})[\s/>]", re.DOTALL)
_ROOT_DEFINED = re.compile(rf"{_INSTRUCTIONS}<!DOCTYPE\s+(?:smses|calls)\b", re.DOTALL)
_DECLARED = re.compile(r"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]{1,40})["']""", re.ASCII)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the root element is one of these, after any byte order mark, prolog, comment or stylesheet."""
    text = _bytes.opening(head)
    return _ROOT.match(text) is not None or _ROOT_DEFINED.match(text) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message and call once, in file order; raises Unreadable for a document type definition or no backup."""
    encoding = _encoding(job, facts)
    cutter = _xml.Cutter(_bytes.chunks(job.path, encoding), roots=_ROOTS, records=_RECORDS)
    met: Counter[str] = Counter()
    parser, lone = _xml.Parser(), 0
    for element in cutter.elements():
        met[element.name] += 1
        locator = f"{element.name}[{met[element.name]}]@L{element.line}"
        rows, halves = _read_element(element, locator, encoding.within, parser)
        lone += halves
        yield from rows
    if not cutter.rooted and not met:
        raise Unreadable("the file holds no <smses> or <calls> backup")
    _close(facts, cutter, sum(met[name.decode("ascii")] for name in _RECORDS), lone)


def _encoding(job: Job, facts: Facts) -> _bytes.Encoding:
    """What the bytes say; where they are neither marked nor UTF-8, what the prolog declares, if that is possible."""
    found = _bytes.sniff(job.path, b"<")
    if found.name == "gb18030":
        with job.path.open("rb") as file:
            prolog = _DECLARED.match(_bytes.opening(file.read(1024)))
        declared = prolog[1].lower() if prolog else "utf-8"
        codec = _bytes.CODECS.get(declared)
        if codec != "utf-8":
            found = _bytes.Encoding(codec or "utf-8")  # an encoding that is not read: record by record
        elif prolog:
            facts.notes.append(f"the file declares {declared}, its bytes are read as {found.name}")
    facts.encoding = found.name
    return found


def _close(facts: Facts, cutter: _xml.Cutter, met: int, lone: int) -> None:
    """Says what the end of the file tells about its completeness."""
    facts.declared = cutter.declared
    missing = []
    if not cutter.ended:
        missing.append("the file ends before its end tag")
    if cutter.declared is not None and met < cutter.declared:
        missing.append(f"{met} of {cutter.declared} declared records were found")
    if missing:
        facts.status, facts.reason = "partial", "; ".join(missing)
    if cutter.declared is not None and met > cutter.declared:
        facts.notes.append(f"{met} records were found where {cutter.declared} are declared")
    if cutter.stray:
        facts.notes.append(f"places with text outside of records, passed over: {cutter.stray}")
    if lone:
        facts.notes.append(f"lone halves of surrogate pairs, shown as U+FFFD: {lone}")


def _read_element(
    element: Element, locator: str, encoding: str, parser: _xml.Parser
) -> tuple[list[Record | Reject], int]:
    raw = element.text[: 4 * RAW_LIMIT].decode(encoding, "replace")[:RAW_LIMIT]
    try:
        if element.fault is not None:
            raise ElementError(element.fault)
        tags, lone = _parse(element.text, encoding, parser)
        rows = READERS[element.name](tags)
    except ElementError as error:
        return [Reject(locator, str(error), raw)], 0
    if len(rows) == 1:
        return [Record(locator, rows[0], raw)], lone
    suffixes = ("" if ordinal == 1 else f".{ordinal}" for ordinal in range(1, len(rows) + 1))
    return [Record(locator + suffix, fields, raw) for suffix, fields in zip(suffixes, rows, strict=True)], lone


def _parse(text: bytes, encoding: str, parser: _xml.Parser) -> tuple[Tags, int]:
    lone = 0
    if encoding != "utf-8":
        text = _decoded(text, encoding).encode()
    if b"&#" in text:
        text, lone = _xml.join_surrogates(text)
    try:
        return parser.parse(text), lone
    except ElementError:
        _decoded(text, "utf-8")  # a plainer reason, if this is it
        raise


def _decoded(text: bytes, encoding: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        raise ElementError(f"its bytes are not valid {encoding}") from error
