"""Rules about words: the law of the day, what stands in where no text speaks, and what was looked at."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from situations import (
    CATEGORIES,
    Outcome,
    event,
    heard,
    judged,
    prepared,
    real_law,
    rows,
    shipped,
    signals,
    situation,
    table,
    utterance,
    words,
)

from collectaudit import resources, runs, sqlcheck, views
from collectaudit.catalogue import Words
from collectaudit.regimes import select
from collectaudit.rules import Rule
from collectaudit.words.lexicon import COLLECTOR, read_lexicon

LEXICON = read_lexicon(resources.folder("lexicons"))[0]
PAGE = (Path(__file__).parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")


def asks_for(rule: Rule, category: str) -> bool:
    return f"'{category}'" in rule.sql


def message(passage: str, date: str = "2025-06-02", **more: str) -> str:
    """A table with one message of a collector to the debtor."""
    row = {"date": date, "channel": "sms", "wording": passage, **more}
    return f"{' '.join(row)}\n{' '.join(row.values())}"


def said(tmp_path: Path, given: str, place: str = "cn", facts: str = "fact", rules: Sequence[str] = ()) -> Outcome:
    """What the rules find in a table of messages, by the law of a place."""
    on_passages = sorted(shipped().keys() - {"missing-statement"})
    return judged(situation(tmp_path / "run", given, facts, select(real_law(), place)), rules or on_passages)


def texts(outcome: Outcome) -> set[str]:
    """The texts cited; `?` marks those for review."""
    found = ((row["provision_id"].split("@")[0], row["tier"]) for row in outcome.findings)
    return {provision + "?" * (tier == "review") for provision, tier in found}


HOUSE = {"practice/wording"}


@pytest.mark.parametrize(
    ("place", "date", "passage", "expected"),
    [
        ("cn", "2019-06-01", "threat.violence/T01", HOUSE),
        ("cn", "2021-03-01", "threat.violence/T01", {"cn.criminal/violence?"}),
        ("cn", "2025-06-02", "threat.violence/T01",
         {"cn.criminal/violence?", "cn.cp2022/conduct", "cn.psapl2012/threats"}),
        ("cn", "2026-01-01", "threat.violence/T01",
         {"cn.criminal/violence?", "cn.cp2022/conduct", "cn.psapl2025/threats"}),
        ("cn", "2026-01-30", "threat.violence/T01",
         {"cn.criminal/violence?", "cn.cp2022/conduct", "cn.psapl2025/threats", "cn.cba2026/red-line-2"}),
        ("cn", "2020-12-31", "abuse.curse/T29", HOUSE),
        ("cn", "2025-12-31", "abuse.curse/T29",
         {"cn.civilcode/reputation", "cn.psapl2012/insult?", "cn.psapl2012/pestering?"}),
        ("cn", "2026-01-01", "abuse.curse/T29",
         {"cn.civilcode/reputation", "cn.psapl2025/insult?", "cn.psapl2025/pestering?"}),
        ("us", "2025-06-02", "abuse.curse/T29", {"us.fdcpa/harassment?"}),
        ("cn", "2026-01-29", "pressure.induce_borrowing/T16", HOUSE),
        ("cn", "2026-01-30", "pressure.induce_borrowing/T16", {"cn.cba2026/red-line-4"}),
        ("us", "2025-06-02", "pressure.induce_borrowing/T16", HOUSE),
        ("cn", "2025-12-31", "impersonate.authority/T07", {"cn.cp2022/conduct", "cn.psapl2012/officials"}),
        ("cn", "2026-01-01", "impersonate.authority/T07", {"cn.cp2022/conduct", "cn.psapl2025/officials"}),
        ("cn", "2025-12-31", "pressure.call_bombing/T21", {"cn.civilcode/private-peace?"}),
        ("cn", "2026-03-01", "pressure.ultimatum/unsorted", {"practice/unsorted?"}),
        ("cn", "2026-03-01", "reviewer.look/unsorted", {"practice/unsorted?"}),
    ],
)  # fmt: skip
def test_the_text_of_the_day_is_cited(place: str, date: str, passage: str, expected: set[str], tmp_path: Path) -> None:
    assert texts(said(tmp_path, message(passage, date), place)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("fact", HOUSE),
        ("fact value\nproduct credit_card", {"cn.card2011/conduct"}),
        ("fact value\nproduct mortgage", HOUSE),
    ],
)
def test_a_text_that_does_not_apply_does_not_take_the_place_of_the_house_standard(
    facts: str, expected: set[str], tmp_path: Path
) -> None:
    """In 2023 only texts for cards name demands on others; silent, as long as nobody says that it was a card."""
    given = message("third_party.demand/T06", "2023-06-01", to="family", to_whom="third_party")
    assert texts(said(tmp_path, given, "cn", facts, ["demand-on-third-party"])) == expected


def test_the_house_standard_steps_back_for_the_same_words_only(tmp_path: Path) -> None:
    given = message("legal.false_consequence/T15,legal.false_consequence/T17", "2025-06-02")
    assert texts(said(tmp_path, given)) == {"practice/wording", "cn.nifa2018/legal-ceiling"}


@pytest.mark.parametrize(
    ("date", "expected"), [("2019-06-01", {"low"}), ("2026-03-01", {"severe"}), ("2025-03-01", {"severe"})]
)
def test_what_no_text_names_weighs_little(date: str, expected: set[str], tmp_path: Path) -> None:
    found = said(tmp_path, message("threat.violence/T01", date)).findings
    assert {row["severity"] for row in found} == expected


def test_the_chinese_texts_list_urging_to_die_where_they_list_abuse() -> None:
    """facts/regimes, T29: as T12. No Chinese text names it on its own."""
    for regime in select(real_law(), "cn"):
        for provision in regime.provisions if regime.id != "practice" else ():
            conduct = provision.values.get("conduct", ())
            assert ("T29" in conduct) == ("T12" in conduct), provision.provision_id


# Every passage that a lexicon can find reaches a reader, by one rule.

PATTERNS = [p for p in LEXICON.patterns if p.speaker == COLLECTOR and not p.category.startswith("states.")]
PASSAGES = sorted({(pattern.category, pattern.conduct) for pattern in PATTERNS})


def test_every_kind_of_wording_is_found_by_one_rule(tmp_path: Path) -> None:
    """Each in a message of its own, on an account of its own."""
    rows = [
        message(f"{category}/{conduct}", "2000-01-02", to="family", to_whom="third_party", account=f"A{n}").split("\n")
        for n, (category, conduct) in enumerate(PASSAGES)
    ]
    found = said(tmp_path, "\n".join([rows[0][0], *(row for _, row in rows)])).findings
    assert sorted(row["event_id"] for row in found) == sorted(f"e{n}" for n in range(1, len(PASSAGES) + 1))
    for row in found:
        category, conduct = PASSAGES[int(row["event_id"][1:]) - 1]
        rule = shipped()[row["rule_id"]]
        assert conduct in {need.value for group in rule.needs for need in group}
        assert asks_for(rule, category)


@pytest.mark.parametrize("category", [name for name in CATEGORIES if not name.startswith(("states.", "safety."))])
def test_no_kind_of_wording_belongs_to_two_rules(category: str) -> None:
    assert len([rule for rule in shipped().values() if asks_for(rule, category)]) == 1


# What was looked at: no words, words of others only, words not searched, words read and nothing found.


@pytest.mark.parametrize(
    ("rule", "given", "status", "key"),
    [
        ("threatening-language", "channel\ncall", "no_input", "no_words"),
        ("threatening-language", message("none"), "ran", None),
        ("threatening-language", "channel from wording\nsms debtor none", "no_input", "no_collector_words"),
        ("threatening-language", "channel from wording\nsms ? none", "ran", None),
        ("threatening-language", message("none", "2023-12-31"), "not_in_force", "not_in_force"),
        ("missing-statement", "channel\ncall", "no_input", "no_words"),
        ("missing-statement", message("none"), "ran", None),
        ("missing-statement", "channel from wording\nsms ? none", "no_input", "no_collector_words"),
        ("out-of-hours", "channel from wording\nsms ? none", "no_input", "no_collector_contacts"),
    ],
)
def test_standing(rule: str, given: str, status: str, key: str | None, tmp_path: Path) -> None:
    row = judged(situation(tmp_path / "run", given), [rule]).rules[rule]
    assert (row["status"], row["reason"] and row["reason"]["key"]) == (status, key)


def test_contacts_seen_are_those_with_words(tmp_path: Path) -> None:
    given = "channel from by wording\nsms - - none\nsms ? - none\ncall - to none\ncall - - -\nsms debtor - none"
    outcome = judged(situation(tmp_path / "run", given), ["threatening-language", "missing-statement", "out-of-hours"])
    assert {name: row["contacts_seen"] for name, row in outcome.rules.items()} == {
        "threatening-language": 2, "missing-statement": 1, "out-of-hours": 3,
    }  # fmt: skip


def test_words_that_nobody_searched_are_not_taken_for_harmless(tmp_path: Path) -> None:
    given = table(message("none"))
    run = prepared(tmp_path / "run", [event(1, given[0])], said=heard(given) | {"patterns": []})
    outcome = judged(run, ["threatening-language", "missing-statement", "second-look"])
    assert {row["reason"]["key"] for row in outcome.rules.values()} == {"not_searched"}


def test_without_a_second_look_the_run_says_so(tmp_path: Path) -> None:
    given = table(message("none"))
    said = heard(given)
    said["patterns"] = [row for row in said["patterns"] if row["lexicon"] != "reviewer"]
    outcome = judged(
        prepared(tmp_path / "run", [event(1, given[0])], said=said), ["threatening-language", "second-look"]
    )
    assert outcome.rules["second-look"]["reason"] == {"key": "not_searched", "args": {}}
    assert outcome.rules["threatening-language"]["status"] == "ran"


def test_a_regime_without_such_conduct_is_told(tmp_path: Path) -> None:
    """A regime that is named alone and says nothing on it: no rule claims to have looked."""
    law = [regime for regime in real_law() if regime.id == "cn.aocl"]
    outcome = judged(situation(tmp_path / "run", message("impersonate.authority/T07"), law=law))
    assert outcome.rules["impersonation"]["reason"] == {"key": "no_provision", "args": {}}
    assert outcome.rules["coercive-visit"]["status"] == "ran"  # T03 is one of its kinds


# What a finding says and rests on.


def test_facts_are_those_of_the_passage_that_is_worth_most(tmp_path: Path) -> None:
    """Three passages of one kind in one message: the first is unclear, the second clear."""
    found = signals(1, {"wording": ",".join(["threat.violence/T01"] * 3), "asks": "suit_filed"})
    found[0]["tier"], found[1]["asks"], found[1]["matched"] = "review", None, "x" * 300
    run = prepared(tmp_path / "run", [event(1, {"channel": "sms"})], said=words([utterance(1, {})], found))
    outcome = judged(run, ["threatening-language"])
    (finding,) = outcome.findings
    assert finding["tier"] == "finding"
    assert finding["facts"] == {
        "conduct": "T01", "quote": "x" * 200, "asks": None, "channel": "sms", "speaker_role": "collector",
        "to_role": "debtor", "on_date": "2025-06-02", "at_time": "10:00:00", "at_second": None, "until_second": None,
    }  # fmt: skip
    assert [row["signal_id"] for row in rows(run, "evidence")] == ["g1.1"]


@pytest.mark.parametrize(
    ("rule", "wording", "shown"),
    [
        ("threatening-language", "none@2;threat.violence/T01@19", "call (0:19–0:22) on"),
        (
            "third-party-disclosure",
            "third_party.disclosure/T05@61;third_party.disclosure/T05@70",
            "call (1:01–1:04) on",
        ),
        ("threatening-language", "threat.violence/T01", "call on"),
    ],
)
def test_what_is_heard_is_told_from_when_to_when(rule: str, wording: str, shown: str, tmp_path: Path) -> None:
    """The turn of the passage, from the second in which it begins to the one in which it has ended."""
    run = situation(tmp_path / "run", f"to to_whom wording\nfamily third_party {wording}")
    (finding,) = judged(run, [rule]).findings
    assert shown in views.message(shipped()[rule].message["en"], finding["facts"], Words("en"))


def test_of_an_unknown_speaker_s_and_a_collector_s_words_the_collector_s_are_quoted(tmp_path: Path) -> None:
    spoken = [utterance(1, {"by": "?"}), utterance(1, {"by": "from"}) | {"utterance_id": "e1#1", "ordinal": 1}]
    first, second = (signals(1, {"wording": "threat.violence/T01", "worth": "review", "debt": "yes"}) for _ in "ab")
    second[0] |= {"signal_id": "g1.9", "utterance_id": "e1#1"}
    run = prepared(tmp_path / "run", [event(1, {})], said=words(spoken, [*first, *second]))
    (finding,) = judged(run, ["threatening-language"]).findings
    assert (finding["tier"], finding["facts"]["speaker_role"]) == ("review", "collector")
    assert [row["signal_id"] for row in rows(run, "evidence")] == ["g1.9"]


def test_wording_over_two_messages_rests_on_both(tmp_path: Path) -> None:
    """Its contact is the first message, whatever the ids of the two."""
    given = table("channel time wording\nsms 10:01 none\nsms 10:00 threat.violence/T01")
    tables = heard(given)
    tables["signals"].append(tables["signals"][0] | {"signal_id": "g1.0", "utterance_id": "e1#0", "part": 2})
    run = prepared(tmp_path / "run", [event(n, row) for n, row in enumerate(given, 1)], said=tables)
    outcome = judged(run, ["threatening-language"])
    (finding,) = outcome.findings
    assert (finding["event_id"], finding["facts"]["at_time"]) == ("e2", "10:00:00")
    assert outcome.evidence[finding["finding_id"]] == ["e2", "e1"]
    assert [row["signal_id"] for row in rows(run, "evidence")] == ["g2.0", None]


def test_statements_that_were_not_found_are_named(tmp_path: Path) -> None:
    """Of those that somebody looked for: nobody looks for the purpose."""
    found = judged(situation(tmp_path / "run", "channel wording\nim none"), ["missing-statement"]).findings
    assert [row["facts"]["statements"] for row in found] == [["amount", "due_date"]]


@pytest.mark.parametrize(
    ("wording", "looked_at"),
    [
        ("none@1/to;none@4;none@30/to;none@50;none@61/doubt", (3, 1, 4, 64, None, None)),
        ("none@4;states.institution/-@75", (1, 0, 4, 6, 60, 75)),
        ("none", (1, 0, None, None, None, None)),
    ],
)
def test_how_much_was_looked_at_is_told(wording: str, looked_at: tuple[int | None, ...], tmp_path: Path) -> None:
    """Turns, those in doubt, first and last second; how far, and where it was said later."""
    (found,) = judged(situation(tmp_path / "run", f"channel wording\ncall {wording}"), ["missing-statement"]).findings
    names = ("turns", "unclear", "at_second", "until_second", "within_seconds", "said_at_second")
    assert tuple(found["facts"][name] for name in names) == looked_at


def test_the_text_that_asks_for_the_institution_is_cited_unless_it_came_late(tmp_path: Path) -> None:
    given = "account date wording\n" + "\n".join(
        f"{account} {date} {wording}"
        for account, date, wording in (
            ("never", "2026-01-30", "none@4;none@70"), ("late", "2026-01-30", "none@4;states.institution/-@70"),
            ("early", "2026-01-30", "none@4;states.institution/-@20"), ("before", "2026-01-29", "none@4;none@70"),
            ("late-before", "2026-01-29", "none@4;states.institution/-@70"),
        )
    )  # fmt: skip
    found = said(tmp_path, given, rules=["missing-statement"]).findings
    assert [(row["account"], row["provision_id"].split("@")[0], row["tier"], row["severity"]) for row in found] == [
        ("never", "cn.cba2026/identify", "review", "medium"), ("late", "practice/opening", "review", "low"),
    ]  # fmt: skip


def test_what_was_said_is_data(tmp_path: Path) -> None:
    evil = "{channel} \x1b[31m“\n\u202e"
    given = table(message("threat.violence/T01"))
    tables = heard(given)
    tables["signals"][0]["matched"] = evil
    run = prepared(tmp_path / "run", [event(1, given[0])], said=tables)
    assert judged(run, ["threatening-language"]).findings[0]["facts"]["quote"] == evil


def test_what_a_second_look_points_out_is_never_a_finding(tmp_path: Path) -> None:
    """Whatever it calls itself, and whichever rule reads it."""
    run = situation(tmp_path / "run", message("threat.violence/T01", path="model", worth="finding"))
    with runs.connect(run) as con:
        assert con.execute("SELECT tier FROM worded").fetchall() == [("review",)]


def test_the_page_names_every_column_of_words() -> None:
    with runs.empty() as con:
        columns = {name for view in ("worded", "stated", "patterns") for name in sqlcheck.columns(con, f"FROM {view}")}
    assert columns <= set(re.findall(r"`([a-z_0-9]+)`", PAGE))
