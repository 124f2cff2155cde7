"""Text tables as they really come: damaged, mixed, cut, ragged, with quotation marks that never close."""

import codecs
from pathlib import Path

import pytest
from table_reading import DATA, as_tuples, columns, job, plain, rows

from collectaudit.records import Record, Reject, Unreadable
from collectaudit.sources import _decode, table

HEADER = "开始时间,主叫号码,被叫号码,通话时长,备注"
ROW = "2025-03-01 09:00:00,01088880021,13800138000,63,好的"


def read(tmp_path: Path, content: str | bytes) -> list[tuple[str, str]]:
    """Locator and callee, or locator and reason; by columns too, where that way is open."""
    raw = content.encode() if isinstance(content, str) else content
    items, facts = rows(job(tmp_path, raw))
    found, learned = columns(job(tmp_path, raw), tmp_path / "out.parquet")
    if found is not None:
        assert found == as_tuples(items)
        assert learned == facts
        (tmp_path / "out.parquet").unlink()
    locators = [item.locator for item in items]
    assert len(locators) == len(set(locators))
    return [(i.locator, i.reason if isinstance(i, Reject) else i.fields.get("callee") or "") for i in items]


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^the file is empty$"):
        read(tmp_path, b"")
    assert not table.claims(b"", "t.csv")


@pytest.mark.parametrize("separator", [",", "\t", "|", ";"])
@pytest.mark.parametrize("quoted", [False, True])
def test_separators(tmp_path: Path, separator: str, quoted: bool) -> None:
    lines = [HEADER.split(","), *[ROW.split(",")] * 3]
    joint = f'"{separator}"' if quoted else separator
    text = "\n".join(f'"{joint.join(line)}"' if quoted else joint.join(line) for line in lines)
    assert read(tmp_path, text) == [(f"L{n}", "13800138000") for n in (2, 3, 4)]
    assert table.claims(text.encode(), "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2025-03-01 09:00:00,1,2,3,x,,", "2"),
        ("2025-03-01 09:00:00,1,2,3,x, ", "2"),
        ("2025-03-01 09:00:00,1,2,3,x,y", "the row has 6 cells, the header 5"),
        ("2025-03-01 09:00:00,1,2,3", "2"),
        ("2025-03-01 09:00:00,1,2", "the row ends before column '通话时长'"),
        ("2025-03-01 09:00:00,1", "the row ends before column '被叫号码'"),
        ("2025-03-01 09:00:0", "the row ends before column '主叫号码'"),
        ("2025-03-01 09:00:00,1,,3,x", ""),
        ("2025-03-01 09:00:00,1, ,3,x", " "),
        (",1,2,3,x", "2"),
        ("'2025-03-01 09:00:00,1,'138,3,x", "'138"),
        ('="2025-03-01 09:00:00",1,="138",3,x', '="138"'),
        ('2025-03-01 09:00:00,1,"1""3",3,x', '1"3'),
        ('2025-03-01 09:00:00,1,"1,3",3,x', "1,3"),
        ('2025-03-01 09:00:00,1,"13"8,3,x', "138"),
        ('2025-03-01 09:00:00,1,1"3"8,3,x', '1"3"8'),
        ('2025-03-01 09:00:00,1,"1\n3",3,x', "1\n3"),
        ('2025-03-01 09:00:00,1,"1\n""3",3,"x\ny"', '1\n"3'),
        ("2025-03-01 09:00:00,1,2,3,x\x01y", "2"),
        ("2025-03-01 09:00:00,1,2\r3,3,x", "2\r3"),
        ("2025-03-01 09:00:00,1,2,3,x\x00", "the line holds zero bytes"),
        ("x" * (1 << 20), "the row ends before column '主叫号码'"),
        ("x" * ((1 << 20) + 1), "the line is longer than 1 MB"),
        ("x" * (4 << 20), "the line is longer than 1 MB"),
    ],
)
def test_one_line_between_good_ones(tmp_path: Path, line: str, expected: str) -> None:
    for end in ("\n", "\r\n"):
        found = read(tmp_path, end.join([HEADER, ROW, line, ROW, ""]))
        assert found[:2] == [("L2", "13800138000"), ("L3", expected)]
        last = 4 + line.count("\n")
        assert found[2:] == [(f"L{last}", "13800138000")]


@pytest.mark.parametrize(
    ("line", "skipped"),
    [
        ("", []),
        (" , ,,,", []),
        ("　,\t", []),
        (HEADER, ["repeated headers skipped: 1"]),
        ("开始时间 ,主叫号码,被叫号码,通话时长（秒）,备注", ["repeated headers skipped: 1"]),
        ("合计,,,63,", ["total rows skipped: 1"]),
        ("合计：,120,130,63,", ["total rows skipped: 1"]),
        (",总计,,63,", ["total rows skipped: 1"]),
        ("Total,,,63", ["total rows skipped: 1"]),
        ("注：以上数据仅供参考,谢谢", ["rows of remarks skipped: 1"]),
        ("打印时间：2025-04-01,,,,", ["rows of remarks skipped: 1"]),
        ("第 1 页,共 3 页", ["rows of remarks skipped: 1"]),
    ],
)
def test_rows_that_are_no_records_are_counted(tmp_path: Path, line: str, skipped: list[str]) -> None:
    task = job(tmp_path, "\n".join([HEADER, ROW, line, ROW]).encode())
    items, facts = rows(task)
    assert [item.locator for item in items] == ["L2", "L4"]
    assert facts.notes == ["read as switch_calls", *skipped]
    assert columns(task, tmp_path / "o.parquet") == (as_tuples(items), facts)


