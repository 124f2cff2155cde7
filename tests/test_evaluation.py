"""The measurement itself: on rows and words made for the purpose, whose figures can be counted by hand."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from collectaudit import signals
from collectaudit.catalogue import LANGUAGES, texts
from collectaudit.commands.params import GROUPS
from collectaudit.errors import InputProblem
from collectaudit.evaluation import report
from collectaudit.evaluation.disguises import DISGUISES, SPLIT, disguised
from collectaudit.evaluation.figures import measured, share
from collectaudit.evaluation.report import evaluate
from collectaudit.evaluation.robustness import _somewhere
from collectaudit.evaluation.rows import Row, read_plain, read_rows
from collectaudit.text import fold
from collectaudit.words.lexicon import read_lexicon

LEXICON = {
    "classes": '[classes]\ndebt = ["欠", "还款"]\n',
    "threat.violence": """
        category = "threat.violence"
        title.en = "Violence"
        title.zh = "暴力"
        [[pattern]]
        id = "threat.violence.legs"
        lang = "zh"
        conduct = "T01"
        tier = "finding"
        frames = ["打断 {6} 腿"]
        match = ["打断你的腿", "打断腿"]
        no_match = ["打断一下", "腿"]
    """,
    "pressure.ultimatum": """
        category = "pressure.ultimatum"
        title.en = "Ultimatum"
        title.zh = "最后通牒"
        [[pattern]]
        id = "pressure.ultimatum.or_else"
        lang = "zh"
        conduct = "unsorted"
        tier = "review"
        frames = ["后果自负"]
        match = ["后果自负", "否则后果自负"]
        no_match = ["后果", "自负"]
    """,
}
ROWS = [
    {"id": "right", "text": "再不还就打断你的腿", "verdict": "violating", "speaker": "collector",
     "labels": ["THREAT_VIOLENCE"], "channel": "sms", "lang": "zh-Hans", "provenance": "invented"},
    {"id": "half", "text": "欠钱后果自负", "verdict": "violating", "speaker": "scammer",
     "labels": ["COERCIVE_ULTIMATUM"]},
    {"id": "missed", "text": "你等着瞧", "verdict": "violating", "speaker": "claimed_authority",
     "labels": ["THREAT_VIOLENCE"]},
    {"id": "nobody", "text": "欠了钱就打断你的腿", "verdict": "violating"},
    {"id": "wrong", "text": "打断一下您的左腿好些了吗", "verdict": "lawful", "speaker": "creditor_system"},
    {"id": "looked at", "text": "请于今日还款，否则后果自负", "verdict": "lawful", "speaker": "collector",
     "labels": ["ok.reminder"]},
    {"id": "fine", "text": "请今天处理", "verdict": "lawful", "speaker": "collector", "to": "family"},
    {"id": "own words", "text": "他说欠钱就打断我的腿", "verdict": "lawful", "speaker": "borrower", "to": "collector"},
    {"text": "后果自负", "verdict": "review", "speaker": "collector", "to": None, "labels": None},
]  # fmt: skip


@pytest.fixture(autouse=True)
def words(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two patterns, one of each tier."""
    folder = tmp_path_factory.mktemp("lexicons")
    for name, content in LEXICON.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    lexicon, problems = read_lexicon(folder)
    assert problems == []
    monkeypatch.setattr(signals, "load_lexicon", lambda: lexicon)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write(tmp_path / "rows.jsonl", *(json.dumps(row, ensure_ascii=False) for row in ROWS))


