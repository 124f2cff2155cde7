"""In the evidence book: the numbered exhibits, each with source, fact to prove, content and date."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .. import dates
from ..catalogue import Words
from ..speech import stretch
from .blocks import names_of, note, para, run, table, who
from .typeset import Block, Run

if TYPE_CHECKING:
    from .book import Book

Row = Mapping[str, Any]
_LINE = 50  # characters that stand on one line for sure


def exhibits(book: "Book") -> Iterator[Block]:
    """The list of the exhibits of this volume, then each of them."""
    words = book.words
    if not book.exhibits:
        yield para(words("book.no_exhibits"))
        return
    yield note(words("book.exhibits_note", zone=book.made.about["time_zone"]))
    head = [words(f"book.column_{name}") for name in ("number", "date", "source", "shows")]
    yield table([0.7, 2, 3, 4], head, [_listed(book, row) for row in book.exhibits])
    names = names_of(book.made.parties)
    for row in book.exhibits:
        yield _exhibit(book, row, names)


def _listed(book: "Book", row: Row) -> list[str | list[Run]]:
    sources = dict.fromkeys(record["source"] for record in row["records"])
    return [
        [run(row["number"], to=f"exhibit-{row['number']}")],
        f"{dates.moment(book.words, row['at_local'], row['precision'])}\n{book.words.word('channel', row['channel'])}",
        [run("\n".join(sources), code=True, cut=True)],
        "\n".join(row["shows"]),
    ]


def _exhibit(book: "Book", row: Row, names: Mapping[str, str]) -> Block:
    words = book.words
    title = words(
        "book.exhibit", n=str(row["number"]), at=dates.moment(book.words, row["at_local"], row["precision"]),
        channel=words.word("channel", row["channel"]),
    )  # fmt: skip
    said = [[run(_contact(row, names, words))], *(line for turn in row["turns"] for line in _turn(turn, names, words))]
    return {
        "k": "exhibit",
        "id": f"exhibit-{row['number']}",
        "text": title,
        "rows": [
            [words("book.source"), [line for record in row["records"] for line in _record(record, words)]],
            [words("book.to_prove"), [[run(fact)] for fact in row["shows"]]],
            [words("book.content"), said],
        ],
    }


def _contact(row: Row, names: Mapping[str, str], words: Words) -> str:
    """Who reached whom, how it ended, how long it took."""
    by_collector = row["from_role"] == "collector"
    firm = row["agency"] or row["lender"] or ""
    one = who(row["from_number"], row["from_role"], names, words, firm if by_collector else "")
    other = who(row["to_number"], row["to_role"], names, words, "" if by_collector else firm)
    parts = [words("book.between" if row["undirected"] else "book.from_to", one=one, other=other)]
    if row["outcome"]:
        parts.append(words.word("outcome", row["outcome"]))
    if row["channel"] in ("call", "voicemail") and row["duration_s"]:
        parts.append(words("book.seconds", n=int(row["duration_s"])))
    return words("summary.comma").join(parts)


def _record(record: Row, words: Words) -> Iterator[list[Run]]:
    """A file in which this contact stands, where in it, and the file's hash."""
    place = words("book.place", source=record["source"], locator=record["locator"])
    yield [
        run(place, **({"code": True, "cut": True} if len(place) > _LINE else {})),
        *([run(words("book.second"), weak=True)] if record["second_record"] else []),
    ]
    yield [run("SHA-256 ", weak=True), run(record["sha256"], code=True)]


def _turn(turn: Row, names: Mapping[str, str], words: Words) -> Iterator[list[Run]]:
    """Who says it and where, what vouches for the words, then the words with the passages marked."""
    speaker = turn["speaker"]
    said = who(speaker["number"], speaker["role"], names, words) if speaker["role"] or speaker["number"] else ""
    at = [] if turn["start_s"] is None else [stretch(turn["start_s"], turn["end_s"])]
    doubt = vouched(turn, words)
    yield [run(" · ".join([said or words("book.somebody"), *at, *([doubt] if doubt else [])]), weak=True)]
    yield marked(turn)
    if turn["machine_text"] is not None:
        yield [run(words("book.machine_text", text=turn["machine_text"]), weak=True)]


def vouched(turn: Row, words: Words) -> str:
    """What was transcribed says so: by which machine, and whether anybody listened; what was written says nothing."""
    if turn["listened"] is None:
        return ""
    engine = words.sentence(turn["engine"])
    by = words("book.machine", engine=engine) if engine else words("book.elsewhere")
    if turn["machine_text"] is not None:
        by = words("book.corrected")
    heard = words("book.heard_by", by=turn["heard_by"]) if turn["listened"] else words("book.not_heard")
    doubtful = [words("book.doubtful")] if turn["doubtful"] and not turn["listened"] else []
    return words("summary.comma").join([by, *doubtful, heard])


def marked(turn: Row) -> list[Run]:
    """The words as they stand, the passages of interest marked."""
    said, spans = turn["text"], turn["spans"]
    edges = sorted({0, len(said), *(edge for span in spans for edge in (span["start_char"], span["end_char"]))})
    return [
        run(said[start:end], hit=any(s["start_char"] <= start and end <= s["end_char"] for s in spans) or None)
        for start, end in pairwise(edges)
    ]
