"""SHOW: what a person may hand in: which findings, on what they rest, where to, and what only that person can say.

What somebody confirmed and what is only suspected are never added up.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .export import export
from .views import message

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
# What becomes of a finding: confirmed · suspected (nobody has decided) · review (asks for a look first) · dismissed ·
# practice (rests on our own yardsticks alone, which are no rule for anybody).
GROUPS = ("confirmed", "suspected", "review", "dismissed", "practice")
CHOICES = {"confirmed": ("confirmed",), "both": ("confirmed", "suspected")}
AUTHORITIES = ("law", "rule", "std", "self", "guide", "promise")
# Where each group stands in the list of findings.
_RULES, _OPEN = {"authority": list(AUTHORITIES)}, ["none", "unsure"]
FILTERS: Mapping[str, Mapping[str, list[str]]] = {
    "confirmed": {"verdict": ["confirmed"], **_RULES}, "dismissed": {"verdict": ["dismissed"], **_RULES},
    "suspected": {"verdict": _OPEN, "tier": ["finding"], **_RULES},
    "review": {"verdict": _OPEN, "tier": ["review"], **_RULES}, "practice": {"authority": ["practice"]},
}  # fmt: skip
ABOUT = ("name", "contact", "respondent", "contract", "request")  # what only the person can say, kept in case.json
TABLES = ("csv", "xlsx", "parquet")
MOST_ROWS = 500  # of each group on a printed page; the tables hold all


@dataclass(frozen=True, slots=True)
class Channel:
    """Where material can be handed in. `read`: whether what it asks for was read in the text of a law, or reported."""

    name: str
    read: bool
    needs: tuple[str, ...]


# China: the complaints rules for banks and insurers, art. 13 and 14 (own complaint line); the law on personal
# information, art. 65 (privacy); the Supreme Court's evidence rules, art. 14, 15, 19 (court). The others as reported.
CHANNELS: Mapping[str, tuple[Channel, ...]] = {
    "cn": (
        Channel("lender", True, ("name", "contact", "respondent", "request", "facts", "signature")),
        Channel("nfra", False, ("name", "contact", "respondent", "request", "facts", "contract")),
        Channel("pboc", False, ("name", "contact", "respondent", "facts")),
        Channel("spam", False, ("contact", "facts")),
        Channel("privacy", True, ("name", "contact", "respondent", "facts")),
        Channel("police", True, ("name", "contact", "facts")),
        Channel("consumer", False, ("name", "contact", "respondent", "request", "facts")),
        Channel("platform", False, ("contact", "respondent", "request", "facts")),
        Channel("court", True, ("name", "contact", "respondent", "request", "facts", "signature")),
    ),
    "us": (Channel("cfpb", True, ("name", "contact", "respondent", "request", "facts")),),
}


def groups(case: "Case") -> dict[str, int]:
    """How many findings each group has; their sum is all findings of the run."""
    found = {row["g"]: row["n"] for row in case.query(_GROUPS)}
    return {group: found.get(group, 0) for group in GROUPS}


def by_authority(case: "Case") -> list[Row]:
    """Of each kind of text (law, rule, …) the findings of each group, and the instruments they rest on."""
    rows: list[Row] = case.query(_BY_AUTHORITY)
    return rows


def ids(case: "Case", choice: str) -> list[str]:
    """The findings that go in."""
    return [row["finding_id"] for row in case.query(_IDS, [list(CHOICES[choice])])]


def rows(case: "Case", group: str, lang: str, limit: int = MOST_ROWS) -> list[Row]:
    """Findings of a group for print, in order of time: when, title, sentence, law, parties, file and place in it."""
    words = Words(lang)
    return [_worded(row, words) for row in case.query(_ROWS, [group, limit])]


def _worded(row: Row, words: Words) -> Row:
    law = {"instrument": words.pick(row, "instrument"), "article": row["article"]}
    told = message(words.pick(row, "message"), {**json.loads(row["facts"]), **law}, words)
    return {**row, **law, "title": words.pick(row, "title"), "message": told}


def respondents(case: "Case", choice: str) -> list[Row]:
    """Who the findings are about, as far as the records say: lender, agency, numbers, findings; the most first."""
    found: list[Row] = case.query(_RESPONDENTS, [list(CHOICES[choice])])
    return found


def sources(case: "Case", choice: str) -> list[Row]:
    """The files that the findings rest on: name, sha256."""
    found: list[Row] = case.query(_SOURCES, [list(CHOICES[choice])])
    return found


def about(case: "Case") -> dict[str, str]:
    """What the person wrote down for the material; "" for what is still open."""
    kept = case.options.get("material", {})
    return {name: str(kept.get(name, "")) for name in ABOUT}


def keep_about(case: "Case", told: Mapping[str, str]) -> None:
    """Keep what the person wrote, in the case alone."""
    kept = {name: told.get(name, "").strip() for name in ABOUT}
    if kept != about(case):
        case.set_options({**case.options, "material": kept})


def open_points(channel: Channel, told: Mapping[str, str], *, facts: int) -> dict[str, bool]:
    """What a channel asks for, and whether it is there; a signature never is before it is printed."""
    have = {**{name: bool(told.get(name)) for name in ABOUT}, "facts": facts > 0, "signature": False}
    return {need: have[need] for need in channel.needs}


def table(case: "Case", choice: str, ending: str) -> bytes:
    """The findings that go in as a file of one of TABLES; MissingPart without what writes it."""
    with tempfile.TemporaryDirectory() as folder:
        return export(case, Path(folder) / f"findings.{ending}", ids(case, choice)).read_bytes()


_GROUPED = """
WITH grouped AS (
    SELECT f.*, authority, article, instrument_zh, instrument_en,
        CASE WHEN authority = 'practice' THEN 'practice' WHEN verdict IN ('confirmed', 'dismissed') THEN verdict
            WHEN f.tier = 'finding' THEN 'suspected' ELSE 'review' END AS g
    FROM findings f JOIN provisions USING (provision_id) LEFT JOIN verdicts USING (finding_id)
)
"""
_GROUPS = f"{_GROUPED} SELECT g, count(*) AS n FROM grouped GROUP BY g"  # noqa: S608 — constants only

_BY_AUTHORITY = f"""
{_GROUPED}
SELECT authority, count(*) FILTER (g = 'confirmed') AS confirmed, count(*) FILTER (g = 'suspected') AS suspected,
    list(DISTINCT instrument_zh ORDER BY instrument_zh) AS instruments_zh,
    list(DISTINCT instrument_en ORDER BY instrument_en) AS instruments_en
