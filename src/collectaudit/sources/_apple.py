"""What the databases of iPhones have in common: Apple's clock, and text that was archived with its attributes."""

import re
from math import floor

from ._sqlite import Value, number

_START = 978_307_200  # seconds from 1970 to 2001-01-01, from which Apple counts
_NANOSECONDS = 1e12  # since iOS 11 and macOS 10.13 messages count them; as seconds this would be the year 33700

# An NSAttributedString as NSArchiver writes it: header, class names up to the first string, its length, its UTF-8.
_ATTRIBUTED = re.compile(
    rb"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84(?:\x12NSAttributedString|\x19NSMutableAttributedString\x00\x84\x84"
    rb"\x12NSAttributedString)\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84(?:\x08NSString|\x0fNSMutableString\x01\x84\x84"
    rb"\x08NSString)\x01[\x94\x95]\x84\x01\+(?:\x81(?P<two>..)|\x82(?P<four>....)|(?P<one>[\x00-\x7f]))", re.DOTALL,
)  # fmt: skip
NEEDS = "pip install 'collectaudit[formats]'"


def epoch_ms(value: Value) -> str | None:
    """Milliseconds since 1970 of a time of Apple's, in seconds or nanoseconds; None where there is none."""
    since = number(value)
    if not since:
        return None
    seconds_ms = floor(since / 1_000_000) if abs(since) > _NANOSECONDS else floor(since * 1000)
    return str(seconds_ms + _START * 1000)


def words(archived: bytes) -> str:
    """The text of an archived NSAttributedString.

    The layout that iPhones write is read here, any other by pytypedstream. Raises ValueError where it cannot be read,
    ImportError where that part is not installed.
    """
    found = _ATTRIBUTED.match(archived)
    if found is None:
        return _unarchived(archived)
    length = int.from_bytes(found["one"] or found["two"] or found["four"], "little")
    text = archived[found.end() : found.end() + length]
    if len(text) < length:
        raise ValueError("cut")
    return text.decode("utf-8")


def _unarchived(archived: bytes) -> str:
    from typedstream.archiving import unarchive_from_data
    from typedstream.stream import InvalidTypedStreamError

    try:
        found = unarchive_from_data(archived)
    except (InvalidTypedStreamError, ArithmeticError, AttributeError, EOFError, LookupError, RecursionError, TypeError,
            ValueError) as error:  # fmt: skip
        raise ValueError("not a text with attributes") from error
    first = next(iter(getattr(found, "contents", [])), found)
    for value in (first, getattr(first, "value", None), getattr(getattr(first, "value", None), "value", None)):
        if isinstance(value, str):
            return value
    raise ValueError("no text in it")
