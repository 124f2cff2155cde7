"""Which files are tables, and what is proposed for a table that no map fits."""

import zipfile
from pathlib import Path

import pytest
from table_reading import DATA, columns, job, rows

from collectaudit.records import Record, Unreadable
from collectaudit.sources import HEAD_BYTES, parsers, table


def archive(tmp_path: Path, *names: str) -> bytes:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in names:
            file.writestr(name, "x")
    return (tmp_path / "a.zip").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        "<?xml version='1.0'?><smses count='1'><sms address='1,2,3' body='a,b,c'/></smses>",
        "<smses>\n<sms a='1,2,3'/>\n<sms a='1,2,3'/>\n</smses>",
        "BEGIN:VCARD\nVERSION:3.0\nN:Doe;Jane;;;\nN:Roe;Jane;;;\nEND:VCARD",
        '{"a": [1,2,3],\n"b": [1,2,3],\n"c": [1,2,3]}',
        '[{"a": 1, "b": 2, "c": 3},\n{"a": 1, "b": 2, "c": 3}]',
        "20/04/24, 17:40 - Jane: hello\n20/04/24, 17:41 - John: hello, you\n20/04/24, 17:42 - Jane: no\n",
        "Row: 0 _id=12, number=13800138000, date=1, type=1\nRow: 1 _id=13, number=13800138000, date=1, type=1\n",
        "Dear Sir,\nI write, as you know, about a debt.\nYours, J.\n",
        "消息记录\n2024-04-05 9:40:20 甲\n你好\n",
        "WEBVTT\n\n00:00.000 --> 00:01.000\na, b, c\n",
        "\x89PNG\r\n\x1a\n" + "\x00\x01\x02,\x03,\n" * 50,
        "<html><body><p>a,b,c</p>\n<p>a,b,c</p></body></html>",
        "#!AMR\n" + "".join(map(chr, range(1, 32))) * 9,
    ],
)
def test_not_claimed(content: str) -> None:
    assert not table.claims(content.encode("utf-8", "replace"), "t.csv")


def test_archives_that_are_no_workbooks_are_not_claimed(tmp_path: Path) -> None:
    assert not table.claims(archive(tmp_path, "_chat.txt", "IMG-1.jpg"), "t.xlsx")
    assert not table.claims(archive(tmp_path, "[Content_Types].xml", "word/document.xml"), "t.xlsx")
    assert table.claims(archive(tmp_path, "[Content_Types].xml", "xl/workbook.xml"), "t.bin")


@pytest.mark.parametrize(
    "path", sorted(DATA.parent.glob("*/*.[cvx]*")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_one_parser_claims_each_file(path: Path) -> None:
    head = path.read_bytes()[:HEAD_BYTES]
    claiming = {parser.NAME for parser in parsers() if head and parser.claims(head, path.name)}
    assert len(claiming) <= 1
    assert (claiming == {"table"}) == (path.parent == DATA)


def test_an_unknown_table_is_claimed_and_explained(tmp_path: Path) -> None:
    content = b"a,b,c\n1,2,3\n1,2,3\n"
    assert table.claims(content, "")
    with pytest.raises(Unreadable, match="no column map fits"):
        rows(job(tmp_path, content))
    with pytest.raises(Unreadable, match="no column map fits"):
        columns(job(tmp_path, content), tmp_path / "o.parquet")


# proposals


def test_a_proposal_becomes_a_map(tmp_path: Path) -> None:
    text = "查询结果\n流水,谁打给谁,那个号码,什么时候,多久\n" + "".join(
        f"{n},{'被叫' if n % 2 else '主叫'},1380013800{n},2024-04-0{n + 1} 17:40:22,{n}秒\n" for n in range(5)
    )
    proposal = table.propose(job(tmp_path, text.encode()))
    assert [(guess.header, guess.field) for guess in proposal.guesses] == [
        ("流水", None), ("谁打给谁", "direction"), ("那个号码", "other"), ("什么时候", "date"), ("多久", "duration"),
    ]  # fmt: skip
    assert proposal.guesses[2].reason == "100 % of the cells look like telephone numbers"
    assert proposal.preview[0] == ("0", "主叫", "13800138000", "2024-04-01 17:40:22", "0秒")
    assert proposal.locator == "L2"
    path = tmp_path / "proposed.toml"
    path.write_text(proposal.text, encoding="utf-8")
    assert table.check_map(path) == []
    items, _ = rows(job(tmp_path, text.encode(), map_file=path))
    assert len(items) == 5
    assert items[1].fields["direction"] == "in" if isinstance(items[1], Record) else False


def test_a_proposal_from_known_headers(tmp_path: Path) -> None:
    text = '主叫号码,被叫号码,联系结果,谁,"坏""头\\\n\x07"\n1,2,接通,本人,x\n1,2,接通,本人,x\n'
    proposal = table.propose(job(tmp_path, text.encode()))
    fields = {guess.header: guess.field for guess in proposal.guesses}
    assert (fields["主叫号码"], fields["被叫号码"], fields["联系结果"]) == ("caller", "callee", "outcome")
    assert 'side = "switch"' in proposal.text
    assert 'outcome = "call_results"' in proposal.text
    assert '# date = ["…"]  # which column is it?' in proposal.text
    assert '"坏\\"头\\\\\\U0000000a\\U00000007"' in proposal.text
    path = tmp_path / "proposed.toml"
    path.write_text(proposal.text, encoding="utf-8")
    assert table.check_map(path) == ["required: 'date' has no line under [columns]; add one or take it out"]


def test_no_proposal_without_a_header(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no table with a header"):
        table.propose(job(tmp_path, b"13800138000\n13800138001\n"))
