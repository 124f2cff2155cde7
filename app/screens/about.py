"""About: what this is made of, how well it is known to work, what it cannot do, and where the data stay."""

import streamlit as st

from collectaudit import holdings, makeup
from collectaudit.case import Case
from ui import frame, leads, shown, text
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say

LIMITS = ("seen", "heard", "words", "people", "law", "counted", "machine", "proof")
NOT_CHECKED = ("dialects", "pictures", "tone", "whole", "truth")


def show() -> None:
    """The page; it needs no case, and says of one by what it was judged."""
    case = frame.current()
    st.title(say("about.title"), anchor=False)
    st.text(plain("about.what"))
    limits()
    if case is not None and case.run() is not None:
        judged(case)
    made_of()
    with st.container(border=True):
        st.subheader(say("about.privacy"), anchor=False)
        st.text(plain("about.privacy_text"))
    with st.container(border=True):
        st.subheader(say("about.licence"), anchor=False)
        st.text(plain("about.licence_text"))


def limits() -> None:
    """What it cannot do, and what it does not look at."""
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True):
        st.subheader(say("about.limits"), anchor=False)
        for name in LIMITS:
            st.text(plain(f"about.limit_{name}"))
    with right, st.container(border=True):
        st.subheader(say("about.not_checked"), anchor=False)
        for name in NOT_CHECKED:
            st.text(plain(f"about.without_{name}"))


def judged(case: Case) -> None:
    """By what the current run was judged."""
    totals, run = holdings.totals(case), holdings.current(case)
    with st.container(border=True):
        st.subheader(say("about.judged"), anchor=False)
        at = plain("event.utc", at=text.moment(run["at"]))
        st.text(plain("about.judged_text", run=run["run"], tool=run["tool"], at=at, records=totals["records"]))
        if run["lexicons"] != makeup.contents()["lexicons_sha256"]:
            st.text(plain("about.newer"))


def made_of() -> None:
    """Versions, and what tells them apart."""
    about = makeup.contents()
    st.subheader(say("about.made_of"), anchor=False)
    known = plain("rules.and").join(
        f"{text.words().word('confidence', name)} {n:,}" for name, n in sorted(about["confidence"].items())
    )
    many = plain("about.provisions", n=about["regimes"], many=about["provisions"])
    law = Cell(many, f"{known} · {text.day(about['reviewed'])}")
    kinds = [
        Lead((Cell(plain("about.rules")), Cell(f"{about['rules']:,}"), Cell(about["rules_sha256"]))),
        Lead((Cell(plain("about.regimes")), law, Cell(about["regimes_sha256"]))),
        Lead((Cell(plain("about.lexicons")), Cell(f"{about['patterns']:,}"), Cell(about["lexicons_sha256"]))),
        Lead((Cell(plain("about.reviewer")), Cell("1"), Cell(about["reviewer"]))),
    ]  # fmt: skip
    columns = [plain(f"about.column_{name}") for name in ("part", "amount", "hash")]
    leads.table("contents", columns, kinds, plain("about.made_of"))
    left, right = st.columns(2, gap="medium")
    with left:
        shown.text("\n".join(f"{row['name']} {row['version'] or plain('about.absent')}" for row in makeup.parts()))
    with right:
        lines = [f"{row['name']} · {text.words().word('status', row['state'])}" for row in makeup.models()]
        shown.text("\n".join([plain("about.models"), *lines]))


show()
