"""Where the patterns of a lexicon occur in a folded text: one pass for all words, frames only where a word was met."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..automaton import every_place, longest_places
from .frames import ADJACENT, Frame, expand
from .lexicon import SOLID, Exclusion, Lexicon, Pattern

Span = tuple[int, int]
_SENTENCE_ENDS = re.compile(r"[。!?;〗\n]")
_CLAUSE_ENDS = re.compile(r"[。!?;〗\n,、:]")
_CUT = re.compile(r"(?<=[\u3400-\u9fff])[。,、!?:;](?=[\u3400-\u9fff])")
_LONG_WORD = 3
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Hit:
    """`pattern` stands in text[start:end]; `slots`: the words that fill its frame."""

    pattern: Pattern
    start: int
    end: int
    slots: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    """`left`, `right`: a Latin word ends there; `open`: with a letter more it is still the word (arrest*)."""

    left: bool
    right: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """A frame by numbers: slots that the same words fill have the same number. `needs`: its slots, without order."""

    frame: Frame
    slots: tuple[int, ...]
    needs: frozenset[int]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by number. `fills`: for each word the slots that it fills; `fillers`: for each slot the words that do."""

    words: tuple[str, ...]
    fills: tuple[frozenset[int], ...]
    fillers: tuple[frozenset[int], ...]


