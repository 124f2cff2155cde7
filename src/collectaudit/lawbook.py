"""SHOW: the rules of a run and the provisions they were held against, with the values those had and from when."""

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from . import runs, sqlcheck
from .catalogue import Words
from .lawtables import KINDS
from .rules import Need, Rule, load_rules
from .views import message

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
TABLE_OF = {name: kind.table for name, kind in KINDS.items() if kind.table}
# Columns of law tables in which a provision has one row for each value.
SPREAD = ("channel", "to_role", "weekday", "conduct", "statement", "object", "allowed_if")
_DATED = ("provision_id", "in_force_from", "in_force_until")


def rules(case: "Case", lang: str) -> list[Row]:
    """Every rule of the run: title, state and why, contacts seen, findings, kinds of text that these rest on."""
    words = Words(lang)
    return [
        {**row, "title": words.pick(row, "title"), "reason": words.reason(row["reason"])} for row in case.query(_RULES)
    ]


def rule(case: "Case", rule_id: str, lang: str) -> Row | None:
    """One rule with its query and the provisions that it reads; `example`: its first finding. None if unknown."""
    rows = case.query("SELECT * FROM rule_runs WHERE rule_id = ?", [rule_id])
    if not rows:
        return None
    row, words = rows[0], Words(lang)
    return {
        **row,
        **{name: words.pick(row, name) for name in ("title", "message", "limits")},
        "reason": words.reason(row["reason"]),
        "example": _example(case, row, words),
        "provisions": provisions(case, lang, rule_id),
    }


def _example(case: "Case", row: Row, words: Words) -> Row | None:
    found = case.query(_EXAMPLE, [row["rule_id"]])
    if not found:
        return None
    law = {"instrument": words.pick(found[0], "instrument"), "article": found[0]["article"]}
    said = message(words.pick(row, "message"), {**json.loads(found[0]["facts"]), **law}, words)
    return {**found[0], "message": said}


def provisions(case: "Case", lang: str, rule_id: str | None = None) -> list[Row]:
    """The provisions of the run, or those a rule reads, by instrument and date; `values`: as `values_of` gives them.

    `findings`: how many rest on it (of this rule); `amendable`: it has values, and stands in a law table.
    """
    words = Words(lang)
    chosen = None if rule_id is None else sorted(_read_by(case, rule_id))
    rows = case.query(_PROVISIONS, [rule_id, chosen])
    values = values_of(case, sorted({row["kind"] for row in rows}))
    return [
        {
            **row,
            **{name: words.pick(row, name) or None for name in ("instrument", "text", "caveat")},
            "values": values.get(row["provision_id"], []),
        }
        for row in rows
    ]  # fmt: skip


def values_of(case: "Case", kinds: Sequence[str]) -> dict[str, list[Row]]:
    """Provision → its values, column by column, what is spread over rows as a list; a row for each of its parts."""
    found: dict[str, list[Row]] = {}
    for table in dict.fromkeys(TABLE_OF[kind] for kind in kinds if kind in TABLE_OF):
        for row in case.query(_values(table)):
            found.setdefault(row.pop("provision_id"), []).append(row)
    return found


def columns(table: str) -> tuple[str, ...]:
    """The columns of a law table that hold values, in the order of schema.sql."""
    return tuple(column for column, _ in runs._definitions()[table] if column not in _DATED)


def _values(table: str) -> str:
    spread = [f"list(DISTINCT {name} ORDER BY {name}) AS {name}" for name in columns(table) if name in SPREAD]
    single = [name for name in columns(table) if name not in SPREAD]
    asked = ", ".join(["provision_id", *single, *spread])
    return f"SELECT {asked} FROM {table} GROUP BY ALL ORDER BY ALL"  # noqa: S608 — names of schema.sql


def _read_by(case: "Case", rule_id: str) -> set[str]:
    """The provisions that a rule was held against: those in the rows of the law tables that its query reads."""
    sql = str(case.query("SELECT sql FROM rule_runs WHERE rule_id = ?", [rule_id])[0]["sql"])
    needs = known_rules()[rule_id].needs if rule_id in known_rules() else ()
    found = case.query("SELECT DISTINCT provision_id FROM findings WHERE rule_id = ?", [rule_id])
    for table in sorted(tables_of(sql)):
        mine = [need for group in needs for need in group if need.table == table]
        found += case.query(*_rows_with(table, mine))
    return {row["provision_id"] for row in found}


def _rows_with(table: str, needs: Sequence[Need]) -> tuple[str, list[str]]:
    """Whose rows hold one of these values, or anything; table and column are names of schema.sql."""
    holds = [f"{need.column} = ?" if need.value is not None else f"{need.column} IS NOT NULL" for need in needs]
    where = " OR ".join(holds) or "true"
    return f"SELECT DISTINCT provision_id FROM {table} WHERE {where}", [n.value for n in needs if n.value is not None]  # noqa: S608


@cache
def known_rules() -> dict[str, Rule]:
    """The rules that came with the program, by id."""
    return {rule.id: rule for rule in load_rules()}


@cache
def tables_of(sql: str) -> frozenset[str]:
    """The law tables that a rule's query reads."""
    ours = next((rule.tables for rule in known_rules().values() if rule.sql == sql), None)
    if ours is None:
        with runs.empty() as con:
            ours = sqlcheck.tables(con, sql)
    return ours & sqlcheck.LAW_TABLES


_RULES = """
WITH held AS (
    SELECT rule_id, count(*) FILTER (f.tier = 'review') AS review,
        list(DISTINCT authority ORDER BY authority) AS authorities
    FROM findings f JOIN provisions USING (provision_id) GROUP BY rule_id
)
SELECT rule_id, rule_sha256, title_en, title_zh, severity, status, reason, contacts_seen, findings,
    coalesce(review, 0) AS review, coalesce(authorities, []) AS authorities
FROM rule_runs LEFT JOIN held USING (rule_id)
ORDER BY findings DESC, status <> 'ran', rule_id
"""

_EXAMPLE = """
SELECT f.finding_id, f.event_id, f.facts, p.article, p.instrument_en, p.instrument_zh
FROM findings f JOIN provisions p USING (provision_id)
WHERE f.rule_id = ? ORDER BY f.tier, f.occurred_at, f.finding_id LIMIT 1
"""

_PROVISIONS = """
SELECT p.*, coalesce(n, 0) AS findings
FROM provisions p
LEFT JOIN (SELECT provision_id, count(*) AS n FROM findings WHERE $1 IS NULL OR rule_id = $1 GROUP BY provision_id)
    USING (provision_id)
WHERE $2 IS NULL OR list_contains($2::VARCHAR[], provision_id)
ORDER BY list_position(['law', 'rule', 'std', 'self', 'guide', 'promise', 'practice'], authority), regime,
    split_part(provision_id, '@', 1), in_force_from
"""
