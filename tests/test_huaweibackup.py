"""The list of a Huawei phone's backup says whether what lies beside it can be read."""

import zipfile
from pathlib import Path

import pytest
from phonedbs import HUAWEI_CALLS, build

from collectaudit.arrivals import Problem, arrivals
from collectaudit.case import Case
from collectaudit.inspecting import look_into
from collectaudit.intake import bring
from collectaudit.sources import parsers

INFO = """<?xml version="1.0" encoding="UTF-8" ?>
<info.xml><row table="HeaderInfo"><column name="dateTime"><value Long="1700000000000" /></column></row>
<row table="BackupFilesTypeInfo"><column name="checkMsg"><value {check} /></column></row>
<row table="BackupFileModuleInfo_SystemData"><column name="encMsgV3"><value Null="" /></column>
<column name="name"><value String="calllog" /></column></row></info.xml>
"""
OPEN, LOCKED = INFO.format(check='Null=""'), INFO.format(check=f'String="{"0A1B" * 32}"')


@pytest.mark.parametrize("text", [OPEN, LOCKED])
def test_only_this_reader_claims_it(text: str) -> None:
    assert [parser.NAME for parser in parsers() if parser.claims(text.encode(), "info.xml")] == ["huaweibackup"]
    assert not [parser for parser in parsers() if parser.claims(b"<info.xml><a/></info.xml>", "info.xml")]


def test_a_backup_without_a_password(tmp_path: Path) -> None:
    call = {"number": "13800000001", "date": 1_700_000_000_000, "duration": 7, "type": 1}
    build(tmp_path / "calllog.db", HUAWEI_CALLS, {"calls_tb": [call]})
    with zipfile.ZipFile(tmp_path / "HUAWEI.zip", "w") as archive:
        archive.write(tmp_path / "calllog.db", "HUAWEI/calllog.db")
        archive.writestr("HUAWEI/info.xml", OPEN)
    found = look_into(tmp_path / "HUAWEI.zip")
    assert [(row["parser"], row["status"], row["records"]) for row in found if row["parser"]] == [
        ("database", "ok", 1), ("huaweibackup", "ok", 0),
    ]  # fmt: skip


def test_an_encrypted_backup_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "info.xml").write_text(LOCKED, encoding="utf-8")
    case = Case.create(tmp_path / "case")
    bring(case, tmp_path / "in", lambda *_: None)
    (row,) = arrivals(case)
    assert (row["status"], row["records"]) == ("rejected", 0)
    (problem,) = row["problems"]
    assert problem == Problem("rejected", problem.args) and "without a password" in problem.args["why"]
