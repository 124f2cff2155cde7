"""Judging a case: the law of the day, to whom it applies, how much a finding weighs, and what could not be judged."""

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from situations import Outcome, invented_law, judged, prepared, real_law, rows, shipped, situation

from collectaudit import findings
from collectaudit.regimes import Regime, select
from collectaudit.rules import Rule
from collectaudit.runs import SCHEMA
from collectaudit.sqltext import literal

WOLAI, GBT, CBA = "claim.wolai", "cn.gbt45251", "cn.cba2026"


def law(place: str) -> list[Regime]:
    return select(real_law(), place)


def calls(*times: str, to: str = "debtor", **more: str) -> str:
    """A table of calls at these dates and times, all alike."""
    lines = ["date time to " + " ".join(more)]
    lines += [f"{when.replace(' ', '  ')} {to} " + " ".join(more.values()) for when in times]
    return "\n".join(lines)


# The law of the day, with the regimes as shipped.


@pytest.mark.parametrize(
    ("when", "lender", "expected"),
    [
        ("2025-06-01 20:59", "-", []),
        ("2025-06-01 21:40", "-", [(WOLAI, "review")]),
        ("2025-06-01 21:40", "我来数科", [(WOLAI, "finding")]),
        ("2025-06-01 21:40", "另一家", []),
        ("2025-06-01 22:10", "-", [(WOLAI, "review"), (GBT, "finding")]),
        ("2025-06-01 22:10", "另一家", [(GBT, "finding")]),
        ("2025-06-01 22:00", "另一家", [(GBT, "finding")]),
        ("2025-06-01 21:59:59", "另一家", []),
        ("2025-06-01 -", "我来数科", []),
        ("2026-03-01 22:10", "-", [(WOLAI, "review"), (CBA, "finding"), (GBT, "finding")]),
        ("2026-01-29 22:10", "另一家", [(GBT, "finding")]),
        ("2025-02-27 22:10", "另一家", [("cn.nifa2024", "finding")]),
        ("2025-02-28 22:10", "另一家", [(GBT, "finding")]),
        ("2023-06-01 22:10", "-", []),
    ],
)
def test_hours(when: str, lender: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    run = situation(tmp_path / "run", calls(when, lender=lender), law=law("cn"))
    assert judged(run, ["out-of-hours"]).regimes() == sorted(expected)


def test_before_every_number_no_rule_fires_and_the_run_says_why(tmp_path: Path) -> None:
    outcome = judged(situation(tmp_path / "run", calls("2023-06-01 22:10"), law=law("cn")))
    assert outcome.findings == []
    hours = outcome.rules["out-of-hours"]
    assert (hours["status"], hours["contacts_seen"]) == ("not_in_force", 0)
    assert hours["reason"] == {"key": "not_in_force", "args": {"first": "2024-04-05"}}


@pytest.mark.parametrize(("attempts", "expected"), [(3, []), (4, []), (6, []), (7, [CBA]), (8, [CBA])])
def test_unanswered_attempts(attempts: int, expected: list[str], tmp_path: Path) -> None:
    """CBA 2026 counts them, up to six; the three of GB/T are connected or effective calls."""
    table = calls(*(f"2026-03-02 {9 + n:02d}:00" for n in range(attempts)), outcome="unanswered", lender="另一家")
    outcome = judged(situation(tmp_path / "run", table, law=law("cn")), ["contact-frequency"])
    assert [regime for regime, _ in outcome.regimes()] == expected


@pytest.mark.parametrize(("answered", "expected"), [(3, []), (4, ["interactive-calls", "notice-calls?"])])
def test_answered_calls(answered: int, expected: list[str], tmp_path: Path) -> None:
    table = calls(*(f"2025-06-02 {9 + n:02d}:00" for n in range(answered)), seconds="45", lender="另一家")
    outcome = judged(situation(tmp_path / "run", table, law=law("cn")), ["contact-frequency"])
    assert sorted(key for keys in outcome.fired().values() for key in keys) == expected


@pytest.mark.parametrize(("least", "expected"), [("31", ["interactive-calls"]), ("1", [])])
def test_of_minutes_that_were_rounded_up_the_least_counts(least: str, expected: list[str], tmp_path: Path) -> None:
    """Calls count from 30 seconds: one minute on a bill that rounds up may have been one second."""
    table = calls(*(f"2025-06-02 {9 + n:02d}:00" for n in range(4)), seconds="60", least=least, lender="另一家")
    outcome = judged(situation(tmp_path / "run", table, law=law("cn")), ["contact-frequency"])
    assert [key for keys in outcome.fired().values() for key in keys if not key.endswith("?")] == expected


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([f"2025-06-{day:02d} 10:00" for day in range(1, 16)], []),  # one a day, for two weeks
        ([*(f"2025-06-{day:02d} 10:00" for day in range(1, 8)), "2025-06-07 10:01"], ["e8"]),
        ([*(f"2025-06-{day:02d} 10:00" for day in range(1, 8)), "2025-06-08 09:59"], []),
    ],
)
def test_seven_calls_in_seven_days(times: list[str], expected: list[str], tmp_path: Path) -> None:
    table = calls(*times, outcome="unanswered", agency="A")
    outcome = judged(situation(tmp_path / "run", table, law=law("us")), ["contact-frequency"])
    assert [row["event_id"] for row in outcome.findings] == expected
    assert all(outcome.evidence[row["finding_id"]] == [f"e{n}" for n in range(1, 9)] for row in outcome.findings)


