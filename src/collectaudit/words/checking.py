"""Are the lexicons fit? What is wrong with their files, and every example that does not do what it is there for."""

from collections.abc import Iterator
from pathlib import Path

from ..problems import Problem
from ..text import fold
from ..tomlcheck import Document, read_document
from .lexicon import Exclusion, Lexicon, Pattern, read_lexicon
from .matcher import Matcher, Sight


def check_lexicons(where: Path) -> list[Problem]:
    """Every problem of the lexicons in a folder, by file and line."""
    lexicon, problems = read_lexicon(where)
    return sorted([*problems, *_example_problems(where, lexicon)])


def _example_problems(where: Path, lexicon: Lexicon) -> Iterator[Problem]:
    matcher = Matcher(lexicon)
    documents = {path.stem: read_document(path) for path in where.glob("*.toml")}
    for pattern in lexicon.patterns:
        document = documents[pattern.lexicon]
        if isinstance(document, Document):
            yield from _wrong_examples(matcher, pattern, document)
    shared = documents.get("exclusions")
    for exclusion in lexicon.exclusions.values() if isinstance(shared, Document) else ():
        for text in _idle(matcher, exclusion):
            what = f'{exclusion.id}: takes nothing away from "{text}"'
            yield Problem(str(where / "exclusions.toml"), 1, what, "give a text that a pattern would hit without it")


def _wrong_examples(matcher: Matcher, pattern: Pattern, document: Document) -> Iterator[Problem]:
    numbers = [number for number, data in enumerate(document.data["pattern"]) if data.get("id") == pattern.id]
    for text in pattern.match:
        if not _met(matcher, pattern, text):
            found = [why for hit, why in matcher.all_hits(_seen(matcher, text)) if hit.pattern == pattern]
            what = f'{pattern.id}: does not match "{text}"' + (f" (taken away by {found[0]})" if found else "")
            yield document.problem(("pattern", numbers[0], "match"), what, "widen the frames or mend the example")
    for text in pattern.no_match:
        if _met(matcher, pattern, text):
            what = f'{pattern.id}: matches "{text}"'
            yield document.problem(("pattern", numbers[0], "no_match"), what, "narrow the frames or add an exclusion")


def _seen(matcher: Matcher, text: str) -> Sight:
    return matcher.look(fold(text, message=True).text, message=True)


def _met(matcher: Matcher, pattern: Pattern, text: str) -> bool:
    return any(hit.pattern == pattern for hit in matcher.hits(_seen(matcher, text)))


def _idle(matcher: Matcher, exclusion: Exclusion) -> Iterator[str]:
    for text in exclusion.stops:
        if not any(why == exclusion.id for _, why in matcher.all_hits(_seen(matcher, text))):
            yield text
