"""Trains the reviewer from the invented text beside this file and the lexicons' own examples.

    pip install 'collectaudit[train]'
    python training/train.py

writes src/collectaudit/words/reviewer.json, the same bytes every time for the same files and the same scikit-learn,
and says how well it does on text that was held back.
"""

import base64
import hashlib
import json
import math
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold

from collectaudit.text import fold
from collectaudit.words.reviewer import BUCKETS, MODEL, Reviewer, buckets, digest

ROOT = Path(__file__).parents[1]
UTTERANCES = [ROOT / "training" / f"utterances.{lang}.jsonl" for lang in ("zh", "en")]
CONDUCT = {"abuse", "impersonate", "legal", "pressure", "shame", "third_party", "threat"}  # first words of categories
NOT_COLLECTING = {"ok.marketing", "ok.scam_other", "ok.warning"}
LAWFUL_OVER = 0.10  # share of collectors' lawful text that may be sent to a person
FOLDS = 10
SEED = 20261122
STRENGTH = 1.0  # inverse of the regularisation
RARITY = 1.5  # exponent of the inverse document frequency
LARGEST = 127
EXACT = 1e-10  # so close to the optimum that the number of threads does not show in the digits that are written
EXAMPLES = (
    "",
    "今天不还，明天就有人去你单位坐着",
    "您的账单将于明日到期，请按时还款，已还请忽略。",
    "我们不会联系您的家人，请放心。",
    "pay by noon or your boss gets a call from me.",
    "your payment of $0.00 is due on the 5th. reply stop to opt out.",
)


def lexicon_files() -> list[Path]:
    """The lexicons of wrongful conduct; the others hold what is said, not what is wrong."""
    return sorted(path for path in (ROOT / "lexicons").glob("*.toml") if path.name.split(".")[0] in CONDUCT)


def lexicon_examples() -> list[str]:
    """What the patterns of tier finding must hit. What they must not hit need not be lawful, so it is left out."""
    lexicons = [tomllib.loads(path.read_text(encoding="utf-8")) for path in lexicon_files()]
    patterns = [pattern for lexicon in lexicons for pattern in lexicon["pattern"]]
    return [text for pattern in patterns if pattern["tier"] == "finding" for text in pattern["match"]]


def folded(text: str) -> str:
    """A text as the program hands it to the reviewer."""
    return fold(text, message=True).text


def features(texts: list[str]) -> csr_matrix:
    """One row a text: what occurs in it, each worth 1 / √(how many)."""
    rows = [sorted(buckets(folded(text))) for text in texts]
    values = np.concatenate([np.full(len(row), len(row) ** -0.5) for row in rows])
    ends = np.cumsum([0, *map(len, rows)])
    return csr_matrix((values, np.concatenate(rows), ends), shape=(len(rows), BUCKETS))