FROM grouped WHERE g IN ('confirmed', 'suspected') GROUP BY authority
ORDER BY list_position(['law', 'rule', 'std', 'self', 'guide', 'promise'], authority), authority
"""  # noqa: S608 — constants only

_IDS = f"""
{_GROUPED} SELECT finding_id FROM grouped WHERE list_contains($1::VARCHAR[], g) ORDER BY finding_id
"""  # noqa: S608 — constants only

_ROWS = f"""
{_GROUPED}
SELECT f.finding_id, f.rule_id, f.occurred_at, f.facts, e.precision, e.channel, e.from_number, e.from_role, e.to_number,
    e.to_role, s.name AS source, e.locator, f.authority, f.article, f.instrument_zh, f.instrument_en,
    r.title_zh, r.title_en, r.message_zh, r.message_en
FROM grouped f JOIN rule_runs r USING (rule_id)
LEFT JOIN events e ON e.event_id = f.event_id LEFT JOIN sources s ON s.source_id = e.source_id
WHERE g = $1 ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id LIMIT $2
"""  # noqa: S608 — constants only

_RESPONDENTS = f"""
{_GROUPED}
SELECT lender, agency, count(*) AS findings,
    list(DISTINCT number ORDER BY number) FILTER (number IS NOT NULL) AS numbers
FROM (
    SELECT e.lender, e.agency, CASE WHEN from_role = 'collector' THEN from_number
        WHEN to_role = 'collector' THEN to_number END AS number
    FROM grouped f JOIN events e ON e.event_id = f.event_id WHERE list_contains($1::VARCHAR[], g)
)
WHERE lender IS NOT NULL OR agency IS NOT NULL OR number IS NOT NULL
GROUP BY lender, agency ORDER BY findings DESC, lender, agency LIMIT 20
"""  # noqa: S608 — constants only

_SOURCES = f"""
{_GROUPED}
SELECT DISTINCT x.source AS name, x.sha256 FROM grouped f JOIN exhibits x USING (finding_id)
WHERE list_contains($1::VARCHAR[], g) ORDER BY ALL
"""  # noqa: S608 — constants only
