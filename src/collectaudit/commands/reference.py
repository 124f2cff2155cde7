"""What `rules` and `regimes` do: print what findings rest on, and every problem of files people write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from collectaudit import render_lists
from collectaudit.commands.shell import Shell
from collectaudit.errors import WrongUse
from collectaudit.problems import Problem
from collectaudit.regimes import Provision, Regime, load_regimes
from collectaudit.render import Page, as_json
from collectaudit.rules import Rule, load_rules
from collectaudit.safe_text import term_safe

T = TypeVar("T")
_OPEN = 9999  # the year of `in_force_until` when there is no end


def checked(shell: Shell, problems: Sequence[Problem]) -> int:
    """Every problem as file:line on stdout; 2 if there is any."""
    for problem in problems:
        said = shell.words.sentence(f"{problem.what}; {problem.fix}")
        click.echo(term_safe(f"{problem.path}:{problem.line}: {said}"))
    if not problems and not shell.quiet:
        click.echo(shell.words("done.no_problems"))
    return WrongUse.exit_code if problems else 0


def rule_list(shell: Shell, dirs: Sequence[Path], format_: str) -> None:
    """Every rule with its title."""
    rows = [
        {"rule_id": rule.id, "severity": rule.severity, "status": rule.status, "title": rule.title[shell.words.lang]}
        for rule in load_rules(dirs)
    ]
    listing(shell, rows, format_)


def rule_page(shell: Shell, rule_id: str, dirs: Sequence[Path], format_: str) -> None:
    """What a rule states, what it cannot see, and its query."""
    rules = {rule.id: rule for rule in load_rules(dirs)}
    rule = _known(shell, rules, rule_id)
    row = _rule_row(rule, shell.words.lang)
    if format_ == "json":
        click.echo(as_json(row))
        return
    page = Page(shell.words)
    render_lists.pairs(page, row, [name for name in row if name != "sql"])
    page.gap()
    page.block(rule.sql)


def regime_list(shell: Shell, jurisdiction: str | None, format_: str) -> None:
    """Every regime with its kind of authority."""
    rows = [
        _regime_row(regime, shell)
        for regime in load_regimes()
        if jurisdiction is None or regime.jurisdiction == jurisdiction
    ]
    listing(shell, rows, format_)


def regime_page(shell: Shell, regime_id: str, format_: str) -> None:
    """A regime and each of its dated provisions."""
    regime = _known(shell, {regime.id: regime for regime in load_regimes()}, regime_id)
    row = {**_regime_row(regime, shell), "issuer": regime.issuer, "reviewed": str(regime.reviewed)}
    provisions = [_provision_row(provision, shell.words.lang) for provision in regime.provisions]
    if format_ == "json":
        click.echo(as_json({**row, "provisions": provisions}))
        return
    page = Page(shell.words)
    render_lists.pairs(page, row, list(row))
    for provision in provisions:
        page.gap()
        render_lists.pairs(page, provision, [name for name, value in provision.items() if value])


def listing(shell: Shell, rows: Sequence[Mapping[str, Any]], format_: str) -> None:
    """Rows as a table with the columns of the first, or as JSON."""
    if format_ == "json":
        click.echo(as_json(rows))
    elif rows:
        render_lists.listing(Page(shell.words), rows, list(rows[0]))


def _known(shell: Shell, things: Mapping[str, T], name: str) -> T:
    if name not in things:
        raise WrongUse(shell.words("usage.one_of", what=name, known=", ".join(things)))
    return things[name]


def _rule_row(rule: Rule, lang: str) -> dict[str, Any]:
    return {
        "rule_id": rule.id, "severity": rule.severity, "title": rule.title[lang], "message": rule.message[lang],
        "limits": rule.limits.get(lang, ""), "file": rule.path.name, "sha256": rule.sha256, "sql": rule.sql,
    }  # fmt: skip


def _regime_row(regime: Regime, shell: Shell) -> dict[str, Any]:
    title = regime.title_zh if shell.words.lang == "zh" else regime.title_en
    return {"regime": regime.id, "jurisdiction": regime.jurisdiction, "authority": regime.authority, "title": title}


def _provision_row(provision: Provision, lang: str) -> dict[str, Any]:
    zh = lang == "zh"
    until = None if provision.in_force_until.year == _OPEN else str(provision.in_force_until)
    return {
        "provision_id": provision.provision_id, "kind": provision.kind, "article": provision.article,
        "modality": provision.modality, "in_force_from": str(provision.in_force_from), "in_force_until": until,
        "status": provision.status, "text": provision.text_zh if zh else provision.text_en, "quote": provision.quote,
        "url": provision.url, "confidence": provision.confidence,
        "caveat": provision.caveat_zh if zh else provision.caveat_en,
    }  # fmt: skip
