"""The words of a finding on a page: the text with its passages, how each was found, what would speak against it."""

from collections.abc import Mapping, Sequence
from typing import Any

from .render import Page

Row = Mapping[str, Any]
_TO_THE_SECOND = len("2025-06-01 22:10:31")
_FRAMES, _LONGEST_FRAME = 3, 160  # shown where the words that fill a frame are not known; JSON has all
_BY_MODEL = "model"  # points out a whole text


def words_section(page: Page, said: Row) -> None:
    """From `views.finding(…)["words"]`."""
    page.heading("words.title")
    for utterance in said["utterances"]:
        _utterance(page, utterance)
    for pattern in said["patterns"]:
        page.heading("words.pattern", title=pattern["title"], pattern=pattern["pattern"])
        _pattern(page, pattern, _spans_of(said, pattern["pattern"]))
    page.heading("words.unless")
    for sentence in said["unless"]:
        page.data(f"· {sentence}", indent=2)


def _spans_of(said: Row, pattern: str) -> list[Row]:
    return [span for line in said["utterances"] for span in line["spans"] if span["pattern"] == pattern]


def _utterance(page: Page, said: Row) -> None:
    at = str(said["at"])[:_TO_THE_SECOND]
    page.say("finding.exhibit", indent=2, at=at, source=said["source"], locator=said["locator"])
    if said["start_s"] is not None:
        page.say("words.second", indent=2, at=_clock(said["start_s"]))
    page.say("words.who", indent=2, speaker=_person(page, said["speaker"]), to=_person(page, said["to"]))
    places = [(span["start_char"], span["end_char"]) for span in said["spans"] if span["path"] != _BY_MODEL]
    page.quote(said["text"], places, indent=4)


def _clock(seconds: float) -> str:
    """`1:02:03`; `0:12` within the first hour."""
    whole = int(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02}"


def _person(page: Page, person: Row) -> str:
    """Number, role, and how the role is known."""
    if person["number"] is None:
        return page.words("words.voice")
    if person["role"] is None:
        return page.words("words.stranger", number=person["number"])
    role, basis = (page.words.word(name, person[name]) for name in ("role", "basis"))
    return page.words("words.person", number=person["number"], role=role, basis=basis)


def _pattern(page: Page, pattern: Row, spans: Sequence[Row]) -> None:
    words = page.words
    for line in dict.fromkeys(filled(page, span) for span in spans if span.get("frame")):
        page.data(line, indent=2)
    if pattern["frames"] and not all(span.get("frame") for span in spans):
        page.say("words.frames", indent=2)
        for frame in pattern["frames"][:_FRAMES]:
            page.data(frame if len(frame) <= _LONGEST_FRAME else frame[:_LONGEST_FRAME] + "…", indent=4)
        if len(pattern["frames"]) > _FRAMES:
            page.say("words.more_frames", indent=4, n=len(pattern["frames"]) - _FRAMES)
    paths = dict.fromkeys(words.word("path", span["path"]) for span in spans)
    page.say("words.path", indent=2, how=words("summary.comma").join(paths))
    page.say("words.tier", indent=2, tier=words.word("tier", pattern["tier"]))
    if pattern["not_found"]:
        names = words("summary.comma").join(dict.fromkeys(one["title"] for one in pattern["not_found"]))
        page.say("words.not_found", indent=2, names=names)


def filled(page: Page, span: Row) -> str:
    """A frame as it stands in the text: “打断” (@beat) … at most 6 characters … “你” (@you)."""
    said = page.words
    parts = []
    for slot in span["slots"]:
        if slot["within"] is not None:
            parts.append(said("words.within", n=slot["within"]) if slot["within"] else said("words.adjacent"))
        given = {"text": slot["text"], "name": slot["class"]}
        parts.append(said("words.of_class", **given) if slot["class"] else said("words.literal", text=slot["text"]))
    return "".join(parts)
