"""Chats written as text: every message once, never glued to what is not its own, names that are no numbers."""

import hashlib
import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from collectaudit.case import Case
from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject
from collectaudit.sources import HEAD_BYTES, parsers, whatsapp
from collectaudit.sources._chat import MOVED

DATA = Path(__file__).parent / "data" / "chats"
TEXTS = sorted(DATA.glob("*.txt"))
TABLES = sorted(DATA.glob("*.csv"))
NAMES = {  # as the app calls the file, where that says something
    "whatsapp_android_zh": "in/与催收小王的 WhatsApp 聊天记录.txt",
    "whatsapp_android_us": "in/WhatsApp Chat with Debt.txt",
}
ME, AGENT = "13800138000", "13800138001"
NO_END = "the last line has no end: the file may have been cut"
Rows = list[Record | Reject]


def read_file(path: Path, called: str) -> tuple[Rows, Facts]:
    head = path.read_bytes()[:HEAD_BYTES]
    claiming = [parser for parser in parsers() if parser.claims(head, path.name)]
    if not claiming:
        return [], Facts("", status="unrecognised")
    (parser,) = claiming
    facts = Facts(parser.NAME)
    return list(parser.read(Job(path, NAMES.get(called, path.name), path.parent), facts)), facts


def read_bytes(tmp_path: Path, data: bytes, called: str) -> tuple[Rows, Facts]:
    path = tmp_path / "0123abcd"
    path.write_bytes(data)
    return read_file(path, called)


def plain(rows: Rows) -> list[dict[str, Any]]:
    return [
        {"locator": row.locator, "fields": dict(row.fields)}
        if isinstance(row, Record)
        else {"locator": row.locator, "reason": row.reason}
        for row in rows
    ]


# --- golden files, checked by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*TEXTS, *TABLES], ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    rows, facts = read_file(path, path.stem)
    assert plain(rows) == json.loads(path.with_suffix(".golden.json").read_text(encoding="utf-8"))
    assert (facts.status, facts.reason, facts.encoding) == ("ok", None, "utf-8")
    assert facts.parser == path.stem.split("_")[0]
    assert {field for row in rows if isinstance(row, Record) for field in row.fields} <= set(RAW_FIELDS)


@pytest.mark.parametrize("path", sorted(p for p in DATA.parent.rglob("*") if p.is_file()), ids=lambda path: path.name)
def test_one_parser_at_most_claims_a_file(path: Path) -> None:
    head = path.read_bytes()[:HEAD_BYTES]
    claiming = [parser.NAME for parser in parsers() if head and parser.claims(head, path.name)]
    assert len(claiming) <= 1
    if path.parent == DATA and path.suffix != ".json":
        assert claiming == [path.stem.split("_")[0]]
    else:
        assert not {"whatsapp", "wechat", "qq"} & set(claiming)


# --- damage -------------------------------------------------------------------------------------------------------


