"""Blocks as an editable DOCX: a font for Chinese set everywhere, and the same bytes for the same blocks.

The one place that prepares text for DOCX: what hides or turns text round is written out; python-docx escapes the rest.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.util import find_spec
from typing import Any

from ..errors import MissingPart
from ..safe_text import term_safe
from .typeset import Block, Run

_SONG, _HEI = "SimSun", "SimHei"  # what Word and WPS in China have; elsewhere they are replaced
_LATIN = "Times New Roman"
_STYLES = {
    "Normal": (_SONG, 12), "List Bullet": (_SONG, 12), "Title": (_HEI, 18), "Heading 1": (_HEI, 14),
    "Heading 2": (_HEI, 12), "Heading 3": (_HEI, 12),
}  # fmt: skip
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def made(blocks: Sequence[Block], about: Mapping[str, str], on: date) -> bytes:
    """The document; raises MissingPart. `about`: lang, title, footer."""
    if find_spec("docx") is None:
        raise MissingPart("making a DOCX needs python-docx", "Install it with: pip install 'collectaudit[report]'")
    from docx import Document

    document = Document()
    _prepare(document, about, on)
    for block in blocks:
        _DRAW.get(block["k"], _skip)(document, block)
    out = io.BytesIO()
    document.save(out)
    return _stable(out.getvalue())


def _stable(data: bytes) -> bytes:
    """The same package with its parts in order and without the time of day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda part: (part != "[Content_Types].xml", part)):
            new.writestr(zipfile.ZipInfo(name, _ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _prepare(document: Any, about: Mapping[str, str], on: date) -> None:
    from docx.shared import Cm, Pt

    for name, (font, size) in _STYLES.items():
        _set_font(document.styles[name], font, Pt(size), about["lang"])
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.8)
    _footer(section.footer.paragraphs[0], about)
    core = document.core_properties
    core.title, core.author, core.comments, core.last_modified_by = _seen(about["title"]), "", "", ""
    core.created = core.modified = datetime(on.year, on.month, on.day)  # noqa: DTZ001 — the format wants it so
    core.language = {"zh": "zh-CN", "en": "en"}[about["lang"]]


def _footer(paragraph: Any, about: Mapping[str, str]) -> None:
    """What it is of, and the page with the number of pages."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.add_run(_seen(about["footer"]) + "    ")
    for piece in re.split(r"(\{n\}|\{all\})", about["page"]):
        if piece in ("{n}", "{all}"):
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "PAGE" if piece == "{n}" else "NUMPAGES")
            paragraph._p.append(field)
        else:
            paragraph.add_run(piece)


def _set_font(style: Any, font: str, size: Any, lang: str) -> None:
    """The font for Latin and for Chinese letters, and the language for spelling and line breaks."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.size, style.font.color.rgb = _LATIN, size, RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name, value in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{name}"), value)
    mark = style.element.rPr.find(qn("w:lang"))
    if mark is None:
        mark = OxmlElement("w:lang")
        style.element.rPr.append(mark)
    mark.set(qn("w:val"), "en-US")
    mark.set(qn("w:eastAsia"), "zh-CN" if lang == "zh" else "en-US")


def _seen(text: str) -> str:
    return "\n".join(term_safe(line) for line in text.split("\n"))


def _runs(paragraph: Any, runs: Sequence[Run] | str) -> None:
    for part in [{"t": runs}] if isinstance(runs, str) else runs:
        run = paragraph.add_run(_seen(part["t"]))
        run.bold = bool(part.get("strong")) or None


def _heading(document: Any, block: Block) -> None:
    document.add_heading(_seen(block["text"]), block["level"])


def _title(document: Any, block: Block) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document.add_paragraph(_seen(block["text"]), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER


def _para(document: Any, block: Block) -> None:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    _runs(paragraph, block["runs"])
    if block.get("indent"):
        paragraph.paragraph_format.first_line_indent = Pt(24)


def _list(style: str) -> Any:
    def draw(document: Any, block: Block) -> None:
        for n, row in enumerate(block["rows"], block.get("start", 1)):
            paragraph = document.add_paragraph(style=style)
            if style == "Normal":
                paragraph.add_run(f"{n}. ")
            _runs(paragraph, row)

    return draw


def _grid(document: Any, block: Block) -> None:
    rows = [*([block["head"]] if "head" in block else []), *block["rows"]]
    table = document.add_table(len(rows), len(block["widths"]), "Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, said in zip(row.cells, cells, strict=True):
            _runs(cell.paragraphs[0], said)
    _widths(table, block["widths"])


def _widths(table: Any, shares: Sequence[float]) -> None:
    from docx.shared import Cm

    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Cm(15.4 * share / sum(shares))
        for cell in column.cells:
            cell.width = Cm(15.4 * share / sum(shares))


def _sign(document: Any, block: Block) -> None:
    document.add_paragraph()
    for name in block["rows"]:
        document.add_paragraph(f"{name}：{'＿' * 14}" if not name.isascii() else f"{name}: {'_' * 30}")


def _skip(document: Any, block: Block) -> None:
    """What only paper has: room to write, a new page."""


_DRAW = {
    "h": _heading, "title": _title, "p": _para, "note": _para, "items": _list("List Bullet"),
    "numbered": _list("Normal"), "table": _grid, "pairs": _grid, "sign": _sign,
}  # fmt: skip
