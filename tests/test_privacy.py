"""No message text, number or name gets into the log, to stderr, into what a crash writes, or into temporary files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from exports import ME, epoch, people

from collectaudit import cli

NAME, TEXT = "欧阳喆小明", "把你的通讯录挨个打一遍 暗号七六五"
STRANGER = "13911112222"
TOKENS = (NAME, "暗号七六五", STRANGER, "+8613911112222", "139 1111 2222", "139-1111-2222", "1391111")


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for temporary files and for the home."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def case(tmp: Path, run: Run) -> Path:
    """A case that knows a secret name, number and text."""
    log = tmp / "in" / "sms.xml"
    log.parent.mkdir()
    about = f'address="{STRANGER}" date="{epoch("2025-06-01 22:10:00")}" type="1" contact_name="{NAME}"'
    one = f'<sms {about} body="{TEXT}" />'
    log.write_text(f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"1\">\n{one}\n</smses>\n", encoding="utf-8")
    roles = people(tmp / "in" / "people.csv", f'{STRANGER},collector,"{NAME}"', f"{ME},debtor")
    ran = run("audit", log, roles, "-o", tmp / "case", "--owner", ME, "-v")
    assert ran.code == 0, ran
    assert leaks(ran.err) == []
    return tmp / "case"


def leaks(text: str) -> list[str]:
    return [token for token in TOKENS if token in text]


def written(*folders: Path) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in folder.rglob("*"):
            yield path, path.name
            if path.is_file():
                yield path, path.read_bytes().decode("utf-8", "replace")


def test_no_command_tells_on_stderr_in_the_log_or_in_temporary_files(case: Path, tmp: Path, run: Run) -> None:
    finding = run("show", case, "--format", "jsonl").out.splitlines()[0]
    finding_id = re.findall(r'"finding_id": "(\w+)"', finding)[0]
    commands = [
        ("show", case, finding_id), ("show", case), ("people", case), ("people", case, "--suggest"), ("status", case),
        ("custody", case, "--taken-by", "x"), ("review", case, finding_id, "unsure"), ("verify", case, "--deep"),
        ("rebuild", case), ("export", case, "--to", tmp / "out.csv"), ("audit", "-o", case, "-v"),
    ]  # fmt: skip
    for command in commands:
        ran = run(*command)
        assert leaks(ran.err) == [], (command, ran.err)
    assert leaks((case / "log" / "audit.jsonl").read_text(encoding="utf-8")) == []
    assert [path for path, text in written(tmp / "tmp", tmp / "home", case / "tmp") if leaks(text)] == []
    assert list((tmp / "tmp").iterdir()) == [] and list((case / "tmp").iterdir()) == []


@pytest.mark.parametrize("verbose", [True, False])
def test_a_crash_tells_where_and_not_what(
    case: Path, tmp: Path, run: Run, monkeypatch: pytest.MonkeyPatch, verbose: bool
) -> None:
    def crash(*_: object, **__: object) -> None:
        try:
            raise KeyError(f"{STRANGER} {NAME}")
        except KeyError as error:
            raise RuntimeError(TEXT) from error

    monkeypatch.setattr("collectaudit.views.status", crash)
    ran = run("status", case, *(["-v"] if verbose else []))
    assert ran.code == cli.CRASHED
    logs = list((tmp / "tmp").glob("collectaudit-error-*.log"))
    said = ran.err if verbose else logs[0].read_text(encoding="utf-8")
    assert "builtins.RuntimeError" in said and "builtins.KeyError" in said and "running.py" in said
    assert leaks(said + ran.out) == [] and len(logs) == (not verbose)
    assert verbose or oct(logs[0].stat().st_mode)[-3:] == "600"
