"""Which pages there are. A new one: a file in screens/, an entry here, its texts in the catalogue under its name.

The folder is not called pages: Streamlit would then run its files by themselves, without what stands around them.
"""

from dataclasses import dataclass

import streamlit as st

from ui.text import say

WAYS = ("complain", "inspect")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its file (and address), who finds it in the menu, whether it is there without being listed."""

    name: str
    ways: tuple[str, ...] = WAYS
    hidden: bool = False


BORROWER, OFFICER = ("complain",), ("inspect",)
PAGES = (
    Entry("start"),
    Entry("files", BORROWER), Entry("people"), Entry("listen"), Entry("story", BORROWER), Entry("gaps"),
    Entry("material", BORROWER),
    Entry("overview", OFFICER), Entry("comparison", OFFICER), Entry("findings"), Entry("contacts"),
    Entry("account", OFFICER), Entry("event", hidden=True), Entry("quality", OFFICER), Entry("rules", OFFICER),
    Entry("data", OFFICER), Entry("about"),
)  # fmt: skip


def pages(way: str) -> list[st.Page]:
    """The menu for one of the two ways in; the first page is where an empty address leads."""
    return [
        st.Page(
            f"screens/{entry.name}.py",
            title=say(f"{entry.name}.menu"),
            url_path=entry.name,
            default=n == 0,
            visibility="hidden" if entry.hidden or way not in entry.ways else "visible",
        )
        for n, entry in enumerate(PAGES)
    ]
