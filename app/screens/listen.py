"""Recordings into text: which there are, how long it will take, how far it is; it goes on when the page is closed."""

import streamlit as st

from collectaudit import recordings
from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.recordings import ROWS, STATES, Row
from collectaudit.serve import listening, task
from collectaudit.transcribe import readiness
from ui import filters, frame, shown, steps, text, url
from ui.leads import Lead, chosen, table
from ui.shown import Cell, Line
from ui.text import plain, say

HERE = ("ready", "installed")  # states of a model that is on this machine


def begun(start: task.Task | None, error: CollectAuditError | None) -> None:
    """A task was to be started: the page begins anew, or says why it was not."""
    if error is not None:
        shown.problem(error)
    elif start is not None:
        st.rerun()


def started(case: Case, model: str | None, language: str) -> None:
    """Start listening."""
    try:
        begun(listening.start(case, listening.opener(model), language=language), None)
    except CollectAuditError as error:
        begun(None, error)


def judged(case: Case, **said: object) -> None:
    """Start judging again."""
    try:
        begun(listening.judge(case, **said), None)
    except CollectAuditError as error:
        begun(None, error)


def lasting(seconds: float) -> str:
    """How long much sound lasts, in words: a clock would leave open whether it counts hours or minutes."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return plain("listen.lasting_hours", hours=str(minutes // 60), minutes=str(minutes % 60))
    return plain("listen.lasting_minutes", minutes=str(minutes), seconds=str(rest))


def summary(found: dict[str, Row]) -> None:
    """How many recordings, how long, how many still to do."""
    every = [row for row in found.values() if row["n"]]
    seconds = sum(row["seconds"] for row in every)
    st.text(plain("listen.all", n=sum(row["n"] for row in every), lasting=lasting(seconds)))
    unknown = sum(row["unknown"] for row in every if row["state"] != "unreadable")
    if unknown:
        st.text(plain("listen.unknown_length", n=unknown))


def expected(waiting: Row, model: str | None) -> None:
    """What is left, and how long that may take here."""
    about = readiness.minutes(waiting["seconds"], model)
    left = {"n": waiting["n"], "lasting": lasting(waiting["seconds"])}
    if about.most < 1:
        st.text(plain("listen.waiting_short", **left))
    else:
        least, most = max(round(about.least), 1), max(round(about.most), 2)
        st.text(plain("listen.waiting_long", **left, least=least, most=most))


@st.fragment(run_every=1)
def going_on(case: Case) -> None:
    """How far it is, every second; the page begins anew when it is over."""
    now = task.of(case)
    if now is None or now.state != "running":
        st.rerun()
        return
    course = listening.course(case) if now.kind == listening.KIND else None
    if course is None or now.phase != listening.KIND:
        st.progress(now.done / now.total if now.total else 0.0, text=say("listen.judging"))
        return
    share = min(course.done_s / course.total_s, 1.0) if course.total_s else 0.0
    st.progress(share, text=say("listen.running", done=course.finished, total=course.total))
    at_hand(case, course)
    st.text(plain("listen.leave"))
    if st.button(say("listen.pause"), key="pause"):
        task.stop(case)
        st.session_state["pausing"] = True
    if st.session_state.get("pausing"):
        st.text(plain("listen.pausing"))


def at_hand(case: Case, course: listening.Course) -> None:
    """How fast it is, and how far with each file; when one more is done the whole page is drawn again."""
    if course.speed and course.done_s:
        st.text(plain("listen.speed", speed=f"{course.speed:.1f}", left=lasting(course.left_s)))
    else:
        st.text(plain("listen.beginning"))
    for sha256, name in recordings.names(case, list(course.shares)).items():
        percent = str(round(100 * course.shares.get(sha256, 1)))
        st.text(plain("listen.at_hand", name=name, percent=percent))
    if st.session_state.setdefault("finished", course.finished) != course.finished:
        st.session_state["finished"] = course.finished
        st.rerun()


def ended(case: Case) -> None:
    """How the last task ended."""
    now = task.of(case)
    st.session_state.pop("pausing", None)
    if now is None or now.kind not in (listening.KIND, listening.JUDGING):
        return
    if now.state == "failed":
        shown.problem(now.error) if now.error else st.error(say("listen.crashed"))
    elif now.state == "stopped":
        st.text(plain("listen.stopped"))
    elif now.state == "done":
        course = listening.course(case)
        failed = len(course.reasons) if course else 0
        st.text(plain("listen.done_failed", n=failed) if failed else plain("listen.finished"))


def controls(case: Case, found: dict[str, Row]) -> None:
    """Start, or what is missing for it; what is already transcribed can be judged."""
    ended(case)
    if found["new"]["n"]:
        st.text(plain("listen.new", n=found["new"]["n"]))
        if st.button(say("listen.judge"), key="judge-new"):
            judged(case)
    if not found["waiting"]["n"]:
        st.text(plain("listen.nothing_left"))
    elif not readiness.engine_here():
        engine_missing()
    else:
        ready(case, found["waiting"])


def ready(case: Case, waiting: Row) -> None:
    """How long it may take, and the button; where there is no model yet, first what gets one."""
    models = readiness.known_models()
    here, model = [row["name"] for row in models if row["state"] in HERE], url.asked("model").strip() or None
    if not here:
        st.subheader(say("listen.no_model"), anchor=False)
        st.text(plain("listen.no_model_text"))
        st.text(plain("listen.without"))
    expected(waiting, model)
    if here or model:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            language = spoken(case)
            now = task.of(case)
            again = now is not None and (now.kind, now.state) == (listening.KIND, "stopped")
            if st.button(say("listen.go_on" if again else "listen.start"), key="start", type="primary"):
                started(case, model, language)
    which_model(models, here)


def spoken(case: Case) -> str:
    """The language of the recordings."""
    usual = "en" if case.options["jurisdiction"] == "us" else "zh"
    key = chosen("spoken", listening.LANGUAGES, usual)
    labels = {code: say(f"listen.language_{code}") for code in listening.LANGUAGES}
    st.selectbox(
        say("listen.language"), listening.LANGUAGES, key=key, on_change=url.follow, args=("spoken",),
        format_func=labels.__getitem__, width=240,
    )  # fmt: skip
    return str(st.session_state[key])


def engine_missing() -> None:
    """What listens is not installed."""
    with st.container(border=True):
        st.subheader(say("listen.no_engine"), anchor=False)
        st.text(plain("listen.no_engine_text"))
        shown.code("install", "pip install 'collectaudit[asr]'")
        st.text(plain("listen.without"))


def which_model(models: list[Row], here: list[str]) -> None:
    """Which models there are, how to get one with or without a network, and a box for one in a folder."""
    with st.expander(say("listen.models"), expanded=not here):
        lines = [
            Line((
                Cell(row["name"]), Cell(plain("listen.megabytes", mb=row["megabytes"])), Cell(row["licence"]),
                Cell(plain("listen.model_here" if row["state"] in HERE else "listen.model_missing")),
            )) for row in models
        ]  # fmt: skip
        titles = [plain(f"listen.column_{name}") for name in ("model", "size", "licence", "model_state")]
        shown.rows("models", titles, lines, plain("listen.models"))
        st.text(plain("listen.get_model"))
        lacking = [row["command"] for row in models if row["state"] not in HERE]
        shown.code("get", "\n".join(lacking or [models[0]["command"]]))
        st.text(plain("listen.offline"))
        shown.code("carried", "\n".join(row["carried"] for row in models))
        st.text_input(say("listen.folder"), key=url.bound_text("model"), on_change=url.follow, args=("model",))


def two_sides(case: Case) -> None:
    """Recordings with a channel for each side, of which nobody knows which one collects."""
    lacking = recordings.sides(case)
    if not lacking["n"]:
        return
    with st.container(border=True):
        st.subheader(say("listen.sides"), anchor=False)
        st.text(plain("listen.sides_text", n=lacking["n"]))
        lead = Lead((Cell(plain("listen.sides_hear")), Cell(lacking["name"])), "event", {"ref": lacking["event_id"]})
        table("two-sided", [plain("listen.sides_one"), plain("listen.column_file")], [lead], plain("listen.sides"))
        if not lacking["collecting"]:
            st.text(plain("listen.sides_who"))
        with st.container(horizontal=True):
            for side in ("left", "right"):
                if st.button(say(f"listen.side_{side}"), key=f"side-{side}"):
                    judged(case, channels=dict.fromkeys(lacking["names"], side))


def state_of(row: Row, course: listening.Course | None) -> Cell:
    """What became of a recording, in words, with why or how well."""
    reason = course.reasons.get(row["sha256"]) if course else None
    share = course.shares.get(row["sha256"]) if course else None
    if row["state"] == "waiting" and reason:
        return Cell(plain("listen.state_failed"), text.words().sentence(reason), "high")
    if row["state"] == "waiting" and share:
        return Cell(plain("listen.state_part", percent=str(round(100 * share))), mark="low")
    below = text.words().sentence(row["reason"]) if row["state"] in ("unreadable", "waiting") and row["reason"] else ""
    if row["state"] == "text":
        engine = text.words().sentence(row["engine"]) if row["engine"] else plain("words.elsewhere")
        doubtful = plain("listen.doubtful", n=row["doubtful"], passages=row["passages"])
        below = f"{engine} · {doubtful}" if row["engine"] else engine
    mark = {"unreadable": "high", "waiting": "low", "new": "low"}.get(row["state"], "medium")
    return Cell(plain(f"listen.state_{row['state']}"), below, mark)


def line(row: Row, course: listening.Course | None) -> Lead:
    """A recording as a row; it leads to its call."""
    size = plain("listen.megabytes", mb=f"{row['size_bytes'] / 1e6:.1f}")
    cells = (
        Cell(text.moment(row["at_local"], row["precision"]), row["name"]),
        Cell(text.length(row["duration_s"]), size),
        state_of(row, course),
    )
    return Lead(cells, "event", {"ref": row["event_id"]}) if row["event_id"] else Lead(cells)


def every(case: Case, found: dict[str, Row]) -> None:
    """The list, by the page."""
    st.subheader(say("listen.list"), anchor=False)
    known = [state for state in STATES if found[state]["n"]]
    labels = {state: text.label(f"{plain(f'listen.state_{state}')} · {found[state]['n']:,}") for state in known}
    if len(known) > 1:
        st.pills(
            say("listen.show"), known, selection_mode="multi", key=url.bound("state", known),
            format_func=labels.__getitem__, on_change=url.follow, args=("state",),
        )  # fmt: skip
    states = [state for state in st.query_params.get_all("state") if state in known]
    total = sum(found[state]["n"] for state in states or known)
    number = filters.page(total, ROWS)
    course = listening.course(case)
    rows = [line(row, course) for row in recordings.page(case, states, number)]
    titles = [plain(f"listen.column_{name}") for name in ("recording", "length", "state")]
    table("recordings", titles, rows, plain("listen.list"))
    filters.pages(total, ROWS, number)


def show() -> None:
    """The page."""
    case = frame.case()
    steps.top("listen")
    found = recordings.totals(case)
    now = task.of(case)
    if not any(row["n"] for row in found.values()):
        st.text(plain("listen.no_recordings"))
    else:
        summary(found)
        with st.container(border=True, key="listening"):
            if now is not None and now.state == "running":
                going_on(case)
            else:
                controls(case, found)
        two_sides(case)
        every(case, found)
    steps.bottom("listen", ready=not found["waiting"]["n"])


show()
