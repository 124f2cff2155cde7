"""Are the lexicons fit? What is wrong with their files, and every example that does not do what it is there for."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..problems import Problem
from ..text import fold
from ..tomlcheck import Document, read_document
from .lexicon import SOLID, Exclusion, Lexicon, Pattern, read_lexicon
from .matcher import Matcher, Sight
from .shape import misshapen


def check_lexicons(where: Path) -> list[Problem]:
    """Every problem of the lexicons in a folder, by file and line."""
    lexicon, problems = read_lexicon(where)
    documents = {
        path.stem: document
        for path in where.glob("*.toml")
        if isinstance(document := read_document(path), Document) and not any(misshapen(path.stem, document))
    }
    unused = [] if problems else list(_unused(documents, lexicon))  # an unfit pattern names nothing
    return sorted([*problems, *unused, *_example_problems(documents, lexicon)])


def _unused(documents: Mapping[str, Document], lexicon: Lexicon) -> Iterator[Problem]:
    """Classes and exclusions that nothing names any more."""
    frames = [frame for pattern in lexicon.patterns for frame in pattern.frames]
    frames += [frame for exclusion in lexicon.exclusions.values() for frame in exclusion.frames]
    named = {name for frame in [lexicon.context, *frames] for slot in frame.slots for name in slot}
    named |= {word for words in lexicon.classes.values() for word in words} | {f"@{SOLID}"}
    for document in documents.values():
        for name in document.data.get("classes", {}):
            if f"@{name}" not in named:
                yield document.problem(("classes", name), f"no frame uses @{name}", "take the class out")
    listed = {name for pattern in lexicon.patterns for name in pattern.exclude}
    for name in lexicon.exclusions.keys() - listed:
        at = ("exclusion", _number(documents["exclusions"], "exclusion", name))
        yield documents["exclusions"].problem(at, f"no pattern lists {name}", "take the exclusion out")


def _example_problems(documents: Mapping[str, Document], lexicon: Lexicon) -> Iterator[Problem]:
    matcher = Matcher(lexicon)
    for pattern in lexicon.patterns:
        yield from _wrong_examples(matcher, pattern, documents[pattern.lexicon])
    shared = documents.get("exclusions")
    if shared is None:
        return
    for exclusion in lexicon.exclusions.values():
        at = ("exclusion", _number(shared, "exclusion", exclusion.id), "stops")
        for text in _idle(matcher, exclusion):
            what = f'{exclusion.id}: takes nothing away from "{text}"'
            yield shared.problem(at, what, "give a text that a pattern would hit without it")


def _wrong_examples(matcher: Matcher, pattern: Pattern, document: Document) -> Iterator[Problem]:
    number = _number(document, "pattern", pattern.id)
    for text in pattern.match:
        if not _met(matcher, pattern, text):
            found = [why for hit, why in matcher.all_hits(_seen(matcher, text)) if hit.pattern == pattern]
            what = f'{pattern.id}: does not match "{text}"' + (f" (taken away by {found[0]})" if found else "")
            yield document.problem(("pattern", number, "match"), what, "widen the frames or mend the example")
    for text in pattern.no_match:
        if _met(matcher, pattern, text):
            what = f'{pattern.id}: matches "{text}"'
            yield document.problem(("pattern", number, "no_match"), what, "narrow the frames or add an exclusion")


def _number(document: Document, kind: str, name: str) -> int:
    """Which of a list of tables is the one of that id."""
    return next(number for number, data in enumerate(document.data[kind]) if data.get("id") == name)


def _seen(matcher: Matcher, text: str) -> Sight:
    return matcher.look(fold(text, message=True).text, message=True)


def _met(matcher: Matcher, pattern: Pattern, text: str) -> bool:
    return any(hit.pattern == pattern for hit in matcher.hits(_seen(matcher, text)))


def _idle(matcher: Matcher, exclusion: Exclusion) -> Iterator[str]:
    for text in exclusion.stops:
        sight = _seen(matcher, text)
        if not any(exclusion.id in matcher.excluding(sight, hit) for hit, _ in matcher.all_hits(sight)):
            yield text
