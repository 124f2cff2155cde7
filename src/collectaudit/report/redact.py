"""The twin of a dossier without third parties: their names, numbers, papers and addresses, in every text of it.

Whom it is about stays: the debtor, the collecting side, accounts. Everybody else has a pseudonym made with the case's
own key, the same wherever they stand; without the key nobody can try out numbers until one fits.
"""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..catalogue import Words
from ..numbers import canonical
from ..text import fold
from .dossier import Dossier

Row = Mapping[str, Any]
_STAYS = ("debtor", "collector")
_CODE = 8  # hex digits of a pseudonym
# Keys of the dossier that hold hashes, codes and places made by us: they stay as they are.
_OURS = frozenset({
    "finding_id", "finding_ids", "event_id", "event_ids", "utterance_id", "provision_id", "rule_id", "regime", "sha256",
    "locator", "source_id", "category", "pattern", "channel", "from_role", "to_role", "role", "state", "authority",
    "severity", "tier", "in_force_from", "in_force_until", "reviewed", "law", "limits", "title", "shows", "parser",
})  # fmt: skip
_DIGIT = r"[0-9〇零一二三四五六七八九幺两①②③④⑤⑥⑦⑧⑨⓪]"
_APART = r"[\s\-‐-―().·/_*+—~]{0,3}"
_DIGITS = re.compile(rf"\+?{_DIGIT}(?:{_APART}{_DIGIT}){{6,}}[xX]?")
_SIGNS = ("〇零⓪", "一幺①", "二两②", "三③", "四④", "五⑤", "六⑥", "七⑦", "八⑧", "九⑨")
_VALUES = {sign: str(n) for n, signs in enumerate(_SIGNS) for sign in signs}
_DAY = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")
_MONEY = re.compile(r"\s*(?:元|块|万|圆|yuan|rmb)", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w", re.ASCII)
_HAN = "\u3400-\u9fff"
_ADDRESS = re.compile(
    rf"(?:[{_HAN}]{{2,8}}?(?:省|市|自治区|州|县|区|镇|乡|街道)){{0,4}}"
    rf"[{_HAN}]{{1,10}}(?:路|街|巷|弄|村|里|道|小区|花园|苑|公寓|大厦)"
    rf"[{_HAN}]{{0,6}}\d+(?:号|弄|栋|幢|座|单元|室|楼|层|[-—]\d+)[{_HAN}\d\-—]{{0,16}}"
    r"|\b\d{1,5} (?:[A-Z][\w.]* ){1,4}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way)\b\.?"
    r"(?:,? (?:Apt|Unit|Suite|#)\.? ?\w+)?"
)


class Redactor:
    """Takes third parties out of texts. `people`: the parties of the case; `key`: secret, of this case alone."""

    def __init__(self, key: bytes, people: Sequence[Row], words: Words, accounts: Sequence[str] = ()) -> None:
        self._key = key
        self._words = words
        self._stays = {row["number"] for row in people if row["role"] in _STAYS}
        self._accounts = {_digits(account) for account in accounts}
        self._names = {
            fold(row["name"], message=False).text: self.person(row["number"])
            for row in people
            if row["role"] not in _STAYS and row["name"] and len(row["name"].strip()) > 1
        }

    def person(self, number: str | None) -> str:
        """What a number that does not stay is called instead."""
        if number is None or number in self._stays:
            return number or ""
        digest = hmac.digest(self._key, number.encode("utf-8", "surrogatepass"), "sha256").hex()[:_CODE]
        return self._words("redact.person", code=digest.upper())

    def text(self, text: str) -> str:
        """The text without what tells who somebody is."""
        return str(self.turn({"text": text, "spans": ()})["text"])

    def turn(self, turn: Row) -> dict[str, Any]:
        """Something said, its passages where they have come to stand."""
        text, cuts = turn["text"], self._cuts(turn["text"])
        made, at, moved = "", 0, []
        for start, end, instead in cuts:
            made += text[at:start]
            moved.append((start, end, len(made), len(made) + len(instead)))
            made += instead
            at = end
        made += text[at:]
        spans = [
            {**s, "start_char": _moved(s["start_char"], moved, 2), "end_char": _moved(s["end_char"], moved, 3)}
            for s in turn["spans"]
        ]
        return {**turn, "text": made, "spans": spans}

    def value(self, value: Any, name: str = "") -> Any:
        """The same for everything inside a value; what we made ourselves stays."""
        if name in _OURS or value is None:
            return value
        if isinstance(value, str):
            return self.person(value) if name.endswith("number") or name == "party" else self.text(value)
        if isinstance(value, Mapping):
            whole = self.turn(value) if "text" in value and "spans" in value else value
            return {key: item if key in ("text", "spans") and whole is not value else self.value(item, key)
                    for key, item in whole.items()}  # fmt: skip
        return [self.value(item, name) for item in value] if isinstance(value, list | tuple) else value

    def _cuts(self, text: str) -> list[tuple[int, int, str]]:
        """Where something has to go, in order, none over another, and what stands there instead."""
        cuts: list[tuple[int, int, str]] = []
        for first, last, instead in sorted(self._found(text), key=lambda cut: (cut[0], -cut[1])):
            if not cuts or first >= cuts[-1][1]:
                cuts.append((first, last, instead))
            elif last > cuts[-1][1]:
                cuts[-1] = (cuts[-1][0], last, cuts[-1][2])
        return cuts

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Places in the text as it stands; digits and names are looked for in its folded form."""
        folded = fold(text, message=False)
        for found in _DIGITS.finditer(folded.text):
            if (instead := self._instead(found, folded.text)) is not None:
                yield *folded.span(*found.span()), instead
        for found in self._people.finditer(folded.text) if self._people else ():
            yield *folded.span(*found.span()), self._names[found[0]]
        for pattern, key in ((_MAIL, "mail"), (_ADDRESS, "address")):
            for found in pattern.finditer(text):
                yield *found.span(), self._words(f"redact.{key}")

    @cached_property
    def _people(self) -> re.Pattern[str] | None:
        longest_first = sorted(self._names, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def _instead(self, found: re.Match[str], text: str) -> str | None:
        """What stands for a row of digits; None for a day, an amount, an account, a number that stays."""
        if _DAY.match(text, found.start()) or _MONEY.match(text, found.end()):
            return None
        digits = _digits(found[0])
        number = canonical(digits) or digits
        if number in self._stays or digits in self._accounts:
            return None
        return self.person(number) if number.startswith("+") else self._words("redact.digits")


def redacted(made: Dossier, redactor: Redactor) -> Dossier:
    """The dossier without third parties; its counts are the same."""
    kept = ("lang", "counts", "method", "about")
    values = {name: redactor.value(getattr(made, name), name) for name in Dossier.__slots__ if name not in kept}
    about = {**made.about, "case": redactor.text(made.about["case"])}
    return replace(made, **values, about=about)


def _digits(text: str) -> str:
    """Its digits, whatever they are written with and kept apart by."""
    return "".join(_VALUES.get(sign, sign) for sign in text if sign in _VALUES or sign.isdecimal())


def _moved(place: int, moved: Sequence[tuple[int, int, int, int]], edge: int) -> int:
    """Where a place of the old text is in the new one; inside what was replaced it is that one's edge."""
    shift = 0
    for cut in moved:
        start, end = cut[:2]
        if place <= start:
            break
        if place < end:
            return cut[edge]
        shift = cut[3] - end
    return place + shift
