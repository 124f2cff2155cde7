"""One account: what happened when, who is in it, what was declared, found, and what is missing."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from collectaudit import accounts
from collectaudit.accounts import LANE_FILTERS, LANES, Row
from collectaudit.case import Case
from collectaudit.lawtables import THIRD_PARTIES
from collectaudit.listing import NOBODY
from collectaudit.report import complaint
from collectaudit.report.dossier import counts
from ui import chart, handing, leads, shown, text, url
from ui.leads import Lead
from ui.shown import Cell, Line
from ui.text import plain, say

_VERDICTS = {"open": "none", "confirmed": "confirmed", "dismissed": "dismissed", "unsure": "unsure"}
_OPEN_SINCE, _OPEN_UNTIL = 1900, 9999  # years that stand for no beginning and no end


def named(name: str) -> str:
    """An account by its name; what belongs to none as such."""
    return plain("account.none") if name == NOBODY else text.visible(name)


def contacts(name: str, **query: Any) -> str:
    """The address of exactly these contacts of an account."""
    return url.link("contacts", account=name, **query)


def one(case: Case, about: Row) -> None:
    """The page of one account."""
    name = about["account"]
    st.page_link("screens/account.py", label=say("account.back"), query_params=url.kept())
    st.title(say("account.one", name=named(name)), anchor=False)
    if about["first_day"]:
        st.text(plain("app.range", first=text.day(about["first_day"]), last=text.day(about["last_day"])))
    over_time(case, name)
    people(case, name)
    findings(case, name)
    facts(case, name)
    gaps(case, name)
    if name != NOBODY:
        packs(case, name)


# Over time


def over_time(case: Case, name: str) -> None:
    """The lanes as a chart; beside it how many contacts each has, as links to them."""
    if picked := chart.picked("lanes"):
        _opened(name, picked)
    st.subheader(say("account.timeline"), anchor=False)
    counts = accounts.lanes(case, name)
    if not any(counts.values()):
        st.text(plain("account.no_contacts"))
        return
    found = accounts.timeline(case, name)
    flagged = sum(point["flagged"] for point in found["points"])
    said = text.words()("summary.comma").join(plain(f"account.says_{lane}", n=n) for lane, n in counts.items() if n)
    takeaway = plain("account.takeaway", n=sum(counts.values()), lanes=said, flagged=flagged)
    if found["unit"] == "contact":
        takeaway += plain("account.takeaway_hours")
    pick = ("event_id",) if found["unit"] == "contact" else ("day", "kind")
    chart.show("lanes", _spec(found), takeaway, {"marks": _points(found["points"])}, pick)
    rows = [
        Lead((Cell(plain(f"account.lane_{lane}")), Cell(f"{n:,}")), "contacts", {"account": name, **LANE_FILTERS[lane]})
        for lane, n in counts.items() if n
    ]  # fmt: skip
    with st.expander(say("account.as_table")):
        leads.table("lanes-table", [plain(f"account.column_{key}") for key in ("lane", "contacts")], rows,
                    plain("account.timeline"))  # fmt: skip


def _opened(name: str, picked: Row) -> None:
    if picked.get("event_id"):
        url.go("event", ref=str(picked["event_id"]))
    url.go("contacts", account=name, since=picked["day"], until=picked["day"], **LANE_FILTERS[picked["kind"]])


def _spec(found: Row) -> chart.Spec:
    names = [plain(f"account.lane_{lane}") for lane in LANES]
    marks = [plain("account.flagged"), plain("account.not_flagged")]
    tips = chart.tips({plain(f"account.tip_{key}"): f"datum.{key}" for key in ("at", "lane", "said")})
    each, days = found["unit"] == "contact", sorted(point["at"] for point in found["points"])
    at_hour = {"yOffset": {"field": "hour", "type": "quantitative", "scale": {"domain": [0, 24]}}}
    many = {"size": {"field": "n", "type": "quantitative", "title": plain("account.column_contacts"),
                     "scale": {"range": [30, 700]}}}  # fmt: skip
    looks = {"color": [chart.COLOURS["high"], chart.COLOURS["plain"]], "shape": ["diamond", "circle"]}
    return {
        "height": 280, "data": {"name": "marks"},
        "mark": {"type": "point", "filled": True, "opacity": 0.75, "tooltip": tips, **({"size": 70} if each else {})},
        "encoding": {
            "x": {
                "field": "moment", "type": "temporal", "title": None,
                "axis": {"format": chart.dates(days[0], days[-1]), "labelOverlap": True, "tickCount": 6},
            },
            "y": {
                "field": "lane", "type": "nominal", "title": None, "sort": names,
                "scale": {"type": "band", "domain": names, "padding": 0.15},
            },
            **(at_hour if each else many),
            **{
                name: {"field": "mark", "type": "nominal", "sort": marks, "title": None,
                       "scale": {"domain": marks, "range": of}}
                for name, of in looks.items()
            },
        },
    }  # fmt: skip


def _points(points: Sequence[Row]) -> list[dict[str, Any]]:
    """The marks of the chart: each a contact, or a day of a lane."""
    lanes = {lane: plain(f"account.lane_{lane}") for lane in LANES}
    marks = {True: plain("account.flagged"), False: plain("account.not_flagged")}
    return [
        {"lane": lanes[point["lane"]], "mark": marks[bool(point["flagged"])], "kind": point["lane"], "n": point["n"],
         **(_contact(point) if "event_id" in point else _day(point))}
        for point in points
    ]  # fmt: skip


def _contact(point: Row) -> dict[str, Any]:
    at = point["at"]
    return {"moment": at.isoformat(), "day": at.isoformat()[:10], "hour": at.hour + at.minute / 60,
            "said": text.words().word("channel", point["channel"]), "event_id": point["event_id"],
            "at": text.moment(at, point["precision"])}  # fmt: skip


def _day(point: Row) -> dict[str, Any]:
    day = point["at"].isoformat()[:10]
    return {"moment": f"{day}T12:00:00", "day": day, "hour": 12, "said": plain("account.n_contacts", n=point["n"]),
            "event_id": "", "at": text.day(day)}  # fmt: skip


# People


def people(case: Case, name: str) -> None:
    """Three columns that never move: the agency, its number, the person at the other end."""
    st.subheader(say("account.people"), anchor=False)
    rows = accounts.people(case, name)
    if not rows:
        st.text(plain("account.no_contacts"))
        return
    st.text(plain("account.people_text"))
    if rows[0]["every"] > len(rows):
        st.text(plain("account.people_most", shown=len(rows), n=rows[0]["every"]))
    columns = [plain(f"account.column_{key}") for key in ("agency", "number", "person")]
    lines = [Line(_pair(row, name, rows[n - 1] if n else None)) for n, row in enumerate(rows)]
    shown.rows("people", columns, lines, plain("account.people"))


def _pair(row: Row, name: str, before: Row | None) -> tuple[Cell, ...]:
    """An agency and a number are said with their contacts once, where they begin."""
    same_agency = before is not None and before["agency"] == row["agency"]
    same_number = before is not None and same_agency and before["number"] == row["number"]
    return (
        Cell("") if same_agency else _agency(row, name),
        Cell("") if same_number else _number(row, name),
        _person(row, name),
    )


def _agency(row: Row, name: str) -> Cell:
    said = plain("filter.no_agency") if row["agency"] == NOBODY else row["agency"]
    return Cell(said, plain("account.n_contacts", n=int(row["of_agency"])), href=contacts(name, agency=row["agency"]))


def _number(row: Row, name: str) -> Cell:
    about = [row["name"], row["organisation"], text.words().word("role", row["role"]) if row["role"] else None]
    said = [*[part for part in about if part], plain("account.n_contacts", n=row["of_number"])]
    shown_as = text.words().number(row["number"]) or plain("app.unknown")
    return Cell(shown_as, " · ".join(said), href=contacts(name, number=row["number"]))


def _person(row: Row, name: str) -> Cell:
    """A third party is marked by a word and a shape."""
    third = row["person_role"] in THIRD_PARTIES
    who = text.who(row["person"], row["person_role"], row["person_name"])
    below = plain("account.n_pair", n=row["n"], every=row["of_person"])
    href = contacts(name, number=row["person"])
    return Cell(plain("account.third", who=who) if third else who, below, "third" if third else "", href)


# Findings, facts, gaps


def findings(case: Case, name: str) -> None:
    """By rule, with how many of them nobody has looked at, and what people think of the others."""
    st.subheader(say("account.findings"), anchor=False)
    rows = accounts.findings(case, name, text.lang())
    if not rows:
        st.text(plain("account.no_findings"))
        return
    st.text(plain("findings.suspected"))
    columns = [plain(f"account.column_{key}") for key in ("rule", "n", "open", "confirmed", "dismissed", "unsure")]
    leads.table("findings", columns, [_rule(row, name) for row in rows], plain("account.findings"))


def _rule(row: Row, name: str) -> Lead:
    query = {"account": name, "rule": row["rule_id"]}
    judged = [
        Cell(f"{row[key]:,}", href=url.link("findings", **query, verdict=verdict) if row[key] else "")
        for key, verdict in _VERDICTS.items()
    ]
    return Lead((Cell(row["title"]), Cell(f"{row['n']:,}"), *judged), "findings", query)


def facts(case: Case, name: str) -> None:
    """What was declared, for this account or for all of them."""
    st.subheader(say("account.facts"), anchor=False)
    rows = accounts.facts(case, name)
    if not rows:
        st.text(plain("account.no_facts"))
        return
    columns = [plain(f"account.column_{key}") for key in ("fact", "value", "period", "where")]
    shown.rows("facts", columns, [Line(_fact(row)) for row in rows], plain("account.facts"))


def _fact(row: Row) -> tuple[Cell, ...]:
    scope = "" if row["account"] else plain("account.for_all")
    party = row["party"] or ""
    return (
        Cell(text.words().word("fact", row["fact"]), " · ".join(part for part in (party, scope) if part)),
        Cell(text.words().word("fact_value", row["value"]) if row["value"] else "", row["note"] or ""),
        Cell(_period(row)),
        Cell(row["source"] or "", row["locator"] or ""),
    )


def _period(row: Row) -> str:
    since, until = row["from_at"], row["until_at"]
    first = None if since is None or since.year == _OPEN_SINCE else text.day(since)
    last = None if until is None or until.year == _OPEN_UNTIL else text.day(until)
    if first and last:
        return plain("account.between", first=first, until=last)
    return plain("account.since", day=first) if first else plain("account.until", day=last) if last else ""


def gaps(case: Case, name: str) -> None:
    """Plain counts of what the record of this account lacks."""
    st.subheader(say("account.gaps"), anchor=False)
    counts = accounts.gaps(case, name)
    said = [plain(f"account.gap_{kind}", n=n) for kind, n in counts.items() if n and kind != "undirected"]
    if said:
        shown.text("\n".join(said))
    if counts["undirected"]:
        query = {**url.kept(), "account": name, "side": "unknown"}
        label = say("account.gap_undirected", n=counts["undirected"])
        st.page_link("screens/contacts.py", label=label, query_params=query)
    if not any(counts.values()):
        st.text(plain("account.no_gaps"))
    st.page_link("screens/gaps.py", label=say("account.all_gaps"), query_params=url.kept())


# What is handed in


def packs(case: Case, name: str) -> None:
    """The pack of this account: the same choices, counts and forms as on the page of material."""
    with shown.fold("packs", "account.packs") as part:
        if not part.open:
            return
        found, told = counts(case, name), complaint.told(case)
        choice = handing.choice_of(found)
        handing.counted(found, choice, name)
        channel = handing.where(case)
        st.page_link("screens/material.py", label=say("account.material"), query_params={**url.kept(), "account": name})
        handing.make(case, channel, told, choice, name)
