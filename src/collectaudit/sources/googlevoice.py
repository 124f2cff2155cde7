"""Google Voice, as Google Takeout gives it: one page a conversation or call, in `Takeout/Voice/Calls/`.

A page names the time with its offset, and the owner's own number only in messages that the owner wrote. What Google's
machine heard in a voicemail is not read: its recording lies beside the page. No page shows that a whole message was
taken out of it, or the end of one with the beginning of the next, or that two have exchanged like parts.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise

from ..records import RAW_LIMIT, Facts, Job, Record, Reject
from . import _bytes, _chat, _tree
from ._chat import Fields
from ._tree import Node

NAME = "googlevoice"

ReadOne = Callable[[Node, str], Iterator[Record | Reject]]

_PAGE = re.compile(r"""<div class=["'](?:hChatLog hfeed|haudio)["']""")
_OURS = re.compile(r"""<abbr class=["'](?:dt|published)["']|google\.com/voice#""")
_NUMBER = re.compile(r"tel:(\+?\d{3,20})", re.ASCII)
_DURATION = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})(?:\.\d+)?S)?", re.ASCII)
# The labels under a call, the same in all languages → channel, direction, outcome. How a call that was placed ended
# is told by its duration alone, and who began a call that was recorded by nothing: it stands as a recording does, for
# the call that has a page of its own, or if that was not brought for a contact of which the direction is not known.
_LABELS = {
    "missed": ("call", "in", "unanswered"),
    "voicemail": ("voicemail", "in", "delivered"),
    "received": ("call", "in", "connected"),
    "placed": ("call", "out", None),
    "recorded": ("call", None, "connected"),
}
_MOVED = "lines of this page seem to be missing, doubled or moved"
_NAMED = re.compile(r"([^/]*?) - (?:Text|[^-/]{2,30}) - \d{4}-\d\d-\d\dT\d\d_\d\d_\d\dZ[^/]*\.html$")


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the page holds a conversation or a call in the classes that Google Voice gives them."""
    text = _bytes.opening(head)
    return _tree.is_page(text) and _PAGE.search(text) is not None and _OURS.search(text) is not None


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message of the page, or its call, once."""
    root = _tree.page(job.path)
    facts.encoding = "utf-8"
    messages = list(root.all("message"))
    facts.owner_number = next((number for node in messages if _is_me(node) and (number := _number(node))), None)
    others = _others(root, messages, job.name)
    yield from _each("message", messages, facts, lambda node, locator: _message(node, locator, others))
    calls = list(_each("call", root.all("haudio"), facts, _call))
    if calls and not messages and all(isinstance(call, Record) and "kind" in call.fields for call in calls):
        facts.kind = "recordings"
    yield from calls
    if not _tree.whole(root) or not (messages or calls):
        facts.status, facts.reason = "partial", "the file ends before its end tag"
    elif not (root.ended and _in_place(root, messages) and _in_order(messages)):
        facts.status, facts.reason = "partial", _MOVED


def _each(kind: str, nodes: Iterable[Node], facts: Facts, read_one: ReadOne) -> Iterator[Record | Reject]:
    """What each message or call holds; of one that is not whole, or stands twice, that it is not read."""
    seen = set()
    for n, node in enumerate(nodes, 1):
        locator, look = f"{kind}[{n}]@L{node.line}", (node.text(), *(str(part.attrs) for part in node.within()))
        fault = _fault(node) or ("it stands in this page already, with all its parts" if look in seen else "")
        seen.add(look)
        if fault:
            facts.status, facts.reason = "partial", _MOVED
            yield Reject(locator, fault, node.text()[:RAW_LIMIT])
        else:
            yield from read_one(node, locator)


def _fault(node: Node) -> str:
    """What shows that lines of it are not there, or not its own: Google writes each part once, and nobody by hand."""
    call = "haudio" in node.classes
    if not node.ended:
        return "the file ends inside this call" if call else "the file ends inside this message"
    time, who = ("published", "contributor") if call else ("dt", "sender")
    parts = [list(node.all(time)), list(node.all(who)), *([] if call else [list(node.named("q"))])]
    if any(len(part) != 1 or not part[0].ended for part in parts) or not _one_name(parts[1][0]):
        return "parts of it are missing, or stand in it twice"
    return ""


