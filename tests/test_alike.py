"""Texts that are alike: the same stands in them, whatever their numbers are."""

import random
import re

import pytest

from collectaudit.text import _data, fold, letters
from collectaudit.words.alike import PLAIN, Alike
from collectaudit.words.lexicon import load_lexicon
from collectaudit.words.matcher import Matcher


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_lexicon())


@pytest.fixture(scope="module")
def alike(matcher: Matcher) -> Alike:
    return Alike(matcher)


def test_plain_characters_stay_one_and_become_no_digit() -> None:
    for char in filter(PLAIN.fullmatch, map(chr, range(0x10000))):
        folded = letters(char)
        assert len(folded) == 1 and folded.isdecimal() == (char in "0123456789")


def test_no_disguise_is_made_of_digits() -> None:
    """Else putting it right could make another number of the one beside it."""
    assert not any(re.search("[0-9]", word) for pair in _data()["spelling"].items() for word in pair)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("应还4521元", "应还8866元", True),
        ("应还4521元", "应还452元", False),
        ("尾号4521，应还96元", "尾号3333，应还78元", True),
        ("请拨打96110", "请拨打96111", False),
        ("请在24小时内还款", "请在37小时内还款", False),
        ("第124小时", "第136小时", False),
        ("第124小組", "第136小組", False),
        ("案号45\u200b21", "案号45\u200b22", False),
        ("案号４521", "案号４522", False),
    ],
)
def test_only_numbers_without_words_are_left_out(alike: Alike, one: str, other: str, same: bool) -> None:
    assert (alike.shape(one) == alike.shape(other)) is same


def test_the_same_is_found_in_texts_that_are_alike(matcher: Matcher, alike: Alike) -> None:
    rng = random.Random(7)  # noqa: S311  not a secret
    numbered = [word for word in matcher.vocabulary.words if re.search("[0-9]", word)]
    compared = 0
    examples = [text for pattern in load_lexicon().patterns for text in pattern.match] + numbered
    for text in examples:
        one, other = (re.sub("[0-9]", lambda _: str(rng.randrange(10)), f"{text}，还{text}88888元") for _ in "12")
        for message in (True, False):
            looks = [matcher.look(fold(x, message=message).text, message=message) for x in (one, other)]
            if alike.shape(one) == alike.shape(other):
                compared += one != other
                assert looks[0].met == looks[1].met and matcher.hits(looks[0]) == matcher.hits(looks[1])
    assert compared > len(examples)  # of twice as many
