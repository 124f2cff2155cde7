"""Text tables as UTF-8 lines: which encoding a file is in, by rules and never by statistics, and its physical lines.

Order: byte order mark; strict UTF-8; zero bytes that give UTF-16 away; strict GB18030. GB18030 decodes almost any
bytes, so a line that is surely UTF-8 is never read as GB18030: in a file that mixes both, the encoding of most lines
is taken and each other line is a reject.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collectaudit.records import Unreadable

BLOCK = 1 << 18
LINE_LIMIT = 1 << 20  # bytes of a line that is read as a row
_DAMAGED = 2  # damaged lines that even a short GB18030 file may have; in a long one, one in twenty
BAD = b"\xff"  # stands before a line that could not be decoded; no UTF-8 line begins so
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Two GBK bytes can pass for two-byte UTF-8 by accident; a three-byte sequence in a valid line is no accident.
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ADVICE = "open it in a spreadsheet or editor, save it as UTF-8 and add it again"


@dataclass(frozen=True, slots=True)
class Text:
    """A text file as UTF-8 lines ended by LF or CRLF. `plain`: nothing in it needs to be looked at line by line.

    `checked`: every byte is known to be UTF-8, or marked with BAD. `ended`: its last line has its end.
    """

    path: Path
    encoding: str
    plain: bool
    quotes: bool
    lines: int
    checked: bool
    ended: bool


def open_text(path: Path, work: Path, *, trusting: bool = False) -> Text:
    """Finds the encoding; writes a UTF-8 copy into `work` where the file is not UTF-8. Raises Unreadable.

    `trusting`: a file that begins as UTF-8 is taken as UTF-8, for a reader that notices when it is not.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    if not head:
        raise Unreadable("the file is empty")
    encoding, bom = sniff(head)
    checked = not trusting or len(head) < BLOCK
    if encoding.startswith("utf-16"):
        path = _save(_from_utf16(path, encoding, bom), work / "utf8.txt")
    elif not _decodes(_blocks(path) if checked else iter([head]), "utf-8"):
        checked, out = True, work / "utf8.txt"
        if not bom and not _PRIVATE.search(opening(head)) and _all_gb18030(path, out):
            encoding, path = "gb18030", out
        else:
            encoding = encoding if bom else _choose(path)
            path = _save(_recoded(path, encoding.removesuffix("-sig")), out)
    seen = _survey(path)
    if not seen.newlines and seen.returns:
        path = _save((block.replace(b"\r", b"\n") for block in _blocks(path)), work / "lines.txt")
        seen = _survey(path)
    return Text(path, encoding, seen.plain, seen.quotes, seen.newlines + seen.open, checked, not seen.open)


def sniff(head: bytes) -> tuple[str, int]:
    """Encoding and length of the mark, as far as the first bytes tell; `utf-8` where they do not."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, len(bom)
    sample = head[: len(head) & ~1]
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        # ASCII leaves zeros on one side only; a file with a stretch of zeros in it has them on both.
        one_sided = zeros.count(0) * 20 >= len(sample) and others.count(0) * 20 <= zeros.count(0) > 0
        if one_sided and "\n" in sample.decode(name, "replace"):
            return name, 0
    return "utf-8", 0


def opening(head: bytes) -> str:
    """The first bytes of a file as text; where no encoding fits throughout, with marks for what is not UTF-8."""
    encoding, bom = sniff(head)
    for name in (encoding, "gb18030"):
        try:
            return codecs.getincrementaldecoder(name.removesuffix("-sig"))().decode(head[bom:])
        except UnicodeDecodeError:
            continue
    return head.decode("utf-8", "replace")


def physical(text: Text, after: int = 0) -> Iterator[tuple[int, bytes]]:
    """Physical lines behind line `after`, with their numbers, without line ends, cut at LINE_LIMIT + 1 bytes."""
    with text.path.open("rb") as file:
        number = 0
        while line := file.readline(LINE_LIMIT + 2):
            number += 1
            rest = line
            while len(rest) == LINE_LIMIT + 2 and not rest.endswith(b"\n"):
                rest = file.readline(LINE_LIMIT + 2)
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if number > after:
                yield number, line.removesuffix(b"\n").removesuffix(b"\r")[: LINE_LIMIT + 1]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


def _decodes(blocks: Iterator[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    block = b""
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=len(block) < BLOCK)
    except UnicodeDecodeError:
        return False
    return True


def _save(blocks: Iterator[bytes], path: Path) -> Path:
    with path.open("wb") as file:
        file.writelines(blocks)
    return path


def _from_utf16(path: Path, encoding: str, bom: int) -> Iterator[bytes]:
    """UTF-8 of a UTF-16 file, with BAD at whatever is no character."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    with path.open("rb") as file:
        file.seek(bom)
        for block in iter(lambda: file.read(BLOCK), b""):
            yield _SURROGATE.sub(BAD, decoder.decode(block).encode("utf-8", "surrogatepass"))
    if decoder.getstate()[0]:  # half a character at the end
        yield BAD


