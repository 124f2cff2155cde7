"""The command line and words: lexicons list, show, check, try; findings that quote; the safety notice."""

import io
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bigcase import made_once
from conftest import Run
from exports import AGENT, ME, people
from test_json_schema import SCHEMA
from wordkit import LEXICONS, small_lexicons

from collectaudit import resources
from collectaudit.catalogue import LANGUAGES

CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
EVIL = "打\u202e断\x1b[31m你的腿"
ONE = jsonschema.Draft202012Validator({"$ref": "#/$defs/one_finding", "$defs": SCHEMA["$defs"]})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from small_lexicons(monkeypatch)


# Lists and pages


def test_the_list(run: Run) -> None:
    rows = json.loads(run("lexicons", "list", "--format", "json").out)
    assert [row["category"] for row in rows] == [
        "legal.false_threat", "safety.self_harm", "third_party.disclosure", "threat.violence",
    ]  # fmt: skip
    assert rows[3] == {
        "category": "threat.violence", "title": "Threat of violence", "patterns": 2, "languages": ["en", "zh"],
    }  # fmt: skip
    assert re.search(r"threat\.violence +暴力威胁 +2 +en、zh\n", run("lexicons", "list", lang="zh").out)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("threat.violence", ["Threat of violence", "threat.violence.leg_en", "T01", "finding"]),
        (
            "threat.violence.leg",
            ["· @beat {4} @you {2} @limb", "· @beat: 3 words", "· a denial before it (negated)",
             "· words retold (retold)", "· 打断你的胳膊", "· 腿断了"],
        ),
        ("legal.false_threat.filed", ["Was a suit really filed?"]),
        ("third_party.disclosure.owes", ["only if said to: third_party"]),
        ("negated", ["a denial before it", "where it stands: before", "· 不会|绝不", "· 我们不会打断你的腿"]),
        ("@limb", ["腿", "胳膊", "leg*"]),
    ],
)  # fmt: skip
def test_a_page(run: Run, name: str, parts: list[str]) -> None:
    ran = run("lexicons", "show", name)
    assert (ran.code, ran.err) == (0, "")
    assert all(part in ran.out for part in parts)
    assert json.loads(run("lexicons", "show", name, "--format", "json").out)


@pytest.mark.parametrize("name", ["nothing", "threat", "@nothing", "limb", "\x1b[31m"])
def test_an_unknown_word(run: Run, name: str) -> None:
    ran = run("lexicons", "show", name)
    assert (ran.code, ran.out) == (2, "")
    assert "threat.violence" in ran.err
    assert not CONTROLS.search(ran.err)


# check


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LEXICONS, tmp_path / "lexicons"))


def test_lexicons_without_problems(run: Run, folder: Path) -> None:
    assert run("lexicons", "check", folder) == (0, "No problem found.\n", "")
    assert run("lexicons", "check", folder / "threat.violence.toml", lang="zh").out == "没有发现问题。\n"


BROKEN = [
    ("threat.violence", "frames = ", "frames = 3 #", r"threat\.violence\.toml:\d+: .*frames", "frames"),
    ("threat.violence", "@limb", "@nothing", r'violence\.toml:11: unknown class "@nothing"', "没有词组“@nothing”"),
    ("threat.violence", '"negated"', '"nothing"', r'unknown exclusion "nothing"', "没有排除项“nothing”"),
    ("threat.violence", '"打断你的腿", ', '"坐下", "你好",', r"12: .*does not match", "没有找到“坐下”"),
    ("threat.violence", '"腿断了"', '"打断你的腿"', r"13: .*matches", "找到了“打断你的腿”"),
    ("exclusions", '["我们不会打断你的腿"]', '["你好"]', r"exclusions\.toml:8: .*takes nothing away", "没有起作用"),
    ("exclusions", 'title.en = "words retold"', "", r"title is not given in en and zh", "title"),
    ("classes", "[classes]", "[[classes]]", r"classes\.toml:\d+: classes is not a table", "classes 不是表"),
    ("classes", "debt = ", "debit = ", r"classes\.toml:1: there is no class debt", "没有词组 debt"),
    ("classes", '"break*"', '"b*"', "would match too much", "匹配的范围太大"),
    (
        "questions",
        "[suit_filed]",
        "suit_filed = 3\n[other]",
        r"questions\.toml:1: suit_filed is not given",
        "suit_filed",
    ),
    ("legal.false_threat", '"suit_filed"', '["x"]', "asks is not a text", "asks 必须是文字"),
    ("safety.self_harm", "[[pattern]]", "[pattern]", "pattern is not a list of tables", "pattern 不是表的列表"),
    ("safety.self_harm", '"safety.self_harm"', "[", "is not TOML", "不是 TOML"),
]


@pytest.mark.parametrize(("name", "old", "new", "said", "chinese"), BROKEN, ids=[row[2] for row in BROKEN])
def test_every_problem_is_named_with_its_line(
    run: Run, folder: Path, name: str, old: str, new: str, said: str, chinese: str
) -> None:
    file = folder / f"{name}.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    ran = run("lexicons", "check", folder)
    assert ran.code == 2
    assert re.search(said, ran.out)
    assert "Traceback" not in ran.out + ran.err
    assert chinese in run("lexicons", "check", folder, lang="zh").out


