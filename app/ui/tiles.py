"""The figures of the overview in boxes, each number a link to its rows."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from collectaudit.portfolio import Figure, Period, Tile
from ui import figure, shown, text, url
from ui.text import plain

Piece = Mapping[str, str]  # text, and the address it leads to if it is a link
_TILES = shown.part("tiles", "lead")


def boxes(found: Sequence[Tile], spans: tuple[Period, Period] | None) -> None:
    """All of them; `spans`: the days that are compared, now and before, or None where there are none before."""
    st.text(_compared(*spans) if spans else plain("overview.not_compared"))
    shown.linking(_TILES, "tiles", {"tiles": [_box(tile) for tile in found]})


def _compared(now: Period, before: Period) -> str:
    days = {"start": now[0], "end": now[1], "before": before[0], "until": before[1]}
    return plain("overview.compared", **{name: text.day(day) for name, day in days.items()})


def _box(tile: Tile) -> Mapping[str, object]:
    note = f"overview.{tile.name}_note"
    return {
        "title": plain(f"overview.{tile.name}"),
        "number": _number(tile.now, "figure.number"),
        "beside": [*_part(tile), *_trend(tile)],
        "note": plain(note) if note in text.words() else "",
    }


def _number(of: Figure, key: str, **args: object) -> Piece:
    leads = of.n and of.query is not None
    return {"text": plain(key, n=of.n, **args), "href": url.link(of.page, **figure.query(of)) if leads else ""}


def _said(key: str, **args: object) -> Piece:
    return {"text": plain(key, **args), "href": ""}


def _part(tile: Tile) -> Iterator[Piece]:
    """What the number is a part of."""
    if tile.of and tile.of.n:
        yield _number(tile.of, f"overview.{tile.name}_of", share=figure.share(tile.now.n, tile.of.n))
    elif tile.of:
        yield _said(f"overview.{tile.name}_none")


def _trend(tile: Tile) -> Iterator[Piece]:
    """The days compared, in numbers; of a share in shares."""
    if not tile.late or not tile.early:
        return
    if tile.late_of and tile.early_of:
        if tile.late_of.n and tile.early_of.n:
            now, before = figure.share(tile.late.n, tile.late_of.n), figure.share(tile.early.n, tile.early_of.n)
            yield _said("overview.shares", now=now, before=before)
        return
    yield _number(tile.late, "overview.late")
    yield _number(tile.early, "overview.early")
    if tile.early.n and tile.late.n != tile.early.n:
        change = round(100 * (tile.late.n - tile.early.n) / tile.early.n)
        yield _said("overview.change", percent=f"{change:+,}")
