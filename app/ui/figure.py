"""Numbers of the officer's pages: each a link to exactly its rows; the period they are of."""

from datetime import date

import streamlit as st

from collectaudit.filtering import PERIOD
from collectaudit.portfolio import Figure, Period
from ui import url
from ui.shown import Cell
from ui.text import plain, say


def query(of: Figure) -> dict[str, list[str]]:
    """The filter of a figure, as an address holds it."""
    return {name: list(values) for name, values in (of.query or {}).items()}


def link(of: Figure, key: str = "figure.number", **args: object) -> None:
    """The text `key` of the catalogue with the number `n`, as a link to its rows; as text where there are none."""
    if of.n and of.query is not None:
        words = {**url.kept(), **query(of)}
        st.page_link(f"screens/{of.page}.py", label=say(key, n=of.n, **args), query_params=words)
    else:
        st.text(plain(key, n=of.n, **args))


def cell(of: Figure, below: str = "", **case: str) -> Cell:
    """The number in a table, as a link to its rows; `case`: of another case than the one of the address."""
    href = url.link(of.page, **{**query(of), **case}) if of.n and of.query is not None else ""
    return Cell(plain("figure.number", n=of.n), below, href=href)


def go(of: Figure) -> None:
    """Leave for the rows of a figure."""
    url.go(of.page, **query(of))


def share(part: int, whole: int) -> str:
    """A share in percent; what there is no share of is said in words."""
    return plain("figure.share", percent=f"{100 * part / whole:.1f}") if whole else plain("figure.none")


def period(known: Period) -> None:
    """From which day to which; the first and the last day of the records stand for themselves."""
    for column, name, edge in zip(st.columns([1, 1, 2]), PERIOD, known, strict=False):
        with column:
            st.date_input(
                say(f"filter.{name}"), min_value=known[0], max_value=known[1], key=_bound_day(name, edge, known),
                format="YYYY-MM-DD", on_change=_follow_day, args=(name, edge),
            )  # fmt: skip


def _bound_day(name: str, edge: date, known: Period) -> str:
    key = f"in-{name}"
    if not isinstance(st.session_state.get(key), date):
        try:
            asked = date.fromisoformat(url.asked(name))
        except ValueError:
            asked = edge
        st.session_state[key] = min(max(asked, known[0]), known[1])
    return key


def _follow_day(name: str, edge: date) -> None:
    chosen = st.session_state[f"in-{name}"]
    if chosen and chosen != edge:
        st.query_params[name] = chosen.isoformat()
    else:
        st.query_params.pop(name, None)