@pytest.mark.parametrize(
    ("window", "when", "expected"),
    [
        ("12:00-14:00", "2025-06-02 15:00", [GBT]),
        ("12:00-14:00", "2025-06-02 13:00", []),
        ("20:00-23:00", "2025-06-02 22:30", []),
    ],
)
def test_agreed_hours_take_the_place_of_the_stated_ones(
    window: str, when: str, expected: list[str], tmp_path: Path
) -> None:
    facts = f"fact from window\nagreed_hours 2025-06-01 {window}"
    run = situation(tmp_path / "run", calls(when, lender="另一家"), facts, law("cn"))
    assert [regime for regime, _ in judged(run, ["out-of-hours"]).regimes()] == expected


# To whom a regime applies.

LENDER = "fact from until value\n"


@pytest.mark.parametrize(
    ("facts", "explicit", "expected"),
    [
        ("", [], ["review"]),
        ("lender - - 我来数科", [], ["finding"]),
        ("lender - - 另一家", [], []),
        ("lender - - 另一家", [WOLAI], ["finding"]),
        ("", [WOLAI], ["finding"]),
        ("lender - - 另一家\nlender - - 我来数科", [], ["finding"]),
        ("lender 2025-06-02 - 我来数科", [], ["review"]),
        ("lender - 2025-06-01 我来数科", [], ["review"]),
        ("lender - - -", [], ["review"]),
    ],
)
def test_a_platform_s_statement_binds_that_platform(
    facts: str, explicit: list[str], expected: list[str], tmp_path: Path
) -> None:
    run = situation(tmp_path / "run", calls("2025-06-01 21:40"), LENDER + facts, law("cn"))
    outcome = judged(run, ["out-of-hours"], explicit=explicit)
    assert [tier for _, tier in outcome.regimes()] == expected


def test_the_contact_s_own_lender_goes_before_a_declared_one(tmp_path: Path) -> None:
    table = calls("2025-06-01 21:40", lender="另一家")
    run = situation(tmp_path / "run", table, LENDER + "lender - - 我来数科", law("cn"))
    assert judged(run, ["out-of-hours"]).findings == []


def test_a_regime_that_stays_silent_while_nobody_says_what_it_is_about(tmp_path: Path) -> None:
    """The credit-card measures apply to credit cards only, and nobody said that it was one."""
    table = calls("2025-01-02 10:00", to="other")
    silent = judged(situation(tmp_path / "silent", table, law=law("cn")), ["third-party-contact"])
    assert "cn.card2011" not in dict(silent.regimes())
    card = situation(tmp_path / "card", table, LENDER + "product - - Credit_Card", law("cn"))
    assert dict(judged(card, ["third-party-contact"]).regimes())["cn.card2011"] == "finding"


