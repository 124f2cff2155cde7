"""Texts with times, line by line: SubRip, WebVTT, Whisper's TSV, and plain lines with a time and a speaker."""

import html
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from collectaudit.records import RAW_LIMIT, Record, Reject

_TEXT_LIMIT = 20_000  # characters; what is said in one go is shorter
LINE_LIMIT = 4 * _TEXT_LIMIT  # bytes
_LATEST = 48 * 3600  # seconds; no recording of a call is longer
_ARROW_WITHIN = 60
_FIRST_WORDS = 600  # seconds: later than this at the beginning, a time is one of the day, as in a chat

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_LABEL = r"[^\W\d_][^:：\[\]\n\d]{0,30}?"
_ARROW = re.compile(rf"\s*\[?({_CLOCK})\s*-->\s*({_CLOCK})(?:\]\s*(\S.*)|\s.*)?", re.ASCII | re.DOTALL)
_LINE = re.compile(
    rf"\s*(?:[\[(（【]\s*({_CLOCK})(?:\s*[-–~～至到]\s*({_CLOCK}))?\s*[\])）】]\s*(.*)"
    rf"|({_CLOCK})\s+({_LABEL}\s*[:：].*))", re.DOTALL)  # fmt: skip
_HEADING = re.compile(rf"\s*({_LABEL}\s*\d{{0,3}})\s+[\[(（]?({_CLOCK})[\])）]?\s*[:：]?\s*")
_TSV_HEAD = re.compile(r"start\tend\ttext\s*", re.IGNORECASE)
_TSV = re.compile(r"(\d{1,9})\t(\d{1,9})\t(.*)", re.DOTALL | re.ASCII)
_TAG = re.compile(r"</?(?:[ibuc]|font|ruby|rt|lang|v)\b[^<>]{0,80}>|<\d[\d:.]{3,14}>|\{\\an?\d\}", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[\w.]{1,40})?\s+([^<>]{1,60})>")
_NAMED = rf"({_LABEL}\s*\d{{0,3}})"
_SAID_BY = re.compile(rf"\s*(?:{_NAMED}\s*[:：]|[\[【(（]\s*{_NAMED}\s*[\])）】]\s*[:：]?)\s*")
_NUMBERED = re.compile(r"[\s_#-]*\d{0,3}$")


@dataclass(slots=True)
class Cue:
    """Something said: from when to when in seconds, the words, and who a label says it was."""

    locator: str
    start: float | None
    end: float | None
    text: str
    speaker: str | None = None
    confidence: float | None = None
    doubtful: bool = False
    engine: str | None = None
    raw: str = ""
    voice: int | None = None

    def row(self) -> Record | Reject | None:
        """The cue as a record; None if nothing is said in it."""
        speaker, text = who(self.text) if self.speaker is None else (side(self.speaker), self.text.strip())
        raw = self.raw or self.text
        if not text:
            return None
        if "\ufffd" in text:
            return Reject(self.locator, "it holds bytes that are no characters", raw)
        start, end = self.start or 0, self.end
        if not 0 <= start <= _LATEST or (end is not None and end < start):
            return Reject(self.locator, "its times cannot be right", raw)
        if len(text) > _TEXT_LIMIT:
            return Reject(self.locator, f"more than {_TEXT_LIMIT} characters at one time", raw)
        fields: dict[str, str | None] = {"kind": "utterance", "body": text, "speaker": speaker, "engine": self.engine}
        times = {"start_s": self.start, "end_s": self.end, "confidence": self.confidence}
        fields |= {name: f"{value:.3f}" for name, value in times.items() if value is not None}
        fields["voice"] = None if self.voice is None else str(self.voice)
        return Record(self.locator, fields | {"doubtful": "1" if self.doubtful else None}, raw)


@cache
def _sides() -> dict[str, str]:
    with Path(__file__).with_name("transcripts.toml").open("rb") as file:
        return {label: end for end, labels in tomllib.load(file).items() for label in labels}


def side(label: str) -> str | None:
    """`collector` or `contacted`, if a label says so."""
    plain = " ".join(label.casefold().split())
    return _sides().get(plain) or _sides().get(_NUMBERED.sub("", plain))


def who(text: str) -> tuple[str | None, str]:
    """The side that a label before the words names, and the words without it; other beginnings stay as they are.

    Where a later line has a label of its own, two speak, and the words are nobody's.
    """
    first, *others = text.split("\n")
    said_by, words = _labelled(first)
    if said_by is None or any(_labelled(line)[0] for line in others):
        return None, text.strip()
    return said_by, "\n".join([words, *others]).strip()


def _labelled(line: str) -> tuple[str | None, str]:
    label = _SAID_BY.match(line[:80])
    said_by = side(label[1] or label[2]) if label else None
    return said_by, line[label.end() :] if label and said_by else line


