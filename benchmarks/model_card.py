"""Writes the figures of docs/model-card*.md: python benchmarks/model_card.py FILE.jsonl… [FILE.txt…]."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collectaudit import render_eval
from collectaudit.catalogue import Words
from collectaudit.evaluation.report import evaluate
from collectaudit.evaluation.rows import read_plain, read_rows
from collectaudit.words.lexicon import load_lexicon
from collectaudit.words.reviewer import Reviewer

DOCS = Path(__file__).parents[1] / "docs"
CARDS = {"en": DOCS / "model-card.md", "zh": DOCS / "model-card.zh-CN.md"}
BEGIN, END = "<!-- figures: python benchmarks/model_card.py -->", "<!-- end of figures -->"
Row = Mapping[str, Any]


def main(files: Sequence[Path]) -> None:
    """Measure on each file by itself and put the figures into both cards."""
    reports = {file.name: _report(file) for file in files}
    for lang, card in CARDS.items():
        before, _, rest = card.read_text(encoding="utf-8").partition(BEGIN)
        figures = "\n".join(_figures(Words(lang), reports))
        card.write_text(f"{before}{BEGIN}\n{figures}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _report(file: Path) -> dict[str, Any]:
    plain = file.suffix == ".txt"
    rows, problems = ([], []) if plain else read_rows(file)
    texts = {}
    if plain:
        texts[file.name], problems = read_plain(file)
    if problems:
        sys.exit(str(problems[0]))
    return evaluate(rows, plain=texts, disguise=not plain, reviewer=Reviewer.load())


def _figures(words: Words, reports: Mapping[str, Row]) -> Iterator[str]:
    yield f"\nlexicons `{load_lexicon().sha256[:16]}`"
    for name, report in reports.items():
        yield f"\n### {name}\n"
        if report["rows"]:
            yield from _measured(words, report)
        for corpus in report["plain"]:
            yield words("eval.plain", file=name, texts=corpus["texts"]) + "\n"
            yield from (words("eval.alarms", tier=words.word("tier", tier), **corpus[tier]).replace("·", "-", 1)
                        for tier in ("finding", "review"))  # fmt: skip


def _measured(words: Words, report: Row) -> Iterator[str]:
    yield words("eval.rows", **render_eval.counted(report)) + "\n"
    yield from _table(words, render_eval.OVERALL_COLUMNS, render_eval.overall(words, report))
    yield words("eval.lawful", **render_eval.lawful(report)) + "\n"
    categories = [(name, *render_eval.category(row)) for name, row in report["by"]["category"].items()]
    yield from _table(words, ("category", *render_eval.CATEGORY_COLUMNS), categories)
    disguises = [
        (words.word("disguise", kind), *render_eval.disguise(row)) for kind, row in report["robustness"].items()
    ]
    yield from _table(words, ("disguise", *render_eval.DISGUISE_COLUMNS), disguises)


def _table(words: Words, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield _line(words.word("column", column) for column in columns)
    yield "|" + "---|" * len(columns)
    yield from map(_line, rows)
    yield ""


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
