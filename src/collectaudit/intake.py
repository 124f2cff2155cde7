"""Bringing files into a case: each is kept at once, then read; arrivals.py tells what came of it."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from . import unpacking
from .audit import audit, files_of, read_one, task_for
from .case import Case
from .errors import InputProblem, WrongUse
from .evidence.store import MAPS
from .numbers import canonical, number_class
from .reading import Task, read_into
from .sources import table

Tell = Callable[[str, int, int], None]
Row = dict[str, Any]
TRIED = 5  # column maps of this case that are tried on a table which no map of ours fits


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that has been put into the case. `before`: the name under which the same bytes lay there already."""

    name: str
    sha256: str
    before: str | None = None


def receive(case: Case, name: str, file: IO[bytes]) -> list[Kept]:
    """Keep what a person handed over, of a simple archive what is in it. Raises InputProblem, Held."""
    with case.session("import"), case.private_folder() as folder:
        path = folder / "given"
        with path.open("xb") as out:
            shutil.copyfileobj(file, out)
        return _keep(case, path, PurePosixPath(name.replace("\\", "/")).name or "-", folder, _known(case))


def bring(case: Case, given: Path, tell: Tell) -> list[Kept]:
    """Keep every file of a folder (or one file), without taking it into memory; then read them.

    Raises WrongUse if it is not there or holds nothing. A file that cannot be kept is listed in `case.errors`.
    """
    path = given.expanduser()
    if not path.exists():
        raise WrongUse(f"there is no folder {given}", "Copy its whole path from the file manager and paste it here.")
    kept: list[Kept] = []
    with case.session("import"):
        found = list(files_of([path], case))
        if not found:
            raise WrongUse(f"the folder {given} holds no files", "Check the path: hidden files are left out.")
        known = _known(case)
        for n, (file, name, _) in enumerate(found):
            tell("keep", n, len(found))
            with case.private_folder() as folder:
                kept += _kept_or_noted(case, file, name, folder, known)
    recognise(case, tell)
    return kept


def _known(case: Case) -> dict[str, str]:
    """Hash → name of what the case holds."""
    return {sha256: name for sha256, name, _ in case.kept()}


def _kept_or_noted(case: Case, file: Path, name: str, folder: Path, known: dict[str, str]) -> list[Kept]:
    try:
        return _keep(case, file, name, folder, known)
    except InputProblem as problem:
        case.errors.append({"input": name, "reason": problem.what.removeprefix(name).strip(), "named": True})
        return []


def _keep(case: Case, path: Path, name: str, folder: Path, known: dict[str, str]) -> list[Kept]:
    members = list(_members(path, name, folder)) or [(path, name)]
    found = []
    for member, called in members:
        sha256 = case.keep(member, called).sha256
        found.append(Kept(called, sha256, known.get(sha256)))
        known.setdefault(sha256, called)
    return found


def _members(path: Path, name: str, folder: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file() and not path.is_symlink() and unpacking.is_archive(path):
        inside = folder / "unpacked"
        inside.mkdir()
        for member, file in unpacking.unpack(path, inside):
            yield file, f"{PurePosixPath(name).with_suffix('')}/{member}"


def recognise(case: Case, tell: Tell = lambda *_: None) -> None:
    """Read every kept file that has not been read as it would be now."""
    read = {(ledger["sha256"], ledger["fingerprint"]) for ledger in case.ledgers()}
    tasks = [task_for(case, sha256, name, size) for sha256, name, size in case.kept()]
    waiting = [task for task in tasks if (task.sha256, task.fingerprint) not in read]
    if not waiting:
        return
    with case.session("import"):
        for n, task in enumerate(waiting):
            tell("read", n, len(waiting))
            ledger = read_one(case, task, case.original(task.sha256))
            if task.map_file is None and needs_map(ledger):
                try_maps(case, task)
    tell("read", len(waiting), len(waiting))


def needs_map(ledger: Mapping[str, Any]) -> bool:
    """Whether the file is a table of which nobody has said what its columns are."""
    return ledger["status"] in ("rejected", "unrecognised") and ledger["reason"] == table.NO_MAP


def try_maps(case: Case, task: Task) -> None:
    """Read a table by a map that a person made for another one of this case: next month's list has the same columns."""
    made = sorted((case.path / MAPS).glob("*.toml"), key=lambda path: -path.stat().st_mtime_ns)
    for path in made[:TRIED]:
        staged = case.staging()
        ledger = read_into(replace(task, map_file=path), case.original(task.sha256), staged)
        if ledger["status"] == "ok" and ledger["events"]:
            case.keep_map(task.sha256, path)
            case.add_ledger(staged, ledger)
            return


def read_and_judge(case: Case, tell: Tell) -> Row:
    """Read what waits and judge the case (again); how many findings and reviews there were before, and are now."""
    before = _counted(case)
    recognise(case, tell)
    audit([], out=case.path, progress=tell)
    return {"before": before, "after": _counted(Case(case.path))}


def _counted(case: Case) -> Row | None:
    """How many findings the current run has, and how many of them ask for a reader; None if there is no run."""
    if case.run() is None:
        return None
    sql = "SELECT count(*) AS findings, count(*) FILTER (tier = 'review') AS review FROM findings"
    return case.query(sql)[0]


def place(case: Case, jurisdiction: str, time_zone: str) -> None:
    """Say by whose law the case is judged, and in which zone its times without one are. Raises WrongUse."""
    if jurisdiction not in ("cn", "us"):
        raise WrongUse(f"there is no jurisdiction {jurisdiction}", "choose one of: cn, us")
    case.set_options({**case.options, "jurisdiction": jurisdiction, "time_zone": time_zone})


def belongs(case: Case, names: Sequence[str], number: str, role: str | None = None) -> str:
    """Say of whose phone these files are: its number, and whose it is; the number as it is written from now on."""
    region = {"us": "US"}.get(str(case.options["jurisdiction"]), "CN")
    known = canonical(number, region) or ""
    if number_class(known) not in ("mobile", "landline", "foreign"):
        raise WrongUse(f"{number[:40]} is not a telephone number", "Write all its digits, with the area code.")
    with case.session("people"):
        owners = {**case.options.get("owners", {}), **dict.fromkeys(names, known)}
        case.set_options({**case.options, "owners": owners})
        if role:
            case.label(known, role)
    return known


def unsay(case: Case, names: Sequence[str]) -> None:
    """Take back whose phone these files are from."""
    owners = {key: value for key, value in case.options.get("owners", {}).items() if key not in names}
    case.set_options({**case.options, "owners": owners})
