"""Numbers that lead somewhere: a table of ours whose rows open another page with exactly what they counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from ui import shown, url
from ui.shown import Cell, Line

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Lead:
    """A row: what it says, and the page and filter it opens; without a page it is no link."""

    cells: Sequence[Cell]
    page: str = ""
    query: Query = field(default_factory=dict)


def table(key: str, columns: Sequence[str], leads: Sequence[Lead], caption: str) -> None:
    """The rows; a click leaves for the page of its row. `columns`, `caption`: from the catalogue."""
    lines = [Line(lead.cells, url.link(lead.page, **lead.query) if lead.page else "") for lead in leads]
    shown.rows(key, columns, lines, caption)


def chosen(name: str, options: Sequence[str], default: str) -> str:
    """The key of a widget of one of these, that stands in the address under its name; anything else is the default."""
    key = url.bound_text(name, default)
    if st.session_state[key] not in options:
        st.session_state[key] = default
    return key
