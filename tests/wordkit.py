"""Small lexicons for tests, in place of those of the program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectaudit import resources, safety, wording
from collectaudit.words import lexicon

LEXICONS = Path(__file__).parent / "data" / "lexicons"


def small_lexicons(monkeypatch: pytest.MonkeyPatch, where: Path = LEXICONS) -> Iterator[None]:
    """For a fixture: until its test ends the lexicons are those of `where`."""
    for module in (lexicon, wording, safety):
        monkeypatch.setattr(module, "folder", lambda name: where if name == "lexicons" else resources.folder(name))
    kept = (lexicon.load_lexicon, safety.places)
    for known in kept:
        known.cache_clear()
    yield
    for known in kept:
        known.cache_clear()
