"""A case: one folder with the originals, what was read from them, the runs, the log, and what people wrote."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from . import drawers, runs
from .errors import WrongUse
from .evidence import files, publishing
from .evidence import store as stores
from .evidence.folder import CaseFolder, now
from .evidence.log import Broken, actor
from .evidence.store import MAPS, ORIGINALS, RUNS, TMP, TRANSCRIPTS, Original, place, read_json
from .records import Job

Row = dict[str, Any]
_VERDICTS = 'CREATE TABLE verdicts (finding_id VARCHAR, verdict VARCHAR, note VARCHAR, "by" VARCHAR, "at" VARCHAR)'
_PASSAGE = "SELECT kind FROM utterances JOIN sources USING (source_id) WHERE utterance_id = ?"
_REGIONS = {"us": "US"}  # how numbers without a country code are read; everywhere else as Chinese ones


class Case(CaseFolder):
    """The case at a path: put files in, read what was found, write down what people know."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.errors: list[Row] = []  # inputs of this session that could not be kept or read
        self._drawers_read: dict[str, str] = {}
        self._asked: tuple[object, duckdb.DuckDBPyConnection] | None = None

    # Originals

    def keep(self, path: Path, name: str | None = None, *, reference: bool = False) -> Original:
        """Keep an input by its hash, once; `name` is what people call it. Raises Refused.

        `reference`: keep only the hash and where the input lies; it must then stay there.
        """
        with self.session():
            return self._now_open.keep(path, path.name if name is None else name, reference=reference)

    def kept(self) -> list[tuple[str, str, int]]:
        """(sha256, name, size in bytes) of every original, in order of name."""
        known: dict[str, tuple[str, str, int]] = {}
        for to in sorted(self._placed()):
            if to.startswith(f"{ORIGINALS}/") and to.endswith(stores.ABOUT):
                about = read_json(self.path / to)
                if about is None:
                    raise stores.damaged(self.path / to)
                known.setdefault(about["sha256"], (about["sha256"], about["name"], about["size_bytes"]))
        return sorted(known.values(), key=lambda original: (original[1], original[0]))

    def original(self, sha256: str) -> Path:
        """Where the bytes of an original lie; raises IntegrityError if a file kept by reference is not as it was."""
        return stores.original(self.path, sha256)

    def keep_map(self, sha256: str, map_file: Path | None) -> Path | None:
        """Remember the column map an original is read with; without a new one, the map remembered for it."""
        if map_file is None:
            kept = self._about()["maps"].get(sha256)
            return None if kept is None else self.path / MAPS / f"{kept}.toml"
        with self.session():
            move = self._now_open.stage_input(map_file, MAPS, ".toml")
            maps = {**self._about()["maps"], sha256: move.sha256}
            moves = [] if self._placed().get(move.to) == move.sha256 else [move]
            if maps != self._about()["maps"]:
                moves.append(self._changed(maps=maps))
            if moves:
                self._now_open.commit("map.keep", moves, sha256=sha256)
            return self.path / move.to

    def raw(self, sha256: str, parser: str | None, locator: str) -> str | None:
        """The words of one record as they stand in the original; None if they cannot be found again."""
        from .evidence.excerpt import excerpt

        ledger = next(iter(self.ledgers(sha256)), {})
        with self._private_folder() as work:
            made_here = [to for to, digest in self._placed().items() if digest == sha256 and to.startswith(TRANSCRIPTS)]
            path = self.path / made_here[0] if made_here else self.original(sha256)
            job = Job(path, str(ledger.get("name", "")), work, self.keep_map(sha256, None))
            return excerpt(job, parser or "", locator, ledger.get("encoding"))

    @contextmanager
    def _private_folder(self) -> Iterator[Path]:
        """A folder in tmp that a session of another process leaves alone while this process lives."""
        folder = self.path / TMP / f"spill-{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # What was read, and the runs

    def staging(self) -> Path:
        """A new empty folder in tmp, to be published or thrown away; only inside a session."""
        folder = files.temporary(self._now_open.tmp, "stage")
        files.disk.make_folder(folder)
        return folder

    def ledger_folder(self, sha256: str, fingerprint: str) -> Path:
        """Where the records lie that were read from an original in this way."""
        return self.path / publishing.ledger_place(sha256, fingerprint)

    def ledger(self, sha256: str, fingerprint: str) -> Row | None:
        """What is known about an original read in this way; None if it must be read (again, if bytes changed)."""
        logged = self._placed().get(publishing.ledger_place(sha256, fingerprint))
        return None if logged is None else publishing.read_ledger(self.ledger_folder(sha256, fingerprint), logged)

    def ledgers(self, sha256: str | None = None) -> list[Row]:
        """For each original (or the one given) how it was read last."""
        last = {e["sha256"]: e["fingerprint"] for e in self._entries() if e["ev"] == "source.read"}
        wanted = sorted(last) if sha256 is None else [sha256] if sha256 in last else []
        found = (read_json(self.ledger_folder(key, last[key]) / publishing.LEDGER_FILE) for key in wanted)
        return [ledger for ledger in found if ledger is not None]

    def add_ledger(self, staged: Path, ledger: Mapping[str, Any]) -> Path:
        """Publish the records read into `staged`, with their ledger; what else lies there is thrown away."""
        with self.session():
            return publishing.add_ledger(self._now_open, staged, ledger)

    def publish(self, staged: Path, run_id: str, made_from: Mapping[str, Any]) -> Path:
        """Publish the tables in `staged` as the current run; the same tables again are the same run.

        `made_from` goes into the manifest: whatever decided the result (ledgers, rules, regimes, options).
        """
        with self.session():
            basis = {**made_from, "drawers": self._drawers_read}
            name, moves, manifest = publishing.make_run(self._now_open, staged, run_id, basis)
            if self._about()["current"] != name:
                moves.append(self._changed(current=name))
            self._now_open.commit("run.publish", moves, run=name, manifest=manifest)
            return self.path / RUNS / name

    def run(self) -> Path | None:
        """The folder of the current run."""
        current = self._about()["current"]
        return None if current is None else self.path / RUNS / str(current)

    def state(self) -> str:
        """clean · empty · incomplete (…) · original damaged: … · log broken at …; by a look, `verify` reads it all."""
        try:
            placed, run, kept = self._placed(), self.run(), self.kept()
        except Broken as problem:
            return problem.what
        damaged = [name for sha256, name, size in kept if not _same_size(self.path, sha256, size)]
        read = {to.split("/")[1].split("-")[0] for to in placed if to.startswith(f"{stores.LEDGER}/")}
        waiting = sum(sha256 not in read for sha256, _, _ in kept)
        if damaged:
            return "original damaged: " + ", ".join(files.shown(name) for name in damaged)
        if waiting:
            many = f"incomplete ({waiting} sources not read: run audit again)"
            return "incomplete (1 source not read: run audit again)" if waiting == 1 else many
        if not kept:
            return "empty"
        return "clean" if run else "incomplete (not judged: run audit again)"

    def transcripts(self) -> dict[str, tuple[str, Path]]:
        """Hash of a recording → hash and place of its transcript made last; IntegrityError if that is not as kept."""
        placed = self._placed()
        made = ((e["audio"], f"{TRANSCRIPTS}/{e['audio']}/{e['key']}.json") for e in self._entries() if "audio" in e)
        last = {audio: to for audio, to in made if to in placed}
        for to in last.values():
            if not files.has_hash(self.path / to, placed[to]):
                raise stores.damaged(self.path / to)
        return {audio: (placed[to], self.path / to) for audio, to in last.items()}

    def has_transcript(self, to: str) -> bool:
        """Whether this file of the case was kept as a transcript, and is as it was then."""
        logged = self._placed().get(to)
        return logged is not None and files.has_hash(self.path / to, logged)

    def keep_transcript(self, audio_sha256: str, key: str) -> None:
        """Write into the log that the transcript of a recording, where it lies, is the case's."""
        to = f"{TRANSCRIPTS}/{audio_sha256}/{key}.json"
        with self.session("transcribe"):
            move = self._now_open.stage(files.read(self.path / to), to)
            self._now_open.commit("transcript.keep", [move], audio=audio_sha256, key=key)

    # Questions

    def connect(
        self, *, threads: int | None = None, locked: bool = False, memory_limit: str | None = None
    ) -> duckdb.DuckDBPyConnection:
        """The tables and views of the current run, and `verdicts` (reviews.csv), in a database of your own."""
        run = self.run()
        if run is None:
            raise WrongUse(f"{files.shown(self.path)} has no run yet", "Run `collectaudit audit` on it.")
        con = runs.connect(run, threads=threads, locked=locked, memory_limit=memory_limit)
        con.execute(_VERDICTS)
        known = {row["finding_id"]: row for row in drawers.read(self.path / drawers.REVIEWS).dicts()}
        rows = [[row.get(column) or None for column in drawers.COLUMNS[drawers.REVIEWS]] for row in known.values()]
        if rows:
            con.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?)", rows)
        return con

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Rows of one SELECT over the current run, by column name; values go in as parameters."""
        with self._mine:
            asked = self._connection().execute(sql, list(params))
            names = [column[0] for column in asked.description or ()]
            return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """One connection for many questions, as long as run and verdicts stay the same."""
        reviews = self.path / drawers.REVIEWS
        found = reviews.stat() if reviews.exists() else None
        now_is = (self.run(), found and (found.st_mtime_ns, found.st_size, found.st_ino))
        if self._asked is None or self._asked[0] != now_is:
            self._asked = (now_is, self.connect())
        return self._asked[1]

    # What people know

    def drawers(self) -> list[Path]:
        """people.csv and facts.csv, where they are; their hashes, and listened.csv's, go into the next manifest."""
        listened = self.path / drawers.LISTENED
        found = [self.path / name for name in (drawers.PEOPLE, drawers.FACTS_FILE) if (self.path / name).exists()]
        used = [*found, listened] if listened.exists() else found
        self._drawers_read = {path.name: files.sha256_of(path) for path in used}
        return found

    def heard(self) -> list[Row]:
        """The rows of listened.csv, as they stand there."""
        return list(drawers.read(self.path / drawers.LISTENED).dicts())

    def label(self, number: str, role: str, **about: str | None) -> None:
        """Say who a number is: role, and name, organisation, account, lender, relation, note as far as known."""
        self._put("people", drawers.PEOPLE, drawers.person(number, role, about))

    def declare(self, fact: str, **about: str | None) -> None:
        """State what no log shows: a fact, and account, party, from_at, until_at, value, note as far as known."""
        self._put("declare", drawers.FACTS_FILE, drawers.fact(fact, about))

    def hear(self, utterance_id: str, text: str | None = None, note: str | None = None, by: str | None = None) -> None:
        """Record that a person listened to a passage of a recording in the current run, and what is said there.

        `text`: the words that are said; without it the words stay as they are, "" takes them back to the transcript.
        """
        row = drawers.heard(utterance_id, text, note, by or actor(), now())
        found = self.query(_PASSAGE, [utterance_id])
        if not found:
            fix = f"An id stands with its passage in: collectaudit show {files.shown(self.path)} FINDING"
            raise WrongUse(f"there is no passage {files.shown(utterance_id)}", fix)
        if found[0]["kind"] != "transcripts":
            raise WrongUse(
                f"{files.shown(utterance_id)} was written, not spoken", "Only what was transcribed can be listened to."
            )
        self._put("hear", drawers.LISTENED, row)

    def review(self, finding_id: str, verdict: str, note: str | None = None, by: str | None = None) -> None:
        """Record a person's verdict on a finding of the current run: confirmed, dismissed or unsure."""
        row = drawers.verdict(finding_id, verdict, note, by, now())
        if not self.query("SELECT 1 FROM findings WHERE finding_id = ?", [finding_id]):
            known = [found["finding_id"] for found in self.query("SELECT finding_id FROM findings ORDER BY ALL")]
            near = get_close_matches(finding_id, known, 1)
            fix = f"Did you mean {near[0]}?" if near else f"List them with: collectaudit show {files.shown(self.path)}"
            raise WrongUse(f"there is no finding {files.shown(finding_id)}", fix)
        self._put("review", drawers.REVIEWS, row)

    def _put(self, command: str, drawer: str, row: Mapping[str, str]) -> None:
        with self.session(command):
            path = self.path / drawer
            region = _REGIONS.get(str(self.options.get("jurisdiction")), "CN")
            rows = drawers.put(path, row, self._now_open.tmp, region)
            self.note("drawer.write", drawer=drawer, rows=rows, sha256=files.sha256_of(path))


def _same_size(root: Path, sha256: str, size: int) -> bool:
    """Whether an original is there with the size it should have; of one kept by reference also its time."""
    home = root / place(sha256)
    if os.path.lexists(home):
        return home.lstat().st_size == size
    about = read_json(root / (place(sha256) + stores.REFERENCE)) or {}
    path = root / str(about.get("path"))
    return "path" in about and path.exists() and path.stat().st_size == size
