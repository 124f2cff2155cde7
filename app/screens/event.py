"""Event: one contact, what was said in it, what was found in it, on what it rests, and what a person thinks of it."""

import streamlit as st

from collectaudit import contact, views
from collectaudit.case import Case
from collectaudit.contact import Row
from ui import elsewhere, frame, said, shown, text, url
from ui.hearing import hearing
from ui.law import unless
from ui.shown import Cell, Line
from ui.text import plain, say
from ui.verdict import verdict
from ui.words import words_said


def who_and_when(about: Row) -> None:
    """The contact in a few lines."""
    word = text.words().word
    at = text.moment(about["at_local"], about["precision"])
    st.title(say("event.title", channel=word("channel", about["channel"]), at=at), anchor=False)
    lines = [
        f"{text.who(about['from_number'], about['from_role'], about['from_name'])} → "
        f"{text.who(about['to_number'], about['to_role'], about['to_name'])}"
    ]
    if about["told"]:
        lines.append(plain("told.alone"))
    if about["undirected"]:
        lines.append(plain("event.undirected"))
    known = [
        ("outcome", word("outcome", about["outcome"]) if about["outcome"] else None),
        ("lasted", text.length(about["duration_s"]) if about["duration_s"] is not None else None),
        ("account", about["account_id"]), ("lender", about["lender"]), ("agency", about["agency"]),
        ("agent", about["agent"]),
    ]  # fmt: skip
    lines.append("  ·  ".join(plain(f"event.{key}", what=what) for key, what in known if what))
    shown.text("\n".join(line for line in lines if line))


def others(about: Row, chosen: str) -> None:
    """The findings of this contact, to choose from; the one that the page shows is no link."""
    if len(about["findings"]) < 2:
        return
    st.subheader(say("event.findings", n=len(about["findings"])), anchor=False)
    titles = [plain(f"event.column_{name}") for name in ("finding", "weight")]
    lines = [_finding(row, about["event_id"], linked=row["finding_id"] != chosen) for row in about["findings"]]
    shown.rows("others", titles, lines, plain("event.findings", n=len(lines)))


def _finding(row: Row, event_id: str, *, linked: bool) -> Line:
    word = text.words().word
    verdict_or_not = word("verdict", row["verdict"]) if row["verdict"] else plain(f"findings.suspected_{row['tier']}")
    return Line(
        (
            Cell(row["title"], f"{row['instrument']} {text.words().article(row['article'])}"),
            Cell(word("severity", row["severity"]), verdict_or_not, row["severity"]),
        ),
        url.link("event", ref=event_id, finding=row["finding_id"]) if linked else "",
    )


def rule_card(finding: Row) -> None:
    """What is held against what, since when, and what would make it not count."""
    law, word = finding["law"], text.words().word
    with st.container(border=True, gap="small"):
        st.subheader(text.label(finding["title"]), anchor=False)
        shown.text(finding["message"])
        st.subheader(say("event.law"), anchor=False)
        shown.text(f"{law['instrument']} {law['article'] or ''}\n{finding['citations'][0]['quote']}")
        force = {"authority": word("authority", law["authority"]), "modality": word("modality", law["modality"])}
        st.text(plain("event.force", since=text.day(law["in_force_from"]), **force))
        st.text(plain("event.read", confidence=word("confidence", law["confidence"]), day=text.day(law["reviewed"])))
        if law["caveat"]:
            st.text(plain("event.caveat", what=law["caveat"]))
        unless(finding)
        if law["url"]:
            with st.expander(say("event.address")):
                shown.code("address", law["url"])
        with shown.fold("sql", "event.sql", rule=finding["rule_id"]) as part:
            if part.open:
                shown.code("sql", finding["sql"])


