"""Many words looked for in one pass over a text: by a library where there is a wheel of it, else here, with the same
places."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

try:
    from ahocorasick_rs import AhoCorasick, MatchKind
except ImportError:  # there is no wheel for this machine
    AhoCorasick = None  # type: ignore[assignment,misc]

Place = tuple[int, int, int]  # which word, from where, to where
Find = Callable[[str], list[Place]]


def every_place(words: Sequence[str]) -> Find:
    """What finds all places of all words, also one within another: in order of their ends, the longest first."""
    if AhoCorasick is None:
        return Automaton(words).places
    return partial(AhoCorasick(list(words)).find_matches_as_indexes, overlapping=True)


def longest_places(words: Sequence[str]) -> Find:
    """What finds words from the left, of those that begin at one character the longest, none over another."""
    if AhoCorasick is None:
        return partial(_apart, Automaton(words).places)
    return AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes


class Automaton:
    """The states that Aho and Corasick described (1975): how far the text agrees with the beginning of a word."""

    def __init__(self, words: Sequence[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._ends: list[list[tuple[int, int]]] = [[]]  # words that end in a state, each with its length
        for index, word in enumerate(words):
            self._ends[self._state(word)].append((index, len(word)))
        self._fall = [0] * len(self._next)
        self._link()

    def _state(self, word: str) -> int:
        state = 0
        for char in word:
            if char not in self._next[state]:
                self._next[state][char] = len(self._next)
                self._next.append({})
                self._ends.append([])
            state = self._next[state][char]
        return state

    def _link(self) -> None:
        """Where to go on from when the next character fits no word: the longest end that is the beginning of one."""
        todo = deque(self._next[0].values())
        while todo:
            state = todo.popleft()
            self._ends[state] += self._ends[self._fall[state]]
            for char, after in self._next[state].items():
                self._fall[after] = self._step(self._fall[state], char)
                todo.append(after)

    def _step(self, state: int, char: str) -> int:
        while state and char not in self._next[state]:
            state = self._fall[state]
        return self._next[state].get(char, 0)

    def places(self, text: str) -> list[Place]:
        """Every place of every word."""
        return list(self._found(text))

    def _found(self, text: str) -> Iterator[Place]:
        state = 0
        for end, char in enumerate(text, 1):
            state = self._step(state, char)
            for index, length in self._ends[state]:
                yield index, end - length, end


def _apart(find: Find, text: str) -> list[Place]:
    found: list[Place] = []
    for place in sorted(find(text), key=lambda place: (place[1], -place[2], place[0])):
        if not found or place[1] >= found[-1][2]:
            found.append(place)
    return found
