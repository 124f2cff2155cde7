"""Dates whose year has two digits: whether it stands first, 24/11/15, or last, 15/11/24, as all of one file show it."""

from dataclasses import dataclass, field
from datetime import date

_BUDDHIST, _CHATS = 543, 2009  # by how many years Thailand counts ahead; the year in which WhatsApp began
_APART = 10  # of so many dates that speak against a place of the year, one that speaks for it is a slip
_ENOUGH = 3  # days under one first part, which is then the year


def full(written: int) -> int:
    """The year of our calendar; of two digits, what cannot be one of a chat yet is the end of a Buddhist one."""
    if written < 100:
        return 2000 + written if written < _CHATS + _BUDDHIST - 2500 else 2500 + written - _BUDDHIST
    return written - _BUDDHIST if written >= _CHATS + _BUDDHIST else written


@dataclass(slots=True)
class Years:
    """The dates seen. `since`, `until`: years before and days after these are of no record."""

    since: int = _CHATS
    until: date = date.max
    not_first: int = 0  # dates that cannot begin with the year
    not_last: int = 0
    firsts: set[int] = field(default_factory=set)
    middles: set[int] = field(default_factory=set)
    lasts: set[int] = field(default_factory=set)

    def see(self, a: int, b: int, c: int) -> None:
        """One more date, by its parts as they stand."""
        self.firsts.add(a)
        self.middles.add(b)
        self.lasts.add(c)
        self.not_first += not self._may_be(a, b, c)
        self.not_last += c < 100 and not (self._may_be(c, b, a) or self._may_be(c, a, b))

    def _may_be(self, year: int, month: int, day: int) -> bool:
        try:
            return year < 100 and self.since <= full(year) and date(full(year), month, day) <= self.until
        except ValueError:
            return False

    def place(self, *, rising: bool = False) -> str | None:
        """Where the year stands, `first` or `last`; None where nobody knows. `rising`: with it first, no day goes back.

        What some date proves counts first. Else nobody writes on the one day of a month only, in year after year: of
        days in one month the part that never changes is the year. So it is of days in several months, where they rise
        (a reminder on the same day of each month would go back at the turn of the year).
        """
        if self.not_first or self.not_last:
            last = self.not_last * _APART < self.not_first
            return "last" if last else "first" if self.not_first * _APART < self.not_last else None
        if len(self.lasts) == 1 and len(self.firsts) > 1 and len(self.middles) == 1:
            return "last"
        if len(self.firsts) == 1 and len(self.lasts) >= _ENOUGH and (len(self.middles) == 1 or rising):
            return "first"
        return None
