"""The words of a finding on a page: the text with its passages, how each was found, what would speak against it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .catalogue import Words
from .render import Page
from .speech import clock, stretch

Row = Mapping[str, Any]
_TO_THE_SECOND = len("2025-06-01 22:10:31")
_FRAMES, _LONGEST_FRAME = 3, 160  # shown where the words that fill a frame are not known; JSON has all
_BY_MODEL = "model"  # points out a whole text


def words_section(page: Page, said: Row) -> None:
    """From `views.finding(…)["words"]`."""
    page.heading("words.title")
    for said_once in said["utterances"]:
        utterance(page, said_once)
    for pattern in said["patterns"]:
        page.heading("words.pattern", title=pattern["title"], pattern=pattern["pattern"])
        _pattern(page, pattern, _spans_of(said, pattern["pattern"]))
    page.heading("words.unless")
    for sentence in said["unless"]:
        page.data(f"· {sentence}", indent=2)


def _spans_of(said: Row, pattern: str) -> list[Row]:
    return [span for line in said["utterances"] for span in line["spans"] if span["pattern"] == pattern]


def utterance(page: Page, said: Row) -> None:
    """Where and when something was said, by whom, how that is known, and the words with their passages."""
    at = str(said["at"])[:_TO_THE_SECOND]
    page.say("finding.exhibit", indent=2, at=at, source=said["source"], locator=said["locator"])
    if said["start_s"] is not None:
        key = "words.second_of" if said["voice"] else "words.second"
        channel = page.words.word("side", said["voice"])
        page.say(key, indent=2, at=stretch(said["start_s"], said["end_s"]), channel=channel)
    page.say("words.who", indent=2, speaker=_person(page, said["speaker"]), to=_person(page, said["to"]))
    if said["spans"] and said["listened"] is not None:
        _side(page, said["side"])
        page.data(" · ".join(heard(page.words, said)), indent=2)
    places = [(span["start_char"], span["end_char"]) for span in said["spans"] if span["path"] != _BY_MODEL]
    page.quote(said["text"], places, indent=4)
    if said["machine_text"] is not None:
        page.say("words.machine_text", indent=2)
        page.quote(said["machine_text"], [], indent=4)


def _side(page: Page, side: Row | None) -> None:
    """How it is known which channel is whose."""
    if side is not None and side["collector"]:
        channel = page.words.word("side", side["collector"])
        if side["known"] == "declared":
            page.say("words.declared", indent=2, channel=channel)
        else:
            page.say("words.named", indent=2, channel=channel, at=clock(side["at_s"]), text=side["text"])


def heard(words: Words, said: Row) -> Iterator[str]:
    """What wrote down words that were spoken, how sure it was, and whether a person has listened to them."""
    yield words("words.machine", engine=words.sentence(said["engine"])) if said["engine"] else words("words.elsewhere")
    if said["confidence"] is not None:
        yield words("words.sure", percent=round(100 * said["confidence"]))
    if said["doubtful"]:
        yield words("words.doubtful")
    yield listened(words, said["listened"], said["heard_by"])


def listened(words: Words, done: bool, by: str | None) -> str:
    """Whether a person has listened, and who."""
    if not done:
        return words("words.not_listened")
    return words("words.listened_by", by=by or words("words.somebody"))


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
        if slot.get("sounds_like"):
            parts.append(said("words.sounds_like", word=slot["sounds_like"]))
    return "".join(parts)