def told(row: Record) -> tuple[str | None, ...]:
    return (row.locator, row.fields["time"], row.fields.get("direction"), row.fields.get("caller"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    whole = {row.locator: row for row in read_file(path, path.stem)[0] if isinstance(row, Record)}
    authors = {row.fields["caller"] for row in whole.values() if "caller" in row.fields}
    for length in range(200, len(data)):
        rows, facts = read_bytes(tmp_path, data[:length], path.stem)
        found = [row for row in rows if isinstance(row, Record)]
        assert len({row.locator for row in rows}) == len(rows)
        assert facts.status in ("unrecognised", "ok", "partial")
        assert data[:length].endswith((b"\n", b"\r")) or facts.status != "ok" or facts.declared == len(rows)
        for row in found:
            full = whole[row.locator]
            assert row.fields["time"] == full.fields["time"]
            assert {row.fields.get("caller"), row.fields.get("direction")} & {
                full.fields.get("caller"), full.fields.get("direction"), *authors,
            }  # fmt: skip
            body = row.fields["body"] or ""
            said = full.fields["body"] or ""
            assert body == said or (row is found[-1] and said.startswith(body))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(20))
def test_shuffled_lines_glue_nothing(tmp_path: Path, path: Path, seed: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    mixed = lines[1:]
    random.Random(seed).shuffle(mixed)  # noqa: S311 — a test
    rows, facts = read_bytes(tmp_path, b"".join([lines[0], *mixed]), path.stem)
    found = [(row.fields["time"], row.fields["body"]) for row in rows if isinstance(row, Record)]
    if facts.status == "ok":  # the headings stayed in order: it is a chat like any other
        assert [time for time, _ in found] == sorted(time for time, _ in found if time)
        return
    whole = [row for row in read_file(path, path.stem)[0] if isinstance(row, Record)]
    assert set(found) <= {(row.fields["time"], (row.fields["body"] or "").split("\n")[0]) for row in whole}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("path", [*TEXTS, *TABLES], ids=lambda path: path.stem)
def test_encodings_and_line_ends(tmp_path: Path, path: Path, encoding: str, end: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    rows, facts = read_bytes(tmp_path, text.replace("\n", end).encode(encoding), path.stem)
    assert plain(rows) == json.loads(path.with_suffix(".golden.json").read_text(encoding="utf-8"))
    assert facts.status == "ok"


def test_one_message_that_is_too_long_or_damaged(tmp_path: Path) -> None:
    parts = [
        "2024/4/5 17:40 - 甲: 一",
        "2024/4/5 17:41 - 乙: 坏",
        "2024/4/5 17:42 - 甲: " + "长" * 90_000,
        "尾" * 20_000,
    ]
    data = "\n".join([*parts, "2024/4/5 17:43 - 乙: 好\n"]).encode().replace("坏".encode(), b"\xe5")
    rows, _ = read_bytes(tmp_path, data, "")
    assert [row.reason if isinstance(row, Reject) else row.fields["body"] for row in rows] == [
        "一", "it holds bytes that are no characters", "a message of more than 100,000 characters", "好",
    ]  # fmt: skip


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_truncated_tables(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    whole = {row.locator: row for row in read_file(path, path.stem)[0] if isinstance(row, Record)}
    for length in range(data.index(b"\n") + 1, len(data)):
        rows, facts = read_bytes(tmp_path, data[:length], path.stem)
        assert facts.status == ("ok" if data[:length].endswith((b"\n", b"\r")) else "partial")
        for row in rows:
            full = whole.get(row.locator)
            if isinstance(row, Record) and full:
                same = {"time", "epoch_ms", "direction", "caller"} & set(row.fields) & set(full.fields)
                assert {key: row.fields[key] for key in same} == {key: full.fields[key] for key in same}
                body = row.fields["body"] or ""
                assert (full.fields["body"] or "").startswith(body)
                assert body == (full.fields["body"] or "") or (row is rows[-1] and facts.status == "partial")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(60))
def test_shuffled_lines_of_tables_mix_nothing(tmp_path: Path, path: Path, seed: int) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    mixed = lines[1:]
    random.Random(seed).shuffle(mixed)  # noqa: S311 — a test
    rows, facts = read_bytes(tmp_path, b"".join([lines[0], *mixed]), path.stem)
    whole = [row for row in read_file(path, path.stem)[0] if isinstance(row, Record)]
    right = {(row.fields.get("time"), row.fields.get("epoch_ms"), row.fields["body"]) for row in whole}
    found = {(row.fields.get("time"), row.fields.get("epoch_ms"), row.fields["body"]) for row in rows
             if isinstance(row, Record)}  # fmt: skip
    assert found <= right
    assert found == right or any(isinstance(row, Reject) for row in rows)
    assert len(found) < len(right) or facts.status in ("ok", "partial")


# --- WhatsApp -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("4/20/24, 5:40 PM - ", "2024-04-20 17:40"),
        ("4/20/24, 5:40\u202fPM - ", "2024-04-20 17:40"),
        ("4/20/24, 12:40\u202fam - ", "2024-04-20 00:40"),
        ("2024/4/5 下午5:40 - ", "2024-04-05 17:40"),
        ("2024/4/5 上午12:01 - ", "2024-04-05 00:01"),
        ("2024/4/5 下午12:01 - ", "2024-04-05 12:01"),
        ("2024/4/5 凌晨12:30 - ", "2024-04-05 00:30"),
        ("2024/4/5 中午12:30 - ", "2024-04-05 12:30"),
        ("2024/4/5 中午1:30 - ", "2024-04-05 13:30"),
        ("2024/4/5 晚上9:30 - ", "2024-04-05 21:30"),
        ("2024/4/5 晚上12:30 - ", "time cannot be read: 2024/4/5 晚上12:30"),
        ("2024/4/5 17:40 - ", "2024-04-05 17:40"),
        ("[2024/4/5 17:40:22] ", "2024-04-05 17:40:22"),
        ("\u200e[2024/4/5 下午5:40:22] ", "2024-04-05 17:40:22"),
        ("[20/04/2024, 17:40:22] ", "2024-04-20 17:40:22"),
        ("20.04.2024, 17:40 - ", "2024-04-20 17:40"),
        ("20/05/2024, 05:40 p. m. - ", "2024-05-20 17:40"),
        ("20/05/2024, 05:40 p.\u00a0m. - ", "2024-05-20 17:40"),
        ("4/4/24, 17:40 - ", "2024-04-04 17:40"),
        ("4/5/24, 17:40 - ", "day and month cannot be told apart: 4/5/24, 17:40"),
        ("20.04.24, 25:40 - ", "time cannot be read: 20.04.24, 25:40"),
        ("20/04/24, 17:40 - ", "day and year cannot be told apart: 20/04/24, 17:40"),
        ("2024/4/5 下午13:40 - ", "2024-04-05 13:40"),
        ("2024/4/5 上午13:40 - ", "time cannot be read: 2024/4/5 上午13:40"),
        ("2024年4月5日 17:40 - ", "2024-04-05 17:40"),
        ("2024. 4. 5. 오후 5:40 - ", "2024-04-05 17:40"),
        ("2024/04/05, 13:34. - ", "2024-04-05 13:34"),
        ("2024-04-05, 3:04 PM - ", "2024-04-05 15:04"),
        ("20/04/2024 à 17:40 - ", "2024-04-20 17:40"),
        ("20.4.2024 klo 17.40.22 - ", "2024-04-20 17:40:22"),
        ("20.04.24 17.40.22: ", "2024-04-20 17:40:22"),
        ("20-04-2024 17:40 - ", "2024-04-20 17:40"),
        ("20/04/24, 5:40\u202fpm - ", "2024-04-20 17:40"),
        ("20.04.2024 ÖS 5:40 - ", "2024-04-20 17:40"),
        ("\u200f٢٠\u200f/٤\u200f/٢٠٢٤، ٥:٤٠ م - ", "2024-04-20 17:40"),
        ("۲۰۲۴/۴/۲۰، ۱۷:۴۰ - ", "2024-04-20 17:40"),
        ("[20/04/24, 5:40:22\u202fPM] ", "2024-04-20 17:40:22"),
        ("20/04/24 5:40:22 PM: ", "2024-04-20 17:40:22"),  # iPhones of 2014
        ("[17:40, 20/4/2024] ", "2024-04-20 17:40"),  # copied out of WhatsApp Web
        ("[5:40 PM, 4/20/2024] ", "2024-04-20 17:40"),
        ("[下午5:40, 2024/4/5] ", "2024-04-05 17:40"),
        ("20.04.2024 г., 17:40 ч. - ", "2024-04-20 17:40"),
        ("২০/৪/২৪, ৫:৪০ PM - ", "2024-04-20 17:40"),
        ("24/4/5 下午5:40 - ", "2024-04-05 17:40"),  # zh until CLDR 30: no year has one digit
        ("[20/4/2567 17:40:22] ", "2024-04-20 17:40:22"),  # Thailand's year
        ("20/4/67 17:40 - ", "2024-04-20 17:40"),
        ("4.5.2024, 17:40 - ", "2024-05-04 17:40"),  # no language writes the month before a dot
    ],
)
def test_shapes_of_date(tmp_path: Path, written: str, time: str) -> None:
    rows, _ = read_bytes(tmp_path, f"{written}张三: 文字\n".encode(), "")
    assert [row.reason if isinstance(row, Reject) else row.fields["time"] for row in rows] == [time]


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["1/2/24", "13/2/24"], "dmy"),
        (["1/2/24", "1/13/24"], "mdy"),
        (["1/2/24", "2/2/24", "4/2/24", "5/2/24", "1/3/24"], "dmy"),
        (["2/1/24", "2/2/24", "2/4/24", "2/5/24", "3/1/24"], "mdy"),
        (["1/2/24", "2/2/24", "3/2/24", "4/2/24", "5/2/24"], None),  # both ways in order
        (["4/2/24", "3/2/24"], None),
        (["1/2/24", "4/2/24", "1/3/24"], None),  # three times prove nothing
        (["13/2/24", "2/13/24", "1/2/24"], None),
        (["25/12/19", "25/12/20"], None),  # a day of the year, twice, or two days of a year
    ],
)
def test_day_and_month(tmp_path: Path, dates: list[str], order: str | None) -> None:
    rows, _ = read_bytes(tmp_path, "".join(f"{date}, 17:40 - A: x\n" for date in dates).encode(), "")
    if order is None:
        assert isinstance(rows[dates.index("1/2/24") if "1/2/24" in dates else 0], Reject)
    else:
        parts = [tuple(map(int, date.split("/")[:2])) for date in dates]
        days = [(b, a) if order == "dmy" else (a, b) for a, b in parts]
        years = [date[-2:] for date in dates]
        wanted = [f"20{year}-{month:02}-{day:02} 17:40" for year, (month, day) in zip(years, days, strict=True)]
        assert [row.fields["time"] for row in rows if isinstance(row, Record)] == wanted


