"""What a page shows stands in its address, so that a refresh, a bookmark and a link show the same."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from ui.nav import PAGES

KEPT = ("case", "lang", "way", "numbers")  # these stay when the page is left


def keep() -> None:
    """Once a run, before anything is shown: the session follows the address, a new page takes over from the last."""
    for name in KEPT:
        if name in st.query_params:
            st.session_state[name] = st.query_params[name]
        elif name in st.session_state:
            st.query_params[name] = st.session_state[name]


def put(name: str, value: str) -> None:
    """Change one of KEPT."""
    st.session_state[name] = value
    st.query_params[name] = value


def asked(name: str) -> str:
    """What the address says, or nothing."""
    return str(st.query_params.get(name, ""))


def kept() -> dict[str, str]:
    """What every link takes along."""
    return {name: str(st.session_state[name]) for name in KEPT if st.session_state.get(name)}


def link(page: str, /, **query: str | Sequence[str]) -> str:
    """The address of a page, for a new tab or a bookmark."""
    return f"/{page}?" + urlencode({**kept(), **{name: value for name, value in query.items() if value}}, doseq=True)


def go(page: str, /, **query: str | Sequence[str]) -> None:
    """Leave for another page (the name of its file)."""
    st.switch_page(f"screens/{page}.py", query_params={**kept(), **query})


def leave(href: str) -> None:
    """As a callback: leave for an address that `link` made; what names no page of ours is passed over."""
    page, _, query = href.lstrip("/").partition("?")
    if any(page == entry.name for entry in PAGES):
        st.switch_page(f"screens/{page}.py", query_params=parse_qs(query))


def stay(**query: str) -> None:
    """As a callback: the same page about something else."""
    st.query_params.from_dict({**kept(), **query})


def bound(name: str, known: Sequence[str]) -> str:
    """The key of a widget of several values that stands in the address under its name."""
    key = f"in-{name}"
    if key not in st.session_state:
        st.session_state[key] = [value for value in st.query_params.get_all(name) if value in known]
    return key


def bound_text(name: str, default: str = "") -> str:
    """The key of a widget of one value that stands in the address under its name."""
    key = f"in-{name}"
    if key not in st.session_state:
        st.session_state[key] = asked(name) or default
    return key


def follow(name: str, *, but: str = "page") -> None:
    """As a callback: write what was chosen into the address, and begin with the first page again."""
    value = st.session_state[f"in-{name}"]
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
    if name != but:
        st.session_state.pop(f"in-{but}", None)
        st.query_params.pop(but, None)


def clear(names: Sequence[str]) -> None:
    """As a callback: take these out of the address and out of their widgets."""
    for name in names:
        st.session_state.pop(f"in-{name}", None)
        st.query_params.pop(name, None)


def current() -> Mapping[str, Any]:
    """What the address says, without what is kept anyway: for coming back to this page as it is."""
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in KEPT}


def put_back(page: str) -> None:
    """Remember this page as it is, to come back to it."""
    st.session_state[f"back-{page}"] = current()


def back(page: str) -> dict[str, Any]:
    """What to give a link that leads back to a page."""
    return {**kept(), **st.session_state.get(f"back-{page}", {})}
