"""A workbook with a password: what opens it gives the same workbook without one. The locked one is kept, too."""

import mmap
from pathlib import Path

from ..sources import _book
from ._out import Out, Shut, pieces

NAME = "workbook"
_LARGEST = 256 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream of an .xlsx with a password
_OF_EXCEL = "VelvetSweatshop"  # with which Excel itself locks what is only to be read
_OLD = "Workbook".encode("utf-16-le"), "Book".encode("utf-16-le")  # those of an .xls


def claims(path: Path) -> bool:
    """Whether it is a workbook in an OLE file, which is where locked ones are; `unpack` finds whether it is locked."""
    if not 0 < path.stat().st_size <= _LARGEST:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[: len(_book.OLE)] != _book.OLE:
            return False
        return any(content.find(stream) >= 0 for stream in (_ENCRYPTED, *_OLD))


def unpack(path: Path, out: Out, password: str | None) -> None:
    """The workbook without its password; nothing from one that has none."""
    try:
        import msoffcrypto
        from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
    except ImportError:
        return
    with path.open("rb") as file, out.private() as work, (Path(work) / "open").open("w+b") as opened:
        try:
            book = msoffcrypto.OfficeFile(file)
            if not book.is_encrypted():
                return
        except (FileFormatError, ParseError, OSError, ValueError):
            return
        try:
            book.load_key(password=_OF_EXCEL if password is None else password)
            book.decrypt(opened)
        except (InvalidKeyError, DecryptionError):
            raise Shut("locked" if password is None else "wrong") from None
        opened.seek(0)
        out.derived = True
        out.put(out.called, pieces(opened))
