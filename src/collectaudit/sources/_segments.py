"""Transcripts whose form is a tree: the JSON of Whisper's programs, and Praat's TextGrid."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collectaudit.records import RAW_LIMIT, Reject, Unreadable
from collectaudit.sources import _bytes
from collectaudit.sources._cues import Cue, Found, seconds

LIMIT = 32 << 20
_MOST = 200_000  # segments
_JSON = re.compile(
    r'\s*(?:\{\s*"(audio_name|text|segments|transcription|systeminfo|language|language_probability|task|duration|result)"'
    r'|\[\s*\{\s*"(?:id|start|end|text|speaker|seek)")'
)  # fmt: skip
_TREE = re.compile(r'"(?:segments|transcription)"\s*:\s*\[')
_GRID = re.compile(r'\s*File type\s*=\s*"ooTextFile[^"]{0,20}"\s+(?:Object class\s*=\s*)?"TextGrid"')
_TOKEN = re.compile(r'"((?:[^"]++|"")*+)"|(?<!\S)(-?\d+(?:\.\d+)?)(?!\S)')
_UNSURE_SILENCE, _UNSURE_WORDS, _REPEATING = 0.6, -1.0, 2.4  # Whisper's own limits for what it takes for no speech


def claims_json(text: str, *, whole: bool) -> bool:
    """Whether a text begins as a transcript in JSON; the segments may come after the end of what is seen."""
    found = _JSON.match(text)
    if found is None:
        return False
    return found[1] is None or _TREE.search(text) is not None or (found[1] == "text" and not whole)


def claims_grid(text: str) -> bool:
    """Whether a text begins as a TextGrid of text."""
    return _GRID.match(text) is not None


def read_text(path: Path, encoding: _bytes.Encoding) -> str:
    """All of a file; Unreadable if it is too large or not of its encoding."""
    if path.stat().st_size > LIMIT:
        raise Unreadable(f"the transcript is larger than {LIMIT >> 20} MB")
    try:
        return b"".join(_bytes.chunks(path, encoding)).decode(encoding.within)
    except UnicodeDecodeError as error:
        raise Unreadable(f"its bytes are not valid {encoding.name}") from error


def from_json(text: str) -> Found:
    """Every segment; Unreadable where the file is no JSON, or none of a transcript."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the file is not valid JSON, or it was cut") from error
    given = tree if isinstance(tree, list) else tree.get("segments", tree.get("transcription"))
    if not isinstance(given, list) or len(given) > _MOST:
        raise Unreadable("the JSON holds no list of segments, or one that is too long")
    of_ours = isinstance(tree, dict) and "audio_sha256" in tree
    segment, engine = (_heard, _engine(tree)) if of_ours else (_segment, _whose(tree))
    return (segment(row, f"segment[{number}]", engine) for number, row in enumerate(given, 1))


def _whose(tree: Any) -> str | None:
    return None if isinstance(tree, list) else "whisper.cpp" if "transcription" in tree else "Whisper"


def _engine(tree: dict[str, Any]) -> str:
    """Engine and model of a transcript that `transcribe` wrote."""
    named = [tree.get(part) for part in ("engine", "model")]
    return " ".join(str(part.get("name")) for part in named if isinstance(part, dict))


def _heard(row: Any, locator: str, engine: str | None) -> Cue | Reject:
    """A segment of a transcript that `transcribe` wrote."""
    if not isinstance(row, dict) or not isinstance(text := row.get("text"), str):
        return Reject(locator, "it is no segment with a text", _shown(row))
    start, end, sure = (_number(row.get(name)) for name in ("start_s", "end_s", "confidence"))
    if start is None:
        return Reject(locator, "its times cannot be read", _shown(row))
    voice = row.get("channel") if row.get("channel") in (0, 1) else None
    unlabelled = ""  # what looks like a label in such a text was said
    return Cue(locator, start, end, text, unlabelled, sure, bool(row.get("doubt")), engine, text[:RAW_LIMIT], voice)


