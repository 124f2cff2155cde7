"""The house rules that a machine can hold: direction of imports, size of rooms, texts that are not SQL's business."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "src").rglob("*.py"))
WRITTEN = [*MODULES, *sorted((ROOT / "app").rglob("*.py"))]

# Each room may use those before it; evidence/, records and errors serve all.
ROOMS = [
    {
        "records",
        "errors",
        "resources",
        "sqltext",
        "problems",
        "tomlcheck",
        "numbers",
        "times",
        "years",
        "isolate",
        "automaton",
        "text",
        "pool",
        "cluster",
    },
    {"sources"},
    {"containers"},
    {"transcribe"},
    {"normalise", "reading", "keeping"},
    {"pairing", "linking", "legs", "owning", "hearing", "settle"},
    {"words", "voices", "signals"},
    {"regimes", "lawtables", "lawcheck", "rules", "sqlcheck", "findings", "standing", "policies"},
    {"audit", "inspecting", "evaluation", "sample", "intake", "mapping", "arrivals", "remaking"},
    {
        "views",
        "custody",
        "wording",
        "speech",
        "safety",
        "suggestions",
        "excerpt",
        "export",
        "listing",
        "contact",
        "desk",
        "gaps",
        "accounts",
        "quality",
        "coverage",
        "clocks",
        "recordings",
        "material",
        "report",
        "whoiswho",
        "lawbook",
        "trial",
        "holdings",
        "makeup",
        "completeness",
        "batch",
        "caseload",
    },
    {"serve"},
    {"cli", "commands"},
]
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}


def imports(path: Path) -> set[str]:
    """First names below the package that a module imports when it is loaded."""
    found = set()
    depth = len(path.relative_to(ROOT / "src" / "collectaudit").parts)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_imports_point_one_way(path: Path) -> None:
    room = path.relative_to(ROOT / "src" / "collectaudit").parts[0].removesuffix(".py")
    if room in LEVEL:
        later = {name for name in imports(path) if LEVEL.get(name, 0) > LEVEL[room]}
        assert not later, f"{path.name} imports from a later room: {later}"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: p.stem)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{path.name}: {node.name}"


def test_the_median_function_is_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in WRITTEN
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 12


def test_the_version_is_said_once_and_again() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    package = (ROOT / "src/collectaudit/__init__.py").read_text(encoding="utf-8")
    assert re.findall(r'^version = "(.+)"', project, re.MULTILINE) == re.findall(r'__version__ = "(.+)"', package)
