"""SHOW: a case from above: how much contact, what was found in it, when, and what waits for a person.

Contacts are those that the collecting side began. Every number comes with the filter of the list that has its rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from . import listing
from .filtering import Wanted
from .listing import UNREVIEWED

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
Period = tuple[date, date]  # both included
HEAVY = ("severe", "high")
SUSPECTED = (UNREVIEWED, "unsure")  # nobody has confirmed or dismissed it
REVIEWED = ("confirmed", "dismissed", "unsure")
ABOUT_CONTACTS = ("agency", "channel")
ABOUT_FINDINGS = (*ABOUT_CONTACTS, "severity", "verdict")
RECENT_DAYS = 28  # what is compared where no period was asked for
_EVER = (date.min, date.max)
_CALLS = {"channel": ("call",), "outcome": ("connected",)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and where its rows are: a page, the values of its filter; None where no filter can hold them."""

    n: int
    page: str
    query: Mapping[str, Sequence[str]] | None


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure, what it is a part of, and both again for the days `late` and the same number of days before."""

    name: str
    now: Figure
    of: Figure | None
    late: Figure | None
    late_of: Figure | None
    early: Figure | None
    early_of: Figure | None


def wanted_of(figure: Figure) -> Wanted:
    """The filter of a figure, as a list takes it."""
    query = dict(figure.query or {})
    since, until = (next(iter(query.pop(name, ())), "") for name in ("since", "until"))
    return Wanted(query, since=since, until=until)


def compared(wanted: Wanted, first: date, last: date) -> tuple[Period, Period] | None:
    """The days asked for (or the last four weeks) and as many before; None if the records do not go back so far."""
    since, until = wanted.days()
    end = min(until or last, last)
    start = max(since or first, first) if since or until else end - timedelta(days=RECENT_DAYS - 1)
    days = (end - start).days + 1
    before = start - timedelta(days=days), start - timedelta(days=1)
    return ((start, end), before) if days > 0 and before[0] >= first else None


def extent(case: "Case") -> Period | None:
    """First and last day on which there was a contact; None where there is none."""
    about = listing.span(case)
    return (
        (date.fromisoformat(about["first_day"]), date.fromisoformat(about["last_day"])) if about["last_day"] else None
    )


def tiles(case: "Case", wanted: Wanted) -> list[Tile]:
    """contacts · accounts · covered (connected calls of which words are kept) · suspected · reviewed · confirmed."""
    known = extent(case)
    spans = known and compared(wanted, *known)
    scopes = [wanted, *(_within(wanted, span) for span in spans or ())]
    bounds = [day for scope in scopes for day in _bounds(scope)]
    bounds += [day for _ in range(3 - len(scopes)) for day in (date.max, date.min)]  # holds no day
    contacts = case.query(_CONTACTS, [*_values(wanted, ABOUT_CONTACTS), *bounds])[0]
    findings = case.query(_FINDINGS, [*_values(wanted, ABOUT_FINDINGS), *bounds])
    figures = [_figures(scope, n, contacts, findings) for n, scope in enumerate(scopes)]
    then: list[list[tuple[Figure | None, Figure | None]]] = [
        [one[name] for one in figures[1:]] or [(None, None)] * 2 for name in figures[0]
    ]
    return [
        Tile(name, *now, *late, *early) for (name, now), (late, early) in zip(figures[0].items(), then, strict=True)
    ]


def _figures(scope: Wanted, n: int, contacts: Row, findings: Sequence[Row]) -> dict[str, tuple[Figure, Figure | None]]:
    """The figures of one of the three periods, each with what it is a part of."""
    by_verdict: Counter[str] = Counter()
    for row in findings:
        by_verdict[row["verdict"]] += row[f"n_{n}"]
    calls = contacts_of(scope, contacts[f"calls_{n}"], **_CALLS)
    reviewed, every = _judged(scope, by_verdict, REVIEWED), findings_of(scope, by_verdict.total())
    return {
        "contacts": (contacts_of(scope, contacts[f"contacts_{n}"]), None),
        "accounts": (contacts_of(scope, contacts[f"accounts_{n}"]), None),
        "covered": (contacts_of(scope, contacts[f"covered_{n}"], **_CALLS, sound=("yes",)), calls),
        "suspected": (_judged(scope, by_verdict, SUSPECTED), None),
        "reviewed": (reviewed, every),
        "confirmed": (_judged(scope, by_verdict, ("confirmed",)), reviewed),
    }


def _judged(scope: Wanted, by_verdict: Mapping[str, int], verdicts: Sequence[str]) -> Figure:
    return findings_of(scope, sum(by_verdict[verdict] for verdict in verdicts), verdict=verdicts)


def contacts_of(scope: Wanted, n: int, **only: Sequence[str]) -> Figure:
    """A number of contacts that the collecting side began."""
    return Figure(n, "contacts", _narrowed(scope, ABOUT_CONTACTS, {"side": ("theirs",), **only}))


def findings_of(scope: Wanted, n: int, **only: Sequence[str]) -> Figure:
    """A number of findings."""
    return Figure(n, "findings", _narrowed(scope, ABOUT_FINDINGS, only))


def _narrowed(
    scope: Wanted, facets: Sequence[str], only: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]] | None:
    """The filter, narrower by `only`; None if that leaves a facet without any value."""
    query = {name: tuple(scope.facets[name]) for name in facets if scope.facets.get(name)}
    for name, values in only.items():
        query[name] = tuple(value for value in values if value in query[name]) if name in query else tuple(values)
    if not all(query.values()):
        return None
    days = {name: (day,) for name, day in (("since", scope.since), ("until", scope.until)) if day}
    return {**query, **days}


def _within(wanted: Wanted, span: Period) -> Wanted:
    return replace(wanted, since=span[0].isoformat(), until=span[1].isoformat())


def _bounds(scope: Wanted) -> Period:
    since, until = scope.days()
    return since or _EVER[0], until or _EVER[1]


def _values(wanted: Wanted, facets: Sequence[str]) -> list[Any]:
    return [list(wanted.facets.get(facet, ())) or None for facet in facets]


def moments(case: "Case", wanted: Wanted) -> list[Row]:
    """Contacts and findings by day and half hour (slot 0 to 47; None where only the day is known), in order."""
    params = [*_values(wanted, ABOUT_FINDINGS), *_bounds(wanted)]
    rows: list[Row] = case.query(_MOMENTS, params)
    return rows


def hours(rows: Sequence[Row], what: str) -> dict[tuple[int, int], int]:
    """(weekday 1 to 7, hour) → contacts or findings (`what`), of the rows of `moments` whose time is known."""
    found: Counter[tuple[int, int]] = Counter()
    for row in rows:
        if row["slot"] is not None and row[what]:
            found[row["day"].isoweekday(), row["slot"] // 2] += row[what]
    return dict(found)


def weeks(case: "Case", wanted: Wanted) -> list[Row]:
    """Findings by week (its Monday) and rule, in order of time."""
    rows: list[Row] = case.query(_WEEKS, [*_values(wanted, ABOUT_FINDINGS), *_bounds(wanted)])
    return rows


def figure_of(what: str, scope: Wanted, n: int, **only: Sequence[str]) -> Figure:
    """A number of `contacts` or `findings`."""
    return contacts_of(scope, n, **only) if what == "contacts" else findings_of(scope, n, **only)


def in_week(what: str, scope: Wanted, monday: date, n: int, **only: Sequence[str]) -> Figure:
    """A number of one week, as far as it lies in the period asked for."""
    since, until = _bounds(scope)
    days = max(monday, since), min(monday + timedelta(days=6), until)
    return figure_of(what, _within(scope, days), n, **only)


def waiting(case: "Case", wanted: Wanted, lang: str, rows: int = 10) -> tuple[Figure, list[Row]]:
    """Grave findings nobody has looked at: how many there are, and the gravest of them."""
    figure = findings_of(wanted, 0, severity=HEAVY, verdict=(UNREVIEWED,))
    if figure.query is None:
        return figure, []
    scope = replace(wanted_of(figure), order="severity")
    n = case.query(_WAITING, [*_values(scope, ABOUT_FINDINGS), *_bounds(scope)])[0]["n"]
    return replace(figure, n=n), listing.page(case, scope, 1, lang)[:rows] if n else []


def choices(case: "Case", wanted: Wanted) -> dict[str, dict[str, int]]:
    """What the filter offers: agency and channel with contacts, severity and verdict with findings, of the period."""
    found: dict[str, Counter[str]] = {facet: Counter() for facet in ABOUT_FINDINGS}
    for rows in (
        case.query(_OFFERED_CONTACTS, list(_bounds(wanted))),
        case.query(_OFFERED_FINDINGS, list(_bounds(wanted))),
    ):
        for row in rows:
            for facet in ABOUT_FINDINGS:
                if facet in row:
                    found[facet][row[facet]] += row["n"]
    return {facet: dict(counts.most_common()) for facet, counts in found.items()}


# The columns by which the lists filter (listing.py, contacts.py), without those that nothing here asks for.
_BEGUN = """
    SELECT event_id, account, on_date AS day, hour(at_time) * 2 + minute(at_time) // 30 AS slot,
        coalesce(agency, '-') AS agency, channel, channel = 'call' AND outcome = 'connected' AS called
    FROM occasions WHERE from_role = 'collector' AND NOT undirected