def write(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
    return path


def measure(path: Path, **settings: Any) -> dict[str, Any]:
    found, problems = read_rows(path)
    assert problems == []
    return evaluate(found, **settings)


def counts(figures: dict[str, Any]) -> tuple[int, int, int]:
    return figures["tp"], figures["fp"], figures["fn"]


# Figures


def test_the_figures(rows: Path) -> None:
    found = measure(rows)
    assert (found["rows"], found["judged"], found["violating"], found["lawful"]) == (9, 8, 4, 4)
    assert counts(found["finding"]) == (1, 1, 3)
    assert [found["finding"][name] for name in ("precision", "recall", "f1")] == [0.5, 0.25, 0.3333]
    assert counts(found["finding_or_review"]) == (3, 2, 1)
    assert [found["finding_or_review"][name] for name in ("precision", "recall", "f1")] == [0.6, 0.75, 0.6667]
    assert found["review_share_lawful"] == 0.3333
    assert {name: found["lawful_collecting"][name] for name in ("rows", "review", "finding")} == {
        "rows": 3, "review": 1, "finding": 1,
    }  # fmt: skip
    assert found["undecided"] == {"rows": 1, "finding": 0, "review": 1}


def test_who_speaks_makes_the_difference(rows: Path) -> None:
    found = measure(rows, disguise=False)
    assert counts(found["collecting_side"]["finding"]) == (1, 1, 2)
    assert counts(found["collecting_side"]["finding_or_review"]) == (2, 2, 1)
    assert counts(found["speaker_unknown"]["finding"]) == (0, 0, 4)
    assert counts(found["speaker_unknown"]["finding_or_review"]) == (2, 2, 2)


def test_groups(rows: Path) -> None:
    found = measure(rows, by=GROUPS, disguise=False)["by"]
    assert list(found) == list(GROUPS)
    assert sum(group["rows"] for group in found["speaker"].values()) == len(ROWS)
    assert counts(found["speaker"]["scammer"]["finding_or_review"]) == (1, 0, 0)
    assert found["speaker"]["unknown"]["rows"] == 1
    assert found["lang"]["zh-Hans"]["finding"]["recall"] == 1
    assert found["channel"]["sms"]["rows"] == found["provenance"]["invented"]["rows"] == 1
    violence = found["category"]["threat.violence"]
    assert (violence["rows"], violence["caught"]) == (2, {"finding": 0.5, "finding_or_review": 0.5})
    assert counts(violence["finding"]) == (1, 1, 1)
    assert counts(violence["finding_or_review"]) == (1, 2, 1)  # the row of nobody knows whom is not labelled
    assert violence["false_alarms"] == {"finding": 1, "finding_or_review": 1}
    reminder = found["category"]["ok.reminder"]
    assert reminder["caught"] == {"finding": None, "finding_or_review": None}
    assert reminder["false_alarms"] == {"finding": 0, "finding_or_review": 1}


def test_every_difference_is_listed_with_its_words(rows: Path) -> None:
    errors = measure(rows, disguise=False)["errors"]
    assert [(error["id"], error["kind"], error["tier"]) for error in errors] == [
        ("wrong", "false_finding", "finding"), ("missed", "missed", None), ("half", "review_only", "review"),
        ("nobody", "review_only", "review"), ("looked at", "lawful_in_review", "review"),
    ]  # fmt: skip
    assert errors[0]["spans"] == [
        {"start": 0, "end": 8, "matched": "打断一下您的左腿", "pattern": "threat.violence.legs",
         "category": "threat.violence", "tier": "finding", "path": "plain"}
    ]  # fmt: skip
    assert errors[1]["spans"] == []


def test_nothing_to_measure() -> None:
    found = evaluate([])
    assert (found["rows"], found["finding"]["precision"], found["review_share_lawful"]) == (0, None, None)
    assert found["finding"]["ci"] == {"precision": None, "recall": None, "f1": None}
    assert found["robustness"]["zero_width"]["caught"] is None


def test_intervals_are_the_same_every_time() -> None:
    first, again = measured(8, 2, 4), measured(8, 2, 4)
    assert first == again
    for name in ("precision", "recall", "f1"):
        low, high = first["ci"][name]
        assert 0 <= low < first[name] < high <= 1


@pytest.mark.parametrize(
    ("some", "others", "low", "high"),
    [(90, 10, 0.835, 0.955), (9_000, 1_000, 0.894, 0.906), (1_000_000, 0, 1, 1), (0, 7, 0, 0), (1, 1, 0, 1)],
)
def test_intervals_are_those_of_drawing_rows(some: int, others: int, low: float, high: float) -> None:
    part, interval = share(some, others)
    assert part == some / (some + others)
    assert interval == pytest.approx([low, high], abs=0.012)
    assert share(0, 0) == (None, None)


class Suspicious:
    """A second stage that asks for a look at everything."""

    id = "suspicious.1"
    threshold = 0.5

    def score(self, text: str) -> float:
        """Certain."""
        return float(bool(text))


def test_a_second_stage_only_adds_looks(rows: Path) -> None:
    alone, both = measure(rows), measure(rows, reviewer=Suspicious())
    assert both["finding"] == alone["finding"]
    assert both["finding_or_review"]["recall"] == 1
    assert both["lawful_collecting"]["review"] == 2


# Disguises


def rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 — not a secret


CHINESE = st.text(alphabet="再不还就打断你的腿上门找单位领导说清楚", min_size=3, max_size=20)


@given(CHINESE, st.integers(), st.sampled_from([kind for kind in DISGUISES if kind != SPLIT]))
def test_folding_undoes_disguises(text: str, seed: int, kind: str) -> None:
    made = disguised(kind, text, [(0, len(text))], rng(seed))
    if made is not None:
        assert made != (text,)
        assert fold(made[0], message=True).text == text


@given(CHINESE, st.integers())
def test_a_cut_text_is_the_text(text: str, seed: int) -> None:
    parts = disguised(SPLIT, f"您好。{text}。", [(3, len(text) + 3)], rng(seed))
    assert parts is not None
    assert "".join(parts) == f"您好。{text}。"
    assert 3 < len(parts[0]) < len(text) + 3


@pytest.mark.parametrize(
    ("kind", "text", "spans", "made"),
    [
        ("full_width", "你要去jail了", [(3, 7)], ("你要去ｊａｉｌ了",)),
        ("full_width", "你要坐牢", [(0, 4)], None),
        ("traditional", "打断腿", [(0, 1)], ("打斷腿",)),
        ("traditional", "jail", [(0, 4)], None),
        ("split", "打断腿", [(0, 1)], None),
        ("split", "打断腿，打断腿", [(0, 3), (4, 7)], None),
        ("separators", "a", [(0, 1)], None),
    ],
)
def test_disguises(kind: str, text: str, spans: Sequence[tuple[int, int]], made: tuple[str, ...] | None) -> None:
    assert disguised(kind, text, spans, rng(1)) == made


@pytest.mark.parametrize("seed", range(20))
def test_words_are_disguised_whole(seed: int) -> None:
    text = "今天 pay your agreements 还款"
    start, end = _somewhere(text, 3, rng(seed))
    assert end - start >= 3
    assert set(re.findall("[a-z]+", text[start:end])) <= {"pay", "your", "agreements"}


def test_what_disguises_do(rows: Path) -> None:
    found = measure(rows)["robustness"]
    assert list(found) == list(DISGUISES)
    for kind, figures in found.items():
        assert figures["tried"] == (0 if kind == "full_width" else 9), kind
        assert figures["caught"] == figures["same_tier"] == (None if kind == "full_width" else 1), kind
        assert figures["added"] == {"finding": 0, "review": 0}, kind
    assert found["zero_width"]["lawful_tried"] == 12
    assert measure(rows) == measure(rows)
    assert measure(rows, disguise=False)["robustness"] is None


# Plain texts


def test_plain_texts(tmp_path: Path) -> None:
    file = write(tmp_path / "everyday.txt", *["早上好"] * 997, "", "欠打，打断你的腿", "打断你的腿", "还款", "\ufeff")
    lines, problems = read_plain(file)
    assert (len(lines), problems) == (1001, [])
    found = evaluate([], plain={"everyday": lines[:1000]}, disguise=False)["plain"][0]
    assert (found["file"], found["texts"]) == ("everyday", 1000)
    assert found["finding"] == {"alarms": 0, "per_1000": 0}
    assert found["review"] == {"alarms": 1, "per_1000": 1}
    assert [hit["text"] for hit in found["hits"]] == ["欠打，打断你的腿"]
    assert evaluate([], plain={"nothing": []})["plain"][0]["review"]["per_1000"] is None


# What is no row


BAD = [
    (b"{", "the line is not a JSON object"),
    (b"[" * 100_000, "the line is not a JSON object"),
    (b"[1]", "the line is not a JSON object"),
    (b'{"text": "\xff", "verdict": "lawful"}', "the line is not UTF-8"),
    (b'{"verdict": "lawful"}', "text is missing or not a text"),
    (b'{"text": " ", "verdict": "lawful"}', "text is missing or not a text"),
    (b'{"text": "\\ud800", "verdict": "lawful"}', "text is missing or not a text"),
    (b'{"text": "x"}', "verdict is missing or not a text"),
    (b'{"text": "x", "verdict": "evil"}', "verdict evil is not known"),
    (b'{"text": "x", "verdict": "lawful", "speaker": 7}', "speaker is missing or not a text"),
    (b'{"text": "x", "verdict": "lawful", "labels": "ok.chat"}', "labels is missing or not a text"),
]


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    good = b'\xef\xbb\xbf{"text": "x", "verdict": "lawful"}\r'
    rows, problems = read_rows(write(tmp_path / "r.jsonl", good, b"", *(line for line, _ in BAD)))
    assert rows == [Row("L1", "x", "lawful")]
    assert [(problem.line, problem.what) for problem in problems] == [
        (number, what) for number, (_, what) in enumerate(BAD, start=3)
    ]


def test_plain_lines_that_are_none(tmp_path: Path) -> None:
    lines, problems = read_plain(write(tmp_path / "p.txt", b"a\xff", b"b"))
    assert (lines, [problem.line for problem in problems]) == (["b"], [1])


@pytest.mark.parametrize("read", [read_rows, read_plain])
def test_no_file(tmp_path: Path, read: Any) -> None:
    with pytest.raises(InputProblem):
        read(tmp_path / "none")


@pytest.mark.parametrize(
    ("given_", "from_role", "to_role", "heard_on"),
    [
        ({}, None, None, "im"),
        ({"speaker": "unknown", "to": "", "channel": "web"}, None, None, "im"),
        ({"speaker": "creditor_system", "to": "borrower", "channel": "app_push"}, "collector", "debtor", "im"),
        ({"speaker": "borrower", "to": "collector", "channel": "sms"}, "debtor", "collector", "sms"),
        ({"speaker": "police", "to": "family", "channel": "voicemail"}, "other", "family", "voicemail"),
        ({"speaker": "private_individual", "to": "neighbour", "channel": "call"}, "other", "other", "call"),
    ],
)
def test_what_is_known_of_a_row(
    tmp_path: Path, given_: dict[str, str], from_role: str | None, to_role: str | None, heard_on: str
) -> None:
    line = json.dumps({"text": "x", "verdict": "lawful", **given_})
    (row,), _ = read_rows(write(tmp_path / "r.jsonl", line))
    assert (row.from_role, row.to_role, row.heard_on) == (from_role, to_role, heard_on)


# The command


def test_the_json(run: Run, rows: Path, tmp_path: Path) -> None:
    plain = write(tmp_path / "everyday.txt", "早上好")
    ran = run("eval", rows, plain, "--no-reviewer", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert ran.out.isascii()
    assert {"rows", "finding", "finding_or_review", "review_share_lawful", "by", "errors"} <= set(found)
    assert set(found["by"]) == {"category", "lang", "provenance", "speaker"}
    assert set(found["finding"]) == {"precision", "recall", "f1", "ci", "tp", "fp", "fn"}
    assert found["plain"][0]["texts"] == 1
    assert found["problems"] == []


def test_groups_are_chosen(run: Run, rows: Path) -> None:
    ran = run(
        "eval", rows, "--by", "lang,channel", "--by", "lang", "--no-robustness", "--no-reviewer", "--format", "json"
    )
    found = json.loads(ran.out)
    assert (list(found["by"]), found["robustness"]) == (["lang", "channel"], None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page(run: Run, rows: Path, tmp_path: Path, lang: str) -> None:
    plain = write(tmp_path / "everyday", "欠打，打断你的腿\x1b[31m")
    ran = run("eval", rows, "--plain", plain, "--no-reviewer", lang=lang)
    assert ran.code == 0
    assert "0.50 (" in ran.out
    assert "threat.violence.legs" in ran.out
    assert "打断你的腿\\u001b[31m" in ran.out
    for family in ("mistake", "disguise"):
        assert all(text[:8] in ran.out for key, text in texts(lang).items() if key.startswith(f"{family}."))


def test_what_is_no_row_is_named_and_the_rest_measured(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps(ROWS[0]), '{"text": "x", "verdict": "\\u001b[31m"}', "{"]
    file = write(tmp_path / "r.jsonl", *lines)
    ran = run("eval", file, "--no-reviewer", "--no-robustness")
    assert ran.code == 3
    assert f"{file}:2: verdict \\u001b[31m is not known; write violating, lawful or review\n" in ran.err
    assert f"{file}:3: the line is not a JSON object" in ran.err
    assert "1.00" in ran.out
    said = json.loads(run("eval", file, "--no-reviewer", "--no-robustness", "--format", "json", lang="zh").out)
    assert [problem["line"] for problem in said["problems"]] == [2, 3]
    assert said["problems"][1]["reason"] == "这一行不是 JSON 对象；每行写一条"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 2, "FILE is missing"),
        (("x.jsonl", "--by", "colour"), 2, "category, lang, provenance, speaker, channel"),
        (("none.jsonl",), 3, "none.jsonl is not a file that can be read"),
    ],
)
def test_wrong_use(run: Run, args: tuple[str, ...], code: int, said: str) -> None:
    ran = run("eval", *args)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_the_groups_are_those_that_are_measured() -> None:
    assert GROUPS == report.GROUPS
