"""LISTEN: what was said or written, searched for the wording of the lexicons. Who spoke decides later, in `worded`.

Each distinct text is looked at once. Wording that the network cut in two is looked for over both messages. A text that
was heard is looked through by its sound as well; what that finds only ever asks a person to listen.
"""

import tempfile
from collections.abc import Iterator
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb
import polars as pl

from .runs import connect, scan
from .sqltext import literal
from .text import Folded, fold
from .voices import attribute
from .words.ear import Ear
from .words.lexicon import Lexicon, Pattern, load_lexicon
from .words.matcher import Hit, Matcher

_SQL = Path(__file__).with_name("sql")
_TEXTS_SQL = (_SQL / "texts.sql").read_text(encoding="utf-8")
_SIGNALS_SQL = (_SQL / "signals.sql").read_text(encoding="utf-8")
# What is asked of a run here and in voices.py.
_SPOKEN = ("sources", "events", "utterances", "voices", "patterns", "portion", "occasions", "spoken")
_PARQUET = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd)"
_BATCH = 20_000
_LONGEST_QUOTE = 200
_BY_SOUND, _BY_MODEL = "sound", "model"
_COMPLETE = tuple("。！？!?.…")  # a message that ends like this was not cut by the network


class Reviewer(Protocol):
    """A second stage. What it says is only ever a request to a person to read; it adds and never takes away."""

    @property
    def id(self) -> str:
        """Name and version, as cited with every passage it points out."""

    @property
    def threshold(self) -> float:
        """From which score on a person is asked."""

    def score(self, text: str) -> float:
        """How likely a folded text deserves a look, 0 to 1."""


class _Found(NamedTuple):
    """A row of the table `hits`: text[start:end] of a distinct text. `denied`: taken away by what stands beside it
    once both messages are read as one; it does not count in its own message either.
    """

    text_id: int
    pattern: str
    denied: bool
    start: int
    end: int
    matched: str
    path: str


def listen(run: Path, *, threads: int | None = None, reviewer: Reviewer | None = None) -> None:
    """Write signals and patterns of the utterances in the folder `run`.

    `reviewer`: also asks a person to look where it thinks so, in what a collector says and no pattern was found.
    """
    lexicon = load_lexicon()
    (run / "patterns.parquet").write_bytes(_patterns(lexicon, reviewer.id if reviewer else None))
    with (
        tempfile.TemporaryDirectory(dir=run, prefix=".listen-") as name,
        connect(run, threads=threads, only=_SPOKEN) as con,
    ):
        folder = Path(name)
        attribute(con, run, partial(_matcher, lexicon))
        con.execute(_TEXTS_SQL)
        searcher = _Searcher(lexicon, reviewer)
        files = [searcher.search(rows, folder / str(number)) for number, rows in enumerate(_batches(con))]
        for table, types in (("hits", _HITS), ("contexts", _CONTEXTS)):
            pl.DataFrame(schema=types).write_parquet(folder / f"none.{table}")
            parts = [scan(file.with_suffix(f".{table}")) for file in [folder / "none", *files]]
            con.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM " + " UNION ALL SELECT * FROM ".join(parts))  # noqa: S608
        con.execute(_SIGNALS_SQL)
        con.execute(f"COPY (FROM found_signals) TO {literal(run / 'signals.parquet')} {_PARQUET}")


