"""Every shipped rule in situations, and the property that an audit may be cut into accounts."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from situations import (
    Outcome,
    Row,
    event,
    fact,
    heard,
    invented_law,
    judged,
    prepared,
    real_law,
    records,
    rows,
    sections,
    shipped,
    signals,
    utterance,
    words,
)

from collectaudit import resources, runs

RULES = sorted(path.stem for path in resources.folder("queries").glob("*.sql"))
CASES = [
    (rule, account) for rule in RULES for account in dict.fromkeys(row["account"] for row in sections(rule)["contacts"])
]

Answer = Callable[[str], Outcome]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """All situations of a rule, judged by it alone, each in an account of its own."""

    @cache
    def judge_all(rule: str) -> Outcome:
        parts = sections(rule)
        events = records(parts["contacts"])
        facts = [fact(row) for row in parts.get("facts", [])]
        run = prepared(tmp_path_factory.mktemp(rule), events, facts, said=heard(parts["contacts"]))
        return judged(run, [rule])

    return judge_all


@pytest.mark.parametrize(("rule", "account"), CASES)
def test_situation(rule: str, account: str, answer: Answer) -> None:
    contacts = {f"e{number}": row for number, row in enumerate(sections(rule)["contacts"], 1)}
    mine = {name: row["expect"] for name, row in contacts.items() if row["account"] == account}
    expected = {name: sorted(keys.split(",")) for name, keys in mine.items() if keys != "."}
    assert {name: keys for name, keys in answer(rule).fired().items() if name in mine} == expected


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_the_situations_that_matter(rule: str) -> None:
    contacts = sections(rule)["contacts"]
    fires = {row["account"] for row in contacts if row["expect"] != "."}
    silent = {row["account"] for row in contacts} - fires
    assert fires
    assert any("unknown-role" in account for account in silent)
    assert any("before" in account for account in silent)
    assert any(row.get("to") == "?" for row in contacts)


def test_every_provision_of_the_law_tables_is_read_by_a_rule() -> None:
    """What no rule reads would look as if nothing had been found."""
    read = frozenset[str]().union(*(rule.tables for rule in shipped().values()))
    assert runs.TABLES and law_tables() <= read


def law_tables() -> set[str]:
    with runs.empty() as con:
        found = con.execute(
            "SELECT table_name FROM duckdb_columns() "
            "WHERE column_name = 'in_force_until' AND table_name <> 'provisions'"
        ).fetchall()
    return {name for (name,) in found}


def test_the_counted_contacts_are_the_evidence(answer: Answer) -> None:
    """The eighth day's call and those of the six days before; the facts say what was counted."""
    outcome = answer("contact-frequency")
    (finding,) = [row for row in outcome.findings if row["account"] == "fourth-on-day-7"]
    contacts = [
        f"e{n}"
        for n, row in enumerate(sections("contact-frequency")["contacts"], 1)
        if row["account"] == "fourth-on-day-7"
    ]
    assert outcome.evidence[finding["finding_id"]] == contacts
    assert finding["facts"] == {
        "unit": "attempt", "counted": 4, "max_count": 3, "days": 7, "first_day": "2025-06-02", "on_date": "2025-06-08",
    }  # fmt: skip


def test_a_run_of_calls_is_one_finding_with_all_of_them(answer: Answer) -> None:
    outcome = answer("redial-burst")
    (finding,) = [row for row in outcome.findings if row["account"] == "three-in-a-row"]
    assert outcome.evidence[finding["finding_id"]] == ["e1", "e2", "e3", "e4"]
    assert finding["facts"]["first_at"] == "2025-06-02 10:00:00"
    assert finding["facts"]["calls"] == 4


# Property: what is found in a whole case is what is found in its accounts, one by one.

ROLES = ("debtor", "debtor", "debtor", "family", "colleague", "reference", "guarantor", "other", None)
CHANNELS = ("call", "call", "call", "call", "sms", "im", "email", "letter", "visit")
OUTCOMES = ("connected", "connected", "unanswered", "unanswered", None)
FACTS = (
    "agreed_hours", "unreachable", "third_party_consent", "refusal", "cease_request", "represented", "settled",
    "payment_plan", "employer_forbids", "visit_consent", "due",
)  # fmt: skip