def test_of_a_file_only_its_own_problems(run: Run, folder: Path) -> None:
    (folder / "threat.violence.toml").write_text("x = [", encoding="utf-8")
    assert run("lexicons", "check", folder / "safety.self_harm.toml").code == 0
    assert run("lexicons", "check", folder / "threat.violence.toml").code == 2


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_no_lexicons_are_no_fit_lexicons(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("lexicons", "check", tmp_path / name, lang="zh")
    assert (ran.code, ran.out) == (2, "")
    assert "里没有词库文件" in ran.err


def test_problems_with_controls_are_made_visible(run: Run, folder: Path) -> None:
    (folder / "threat.violence.toml").write_text('category = "\\u001b[31m\\u202e"', encoding="utf-8")
    assert not CONTROLS.search(run("lexicons", "check", folder).out)


# try


def tried(run: Run, *args: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run("lexicons", "try", *args, "--format", "json").out)
    return rows


@pytest.mark.parametrize(
    ("args", "tier", "counts", "why"),
    [
        (("打断你的腿",), "finding", ["finding"], None),
        (("打断你的腿", "--speaker", "unknown"), None, [None], "only where a debt is spoken of"),
        (("打断你的腿，还钱", "--speaker", "unknown"), "review", ["review"], None),
        (("打断你的腿，还钱", "--speaker", "债务人"), None, [None], "in the mouth of a collector"),
        (("您儿子有欠款",), None, [None], "Counts only when said to family"),
        (("您儿子有欠款", "--to", "family"), "finding", ["finding"], None),
        (("我不想活了",), None, [None], "somebody says it who does not collect"),
        (("我不想活了", "--speaker", "debtor"), None, [None], "leads to the safety notice"),
        (("绝不打断你的腿",), None, [None], "Taken away by: a denial before it (negated)"),
        (("你好",), None, [], None),
    ],
)
def test_a_text_is_tried(
    run: Run, args: tuple[str, ...], tier: str | None, counts: list[str | None], why: str | None
) -> None:
    (row,) = tried(run, *args)
    assert (row["text"], row["tier"]) == (args[0], tier)
    assert [hit["counts_as"] for hit in row["hits"]] == counts
    assert [hit["why_not"] for hit in row["hits"] if hit["why_not"]] == (
        [] if why is None else [row["hits"][0]["why_not"]]
    )
    assert why is None or why in row["hits"][0]["why_not"]


def test_a_hit_is_explained(run: Run) -> None:
    (row,) = tried(run, f"我们{EVIL}")
    (hit,) = row["hits"]
    assert (hit["start_char"], hit["end_char"], hit["matched"], hit["path"]) == (2, 13, EVIL, "invisible")
    assert [slot["class"] for slot in hit["slots"]] == ["beat", "you", "limb"]
    out = run("lexicons", "try", f"我们{EVIL}").out
    assert not CONTROLS.search(out)
    assert "│ 我们⟦打\\u202e断\\u001b[31m你的腿⟧" in out
    assert "characters 3–13, after invisible characters were left out" in " ".join(out.split())
    assert "没有找到。" in run("lexicons", "try", "你好", lang="zh").out


def test_texts_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "打断你的腿\n\n你好\n\ufffd".encode() + b"\xff\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert [row["tier"] for row in tried(run)] == ["finding", None, None]


def test_half_a_character_is_no_crash(run: Run) -> None:
    assert run("lexicons", "try", "打断你的腿\udcff").code == 0


# Findings that quote


def messages(path: Path, *rows: tuple[str, str, str]) -> Path:
    """A gateway's log of (from, to, text); such a log may hold any character, if there are not too many odd ones."""
    lines = [f'2026-03-01 10:0{n}:00,{sender},{to},"{text}"' for n, (sender, to, text) in enumerate(rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("提交时间,接入号,手机号码,短信内容\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def case(tmp_path: Path, run: Run) -> Path:
    """A collector's threat, with controls in it and around it."""

    def make(root: Path) -> None:
        log = messages(
            root / "in/log.csv", (AGENT, ME, f"\x1b[2J再拖就{EVIL}\u202e，今天还钱"), (AGENT, ME, "您好，" * 100)
        )
        ran = run("audit", log, people(root / "in/people.csv", f"{ME},debtor"), "-o", root / "case")
        assert ran.code == 0, ran

    made_once(tmp_path, "threat", make)
    return tmp_path / "case"


def first(case: Path, run: Run, rule: str = "threatening-language") -> str:
    found = json.loads(run("show", case, "--rule", rule, "--format", "json").out)["findings"]
    return str(found[0]["finding_id"])


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["What was said", "collector (the export says so)", "Threat of violence (threat.violence.leg)",
                "Found after invisible characters were left out.", "a denial before it", "It would not count if"]),
        ("zh", ["原话", "催收方（导出记录所载）", "暴力威胁（threat.violence.leg）", "去掉不可见字符之后", "前面有否定",
                "下列情形不算"]),
    ],
)  # fmt: skip
def test_a_finding_shows_its_words(case: Path, run: Run, lang: str, parts: list[str]) -> None:
    ran = run("show", case, first(case, run), lang=lang)
    assert (ran.code, ran.err) == (0, "")
    assert "│ \\u001b[2J再拖就⟦打\\u202e断\\u001b[31m你的腿⟧\\u202e，今天还钱" in ran.out
    assert all(part in ran.out for part in parts)
    assert not CONTROLS.search(ran.out)


def test_a_finding_for_programs(case: Path, run: Run) -> None:
    ran = run("show", case, first(case, run), "--format", "json")
    found = json.loads(ran.out)
    ONE.validate(found)
    assert ran.out.isascii()
    (line,) = found["words"]["utterances"]
    (span,) = line["spans"]
    assert line["text"][span["start_char"] : span["end_char"]] == EVIL
    assert found["facts"]["quote"] == EVIL


def test_a_finding_that_rests_on_no_words(late: Path, run: Run) -> None:
    found = json.loads(run("show", late, first(late, run, "out-of-hours"), "--format", "json").out)
    ONE.validate(found)
    assert found["words"] is None
    assert "What was said" not in run("show", late, found["finding_id"]).out


# The safety notice


@pytest.fixture
def sad(tmp_path: Path, run: Run) -> Path:
    """A case in which the debtor's answer is worrying."""
    made_once(tmp_path, "sad", partial(_sad, run))
    return tmp_path / "case"


def _sad(run: Run, root: Path) -> None:
    rows = [(AGENT, ME, "今天还钱"), (ME, AGENT, "我真的不想活了")]
    phone = root / "in/sms.xml"
    phone.parent.mkdir(parents=True)
    kinds = {ME: "2", AGENT: "1"}
    body = "\n".join(
        f'<sms address="{AGENT}" date="{1772330400000 + n * 60000}" type="{kinds[sender]}" body="{text}" />'
        for n, (sender, _, text) in enumerate(rows)
    )
    phone.write_text(f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"2\">\n{body}\n</smses>", encoding="utf-8")
    roles = people(root / "in/people.csv", f"{AGENT},collector", f"{ME},debtor")
    ran = run("audit", phone, roles, "-o", root / "case", "--owner", ME)
    assert ran.code == 0, ran


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["Before anything else", "00000: somebody who listens", "by: debtor", "counts against nobody"]),
        ("zh", ["先说一件更要紧的事", "00000：愿意听您说的人", "说话人：债务人", "不会算到任何人头上"]),
    ],
)
def test_the_notice_stands_before_findings(sad: Path, run: Run, lang: str, parts: list[str]) -> None:
    for page in (run("audit", "-o", sad, lang=lang), run("show", sad, lang=lang)):
        assert page.code == 0
        assert all(part in page.out for part in parts)
        after = page.out.index(parts[-1])
        assert "sms.xml" in page.out[:after]
        assert not re.search("No finding|没有发现疑点|没有符合条件的疑点", page.out[:after])


