"""What is installed is what was written: the wheel alone, in an empty environment, runs the sample."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_law_rules_words_and_samples_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("queries", "regimes", "lexicons", "sample_data", "app"):
        shipped = {name.split(f"/data/{folder}/")[1] for name in names if f"/data/{folder}/" in name}
        source = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert shipped == {name for name in source if "__pycache__" not in name}
    assert "collectaudit/schema.sql" in names
    assert {"collectaudit/py.typed", "collectaudit/words/sounds.txt"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home)
    pip = (sys.executable, "-m", "pip", "--python", home / "bin" / "python")
    run(*pip, "install", "--quiet", "--disable-pip-version-check", "--no-compile", wheel, cwd=tmp_path)
    shown = run(home / "bin" / "collectaudit", "demo", cwd=tmp_path, LC_ALL="zh_CN.UTF-8")
    assert "推荐性国家标准" in shown
    assert "collectaudit show" in shown
    assert (tmp_path / "collectaudit-demo" / "case" / "case.json").is_file()
