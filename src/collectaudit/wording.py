"""SHOW: the words a finding rests on: who says them to whom, where they stand, what found them, with what doubt."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .owning import SIDES
from .resources import folder
from .speech import clock
from .words.filling import Filling, Fillings, Slot
from .words.lexicon import Lexicon, fingerprint, load_lexicon

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
_SPAN = ("start_char", "end_char", "matched", "pattern", "tier", "path")
_WRITTEN = ("sms", "im", "email", "letter")
_BY_MODEL, _BY_GUESS, _BY_SOUND = "model", "spelling", "sound"
_CHANNELS = {number: name for name, number in SIDES.items()}


def words_of(case: "Case", finding_id: str, words: Words) -> Row | None:
    """What was said, with every passage of that kind in the contact; None if the finding does not rest on words.

    Of a conversation the turns with such passages and those beside them.
    """
    spans = case.query(_SPANS, [finding_id])
    if not spans:
        return None
    turns = turns_of(case, spans, beside=1)
    names = sorted({span["pattern"] for span in spans})
    patterns = case.query("SELECT * FROM patterns WHERE list_contains(?, pattern) ORDER BY pattern", [names])
    _fill(spans, turns, patterns)
    return {
        "category": spans[0]["category"],
        "title": words.pick(patterns[0], "title") if patterns else spans[0]["category"],
        "in_context": any(span["in_context"] for span in spans),
        "utterances": [utterance(turn, spans) for turn in turns],
        "patterns": [_pattern(row, words) for row in patterns],
        "unless": list(dict.fromkeys(_doubts(spans, turns, patterns, words))),
        "lexicons_sha256": patterns[0]["lexicons_sha256"] if patterns else None,
    }


def turns_of(case: "Case", spans: Sequence[Mapping[str, Any]], *, beside: int) -> list[Row]:
    """The utterances that spans are in, and so many turns before and after each, in order."""
    named = json.dumps(sorted({span["utterance_id"] for span in spans}))
    rows: list[Row] = case.query(_TURNS, [named, beside])
    return rows


def utterance(turn: Mapping[str, Any], spans: Sequence[Mapping[str, Any]]) -> Row:
    """One thing said or written, as it stands in the file, and what was found in it."""
    mine = [span for span in spans if span["utterance_id"] == turn["utterance_id"]]
    return {
        **{name: turn[name] for name in ("utterance_id", "event_id", "source", "locator")},
        "at": turn["at_local"].isoformat(sep=" "),
        **{name: turn[name] for name in ("channel", "ordinal", "start_s", "end_s", "engine", "confidence", "doubtful")},
        "listened": turn["heard_by"] is not None if turn["transcribed"] else None,
        **{name: turn[name] for name in ("heard_by", "machine_text")},
        "voice": _CHANNELS.get(turn["voice"]),
        "side": _side(turn),
        "speaker": {name: turn[f"speaker_{name}"] for name in ("role", "number", "basis")},
        "to": {name: turn[f"to_{name}"] for name in ("role", "number", "basis")},
        "text": turn["text"],
        "spans": [{name: span[name] for name in (*_SPAN, "frame", "slots") if name in span} for span in mine],
    }


def _side(turn: Mapping[str, Any]) -> Row | None:
    """How it is known which end of the contact speaks in a recording; None: it is not, or it is written."""
    if turn["side_known"] is None:
        return None
    collector = _CHANNELS.get(turn["collector_voice"])
    return {"known": turn["side_known"], "collector": collector, "at_s": turn["named_s"], "text": turn["named_text"]}


def _pattern(row: Mapping[str, Any], words: Words) -> Row:
    """A pattern as it was when it was looked for, with what would have taken its hits away and did not."""
    titles = row[f"exclude_{words.lang}"] or []
    return {
        **{name: row[name] for name in ("pattern", "category", "lang", "conduct", "tier", "recipient")},
        "title": words.pick(row, "title"),
        "frames": row["frames"] or [],
        "not_found": [
            {"exclusion": name, "title": title} for name, title in zip(row["exclude"] or [], titles, strict=True)
        ],
        "asks": words.pick(row, "asks") or None,
    }


def _fill(spans: Sequence[Row], turns: Sequence[Row], patterns: Sequence[Row]) -> None:
    """Add to each span the frame it fills and the words that fill it, as long as the lexicons are the same still."""
    lexicon = _as_it_was({row["lexicons_sha256"] for row in patterns})
    if lexicon is None:
        return
    written = {turn["utterance_id"]: turn["channel"] in _WRITTEN for turn in turns}
    fillings = Fillings(lexicon, {span["pattern"] for span in spans})
    for span in spans:
        about = {"message": written[span["utterance_id"]], "by_sound": span["path"] == _BY_SOUND}
        span |= filled_in(fillings.of(span["pattern"], span["matched"], **about))


def _as_it_was(hashes: set[str | None]) -> Lexicon | None:
    """The lexicons a run was made with, if they are still those of the program."""
    return load_lexicon() if hashes == {fingerprint(folder("lexicons"))} else None


def filled_in(filling: Filling | None) -> Row:
    """A frame and its words, as JSON has them."""
    if filling is None:
        return {"frame": None, "slots": []}
    return {"frame": filling.frame, "slots": [_slot(slot) for slot in filling.slots]}


def _slot(slot: Slot) -> Row:
    row = {"text": slot.text, "class": slot.word_class, "within": slot.within}
    return {**row, "sounds_like": slot.sounds_like} if slot.sounds_like else row


def _doubts(spans: Sequence[Row], turns: Sequence[Row], patterns: Sequence[Row], words: Words) -> Iterator[str]:
    """When it would not count: sentences on what is known here, and how."""
    said = {turn["utterance_id"]: turn for turn in turns}
    for span in spans:
        yield from _who(said[span["utterance_id"]], span, words)
    if any(span["part"] > 1 for span in spans):
        yield words("unless.cut")
    if any(span["path"] == _BY_GUESS for span in spans):
        yield words("unless.spelling")
    for span in spans:
        if span["path"] == _BY_SOUND:
            yield _misheard(span, words)
    for row in patterns:
        if asks := words.pick(row, "asks"):
            yield words("unless.asks", question=asks)
    if all(span["path"] == _BY_MODEL for span in spans):
        yield words("unless.model")
    elif all(row["tier"] == "review" and not row["asks"] for row in patterns):
        yield words("unless.unclear")
    yield words("unless.turned")


def _misheard(span: Row, words: Words) -> str:
    """What was written down, and what it was taken for; that is not known where the lexicons have changed since."""
    slots = [slot for slot in span.get("slots", ()) if "sounds_like" in slot]
    if not slots:
        return words("unless.sound", heard=span["matched"])
    between = words("summary.comma")
    heard, like = (between.join(slot[name] for slot in slots) for name in ("text", "sounds_like"))
    return words("unless.sounds_like", heard=heard, like=like)


def _who(turn: Row, span: Row, words: Words) -> Iterator[str]:
    """On who speaks, to whom, and how sure it is that these were the words."""
    role, number = turn["speaker_role"], turn["speaker_number"]
    if number is None:
        yield words("unless.voice")
    elif role is None:
        yield words("unless.stranger", number=number)
    elif role == "collector":
        yield words("unless.speaker", number=number, basis=words.word("basis", turn["speaker_basis"]))
    if span["recipient"]:
        about = {"number": turn["to_number"], "role": words.word("role", turn["to_role"])}
        yield words("unless.recipient", basis=words.word("basis", turn["to_basis"]), **about)
    yield from _which_end(turn, words)
    if turn["heard_by"] is not None:
        yield words("unless.listened", by=turn["heard_by"] or words("words.somebody"))
    elif turn["engine"]:
        yield words("unless.heard", engine=words.sentence(turn["engine"]))
    elif turn["transcribed"] or turn["doubtful"]:
        yield words("unless.transcript")


def _which_end(turn: Row, words: Words) -> Iterator[str]:
    """On how it is known which end of a recording speaks."""
    channel = words.word("side", _CHANNELS.get(turn["collector_voice"]))
    if turn["side_known"] == "label":
        yield words("unless.label")
    elif turn["side_known"] == "declared":
        yield words("unless.declared", channel=channel)
    elif turn["side_known"] == "named":
        yield words("unless.named", channel=channel, at=clock(turn["named_s"]), text=turn["named_text"])


# What `worded` counts: of the contact and the kind of words that the finding names.
_SPANS = """
SELECT DISTINCT s.*, u.at_local, u.ordinal
FROM evidence v
JOIN signals own USING (signal_id)
JOIN signals s ON s.event_id = own.event_id AND s.category = own.category
JOIN spoken u ON u.utterance_id = s.utterance_id
WHERE v.finding_id = ? AND (
    s.signal_id = own.signal_id
    OR ((s.recipient IS NULL OR u.to_role IN ('family', 'colleague', 'reference', 'other'))
        AND (u.speaker_role = 'collector' OR (u.speaker_role IS NULL AND s.in_context))))
