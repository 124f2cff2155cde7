"""The dossier: confirmed, suspected and to be looked at are counted apart, and every form can count them again."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from bigcase import sample_copy

from collectaudit.case import Case
from collectaudit.errors import WrongUse
from collectaudit.report.dossier import LEFT_OUT, STATES, Dossier, as_json, dossier, tally
from collectaudit.report.figures import SCRIPT, write_figures


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The sample, of whose findings a person has confirmed three, dismissed two, and is unsure of one."""
    found = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("dossier") / "case")
    by_law = "SELECT finding_id FROM findings WHERE regime <> 'practice' ORDER BY occurred_at, finding_id"
    ids = [row["finding_id"] for row in found.query(by_law)]
    for finding_id, verdict in zip(ids, ["confirmed"] * 3 + ["dismissed"] * 2 + ["unsure"], strict=False):
        found.review(finding_id, verdict, by="reader")
    return found


@pytest.fixture(scope="module", params=["zh", "en"])
def made(case: Case, request: pytest.FixtureRequest) -> Dossier:
    return dossier(case, request.param)


def test_the_states_are_counted_apart(case: Case, made: Dossier) -> None:
    every = case.query("SELECT count(*) AS n FROM findings")[0]["n"]
    assert {state: made.counts[state] for state in ("confirmed", "dismissed")} == {"confirmed": 3, "dismissed": 2}
    assert sum(made.counts[state] for state in (*STATES, *LEFT_OUT)) == every
    assert tally(made.findings) == {state: made.counts[state] for state in STATES}
    assert len(made.findings) == every - 2 - made.counts["practice"]
    assert made.counts["practice"] == 4


def test_groups_are_the_findings_again(made: Dossier) -> None:
    for group in made.groups:
        assert group["counts"] == made.counts["by_authority"][group["authority"]]
        for state in STATES:
            assert sum(p["counts"][state] for p in group["provisions"]) == group["counts"][state]
    ids = [one for group in made.groups for p in group["provisions"] for one in p["finding_ids"]]
    assert sorted(ids) == sorted(row["finding_id"] for row in made.findings)


def test_exhibits_are_numbered_in_order_of_time_and_name_their_records(made: Dossier) -> None:
    assert [row["number"] for row in made.exhibits] == list(range(1, len(made.exhibits) + 1))
    times = [row["at_local"] for row in made.exhibits]
    assert times == sorted(times)
    by_number = {row["number"]: row for row in made.exhibits}
    for row in made.findings:
        assert row["exhibits"]
        assert {by_number[n]["event_id"] for n in row["exhibits"]} == set(row["event_ids"])
        assert all(row["finding_id"] in by_number[n]["finding_ids"] for n in row["exhibits"])
    assert all(len(record["sha256"]) == 64 and record["locator"] for row in made.exhibits for record in row["records"])
    assert {f"{bool(row['turns'])}" for row in made.exhibits if row["channel"] == "sms"} == {"True"}


def test_only_what_was_confirmed(case: Case) -> None:
    made = dossier(case, "zh", only_confirmed=True)
    assert {row["state"] for row in made.findings} == {"confirmed"}
    assert made.counts["suspected"] > 0  # counted, and not handed in
    assert {one for row in made.exhibits for one in row["finding_ids"]} == {row["finding_id"] for row in made.findings}


def test_what_no_document_can_hold_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectaudit.report.dossier._MOST", 5)
    with pytest.raises(WrongUse, match="too many for one document") as refused:
        dossier(case, "en")
    assert "--account" in refused.value.fix
    assert dossier(case, "en", only_confirmed=True).findings


def test_of_one_account(case: Case) -> None:
    made = dossier(case, "zh", account="YX-88-2207")
    assert {row["account"] for row in made.findings} == {"YX-88-2207"}
    assert made.counts["contacts"] == 8


def test_the_same_dossier_twice(case: Case) -> None:
    assert as_json(dossier(case, "zh")) == as_json(dossier(Case(case.path), "zh"))


@pytest.mark.parametrize("account", [None, "YX-88-2207"])
@pytest.mark.parametrize("only_confirmed", [False, True])
def test_the_script_counts_the_same_in_plain_duckdb(
    case: Case, account: str | None, only_confirmed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dossier(case, "en", account=account, only_confirmed=only_confirmed)
    write_figures(case, made, tmp_path)
    monkeypatch.chdir(tmp_path)
    states, authorities, provisions, contacts, exhibits, files = _answers((tmp_path / SCRIPT.name).read_text("utf-8"))
    assert dict(states) == {state: n for state in (*STATES, *LEFT_OUT) if (n := made.counts[state])}
    told = {(authority, state): n for authority, state, n in authorities}
    assert told == {(a, s): n for a, row in made.counts["by_authority"].items() for s, n in row.items() if n}
    mine = {(p["provision_id"], p["rule_id"], s): n for g in made.groups for p in g["provisions"]
            for s, n in p["counts"].items() if n}  # fmt: skip
    assert {(p, r, s): n for p, r, s, n, *_ in provisions} == mine
    assert contacts[0] == tuple(made.counts[name] for name in ("contacts", "collector_contacts", "third_parties"))
    assert exhibits[0][0] == len(made.exhibits)
    assert files[0][0] == len(made.sources)


def _answers(script: str) -> list[list[tuple[Any, ...]]]:
    with duckdb.connect() as con:
        return [con.execute(statement).fetchall() for statement in con.extract_statements(script)]
