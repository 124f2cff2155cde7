"""The reviewer: a small model that asks for a person's look, the same on every machine."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.errors import IntegrityError
from collectaudit.words.reviewer import BUCKETS, MODEL, Reviewer, buckets, digest

ROOT = Path(__file__).parents[1]
CONTENT: dict[str, Any] = json.loads(MODEL.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reviewer() -> Reviewer:
    return Reviewer.load()


def test_the_model_is_small_and_names_its_content(reviewer: Reviewer) -> None:
    assert MODEL.stat().st_size <= 400_000
    assert reviewer.id == CONTENT["id"] == digest(CONTENT)
    assert 0 < reviewer.threshold < 1


@pytest.mark.parametrize("example", CONTENT["examples"], ids=lambda example: example["text"][:12] or "empty")
def test_scores_are_those_of_the_training(reviewer: Reviewer, example: dict[str, Any]) -> None:
    assert reviewer.score(example["text"]) == example["score"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_model_was_made_from_these_utterances(lang: str) -> None:
    """If not: python training/train.py."""
    name = f"training/utterances.{lang}.jsonl"
    assert CONTENT["trained_on"][name] == hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


@given(st.text())
def test_a_score_is_a_share_and_does_not_change(text: str) -> None:
    first, again = Reviewer.load(), Reviewer.load()
    assert 0 <= first.score(text) <= 1
    assert first.score(text) == again.score(text) == round(first.score(text), 4)


@given(st.text(max_size=40))
def test_buckets_are_within_the_model(text: str) -> None:
    assert all(0 <= bucket < BUCKETS for bucket in buckets(text))


@pytest.mark.parametrize(
    ("one", "other"), [("欠款1,203.50元", "欠款9元"), ("您不还就等着", "你不还就等着"), ("pay  $10", "pay $20.00")]
)
def test_what_says_nothing_is_not_read(one: str, other: str) -> None:
    assert buckets(one) == buckets(other)


def test_words_that_run_together_are_not_the_same_word() -> None:
    assert not buckets("no w") >= buckets("now")


DAMAGE = {
    "other threshold": lambda model: model | {"threshold": 0.1},
    "other weights": lambda model: (
        model | {"weights": model["weights"][4:-4] + model["weights"][:4] + model["weights"][-4:]}
    ),
    "a part is missing": lambda model: {key: value for key, value in model.items() if key != "slope"},
    "not a model": lambda _: ["weights"],
    "weights too short": lambda model: (cut := model | {"weights": "AAAA"}) | {"id": digest(cut)},
    "weights are no text": lambda model: (odd := model | {"weights": "é"}) | {"id": digest(odd)},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_changed_model_is_refused(tmp_path: Path, damage: Any) -> None:
    file = tmp_path / "reviewer.json"
    file.write_text(json.dumps(damage(CONTENT)), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"reviewer\.json is missing or damaged"):
        Reviewer.load(file)


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", MODEL.read_bytes()[:5000]])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "reviewer.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(IntegrityError, match="missing or damaged"):
        Reviewer.load(file)
