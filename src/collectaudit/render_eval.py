"""What a measurement says on a terminal: figures first, then where the mistakes are, then each of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .catalogue import Words
from .render import Page

Row = Mapping[str, Any]
_QUESTIONS = ("finding", "finding_or_review")
_SLICES = ("all", "collecting_side", "speaker_unknown")
_MEASURES = ("precision", "recall", "f1")
OVERALL_COLUMNS = ("slice", "found_as", *_MEASURES, "right", "wrong", "missed")
CATEGORY_COLUMNS = ("rows", "recall", "recall_with_review", "false_findings", "false_in_review")
DISGUISE_COLUMNS = ("tried", "still_found", "same_tier", "lawful_tried", "false_findings", "false_in_review")
_MARKS = 3  # spans shown with a row; JSON has all


def measurement(page: Page, report: Row) -> None:
    """The whole page."""
    if report["rows"]:
        _figures(page, report)
    for name, groups in report["by"].items():
        if groups:
            _groups(page, name, groups)
    if report["rows"] and report["robustness"]:
        _robustness(page, report["robustness"])
    for corpus in report["plain"]:
        _plain(page, corpus)
    _mistakes(page, report["errors"])


def counted(report: Row) -> dict[str, int]:
    """How many rows there are of each kind, as `eval.rows` says it."""
    due, clean, undecided = report["violating"], report["lawful"], report["undecided"]["rows"]
    return {"rows": report["rows"], "due": due, "clean": clean, "undecided": undecided}


def _figures(page: Page, report: Row) -> None:
    page.say("eval.rows", style="bold", **counted(report))
    page.gap()
    page.table(OVERALL_COLUMNS, overall(page.words, report), whole=_MEASURES)
    undecided = report["undecided"]
    page.gap()
    page.say("eval.lawful", **lawful(report))
    if undecided["rows"]:
        page.say("eval.undecided", **undecided)
    page.say("eval.interval")


def overall(words: Words, report: Row) -> Iterator[Sequence[object]]:
    """The rows of OVERALL_COLUMNS."""
    for name in _SLICES:
        part = report if name == "all" else report[name]
        for question in _QUESTIONS:
            figures = part[question]
            measures = (figure(figures[measure], figures["ci"][measure]) for measure in _MEASURES)
            said = words.word("slice", name), words.word("found_as", question)
            yield *said, *measures, figures["tp"], figures["fp"], figures["fn"]


def lawful(report: Row) -> dict[str, Any]:
    """What becomes of lawful words of those who collect, as `eval.lawful` says it."""
    row = report["lawful_collecting"]
    return {"share": figure(row["share"], row["ci"]), "n": row["review"], "rows": row["rows"]}


def _groups(page: Page, name: str, groups: Mapping[str, Row]) -> None:
    page.heading("eval.by", name=page.words.word("column", name))
    if name == "category":
        page.table((name, *CATEGORY_COLUMNS), [(group, *category(row)) for group, row in groups.items()], whole=(name,))
        return
    columns = (name, "rows", "precision", "recall", "recall_with_review", "false_findings", "false_in_review")
    page.table(columns, [(group, *_group(row)) for group, row in groups.items()], whole=(name, *_MEASURES))


def _group(row: Row) -> Iterator[object]:
    finding, both = row["finding"], row["finding_or_review"]
    yield row["rows"]
    yield figure(finding["precision"], finding["ci"]["precision"])
    yield figure(finding["recall"], finding["ci"]["recall"])
    yield figure(both["recall"], both["ci"]["recall"])
    yield finding["fp"]
    yield both["fp"] - finding["fp"]


def category(row: Row) -> Iterator[object]:
    """The cells of CATEGORY_COLUMNS. What is labelled so counts as found, whatever it was found as."""
    yield row["rows"]
    yield from (figure(row["caught"][question]) for question in _QUESTIONS)
    yield row["false_alarms"]["finding"]
    yield row["false_alarms"]["finding_or_review"] - row["false_alarms"]["finding"]


def _robustness(page: Page, disguises: Mapping[str, Row]) -> None:
    page.heading("eval.robustness")
    rows = [(page.words.word("disguise", kind), *disguise(row)) for kind, row in disguises.items()]
    page.table(("disguise", *DISGUISE_COLUMNS), rows)


def disguise(row: Row) -> Iterator[object]:
    """The cells of DISGUISE_COLUMNS."""
    yield row["tried"]
    yield figure(row["caught"], row["ci"])
    yield figure(row["same_tier"])
    yield row["lawful_tried"]
    yield row["added"]["finding"]
    yield row["added"]["review"]


def _plain(page: Page, corpus: Row) -> None:
    page.heading("eval.plain", file=corpus["file"], texts=corpus["texts"])
    for tier in ("finding", "review"):
        if corpus["texts"]:
            page.say("eval.alarms", indent=2, tier=page.words.word("tier", tier), **corpus[tier])
    for hit in corpus["hits"]:
        _quoted(page, hit)


def _mistakes(page: Page, errors: Sequence[Row]) -> None:
    for kind in dict.fromkeys(error["kind"] for error in errors):
        of_kind = [error for error in errors if error["kind"] == kind]
        page.heading("eval.mistakes", kind=page.words.word("mistake", kind), n=len(of_kind))
        for error in of_kind:
            page.say("eval.mistake", indent=2, id=error["id"], labels=", ".join(error["labels"]))
            _quoted(page, error)


def _quoted(page: Page, row: Row) -> None:
    page.data(row["text"], indent=4)
    for span in row["spans"][:_MARKS]:
        page.say("eval.span", indent=6, **{name: span[name] for name in ("matched", "pattern", "path")})


def figure(value: float | None, interval: Sequence[float] | None = None) -> str:
    """A measure with its interval in brackets."""
    if value is None:
        return "–"
    return f"{value:.2f}" if interval is None else f"{value:.2f} ({interval[0]:.2f}–{interval[1]:.2f})"
