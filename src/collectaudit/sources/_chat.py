"""What chats written as text have in common: a heading with time and author, lines below it, and the two ends.

A name in a chat is no number. It stands as `name:…` until a person gives the number; only what the app itself shows
as a number is one. Where nothing tells whose phone the chat is from, author and recipient are the two ends.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from collectaudit.records import RAW_LIMIT, Facts, Job, Record, Reject
from collectaudit.sources import _bytes

Fields = dict[str, str | None]

_TEXT_LIMIT = 100_000  # characters; the apps allow 65,536
_LINE_LIMIT = 4 * _TEXT_LIMIT + 1000  # bytes
_AUTHORS = 1000  # that are told apart; three make a group
_MARKS = re.compile("[\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # of writing direction
_NUMBER = re.compile(r"\+\d[\d \u00a0().\u2010-\u2015-]{6,24}", re.ASCII)
_LOG = re.compile(r"(?:ERROR|WARN(?:ING)?|INFO|DEBUG|NOTICE|VERBOSE|TRACE|FATAL|CRITICAL)\b", re.IGNORECASE)
_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
MOVED = "lines of this file were moved: which belong to this message is not known"
# One step back in time in so many is no chat any more: lines were moved. Long chats have some of their own, where
# a message came late, or what the app says stands before messages that were written earlier.
_OUT_OF_ORDER, _LONG, _OUT_OF_ORDER_LONG = 10, 50, 5


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of a message. author None: a notice of the app; fault: why its time is not known."""

    at: str
    author: str | None
    text: str = ""
    fault: str | None = None


Parse = Callable[[str], Heading | None]
Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of a chat before its messages are read.

    `partner`: whom or which group it is with. `moved`: lines were moved. `half`: the last line is no more than the
    beginning of a heading. `one_line`: the words begin in the line of the heading, not below it. `numbers`: who is not
    saved in the address book appears as a number.
    """

    partner: str | None
    authors: Collection[str]
    moved: bool
    half: bool
    one_line: bool = False
    numbers: bool = False


@dataclass(slots=True)
class _Message:
    line: int
    heading: Heading | None
    found: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, line: str) -> None:
        if self.length <= _TEXT_LIMIT:
            self.found.append(line)
            self.length += len(line) + 1


@dataclass(slots=True)
class Survey:
    """Who writes in a chat, whether its lines stand in the order of time, and what the last line is.

    `half`: no more than the beginning of a heading.
    """

    authors: dict[str, None] = field(default_factory=dict)
    steps: int = 0
    back: int = 0
    half: bool = False
    _last: str = ""

    def see(self, heading: Heading) -> None:
        """One more message."""
        if heading.author and len(self.authors) < _AUTHORS:
            self.authors.setdefault(heading.author)
        if not heading.fault:
            self.steps += heading.at != self._last != ""  # what was written in one minute may stand in any order
            self.back += heading.at < self._last
            self._last = heading.at

    @property
    def moved(self) -> bool:
        """Whether lines were moved, so that nobody knows which belong together."""
        return self.back * (_OUT_OF_ORDER if self.steps < _LONG else _OUT_OF_ORDER_LONG) > self.steps

    @property
    def newest_first(self) -> bool:
        """Whether the messages stand in the order of time, from the last to the first."""
        return self.back == self.steps > 0


def unmarked(text: str) -> str:
    """Without marks of writing direction, which stand where nobody sees them."""
    return _MARKS.sub("", text).strip()


def is_log(author: str | None) -> bool:
    """Whether what stands where an author would is a level of a program's log."""
    return author is not None and _LOG.match(author) is not None


def identity(name: str, *, numbers: bool = False) -> str:
    """The end of a contact that is known by its name in a chat; `numbers`: the app shows unsaved people as numbers."""
    return name if numbers and _NUMBER.fullmatch(name) else f"name:{name}"


def ends(author: str, partner: str | None, authors: Collection[str], *, numbers: bool = False) -> Fields:
    """Who writes to whom. `partner`: whom or which group the chat is with, as the owner of the phone sees it."""
    if partner in authors and len(authors) <= 2:
        way = "in" if author == partner else "out"
        end = identity(partner or "", numbers=numbers)
        return {"direction": way, "other": end, "name": None if end == partner else partner}
    others = [other for other in authors if other != author]
    other = partner or (others[0] if len(others) == 1 else None)
    other = None if other == author else other
    callee = identity(other, numbers=numbers) if other else None
    return {"caller": identity(author, numbers=numbers), "callee": callee}


def lines(job: Job, facts: Facts) -> Iterator[Line]:
    """The lines with their numbers; what is no character is U+FFFD."""
    encoding = _bytes.sniff(job.path, b"\n")
    facts.encoding = encoding.name
    for number, line in _bytes.lines(job.path, encoding, _LINE_LIMIT):
        yield number, line.decode(encoding.within, "replace")


