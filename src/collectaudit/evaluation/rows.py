"""Rows to measure on: one JSON object a line with the text, a person's verdict and what is known of who says it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputProblem
from ..problems import Problem

VIOLATING, LAWFUL, UNDECIDED = VERDICTS = ("violating", "lawful", "review")
# Whoever claims to collect is judged as one who does.
COLLECTING = frozenset({"collector", "creditor_system", "claimed_authority", "scammer"})
_DEBTOR = frozenset({"debtor", "borrower"})
_ROLES = frozenset({"guarantor", "collector", "family", "colleague", "reference", "lawyer"})
_UNKNOWN = frozenset({"", "unknown"})
# How the rows' channels are called in a case; a text from anywhere else is read as one message.
_CHANNELS = {
    "sms": "sms", "im": "im", "app_push": "im", "customer_service_chat": "im", "call": "call",
    "voicemail": "voicemail", "visit": "visit", "email": "email", "letter": "letter",
}  # fmt: skip
_MESSAGE = "im"
# Short names of kinds of wording that rows may use instead of the categories of the lexicons.
_LABELS = {
    "THREAT_VIOLENCE": "threat.violence", "THREAT_FAMILY": "threat.family", "THREAT_VISIT": "threat.visit",
    "THIRD_PARTY_CONTACT": "third_party.contact_threat", "THIRD_PARTY_DISCLOSURE": "third_party.disclosure",
    "THIRD_PARTY_DEMAND": "third_party.demand", "PUBLIC_SHAMING": "shame.public",
    "IMPERSONATION": "impersonate.authority", "FALSE_LEGAL": "legal.false_threat",
    "FALSE_CONSEQUENCE": "legal.false_consequence", "INSULT": "abuse.insult", "OBSCENE": "abuse.obscene",
    "CURSE": "abuse.curse", "INDUCE_BORROW": "pressure.induce_borrowing", "CALL_BOMBING": "pressure.call_bombing",
    "COERCIVE_ULTIMATUM": "pressure.ultimatum",
}  # fmt: skip
_NEEDED = ("text", "verdict")
_TEXTS = (*_NEEDED, "id", "speaker", "to", "channel", "lang", "provenance")


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what a person thinks of it. `labels`: categories; what is None is not known."""

    id: str
    text: str
    verdict: str
    labels: frozenset[str] = frozenset()
    speaker: str | None = None
    to: str | None = None
    channel: str | None = None
    lang: str | None = None
    provenance: str | None = None

    @property
    def collecting(self) -> bool:
        """Whether somebody says it who collects, or claims to."""
        return self.speaker in COLLECTING

    @property
    def from_role(self) -> str | None:
        """Who says it, as a role of a case."""
        if self.speaker is None:
            return None
        return "collector" if self.collecting else "debtor" if self.speaker in _DEBTOR else "other"

    @property
    def to_role(self) -> str | None:
        """To whom, as a role of a case; somebody who is no party to the debt is `other`."""
        if self.to is None:
            return None
        return "debtor" if self.to in _DEBTOR else self.to if self.to in _ROLES else "other"

    @property
    def heard_on(self) -> str:
        """The channel, as a case calls it."""
        return _CHANNELS.get(self.channel or "", _MESSAGE)


def read_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    """The rows of a JSONL file, and what is wrong with the others. InputProblem if there is no such file."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in _lines(path):
        found = _row(str(path), number, line)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            rows.append(found)
    return rows, problems


def read_plain(path: Path) -> tuple[list[str], list[Problem]]:
    """The texts of a file with one a line, and the lines that are none. InputProblem if there is no such file."""
    lines = list(_lines(path))
    texts = [line for _, line in lines if line is not None]
    return texts, [_not_utf8(str(path), number) for number, line in lines if line is None]


def _lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Number and text of every line that is not blank; None in place of a line that is not UTF-8."""
    if not path.is_file():
        raise InputProblem(f"{path} is not a file that can be read", "name an existing file")
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
            except UnicodeDecodeError:
                yield number, None
                continue
            if text.strip():
                yield number, text


def _row(path: str, number: int, line: str | None) -> Row | Problem:
    if line is None:
        return _not_utf8(path, number)
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return Problem(path, number, "the line is not a JSON object", "write one row a line")
    wrong = _wrong(data)
    if wrong is not None:
        return Problem(path, number, f"{wrong} is missing or not a text", "see docs/model-card.md for what a row holds")
    if data["verdict"] not in VERDICTS:
        return Problem(path, number, f"verdict {data['verdict']} is not known", "write violating, lawful or review")
    return _made(data, number)


def _not_utf8(path: str, number: int) -> Problem:
    return Problem(path, number, "the line is not UTF-8", "save the file as UTF-8")


def _wrong(data: dict[str, Any]) -> str | None:
    """The first field that is not what it should be."""
    for name in _TEXTS:
        value = data.get(name)
        if not _is_text(value) and (value is not None or name in _NEEDED):
            return name
    if not data["text"].strip():
        return "text"
    labels = data.get("labels")
    fits = labels is None or (isinstance(labels, list) and all(map(_is_text, labels)))
    return None if fits else "labels"


def _is_text(value: object) -> bool:
    """A text that can be stored; JSON also knows halves of characters, which are none."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _made(data: dict[str, Any], number: int) -> Row:
    known = {name: None if data.get(name) in _UNKNOWN else data.get(name) for name in _TEXTS[3:]}
    labels = frozenset(_LABELS.get(label, label) for label in data.get("labels") or ())
    return Row(data.get("id") or f"L{number}", data["text"], data["verdict"], labels, **known)
