"""For a table nobody knows: its first rows, and boxes to say which column is what."""

from collections.abc import Mapping, Sequence

import streamlit as st

from collectaudit import mapping
from collectaudit.arrivals import Row
from collectaudit.case import Case
from collectaudit.mapping import CHANNELS, NEEDED, PHONE, SIDES, SWITCH, WAYS, Unknown
from ui import busy, shown, text
from ui.shown import Cell, Line
from ui.text import plain, say

MOST = 3  # tables asked about at a time


def helper(case: Case, rows: Sequence[Row]) -> None:
    """One box for each table of which nobody has said what its columns are."""
    asked = [row for row in rows if any(problem.code == "columns" for problem in row["problems"])]
    for row in asked[:MOST]:
        with st.expander(say("columns.title", name=row["name"]), expanded=row is asked[0]):
            _table(case, row["sha256"])


@st.cache_data(max_entries=20, show_spinner=False)
def _unknown(_case: Case, sha256: str) -> Unknown | None:
    return mapping.unknown(_case, sha256)


def _table(case: Case, sha256: str) -> None:
    found = _unknown(case, sha256)
    if found is None:
        st.text(plain("columns.no_table"))
        return
    st.text(plain("columns.text"))
    lines = [Line([Cell(cell) for cell in row]) for row in found.preview]
    shown.rows(f"preview-{sha256}", [text.visible(header) for header in found.headers], lines, plain("columns.preview"))
    sides = {one: say(f"columns.side_{one}") for one in SIDES}
    channels = {one: text.words().word("channel", one) for one in CHANNELS}
    side = st.segmented_control(
        say("columns.side"), SIDES, default=SIDES[0], key=f"side-{sha256}", required=True,
        format_func=sides.__getitem__,
    )  # fmt: skip
    channel = st.selectbox(say("columns.channel"), CHANNELS, key=f"channel-{sha256}", format_func=channels.__getitem__)
    chosen = _chosen(found, sha256, side or SIDES[0])
    ways = _ways(found, sha256, chosen.get("direction", ""))
    collector = _collector(sha256) if side == "switch" else ""
    if st.button(say("columns.save"), key=f"map-{sha256}", type="primary"):
        done = busy.attempt(
            lambda: mapping.keep(case, sha256, mapping.map_text(side or SIDES[0], channel, chosen, ways, collector))
        )
        if done:
            st.rerun()


def _chosen(found: Unknown, sha256: str, side: str) -> dict[str, str]:
    """Field → header as chosen; what the table itself suggests stands there already."""
    fields = PHONE if side == "phone" else SWITCH
    chosen: dict[str, str] = {}
    boxes = st.columns(3)
    headers = {"": plain("columns.none"), **{header: text.visible(header) for header in found.headers}}
    for n, name in enumerate(fields):
        guess = found.guesses.get(name) or (_direction(found) if name == "direction" else None)
        options = list(headers)
        with boxes[n % 3]:
            chosen[name] = st.selectbox(
                say("columns.needed" if name in NEEDED[side] else "columns.field", what=plain(f"columns.{name}")),
                options, index=options.index(guess) if guess in options else 0, key=f"{name}-{sha256}",
                format_func=headers.__getitem__,
            )  # fmt: skip
    return chosen


def _direction(found: Unknown) -> str | None:
    """The column whose few words say who called whom."""
    return next((header for header, few in found.words.items() if all(map(mapping.way_of, few))), None)


def _ways(found: Unknown, sha256: str, header: str) -> Mapping[str, str]:
    """What each word of the chosen column means."""
    said: dict[str, str] = {}
    meanings = {one: say(f"columns.way_{one}") for one in WAYS}
    for word in found.words.get(header, ()):
        known = mapping.way_of(word)
        way = st.segmented_control(
            say("columns.word", word=word), WAYS, default=known, key=f"way-{sha256}-{header}-{word}",
            format_func=meanings.__getitem__,
        )  # fmt: skip
        if way:
            said[word] = way
    return said


def _collector(sha256: str) -> str:
    ends = {one: say(f"columns.collector_{one or 'unknown'}") for one in ("caller", "callee", "")}
    chosen = st.selectbox(say("columns.collector"), list(ends), key=f"collector-{sha256}", format_func=ends.__getitem__)
    return str(chosen or "")
