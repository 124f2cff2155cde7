"""Telephone numbers: classify first, then E.164, because a parser alone makes numbers out of what is none.

A canonical number is E.164 (`+8613800138000`) for a subscriber, the bare digits for a service number or an
SMS sender id, a mask (`138****8000`) where the export hides digits, `hidden` for a withheld caller, an
address in lower case, or a sender's name as written. The classes and traps: GB numbering plan of 2017.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

HIDDEN = "hidden"
_HIDDEN_WORDS = {
    "-1", "-2", "-3", "*", "anonymous", "unknown", "restricted", "unavailable", "private", "withheld", "payphone",
    "未知", "未知号码", "私人号码", "隐藏号码", "隐藏", "无号码", "匿名",
}  # fmt: skip
_EXTENSION = re.compile(r"(?:[,;pw]|ext\.?|转)+[\d,;pw*#]*$", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s\-‐-―().·/]")
_MASK = re.compile(r"[*xX•●]")
_MASKED = re.compile(r"\+?[\d*]*\*[\d*]*")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_SECOND_NUMBER = re.compile(r"12583[123](1[3-9]\d{9})")
_IP_PREFIX = re.compile(r"(?:17951|17909|17911|11951|12593|12583|10193)(1[3-9]\d{9}|0\d{9,11})")
_SERVICE = re.compile(r"95\d{3,6}|96\d{3,6}|100\d{2,3}|12\d{3}|11[0-9]|[48]00\d{7}")
_SENDER = re.compile(r"106\d{3,17}")

# What DuckDB may decide by itself; everything else goes through `canonical`, once per distinct text.
FAST_PATH = {
    "CN": """CASE WHEN {0} LIKE '0%' AND {0} NOT LIKE '0086%' THEN NULL  -- area codes: sooner said than matched
        WHEN regexp_full_match({0}, '1[3-9][0-9]{{9}}') THEN '+86' || {0}
        WHEN regexp_full_match({0}, '[+]861[3-9][0-9]{{9}}|95[0-9]{{3,6}}|106[0-9]{{3,17}}') THEN {0}
        WHEN regexp_full_match({0}, '(00)?861[3-9][0-9]{{9}}') THEN '+' || right({0}, 13)
        WHEN regexp_full_match({0}, '1[3-9][0-9][- ][0-9]{{4}}[- ][0-9]{{4}}')
            THEN '+86' || {0}[1:3] || {0}[5:8] || {0}[10:13] END""",
    "US": "CASE WHEN regexp_full_match({0}, '[+]1[2-9][0-9]{{2}}[2-9][0-9]{{6}}') THEN {0} END",
}


@lru_cache(maxsize=65536)
def canonical(text: str | None, region: str = "CN") -> str | None:
    """The canonical form of a number as written in an export of `region` (CN or US); None when nothing is given."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().strip("'\"=").strip()
    if not plain:
        return None
    if plain.casefold() in _HIDDEN_WORDS:
        return HIDDEN
    if "@" in plain:
        return plain.casefold()
    digits = _PUNCTUATION.sub("", plain)
    masked = _MASK.sub("*", digits)
    if _MASKED.fullmatch(masked):
        return masked if sum(map(str.isdigit, masked)) >= 3 else HIDDEN
    without_extension = _EXTENSION.sub("", digits)
    if not re.fullmatch(r"\+?\d+", without_extension):
        return plain
    return _from_digits(without_extension, region)


def _from_digits(digits: str, region: str) -> str:
    """Digits with an optional plus to a canonical number."""
    if region == "CN":
        known = _chinese(digits)
        if known:
            return known
    elif re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        return "+1" + digits[-10:]
    dialled = "+" + digits[2:] if digits.startswith("00") else digits
    try:
        parsed = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_valid_number(parsed):
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _chinese(digits: str) -> str | None:
    """Mobile and service numbers of mainland China; None for anything else."""
    for pattern in (_SECOND_NUMBER, _IP_PREFIX):
        carried = pattern.fullmatch(digits)
        if carried:
            return _from_digits(carried[1], "CN")
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return "+86" + mobile[1]
    national = re.sub(r"^(?:\+86|0086)", "", digits)
    return national if _SERVICE.fullmatch(national) or _SENDER.fullmatch(national) else None


def number_class(number: str) -> str:
    """Class of a canonical number: mobile, landline, service, sender, masked, hidden, address, name, foreign, other."""
    if number == HIDDEN:
        return "hidden"
    if "@" in number:
        return "address"
    if "*" in number:
        return "masked"
    if not re.fullmatch(r"\+?\d+", number):
        return "name"
    if number.startswith("+86"):
        return "mobile" if _MOBILE.fullmatch(number) else "landline"
    if number.startswith("+"):
        return "foreign"
    if _SENDER.fullmatch(number):
        return "sender"
    return "service" if _SERVICE.fullmatch(number) else "other"
