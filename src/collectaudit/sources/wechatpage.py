"""Chats of WeChat out of an iPhone's backup, as the pages of WechatExporter have them, with the files they load later.

A page tells by which side a message stands on whether the owner of the phone wrote it. Messages that somebody passed on
in a bundle stand below it, between two notices: they were not sent in this chat.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject, Unreadable
from collectaudit.sources import _chat, _decode, _tree
from collectaudit.sources._chat import Fields
from collectaudit.sources._json import Walk
from collectaudit.sources._tree import Node

NAME = "wechatpage"

_SIZE = 64 << 20
_MESSAGE = re.compile(r"""class=\\?["']msg (?:chat|media)[ -]""")
_HEADING = re.compile(r"""class=\\?["']nt-box""")
# What a page loads as its reader scrolls: a list of pieces, in a file of its own or in the page.
_LATER = re.compile(r"\s*\(function\(\) \{\s*var msgArray = (?=\[)")
_MORE = re.compile(r"window\.moreWechatMsgs = (?=\[)")
_WAYS = {
    side: way for left, way in (("left", "in"), ("right", "out")) for side in (left, f"chat-{left}", f"media-{left}")
}
_TITLE = re.compile(r" - 微信聊天[记記][录錄]$")
_PASSED_ON = "fmsgtag"


def claims(head: bytes, name: str) -> bool:  # noqa: ARG001 - content decides, not the name
    """Whether the page, or what a page loads, has messages in the classes that this program gives them."""
    text = _decode.opening(head).removeprefix("\ufeff")
    ours = _MESSAGE.search(text) is not None and _HEADING.search(text) is not None
    return ours and (_tree.is_page(text) or _LATER.match(text) is not None)


def read(job: Job, facts: Facts) -> Iterator[Record | Reject]:
    """Every message once."""
    if job.path.stat().st_size > _SIZE:
        raise Unreadable("the page is larger than 64 MB: export it in parts, or in another format")
    text = _decode.opening(job.path.read_bytes()).removeprefix("\ufeff")
    facts.encoding = "utf-8"
    root = _tree.fragment("" if _LATER.match(text) else text)
    title = next((node.text() for node in root.named("title")), "")
    partner, bundle = _chat.unmarked(_TITLE.sub("", title)) or None, False
    later = _LATER.match(text) or _MORE.search(text)
    walk = Walk(text, frozenset(), later.end()) if later else None
    for locator, node in _messages(root, walk):
        tag = _PASSED_ON in node.classes
        bundle = bundle != tag
        yield _message(node, locator, partner, bundle=bundle and not tag)
    if not _tree.whole(root) or (walk and not walk.whole):
        facts.status, facts.reason = "partial", "the file ends, or is damaged, before the end of its messages"


def _messages(root: Node, walk: Walk | None) -> Iterator[tuple[str, Node]]:
    """The messages of the page, and those of each piece that is loaded later."""
    for number, node in enumerate(_of(root), 1):
        yield f"message[{number}]@L{node.line}", node
    for element in walk.elements() if walk else ():
        for number, node in enumerate(_of(_tree.fragment(str(element.value))), 1):
            yield f"piece[{element.number}].message[{number}]", node


def _of(root: Node) -> Iterator[Node]:
    return (node for node in root.all("msg") if "msgid" in node.attrs)


def _message(node: Node, locator: str, partner: str | None, *, bundle: bool) -> Record | Reject:
    raw, heading = node.text()[:RAW_LIMIT], node.find("nt-box")
    way = next((_WAYS[name] for name in node.classes & _WAYS.keys()), None)
    reason = None
    if not node.ended:
        reason = "the file ends inside this message"
    elif "chat-notice" in node.classes:
        reason = "a notice of the app, no message"
    elif bundle:
        reason = "part of a bundle of messages that somebody passed on"
    elif way is None or heading is None:
        reason = "this is no message"
    if reason or way is None or heading is None:
        return Reject(locator, str(reason), raw)
    author, time = _headed(heading)
    other = (author or partner) if way == "in" else partner
    fields: Fields = {"channel": "im", "direction": way, "time": time, "body": _words(node), "name": other}
    sound = next((unquote(part.attrs.get("src", "")) for part in node.named("source")), "")
    if sound:
        fields["recording"] = PurePosixPath(sound).name
    return Record(locator, fields | {"other": _chat.identity(other) if other else None}, raw)


def _headed(heading: Node) -> tuple[str | None, str | None]:
    """Who wrote a message, and when."""
    author = next(heading.named("span"), None)
    time = "".join(child for child in heading.children if isinstance(child, str)).strip()
    return _chat.unmarked(author.text()) or None if author else None, time or None


def _words(node: Node) -> str | None:
    """What was said; of an answer, the words below those that it answers."""
    said = [part for part in node.all("msg-text") if "refermsg" not in part.classes] or list(node.all("dont-break-out"))
    if not said:
        return None
    kept = next(said[-1].named("pre"), None)  # its lines are as they were written
    parts = (part if isinstance(part, str) else part.text() for part in kept.children) if kept else (said[-1].text(),)
    return "".join(parts) or None