def learn(known: csr_matrix, wrong: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Whole-numbered weights, what one unit of them is worth, and the intercept."""
    occurs = np.bincount(known.indices, minlength=BUCKETS)
    rarity = (np.log((1 + known.shape[0]) / (1 + occurs)) + 1) ** RARITY
    learner = LogisticRegression(C=STRENGTH, solver="liblinear", intercept_scaling=10, tol=EXACT, max_iter=1000)
    learner.fit(known @ diags(rarity), wrong)
    weights = learner.coef_[0] * rarity
    unit = float(np.abs(weights).max()) / LARGEST
    return np.rint(weights / unit).astype(np.int8), unit, float(learner.intercept_[0])


def learn_all(known: csr_matrix, wrong: np.ndarray, examples: csr_matrix) -> tuple[np.ndarray, float, float]:
    """As `learn`, with the lexicons' examples as further violating text."""
    return learn(csr_matrix(vstack([known, examples])), np.concatenate([wrong, np.ones(examples.shape[0], bool)]))


def held_back(known: csr_matrix, wrong: np.ndarray, strata: np.ndarray, examples: csr_matrix) -> tuple[np.ndarray, ...]:
    """For each text the margin a model gives it that has not seen it, and its fold."""
    margins, fold_of = np.zeros(len(wrong)), np.zeros(len(wrong), int)
    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(known, strata)
    for number, (seen, unseen) in enumerate(parts):
        weights, unit, intercept = learn_all(known[seen], wrong[seen], examples)
        margins[unseen], fold_of[unseen] = known[unseen] @ weights * unit + intercept, number
    return margins, fold_of


def platt(margins: np.ndarray, wrong: np.ndarray) -> tuple[float, float]:
    """Slope and shift that turn margins into chances."""
    curve = LogisticRegression(C=1e6, solver="liblinear", tol=EXACT).fit(margins[:, None], wrong)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def chances(margins: np.ndarray, wrong: np.ndarray, fold_of: np.ndarray) -> np.ndarray:
    """The chance of each text by a curve fitted without the texts of its fold."""
    result = np.zeros(len(margins))
    for number in range(FOLDS):
        here = fold_of == number
        slope, shift = platt(margins[~here], wrong[~here])
        result[here] = 1 / (1 + np.exp(-(slope * margins[here] + shift)))
    return result


def calibration_error(chance: np.ndarray, wrong: np.ndarray) -> float:
    """Mean difference between stated and observed chance over ten equal bins (ECE)."""
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = [(bins == n).sum() * abs(chance[bins == n].mean() - wrong[bins == n].mean()) for n in set(bins.tolist())]
    return float(sum(gaps) / len(chance))


def figures(rows: list[dict[str, Any]], chance: np.ndarray, wrong: np.ndarray, threshold: float) -> dict[str, float]:
    """What the model card says: on text that was held back, per language and over all."""
    collecting = np.array([row["labels"][0] not in NOT_COLLECTING for row in rows])
    language = np.array([row["lang"][:2] for row in rows])
    result = {"calibration_error": calibration_error(chance, wrong)}
    for name, part in (("all", language != ""), ("zh", language == "zh"), ("en", language == "en")):
        result[f"average_precision_{name}"] = float(average_precision_score(wrong[part], chance[part]))
        result[f"violating_over_{name}"] = float((chance[part & wrong] >= threshold).mean())
        result[f"lawful_over_{name}"] = float((chance[part & ~wrong & collecting] >= threshold).mean())
    return {name: round(value, 3) for name, value in result.items()}


def hashes() -> dict[str, str]:
    """Which files it was trained on, by SHA-256."""
    files = [*UTTERANCES, *lexicon_files()]
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def with_examples(model: dict[str, Any]) -> dict[str, Any]:
    """Sealed by its id, with texts whose scores any installation must reproduce."""
    scorer = Reviewer({**model, "id": ""})
    model["examples"] = [{"text": text, "score": scorer.score(text)} for text in EXAMPLES]
    return {"id": digest(model), **model}


def train() -> dict[str, Any]:
    """The content of the model file."""
    rows = [json.loads(line) for path in UTTERANCES for line in path.read_text(encoding="utf-8").splitlines()]
    wrong = np.array([row["verdict"] == "violating" for row in rows])
    strata = np.array([f"{row['verdict']} {row['lang'][:2]}" for row in rows])
    lawful = np.array([row["labels"][0] not in NOT_COLLECTING for row in rows]) & ~wrong
    known, examples = features([row["text"] for row in rows]), features(lexicon_examples())
    margins, fold_of = held_back(known, wrong, strata, examples)
    chance = chances(margins, wrong, fold_of)
    threshold = math.ceil(float(np.quantile(chance[lawful], 1 - LAWFUL_OVER)) * 1000) / 1000
    slope, shift = platt(margins, wrong)
    weights, unit, intercept = learn_all(known, wrong, examples)
    model = {
        "threshold": threshold, "slope": round(slope * unit, 6), "shift": round(slope * intercept + shift, 4),
        "held_back": figures(rows, chance, wrong, threshold), "rows": len(rows), "trained_on": hashes(),
        "weights": base64.b64encode(weights.tobytes()).decode("ascii"),
    }  # fmt: skip
    return with_examples(model)


if __name__ == "__main__":
    made = train()
    MODEL.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps({**made, "weights": "…"}, ensure_ascii=False, indent=1) + "\n")
