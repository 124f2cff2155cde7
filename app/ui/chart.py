"""Charts: Altair with our fonts and the reader's dates; what it says as a sentence; what was clicked."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from ui import shown, text

Rows = Sequence[Mapping[str, Any]]
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
COLOURS = {"severe": "#8C1D18", "high": "#B4530A", "medium": "#8A6D00", "low": "#4A5563", "plain": "#0B4EA2"}


class _Filled:
    """A chart whose named data are put in when all else has been checked: Altair checks every value of each row."""

    def __init__(self, spec: Any, rows: Mapping[str, Rows]) -> None:
        self.spec, self.rows = spec, rows

    def to_dict(self) -> dict[str, Any]:
        """As Streamlit asks for it."""
        spec = self.spec.to_dict(validate=False)  # its own rows stand in its datasets already
        named = {name: list(rows) for name, rows in self.rows.items()}
        return {**spec, "datasets": {**spec.get("datasets", {}), **named}}


def show(
    key: str, spec: Any, takeaway: str, pick: Sequence[str] = (), rows: Mapping[str, Rows] | None = None
) -> Mapping[str, Any] | None:
    """Draw `spec`; `takeaway`: what it shows, in a sentence, for whoever cannot see it too.

    `pick`: fields of the data that tell what a click means; the values of the mark that was clicked, or None.
    `rows`: what `alt.NamedData` of the spec stand for; in a chart of thousands of marks, a hundred times as fast.
    """
    shown.text(takeaway)
    said = text.visible(takeaway)
    if not pick:
        st.altair_chart(_filled(spec, rows), key=key, theme=None, alt=said)
        return None
    picked = alt.selection_point(name="picked", fields=list(pick), on="click", toggle=False)
    if isinstance(spec, alt.LayerChart):  # what lies on top is what can be clicked
        spec.layer[-1] = spec.layer[-1].add_params(picked)
    else:
        spec = spec.add_params(picked)
    event = st.altair_chart(_filled(spec, rows), key=key, theme=None, alt=said, on_select="rerun")
    chosen = event.selection.get("picked")
    return dict(chosen[0]) if chosen else None


def _filled(spec: Any, rows: Mapping[str, Rows] | None) -> Any:
    return _Filled(_dressed(spec), rows or {})


def _dressed(spec: Any) -> Any:
    axis = {"labelColor": "#1B2430", "titleColor": "#1B2430", "labelFontSize": 12, "titleFontSize": 12,
            "gridColor": "#E3E7EC"}  # fmt: skip
    return (
        spec.configure(font=_FONT, locale=_locale(), background="#FFFFFF")
        .configure_axis(**axis)
        .configure_view(stroke="#C9D1DB")
    )


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
