"""Bringing files into a case: each is kept at once, then read; arrivals.py tells what came of it."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from . import keeping
from .audit import audit, files_of, known_of, read_one, task_for
from .case import Case
from .containers import Passwords
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
    """Keep what a person handed over, of a container what is in it. Raises InputProblem, Held."""
    with case.session("import"), case.private_folder() as folder:
        path = folder / "given"
        with path.open("xb") as out:
            shutil.copyfileobj(file, out)
        called, known = PurePosixPath(name.replace("\\", "/")).name or "-", _known(case)
        return _told(keeping.keep(case, path, called), known)


def bring(case: Case, given: Path, tell: Tell, password: str = "") -> list[Kept]:
    """Keep every file of a folder (or one file), without taking it into memory; then read them.

    `password`: of what is locked among them. Raises WrongUse if it is not there or holds nothing. A file that cannot
    be kept is listed in `case.errors`.
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
            try:
                kept += _told(keeping.keep(case, file, name, passwords=_only(password)), known)
            except InputProblem as problem:
                case.errors.append(keeping.refused(name, problem, named=True))
    recognise(case, tell)
    return kept


def unlock(case: Case, sha256: str, password: str) -> list[Kept]:
    """Open a locked container that the case holds. Raises Shut if the password does not fit."""
    known = _known(case)
    with case.session("import"):
        return _told(keeping.unlock(case, sha256, known[sha256], password), known)


def _only(password: str) -> Passwords:
    return lambda _: (password,) if password else ()


def _known(case: Case) -> dict[str, str]:
    """Hash → name of what the case holds."""
    return {sha256: name for sha256, name, _ in case.kept()}


def _told(found: Iterable[keeping.Kept], known: dict[str, str]) -> list[Kept]:
    """What is known already is noted as such."""
    told = []
    for one in found:
        told.append(Kept(one.name, one.sha256, known.get(one.sha256)))
        known.setdefault(one.sha256, one.name)
    return told


def recognise(case: Case, tell: Tell = lambda *_: None) -> None:
    """Read every kept file that has not been read as it would be now."""
    read = {(ledger["sha256"], ledger["fingerprint"]) for ledger in case.ledgers()}
    known = known_of(case)
    tasks = [task_for(case, sha256, name, size, known=known) for sha256, name, size in case.kept()]
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


def keep_time(case: Case, names: Sequence[str], zone: str) -> None:
    """Say by which time zone the clock of these files went; none: that of the case. Raises WrongUse."""
    zones = {key: value for key, value in case.options.get("zones", {}).items() if key not in names}
    case.set_options({**case.options, "zones": {**zones, **(dict.fromkeys(names, zone) if zone else {})}})


def keep_order(case: Case, names: Sequence[str], order: str) -> None:
    """Say which comes first in the dates of these files, as in times.ORDERS; none: nobody knows."""
    dates = {key: value for key, value in case.options.get("dates", {}).items() if key not in names}
    case.set_options({**case.options, "dates": {**dates, **(dict.fromkeys(names, order) if order else {})}})


def unsay(case: Case, names: Sequence[str]) -> None:
    """Take back whose phone these files are from."""
    owners = {key: value for key, value in case.options.get("owners", {}).items() if key not in names}
    case.set_options({**case.options, "owners": owners})
