"""rules, regimes, lexicons: what findings rest on; list, show, check, and for words try."""

from collections.abc import Sequence
from pathlib import Path

import click

from collectaudit.commands.params import ROLES, formats, one_of
from collectaudit.commands.shell import Group, option, shell

_PATHS = click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
_RULES = option("--rules", "dirs", multiple=True, type=click.Path(path_type=Path), metavar="DIR")


@click.group(cls=Group)
def rules() -> None:
    """The rules."""


@rules.command("list")
@_RULES
@formats("table", "json")
def list_rules(dirs: Sequence[Path], format_: str) -> None:
    """Every rule in a line."""
    from collectaudit.commands.reference import rule_list

    rule_list(shell(), dirs, format_)


@rules.command("show")
@click.argument("rule", metavar="RULE")
@_RULES
@formats("table", "json")
def show_rule(rule: str, dirs: Sequence[Path], format_: str) -> None:
    """One rule whole."""
    from collectaudit.commands.reference import rule_page

    rule_page(shell(), rule, dirs, format_)


@rules.command("check")
@_PATHS
def check_rules(paths: Sequence[Path]) -> int:
    """Every problem of rule files."""
    from collectaudit.commands.reference import checked
    from collectaudit.rules import check_rules as check

    return checked(shell(), check(paths))


@click.group(cls=Group)
def regimes() -> None:
    """The laws, standards and published statements."""


@regimes.command("list")
@one_of("--jurisdiction", codes=("cn", "us"))
@formats("table", "json")
def list_regimes(jurisdiction: str | None, format_: str) -> None:
    """Every regime in a line."""
    from collectaudit.commands.reference import regime_list

    regime_list(shell(), jurisdiction, format_)


@regimes.command("show")
@click.argument("regime", metavar="REGIME")
@formats("table", "json")
def show_regime(regime: str, format_: str) -> None:
    """One regime with its provisions."""
    from collectaudit.commands.reference import regime_page

    regime_page(shell(), regime, format_)


@regimes.command("check")
@_PATHS
def check_regimes(paths: Sequence[Path]) -> int:
    """Every problem of regime files."""
    from collectaudit.commands.reference import checked
    from collectaudit.regimes import check_regimes as check

    return checked(shell(), check(paths))


@click.group(cls=Group)
def lexicons() -> None:
    """The words."""


@lexicons.command("list")
@formats("table", "json")
def list_lexicons(format_: str) -> None:
    """Every category in a line."""
    from collectaudit.commands.wordlists import category_list

    category_list(shell(), format_)


@lexicons.command("show")
@click.argument("name", metavar="ID")
@formats("table", "json")
def show_lexicon(name: str, format_: str) -> None:
    """A category, pattern, class or exclusion whole."""
    from collectaudit.commands.wordlists import word_page

    word_page(shell(), name, format_)


@lexicons.command("check")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
def check_lexicons(paths: Sequence[Path]) -> int:
    """Every problem of lexicons, and every example that fails."""
    from collectaudit.commands.wordlists import check

    return check(shell(), paths)


@lexicons.command("try")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@one_of("--speaker", codes=(*ROLES, "unknown"), family="role", default="collector")
@one_of("--to", codes=ROLES, family="role")
@formats("table", "json")
def try_lexicons(texts: Sequence[str], speaker: str, to: str | None, format_: str) -> None:
    """What the words find in a text."""
    from collectaudit.commands.trying import tried

    tried(shell(), texts, speaker, to, format_)
