"""Telephone numbers on screen: the middle of a subscriber's is hidden, everything else stays, places in texts too."""

import pytest

from collectaudit.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+8613800138001", "+86138****8001"),
        ("13800138001", "138****8001"),
        ("+12025550143", "+120****0143"),
        ("打给13800138001，找王女士", "打给138****8001，找王女士"),
        ("out-13800137101-3201", "out-138****7101-3201"),
    ],
)
def test_a_subscriber_s_number_loses_its_middle(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert len(shown) == len(text)
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "95000121", "12378", "106900000121", "2026-03-14 09:35", "20260314093500",
        "11010119900307123X", "ab13800138001cd",
        "b2a76cc9354bb3a9:sms[17]@L19", "6222021234567890123", "5000.13800138001", "CA-DDAE51A7",
    ],
)  # fmt: skip
def test_what_is_no_subscriber_s_number_stays(text: str) -> None:
    assert masked(text) == text
