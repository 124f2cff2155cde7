"""Workbooks and what only bears their name: typed cells, several sheets, HTML and text named .xls, bombs."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt  # type: ignore[import-untyped]
from table_reading import columns, job, plain, rows

from collectaudit.records import Facts, Unreadable
from collectaudit.sources import _book, table

BILL = ["起始时间", "通信地点", "通信方式", "对方号码", "通信时长", "通信类型"]
MESSAGES = ["起始时间", "通信地点", "对方号码", "通信方式", "信息类型", "业务名称"]
AT = datetime(2024, 4, 5, 17, 40, 22)  # noqa: DTZ001 — civil time


def xlsx(*sheets: tuple[str, Sequence[Any]], hidden: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
        if name == hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(*sheets: tuple[str, Sequence[Any]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    styles = {
        datetime: xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss"),
        time: xlwt.easyxf(num_format_str="hh:mm:ss"),
        date: xlwt.easyxf(num_format_str="yyyy-mm-dd"),
    }
    for name, lines in sheets:
        sheet = book.add_sheet(name)
        for r, line in enumerate(lines):
            for c, cell in enumerate(line):
                if cell is not None:
                    sheet.write(r, c, cell, styles.get(type(cell), xlwt.Style.default_style))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LINES: list[list[Any]] = [
    ["通话详单"],
    ["客户号码：", "13800138000", None, "计费周期：", "2024年04月"],
    [],
    BILL,
    [AT, "北京", "被叫", 13800138001.0, time(0, 1, 23), "本地"],
    ["04-05 18:00:00", "北京", "主叫", "010-88880000", "05秒", "本地"],
    [AT, "北京", "被叫", 106900012345678901, 83, "本地"],
    [AT, "北京", "被叫", 1088880000, "", "本地"],
    ["合计", None, None, None, None, None],
]
EXPECTED = [
    {"date": "2024-04-05 17:40:22", "direction": "in", "duration": "00:01:23", "other": "13800138001"},
    {"date": "04-05 18:00:00", "direction": "out", "duration": "05秒", "other": "010-88880000"},
    {"reason": "column '对方号码': a number stored as a number has lost digits"},
    {"date": "2024-04-05 17:40:22", "direction": "in", "other": "1088880000"},
]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_bill_as_workbook(tmp_path: Path, kind: str) -> None:
    content = (xlsx if kind == "xlsx" else xls)(("通话", LINES))
    assert table.claims(content[:65536], "bill.bin")
    task = job(tmp_path, content)
    items, facts = rows(task)
    found = plain(items)
    assert [entry.pop("locator") for entry in found] == ["通话!R5", "通话!R6", "通话!R7", "通话!R8"]
    assert [{k: v for k, v in entry.items() if k != "channel"} for entry in found] == EXPECTED
    assert (facts.owner_number, facts.year, facts.month) == ("13800138000", 2024, 4)
    assert facts.notes == ["read as cn_carrier_calls", "total rows skipped: 1"]
    assert columns(task, tmp_path / "o.parquet")[0] is None


def test_lost_digits_in_a_column_that_is_not_used_do_not_matter(tmp_path: Path) -> None:
    lines = [[*BILL, "流水号"], [AT, "北京", "被叫", "13800138001", 5, "本地", 12345678901234567890.0]]
    assert "reason" not in plain(rows(job(tmp_path, xlsx(("a", lines))))[0])[0]


def test_several_sheets(tmp_path: Path) -> None:
    content = xlsx(
        ("通话", [BILL, [AT, "北京", "被叫", "13800138001", 5, "本地"]]),
        ("短信", [MESSAGES, [AT, "北京", "106900012345", "接收", "短信", "点对点"]]),
        ("上网", [["起始时间", "上网方式", "总流量"], [AT, "4G", 5]]),
        ("空", []),
        hidden="短信",
    )
    items, facts = rows(job(tmp_path, content))
    assert [(entry["locator"], entry["channel"]) for entry in plain(items)] == [("通话!R2", "call"), ("短信!R2", "sms")]
    assert facts.notes == [
        "read as cn_carrier_calls",
        "read as cn_carrier_sms",
        "sheet '上网' has no header that a column map fits; it is not read",
    ]


def test_sheets_of_another_kind_are_named(tmp_path: Path) -> None:
    contacts = [["姓", "名", "移动电话"], ["张", "三", "13800138000"]]
    content = xlsx(("通话", [BILL, [AT, "北京", "被叫", "13800138001", 5, "本地"]]), ("通讯录", contacts))
    items, facts = rows(job(tmp_path, content))
    assert len(items) == 1
    assert (facts.kind, facts.status) == ("events", "partial")
    assert facts.reason == "sheet '通讯录' holds contacts; it is not read"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", ""),
        (" 138", " 138"),
        (13800138000.0, "13800138000"),
        (83, "83"),
        (0.5, "0.5"),
        (45387.7363657407, "45387.7363657407"),
        (999999999999999.0, "999999999999999"),
        (True, "TRUE"),
        (AT, "2024-04-05 17:40:22"),
        (AT - timedelta(microseconds=2), "2024-04-05 17:40:22"),
        (date(2024, 4, 5), "2024-04-05"),
        (time(0, 1, 23), "00:01:23"),
        (time(0, 1, 22, 999_998), "00:01:23"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
    ],
)
def test_cells_as_text(cell: Any, text: str) -> None:
    assert _book._text(cell) == text


def test_ods(tmp_path: Path) -> None:
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>' for c in line)
        + "</table:table-row>"
        for line in (BILL, ["2024-04-05 17:40:22", "北京", "被叫", "13800138001", "5秒", "本地"])
    )
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    sheet = f'<office:spreadsheet><table:table table:name="通话">{cells}</table:table></office:spreadsheet>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        f"<office:body>{sheet}</office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", manifest)
    data = (tmp_path / "a.ods").read_bytes()
    assert table.claims(data, "")
    assert plain(rows(job(tmp_path, data))[0])[0]["other"] == "13800138001"


# damage and bombs


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_workbook_cut_short(tmp_path: Path, kind: str) -> None:
    content = (xlsx if kind == "xlsx" else xls)(("通话", LINES))
    for end in [*range(8, 600, 37), *range(600, len(content) - 1, 211)]:
        task = job(tmp_path, content[:end])
        try:
            rows(task)
        except Unreadable as problem:
            assert str(problem)


def test_a_workbook_in_name_only(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="the workbook is damaged"):
        rows(job(tmp_path, archive({"xl/workbook.xml": b""})[:60]))
    with pytest.raises(Unreadable, match="the workbook cannot be read"):
        rows(job(tmp_path, archive({"xl/workbook.xml": b"nothing"})))
    with pytest.raises(Unreadable, match="the workbook cannot be read"):
        rows(job(tmp_path, _book.OLE + bytes(4096)))


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def test_a_part_that_unpacks_to_a_multiple_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="200 times its size"):
        rows(job(tmp_path, archive({"xl/worksheets/sheet1.xml": bytes(11 << 20)})))


def test_declared_sizes_and_passwords_are_looked_at(tmp_path: Path) -> None:
    content = bytearray(archive({"xl/workbook.xml": b"x"}))
    at = content.rindex(b"PK\x01\x02")
    huge = bytes(content[: at + 24]) + b"\xff\xff\xff\xfe" + bytes(content[at + 28 :])
    with pytest.raises(Unreadable, match="more than 2 GB"):
        rows(job(tmp_path, huge))
    content[at + 8] |= 1
    with pytest.raises(Unreadable, match="encrypted; save it without a password"):
        rows(job(tmp_path, bytes(content)))


# HTML and text named .xls


def page(lines: list[list[str]], head: str = "") -> str:
    trs = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<html><head>{head}</head><body><table>{trs}</table></body></html>"


HTML = [
    ["客户号码：13800138000"],
    BILL,
    ["2024-04-05 17:40:22", "北京", "被叫", "<b>13800138001</b>", "5&nbsp;秒", "本地"],
    ["2024-04-05 17:41:22", "北京&amp;上海", "主叫", "&nbsp;", "5秒", "本地"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_html_named_xls(tmp_path: Path, encoding: str) -> None:
    content = page(HTML).encode(encoding)
    assert table.claims(content, "bill.xls")
    items, facts = rows(job(tmp_path, content, "bill.xls"))
    found = plain(items)
    assert [entry["locator"] for entry in found] == ["tr[3]@L3", "tr[4]@L4"]
    assert (found[0]["other"], found[0]["duration"], found[0]["direction"]) == ("13800138001", "5\xa0秒", "in")
    assert "other" not in found[1]
    assert facts.owner_number == "13800138000"
    assert facts.encoding == ("utf-16-le" if encoding == "utf-16" else encoding)


def test_html_that_closes_nothing_and_nests(tmp_path: Path) -> None:
    inner = "".join(f"<tr><td>{'<td>'.join(line)}" for line in HTML[1:3])
    text = f"<table><tr><td>外面<table>{inner}</table>后面</td></tr></table><p>完</p>"
    assert plain(rows(job(tmp_path, text.encode()))[0])[0]["other"] == "13800138001"


def test_html_spans(tmp_path: Path) -> None:
    head = "<tr><td colspan=6>通话详单</td></tr><tr>" + "".join(f"<th>{name}</th>" for name in BILL) + "</tr>"
    row = "<tr><td>2024-04-05 17:40:22</td><td colspan='2'>北京</td><td>13800138001</td><td>5秒</td></tr>"
    found = plain(rows(job(tmp_path, f"<table>{head}{row}</table>".encode()))[0])
    assert (found[0]["other"], found[0]["duration"]) == ("13800138001", "5秒")


def test_html_without_limits(tmp_path: Path) -> None:
    deep = "<table><tr><td>" * 5000 + page(HTML)
    assert len(rows(job(tmp_path, deep.encode()))[0]) == 2
    wide = "<table><tr>" + "<td colspan=999999>" * 5000 + "</table>"
    with pytest.raises(Unreadable, match="no column map"):
        rows(job(tmp_path, wide.encode()))


def test_damaged_characters_in_html_cost_their_row(tmp_path: Path) -> None:
    content = page([*HTML, *[HTML[2]] * 5]).encode().replace("上海".encode(), b"\xff\xfe")
    reasons = [entry.get("reason") for entry in plain(rows(job(tmp_path, content))[0])]
    assert [reason for reason in reasons if reason] == ["the row holds bytes that are no characters"]


def test_tabs_named_xls(tmp_path: Path) -> None:
    lines = [BILL, ["2024-04-05 17:40:22", "北京", "被叫", "13800138001", "5秒", "本地"]]
    content = "\r\n".join("\t".join(line) for line in lines).encode("gb18030")
    assert table.claims(content, "bill.xls")
    items, facts = rows(job(tmp_path, content, "bill.xls"))
    assert plain(items)[0]["other"] == "13800138001"
    assert facts.encoding == "gb18030"


def test_a_proposal_for_a_workbook(tmp_path: Path) -> None:
    lines = [["随便"], ["何时", "对端", "怎么"], [AT, 13800138001, "被叫"], [AT, 13800138002, "主叫"]]
    proposal = table.propose(job(tmp_path, xlsx(("表一", lines))))
    assert (proposal.sheet, proposal.locator) == ("表一", "表一!R2")
    assert [guess.field for guess in proposal.guesses] == ["date", "other", "direction"]


def test_reading_leaves_the_original_alone(tmp_path: Path) -> None:
    content = xlsx(("通话", LINES))
    task = job(tmp_path, content)
    task.path.chmod(0o400)
    list(table.read(task, Facts("table")))
    assert task.path.read_bytes() == content
