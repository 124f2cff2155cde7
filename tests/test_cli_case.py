"""The command line on a case: the audit and its exit code, looking, naming, declaring, checking."""

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
from conftest import Run
from exports import AGENT, ME, calls, people

from collectaudit.commands.params import by_source

SCHEMA = json.loads((Path(__file__).parents[1] / "src/collectaudit/schema.json").read_text(encoding="utf-8"))
COLLECTOR, DEBTOR = f"{AGENT},collector", f"{ME},debtor"
LATE = ("2025-06-01 22:10:00", "in", 35)


def first_id(case: Path, run: Run) -> str:
    findings = json.loads(run("show", case, "--format", "json").out)["findings"]
    return str(next(finding["finding_id"] for finding in findings if finding["regime"] == "cn.gbt45251"))


# The audit


def test_the_summary_of_a_late_call(tmp_path: Path, run: Run) -> None:
    inputs = [calls(tmp_path / "in/calls.xml", [LATE]), people(tmp_path / "in/people.csv", COLLECTOR, DEBTOR)]
    ran = run("audit", *inputs, "-o", tmp_path / "case", "--owner", ME)
    assert (ran.code, ran.err) == (0, "")
    for said in (
        "1 contact between 2025-06-01 and 2025-06-01, of which 1 from a collector",
        "suspected until a person has confirmed it",
        "Recommended national standard",
        "Contact outside the stated hours: 1",
        "Asia/Shanghai",
        f"collectaudit show {tmp_path / 'case'}",
        "Finding nothing is not the same as nothing happened",
    ):
        assert said in ran.out
    assert re.search(r"Log [0-9a-f]{16}\.", ran.out)
    chinese = run("audit", "-o", tmp_path / "case", lang="zh")
    for said in (
        "共有 1 次联系",
        "都只是疑似",
        "推荐性国家标准",
        "规定时段以外的联系：1 处",
        "没有发现，不等于没有发生",
    ):
        assert said in chinese.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on", "low"), 1),
        (("--fail-on", "medium"), 1),
        (("--fail-on", "中"), 1),
        (("--fail-on", "high"), 0),
    ],
)
def test_fail_on(late: Path, run: Run, options: tuple[str, ...], code: int) -> None:
    assert run("audit", "-o", late, *options).code == code
    assert run("show", late, *options).code == code


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", [("audit", "-o"), ("show",)])
def test_json_keeps_the_contract(late: Path, run: Run, command: tuple[str, ...], lang: str) -> None:
    ran = run(*command, late, "--format", "json", lang=lang)
    assert (ran.code, ran.out.isascii()) == (0, True)
    assert re.fullmatch(r"((Log|日志校验值) [0-9a-f]{64}\n)?", ran.err)  # what changes a case says where its log ends
    report = json.loads(ran.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert "out-of-hours" in {finding["rule_id"] for finding in report["findings"]}


def test_jsonl_is_one_finding_a_line(late: Path, run: Run) -> None:
    lines = run("show", late, "--format", "jsonl").out.splitlines()
    assert "out-of-hours" in [json.loads(line)["rule_id"] for line in lines]


def test_missing_input_is_named_and_outranks_findings(tmp_path: Path, run: Run) -> None:
    inputs = [calls(tmp_path / "calls.xml", [LATE]), people(tmp_path / "people.csv", COLLECTOR, DEBTOR)]
    gone = tmp_path / "gone.xml"
    args = ("audit", *inputs, gone, "-o", tmp_path / "case", "--owner", ME, "--fail-on", "low")
    ran = run(*args)
    assert ran.code == 3
    assert "gone.xml" in ran.out
    report = json.loads(run(*args, "--format", "json").out)
    assert [error["input"].endswith("gone.xml") for error in report["errors"]] == [True]
    assert report["findings"]
    listed = run(*args, "--format", "jsonl")
    assert "gone.xml" in listed.err
    assert run("status", tmp_path / "case").code == 0


def damaged(kind: str, path: Path) -> None:
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "nul": bytes(4096), "bomb": BOMB, "cut": CUT}[kind])


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><smses count="1"><sms body="&b;" /></smses>'
CUT = b'<?xml version="1.0" encoding="UTF-8"?>\n<calls count="2">\n<call number="138'


