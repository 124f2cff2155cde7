"""Times as WhatsApp writes them at the head of a line: every language's order, separators, digits and halves of day.

The shapes are those of Unicode's locale data (CLDR), which Android and iOS take them from, and of the exports of older
versions: day and month in either order or the year first, with `/`, `-`, `.` or 年月日; 24 hours, or two halves of 12.
"""

import re
from dataclasses import dataclass

from collectaudit.years import full

_MARK = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
_SPACE = "[ \u00a0\u202f\u2009]"
_EARLY = (
    "上午", "凌晨", "清晨", "早上", "午前", "오전", "ص", "ق.ظ.", "ق.ظ", "π.μ.", "öö", "sa", "de.", "pg", "fm", "f.m.",
    "ap.", "dop.", "पूर्वाह्न",
)  # fmt: skip
_LATE = (
    "下午", "傍晚", "晚上", "中午", "午後", "오후", "م", "ب.ظ.", "ب.ظ", "μ.μ.", "ös", "ch", "du.", "ptg", "em", "e.m.",
    "ip.", "odp.", "अपराह्न",
)  # fmt: skip
_HALF = "|".join(
    [rf"[ap]\.?{_SPACE}?m\b\.?", *(re.escape(word) for word in sorted(_EARLY + _LATE, key=len, reverse=True))]
)
_AT = r"klo|kl\.?|às|à|um|alle|a las|at|в|о|o"
_DATE = (
    rf"(?P<a>[0-9]{{1,4}}){_MARK}(?P<sep>[./-]){_MARK}{_SPACE}?(?P<b>[0-9]{{1,2}}){_MARK}(?P=sep){_MARK}{_SPACE}?"
    rf"(?P<c>[0-9]{{4}}|[0-9]{{1,2}})(?:\.|{_SPACE}г\.)?{_MARK}"
)
_CLOCK = (
    rf"(?:(?P<before>{_HALF}){_SPACE}?)?"
    r"(?P<hour>[0-9]{1,2})(?P<colon>[:.])(?P<minute>[0-9]{2})(?:(?P=colon)(?P<second>[0-9]{2}))?"
    rf"(?:{_SPACE}?{_MARK}(?P<after>{_HALF})|{_SPACE}ч\.)?"
)
_FORM = re.compile(
    rf"{_MARK}(?P<bracket>\[)?{_MARK}{_DATE},?{_SPACE}+{_MARK}(?:(?:{_AT}){_SPACE})?{_CLOCK}\.?{_MARK}"
    rf"(?(bracket)\]{_SPACE}|(?:{_SPACE}[-–]{_SPACE}|(?(second):{_SPACE}|(?!))))",
    re.IGNORECASE,
)
_COPIED = re.compile(rf"{_MARK}(?P<bracket>\[){_CLOCK}, {_DATE}\]{_SPACE}", re.IGNORECASE)  # out of WhatsApp Web
# Same length, so that places in the copy are places in the line.
_PLAIN = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯၀၁၂၃၄၅၆၇၈၉年月日년월일،，", "0123456789" * 5 + "// // ,,", ""
)  # fmt: skip
_YEAR_FIRST_OR_LAST = {(4, 1), (4, 2), (2, 1), (1, 2), (2, 2), (1, 4), (2, 4)}  # digits of the first and last part
_LONGEST = 60  # characters of a time and what stands around it

Order = str | None  # "dmy", "mdy", "ymd", "?" (not even where the year stands), or not known
Shape = tuple[bool, str, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time at the head of a line, as its parts were written, and the text behind it.

    `short`: the last part has one digit, as no year has.
    """

    written: str
    parts: tuple[int, int, int]
    clock: str | None
    shape: Shape
    english: bool
    short: bool
    rest: str

    @property
    def year_first(self) -> bool:
        """Whether the year stands before month and day."""
        return self.shape[3]

    def day(self, order: Order) -> str | None:
        """The day as ISO; None where nobody knows which part is which."""
        a, b, c = self.parts
        if order == "?":
            return None
        if self.year_first or order == "ymd":
            return f"{full(a)}-{b:02}-{c:02}"
        order = order or ("dmy" if a > 12 or a == b else "mdy" if b > 12 else None)
        year = full(c)
        return None if order is None else f"{year}-{b:02}-{a:02}" if order == "dmy" else f"{year}-{a:02}-{b:02}"


def stamp(line: str) -> Stamp | None:
    """The time that a line begins with."""
    head = line[:_LONGEST].translate(_PLAIN)
    found = _FORM.match(head) or _COPIED.match(head)
    if found is None or (len(found["a"]), len(found["c"])) not in _YEAR_FIRST_OR_LAST:
        return None
    half = (found["before"] or found["after"] or "").casefold()
    # What all headings of one export have in common; what is pasted into a message often differs in it.
    shape = (bool(found["bracket"]), found["sep"], bool(found["second"]), len(found["a"]) == 4, bool(half))
    written = line[: found.end()].strip("[] -\u2013\u200e\u200f\ufeff").removesuffix(":")
    parts = (int(found["a"]), int(found["b"]), int(found["c"]))
    english = found["after"] in ("AM", "PM") and found["sep"] == "/" and "0" not in (found["a"][0], found["b"][0])
    english, short = english and parts[2] < 100, len(found["c"]) == 1
    return Stamp(written, parts, _clock(found, half), shape, english, short, line[found.end() :])


def _clock(found: re.Match[str], half: str) -> str | None:
    """The time of 24 hours; 晚上12点 could be noon's or midnight's and is not read."""
    hour = int(found["hour"])
    if half:
        late = half in _LATE or (half[0] == "p" and half != "pg")
        if half == "晚上" and hour in (0, 12):
            return None
        if half == "中午":
            hour = hour if hour >= 11 else hour + 12
        elif hour <= 12:
            hour = hour % 12 + 12 * late
        elif not late:
            return None
    if hour > 23 or int(found["minute"]) > 59 or int(found["second"] or 0) > 59:
        return None
    return f"{hour:02}:{found['minute']}" + (f":{found['second']}" if found["second"] else "")