def test_the_notice_is_no_finding(sad: Path, run: Run) -> None:
    report = json.loads(run("show", sad, "--format", "json").out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert [notice["kind"] for notice in report["notices"]] == ["safety"]
    assert report["notices"][0]["utterances"][0]["text"] == "我真的不想活了"
    assert not [one for one in report["findings"] if "sms[2]" in str(one["evidence"])]
    assert run("audit", "-o", sad, "--fail-on", "low").code == 0


def test_without_such_words_there_is_no_notice(case: Path, run: Run) -> None:
    assert json.loads(run("show", case, "--format", "json").out)["notices"] == []
    for page in (run("audit", "-o", case), run("show", case)):
        assert "00000" not in page.out
        assert "Before anything else" not in page.out


# The words that ship


def test_they_are_fit(run: Run) -> None:
    ran = run("lexicons", "check")
    assert ran.code == 0, ran.out


def test_where_help_is() -> None:
    text = (resources.folder("lexicons") / "help.toml").read_text(encoding="utf-8")
    places = tomllib.loads(text)["help"]
    numbers = {place["jurisdiction"]: [line["number"] for line in place["line"]] for place in places}
    assert numbers == {"cn": ["12356", "120", "110"], "us": ["988", "911"]}
    for place in places:
        for said in (place["place"], *(line["what"] for line in place["line"])):
            assert sorted(said) == sorted(LANGUAGES)
            assert all(said.values())


@pytest.mark.parametrize(
    ("jurisdiction", "numbers"),
    [("cn", {"12356", "120", "110"}), ("us", {"988", "911"}), ("None", {"12356", "120", "110", "988", "911"})],
)
def test_help_where_the_case_belongs(monkeypatch: pytest.MonkeyPatch, jurisdiction: str, numbers: set[str]) -> None:
    from collectaudit import safety

    monkeypatch.setattr(safety, "folder", resources.folder)
    safety.places.cache_clear()
    lines = [line for place in safety.help_lines(jurisdiction, "en") for line in place["lines"]]
    assert {line["number"] for line in lines} == numbers
