"""The lexicons: word classes, patterns, exclusions and questions, read from lexicons/*.toml."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import WrongUse
from ..problems import Problem
from ..resources import folder
from ..tomlcheck import Document, Field, check_table, in_both_languages, matching, one_of, read_document, whole
from ..tomlcheck import words as a_text
from .frames import Frame, expand, parse
from .shape import misshapen

# Files that hold what all lexicons share, or belong to another room.
_ELSEWHERE = {"folding", "debt_vocabulary", "help"}
_SHARED = {"classes", "exclusions", "questions", *_ELSEWHERE}
CONDUCTS = (*(f"T{number:02}" for number in range(1, 31)), "unsorted")
_SHORTEST_STEM = 3
COLLECTOR, OTHERS = "collector", "others"
THIRD_PARTY = "third_party"
CONTEXT = "@debt"
# The class of words that are never cut: 决不 is not met in 解决不了.
SOLID = "solid"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What takes a hit away: one of `frames` before/after it (within so many characters), in its sentence, anywhere
    in the text, or over its words. `stops`: texts that show it; `title`: language → what it is called.
    """

    id: str
    where: str
    within: int
    frames: tuple[Frame, ...]
    stops: tuple[str, ...]
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Wording that shows a kind of conduct (`conduct`, docs/regimes.md).

    `tier`: what it is worth from a known collector; `speaker`: whose words count, "collector" or "others";
    `to`: "third_party" if only words to one count; `asks`: the question that decides.
    """

    id: str
    category: str
    lexicon: str
    lang: str
    conduct: str
    tier: str
    frames: tuple[Frame, ...]
    exclude: tuple[str, ...]
    speaker: str
    to: str | None
    asks: str | None
    match: tuple[str, ...]
    no_match: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """All lexicons of a folder. `titles`: category → language → name; `questions`: id → language → question."""

    patterns: tuple[Pattern, ...]
    exclusions: Mapping[str, Exclusion]
    classes: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, Mapping[str, str]]
    questions: Mapping[str, Mapping[str, str]]
    sha256: str

    @property
    def context(self) -> Frame:
        """What shows that a text speaks of a debt."""
        return Frame(CONTEXT, ((CONTEXT,),), ())


@cache
def load_lexicon() -> Lexicon:
    """The lexicons that travel with the program. WrongUse if a file is not fit."""
    lexicon, problems = read_lexicon(folder("lexicons"))
    if problems:
        raise WrongUse(str(problems[0]), "correct the file; `collectaudit lexicons check` lists every problem")
    return lexicon


def read_lexicon(where: Path) -> tuple[Lexicon, list[Problem]]:
    """The lexicons of a folder, and what is wrong with its files; unfit patterns are left out."""
    files = {path.stem: path for path in sorted(where.glob("*.toml"))}
    read = {stem: read_document(path) for stem, path in files.items() if stem not in _ELSEWHERE}
    problems = [document for document in read.values() if isinstance(document, Problem)]
    documents: dict[str, Document] = {}
    for stem, document in read.items():
        if isinstance(document, Document):
            problems += (wrong := list(misshapen(stem, document)))
            documents |= {} if wrong else {stem: document}
    classes = _classes(documents.values(), problems)
    if CONTEXT[1:] not in classes:
        problems.append(Problem(str(where / "classes.toml"), 1, f"there is no class {CONTEXT[1:]}", "list its words"))
        classes[CONTEXT[1:]] = ()
    exclusions = _exclusions(documents.get("exclusions"), classes, problems)
    asks = documents["questions"].data if "questions" in documents else {}
    patterns: list[Pattern] = []
    titles = {}
    for stem, document in documents.items():
        if stem not in _SHARED:
            titles[str(document.data.get("category"))] = document.data.get("title", {})
            patterns += _patterns(stem, document, _Known(classes, exclusions, asks), problems)
    _doubles(patterns, documents, problems)
    return Lexicon(tuple(patterns), exclusions, classes, titles, asks, fingerprint(where)), sorted(problems)


def fingerprint(where: Path) -> str:
    """SHA-256 over the lexicons of a folder."""
    files = (path.read_bytes() for path in sorted(where.glob("*.toml"), key=lambda path: path.stem))
    return hashlib.sha256(b"\0".join(files)).hexdigest()


@dataclass(frozen=True, slots=True)
class _Known:
    classes: Mapping[str, tuple[str, ...]]
    exclusions: Mapping[str, Exclusion]
    questions: Mapping[str, object]


def _classes(documents: Iterable[Document], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """The classes of all files; each name is given once."""
    classes: dict[str, tuple[str, ...]] = {}
    for document in documents:
        for name, members in document.data.get("classes", {}).items():
            if wrong := _texts(members):
                problems.append(document.problem(("classes", name), f"class {name} {wrong}", "list its words"))
            elif short := [word for word in members if word.endswith("*") and len(word.rstrip("*")) < _SHORTEST_STEM]:
                what = f'class {name}: "{short[0]}" would match too much'
                problems.append(document.problem(("classes", name), what, "an open word has three letters or more"))
            elif name in classes:
                problems.append(
                    document.problem(("classes", name), f"class {name} is defined twice", "choose another name")
                )
            else:
                classes[name] = tuple(members)
    return classes


_FRAMES = 'write frames = ["@class word {6} @class"]'
_EXCLUSION = {
    "id": Field(matching(r"[a-z_]+"), "write small letters"),
    "title": Field(in_both_languages, "write title.en and title.zh"),
    "where": Field(one_of(("before", "after", "sentence", "text", "over")), "say where it stands"),
    "within": Field(whole(0, 60), "write how many characters away it may stand", required=False),
    "frames": Field(lambda value: _texts(value), _FRAMES),
    "stops": Field(lambda value: _texts(value) if value else None, "list texts in which it takes a hit away"),
}


def _exclusions(
    document: Document | None, classes: Mapping[str, tuple[str, ...]], problems: list[Problem]
) -> dict[str, Exclusion]:
    found: dict[str, Exclusion] = {}
    for number, data in enumerate(document.data.get("exclusion", []) if document else []):
        assert document is not None  # noqa: S101  for the type checker
        at = ("exclusion", number)
        wrong = list(check_table(document, at, data, _EXCLUSION, "exclusion"))
        frames, broken = _frames(document, (*at, "frames"), data.get("frames", []), classes)
        problems += wrong + broken
        if not wrong:
            stops, within, title = tuple(data["stops"]), data.get("within", 0), data["title"]
            found[data["id"]] = Exclusion(data["id"], data["where"], within, frames, stops, title)
    return found


_HEAD = {
    "category": Field(matching(r"[a-z_]+\.[a-z_]+"), 'write the file\'s name: category = "threat.violence"'),
    "title": Field(in_both_languages, "write title.en and title.zh"),
    "speaker": Field(one_of((COLLECTOR, OTHERS)), "say whose words count", required=False),
    "exclude": Field(lambda value: _texts(value), "list the exclusions of all patterns", required=False),
    "classes": Field(lambda value: None if isinstance(value, dict) else "is not a table", "write [classes]", False),
    "pattern": Field(lambda value: None if isinstance(value, list) else "is not a list", "write [[pattern]]"),
}
_PATTERN = {
    "id": Field(matching(r"[a-z_0-9]+(\.[a-z_0-9]+)+"), "write the category, a dot and a name"),
    "lang": Field(one_of(("zh", "en")), "say in which language the wording is"),
    "conduct": Field(one_of(CONDUCTS), "name the kind of conduct, docs/regimes.md"),
    "tier": Field(one_of(("finding", "review")), "say what the wording is worth from a known collector"),
    "frames": Field(lambda value: _texts(value), _FRAMES),
    "exclude": Field(lambda value: _texts(value), "list exclusions of exclusions.toml", required=False),
    "to": Field(one_of((THIRD_PARTY,)), "leave it out, or name to whom the words must be addressed", required=False),
    "asks": Field(a_text, "name a question of questions.toml", required=False),
    "match": Field(lambda value: _several(value), "give at least two invented texts that match"),
    "no_match": Field(lambda value: _several(value), "give at least two near misses"),
}


def _patterns(stem: str, document: Document, known: _Known, problems: list[Problem]) -> Iterator[Pattern]:
    """The fit patterns of one file; what is wrong with the others is added to `problems`."""
    problems += check_table(document, (), document.data, _HEAD, stem)
    category = document.data.get("category")
    if category != stem:
        problems.append(document.problem(("category",), f"category {category!r} is not the file's name", "align them"))
    for number, data in enumerate(document.data.get("pattern", [])):
        at = ("pattern", number)
        frames, broken = _frames(document, (*at, "frames"), data.get("frames", []), known.classes)
        wrong = [*check_table(document, at, data, _PATTERN, str(data.get("id", "pattern"))), *broken]
        wrong += _references(document, at, data, known)
        problems += wrong
        if not wrong:
            yield _pattern(stem, document.data, data, frames)


def _pattern(stem: str, head: Mapping[str, Any], data: Mapping[str, Any], frames: tuple[Frame, ...]) -> Pattern:
    exclude = (*head.get("exclude", ()), *data.get("exclude", ()))
    return Pattern(
        data["id"], head["category"], stem, data["lang"], data["conduct"], data["tier"], frames, exclude,
        head.get("speaker", COLLECTOR), data.get("to"), data.get("asks"), tuple(data["match"]), tuple(data["no_match"]),
    )  # fmt: skip


def _references(document: Document, at: tuple[str | int, ...], data: Mapping[str, Any], known: _Known) -> list[Problem]:
    """Names of exclusions and questions that do not exist, and an id outside of the category."""
    names = [*document.data.get("exclude", []), *data.get("exclude", [])]
    wrong = [
        document.problem((*at, "exclude"), f'unknown exclusion "{name}"', "see exclusions.toml")
        for name in names
        if name not in known.exclusions
    ]
    if data.get("asks", None) is not None and data["asks"] not in known.questions:
        wrong.append(document.problem((*at, "asks"), f'unknown question "{data["asks"]}"', "see questions.toml"))
    if "asks" in data and data.get("tier") != "review":
        wrong.append(document.problem((*at, "asks"), "asks for a fact and is a finding", 'write tier = "review"'))
    if not str(data.get("id", "")).startswith(f"{document.data.get('category')}."):
        wrong.append(document.problem((*at, "id"), f'"{data.get("id")}" is not in the category', "begin with it"))
    return wrong


def _frames(
    document: Document, at: tuple[str | int, ...], texts: object, classes: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Frame, ...], list[Problem]]:
    frames, wrong = [], []
    known: set[str] = set()  # most names stand in many frames, and going through a class takes time
    for text in texts if isinstance(texts, list) and not _texts(texts) else []:
        frame = parse(text)
        if isinstance(frame, str):
            wrong.append(document.problem(at, f"frame {frame}", "see docs/lexicons.md"))
            continue
        try:
            for name in (name for slot in frame.slots for name in slot if name not in known):
                expand(name, classes)
                known.add(name)
            frames.append(frame)
        except KeyError as error:
            wrong.append(document.problem(at, f'unknown class "@{error.args[0]}"', "see classes.toml"))
    return tuple(frames), wrong


def _doubles(patterns: Iterable[Pattern], documents: Mapping[str, Document], problems: list[Problem]) -> None:
    seen: set[str] = set()
    for pattern in patterns:
        if pattern.id in seen:
            problems.append(documents[pattern.lexicon].problem((), f'two patterns "{pattern.id}"', "rename one"))
        seen.add(pattern.id)


def _texts(value: object) -> str | None:
    fits = isinstance(value, list) and value and all(isinstance(text, str) and text.strip() for text in value)
    return None if fits else "is not a list of texts"


def _several(value: object) -> str | None:
    return _texts(value) or (None if isinstance(value, list) and len(value) > 1 else "has fewer than two")