def evidence(case: Case, about: Row) -> None:
    """Every record of this contact: file, place in it, hash, times, the record itself."""
    st.subheader(say("event.records", n=len(about["records"])), anchor=False)
    for n, row in enumerate(about["records"]):
        with st.container(border=True, gap="small"):
            shown.text(f"{row['source']} · {text.place(row['locator'])}")
            if row["parser"] == "told":
                st.text(plain("told.mark"))
            if row["second_record"]:
                why = text.words().word("same_why", row["same_why"]) if row["same_why"] else plain("app.unknown")
                st.text(plain("event.second", why=why))
            local, utc = (text.moment(row[at], row["precision"]) for at in ("at_local", "at_utc"))
            times = [plain("event.local", at=local, zone=text.zone(row["time_zone"])), plain("event.utc", at=utc)]
            shown.text("\n".join([*times, *read_by(case, row), "SHA-256"]))
            shown.code(f"sha256-{n}", row["sha256"])
            raw = case.raw(row["sha256"], row["parser"], row["locator"])
            shown.code(f"raw-{n}", raw or plain("event.no_raw"))


def read_by(case: Case, row: Row) -> list[str]:
    """How the file came into the case, and by which reader of which version."""
    known = contact.kept_when(case, row["sha256"])
    at = plain("event.utc", at=text.moment(known["read"] or known["kept"])) if known["tool"] else ""
    about = " · ".join(part for part in (text.reader(row["parser"], row["encoding"]), known["tool"]) if part)
    said = [plain("event.read_by", how=about, at=at)] if at else [about]
    return [*said, plain("event.size", size=text.size(row["size_bytes"]))]


def rests_on(case: Case, finding_id: str, here: str) -> None:
    """The other contacts that the finding rests on."""
    rows = contact.exhibits_of(case, finding_id)
    if len(rows) < 2:
        return
    st.subheader(say("event.rests_on", n=len(rows)), anchor=False)
    lines = [_line(row, finding_id, linked=row["event_id"] != here) for row in rows]
    titles = [plain(f"event.column_{name}") for name in ("time", "who", "outcome", "where")]
    shown.rows("rests-on", titles, lines, plain("event.rests_on", n=len(rows)))


def _line(row: Row, finding_id: str, *, linked: bool) -> Line:
    """A contact as a row; the one that the page shows is no link."""
    word = text.words().word
    parties = f"{text.who(row['from_number'], row['from_role'])} → {text.who(row['to_number'], row['to_role'])}"
    ended = word("outcome", row["outcome"]) if row["outcome"] else ""
    lasted = text.length(row["duration_s"]) if row["duration_s"] else ""
    return Line(
        (
            Cell(text.moment(row["at_local"], row["precision"]), word("channel", row["channel"])),
            Cell(parties),
            Cell(ended, lasted),
            Cell(row["source"], text.place(row["locator"])),
        ),
        url.link("event", ref=row["event_id"], finding=finding_id) if linked else "",
    )


def chosen(case: Case) -> tuple[Row | None, Row | None]:
    """The contact and the finding of the address; a finding alone names its contact."""
    finding = views.finding(case, url.asked("finding"), text.lang()) if url.asked("finding") else None
    ref = url.asked("ref") or (finding["evidence"][0]["event_id"] if finding and finding["evidence"] else "")
    about = contact.contact(case, ref, text.lang())
    if about and finding is None and about["findings"]:
        finding = views.finding(case, about["findings"][0]["finding_id"], text.lang())
    return about, finding


def show() -> None:
    """The page."""
    case = frame.case()
    st.page_link("screens/findings.py", label=say("event.back"), query_params=url.back("findings"))
    about, finding = chosen(case)
    if about is None:
        st.text(plain("event.unknown"))
        return
    who_and_when(about)
    category = (finding or {}).get("words") or {}
    left, right = st.columns([3, 2], gap="large")
    with left:
        words_said(case, about, category.get("category", ""))
        if finding:
            rests_on(case, finding["finding_id"], about["event_id"])
            elsewhere.same_words(case, finding["finding_id"])
        elsewhere.almost(case, about["event_id"])
        evidence(case, about)
    with right:
        if finding:
            unheard = said.unheard(about["turns"], category.get("category", ""))
            verdict(case, finding, unheard=bool(unheard))
            hearing(case, unheard)
            rule_card(finding)
        else:
            st.text(plain("event.no_finding"))
        others(about, finding["finding_id"] if finding else "")


show()
