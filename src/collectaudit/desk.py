"""What the dashboard works on: one case that was named, the cases of a folder, and those that are made there."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .case import Case
from .errors import IntegrityError, WrongUse
from .evidence.store import CASE, read_json
from .sample import sample_case

Row = dict[str, Any]
BATCH = ".batch"  # in a folder of cases that `batch` has made
_KEY = 12  # hex digits of a case's id: what an address calls it, whatever its folder is called
_LONGEST = 60
_OPEN = 4  # cases whose tables are in memory at a time
_NOT_IN_A_NAME = re.compile(r"[^\w-]+")


class Desk:
    """The cases in reach. `home`: the folder they lie in; `given`: one that was named and may lie elsewhere."""

    def __init__(self, home: Path, given: Path | None = None) -> None:
        self.home = home
        self.given = given
        self._open: dict[Path, Case] = {}

    def cases(self) -> list[Row]:
        """Every case: key, name of its folder, path; the one that was named first."""
        inside = sorted(self.home.iterdir()) if self.home.is_dir() else []
        paths = dict.fromkeys(path.resolve() for path in ([self.given] if self.given else []) + inside)
        return [row for path in paths if (row := _row(path))]

    def case(self, key: str) -> Case:
        """The case of that key; raises WrongUse if there is none any more."""
        path = next((row["path"] for row in self.cases() if row["key"] == key), None)
        if path is None:
            raise WrongUse("the case is not where it was", "Put its folder back, or choose another case.")
        self._open[path] = found = self._open.pop(path, None) or Case(path, held=True)
        for oldest in list(self._open)[:-_OPEN]:
            self._open.pop(oldest, None)
        return found

    def new(self, name: str) -> str:
        """Make an empty case; its key. The name becomes a folder's, without what a folder's name cannot hold."""
        return self._made(name, Case.create)

    def sample(self, name: str) -> str:
        """Make the sample case, audited; its key."""
        return self._made(name, sample_case)

    def _made(self, name: str, make: Callable[[Path], Case]) -> str:
        stem = _NOT_IN_A_NAME.sub("-", name).strip("-")[:_LONGEST]
        if not stem:
            raise WrongUse("a case needs a name")
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = [stem, *(f"{stem}-{n}" for n in range(2, 1000))]
        path = next(self.home / one for one in names if not (self.home / one).exists())
        make(path)
        return str(_key(path))


def _row(path: Path) -> Row | None:
    key = _key(path)
    return {"key": key, "name": path.name, "path": path} if key else None


def _key(path: Path) -> str | None:
    """What case.json says; None for a folder that is no case, and for one that cannot be read."""
    try:
        about = read_json(path / CASE)
    except (OSError, IntegrityError):
        return None
    return str(about["id"])[:_KEY] if about and about.get("id") else None


def desk_at(path: Path | None) -> Desk:
    """The desk for what a command names: a case, a folder of cases, or nothing; raises WrongUse for anything else."""
    home = Path.home() / "collectaudit"
    if path is None:
        return Desk(home)
    if (
        _key(path) is None
        and path.is_dir()
        and ((path / BATCH).is_dir() or all(_key(p) or p.name.startswith(".") for p in path.iterdir()))
    ):
        return Desk(path.resolve())
    return Desk(home, Case.open(path).path)