def seconds(clock: str) -> float:
    """`01:02:03,500` or `02:03.5`."""
    parts = [float(part) for part in clock.replace(",", ".").split(":")]
    return sum(part * size for part, size in zip(reversed(parts), (1, 60, 3600), strict=False))


def form(text: str) -> str | None:
    """Which of the forms the beginning of a text has: `webvtt`, `tsv`, `subrip` or `lines`."""
    text = text.removeprefix("\ufeff")
    lines = [line for line in text[:65536].splitlines() if line.strip()][:400]
    if not lines:
        return None
    if re.match(r"WEBVTT(?:\s|$)", lines[0]):
        return "webvtt"
    if _TSV_HEAD.fullmatch(lines[0]):
        return "tsv"
    if any(_ARROW.fullmatch(line[:300]) for line in lines[:3]):
        return "subrip"
    times = [at for line in lines if (at := _time_of(line[:300])) is not None]
    if len(times) < 2 or len(times) * 4 < len(lines) or _time_of(lines[0][:300]) is None or times[0] > _FIRST_WORDS:
        return None
    return "lines" if times == sorted(times) else None


def _time_of(line: str) -> float | None:
    plain, heading = _LINE.fullmatch(line), _HEADING.fullmatch(line)
    clock = (plain[1] or plain[4]) if plain else heading[2] if heading else None
    return seconds(clock) if clock else None


Lines = Iterable[tuple[int, str]]
Found = Iterator[Cue | Reject]


@dataclass(slots=True)
class _Open:
    """The cue being read."""

    line: int
    start: float
    end: float | None
    speaker: str | None = None
    texts: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, line: str) -> "_Open":
        """One more line; of a text that is too long, no more than shows that it is."""
        if self.length <= _TEXT_LIMIT:
            self.texts.append(line)
            self.length += len(line)
        return self

    def done(self) -> Cue:
        raw = "\n".join(self.texts)
        voice = _VOICE.search(raw)
        text = html.unescape(_TAG.sub("", raw)).strip()
        speaker = self.speaker or (voice[1] if voice else None)
        return Cue(f"L{self.line}", self.start, self.end, text, speaker, raw=raw[:RAW_LIMIT])


def subtitles(lines: Lines) -> Found:
    """SubRip and WebVTT: a line with two times, the words below it until a blank line or the next times."""
    cue: _Open | None = None
    for number, line in lines:
        arrow = _ARROW.fullmatch(line) if "-->" in line[:_ARROW_WITHIN] else None
        if arrow:
            if cue:
                if cue.texts and cue.texts[-1].strip().isdecimal():
                    cue.texts.pop()  # the number of this one, where no blank line stands between
                yield cue.done()
            cue = _Open(number, seconds(arrow[1]), seconds(arrow[2])).add(arrow[3] or "")
        elif "-->" in line[:_ARROW_WITHIN]:
            yield Reject(f"L{number}", "its times cannot be read", line[:RAW_LIMIT])
            cue = None
        elif not line.strip():
            if cue and cue.length:
                yield cue.done()
                cue = None
        elif cue:
            cue.add(line)
    if cue:
        yield cue.done()


def tsv(lines: Lines) -> Found:
    """Whisper's table: start and end in milliseconds, and the words."""
    for number, line in lines:
        row = _TSV.fullmatch(line)
        if row:
            yield Cue(f"L{number}", int(row[1]) / 1000, int(row[2]) / 1000, row[3])
        elif line.strip() and not _TSV_HEAD.fullmatch(line):
            yield Reject(f"L{number}", "its times cannot be read", line[:RAW_LIMIT])


def timed_lines(lines: Lines) -> Found:
    """`[00:12] 坐席：…`, or `坐席 00:12` with the words in the lines below."""
    cue: _Open | None = None
    for number, line in lines:
        plain, heading = _LINE.fullmatch(line), _HEADING.fullmatch(line[:300])
        if plain or heading:
            if cue:
                yield cue.done()
            if plain:
                text = plain[3] if plain[1] else plain[5]
                cue = _Open(number, seconds(plain[1] or plain[4]), seconds(plain[2]) if plain[2] else None).add(text)
            elif heading:
                cue = _Open(number, seconds(heading[2]), None, heading[1])
        elif cue and line.strip():
            cue.add(line)
    if cue:
        yield cue.done()


READERS: dict[str, Callable[[Lines], Found]] = {
    "webvtt": subtitles, "subrip": subtitles, "tsv": tsv, "lines": timed_lines,
}  # fmt: skip


def rows(found: Iterable[Any]) -> Iterator[Record | Reject]:
    """Records and rejects of what a form was read into; silent cues are passed over."""
    for item in found:
        row = item.row() if isinstance(item, Cue) else item
        if row is not None:
            yield row