@pytest.mark.parametrize(
    ("heads", "region", "order"),
    [
        (["1/2/24, 9:00", "1/2/24, 9:05", "4/2/24, 8:00", "4/2/24, 9:00", "1/3/24, 7:00"], "CN", "dmy"),
        (["1/2/24, 9:00", "4/2/24, 8:00", "4/2/24, 7:00", "4/2/24, 9:00", "1/3/24, 7:00"], "CN", None),  # out of order
        (["4/5/24, 5:40 PM"], "US", "mdy"),
        (["4/5/24, 5:40 PM"], "CN", None),
        (["4/5/24, 5:40 pm"], "US", None),  # as India and Australia write it
        (["04/05/24, 5:40 PM"], "US", None),
        (["4/5/2024, 5:40 PM"], "US", None),
        (["4/5/24, 17:40"], "US", None),
    ],
)
def test_day_and_month_by_what_else_the_file_shows(
    tmp_path: Path, heads: list[str], region: str, order: str | None
) -> None:
    path = tmp_path / "0123abcd"
    path.write_text("".join(f"{head} - A: x\n" for head in heads), encoding="utf-8")
    facts = Facts("whatsapp")
    rows = list(whatsapp.read(Job(path, "chat.txt", tmp_path, region=region), facts))
    assert bool(facts.notes) == (region == "US" and order is not None)  # the custom of a country is said
    day, month = (int(part) for part in heads[0].split("/")[:2])
    wanted = {"dmy": f"2024-{month:02}-{day:02}", "mdy": f"2024-{day:02}-{month:02}", None: None}[order]
    assert (rows[0].fields["time"] or "").split()[0] == wanted if isinstance(rows[0], Record) else wanted is None


