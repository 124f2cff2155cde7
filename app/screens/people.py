"""Who is who: every number by weight, with a suggestion and its reasons; one click says it; then judging again."""

import math
from collections.abc import Sequence

import streamlit as st

from collectaudit import intake, whoiswho
from collectaudit.case import Case
from collectaudit.serve import task
from collectaudit.serve.task import Tell
from collectaudit.whoiswho import CHOICES, LENDER, ROWS, Row
from ui import busy, frame, shown, steps, text, url
from ui.text import plain, say

BULK = 200  # numbers that are offered to be named at once


def word(choice: str) -> str:
    """What a role is called here."""
    return (
        say(f"people.{choice}")
        if choice in ("debtor", LENDER, "family", "other")
        else text.words().word("role", choice)
    )


def search() -> str:
    """The search box, kept in the address."""
    st.text_input(say("people.search"), key=url.bound_text("search"), on_change=url.follow, args=("search",))
    return url.asked("search")


def listed(case: Case, rows: Sequence[Row]) -> None:
    """One page of numbers."""
    pages = math.ceil(len(rows) / ROWS)
    asked = url.asked("page")
    number = min(int(asked), pages) if asked.isdecimal() and int(asked) else 1
    for row in rows[ROWS * (number - 1) : ROWS * number]:
        person(case, row)
    if pages > 1:
        key = f"page-{number}"
        st.pagination(pages, default=number, key=key, on_change=_turn, args=(key,))


def _turn(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])


def person(case: Case, row: Row) -> None:
    """A number: what is known, what is suggested and why, and a click that says who it is."""
    number = row["number"]
    with st.container(border=True, gap="small", key=f"person-{number}"):
        shown.text("\n".join([_headline(row), *_reasons(row)]))
        choices = {choice: _option(row, choice) for choice in CHOICES}
        st.session_state[f"who-{number}"] = row["choice"]
        st.segmented_control(
            say("people.who", number=text.words().number(number)), CHOICES, key=f"who-{number}",
            label_visibility="collapsed", format_func=choices.__getitem__, on_change=_say, args=(case, row),
        )  # fmt: skip
        if row["choice"]:
            _more(case, row)


def _headline(row: Row) -> str:
    named = [text.words().number(row["number"]), row["name"], row["organisation"], row["relation"]]
    counted = [plain("people.contacts", n=row["contacts"])] if row["contacts"] else []
    if row["basis"]:
        counted.append(text.words().word("basis", row["basis"]))
    if row["new"]:
        counted.append(plain("people.new"))
    return " · ".join([*(part for part in named if part), *counted])


def _reasons(row: Row) -> list[str]:
    """What is suggested, and why, in a line; nothing where somebody has said who it is."""
    if row["choice"]:
        return []
    reasons = [text.words()(f"reason.{reason['key']}", **reason["args"]) for reason in row["reasons"]]
    if not row["suggested_role"]:
        return [plain("people.no_suggestion")]
    return [plain("people.suggested", role=word(row["suggested_role"]), why=plain("people.semicolon").join(reasons))]


def _option(row: Row, choice: str) -> str:
    """A choice; the one that is suggested says so."""
    suggested = not row["choice"] and row["suggested_role"] == choice
    return say("people.option", role=word(choice)) if suggested else word(choice)


def _say(case: Case, row: Row) -> None:
    """As a callback: write down what was clicked; a second click on the same takes nothing back."""
    chosen = st.session_state[f"who-{row['number']}"]
    if chosen is not None:
        busy.attempt(lambda: whoiswho.say_who(case, [row["number"]], chosen, unnamed=plain("people.lender")))


def _take_back(case: Case, number: str) -> None:
    busy.attempt(lambda: whoiswho.take_back(case, number))