def test_an_account_s_own_declaration_is_not_another_s(tmp_path: Path) -> None:
    table = "account date time\nA 2025-06-01 21:40\nB 2025-06-01 21:40"
    facts = "account fact value\nA lender 我来数科\nB lender 另一家"
    outcome = judged(situation(tmp_path / "run", table, facts, law("cn")), ["out-of-hours"])
    assert [(row["account"], row["tier"]) for row in outcome.findings] == [("A", "finding")]


# How much a finding weighs.


@pytest.mark.parametrize(
    ("rule", "severity", "table", "expected"),
    [
        ("third-party-contact", "low", calls("2025-06-02 10:00", to="other"), ["low"]),
        ("third-party-contact", "high", calls("2025-06-02 10:00", to="other"), ["high"]),
        ("third-party-contact", "severe", calls("2025-06-02 10:00", to="other"), ["severe"]),
        ("contact-frequency", "severe", calls(*["2025-06-02 10:00"] * 3), ["medium"]),  # require
        ("contact-frequency", "severe", calls(*["2025-06-02 10:00"] * 4, to="colleague"), ["medium"]),  # presume
        ("contact-frequency", "severe", calls(*["2025-06-02 10:00"] * 3, to="family", outcome="unanswered"), ["low"]),
    ],
)
def test_no_finding_weighs_more_than_its_provision(
    rule: str, severity: str, table: str, expected: list[str], tmp_path: Path
) -> None:
    heavier = dataclasses.replace(shipped()[rule], severity=severity)
    outcome = judged(situation(tmp_path / "run", table), [heavier])
    assert [row["severity"] for row in outcome.findings] == expected


@pytest.mark.parametrize(("regime", "rule"), [("practice", "redial-burst"), (WOLAI, "out-of-hours")])
def test_a_house_standard_and_a_promise_weigh_little(regime: str, rule: str, tmp_path: Path) -> None:
    heavier = dataclasses.replace(shipped()[rule], severity="severe")
    table = calls(*(f"2025-06-02 21:{minute}" for minute in (40, 44, 48, 52)))
    outcome = judged(situation(tmp_path / "run", table, law=law("cn")), [heavier])
    assert {row["severity"] for row in outcome.findings if row["regime"] == regime} == {"low"}


# What could not be judged, and why.


@pytest.mark.parametrize(
    ("rule", "table", "facts", "status", "reason"),
    [
        ("out-of-hours", "from\n?", "", "no_input", {"key": "no_collector_contacts", "args": {}}),
        ("out-of-hours", calls("2024-06-01 23:00"), "", "ran", None),
        ("contact-frequency", calls("2024-06-01 23:00"), "", "not_in_force",
         {"key": "not_in_force", "args": {"first": "2025-03-01"}}),
        ("after-settlement", calls("2025-06-02 10:00"), "", "no_input",
         {"key": "not_given", "args": {"what": ["settled"]}}),
        ("after-settlement", calls("2025-06-02 10:00"), "settled 2025-06-01", "ran", None),
        ("after-settlement", calls("2025-06-02 10:00"), "refusal 2025-06-01", "no_input",
         {"key": "not_given", "args": {"what": ["settled"]}}),
        ("third-party-too-early", calls("2025-06-02 10:00"), "", "no_input",
         {"key": "not_given", "args": {"what": ["days_past_due", "due"]}}),
        ("third-party-too-early", calls("2025-06-02 10:00", overdue="3"), "", "ran", None),
        ("third-party-too-early", calls("2025-06-02 10:00"), "due 2025-05-01", "ran", None),
    ],
)  # fmt: skip
def test_standing(
    rule: str, table: str, facts: str, status: str, reason: dict[str, object] | None, tmp_path: Path
) -> None:
    outcome = judged(situation(tmp_path / "run", table, f"fact from\n{facts}"), [rule])
    assert (outcome.rules[rule]["status"], outcome.rules[rule]["reason"]) == (status, reason)


