"""Whether a rule has anything to look at in a run, and if not, why: nothing found is not the same as not looked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb

from .rules import Need, Rule
from .sqlcheck import LAW_TABLES

Ask = Callable[..., tuple[Any, ...]]  # a query and its values → one row
# Tables that hold what was said, and those of them that hold what the lexicons found in it.
_SEARCHED = {"worded", "stated", "signals", "patterns"}
_WORDS = {"utterances", "spoken", *_SEARCHED}


@dataclass(frozen=True, slots=True)
class Standing:
    """`status`: ran (it can run) · not_in_force · no_input · failed; `reason`: see `because`, None when it can run."""

    status: str
    reason: str | None
    contacts_seen: int


def because(key: str, **args: object) -> str:
    """A reason as the run keeps it: a key of the catalogue and what to put in; the outside speaks the language."""
    return json.dumps({"key": key, "args": args}, ensure_ascii=False)


def count_days(con: duckdb.DuckDBPyConnection) -> None:
    """The table `days`, which `standing` asks for every rule: per day the contacts by a known collector (`contacts`),
    those with words that are a collector's or nobody knows whose (`heard`), and those that are both (`told`).
    """
    con.execute(
        """CREATE TEMP TABLE days AS
        WITH words AS (SELECT DISTINCT event_id FROM spoken WHERE coalesce(speaker_role, 'collector') = 'collector')
        SELECT on_date, count_if(from_role = 'collector' AND NOT undirected) AS contacts, count(w.event_id) AS heard,
            count(w.event_id) FILTER (from_role = 'collector' AND NOT undirected) AS told
        FROM occasions LEFT JOIN words w USING (event_id) GROUP BY on_date"""
    )


def asking(con: duckdb.DuckDBPyConnection) -> Ask:
    """What gives the one row that a query and its values ask for; most rules want to know the same, asked once."""

    @cache
    def ask(query: str, *values: str) -> tuple[Any, ...]:
        return con.execute(query, values).fetchone() or (None, None)

    return ask


def standing(ask: Ask, rule: Rule) -> Standing:
    """What a rule can look at: contacts, or words, on days on which a provision it reads is in force."""
    column = _looks_at(rule)
    if not _count(ask, f"SELECT sum({column}) FROM days"):  # noqa: S608  one of three
        return Standing("no_input", _nothing(ask, column), 0)
    law, values = _law(rule)
    seen = _count(
        ask,
        f"SELECT sum({column}) FROM days SEMI JOIN ({law}) ON on_date >= in_force_from AND on_date < in_force_until",  # noqa: S608
        *values,
    )
    if not seen:
        return Standing("not_in_force", _not_in_force(ask, law, values), 0)
    missing = _missing(ask, rule)
    return Standing("no_input" if missing else "ran", missing, seen)


def _looks_at(rule: Rule) -> str:
    """The column of `days` that counts what a rule looks at; one that reads `contacts` asks for a known collector."""
    if not rule.tables & _WORDS:
        return "contacts"
    return "told" if "contacts" in rule.tables else "heard"


def _nothing(ask: Ask, column: str) -> str:
    if column == "contacts":
        return because("no_collector_contacts")
    return because("no_collector_words") if _count(ask, "SELECT count(*) FROM utterances") else because("no_words")


def _law(rule: Rule) -> tuple[str, list[str]]:
    """The dates of every provision the rule reads, with the values to bind. Table names are from a fixed list."""
    parts, values = [], []
    for table in sorted(rule.tables & LAW_TABLES) or ["provisions"]:
        conditions = ["true"]
        for group in rule.needs:
            if mine := [need for need in group if need.table == table]:
                conditions.append(f"({' OR '.join(map(_holds, mine))})")
                values += [need.value for need in mine if need.value is not None]
        parts.append(f"SELECT in_force_from, in_force_until FROM {table} WHERE {' AND '.join(conditions)}")  # noqa: S608
    return " UNION ALL ".join(parts), values


def _holds(need: Need) -> str:
    """The condition for a row that gives what is needed; the column exists, `rules` has looked."""
    return f'"{need.column}" = ?' if need.value is not None else f'"{need.column}" IS NOT NULL'


def _not_in_force(ask: Ask, law: str, values: list[str]) -> str:
    first, last = ask(f"SELECT min(in_force_from), max(in_force_until) FROM ({law})", *values)  # noqa: S608  from _law
    if first is None:
        return because("no_provision")
    if last < date.max:
        return because("in_force_between", first=str(first), until=str(last))
    return because("not_in_force", first=str(first))


def _missing(ask: Ask, rule: Rule) -> str | None:
    """The first thing the rule needs beside the law and that is nowhere given."""
    if rule.tables & _SEARCHED and not _count(ask, "SELECT count(*) FROM patterns"):
        return because("not_searched")
    for group in rule.needs:
        if group[0].table not in LAW_TABLES and not any(_given(ask, need) for need in group):
            if group[0].table == "kept":
                return because("no_recordings")
            what = [need.value or need.column for need in group]
            return because("not_searched") if group[0].table == "patterns" else because("not_given", what=what)
    return None


def _given(ask: Ask, need: Need) -> bool:
    query = f"SELECT count(*) FROM {need.table} WHERE {_holds(need)}"  # noqa: S608
    return _count(ask, query, *([need.value] if need.value is not None else [])) > 0


def _count(ask: Ask, query: str, *values: str) -> int:
    return int(ask(query, *values)[0] or 0)
