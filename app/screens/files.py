"""Bring in files: drop them or name their folder, see what each was recognised as and what is wrong, then judge."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from collectaudit import arrivals, intake, whoiswho
from collectaudit.arrivals import Problem, Row
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.serve import task
from collectaudit.serve.task import Tell
from ui import busy, columns, dayorder, exporting, frame, opening, phones, shown, steps, text, url, zones
from ui.shown import Cell, Line
from ui.text import plain, say

FILES = 50  # on a page
QUIET = ("note", "gb18030")  # said of a file, but nothing is to be done


def dropped(case: Case) -> None:
    """Files from the browser: into the case at once, then they are read in the background."""
    turn = st.session_state.setdefault("drop", 0)
    given = st.file_uploader(say("files.drop"), accept_multiple_files=True, key=f"drop-{turn}")
    if not given:
        return
    kept: list[intake.Kept] = []
    refused: list[CollectAuditError] = []
    for file in given:
        try:
            kept += intake.receive(case, file.name, file)
        except CollectAuditError as error:
            refused.append(error)
    st.session_state["drop"] = turn + 1  # an empty one: the files are in the case, not in memory
    st.session_state["kept"], st.session_state["refused"] = kept, refused
    if not kept:
        st.rerun()  # nothing to read: what is wrong is said at once
    busy.start(case, "read", intake.recognise)


def from_folder(case: Case) -> None:
    """A whole folder of this machine, by its path: nothing goes through the browser."""
    with st.expander(say("files.folder")):
        st.text(plain("files.folder_text"))
        turn = st.session_state.setdefault("folder-turn", 0)
        with st.form("folder", border=False):
            path = st.text_input(say("files.path"), placeholder=say("files.path_example"))
            password = st.text_input(say("opening.folder_password"), type="password", autocomplete="off",
                                     key=f"folder-password-{turn}")  # fmt: skip
            if st.form_submit_button(say("files.bring")) and path.strip():
                given = Path(path.strip().strip("\"'"))
                st.session_state["folder-turn"] = turn + 1  # a new box: the password is nowhere any more
                busy.start(case, "bring", lambda its, tell: _bring(its, given, tell, password))


def _bring(case: Case, given: Path, tell: Tell, password: str) -> None:
    intake.bring(case, given, tell, password)
    if (now := task.of(case)) is not None:
        now.notes.extend(f"{error['input']}: {error['reason']}" for error in case.errors)


def told(case: Case) -> None:
    """What became of the files that were just brought."""
    for refused in st.session_state.get("refused", ()):
        shown.problem(refused)
    for kept in st.session_state.get("kept", ()):
        if kept.before is not None:
            st.text(plain("files.twice", name=kept.name, other=kept.before))
    done = busy.finished(case, "bring")
    for note in done.notes if done else ():
        shown.text(text.words().sentence(note))


def listed(rows: Sequence[Row]) -> None:
    """The files, those with problems first."""
    titles = [plain(f"files.column_{name}") for name in ("file", "what", "rows", "range", "problems")]
    pages = math.ceil(len(rows) / FILES)
    number = _number("page", pages)
    part = rows[FILES * (number - 1) : FILES * number]
    shown.rows("files", titles, [_line(row) for row in part], plain("files.listed", n=len(rows)))
    _pages("page", pages, number)


def _line(row: Row) -> Line:
    days = " – ".join(dict.fromkeys(text.day(row[at]) for at in ("first_at", "last_at") if row[at]))
    counted = f"{row['events']:,}" if row["records"] else ""
    below = plain("files.rejected", n=row["rejects"]) if row["rejects"] else ""
    bad = [problem for problem in row["problems"] if problem.code not in QUIET]
    said = [_said(what, problem) for problem in bad for what in ("problem", "fix")]
    said += [_said("problem", problem) for problem in row["problems"] if problem.code in QUIET]
    state = Cell(plain("files.look") if bad else _state(row), "\n".join(said), "high" if bad else "medium")
    name, what = Cell(row["name"], _size(row["size_bytes"])), Cell(_recognised(row), _owner(row))
    zone = text.zone(row["time_zone"]) if row["time_zone"] else ""
    return Line((name, what, Cell(counted, below), Cell(days, zone), state))


def _recognised(row: Row) -> str:
    """What a file was taken for."""
    if row["status"] == "waiting":
        return plain("files.waiting")
    if row["read_as"] is None:
        return plain("files.not_recognised")
    return text.words().pick(row, "title") or _parser(row["read_as"])


def _parser(name: str) -> str:
    key = f"files.as_{name}"
    return plain(key) if key in text.words() else plain("files.as_other")


def _owner(row: Row) -> str:
    return plain("files.phone_of", number=row["owner"]) if row["owner"] else ""


def _state(row: Row) -> str:
    if row["status"] == "waiting":
        return plain("files.will_be_read")
    return plain("files.fine" if row["judged"] else "files.not_judged")


def _said(what: str, problem: Problem) -> str:
    args: dict[str, Any] = dict(problem.args)
    if "why" in args:
        args["why"] = text.words().sentence(args["why"])
    return plain(f"files.{what}_{problem.code}", **args)


def _size(n: int) -> str:
    return (
        plain("files.megabytes", n=f"{n / 1e6:.1f}")
        if n >= 1e5
        else plain("files.kilobytes", n=f"{max(n / 1e3, 0.1) if n else 0:.1f}")
    )


def unread(case: Case, rows: Sequence[Row]) -> None:
    """Every record that could not be read, by the page: file, place in it, reason, the record."""
    total = sum(row["rejects"] for row in rows)
    if not total:
        return
    pages = math.ceil(total / arrivals.ROWS)
    with st.expander(say("files.rejects", n=total), expanded="rejects" in st.query_params):
        st.text(plain("files.rejects_text"))
        number = _number("rejects", pages)
        titles = [plain(f"files.column_{name}") for name in ("file", "reason", "record")]
        lines = [
            Line((Cell(one["source"], one["locator"]), Cell(text.words().sentence(one["reason"])), Cell(one["raw"])))
            for one in arrivals.rejects(case, rows, number)
        ]  # fmt: skip
        shown.rows("rejects", titles, lines, plain("files.rejects", n=total))
        _pages("rejects", pages, number)


def _number(name: str, pages: int) -> int:
    asked = url.asked(name)
    return min(int(asked), pages) if asked.isdecimal() and int(asked) else 1


def _pages(name: str, pages: int, number: int) -> None:
    if pages > 1:
        key = f"{name}-{number}"
        st.pagination(pages, default=number, key=key, on_change=_turn, args=(name, key))


def _turn(name: str, key: str) -> None:
    st.query_params[name] = str(st.session_state[key])


def judging(case: Case, rows: Sequence[Row]) -> bool:
    """The one button that reads and judges everything; whether there is nothing left to do."""
    asked = [row for row in rows if not row["judged"]]
    ready = not asked and case.run() is not None and not whoiswho.to_be_judged(case)
    if ready:
        used = sum(bool(row["events"]) for row in rows)
        left = len(rows) - used
        st.text(plain("files.all_judged", n=used) + (plain("files.unused", n=left) if left else ""))
    elif asked and case.run() is not None:
        st.text(plain("files.new_ones", n=len(asked)))
    if st.button(say("files.again" if ready else "files.judge"), key="judge", type="secondary" if ready else "primary"):
        busy.start(case, "judge", judge)
    return ready


def judge(case: Case, tell: Tell) -> None:
    """As work in the background: read, judge, and note how many findings there were and are."""
    changed = intake.read_and_judge(case, tell)
    if (now := task.of(case)) is not None:
        now.notes.append(str(changed["after"]["findings"]))


def show() -> None:
    """The page."""
    case = frame.opened()
    steps.top("files")
    st.text(plain("files.why"))
    rows = arrivals.arrivals(case)
    if busy.busy(case):
        if rows:
            listed(rows)
        return
    if any(row["status"] == "waiting" for row in rows) and task.of(case) is None:
        busy.start(case, "read", intake.recognise)  # as after a stop in the middle
    dropped(case)
    from_folder(case)
    told(case)
    ready = False
    if rows:
        listed(rows)
        opening.locked(case, rows)
        columns.helper(case, rows)
        dayorder.dayorder(case, rows)
        unread(case, rows)
        phones.phones(case, rows)
        phones.place(case)
        zones.zones(case, rows)
        exporting.missing(rows)
        ready = judging(case, rows)
    exporting.cards(expanded=not rows)
    steps.bottom("files", ready=ready)


show()
