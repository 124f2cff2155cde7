"""Frames found by words and gaps are those that a regular expression would find; exclusions take hits away."""

import re
from dataclasses import replace

import pytest
from frame_regexes import regex
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.words.frames import Frame, Gap, expand, parse
from collectaudit.words.lexicon import Exclusion, Lexicon, Pattern
from collectaudit.words.matcher import Matcher

CLASSES = {"you": ("你", "你们", "you"), "beat": ("打", "打断", "打断腿", "kill*"), "both": ("@you", "@beat", "狗")}


def framed(text: str) -> Frame:
    frame = parse(text)
    assert isinstance(frame, Frame)
    return frame


def lexicon(frames: list[str], exclusions: tuple[Exclusion, ...] = ()) -> Lexicon:
    names = tuple(exclusion.id for exclusion in exclusions)
    patterns = [
        Pattern(f"t.p{n}", "t", "t", "zh", "T01", "finding", (framed(text),), names, "collector", None, None, (), ())
        for n, text in enumerate(frames)
    ]
    return Lexicon(tuple(patterns), {x.id: x for x in exclusions}, CLASSES | {"debt": ("欠",)}, {}, {}, "")


def found(lex: Lexicon, text: str, *, message: bool = False) -> list[tuple[int, int]]:
    matcher = Matcher(lex)
    return [(hit.start, hit.end) for hit in matcher.hits(matcher.look(text, message=message))]


@pytest.mark.parametrize(
    ("text", "slots", "gaps"),
    [
        ("@you", (("@you",),), ()),
        ("a|b_c {3} @kin_x", (("a", "b c"), ("@kin_x",)), (Gap(3),)),
        ("a b {10!} c", (("a",), ("b",), ("c",)), (Gap(-1), Gap(10, True))),
    ],
)
def test_a_frame_is_read(text: str, slots: tuple[tuple[str, ...], ...], gaps: tuple[Gap, ...]) -> None:
    assert parse(text) == Frame(text, slots, gaps)


@pytest.mark.parametrize("text", ["", "{3}", "{3} a", "a {3}", "a {3} {4} b", "a||b", "a {x} b", "@"])
def test_a_frame_that_cannot_be_read_says_why(text: str) -> None:
    assert isinstance(parse(text), str)


@pytest.mark.parametrize(
    ("frame", "text", "spans"),
    [
        ("@beat {2} @you", "打死了你", [(0, 4)]),
        ("@beat {2} @you", "打得你你", [(0, 3)]),
        ("@beat {2} @you", "打了三次你", []),
        ("@beat {2} @you", "打。你", []),
        ("@beat {2!} @you", "打。你", [(0, 3)]),
        ("@beat {0} 腿", "打断腿", [(0, 3)]),
        ("@beat 腿", "打断 腿", [(0, 4)]),
        ("@beat", "打断腿", [(0, 3)]),
        ("kill*", "killing skill", [(0, 7)]),
        ("you", "yours you", [(6, 9)]),
        ("you", "to you你", [(3, 6)]),
        ("@both {1} @both", "你打你打", [(0, 2), (2, 4)]),
    ],
)
def test_where_a_frame_stands(frame: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert found(lexicon([frame]), text) == spans


TEXTS = st.text(alphabet=st.sampled_from("你们打断腿狗了 。,kilyous"), max_size=30)
FRAMES = ["@beat {3} @you", "@you {2} @beat {2} @both", "@both {0} @both {4!} 腿", "@both @both", "you|狗 {5} kill*|腿"]


@given(st.sampled_from(FRAMES), TEXTS)
def test_frames_agree_with_regular_expressions(frame: str, text: str) -> None:
    lex = lexicon([frame])
    expected = [match.span() for match in re.finditer(regex(framed(frame), lex), text, re.ASCII)]
    assert found(lex, text) == expected


@pytest.mark.parametrize(
    ("where", "within", "text", "hit"),
    [
        ("before", 3, "不会打你", False),
        ("before", 1, "不会的人打你", True),
        ("before", 3, "不会,打你", True),
        ("before", 3, "打不会你", False),
        ("after", 2, "打你不会", False),
        ("after", 2, "打你。不会", True),
        ("sentence", 0, "不会啊啊啊啊啊打你", False),
        ("sentence", 0, "不会。打你", True),
        ("text", 0, "不会。打你", False),
        ("over", 0, "打不会你", True),
    ],
)
def test_an_exclusion_takes_a_hit_away(where: str, within: int, text: str, hit: bool) -> None:
    exclusion = Exclusion("x", where, within, (framed("不会"),), (), {})
    assert bool(found(lexicon(["@beat {2} @you"], (exclusion,)), text)) is hit


def test_an_exclusion_over_a_word_of_the_hit() -> None:
    exclusion = Exclusion("x", "over", 0, (framed("打死也"),), (), {})
    lex = lexicon(["@beat {4} @you"], (exclusion,))
    assert found(lex, "打死也不给你") == []
    assert found(lex, "打断给你") == [(0, 4)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("会打,断。腿了你", [(1, 8)]),
        ("会打,断你", []),  # two characters may stand side by side by chance
        ("打断腿,了你", [(0, 6)]),
    ],
)
def test_a_long_word_cut_by_punctuation_is_met_in_a_message(text: str, spans: list[tuple[int, int]]) -> None:
    lex = lexicon(["打断腿 {2} @you"])
    assert found(lex, text, message=True) == spans


def test_a_solid_word_is_never_cut() -> None:
    lex = replace(lexicon(["@beat {2} @you"]), classes=CLASSES | {"debt": ("欠",), "solid": ("不打断", "断腿了")})
    assert found(lex, "打断你") == [(0, 3)]
    assert found(lex, "不打断你") == []  # within a solid word
    assert found(lex, "打断腿了你") == []  # across the border of one


def test_time_stays_linear() -> None:
    """Every slot fits everywhere: the number of ways would be astronomical."""
    lex = lexicon(["@both {60} @both {60} @both {60} @both {60} @both {60} 没有"])
    assert found(lex, "你打狗" * 2000) == []


def test_classes_may_name_one_another() -> None:
    assert expand("@a", {"a": ("x", "@b"), "b": ("y", "@a")}) == {"x", "y"}
    with pytest.raises(KeyError):
        expand("@none", {})