def test_a_complete_row_is_never_taken_for_a_remark(tmp_path: Path) -> None:
    header = "案件编号,拨打时间,主叫号码,被叫号码,通话时长"
    row = "合计公司,2025-03-01 09:00:00,01088880021,13800138000,63"
    assert [callee for _, callee in read(tmp_path, f"{header}\n{row}\n{row}\n")] == ["13800138000"] * 2


def test_an_unclosed_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    bad = '2025-03-01 09:00:00,1,"138,63,x'
    good = [ROW.replace("63", str(n)) for n in range(150)]
    found = read(tmp_path, "\n".join([HEADER, bad, *good]))
    assert found[0] == ("L2", "a quotation mark is opened here and not closed")
    assert len(found) == 151


def test_a_stray_quotation_mark_swallows_no_rows(tmp_path: Path) -> None:
    lines = [HEADER, '2025-03-01 09:00:00,1,2,3,"x', '2025-03-01 09:00:00,1,2,3,"y"', ROW]
    assert read(tmp_path, "\n".join(lines)) == [
        ("L2", "a quotation mark is opened here and not closed"),
        ("L3", "2"),
        ("L4", "13800138000"),
    ]


def test_many_unclosed_quotation_marks_take_linear_time(tmp_path: Path) -> None:
    found = read(tmp_path, "\n".join([HEADER, *['1,2,3,4,"x'] * 20_000]))
    assert len(found) == 20_000


def test_lone_carriage_returns_end_lines_where_nothing_else_does(tmp_path: Path) -> None:
    assert read(tmp_path, "\r".join([HEADER, ROW, ROW])) == [("L2", "13800138000"), ("L3", "13800138000")]


# encodings


def test_gb18030_behind_a_long_stretch_of_ascii(tmp_path: Path) -> None:
    header = "start time,caller,callee,duration,note"
    lines = [header, *["2025-03-01 09:00:00,1,2,3,x"] * 12_000, "2025-03-01 09:00:00,1,2,3,䶮好"]
    content = "\n".join(lines).encode("gb18030")
    assert len(content) > _decode.BLOCK
    task = job(tmp_path, content)
    items, facts = rows(task)
    assert (len(items), facts.encoding) == (12_001, "gb18030")
    found, learned = columns(task, tmp_path / "o.parquet")
    assert learned == facts
    assert found == as_tuples(items)


@pytest.mark.parametrize(
    ("utf8", "gb18030", "encoding"), [(5, 1, "utf-8"), (1, 5, "gb18030"), (3, 3, "utf-8"), (1, 2000, "gb18030")]
)
def test_mixed_lines_are_rejected_never_garbled(tmp_path: Path, utf8: int, gb18030: int, encoding: str) -> None:
    header = HEADER.encode(encoding)
    content = b"\n".join([header, *[ROW.encode()] * (utf8 - 1), *[ROW.encode("gb18030")] * gb18030, ROW.encode()])
    if encoding == "gb18030":
        content = content.removesuffix(ROW.encode()) + ROW.encode("gb18030") + b"\n" + ROW.encode()
    found = read(tmp_path, content)
    bad = [reason for _, reason in found if reason.startswith("the line")]
    assert set(bad) == {f"the line is not valid {encoding.upper()}"}
    items, facts = rows(job(tmp_path, content))
    assert facts.encoding == encoding
    assert len(bad) == (utf8 if encoding == "gb18030" else gb18030)
    assert len(items) == content.count(b"\n")


def test_short_gbk_words_that_pass_for_utf8(tmp_path: Path) -> None:
    assert "女".encode("gb18030").decode("utf-8")  # two bytes that are also a letter in UTF-8
    row = ROW.replace("好的", "女")
    content = "\n".join([HEADER, row, row]).encode("gb18030")
    items, facts = rows(job(tmp_path, content))
    assert facts.encoding == "gb18030"
    assert [item.raw[-1] for item in items if isinstance(item, Record)] == ["女", "女"]


