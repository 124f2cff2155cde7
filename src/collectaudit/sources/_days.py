"""Which part of a chat's dates is the day, which the month, which the year: what the whole file shows of it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from collectaudit.years import Years

from ._stamps import Order, Stamp

_DAYS, _TIMES = 5, 5  # different days, or times on fewer of them, that must stand in order to say which is the month
_YEAR_SIGN = re.compile("[年년]")
_EAST = re.compile("[\u3040-\u30ff\uac00-\ud7af]|午[前後]")  # Japanese and Korean, which write no day first
_HAN = re.compile("[\u4e00-\u9fff]")


def today() -> date:
    """The day now, by UTC."""
    return datetime.now(UTC).date()


def _chats() -> Years:
    return Years(until=today() + timedelta(days=1))  # another zone may be ahead


@dataclass(slots=True)
class Days:
    """The days of a file whose dates do not begin with a year of four digits: which part is which."""

    first: bool = False
    second: bool = False
    days: int = 0
    times: int = 0
    straight: bool = True  # within each day, too
    english: bool = True
    dots: bool = True
    short: bool = False
    example: str = ""
    rising: set[str] = field(default_factory=lambda: {"dmy", "mdy", "ymd"})  # orders in which no day goes back
    years: Years = field(default_factory=_chats)
    cues: set[str | None] = field(default_factory=set)
    _last: tuple[tuple[int, int, int], str] = ((0, 0, 0), "")
    _words: str = ""

    def see(self, found: Stamp, notice: str = "") -> None:
        """One more time of the file. `notice`: what the app itself says behind it."""
        (a, b, _), (last, clock) = found.parts, self._last
        self.short, self.example = self.short or found.short, self.example or found.written
        self.first, self.second = self.first or a > 12, self.second or b > 12
        self.english, self.dots = self.english and found.english, self.dots and found.shape[1] == "."
        if not self.years.not_first:
            self._cue(found, notice)
        if found.parts != last:
            self.years.see(*found.parts)
            self.rising = {order for order in self.rising if _day(found.parts, order) > _day(last, order)}
            self.days, self.times = self.days + 1, self.times + 1
        elif (found.clock or "") != clock:
            self.times += 1
            self.straight = self.straight and (found.clock or "") > clock
        self._last = found.parts, found.clock or ""

    def order(self, said: Order) -> Order:
        """What stands first, where the file proves it or `said`, what a person said, does; else it is not known.

        No year has one digit. Else see `Years`, and the languages. Else a part over 12 is a day. Else a person's word.
        Else the order in which the days, never going back, make sense of the whole file. Else `.` stands between day
        and month (no locale of CLDR writes the month first).
        """
        year = self.year
        if year == "first":
            return "ymd"
        if year is None:
            return said if said and not (said == "mdy" and self.first) else "?"
        if self.first != self.second:
            return "dmy" if self.first else "mdy"
        said = None if said == "ymd" else said
        if self.first or said:
            return None if self.first else said
        if ("dmy" in self.rising) != ("mdy" in self.rising) and self._long:
            return "dmy" if "dmy" in self.rising else "mdy"
        return "dmy" if self.dots and self.days else None

    @property
    def year(self) -> str | None:
        """Where the year stands, `first` or `last`; None where nobody knows."""
        rising = self.rising
        if self.short:
            return "first"
        place = self.years.place(rising="ymd" in rising)
        if place or self.years.not_first or self.years.not_last:
            return place
        if len(self.cues) == 1:
            return min(self.cues, key=str)
        if ("ymd" in rising) != bool(rising - {"ymd"}) and self._long:
            return "first" if "ymd" in rising else "last"
        return "last" if self.dots else None

    @property
    def _long(self) -> bool:
        return self.days >= _DAYS or (self.days >= 2 and self.straight and self.times >= _TIMES)

    @property
    def american(self) -> bool:
        """Whether all are written as `4/5/24, 5:40 PM`: slashes, no leading zeros, two digits of the year, capitals.

        So phones in the United States write, with the month first; but some elsewhere write the day first and the same.
        """
        return self.english and self.days > 0 and not self.first

    def _cue(self, found: Stamp, notice: str) -> None:
        """What the language shows, of a time and of a notice that is not the last line, which may be half a message.

        By CLDR, all its versions, two digits of the year stand first in Japanese and Korean; in Chinese in that of the
        mainland (`yy-M-d`, `yy/M/d`), and last in that of Singapore (`dd/MM/yy`); elsewhere behind `-` only.
        """
        for words in (found.written, self._words):
            sign = found.shape[1]
            if _YEAR_SIGN.search(found.written) or _EAST.search(words) or (sign == "-" and _HAN.search(words)):
                self.cues.add("first")
            elif sign == "/" and re.search(r"[^\W\d_]", words) and not _HAN.search(words):
                self.cues.add("last")
        self._words = notice


def _day(parts: tuple[int, int, int], order: str) -> tuple[int, int, int]:
    a, b, c = parts
    return (a, b, c) if order == "ymd" else (c, a, b) if order == "mdy" else (c, b, a)
