"""What was said in a contact, made ready for the widget that shows it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ui import shown, text
from ui.text import plain

Row = Mapping[str, Any]
BEFORE_S = 5  # a recording begins so long before the passage that is shown


def shown_turns(turns: Sequence[Row], category: str, sound: str) -> None:
    """The turns, passages of this category marked strongly, others lightly; with a recording if there is a sound."""
    keys = ("recording", "flagged", "back", "forward", "line", "broken", "speed", "follow", "keys")
    said = {key: plain(f"talk.{key}") for key in keys}
    engines = {_engine(turn) for turn in turns if turn["listened"] is not None and not turn.get("told")}
    same = engines.pop() if len(engines) == 1 and len(turns) > 1 else ""  # said once, not at every line
    if same:
        shown.text(same)
    shown.talk("talk", [_turn(turn, category, same) for turn in turns], said, sound, begin(turns, category))


def begin(turns: Sequence[Row], category: str) -> float | None:
    """Where to begin to listen, in seconds; None if nothing tells."""
    starts = [turn["start_s"] for turn in turns if _has(turn, category) and turn["start_s"] is not None]
    return max(0.0, float(starts[0]) - BEFORE_S) if starts else None


def beside(turns: Sequence[Row], category: str) -> Sequence[Row]:
    """The turns with passages of a category, and those just before and after; all, where there is no such passage."""
    hits = [n for n, turn in enumerate(turns) if _has(turn, category)]
    return [turn for n, turn in enumerate(turns) if any(abs(n - hit) <= 1 for hit in hits)] if hits else turns


def unheard(turns: Sequence[Row], category: str) -> list[Row]:
    """The passages that were transcribed and that nobody has compared with the recording."""
    return [turn for turn in turns if _has(turn, category) and turn["listened"] is False]


def _has(turn: Row, category: str) -> bool:
    return any(span["category"] == category for span in turn["spans"])


def _turn(turn: Row, category: str, same: str) -> dict[str, Any]:
    speaker, heard = turn["speaker"], turn["start_s"] is not None
    who = text.who(speaker["number"], speaker["role"]) if speaker["number"] else plain("talk.somebody")
    return {
        "who": who,
        "side": "theirs" if speaker["role"] in (None, "collector") else "ours",
        "at": text.length(turn["start_s"]) if heard else text.moment(turn["at"], turn.get("precision")),
        "start": turn["start_s"],
        "end": turn["end_s"],
        "note": _note(turn, same),
        "pieces": pieces(turn["text"], turn["spans"], category),
    }


def _engine(turn: Row) -> str:
    """What wrote a turn down."""
    engine = text.words().sentence(turn["engine"])
    return plain("words.machine", engine=engine) if engine else plain("words.elsewhere")


def _note(turn: Row, same: str) -> str:
    """Of what was transcribed: what wrote it down (`same` was said already), how sure that is, whether it was heard."""
    if turn.get("told"):
        return plain("told.mark")
    if turn["listened"] is None:
        return ""
    engine, percent = _engine(turn), round(100 * (turn["confidence"] or 0))
    said = [] if engine == same else [engine]
    if turn["doubtful"]:
        said.append(plain("talk.doubtful"))
    elif turn["confidence"] is not None:
        said.append(plain("words.sure", percent=str(percent)))
    by = turn["heard_by"] or plain("words.somebody")
    said.append(plain("words.listened_by", by=by) if turn["listened"] else plain("words.not_listened"))
    if turn["machine_text"] is not None:
        said.append(plain("words.machine_text") + text.visible(turn["machine_text"]))
    return " · ".join(said)


def pieces(said: str, spans: Sequence[Row], category: str) -> list[tuple[str, str]]:
    """The text cut where a passage begins or ends: (piece, "hit" · "other" · "")."""
    edges = sorted({0, len(said), *(edge for span in spans for edge in (span["start_char"], span["end_char"]))})
    found: list[tuple[str, str]] = []
    for start, end in pairwise(edges):
        over = [span for span in spans if span["start_char"] <= start and end <= span["end_char"]]
        mark = "hit" if any(span["category"] == category for span in over) else "other" if over else ""
        if found and found[-1][1] == mark:
            found[-1] = (found[-1][0] + said[start:end], mark)
        else:
            found.append((said[start:end], mark))
    return found
