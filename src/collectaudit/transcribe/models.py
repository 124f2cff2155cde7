"""Where a model is: a folder, the cache, or halves in installed packages. Nothing is ever fetched unasked."""

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..errors import MissingPart, WrongUse
from ..evidence import files
from . import fetching
from .known import KNOWN, WEIGHTS

DEFAULT = "whisper-base"
# What is taken when nobody says which: the first that is here. On a CPU the largest is slow.
_FOR_CPU = ("whisper-small", "whisper-base", "whisper-large-v3-turbo")
_FOR_GPU = ("whisper-large-v3-turbo", "whisper-small", "whisper-base")
_NEEDED = ("config.json", "tokenizer.json")
_KIND = b"WhisperSpec\0"  # CTranslate2 names the kind of model at the start of its file
_HEAD = 6  # before the name: version of the format, length of the name


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that are there; `sha256` is that of the weights' file."""

    name: str
    folder: Path
    sha256: str


def named(text: str) -> str:
    """The full name of a known model, which may be given without `whisper-`; any other text as it is."""
    return full if (full := f"whisper-{text}") in KNOWN else text


def find(wanted: str | None, *, gpu: bool = False) -> Model:
    """The model of that name, or in that folder. Raises MissingPart with the command that gets it."""
    if wanted is None:
        here = (name for name in (_FOR_GPU if gpu else _FOR_CPU) if state(name) != "missing")
        return get(next(here, DEFAULT))
    name = named(wanted)
    if name in KNOWN:
        return get(name)
    if not Path(name).is_dir():
        raise WrongUse(
            f"{files.shown(name)} is neither a folder nor a model that is known here",
            f"Name a folder with a Whisper model for CTranslate2, or one of: {', '.join(KNOWN)}.",
        )
    return _in_folder(Path(name))


def _in_folder(folder: Path) -> Model:
    lacking = [name for name in (WEIGHTS, *_NEEDED) if not (folder / name).is_file()]
    if lacking:
        raise WrongUse(
            f"{files.shown(folder)} has no {lacking[0]}", "Name a folder with a Whisper model for CTranslate2."
        )
    with (folder / WEIGHTS).open("rb") as file:
        if file.read(_HEAD + len(_KIND))[_HEAD:] != _KIND:
            raise WrongUse(
                f"{files.shown(folder / WEIGHTS)} is not a Whisper model for CTranslate2",
                "Convert it with ct2-transformers-converter; files of other kinds are not loaded.",
            )
    return Model(folder.resolve().name, folder.resolve(), files.sha256_of((folder / WEIGHTS).resolve()))


def get(name: str) -> Model:
    """A known model, joined from its installed packages into the cache if it is not there yet."""
    known = KNOWN[name]
    folder = cache() / name
    if not fetching.whole(known, folder):
        sources = [_installed(*part) for part in known.parts]
        if not sources or None in sources:
            raise MissingPart(
                f"the model {name} is not here ({known.download_mb} MB)",
                f"Get it with: collectaudit models get {name} --yes",
            )
        fetching.join(known, [path for path in sources if path], folder)
    return Model(name, folder, known.hashes[WEIGHTS])


def install(name: str) -> None:
    """Fetch a known model over the network; only when a person said so."""
    fetching.install(KNOWN[name], cache() / name)


def state(name: str) -> str:
    """ready (in the cache) · installed (its packages are) · missing."""
    known = KNOWN[name]
    if (cache() / name / WEIGHTS).is_file():
        return "ready"
    return "installed" if known.parts and all(_installed(*part) for part in known.parts) else "missing"


def cache() -> Path:
    """Where models lie that were joined or fetched."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "collectaudit" / "models"


def _installed(package: str, version: str, part: str) -> Path | None:
    """The part of the weights in an installed package of that version; nothing of the package is imported."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return None
    path = Path(str(found.locate_file(part)))
    return path if found.version == version and path.is_file() else None