def _batches(con: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    cursor = con.execute("SELECT text_id, text, message, heard, cut, by_collector FROM texts ORDER BY text_id")
    while rows := cursor.fetchmany(_BATCH):
        yield rows


class _Searcher:
    """Searches distinct texts and leaves what it finds in files."""

    def __init__(self, lexicon: Lexicon, reviewer: Reviewer | None) -> None:
        self._lexicon = lexicon
        self._reviewer = reviewer

    def search(self, rows: list[tuple[Any, ...]], target: Path) -> Path:
        """Search a batch into <target>.hits and <target>.contexts, and say `target`.

        `rows`: text_id, text, whether a message, whether heard, where its second part begins or None, said by a
        collector.
        """
        matcher = _matcher(self._lexicon)
        hits: list[_Found] = []
        contexts: list[int] = []
        for text_id, text, message, heard, cut, by_collector in rows:
            folded = fold(text, message=message)
            sight = matcher.look(folded.text, message=message)
            if cut is None and matcher.speaks_of_debt(sight):
                contexts.append(text_id)
            hits_here = matcher.hits(sight)
            here = [_found(text_id, text, folded, hit) for hit in hits_here]
            if heard:
                by_sound = [sounding.hit for sounding in _ear(self._lexicon).hits(sight)]
                here += [_found(text_id, text, folded, hit)._replace(path=_BY_SOUND) for hit in by_sound]
                hits_here += by_sound
            if cut is not None:
                here = [found for found in here if found.start < cut < found.end]
                if text[:cut].rstrip()[-1:] not in _COMPLETE:
                    denied = (_found(text_id, text, folded, hit) for hit in matcher.denied(sight))
                    here += [found._replace(denied=True) for found in denied if not found.start < cut < found.end]
            if by_collector and not any(map(_accuses, hits_here)):
                here += self._second_look(text_id, text, folded.text, cut)
            hits += here
        pl.DataFrame(hits, schema=_HITS, orient="row").write_parquet(target.with_suffix(".hits"))
        pl.DataFrame({"text_id": contexts}, schema=_CONTEXTS).write_parquet(target.with_suffix(".contexts"))
        return target

    def _second_look(self, text_id: int, text: str, folded: str, cut: int | None) -> list[_Found]:
        """A request to read the text; or, of a text cut in two that needs no reading, not to read its parts either."""
        if not self._reviewer or (self._reviewer.score(folded) >= self._reviewer.threshold) is (cut is not None):
            return []
        whole = _Found(text_id, self._reviewer.id, cut is not None, 0, len(text), text[:_LONGEST_QUOTE], _BY_MODEL)
        return [whole] if cut is None else [whole, whole._replace(start=cut)]


def _found(text_id: int, text: str, folded: Folded, hit: Hit) -> _Found:
    start, end = folded.span(hit.start, hit.end)
    return _Found(text_id, hit.pattern.id, False, start, end, text[start:end], folded.path(hit.start, hit.end))


@cache
def _matcher(lexicon: Lexicon) -> Matcher:
    return Matcher(lexicon)


@cache
def _ear(lexicon: Lexicon) -> Ear:
    return Ear(_matcher(lexicon))


def _accuses(hit: Hit) -> bool:
    """Whether a person will see the text anyway, whoever it is addressed to."""
    return hit.pattern.to is None and not hit.pattern.category.startswith(("states.", "safety."))


@cache
def _patterns(lexicon: Lexicon, reviewer: str | None) -> bytes:
    """The file of the table `patterns`, the same for every case; `reviewer`: the id of one that looks, too."""
    rows = [_pattern_row(lexicon, pattern) for pattern in lexicon.patterns]
    if reviewer:
        rows.append(_reviewer_row(reviewer))
    columns = {name: [row.get(name) for row in rows] for name in _PATTERNS}  # by column it takes a tenth of the time
    file = BytesIO()
    pl.DataFrame(columns, schema=_PATTERNS).sort("pattern").write_parquet(file)
    return file.getvalue()


def _pattern_row(lexicon: Lexicon, pattern: Pattern) -> dict[str, Any]:
    title, asks = lexicon.titles[pattern.category], lexicon.questions.get(pattern.asks or "", {})
    return {
        "pattern": pattern.id, "lexicon": pattern.lexicon, "category": pattern.category, "title_en": title["en"],
        "title_zh": title["zh"], "lang": pattern.lang, "conduct": pattern.conduct, "tier": pattern.tier,
        "speaker": pattern.speaker, "recipient": pattern.to, "asks": pattern.asks,
        "frames": [frame.text for frame in pattern.frames], "exclude": list(pattern.exclude),
        "exclude_en": _called(lexicon, pattern, "en"), "exclude_zh": _called(lexicon, pattern, "zh"),
        "asks_en": asks.get("en"), "asks_zh": asks.get("zh"), "lexicons_sha256": lexicon.sha256,
    }  # fmt: skip


def _called(lexicon: Lexicon, pattern: Pattern, lang: str) -> list[str]:
    """What the exclusions of a pattern are called."""
    return [lexicon.exclusions[name].title[lang] for name in pattern.exclude]


def _reviewer_row(reviewer: str) -> dict[str, Any]:
    return {
        "pattern": reviewer, "lexicon": "reviewer", "category": "reviewer.look", "title_en": "Close to such wording",
        "title_zh": "接近此类措辞", "conduct": "unsorted", "tier": "review", "speaker": "collector",
    }  # fmt: skip


_HITS: dict[str, type[pl.DataType]] = {
    "text_id": pl.Int64, "pattern": pl.String, "denied": pl.Boolean, "start": pl.Int32, "end": pl.Int32,
    "matched": pl.String, "path": pl.String,
}  # fmt: skip
_CONTEXTS: dict[str, type[pl.DataType]] = {"text_id": pl.Int64}
_PATTERNS: dict[str, Any] = {
    "pattern": pl.String, "lexicon": pl.String, "category": pl.String, "title_en": pl.String, "title_zh": pl.String,
    "lang": pl.String, "conduct": pl.String, "tier": pl.String, "speaker": pl.String, "recipient": pl.String,
    "asks": pl.String, "frames": pl.List(pl.String), "exclude": pl.List(pl.String),
    "exclude_en": pl.List(pl.String), "exclude_zh": pl.List(pl.String), "asks_en": pl.String,
    "asks_zh": pl.String, "lexicons_sha256": pl.String,
}  # fmt: skip
