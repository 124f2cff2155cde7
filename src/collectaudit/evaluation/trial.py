"""Texts judged as a case judges them: a small run in a folder that is thrown away, listened to and asked."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from ..runs import connect, nothing_of, scan
from ..signals import Reviewer, listen
from ..sqltext import literal

FINDING, REVIEW = TIERS = ("finding", "review")


@dataclass(frozen=True, slots=True)
class Said:
    """A text, in one message or in several sent half a minute apart, and what is known of it."""

    parts: tuple[str, ...]
    from_role: str | None
    to_role: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class Span:
    """Wording that was found in text[start:end]. `tier`: what it is worth from a known collector."""

    start: int
    end: int
    matched: str
    pattern: str
    category: str
    tier: str
    path: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a text: for each category its tier, and the wording behind them."""

    categories: Mapping[str, str]
    spans: tuple[Span, ...] = ()

    @property
    def tier(self) -> str | None:
        """finding · review · None for nothing."""
        return min(self.categories.values(), default=None)


def judge(said: Sequence[Said], *, reviewer: Reviewer | None = None, threads: int | None = None) -> list[Heard]:
    """What the view `worded` says of each text. Each is a contact of its own, between numbers of its own."""
    with tempfile.TemporaryDirectory(prefix="collectaudit-") as name:
        run = Path(name) / "run"
        run.mkdir()
        _write(said, Path(name) / "said.parquet", run)
        listen(run, threads=threads, reviewer=reviewer)
        with connect(run, threads=threads) as con:
            rows = con.execute(_HEARD_SQL).fetchall()
    tiers: dict[int, dict[str, str]] = defaultdict(dict)
    spans: dict[int, list[Span]] = defaultdict(list)
    for number, tier, *span in rows:
        found = Span(*span)
        tiers[number][found.category] = min(tier, tiers[number].get(found.category, REVIEW))
        spans[number].append(found)
    return [Heard(tiers.get(number, {}), tuple(spans.get(number, ()))) for number in range(len(said))]


def _write(said: Sequence[Said], given: Path, run: Path) -> None:
    """Events and utterances of a run; the tables' columns are those of schema.sql."""
    rows = [
        (number, part, text, one.from_role, one.to_role, one.channel)
        for number, one in enumerate(said)
        for part, text in enumerate(one.parts)
    ]
    pl.DataFrame(rows, schema=_SAID, orient="row").write_parquet(given)
    with duckdb.connect() as con:
        for table in ("events", "utterances"):
            con.execute(f"CREATE TABLE {table} AS {nothing_of(table)}")
        con.execute(f"CREATE TEMP VIEW said AS FROM {scan(given)}")
        con.execute(_EVENTS_SQL)
        con.execute(_UTTERANCES_SQL)
        for table in ("events", "utterances"):
            con.execute(f"COPY {table} TO {literal(run / f'{table}.parquet')} (FORMAT parquet)")


_SAID = {
    "number": pl.Int64, "part": pl.Int64, "text": pl.String, "from_role": pl.String, "to_role": pl.String,
    "channel": pl.String,
}  # fmt: skip
_EVENTS_SQL = """
INSERT INTO events BY NAME
SELECT format('{}.{}', number, part) AS event_id, 'eval' AS source_id, format('L{}', number) AS locator,
    format('{}', number) AS account_id, channel, format('from {}', number) AS from_number,
    format('to {}', number) AS to_number, from_role, to_role,
    TIMESTAMP '2025-06-02 10:00:00' + to_seconds(30 * part) AS at_local, 'second' AS precision,
    'delivered' AS outcome
FROM said ORDER BY number, part
"""
_UTTERANCES_SQL = """
INSERT INTO utterances BY NAME
SELECT format('{}.{}', number, part) AS utterance_id, format('{}.{}', number, part) AS event_id,
    'eval' AS source_id, 0 AS ordinal, 'from' AS speaker, text
FROM said ORDER BY number, part
"""
_HEARD_SQL = """
SELECT CAST(split_part(event_id, '.', 1) AS BIGINT) AS number, w.tier,
    s.start_char, s.end_char, s.matched, s.pattern, w.category, s.tier, s.path
FROM worded w JOIN signals s USING (event_id, category, conduct)
WHERE s.recipient IS NULL OR w.to_role IN ('family', 'colleague', 'reference', 'other')
ORDER BY ALL
"""
