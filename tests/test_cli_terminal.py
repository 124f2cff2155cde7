"""What reaches a terminal, and the demo."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bigcase import sample_copy
from conftest import Run
from exports import AGENT, ME, calls

SCHEMA = json.loads((Path(__file__).parents[1] / "src/collectaudit/schema.json").read_text(encoding="utf-8"))
COLLECTOR, DEBTOR = f"{AGENT},collector", f"{ME},debtor"
LATE = ("2025-06-01 22:10:00", "in", 35)


def first_id(case: Path, run: Run) -> str:
    findings = json.loads(run("show", case, "--format", "json").out)["findings"]
    return str(next(finding["finding_id"] for finding in findings if finding["regime"] == "cn.gbt45251"))


# Hostile text and the terminal


CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
HOSTILE = "a\x1b]0;evil\x07\u202e[bold]x[nope]\x9b31m.xml"


def test_nothing_from_data_reaches_the_terminal(tmp_path: Path, run: Run) -> None:
    """File names, names of people and notes with controls, on every page that shows them."""
    case, folder = tmp_path / "case", tmp_path / "in"
    calls(folder / HOSTILE, [LATE])
    (folder / f"odd{HOSTILE}").write_bytes(b"\x00\x01")
    pages = [run("audit", folder, "-o", case, "--owner", ME), run("inspect", *folder.iterdir())]
    run("people", case, AGENT, "collector", "--name", "[/nope] [link=http://example.invalid]x")
    pages += [run("audit", "-o", case), run("people", case), run("people", case, "--suggest"), run("show", case)]
    pages += [run("show", case, first_id(case, run)), run("show", case, "--rejects"), run("status", case)]
    pages += [run("verify", case), run("show", case, "\x1b[31m"), run("people", "\x1b[31m")]
    for page in pages:
        assert not CONTROLS.search(page.out + page.err)
    assert "\\u001b]0;evil\\u0007\\u202e[bold]x[nope]" in pages[0].out + pages[1].out


def demo_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    return {**kept, "TERM": "xterm-256color", "LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8", **more}


def on_a_terminal(args: list[str], environment: dict[str, str]) -> str:
    """What a command writes to a pseudo-terminal."""
    import pty

    main_end, other_end = pty.openpty()
    code = "import sys; from collectaudit.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, *args], stdin=other_end, stdout=other_end, stderr=other_end, env=environment
    ) as process:
        os.close(other_end)
        output = b""
        while chunk := _chunk(main_end):
            output += chunk
    os.close(main_end)
    assert process.returncode == 0, output
    return output.decode("utf-8")


def _chunk(end: int) -> bytes:
    try:
        return os.read(end, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_terminal_gets_colours_only_and_none_if_asked(tmp_path: Path, run: Run) -> None:
    calls(tmp_path / "in" / HOSTILE, [LATE])
    run("audit", tmp_path / "in", "-o", tmp_path / "case", "--owner", ME)
    coloured = on_a_terminal(["audit", "-q", "-o", str(tmp_path / "case")], demo_environment())
    assert set(re.findall(r"\x1b\[?[^a-zA-Z]*[a-zA-Z]", coloured)) <= {"\x1b[1m", "\x1b[0m", "\x1b[2m"}
    assert "\x1b[1m" in coloured
    assert "\x9b" not in coloured
    plain = on_a_terminal(["audit", "-q", "-o", str(tmp_path / "case")], demo_environment(NO_COLOR="1"))
    assert "\x1b" not in plain


# The demo


DEMO = {
    "en": ("What stands out", "Nothing was listened to on this machine", "(came with the sample)", "not listened to"),
    "zh": ("值得留意之处", "本机没有转写录音", "（随示例附带，不是在本机转写）", "尚未有人听过"),
}


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("lang", DEMO)
def test_the_demo(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Without a model, as with one: there the words come from it (test_real_model.py)."""
    monkeypatch.chdir(tmp_path)
    ran = run("demo", lang=lang)
    stands_out, not_heard, from_sample, not_listened = DEMO[lang]
    assert (ran.code, ran.err.count("\n"), not_heard in ran.err) == (0, 2, True)
    spoken = re.sub(r"\s", "", ran.out[ran.out.index("0:40–0:42") :])
    for said in (from_sample, not_listened, "⟦叫警察来抓你⟧"):
        assert re.sub(r"\s", "", said) in spoken
    assert stands_out in ran.out
    assert "collectaudit show collectaudit-demo/case" in ran.out
    assert run("demo", "-q").code == 0


def test_the_demo_leaves_other_folders_alone(tmp_path: Path, run: Run) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    ran = run("demo", "-o", tmp_path, lang="zh")
    assert (ran.code, [path.name for path in tmp_path.iterdir()]) == (2, ["mine.txt"])
    assert "别的文件" in ran.err


def test_every_answer_of_the_demo_fits_the_schema(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, run: Run
) -> None:
    case = sample_copy(tmp_path_factory, tmp_path / "case")
    report: dict[str, Any] = json.loads(run("show", case.path, "--format", "json", lang="zh").out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    for source in report["sources"]:
        assert source["records"] == source["events"] + source["rejects"]
