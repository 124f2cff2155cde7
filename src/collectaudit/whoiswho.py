"""Who is who, as a person goes through it: every number with its role or a suggestion, and what they say of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import drawers
from .drawers import ROLES
from .errors import WrongUse
from .evidence import files
from .evidence.publishing import read_manifest
from .numbers import canonical
from .owning import MAY_DECIDE
from .views import suggestions

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 10  # numbers on a page
LENDER = "lender"  # a collector that is the creditor itself
CHOICES = ("debtor", "collector", LENDER, "family", "colleague", "reference", "guarantor", "lawyer", "other")
_ALL = 1_000_000


def numbers(case: "Case", search: str = "") -> list[Row]:
    """Every number: number, name, organisation, relation, contacts, people, choice (one of CHOICES or None), basis,
    suggested_role, reasons, `said` if a person wrote in this case who it is, and `new` if that was not judged yet.

    Those nobody has named come first, the weightiest before the others; then the rest by contacts. `search`: part of a
    number or a name.
    """
    written = {row["number"]: row for row in _written(case)}
    old = _used(case)
    rows = [_with(row, written.get(row["number"]), old) for row in _without_taken_back(case, written)]
    rows += [_with(_blank(number), row, old) for number, row in written.items() if number not in _known(rows)]
    wanted = search.strip().casefold()
    found = [row for row in rows if not wanted or any(wanted in str(row[key] or "").casefold() for key in _SEARCHED)]
    return sorted(found, key=lambda row: row["choice"] is not None and not row["new"])


_SEARCHED = ("number", "name", "organisation")


def _without_taken_back(case: "Case", written: Collection[str]) -> Iterator[Row]:
    """The numbers of the run, without what it has of a number from somebody who has taken that back since."""
    run = case.run()
    drawn = read_manifest(run)["made_from"]["drawers"].get(drawers.PEOPLE, "") if run else ""
    said = {row["number"] for row in case.query(_SAID, [drawn[:16]])} if drawn else set[str]()
    for row in _of_run(case, run):
        if row["number"]:
            taken_back = row["number"] in said and row["number"] not in written
            yield {**_blank(row["number"]), "contacts": row["contacts"], "new": True} if taken_back else row


def _known(rows: Sequence[Row]) -> set[str]:
    return {row["number"] for row in rows}


@lru_cache(maxsize=8)
def _of_run(case: "Case", run: Path | None) -> tuple[Row, ...]:
    """As the run has it, which never changes: strangers with a suggestion, then those with a role."""
    if run is None:
        return ()
    strangers = {row["number"]: {**_blank(row["number"]), **row} for row in suggestions(case, _ALL)}
    named = ({**_blank(row["number"]), **row} for row in case.query(_NAMED))
    return (*strangers.values(), *(row for row in named if row["number"] not in strangers))


def _blank(number: str) -> Row:
    return {"number": number, "name": None, "organisation": None, "relation": None, "contacts": 0,
            "choice": None, "basis": None, "suggested_role": None, "weight": 0, "reasons": [],
            "people": 0, "new": False, "said": False}  # fmt: skip


def _written(case: "Case") -> list[dict[str, str]]:
    """The rows of people.csv, each number as it is compared."""
    region = _region(case)
    rows = drawers.read(case.path / drawers.PEOPLE).dicts()
    return [{**row, "number": canonical(row.get("number"), region) or ""} for row in rows if row.get("role") in ROLES]


def _region(case: "Case") -> str:
    return {"us": "US"}.get(str(case.options["jurisdiction"]), "CN")


def _with(row: Row, said: Mapping[str, str] | None, old: bool) -> Row:
    """The row with what a person wrote of the number; that counts before all else."""
    if said is None:
        return row
    choice = LENDER if said["role"] == "collector" and said.get("lender") else said["role"]
    about = {key: said.get(key) or row[key] for key in ("name", "organisation", "relation")}
    same = old or (row["basis"] == "people.csv" and row["choice"] == said["role"])
    return {**row, **about, "choice": choice, "basis": drawers.PEOPLE, "new": not same, "said": True}


def _used(case: "Case") -> bool:
    """Whether the current run was made from what people have written and set since."""
    run = case.run()
    if run is None:
        return False
    made_from: Mapping[str, Any] = read_manifest(run).get("made_from", {})
    now = {name: files.sha256_of(case.path / name) for name in _JUDGED if (case.path / name).exists()}
    since = [name for name in MAY_DECIDE if case.options.get(name)]
    said = {key: case.options.get(key) for key in (*made_from.get("options", {}), *since)}
    return bool(made_from.get("drawers", {}) == now and made_from.get("options", {}) == said)


_JUDGED = (drawers.PEOPLE, drawers.FACTS_FILE, drawers.LISTENED)  # reviews judge findings, they make none


def to_be_judged(case: "Case") -> bool:
    """Whether people have written or set something that the current run does not know yet."""
    return not _used(case)


def say_who(
    case: "Case", several: Sequence[str], choice: str, *, name: str | None = None, organisation: str | None = None,
    relation: str | None = None, unnamed: str = LENDER,
) -> None:  # fmt: skip
    """Write who these numbers are. A lender without a name is written down as `unnamed`. Raises WrongUse, Held."""
    if choice not in CHOICES:
        raise WrongUse(f"{files.shown(choice)} is not a role", "Known: " + ", ".join(CHOICES) + ".")
    about = {"name": name, "organisation": organisation, "relation": relation}
    about[LENDER] = (organisation or unnamed) if choice == LENDER else ""
    with case.session("people"):
        for number in several:
            case.label(number, "collector" if choice == LENDER else choice, **about)


def take_back(case: "Case", number: str) -> None:
    """Nobody knows any more who that number is. Raises Held."""
    with case.session("people"):
        case.label(number, None)


_SAID = "SELECT DISTINCT number FROM parties WHERE source_id = ?"
# Numbers with a role; of several roles that one number has in several accounts, the one of most contacts.
_NAMED = """
WITH ends AS (
    SELECT from_number AS number, from_role AS role FROM occasions WHERE from_role IS NOT NULL
    UNION ALL SELECT to_number, to_role FROM occasions WHERE to_role IS NOT NULL
),
seen AS (SELECT number, role, count(*) AS n FROM ends GROUP BY ALL),
most AS (SELECT number, arg_max(role, (n, role)) AS role, sum(n)::BIGINT AS contacts FROM seen GROUP BY number),
known AS (
    SELECT number, min(role) AS role, min(name) AS name, min(organisation) AS organisation, min(basis) AS basis
    FROM parties WHERE role IS NOT NULL GROUP BY number
)
SELECT number, coalesce(m.role, k.role) AS choice, k.name, k.organisation, coalesce(k.basis, 'export') AS basis,
    coalesce(m.contacts, 0) AS contacts
FROM most m FULL JOIN known k USING (number)
WHERE number IS NOT NULL
ORDER BY contacts DESC, number
"""