def test_a_law_table_without_a_row_of_the_kind_is_not_in_force(tmp_path: Path) -> None:
    """China's regimes stop contact after a settlement, and none speaks of a cease letter."""
    outcome = judged(situation(tmp_path / "run", calls("2025-06-02 10:00"), law=law("cn")), ["after-cease-request"])
    assert outcome.rules["after-cease-request"]["reason"] == {"key": "no_provision", "args": {}}


def test_a_law_that_has_ended_says_when(tmp_path: Path) -> None:
    nifa = [regime for regime in real_law() if regime.id == "cn.nifa2024"]
    outcome = judged(situation(tmp_path / "run", calls("2026-03-01 23:00"), law=nifa), ["out-of-hours"])
    args = {"first": "2024-05-15", "until": "2025-02-28"}
    assert outcome.rules["out-of-hours"]["reason"] == {"key": "in_force_between", "args": args}


def test_contacts_seen_are_those_of_a_collector_on_days_of_the_law(tmp_path: Path) -> None:
    table = "date from\n2023-12-31 -\n2024-01-01 -\n2025-06-02 -\n2025-06-02 ?\n2025-06-02 debtor"
    outcome = judged(situation(tmp_path / "run", table), ["out-of-hours", "redial-burst"])
    seen = {name: row["contacts_seen"] for name, row in outcome.rules.items()}
    assert seen == {"out-of-hours": 2, "redial-burst": 1}


def test_the_run_keeps_what_a_rule_is(tmp_path: Path) -> None:
    outcome = judged(situation(tmp_path / "run", calls("2025-06-02 23:00")), ["out-of-hours"])
    row, rule = outcome.rules["out-of-hours"], shipped()["out-of-hours"]
    assert row["rule_sha256"] == hashlib.sha256(rule.path.read_bytes()).hexdigest()
    assert (row["title_zh"], row["message_en"], row["sql"]) == (rule.title["zh"], rule.message["en"], rule.sql)
    assert (row["findings"], row["severity"]) == (1, "medium")


def test_a_draft_is_not_run(tmp_path: Path) -> None:
    draft = dataclasses.replace(shipped()["out-of-hours"], status="draft")
    outcome = judged(situation(tmp_path / "run", calls("2025-06-02 23:00")), [draft, "redial-burst"])
    assert list(outcome.rules) == ["redial-burst"]


def test_no_rules_and_no_contacts_are_an_empty_answer(tmp_path: Path) -> None:
    run = prepared(tmp_path / "run", [])
    findings.judge(run, [], explicit=frozenset(), threads=1)
    assert [rows(run, name) for name in ("findings", "evidence", "rule_runs")] == [[], [], []]
    assert {row["status"] for row in judged(run).rules.values()} == {"no_input"}


def test_nothing_else_is_left_in_the_run(tmp_path: Path) -> None:
    run = situation(tmp_path / "run", calls("2025-06-02 23:00"))
    before = {path.name for path in run.iterdir()}
    judged(run)
    new = {"findings.parquet", "evidence.parquet", "rule_runs.parquet"}
    assert {path.name for path in run.iterdir()} == before | new


def test_a_finding_has_the_id_of_what_it_rests_on(tmp_path: Path) -> None:
    outcome = judged(situation(tmp_path / "run", calls("2025-06-02 23:00", "2025-06-02 23:10")), ["out-of-hours"])
    text = "\n".join(["out-of-hours", "xx.test/hours@2025-03-01", "e1", ""])
    assert outcome.findings[0]["finding_id"] == hashlib.sha256(text.encode()).hexdigest()[:16]
    assert outcome.findings[0]["facts"] == {
        "channel": "call", "to_role": "debtor", "on_date": "2025-06-02", "at_time": "23:00:00",
        "opens": "08:00:00", "closes": "22:00:00", "agreed": False,
    }  # fmt: skip


# Same input, same bytes.


