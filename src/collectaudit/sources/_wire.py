"""Messages as Protocol Buffers write them (https://protobuf.dev/programming-guides/encoding/), without their schema."""

from collections.abc import Iterator, Mapping

Value = int | memoryview
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # wire types
_LONGEST = 10  # bytes of a number


class Torn(ValueError):
    """The message ends inside a field, or holds what no message can."""


def fields(data: memoryview, at: int = 0) -> Iterator[tuple[int, Value, bool]]:
    """Number and value of each field, and whether all of it is there: of the last, what there is. Raises Torn."""
    while at < len(data):
        tag, at = _number(data, at)
        number, kind = tag >> 3, tag & 7
        if not number:
            raise Torn
        if kind == _VARINT:
            value, at = _number(data, at)
            yield number, value, True
        elif kind == _BYTES:
            size, at = _number(data, at)
            yield number, data[at : at + size], at + size <= len(data)
            at += size
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            raise Torn
    if at > len(data):
        raise Torn


def _number(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for n, byte in enumerate(data[at : at + _LONGEST]):
        value |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return value, at + n + 1
    raise Torn


def row(data: memoryview, names: Mapping[int, str]) -> dict[str, str]:
    """The fields that have a name, as text; a message whose field is no text, or is not whole, raises Torn."""
    found: dict[str, str] = {}
    for number, value, whole in fields(data):
        if number not in names:
            continue
        if not whole:
            raise Torn
        found[names[number]] = str(_signed(value)) if isinstance(value, int) else _text(value)
    return found


def inner(data: memoryview, wanted: int) -> list[memoryview]:
    """The messages in this field."""
    return [value for number, value, _ in fields(data) if number == wanted and isinstance(value, memoryview)]


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _text(value: memoryview) -> str:
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Torn from error
