"""A PDF with a password: what opens it gives the same pages without one. The locked one is kept, too.

A PDF that only forbids printing or copying opens without a password, and is no container.
"""

import mmap
import re
from pathlib import Path

from ._out import Out, Shut, pieces

NAME = "pdf"
_TRAILER = 4096
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]*)>\s*<([0-9A-Fa-f]*)>")


def claims(path: Path) -> bool:
    """Whether it is a PDF that says it is encrypted; `unpack` finds whether it needs a password."""
    with path.open("rb") as file:
        if not file.read(1024).lstrip().startswith(b"%PDF-"):
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(b"/Encrypt") >= 0


def unpack(path: Path, out: Out, password: str | None) -> None:
    """The PDF without its password; nothing from one that opens without."""
    try:
        import pypdfium2
        from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_REMOVE_SECURITY
    except ImportError:
        return
    try:
        pdf = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD:
            raise Shut("locked" if password is None else "wrong") from None
        return
    if password is None:
        return
    with out.private() as work:
        opened = Path(work) / "open"
        pdf.save(opened, flags=FPDF_REMOVE_SECURITY)
        pdf.close()
        _settle(opened)
        out.derived = True
        with opened.open("rb") as content:
            out.put(out.called, pieces(content))


def _settle(path: Path) -> None:
    """The id that the end of a PDF gives to each writing of it (ISO 32000-1, 14.4), made the same every time."""
    with path.open("r+b") as file:
        start = max(0, file.seek(0, 2) - _TRAILER)
        file.seek(start)
        for found in _ID.finditer(file.read()):
            file.seek(start + found.start(2))
            file.write(b"0" * len(found[2]))
