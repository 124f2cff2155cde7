"""Reasons and errors that the code makes in English are all said in Chinese, too; data in them stays as it is."""

import ast
import errno
import os
import re
import string
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import HOLE, MAKERS, PACKAGE, Module

from collectaudit import errors
from collectaudit.catalogue import Words, texts
from collectaudit.evidence.files import _FIXES
from collectaudit.sentences import in_chinese, pairs
from collectaudit.sources._map import shipped

CJK = re.compile(r"[\u4e00-\u9fff]")
LETTERS = re.compile(r"[A-Za-z]{2}")
MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
STATES = {key.removeprefix("state.") for key in texts("zh") if key.startswith("state.")}  # have words of their own
MADE = sorted({text for module in MODULES for text in module.messages() if LETTERS.search(text)} - STATES)
IN_SQL = re.findall(r"THEN '([^']+ [^']+)'", (PACKAGE / "sql" / "typed.sql").read_text(encoding="utf-8"))
CAUTIONS = [column_map.caution for column_map in shipped() if column_map.caution]
BY_THE_SYSTEM = [os.strerror(code) for code in (*_FIXES, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ELOOP)]


def holes(template: str) -> Counter[str]:
    return Counter(name for _, name, *_ in string.Formatter().parse(template) if name is not None)


def test_every_message_is_said_in_chinese() -> None:
    every = [*MADE, *IN_SQL, *CAUTIONS, *BY_THE_SYSTEM]
    said = {text for text in every if CJK.search(in_chinese(text)) or CJK.search(in_chinese(f"{HOLE} {text}"))}
    assert set(every) - said == set()


def test_the_messages_are_found() -> None:
    assert len(MADE) > 250
    assert {"no telephone number", f"time cannot be read: {HOLE}", "the file ends inside a card"} <= set(MADE)
    assert len(IN_SQL) > 5


def test_every_maker_of_messages_exists() -> None:
    there = {m.path.stem: {n.name for n in ast.walk(m.tree) if isinstance(n, ast.FunctionDef)} for m in MODULES}
    assert {name for name, makers in MAKERS.items() if not makers <= there[name]} == set()


def test_both_say_the_same() -> None:
    for en, zh in pairs():
        assert holes(en) == holes(zh), en
        assert max(holes(en).values(), default=1) == 1, en
        assert CJK.search(zh), en


def test_every_sentence_is_found() -> None:
    """None is hidden by a more general one."""
    for en, zh in pairs():
        filled = {name: f"<{n}>" for n, name in enumerate(holes(en))}
        assert in_chinese(en.format_map(filled)) == zh.format_map(filled)


def test_no_sentence_twice() -> None:
    assert [en for en, often in Counter(re.sub(r"\{\w+\}", "{}", en) for en, _ in pairs()).items() if often > 1] == []


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("", ""),
        ("something that nobody said", "something that nobody said"),
        ("a; b: c\nd", "a; b: c\nd"),
        ("time cannot be read: 明天; 后天", "时间无法识别：明天; 后天"),
        ("time cannot be read: {what} {0.__class__}", "时间无法识别：{what} {0.__class__}"),
        ("time cannot be read: no telephone number", "时间无法识别：no telephone number"),
        ("the file ends inside a card; read as cn_bill", "文件到一张名片中间就断了；按 cn_bill 读取"),
        ("read as x; total rows skipped: 2; from elsewhere", "按 x 读取；跳过合计行 2 行; from elsewhere"),
        ("sheet 'a; b' holds contacts; it is not read", "工作表 'a; b' 里是通讯录，没有读取"),
        ("no.csv is a folder\nGive an ordinary file.", "no.csv 是文件夹\n请给一个普通文件。"),
        ("a/p.csv cannot be read: L3: no telephone number", "a/p.csv 读不出：L3: 没有电话号码"),
        ("x.csv cannot be read: Permission denied", "x.csv 读不出：没有权限"),
        ("colector is not a role", "colector 不是可用的身份"),
        ("facts is not a folder", "facts 不是文件夹"),
        ("facts", "facts"),
        ("r.sql:3: header: severity 'x' is not known (known: low, high); choose one of: low, high",
         "r.sql:3: header: severity 'x' 不在可选范围内（可用的有：low, high）；可选：low, high"),
        ("log broken at line 7: its hash does not fit (log/audit.jsonl)",
         "日志从第 7 行起对不上：哈希值不符（log/audit.jsonl）"),
    ],
)  # fmt: skip
def test_in_chinese(en: str, zh: str) -> None:
    assert in_chinese(en) == zh
    assert Words("zh").sentence(en) == zh
    assert Words("en").sentence(en) == en


def test_no_reason_is_no_reason() -> None:
    assert [Words(lang).sentence(None) for lang in ("en", "zh")] == ["", ""]


@given(st.text(max_size=40))
def test_what_stands_in_a_hole_stays(text: str) -> None:
    assert in_chinese(f"the year is not given and cannot be derived: {text}").startswith("没有写年份，也推算不出：")
    assert in_chinese(f"column {text!r}: a number stored as a number has lost digits").startswith(repr(text)[:1])
    assert text in in_chinese(f"the call type is not known: {text}")


@pytest.mark.parametrize("part", [": ", "; ", " is not one of ", " cannot be read: ", "{", "no ", " has no ", "\n"])
def test_a_long_text_takes_no_long_time(part: str) -> None:
    began = time.monotonic()
    in_chinese((part + "x") * 2_000)
    assert time.monotonic() - began < 10


def test_errors_have_the_takers_names() -> None:
    """A new kind of error must be known to the search for messages."""
    from messages import TAKERS

    found = {
        node.name
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        and {getattr(base, "id", "") for base in node.bases} & {*TAKERS, errors.CollectAuditError.__name__}
    }
    assert found - {"Parser"} <= set(TAKERS)


def test_the_package_is_where_it_is_looked_for() -> None:
    assert Path(errors.__file__).parent == PACKAGE