class Matcher:
    """A lexicon made ready to search. Thread-safe: nothing changes after construction.

    `vocabulary`: its words; `solid_words`: those that are never cut.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._slots: dict[frozenset[str], int] = {}
        self._patterns = [(p, self._compile(frame)) for p in lexicon.patterns for frame in p.frames]
        self._exclusions = {
            x.id: (x, tuple(self._compile(frame) for frame in x.frames)) for x in lexicon.exclusions.values()
        }
        self._context = self._compile(lexicon.context)
        self.vocabulary = self._vocabulary(lexicon)
        self.solid_words = lexicon.classes.get(SOLID, ())
        self._words = list(map(_word, self.vocabulary.words))
        self._every = every_place([word.rstrip("*") for word in self.vocabulary.words])
        self._whole = longest_places(self.solid_words)
        self._by_key = self._index()

    def _compile(self, frame: Frame) -> Compiled:
        slots = tuple(self._slots.setdefault(frozenset(slot), len(self._slots)) for slot in frame.slots)
        return Compiled(frame, slots, frozenset(slots))

    def _vocabulary(self, lexicon: Lexicon) -> Vocabulary:
        spelled = [{word for name in slot for word in expand(name, lexicon.classes)} for slot in self._slots]
        words = tuple(sorted(set().union(*spelled)))
        number = {word: place for place, word in enumerate(words)}
        fillers = tuple(frozenset(number[word] for word in slot) for slot in spelled)
        fills: list[set[int]] = [set() for _ in words]
        for slot, filling in enumerate(fillers):
            for word in filling:
                fills[word].add(slot)
        return Vocabulary(words, tuple(map(frozenset, fills)), fillers)

    def _index(self) -> dict[int, list[int]]:
        """Slot → the patterns to look at when it is filled: each stands under the slot that others use least."""
        used = Counter(slot for _, compiled in self._patterns for slot in compiled.slots)
        by_key: dict[int, list[int]] = defaultdict(list)
        for number, (_, compiled) in enumerate(self._patterns):
            by_key[min(compiled.slots, key=used.__getitem__)].append(number)
        return by_key

    def hits(self, sight: "Sight") -> list[Hit]:
        """Every pattern's occurrences, without those an exclusion takes away, in order of place."""
        found = [hit for hit in self.occurrences(sight) if not self.excluded(sight, hit)]
        return sorted(_apart(found), key=lambda hit: (hit.start, hit.end, hit.pattern.id))

    def denied(self, sight: "Sight") -> list[Hit]:
        """Occurrences that an exclusion takes away."""
        return [hit for hit, why in self.all_hits(sight) if why]

    def excluded(self, sight: "Sight", hit: Hit) -> str | None:
        """The first exclusion of the hit's pattern that holds."""
        return next(self.excluding(sight, hit), None)

    def excluding(self, sight: "Sight", hit: Hit) -> Iterator[str]:
        """Every exclusion of the hit's pattern that holds."""
        return (name for name in hit.pattern.exclude if self._holds(sight, hit, *self._exclusions[name]))

    def speaks_of_debt(self, sight: "Sight") -> bool:
        """Whether the text holds a word of the class `debt`."""
        return self._context.needs <= sight.filled

    def all_hits(self, sight: "Sight") -> list[tuple[Hit, str | None]]:
        """Every occurrence with the exclusion that takes it away, None if it counts."""
        return [(hit, self.excluded(sight, hit)) for hit in self.occurrences(sight)]

    def look(self, text: str, *, message: bool) -> "Sight":
        """A folded text and the words met in it; in a `message` also long words that punctuation cuts."""
        met: dict[int, list[Span]] = defaultdict(list)
        solid = self.solid(text)
        for index, start, end in self._every(text):
            word = self._words[index]
            if solid and cut_by(solid, start, end):
                continue
            if word.left and start and text[start - 1] in _LATIN:
                continue
            if word.open:
                while end < len(text) and text[end] in _LATIN:
                    end += 1
            elif word.right and end < len(text) and text[end] in _LATIN:
                continue
            met[index].append((start, end))
        if message and (cuts := [found.start() for found in _CUT.finditer(text)]):
            self._look_over(text, cuts, met)
        return Sight(text, met, self.vocabulary)

    def solid(self, text: str) -> list[Span]:
        """Where words stand that are never cut."""
        return [(start, end) for _, start, end in self._whole(text)]

    def _look_over(self, text: str, cuts: Sequence[int], met: dict[int, list[Span]]) -> None:
        """Adds the words that are there only without the signs at `cuts`: shorter ones come about by chance."""
        joined = _CUT.sub("", text)
        seams = [cut - number for number, cut in enumerate(cuts)]
        for index, start, end in self._every(joined):
            before = bisect_right(seams, start)
            within = bisect_left(seams, end) - before
            if within > 0 and end - start >= _LONG_WORD:
                met[index].append((start + before, end + before + within))

    def frames(self, sight: "Sight") -> Iterator[tuple[Pattern, Compiled]]:
        """The frames worth looking for: words were met for each of their slots."""
        numbers = sorted(number for slot in self._by_key.keys() & sight.filled for number in self._by_key[slot])
        return (found for found in map(self._patterns.__getitem__, numbers) if found[1].needs <= sight.filled)

    def occurrences(self, sight: "Sight") -> Iterator[Hit]:
        """Where patterns stand, whatever takes them away."""
        for pattern, compiled in self.frames(sight):
            for slots in sight.find(compiled):
                yield Hit(pattern, slots[0][0], slots[-1][1], slots)

    def _holds(self, sight: "Sight", hit: Hit, exclusion: Exclusion, frames: Sequence[Compiled]) -> bool:
        spans = sight.spans(exclusion.id, frames)
        return bool(spans) and any(_applies(exclusion, hit, span, sight) for span in spans)


