"""Which channels hold a side of the talk, and what leaked from one into the other; where long sound is cut."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sounds import Span, loud, np, tone

from collectaudit.transcribe import channels, planner
from collectaudit.transcribe.engine import RATE


def levels(*sound: Any) -> channels.Levels:
    whole = np.stack(sound, axis=1)
    return channels.levels((whole[at : at + RATE] for at in range(0, len(whole), RATE)), len(sound))


A, B = tone(6, (0, 2), (4, 5)), tone(6, (2.5, 3.5), pitch=500)
NOISE = np.random.default_rng(7).normal(0, 30, 6 * RATE).astype(np.int16)


@pytest.mark.parametrize(
    ("sound", "sides"),
    [
        ((A,), None),
        ((A, A), None),
        ((A, A // 4), None),
        ((A, -A), None),
        ((A + NOISE, A), None),
        ((A, B), [0, 1]),
        ((A, A // 32 + B), [0, 1]),
        ((A, 0 * A), [0, 1]),
        ((0 * A, 0 * A), [0, 1]),
        ((A + NOISE, B), [0, 1]),
    ],
)
def test_sides(sound: tuple[Any, ...], sides: list[int] | None) -> None:
    assert channels.sides(levels(*sound)) == sides


def test_of_one_sound_the_loudest_channel_is_taken() -> None:
    assert channels.loudest(levels(A // 4, A)) == 1


@pytest.mark.parametrize("leak_db", [-20, -30, -40])
def test_what_leaked_is_silent_and_what_was_said_stays(leak_db: int) -> None:
    leak = 10 ** (leak_db / 20)
    left, right = (A + leak * B).astype(np.int16), (B + leak * A).astype(np.int16)
    found = levels(left, right)
    first, second = (channels.without(x, channels.leaked(found, n)) for n, x in enumerate((left, right)))
    assert abs(first[int(2.6 * RATE) : int(3.4 * RATE)]).max() == 0
    assert abs(second[: 2 * RATE]).max() == 0
    assert np.array_equal(first[: int(1.9 * RATE)], left[: int(1.9 * RATE)])
    assert np.array_equal(second[int(2.6 * RATE) : int(3.4 * RATE)], right[int(2.6 * RATE) : int(3.4 * RATE)])


def test_both_talking_at_once_is_kept() -> None:
    both = levels(A, tone(6, (0, 2), pitch=500))
    assert not channels.leaked(both, 0)[:90].any()
    assert not channels.leaked(both, 1)[:90].any()


SPOKEN = [(0.0, 2.0), (4.0, 5.0)]


@pytest.mark.parametrize(
    ("sound", "speech", "snr"),
    [
        (A, SPOKEN, None),
        (0 * A, [], None),
        (NOISE, [], None),
        (A + NOISE, SPOKEN, 45),
        (A + 20 * NOISE, SPOKEN, 20),
        (A + NOISE + tone(6, (2.2, 3.5), pitch=700), SPOKEN, 45),
    ],
)
def test_how_far_speech_is_above_noise(sound: Any, speech: list[Span], snr: float | None) -> None:
    found = channels.quality(levels(sound), speech)["snr_db"]
    assert found == (None if snr is None else pytest.approx(snr, abs=3))


def test_clipped() -> None:
    loud_sound = np.clip(A * 8.0, -32768, 32767).astype(np.int16)
    assert channels.quality(levels(A), SPOKEN)["clipped"] == 0
    assert (channels.quality(levels(loud_sound), SPOKEN)["clipped"] or 0) > 0.1


# Blocks


def plan(sound: Any) -> list[planner.Block]:
    asked: list[int] = []

    def read(start: int, end: int) -> Any:
        asked.append(end - start)
        return sound[start:end].astype(np.float32) / 32768

    found = list(planner.blocks(len(sound), read, loud))
    assert max(asked, default=0) <= planner.BLOCK_S * RATE
    return found


@pytest.mark.parametrize(
    ("seconds", "speech", "cuts"),
    [
        (0, [], []),
        (2, [(0, 1)], [2]),
        (25, [(1, 3)], [10, 20, 25]),
        (15, [(1, 3), (4, 9.5)], [10, 15]),
        (15, [(1, 6), (7, 11)], [6.5, 15]),
        (15, [(1, 6), (7, 8), (9.4, 12)], [8.7, 15]),
        (15, [(1, 2), (3, 14)], [10, 15]),
    ],
)
def test_cut_at_silence(monkeypatch: pytest.MonkeyPatch, seconds: int, speech: list[Span], cuts: list[float]) -> None:
    monkeypatch.setattr(planner, "BLOCK_S", 10)
    assert [block.end / RATE for block in plan(tone(seconds, *speech))] == pytest.approx(cuts)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 60)), max_size=12))
def test_blocks_hold_everything_once(parts: list[tuple[int, int]]) -> None:
    spans: list[Span] = []
    at = 0.0
    for quiet, voiced in parts:
        spans.append((at + quiet / 10, at + (quiet + voiced) / 10))
        at = spans[-1][1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "BLOCK_S", 10)
        found = plan(tone(at + 1, *spans))
    assert [block.start for block in found] == [0, *(block.end for block in found[:-1])]
    for block in found:
        assert all(block.start <= first < last <= block.end for first, last in block.speech)
    spoken = sum(last - first for block in found for first, last in block.speech) / RATE
    assert spoken >= sum(end - start for start, end in spans) - 0.01


def test_nobody_is_asked_about_silence() -> None:
    def never(_: Any) -> list[tuple[int, int]]:
        raise AssertionError

    silent = np.zeros(RATE, np.float32)
    [block] = planner.blocks(RATE, lambda start, end: silent[start:end], never)
    assert block.speech == ()
