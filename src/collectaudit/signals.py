"""LISTEN: what was said or written, searched for the wording of the lexicons. Who spoke decides later, in `worded`.

Each distinct text is looked at once. Wording that the network cut in two is looked for over both messages. A text that
was heard is looked through by its sound as well; what that finds only ever asks a person to listen.
"""

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb
import polars as pl

from .runs import connect, scan, turn
from .sqltext import literal
from .text import Folded, fold
from .voices import attribute
from .words.alike import Alike
from .words.ear import Ear
from .words.lexicon import Lexicon, Pattern, load_lexicon
from .words.matcher import Hit, Matcher, Sight

_SQL = Path(__file__).with_name("sql")
_TEXTS_SQL = (_SQL / "texts.sql").read_text(encoding="utf-8")
_SIGNALS_SQL = (_SQL / "signals.sql").read_text(encoding="utf-8")
# What is asked of a run here and in voices.py.
_SPOKEN = ("sources", "events", "utterances", "voices", "patterns", "portion", "occasions", "spoken")
_PARQUET = "(FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd)"
_BATCH = 20_000
_BY_SOUND, _BY_MODEL = "sound", "model"
_COMPLETE = tuple("。！？!?.…")  # a message that ends like this was not cut by the network


class Reviewer(Protocol):
    """A second stage. What it says is only ever a request to a person to read; it adds and never takes away.

    Which amounts and dates a text names is nothing to it.
    """

    @property
    def id(self) -> str:
        """Name and version, as cited with every passage it points out."""

    @property
    def threshold(self) -> float:
        """From which score on a person is asked."""

    def score(self, text: str) -> float:
        """How likely a folded text deserves a look, 0 to 1."""


class _Text(NamedTuple):
    """A row of the table `texts`. `cut`: where its second part begins; `by_collector`: a collector says it."""

    text_id: int
    text: str
    message: bool
    heard: bool
    cut: int | None
    by_collector: bool | None


class _Found(NamedTuple):
    """A row of the table `found`: it stands in text[start:end] of every text like `like`. `denied`: taken away by what
    stands beside it once both messages are read as one; it does not count in its own message either.
    """

    like: int
    pattern: str
    denied: bool
    start: int
    end: int
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
        turn(con, run, ["voices"])  # who speaks decides which wording counts
        con.execute(_TEXTS_SQL)
        searcher = _Searcher(lexicon, reviewer)
        files = [searcher.search(rows, folder / str(number)) for number, rows in enumerate(_batches(con))]
        for table, types in (("found", _FOUND), ("likes", _LIKES)):
            pl.DataFrame(schema=types).write_parquet(folder / f"none.{table}")
            parts = scan(*(file.with_suffix(f".{table}") for file in [folder / "none", *files]))
            con.execute(f"CREATE TEMP VIEW {table} AS FROM {parts}")
        con.execute(_SIGNALS_SQL)
        con.execute(f"COPY (FROM found_signals) TO {literal(run / 'signals.parquet')} {_PARQUET}")


def _batches(con: duckdb.DuckDBPyConnection) -> Iterator[list[_Text]]:
    cursor = con.execute("SELECT text_id, text, message, heard, cut, by_collector FROM texts ORDER BY text_id")
    while rows := cursor.fetchmany(_BATCH):
        yield list(map(_Text._make, rows))


class _Searcher:
    """Searches distinct texts and leaves what it finds in files."""

    def __init__(self, lexicon: Lexicon, reviewer: Reviewer | None) -> None:
        self._lexicon = lexicon
        self._reviewer = reviewer

    def search(self, texts: Sequence[_Text], target: Path) -> Path:
        """Search a batch into <target>.found and <target>.likes, and say `target`. Of texts that are alike only the
        first is looked at.
        """
        matcher, alike = _matcher(self._lexicon), _alike(self._lexicon)
        first: dict[object, _Text] = {}
        likes = [
            first.setdefault((text.text if text.heard else alike.shape(text.text), *text[2:]), text).text_id
            for text in texts
        ]
        found: list[_Found] = []
        of_debt = set[int]()
        for text in first.values():
            folded = fold(text.text, message=text.message)
            sight = matcher.look(folded.text, message=text.message)
            if matcher.speaks_of_debt(sight):
                of_debt.add(text.text_id)
            found += self._look(text, folded, sight)
        rows = [(text.text_id, like, like in of_debt) for text, like in zip(texts, likes, strict=True)]
        pl.DataFrame(found, schema=_FOUND, orient="row").write_parquet(target.with_suffix(".found"))
        pl.DataFrame(rows, schema=_LIKES, orient="row").write_parquet(target.with_suffix(".likes"))
        return target

    def _look(self, text: _Text, folded: Folded, sight: Sight) -> list[_Found]:
        """All that stands in a text."""
        matcher, cut = _matcher(self._lexicon), text.cut
        hits = matcher.hits(sight)
        here = [_found(text, folded, hit) for hit in hits]
        if text.heard:
            by_sound = [sounding.hit for sounding in _ear(self._lexicon).hits(sight)]
            here += [_found(text, folded, hit)._replace(path=_BY_SOUND) for hit in by_sound]
            hits += by_sound
        if cut is not None:
            here = [found for found in here if found.start < cut < found.end]
            if text.text[:cut].rstrip()[-1:] not in _COMPLETE:
                denied = (_found(text, folded, hit) for hit in matcher.denied(sight))
                here += [found._replace(denied=True) for found in denied if not found.start < cut < found.end]
        if text.by_collector and not any(map(_accuses, hits)):
            here += self._second_look(text, folded.text)
        return here

    def _second_look(self, text: _Text, folded: str) -> list[_Found]:
        """A request to read the text; or, of a text cut in two that needs no reading, not to read its parts either."""
        cut = text.cut
        if not self._reviewer or (self._reviewer.score(folded) >= self._reviewer.threshold) is (cut is not None):
            return []
        whole = _Found(text.text_id, self._reviewer.id, cut is not None, 0, len(text.text), _BY_MODEL)
        return [whole] if cut is None else [whole, whole._replace(start=cut)]


def _found(text: _Text, folded: Folded, hit: Hit) -> _Found:
    start, end = folded.span(hit.start, hit.end)
    return _Found(text.text_id, hit.pattern.id, False, start, end, folded.path(hit.start, hit.end))


@cache
def _matcher(lexicon: Lexicon) -> Matcher:
    return Matcher(lexicon)


@cache
def _alike(lexicon: Lexicon) -> Alike:
    return Alike(_matcher(lexicon))


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


_FOUND: dict[str, type[pl.DataType]] = {
    "like": pl.Int64, "pattern": pl.String, "denied": pl.Boolean, "start": pl.Int32, "end": pl.Int32, "path": pl.String,
}  # fmt: skip
_LIKES: dict[str, type[pl.DataType]] = {"text_id": pl.Int64, "like": pl.Int64, "of_debt": pl.Boolean}
_PATTERNS: dict[str, Any] = {
    "pattern": pl.String, "lexicon": pl.String, "category": pl.String, "title_en": pl.String, "title_zh": pl.String,
    "lang": pl.String, "conduct": pl.String, "tier": pl.String, "speaker": pl.String, "recipient": pl.String,
    "asks": pl.String, "frames": pl.List(pl.String), "exclude": pl.List(pl.String),
    "exclude_en": pl.List(pl.String), "exclude_zh": pl.List(pl.String), "asks_en": pl.String,
    "asks_zh": pl.String, "lexicons_sha256": pl.String,
}  # fmt: skip