@pytest.mark.parametrize(
    ("said", "heads", "days"),
    [
        ("dmy", ["4/5/24, 17:40"], ["2024-05-04"]),
        ("mdy", ["4/5/24, 17:40"], ["2024-04-05"]),
        ("mdy", ["1/2/24, 9:00", "2/2/24, 9:00", "4/2/24, 9:00", "5/2/24, 9:00", "1/3/24, 9:00"], None),
        ("mdy", ["4/5/24, 17:40", "13/5/24, 9:00"], ["2024-05-04", "2024-05-13"]),  # the file proves it
        ("dmy", ["24/3/9, 9:00"], ["2024-03-09"]),
        ("dmy", ["24/11/15, 9:05"], ["2015-11-24"]),
        ("ymd", ["24/11/15, 9:05"], ["2024-11-15"]),
        ("mdy", ["24/11/15, 9:05"], []),
        ("ymd", ["11/10/15, 9:05"], ["2011-10-15"]),
        ("ymd", ["15/11/24, 9:05", "16/11/24, 9:05"], ["2024-11-15", "2024-11-16"]),  # the file shows it
        ("ymd", ["4/5/24, 17:40"], []),
    ],
)
def test_a_person_says_which_comes_first(tmp_path: Path, said: str, heads: list[str], days: list[str] | None) -> None:
    path = tmp_path / "0123abcd"
    path.write_text("".join(f"{head} - A: x\n" for head in heads), encoding="utf-8")
    rows = list(whatsapp.read(Job(path, "chat.txt", tmp_path, order=said), Facts("whatsapp")))
    found = [(row.fields["time"] or "").split()[0] for row in rows if isinstance(row, Record)]
    assert found == ([f"2024-0{head[0]}-0{head[2]}" for head in heads] if days is None else days)


