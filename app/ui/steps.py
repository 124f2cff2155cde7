"""The steps of somebody who complains: where one stands, back and on. Nothing is lost by leaving in between."""

import streamlit as st

from ui import frame, url
from ui.text import plain, say

STEPS = ("files", "people", "listen", "story", "gaps", "material")


def top(name: str) -> None:
    """The title of a step, and where it stands among the others; on another way only the title."""
    if _on_the_way():
        n = STEPS.index(name) + 1
        st.progress(n / len(STEPS), text=say("steps.now", n=n, all=len(STEPS)))
    st.title(say(f"{name}.title"), anchor=False)


def bottom(name: str, *, ready: bool = True) -> None:
    """Back and on. `ready`: what this step asks for is done; one may go on without it, it is only not urged."""
    if not _on_the_way():
        return
    n = STEPS.index(name)
    with st.container(horizontal=True, key="steps"):
        if n and st.button(say("steps.back"), key="step-back"):
            url.go(STEPS[n - 1])
        if n + 1 < len(STEPS):
            label = say("steps.on", what=plain(f"{STEPS[n + 1]}.menu"))
            if st.button(label, key="step-on", type="primary" if ready else "secondary"):
                url.go(STEPS[n + 1])


def _on_the_way() -> bool:
    return frame.way() == "complain"