ORDER BY u.at_local, s.part, u.ordinal, s.start_char, s.end_char, s.pattern
"""

# Utterances by id, with the turns before and after each; who speaks to whom, and how that is known.
_TURNS = """
WITH named AS (SELECT unnest(CAST(CAST(? AS JSON) AS VARCHAR[])) AS utterance_id),
places AS (
    SELECT utterance_id, event_id, row_number() OVER (PARTITION BY event_id ORDER BY ordinal, utterance_id) AS place
    FROM utterances
    WHERE event_id IN (SELECT event_id FROM utterances SEMI JOIN named USING (utterance_id))
),
shown AS (
    SELECT DISTINCT p.utterance_id
    FROM places p JOIN (SELECT * FROM places SEMI JOIN named USING (utterance_id)) n
        ON n.event_id = p.event_id AND abs(n.place - p.place) <= ?
),
known AS (SELECT number, role, account_id, basis FROM parties WHERE role IS NOT NULL)
SELECT u.* REPLACE (coalesce(u.locator, e.locator) AS locator), x.name AS source, x.kind = 'transcripts' AS transcribed,
    x.kind = 'told' AS told,
    coalesce(v.why, CASE WHEN u.speaker IS NOT NULL AND x.kind = 'transcripts' THEN 'label' END) AS side_known,
    CASE v.why WHEN 'declared' THEN x.collector_voice ELSE i.voice END AS collector_voice,
    i.start_s AS named_s, i.text AS named_text,
    CASE WHEN u.speaker_role IS NOT NULL THEN coalesce((
        SELECT min_by(basis, (account_id IS DISTINCT FROM u.account, basis)) FROM known
        WHERE number = u.speaker_number AND role = u.speaker_role), 'export') END AS speaker_basis,
    CASE WHEN u.to_role IS NOT NULL THEN coalesce((
        SELECT min_by(basis, (account_id IS DISTINCT FROM u.account, basis)) FROM known
        WHERE number = u.to_number AND role = u.to_role), 'export') END AS to_basis
FROM spoken u
SEMI JOIN shown USING (utterance_id)
JOIN events e ON e.event_id = u.event_id
JOIN sources x ON x.source_id = u.source_id
LEFT JOIN voices v ON v.event_id = u.event_id AND v.source_id = u.source_id AND v.voice = u.voice
LEFT JOIN utterances i ON i.utterance_id = v.utterance_id
ORDER BY u.at_local, u.event_id, u.ordinal, u.utterance_id
"""
