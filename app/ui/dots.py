"""When contacts were: a dot for each, day by time of day, over the hours in which none is permitted."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

import altair as alt
import streamlit as st

from collectaudit import hours
from collectaudit.case import Case
from collectaudit.dots import KINDS, dots, recent
from collectaudit.filtering import Wanted
from ui import chart, leads, shown, text, url
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

Row = Mapping[str, Any]
_COLOURS, _SHAPES = ("#A3320B", "#7A5C00", "#2F6DB5"), ("triangle-up", "diamond", "circle")
_YEAR = 300  # days beyond which the axis names months, not days
_HEIGHT = 360


def plot(case: Case, chosen: Mapping[str, Sequence[str]], since: str = "", until: str = "", key: str = "dots") -> None:
    """The picture of the contacts that a filter leaves; a click leads to exactly those of the dot or cell."""
    wanted = Wanted(chosen, since=since, until=until)
    start = "" if since or url.asked("span") else recent(case, wanted)
    found = dots(case, Wanted(chosen, since=start or since, until=until), text.lang())
    if not found["rows"]:
        st.text(plain("dots.none"))
        return
    pick = ("ref",) if found["single"] else ("since", "until", "half")
    marks = _point_rows(found) if found["single"] else _cell_rows(found)
    picked = chart.show(key, _spec(found), _takeaway(found), pick, {"marks": marks})
    _band_texts(case, found["bands"], found["first"])
    if start:
        st.text(plain("dots.recent", day=text.day(start)))
        st.button(say("dots.all"), key=f"{key}-all", type="tertiary", on_click=_everything)
    _list(found, chosen, start or since, until, key)
    if picked and found["single"]:
        url.go("event", ref=str(picked["ref"]))
    elif picked:
        url.go("contacts", **chosen, **{name: str(picked[name]) for name in pick})


def _everything() -> None:
    st.query_params["span"] = "all"


def _takeaway(found: Row) -> str:
    about = {"first": text.day(found["first"]), "last": text.day(found["last"])}
    said = plain("dots.takeaway", n=found["timed"], outside=found["outside"], suspected=found["suspected"], **about)
    untimed = found["n"] - found["timed"]
    return said + plain("dots.untimed", n=untimed) if untimed else said


def _band_texts(case: Case, bands: Sequence[Row], first: str) -> None:
    """What is shaded, and by which texts, since when."""
    said = [_band(band, "dots.band" if band["since"] == first else "dots.band_since") for band in bands]
    if hours.agreed_apart(case):
        said.append(plain("dots.apart"))
    shown.text("\n".join(said[-4:] if said else [plain("dots.no_band")]))


def _band(band: Row, key: str) -> str:
    hours = {"opens": _clock(band["opens"]), "closes": _clock(band["closes"])}
    return plain(key, since=text.day(band["since"]), texts=plain("summary.comma").join(band["instruments"]), **hours)


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _list(found: Row, chosen: Mapping[str, Sequence[str]], since: str, until: str, key: str) -> None:
    """The same numbers as links, hour by hour: for the keyboard, and for whoever cannot see the picture."""
    period = {"since": since, "until": until}
    rows = [
        Lead(
            (Cell(plain("dots.hour", hour=row["hour"])), Cell(f"{row['n']:,}"), Cell(f"{row['suspected']:,}")),
            "contacts", {**chosen, **{name: day for name, day in period.items() if day}, "hour": row["hour"]},
        )
        for row in found["hours"]
    ]  # fmt: skip
    with st.expander(say("dots.list")):
        titles = [plain(f"dots.column_{name}") for name in ("hour", "n", "suspected")]
        leads.table(f"{key}-hours", titles, rows, plain("dots.list"))


def _spec(found: Row) -> Any:
    layers = [_shade(found), _points(found) if found["single"] else _cells(found)]
    return alt.layer(*(layer for layer in layers if layer is not None)).properties(height=_HEIGHT)


def _axes(found: Row) -> Mapping[str, Any]:
    days = (date.fromisoformat(found["last"]) - date.fromisoformat(found["first"])).days
    form = plain("dots.month_format" if days > _YEAR else "dots.day_format")
    return {
        "x": alt.X("at:T", title=None, axis=alt.Axis(format=form, labelOverlap=True, tickCount=8)),
        "y": alt.Y(
            "hour:Q", title=plain("dots.clock"), scale=alt.Scale(domain=[0, 24], reverse=True, nice=False),
            axis=alt.Axis(values=list(range(0, 25, 2)), labelExpr="datum.value + ':00'"),
        ),
    }  # fmt: skip


def _point_rows(found: Row) -> list[Row]:
    return [
        {
            "ref": row["event_id"], "at": f"{row['day']}T12:00:00", "hour": round(float(row["hour"]), 3),
            "kind": plain(f"dots.{row['kind']}"), "channel": text.words().word("channel", row["channel"]),
            "when": f"{text.day(row['day'])} {int(row['hour'])}:{round(row['hour'] % 1 * 60):02}",
        }
        for row in found["rows"]
    ]  # fmt: skip


def _points(found: Row) -> Any:
    words = [plain(f"dots.{kind}") for kind in KINDS]
    return (
        alt.Chart(alt.NamedData("marks"))
        .mark_point(filled=True, size=64, opacity=0.8, cursor="pointer")
        .encode(
            **_axes(found),
            color=alt.Color("kind:N", scale=alt.Scale(domain=words, range=_COLOURS), legend=_legend()),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=words, range=_SHAPES), legend=_legend()),
            tooltip=[alt.Tooltip(f"{name}:N", title=plain(f"dots.{name}")) for name in ("when", "channel", "kind")],
        )
    )


def _legend() -> Any:
    return alt.Legend(title=None, orient="top", symbolSize=90, labelLimit=300)


def _cell_rows(found: Row) -> list[Row]:
    return [
        {
            "since": row["since"], "until": row["until"], "half": row["half"], "n": row["n"],
            "suspected": row["suspected"], "at": f"{row['since']}T00:00:00", "end": f"{_after(row['until'])}T00:00:00",
            "hour": _hour(row["half"]), "below": _hour(row["half"]) + 0.5,
        }
        for row in found["rows"]
    ]  # fmt: skip


def _scale() -> Any:
    return alt.Legend(title=plain("dots.cell"), orient="top", titleLimit=400)


def _cells(found: Row) -> Any:
    return (
        alt.Chart(alt.NamedData("marks"))
        .mark_rect(cursor="pointer", strokeWidth=1.2)
        .encode(
            **_axes(found), x2="end:T", y2="below:Q",
            color=alt.Color("n:Q", scale=alt.Scale(scheme="blues", type="sqrt"), legend=_scale()),
            stroke=alt.condition("datum.suspected > 0", alt.value(_COLOURS[0]), alt.value(None)),
            tooltip=[
                alt.Tooltip("since:N", title=plain("dots.day")), alt.Tooltip("half:N", title=plain("dots.clock")),
                alt.Tooltip("n:Q", title=plain("dots.n")), alt.Tooltip("suspected:Q", title=plain("dots.suspected")),
            ],
        )
    )  # fmt: skip


def _shade(found: Row) -> Any | None:
    """The hours that are not permitted: of each run of days what lies before the opening and after the closing."""
    last = _after(found["last"])
    values = [
        {"at": f"{band['since']}T00:00:00", "end": f"{min(band['until'], last)}T00:00:00", "hour": a, "below": b}
        for band in found["bands"]
        for a, b in ((0.0, _hour(_clock(band["opens"]))), (_hour(_clock(band["closes"])), 24.0))
    ]
    if not values:
        return None
    chart = alt.Chart(alt.InlineData(values=values)).mark_rect(color="#1B2430", opacity=0.1)
    return chart.encode(**_axes(found), x2="end:T", y2="below:Q")


def _hour(clock: str) -> float:
    return int(clock[:2]) + int(clock[3:5]) / 60


def _after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))
