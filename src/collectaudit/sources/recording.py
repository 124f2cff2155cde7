"""Recordings of calls: one file is one record. What its name tells, and how long it lasts; nobody listens here."""

from collections.abc import Iterator

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _audio, _naming

NAME = "recording"

_LOCATOR = "audio"
_HEAD = 65536


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 — content decides, not the name
    """Whether the file begins as a container of sound."""
    return _audio.container(head) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """The one record of a recording. A time that the name does not tell stays unknown; it is never guessed."""
    facts.kind = "recordings"
    shown = job.name.rpartition("/")[2]
    with job.path.open("rb") as file:
        kind = _audio.container(file.read(_HEAD)) or ""
    if kind == "silk":
        yield Reject(_LOCATOR, "a voice message of WeChat (SILK): this kind of sound is not read", shown)
        return
    sound = _audio.listen_to(job.path, kind)
    if sound.empty:
        yield Reject(_LOCATOR, sound.fault or "the recording holds no sound", shown)
        return
    if sound.fault:
        facts.status, facts.reason = "partial", sound.fault
    facts.notes.extend(sound.notes)
    fields = _naming.told(job.name)
    if "time" not in fields and "epoch_ms" not in fields:
        facts.notes.append("its name tells no time: it is kept, but not judged")
    seconds = None if sound.seconds is None else str(round(sound.seconds))
    about = {"kind": "recording", "channel": "call", "recording": shown, "duration": seconds}
    yield Record(_LOCATOR, about | fields, shown)
