"""Folders that the machine publishes whole: the read records of one source (ledger), and the tables of one run."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import __version__, runs
from ..errors import IntegrityError, WrongUse
from . import files
from .store import LEDGER, RUNS, Move, Store, as_json, damaged, read_json

LEDGER_FILE, RECORDS, MANIFEST = "ledger.json", "records.parquet", "manifest.json"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def ledger_place(digest: str, fingerprint: str) -> str:
    """Where in the case the records lie that were read from an original in one way."""
    return f"{LEDGER}/{digest}-{fingerprint}"


def read_ledger(folder: Path, ledger_sha256: str) -> dict[str, Any] | None:
    """The ledger in `folder`, if every byte of it and of its records is what the log says was written."""
    if not files.has_hash(folder / LEDGER_FILE, ledger_sha256):
        return None
    ledger = read_json(folder / LEDGER_FILE) or {}
    return ledger if all(files.has_hash(folder / name, digest) for name, digest in ledger["files"].items()) else None


def add_ledger(store: Store, staged: Path, ledger: Mapping[str, Any]) -> Path:
    """Publish the records read into `staged`; what else lies there is thrown away.

    The ledger must name `sha256` and `fingerprint`, and add up: records = events + rejects.
    """
    if ledger["records"] != ledger["events"] + ledger["rejects"]:
        raise IntegrityError(f"the records of {files.shown(ledger['name'])} do not add up", "Please report this.")
    to = ledger_place(ledger["sha256"], ledger["fingerprint"])
    wanted = {RECORDS} if ledger["records"] else set()
    for path in list(staged.iterdir()):
        if path.name not in wanted:
            files.disk.remove(path)
    hashes = {name: files.sha256_of(staged / name) for name in wanted}
    move = _written(staged, to, LEDGER_FILE, as_json({**ledger, "files": hashes}))
    counts = {name: int(ledger[name]) for name in ("records", "events", "rejects")}
    facts = {"sha256": ledger["sha256"], "fingerprint": ledger["fingerprint"], "status": str(ledger["status"])}
    if store.placed.get(to) == move.sha256 and read_ledger(store.root / to, move.sha256):
        files.disk.remove(staged)
        if _last_way(store, ledger["sha256"]) != ledger["fingerprint"]:  # read in another way between
            store.commit("source.read", [], **facts, **counts)
    else:
        store.commit("source.read", [move], **facts, **counts)
    return store.root / to


def _last_way(store: Store, digest: str) -> str | None:
    """The fingerprint of how an original was read last."""
    ways = (e["fingerprint"] for e in reversed(store.log.entries) if e["ev"] == "source.read" and e["sha256"] == digest)
    return next(ways, None)


def make_run(store: Store, staged: Path, run_id: str, made_from: Mapping[str, Any]) -> tuple[str, list[Move], str]:
    """Seal the tables in `staged` with a manifest: the id they get, what is left to move, the manifest's hash.

    The manifest holds no time, so the same tables from the same inputs are the same run and are kept once. Should
    the id be taken by other tables, a number is added to it: a published run is never replaced.
    """
    if not _ID.fullmatch(run_id):
        raise WrongUse(f"{files.shown(run_id)} cannot be the id of a run", "Use letters, digits, - and _.")
    tables = sorted(path for path in staged.rglob("*") if path.is_file())
    rows = runs.rows([path for path in tables if path.suffix == ".parquet"])
    listed = {
        path.relative_to(staged).as_posix(): {"sha256": files.sha256_of(path)}
        | ({"rows": rows[path]} if path in rows else {})
        for path in tables
    }
    about = {"schema": 1, "tool": f"collectaudit {__version__}", "made_from": made_from, "files": listed}
    known = store.placed
    for number in range(1, len(known) + 2):
        name = run_id if number == 1 else f"{run_id}-{number}"
        move = _written(staged, f"{RUNS}/{name}", MANIFEST, as_json({**about, "run": name}))
        if known.get(move.to) == move.sha256 and intact(store.root / move.to, move.sha256):
            files.disk.remove(staged)
            return name, [], move.sha256
        if move.to not in known or known[move.to] == move.sha256:
            return name, [move], move.sha256
    raise AssertionError("more runs than the log knows")


def intact(run: Path, manifest_sha256: str) -> bool:
    """Whether a run is, byte for byte, what its manifest says, and the manifest what the log says."""
    if not files.has_hash(run / MANIFEST, manifest_sha256):
        return False
    manifest = read_json(run / MANIFEST) or {}
    return all(files.has_hash(run / name, about["sha256"]) for name, about in manifest.get("files", {}).items())


def read_manifest(run: Path) -> dict[str, Any]:
    """The manifest of a run; raises IntegrityError if it is missing or damaged."""
    manifest = read_json(run / MANIFEST)
    if manifest is None or not isinstance(manifest.get("files"), dict):
        raise damaged(run / MANIFEST)
    return manifest


def _written(staged: Path, to: str, name: str, data: bytes) -> Move:
    """Write the list of what is in the folder, bring all of it to the medium, and be ready to move it."""
    listing = staged / name
    if listing.exists():
        files.disk.remove(listing)
    files.write_new(listing, data)
    files.sync_tree(staged)
    return Move(staged, to, sha256(data).hexdigest())
