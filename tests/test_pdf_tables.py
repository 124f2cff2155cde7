"""Bills in PDF: the same rows as the same bill in a workbook, whether its lines are drawn, and over its pages."""

import hashlib
import io
import random
from pathlib import Path

import pypdf
import pytest
from conftest import Run
from pdfs import bill, picture
from table_reading import columns, job, rows

from collectaudit.case import Case
from collectaudit.records import Facts, Record, Reject, Unreadable
from collectaudit.sources import _pdf, _pdfpages, parsers, table

HEADER = ("起始时间", "通信地点", "通信方式", "对方号码", "通信时长", "通信类型", "实收通信费(元)")
ROWS = (
    ("2024-04-05 17:40:22", "北京", "被叫", "01088880000", "1分23秒", "本地", "0.00"),
    ("2024-04-05 21:05:09", "北京", "主叫", "13800138001", "45秒", "本地", "0.10"),
    ("2024-04-06 08:01:00", "上海", "被叫", "13800138002", "2分0秒", "国内漫游", "0.00"),
)
ABOVE = ("某通信 通话详单", "客户号码：13800138000 计费周期：2024-04-01 至 2024-04-30")
BELOW = ("合计 3 条", "本清单仅供参考，如有疑问请拨打客服热线")
NARROW = "2cm, 1.2cm, 1.2cm, 2.5cm, 1.6cm, 1.5cm, 1.5cm"
EXPECTED = [  # as the bill shows them
    ("2024-04-05 17:40:22", "in", "01088880000", "1分23秒"),
    ("2024-04-05 21:05:09", "out", "13800138001", "45秒"),
    ("2024-04-06 08:01:00", "in", "13800138002", "2分0秒"),
]


def read(folder: Path, content: bytes) -> tuple[list[Record | Reject], Facts]:
    task = job(folder, content, "详单.pdf")
    assert columns(task, folder / "o.parquet")[0] is None
    return rows(task)


def told(items: list[Record | Reject]) -> list[tuple[str | None, ...]]:
    assert not [item for item in items if isinstance(item, Reject)]
    return [
        tuple(item.fields.get(name) for name in ("date", "direction", "other", "duration"))
        for item in items
        if isinstance(item, Record)
    ]


@pytest.mark.parametrize("align", ["left", "center", "right", "left + horizon"])
@pytest.mark.parametrize("wide", ["auto", NARROW], ids=["wide", "wrapped"])
@pytest.mark.parametrize("stroke", ["0.5pt", "none"], ids=["ruled", "without lines"])
def test_a_bill(tmp_path: Path, stroke: str, wide: str, align: str) -> None:
    content = bill(HEADER, ROWS, above=ABOVE, below=BELOW, stroke=stroke, columns=wide, align=align)
    items, facts = read(tmp_path, content)
    assert told(items) == EXPECTED
    assert [item.locator for item in items] == ["p1!R4", "p1!R5", "p1!R6"]
    assert (facts.status, facts.owner_number, facts.year, facts.month) == ("ok", "13800138000", 2024, 4)
    assert facts.notes[0] == "read as cn_carrier_calls"


@pytest.mark.parametrize("repeat", [True, False])
@pytest.mark.parametrize("stroke", ["0.5pt", "none"])
def test_over_several_pages(tmp_path: Path, stroke: str, repeat: bool) -> None:
    many = tuple((f"2024-04-{day:02} 09:00:00", *ROWS[0][1:]) for day in range(1, 29))
    content = bill(HEADER, many, above=ABOVE, below=BELOW, stroke=stroke, height=9, repeat=repeat)
    items, facts = read(tmp_path, content)
    assert [told([item])[0][0] for item in items] == [row[0] for row in many]
    assert len({item.locator.split("!")[0] for item in items}) == len(pypdf.PdfReader(io.BytesIO(content)).pages) > 2
    assert facts.status == "ok"
    assert ("repeated headers skipped" in " ".join(facts.notes)) == repeat


def test_english_words_in_cells(tmp_path: Path) -> None:
    header = ("Date", "Type", "Phone number", "Contact name", "Duration")
    content = bill(
        header, (("2024-04-05 17:40:22", "Missed", "+1 202-555-0123", "Example Recovery", "0:00:00"),), stroke="none"
    )
    (row,), _ = read(tmp_path, content)
    assert isinstance(row, Record)
    assert (row.fields["other"], row.fields["name"]) == ("+1 202-555-0123", "Example Recovery")


def locked(content: bytes) -> bytes:
    writer, out = pypdf.PdfWriter(io.BytesIO(content)), io.BytesIO()
    writer.encrypt("123456", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def with_a_picture(content: bytes) -> bytes:
    writer, out = pypdf.PdfWriter(io.BytesIO(content)), io.BytesIO()
    writer.append(io.BytesIO(picture()))
    writer.write(out)
    return out.getvalue()


LETTER = bill(("甲", "乙"), (("一", "二"),), above=("某某先生：请于收到本函后还款。",), stroke="none")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (picture(), _pdf.PICTURES),
        (LETTER, _pdf.NO_TABLE),
        (locked(LETTER), _pdfpages.LOCKED),
        (b"%PDF-1.7\n1,2,3\n", "the PDF is damaged: download or copy it again"),
        (bill(("甲", "乙", "丙"), (("一", "二", "三"),) * 3), table.NO_MAP),
    ],
    ids=["picture", "letter", "locked", "no PDF", "unknown table"],
)
def test_what_is_not_read_says_what_to_do(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(tmp_path, content)
    assert str(raised.value) == reason


def test_a_page_that_is_a_picture(tmp_path: Path) -> None:
    items, facts = read(tmp_path, with_a_picture(bill(HEADER, ROWS)))
    assert told(items) == EXPECTED
    assert (facts.status, facts.reason) == ("partial", "1 pages are pictures: what stands on them is not read")


@pytest.mark.parametrize("seed", range(25))
def test_damage(tmp_path: Path, seed: int) -> None:
    content, dice = bytearray(bill(HEADER, ROWS, above=ABOVE)), random.Random(seed)  # noqa: S311 — a test
    if seed % 2:
        del content[dice.randrange(len(content)) :]
    for _ in range(20 * (1 - seed % 2)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    try:
        items, facts = read(tmp_path, bytes(content))
    except Unreadable:
        return
    assert set(told([item for item in items if isinstance(item, Record)])) <= set(EXPECTED)
    assert facts.status == ("partial" if seed % 2 else facts.status)


def test_without_the_optional_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pdfplumber", None)
    with pytest.raises(Unreadable, match="optional part"):
        read(tmp_path, bill(HEADER, ROWS))


def test_one_parser_claims_it() -> None:
    assert [parser.NAME for parser in parsers() if parser.claims(bill(HEADER, ROWS)[:65536], "a.pdf")] == ["table"]


def test_taken_in_twice_it_adds_nothing(tmp_path: Path, run: Run) -> None:
    path, case = tmp_path / "详单.pdf", tmp_path / "case"
    path.write_bytes(bill(HEADER, ROWS, above=ABOVE, below=BELOW))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    for _ in range(2):
        assert run("audit", path, "-o", case).code in (0, 1)
        found = Case.open(case).query("SELECT from_number, to_number, locator FROM events ORDER BY at_local")
        assert [tuple(row.values()) for row in found] == [
            ("+861088880000", "+8613800138000", "p1!R4"),
            ("+8613800138000", "+8613800138001", "p1!R5"),
            ("+8613800138002", "+8613800138000", "p1!R6"),
        ]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
