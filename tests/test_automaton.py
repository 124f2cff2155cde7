"""Where there is no wheel of the library the same words are found in the same places."""

import random

import pytest

from collectaudit import automaton, text
from collectaudit.text import fold
from collectaudit.words.ear import Ear
from collectaudit.words.lexicon import load_lexicon
from collectaudit.words.matcher import Matcher


@pytest.mark.parametrize("seed", range(40))
def test_both_find_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)  # noqa: S311  not a secret
    words = ["".join(rng.choices("还钱a", k=rng.randint(1, 5))) for _ in range(rng.randint(0, 30))]
    texts = ["".join(rng.choices("还钱ab", k=rng.randint(0, 60))) for _ in range(20)]
    kinds = (automaton.every_place, automaton.longest_places)
    fast = [[kind(words)(one) for one in texts] for kind in kinds]
    monkeypatch.setattr(automaton, "AhoCorasick", None)
    assert fast == [[kind(words)(one) for one in texts] for kind in kinds]


def test_every_example_of_the_lexicons_gives_the_same_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = load_lexicon()
    examples = [one for pattern in lexicon.patterns for one in (*pattern.match, *pattern.no_match)]

    def looked() -> list[object]:
        text._spellings.cache_clear()
        matcher = Matcher(lexicon)
        ear = Ear(matcher)
        sights = [matcher.look(fold(one, message=True).text, message=True) for one in examples]
        return [(matcher.hits(sight), [found.hit for found in ear.hits(sight)]) for sight in sights]

    fast = looked()
    monkeypatch.setattr(automaton, "AhoCorasick", None)
    assert fast == looked()
    text._spellings.cache_clear()
