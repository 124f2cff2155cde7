"""What people think of findings: every opinion, in order, and the one verdict on each finding that comes of them."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import duckdb

from .drawers import COLUMNS, ORDINARY, REVIEWS, Sheet
from .errors import WrongUse
from .evidence import files

if TYPE_CHECKING:
    from .case import Case


def check_known(case: "Case", finding_ids: Sequence[str]) -> None:
    """Raises WrongUse, with the nearest id, if one of them is no finding of the current run."""
    for row in case.query(_UNKNOWN, [list(finding_ids)]):
        known = [found["finding_id"] for found in case.query("SELECT finding_id FROM findings ORDER BY ALL")]
        near = get_close_matches(row["finding_id"], known, 1)
        fix = f"Did you mean {near[0]}?" if near else f"List them with: collectaudit show {files.shown(case.path)}"
        raise WrongUse(f"there is no finding {files.shown(row['finding_id'])}", fix)


_UNKNOWN = """
SELECT finding_id FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS finding_id) ANTI JOIN findings USING (finding_id)
ORDER BY finding_id LIMIT 1
"""


def install(con: duckdb.DuckDBPyConnection, written: Sheet) -> None:
    """Make the tables `opinions` (the rows of reviews.csv) and `verdicts` (one row per finding) of a connection.

    Of the verdicts, those that change what a contact counts as: `struck`, findings that were dismissed, and `upheld`,
    those that were only worth a look and are confirmed.
    """
    con.execute(_OPINIONS)
    if written.rows:
        con.execute(_INSERT, [written.column(name) for name in COLUMNS[REVIEWS]])
    con.execute(_VERDICTS)
    con.execute(_STRUCK)
    con.execute(_UPHELD)


_OPINIONS = """
CREATE OR REPLACE TABLE opinions (
    nth BIGINT, finding_id VARCHAR, verdict VARCHAR, note VARCHAR, "by" VARCHAR, "at" VARCHAR, kind VARCHAR
)
"""

_INSERT = f"""
INSERT INTO opinions
SELECT nth, finding_id, nullif(lower(verdict), ''), nullif(note, ''), nullif("by", ''), nullif("at", ''),
    coalesce(nullif(lower(kind), ''), '{ORDINARY}')
FROM (
    SELECT unnest(range(1, len($1::VARCHAR[]) + 1)) AS nth, unnest($1::VARCHAR[]) AS finding_id,
        unnest($2::VARCHAR[]) AS verdict, unnest($3::VARCHAR[]) AS note, unnest($4::VARCHAR[]) AS "by",
        unnest($5::VARCHAR[]) AS "at", unnest($6::VARCHAR[]) AS kind
)
WHERE finding_id <> ''
"""  # noqa: S608 — a constant

# The last final decision; without one the last ordinary opinion; without one what two people or more, neither knowing
# of the other, agree on. An appeal is no verdict. Of one person's blind opinions the last one counts.
_VERDICTS = """
CREATE OR REPLACE TABLE verdicts AS
WITH said AS (
    SELECT finding_id, verdict, note, "by", "at", kind FROM opinions WHERE kind IN ('ordinary', 'final')
    QUALIFY row_number() OVER (PARTITION BY finding_id ORDER BY kind = 'final' DESC, nth DESC) = 1
),
alone AS (
    SELECT finding_id, verdict, "by", "at", nth FROM opinions WHERE kind = 'blind' AND verdict IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY finding_id, lower(coalesce("by", '')) ORDER BY nth DESC) = 1
),
agreed AS (
    SELECT finding_id, any_value(verdict) AS verdict, CAST(NULL AS VARCHAR) AS note,
        string_agg("by", ', ' ORDER BY nth) AS "by", max("at") AS "at", 'blind' AS kind
    FROM alone GROUP BY finding_id HAVING count(*) > 1 AND count(DISTINCT verdict) = 1
)
FROM said UNION ALL FROM agreed ANTI JOIN said USING (finding_id)
"""

_STRUCK = "CREATE OR REPLACE TABLE struck AS SELECT finding_id FROM verdicts WHERE verdict = 'dismissed'"
_UPHELD = """
CREATE OR REPLACE TABLE upheld AS
SELECT finding_id FROM findings SEMI JOIN (FROM verdicts WHERE verdict = 'confirmed') v USING (finding_id)
WHERE tier = 'review'
"""
