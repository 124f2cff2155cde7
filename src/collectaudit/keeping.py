"""Keeping what was handed in: a file as it is; of a container what is in it, and it too if it is locked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import containers
from .containers import Member, Opened, Passwords, Shut
from .errors import InputProblem
from .evidence.files import shown
from .evidence.store import containers as containers_of

if TYPE_CHECKING:
    from .case import Case


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that has been put into the case. `within`: the container that was handed in, if it came out of one."""

    name: str
    sha256: str
    size_bytes: int
    within: str | None = None


def keep(
    case: "Case", path: Path, name: str, *, reference: bool = False, passwords: Passwords = containers.nobody
) -> list[Kept]:
    """Put a file, or a phone's backup folder, into the case; only inside a session. Raises InputProblem.

    A container that stays shut is kept as it is, and reading it says why; a folder cannot be. What is missing in a
    backup is listed in `case.errors`. `reference`: keep only hashes of what is no member.
    """
    with case.private_folder() as folder:
        found = _opened(path, name, folder, passwords)
        kept = []
        if found is None or (found.kept and path.is_file()):
            original = case.keep(path, name, reference=reference)
            kept.append(Kept(name, original.sha256, original.size_bytes))
        if found is not None:
            kept += _members(case, name, found)
        return kept


def unlock(case: "Case", sha256: str, name: str, password: str) -> list[Kept]:
    """Put into the case what is in a locked container that it holds. Raises Shut if the password does not fit."""
    with case.private_folder() as folder:
        found = containers.opened(case.original(sha256), name, folder, lambda _: (password,))
        return list(_members(case, name, found)) if found else []


def _opened(path: Path, name: str, folder: Path, passwords: Passwords) -> Opened | None:
    try:
        return containers.opened(path, name, folder, passwords)
    except Shut as shut:
        if path.is_dir():
            raise InputProblem(f"{shown(name)}: {shut.what}", shut.fix) from None
        return None


def _members(case: "Case", name: str, found: Opened) -> Iterator[Kept]:
    for note in found.notes:
        case.errors.append({"input": name, "reason": note, "named": True})
    folder = _apart(case, found) if found.members else found.inside
    for member in found.members:
        called = folder + member.name.removeprefix(found.inside)
        original = case.keep(member.path, called, out_of=[_as_row(origin) for origin in member.out_of])
        yield Kept(called, original.sha256, original.size_bytes, name)


def _as_row(origin: containers.Origin) -> dict[str, str]:
    row = asdict(origin)
    return {"name": row["name"], "sha256": row["sha256"], **dict(row["about"])}


def _apart(case: "Case", found: Opened) -> str:
    """The folder for the members: with a piece of the hash if another `backup.zip` has taken its name.

    Two phones would be one otherwise, and a database would be read with the log of another.
    """
    digest = _first(found.members).sha256
    for sha256, name, _ in case.kept():
        taken = name.startswith(f"{found.inside}/")
        if taken and digest not in {one["sha256"] for one in containers_of(case.path, sha256)}:
            return _with_hash(found.inside, digest)
    return found.inside


def _first(members: list[Member]) -> containers.Origin:
    return members[0].out_of[0]


def whole(name: str, origins: Iterable[Mapping[str, str]]) -> str:
    """What a person means by an original: the folder of the container in which it was handed in, or itself."""
    insides = [(inside, one["sha256"]) for one in origins for inside in (one["name"], containers.stem(one["name"]))]
    folders = [folder for inside, digest in insides for folder in (inside, _with_hash(inside, digest))]
    return min((folder for folder in folders if name.startswith(f"{folder}/")), key=len, default=name)


def _with_hash(inside: str, digest: str) -> str:
    return f"{inside}-{digest[:6]}"


def refused(name: str, problem: InputProblem, *, named: bool) -> dict[str, object]:
    """What `case.errors` says of an input that could not be kept."""
    return {"input": name, "reason": problem.what.removeprefix(name).lstrip(": "), "named": named}
