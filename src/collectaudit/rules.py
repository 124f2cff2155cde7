"""Rule files: a header of words and one SELECT. A stranger's rule is read, checked and never trusted."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from . import resources, runs, sqlcheck
from .errors import WrongUse
from .problems import Problem
from .tomlcheck import Document, Field, check_table, one_of, words

SEVERITIES = ("low", "medium", "high", "severe")
# What a message may name that is no fact of the row: it comes with the provision.
ALWAYS = frozenset({"instrument", "article"})

_NEED = re.compile(r"(\w+)\.(\w+)(?:=(\w+))?")
_HOLE = re.compile(r"\{(\w+)\}")
# A title or message that judges. What was measured is for the rule to say, what it amounts to is for a court.
_VERDICTS = re.compile(
    r"\b(?:illegal|unlawful|violat|harass|breach|offen[cs]e|guilt|crimin|infring|misconduct)\w*"
    "|违法|违规|违反|违约|非法|骚扰|犯罪|侵权|侵犯|侵害|不当|有罪",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Need:
    """A column of a table that has to hold something (or this value); without it a rule has nothing to look at."""

    table: str
    column: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `needs`: each group needs one of its entries. `trusted`: shipped with the program."""

    id: str
    path: Path
    sha256: str
    severity: str
    title: Mapping[str, str]
    message: Mapping[str, str]
    limits: Mapping[str, str]
    sql: str
    tables: frozenset[str]
    trusted: bool
    status: str = "active"
    needs: tuple[tuple[Need, ...], ...] = ()


def load_rules(dirs: Sequence[Path] = ()) -> list[Rule]:
    """The built-in rules and those of further folders, by id. WrongUse lists every problem of every file."""
    builtin, wrong = _builtin(tuple((path, path.read_bytes()) for path in _files([resources.folder("queries")])))
    read, problems = _read_all(_files(dirs), beside=builtin) if dirs else ([*builtin], [])
    problems = [*wrong, *problems, *_empty_folders(dirs)]
    if problems:
        raise WrongUse("\n".join(map(str, problems)), "correct the rule files; nothing was judged")
    return sorted(read, key=lambda rule: rule.id)


def check_rules(paths: Sequence[Path]) -> list[Problem]:
    """Every problem of every rule file in these files and folders, in reading order."""
    return [*_read_all(_files(paths))[1], *_empty_folders(paths)]


@lru_cache(maxsize=4)
def _builtin(files: tuple[tuple[Path, bytes], ...]) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """Our own rules, read once for as long as their files hold the same bytes."""
    read, problems = _read_all([path for path, _ in files], trusted=True)
    return tuple(read), tuple(problems)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files as given, and the rule files of the folders among them, by name."""
    return [file for path in paths for file in (sorted(path.glob("*.sql")) if path.is_dir() else [path])]


def _empty_folders(paths: Sequence[Path]) -> list[Problem]:
    empty = [path for path in paths if path.is_dir() and not any(path.glob("*.sql"))]
    return [Problem(str(path), 1, "holds no rule files (*.sql)", "name the folder that holds them") for path in empty]


def _read_all(
    files: Sequence[Path], *, beside: Sequence[Rule] = (), trusted: bool = False
) -> tuple[list[Rule], list[Problem]]:
    """The rules of files, after those that are known already; `trusted`: the files are our own."""
    rules = {rule.id: rule for rule in beside}
    problems: list[Problem] = []
    with runs.empty() as con:
        for path in files:
            rule, wrong = _read(con, path, trusted=trusted)
            problems += wrong
            if rule and (other := rules.setdefault(rule.id, rule)) is not rule:
                what = f'the id "{rule.id}" is taken by {other.path}'
                problems.append(Problem(str(path), 1, what, "choose another id and file name"))
    return list(rules.values()), problems


def _read(con: duckdb.DuckDBPyConnection, path: Path, *, trusted: bool) -> tuple[Rule | None, list[Problem]]:
    """The rule of one file; its problems, in order of line."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        return None, [Problem(str(path), 1, f"cannot be read ({error.strerror})", "check the name and the permissions")]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Problem(str(path), line, "is not UTF-8", "save it as UTF-8")]
    header = _header(path, text)
    if isinstance(header, Problem):
        return None, [header]
    remarks, tables = sqlcheck.read(con, text)
    problems = [*_header_problems(con, path, header), *_sql_problems(con, header, text, remarks)]
    if problems:
        return None, sorted(problems)
    return _rule(path, data, header.data, text, tables, trusted=trusted), []


def _rule(
    path: Path, data: bytes, header: Mapping[str, Any], text: str, tables: frozenset[str], *, trusted: bool
) -> Rule:
    return Rule(
        id=header["id"],
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        severity=header["severity"],
        title={lang: header[lang]["title"] for lang in ("en", "zh")},
        message={lang: header[lang]["message"] for lang in ("en", "zh")},
        limits={lang: header[lang].get("limits", "") for lang in ("en", "zh")},
        sql=_select(text),
        tables=tables,
        trusted=trusted,
        status=header.get("status", "active"),
        needs=tuple(tuple(_alternatives(group)) for group in header.get("needs", [])),
    )


def _end(text: str) -> int:
    """Where the header ends: after the first `*/`."""
    return text.index("*/") + 2


def _select(text: str) -> str:
    return text[_end(text) :].strip().rstrip(";").rstrip()


