"""Transcripts of recordings, made elsewhere: Whisper's JSON and TSV, SubRip, WebVTT, TextGrid, lines with times.

The first record is the call itself, as the name of the file tells it; SETTLE joins it to the recording of the same
name, or to the call. Each of the others is something that was said.
"""

import codecs
from collections.abc import Iterator

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _audio, _bytes, _chat, _cues, _naming, _segments, chatjson

NAME = "transcript"

_LOCATOR = "name"
_HEAD = 65536
_MOVED = "what was said is not in the order of its times: lines were moved"


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 — content decides, not the name
    """Whether the file begins as one of the forms of transcripts."""
    return _form(head) is not None


def _form(head: bytes) -> str | None:
    if _audio.container(head) or (b"\0" in head[:512] and _bytes.mark(head) is None):
        return None
    text = _opening(head)
    if _segments.claims_grid(text):
        return "textgrid"
    if text.lstrip()[:1] in ("{", "["):
        if chatjson.claims(head, ""):
            return None
        return "json" if _segments.claims_json(text, whole=len(head) < _HEAD) else _cues.form(text)
    return _cues.form(text)


def _opening(head: bytes) -> str:
    """The beginning of a text: by its mark, as UTF-8, else as GB18030; a character cut at the end does not matter."""
    found = _bytes.mark(head)
    if found is not None:
        return head[found.bom :].decode(found.name, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("gb18030", "replace")


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """The call, then what was said in it; Unreadable where the form breaks off."""
    facts.kind = "transcripts"
    with job.path.open("rb") as file:
        form = _form(file.read(_HEAD))
    encoding = _bytes.sniff(job.path, b"\n")
    facts.encoding = encoding.name
    if form == "json":
        found = _segments.from_json(_segments.read_text(job.path, encoding))
    elif form == "textgrid":
        found = _segments.from_grid(_segments.read_text(job.path, encoding))
    else:
        found = _in_order(_cues.READERS[form or "lines"](_lines(job, encoding)), facts)
        _chat.judge(facts, moved=False, cut=not _chat.ended(job))
    call = {"kind": "recording", "channel": "call"} | _naming.told(job.name)
    yield Record(_LOCATOR, call, job.name.rpartition("/")[2])
    yield from _cues.rows(found)


def _in_order(found: _cues.Found, facts: Facts) -> _cues.Found:
    """Says if lines were moved: words may then stand below the times of others."""
    latest = 0.0
    for item in found:
        if isinstance(item, _cues.Cue) and item.start is not None:
            if item.start < latest:
                facts.status, facts.reason = "partial", _MOVED
            latest = item.start
        yield item


def _lines(job: Job, encoding: _bytes.Encoding) -> Iterator[tuple[int, str]]:
    for number, line in _bytes.lines(job.path, encoding, _cues.LINE_LIMIT):
        yield number, line.decode(encoding.within, "replace")