def _more(case: Case, row: Row) -> None:
    """Name, organisation, relation: to be added where they are known; and the way to take back what was said."""
    number = row["number"]
    if row["said"]:
        st.button(
            say("people.take_back"), key=f"back-{number}", type="tertiary", on_click=_take_back, args=(case, number)
        )
    if row["choice"] in ("family", "colleague"):
        st.text(plain("people.signed"))
    with st.expander(say("people.more")), st.form(f"more-{number}", border=False):
        boxes = st.columns(3)
        said = {}
        for box, name in zip(boxes, ("name", "organisation", "relation"), strict=True):
            with box:
                said[name] = st.text_input(
                    say(f"people.{name}"), value=row[name] or "", key=f"{name}-{number}", max_chars=80
                )
        if st.form_submit_button(say("people.save"), key=f"save-{number}") and busy.attempt(
            lambda: whoiswho.say_who(case, [number], row["choice"], unnamed=plain("people.lender"), **said)
        ):
            st.rerun()


def together(case: Case, rows: Sequence[Row]) -> None:
    """Several numbers at once: those that are suggested as collectors stand there already."""
    open_ones = [row for row in rows if row["choice"] is None][:BULK]
    if not open_ones:
        return
    names = {row["number"]: text.visible(_headline(row)) for row in open_ones}
    roles = {choice: word(choice) for choice in CHOICES}
    with st.expander(say("people.together")), st.form("together", border=False):
        st.text(plain("people.together_text"))
        several = st.multiselect(
            say("people.numbers"), list(names), format_func=names.__getitem__,
            placeholder=say("people.none"),
        )  # fmt: skip
        left, right = st.columns(2)
        with left:
            choice = st.selectbox(
                say("people.are"), CHOICES, index=CHOICES.index("collector"), format_func=roles.__getitem__
            )
        with right:
            organisation = st.text_input(say("people.organisation_all"), placeholder=say("people.optional"))
        if (
            st.form_submit_button(say("people.say_all"))
            and several
            and busy.attempt(
                lambda: whoiswho.say_who(
                    case, several, choice, organisation=organisation.strip() or None, unnamed=plain("people.lender")
                )
            )
        ):
            st.rerun()


def again(case: Case, place: str, waiting: bool) -> None:
    """What was said counts once the case is judged again; above and below the numbers, what that changed only above."""
    done = busy.finished(case, "people") if place == "above" else None
    if waiting:
        with st.container(border=True, key=f"to-judge-{place}"):
            st.text(plain("people.to_be_judged"))
            if st.button(say("people.again"), key=f"again-{place}", type="primary"):
                busy.start(case, "people", judge)
    elif done and done.notes:
        before, after, review_before, review_after = map(int, done.notes)
        key = "people.changed" if (before, review_before) != (after, review_after) else "people.unchanged"
        st.text(plain(key, before=before, after=after, review_before=review_before, review_after=review_after))


def judge(case: Case, tell: Tell) -> None:
    """As work in the background: judge again, and note the findings before and after."""
    changed = intake.read_and_judge(case, tell)
    counts = [changed["before"] or {"findings": 0, "review": 0}, changed["after"]]
    if (now := task.of(case)) is not None:
        now.notes.extend(str(count[key]) for key in ("findings", "review") for count in counts)


def show() -> None:
    """The page."""
    case = frame.case()
    steps.top("people")
    st.text(plain("people.why"))
    if busy.busy(case):
        return
    waiting = whoiswho.to_be_judged(case)
    again(case, "above", waiting)
    asked = search()
    rows = whoiswho.numbers(case, asked)
    unknown = sum(row["choice"] is None for row in rows)
    st.text(plain("people.counted", n=len(rows), unknown=unknown))
    if not asked:
        together(case, rows)
    if rows:
        with st.expander(say("people.meaning")):
            st.text(plain("people.roles"))
        listed(case, rows)
    else:
        st.text(plain("people.nobody" if not asked else "people.not_found"))
    again(case, "below", waiting)
    steps.bottom("people", ready=not waiting)


show()
