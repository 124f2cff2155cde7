"""Agencies or agents against each other: the funnel plot and the tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from collectaudit import comparing
from collectaudit.filtering import Wanted
from collectaudit.portfolio import Figure
from ui import chart, figure, filters, shown, text, url
from ui.shown import Cell, Line
from ui.text import plain

Row = dict[str, Any]
ACROSS = 8  # agencies or agents beside each other in the table of rules
LABELS = 12  # names written into the plot
_WIDE = 20  # times as many contacts: then the axis is logarithmic
_LEGEND = {"title": None, "orient": "top", "labelLimit": 300}
_STATES = ("within", "above", "below", "few")
_COLOURS, _SHAPES = ("#0B4EA2", "#A3320B", "#2E7D6B", "#8793A1"), ("circle", "triangle-up", "triangle-down", "circle")


def named(by: str, name: str) -> str:
    """An agency or agent, or that nobody named one."""
    return filters.known(by, name)


def state(row: Row, share: float) -> str:
    """within · above · below the limits of 99.8 %, or too few contacts to say."""
    return "few" if row["few"] else comparing.outside(row, share) or "within"


def plot(rows: Sequence[Row], by: str) -> None:
    """Share against volume, with the limits within which chance alone would leave nearly all; a click leads to rows."""
    share = comparing.overall(rows)
    states = {row["name"]: state(row, share) for row in rows}
    lines = comparing.funnel(rows)
    spec = {"height": 360, "layer": [_lines(lines), _mean(), *_points(by)]}
    data: dict[str, chart.Rows] = {
        "limits": _limits(lines),
        "mean": [{"share": share}],
        "points": _point_rows(rows, states, by),
    }
    out = sum(one in ("above", "below") for one in states.values())
    says = plain("comparison.funnel_says", share=figure.share(round(share * 10**6), 10**6), n=len(rows), out=out)
    picked = chart.picked("funnel")
    chosen = next((row for row in rows if picked and row["name"] == picked["code"]), None)
    if chosen and chosen["flagged"].n:
        figure.go(chosen["flagged"])
    chart.show("funnel", spec, says, data, ("code",))


def _limits(lines: Sequence[Row]) -> list[Row]:
    return [
        {"n": line["n"], "share": line[f"{side}_{width}"], "width": plain(f"comparison.limit_{width}"), "side": side}
        for line in lines for width in ("95", "998") for side in ("low", "high")
    ]  # fmt: skip


def _lines(lines: Sequence[Row]) -> chart.Spec:
    words = [plain("comparison.limit_95"), plain("comparison.limit_998")]
    wide = max(line["n"] for line in lines) > _WIDE * min(line["n"] for line in lines)
    return {
        "data": {"name": "limits"},
        "mark": {"type": "line", "color": "#4A5563"},
        "encoding": {
            "x": {
                "field": "n", "type": "quantitative", "title": plain("comparison.volume"),
                "scale": {"type": "log" if wide else "linear", "nice": False, "zero": False},
                "axis": {"format": ",d", "tickCount": 6},
            },
            "y": {
                "field": "share", "type": "quantitative", "title": plain("comparison.share"), "axis": {"format": "%"},
                "scale": {"zero": False, "nice": False, "padding": 12},
            },
            "strokeDash": {
                "field": "width", "type": "nominal", "scale": {"domain": words, "range": [[5, 4], [1, 0]]},
                "legend": _LEGEND,
            },
            "detail": {"field": "side", "type": "nominal"},
        },
    }  # fmt: skip


def _mean() -> chart.Spec:
    share = {"field": "share", "type": "quantitative"}
    return {"data": {"name": "mean"}, "mark": {"type": "rule", "color": "#8793A1"}, "encoding": {"y": share}}


def _point_rows(rows: Sequence[Row], states: Mapping[str, str], by: str) -> list[Row]:
    far = [row["name"] for row in rows if states[row["name"]] in ("above", "below")]
    labelled = {*far[:LABELS], *([row["name"] for row in rows] if len(rows) <= LABELS else [])}
    return [
        {
            "code": row["name"], "name": text.visible(named(by, row["name"])), "n": row["n"], "share": row["share"],
            "state": plain(f"comparison.{states[row['name']]}"), "interval": _interval(row),
            "label": text.visible(named(by, row["name"])) if row["name"] in labelled else "",
        }
        for row in rows
    ]  # fmt: skip


def _points(by: str) -> list[chart.Spec]:
    """Names, and on top of them the points."""
    words = [plain(f"comparison.{one}") for one in _STATES]
    place = {"x": {"field": "n", "type": "quantitative"}, "y": {"field": "share", "type": "quantitative"}}
    look = {
        name: {"field": "state", "type": "nominal", "scale": {"domain": words, "range": of}, "legend": _LEGEND}
        for name, of in (("color", _COLOURS), ("shape", _SHAPES))
    }
    point = {"type": "point", "filled": True, "size": 90, "opacity": 0.9, "cursor": "pointer", "tooltip": _tips(by)}
    name = {"type": "text", "dy": -11, "fontSize": 11, "color": "#1B2430"}
    data = {"name": "points"}
    return [
        {"data": data, "mark": name, "encoding": {**place, "text": {"field": "label", "type": "nominal"}}},
        {"data": data, "mark": point, "encoding": {**place, **look}},
    ]


def _tips(by: str) -> chart.Spec:
    return chart.tips({
        plain(f"filter.{by}"): "datum.name", plain("comparison.contacts"): "format(datum.n, ',d')",
        plain("comparison.share"): "format(datum.share, '.1%')", plain("comparison.interval"): "datum.interval",
        plain("comparison.compared"): "datum.state",
    })  # fmt: skip


def _interval(row: Row) -> str:
    if row["low"] is None:
        return plain("app.unknown")
    return plain("comparison.from_to", low=f"{100 * row['low']:.1f}", high=f"{100 * row['high']:.1f}")


def table(rows: Sequence[Row], share: float, by: str) -> None:
    """One line each: how much, what was found, how far that is from the others, how complete the records are."""
    titles = [
        plain(f"filter.{by}"),
        *(plain(f"comparison.{name}") for name in ("contacts", "flagged", "portion", "findings", "compared")),
    ]
    titles += [*(plain(f"comparison.has_{what}") for what in comparing.COMPLETE), plain("comparison.quiet")]
    shown.rows("groups", titles, [_line(row, share, by) for row in rows], plain("comparison.title"))


def _line(row: Row, share: float, by: str) -> Line:
    inside = url.link("comparison", **{**dict(url.current()), "agency": row["name"]}) if by == "agency" else ""
    name = Cell(named(by, row["name"]), plain("comparison.agents") if inside else "", href=inside)
    held = Cell(figure.share(row["flagged"].n, row["n"]), _interval(row))
    per = plain("comparison.per_1000", n=f"{row['per_1000']:.0f}")
    is_, quiet = state(row, share), plain("comparison.days_of", n=row["quiet_days"], days=row["days"])
    has = [Cell(figure.share(*row["has"][what])) for what in comparing.COMPLETE]
    cells = (figure.cell(row["contacts"]), figure.cell(row["flagged"]), held, figure.cell(row["findings"], per))
    return Line(
        (
            name,
            *cells,
            Cell(plain(f"comparison.{is_}"), mark="below-limit" if is_ == "below" else is_),
            *has,
            Cell(quiet),
        ),
    )


def rules(found: Sequence[Row], rows: Sequence[Row], titles: Mapping[str, str], chosen: Wanted, by: str) -> None:
    """Rule by agency (or agent): findings, and how many on a thousand contacts."""
    across = rows[:ACROSS]
    n = {(row["rule"], row["name"]): row["n"] for row in found}
    order = sorted(
        {row["rule"] for row in found}, key=lambda rule: -sum(row["n"] for row in found if row["rule"] == rule)
    )
    lines = [
        Line(
            (
                Cell(titles.get(rule, rule)),
                *(_of_rule(n.get((rule, row["name"]), 0), rule, row, chosen, by) for row in across),
            ),
        )
        for rule in order
    ]
    columns = [plain("spread.rule"), *(text.visible(named(by, row["name"])) for row in across)]
    shown.rows("by-rule", columns, lines, plain("comparison.by_rule"))


def _of_rule(n: int, rule: str, row: Row, chosen: Wanted, by: str) -> Cell:
    query = {**comparing.findings_scope(comparing.scope(chosen, by, row["name"])), "rule": (rule,)}
    below = plain("comparison.per_1000", n=f"{1000 * n / row['n']:.1f}") if n and not row["few"] else ""
    return figure.cell(Figure(n, "findings", query), below)
