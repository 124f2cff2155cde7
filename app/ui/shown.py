"""Data on the page: one function for each kind of widget, and each makes its text harmless."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from collectaudit.errors import CollectAuditError
from ui import url
from ui.text import label, plain, say, visible, words

_HERE = Path(__file__).parent


def part(name: str, *before: str) -> Callable[..., Any]:
    """One of our own widgets: <name>.js builds it with textContent only, <name>.css dresses it. `before`: what its
    script begins with, as a script of a widget can load no other."""
    css = (_HERE / f"{name}.css").read_text(encoding="utf-8")
    js = "\n".join((_HERE / f"{one}.js").read_text(encoding="utf-8") for one in (*before, name))
    return st.components.v2.component(f"collectaudit_{name}", html="<div class='root'></div>", js=js, css=css)


_CODE, _ROWS, _TALK = part("code"), part("rows", "lead"), part("talk")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a text, a smaller one below it, a mark (a colour with a word, never a colour alone), its own address."""

    text: str
    below: str = ""
    mark: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list. `href`: the page that a click on it opens; `ref`: what its box is known by."""

    cells: Sequence[Cell]
    href: str = ""
    ref: str = ""


def text(value: object) -> None:
    """Text as it is."""
    st.text(visible(value))


def code(key: str, value: object) -> None:
    """Text as it is, in one width; with a button that copies it. (Streamlit's own loads 1.5 MB to colour it.)"""
    said = {"copy": plain("app.copy"), "copied": plain("app.copied")}
    _CODE(key=f"code-{key}", data={"text": visible(value), **said})


def problem(error: CollectAuditError) -> None:
    """What went wrong and what to do, in the reader's language."""
    st.error("  \n".join(label(words().sentence(part)) for part in (error.what, error.fix) if part))


def fold(key: str, title: str, **args: object) -> Any:
    """A part below a title of the catalogue, closed at first. Make what is in it only if it is `open`: a table that
    nobody looks at costs the page as much as one that is read."""
    return st.expander(say(title, **args), key=f"fold-{key}", on_change="rerun")


def rows(key: str, columns: Sequence[str], lines: Sequence[Line], caption: str) -> None:
    """A table whose rows and cells are links. `columns`, `caption`: from the catalogue."""
    linking(_ROWS, key, _listed(columns, lines, caption))


def choosing(
    key: str, columns: Sequence[str], lines: Sequence[Line], caption: str, choose: Mapping[str, str]
) -> list[str]:
    """As `rows`, with a box before each: the refs of those that are ticked.

    `choose`: what the boxes are called: `all` of the page, `one` before the first cell of a row.
    """
    data = {**_listed(columns, lines, caption), "choose": dict(choose)}
    ticked = linking(_ROWS, key, data, default={"chosen": []}, on_chosen_change=_nothing).chosen or ()
    return [line.ref for line in lines if line.ref in ticked]


def linking(widget: Callable[..., Any], key: str, data: Mapping[str, Any], **args: Any) -> Any:
    """A widget of ours that tells as `opened` the address that was clicked: it leaves before the page is made again."""
    return widget(key=key, data=data, on_opened_change=partial(_leave, key), **args)


def _leave(key: str) -> None:
    url.leave(str(st.session_state[key].opened))


def _listed(columns: Sequence[str], lines: Sequence[Line], caption: str) -> dict[str, Any]:
    return {
        "caption": caption,
        "columns": list(columns),
        "rows": [{"ref": line.ref, "href": line.href, "cells": [_cell(cell) for cell in line.cells]} for line in lines],
    }


def _cell(cell: Cell) -> Mapping[str, str]:
    return {"text": visible(cell.text), "below": visible(cell.below), "mark": cell.mark, "href": cell.href}


def talk(
    key: str, turns: Sequence[Mapping[str, Any]], said: Mapping[str, str], sound: str, begin: float | None
) -> None:
    """What was said, turn by turn, passages marked. With a `sound` (its address) each line plays it from there.

    A turn: who, side (ours · theirs), at, start, end, note, pieces: (text, kind of mark or "") in order.
    """
    data = {
        "turns": [{**turn, "pieces": [[visible(piece), mark] for piece, mark in turn["pieces"]]} for turn in turns],
        "said": dict(said), "sound": sound, "begin": begin,
    }  # fmt: skip
    _TALK(key=key, data=data)


def _nothing() -> None:
    """A change is read off the result."""
