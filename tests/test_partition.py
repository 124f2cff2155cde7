"""findings(whole) = union of findings(parts), for every rule and however the accounts are dealt out."""

import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from partitions import cut, every_situation, found_in, judge_part
from situations import judged, outcome, shipped

from collectaudit import findings, pool

MADE = ("findings", "evidence", "rule_runs")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    run = tmp_path_factory.mktemp("whole") / "run"
    return run, every_situation(run)


def dealt(accounts: list[str], parts: int, seed: int) -> list[list[str]]:
    """The accounts in random parts, of which some may be empty."""
    chance = random.Random(seed)  # noqa: S311 — repeatable
    found: list[list[str]] = [[] for _ in range(parts)]
    for account in accounts:
        chance.choice(found).append(account)
    return found


def test_every_rule_finds_something_in_the_whole(whole: tuple[Path, list[str]]) -> None:
    ran = outcome(whole[0]).rules
    assert {name for name, row in ran.items() if not row["findings"]} == set()
    assert set(ran) == set(shipped())


@pytest.mark.parametrize(("parts", "seed"), [(3, 1)])
def test_the_findings_are_those_of_the_parts(
    whole: tuple[Path, list[str]], parts: int, seed: int, tmp_path: Path
) -> None:
    run, accounts = whole
    folders = [cut(run, some, tmp_path / str(n)) for n, some in enumerate(dealt(accounts, parts, seed))]
    assert sorted(pool.share(judge_part, folders, 2)) == [(n, str(n)) for n in range(parts)]
    for table in ("findings", "evidence"):
        assert found_in(folders, table) == found_in([run], table)


def test_a_run_judged_a_few_accounts_at_a_time_has_the_same_tables(
    whole: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = 0
    find = findings._find

    def counting(*args: Any) -> None:
        nonlocal parts
        parts += 1
        find(*args)

    monkeypatch.setattr(findings, "_find", counting)
    monkeypatch.setattr(findings, "_CONTACTS", 250)
    run = shutil.copytree(whole[0], tmp_path / "run")
    for name in MADE:
        (run / f"{name}.parquet").unlink()
    judge_part(run)
    assert parts > 2
    for table in MADE:
        assert found_in([run], table) == found_in([whole[0]], table)


def test_a_rule_that_fails_in_a_later_part_fails_as_a_whole(
    whole: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_CONTACTS", 250)
    run, accounts = whole
    everybody_but_one = f"""SELECT provision_id, account, event_id
        FROM contacts CROSS JOIN (SELECT min(provision_id) AS provision_id FROM contact_hours)
        WHERE account <> '{max(accounts)}' OR error('too far') IS NULL"""
    broken = replace(shipped()["out-of-hours"], sql=everybody_but_one)
    again = shutil.copytree(run, tmp_path / "run")
    found = judged(again, [broken, *(name for name in shipped() if name != broken.id)])
    assert [name for name, row in found.rules.items() if row["status"] == "failed"] == [broken.id]
    others = [row for row in found_in([run], "findings") if repr(broken.id) not in row]
    assert found_in([again], "findings") == others


@pytest.mark.parametrize(("memory", "threads"), [("256MB", 1), ("1GB", 2)])
def test_neither_memory_nor_threads_change_a_byte(
    whole: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: str, threads: int
) -> None:
    again = tmp_path / "again"
    shutil.copytree(whole[0], again)
    for name in MADE:
        (again / f"{name}.parquet").unlink()
    monkeypatch.setenv("COLLECTAUDIT_MEMORY", memory)
    judged(again, threads=threads)
    for name in MADE:
        assert (again / f"{name}.parquet").read_bytes() == (whole[0] / f"{name}.parquet").read_bytes()
