"""What happened: in a few sentences, in a picture, and card by card."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import near, story
from collectaudit.case import Case
from ui import dots, frame, leads, linked, shown, steps, text, url
from ui.cards import cards
from ui.leads import Lead
from ui.linked import To
from ui.shown import Cell
from ui.telling import telling
from ui.text import plain, say

Row = Mapping[str, Any]
# What could not be judged, and the page that helps.
_HELP = {"strangers": "people", "untranscribed": "listen", "undirected": "gaps", "rejects": "gaps", "rules": "rules"}


def sentences(found: Row) -> None:
    """What happened, facts before suspicions; what people said to it; what could not be judged, and why."""
    links = {name: To(_many(found[name]), "contacts", story.CONTACTS[name]) for name in story.CONTACTS}
    links |= {name: To(_items(found[name]), "findings", story.FINDINGS[name]) for name in story.FINDINGS}
    days = {"first": text.day(found["first_day"]), "last": text.day(found["last_day"])}
    said = ["story.contacts" if found["theirs"] else "story.no_contacts"]
    said += [key for key, name in (("story.third", "third"), ("story.outside", "outside")) if found[name]]
    said += ["story.threats"] if found["threats"] else []
    said += ["story.verdicts"] if found["all"] else ["story.nothing"]
    lines = [linked.sentence(key, links, **days) for key in said]
    linked.sentences("sentences", [*lines, *_unjudged(found)])


def _many(n: int) -> str:
    return plain("story.times", n=n)


def _items(n: int) -> str:
    return plain("story.items", n=n)


def _unjudged(found: Row) -> list[linked.Sentence]:
    """One line, with the way to what would help."""
    missing = [name for name in _HELP if found[name]]
    if not missing:
        return []
    line: list[str | To] = [plain("story.unjudged")]
    for n, name in enumerate(missing):
        line += [plain("story.and") if n else "", To(plain(f"story.{name}", n=found[name]), _HELP[name])]
    return [[*line, plain("story.stop")]]


def nearly(case: Case) -> None:
    """What almost broke a rule on hours or numbers: shown, and clearly no finding."""
    by_hours, by_number = near.near_hours(case, text.lang()), near.near_limits(case, text.lang())
    n = by_hours["n"] + by_number["n"]
    if not n:
        return
    with shown.fold("near", "story.near", n=n) as part:
        if part.open:
            st.text(plain("story.near_why", minutes=near.MINUTES))
            titles = [plain("findings.column_time"), plain("story.column_near")]
            rows = [*map(_near_hours, by_hours["rows"]), *map(_near_limit, by_number["rows"])]
            leads.table("near", titles, rows, plain("story.near", n=n))


def _near_hours(row: Row) -> Lead:
    at = text.moment(row["at_local"], row["precision"])
    cells = Cell(at, text.words().word("channel", row["channel"])), Cell(_close(row), row["instrument"])
    return Lead(cells, "event", {"ref": row["event_id"]})


def _near_limit(row: Row) -> Lead:
    unit = text.words().word("unit", row["unit"])
    said = plain("story.near_limit", n=row["counted"], days=row["days"], unit=unit)
    return Lead((Cell(text.day(row["on_date"])), Cell(said, row["instrument"])), "event", {"ref": row["event_id"]})


def _close(row: Row) -> str:
    edge = row["closes"] if row["late"] else row["opens"]
    if not row["minutes"]:
        return plain("story.near_exact", clock=edge.strftime("%H:%M"))
    key = "story.near_late" if row["late"] else "story.near_early"
    return plain(key, minutes=row["minutes"], clock=edge.strftime("%H:%M"))


def doubted(case: Case) -> None:
    """What a machine may have misheard: greyed, in no number."""
    found = story.doubted(case)
    if not found["n"]:
        return
    with st.expander(say("story.doubted", n=found["n"])):
        st.text(plain("story.doubted_why"))
        rows = [
            Lead(
                (Cell(text.moment(row["at"]), row["source"]), Cell(plain("story.doubt"), row["text"], "unreviewed")),
                "event", {"ref": row["event_id"]},
            )
            for row in found["rows"]
        ]  # fmt: skip
        titles = [plain("findings.column_time"), plain("event.words")]
        leads.table("doubted", titles, rows, plain("story.doubted", n=found["n"]))


def show() -> None:
    """The page."""
    asked = frame.current() if url.asked("case") else None
    if asked is not None and asked.run() is None:
        steps.top("story")
        telling(asked)
    case = frame.case()
    frame.notices(case)
    steps.top("story")
    st.text(plain("findings.suspected"))
    facts = st.container()
    st.subheader(say("dots.title"), anchor=False)
    dots.plot(case, story.CONTACTS["theirs"])  # asked first: the browser draws it while the rest is asked
    with facts:
        sentences(story.numbers(case))
    cards(case)
    nearly(case)
    doubted(case)
    telling(case)
    shown.text(plain("start.danger"))
    steps.bottom("story")


show()
