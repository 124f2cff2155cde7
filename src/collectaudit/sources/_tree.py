"""An HTML page as a small tree, for exports that are pages: elements with class, line, text, and whether they end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from ..records import Unreadable
from ._decode import opening

_SIZE = 64 << 20
_PIECE = 1 << 20
_DEPTH = 200
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_SILENT = frozenset({"script", "style", "title"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr"})
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(slots=True)
class Node:
    """An element. `ended`: its end tag was found; of the page itself: so was that of each element, in its turn."""

    tag: str
    attrs: dict[str, str]
    line: int
    children: list["Node | str"] = field(default_factory=list)
    ended: bool = False

    @property
    def classes(self) -> frozenset[str]:
        """The words of its class."""
        return frozenset(self.attrs.get("class", "").split())

    def find(self, *classes: str) -> "Node | None":
        """The first element within that has one of these classes."""
        return next(self.all(*classes), None)

    def all(self, *classes: str) -> Iterator["Node"]:
        """Every element within that has one of these classes, in order."""
        return (node for node in self.within() if node.classes.intersection(classes))

    def named(self, tag: str) -> Iterator["Node"]:
        """Every element within with this tag, in order."""
        return (node for node in self.within() if node.tag == tag)

    def within(self) -> Iterator["Node"]:
        """Every element within, in order."""
        stack: list[Node | str] = list(reversed(self.children))
        while stack:
            node = stack.pop()
            if isinstance(node, Node):
                yield node
                stack.extend(reversed(node.children))

    def text(self) -> str:
        """What a reader sees, with the line breaks of the page."""
        words: list[str] = []
        stack: list[Node | str] = list(reversed(self.children))
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                words.append(_BLANKS.sub(" ", node))
            elif node.tag not in _SILENT:
                words += ["\n"] if node.tag in _BREAKS and (words or node.tag == "br") else []
                stack.extend(reversed(node.children))
        return "\n".join(line.strip(" ") for line in "".join(words).split("\n")).strip("\n")


class _Builder(HTMLParser):
    """Builds the tree; an end tag ends what was opened within it, too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {}, 0, ended=True)
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], ended=tag in _VOID)
        self._open[-1].children.append(node)
        if tag not in _VOID and len(self._open) < _DEPTH:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        at = next((at for at in range(len(self._open) - 1, 0, -1) if self._open[at].tag == tag), 0)
        self.root.ended &= tag in _VOID or 0 < at == len(self._open) - 1
        if at:
            self._open[at].ended = True
            del self._open[at:]

    def close(self) -> None:
        super().close()
        self.root.ended &= len(self._open) == 1

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def is_page(text: str) -> bool:
    """Whether text begins as a page does."""
    return _PAGE.match(text) is not None


def fragment(text: str) -> Node:
    """The tree of a piece of a page."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


def page(path: Path) -> Node:
    """The tree of a page in UTF-8, or GB18030 where it is not UTF-8. Raises Unreadable above 64 MB."""
    if path.stat().st_size > _SIZE:
        raise Unreadable("the page is larger than 64 MB: export it in parts, or in another format")
    text, builder = opening(path.read_bytes()).removeprefix("\ufeff"), _Builder()
    for at in range(0, len(text), _PIECE):
        builder.feed(text[at : at + _PIECE])
    builder.close()
    return builder.root


def whole(root: Node) -> bool:
    """Whether the page ends as it should."""
    return any(node.ended for node in root.named("html")) or not any(True for _ in root.named("html"))
