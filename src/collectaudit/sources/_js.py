"""A list as JavaScript writes it in a page, as JSON: names without quotes, texts in single ones, commas at its end."""

import json
import re

_TOKEN = re.compile(
    r"""'(?P<single>(?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|(?P<before>[{,]\s*)(?P<name>[A-Za-z_$][\w$]*)(?=\s*:)"""
    r"""|(?P<last>,)(?=\s*[\]}])|(?P<remark>/\*.*?\*/)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def as_json(text: str) -> str:
    """The text with its literals as JSON has them; what is no literal stays as it is."""
    return _TOKEN.sub(_token, text)


def _token(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return json.dumps(_ESCAPED.sub(_sign, found["single"]), ensure_ascii=False)
    if found["name"]:
        return f'{found["before"]}"{found["name"]}"'
    return "" if found["last"] or found["remark"] else found[0]


def _sign(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _SIGNS.get(found[3], found[3])
