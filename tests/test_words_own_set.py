"""The words on a set whose author had not seen them. Floors, not aims: no entry is written for one of its rows."""

import re
from pathlib import Path
from typing import Any

import pytest

from collectaudit.evaluation.disguises import DISGUISES
from collectaudit.evaluation.report import evaluate
from collectaudit.evaluation.rows import LAWFUL, VIOLATING, read_rows
from collectaudit.words.lexicon import load_lexicon
from collectaudit.words.reviewer import Reviewer

ROOT = Path(__file__).parents[1]
SET = ROOT / "tests/data/words/utterances.jsonl"
PRECISION = 0.93
RECALL = 0.75
RECALL_WITH_REVIEW = 0.95
LAWFUL_IN_REVIEW = 0.15
DISGUISED = dict.fromkeys(DISGUISES, 0.98)
MORE_TO_READ = {"emoji": 2}  # signs between words may stand for words; that may cost a look, never a finding


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    rows, problems = read_rows(SET)
    assert problems == []
    return evaluate(rows, reviewer=Reviewer.load())


def test_the_set_is_large_and_balanced() -> None:
    rows, _ = read_rows(SET)
    assert len(rows) >= 300
    for verdict in (VIOLATING, LAWFUL):
        assert sum(row.verdict == verdict for row in rows) / len(rows) > 0.4
    assert {row.lang for row in rows} == {"zh-Hans", "zh-Hant", "en"}
    assert len({row.id for row in rows}) == len({row.text for row in rows}) == len(rows)


def test_findings(measured: dict[str, Any]) -> None:
    figures = measured["finding"]
    assert figures["precision"] >= PRECISION, figures
    assert figures["recall"] >= RECALL, figures


def test_findings_and_looks(measured: dict[str, Any]) -> None:
    assert measured["finding_or_review"]["recall"] >= RECALL_WITH_REVIEW, measured["finding_or_review"]
    assert measured["review_share_lawful"] <= LAWFUL_IN_REVIEW, measured["lawful_collecting"]


@pytest.mark.parametrize("kind", DISGUISES)
def test_disguises(measured: dict[str, Any], kind: str) -> None:
    figures = measured["robustness"][kind]
    assert figures["caught"] >= DISGUISED[kind], figures
    assert figures["added"]["finding"] == 0
    assert figures["added"]["review"] <= MORE_TO_READ.get(kind, 0)


@pytest.mark.parametrize("card", ["model-card.md", "model-card.zh-CN.md"])
def test_the_card_shows_figures_of_these_lexicons(card: str) -> None:
    """If not: python benchmarks/model_card.py tests/data/words/utterances.jsonl and the development rows."""
    said = re.search(r"^lexicons `(\w+)`$", (ROOT / "docs" / card).read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None
    assert load_lexicon().sha256.startswith(said[1])
