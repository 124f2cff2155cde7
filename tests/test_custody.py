"""Where originals come from: asked, never blank, in the log by hash only; and the head after every writing command."""

import json
import re
from pathlib import Path

import pytest
from conftest import Run

from collectaudit import custody
from collectaudit.case import Case
from collectaudit.drawers import CUSTODY, ORIGIN, UNKNOWN
from collectaudit.errors import WrongUse

HEAD = re.compile(r"^(?:Log|日志校验值) ([0-9a-f]{64})$", re.MULTILINE)


def test_what_nobody_said_is_unknown_and_what_the_program_saw_is_there(late: Path) -> None:
    rows = custody.custody(Case.open(late))
    assert {row["name"] for row in rows} == {"in/calls.xml", "in/people.csv"}
    for row in rows:
        assert {row[name] for name in ORIGIN} == {UNKNOWN}
        assert (
            re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) and row["kept_at"] and row["tool"].startswith("collectaudit ")
        )


def test_statements_add_up_and_are_bound_by_the_log(late: Path) -> None:
    case = Case.open(late)
    assert custody.state(case, ["calls.xml"], {"taken_by": "本人", "taken_at": "2025-06-02", "own_call": "yes"}) == [
        "in/calls.xml"
    ]
    custody.state(case, ["in/calls.xml"], {"device": "某品牌手机", "taken_by": None})
    (row,) = [row for row in custody.custody(case) if row["name"] == "in/calls.xml"]
    assert (row["taken_by"], row["taken_at"], row["device"], row["own_call"]) == (
        "本人",
        "2025-06-02",
        "某品牌手机",
        "yes",
    )
    assert row["app"] == UNKNOWN and row["by"] and row["at"]
    entry = case.log_entries()[-1]
    assert (entry["ev"], entry["drawer"]) == ("drawer.write", CUSTODY)
    assert "本人" not in json.dumps(entry, ensure_ascii=False)


def test_without_a_name_all_originals_are_meant(late: Path) -> None:
    case = Case.open(late)
    assert len(custody.state(case, [], {"taken_by": "officer"})) == 2
    assert {row["taken_by"] for row in custody.custody(case)} == {"officer"}


@pytest.mark.parametrize("text", ["不详", "unknown", "Unknown", "", "  ", "未知"])
def test_unknown_may_be_said_in_words(late: Path, text: str) -> None:
    case = Case.open(late)
    custody.state(case, [], {"taken_at": text, "device": text})
    assert {row["device"] for row in custody.custody(case)} == {UNKNOWN}
    assert {row["taken_at"] for row in custody.custody(case)} == {UNKNOWN}


@pytest.mark.parametrize(
    "about", [{"taken_at": "soon"}, {"own_call": "maybe"}, {"device": "a\nb"}, {"device": "x" * 3000}]
)
def test_what_makes_no_sense_is_refused(late: Path, about: dict[str, str | None]) -> None:
    case = Case.open(late)
    with pytest.raises(WrongUse):
        custody.state(case, [], about)
    assert not (late / CUSTODY).exists()


@pytest.mark.parametrize("ref", ["nothing.xml", "ab", "0" * 64, ""])
def test_an_original_that_is_not_there_is_said(late: Path, ref: str) -> None:
    with pytest.raises(WrongUse):
        custody.state(Case.open(late), [ref], {"taken_by": "x"})


def test_the_beginning_of_a_hash_is_enough(late: Path) -> None:
    case = Case.open(late)
    row = custody.custody(case)[0]
    assert custody.state(case, [row["sha256"][:8].upper()], {"app": "x"}) == [row["name"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_asks_and_writes(late: Path, run: Run, lang: str) -> None:
    ran = run("custody", late, lang=lang)
    assert ran.code == 0 and ("不详" if lang == "zh" else "unknown") in ran.out
    assert (
        run("custody", late, "--taken-by", "本人", "--own-call", "是" if lang == "zh" else "yes", lang=lang).code == 0
    )
    assert "本人" in run("custody", late, lang=lang).out
    assert json.loads(run("custody", late, "--format", "json", lang=lang).out)[0]["own_call"] == "yes"


def test_verify_says_whether_it_was_changed_by_hand(late: Path, run: Run) -> None:
    run("custody", late, "--taken-by", "x")
    assert "as this program wrote it last" in run("verify", late).out
    (late / CUSTODY).write_bytes((late / CUSTODY).read_bytes() + b"\r\n")
    assert "changed by hand since" in run("verify", late).out


def test_every_command_that_writes_says_the_head_of_the_log(late: Path, run: Run, tmp_path: Path) -> None:
    finding = json.loads(run("show", late, "--format", "jsonl").out.splitlines()[0])["finding_id"]
    commands = [
        ("audit", "-o", late, "--format", "json"), ("people", late, "01088880000", "collector"),
        ("declare", late, "deceased"),
        ("tell", late, "--at", "2025-06-01 22:30", "--channel", "call", "--contacted", "13800138000"),
        ("review", late, finding, "unsure"), ("export", late, "--to", tmp_path / "x.csv"), ("transcribe", late),
        ("custody", late, "--taken-by", "x"), ("rebuild", late),
    ]  # fmt: skip
    assert not HEAD.search(run("custody", late, "-q", "--taken-by", "x").err)
    for command in commands:
        ran = run(*command)
        found = HEAD.search(ran.err)
        assert ran.code in (0, 3) and found, ran
        assert found[1] == Case.open(late).log_head(), command


def test_an_old_head_is_found_in_the_chain_and_a_foreign_one_is_not(late: Path, run: Run) -> None:
    old = Case.open(late).log_head()
    run("custody", late, "--taken-by", "x")
    assert run("verify", late, "--head", old).code == 0
    assert run("verify", late, "--head", old[:16].upper()).code == 0
    for wrong in ("0" * 64, old[:5], "x"):
        ran = run("verify", late, "--head", wrong)
        assert ran.code == 4 and "is not in the log" in ran.out
