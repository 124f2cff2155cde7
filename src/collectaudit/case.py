"""A case: one folder with the originals, what was read from them, the runs, the log, and what people wrote."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from . import drawers, reviews, runs
from .asking import Asking, Params
from .drawers import ORDINARY
from .errors import WrongUse
from .evidence import files, publishing
from .evidence import store as stores
from .evidence.folder import CaseFolder, now
from .evidence.log import Broken, actor
from .evidence.store import MAPS, ORIGINALS, RUNS, TMP, TRANSCRIPTS, Original, read_json
from .records import Job

Row = dict[str, Any]
_PASSAGE = "SELECT kind FROM utterances JOIN sources USING (source_id) WHERE utterance_id = ?"
_REGIONS = {"us": "US"}  # how numbers without a country code are read; everywhere else as Chinese ones


class Case(CaseFolder):
    """The case at a path: put files in, read what was found, write down what people know."""

    def __init__(self, path: Path, *, held: bool = False) -> None:
        """`held`: it will be asked much, see runs.connect."""
        super().__init__(path)
        self._held = held
        self.errors: list[Row] = []  # inputs of this session that could not be kept or read
        self.drawers_read: dict[str, str] = {}
        self._asked: tuple[tuple[Path | None, object], Asking] | None = None

    # Originals

    def keep(
        self, path: Path, name: str | None = None, *, reference: bool = False, out_of: Sequence[stores.Origin] = ()
    ) -> Original:
        """Keep an input by its hash, once; `name` is what people call it. Raises Refused.

        `reference`: keep only the hash and where the input lies; it must then stay there. `out_of`: see the store.
        """
        with self.session():
            return self._now_open.keep(path, path.name if name is None else name, reference=reference, out_of=out_of)

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
        with self.private_folder() as work:
            made_here = [to for to, digest in self._placed().items() if digest == sha256 and to.startswith(TRANSCRIPTS)]
            path = self.path / made_here[0] if made_here else self.original(sha256)
            path = self.path / drawers.TOLD if parser == "told" and not path.exists() else path
            beside = {added: self.original(digest).resolve() for added, digest in ledger.get("companions", {}).items()}
            job = Job(path, str(ledger.get("name", "")), work, self.keep_map(sha256, None), companions=beside)
            return excerpt(job, parser or "", locator, ledger.get("encoding"))

    @contextmanager
    def private_folder(self) -> Iterator[Path]:
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
            basis = {**made_from, "drawers": self.drawers_read}
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
        damaged = [name for sha256, name, size in kept if not stores.same_size(self.path, sha256, size)]
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
        placed, last = self._placed(), self.transcribed()
        for to in last.values():
            if not files.has_hash(self.path / to, placed[to]):
                raise stores.damaged(self.path / to)
        return {audio: (placed[to], self.path / to) for audio, to in last.items()}

    def transcribed(self) -> dict[str, str]:
        """Hash of a recording → place in the case of its transcript made last, by the log; no transcript is read."""
        placed = self._placed()
        made = ((e["audio"], f"{TRANSCRIPTS}/{e['audio']}/{e['key']}.json") for e in self._entries() if "audio" in e)
        return {audio: to for audio, to in made if to in placed}

    def has_transcript(self, to: str) -> bool:
        """Whether this file of the case was kept as a transcript, and is as it was then."""
        return (logged := self._placed().get(to)) is not None and files.has_hash(self.path / to, logged)

    def keep_transcript(self, audio_sha256: str, key: str) -> None:
        """Write into the log that the transcript of a recording, where it lies, is the case's."""
        to = f"{TRANSCRIPTS}/{audio_sha256}/{key}.json"
        with self.session("transcribe"):
            move = self._now_open.stage(files.read(self.path / to), to)
            self._now_open.commit("transcript.keep", [move], audio=audio_sha256, key=key)

    def connect(self, *, locked: bool = False, held: bool = False) -> duckdb.DuckDBPyConnection:
        """The tables and views of the current run, `opinions` and `verdicts`, in a database of your own."""
        run = self.run()
        if run is None:
            raise WrongUse(f"{files.shown(self.path)} has no run yet", "Run `collectaudit audit` on it.")
        con = runs.connect(run, locked=locked, held=held)
        reviews.install(con, drawers.read(self.path / drawers.REVIEWS))
        return con

    def query(self, sql: str, params: Params = (), **tables: str) -> list[Row]:
        """Rows of one SELECT over the current run, by column name. `tables`: see Asking.rows."""
        with self._mine:
            now_is, known = self.stamp(), self._asked
            if known is None or known[0][0] != now_is[0]:
                known = now_is, Asking(self.connect(held=self._held))
            elif known[0] != now_is:
                known[1].judged(drawers.read(self.path / drawers.REVIEWS))
            self._asked = now_is, known[1]
        return known[1].rows(sql, params, tables)

    def stamp(self) -> tuple[Path | None, object]:
        """The run, and what is the same as long as its verdicts are the same."""
        written = self.path / drawers.REVIEWS
        found = written.stat() if written.exists() else None
        return self.run(), found and (found.st_mtime_ns, found.st_size, found.st_ino)

    # What people know

    def drawers(self) -> list[Path]:
        """people.csv, facts.csv, told.csv; their hashes, and listened.csv's, go into the next manifest."""
        listened = self.path / drawers.LISTENED
        read = (drawers.PEOPLE, drawers.FACTS_FILE, drawers.TOLD)
        found = [self.path / name for name in read if (self.path / name).exists()]
        used = [*found, listened] if listened.exists() else found
        self.drawers_read = {path.name: files.sha256_of(path) for path in used}
        return found

    def heard(self) -> list[Row]:
        """The rows of listened.csv, as they stand there."""
        return list(drawers.read(self.path / drawers.LISTENED).dicts())

    def label(self, number: str, role: str | None, **about: str | None) -> None:
        """Say who a number is: role (None takes it back), name, organisation, account, lender, relation, note."""
        self._put("people", drawers.PEOPLE, drawers.person(number, role, about))

    def declare(self, fact: str, **about: str | None) -> None:
        """State what no log shows: a fact, and account, party, from_at, until_at, value, note as far as known."""
        self._put("declare", drawers.FACTS_FILE, drawers.fact(fact, about))

    def tell(self, **about: str | None) -> None:
        """State a contact that no record shows: at, channel, contacted, and number, who, said, … as far as known."""
        self._put("tell", drawers.TOLD, drawers.told({**about, "by": about.get("by") or actor(), "told_at": now()}))

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

    def take(self, sha256: str, **about: str | None) -> None:
        """State how an original came here: taken_by, taken_at, device, app, way, kept_where, own_call, if known."""
        self._put("custody", drawers.CUSTODY, drawers.origin(sha256, {"by": actor(), "at": now(), **about}))

    def review(self, finding_id: str, verdict: str, **about: str | None) -> None:
        """Record what a person thinks of a finding of the current run; `about` as in `review_all`."""
        self.review_all([finding_id], verdict, **about)

    def review_all(
        self, finding_ids: Sequence[str], verdict: str, note: str | None = None, by: str | None = None,
        kind: str | None = None,
    ) -> int:  # fmt: skip
        """The same opinion (confirmed, dismissed, unsure) on findings, in one record of the log; on how many.

        Without `by` it is the login name's; kinds are in drawers.KINDS; reviews.py says which opinion is the verdict.
        """
        row = drawers.verdict("", verdict, note, by or actor(), now(), kind or ORDINARY)
        reviews.check_known(self, finding_ids)
        rows = [{**row, "finding_id": finding_id} for finding_id in dict.fromkeys(finding_ids)]
        self.add_rows("review", drawers.REVIEWS, rows)
        return len(rows)

    def add_rows(self, command: str, drawer: str, rows: Sequence[Mapping[str, str]]) -> None:
        """Add checked rows to a drawer that is a history; nothing happens without rows."""
        if not rows:
            return
        with self.session(command):
            path = self.path / drawer
            many = drawers.add(path, rows, self._now_open.tmp)
            self.note("drawer.write", drawer=drawer, rows=many, added=len(rows), sha256=files.sha256_of(path))

    def _put(self, command: str, drawer: str, row: Mapping[str, str]) -> None:
        with self.session(command):
            path = self.path / drawer
            region = _REGIONS.get(str(self.options.get("jurisdiction")), "CN")
            rows = drawers.put(path, row, self._now_open.tmp, region)
            self.note("drawer.write", drawer=drawer, rows=rows, sha256=files.sha256_of(path))