@pytest.mark.parametrize("kind", ["empty", "nul", "bomb", "cut", "fifo", "folder"])
def test_unreadable_inputs_are_named(tmp_path: Path, run: Run, kind: str) -> None:
    damaged(kind, tmp_path / "broken.xml")
    ran = run("audit", tmp_path / "broken.xml", "-o", tmp_path / "case")
    assert ran.code == 3
    assert "broken.xml" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert run("status", tmp_path / "case").code == 0


def test_strict_refuses_what_was_read_in_part(tmp_path: Path, run: Run) -> None:
    file = calls(tmp_path / "in" / "calls.xml", [LATE])
    cut = file.read_text(encoding="utf-8").replace("</calls>", '<call number="')
    file.write_text(cut, encoding="utf-8")
    args = ("audit", file.parent, "-o", tmp_path / "case", "--owner", ME)
    assert run(*args).code == 0
    assert run(*args, "--strict").code == 3


def test_a_file_that_was_named_must_be_read_whole(tmp_path: Path, run: Run) -> None:
    file = calls(tmp_path / "calls.xml", [LATE])
    file.write_text(file.read_text(encoding="utf-8").replace("</calls>", ""), encoding="utf-8")
    assert run("audit", file, "-o", tmp_path / "case", "--owner", ME).code == 3


def test_progress_only_for_people(tmp_path: Path, run: Run) -> None:
    file = calls(tmp_path / "calls.xml", [LATE])
    assert not run("audit", file, "-o", tmp_path / "case").err
    assert "reading 1/1" in run("audit", file, "-o", tmp_path / "case", "-v").err
    assert "读取 1/1" in run("audit", file, "-o", tmp_path / "case", "-v", lang="zh").err


def test_what_is_said_of_sources() -> None:
    assert by_source(["13800138000"]) == {"": "13800138000"}
    assert by_source(["a=b.xml=13800138000", "mother=+8613800138001"]) == {
        "a=b.xml": "13800138000",
        "mother": "+8613800138001",
    }


# Looking at a case


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            ["Contact outside the stated hours", "22:10", "GB/T 45251", "5.3", "since 2025-02-28", "SELECT"],
        ),
        ("zh", ["规定时段以外的联系", "22:10", "GB/T 45251", "5.3", "自 2025-02-28 起施行", "SELECT", "还没有人看过"]),
    ],
)
def test_one_finding_walks_back_and_forward(late: Path, run: Run, lang: str, said: list[str]) -> None:
    ran = run("show", late, first_id(late, run), lang=lang)
    assert (ran.code, ran.err) == (0, "")
    for part in [*said, "calls.xml", "call[1]@L3", "SHA-256"]:
        assert part in ran.out
    sha256 = re.search(r"SHA-256 ([0-9a-f]{64})", ran.out)
    assert sha256
    assert list((late / "originals").rglob(f"{sha256[1]}*"))


def test_one_finding_for_programs(late: Path, run: Run) -> None:
    finding_id = first_id(late, run)
    found = json.loads(run("show", late, finding_id[:12], "--format", "json").out)
    assert found["finding_id"] == finding_id
    assert found["exhibits"][0]["locator"] == "call[1]@L3"


def test_an_unknown_finding(late: Path, run: Run) -> None:
    ran = run("show", late, "ffff", lang="zh")
    assert (ran.code, ran.out) == (2, "")
    assert "没有编号为 ffff 的疑点" in ran.err


@pytest.mark.parametrize(
    ("options", "some"),
    [
        ((), True),
        (("--rule", "out-of-hours"), True),
        (("--rule", "redial-burst"), False),
        (("--regime", "cn.gbt45251"), True),
        (("--severity", "medium"), True),
        (("--severity", "severe"), False),
        (("--tier", "finding"), True),
        (("--tier", "疑点"), True),
        (("--account", "nobody"), False),
        (("--since", "2025-06-01", "--until", "2025-06-01"), True),
        (("--since", "2025-06-02"), False),
        (("--until", "2025-05-31"), False),
    ],
)
def test_filters(late: Path, run: Run, options: tuple[str, ...], some: bool) -> None:
    assert bool(json.loads(run("show", late, *options, "--format", "json").out)["findings"]) is some
    assert ("No finding that fits" in run("show", late, *options).out) is not some