def test_damaged_bytes_cost_their_line(tmp_path: Path) -> None:
    lines = [line.encode("gb18030") for line in [HEADER, *[ROW] * 60]]
    lines[30] = lines[30][:-1] + b"\xff"
    found = read(tmp_path, b"\n".join(lines))
    assert [entry for entry in found if entry[1] != "13800138000"] == [("L31", "the line is not valid GB18030")]
    lines = [line.encode() for line in [HEADER, *[ROW] * 3]]
    lines[2] = lines[2][:-1]
    assert read(tmp_path, b"\n".join(lines))[1] == ("L3", "the line is not valid UTF-8")
    assert read(tmp_path, codecs.BOM_UTF8 + b"\n".join(lines))[1] == ("L3", "the line is not valid UTF-8")


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "euc-kr"])
def test_other_encodings_are_refused_with_advice(tmp_path: Path, encoding: str) -> None:
    text = {
        "big5": "時間,電話,我的,一個人在這裡",
        "shift_jis": "時間,電話,わたしの,データです",
        "euc-kr": "시간,전화,저의,데이터",
    }
    content = "\n".join([text[encoding]] * 20).encode(encoding)
    with pytest.raises(Unreadable, match=r"neither UTF-8, UTF-16 nor GB18030; .*save it as UTF-8|no column map fits"):
        rows(job(tmp_path, content))


def test_utf16_without_a_mark(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        items, facts = rows(job(tmp_path, "\n".join([HEADER, ROW, ROW]).encode(encoding)))
        assert (len(items), facts.encoding) == (2, encoding)


def test_utf16_with_half_a_character(tmp_path: Path) -> None:
    good = codecs.BOM_UTF16_LE + "\n".join([HEADER, ROW, ROW]).encode("utf-16-le")
    assert read(tmp_path, good + b"\x41")[1] == ("L3", "the line is not valid UTF-16-LE")
    assert read(tmp_path, good + b"\x00\xd8\n\x00")[1] == ("L3", "the line is not valid UTF-16-LE")


def test_zero_bytes(tmp_path: Path) -> None:
    content = "\n".join([HEADER, ROW, ROW]).encode() + bytes(5000)
    assert read(tmp_path, content) == [("L2", "13800138000"), ("L3", "the line holds zero bytes")]
    with pytest.raises(Unreadable):
        rows(job(tmp_path, bytes(5000)))


# cut anywhere


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["cn_carrier_calls", "carrier_groups", "dialler", "sms_gateway", "contacts_google"])
def test_cut_anywhere(tmp_path: Path, name: str, encoding: str) -> None:
    whole = (DATA / f"{name}.csv").read_text(encoding="utf-8").encode(encoding)
    full = plain(rows(job(tmp_path, whole))[0])
    step = 5 if encoding == "gb18030" else 17  # coprime to line and character lengths: every kind of place is met
    for end in range(0, len(whole), step):
        task = job(tmp_path, whole[:end])
        try:
            items, _ = rows(task)
        except Unreadable:
            continue
        found = plain(items)
        same = sum(a == b for a, b in zip(found, full, strict=False))
        assert same >= len(found) - 3, end  # what was cut may spoil its own record, and no other
        table.claims(whole[:end], "")


# several tables in one file


def test_a_second_table_below_the_first(tmp_path: Path) -> None:
    calls = (DATA / "cn_carrier_calls.csv").read_text(encoding="utf-8")
    messages = (DATA / "cn_carrier_sms.csv").read_text(encoding="utf-8").replace("\t", ",")
    items, facts = rows(job(tmp_path, (calls + messages).encode()))
    channels = [item.fields["channel"] for item in items if isinstance(item, Record)]
    assert channels == ["call"] * 9 + ["sms"] * 5
    assert "read as cn_carrier_sms" in facts.notes
    assert columns(job(tmp_path, (calls + messages).encode()), tmp_path / "o.parquet")[0] is None


def test_a_date_alone_at_the_end_is_what_was_left_of_a_record(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER}\n{ROW}\n2025-03-02") == [
        ("L2", "13800138000"),
        ("L3", "the row ends behind its date"),
    ]


@pytest.mark.parametrize(
    ("header", "row", "status"),
    [
        (
            "主叫号码,被叫号码,通话时长,开始时间",
            "01088880021,13800138000,63,2025-03-01 09:00:00",
            "ok",
        ),  # to the second
        ("主叫号码,被叫号码,通话时长,开始时间", "01088880021,13800138000,63,2025-03-01 09:00", "partial"),
        ("开始时间,主叫号码,被叫号码,通话时长", "2025-03-01 09:00:00,01088880021,13800138000,63", "partial"),
        ("开始时间,主叫号码,被叫号码,通话时长", '2025-03-01 09:00:00,01088880021,13800138000,"63"', "ok"),
        (HEADER, ROW, "ok"),  # its last column is not read
    ],
)
def test_a_last_line_without_an_end_may_still_be_whole(tmp_path: Path, header: str, row: str, status: str) -> None:
    read(tmp_path, f"{header}\n{row}")
    assert rows(job(tmp_path, f"{header}\n{row}".encode()))[1].status == status


def test_endless_tables_are_stopped(tmp_path: Path) -> None:
    other = "开始时间,主叫号码,被叫号码,时长"
    task = job(tmp_path, "\n".join([HEADER, other] * 30).encode())
    with pytest.raises(Unreadable, match="more than 20 tables"):
        rows(task)
