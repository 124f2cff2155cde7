"""The bytes of an export: which encoding they are in, and the file in chunks where ASCII bytes mean themselves."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 256 * 1024
_STRETCH = 1 << 20  # a stretch without a separator is looked at in parts of about this many bytes

# Names an export may declare → Python codec. GB2312 and GBK are read as GB18030, which contains both.
CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030",
    "big5": "big5", "shift_jis": "shift_jis", "shift-jis": "shift_jis", "euc-jp": "euc-jp", "euc-kr": "euc-kr",
    "iso-8859-1": "latin-1", "windows-1252": "cp1252",
}  # fmt: skip

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Short GBK words can pass as two-byte UTF-8 by accident; a three-byte sequence is not an accident.
_SURELY_UTF8 = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, the length of the byte order mark, and whether UTF-8 stands next to bytes that are not."""

    name: str
    bom: int = 0
    mixed: bool = False

    @property
    def within(self) -> str:
        """The encoding of the chunks: UTF-16 is handed on as UTF-8, everything else as it is."""
        return "utf-8" if self.name.startswith("utf-16") else self.name


def mark(head: bytes) -> Encoding | None:
    """The encoding that a byte order mark, or the zero bytes of ASCII written as UTF-16, gives away."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, len(bom))
    even, odd = head[0:8:2], head[1:8:2]
    if len(odd) == 4 and not any(odd) and all(even):
        return Encoding("utf-16-le")
    if len(odd) == 4 and not any(even) and all(odd):
        return Encoding("utf-16-be")
    return None


def opening(head: bytes) -> str:
    """The start of a file as text in which ASCII is right and anything else need not be."""
    found = mark(head)
    if found is None:
        return head.decode("latin-1")
    return head[found.bom :].decode(found.name, "replace")


def sniff(path: Path, separator: bytes, blocks: Iterable[bytes] | None = None) -> Encoding:
    """The encoding of a file: mark, else strict UTF-8, else GB18030; never a statistical guess.

    GB18030 decodes nearly any bytes, so it is only taken if no stretch between separators is surely UTF-8. Give
    `blocks` where the raw stretches are no evidence, because characters are cut or declare their own encoding.
    """
    with path.open("rb") as file:
        found = mark(file.read(8))
    if found is not None and found.name != "utf-8":
        return found
    utf8, other = _evidence(_blocks(path, separator) if blocks is None else blocks, separator)
    name = "gb18030" if other and not utf8 and found is None else "utf-8"
    return Encoding(name, found.bom if found else 0, mixed=utf8 and other)


def _evidence(blocks: Iterable[bytes], separator: bytes) -> tuple[bool, bool]:
    """Whether some stretch is surely UTF-8, and whether some stretch is certainly not."""
    utf8 = other = False
    for block in blocks:
        if block.isascii():
            continue
        whole = _is_utf8(block)
        for part in (block,) if whole else block.split(separator):
            valid = whole or _is_utf8(part)
            other = other or not valid
            utf8 = utf8 or (valid and _SURELY_UTF8.search(part) is not None)
        if utf8 and other:
            break
    return utf8, other


def _blocks(path: Path, separator: bytes) -> Iterator[bytes]:
    """The file in blocks that end at a separator (or, where none comes, at an arbitrary byte)."""
    rest = b""
    for chunk in chunks(path, Encoding("utf-8")):
        block, _, rest = (rest + chunk).rpartition(separator)
        yield block
        if len(rest) > _STRETCH:
            yield rest
            rest = b""
    yield _whole_characters(rest)


def _whole_characters(end: bytes) -> bytes:
    """The end of a file that was cut inside a character of UTF-8, without what is left of it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(end)
    except UnicodeDecodeError:
        return end
    return end.removesuffix(decoder.getstate()[0])


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def chunks(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """The file without its byte order mark; UTF-16 comes as UTF-8, lone surrogates as bytes that are not UTF-8."""
    with path.open("rb") as file:
        file.seek(encoding.bom)
        parts = iter(lambda: file.read(CHUNK), b"")
        if encoding.within == encoding.name:
            yield from parts
        else:
            decoder = codecs.getincrementaldecoder(encoding.name)("surrogatepass")
            for part in parts:
                yield decoder.decode(part).encode("utf-8", "surrogatepass")


def lines(path: Path, encoding: Encoding, limit: int) -> Iterator[tuple[int, bytes]]:
    """Physical lines with their numbers, without line ends (LF, CRLF or CR); a longer one is cut at `limit` + 1."""
    number, rest = 0, b""
    for chunk in chunks(path, encoding):
        parts = (rest + chunk).splitlines(keepends=True)
        # A CR may be half of a CRLF, so the last line stays open until something follows it.
        rest = parts.pop() if parts and not parts[-1].endswith(b"\n") else b""
        for part in parts:
            number += 1
            yield number, part.rstrip(b"\r\n")[: limit + 1]
        if len(rest) > limit and not rest.endswith(b"\r"):
            rest = rest[: limit + 1]
    if rest:
        yield number + 1, rest.rstrip(b"\r")[: limit + 1]
