"""A trial run: judge the current contacts again with other values, beside the case, and compare; nothing is kept."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from . import lawbook, runs
from .case import Case
from .catalogue import Words
from .errors import WrongUse
from .evidence.folder import disk_errors
from .findings import judge
from .lawtables import KINDS
from .rules import Rule
from .sqltext import literal
from .views import message

Row = dict[str, Any]
Value = int | time
ROWS = 200  # findings that are listed of those added, and of those removed; the counts know all
_MADE = ("rule_runs", "findings", "evidence")
_last: dict[Path, tuple[str, "Trial"]] = {}  # of each case, and about which rule; a trial is not worth a place on disk


@dataclass(frozen=True, slots=True)
class Change:
    """Another value for a column of a provision (`values`), or the provision not asked at all (`off`)."""

    provision_id: str
    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)
    off: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: counts (one row for each rule: added, removed, same) and the first ROWS of either list."""

    run: str
    changes: tuple[Change, ...]
    without: tuple[str, ...]
    counts: list[Row]
    added: list[Row]
    removed: list[Row]

    def total(self, what: str) -> int:
        """How many findings were added, removed or are the same."""
        return sum(row[what] for row in self.counts)


def remember(case: Case, about: str, found: Trial) -> None:
    """Keep a trial until the next one, or until the program ends."""
    _last[case.path] = (about, found)


def remembered(case: Case, about: str) -> Trial | None:
    """The last trial of a case, if it is about this rule and the run is still the current one."""
    rule, found = _last.get(case.path, ("", None))
    run = case.run()
    return found if found and run and rule == about and found.run == run.name else None


def forget(case: Case) -> None:
    """Let go of the last trial."""
    _last.pop(case.path, None)


def check(case: Case, change: Change) -> None:
    """Raises WrongUse for a value that this provision cannot have."""
    kind = KINDS[change.kind]
    wrong = [name for name, value in change.values.items() if name not in kind.fields or kind.fields[name].check(value)]
    for row in [] if wrong else lawbook.values_of(case, [change.kind]).get(change.provision_id, []):
        held = {name: value for name, value in row.items() if value is not None and value != [None]}
        wrong += filter(None, [kind.together({**held, **change.values})])
    if wrong:
        raise WrongUse("this value is not possible here", "Choose another.")


def try_out(
    case: Case, changes: Sequence[Change], without: Sequence[str], tell: Callable[[str, int, int], None]
) -> Trial:
    """Judge by the changed law; only the rules that read it are asked. `without`: rules that are left out.

    Raises WrongUse if nothing would be asked, or if the program's rules are no longer those of the run.
    """
    run = case.run()
    if run is None or not (changes or without):
        raise WrongUse("nothing was changed", "Choose another value first.")
    for change in changes:
        check(case, change)
    rules = _asked(case, changes, without)
    tell("judge", 0, 2)
    with disk_errors(), case.private_folder() as folder:
        _copy(run, folder)
        for change in changes:
            _amend(folder, change)
        active = [rule for rule in rules if rule.id not in without]
        judge(folder, active, explicit=frozenset(case.options.get("regimes", [])), threads=None)
        tell("judge", 1, 2)
        compared = _compare(run, folder, [rule.id for rule in rules])
    tell("judge", 2, 2)
    return Trial(run.name, tuple(changes), tuple(without), *compared)


def _asked(case: Case, changes: Sequence[Change], without: Sequence[str]) -> list[Rule]:
    """The rules that a change can reach, and those that are left out."""
    tables = {lawbook.TABLE_OF[change.kind] for change in changes}
    known = lawbook.known_rules()
    found = []
    for row in case.query("SELECT rule_id, rule_sha256, sql FROM rule_runs ORDER BY rule_id"):
        if row["rule_id"] not in without and not lawbook.tables_of(row["sql"]) & tables:
            continue
        rule = known.get(row["rule_id"])
        if rule is None or rule.sha256 != row["rule_sha256"]:
            raise WrongUse("a rule is not the one of this run any more", "Judge the case again first.")
        found.append(rule)
    return found


