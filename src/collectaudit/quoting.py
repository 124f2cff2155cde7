"""A text from data with some of its passages pointed out: line by line, harmless, nothing left out."""

import re
from collections.abc import Iterator, Sequence

from .safe_text import term_safe

Span = tuple[int, int]
_NEWLINE = re.compile(r"\r?\n|\Z")
_MARKS = {0x27E6: "\\u27e6", 0x27E7: "\\u27e7"}  # ⟦ ⟧ of the text itself, so that it cannot point anything out


def quoted(text: str, spans: Sequence[Span], *, signs: bool) -> Iterator[tuple[str, list[Span]]]:
    """Each line as it may be shown, and where in it the characters of `spans` have come to stand.

    `signs`: those characters also stand between ⟦ and ⟧, for where there is no colour. Pieces are made harmless one by
    one, so that a character written out as `\\uXXXX` shifts nothing.
    """
    apart = merged(spans)
    for first, last in _lines(text):
        line, places = "", []
        for start, end, inside in _pieces(first, last, apart):
            piece = term_safe(text[start:end])
            if signs:
                piece = piece.translate(_MARKS)
                piece = f"⟦{piece}⟧" if inside else piece
            if inside:
                places.append((len(line), len(line) + len(piece)))
            line += piece
        yield line, places


def merged(spans: Sequence[Span]) -> list[Span]:
    """The stretches that spans cover, in order, none touching another."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def pieces(text: str, spans: Sequence[Span]) -> list[tuple[str, bool]]:
    """The text cut where a passage begins or ends: (piece, whether it is in a passage)."""
    return [(text[start:end], inside) for start, end, inside in _pieces(0, len(text), merged(spans))]


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for newline in _NEWLINE.finditer(text):
        yield start, newline.start()
        start = newline.end()


def _pieces(first: int, last: int, apart: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """text[first:last] cut where a stretch begins or ends."""
    done = first
    for start, end in apart:
        start, end = max(start, first), min(end, last)
        if start < end:
            yield from ((done, start, False),) if done < start else ()
            yield start, end, True
            done = end
    if done < last:
        yield done, last, False
