"""Where patterns stand in a text that was heard, if its words are taken by their sound. That is never more than a hint.

Short words sound like much that is ordinary. So a word is taken by its sound only where at least one of its characters
is written as it should be, and a frame only where its words have five syllables together, or four with a long one
among those taken by their sound. Both were measured.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import eq

from ..automaton import every_place, longest_places
from .matcher import Hit, Matcher, Sight, Span, cut_by
from .sound import forms, sounded, syllables

_LEAST = 5
_LONG = 3
_CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Sounding:
    """A hit by sound. `words`: for each slot the word of the lexicons that it is, or sounds like."""

    hit: Hit
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text as written, and as heard. `alike`: the words, by number, that stand there by their sound only, the nearest
    first; `filled`: the slots that they fill.
    """

    written: Sight
    sight: Sight
    alike: dict[Span, list[int]]
    filled: frozenset[int]


class Ear:
    """The words of a matcher by their sound. Thread-safe: nothing changes after construction."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        words: dict[str, list[str]] = defaultdict(list)
        for word in matcher.vocabulary.words:
            for form in forms(word):
                words[form].append(word)
        self._words = list(words.values())
        self._number = {word: number for number, word in enumerate(matcher.vocabulary.words)}
        self._every = every_place(tuple(words))
        solid = {form for word in matcher.solid_words for form in forms(word)}
        self._whole = longest_places(sorted(solid))

    def hits(self, sight: Sight) -> Iterator[Sounding]:
        """What stands in the text by its sound only. Where its words as written show the pattern, that decides.

        What takes a hit away takes it away by its sound as well.
        """
        taken: dict[str, list[Span]] = defaultdict(list)
        for hit in self._matcher.occurrences(sight):
            taken[hit.pattern.id].append((hit.start, hit.end))
        heard = self._hear(sight)
        for found in sorted(self._occurrences(heard), key=lambda found: (found.hit.start, -found.hit.end)):
            hit, others = found.hit, taken[found.hit.pattern.id]
            if any(start < hit.end and hit.start < end for start, end in others):
                continue
            if not any(self._matcher.excluded(seen, hit) for seen in (heard.written, heard.sight)):
                others.append((hit.start, hit.end))
                yield found

    def _occurrences(self, heard: _Heard) -> Iterator[Sounding]:
        text = heard.sight.text
        for pattern, compiled in self._matcher.frames(heard.sight) if heard.filled else ():
            if pattern.lang != _CHINESE or heard.filled.isdisjoint(compiled.needs):
                continue
            for slots in heard.sight.find(compiled):
                words = tuple(self._word(heard, slot, span) for slot, span in zip(compiled.slots, slots, strict=True))
                likened = [word for word, span in zip(words, slots, strict=True) if word != text[slice(*span)]]
                if sum(map(syllables, words)) + (max(map(len, likened), default=0) >= _LONG) >= _LEAST:
                    yield Sounding(Hit(pattern, slots[0][0], slots[-1][1], slots), words)

    def _word(self, heard: _Heard, slot: int, span: Span) -> str:
        """The word that fills a slot: as it is written if that is one."""
        vocabulary = self._matcher.vocabulary
        if span in heard.written.candidates(slot):
            return heard.sight.text[slice(*span)]
        return next(vocabulary.words[word] for word in heard.alike[span] if slot in vocabulary.fills[word])

    def _hear(self, written: Sight) -> _Heard:
        """What is met in the text as written, and the words met by their sound."""
        text, sound = written.text, sounded(written.text)
        solid = self._matcher.solid(text) + [(a, b) for _, a, b in self._whole(sound)]
        alike: dict[Span, list[int]] = defaultdict(list)
        met = dict(written.met)
        for index, start, end in self._every(sound):
            if cut_by(solid, start, end):
                continue
            for word in map(self._number.__getitem__, _nearest(self._words[index], text[start:end])):
                alike[start, end].append(word)
                met[word] = [*met.get(word, ()), (start, end)]
        vocabulary = self._matcher.vocabulary
        filled = frozenset[int]().union(*(vocabulary.fills[word] for words in alike.values() for word in words))
        return _Heard(written, Sight(text, met, vocabulary), alike, filled)


def _nearest(words: list[str], written: str) -> list[str]:
    """Of words that sound like what is written those that share a character with it, the nearest first."""
    shared = {word: sum(map(eq, word, written)) for word in words}
    likely = (word for word in words if 0 < shared[word] < len(word))
    return sorted(likely, key=lambda word: (-shared[word], word))
