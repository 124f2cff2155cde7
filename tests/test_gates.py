"""Doubt, turns, coverage: what an engine hears is marked, never lost, and never made better than it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.transcribe import gates
from collectaudit.transcribe.engine import RawSegment
from collectaudit.transcribe.transcript import Segment, Span, Word

PROMPT = "以下是普通话的句子。"


def words(text: str, start: float = 0.0, pace: float = 0.25, prob: float = 0.9) -> tuple[Word, ...]:
    """Each character of a text (or each word of a text with spaces) at an even pace."""
    parts = [f" {part}" for part in text.split()] if " " in text else list(text)
    return tuple(Word(start + n * pace, start + (n + 1) * pace, part, prob) for n, part in enumerate(parts))


def heard(
    text: str, pace: float = 0.25, prob: float = 0.9, logprob: float = -0.3, silent: float = 0.1
) -> list[Segment]:
    raw = RawSegment(text, words(text, pace=pace, prob=prob), logprob, silent, 1.2)
    return gates.turns(raw, channel=None, prompt=PROMPT, speech=[(0.0, 60.0)])


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("今天下午必须还清", ()),
        ("对对对对", ()),
        ("嗯嗯嗯", ()),
        ("no no no no", ()),
        ("哈哈哈哈哈哈哈哈", ("loop",)),
        ("逾期逾期逾期逾期", ("loop",)),
        ("逾期逾期逾期", ()),
        ("好的，好的，好的，好的，", ("loop",)),
        ("you have to pay you have to pay you have to pay you have to pay", ("loop",)),
        ("你再不还钱你再不还钱", ()),
        ("以下是普通话的句子。", ("prompt",)),
        ("普通话的句子", ("prompt",)),
        ("不知是普通话的句子。", ("prompt",)),
        ("这句普通话的意思", ()),
        ("句子", ()),
        ("谢谢观看", ()),
    ],
)
def test_doubts_about_what_was_said(text: str, doubt: tuple[str, ...]) -> None:
    assert [turn.doubt for turn in heard(text)] == [doubt]


@pytest.mark.parametrize(
    ("text", "how", "doubt"),
    [
        ("今天还钱", {"logprob": -1.2, "silent": 0.8}, ("no_speech",)),
        ("今天还钱", {"logprob": -1.2, "silent": 0.1}, ("unsure",)),
        ("今天还钱", {"logprob": -0.5, "silent": 0.9}, ()),
        ("谢谢观看", {"prob": 0.4}, ("boilerplate",)),
        ("謝謝觀看", {"prob": 0.4}, ("boilerplate",)),
        ("请不吝点赞订阅", {"logprob": -0.8}, ("boilerplate",)),
        ("字幕由志愿者提供", {"logprob": -1.5, "silent": 0.9}, ("no_speech", "boilerplate")),
        ("You", {"prob": 0.3}, ("boilerplate",)),
        ("You owe us money", {"prob": 0.3}, ()),
        ("今天下午必须还清", {"pace": 0.05}, ("too_fast",)),
        ("快还钱", {"pace": 0.05}, ()),
        ("we will call your whole family today", {"pace": 0.1}, ("too_fast",)),
        ("we will call your whole family today", {"pace": 0.3}, ()),
    ],
)
def test_doubts_by_score_and_pace(text: str, how: dict[str, float], doubt: tuple[str, ...]) -> None:
    found = [turn.doubt for turn in heard(text, **how)]
    assert found == [doubt]


def test_words_where_nobody_speaks_are_doubtful() -> None:
    raw = RawSegment("x", words("今天还钱", start=5.0), -0.2, 0.0, 1.0)
    inside, outside = [(4.0, 7.0)], [(0.0, 3.0)]
    assert gates.turns(raw, channel=0, prompt=None, speech=inside)[0].doubt == ()
    assert gates.turns(raw, channel=0, prompt=None, speech=outside)[0].doubt == ("outside_speech",)
    assert gates.turns(raw, channel=0, prompt=None, speech=[])[0].doubt == ("outside_speech",)


def test_a_compressed_stretch_is_a_loop_in_all_its_turns() -> None:
    raw = RawSegment("甲乙", (*words("甲乙"), *words("丙丁", start=3.0)), -0.2, 0.0, 3.0)
    assert [turn.doubt for turn in gates.turns(raw, channel=None, prompt=None, speech=[(0, 9)])] == [("loop",)] * 2


@pytest.mark.parametrize(("pause", "parts"), [(0.5, 1), (0.59, 1), (0.7, 2), (30.0, 2)])
def test_a_pause_parts_turns(pause: float, parts: int) -> None:
    raw = RawSegment("", (Word(0, 1, "喂", 0.9), Word(1 + pause, 2 + pause, "你好", 0.5)), -0.2, 0, 1)
    found = gates.turns(raw, channel=1, prompt=None, speech=[(0, 40)])
    assert len(found) == parts
    assert (found[0].start_s, found[-1].end_s, found[0].channel) == (0, 2 + pause, 1)
    assert "".join(turn.text for turn in found) == "喂你好"


def test_the_script_is_simplified_and_the_heard_one_kept() -> None:
    [turn] = heard("請還錢")
    assert (turn.text, turn.raw_text) == ("请还钱", "請還錢")
    assert turn.confidence == pytest.approx(0.9)


def test_no_words_are_no_turn() -> None:
    assert gates.turns(RawSegment(" ", (), -0.2, 0, 1), channel=None, prompt=None, speech=[]) == []
    assert gates.turns(RawSegment(" ", words(" "), -0.2, 0, 1), channel=None, prompt=None, speech=[]) == []


def turn(start: float, text: str, channel: int | None = 0) -> Segment:
    return Segment(0, channel, start, start + 1, text, text, 0.9, (), (Word(start, start + 1, text, 0.9),))


def test_turns_of_both_channels_are_put_in_order() -> None:
    found = gates.in_order([turn(4, "三"), turn(0, "一"), turn(2, "二", 1)])
    assert [(s.ordinal, s.text, s.channel) for s in found] == [(1, "一", 0), (2, "二", 1), (3, "三", 0)]


@pytest.mark.parametrize(
    ("said", "doubtful"),
    [
        (["再见了。"] * 4, 4),
        (["再见了。"] * 3, 0),
        (["喂"] * 9, 0),
        (["好的吧", "好的，吧", "好的吧。", "好的吧", "还钱"], 4),
        (["还钱吧", "好的吧"] * 4, 0),
    ],
)
def test_a_turn_again_and_again_is_a_loop(said: list[str], doubtful: int) -> None:
    found = gates.in_order(turn(n, text) for n, text in enumerate(said))
    assert sum(segment.doubt == ("loop",) for segment in found) == doubtful


def test_the_other_side_may_say_the_same() -> None:
    said = [turn(n, "听得到吗", n % 2) for n in range(6)]
    assert not any(segment.doubt for segment in gates.in_order(said))


@pytest.mark.parametrize(
    ("speech", "said", "lost", "covered"),
    [
        ([(0.0, 10.0)], [], [(0.0, 10.0)], 0.0),
        ([(0.0, 0.9)], [], [], 0.0),
        ([(0.0, 1.0)], [turn(0, "一")], [], 1.0),
        ([(0.0, 5.0)], [turn(0, "一")], [(1.3, 5.0)], 1.3),
        ([(0.0, 5.0)], [turn(4, "一")], [(0.0, 3.7)], 1.3),
        ([(0.0, 9.0)], [turn(4, "一")], [(0.0, 3.7), (5.3, 9.0)], 1.6),
        ([(0.0, 3.0)], [turn(1, "一")], [], 1.6),
    ],
)
def test_coverage(speech: list[Span], said: list[Segment], lost: list[Span], covered: float) -> None:
    assert gates.uncovered(speech, said) == [pytest.approx(span) for span in lost]
    assert gates.seconds_covered(speech, said) == pytest.approx(covered)


@given(st.text(alphabet="还钱逾期甲乙，。", max_size=30), st.integers(min_value=4, max_value=9))
def test_what_is_said_often_enough_is_a_loop(text: str, often: int) -> None:
    parts = len(gates._parts(text))
    assert gates.looped(text * often) or not 2 <= parts <= 20


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 5)), max_size=8), st.lists(st.floats(0, 50), max_size=8))
def test_covered_and_uncovered_are_all_of_the_speech(spans: list[tuple[float, float]], starts: list[float]) -> None:
    speech = [(start + 60 * n, start + 60 * n + length) for n, (start, length) in enumerate(spans)]
    said = [turn(start, "一") for start in starts]
    left = sum(end - start for start, end in gates._without(speech, said))
    assert gates.seconds_covered(speech, said) + left == pytest.approx(sum(e - s for s, e in speech))
