"""SETTLE: what people heard when they listened. Their words count; what the machine wrote stays beside them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from .linking import UTTERANCES
from .runs import scan
from .sqltext import literal


def remember(con: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, str]]) -> None:
    """Make the table `people_heard` of the rows of listened.csv; of several about one passage the last counts."""
    con.execute(_HEARD)
    told = {passage: row for row in rows if (passage := row.get("utterance_id", "").strip())}
    if told:
        cells = [[passage, *(row.get(name, "").strip() for name in _CELLS)] for passage, row in told.items()]
        con.executemany("INSERT INTO people_heard VALUES (?, nullif(?, ''), nullif(?, ''), ?, nullif(?, ''))", cells)


def keep(con: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the table `listened` into the folder `out`, where `utterances` lies already."""
    if con.execute("SELECT 1 FROM people_heard LIMIT 1").fetchone():
        table = _LISTENED.format(utterances=scan(out / "utterances.parquet"))
        con.execute(f"COPY ({table}) TO {literal(out / 'listened.parquet')} (FORMAT parquet, COMPRESSION zstd)")


_CELLS = ("text", "note", "by", "at")
_HEARD = """
CREATE TABLE people_heard (utterance_id VARCHAR, text VARCHAR, note VARCHAR, heard_by VARCHAR, heard_at VARCHAR)
"""

# Somebody has listened, so nothing is in doubt any more, whichever text stands.
CORRECTED = f"""
SELECT u.* REPLACE (coalesce(h.text, u.text) AS text, u.doubtful AND h.utterance_id IS NULL AS doubtful),
    CASE WHEN h.text <> u.text THEN u.text END AS machine_text, h.heard_by
FROM ({UTTERANCES}) u LEFT JOIN people_heard h USING (utterance_id)
"""  # noqa: S608 — our own

_LISTENED = """
SELECT h.*, u.heard_by IS NOT NULL AS found
FROM people_heard h LEFT JOIN (SELECT utterance_id, heard_by FROM {utterances}) u USING (utterance_id)
ORDER BY h.utterance_id
"""
