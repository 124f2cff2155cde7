"""What recorders write beside a recording, as JSON: when the call began, which way it went, and with whom.

It is a second record of the call; SETTLE joins it to the recording of the same name. BCR's is described by its source;
Cube ACR's is known by descriptions only, so nothing of it is read but what its keys name, and the time from its name.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _naming

NAME = "sidecar"

_LOCATOR = "call"
_LIMIT = 1 << 20  # one has a few hundred bytes for each party
_BCR = (b'"timestamp_unix_ms"', b'"calls"')  # its own names, in CallMetadata
_CUBE = (b'"callee"', b'"direction"', b'"duration"')
_WAYS = {"in": "in", "out": "out", "incoming": "in", "outgoing": "out"}
_NUMBER = re.compile(r"\+?[\d*#][\d *#()-]{2,24}", re.ASCII)


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 — content decides, not the name
    """Whether the file begins as such a JSON."""
    first = head.lstrip()[:4096]
    return first[:1] == b"{" and any(all(key in first for key in keys) for keys in (_BCR, _CUBE))


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """The one call. Of a conference no party is taken: whose words they are is not told."""
    facts.kind = "recordings"
    text = job.path.read_bytes()[:_LIMIT]
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the file is not valid JSON, or it was cut") from error
    raw, cube = text[:RAW_LIMIT].decode("utf-8", "replace"), isinstance(tree, dict) and "callee" in tree
    fields = _cube(tree, job.name) if cube else _call(tree)
    timed = fields.get("time") or fields.get("epoch_ms")
    yield Record(_LOCATOR, fields, raw) if timed else Reject(_LOCATOR, "it does not say when the call was", raw)


def _call(tree: Any) -> dict[str, str | None]:
    time, way = _text(tree, "timestamp"), _text(tree, "direction")
    fields = {
        "kind": "recording", "channel": "call", "direction": way if way in ("in", "out") else None,
        "time": time, "epoch_ms": None if time else _text(tree, "timestamp_unix_ms"),
        "duration": _text(tree, "output", "recording", "duration_secs_total"),
    }  # fmt: skip
    if _text(tree, "calls", 1, "phone_number") is None:
        names = (_text(tree, "calls", 0, "contact_name"), _text(tree, "calls", 0, "caller_name"))
        fields |= {"other": _text(tree, "calls", 0, "phone_number"), "name": names[0] or names[1]}
        fields["name"] = fields["name"] or _text(tree, "call_log_name")
    return fields


def _cube(tree: Any, name: str) -> dict[str, str | None]:
    """Cube ACR's: `callee` is a number or a name, `duration` in milliseconds."""
    way, callee, lasted = (_text(tree, key) for key in ("direction", "callee", "duration"))
    fields = {"kind": "recording", "channel": "call", "direction": _WAYS.get((way or "").casefold())}
    if lasted and lasted.isdecimal():
        fields["duration"] = str(round(int(lasted) / 1000))
    if callee:
        fields["other" if _NUMBER.fullmatch(callee.strip()) else "name"] = callee.strip()
    return {**_naming.told(name), **{key: value for key, value in fields.items() if value}}


def _text(tree: Any, *path: str | int) -> str | None:
    """The text at a place of the tree, or the number there as text; None if there is neither."""
    for key in path:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return None
    return str(tree) or None if isinstance(tree, str | int | float) and not isinstance(tree, bool) else None
