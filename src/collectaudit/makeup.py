"""SHOW: of what the program is made: its parts, rules, law, words and models, each with what tells its version."""

import hashlib
import platform
from collections import Counter
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from . import __version__, resources
from .regimes import load_regimes
from .rules import load_rules
from .transcribe.known import KNOWN
from .transcribe.models import state
from .words.lexicon import load_lexicon
from .words.reviewer import Reviewer

Row = dict[str, Any]
_PACKAGES = ("duckdb", "polars", "streamlit", "faster-whisper", "xlsxwriter")


def parts() -> list[Row]:
    """The program and what it stands on: name, version (None: not installed)."""
    own = [{"name": "collectaudit", "version": __version__}, {"name": "python", "version": platform.python_version()}]
    return [*own, *({"name": name, "version": _version(name)} for name in _PACKAGES)]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def contents() -> Row:
    """How many rules, instruments, provisions, patterns; hashes of all files of each kind; when the law was last read.

    `confidence`: provisions by how well they are known.
    """
    rules, regimes, lexicon = load_rules(), load_regimes(), load_lexicon()
    provisions = [provision for regime in regimes for provision in regime.provisions]
    return {
        "rules": len(rules), "rules_sha256": _digest("queries", "*.sql"), "regimes": len(regimes),
        "regimes_sha256": _digest("regimes", "*.toml"), "provisions": len(provisions),
        "reviewed": max(regime.reviewed for regime in regimes), "patterns": len(lexicon.patterns),
        "lexicons_sha256": lexicon.sha256, "reviewer": Reviewer.load().id,
        "confidence": dict(Counter(provision.confidence for provision in provisions)),
    }  # fmt: skip


def models() -> list[Row]:
    """The models that can write down speech: name, state (ready · installed · missing)."""
    return [{"name": name, "state": state(name)} for name in KNOWN]


def _digest(folder: str, files: str) -> str:
    """One hash for all files of a kind: of their names and bytes, in order of name."""
    found = hashlib.sha256()
    for path in sorted(resources.folder(folder).glob(files)):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