YEARS = [  # headings with words, on which the first is a message → the order in which they are read, on 2026-11-22
    ("24/3/30, 17:40 - 甲: 一|24/4/5, 17:40 - 甲: 一", "ymd"),
    ("24/11/15, 17:40 - 甲: 一", None),
    ("15/11/24, 17:40 - 甲: 一", None),
    ("24/11/15 下午5:40 - 甲: 一", None),  # Singapore's Chinese has the day first
    ("24/11/15, 9:05 - 甲: 一|24/11/16, 9:05 - 甲: 一", None),  # or a greeting once a year
    ("24/11/15, 9:05 - 甲: 一|24/11/16, 9:05 - 甲: 一|24/12/20, 9:05 - 甲: 一", "ymd"),
    ("24/11/15, 9:05 - 甲: 一|24/12/15, 9:05 - 甲: 一|24/10/16, 9:05 - 甲: 一|24/11/17, 9:05 - 甲: 一", None),
    ("15/11/24, 9:05 - 甲: 一|16/11/24, 9:05 - 甲: 一", "dmy"),
    ("15/11/24, 9:05 - 甲: 一|15/12/24, 9:05 - 甲: 一", None),
    ("24/11/08, 9:05 - 甲: 一", "ymd"),  # 2008: before WhatsApp
    ("24/11/28, 9:05 - 甲: 一", "ymd"),  # 2028: not yet
    ("24/11/26, 9:05 - 甲: 一", "ymd"),
    ("20/11/26, 9:05 - 甲: 一", None),
    ("28/11/24, 9:05 - 甲: 一|15/11/24, 9:05 - 甲: 一", "dmy"),
    ("24/11/08, 9:05 - 甲: 一|08/11/24, 9:05 - 甲: 一", None),  # both shown
    ("24/11/15, 9:05 - 甲: 一|05/11/30, 9:05 - 甲: 一", None),
    ("24年11月15日 17:40 - 甲: 一", "ymd"),
    ("24-11-15 下午5:40 - 甲: 一", "ymd"),
    ("24-11-15, 9:05 - 甲: 一", None),
    ("24. 11. 15. 오전 9:05 - 甲: 一", "ymd"),
    ("[24/11/15 午後5:40:22] 甲: 一", "ymd"),
    ("15.11.24, 09:05 - 甲: 一", "dmy"),
    ("15/11/24, 9:05 pm - 甲: 一", "dmy"),
    ("15/11/24, 9:05 - 甲: 一|15/11/24, 9:06 - Los mensajes están cifrados|15/11/24, 9:07 - 甲: 二", "dmy"),
    ("24/11/15, 9:05 - 甲: 一|24/11/15, 9:06 - 消息和通话已进行端到端加密|24/11/15, 9:07 - 甲: 二", None),
    ("24/11/15, 9:05 - 甲: 一|24/11/15, 9:06 - Ton", None),  # the last line may be half an author
    ("24/11/15, 9:05 - 甲: 一|24/11/15, 9:06 - 메시지 암호화|24/11/15, 9:07 - 甲: 二", "ymd"),
    ("19/11/15, 9:05 - 甲: 一|20/11/15, 9:05 - 甲: 一|18/12/15, 9:05 - 甲: 一|20/12/15, 9:05 - 甲: 一"
     "|19/09/16, 9:05 - 甲: 一", "dmy"),  # only so no day goes back
]  # fmt: skip


@pytest.mark.parametrize(("text", "order"), YEARS)
def test_where_a_year_of_two_digits_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, order: str | None
) -> None:
    monkeypatch.setattr("collectaudit.sources._days.today", lambda: date(2026, 11, 22))
    rows, _ = read_bytes(tmp_path, (text.replace("|", "\n") + "\n").encode(), "")
    if order is None:
        assert not [row for row in rows if isinstance(row, Record)]
        assert "day and year cannot be told apart" in (rows[0].reason if isinstance(rows[0], Reject) else "")
        return
    a, b, c = (int(part) for part in re.findall(r"\d+", text)[:3])
    year, month, day = (a, b, c) if order == "ymd" else (c, b, a)
    assert isinstance(rows[0], Record)
    assert (rows[0].fields["time"] or "").split()[0] == f"20{year:02}-{month:02}-{day:02}"


def test_the_shape_of_most_headings_counts(tmp_path: Path) -> None:
    text = "20/04/2024, 9:00 - 甲: 一\n20.04.2024, 9:01 - 甲: 二\n21.04.2024, 9:02 - 乙: 三\n20/04/2024, 9:00 - 引用\n"
    text += "21.04.2024, 9:03 - 甲: 四\n"
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert [row.fields["body"] if isinstance(row, Record) else row.reason for row in rows] == [
        "this line belongs to no message", "二", "三\n20/04/2024, 9:00 - 引用", "四",
    ]  # fmt: skip
    assert facts.status == "ok"


