"""The filter of a list: what an address says of it, and the widgets that change it."""

import math
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from collectaudit.filtering import MOST, PERIOD, Wanted
from ui import text, url
from ui.text import plain, say

Worded = Callable[[str, str], str]  # a value of a facet in words
_NAMES = ("search", "order", *PERIOD)


def wanted() -> Wanted:
    """The filter of this address."""
    return of({name: st.query_params.get_all(name) for name in st.query_params})


def of(query: Mapping[str, Sequence[str]]) -> Wanted:
    """The filter of an address: name → values."""
    one = {name: next(iter(query.get(name, ())), "") for name in _NAMES}
    return Wanted({name: values for name, values in query.items() if name not in _NAMES}, **one)


def search(orders: Sequence[str], found_in: str) -> None:
    """The box for words, whose label is the key `found_in`, and the order."""
    left, right = st.columns([3, 1])
    with left:
        st.text_input(say(found_in), key=url.bound_text("search"), on_change=url.follow, args=("search",))
    with right:
        st.selectbox(
            say("filter.order"), orders, key=url.bound_text("order", orders[0]), on_change=url.follow,
            args=("order",), format_func=lambda order: say(f"filter.by_{order}"),
        )  # fmt: skip


def boxes(found: Mapping[str, Mapping[str, int]], first: Sequence[str], worded: Worded) -> None:
    """A box for each facet of `found` (facet → value → n); beyond `first` only those that tell things apart."""
    names = [name for name in found if name in first or len(found[name]) > 1 or st.query_params.get_all(name)]
    for start in range(0, len(names), 4):
        for column, name in zip(st.columns(4), names[start : start + 4], strict=False):
            with column:
                _box(name, found[name], worded)


def _box(name: str, found: Mapping[str, int], worded: Worded) -> None:
    known = dict.fromkeys([*found, *st.query_params.get_all(name)])
    labels = {value: text.visible(f"{worded(name, value)} · {found.get(value, 0):,}") for value in known}
    st.multiselect(
        say(f"filter.{name}"), list(known), key=url.bound(name, list(known)), format_func=labels.__getitem__,
        placeholder=say("filter.all"), on_change=url.follow, args=(name,),
        help=say("filter.most", most=MOST) if len(found) >= MOST else None,
    )  # fmt: skip


def chips(slices: Sequence[str], worded: Worded) -> None:
    """What a number or a chart led to, each with a way to take it off; nothing where there is none."""
    names = [name for name in (*slices, *PERIOD) if st.query_params.get_all(name)]
    if not names:
        return
    with st.container(horizontal=True, key="chips"):
        for name in names:
            values = ", ".join(_in_words(name, value, worded) for value in st.query_params.get_all(name))
            st.button(
                say("filter.chip", what=say(f"filter.{name}"), value=values), key=f"chip-{name}", on_click=url.clear,
                args=((name, "page"),),
            )  # fmt: skip


def _in_words(name: str, value: str, worded: Worded) -> str:
    if name in PERIOD:
        return text.day(value)
    if name == "weekday":
        return plain(f"weekday.{value}") if value in "1234567" else value
    if name == "half" and value != "-":
        return plain("filter.at_half", clock=value)
    return plain("filter.at_hour", hour=value) if name == "hour" and value != "-" else worded(name, value)


def counted(total: int, every: int, names: Sequence[str]) -> None:
    """How many are left of how many, and a way back to all of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(plain("filter.counted", total=total, every=every))
        if total != every:
            cleared = (*names, *_NAMES, "page")
            st.button(say("filter.clear"), key="clear", type="tertiary", on_click=url.clear, args=(cleared,))


def page(total: int, a_page: int) -> int:
    """The page of the address, counted from 1."""
    asked = url.asked("page")
    return min(int(asked), max(math.ceil(total / a_page), 1)) if asked.isdecimal() and int(asked) else 1


def pages(total: int, a_page: int, number: int) -> None:
    """The way to the other pages."""
    if total > a_page:
        key = f"page-{number}"  # of another name on every page: it begins where the address says
        st.pagination(math.ceil(total / a_page), default=number, key=key, on_change=_follow_page, args=(key,))


def _follow_page(key: str) -> None:
    st.query_params["page"] = str(st.session_state[key])


def known(name: str, value: str) -> str:
    """Codes that several lists share, in words; what nobody named, as such; everything else as it is."""
    if value in ("-", ""):
        return plain(f"filter.no_{name}") if f"filter.no_{name}" in text.words() else plain("app.unknown")
    code = {"party": "role", "sound": "word", "words": "word"}.get(name, name)
    coded = ("severity", "tier", "verdict", "channel", "outcome", "party", "authority", "sound", "words")
    return text.words().word(code, value) if name in coded else value