"""
_FOUND = """
    SELECT rule_id AS rule, severity, coalesce(v.verdict, 'none') AS verdict, CAST(occurred_at AS DATE) AS day,
        CASE WHEN e.precision IS DISTINCT FROM 'day' THEN hour(occurred_at) * 2 + minute(occurred_at) // 30 END AS slot,
        coalesce(e.channel, '') AS channel, coalesce(e.agency, '-') AS agency
    FROM findings f LEFT JOIN verdicts v USING (finding_id) LEFT JOIN events e ON e.event_id = f.event_id
"""


def _passing(facets: Sequence[str]) -> str:
    """Of the facets, $1 … in their order, the values that count."""
    return " AND ".join(
        f"(${n} IS NULL OR list_contains(${n}::VARCHAR[], {facet}))" for n, facet in enumerate(facets, 1)
    )


def _between(n: int) -> str:
    return f"day BETWEEN ${n}::DATE AND ${n + 1}::DATE"


_SCOPES = list(enumerate(map(_between, (3, 5, 7))))
_CHOSEN = f"SELECT * FROM ({_BEGUN}) WHERE {_passing(ABOUT_CONTACTS)}"  # noqa: S608 — constants only
_TOTALS = [
    f"""(SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM days WHERE {within}) AS contacts_{n},
    (SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM days WHERE called AND {within}) AS calls_{n},
    (SELECT count(*) FROM accounts WHERE in_{n}) AS accounts_{n},
    (SELECT count(*) FROM covered WHERE {within}) AS covered_{n}"""  # noqa: S608 — constants only
    for n, within in _SCOPES
]
# Three plain counts are several times as fast as one with every condition in it (ten million contacts).
_CONTACTS = f"""
WITH days AS MATERIALIZED (SELECT day, called, count(*) AS n FROM ({_CHOSEN}) GROUP BY day, called),
accounts AS MATERIALIZED (
    SELECT {", ".join(f"bool_or({within}) AS in_{n}" for n, within in _SCOPES)}
    FROM ({_CHOSEN}) WHERE account <> '' GROUP BY account
),
covered AS MATERIALIZED (
    SELECT day FROM ({_CHOSEN})
    SEMI JOIN (SELECT event_id FROM kept WHERE kept_as IN ('recording', 'transcript')) USING (event_id) WHERE called
)
SELECT {", ".join(_TOTALS)}
"""  # noqa: S608 — constants only

_COUNTS = ", ".join(f"count(*) FILTER ({_between(first)}) AS n_{n}" for n, first in enumerate((5, 7, 9)))
_FINDINGS = f"SELECT verdict, {_COUNTS} FROM ({_FOUND}) WHERE {_passing(ABOUT_FINDINGS)} GROUP BY verdict"  # noqa: S608 — constants only

_WAITING = f"SELECT count(*) AS n FROM ({_FOUND}) WHERE {_passing(ABOUT_FINDINGS)} AND {_between(5)}"  # noqa: S608 — constants only

_MOMENTS = f"""
SELECT day, slot, CAST(sum(contacts) AS BIGINT) AS contacts, CAST(sum(findings) AS BIGINT) AS findings
FROM (
    SELECT day, slot, count(*) AS contacts, 0 AS findings FROM ({_BEGUN})
    WHERE {_passing(ABOUT_CONTACTS)} AND {_between(5)} GROUP BY day, slot
    UNION ALL
    SELECT day, slot, 0, count(*) FROM ({_FOUND}) WHERE {_passing(ABOUT_FINDINGS)} AND {_between(5)} GROUP BY day, slot
)
GROUP BY day, slot ORDER BY day, slot
"""  # noqa: S608 — constants only

_WEEKS = f"""
SELECT CAST(date_trunc('week', day) AS DATE) AS week, rule, count(*) AS n FROM ({_FOUND})
WHERE {_passing(ABOUT_FINDINGS)} AND {_between(5)} GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only

_OFFERED_CONTACTS = (
    f"SELECT agency, channel, count(*) AS n FROM ({_BEGUN}) WHERE {_between(1)} GROUP BY ALL ORDER BY ALL"  # noqa: S608 — constants only
)
_OFFERED_FINDINGS = (
    f"SELECT severity, verdict, count(*) AS n FROM ({_FOUND}) WHERE {_between(1)} GROUP BY ALL ORDER BY ALL"  # noqa: S608 — constants only
)
