"""How far it is with the sound: by the lengths that are known, and by bytes where none is."""

import pytest

from collectaudit.transcribe.course import Course


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("collectaudit.transcribe.course.time.monotonic", lambda: now[0])
    return now


def test_nothing_is_known_before_the_first_recording_is_decoded(clock: list[float]) -> None:
    found = Course({}, {"a": 1000, "b": 3000})
    clock[0] += 10
    assert (found.done_s, found.total_s, found.left_s) == (0, 0, 0)
    found.heard("a", 0, 60)
    assert (found.done_s, found.total_s, found.left_s) == (0, 240, 0)
    found.heard("a", 0.5, 60)
    assert (found.done_s, found.speed, found.left_s) == (30, 3, 70)


def test_what_reading_told_is_taken_until_it_is_decoded(clock: list[float]) -> None:
    found = Course({"a": 100, "b": 300, "of another run": 5}, {"a": 1, "b": 1})
    clock[0] += 50
    found.heard("a", 1, 110)
    assert (found.done_s, found.total_s) == (110, 410)
    assert found.left_s == pytest.approx(300 * 50 / 110)


def test_a_recording_begun_anew_or_left_out_does_not_count_twice() -> None:
    found = Course({}, {"a": 10, "b": 10})
    found.heard("a", 0.5, 60)
    found.heard("a", 0, 60)
    assert (found.done_s, found.total_s) == (0, 120)
    found.heard("a", 0.5, 60)
    found.leave_out("a")
    assert found.done_s == 0
    found.heard("b", 1, 30)
    found.leave_out("b")
    assert (found.done_s, found.total_s) == (0, 0)
