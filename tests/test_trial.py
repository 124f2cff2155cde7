"""A trial run: what other values would find, counted by hand; nothing of the case changes. Own standards are no law."""

import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from exports import AGENT, ME, calls, people

from collectaudit import lawbook, policies, regimes, trial
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import LANGUAGES
from collectaudit.errors import WrongUse
from collectaudit.evidence.verify import verify
from collectaudit.trial import Change, Trial

HOURS = "cn.gbt45251/hours@2025-02-28"  # nobody between 22:00 and 08:00
THRICE = "cn.gbt45251/interactive-calls@2025-02-28"  # three effective calls (from 30 s) a day to one debtor
BURST = "practice/redial@2000-01-01"
# Day by day: one at night, one after nine; three effective calls; four; three of which one is too short.
CALLS = [
    ("2026-03-02 21:30:00", "in", 60), ("2026-03-02 23:10:00", "in", 60),
    *((f"2026-03-03 {hour}:00:00", "in", 60) for hour in (10, 13, 16)),
    *((f"2026-03-04 {hour}:00:00", "in", 60) for hour in (10, 12, 14, 16)),
    *((f"2026-03-05 {hour}:00:00", "in", seconds) for hour, seconds in ((10, 60), (13, 29), (16, 60))),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trial")
    log = calls(home / "calls.xml", CALLS)
    roles = people(home / "people.csv", f"{AGENT},collector,张专员,样例催收服务部", f"{ME},debtor")
    return audit([log, roles], out=home / "case", owners={"": ME}).path


@pytest.fixture
def case(made: Path) -> Case:
    return Case.open(made)


def tried(case: Case, *changes: Change, without: tuple[str, ...] = ()) -> Trial:
    return trial.try_out(case, changes, without, lambda *_: None)


def times(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['occurred_at']:%d %H:%M}" for row in rows]


@pytest.mark.parametrize(("name", "kind", "values", "added", "removed"), [
    (HOURS, "hours", {"closes": time(21)}, ["02 21:30"], []),
    (HOURS, "hours", {"closes": time(23, 30)}, [], ["02 23:10"]),
    (HOURS, "hours", {"opens": time(11), "closes": time(22)}, ["03 10:00", "04 10:00", "05 10:00"], []),
    (THRICE, "limit", {"max_count": 2}, ["03 16:00"], []),
    (THRICE, "limit", {"max_count": 2, "min_seconds": 29}, ["03 16:00", "05 16:00"], []),
    (THRICE, "limit", {"max_count": 4}, [], ["04 16:00"]),
    (THRICE, "limit", {"min_seconds": 61}, [], ["04 16:00"]),
])  # fmt: skip
def test_what_other_values_find(
    case: Case, name: str, kind: str, values: Mapping[str, Any], added: list[str], removed: list[str]
) -> None:
    found = tried(case, Change(name, kind, values))
    assert (times(found.added), times(found.removed)) == (added, removed)
    assert (found.total("added"), found.total("removed")) == (len(added), len(removed))
    assert {row["provision_id"] for row in (*found.added, *found.removed)} == {name}


def test_what_is_the_same_is_counted(case: Case) -> None:
    before = case.query("SELECT count(*) AS n FROM findings WHERE rule_id = 'contact-frequency'")[0]["n"]
    found = tried(case, Change(THRICE, "limit", {"max_count": 2}))
    assert [(row["rule_id"], row["same"]) for row in found.counts] == [("contact-frequency", before)]


def test_off_takes_away_what_rests_on_it_and_no_more(case: Case) -> None:
    found = tried(case, Change(HOURS, "hours", off=True))
    assert times(found.removed) == ["02 23:10"]
    assert not found.added
    without = tried(case, without=("out-of-hours",))
    every = case.query("SELECT count(*) AS n FROM findings WHERE rule_id = 'out-of-hours'")[0]["n"]
    assert (without.total("removed"), without.total("same"), every > 1) == (every, 0, True)


def test_nothing_of_the_case_changes(case: Case) -> None:
    head, run = case.log_head(), case.run()
    tried(case, Change(HOURS, "hours", {"closes": time(21)}))
    assert (case.log_head(), case.run()) == (head, run)
    assert list((case.path / "tmp").iterdir()) == []
    assert verify(case).ok


def test_the_last_trial_is_remembered_until_the_next_run(case: Case) -> None:
    trial.remember(case, "out-of-hours", found := tried(case, Change(HOURS, "hours", {"closes": time(21)})))
    assert trial.remembered(case, "out-of-hours") is found
    assert trial.remembered(case, "contact-frequency") is None
    trial.forget(case)
    assert trial.remembered(case, "out-of-hours") is None


@pytest.mark.parametrize("change", [
    Change(THRICE, "limit", {"max_count": -1}), Change(THRICE, "limit", {"max_count": 10**9}),
    Change(HOURS, "hours", {"closes": 21}), Change(HOURS, "hours", {"closes": time(7)}),
    Change(HOURS, "hours", {"title": 3}),
])  # fmt: skip
def test_values_that_cannot_be_are_refused(case: Case, change: Change) -> None:
    with pytest.raises(WrongUse):
        tried(case, change)


def test_nothing_changed_is_no_trial(case: Case) -> None:
    with pytest.raises(WrongUse):
        tried(case)


def test_rules_that_are_no_longer_those_of_the_run_are_not_tried(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lawbook, "known_rules", dict)
    with pytest.raises(WrongUse):
        tried(case, Change(HOURS, "hours", {"closes": time(21)}))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_of_a_trial_is_said_in_words(case: Case, lang: str) -> None:
    found = tried(case, Change(HOURS, "hours", {"closes": time(21)}))
    said = trial.worded(found.added[0], lang)
    assert "21:30" in said["message"] and "21:00" in said["message"]
    assert said["title"] == found.added[0][f"title_{lang}"]


# Own standards


def policy(name: str = THRICE, **values: Any) -> policies.Policy:
    return policies.Policy(name, values, {"zh": '至多 2 次 "x"\n', "en": "at most 2"})


def own(*wanted: policies.Policy, explicit: tuple[str, ...] = ()) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in wanted:
        found = policies.added(found, one, explicit, date(2026, 3, 9))
    return found


def test_an_own_standard_is_a_regime_file_and_no_law(tmp_path: Path) -> None:
    found = own(policy(max_count=2), policy(HOURS, closes=time(21)))
    assert list(found) == ["own.1", "own.2"]
    for name, text in found.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    assert regimes.check_regimes([tmp_path]) == []
    first, second = regimes.load_regimes([tmp_path])
    assert {first.authority, second.authority} == {"practice"}
    (provision,) = first.provisions
    assert provision.values == {
        **next(p for r in regimes.load_regimes() for p in r.provisions if p.provision_id == THRICE).values,
        "max_count": 2,
    }
    assert (provision.modality, provision.tier, provision.in_force_from) == ("advise", "finding", date(2025, 2, 28))
    assert tomllib.loads(found["own.2"])["provision"][0]["closes"] == time(21)
    assert '"x"' in provision.text_zh


def test_it_binds_whom_its_text_binds_unless_that_was_named() -> None:
    scoped = next(r for r in regimes.load_regimes() if r.applies_to and r.provisions[0].fires)
    wanted = policy(scoped.provisions[0].provision_id)
    assert 'fact = "' in own(wanted)["own.1"].split("[[provision]]")[0]
    assert "[applies_to]" not in own(wanted, explicit=(scoped.id,))["own.1"]


def test_a_provision_nobody_knows_is_refused() -> None:
    with pytest.raises(WrongUse):
        own(policy("cn.nothing/at-all@2020-01-01"))


def test_judged_by_an_own_standard_the_law_stays_as_it_is(tmp_path: Path, made: Path) -> None:
    log = calls(tmp_path / "calls.xml", CALLS)
    roles = people(tmp_path / "people.csv", f"{AGENT},collector,张专员,样例催收服务部", f"{ME},debtor")
    case = audit([log, roles], out=tmp_path / "case", owners={"": ME})
    before = {row["finding_id"] for row in case.query("SELECT finding_id FROM findings")}
    assert before == {row["finding_id"] for row in Case.open(made).query("SELECT finding_id FROM findings")}
    first = case.run()
    case.set_options({**case.options, policies.OPTION: own(policy(max_count=2))})
    case = audit([], out=case.path)
    assert case.run() != first
    rows = case.query("SELECT f.*, p.authority FROM findings f JOIN provisions p USING (provision_id)")
    assert before <= {row["finding_id"] for row in rows}
    mine = sorted((row for row in rows if row["regime"] == "own.1"), key=lambda row: row["occurred_at"])
    assert times(mine) == ["03 16:00", "04 14:00"]  # of four, the third is the first beyond two
    assert {(row["severity"], row["authority"]) for row in mine} == {("low", "practice")}
    case.set_options({key: value for key, value in case.options.items() if key != policies.OPTION})
    assert audit([], out=case.path).run() == first
    assert verify(case).ok
