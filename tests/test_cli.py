"""The command line: its language, its exit codes, what it prints for people and for programs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from conftest import Run

from collectaudit.catalogue import texts
from collectaudit.cli import root
from collectaudit.commands import running
from collectaudit.commands.params import FACTS, ROLES, SEVERITIES, VERDICTS
from collectaudit.commands.shell import Group
from collectaudit.drawers import FACTS as DRAWER_FACTS
from collectaudit.drawers import ROLES as DRAWER_ROLES
from collectaudit.drawers import VERDICTS as DRAWER_VERDICTS
from collectaudit.errors import InputProblem, IntegrityError, MissingPart, WrongUse
from collectaudit.rules import SEVERITIES as RULE_SEVERITIES


def everywhere(group: Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [path]
    for name, command in group.commands.items():
        found += everywhere(command, (*path, name)) if isinstance(command, Group) else [(*path, name)]
    return found


# Help and language


@pytest.mark.parametrize("path", everywhere(root), ids="-".join)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_help_page_is_in_the_language_of_the_user(run: Run, path: tuple[str, ...], lang: str) -> None:
    ran = run(*path, "--help", lang=lang)
    assert ran.code == 0
    first = texts(lang)[f"help.{'-'.join(path) or 'collectaudit'}"].splitlines()[0]
    assert first[:30] in ran.out
    assert texts(lang)["option.help"] in ran.out
    assert not ran.err
    if lang == "zh":
        assert not re.search(r"Usage|Options|Commands|Show this|default|required", ran.out)


@pytest.mark.parametrize(
    "args",
    [
        ("--lang", "zh", "audit", "--help"),
        ("audit", "--lang", "zh", "--help"),
        ("audit", "--help", "--lang", "zh"),
        ("audit", "--help", "--lang=zh"),
        ("rules", "--lang", "en", "list", "--help", "--lang", "zh"),
    ],
)
def test_the_language_may_be_asked_for_anywhere(run: Run, args: tuple[str, ...]) -> None:
    assert "选项" in run(*args, lang="en").out


@pytest.mark.parametrize("args", [(), ("rules",), ("regimes", "--lang", "en")])
def test_without_a_command_the_commands_are_shown(run: Run, args: tuple[str, ...]) -> None:
    ran = run(*args)
    assert (ran.code, "Commands:" in ran.out) == (0, True)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom collectaudit.cli import main\nmain(['--help'])\nmain(['audit', '--help'])\n"
        "heavy = {'duckdb', 'polars', 'rich', 'phonenumbers', 'python_calamine', 'numpy', 'pandas', 'pyarrow'}\n"
        "sys.exit(sorted(heavy & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, "collectaudit 0.1.0\n", "")


def test_the_words_of_options_are_those_of_the_rooms() -> None:
    assert (ROLES, FACTS, VERDICTS) == (DRAWER_ROLES, DRAWER_FACTS, DRAWER_VERDICTS)
    assert SEVERITIES == RULE_SEVERITIES


# Wrong use


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("frobnicate",), "frobnicate"),
        (("rules", "frobnicate"), "frobnicate"),
        (("show",), "CASE"),
        (("audit", "x.xml"), "--out"),
        (("audit", "x.xml", "-o"), "-o"),
        (("audit", "x.xml", "-o", "c", "--frobnicate"), "--frobnicate"),
        (("audit", "x.xml", "-o", "c", "--fail-on", "worst"), "low, medium, high, severe"),
        (("audit", "x.xml", "-o", "c", "--threads", "0"), "--threads"),
        (("audit", "x.xml", "-o", "c", "--threads", "４"), "--threads"),
        (("show", "c", "--since", "yesterday"), "2025-06-01"),
        (("show", "c", "--limit", "-1"), "--limit"),
        (("status", "a", "b"), "b"),
        (("people", "c", "13800138000"), "NUMBER ROLE"),
        (("people", "c", "13800138000", "enemy"), "debtor, guarantor"),
        (("declare", "c", "guilt"), "agreed_hours"),
        (("review", "c", "1", "guilty"), "confirmed, dismissed, unsure"),
        (("rules", "check"), "PATH"),
        (("--lang", "de", "status", "c"), "--lang"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_use_is_explained(run: Run, args: tuple[str, ...], said: str, lang: str) -> None:
    ran = run(*args, lang=lang)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    if lang == "zh":
        assert ran.err.startswith("用法不对：")
        assert not re.search(r"\b(Missing|No such|Invalid|requires|unexpected)\b", ran.err)


@pytest.mark.parametrize("command", ["show", "people", "status", "verify"])
def test_a_folder_that_is_no_case(run: Run, tmp_path: Path, command: str) -> None:
    ran = run(command, tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "is not a case folder" in ran.err


# Exit codes


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUse("that is not right", "do this"), 2),
        (InputProblem("cannot be read"), 3),
        (IntegrityError("changed"), 4),
        (MissingPart("not installed", "pip install x"), 5),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_errors_have_their_codes(run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(running, "told", fail)
    ran = run("status", "case")
    assert (ran.code, ran.out) == (code, "")
    assert str(error) in ran.err
    assert "Traceback" not in ran.err


class Panic(BaseException):
    """What a Rust extension raises: no Exception."""


@pytest.mark.parametrize("error", [RuntimeError("secret text"), Panic("secret text"), MemoryError()])
def test_a_crash_never_looks_like_findings(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(running, "told", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = run("status", "case")
    (log,) = tmp_path.glob("collectaudit-error-*.log")
    assert (ran.code, ran.out) == (70, "")
    assert str(log) in ran.err
    assert "Traceback" not in ran.err
    assert "secret" not in ran.err
    assert type(error).__name__ in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0
    loud = run("status", "case", "-v")
    assert loud.code == 70
    assert "running.py" in loud.err or "cli.py" in loud.err  # where it happened, and of which kind; not what it says
    assert type(error).__name__ in loud.err
    assert "secret" not in loud.err
    assert len(list(tmp_path.iterdir())) == 1


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; from collectaudit.cli import main; sys.exit(main(['regimes', 'show', 'cn.civilcode']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


def test_errors_with_controls_are_made_visible(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise WrongUse("name \x1b[31m\u202eevil\nnext line")

    monkeypatch.setattr(running, "told", fail)
    assert run("status", "case").err == "Error: name \\u001b[31m\\u202eevil\nnext line\n"


# Rules and regimes


def test_rules_and_regimes_are_listed(run: Run) -> None:
    assert "out-of-hours" in run("rules", "list").out
    assert "规定时段以外的联系" in run("rules", "list", lang="zh").out
    assert "SELECT" in run("rules", "show", "out-of-hours").out
    assert json.loads(run("rules", "show", "out-of-hours", "--format", "json").out)["rule_id"] == "out-of-hours"
    assert "cn.gbt45251" in run("regimes", "list").out
    assert "cn.gbt45251" not in run("regimes", "list", "--jurisdiction", "us").out
    assert "2025-02-28" in run("regimes", "show", "cn.gbt45251", lang="zh").out
    assert json.loads(run("regimes", "show", "us.regf", "--format", "json").out)["provisions"]


@pytest.mark.parametrize("command", [("rules", "show"), ("regimes", "show")])
def test_an_unknown_rule_or_regime(run: Run, command: tuple[str, str]) -> None:
    ran = run(*command, "nothing")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing" in ran.err


@pytest.mark.parametrize(("command", "name"), [("rules", "bad.sql"), ("regimes", "bad.toml")])
def test_check_names_the_line(run: Run, tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / name).write_text("x = [", encoding="utf-8")
    ran = run(command, "check", tmp_path / name)
    assert ran.code == 2
    assert re.search(rf"{re.escape(name)}:1: .+; .+", ran.out)
    folder = "queries" if command == "rules" else "regimes"
    assert run(command, "check", Path(__file__).parents[1] / folder).code == 0


def test_doctor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("doctor").code == 0
    rows = json.loads(run("doctor", "--format", "json").out)
    assert {"python", "duckdb", "polars", "queries"} <= {row["part"] for row in rows}
    old = ["duckdb<1,>=0.9", "nothing-like-it>=1", 'other>1; extra == "dev"']
    monkeypatch.setattr("collectaudit.commands.parts.requires", lambda _: old)
    ran = run("doctor", lang="zh")
    assert ran.code == 5
    assert 'pip install "nothing-like-it>=1"' in ran.out
    assert 'pip install "duckdb<1,>=0.9"' in ran.out
    assert "other" not in ran.out
