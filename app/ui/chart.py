"""Charts: Vega-Lite with our fonts and the reader's dates; what it says as a sentence; what was clicked.

A chart is painted as one picture (an element for each of thousands of marks takes the browser long, and a screen reader
too): what it shows stands beside it as a sentence, and the page has the same numbers as links.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from ui import shown, text
from ui.text import plain

Spec = dict[str, Any]  # of a chart in Vega-Lite, without its data
Rows = Sequence[Mapping[str, Any]]
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
COLOURS = {"severe": "#8C1D18", "high": "#B4530A", "medium": "#8A6D00", "low": "#4A5563", "plain": "#0B4EA2"}
_YEAR = 300  # days beyond which an axis names months, not days
_MARKS = "marks"  # the view whose marks can be clicked


def show(key: str, spec: Spec, takeaway: str, rows: Mapping[str, Rows], pick: Sequence[str] = ()) -> None:
    """Draw `spec`; `takeaway`: what it shows, in a sentence, for whoever cannot see it too.

    `rows`: the data by the names under which the spec asks for them. `pick`: fields of the data that tell what a click
    on a mark (of layers: of the last) means; what was clicked is told by `picked`.
    """
    shown.text(takeaway)
    said, drawn = text.visible(takeaway), {**_dressed(spec), "datasets": {name: list(of) for name, of in rows.items()}}
    if not pick:
        st.vega_lite_chart(None, drawn, key=key, theme=None, alt=said)
    else:
        st.vega_lite_chart(None, _picking(drawn, pick), key=key, theme=None, alt=said, on_select="rerun")


def picked(key: str) -> Spec | None:
    """What was clicked in the chart of this key, known before it is drawn again."""
    chosen = st.session_state[key]["selection"].get("picked") if key in st.session_state else None
    return dict(chosen[0]) if chosen else None


def dates(first: date, last: date) -> str:
    """How an axis of time writes its dates: months where it is long."""
    return plain("dots.month_format" if (last - first).days > _YEAR else "dots.day_format")


def tips(values: Mapping[str, str]) -> Spec:
    """What is said of the mark under the pointer: title (a text of ours) → value, as an expression of Vega."""
    return {"expr": "{" + ", ".join(f"{json.dumps(title)}: {value}" for title, value in values.items()) + "}"}


def _picking(spec: Spec, pick: Sequence[str]) -> Spec:
    select = {"type": "point", "fields": list(pick), "on": "click", "toggle": False}
    picked = [*spec.get("params", ()), {"name": "picked", "select": select, "views": [_MARKS]}]
    if "layer" in spec:
        *under, top = spec["layer"]
        return {**spec, "layer": [*under, {**top, "name": _MARKS}], "params": picked}
    return {**spec, "name": _MARKS, "params": picked}


def _dressed(spec: Spec) -> Spec:
    axis = {"labelColor": "#1B2430", "titleColor": "#1B2430", "labelFontSize": 12, "titleFontSize": 12,
            "gridColor": "#E3E7EC"}  # fmt: skip
    config = {
        "font": _FONT, "locale": _locale(), "background": "#FFFFFF", "axis": axis, "view": {"stroke": "#C9D1DB"},
        "mark": {"aria": False, "invalid": "show"},
    }  # fmt: skip
    return {**spec, "config": config, "usermeta": {"embedOptions": {"renderer": "canvas"}}}


def _locale() -> dict[str, Any]:
    """Months and weekdays as the reader writes them."""
    words = text.words()
    months = [words(f"month.{n}") for n in range(1, 13)]
    days = [words(f"weekday.{n}") for n in (7, *range(1, 7))]
    return {
        "number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
        "time": {
            "dateTime": "%Y-%m-%d %H:%M", "date": "%Y-%m-%d", "time": "%H:%M", "periods": ["", ""], "days": days,
            "shortDays": days, "months": months, "shortMonths": months,
        },
    }  # fmt: skip
