"""Which frame of its pattern a passage fills, and with which words: for people who want to know why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..text import Folded, fold
from .ear import Ear
from .frames import Frame, expand
from .lexicon import Lexicon
from .matcher import Hit, Matcher, Sight


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a frame: the words of the original that fill it, the class they are of (None: the frame names them),
    and how many characters may part them from the words before (None for the first place, 0: directly behind).

    `sounds_like`: the word that they only sound like; None if they are that word.
    """

    text: str
    word_class: str | None
    within: int | None
    sounds_like: str | None = None


@dataclass(frozen=True, slots=True)
class Filling:
    """A frame and the words that fill it."""

    frame: str
    slots: tuple[Slot, ...]


class Fillings:
    """Asks about passages that some patterns of a lexicon have found."""

    def __init__(self, lexicon: Lexicon, patterns: Iterable[str]) -> None:
        self._lexicon = lexicon
        wanted = set(patterns)
        frames = [
            replace(pattern, id=f"{pattern.id}#{number}", frames=(frame,), exclude=())
            for pattern in lexicon.patterns
            if pattern.id in wanted
            for number, frame in enumerate(pattern.frames)
        ]
        self._matcher = Matcher(replace(lexicon, patterns=tuple(frames), exclusions={}))

    def of(self, pattern: str, passage: str, *, message: bool, by_sound: bool = False) -> Filling | None:
        """How `passage`, all that was found and nothing more, fills the pattern; `message` as in `text.fold`.

        None if the passage does not show it by itself: a disguise may only be one together with what stands around.
        """
        folded = fold(passage, message=message)
        sight = self._matcher.look(folded.text, message=message)
        for hit, words in self._found(sight, by_sound):
            if hit.pattern.id.split("#")[0] == pattern and (hit.start, hit.end) == (0, len(folded.text)):
                return self._filling(hit, words, folded)
        return None

    def _found(self, sight: Sight, by_sound: bool) -> Iterator[tuple[Hit, Sequence[str]]]:
        """What stands there, and the words that it is or sounds like."""
        if by_sound:
            yield from ((found.hit, found.words) for found in self._ear.hits(sight))
            return
        for hit, _ in self._matcher.all_hits(sight):
            yield hit, [sight.text[start:end] for start, end in hit.slots]

    @cached_property
    def _ear(self) -> Ear:
        return Ear(self._matcher)

    def _filling(self, hit: Hit, words: Sequence[str], folded: Folded) -> Filling:
        (frame,) = hit.pattern.frames
        gaps = [None, *(max(gap.limit, 0) for gap in frame.gaps)]
        slots = []
        for number, ((start, end), word) in enumerate(zip(hit.slots, words, strict=True)):
            first, last = folded.span(start, end)
            unlike = word if word != folded.text[start:end] else None
            slots.append(Slot(folded.raw[first:last], self._class(frame, number, word), gaps[number], unlike))
        return Filling(frame.text, tuple(slots))

    def _class(self, frame: Frame, number: int, word: str) -> str | None:
        """The class of a slot that holds the word, None if the frame itself does."""
        for name in sorted(frame.slots[number], key=lambda name: name.startswith("@")):
            if any(_fits(word, known) for known in expand(name, self._lexicon.classes)):
                return name[1:] if name.startswith("@") else None
        return None


def _fits(word: str, known: str) -> bool:
    return word.startswith(known[:-1]) if known.endswith("*") else word == known
