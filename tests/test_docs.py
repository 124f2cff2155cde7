"""Documentation that leaves something out fails here."""

import re
import shutil
import tomllib
from pathlib import Path

import click
import duckdb
import pytest
from wordkit import LEXICONS

from collectaudit.cli import root
from collectaudit.commands.shell import Group
from collectaudit.regimes import check_regimes
from collectaudit.rules import check_rules
from collectaudit.sources._mapcheck import check_map
from collectaudit.words.checking import check_lexicons

ROOT = Path(__file__).parents[1]
GUIDES = ("docs/user-guide.md", "docs/user-guide.zh-CN.md")
READMES = ("README.md", "README.zh-CN.md")
EXPORTS = ("phones", "apps", "carriers")
CARDS = ("docs/model-card.md", "docs/model-card.zh-CN.md")
CLUSTER = ("docs/cluster.md", "docs/cluster.zh-CN.md")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def paths(group: Group, before: str = "collectaudit") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        found.append((f"{before} {name}", command))
        found += paths(command, f"{before} {name}") if isinstance(command, Group) else []
    return found


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("path", [path for path, _ in paths(root)])
def test_every_command_is_in_the_guides(path: str, guide: str) -> None:
    assert path in text(guide)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_option_is_in_the_guides(guide: str) -> None:
    options = {
        name for _, command in paths(root) for param in command.params for name in param.opts if name[:2] == "--"
    }
    assert not [name for name in sorted(options) if f"`{name}" not in text(guide)]


@pytest.mark.parametrize("name", [*GUIDES, *READMES, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_command_line_in_the_docs_is_one(name: str) -> None:
    known = {path for path, _ in paths(root)}
    said = re.findall(r"^\$? *(collectaudit [a-z]+(?: (?:list|show|check)\b)?)", text(name), re.MULTILINE)
    assert not [line for line in said if line not in known and line.rsplit(" ", 1)[0] not in known]


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_begin_with_the_commands(readme: str) -> None:
    places = [text(readme).index(f"make {target}") for target in ("demo", "test", "bench")]
    assert places == sorted(places)
    assert text(readme)[: places[0]].count("```") == 1


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "4", "5", "70", "130", "141"])
def test_every_exit_code_is_in_the_readmes(code: str) -> None:
    assert all(f"| {code} |" in text(readme) for readme in READMES)


def test_both_languages_have_the_same_parts() -> None:
    exports = [(f"docs/export-guides/{name}.md", f"docs/export-guides/{name}.zh-CN.md") for name in EXPORTS]
    for pair in (READMES, GUIDES, CARDS, CLUSTER, *exports):
        shapes = [re.findall(r"^(#+|```)", text(name), re.MULTILINE) for name in pair]
        assert shapes[0] == shapes[1]


def example(section: str, language: str) -> str:
    part = text("CONTRIBUTING.md").split(f"\n## {section}\n")[1]
    return part.split(f"```{language}\n")[1].split("```")[0]


def test_the_examples_for_contributors_are_right(tmp_path: Path) -> None:
    files = {
        "some_dialler.toml": ("A source", "toml"),
        "visit-without-consent.sql": ("A rule", "sql"),
        "cn.example.toml": ("A regime", "toml"),
    }
    for name, where in files.items():
        (tmp_path / name).write_text(example(*where), encoding="utf-8")
    assert check_map(tmp_path / "some_dialler.toml") == []
    assert check_rules([tmp_path / "visit-without-consent.sql"]) == []
    assert check_regimes([tmp_path / "cn.example.toml"]) == []


def test_the_examples_of_lexicons_are_right(tmp_path: Path) -> None:
    shutil.copytree(LEXICONS, tmp_path, dirs_exist_ok=True)
    whole = text("docs/lexicons.md").split("```toml\n")[1].split("```")[0]
    (tmp_path / "threat.example.toml").write_text(whole, encoding="utf-8")
    exclusion = text("docs/lexicons.md").split("```toml\n")[2].split("```")[0]
    retold = (tmp_path / "exclusions.toml").read_text(encoding="utf-8").split("\n\n")[1]
    (tmp_path / "exclusions.toml").write_text(f"{exclusion}\n{retold}", encoding="utf-8")
    with (tmp_path / "threat.violence.toml").open("a", encoding="utf-8") as file:
        file.write(example("A word", "toml"))
    assert check_lexicons(tmp_path) == []


def columns() -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        connection.execute(text("src/collectaudit/schema.sql"))
        query = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("table", sorted({table for table, _ in columns()}))
def test_every_table_and_column_is_in_the_dictionary(table: str) -> None:
    parts = re.split(r"^(?:### |\*\*)`(\w+)`", text("docs/data-dictionary.md"), flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    part = said[table] + (said["utterances"] if table == "spoken" else "")
    assert not [name for owner, name in columns() if owner == table and f"`{name}`" not in part]


LINKED = (*GUIDES, *READMES, *CARDS, *CLUSTER, "CONTRIBUTING.md", "SECURITY.md", "docs/data-dictionary.md")


@pytest.mark.parametrize("name", LINKED)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(name))
    missing = [link for link in links if "://" not in link and not (ROOT / name).parent.joinpath(link).exists()]
    assert not missing


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in text("CHANGELOG.md")
