"""The command line in Chinese: whatever could not be read or done is said in Chinese."""

import json
import os
import re
from pathlib import Path

import pytest
from conftest import Run
from exports import AGENT, ME, calls

ENGLISH = re.compile(r"\b(?:the|cannot|is not|not read|known|records =|last audit)\b")


@pytest.fixture
def damaged(tmp_path: Path, run: Run) -> Path:
    """A case with one call, a torn backup, and an input of no known kind."""
    folder = tmp_path / "in"
    torn = calls(folder / "calls.xml", [("2025-06-01 22:10:00", "in", 35), ("1999-06-01 22:10:00", "in", 35)])
    torn.write_bytes(torn.read_bytes().replace(b"</calls>", b"<call number="))
    (folder / "odd.bin").write_bytes(b"\x00\x01\x02" * 100)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "pipe").symlink_to(torn)
    run("audit", folder, "-o", tmp_path / "case", "--owner", ME)
    return tmp_path / "case"


def test_the_report(damaged: Path, run: Run) -> None:
    chinese = json.loads(run("show", damaged, "--format", "json", lang="zh").out)
    english = json.loads(run("show", damaged, "--format", "json").out)
    reasons = {source["name"]: source["reason"] for source in chinese["sources"]}
    assert reasons["in/calls.xml"].startswith("文件不完整，缺少结束标记")
    assert reasons["in/empty.csv"] == "文件是空的"
    assert [source["reason"] for source in english["sources"]] != list(reasons.values())
    assert not any(ENGLISH.search(reason or "") for reason in reasons.values())


def test_rejects(damaged: Path, run: Run) -> None:
    rows = json.loads(run("show", damaged, "--rejects", "--format", "json", lang="zh").out)
    assert {row["reason"] for row in rows} == {
        "时间不合常理（手机时钟可能被重置过）：1999-06-01",
        "文件到这条记录中间就断了",
    }
    assert "the file ends inside this element" in run("show", damaged, "--rejects", "--format", "json").out


def test_the_summary(damaged: Path, run: Run) -> None:
    again = run("audit", damaged.parent / "in", "-o", damaged, lang="zh")
    assert "文件是空的" in again.out
    said = f"是指向 {damaged.parent / 'in/calls.xml'} 的链接"
    assert said.replace(" ", "") in re.sub(r"\s", "", again.out)  # lines break where they must
    assert not ENGLISH.search(again.out)


def test_inspect(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "文件是空的" in run("inspect", tmp_path / "empty.csv", lang="zh").out
    assert "不是读得出的文件" in run("inspect", tmp_path / "none.csv", lang="zh").err


def test_verify_and_status(damaged: Path, run: Run) -> None:
    assert not ENGLISH.search(run("verify", damaged, lang="zh").out)
    assert "完好" in run("status", damaged, lang="zh").out
    (damaged / "log" / "head").unlink()
    ran = run("verify", damaged, lang="zh")
    assert (ran.code, "log/head 不见了或已损坏" in ran.out) == (4, True)
    os.truncate(damaged / "log" / "audit.jsonl", 0)
    assert not ENGLISH.search(run("status", damaged, lang="zh").out)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("show", "nowhere"), "不是案卷文件夹"),
        (("export", "CASE", "--to", "a.doc"), "请使用下列扩展名之一"),
        (("declare", "CASE", "settled", "--from", "later"), "from_at：later 不是时间"),
        (("audit", "-o", "CASE", "--time-zone", "Asia/Shangai"), "您要写的是不是 Asia/Shanghai？"),
        (("audit", "-o", "CASE", "--regime", "cn.gbt4525"), "没有 \"cn.gbt4525\" 这部规范"),
        (("audit", "-o", "CASE", "--rules", "CASE"), "里面没有规则文件"),
        (("people", "CASE", AGENT, "催收方", "--name", "x" * 3000), "name 太长"),
    ],
)  # fmt: skip
def test_errors(late: Path, run: Run, args: tuple[str, ...], said: str) -> None:
    ran = run(*(str(late) if arg == "CASE" else arg for arg in args), lang="zh")
    assert ran.code != 0
    assert said in ran.err
    assert not ENGLISH.search(ran.err)


def test_problems_of_rules(tmp_path: Path, run: Run) -> None:
    (tmp_path / "r.sql").write_text("SELECT 1", encoding="utf-8")
    assert run("rules", "check", tmp_path, lang="zh").out.endswith(
        "r.sql:1: 没有文件头；文件开头请写 /*、用 TOML 写的文件头和 */\n"
    )