def test_the_list_is_cut_only_with_a_word(late: Path, run: Run) -> None:
    assert "These are the first 1" in run("show", late, "--limit", "1").out
    assert len(json.loads(run("show", late, "--limit", "1", "--format", "json").out)["findings"]) == 1


def test_naming_a_number_changes_the_judgement(tmp_path: Path, run: Run) -> None:
    case = tmp_path / "case"
    run("audit", calls(tmp_path / "calls.xml", [LATE]), "-o", case, "--owner", ME)
    assert "No finding." in run("audit", "-o", case).out
    assert AGENT[1:] in run("people", case, "--suggest").out
    said = run("people", case, AGENT, "催收方", "--organisation", "示例公司")
    assert (said.code, f"collectaudit audit -o {case}" in said.out) == (0, True)
    assert "Contact outside the stated hours" in run("audit", "-o", case).out
    listed = run("people", case, lang="zh")
    assert "催收方" in listed.out
    assert "债务人" in listed.out
    assert "推定" in listed.out
    rows = json.loads(run("people", case, "--format", "json").out)
    assert {row["role"] for row in rows} == {"collector", "debtor"}


def test_a_declared_fact_changes_the_judgement(late: Path, run: Run) -> None:
    said = run("declare", late, "约定的联系时段", "--value", "08:00-23:00", "--from", "2025-01-01")
    assert (said.code, "agreed hours" in said.out, "collectaudit audit -o" in said.out) == (0, True, True)
    run("audit", "-o", late)
    findings = json.loads(run("show", late, "--format", "json").out)["findings"]
    assert "cn.gbt45251" not in {finding["regime"] for finding in findings}


def test_a_verdict_stays(late: Path, run: Run) -> None:
    finding_id = first_id(late, run)
    assert run("review", late, finding_id[:10], "属实", "--note", "已对照", "--by", "甲").code == 0
    run("audit", "-o", late)
    assert "A person's verdict: confirmed" in run("show", late, finding_id).out
    assert run("review", late, "ffff", "unsure").code == 2


def test_quiet_says_nothing_that_is_no_data(late: Path, run: Run) -> None:
    finding_id = first_id(late, run)
    assert run("people", late, AGENT, "collector", "-q") == (0, "", "")
    assert run("declare", late, "settled", "--from", "2025-06-01", "-q") == (0, "", "")
    assert run("-q", "review", late, finding_id, "unsure") == (0, "", "")
    assert run("show", late, "-q").out


def test_status(late: Path, run: Run) -> None:
    status = json.loads(run("status", late, "--format", "json").out)
    assert status.keys() >= {"events", "rejects", "sources", "findings", "state"}
    assert (status["events"], status["state"]) == (1, "clean")
    assert "状态：完好" in run("status", late, lang="zh").out


def test_verify_names_what_changed(late: Path, run: Run) -> None:
    assert run("verify", late).code == 0
    assert json.loads(run("verify", late, "--format", "json").out)["ok"] is True
    (original,) = (path for path in (late / "originals").rglob("*") if path.is_file() and b'"35"' in path.read_bytes())
    original.chmod(0o600)
    original.write_bytes(original.read_bytes().replace(b'"35"', b'"36"'))
    ran = run("verify", late)
    assert ran.code == 4
    assert original.name[:16] in ran.out.replace("\n", "").replace(" ", "")


def test_export(late: Path, run: Run, tmp_path: Path) -> None:
    ran = run("export", late, "--to", tmp_path / "out.duckdb")
    assert (ran.code, "out.duckdb" in ran.out) == (0, True)
    assert run("export", late, "--to", tmp_path / "out.odd").code == 2


def test_inspect(tmp_path: Path, run: Run) -> None:
    file = calls(tmp_path / "calls.xml", [LATE])
    assert "smsbackup" in run("inspect", file).out
    (found,) = json.loads(run("inspect", file, "--format", "json").out)
    assert (found["records"], found["events"]) == (1, 1)
    both = run("inspect", tmp_path / "gone.xml", file)
    assert both.code == 3
    assert "gone.xml" in both.err
    assert "smsbackup" in both.out