def _segment(row: Any, locator: str, engine: str | None) -> Cue | Reject:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return Reject(locator, "it is no segment with a text", _shown(row))
    start, end = _times(row)
    if start is None:
        return Reject(locator, "its times cannot be read", _shown(row))
    speaker = row.get("speaker")
    quiet, sure, ratio = (_number(row.get(name)) for name in ("no_speech_prob", "avg_logprob", "compression_ratio"))
    doubtful = ((quiet or 0) > _UNSURE_SILENCE and (sure or 0) < _UNSURE_WORDS) or (ratio or 0) > _REPEATING
    speaker = speaker if isinstance(speaker, str) and speaker.strip() else None
    text = row["text"]
    return Cue(locator, start, end, text, speaker, _confidence(row, sure), doubtful, engine, text[:RAW_LIMIT])


def _times(row: dict[str, Any]) -> tuple[float | None, float | None]:
    """Seconds, of whisper.cpp milliseconds; a clock where it is written as one."""
    if isinstance(offsets := row.get("offsets"), dict):
        start, end = (_number(offsets.get(name)) for name in ("from", "to"))
        return (None if start is None else start / 1000), (None if end is None else end / 1000)
    return _moment(row.get("start")), _moment(row.get("end"))


def _moment(value: Any) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,6})?", value, re.ASCII):
        return seconds(value)
    return _number(value)


def _number(value: Any) -> float | None:
    """A number from zero, or one of any sign below: logarithms are negative. Nothing else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e9 and math.isfinite(value) else None


def _confidence(row: dict[str, Any], sure: float | None) -> float | None:
    """Mean probability of the words, else of the segment; None where the file does not say."""
    words = row.get("words") or row.get("tokens")
    given = [word for word in words if isinstance(word, dict)] if isinstance(words, list) else []
    said = (_number(word.get("probability", word.get("score", word.get("p")))) for word in given)
    found = [probability for probability in said if probability is not None]
    if found:
        return min(1.0, max(0.0, sum(found) / len(found)))
    return None if sure is None else min(1.0, math.exp(sure))


def _shown(row: Any) -> str:
    return str(row)[:RAW_LIMIT] if not isinstance(row, list | dict) else ""


def from_grid(text: str) -> Found:
    """Every interval and point with a text, tier by tier; a tier's name says who speaks."""
    tokens = _tokens(text)
    for _ in range(4):  # what the file is, and from when to when all of it
        next(tokens, None)
    tiers, _ = next(tokens, (None, 0))
    for number in range(1, int(tiers) + 1 if isinstance(tiers, float) and tiers < _MOST else 1):
        yield from _tier(tokens, number)


def _tokens(text: str) -> Iterator[tuple[str | float, int]]:
    """The strings and free-standing numbers of the file, each with its line; the words around them are for people."""
    line, at = 1, 0
    for found in _TOKEN.finditer(text):
        line, at = line + text.count("\n", at, found.start()), found.start()
        yield (found[1].replace('""', '"') if found[2] is None else float(found[2])), line


def _tier(tokens: Iterator[tuple[str | float, int]], number: int) -> Found:
    head = [next(tokens, (None, 0))[0] for _ in range(5)]
    kind, name, count = head[0], head[1], head[4]
    if kind not in ("IntervalTier", "TextTier") or not isinstance(name, str) or not isinstance(count, float):
        raise Unreadable("a tier of the TextGrid cannot be read; the rest is not read")
    for entry in range(1, int(min(count, _MOST)) + 1):
        given = [next(tokens, (None, 0)) for _ in range(3 if kind == "IntervalTier" else 2)]
        (start, line), (said, _) = given[0], given[-1]
        end = given[1][0] if kind == "IntervalTier" else None
        if not isinstance(start, float) or not isinstance(said, str) or not isinstance(end, float | None):
            raise Unreadable("the TextGrid ends inside a tier; the rest is not read")
        yield Cue(f"tier[{number}][{entry}]@L{line}", start, end, said, name or None)
