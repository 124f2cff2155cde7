"""Contacts and findings over time: by day and time of day, by week and rule, by weekday and hour."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from collectaudit import portfolio
from collectaudit.case import Case
from collectaudit.filtering import Wanted
from collectaudit.portfolio import figure_of, hours, in_week
from ui import chart, figure, shown, text
from ui.shown import Cell, Line
from ui.text import plain

Row = dict[str, Any]
RULES = 7  # of their own in the bars; the rest together
OTHERS = "-"
_BARS = ("#0B4EA2", "#B4530A", "#2E7D6B", "#7A3E9D", "#8A6D00", "#A03050", "#4A7FB5", "#8793A1")
WHAT = ("findings", "contacts")


def follow(case: Case, scope: Wanted) -> None:
    """Leave for what was clicked in one of the pictures by week or hour, before the page is made again."""
    if bar := chart.picked("by-week"):
        _, rest = _ranked(portfolio.weeks(case, scope))
        rules = rest if bar["code"] == OTHERS else [bar["code"]]
        figure.go(in_week("findings", scope, date.fromisoformat(bar["monday"]), 1, rule=rules))
    for what in WHAT:
        cell = chart.picked(f"by-hour-{what}")
        if cell and hours(portfolio.moments(case, scope), what).get((int(cell["weekday"]), int(cell["hour"]))):
            figure.go(figure_of(what, scope, 1, weekday=(cell["weekday"],), hour=(cell["hour"],)))


def days_as_links(rows: Sequence[Row], scope: Wanted) -> None:
    """The same by week, as numbers."""
    sums: dict[date, Counter[str]] = {}
    for row in rows:
        monday = row["day"] - timedelta(days=row["day"].weekday())
        sums.setdefault(monday, Counter()).update(contacts=row["contacts"], findings=row["findings"])
    titles = [plain(f"spread.{name}") for name in ("week", *WHAT)]
    lines = [
        Line((Cell(text.day(monday)), *(figure.cell(in_week(what, scope, monday, found[what])) for what in WHAT)))
        for monday, found in sorted(sums.items())
    ]
    shown.rows("days", titles, lines, plain("spread.weekly"))


def by_week(rows: Sequence[Row], titles: Mapping[str, str]) -> None:
    """Findings by week, stacked by rule; a click leads to them (`follow`)."""
    first = Counter[tuple[date, str]]()
    own, rest = _ranked(rows)
    for row in rows:
        first[row["week"], row["rule"] if row["rule"] in own else OTHERS] += row["n"]
    named = {rule: text.visible(titles.get(rule, rule)) for rule in own} | {OTHERS: plain("spread.other_rules")}
    order = [*own, *([OTHERS] if rest else [])]
    data = [
        {"monday": str(week), "code": rule, "n": n, "rule": named[rule], "place": order.index(rule)}
        for (week, rule), n in first.items()
    ]
    spec = _bars([named[rule] for rule in order], _every_week(rows))
    by = Counter[date]()
    for row in rows:
        by[row["week"]] += row["n"]
    most = by.most_common(1)[0]
    says = plain("spread.week_says", day=text.day(most[0]), n=most[1])
    chart.show("by-week", spec, says, {"weeks": data}, ("monday", "code"))


def _ranked(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """The rules that have a colour of their own, and the others."""
    sums = Counter[str]()
    for row in rows:
        sums[row["rule"]] += row["n"]
    ranked = [rule for rule, _ in sums.most_common()]
    return ranked[:RULES], ranked[RULES:]


def _every_week(rows: Sequence[Row]) -> list[str]:
    """The Mondays from the first to the last, also those without findings."""
    first, last = rows[0]["week"], rows[-1]["week"]
    return [str(first + timedelta(days=7 * n)) for n in range((last - first).days // 7 + 1)]


def _bars(rules: Sequence[str], mondays: Sequence[str]) -> chart.Spec:
    written = f"timeFormat(toDate(datum.value + 'T12:00:00'), '{plain('dots.day_format')}')"
    fields = {"week": "datum.monday", "rule": "datum.rule", "findings": "format(datum.n, ',d')"}
    return {
        "height": 260, "data": {"name": "weeks"},
        "mark": {"type": "bar", "cursor": "pointer", "tooltip": _tips(fields)},
        "encoding": {
            "x": {
                "field": "monday", "type": "ordinal", "title": plain("spread.week"), "scale": {"domain": list(mondays)},
                "axis": {"labelExpr": written, "labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 10},
            },
            "y": {
                "field": "n", "type": "quantitative", "title": plain("spread.findings"),
                "axis": {"tickMinStep": 1, "format": ",d"},
            },
            "color": {
                "field": "rule", "type": "nominal", "title": None,
                "legend": {"labelLimit": 320, "orient": "bottom", "columns": 3},
                "scale": {"domain": list(rules), "range": list(_BARS[: len(rules)])},
            },
            "order": {"field": "place", "type": "quantitative"},
        },
    }  # fmt: skip


def _tips(fields: Mapping[str, str]) -> chart.Spec:
    return chart.tips({plain(f"spread.{name}"): value for name, value in fields.items()})


def rules_as_links(rows: Sequence[Row], scope: Wanted, titles: Mapping[str, str]) -> None:
    """Findings by rule, the most first, as numbers."""
    sums = Counter[str]()
    for row in rows:
        sums[row["rule"]] += row["n"]
    columns = [plain("spread.rule"), plain("spread.findings")]
    lines = [
        Line((Cell(titles.get(rule, rule)), figure.cell(figure_of("findings", scope, n, rule=(rule,)))))
        for rule, n in sums.most_common()
    ]
    shown.rows("rules", columns, lines, plain("spread.by_rule"))


def by_hour(rows: Sequence[Row], what: str) -> None:
    """Weekday by hour, the darker the more; a click leads to them (`follow`)."""
    found = hours(rows, what)
    if not found:
        return
    names = {n: plain(f"weekday.{n}") for n in range(1, 8)}
    data = [
        {"weekday": str(day), "name": names[day], "hour": str(hour), "n": found.get((day, hour), 0)}
        for day in names for hour in range(24)
    ]  # fmt: skip
    (day, hour), most = max(found.items(), key=lambda cell: cell[1])
    says = plain(f"spread.hour_says_{what}", day=names[day], hour=str(hour), n=most)
    chart.show(f"by-hour-{what}", _map(what, list(names.values())), says, {"hours": data}, ("weekday", "hour"))


def _map(what: str, days: Sequence[str]) -> chart.Spec:
    fields = {"weekday": "datum.name", "hour": "datum.hour", what: "format(datum.n, ',d')"}
    return {
        "height": 230, "data": {"name": "hours"},
        "mark": {"type": "rect", "stroke": "#FFFFFF", "cursor": "pointer", "tooltip": _tips(fields)},
        "encoding": {
            "x": {
                "field": "hour", "type": "ordinal", "title": plain("spread.hour"),
                "sort": [str(hour) for hour in range(24)], "axis": {"labelAngle": 0},
            },
            "y": {"field": "name", "type": "ordinal", "title": None, "sort": list(days)},
            "color": {
                "field": "n", "type": "quantitative", "title": plain(f"spread.{what}"),
                "scale": {"range": ["#F3F5F8", "#0B2E66"]}, "legend": {"tickMinStep": 1, "format": ",d"},
            },
        },
    }  # fmt: skip


def hours_as_links(rows: Sequence[Row], scope: Wanted, what: str) -> None:
    """The same as numbers: an hour a line, a weekday a column; at the end those of which only the day is known."""
    found, untimed = hours(rows, what), sum(row[what] for row in rows if row["slot"] is None)
    titles = [plain("spread.hour"), *(plain(f"weekday.{n}") for n in range(1, 8))]
    lines = [
        Line((Cell(_clock(hour)), *_days(found, hour, scope, what)))
        for hour in range(24) if any(at == hour for _, at in found)
    ]  # fmt: skip
    shown.rows(f"hours-{what}", titles, lines, plain("spread.by_hour"))
    if untimed:
        figure.link(figure_of(what, scope, untimed, hour=("-",)), "spread.untimed")


def _clock(hour: int) -> str:
    return plain("spread.from_to", first=f"{hour}:00", last=f"{hour + 1}:00")


def _days(found: Mapping[tuple[int, int], int], hour: int, scope: Wanted, what: str) -> list[Cell]:
    return [
        figure.cell(figure_of(what, scope, found.get((day, hour), 0), weekday=(str(day),), hour=(str(hour),)))
        for day in range(1, 8)
    ]