PASSAGES = (
    "threat.violence/T01", "threat.family/T02", "threat.visit/T20", "third_party.contact_threat/T04",
    "third_party.disclosure/T05", "third_party.demand/T06", "shame.public/T13", "impersonate.authority/T07",
    "legal.false_threat/T10", "legal.false_consequence/T15", "abuse.insult/T12", "abuse.obscene/T27", "abuse.curse/T29",
    "pressure.induce_borrowing/T16", "pressure.call_bombing/T21", "pressure.ultimatum/unsorted",
    "reviewer.look/unsorted", "states.institution/-", "states.opt_out/-",
)  # fmt: skip


def random_words(seed: int, events: Sequence[Row]) -> dict[str, list[Row]]:
    """Words in every other contact, by anybody."""
    chance = random.Random(seed)  # noqa: S311
    said = [
        (
            number,
            {
                "wording": ",".join(chance.sample(PASSAGES, chance.choice((1, 1, 2)))),
                "by": chance.choice(("from", "from", "from", "to", "?")), "worth": chance.choice(("finding", "review")),
                "path": chance.choice(("plain", "plain", "spelling")), "doubt": chance.choice(("-", "-", "yes")),
                "debt": chance.choice(("-", "yes")), "to_whom": chance.choice(("-", "-", "third_party")),
            },
        )
        for number in range(len(events))
        if chance.random() < 0.5
    ]  # fmt: skip
    return words([utterance(number, row) for number, row in said], [s for n, row in said for s in signals(n, row)])