class Sight:
    """One text and the words met in it, by number. `filled`: the slots these words fill."""

    def __init__(self, text: str, met: dict[int, list[Span]], vocabulary: Vocabulary) -> None:
        self.text = text
        self.met = met
        self.filled = frozenset[int]().union(*(vocabulary.fills[word] for word in met))
        self._fillers = vocabulary.fillers
        self._stops = [found.start() for found in _SENTENCE_ENDS.finditer(text)]
        self._sorted: dict[int, list[Span]] = {}
        self._found: dict[str, list[tuple[Span, ...]]] = {}
        self._spans: dict[str, list[Span]] = {}

    def candidates(self, slot: int) -> list[Span]:
        """Where a slot can be filled: in order of place, the longest word first."""
        if slot not in self._sorted:
            spans = {span for word in self._fillers[slot] & self.met.keys() for span in self.met[word]}
            self._sorted[slot] = sorted(spans, key=lambda span: (span[0], -span[1]))
        return self._sorted[slot]

    def find(self, compiled: Compiled) -> list[tuple[Span, ...]]:
        """The places of a frame, from the left, each as near as can be, none over another."""
        key = compiled.frame.text
        if key not in self._found:
            self._found[key] = list(self._search(compiled))
        return self._found[key]

    def spans(self, name: str, frames: Sequence[Compiled]) -> list[Span]:
        """From where to where each of the frames of an exclusion stands."""
        if name not in self._spans:
            found = (self.find(frame) for frame in frames if frame.needs <= self.filled)
            self._spans[name] = [(slots[0][0], slots[-1][1]) for places in found for slots in places]
        return self._spans[name]

    def _search(self, compiled: Compiled) -> Iterator[tuple[Span, ...]]:
        slots = [self.candidates(slot) for slot in compiled.slots]
        dead: set[tuple[int, int]] = set()
        done = 0
        for first in slots[0]:
            if first[0] >= done and (rest := self._follow(compiled.frame, slots, 1, first[1], dead)) is not None:
                yield (first, *rest)
                done = rest[-1][1] if rest else first[1]

    def _follow(
        self, frame: Frame, slots: Sequence[Sequence[Span]], place: int, end: int, dead: set[tuple[int, int]]
    ) -> tuple[Span, ...] | None:
        """The words for the slots from `place` on, after `end`. `dead`: from where there is no way on."""
        if place == len(slots):
            return ()
        if (place, end) in dead:
            return None
        for span in self._reachable(frame, slots[place], place, end):
            rest = self._follow(frame, slots, place + 1, span[1], dead)
            if rest is not None:
                return (span, *rest)
        dead.add((place, end))
        return None

    def _reachable(self, frame: Frame, spans: Sequence[Span], place: int, end: int) -> Iterator[Span]:
        gap = frame.gaps[place - 1]
        last = end + gap.limit if gap.limit != ADJACENT else end + (self.text[end : end + 1] == " ")
        if not gap.crossing:
            last = min(last, self.stop_after(end))
        for index in range(bisect_left(spans, (end, -1)), len(spans)):
            if spans[index][0] > last:
                return
            yield spans[index]

    def stop_after(self, place: int) -> int:
        """The next end of a sentence from `place` on."""
        index = bisect_left(self._stops, place)
        return self._stops[index] if index < len(self._stops) else len(self.text)

    def sentence(self, hit: Hit) -> Span:
        """From the end of the sentence before the hit to the end of the one in which it ends."""
        index = bisect_left(self._stops, hit.start)
        return (self._stops[index - 1] + 1 if index else 0), self.stop_after(hit.end)


def _applies(exclusion: Exclusion, hit: Hit, span: Span, sight: Sight) -> bool:
    start, end = span
    match exclusion.where:
        case "before":  # also inside of the hit: "we never call your family"
            near = hit.start - exclusion.within <= end and start < hit.end
            return near and (end > hit.start or not _CLAUSE_ENDS.search(sight.text, end, hit.start))
        case "after":
            near = hit.end <= start <= hit.end + exclusion.within
            return near and not _SENTENCE_ENDS.search(sight.text, hit.end, start)
        case "sentence":
            first, last = sight.sentence(hit)
            return first <= start and end <= last
        case "over":
            return any(start < last and first < end for first, last in hit.slots)
    return True


def cut_by(solid: Iterable[Span], start: int, end: int) -> bool:
    """Whether text[start:end] begins or ends inside of a word that is never cut."""
    return any(start < b and a < end and (a < start or end < b) for a, b in solid)


def _apart(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Of one pattern's hits that overlap, the first and longest."""
    done: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start >= done.get(hit.pattern.id, 0):
            done[hit.pattern.id] = hit.end
            yield hit


def _word(word: str) -> _Word:
    bare = word.rstrip("*")
    return _Word(bare[0] in _LATIN, bare[-1] in _LATIN, word.endswith("*"))
