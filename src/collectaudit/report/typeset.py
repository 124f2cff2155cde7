"""Pages as PDF: blocks of text go in as data, `data/pages.typ` lays them out. The one place that prepares text for PDF.

The PDF is PDF/A-3b and PDF/UA-1, with its fonts inside, from our fonts alone, and the same bytes for the same blocks.
Text is never part of the template: it travels as JSON, and the template never evaluates it.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ..errors import CollectAuditError, MissingPart
from ..safe_text import term_safe

# A run: {"t": text} and perhaps "to": id it leads to, "state", "hit"/"strong"/"weak"/"code"/"cut": true
Run = dict[str, Any]
Block = dict[str, Any]  # {"k": kind, …}, as data/pages.typ draws it

STANDARDS: list[Literal["a-3b", "ua-1"]] = ["a-3b", "ua-1"]
_TEMPLATE = Path(__file__).parent / "data" / "pages.typ"
_INSTALL = "Install it with: pip install 'collectaudit[report]'"


class CannotTypeset(CollectAuditError):
    """The PDF could not be made (exit 5)."""

    exit_code = 5


def compiled(blocks: Sequence[Block], about: Mapping[str, str], on: date) -> bytes:
    """The PDF of these blocks; `about`: lang, title, running, footer, page ("{n} … {all}"); `on`: its date.

    Raises MissingPart, CannotTypeset.
    """
    if find_spec("typst") is None:
        raise MissingPart("making a PDF needs typst", _INSTALL)
    import typst

    data = json.dumps(printable({**about, "date": [on.year, on.month, on.day], "blocks": blocks}), ensure_ascii=False)
    try:
        made = typst.compile(
            _TEMPLATE, root=_TEMPLATE.parent, font_paths=[font_folder()], ignore_system_fonts=True,
            sys_inputs={"data": data}, pdf_standards=[*STANDARDS],
            package_path=_TEMPLATE.parent / "none", package_cache_path=_TEMPLATE.parent / "none",
        )  # fmt: skip
    except typst.TypstError as error:
        raise CannotTypeset(f"the PDF could not be made: {term_safe(error.message)}") from error
    return bytes(made)


def printable(value: Any) -> Any:
    """The same value, every text in it so that all of it can be seen on paper; lines stay lines.

    What hides or turns text round, and what no font here has a picture for, is written out as \\uXXXX.
    """
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "\n".join(map(_seen, value.split("\n")))
    if isinstance(value, Mapping):
        return {key: printable(part) for key, part in value.items()}
    return [printable(part) for part in value] if isinstance(value, (list, tuple)) else value


def _seen(line: str) -> str:
    safe = term_safe(line.removesuffix("\r"))
    return safe if drawn().issuperset(safe) else "".join(_drawn_or_code(char) for char in safe)


def _drawn_or_code(char: str) -> str:
    code = ord(char)
    return char if char in drawn() else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def font_folder() -> Path:
    """Where the fonts for print lie; raises MissingPart."""
    found = find_spec("pylopdf_fonts_zh_cn")
    if found is None or found.origin is None:
        raise MissingPart("making a PDF needs fonts with Chinese characters", _INSTALL)
    return Path(found.origin).parent


@cache
def drawn() -> frozenset[str]:
    """Every character that some font for print has a picture for."""
    fonts = sorted(font_folder().glob("*.otf"))
    return frozenset().union(*(_characters(path.read_bytes()) for path in fonts))


def _characters(font: bytes) -> set[str]:
    """The characters in a font's `cmap`, from its table of ranges (format 12), which every font for Chinese has."""
    tables = struct.unpack_from(">H", font, 4)[0]
    records = (struct.unpack_from(">4s3L", font, 12 + 16 * n) for n in range(tables))
    cmap = next(start for tag, _, start, _ in records if tag == b"cmap")
    subtables = struct.unpack_from(">H", font, cmap + 2)[0]
    starts = {cmap + struct.unpack_from(">2HL", font, cmap + 4 + 8 * n)[2] for n in range(subtables)}
    found: set[str] = set()
    for start in starts:
        if struct.unpack_from(">H", font, start)[0] == 12:
            for n in range(struct.unpack_from(">L", font, start + 12)[0]):
                first, last, _ = struct.unpack_from(">3L", font, start + 16 + 12 * n)
                found.update(map(chr, range(first, last + 1)))
    return found