def _copy(run: Path, folder: Path) -> None:
    """The tables of the run but for those that judging makes."""
    for file in run.glob("*.parquet"):
        if file.stem not in _MADE:
            shutil.copyfile(file, folder / file.name)


def _amend(folder: Path, change: Change) -> None:
    """Write the law table again, with the change; names of tables and columns are those of schema.sql."""
    table = lawbook.TABLE_OF[change.kind]
    file = folder / f"{table}.parquet"
    made = folder / "amended.parquet"
    with runs.connect(folder) as con:
        con.execute(f"CREATE TEMP TABLE amended AS FROM main.{table}")
        if change.off:
            con.execute("DELETE FROM amended WHERE provision_id = ?", [change.provision_id])
        for name in sorted(change.values.keys() & set(lawbook.columns(str(table)))):
            con.execute(
                f'UPDATE amended SET "{name}" = ? WHERE provision_id = ? AND "{name}" IS NOT NULL',  # noqa: S608
                [change.values[name], change.provision_id],
            )
        con.execute(f"COPY (FROM amended ORDER BY ALL) TO {literal(made)} (FORMAT parquet)")
    made.replace(file)


def _compare(run: Path, folder: Path, rule_ids: Sequence[str]) -> tuple[list[Row], list[Row], list[Row]]:
    with runs.connect(folder) as con:
        con.execute(f"CREATE TEMP VIEW before AS FROM {runs.scan(run / 'findings.parquet')}")
        con.execute(f"CREATE TEMP VIEW texts AS FROM {runs.scan(run / 'rule_runs.parquet')}")
        con.execute("CREATE TEMP TABLE asked AS SELECT unnest(?::VARCHAR[]) AS rule_id", [list(rule_ids)])

        def rows(sql: str) -> list[Row]:
            asked = con.execute(sql)
            names = [column[0] for column in asked.description or ()]
            return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]

        listed = [rows(_LIST.format(here=here, there=there, rows=ROWS)) for here, there in _SIDES]
        return rows(_COUNTS), listed[0], listed[1]


def worded(row: Row, lang: str) -> Row:
    """A finding of either list, with its title and sentence in a language."""
    words = Words(lang)
    law = {"instrument": words.pick(row, "instrument"), "article": words.article(row["article"])}
    said = message(words.pick(row, "message"), {**json.loads(row["facts"]), **law}, words)
    return {**row, "title": words.pick(row, "title"), "message": said, "instrument": law["instrument"]}


_SIDES = (("findings", "before"), ("before", "findings"))

_COUNTS = """
WITH now AS (FROM findings SEMI JOIN asked USING (rule_id)), earlier AS (FROM before SEMI JOIN asked USING (rule_id))
SELECT rule_id, title_en, title_zh,
    count(*) FILTER (e.finding_id IS NULL AND n.finding_id IS NOT NULL) AS added,
    count(*) FILTER (n.finding_id IS NULL AND e.finding_id IS NOT NULL) AS removed,
    count(*) FILTER (n.finding_id IS NOT NULL AND e.finding_id IS NOT NULL) AS same
FROM asked
LEFT JOIN (SELECT finding_id, rule_id FROM now UNION SELECT finding_id, rule_id FROM earlier) USING (rule_id)
LEFT JOIN now n USING (finding_id, rule_id) LEFT JOIN earlier e USING (finding_id, rule_id)
JOIN texts USING (rule_id)
GROUP BY ALL ORDER BY rule_id
"""

_LIST = """
SELECT f.finding_id, f.rule_id, f.provision_id, f.severity, f.tier, f.event_id, f.occurred_at, f.facts, e.precision,
    e.channel, e.from_number, e.from_role, e.to_number, e.to_role, p.article, p.instrument_en, p.instrument_zh,
    t.title_en, t.title_zh, t.message_en, t.message_zh
FROM {here} f SEMI JOIN asked USING (rule_id) ANTI JOIN {there} o USING (finding_id)
JOIN provisions p USING (provision_id) JOIN texts t USING (rule_id) LEFT JOIN events e ON e.event_id = f.event_id
ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id LIMIT {rows}
"""
