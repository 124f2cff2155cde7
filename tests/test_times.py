"""Times: read as written, with their precision; what cannot be read says so."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit import normalise
from collectaudit.times import EARLIEST, Civil, civil, day_order, duration, offset_sql, readings

READ = [
    ("2024-04-05 17:40:22", "2024-04-05 17:40:22", "second"),
    ("2024/04/05 17:40", "2024-04-05 17:40:00", "minute"),
    ("2024-04-05-17:40:22", "2024-04-05 17:40:22", "second"),
    ("20240405174022", "2024-04-05 17:40:22", "second"),
    ("20240405 17:40:22", "2024-04-05 17:40:22", "second"),
    ("2024-04-05 17:40:22.123", "2024-04-05 17:40:22", "second"),
    ("04-05 17:40:22", "2024-04-05 17:40:22", "second"),
    ("12-30 09:00:00", "2023-12-30 09:00:00", "second"),
    ("2024年4月5日 下午5:40", "2024-04-05 17:40:00", "minute"),
    ("2024年04月05日 17时40分22秒", "2024-04-05 17:40:22", "second"),
    ("2024-04-05 中午12:05", "2024-04-05 12:05:00", "minute"),
    ("2024-04-05 凌晨12:05", "2024-04-05 00:05:00", "minute"),
    ("2024-04-05 20:17:-0", "2024-04-05 20:17:00", "minute"),
    ("2024.4.5 9:05", "2024-04-05 09:05:00", "minute"),
    ("45387.7364", "2024-04-05 17:40:25", "second"),
    ("45387", "2024-04-05 00:00:00", "day"),
    ("2024-04-05", "2024-04-05 00:00:00", "day"),
    ("4/20/2024 5:40 PM", "2024-04-20 17:40:00", "minute"),
    ("Fri, 05 Apr 2024 09:40:22", "2024-04-05 09:40:22", "second"),
    ("5 April 2024 9:40", "2024-04-05 09:40:00", "minute"),
    ("Apr 5, 2024 5:40P", "2024-04-05 17:40:00", "minute"),
    ("Sept. 5, 2024 12:05 a.m.", "2024-09-05 00:05:00", "minute"),
    ("05-Apr-2024 10:00:00", "2024-04-05 10:00:00", "second"),
    ("Apr 05 8:35A", "2024-04-05 08:35:00", "minute"),
    ("Dec 30 8:35A", "2023-12-30 08:35:00", "minute"),
    ("May 5, 2024", "2024-05-05 00:00:00", "day"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("04/05/24 05:40 PM", "2024-04-05 17:40"), ("4/5/2024 5:40P", "2024-04-05 17:40"), ("31/05/24 10:00", None)],
)
def test_a_date_of_the_united_states(text: str, expected: str | None) -> None:
    read = civil(text, order="mdy")
    assert read == (
        f"time cannot be read: {text}" if expected is None else Civil(datetime.fromisoformat(expected), "minute")
    )


@pytest.mark.parametrize("text", ["marching 5 10:00", "3 marbles 2024 10:00", "Apr 31 2024 10:00", "Apr 5 10:00"])
def test_what_only_begins_like_a_month_is_no_time(text: str) -> None:
    assert isinstance(civil(text), str)


@pytest.mark.parametrize(("text", "expected", "precision"), READ)
def test_read(text: str, expected: str, precision: str) -> None:
    assert civil(text, year=2024, month=4) == Civil(datetime.fromisoformat(expected), precision)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2024-04-05T17:40:22+08:00", 28800), ("2024-04-05T09:40:22Z", 0), ("2024-04-05 09:40:22-0500", -18000)],
)
def test_an_offset_in_the_text_is_kept(text: str, seconds: int) -> None:
    read = civil(text)
    assert isinstance(read, Civil)
    assert read.offset == seconds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "time cannot be read"),
        ("abc", "time cannot be read"),
        ("2024-13-05 10:00:00", "time cannot be read"),
        ("2024-04-05 25:61:00", "time cannot be read"),
        ("17:40:22", "time cannot be read"),
        ("4/5/2024 5:40 PM", "day and month cannot be told apart"),
        ("04-05 17:40:22", "the year is not given"),
        ("1970-01-01 00:00:00", "time is not plausible"),
        ("2006-12-31 23:59:59", "time is not plausible"),
        ("2999-01-01 00:00:00", "time is not plausible"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, reason: str) -> None:
    read = civil(text)
    assert isinstance(read, str)
    assert read.startswith(reason)


@pytest.mark.parametrize(
    ("dates", "said", "custom", "expected"),
    [
        (["4/5/2024 9:00", "13/5/2024"], None, None, ("dmy", "")),
        (["4/5/2024 9:00", "5/13/2024"], None, None, ("mdy", "")),
        (["4/5/2024 9:00", "13/5/2024"], "mdy", "mdy", ("dmy", "")),  # what the file shows counts before all else
        (["4/5/2024", "13/5/2024", "5/13/2024"], "dmy", "mdy", (None, "")),
        (["4/5/2024 9:00"], None, None, (None, "")),
        (["4/5/2024 9:00"], "dmy", "mdy", ("dmy", "")),
        (["4/5/2024 9:00"], None, "mdy", ("mdy", "4/5/2024 9:00")),
        (["2024-04-05", "4/4/24"], None, "mdy", ("mdy", "4/4/24")),
        (["4/25/24"], None, "mdy", ("mdy", "")),
        (["24/4/15"], None, "mdy", (None, "")),  # the year may stand first
        (["24/4/15"], "dmy", "mdy", ("dmy", "")),
        (["24/4/15"], "ymd", "mdy", ("ymd", "")),
        (["24/4/15"], "mdy", None, (None, "")),
        (["24/4/15", "4/5/24"], "ymd", "mdy", ("dmy", "")),  # of 2004 there is no record
        (["24/4/15", "24/05/04"], "dmy", "mdy", ("ymd", "")),
        (["15/4/24", "16/4/24"], None, None, ("dmy", "")),
        (["24/4/15", "24/4/16"], None, None, (None, "")),  # or a day of the year, twice
        (["24/4/15", "24/4/16", "24/4/18"], None, None, ("ymd", "")),
        (["24/4/15", "24/5/16", "24/6/18"], None, None, (None, "")),  # or each month's reminder
        (["9/10/24"], None, "mdy", ("mdy", "9/10/24")),
        (["4/5/24"], "ymd", None, (None, "")),
        (["24/4/15", "5/13/2024"], None, None, (None, "")),
    ],
)
def test_what_a_file_shows_of_the_order_of_its_dates(
    dates: list[str], said: str | None, custom: str | None, expected: tuple[str | None, str]
) -> None:
    assert day_order(dates, said, custom) == expected


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("4/5/2024 17:40", "dmy", "2024-05-04"), ("4/5/2024 17:40", "mdy", "2024-04-05"),
        ("4/5/2024 17:40", None, None),
        ("4/5/24 17:40", "dmy", "2024-05-04"), ("4/5/24 17:40", None, None), ("4/25/24 17:40", None, "2024-04-25"),
        ("25/4/24 17:40", None, None), ("25/4/24 17:40", "ymd", "2025-04-24"),
        ("04-05-24 17:40", None, None), ("04.05.24 17:40", "dmy", "2024-05-04"),
        ("24-11-15 17:40", "ymd", "2024-11-15"),
        ("25/4/2024 17:40", "ymd", "2024-04-25"), ("25/4/2024 17:40", None, "2024-04-25"),
        ("4/4/2024 17:40", None, "2024-04-04"),
        ("13/5/2024 17:40", "mdy", None),
    ],
)  # fmt: skip
def test_a_date_by_its_order(text: str, order: str | None, day: str | None) -> None:
    read = civil(text, order=order, year=2024)
    assert (f"{read.at:%Y-%m-%d}" if isinstance(read, Civil) else None) == day


@pytest.mark.parametrize("text", ["4/13/2024", "2024-04-05", "x", "4/13/24", "4/4/2024", "24/30/15"])
def test_a_date_that_is_one_day_only_asks_nobody(text: str) -> None:
    assert readings(text) == {}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("4/5/24, 17:40", {"day-first": "2024-05-04", "month-first": "2024-04-05"}),
        ("24-11-15 17:40", {"day-first": "2015-11-24", "year-first": "2024-11-15"}),
        ("11. 4. 15.", {"day-first": "2015-04-11", "month-first": "2015-11-04", "year-first": "2011-04-15"}),
    ],
)
def test_the_days_that_a_date_may_be(text: str, days: dict[str, str]) -> None:
    assert {code: f"{day:%Y-%m-%d}" for code, day in readings(text).items()} == days


def test_month_first() -> None:
    assert civil("4/5/2024 5:40 PM", order="mdy") == Civil(datetime.fromisoformat("2024-04-05 17:40:00"), "minute")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1分23秒", 83),
        ("05秒", 5),
        ("1小时2分3秒", 3723),
        ("1时2分3秒", 3723),
        ("4分钟11秒", 251),
        ("00:01:23", 83),
        ("1:23", 83),
        ("83", 83),
        ("83秒", 83),
        ("12.0", 12),
        ("", None),
        ("接通", None),
        (":", None),
    ],
)
def test_duration(text: str, seconds: int | None) -> None:
    assert duration(text) == seconds


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(civil(text), Civil | str)
    seconds = duration(text)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"])
@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 — hypothesis wants naive bounds
)
def test_offsets_equal_the_time_zone_database(zone: str, at: datetime) -> None:
    sql = offset_sql(zone, "$1", at - timedelta(days=200), at + timedelta(days=200), of_utc=True)
    expected = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    found = duckdb.execute(f"SELECT {sql}".replace("$1", "t") + " FROM (SELECT ?::TIMESTAMP AS t)", [at]).fetchall()
    assert expected is not None
    assert found[0][0] == expected.total_seconds()


@given(st.from_regex(r"\A[0-9 ]{4}[-/][0-9 ]{2}[-/][0-9 ]{2}[ T][0-9 ]{2}:[0-9 ]{2}:[0-9 ]{2}\Z"))
def test_what_the_pattern_reads_the_reference_reads_alike(text: str) -> None:
    script = (Path(normalise.__file__).parent / "sql" / "timed.sql").read_text(encoding="utf-8")
    macro = next(part for part in script.split(";") if "MACRO plain_time" in part)
    with duckdb.connect() as con:
        con.execute(macro)
        fast = con.execute("SELECT plain_time(?)", [text]).fetchall()[0][0]
    # what is not plausible is rejected afterwards, whoever read it; years that Python has no date for come as text
    if isinstance(fast, datetime) and fast >= EARLIEST and fast.year <= 2100:
        assert civil(text) == Civil(fast, "second")