def _header(path: Path, text: str) -> Document | Problem:
    """The TOML between `/*` and `*/`, with the lines of its keys."""
    if not text.startswith("/*") or "*/" not in text:
        return Problem(str(path), 1, "has no header", "begin the file with /*, the header in TOML, and */")
    toml = "  " + text[2 : text.index("*/")]
    try:
        return Document(str(path), tomllib.loads(toml), dict(_lines(toml)))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else toml.count("\n") + 1
        return Problem(str(path), line, f"the header is not TOML: {error}", "see https://toml.io")


def _lines(toml: str) -> Iterator[tuple[tuple[str | int, ...], int]]:
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(toml.split("\n"), 1):
        if header := re.match(r"\s*\[(\w+)\]", line):
            table = (header[1],)
            yield table, number
        elif key := re.match(r"\s*(\w+)\s*=", line):
            yield (*table, key[1]), number


def _needs(value: object) -> str | None:
    fits = isinstance(value, list) and all(isinstance(group, str) for group in value)
    return None if fits else "is not a list of texts"


def _table(value: object) -> str | None:
    return None if isinstance(value, dict) else "is not a table"


_TEXTS = Field(_table, "add the texts in both languages: [en] and [zh] with title and message")
_HEADER = {
    "id": Field(words, "give the id, the file name without .sql"),
    "severity": Field(one_of(SEVERITIES), "choose one of: " + ", ".join(SEVERITIES)),
    "status": Field(one_of(("active", "draft")), 'write "draft" for a rule that is listed and not run', required=False),
    "needs": Field(_needs, 'list what it needs: ["case_facts.fact=settled"]', required=False),
    "en": _TEXTS,
    "zh": _TEXTS,
}
_LANGUAGE = {
    "title": Field(words, "name in a few words what was measured"),
    "message": Field(words, "say in one sentence what was measured"),
    "limits": Field(words, "say what the rule cannot see", required=False),
}


def _header_problems(con: duckdb.DuckDBPyConnection, path: Path, header: Document) -> Iterator[Problem]:
    yield from check_table(header, (), header.data, _HEADER, "header")
    for lang in ("en", "zh"):
        if isinstance(texts := header.data.get(lang), dict):
            yield from check_table(header, (lang,), texts, _LANGUAGE, f"[{lang}]")
            for key in ("title", "message"):
                if found := _VERDICTS.search(str(texts.get(key, ""))):
                    what = f'{key} judges: "{found[0]}"'
                    yield header.problem((lang, key), what, "say what was measured, not what it amounts to")
    rule_id = header.data.get("id")
    if isinstance(rule_id, str) and (rule_id != path.stem or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule_id)):
        what = f'id "{rule_id}" is not the file name'
        yield header.problem(("id",), what, "use small letters and hyphens, in both places")
    for group in header.data["needs"] if not _needs(header.data.get("needs")) else []:
        if wrong := _unknown_need(con, group):
            yield header.problem(("needs",), wrong, "write table.column, table.column=value, or several joined by or")


def _alternatives(group: str) -> Iterator[Need]:
    for part in group.split(" or "):
        if found := _NEED.fullmatch(part.strip()):
            yield Need(found[1], found[2], found[3])


def _unknown_need(con: duckdb.DuckDBPyConnection, group: str) -> str | None:
    needs = list(_alternatives(group))
    if len(needs) != group.count(" or ") + 1:
        return f'"{group}" is not of the form table.column'
    for need in needs:
        if need.table not in sqlcheck.READABLE or need.column not in sqlcheck.columns(con, f"FROM {need.table}"):
            return f'needs "{need.table}.{need.column}", which does not exist'
    return None


def _sql_problems(
    con: duckdb.DuckDBPyConnection, header: Document, text: str, remarks: Sequence[sqlcheck.Remark]
) -> list[Problem]:
    """What the SELECT may not do; if there is nothing, whether it binds and returns what it must."""
    data = text.encode()
    if remarks:
        return [Problem(header.path, data.count(b"\n", 0, r.at) + 1, r.what, r.fix) for r in remarks]
    select = _select(text)
    line = text.count("\n", 0, text.index(select, _end(text))) + 1
    try:  # as a part of a query, as judging asks it
        returned = sqlcheck.columns(con, f"FROM (\n{select}\n)")
    except duckdb.Error as error:
        what, number = _bind_error(str(error))
        return [Problem(header.path, line + number - 2, what, "compare with the tables and columns in docs/rules.md")]
    wrong = [Problem(header.path, line, what, fix) for what, fix in sqlcheck.column_problems(returned)]
    facts = frozenset(returned) - sqlcheck.KEYS
    return wrong + list(_hole_problems(header, facts | ALWAYS))


def _bind_error(message: str) -> tuple[str, int]:
    """DuckDB's sentence and the line it names; the SELECT begins on the second."""
    found = re.search(r"^LINE (\d+):", message, re.MULTILINE)
    return "does not fit the tables: " + message.strip().split("\n", 1)[0], int(found[1]) if found else 2


def _hole_problems(header: Document, known: frozenset[str]) -> Iterator[Problem]:
    for lang in ("en", "zh"):
        texts = header.data.get(lang)
        message = str(texts.get("message", "")) if isinstance(texts, dict) else ""
        for name in [*_HOLE.findall(message), *re.findall(r"[{}]", _HOLE.sub("", message))]:
            if name not in known:
                what = f'message names "{name}", which the SELECT does not return'
                yield header.problem((lang, "message"), what, "known: " + ", ".join(sorted(known)))
