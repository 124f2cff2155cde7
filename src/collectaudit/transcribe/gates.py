"""What an engine heard, made honest: parted at pauses, doubt marked and never deleted, silent losses found.

The numbers were measured on calls; where they are an engine's own (log-probability, compression) they are Whisper's.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

from opencc import OpenCC

from .engine import RawSegment
from .transcript import Segment, Span, Word

PAUSE_S = 0.6  # between two words: a new turn
LEAST_UNCOVERED_S = 1.0  # shorter stretches without words are laughs, breaths and the edges of speech
DOUBTS = ("no_speech", "unsure", "loop", "prompt", "boilerplate", "too_fast", "outside_speech")
_NO_SPEECH, _UNSURE, _COMPRESSED = 0.6, -1.0, 2.4
_LOW_SCORE = (-0.6, 0.6)  # of log-probability and of the words' probability: below either, a phantom line is one
_FASTEST, _LEAST_UNITS = 12.0, 6  # syllables a second; of fewer the times are too rough to tell
_REPEATS, _REPEATS_OF_ONE = 4, 8  # how often something is said in a row before it is a loop
_LONGEST_REPEAT = 20
_LEAKED = 6  # of its characters in a row are taken for the prompt and not for what somebody said
_EDGE_S = 0.3  # how far words may lie outside what is taken for speech
_PARTS = re.compile(r"[\u3400-\u9fff]|[a-z0-9']+")
# What Whisper writes over silence and music: credits of subtitles, and a channel's goodbye.
_PHANTOMS = (
    "字幕", "作词", "作曲", "编曲", "谢谢观看", "感谢观看", "谢谢收看", "请不吝点赞", "订阅", "明镜与点点",
    "thanks for watching", "thank you for watching", "please subscribe", "subtitles by", "amara.org",
)  # fmt: skip
_WHOLE_PHANTOMS = {"you", "thank you", "bye", "谢谢", "谢谢大家"}


def turns(raw: RawSegment, *, channel: int | None, prompt: str | None, speech: Sequence[Span]) -> list[Segment]:
    """The turns of one stretch, each with its doubts; `speech`: where a voice was found, on the same clock."""
    whole = _of_segment(raw, prompt)
    return [_turn(words, raw, whole, channel, speech) for words in _parted(raw.words)]


def _parted(words: Sequence[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = []
    for word in words:
        if not parts or word.start_s - parts[-1][-1].end_s > PAUSE_S:
            parts.append([])
        parts[-1].append(word)
    return [part for part in parts if "".join(word.text for word in part).strip()]


def _turn(
    words: Sequence[Word], raw: RawSegment, whole: set[str], channel: int | None, speech: Sequence[Span]
) -> Segment:
    text = "".join(word.text for word in words).strip()
    confidence = sum(word.prob for word in words) / len(words)
    start, end = words[0].start_s, max(word.end_s for word in words)
    found = whole | _of_turn(text, end - start)
    if _phantom(text) and (raw.avg_logprob < _LOW_SCORE[0] or confidence < _LOW_SCORE[1]):
        found.add("boilerplate")
    if 2 * sum(_spoken(word, speech) for word in words) < len(words):
        found.add("outside_speech")
    doubt = tuple(name for name in DOUBTS if name in found)
    return Segment(0, channel, start, end, simplified(text), text, confidence, doubt, tuple(words))


def _of_segment(raw: RawSegment, prompt: str | None) -> set[str]:
    """Doubts about a whole stretch, which hold for each turn of it."""
    found = set()
    if raw.avg_logprob < _UNSURE:
        found.add("no_speech" if raw.no_speech_prob > _NO_SPEECH else "unsure")
    if raw.compression_ratio > _COMPRESSED or looped(raw.text):
        found.add("loop")
    if prompt and _leaked(raw.text, prompt):
        found.add("prompt")
    return found


def _of_turn(text: str, seconds: float) -> set[str]:
    units = sum(1 if part > "\u3400" else 2 for part in _parts(text))
    fast = units >= _LEAST_UNITS and units > _FASTEST * seconds
    return {name for name, so in (("loop", looped(text)), ("too_fast", fast)) if so}


def looped(text: str) -> bool:
    """Whether the same characters or words follow each other too often for a person to have said them."""
    parts = _parts(text)
    for length in range(1, min(_LONGEST_REPEAT, len(parts) // _REPEATS) + 1):
        often = _REPEATS_OF_ONE if length == 1 else _REPEATS
        same = 0
        for at in range(length, len(parts)):
            same = same + 1 if parts[at] == parts[at - length] else 0
            if same >= length * (often - 1):
                return True
    return False


def _parts(text: str) -> list[str]:
    """Han characters and Latin words, without anything else."""
    return _PARTS.findall(unicodedata.normalize("NFKC", simplified(text)).lower())


def _leaked(text: str, prompt: str) -> bool:
    said, told = "".join(_parts(text)), "".join(_parts(prompt))
    pieces = {told[at : at + _LEAKED] for at in range(len(told) - _LEAKED + 1)}
    return any(piece in said for piece in pieces) or (len(said) >= _REPEATS and said in told)


def _phantom(text: str) -> bool:
    plain = simplified(text).lower()
    return any(phantom in plain for phantom in _PHANTOMS) or plain.strip(" .,!。，！") in _WHOLE_PHANTOMS


def _spoken(word: Word, speech: Sequence[Span]) -> bool:
    middle = (word.start_s + word.end_s) / 2
    return any(start - _EDGE_S <= middle <= end + _EDGE_S for start, end in speech)


def in_order(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The turns of all channels by time, numbered; a turn that comes again and again on its channel is a loop."""
    known = list(segments)
    for channel in {segment.channel for segment in known}:
        mine = sorted((s for s in known if s.channel == channel), key=_place)
        for parts, run in groupby(mine, key=lambda segment: tuple(_parts(segment.text))):
            same = list(run)
            if len(parts) > 1 and len(same) >= _REPEATS:
                known = [_doubted(s) if any(s is one for one in same) else s for s in known]
    return tuple(replace(segment, ordinal=n) for n, segment in enumerate(sorted(known, key=_place), 1))


def _place(segment: Segment) -> tuple[float, float, int]:
    return segment.start_s, segment.end_s, segment.channel or 0


def _doubted(segment: Segment) -> Segment:
    return replace(segment, doubt=tuple(name for name in DOUBTS if name in {*segment.doubt, "loop"}))


def uncovered(speech: Sequence[Span], segments: Iterable[Segment]) -> list[Span]:
    """The parts of speech, of some length, over which no words lie."""
    return [span for span in _without(speech, segments) if span[1] - span[0] > LEAST_UNCOVERED_S]


def seconds_covered(speech: Sequence[Span], segments: Iterable[Segment]) -> float:
    """How many seconds of speech have words."""
    return _length(speech) - _length(_without(speech, segments))


def _length(spans: Iterable[Span]) -> float:
    return sum(end - start for start, end in spans)


def _without(speech: Sequence[Span], segments: Iterable[Segment]) -> list[Span]:
    """Speech without what the turns cover."""
    left = list(speech)
    for segment in segments:
        since, until = segment.start_s - _EDGE_S, segment.end_s + _EDGE_S
        left = [
            part
            for start, end in left
            for part in ((start, min(end, since)), (max(start, until), end))
            if part[0] < part[1]
        ]
    return left


def simplified(text: str) -> str:
    """The text in simplified script, whatever script the engine mixed in."""
    return str(_converter().convert(text))


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