@pytest.fixture
def zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def many_contacts(run: Path, count: int) -> Path:
    """More contacts than one row group holds, a third of them at night, in an order of their own."""
    prepared(run, [])
    with duckdb.connect() as con:
        con.execute(SCHEMA)
        con.execute(
            """INSERT INTO events BY NAME SELECT 'e' || i AS event_id, 's1' AS source_id,
                'A' || (i * 7919 % 997) AS account_id, ['call', 'sms'][1 + i % 2] AS channel,
                'C' || (i % 7) AS from_number, 'D' || (i % 5) AS to_number, 'collector' AS from_role,
                ['debtor', 'family', 'colleague'][1 + i % 3] AS to_role, 'second' AS precision,
                TIMESTAMP '2025-06-01' + to_minutes(CAST(i * 7919 % 43200 AS INTEGER)) AS at_local,
                'unanswered' AS outcome, false AS connected FROM range(?) t(i)""",
            [count],
        )
        con.execute(f"COPY (FROM events ORDER BY ALL) TO {literal(run / 'events.parquet')}")
    return run


@pytest.mark.usefixtures("zone")
def test_the_same_bytes_on_any_number_of_threads_and_in_any_zone(tmp_path: Path) -> None:
    run = many_contacts(tmp_path / "run", 150_000)
    found = set()
    rules = list(shipped().values())
    for threads, place in ((1, "UTC"), (2, "America/New_York"), (8, "Asia/Shanghai")):
        os.environ["TZ"] = place
        time.tzset()
        findings.judge(run, rules, explicit=frozenset(), threads=threads)
        files = [run / f"{name}.parquet" for name in ("findings", "evidence", "rule_runs")]
        found.add(tuple(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))
    assert len(found) == 1
    with duckdb.connect() as con:
        count = con.execute(f"SELECT count(*) FROM {literal(run / 'findings.parquet')}").fetchone()
    assert count is not None and count[0] > 122_880


def test_order_is_total(tmp_path: Path) -> None:
    outcome = judged(many_contacts(tmp_path / "run", 3000))
    keys = [(r["occurred_at"], r["rule_id"], r["provision_id"], r["finding_id"]) for r in outcome.findings]
    assert keys == sorted(set(keys))
    evidence = [(r["finding_id"], r["ordinal"]) for r in rows(outcome.run, "evidence")]
    assert evidence == sorted(set(evidence))


# A stranger's rule.

NIGHT = """
SELECT provision_id, account, event_id, at_time FROM contacts JOIN contact_hours USING (channel, weekday, to_role)
WHERE from_role = 'collector' AND at_time >= closes AND on_date >= in_force_from AND on_date < in_force_until
"""


def stranger(sql: str, name: str = "stranger") -> Rule:
    rule = shipped()["out-of-hours"]
    return dataclasses.replace(rule, id=name, sql=sql, trusted=False, severity="low", needs=())


def ask(tmp_path: Path, sql: str) -> Outcome:
    """A stranger's rule beside one of ours, which must go on whatever the stranger does."""
    outcome = judged(situation(tmp_path / "run", calls("2025-06-02 23:00")), [stranger(sql), "out-of-hours"])
    assert (outcome.rules["out-of-hours"]["status"], outcome.rules["out-of-hours"]["findings"]) == ("ran", 1)
    return outcome


def test_a_stranger_s_rule_finds_what_ours_does(tmp_path: Path) -> None:
    outcome = ask(tmp_path, NIGHT)
    assert outcome.rules["stranger"]["status"] == "ran"
    assert outcome.fired() == {"e1": ["hours", "hours"]}


