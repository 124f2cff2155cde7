"""What `lexicons` does: print the words, and name every problem of their files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from collectaudit import render_lexicons, resources
from collectaudit.commands.reference import checked, listing
from collectaudit.commands.shell import Shell
from collectaudit.errors import WrongUse
from collectaudit.problems import Problem
from collectaudit.render import Page, as_json
from collectaudit.words.checking import check_lexicons
from collectaudit.words.frames import Frame, expand
from collectaudit.words.lexicon import Exclusion, Lexicon, Pattern, load_lexicon

Row = dict[str, Any]


def category_list(shell: Shell, format_: str) -> None:
    """Every category with its patterns counted."""
    lexicon = load_lexicon()
    listing(shell, [_category(lexicon, name, shell.words.lang) for name in sorted(lexicon.titles)], format_)


def word_page(shell: Shell, name: str, format_: str) -> None:
    """A category, a pattern, an exclusion, or a class (@name)."""
    row = _row(load_lexicon(), name, shell.words.lang)
    if row is None:
        known = ", ".join(sorted(load_lexicon().titles))
        raise WrongUse(shell.words("usage.no_words", what=name, known=known))
    if format_ == "json":
        click.echo(as_json(row))
    else:
        render_lexicons.words_page(Page(shell.words), row)


def check(shell: Shell, paths: Sequence[Path]) -> int:
    """Every problem of folders of lexicons; of a file, those that are in it, though its whole folder is read."""
    problems: list[Problem] = []
    for path in paths or [resources.folder("lexicons")]:
        if not (path.is_file() or any(path.glob("*.toml"))):
            raise WrongUse(f"{path} holds no lexicons", "name a folder of *.toml files, or one of them")
        found = check_lexicons(path.parent if path.is_file() else path)
        problems += [problem for problem in found if path.is_dir() or Path(problem.path).name == path.name]
    return checked(shell, problems)


def _row(lexicon: Lexicon, name: str, lang: str) -> Row | None:
    if name in lexicon.titles:
        mine = [_line(pattern) for pattern in lexicon.patterns if pattern.category == name]
        return {**_category(lexicon, name, lang), "members": mine}
    if name in lexicon.exclusions:
        return _exclusion(lexicon, lexicon.exclusions[name], lang)
    if name.startswith("@") and name[1:] in lexicon.classes:
        return {"class": name, "words": sorted(expand(name, lexicon.classes))}
    found = next((pattern for pattern in lexicon.patterns if pattern.id == name), None)
    return _pattern(lexicon, found, lang) if found else None


def _category(lexicon: Lexicon, name: str, lang: str) -> Row:
    mine = [pattern for pattern in lexicon.patterns if pattern.category == name]
    languages = sorted({pattern.lang for pattern in mine})
    return {"category": name, "title": lexicon.titles[name][lang], "patterns": len(mine), "languages": languages}


def _line(pattern: Pattern) -> Row:
    return {name: getattr(pattern, name) for name in ("id", "lang", "conduct", "tier")}


def _pattern(lexicon: Lexicon, pattern: Pattern, lang: str) -> Row:
    asks = lexicon.questions.get(pattern.asks or "", {}).get(lang)
    return {
        "pattern": pattern.id, "category": pattern.category, "title": lexicon.titles[pattern.category][lang],
        "lang": pattern.lang, "conduct": pattern.conduct, "tier": pattern.tier, "speaker": pattern.speaker,
        "recipient": pattern.to, "asks": asks, **_framed(lexicon, pattern.frames),
        "exclude": [{"exclusion": name, "title": _called(lexicon, name, lang)} for name in pattern.exclude],
        "match": list(pattern.match), "no_match": list(pattern.no_match),
    }  # fmt: skip


def _exclusion(lexicon: Lexicon, exclusion: Exclusion, lang: str) -> Row:
    return {
        "exclusion": exclusion.id, "title": _called(lexicon, exclusion.id, lang), "where": exclusion.where,
        "within": exclusion.within, **_framed(lexicon, exclusion.frames), "stops": list(exclusion.stops),
    }  # fmt: skip


def _framed(lexicon: Lexicon, frames: Iterable[Frame]) -> Row:
    """Frames, and how many words the classes in them hold."""
    frames = list(frames)
    names = {name for frame in frames for slot in frame.slots for name in slot if name.startswith("@")}
    sizes = {name: len(expand(name, lexicon.classes)) for name in sorted(names)}
    return {"frames": [frame.text for frame in frames], "classes": sizes}


def _called(lexicon: Lexicon, name: str, lang: str) -> str:
    return lexicon.exclusions[name].title[lang]
