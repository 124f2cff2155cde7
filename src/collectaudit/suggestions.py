"""Who might an unlabelled number be? Suggestions with reasons, never roles: a person decides."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from .numbers import number_class
from .resources import folder

_SEVERAL_PEOPLE_POINTS = 3
_BUSINESS_NUMBER_POINTS = 1
_BUSINESS_CLASSES = {"service", "sender", "landline"}


@dataclass(frozen=True, slots=True)
class Hint:
    """Words which, found in a text, a signature or a contact's name, speak for a role."""

    role: str
    reason: str
    where: str
    points: int
    words: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """One RE2 alternation of the words."""
        return "(?i)(" + "|".join(re.escape(word) for word in self.words) + ")"


def hints() -> list[Hint]:
    """The hints of lexicons/debt_vocabulary.toml."""
    with (folder("lexicons") / "debt_vocabulary.toml").open("rb") as file:
        return [Hint(**{**hint, "words": tuple(hint["words"])}) for hint in tomllib.load(file)["hint"]]


def suggest(con: duckdb.DuckDBPyConnection, limit: int = 50) -> list[dict[str, Any]]:
    """Unlabelled numbers, those that would matter most first.

    Each row: number, name, contacts, people (whom it reached), suggested_role or None, weight, reasons — a list of
    {key, args}. Weight is the points of its reasons; contacts break ties.
    """
    con.execute(_STRANGERS)
    found = {hint: dict(con.execute(_FOUND[hint.where], [hint.pattern]).fetchall()) for hint in hints()}
    rows = con.execute("SELECT number, name, contacts, people FROM strangers").fetchall()
    judged = [_weigh(row, {hint: hits.get(row[0]) for hint, hits in found.items()}) for row in rows]
    return sorted(judged, key=lambda row: (-row["weight"], -row["contacts"], row["number"]))[:limit]


def _weigh(row: Sequence[Any], hits: Mapping[Hint, str | None]) -> dict[str, Any]:
    number, name, contacts, people = row
    weight, roles, reasons = 0, [], []
    for hint, words in hits.items():
        if words:
            weight += hint.points
            roles.append(hint.role)
            reasons.append({"key": hint.reason, "args": {"words": words}})
    if people > 1:
        weight += _SEVERAL_PEOPLE_POINTS
        reasons.append({"key": "several_people", "args": {"n": people}})
    kind = number_class(number)
    if kind in _BUSINESS_CLASSES:
        weight += _BUSINESS_NUMBER_POINTS
        reasons.append({"key": f"class_{kind}", "args": {}})
    role = roles[0] if roles else "collector" if weight else None
    return {"number": number, "name": name, "contacts": contacts, "people": people, "suggested_role": role,
            "weight": weight, "reasons": reasons}  # fmt: skip


# A text speaks for its sender alone, a display name for the party that is not the phone's owner.
_STRANGERS = """
CREATE OR REPLACE TEMP TABLE ends AS
WITH named AS (SELECT c.*, e.name FROM occasions c JOIN events e USING (event_id))
SELECT number, reached, name, spoken_in FROM (
    SELECT from_number AS number, to_number AS reached, name, event_id AS spoken_in FROM named WHERE from_role IS NULL
    UNION ALL
    SELECT to_number, from_number, name, NULL FROM named WHERE to_role IS NULL)
WHERE number <> 'hidden' AND number NOT IN (SELECT owner_number FROM sources WHERE owner_number IS NOT NULL);
CREATE OR REPLACE TEMP TABLE strangers AS
SELECT number, min(name) AS name, count(*) AS contacts, count(DISTINCT reached) AS people FROM ends GROUP BY number
"""

_FOUND = {
    "text": """
        SELECT number, string_agg(DISTINCT word, ' ' ORDER BY word) FROM (
            SELECT number, unnest(regexp_extract_all(text, ?, 1)) AS word
            FROM ends JOIN utterances ON event_id = spoken_in)
        GROUP BY number""",
    "signature": """
        SELECT number, string_agg(DISTINCT mark, ' ' ORDER BY mark) FROM (
            SELECT number, regexp_extract(text, '【([^】]{1,30})】', 1) AS mark
            FROM ends JOIN utterances ON event_id = spoken_in)
        WHERE regexp_matches(mark, ?) GROUP BY number""",
    "name": "SELECT number, min(name) FROM ends WHERE regexp_matches(name, ?) GROUP BY number",
}
