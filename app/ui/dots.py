"""When contacts were: a dot for each, day by time of day, over the hours in which none is permitted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

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
_HEIGHT = 360
_DAY_MS = 86_400_000
_CELL = ("at", "hour")  # what tells a cell from the others
_RANGED = {"x2": {"field": "end"}, "y2": {"field": "below"}}


def plot(case: Case, chosen: Mapping[str, Sequence[str]], since: str = "", until: str = "", key: str = "dots") -> None:
    """The picture of the contacts that a filter leaves; a click leads to exactly those of the dot or cell."""
    follow(case, chosen, since, until, key)
    found, start = _drawn(case, chosen, since, until)
    if not found["rows"]:
        st.text(plain("dots.none" if found["n"] else "dots.nobody"))
        return
    marks = _point_rows(found) if found["single"] else _cell_rows(found)
    data = {"marks": marks, "bands": _band_rows(found)}
    chart.show(key, _spec(found), _takeaway(found), data, ("ref",) if found["single"] else _CELL)
    _band_texts(case, found["bands"], found["first"])
    if start:
        st.text(plain("dots.recent", day=text.day(start)))
        st.button(say("dots.all"), key=f"{key}-all", type="tertiary", on_click=_everything)
    _list(found, chosen, start or since, until, key)


def follow(
    case: Case, chosen: Mapping[str, Sequence[str]], since: str = "", until: str = "", key: str = "dots"
) -> None:
    """Leave for what was clicked in the picture; the earlier it is asked, the less of the page is made for nothing."""
    picked = chart.picked(key)
    if picked and "ref" in picked:
        url.go("event", ref=str(picked["ref"]))
    elif picked:
        url.go("contacts", **chosen, **_of_cell(_drawn(case, chosen, since, until)[0], picked))


def _drawn(
    case: Case, chosen: Mapping[str, Sequence[str]], since: str, until: str
) -> tuple[dict[str, Any], str | None]:
    """What the picture shows, and the day it begins with if that is not where the records begin."""
    start = "" if since or url.asked("span") else recent(case, Wanted(chosen, since=since, until=until))
    return dots(case, Wanted(chosen, since=start or since, until=until), text.lang()), start


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
    period = {name: day for name, day in (("since", since), ("until", until)) if day}
    with shown.fold(f"{key}-hours", "dots.list") as part:
        if not part.open:
            return
        rows = [
            Lead(
                (Cell(plain("dots.hour", hour=row["hour"])), Cell(f"{row['n']:,}"), Cell(f"{row['suspected']:,}")),
                "contacts", {**chosen, **period, "hour": row["hour"]},
            )
            for row in found["hours"]
        ]  # fmt: skip
        titles = [plain(f"dots.column_{name}") for name in ("hour", "n", "suspected")]
        leads.table(f"{key}-hours", titles, rows, plain("dots.list"))


def _of_cell(found: Row, picked: Row) -> dict[str, str]:
    """What a cell counted, as a filter."""
    cells = zip(found["rows"], _cell_rows(found), strict=True)
    row = next(row for row, cell in cells if all(cell[name] == picked[name] for name in _CELL))
    return {name: row[name] for name in ("since", "until", "half")}


def _spec(found: Row) -> chart.Spec:
    axes, marks = _axes(found), _points() if found["single"] else _cells(found)
    layers = [_shade(), marks] if found["bands"] else [marks]
    return {
        "height": _HEIGHT,
        "params": [] if found["single"] else _said(found),
        "layer": [{**layer, "encoding": {**axes, **layer["encoding"]}} for layer in layers],
    }


def _axes(found: Row) -> chart.Spec:
    """Civil times, given as if they were UTC: then the zone of the browser cannot move them."""
    form = chart.dates(date.fromisoformat(found["first"]), date.fromisoformat(found["last"]))
    return {
        "x": {
            "field": "at", "type": "temporal", "title": None, "scale": {"type": "utc"},
            "axis": {"format": form, "labelOverlap": True, "tickCount": 8},
        },
        "y": {
            "field": "hour", "type": "quantitative", "title": plain("dots.clock"),
            "scale": {"domain": [0, 24], "reverse": True, "nice": False},
            "axis": {"values": list(range(0, 25, 2)), "labelExpr": "datum.value + ':00'"},
        },
    }  # fmt: skip


def _point_rows(found: Row) -> list[Row]:
    return [
        {
            "ref": row["event_id"], "at": _ms(row["day"]) + _DAY_MS // 2, "hour": round(float(row["hour"]), 3),
            "kind": plain(f"dots.{row['kind']}"), "channel": text.words().word("channel", row["channel"]),
            "when": f"{text.day(row['day'])} {int(row['hour'])}:{round(row['hour'] % 1 * 60):02}",
        }
        for row in found["rows"]
    ]  # fmt: skip


def _points() -> chart.Spec:
    words = [plain(f"dots.{kind}") for kind in KINDS]
    legend = {"title": None, "orient": "top", "symbolSize": 90, "labelLimit": 300}
    tips = chart.tips({plain(f"dots.{name}"): f"datum.{name}" for name in ("when", "channel", "kind")})
    return {
        "data": _data("marks"),
        "mark": {"type": "point", "filled": True, "size": 64, "opacity": 0.8, "cursor": "pointer", "tooltip": tips},
        "encoding": {
            name: {"field": "kind", "type": "nominal", "scale": {"domain": words, "range": of}, "legend": legend}
            for name, of in (("color", _COLOURS), ("shape", _SHAPES))
        },
    }


def _cell_rows(found: Row) -> list[Row]:
    """Four numbers a cell, as there are thousands; the rest is worked out where they are drawn."""
    return [
        {"at": _ms(row["since"]), "hour": _hour(row["half"]), "n": row["n"], "suspected": row["suspected"]}
        for row in found["rows"]
    ]


def _cells(found: Row) -> chart.Spec:
    end = f"min(datum.at + {found['step'] * _DAY_MS}, {_ms(found['last']) + _DAY_MS})"
    return {
        "data": _data("marks"),
        "transform": [{"calculate": end, "as": "end"}, {"calculate": "datum.hour + 0.5", "as": "below"}],
        "mark": {"type": "rect", "cursor": "pointer", "strokeWidth": 1.2, "tooltip": _tips(found)},
        "encoding": {
            **_RANGED,
            "color": {
                "field": "n", "type": "quantitative", "scale": {"scheme": "blues", "type": "sqrt"},
                "legend": {"title": plain("dots.cell"), "orient": "top", "titleLimit": 400},
            },
            "stroke": {"condition": {"test": "datum.suspected > 0", "value": _COLOURS[0]}, "value": None},
        },
    }  # fmt: skip


def _tips(found: Row) -> chart.Spec:
    column = f"(datum.at - {_ms(found['first'])}) / {found['step'] * _DAY_MS}"
    return chart.tips({
        plain("dots.day"): f"days[{column}]", plain("dots.clock"): "halves[2 * datum.hour]",
        plain("dots.n"): "datum.n", plain("dots.suspected"): "datum.suspected",
    })  # fmt: skip


def _said(found: Row) -> list[chart.Spec]:
    """How the days and the half hours of cells are written, in their order."""
    first, last = (date.fromisoformat(found[name]) for name in ("first", "last"))
    days = [text.day(first + timedelta(days=n)) for n in range(0, (last - first).days + 1, found["step"])]
    halves = [f"{n // 2}:{n % 2 * 30:02}" for n in range(48)]
    return [{"name": "days", "value": days}, {"name": "halves", "value": halves}]


def _shade() -> chart.Spec:
    mark = {"type": "rect", "color": "#1B2430", "opacity": 0.1}
    return {"data": _data("bands"), "mark": mark, "encoding": _RANGED}


def _band_rows(found: Row) -> list[Row]:
    """The hours that are not permitted: of each run of days what lies before the opening and after the closing."""
    end = _ms(found["last"]) + _DAY_MS
    return [
        {"at": _ms(band["since"]), "end": min(_ms(band["until"]), end), "hour": a, "below": b}
        for band in found["bands"]
        for a, b in ((0.0, _hour(_clock(band["opens"]))), (_hour(_clock(band["closes"])), 24.0))
    ]


def _data(name: str) -> chart.Spec:
    """Rows as they are: nothing in them has to be read as a date first."""
    return {"name": name, "format": {"parse": None}}


def _hour(clock: str) -> float:
    return int(clock[:2]) + int(clock[3:5]) / 60


def _ms(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), time(), UTC).timestamp()) * 1000
