"""Sentences whose numbers lead to exactly what they counted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ui import shown, text, url

_LINKED = shown.part("linked", "lead")
_HOLE = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class To:
    """Where a piece of a sentence leads: a page, and what its address asks for."""

    said: str
    page: str
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


Sentence = Sequence[str | To]


def sentence(key: str, links: Mapping[str, To], **args: object) -> Sentence:
    """A sentence of the catalogue; `[name]` in it is the link of that name, `{name}` is filled in."""
    return [links[piece] if n % 2 else piece for n, piece in enumerate(_HOLE.split(text.plain(key, **args)))]


def sentences(key: str, lines: Sequence[Sentence]) -> None:
    """Show them, each in a paragraph; a click leaves for the page it names."""
    shown.linking(_LINKED, key, {"sentences": [[_piece(piece) for piece in line if piece] for line in lines]})


def _piece(piece: str | To) -> Mapping[str, str]:
    if isinstance(piece, str):
        return {"text": text.visible(piece), "href": ""}
    return {"text": text.visible(piece.said), "href": url.link(piece.page, **piece.query)}
