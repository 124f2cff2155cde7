"""What the machine keeps in a case: made in tmp, announced in the log, then renamed into place.

The log record is the point of no return. It names each rename (`from` in tmp, `to` in the case, the hash), so that
after a crash the next start can finish what the last record announced; nothing is lost and nothing doubled.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import InputProblem, IntegrityError
from . import files
from .log import Entry, Log

ORIGINALS, LEDGER, RUNS, MAPS, TMP, CASE = "originals", "ledger", "runs", "maps", "tmp", "case.json"
TRANSCRIPTS, EXPORTS = "transcripts", "exports"  # exports: copies that go to others
Origin = Mapping[str, str]  # a container: name, sha256, and what it says of the phone it comes from
REFERENCE, ABOUT = ".ref.json", ".json"  # beside an original: where a file kept by reference lies; what it is called


class Refused(InputProblem):
    """An input that is not kept: missing, unreadable, or not an ordinary file."""


@dataclass(frozen=True, slots=True)
class Original:
    """A kept input: hash and size of its bytes."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Move:
    """One rename to be done: a file or folder in tmp, its place in the case, the hash of the file or its manifest."""

    staged: Path
    to: str
    sha256: str


def as_json(value: Any) -> bytes:
    """How every JSON file of a case is written: sorted, the same bytes for the same value, any file name."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "surrogatepass")


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON file of a case; None if there is none. Raises IntegrityError for anything that we did not write."""
    try:
        value = json.loads(files.read(path).decode("utf-8", "surrogatepass"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError, files.NotAFile) as error:
        raise damaged(path) from error
    if not isinstance(value, dict):
        raise damaged(path)
    return value


def damaged(path: Path) -> IntegrityError:
    """The error for a file of the machine that does not hold what the machine wrote."""
    return IntegrityError(
        f"{files.shown(path)} is damaged or was changed", "Run `collectaudit verify` on the case to see what else is."
    )


def place(digest: str) -> str:
    """Where in the case the original of this hash lies."""
    return f"{ORIGINALS}/{digest[:2]}/{digest}"


def pending(root: Path, entries: Sequence[Entry]) -> list[dict[str, str]]:
    """The moves that the last record announced and that are not done yet; each has `from`, `to`, `sha256`."""
    moves = entries[-1].get("moves", ()) if entries else ()
    return [move for move in moves if os.path.lexists(root / TMP / Path(move["from"]).name)]


def placed(entries: Sequence[Entry]) -> dict[str, str]:
    """Path in the case → hash of the file or of the folder's list, as the log says it is now."""
    return {move["to"]: move["sha256"] for entry in entries for move in entry.get("moves", ())}


def settled(root: Path, entries: Sequence[Entry]) -> dict[str, str]:
    """As `placed`, but as things lie now: without the moves that are still to be done."""
    waiting = {move["to"] for move in pending(root, entries)}
    now = {to: digest for to, digest in placed(entries).items() if to not in waiting}
    return {**placed(entries[:-1]), **now} if waiting else now


def original(root: Path, digest: str) -> Path:
    """Where the bytes of a kept input lie. Raises IntegrityError if they are gone, or (by reference) not the same."""
    home = root / place(digest)
    about = None if os.path.lexists(home) else read_json(root / (place(digest) + REFERENCE))
    if about is None:
        return home
    path = (root / str(about.get("path"))).resolve()
    try:
        found = path.lstat()
    except OSError:
        found = None
    same = found and (found.st_size, found.st_mtime_ns) == (about.get("size_bytes"), about.get("mtime_ns"))
    if not same and not files.has_hash(path, digest):
        raise IntegrityError(
            f"{files.shown(path)}, kept by reference, is missing or was changed",
            "Bring it back to its place, or audit it again from where it is now.",
        )
    return path


def containers(root: Path, digest: str) -> list[dict[str, str]]:
    """What a kept input came out of."""
    found = (read_json(root / (place(digest) + end)) or {} for end in (ABOUT, REFERENCE))
    return [one for about in found for one in about.get("containers", ())]


def same_size(root: Path, sha256: str, size: int) -> bool:
    """Whether an original is there with the size it should have; of one kept by reference also its time."""
    home = root / place(sha256)
    if os.path.lexists(home):
        return home.lstat().st_size == size
    about = read_json(root / (place(sha256) + REFERENCE)) or {}
    path = root / str(about.get("path"))
    return "path" in about and path.exists() and path.stat().st_size == size


class Store:
    """The machine's drawers of a case that this process holds the lock of."""

    def __init__(self, root: Path, log: Log) -> None:
        self.root = root
        self.log = log
        self.tmp = root / TMP
        self.placed = placed(log.entries)
        self._sizes = {entry["size_bytes"] for entry in log.entries if entry["ev"] == "source.keep"}

    def stage(self, data: bytes, to: str) -> Move:
        """A file of these bytes, to be moved to `to`."""
        staged = files.temporary(self.tmp, "new")
        files.write_new(staged, data)
        return Move(staged, to, sha256(data).hexdigest())

    def commit(self, event: str, moves: Sequence[Move], **facts: Any) -> None:
        """Log the event, then do the moves; both have happened when this returns, or will at the next start."""
        self.finish()
        announced = [{"from": move.staged.name, "to": move.to, "sha256": move.sha256} for move in moves]
        self.log.append(event, **facts, **({"moves": announced} if moves else {}))
        self.placed |= {move.to: move.sha256 for move in moves}
        self.finish()

    def finish(self) -> None:
        """Do what the last record announced and a crash or a full disk left undone."""
        parents = {self._do(move) for move in pending(self.root, self.log.entries)}
        for parent in sorted(parents):
            files.sync(parent)

    def _do(self, move: Mapping[str, str]) -> Path:
        """One rename; the folder that then has a new name in it."""
        to = PurePosixPath(move["to"])
        if ".." in to.parts or to.parts[0] not in (ORIGINALS, LEDGER, RUNS, MAPS, TRANSCRIPTS, CASE):
            raise IntegrityError(f"the log moves a file to {files.shown(move['to'])}, where nothing is kept")
        for folder in reversed(to.parents[:-1]):
            files.make_folder(self.root / folder)
        target = self.root / to
        if target.is_dir():
            files.disk.rename(target, files.temporary(self.tmp, "old"))
        files.disk.rename(self.tmp / Path(move["from"]).name, target)
        return target.parent

    def stage_input(self, path: Path, folder: str, suffix: str) -> Move:
        """A copy of a small file that a person gave, to be named by its hash. Raises Refused."""
        try:
            data = files.read(path)
        except files.NotAFile as problem:
            raise Refused(f"{files.shown(path)} {problem}", "Give an ordinary file.") from problem
        except OSError as error:
            raise Refused(f"{files.shown(path)} cannot be read: {error.strerror}") from error
        return self.stage(data, f"{folder}/{sha256(data).hexdigest()}{suffix}")

    def keep(
        self, path: Path, name: str, *, reference: bool = False, out_of: Sequence[Origin] = ()
    ) -> Original:  # fmt: skip
        """Copy an input to its place by hash, once; `name` is what people call it.

        `reference`: keep only the hash and where the input lies; it must then stay there. `out_of`: the containers
        that it was in, the outermost first: the log names their hashes, what is written beside the original all of it.
        Raises Refused.
        """
        try:
            fd = files.open_regular(path)
        except files.NotAFile as problem:
            raise Refused(f"{files.shown(name)} {problem}", "Give an ordinary file.") from problem
        except OSError as error:
            raise Refused(f"{files.shown(name)} cannot be read: {error.strerror}") from error
        try:
            return self._keep_open(fd, path, name, reference, out_of)
        finally:
            os.close(fd)

    def _keep_open(self, fd: int, path: Path, name: str, reference: bool, out_of: Sequence[Origin]) -> Original:
        before = os.fstat(fd)
        digest = _digest(fd, name, before.st_size) if reference or before.st_size in self._sizes else ""
        held = bool(digest) and files.has_hash(self.root / place(digest), digest)
        copy = None if reference or held else files.temporary(self.tmp, "copy")
        if copy is not None:
            digest = self._copy(fd, copy, name, before.st_size)
        after = os.fstat(fd)
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise _changing(name)
        about: dict[str, Any] = {"sha256": digest, "size_bytes": before.st_size, "name": name}
        if reference and not held:
            about |= {"path": _from_case(path, self.root), "mtime_ns": before.st_mtime_ns}
        self._announce(about, copy, before.st_mtime_ns, out_of)
        return Original(digest, before.st_size)

    def _copy(self, fd: int, copy: Path, name: str, size: int) -> str:
        """Copy an open input to a new read-only file, read that again, and return the hash of both."""
        digest = sha256()
        os.lseek(fd, 0, os.SEEK_SET)
        out = files.disk.create(copy)
        try:
            for piece in _pieces(fd, name, size):
                digest.update(piece)
                files.write_all(out, piece)
            files.disk.sync(out)
        finally:
            os.close(out)
        files.disk.set_mode(copy, 0o400)
        if not files.has_hash(copy, digest.hexdigest()):
            raise files.DiskProblem(f"the copy of {files.shown(name)} differs from what was read", "Check the disk.")
        return digest.hexdigest()

    def _announce(self, about: dict[str, Any], copy: Path | None, mtime_ns: int, out_of: Sequence[Origin]) -> None:
        """Commit the copy and what it is called: of several names for the same bytes the first in the alphabet."""
        home = place(about["sha256"])
        moves = [] if copy is None else [Move(copy, home, about["sha256"])]
        sidecar = home + (REFERENCE if "path" in about else ABOUT)
        old = read_json(self.root / sidecar) or about
        about["name"] = min(about["name"], old["name"])
        known = {(one["sha256"], one["name"]): dict(one) for one in (*old.get("containers", ()), *out_of)}
        if known:
            about["containers"] = [known[key] for key in sorted(known)]
        if about != read_json(self.root / sidecar):
            moves.append(self.stage(as_json(about), sidecar))
        if moves:
            facts = {"sha256": about["sha256"], "size_bytes": about["size_bytes"], "mtime_ns": mtime_ns}
            within = {"out_of": [one["sha256"] for one in out_of]} if out_of else {}
            self.commit("source.keep", moves, **facts, **within)
            self._sizes.add(about["size_bytes"])


def _digest(fd: int, name: str, size: int) -> str:
    digest = sha256()
    for piece in _pieces(fd, name, size):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(fd: int, name: str, size: int) -> Iterator[bytes]:
    """The bytes of an input; a failure to read it is the input's, not that of our disk, and it must not grow."""
    try:
        for piece in files.chunks(fd):
            size -= len(piece)
            if size < 0:
                raise _changing(name)
            yield piece
    except OSError as error:
        raise Refused(f"{files.shown(name)} cannot be read to its end: {error.strerror}", "Copy it again.") from error


def _changing(name: str) -> Refused:
    return Refused(f"{files.shown(name)} changed while it was read", "Close the program that writes it.")


def _from_case(path: Path, root: Path) -> str:
    """The place of a file: from the case folder if both lie in the same folder, so that they can move together."""
    absolute, beside = path.resolve(), root.resolve().parent
    return str(Path("..") / absolute.relative_to(beside)) if absolute.is_relative_to(beside) else str(absolute)
