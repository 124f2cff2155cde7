"""What was found, one card at a time: the words, the sound, why it counts, and what a person says to it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collectaudit import story
from collectaudit.case import Case
from ui import filters, leads, said, shown, text, url
from ui.hearing import hearing
from ui.law import unless
from ui.leads import Lead
from ui.shown import Cell
from ui.text import plain, say
from ui.verdict import buttons
from ui.words import words_said

Row = Mapping[str, Any]


def cards(case: Case) -> None:
    """The rules that found something, the card of the address (or the first nobody has judged), and the others."""
    rules = story.by_rule(case, text.lang())
    if not rules:
        st.text(plain("findings.nothing"))
        return
    st.subheader(say("story.cards"), anchor=False)
    st.text(plain("story.strongest", open=sum(row["open"] for row in rules), n=sum(row["n"] for row in rules)))
    current, about = _chosen(case)
    if current and about:
        _card(case, current, about)
    _rules(rules, current["rule"] if current else "")
    if current:
        _others(case, current, next(row["n"] for row in rules if row["rule"] == current["rule"]))


def _chosen(case: Case) -> tuple[Row | None, Row | None]:
    """The card that the address names; of a rule alone its first; else the first one that is open. And all about it."""
    rule, ref = url.asked("rule"), url.asked("ref")
    if rule and ref and (about := story.card(case, rule, ref, text.lang())):
        return {"rule": rule, "event_id": ref}, about
    rows = story.cards(case, 1, rule)["rows"]
    found = next((row for row in rows if row["open"]), None) or story.next_open(case, "", "") or next(iter(rows), None)
    return found, story.card(case, found["rule"], found["event_id"], text.lang()) if found else None


def _card(case: Case, current: Row, about: Row) -> None:
    finding = about["card"]
    category = (finding["words"] or {}).get("category", "")
    unheard = said.unheard(about["turns"], category)
    with st.container(border=True, key="card"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _what(about)
            if about["turns"] or about["recordings"]:
                words_said(case, {**about, "turns": said.beside(about["turns"], category)}, category)
        with right:
            _judge(case, current, about, unheard=bool(unheard))
            _why(about)
            hearing(case, unheard)
            href = {"ref": about["event_id"], "finding": finding["finding_id"]}
            if st.button(say("story.whole"), key="whole", type="tertiary"):
                url.go("event", **href)


def _what(about: Row) -> None:
    """What was found, when, who and whom."""
    finding, word = about["card"], text.words().word
    st.subheader(text.label(finding["title"]), anchor=False)
    at = text.moment(about["at_local"], about["precision"])
    lines = [
        f"{at} · {word('channel', about['channel'])} · {word('severity', finding['severity'])}",
        f"{text.who(about['from_number'], about['from_role'], about['from_name'])} → "
        f"{text.who(about['to_number'], about['to_role'], about['to_name'])}",
        finding["message"],
    ]
    shown.text("\n".join(lines))
    if about["stated"]:
        st.text(plain(f"told.finding_{finding['tier']}"))
    elif finding["tier"] == "review":
        st.text(plain("verdicts.none_review"))


def _judge(case: Case, current: Row, about: Row, *, unheard: bool) -> None:
    """The three buttons; then the next card that nobody has judged."""
    verdict = about["card"]["verdict"]
    st.subheader(say("verdicts.title"), anchor=False)
    if unheard:
        st.text(plain("verdicts.not_listened"))
    st.text(text.visible(text.words().word("verdict", verdict)) if verdict else plain("verdicts.none_finding"))
    buttons(case, about["finding_ids"], verdict, lambda: _go_on(case, current))


def _go_on(case: Case, current: Row) -> None:
    if following := story.next_open(case, current["rule"], current["event_id"]):
        url.stay(rule=following["rule"], ref=following["event_id"])


def _why(about: Row) -> None:
    """The texts that say so, and what would make it not count."""
    finding = about["card"]
    with st.expander(say("story.why")):
        for row in about["texts"]:
            instrument = f"{text.words().pick(row, 'instrument')} {text.words().article(row['article'])}"
            shown.text(f"{instrument}\n{text.words().word('authority', row['authority'])}")
        shown.text(finding["citations"][0]["quote"])
        if finding["law"]["caveat"]:
            st.text(plain("event.caveat", what=finding["law"]["caveat"]))
    unless(finding)


def _rules(rules: list[dict[str, Any]], current: str) -> None:
    """All rules that found something; a click goes to the cards of one."""
    word = text.words().word
    rows = [
        Lead(
            (
                Cell(row["title"], plain("story.shown_now") if row["rule"] == current else ""),
                Cell(word("severity", row["severity"]), mark=row["severity"]),
                Cell(f"{row['n']:,}"), Cell(f"{row['open']:,}"),
            ),
            "story", {"rule": row["rule"]},
        )
        for row in rules
    ]  # fmt: skip
    st.subheader(say("story.by_rule"), anchor=False)
    titles = [plain(f"story.column_{name}") for name in ("rule", "weight", "n", "open")]
    leads.table("rules", titles, rows, plain("story.by_rule"))


def _others(case: Case, current: Row, total: int) -> None:
    """The cards of the same rule, some at a time."""
    with shown.fold("same-rule", "story.same_rule", n=total) as part:
        if not part.open:
            return
        number = filters.page(total, story.ROWS)
        rows = story.cards(case, number, current["rule"])["rows"]
        told = [
            Lead(
                (
                    Cell(text.moment(row["at_local"])),
                    Cell(text.words().word("verdict", row["verdict"]) if row["verdict"] else _unjudged(row)),
                ),
                "story", {"rule": row["rule"], "ref": row["event_id"], "page": str(number)},
            )
            for row in rows
        ]  # fmt: skip
        titles = [plain("findings.column_time"), plain("findings.column_verdict")]
        leads.table("same-rule", titles, told, plain("story.same_rule", n=total))
        filters.pages(total, story.ROWS, number)


def _unjudged(row: Row) -> str:
    return plain(f"findings.suspected_{row['tier']}")
