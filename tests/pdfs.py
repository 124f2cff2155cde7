"""PDF bills as carriers make them: ruled, without lines, with cells that wrap, over several pages, and pictures."""

from functools import cache
from typing import Any, cast

import typst

from collectaudit.report.typeset import font_folder

Rows = tuple[tuple[str, ...], ...]
_PAGE = """#set page(width: {width}cm, height: {height}cm, margin: 1cm)
#set text(font: "Noto Sans SC", size: 9pt)
{above}

#table(columns: ({columns}), stroke: {stroke}, align: {align}, inset: 4pt,
  table.header(repeat: {repeat}, {header}),
  {rows})

{below}
"""


def _cell(text: str) -> str:
    return "[" + "".join(f"\\{char}" if char in "\\#*_[]$<>@`~=-+/" else char for char in text) + "]"


@cache
def bill(
    header: tuple[str, ...], rows: Rows, *, above: tuple[str, ...] = (), below: tuple[str, ...] = (),
    stroke: str = "0.5pt", align: str = "left", columns: str = "auto", width: float = 21, height: float = 29.7,
    repeat: bool = True,
) -> bytes:  # fmt: skip
    """A bill with lines above and below its table."""
    text = _PAGE.format(
        width=width, height=height, above="\\ ".join(_cell(line)[1:-1] for line in above), stroke=stroke, align=align,
        columns=columns if "," in columns else ", ".join([columns] * len(header)), repeat=str(repeat).lower(),
        header=", ".join(map(_cell, header)), below="\\ ".join(_cell(line)[1:-1] for line in below),
        rows=", ".join(_cell(cell) for row in rows for cell in row),
    )  # fmt: skip
    return bytes(typst.compile(cast(Any, text.encode()), font_paths=[font_folder()], ignore_system_fonts=True))


@cache
def picture() -> bytes:
    """A page that is only a picture."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    return bytes(typst.compile(cast(Any, f'#image(bytes(`{svg}`.text), format: "svg")'.encode())))
