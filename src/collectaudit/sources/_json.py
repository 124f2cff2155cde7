"""JSON that may be cut: the members of an object and the elements of its list one at a time, as far as they go."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"[ \t\r\n]*")


class Damaged(Exception):
    """What should stand here in JSON does not."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list: its place, counted from 1, the line of its first character, its text, and what it is."""

    number: int
    line: int
    text: str
    value: Any


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that has a name twice was put together from two."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Damaged
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, strict=False)


class Walk:
    """A walk through the JSON that begins at `at`: `about` fills with the members of its object.

    `whole`: the walk came to the end as it should. Elements are those of the list `name`, or of the list it is.
    """

    def __init__(self, text: str, names: frozenset[str], at: int = 0) -> None:
        self.about: dict[str, Any] = {}
        self.whole = False
        self._text, self._names, self._at = text, names, at
        self._counted, self._line = 0, 1

    def elements(self) -> Iterator[Element]:
        """Every element up to where the text is damaged."""
        try:
            if self._next() == "[":
                yield from self._list()
            else:
                yield from self._object()
            self.whole = True
        except (Damaged, RecursionError):
            return

    def _object(self) -> Iterator[Element]:
        self._expect("{")
        while self._next() != "}":
            name = self._value()
            self._expect(":")
            if name in self._names and self._next() == "[":
                yield from self._list()
            else:
                self.about[str(name)] = self._value()
            if self._next() != "}":
                self._expect(",")
        self._expect("}")

    def _list(self) -> Iterator[Element]:
        self._expect("[")
        number = 0
        while self._next() != "]":
            start, number = self._at, number + 1
            value = self._value()
            yield Element(number, self._line_of(start), self._text[start : self._at], value)
            if self._next() != "]":
                self._expect(",")
        self._expect("]")

    def _next(self) -> str:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        if self._at >= len(self._text):
            raise Damaged
        return self._text[self._at]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise Damaged
        self._at += 1

    def _value(self) -> Any:
        self._next()
        try:
            value, self._at = _DECODER.raw_decode(self._text, self._at)
        except ValueError:
            raise Damaged from None
        return value

    def _line_of(self, at: int) -> int:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line


class Lines:
    """JSON lines that tell by `_type` what they are: `about` fills with what stands beside the messages.

    A line that is no JSON, or a comment, is an element without a value, or none.
    """

    def __init__(self, text: str) -> None:
        self.about: dict[str, Any] = {"members": []}
        self.whole = text.endswith("\n")
        self._text = text

    def elements(self) -> Iterator[Element]:
        """Every message, and every line that cannot be read."""
        number = 0
        for at, line in enumerate(self._text.split("\n"), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                value = _DECODER.decode(line)
            except (Damaged, ValueError, RecursionError):
                value = None
            kind = value.get("_type") if isinstance(value, dict) else "message"
            if kind == "header":
                self.about |= value
            elif kind == "member":
                self.about["members"].append(value)
            else:
                number += 1
                yield Element(number, at, line, value)