def survey(found: Iterable[Line], parse: Parse, *, one_line: bool = False, bare: bool = False) -> Survey:
    """What has to be known of the whole chat before a message of it can be read.

    `bare`: a heading begins as any words do, so that a last line may be one of which the rest is missing.
    """
    seen, headed, line, heading = Survey(), "", "", None
    for _, line in found:
        if heading := parse(line):
            seen.see(heading)
        headed = line if heading and heading.author else headed
    seen.half = _half(heading, seen.authors, one_line=one_line) if heading else bare or _begun(line, headed)
    return seen


def _half(heading: Heading, authors: Collection[str], *, one_line: bool) -> bool:
    """Whether a heading that ends the file has lost its words, or what looks like a notice is half an author."""
    if not one_line or heading.author:
        return not (one_line and heading.text)
    return any(f"{author}:".startswith(unmarked(heading.text)) for author in authors)


def _begun(line: str, headed: str) -> bool:
    """Whether a line may be the beginning of a heading, as that of an earlier message begins, or of a rule."""
    shape = _shape(line)
    return shape[:1] == "=" or (shape[:1] in ("0", "[") and _shape(headed).startswith(shape))


def _shape(line: str) -> str:
    return _LETTERS.sub("x", _DIGITS.sub("0", unmarked(line).rstrip("\ufffd")))


def judge(facts: Facts, *, moved: bool, cut: bool) -> None:
    """Says what the order of the messages and the end of the file tell about its completeness.

    `cut`: its last line has no end, as each has that an app writes. Then what it says may be half a message.
    """
    if moved:
        facts.status, facts.reason = "partial", "the messages are not in the order of their times: lines were moved"
    elif cut:
        facts.status, facts.reason = "partial", "the last line has no end: the file may have been cut"


def read(found: Iterable[Line], parse: Parse, chat: Chat) -> Iterator[Record | Reject]:
    """Every message once."""
    for item in _messages(found, parse, chat):
        if isinstance(item, Reject):
            yield item
            continue
        raw, reason = "\n".join(item.found)[:RAW_LIMIT], _fault(item, chat)
        heading, locator = item.heading, f"L{item.line}"
        if reason or heading is None or heading.author is None:
            yield Reject(locator, reason or "a notice of the app, no message", raw)
            continue
        below = "\n".join(item.found[1:]).rstrip("\n")
        if below and chat.moved:
            yield Reject(f"L{item.line + 1}", MOVED, below[:RAW_LIMIT])
            below, raw = "", item.found[0][:RAW_LIMIT]
        body = "\n".join([heading.text, *([below] if below else [])]) if chat.one_line else below.lstrip("\n")
        fields: Fields = {"channel": "im", "time": heading.at, "body": body or None}
        yield Record(locator, fields | ends(heading.author, chat.partner, chat.authors, numbers=chat.numbers), raw)


def _fault(message: _Message, chat: Chat) -> str | None:
    """Why a message cannot be read, as a sentence."""
    reason = None
    if message.heading is None:
        reason = "this line belongs to no message"
    elif message.length > _TEXT_LIMIT:
        reason = f"a message of more than {_TEXT_LIMIT:,} characters"
    elif "\ufffd" in "".join(message.found):
        reason = "it holds bytes that are no characters"
    elif message.heading.fault:
        reason = message.heading.fault
    elif chat.moved and message.heading.author and not chat.one_line:
        reason = MOVED
    return reason


def _messages(found: Iterable[Line], parse: Parse, chat: Chat) -> Iterator[_Message | Reject]:
    """The messages with their lines; of a file that was cut, what is left of the heading that it ends in."""
    open_one: _Message | None = None
    for number, line, cut in _with_last(found, half=chat.half):
        heading = parse(line)
        if cut:
            if open_one:
                yield open_one
            yield Reject(f"L{number}", "the file ends inside this line", line[:RAW_LIMIT])
            return
        if heading or (open_one is None and line.strip()):
            if open_one:
                yield open_one
            open_one = _Message(number, heading)
        if open_one:
            open_one.add(line)
        if open_one and open_one.heading is None:
            yield open_one
            open_one = None
    if open_one:
        yield open_one


def _with_last(found: Iterable[Line], *, half: bool) -> Iterator[tuple[int, str, bool]]:
    """Each line, and whether it is the last and only half a heading."""
    before: Line | None = None
    for item in found:
        if before:
            yield *before, False
        before = item
    if before:
        yield *before, half


def ended(job: Job) -> bool:
    """Whether the last line has its end, as each line that a program writes has."""
    with job.path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - 2))
        return file.read(2).strip(b"\0")[-1:] in (b"\n", b"\r")
