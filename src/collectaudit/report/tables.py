"""The full tables as a workbook: findings, every contact, people, law, counts, gaps, files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogue import FAMILIES, Words
from ..workbook import Sheet, write_workbook
from .dossier import LEFT_OUT, STATES, Dossier
from .questions import MINE

if TYPE_CHECKING:
    from ..case import Case

Row = Mapping[str, Any]


def write_tables(case: "Case", made: Dossier, to: Path, mask: Callable[[Any], Any] = lambda value: value) -> None:
    """Write the workbook; its counts are those of the dossier. `mask`: what contacts go through first.

    Raises MissingPart without XlsxWriter.
    """
    words = Words(made.lang, "report")
    contacts = map(mask, case.query(_CONTACTS, [made.about["account"]]))
    rows: Mapping[str, Iterator[Row]] = {
        "findings": _findings(made, words), "contacts": (_coded(row, words) for row in contacts),
        "parties": (_coded(row, words) for row in made.parties), "provisions": _provisions(made),
        "counts": _counts(made, words), "gaps": _gaps(made, words), "sources": _sources(made, words),
    }  # fmt: skip
    write_workbook(to, [_sheet(name, _COLUMNS[name], rows[name], words) for name in _COLUMNS])


def _sheet(name: str, columns: Sequence[str], rows: Iterator[Row], words: Words) -> Sheet:
    titles = [words(f"tables.{column}") for column in columns]
    return words(f"tables.{name}"), titles, ([row.get(column) for column in columns] for row in rows)


def _findings(made: Dossier, words: Words) -> Iterator[Row]:
    for number, row in enumerate(made.findings, 1):
        yield {
            **{name: row[name] for name in ("occurred_at", "title", "message", "account", "note", "finding_id")},
            **{name: row["law"][name] for name in ("instrument", "article")},
            "number": number,
            "state": words(f"report.state_{row['state']}"),
            "authority": words.word("authority", row["authority"]),
            "severity": words.word("severity", row["severity"]),
            "exhibits": ", ".join(str(n) for n in row["exhibits"]),
            "judged_by": row["by"],
            "judged_at": row["judged_at"],
        }


def _provisions(made: Dossier) -> Iterator[Row]:
    for group in made.groups:
        for row in group["provisions"]:
            law = row["law"]
            yield {
                **row["counts"],
                **{name: law[name] for name in ("instrument", "article", "in_force_from")},
                "authority": group["name"],
                "title": row["title"],
                "quote": law["quote"] or law["paraphrase"],
            }


def _counts(made: Dossier, words: Words) -> Iterator[Row]:
    for state in (*STATES, *LEFT_OUT):
        yield {"what": words(f"tables.{state}"), "how_many": made.counts[state]}
    for name in ("contacts", "collector_contacts", "third_parties"):
        yield {"what": words(f"report.{name}"), "how_many": made.counts[name]}
    yield {"what": words("tables.exhibits"), "how_many": len(made.exhibits)}


def _gaps(made: Dossier, words: Words) -> Iterator[Row]:
    for name, value in made.gaps.items():
        yield {"what": words(f"report.gap_{name}"), "how_many": len(value) if isinstance(value, list) else value}


def _sources(made: Dossier, words: Words) -> Iterator[Row]:
    names = ("sha256", "records", "events", "rejects", "first_at", "last_at")
    for row in made.sources:
        coded = {name: words.value(name, row[name]) for name in ("kind", "status")}
        yield {"file": row["name"], **coded, **{name: row[name] for name in names}}


def _coded(row: Row, words: Words) -> Row:
    """Codes as words; what a number is called differs between the sheets."""
    cells = {name: words.value(name, value) if name in FAMILIES and value else value for name, value in row.items()}
    return {**cells, "party_number": row.get("number"), "contact_count": row.get("contacts")}


_COLUMNS: Mapping[str, Sequence[str]] = {
    "findings": (
        "number", "state", "occurred_at", "title", "message", "authority", "instrument", "article", "severity",
        "account", "exhibits", "note", "judged_by", "judged_at", "finding_id",
    ),
    "contacts": (
        "occurred_at", "channel", "from_number", "from_role", "to_number", "to_role", "outcome", "duration_s",
        "account", "agency", "agent", "source", "locator", "sha256",
    ),
    "parties": ("party_number", "role", "name", "organisation", "relation", "basis", "contact_count"),
    "provisions": ("authority", "instrument", "article", "in_force_from", "title", *STATES, "quote"),
    "counts": ("what", "how_many"),
    "gaps": ("what", "how_many"),
    "sources": ("file", "kind", "status", "records", "events", "rejects", "first_at", "last_at", "sha256"),
}  # fmt: skip

_CONTACTS = f"""
SELECT o.at_local AS occurred_at, o.channel, o.from_number, o.from_role, o.to_number, o.to_role, o.outcome,
    o.duration_s, nullif(o.account, '') AS account, o.agency, o.agent, s.name AS source, e.locator, s.sha256
FROM occasions o JOIN events e USING (event_id) JOIN sources s ON s.source_id = e.source_id
WHERE {MINE.replace("account", "o.account")} ORDER BY o.at_local, o.event_id
"""  # noqa: S608 — constants only