def test_a_long_chat_in_which_some_messages_came_late(tmp_path: Path) -> None:
    minutes = list(range(100))
    for at in range(0, 100, 8):
        minutes[at : at + 2] = at + 1, at
    text = "".join(f"[20/04/2024, 1{at // 60}:{at % 60:02}:00] 甲: 一\n二\n" for at in minutes)
    rows, facts = read_bytes(tmp_path, text.encode(), "")
    assert [row.fields["body"] for row in rows if isinstance(row, Record)] == ["一\n二"] * len(minutes)
    assert (facts.status, len(rows)) == ("ok", len(minutes))


def test_a_long_chat_of_two_minutes_that_was_shuffled(tmp_path: Path) -> None:
    lines = [f"2024/4/5 17:4{at // 30} - 甲: {at}\n这是{at}的\n" for at in range(60)]
    for seed in range(20):
        random.Random(seed).shuffle(lines)  # noqa: S311 — a test
        assert read_bytes(tmp_path, "".join(lines).encode(), "")[1].status == "partial"


@pytest.mark.parametrize(
    ("heading", "time"),
    [("2021-02-03 12:04:05 AM", "2021-02-03 00:04:05"), ("2021-02-03 09:04:05 PM", "2021-02-03 21:04:05")],
)
def test_lines_under_a_title_with_twelve_hours(tmp_path: Path, heading: str, time: str) -> None:
    (row,), _ = read_bytes(tmp_path, f"小王 - 微信聊天记录\n\n小王 ({heading}):在吗\n".encode(), "")
    assert isinstance(row, Record)
    assert (row.fields["time"], row.fields["direction"]) == (time, "in")


@pytest.mark.parametrize(
    ("end", "bodies"),
    [
        ("B: 好的", ["一", "好的"]),
        ("B: 好的\n还有100", ["一", "好的\n还有100"]),
        ("B: 好的\n100", ["一", "好的"]),  # as a time begins
        ("B: ", ["一"]),
        ("甲", ["一"]),
        ("甲退出了群组", ["一"]),
    ],
)
def test_a_last_line_without_an_end_was_cut(tmp_path: Path, end: str, bodies: list[str]) -> None:
    rows, facts = read_bytes(tmp_path, f"2024/4/5 17:40 - 甲: 一\n2024/4/5 17:41 - {end}".encode(), "")
    assert [row.fields["body"] for row in rows if isinstance(row, Record)] == bodies
    assert (facts.status, facts.reason) == ("partial", NO_END)


def test_of_a_message_whose_lines_were_moved_the_first_is_kept(tmp_path: Path) -> None:
    lines = ["2024/4/5 17:40 - 甲: 一", "2024/4/1 17:40 - 乙: 二", "是谁的", "2024/4/3 17:40 - 甲: 三", ""]
    rows, facts = read_bytes(tmp_path, "\n".join(lines).encode(), "")
    assert [(row.locator, row.fields["body"] if isinstance(row, Record) else row.reason) for row in rows] == [
        ("L1", "一"), ("L3", MOVED), ("L2", "二"), ("L4", "三"),
    ]  # fmt: skip
    assert facts.status == "partial"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("image omitted", True), ("imagen omitida", True), ("Bild weggelassen", True), ("изображение пропущено", True),
        ("图像已忽略", True), ("合同.pdf • \u200e1 page \u200edocument omitted", True), ("<attached: 1.opus>", True),
        ("This message was deleted.", True), ("此消息已删除", True), ("Se eliminó este mensaje.", True),
        ("Location: https://maps.example/?q=1,2", True), ("A deleted this group's icon", False),
        ("A created this group", False), ("Missed voice call, tap to call back", False),
    ],
)  # fmt: skip
def test_what_the_app_writes_in_place_of_a_message(tmp_path: Path, said: str, message: bool) -> None:
    rows, _ = read_bytes(tmp_path, f"[2024/4/5 17:40:22] A: \u200e{said}\n".encode(), "")
    assert [isinstance(row, Record) for row in rows] == [message]


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        ("WhatsApp Chat with Debt.txt", "Debt"),
        ("WhatsApp Chat - Debt (2).zip/_chat.txt", "Debt"),
        ("WhatsApp Chat mit Debt.txt", "Debt"),
        ("Chat de WhatsApp con Debt.txt", "Debt"),
        ("Conversa do WhatsApp com Debt.txt", "Debt"),
        ("與Debt的 WhatsApp 對話.txt", "Debt"),
        ("notes.txt", None),
    ],
)
def test_whom_a_chat_is_with(tmp_path: Path, name: str, partner: str | None) -> None:
    path = tmp_path / "0123abcd"
    path.write_text("2024/4/5 17:40 - Debt: 一\n", encoding="utf-8")
    (row,) = list(whatsapp.read(Job(path, name, tmp_path), Facts("whatsapp")))
    assert isinstance(row, Record)
    assert row.fields.get("direction") == ("in" if partner else None)