def words_of(events: Sequence[Row], said: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """What was said in some of the contacts."""
    mine = {row["event_id"] for row in events}
    return {name: [row for row in given if row.get("event_id", "") in mine | {""}] for name, given in said.items()}


def random_case(seed: int, accounts: Sequence[str], contacts: int = 900) -> tuple[list[Row], list[Row]]:
    chance = random.Random(seed)  # noqa: S311  a test, not a secret
    events = []
    for number in range(contacts):
        channel, to_role = chance.choice(CHANNELS), chance.choice(ROLES)
        outcome = chance.choice(OUTCOMES) if channel == "call" else "sent"
        # few days and round minutes, so that counts, runs and ties happen
        day, hour, minute = chance.randrange(20, 28), chance.choice((6, 9, 9, 22)), chance.choice((0, 4, 8, 50))
        month = chance.choice(("2025-02", *["2025-06"] * 9))
        events.append(
            {
                "event_id": f"e{number}", "source_id": "s1", "locator": f"L{number}",
                "account_id": chance.choice(accounts), "channel": channel,
                "from_role": chance.choice(("collector",) * 9 + (None,)), "to_role": to_role,
                "from_number": chance.choice(("C1", "C1", "C2")), "to_number": chance.choice((to_role or "x", "y")),
                "at_local": f"{month}-{day} {hour:02d}:{minute:02d}",
                "precision": chance.choice(("second", "minute", "minute", "day")), "outcome": outcome,
                "connected": outcome == "connected" if channel == "call" and outcome else None,
                "duration_s": chance.choice((5, 30, 90)), "agency": chance.choice((None,) * 4 + ("A",)),
                "lender": chance.choice((None,) * 4 + ("L",)), "days_past_due": chance.choice((None, 5, 30, 31)),
                "recording": chance.choice((None, None, "x.wav")), "same_as": None,
            }
        )  # fmt: skip
    plain = {"party": None, "until_at": None, "opens": None, "closes": None}
    facts: list[Row] = [{"account": "A", "fact": name, "from_at": "2025-06-21", **plain} for name in FACTS]
    for name in FACTS * 2:
        account = None if name in ("refusal", "due") else chance.choice(accounts)
        facts.append(
            {
                "account": account, "party": chance.choice((None, None, "family", "y")), "fact": name,
                "from_at": chance.choice((None, "2025-06-21", "2025-06-22 12:00")),
                "until_at": chance.choice((None, None, None, "2025-06-25")),
                "opens": None, "closes": None,
            }
        )  # fmt: skip
    return events, facts


def random_tapes(seed: int, events: Sequence[Row]) -> list[Row]:
    """Recordings of some of the calls, by the switch and by the person called."""
    chance = random.Random(seed)  # noqa: S311
    return [
        {**row, "event_id": f"{row['event_id']}-t", "source_id": chance.choice(("s-tape", "s-tape", "s-own-tape")),
         "same_as": row["event_id"]}
        for row in events if row["channel"] == "call" and chance.random() < 0.3
    ]  # fmt: skip


def found(
    run: Path, events: Sequence[Row], facts: Sequence[Row], said: Mapping[str, list[Row]], explicit: Sequence[str]
) -> set[str]:
    """Every finding with its evidence, as text."""
    law = [*invented_law(), *real_law()]
    outcome = judged(prepared(run, events, facts, law, words_of(events, said)), explicit=explicit)
    assert {row["status"] for row in outcome.rules.values()} <= {"ran", "no_input", "not_in_force"}
    return {repr((row, outcome.evidence[row["finding_id"]])) for row in outcome.findings}


@pytest.mark.parametrize("seed", range(3))
def test_the_whole_finds_what_its_parts_find(seed: int, tmp_path: Path) -> None:
    accounts = ["A", "B", "C", "D", "E"]
    events, facts = random_case(seed, accounts)
    rare = ("visit 10:00", "call 11:00", "call 11:05", "call 11:10", "call 11:15")
    for channel, clock in map(str.split, rare):
        row = {"account": "F", "channel": channel, "date": "2025-06-21", "time": clock}
        events.append(event(len(events), row))
    said = random_words(seed, events)
    events += random_tapes(seed, events)
    everything = [regime.id for regime in real_law()]
    whole = found(tmp_path / "whole", events, facts, said, everything)
    cut = random.Random(seed).sample([*accounts, "F"], 3)  # noqa: S311
    parts: set[str] = set()
    for name, keep in (("part", True), ("rest", False)):
        mine = [row for row in events if (row["account_id"] in cut) is keep]
        parts |= found(tmp_path / name, mine, facts, said, everything)
    assert whole == parts
    fired = {rule for rule in RULES if any(f"'rule_id': '{rule}'" in row for row in whole)}
    assert fired == set(RULES), "a rule that never fires is not tested by this property"


def test_every_rule_runs_in_the_bare_shell_on_one_file(tmp_path: Path) -> None:
    """With nothing but schema.sql's tables and views, no parameters and no settings."""
    with duckdb.connect(str(tmp_path / "audit.duckdb")) as con:
        con.execute(runs.SCHEMA)
        for path in resources.folder("queries").glob("*.sql"):
            con.execute(path.read_text(encoding="utf-8"))


def facts_of(rule: str, outcome: Outcome) -> list[dict[str, Any]]:
    return [row["facts"] for row in outcome.findings if row["rule_id"] == rule]


@pytest.mark.parametrize("rule", RULES)
def test_every_fact_a_message_names_is_there(rule: str, answer: Answer) -> None:
    """Binding says that the column exists; this says that it holds something."""
    outcome = answer(rule)
    named = {
        name
        for text in shipped()[rule].message.values()
        for name in text.split("{")[1:]
        for name in [name.split("}")[0]]
    }
    for facts in facts_of(rule, outcome):
        empty = {name for name in named - {"instrument", "article", "allowed_if"} if facts[name] in (None, "")}
        assert not empty


def test_rows_are_written_once(answer: Answer) -> None:
    outcome = answer("out-of-hours")
    ids = [row["finding_id"] for row in rows(outcome.run, "findings")]
    assert len(ids) == len(set(ids))


def test_a_contact_that_no_condition_permits_names_none(answer: Answer) -> None:
    found = answer("third-party-contact").findings
    assert {tuple(row["facts"]["allowed_if"]) for row in found} == {(), ("third_party_consent", "unreachable")}
