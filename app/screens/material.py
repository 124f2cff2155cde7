"""Material to hand in: which findings, where to, what is still missing, and the pack to take along."""

from collections.abc import Mapping

import streamlit as st

from collectaudit import material
from collectaudit.case import Case
from collectaudit.report import complaint
from collectaudit.report.channels import Channel, Field, agent_keys
from collectaudit.report.dossier import counts
from ui import busy, frame, handing, steps, text, url
from ui.leads import Lead, table
from ui.shown import Cell
from ui.text import plain, say

LONGEST = {"request": 2000, complaint.RECEIPTS: 2000}  # characters; of the others 200
MARKS = {"there": "confirmed", "missing": "unreviewed", "hand": "unreviewed"}


def of_account(account: str | None) -> None:
    """That it is about one account alone, and the way to all of them."""
    if account:
        st.text(plain("material.of_account", name=account))
        st.page_link("screens/material.py", label=say("material.of_all"), query_params=url.kept())


def respondents(case: Case, choice: str, account: str | None) -> None:
    """Whom the records name, to choose from; nobody is filled in by itself."""
    rows = material.respondents(case, choice, account)
    if not rows:
        return
    st.text(plain("material.named"))
    leads = [
        Lead((Cell(" / ".join(part for part in (row["lender"], row["agency"]) if part) or plain("app.unknown")),
              Cell(text.words()("summary.comma").join(row["numbers"] or [])), Cell(f"{row['findings']:,}")))
        for row in rows
    ]  # fmt: skip
    titles = [plain(f"material.column_{name}") for name in ("respondent", "numbers", "findings")]
    table("respondents", titles, leads, plain("material.about"))


def about(case: Case, channel: Channel, told: Mapping[str, str]) -> None:
    """What only the person can say; it is kept in the case when they say so."""
    acting = any(told.get(key) for key in agent_keys())
    agent = st.checkbox(say("material.agent"), value=acting, key="agent")
    with st.form("about", border=True):
        said = {field.key: _box(field, told) for field in material.asked(channel, agent=agent)}
        if st.form_submit_button(say("material.keep"), key="keep-about"):
            keep(case, said)


def _box(field: Field, told: Mapping[str, str]) -> str:
    box = st.text_area if field.key == "request" else st.text_input
    hint = say("material.example_request") if field.key == "request" else text.visible(field.blank(text.lang()))
    return str(box(text.label(field.name(text.lang())), value=told.get(field.key, ""), key=f"about-{field.key}",
                   max_chars=LONGEST.get(field.key, 200), placeholder=hint) or "")  # fmt: skip


def keep(case: Case, said: Mapping[str, str]) -> None:
    """Write it into the case."""
    if busy.attempt(lambda: complaint.keep(case, said)):
        st.rerun()


def lacking(channel: Channel, told: Mapping[str, str], facts: int) -> None:
    """What the place asks for, and whether it is there; what to enclose, and who brings it."""
    st.subheader(say("material.checklist"), anchor=False)
    leads = [
        Lead((Cell(field.name(text.lang())), Cell(plain(f"material.{standing}"), "", MARKS[standing])))
        for field, standing in material.open_points(channel, told, facts=facts)
    ]
    agent = any(told.get(key) for key in agent_keys())
    leads += [
        Lead((Cell(paper.name(text.lang())), Cell(plain("material.paper_own" if paper.own else "material.paper_in"))))
        for paper in channel.attach(agent=agent)
    ]
    titles = [plain(f"material.column_{name}") for name in ("need", "state")]
    table("checklist", titles, leads, plain("material.checklist"))


def three(case: Case, told: Mapping[str, str]) -> None:
    """What to do with it, and room for what comes back."""
    with st.container(border=True):
        st.subheader(say("material.three"), anchor=False)
        for n in (1, 2, 3):
            st.text(plain(f"material.step_{n}"))
        with st.form("receipts", border=False):
            said = st.text_area(
                say("material.receipts"), value=told.get(complaint.RECEIPTS, ""), key="receipts-text",
                max_chars=LONGEST[complaint.RECEIPTS], placeholder=say("material.receipts_example"),
            )  # fmt: skip
            if st.form_submit_button(say("material.keep"), key="keep-receipts"):
                keep(case, {complaint.RECEIPTS: str(said or "")})


def show() -> None:
    """The page."""
    case = frame.case()
    steps.top("material")
    account = url.asked("account") or None
    found, told = counts(case, account), complaint.told(case)
    st.text(plain("material.intro"))
    of_account(account)
    st.subheader(say("material.what"), anchor=False)
    choice = handing.choice_of(found)
    handing.counted(found, choice, account)
    handing.by_authority(found, choice, account)
    channel = handing.where(case)
    st.subheader(say("material.about"), anchor=False)
    st.text(plain("material.about_text"))
    respondents(case, choice, account)
    about(case, channel, told)
    lacking(channel, told, sum(found[state] for state in material.CHOICES[choice]))
    handing.make(case, channel, told, choice, account)
    three(case, told)
    steps.bottom("material")


show()
