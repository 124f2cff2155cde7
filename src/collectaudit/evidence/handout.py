"""A file or folder for others: made in a private place beside its own, so that never half of it has its name."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import WrongUse
from . import files
from .store import EXPORTS


def check_free(case: Path, *places: Path) -> None:
    """Raises WrongUse if one of these names is taken, has no folder, or lies among what the case keeps."""
    for to in places:
        if os.path.lexists(to):
            raise WrongUse(f"{files.shown(to)} is there already", "Choose another name, or delete it first.")
        if not to.parent.is_dir():
            raise WrongUse(f"there is no folder {files.shown(to.parent)}", "Make it first, or choose another.")
        target = to.resolve()
        if target.is_relative_to(case) and target.parent != case / EXPORTS:
            raise WrongUse(f"{files.shown(to)} lies inside the case", "Choose a place outside the case folder.")


@contextmanager
def beside(to: Path, what: str) -> Iterator[Path]:
    """A private folder on the file system of the target; `what` is being made there."""
    folder = to.parent / f".collectaudit-{what}-{secrets.token_hex(8)}"
    files.disk.make_folder(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
