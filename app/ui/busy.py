"""Work on a case that goes on in the background: how far it is, a way to stop it, and what became of it."""

from collections.abc import Callable

import streamlit as st

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.serve import task
from collectaudit.serve.task import Task, Work
from ui import shown
from ui.text import plain, say


def start(case: Case, kind: str, work: Work) -> None:
    """Begin; what stood on the page is drawn again with the progress."""
    if attempt(lambda: task.start(case, kind, work)):
        st.rerun()


def busy(case: Case) -> bool:
    """Whether somebody works on the case: then the progress is shown, and nothing should be changed."""
    found = task.of(case)
    if found is None or found.state == "running":
        if found is not None:
            _progress(case)
        return found is not None
    if found.state == "failed":
        _failed(case, found)
    return False


def finished(case: Case, kind: str) -> Task | None:
    """The last work on the case if it was of that kind and came to its end."""
    found = task.of(case)
    return found if found is not None and found.kind == kind and found.state == "done" else None


@st.fragment(run_every=1)
def _progress(case: Case) -> None:
    """Drawn again every second, also after the page was closed and opened again."""
    found = task.of(case)
    if found is None or found.state != "running":
        st.rerun()
    share = found.done / found.total if found.total else 0.0
    with st.container(border=True, key="busy"):
        st.progress(value=min(share, 1.0), text=say(f"busy.{found.phase or 'begin'}", done=found.done, all=found.total))
        st.text(plain("busy.closing"))
        st.button(say("busy.stop"), key="busy-stop", on_click=task.stop, args=(case,))


def _failed(case: Case, found: Task) -> None:
    if found.error is None:
        st.error(say("busy.failed"))
    else:
        shown.problem(found.error)
    st.button(say("busy.seen"), key="busy-seen", on_click=task.forget, args=(case,))


def attempt(do: Callable[[], object]) -> bool:
    """Do something to the case; an error of ours is said in words. Whether it was done."""
    try:
        do()
    except CollectAuditError as error:
        shown.problem(error)
        return False
    return True
