"""Copies of a case's tables for other programs, written in the background; and the check of the whole case."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from collectaudit import holdings, listing
from collectaudit.case import Case
from collectaudit.export import export
from collectaudit.filtering import PERIOD
from collectaudit.holdings import ENDINGS, WHAT
from collectaudit.serve import task
from ui import busy, filters, shown, text, url
from ui.text import plain, say

WRITE, VERIFY = "export", "verify"
LARGEST = 200_000_000  # what the browser is handed; a larger file is where it says


def page(case: Case) -> None:
    """What to write, in which form, of everything or of what the address leaves; and what lies there."""
    st.text(plain("data.exports_text"))
    what = str(st.segmented_control(say("data.what"), WHAT, key="what", default=WHAT[0], required=True,
                                    format_func=lambda name: say(f"data.what_{name}")))  # fmt: skip
    only = _filtered(case) if what == WHAT[0] else None
    st.text(plain("data.write"))
    with st.container(horizontal=True, gap="small"):
        for ending in ENDINGS:
            if st.button(say(f"data.as_{ending[1:]}"), key=f"as-{ending[1:]}"):
                write(case, what, ending, only)
    st.subheader(say("data.there"), anchor=False)
    rows = holdings.exported(case)
    if not rows:
        st.text(plain("data.none_there"))
    for row in rows:
        file(row)


def _filtered(case: Case) -> list[str] | None:
    """The findings that the filter of the address leaves; None without a filter."""
    names = (*listing.FACETS, *listing.SLICES, *PERIOD, "search")
    if not any(st.query_params.get_all(name) for name in names):
        return None
    found = listing.ids(case, filters.wanted())
    st.text(plain("data.filtered", n=len(found)))
    st.button(say("filter.clear"), key="clear", type="tertiary", on_click=url.clear, args=(names,))
    return found


def write(case: Case, what: str, ending: str, only: list[str] | None = None) -> None:
    """Write a copy in the background."""

    def work(on: Case, tell: task.Tell) -> None:
        tell("write", 0, 1)
        export(on, holdings.place(on, what, ending), only, what)
        tell("write", 1, 1)

    busy.start(case, WRITE, work)


def file(row: Mapping[str, Any]) -> None:
    """One file for others: taken along through the browser, or from where it lies."""
    path: Path = row["path"]
    with st.container(border=True, gap="small"):
        shown.text(f"{row['name']} · {text.size(row['size_bytes'])}")
        if row["size_bytes"] <= LARGEST:
            st.download_button(say("data.take"), partial(holdings.opened, path), row["name"], key=f"take-{row['name']}",
                               on_click="ignore")  # fmt: skip
        shown.code(f"path-{row['name']}", path)


def check(case: Case) -> None:
    """A button that checks every byte again, and what came of it."""
    if st.button(say("data.verify"), key="verify", type="primary"):
        busy.start(case, VERIFY, holdings.check)
    found = holdings.checked(case)
    if found is None:
        return
    counts = {status: sum(line.status == status for line in found.lines) for status in ("ok", "bad", "not_checked")}
    st.subheader(say("data.sound") if found.ok else say("data.not_sound"), anchor=False)
    st.text(plain("data.checked", **counts))
    for line in holdings.worded(found.lines, text.lang()):
        shown.text(f"{text.words().word('check', line['status'])}  {line['what']}\n{line['detail']}".rstrip())
