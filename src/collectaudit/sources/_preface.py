"""What the rows above a header say: whose number it is, and which month the billing cycle ends in."""

import re
import unicodedata
from collections.abc import Iterable

from collectaudit.records import Facts
from collectaudit.sources._grid import Row

_NUMBER = r"(\+?(?:86[ -]?)?1\d{2}[ -]?[\d*]{4}[ -]?\d{4}(?!\d)|\+?[\d*][\d*-]{4,19})"
_OWNERS = tuple(
    re.compile(rf"(?:{label})\s*[::]?\s*{_NUMBER}", re.IGNORECASE)
    for label in ("(?<!对方)(?<!对端)号码|phone number|wireless number|mobile number", "account number")
)
_CYCLE = re.compile(
    r"(?:计费周期|账单周期|帐单周期|账单月|帐单月|计费月|账期|帐期|详单月|查询月|月份|起止日期|起止时间|查询时段|查询周期"
    r"|billing (?:period|cycle|month)|statement period)(.{0,60})",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:查询时间|查询日期|打印时间|打印日期|导出时间|导出日期|date range|printed|exported)(.{0,60})", re.IGNORECASE
)
_MONTH = re.compile(
    r"(?<!\d)(20\d{2})\s*(?:年|[-/.])?\s*(0?[1-9]|1[0-2])(?:\s*(?:月|[-/.])|(?:0[1-9]|[12]\d|3[01])?(?!\d))"
)
_NAMED = re.compile(r"(?<!\d)(20\d{2})(?:年|[-_.])?(0[1-9]|1[0-2]|[1-9](?=月))(?!\d)")


def preface(rows: Iterable[Row], facts: Facts, name: str) -> None:
    """Takes owner number and the year and month in which the billing cycle ends from the rows above the header.

    The year dates rows that lack one, so it must be the cycle's, not today's; the file's name is the last resort.
    """
    lines = [unicodedata.normalize("NFKC", "\t".join(filter(None, row.cells))) for row in rows]
    text = "\n".join(line[:2000] for line in lines)
    if facts.owner_number is None:
        owner = next(filter(None, (label.search(text) for label in _OWNERS)), None)
        facts.owner_number = owner[1].strip() if owner else None
    if facts.year is None:
        months = _last_month(_CYCLE, text) or _last_month(_ASKED, text) or _NAMED.findall(name)[-1:]
        for year, month in months:
            facts.year, facts.month = int(year), int(month)


def _last_month(label: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """The last month named behind a label: a cycle `2024-03-27 至 2024-04-26` ends in April."""
    found = label.search(text)
    return _MONTH.findall(found[1])[-1:] if found else []
