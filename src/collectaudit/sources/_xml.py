"""Cuts an XML backup into its records and parses each on its own, so that a broken record costs only itself.

A raw `<` is legal in XML only where markup begins, so the file is split at it and no quote needs to be followed.
Pictures and videos (`data="…"`) are dropped on the way: expat before 2.6 needs quadratic time for a long value that
comes in parts, and nothing here reads them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from ..records import Unreadable

TAG_LIMIT = 1 << 20  # bytes of one tag without media
ELEMENT_LIMIT = 8 << 20  # bytes of one record with all its parts
DEPTH_LIMIT = 16
TAGS_LIMIT = 10_000  # tags of one record
_SHOWN = 8192  # bytes kept of an element that is not read
_SHORT = 4096  # a tag up to this length is not searched for media

_NAME = re.compile(rb"/?[^\s/>]*+")
_TAG = re.compile(rb"""((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_VALUE = re.compile(rb""""[^"]*+"?|'[^']*+'?""")
_MEDIA = re.compile(rb"\sdata\s*=\s*\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.-]{0,19}", re.ASCII)
_SKIPPED = ((b"!--", b"-->"), (b"![CDATA[", b"]]>"))

_UNIT = rb"&#(?:x0{0,8}[dD][6-9a-fA-F][0-9a-fA-F]{2}|0{0,8}5[5-7][0-9]{3});"
_UNITS = re.compile(_UNIT + rb"(?:" + _UNIT + rb")*")
_REPLACEMENT = "\ufffd".encode()
_RENEW = 1000  # a parser remembers every name it met, so it is replaced after so many elements


Tags = list[tuple[str, dict[str, str]]]


class ElementError(ValueError):
    """One element cannot be read; the reason is a phrase for people."""


@dataclass(slots=True)
class Element:
    """One record's element as found (media left out), the line of its start tag, and what is wrong with it."""

    name: str
    line: int
    text: bytes
    fault: str | None = None


class Cutter:
    """Yields the elements below the root; afterwards it knows what the root declared and whether it was closed."""

    def __init__(self, chunks: Iterable[bytes], *, roots: frozenset[bytes], records: frozenset[bytes]) -> None:
        self.declared: int | None = None
        self.rooted = self.ended = False
        self.stray = 0
        self._chunks, self._roots, self._records = chunks, roots, records

    def elements(self) -> Iterator[Element]:
        """Every element below the root once, in order; raises Unreadable for a document type definition."""
        held: _Held | None = None
        for line, piece in _tags(self._chunks):
            name = _NAME.match(piece)[0]  # type: ignore[index]  # matches the empty string, too
            if name in self._records:
                if held is not None:
                    yield held.unclosed()
                    held = None
                tag = piece.rstrip()
                if tag.endswith(b"/>") and len(tag) <= TAG_LIMIT:
                    yield Element(name.decode("ascii"), line, b"<" + tag)
                    continue
                held = _Held(name, line, piece)
            elif name.removeprefix(b"/") in self._roots:
                if held is not None:
                    yield held.unclosed()
                    held = None
                self._root(name, piece)
            elif held is not None:
                held.add(piece)
            elif not name.startswith(b"/"):
                held = self._foreign(name, line, piece)
            if held is not None and held.done:
                self.stray += held.stray
                yield held.element()
                held = None
        if held is not None:
            held.fault = "the file ends inside this element"
            yield held.element()

    def _root(self, name: bytes, piece: bytes) -> None:
        tag = _TAG.match(piece)
        if name.startswith(b"/"):
            self.ended = self.ended or tag is not None
            return
        self.rooted, self.ended = True, tag is not None and tag[1].endswith(b"/")
        count = _count(tag[1]) if tag else None
        if count is not None:
            self.declared = (self.declared or 0) + count

    def _foreign(self, name: bytes, line: int, piece: bytes) -> "_Held":
        definition = name.startswith(b"!")
        if definition and not self.rooted:
            raise Unreadable("contains a document type or entity definition; not read")
        held = _Held(name, line, piece)
        held.fault = "a document type or entity definition" if definition else "an element that is no known record"
        return held


class _Held:
    """An element that is still being put together; one with a fault runs on until the next record begins."""

    __slots__ = ("_depth", "_line", "_name", "_pieces", "_size", "_tags", "fault", "stray")

    def __init__(self, name: bytes, line: int, piece: bytes) -> None:
        self._name, self._line = name, line
        self._pieces: list[bytes] = []
        self._size = self._depth = self._tags = 0
        self.fault: str | None = None
        self.stray = False
        self.add(piece)

    @property
    def done(self) -> bool:
        return self._depth == 0 and self.fault is None

    def add(self, piece: bytes) -> None:
        room = _SHOWN - self._size
        self._size += len(piece) + 1
        self._tags += 1
        self.fault = self.fault or self._excess(piece)
        if self.fault is None:
            self._pieces.append(piece)
            self._follow(piece)
        elif room > 0:
            self._pieces.append(piece[:room])

    def _excess(self, piece: bytes) -> str | None:
        if len(piece) > TAG_LIMIT:
            return f"a tag of more than {TAG_LIMIT:,} bytes without media"
        if self._size > ELEMENT_LIMIT:
            return f"more than {ELEMENT_LIMIT:,} bytes without media"
        return f"more than {TAGS_LIMIT:,} tags" if self._tags > TAGS_LIMIT else None

    def _follow(self, piece: bytes) -> None:
        tag = _TAG.match(piece)
        if tag is None:
            self.fault = "not well-formed XML (a tag is not closed)"
            return
        if piece.startswith(b"/"):
            self._depth -= 1
        elif not tag[1].endswith(b"/"):
            self._depth += 1
        if self._depth > DEPTH_LIMIT:
            self.fault = f"nested more than {DEPTH_LIMIT} deep"
        elif self._depth <= 0:
            self._depth = 0
            self.stray = bool(piece[tag.end() :].strip())
            self._pieces[-1] = piece[: tag.end()]

    def unclosed(self) -> Element:
        self.fault = self.fault or "the element is not closed"
        return self.element()

    def element(self) -> Element:
        name = self._name.decode("ascii", "replace")
        shown = name if _PLAIN_NAME.fullmatch(name) else "element"
        return Element(shown, self._line, b"<" + b"<".join(self._pieces), self.fault)


def _tags(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Every tag, without its `<` and with the text after it; comments, CDATA and instructions are passed over."""
    pieces = _pieces(chunks)
    next(pieces)  # what stands before the first `<`
    closing, previous = b"", b">"
    for line, piece in pieces:
        if closing:
            if closing in piece:
                closing, previous = b"", b">"
            continue
        if piece.startswith(b"?"):
            continue  # never over more than one piece: a prolog without `?>` must not swallow the file
        if piece.startswith(b"!") and _TAG.match(previous):
            closing = next((end for start, end in _SKIPPED if piece.startswith(start)), b"")
            if closing:
                closing = b"" if closing in piece else closing
                continue
        previous = piece
        yield line, piece


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The stretches between one `<` and the next, with the line they begin on; media and overlength left out."""
    line, rest, dropped, cut = 1, b"", 0, False
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"<")
        for piece in whole:
            yield line, _shorten(piece) if cut or len(piece) > _SHORT else piece
            line += piece.count(b"\n") + dropped
            dropped, cut = 0, False
        if cut or len(rest) > _SHORT:
            shorter, cut = _shorten(rest), True
            dropped += rest.count(b"\n") - shorter.count(b"\n")
            rest = shorter
    yield line, rest


def _shorten(piece: bytes) -> bytes:
    """A tag, or the beginning of one, with its media emptied; what is still too long is cut to one byte over.

    Of a comment only the ends are kept.
    """
    if piece.startswith(b"!--"):
        return b"!--" + (b"-->" if b"-->" in piece[3:] else piece[3:][-2:])
    return _VALUE.sub(_without_media, piece)[: TAG_LIMIT + 1]


def _without_media(value: re.Match[bytes]) -> bytes:
    start = value.start()
    if not _MEDIA.search(value.string[max(0, start - 40) : start]):
        return value[0]
    quote = value[0][:1]
    return quote + quote if len(value[0]) > 1 and value[0].endswith(quote) else quote


class Parser:
    """Parses one UTF-8 element after the other; what is wrong with one leaves no trace in the next."""

    def __init__(self) -> None:
        self._renew()

    def parse(self, text: bytes) -> Tags:
        """All start tags of one element with their attributes, in order; raises ElementError."""
        self._tags: Tags = []
        self._parsed += 1
        try:
            self._expat.Parse(text)
        except ExpatError as error:
            self._renew()
            raise ElementError(f"not well-formed XML ({ErrorString(error.code)})") from error
        tags = self._tags
        if self._depth or not tags:
            self._renew()
            raise ElementError("not well-formed XML (unclosed token)")
        if self._parsed > _RENEW:
            self._renew()
        return tags

    def _renew(self) -> None:
        self._depth = self._parsed = 0
        self._expat = ParserCreate("UTF-8", None, None)  # no table of names: faster, and nothing to fill
        self._expat.Parse(b"<root>")
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._tags.append((name, attributes))

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _count(tag: bytes) -> int | None:
    """The number of records that a root tag declares."""
    try:
        text = Parser().parse(b"<" + tag.removesuffix(b"/") + b"/>")[0][1].get("count", "")
    except ElementError:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def join_surrogates(text: bytes) -> tuple[bytes, int]:
    """Writes `&#55357;&#56834;` as the one character it means; a lone half becomes U+FFFD and is counted.

    Exporters write characters beyond U+FFFF as two references to UTF-16 units, which no XML parser accepts.
    """
    joined = _UNITS.sub(_joined, text)
    return joined, joined.count(_REPLACEMENT) - text.count(_REPLACEMENT)


def _joined(run: re.Match[bytes]) -> bytes:
    return _characters(run[0]) if len(run[0]) < 64 else _characters.__wrapped__(run[0])  # keys stay small


@lru_cache(maxsize=1024)
def _characters(run: bytes) -> bytes:
    units = (int(unit[1:], 16) if unit[:1] == b"x" else int(unit) for unit in run[2:-1].split(b";&#"))
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace").encode()
