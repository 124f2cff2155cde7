"""The one place that makes text from files harmless to a terminal, and names of files to tables."""

import re
import unicodedata

# Letters, marks and symbols that print as nothing at all and are not in the format category: joiners, fillers,
# variation selectors other than the two that choose between emoji and plain text, the empty Braille cell.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)


def term_safe(text: str) -> str:
    """The text with every character that a terminal obeys or hides written out as `\\uXXXX`; a tab is a space.

    That is: control characters (C0, DEL, C1), bidirectional controls, zero-width and other invisible characters,
    line and paragraph separators, lone surrogates. Everything a reader can see stays as it is.
    """
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char == "\t":
        return " "
    # isprintable() is false for every control, format, surrogate, private, unassigned and separator character.
    if (char.isprintable() or unicodedata.category(char) == "Zs") and not _UNSEEN.match(char):
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def as_text(name: str) -> str:
    """A name from a file system, which may hold any byte, as text that a table can hold."""
    return re.sub("[\ud800-\udfff]", "\ufffd", name)