@pytest.mark.parametrize(
    "first",
    [
        "2024/4/5 17:40, 张三, 13800138000",
        "[2024-04-05 17:40:22] VERBOSE[123] pbx.c: Executing",
        "[2024-04-05 17:40:22] ERROR: it failed",
        "[00:12] 坐席：您好",
        "2024-04-05 17:40:22 张三",
        "消息记录",
        "1.2.3 - x: y",
        "[2024/4/5 17:40:22 张三: 文字",
        "",
    ],
)
def test_not_claimed_as_whatsapp(first: str) -> None:
    assert not whatsapp.claims(f"{first}\nand more\n".encode(), "WhatsApp Chat with A.txt")


# --- WeChat -------------------------------------------------------------------------------------------------------

SENT = "id,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime"
DUMPED = "id,MsgSvrID,type_name,is_sender,talker,room_name,content,CreateTime"


@pytest.mark.parametrize(
    ("header", "row", "fields"),
    [
        (SENT, "1,9,text,0,小王,在吗,,2024-04-05T09:40:22.000Z", {"time": "2024-04-05T09:40:22.000Z", "body": "在吗"}),
        (SENT, "1,9,text,0,小王,在吗,,1712310022", {"epoch_ms": "1712310022000", "body": "在吗"}),
        (SENT, "1,9,image,0,小王,[图片],a.jpg,1712310022", {"epoch_ms": "1712310022000", "body": None}),
        (DUMPED, '1,9,文本,0,小王,小王,"{""src"": """", ""msg"": ""在吗""}",1712310022',
         {"epoch_ms": "1712310022000", "body": "在吗"}),
    ],
)  # fmt: skip
def test_tables_that_name_is_sender(tmp_path: Path, header: str, row: str, fields: dict[str, str | None]) -> None:
    (found,), facts = read_bytes(tmp_path, f"{header}\r\n{row}\r\n".encode("utf-8-sig"), "")
    assert isinstance(found, Record)
    ends = {"channel": "im", "direction": "in", "other": "name:小王", "name": "小王"}
    assert (found.fields, facts.parser) == (ends | fields, "wechat")


def test_a_table_that_does_not_say_who_sent_it(tmp_path: Path) -> None:
    (found,), _ = read_bytes(tmp_path, f"{SENT}\n1,9,text,?,小王,在吗,,1712310022\n".encode(), "")
    assert isinstance(found, Reject)


def test_an_author_in_quotes(tmp_path: Path) -> None:
    rows, _ = read_bytes(tmp_path, "2024-04-05 09:40:20 '小王'\n在吗\n\n2024-04-05 09:41:20 '我'\n在\n\n".encode(), "")
    assert [row.fields["caller"] for row in rows if isinstance(row, Record)] == ["name:小王", "name:我"]


# --- QQ -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "caller"),
    [
        ("2024-04-05 9:40:20 昵称(123456)", "name:昵称(123456)"),
        ("2024-04-05 9:40:20 【管理员】昵称<a@b.example>", "name:昵称<a@b.example>"),
        ("2024-04-05 9:40:20 (123456)", "name:(123456)"),
        ("2024-04-05 9:40:20 昵称", "name:昵称"),
        ("2024-04-05 09:40:20 系统消息(10000)", None),
        ("2024-04-05 09:40:20 系统消息(1000000)", None),
    ],
)
def test_who_speaks_in_qq(tmp_path: Path, heading: str, caller: str | None) -> None:
    rule = "=" * 64
    first = [
        "消息记录（此消息记录为文本格式，不支持重新导入）",
        "",
        rule,
        "消息分组:我的好友",
        rule,
        "消息对象:某人",
        rule,
        "",
    ]
    head = "".join(f"{line}\r\n" for line in first)
    (row,), facts = read_bytes(tmp_path, f"{head}{heading}\r\n在吗\r\n\r\n".encode("utf-8-sig"), "")
    assert (row.fields["caller"] if isinstance(row, Record) else None) == caller
    assert isinstance(row, Record) or row.reason == "a notice of the app, no message"
    assert facts.status == "ok"


