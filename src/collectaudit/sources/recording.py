"""Recordings of calls: one file is one record. What its name tells, and how long it lasts; nobody listens here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collectaudit.records import Facts, Job, Record, Reject
from collectaudit.sources import _audio, _naming
from collectaudit.sources._sound import Sound
from collectaudit.times import EARLIEST

NAME = "recording"

_LOCATOR = "audio"
_FIRST, _LAST = EARLIEST.replace(tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp()


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 — content decides, not the name
    """Whether the file begins as a container of sound."""
    return _audio.container(head) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """The one record of a recording. A time that neither name nor container tells stays unknown."""
    facts.kind = "recordings"
    shown = job.name.rpartition("/")[2]
    kind = _audio.kind_of(job.path) or ""
    sound = _audio.listen_to(job.path, kind)
    if sound.empty:
        yield Reject(_LOCATOR, sound.fault or "the recording holds no sound", shown)
        return
    if sound.fault:
        facts.status, facts.reason = "partial", sound.fault
    facts.notes.extend(sound.notes)
    fields = _naming.told(job.name)
    if "time" not in fields and "epoch_ms" not in fields:
        fields |= _contained(sound, job, facts)
    seconds = None if sound.seconds is None else str(round(sound.seconds))
    channel = "im" if kind == "silk" else "call"  # in SILK are the voice messages of WeChat and QQ, and no calls
    about = {"kind": "recording", "channel": channel, "recording": shown, "duration": seconds}
    yield Record(_LOCATOR, about | fields, shown)


def _contained(sound: Sound, job: Job, facts: Facts) -> dict[str, str]:
    """The beginning, by the container: phones write into it when the recording ended, in UTC. Not exact to seconds."""
    if sound.finished is None or sound.seconds is None or not _FIRST <= sound.finished < _LAST:
        facts.notes.append("its name tells no time: it is kept, but not judged")
        return {}
    facts.notes.append("its name tells no time: its beginning is reckoned from the time at which the file was finished")
    began = datetime.fromtimestamp(sound.finished - sound.seconds, ZoneInfo(job.time_zone))
    return {"time": began.isoformat(" ", "minutes")}
