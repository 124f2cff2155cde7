"""The figures behind a dossier as Parquet, and `rerun.sql`, which gives every count again in a bare `duckdb`."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ..sqltext import literal
from .dossier import Dossier
from .questions import FOUND, MINE

if TYPE_CHECKING:
    from ..case import Case

SCRIPT = Path(__file__).parent / "data" / "rerun.sql"


def write_figures(case: "Case", made: Dossier, to: Path, mask: Callable[[Any], Any] | None = None) -> None:
    """Write findings, contacts, evidence and sources of this dossier into the folder `to`, and the script.

    `mask`: what every value goes through first, where third parties are to be left out.
    """
    account = made.about["account"]
    chosen = [[row["finding_id"]] for row in made.findings]
    with case.connect() as con:
        con.execute("CREATE TEMP TABLE chosen (finding_id VARCHAR)")
        if chosen:
            con.executemany("INSERT INTO chosen VALUES (?)", chosen)
        for name, query in _TABLES.items():
            con.execute(f"CREATE TEMP TABLE made AS {query}", [account] if "$1" in query else [])
            if mask:
                _mask(con, mask)
            con.execute(f"COPY made TO {literal(to / f'{name}.parquet')} (FORMAT parquet, COMPRESSION zstd)")
            con.execute("DROP TABLE made")
    shutil.copyfile(SCRIPT, to / SCRIPT.name)


def _mask(con: duckdb.DuckDBPyConnection, mask: Callable[[Any], Any]) -> None:
    """Put every distinct text of the table `made` through `mask`; ids and codes stay by the names of their columns."""
    columns = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'made' AND data_type = 'VARCHAR'"
    )
    for (column,) in columns.fetchall():
        found = con.execute(f'SELECT DISTINCT "{column}" FROM made WHERE "{column}" IS NOT NULL')  # noqa: S608
        texts = [row[0] for row in found.fetchall()]
        others = [(old, new) for old in texts if (new := mask({column: old})[column]) != old]
        if others:
            con.execute("CREATE TEMP TABLE instead (old VARCHAR, new VARCHAR)")
            con.executemany("INSERT INTO instead VALUES (?, ?)", others)
            con.execute(f'UPDATE made SET "{column}" = new FROM instead WHERE "{column}" = old')  # noqa: S608 — our own
            con.execute("DROP TABLE instead")


_TABLES: Mapping[str, str] = {
    "findings": f"""
        SELECT finding_id, rule_id, regime, provision_id, authority, modality, article, instrument_en, instrument_zh,
            in_force_from, tier, severity, state, verdict, "by", judged_at, account, event_id, occurred_at, facts,
            finding_id IN (FROM chosen) AS handed_in
        FROM ({FOUND}) ORDER BY occurred_at, rule_id, provision_id, finding_id""",  # noqa: S608
    "contacts": f"""
        SELECT event_id, account, channel, at_local, on_date, precision, from_number, from_role, to_number, to_role,
            outcome, connected, duration_s, agent, agency, lender, undirected
        FROM occasions WHERE {MINE} ORDER BY at_local, event_id""",  # noqa: S608
    "evidence": """
        SELECT finding_id, ordinal, event_id, source, sha256, locator, second_record
        FROM exhibits SEMI JOIN chosen USING (finding_id)
        ORDER BY finding_id, ordinal, second_record, source, locator""",
    "sources": """
        SELECT name, sha256, size_bytes, parser, encoding, time_zone, records, events, rejects, first_at, last_at,
            status
        FROM sources ORDER BY name, sha256""",
}  # fmt: skip