def _one_name(who: Node) -> bool:
    """Whether one person is named: a link to the number, with a name in it or without."""
    return len(list(who.all("tel"))) == 1 and len(list(who.all("fn"))) <= 1


def _in_place(root: Node, messages: list[Node]) -> bool:
    """Whether the page is one page, and its messages stand in its one conversation, each by itself."""
    chat = root.find("hChatLog")
    inside = [node for node in chat.children if node in messages] if chat else []
    return len(inside) == len(messages) and [node.tag for node in root.children if isinstance(node, Node)] == ["html"]


def _in_order(messages: Iterable[Node]) -> bool:
    """Whether each message is later than the one before it, as Google writes them; the offset may change in between."""
    moments = []
    for node in messages:
        with suppress(ValueError, OverflowError):
            moments.append(datetime.fromisoformat(_time(node) or "").timestamp())
    return all(one < next_one for one, next_one in pairwise(moments))


def _message(node: Node, locator: str, others: dict[str, str | None]) -> Iterator[Record]:
    """One message: one record, or one for each recipient of what the owner wrote to a group."""
    raw = node.text()[:RAW_LIMIT]
    fields: Fields = {"channel": "sms", "time": _time(node), "body": next(node.named("q")).text() or None}
    if not _is_me(node):
        number = _number(node)
        yield Record(locator, fields | {"direction": "in", "other": number, "name": _name(node)}, raw)
        return
    for n, (number, name) in enumerate(others.items() or [("", None)], 1):
        ends: Fields = {"direction": "out", "other": number or None, "name": name}
        yield Record(locator if n == 1 else f"{locator}.{n}", fields | ends, raw)


def _call(node: Node, locator: str) -> Iterator[Record | Reject]:
    raw = node.text()[:RAW_LIMIT]
    labels = [
        link.attrs.get("href", "").rpartition("#")[2] for link in node.named("a") if link.attrs.get("rel") == "tag"
    ]
    label = next((label for label in _LABELS if label in labels), None)
    if label is None:
        yield Reject(locator, "no label says what kind of call it was", raw)
        return
    channel, direction, outcome = _LABELS[label]
    party = node.find("contributor")
    number = _number(party) if party else None
    sound = next((audio.attrs.get("src") for audio in node.named("audio")), None)
    fields: Fields = {
        "channel": channel, "direction": direction, "other": number, "time": _time(node), "outcome": outcome,
        "duration": _seconds(node), "name": _name(party) if party else None, "recording": sound,
    }  # fmt: skip
    yield Record(locator, fields if direction else {"kind": "recording", **fields}, raw)


def _others(root: Node, messages: list[Node], name: str) -> dict[str, str | None]:
    """Whom the owner writes to: those the page lists, else those who write, else whom the name of the page tells."""
    listed = root.find("participants")
    cites = [*(listed.all("sender") if listed else ()), *(node for node in messages if not _is_me(node))]
    others = {number: _name(cite) for cite in cites if (number := _number(cite))}
    titled = _NAMED.search(name)
    if not others and titled and _chat.identity(titled[1], numbers=True) == titled[1]:
        others = {titled[1]: None}
    return others


def _is_me(node: Node) -> bool:
    """The owner is not a name in a span, but an abbreviation: `Me`, in the language of the account."""
    return any(name.tag == "abbr" for name in node.all("fn"))


def _number(node: Node) -> str | None:
    found = next((link for link in node.all("tel") if link.tag == "a"), None)
    number = _NUMBER.fullmatch(found.attrs.get("href", "")) if found else None
    return number[1] if number else None


def _name(node: Node) -> str | None:
    """The name that the address book gives; a number that stands in its place is none."""
    found = node.find("fn")
    name = _chat.unmarked(found.text()) if found else ""
    return name if name.strip("+()- 0123456789") else None


def _time(node: Node) -> str | None:
    found = node.find("dt", "published")
    return found.attrs.get("title") if found else None


def _seconds(node: Node) -> str | None:
    found = node.find("duration")
    parts = _DURATION.fullmatch(found.attrs.get("title", "")) if found else None
    if parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return str(3600 * hours + 60 * minutes + seconds)
