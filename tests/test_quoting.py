"""A text with passages pointed out: offsets stay right, nothing obeys, nothing is lost."""

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.catalogue import Words
from collectaudit.quoting import merged, quoted
from collectaudit.render import Page
from collectaudit.safe_text import term_safe
from collectaudit.wrapping import breaks, cells, wrap

ESC, RLO = "\x1b[31m", "\u202e"


def marked(text: str, *spans: tuple[int, int]) -> list[str]:
    return [line for line, _ in quoted(text, spans, signs=True)]


@pytest.mark.parametrize(
    ("text", "spans", "lines"),
    [
        ("再拖就打断你的腿", [(3, 8)], ["再拖就⟦打断你的腿⟧"]),
        ("打断你的腿", [(0, 5)], ["⟦打断你的腿⟧"]),
        ("打断你的腿", [], ["打断你的腿"]),
        ("", [], [""]),
        ("", [(0, 3)], [""]),
        ("ab", [(1, 99)], ["a⟦b⟧"]),
        ("abcdef", [(0, 2), (1, 4), (4, 5)], ["⟦abcde⟧f"]),
        ("abcdef", [(3, 4), (0, 1)], ["⟦a⟧bc⟦d⟧ef"]),
        ("一\n二\r\n三", [(0, 6)], ["⟦一⟧", "⟦二⟧", "⟦三⟧"]),
        ("一\n", [], ["一", ""]),
        ("a\rb", [(0, 1)], ["⟦a⟧\\u000db"]),
        (f"{ESC}打{RLO}断你{ESC}", [(5, 9)], ["\\u001b[31m⟦打\\u202e断你⟧\\u001b[31m"]),
        ("打\u200b断", [(0, 3)], ["⟦打\\u200b断⟧"]),
        ("⟦假⟧打断", [(3, 5)], ["\\u27e6假\\u27e7⟦打断⟧"]),
        ("😀打断", [(1, 3)], ["😀⟦打断⟧"]),
    ],
)
def test_passages_stand_between_signs(text: str, spans: list[tuple[int, int]], lines: list[str]) -> None:
    assert marked(text, *spans) == lines


def test_with_colour_there_are_no_signs_and_the_places_are_right() -> None:
    (line, places) = next(quoted(f"{ESC}打{RLO}断⟦", [(5, 8)], signs=False))
    assert line == "\\u001b[31m打\\u202e断⟦"
    assert [line[start:end] for start, end in places] == ["打\\u202e断"]


TEXTS = st.text(alphabet=st.sampled_from("打断你ab \n\r\t\x1b\u202e\u200b⟦⟧😀。"), max_size=40)
SPANS = st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=5)


@given(TEXTS, SPANS)
def test_nothing_is_lost_or_moved(text: str, spans: list[tuple[int, int]]) -> None:
    spans = [(start, end) for start, end in spans if start < end]
    plain = "\n".join(line for line, _ in quoted(text, spans, signs=False))
    assert plain == "\n".join(map(term_safe, text.replace("\r\n", "\n").split("\n")))
    signed = "\n".join(marked(text, *spans))
    assert signed.replace("⟦", "").replace("⟧", "") == plain.replace("⟦", "\\u27e6").replace("⟧", "\\u27e7")
    newlines = {index for found in re.finditer(r"\r?\n", text) for index in range(*found.span())}
    inside = {index for start, end in spans for index in range(start, end)} - newlines
    shown = "".join(line[a:b] for line, places in quoted(text, spans, signs=False) for a, b in places)
    assert shown == "".join(term_safe(char) for index, char in enumerate(text) if index in inside)


@given(SPANS)
def test_merged_spans_are_apart_and_cover_the_same(spans: list[tuple[int, int]]) -> None:
    spans = [(start, end) for start, end in spans if start < end]
    found = merged(spans)
    assert {i for a, b in found for i in range(a, b)} == {i for a, b in spans for i in range(a, b)}
    assert all(before[1] < after[0] for before, after in pairwise(found))


@given(st.text(alphabet="ab cde，。“债务人”联系22:00", max_size=200), st.integers(min_value=10, max_value=60))
def test_breaks_are_those_of_wrap(text: str, width: int) -> None:
    lines = breaks(text, width)
    assert [text[start:end] for start, end in lines] == wrap(text, width)
    between = [text[a[1] : b[0]] for a, b in pairwise(lines)]
    assert not "".join(between).strip()


def test_a_page_quotes_within_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = io.StringIO()
    Page(Words("zh"), out).quote("今天必须还款，" * 10 + f"打断{ESC}你的腿", [(70, 78)], indent=4)
    lines = out.getvalue().splitlines()
    assert all(line.startswith("    │ ") and cells(line) <= 40 for line in lines)
    assert "⟦打断\\u001b[31m你⟧的腿" in "".join(line.removeprefix("    │ ") for line in lines)
