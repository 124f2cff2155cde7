"""In the evidence book: what was found, by the kind of text it rests on, from what binds everybody downwards."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import dates
from .blocks import heading, note, pairs, para, period, refs, run, table
from .dossier import STATES
from .typeset import Block, Run

if TYPE_CHECKING:
    from .book import Book

Row = Mapping[str, Any]
MOST = 50  # findings of one provision and state that are printed one by one; the tables hold all


def findings(book: "Book") -> Iterator[Block]:
    """Authority by authority, provision by provision: the law, then what was found, each state by itself."""
    by_id = {row["finding_id"]: row for row in book.made.findings}
    if not by_id:
        yield para(book.words("book.no_findings"))
    for group in book.made.groups:
        yield heading(group["name"], 2, f"authority-{group['authority']}")
        yield para(run(book.words(f"book.weight_{group['authority']}"), weak=True))
        for provision in group["provisions"]:
            yield from _provision(book, provision, [by_id[ref] for ref in provision["finding_ids"]])


def _provision(book: "Book", provision: Row, rows: Sequence[Row]) -> Iterator[Block]:
    law = provision["law"]
    yield heading(f"{law['instrument']} {law['article'] or ''}".strip(), 3)
    yield pairs(_law(book, provision))
    yield {**para(*counted(book, provision["counts"])), "keep": True}
    for state in STATES:
        mine = [row for row in rows if row["state"] == state]
        if mine:
            yield from _found(book, state, mine)


def _law(book: "Book", provision: Row) -> list[tuple[str, str | list[Run]]]:
    """The text: since when, what it says, how sure that is, what the rule cannot see."""
    words, law = book.words, provision["law"]
    said = "quote" if law["quote"] else "paraphrase"
    read = words("book.read_on", how=words.word("confidence", law["confidence"]), day=law["reviewed"])
    rows: list[tuple[str, str | list[Run]]] = [
        (words("book.about"), provision["title"]),
        (words("book.in_force"), period(law["in_force_from"], law["in_force_until"], words)),
        (words(f"book.{said}"), law[said] or "—"),
        (words("book.confidence"), read),
        (words("book.caveat"), law["caveat"]),
        (words("book.limits"), provision["limits"]),
        (words("book.url"), [run(law["url"], code=True, cut=True)] if law["url"] else ""),
    ]
    return [(name, text) for name, text in rows if text]


def counted(book: "Book", counts: Mapping[str, int]) -> list[Run]:
    """Each state with its own number; they are never added up."""
    runs: list[Run] = []
    for state in STATES:
        runs += [run("　" if book.lang == "zh" else "   ")] if runs else []
        runs.append(run(book.words(f"book.n_{state}", n=counts[state]), state=state))
    return runs


def _found(book: "Book", state: str, rows: Sequence[Row]) -> Iterator[Block]:
    words = book.words
    head = [words("book.when"), words(f"book.what_{state}"), words("book.exhibits")]
    yield table([1.5, 5.2, 1.1], head, [_row(book, row) for row in rows[:MOST]])
    if len(rows) > MOST:
        yield note(words("book.more", n=len(rows) - MOST))


def _row(book: "Book", row: Row) -> list[str | list[Run]]:
    said = [run(row["message"])]
    if row["state"] == "confirmed":
        by = book.words("book.confirmed_by", by=row["by"] or "—", day=str(row["judged_at"] or "—")[:10])
        said += [run("\n" + by, weak=True), *([run("\n" + row["note"], weak=True)] if row["note"] else [])]
    return [
        dates.moment(book.words, row["occurred_at"], row["precision"]),
        said,
        refs(row["exhibits"], book.linked, book.lang),
    ]
