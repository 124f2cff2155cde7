"""Whether a file of the lexicons has the outline that a look at its contents needs."""

from collections.abc import Iterator

from ..problems import Problem
from ..tomlcheck import Document, in_both_languages

QUESTIONS = "questions"


def misshapen(stem: str, document: Document) -> Iterator[Problem]:
    """What keeps a file from being read further; `stem`: its name."""
    data = document.data
    if not isinstance(data.get("classes", {}), dict):
        yield document.problem(("classes",), "classes is not a table", "write [classes]")
    for name in ("pattern", "exclusion"):
        rows = data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield document.problem((name,), f"{name} is not a list of tables", f"write [[{name}]]")
            continue
        for number, row in enumerate(rows):
            yield from _names(document, (name, number), row)
    yield from _names(document, (), data)
    for name, question in data.items() if stem == QUESTIONS else ():
        if in_both_languages(question):
            yield document.problem((name,), f"{name} is not given in en and zh", "ask the question in both languages")


def _names(document: Document, at: tuple[str | int, ...], table: dict[str, object]) -> Iterator[Problem]:
    """Keys by which a table names others."""
    if not isinstance(table.get("exclude", []), list):
        yield document.problem((*at, "exclude"), "exclude is not a list", "list exclusions of exclusions.toml")
    if not isinstance(table.get("asks", ""), str):
        yield document.problem((*at, "asks"), "asks is not a text", "name a question of questions.toml")