@pytest.mark.parametrize(
    ("heading", "time"),
    [
        ("2024-04-05 9:40:20 PM 昵称(123456)", "2024-04-05 21:40:20"),
        ("2024-04-05 12:40:20 AM 昵称(123456)", "2024-04-05 00:40:20"),
        ("2024-04-05 下午 9:40:20 昵称(123456)", "2024-04-05 21:40:20"),
        ("2024-04-05 上午9:40:20 昵称(123456)", "2024-04-05 09:40:20"),
        ("2024-04-05 12:40:20 昵称(123456)", "2024-04-05 12:40:20"),
    ],
)
def test_qq_on_a_computer_with_twelve_hours_and_without_rules(tmp_path: Path, heading: str, time: str) -> None:
    first = "消息记录（此消息记录为文本格式，不支持重新导入）\n消息分组:我的群聊\n消息对象:某群\n"
    (row,), facts = read_bytes(tmp_path, f"{first}{heading}\n在吗\n\n".encode(), "")
    assert isinstance(row, Record)
    assert (row.fields["time"], row.fields["caller"], row.fields["callee"]) == (
        time, "name:昵称(123456)", "name:某群",
    )  # fmt: skip
    assert facts.status == "ok"


# --- in a case ----------------------------------------------------------------------------------------------------


def events(case: Path) -> list[tuple[Any, ...]]:
    query = "SELECT from_number, from_role, to_number, to_role, name, channel FROM events ORDER BY at_local, locator"
    return [tuple(row.values()) for row in Case.open(case).query(query)]


def test_a_name_is_a_number_only_where_a_person_says_so(tmp_path: Path, run: Run) -> None:
    chat = tmp_path / "in" / "与催收小王的 WhatsApp 聊天记录.txt"
    chat.parent.mkdir()
    chat.write_bytes((DATA / "whatsapp_android_zh.txt").read_bytes())
    before = hashlib.sha256(chat.read_bytes()).hexdigest()
    book = tmp_path / "in" / "book.vcf"
    book.write_text(f"BEGIN:VCARD\nVERSION:3.0\nFN:催收小王\nTEL:{AGENT}\nEND:VCARD\n", encoding="utf-8")
    case = tmp_path / "case"
    assert run("audit", chat, book, "-o", case, "--owner", ME).code == 0
    assert events(case)[0] == ("name:催收小王", None, f"+86{ME}", "debtor", "催收小王", "im")
    assert run("audit", "-o", case, chat).code == 0
    assert len(events(case)) == 6
    people = tmp_path / "people.csv"
    people.write_text(f"number,name,role\n{AGENT},催收小王,collector\n", encoding="utf-8")
    assert run("audit", "-o", case, people).code in (0, 1)
    assert events(case)[0] == (f"+86{AGENT}", "collector", f"+86{ME}", "debtor", "催收小王", "im")
    assert len(events(case)) == 6
    assert hashlib.sha256(chat.read_bytes()).hexdigest() == before


def test_a_name_without_a_number_can_have_a_role(tmp_path: Path, run: Run) -> None:
    people = tmp_path / "people.csv"
    people.write_text("number,role\nname:催收小王,collector\nname:林一,debtor\n", encoding="utf-8")
    case = tmp_path / "case"
    assert run("audit", DATA / "whatsapp_iphone_zh.txt", people, "-o", case).code in (0, 1)
    assert events(case)[0] == ("name:催收小王", "collector", "name:林一", "debtor", None, "im")


@pytest.mark.parametrize("path", [*TEXTS, *TABLES], ids=lambda path: path.stem)
def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run, path: Path) -> None:
    before, case = path.read_bytes(), tmp_path / "case"
    expected = [row for row in read_file(path, path.stem)[0] if isinstance(row, Record)]
    for _ in range(2):
        assert run("audit", path, "-o", case).code in (0, 1, 3)  # 3: nobody has said which part of a date is the month
        assert len(events(case)) == len(expected)
    assert path.read_bytes() == before