@dataclass(slots=True)
class _Census:
    """Lines with characters outside ASCII: surely UTF-8, GB18030, neither."""

    utf8: int = 0
    gb18030: int = 0
    neither: int = 0


def _all_gb18030(path: Path, out: Path) -> bool:
    """Writes the file as UTF-8 as long as it is GB18030 and no line of it is surely UTF-8; whether all of it was."""
    with out.open("wb") as file:
        for block in _whole_lines(path):
            text = _decoded(block, "gb18030")
            if text is None:
                return False
            file.write(text.encode("utf-8"))
    return True


def _choose(path: Path) -> str:
    """`gb18030` or `utf-8` for a file that is neither throughout. Raises Unreadable when neither fits."""
    count = _census(path)
    if count.utf8 and count.utf8 >= count.gb18030 + count.neither:
        return "utf-8"
    if count.gb18030 > count.utf8 + count.neither and count.neither <= max(_DAMAGED, count.gb18030 // 20):
        return "gb18030"
    raise Unreadable(f"the text is neither UTF-8, UTF-16 nor GB18030; {_ADVICE}")


def _candidates(block: bytes) -> Iterator[bytes]:
    """Lines that hold what could be a three-byte UTF-8 sequence."""
    end = -1
    for found in _THREE_BYTES.finditer(block):
        if found.start() > end:
            start, end = block.rfind(b"\n", 0, found.start()) + 1, block.find(b"\n", found.start())
            end = len(block) if end < 0 else end
            yield block[start:end]


def _whole_lines(path: Path) -> Iterator[bytes]:
    """The file in blocks that end where a line ends."""
    rest: list[bytes] = []
    for block in _blocks(path):
        lines, newline, tail = block.rpartition(b"\n")
        if newline:
            yield b"".join([*rest, lines, newline])
            rest = []
        rest.append(tail)
    yield b"".join(rest)


def _census(path: Path) -> _Census:
    count = _Census()
    for line in _lines(path):
        if line.isascii():
            continue
        if _surely_utf8(line):
            count.utf8 += 1
        elif (text := _decoded(line, "gb18030")) is not None and not _PRIVATE.search(text):
            count.gb18030 += 1
        elif _decoded(line, "utf-8") is None:
            count.neither += 1
    return count


def _lines(path: Path) -> Iterator[bytes]:
    for block in _whole_lines(path):
        yield from _LINE.findall(block)


def _recoded(path: Path, encoding: str) -> Iterator[bytes]:
    """The file as UTF-8; lines that are not of the encoding stay as they are, behind BAD."""
    for block in _whole_lines(path):
        text = _decoded(block, encoding)
        if text is not None:
            yield text.encode("utf-8")
            continue
        for line in _LINE.findall(block):
            text = _decoded(line, encoding)
            yield BAD + line if text is None else text.encode("utf-8")


def _decoded(lines: bytes, encoding: str) -> str | None:
    """The text of lines, or None if one of them is not of the encoding, or not GB18030 because surely UTF-8."""
    if encoding == "gb18030" and any(map(_surely_utf8, _candidates(lines))):
        return None
    try:
        return lines.decode(encoding)
    except UnicodeDecodeError:
        return None


def _surely_utf8(line: bytes) -> bool:
    return _THREE_BYTES.search(line) is not None and _decoded(line, "utf-8") is not None


@dataclass(slots=True)
class _Survey:
    newlines: int = 0
    returns: int = 0
    open: int = 0
    quotes: bool = False
    plain: bool = True


def _survey(path: Path) -> _Survey:
    """Line ends, and whether there are quotes, control bytes, marked lines, or lines longer than a block."""
    seen, previous = _Survey(), b"\n"
    for block in _blocks(path):
        newlines = block.count(b"\n")
        seen.newlines += newlines
        seen.returns += block.count(b"\r")
        seen.quotes = seen.quotes or b'"' in block
        odd = b"\0" in block or b"\x01" in block or BAD in block or (newlines == 0 and len(block) == BLOCK)
        seen.plain = seen.plain and not odd
        previous = block
    seen.open = int(not previous.endswith(b"\n"))
    return seen
