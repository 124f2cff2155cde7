"""The evidence book: one PDF that an authority can read from the first page to the last, in volumes if it is long."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..catalogue import Words
from . import bookends, bookexhibits, bookfindings
from .blocks import numbered
from .dossier import Dossier
from .typeset import Block, compiled

VOLUME = 3000  # exhibits in one file; a reader's memory and patience end there
_HEAD = 16  # digits of the log's head in the footer; the cover has all


@dataclass(frozen=True, slots=True)
class Book:
    """What a page of the book is made from. `linked`: the exhibits of this volume, to which a number can lead."""

    made: Dossier
    told: Mapping[str, str]
    words: Words
    on: date
    linked: frozenset[int]
    exhibits: Sequence[Mapping[str, Any]]
    volume: int = 1
    volumes: int = 1

    @property
    def lang(self) -> str:
        """The language of the book."""
        return self.made.lang


Part = Callable[[Book], Iterator[Block]]
# After cover and contents, in this order; the exhibits go through all volumes, the rest stands in the first.
PARTS: tuple[tuple[str, Part], ...] = (
    ("parties", bookends.parties),
    ("request", bookends.request),
    ("summary", bookends.summary),
    ("findings", bookfindings.findings),
    ("days", bookends.days),
    ("exhibits", bookexhibits.exhibits),
    ("third", bookends.third_parties),
    ("contrary", bookends.contrary),
    ("gaps", bookends.gaps),
    ("method", bookends.method),
    ("files", bookends.files),
    ("sign", bookends.signature),
)


def volumes(made: Dossier, told: Mapping[str, str], on: date) -> list[bytes]:
    """The PDFs of the book; `told`: what the person said of the complaint; `on`: the day on its cover."""
    rows = made.exhibits
    slices = [rows[at : at + VOLUME] for at in range(0, len(rows), VOLUME)] or [[]]
    return [_volume(made, told, on, part, n, len(slices)) for n, part in enumerate(slices, 1)]


def write(made: Dossier, to: Path, told: Mapping[str, str], on: date) -> list[Path]:
    """Write the book as `to`, or its volumes beside one another as `to`_1, `to`_2 …; the files written."""
    files = volumes(made, told, on)
    paths = [to] if len(files) == 1 else [to.with_stem(f"{to.stem}_{n}") for n in range(1, len(files) + 1)]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return paths


def _volume(
    made: Dossier, told: Mapping[str, str], on: date, rows: Sequence[Mapping[str, Any]], n: int, of: int
) -> bytes:
    words = Words(made.lang, "report")
    book = Book(made, told, words, on, frozenset(row["number"] for row in rows), rows, n, of)
    blocks = [*bookends.cover(book), *_parts(book)]
    about = made.about
    footer = words("book.footer", number=about["number"], run=about["run"] or "—", head=about["log_head"][:_HEAD])
    title = bookends.title(book)
    return compiled(
        blocks,
        {"lang": made.lang, "title": title, "running": title, "footer": footer, "page": words("book.page")},
        on,
    )


def _parts(book: Book) -> Iterator[Block]:
    """The parts by number; a later volume has the exhibits alone, under the number they have in the first."""
    for n, (name, part) in enumerate(PARTS, 1):
        if book.volume == 1 or name == "exhibits":
            text = numbered(book.words(f"book.part_{name}"), n, book.lang)
            yield {"k": "h", "level": 1, "text": text, "id": f"part-{name}", "page": name in _ON_A_NEW_PAGE}
            yield from part(book)


_ON_A_NEW_PAGE = {"parties", "findings", "exhibits", "files", "sign"}
