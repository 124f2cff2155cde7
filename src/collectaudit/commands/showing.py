"""What `show`, `people`, `declare`, `hear` and `review` do: ask the case, print, name the next command."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from collectaudit import render_lists, views
from collectaudit.case import Case
from collectaudit.commands.running import FINDINGS, fails, print_all
from collectaudit.commands.shell import Shell, say_head
from collectaudit.errors import WrongUse
from collectaudit.render import Page, as_json, as_jsonl
from collectaudit.render_finding import finding_page
from collectaudit.render_notices import notices
from collectaudit.speech import passage

_ROWS = 200  # of a table on a terminal, unless --limit says otherwise; programs get everything


def many(
    shell: Shell, path: Path, format_: str, fail_on: str | None, chosen: Mapping[str, Any], *, unmask: bool
) -> int:  # fmt: skip
    """The findings that the filters leave."""
    case, lang = Case.open(path), shell.words.lang
    if format_ != "table":
        print_all(case, lang, format_, **chosen)
    else:
        limit = chosen["limit"] or _ROWS
        rows = views.findings(case, lang=lang, **{**chosen, "limit": limit + 1})
        page = Page(shell.words, mask=not unmask)
        notices(page, views.notices(case, lang=lang))
        render_lists.findings(page, str(path), rows[:limit], more=len(rows) > limit)
    return FINDINGS if fail_on and fails(case, lang, fail_on) else 0


def one(shell: Shell, path: Path, finding_id: str, format_: str, *, unmask: bool) -> int:
    """One finding with everything it rests on."""
    case = Case.open(path)
    finding = views.finding(case, finding_id, shell.words.lang)
    if finding is None:
        raise _unknown(shell, path, finding_id)
    if format_ == "table":
        finding_page(Page(shell.words, mask=not unmask), str(path), finding)
    else:
        click.echo(as_json(finding) if format_ == "json" else as_jsonl([finding]))
    return 0


def _unknown(shell: Shell, path: Path, finding_id: str) -> WrongUse:
    return WrongUse(shell.words("usage.no_finding", what=finding_id, case=str(path)))


def unread(shell: Shell, path: Path, format_: str, limit: int | None, *, unmask: bool) -> int:
    """The records that could not be read."""
    rows = views.rejects(Case.open(path), limit or _ROWS, lang=shell.words.lang)
    if format_ == "table":
        render_lists.rejects(Page(shell.words, mask=not unmask), rows)
    else:
        click.echo(as_json(rows) if format_ == "json" else as_jsonl(rows))
    return 0


def persons(shell: Shell, path: Path, suggest: bool, format_: str) -> None:
    """Who is who, or who might be."""
    case = Case.open(path)
    rows = views.suggestions(case) if suggest else views.people(case)
    if format_ == "json":
        click.echo(as_json(rows))
    elif suggest:
        render_lists.suggestions(Page(shell.words), str(path), rows)
    else:
        render_lists.people(Page(shell.words), str(path), rows)


def label(shell: Shell, path: Path, number: str, role: str, about: Mapping[str, str | None]) -> None:
    """Set the role of a number."""
    Case.open(path).label(number, role, **about)
    judge_again(shell, "done.labelled", path, number=number, role=shell.words.word("role", role))


def declare(shell: Shell, path: Path, fact: str, about: Mapping[str, str | None]) -> None:
    """State a fact."""
    Case.open(path).declare(fact, **about)
    judge_again(shell, "done.declared", path, fact=shell.words.word("fact", fact))


def tell(shell: Shell, path: Path, about: Mapping[str, str | None]) -> None:
    """State a contact."""
    Case.open(path).tell(**about)
    judge_again(shell, "done.told", path, at=str(about["at"]))


def hear(shell: Shell, path: Path, ref: str, text: str | None, note: str | None, by: str | None) -> None:
    """Record that a person listened to a passage, named by its id or by that of a finding."""
    case = Case.open(path)
    utterance_id = passage(case, ref)
    if utterance_id is None:
        raise WrongUse(shell.words("usage.no_passage", what=ref, case=str(path)))
    case.hear(utterance_id, text, note, by)
    judge_again(shell, "done.heard", path, id=utterance_id)


def review(shell: Shell, path: Path, finding_id: str, verdict: str, about: Mapping[str, Any]) -> None:
    """Record a verdict on a finding that exists."""
    case = Case.open(path)
    whole_id = views.whole_id(case, finding_id)
    if whole_id is None:
        raise _unknown(shell, path, finding_id)
    case.review(whole_id, verdict, **about)
    if not shell.quiet:
        Page(shell.words).say("done.reviewed", id=whole_id, verdict=shell.words.word("verdict", verdict))
    say_head(case)


def judge_again(shell: Shell, key: str, path: Path, **args: Any) -> None:
    """What was written down, and the command that makes it count."""
    if shell.quiet:
        return
    page = Page(shell.words)
    page.say(key, **args)
    page.say("done.judge_again")
    page.command("audit", "-o", str(path))
    say_head(Case.open(path))
