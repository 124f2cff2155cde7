"""The shipped lexicons are fit, cover the taxonomy, and whatever is wrong with a lexicon is told by file and line."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from collectaudit.resources import folder
from collectaudit.words.checking import check_lexicons
from collectaudit.words.lexicon import load_lexicon, read_lexicon

CATEGORIES = {
    "threat.violence", "threat.family", "threat.visit", "third_party.contact_threat", "third_party.disclosure",
    "third_party.demand", "shame.public", "impersonate.authority", "legal.false_threat", "legal.false_consequence",
    "abuse.insult", "abuse.obscene", "abuse.curse", "pressure.induce_borrowing", "pressure.call_bombing",
    "pressure.ultimatum",
}  # fmt: skip
CLASSES = '[classes]\ndebt = ["欠款"]\nbeat = ["打断", "kill*"]\nyou = ["你"]\n'
EXCLUSIONS = """
[[exclusion]]
id = "negated"
title.en = "negation"
title.zh = "否定"
where = "before"
within = 4
frames = ["不会"]
stops = ["不会打断你"]
"""
QUESTIONS = '[suit_filed]\nen = "Was a suit filed?"\nzh = "是否已起诉？"\n'
HEAD = 'category = "threat.violence"\ntitle.en = "Violence"\ntitle.zh = "暴力"\nexclude = ["negated"]\n'
PATTERN = """
[[pattern]]
id = "threat.violence.beat"
lang = "zh"
conduct = "T01"
tier = "finding"
frames = ["@beat {4} @you"]
match = ["打断你", "打断了你"]
no_match = ["打断", "你打断"]
"""


def problems(where: Path, files: Mapping[str, str] | None = None) -> list[str]:
    fit = {
        "classes": CLASSES, "exclusions": EXCLUSIONS, "questions": QUESTIONS, "threat.violence": HEAD + PATTERN,
    }  # fmt: skip
    for stem, text in (fit | dict(files or {})).items():
        (where / f"{stem}.toml").write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(str(where) + "/") for problem in check_lexicons(where)]


def test_the_shipped_lexicons_are_fit() -> None:
    assert check_lexicons(folder("lexicons")) == []


def test_every_category_of_the_taxonomy_is_looked_for_in_both_languages() -> None:
    found = {(pattern.category, pattern.lang) for pattern in load_lexicon().patterns}
    assert found >= {(category, lang) for category in CATEGORIES for lang in ("zh", "en")}


def test_words_that_prove_nothing_alone_are_never_findings() -> None:
    for pattern in load_lexicon().patterns:
        if pattern.category.startswith(("states.", "safety.", "pressure.ultimatum")):
            assert pattern.tier == "review", pattern.id


def test_a_fit_folder_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


VIOLENCE = "threat.violence"
WRONG = [  # what is written, where and how it is told
    ({VIOLENCE: HEAD + PATTERN.replace("@you", "@nobody")}, 'VIOLENCE:11: unknown class "@nobody"'),
    ({VIOLENCE: HEAD + PATTERN.replace("{4} ", "{4} {5} ")}, "VIOLENCE:11: frame"),
    ({VIOLENCE: HEAD + PATTERN.replace('"T01"', '"T99"')}, "VIOLENCE:9: threat.violence.beat"),
    ({VIOLENCE: HEAD + PATTERN.replace("打断了你", "你打断了")}, "VIOLENCE:12: threat.violence.beat"),
    ({VIOLENCE: HEAD + PATTERN.replace('"你打断"', '"打断你"')}, "VIOLENCE:13: threat.violence.beat"),
    ({VIOLENCE: HEAD + PATTERN + 'asks = "suit_filed"\n'}, "VIOLENCE:14: asks for a fact"),
    ({VIOLENCE: HEAD + PATTERN + 'exclude = ["nothing"]\n'}, 'VIOLENCE:14: unknown exclusion'),
    ({VIOLENCE: HEAD + PATTERN + PATTERN}, "VIOLENCE:1: two patterns"),
    ({VIOLENCE: HEAD + PATTERN.replace('id = "threat', 'id = "other')}, "VIOLENCE:7:"),
    ({"threat.family": HEAD + PATTERN}, "threat.family.toml:1: category 'threat.violence' is not the file's name"),
    ({"classes": CLASSES + 'more = ["x*"]\n'}, 'classes.toml:5: class more: "x*" would match too much'),
    ({"classes": CLASSES + 'more = ["谁"]\n'}, "classes.toml:5: no frame uses @more"),
    ({"exclusions": EXCLUSIONS.replace("不会打断你", "打断你")}, "exclusions.toml:9: negated: takes nothing away"),
    ({VIOLENCE: HEAD.replace('exclude = ["negated"]\n', "") + PATTERN}, "exclusions.toml:2: no pattern lists"),
    ({VIOLENCE: "category = "}, "VIOLENCE:1: is not TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "told"), WRONG, ids=[told.split(":", 2)[-1].strip()[:30] for _, told in WRONG])
def test_what_is_wrong_is_told_by_file_and_line(tmp_path: Path, files: dict[str, str], told: str) -> None:
    found = problems(tmp_path, files)
    assert any(line.replace("threat.violence.toml", "VIOLENCE").startswith(told) for line in found), found


def test_unfit_patterns_are_left_out(tmp_path: Path) -> None:
    other = PATTERN.replace(".beat", ".other").replace("@you", "@nobody")
    problems(tmp_path, {VIOLENCE: HEAD + PATTERN + other})
    lexicon, _ = read_lexicon(tmp_path)
    assert [pattern.id for pattern in lexicon.patterns] == ["threat.violence.beat"]