@pytest.mark.parametrize(
    ("sql", "key", "said"),
    [
        (
            NIGHT.replace("at_time FROM", "CAST(channel AS INTEGER) AS n FROM"),
            "failed",
            "Could not convert string 'call'",
        ),
        (NIGHT.replace("event_id,", "'e' || '99' AS event_id,"), "failed", "holds the value 99"),
        (NIGHT.replace("event_id,", "concat(event_id, 'x') AS event_id,"), "unknown_event", ""),
        (NIGHT.replace("event_id,", "CAST(NULL AS VARCHAR) AS event_id,"), "unknown_event", ""),
        (NIGHT.replace("account,", "concat(account, 'x') AS account,"), "unknown_event", ""),
        (NIGHT.replace("event_id,", "event_id, [event_id, 'x'] AS event_ids,"), "unknown_event", ""),
        (NIGHT.replace("provision_id,", "concat(provision_id, 'x') AS provision_id,"), "unknown_provision", ""),
        (NIGHT.replace("account,", ""), "failed", "does not return account"),
        (NIGHT.replace("at_time FROM", "CAST(1 AS DOUBLE) AS x FROM"), "failed", "returns x as DOUBLE"),
        ("SELECT * FROM read_text('/etc/passwd')", "failed", "read_text"),
        ("SELEC", "failed", "is not SQL"),
    ],
)
def test_a_broken_stranger_s_rule_is_written_down_as_failed(sql: str, key: str, said: str, tmp_path: Path) -> None:
    row = ask(tmp_path, sql).rules["stranger"]
    assert (row["status"], row["reason"]["key"], row["findings"]) == ("failed", key, 0)
    assert said in row["reason"]["args"].get("error", "")
    assert str(tmp_path) not in json.dumps(row["reason"])


ENDLESS = ", ".join(f"contact_hours h{n}" for n in range(6))


@pytest.mark.parametrize(
    "what",
    [
        "min(h1.provision_id) AS provision_id, min(account) AS account, min(event_id) AS event_id",
        "min(h1.provision_id) AS provision_id, min(account) AS account, min(event_id) AS event_id, "
        "list(h1.provision_id || h2.provision_id ORDER BY h3.provision_id) AS event_ids",
    ],
    ids=["time", "memory"],
)
def test_a_stranger_s_rule_that_never_ends_is_stopped(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_STRANGER_WALL_S", 4)
    monkeypatch.setattr(findings, "_STRANGER_CPU_S", 3)
    monkeypatch.setattr(findings, "_STRANGER_MB", 1536)
    began = time.monotonic()
    row = ask(tmp_path, f"SELECT {what} FROM contacts, {ENDLESS}").rules["stranger"]
    assert row["status"] == "failed"
    assert row["reason"]["key"] in ("stopped", "failed")
    assert time.monotonic() - began < 30


def test_the_same_twice_is_one_finding(tmp_path: Path) -> None:
    outcome = ask(tmp_path, f"SELECT *, 'b' AS note FROM ({NIGHT}) UNION ALL SELECT *, 'a' AS note FROM ({NIGHT})")
    (finding,) = [row for row in outcome.findings if row["rule_id"] == "stranger"]
    assert finding["facts"] == {"at_time": "23:00:00", "note": "a"}
    assert outcome.evidence[finding["finding_id"]] == ["e1"]


def test_what_a_rule_says_is_data(tmp_path: Path) -> None:
    """Quotes, braces and line breaks in a fact stay what they are."""
    outcome = ask(
        tmp_path, NIGHT.replace("at_time FROM", """'"{x}\n' || chr(39) AS at FROM""").replace("chr(39)", "''''")
    )
    facts = next(row["facts"] for row in outcome.findings if row["rule_id"] == "stranger")
    assert facts == {"at": "\"{x}\n'"}


def test_the_event_is_always_among_its_evidence(tmp_path: Path) -> None:
    table = calls("2025-06-02 10:00", "2025-06-02 23:00")
    sql = NIGHT.replace("event_id,", "event_id, ['e1'] AS event_ids, 'x' AS signal_id, 'review' AS tier,")
    outcome = judged(situation(tmp_path / "run", table), [stranger(sql)])
    assert outcome.findings[0]["tier"] == "review"
    found = [(row["ordinal"], row["event_id"], row["signal_id"]) for row in rows(outcome.run, "evidence")]
    assert found == [(1, "e2", "x"), (2, "e1", None)]


def test_invented_law_is_what_the_tests_think_it_is() -> None:
    assert [regime.id for regime in invented_law()] == ["xx.test"]
