"""The five rooms in order: read, settle, (listen,) judge, show."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from . import __version__, keeping
from .case import Case
from .containers import Passwords, kind_of, nobody, paths_below, stem
from .drawers import TOLD
from .errors import InputProblem, WrongUse
from .evidence.store import containers
from .findings import judge
from .numbers import canonical
from .owning import MAY_DECIDE, check_said, named
from .policies import OPTION, own_regimes
from .reading import ASIDE, MEMBER, OPENED, Companion, Task, read_into
from .regimes import load_regimes, select, write_law
from .rules import Rule, load_rules
from .settle import Source, settle
from .signals import listen
from .sources import companion
from .times import ORDERS
from .words.lexicon import load_lexicon
from .words.reviewer import Reviewer

Progress = Callable[[str, int, int], None]
_DECIDE = ("time_zone", "jurisdiction", "owners", "channels", "regimes")  # options that decide the result
_REGIONS = {"cn": "CN", "us": "US"}


def audit(
    inputs: Sequence[Path],
    *,
    out: Path,
    regimes: Sequence[str] = (),
    rules: Sequence[Path] = (),
    time_zone: str | None = None,
    owners: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    jurisdiction: str | None = None,
    map_file: Path | None = None,
    reference: bool = False,
    threads: int | None = None,
    progress: Progress = lambda *_: None,
    passwords: Passwords = nobody,
    zones: Mapping[str, str] | None = None,
    dates: Mapping[str, str] | None = None,
) -> Case:
    """Read the inputs into the case folder `out`, judge every contact of the case, publish the run.

    Files already in the case are not read twice; without inputs the case is judged again. `regimes`: judge by
    these alone (ids), otherwise by all of the jurisdiction (`cn` or `us`). `owners`: whose phone an export is
    from, by file name or folder ("" for all). `channels`: which channel of recordings is the collector's, `left` or
    `right`, by the same names. `rules`: folders of further rules. `reference`: keep only hashes of
    the inputs. `zones`: time zones of single inputs, `dates`: which comes first in theirs (`day-first`, `month-first`,
    `year-first`), by the same names. `passwords`: asked with the name of a locked container. Inputs that cannot be
    read are listed in `case.errors`. Raises WrongUse and IntegrityError.
    """
    chosen = load_rules(rules)
    case = Case.create(out)
    with case.session("audit"):
        said = {"owners": _by_name(owners or {}, inputs), "channels": _by_name(channels or {}, inputs),
                "zones": _by_name(zones or {}, inputs), "dates": _by_name(dates or {}, inputs)}  # fmt: skip
        _remember(case, time_zone, jurisdiction, said, regimes)
        _read_all(case, inputs, map_file, reference, threads, progress, passwords)
        _judge_all(case, chosen, threads, progress)
    return case


def _name(given: Path) -> str:
    """What people call an input: its name and its folder's, never the way to it on this machine."""
    if given.is_dir():
        return given.resolve().name
    return "/".join(part for part in (given.absolute().parent.name, given.name) if part)


def _by_name(said: Mapping[str, str], inputs: Sequence[Path]) -> dict[str, str]:
    """What was said of inputs by the names that they get (the files in a container: by its name without the ending);
    a key may be a path as it was typed.
    """
    found = {}
    for key, value in said.items():
        path = Path(key).resolve()
        within = [given for given in inputs if key and path.is_relative_to(given.resolve())]
        below = path.relative_to(within[0].resolve()).parts if within else ()
        name = "/".join((_name(within[0]), *below)) if within else key
        found[stem(name) if path.is_file() and kind_of(path) else name] = value
    return found


def _remember(
    case: Case, time_zone: str | None, jurisdiction: str | None, said: Mapping[str, Mapping[str, str]],
    regimes: Sequence[str],
) -> None:  # fmt: skip
    """Keep what the user said about the case; later runs use it again."""
    options = dict(case.options)
    options |= {key: value for key, value in (("time_zone", time_zone), ("jurisdiction", jurisdiction)) if value}
    if options["jurisdiction"] not in _REGIONS:
        raise WrongUse(f"there is no jurisdiction {options['jurisdiction']}", "choose one of: " + ", ".join(_REGIONS))
    region = _REGIONS[options["jurisdiction"]]
    numbers = {key: canonical(value, region) or value for key, value in said["owners"].items()}
    options["owners"] = {**options.get("owners", {}), **numbers}
    check_said(said)
    for name in ("channels", "zones", "dates"):
        if said[name]:
            options[name] = {**options.get(name, {}), **said[name]}
    if regimes:
        options["regimes"] = sorted(regimes)
    select(load_regimes(), options["jurisdiction"], options.get("regimes", []))
    if options != case.options:
        case.set_options(options)


def _read_all(
    case: Case, inputs: Sequence[Path], map_file: Path | None, reference: bool, threads: int | None, progress: Progress,
    passwords: Passwords,
) -> None:  # fmt: skip
    """READ: every input file, once; all are kept first, because a database is read with what lies beside it."""
    kept = [
        (one, given) for path, name, given in files_of(inputs, case)
        for one in _kept(case, path, name, given, reference, passwords)
    ]  # fmt: skip
    known, opened, read = known_of(case), {one.within for one, _ in kept}, set()
    for done, (one, given) in enumerate(kept):
        progress("read", done, len(kept))
        task = task_for(case, one.sha256, one.name, one.size_bytes, map_file, threads, known)
        ledger = case.ledger(task.sha256, task.fingerprint) or read_one(case, task, case.original(task.sha256))
        read |= {one.within} if ledger["status"] in ("ok", "partial") and ledger["kind"] != ASIDE else set()
        alone = given and one.within is None and one.name not in opened
        if ledger["status"] == "rejected" or (ledger["status"] in ("unrecognised", "partial") and alone):
            case.errors.append({"input": one.name, "reason": ledger["reason"], "named": given})
    for name in sorted({one.within for one, given in kept if given and one.within} - read):
        case.errors.append({"input": name, "reason": "nothing in it can be read", "named": True})
    progress("read", len(kept), len(kept))


def _kept(
    case: Case, path: Path, name: str, named: bool, reference: bool, passwords: Passwords
) -> list[keeping.Kept]:  # fmt: skip
    try:
        return keeping.keep(case, path, name, reference=reference, passwords=passwords)
    except InputProblem as problem:
        case.errors.append(keeping.refused(name, problem, named=named))
        return []


@dataclass(frozen=True, slots=True)
class Known:
    """Of all originals: name → hash, which came out of containers, and which are containers that were opened."""

    names: Mapping[str, str]
    members: frozenset[str]
    opened: frozenset[str]

    def beside(self, sha256: str) -> str:
        """As in reading.Task."""
        return OPENED if sha256 in self.opened else MEMBER if sha256 in self.members else ""


def known_of(case: Case) -> Known:
    """What is known of all originals; to be asked once where many are read."""
    kept = case.kept()
    within = {sha256: containers(case.path, sha256) for sha256, _, _ in kept}
    opened = {one["sha256"] for found in within.values() for one in found}
    members = frozenset(sha256 for sha256, found in within.items() if found)
    return Known({name: sha256 for sha256, name, _ in kept}, members, frozenset(opened))


def task_for(
    case: Case, sha256: str, name: str, size: int, map_file: Path | None = None, threads: int | None = None,
    known: Known | None = None,
) -> Task:  # fmt: skip
    """How an original of the case is to be read: with its remembered column map, or with the one given.

    `known`: of all originals, where many are asked for; a database is read with what lies beside it.
    """
    options = case.options
    region = _REGIONS[options["jurisdiction"]]
    kept_map = case.keep_map(sha256, map_file)
    known = known_of(case) if known is None else known
    of_case = options["time_zone"]
    zone = named(name, options.get("zones", {})) or of_case
    return Task(
        name, sha256, size, zone, region, kept_map, threads, companions=_companions(case, name, known.names),
        beside=known.beside(sha256), judged_in=of_case if zone != of_case else "",
        order=ORDERS.get(named(name, options.get("dates", {})) or ""),
    )  # fmt: skip


def _companions(case: Case, name: str, names: Mapping[str, str]) -> dict[str, Companion]:
    """What SQLite finds beside a database, and the database of such a file, by name as SQLite does."""
    found = {added: names[to] for added, to in companion.beside(name).items() if to in names}
    return {added: Companion(sha256, case.original(sha256).resolve()) for added, sha256 in found.items()}


def read_one(case: Case, task: Task, path: Path) -> Mapping[str, object]:
    """Read a file in this way and keep what was read; its ledger. Only inside a session."""
    staged = case.staging()
    ledger = read_into(task, path, staged)
    case.add_ledger(staged, ledger)
    return ledger


def files_of(inputs: Sequence[Path], case: Case) -> Iterator[tuple[Path, str, bool]]:
    """(path, name, whether named by the user) of each input file; folders are walked in order of name."""
    for given in inputs:
        if not given.is_dir() or given.is_symlink():
            yield given, _name(given), True
            continue
        root = given.resolve()
        outside = [path for path in paths_below(root) if not path.is_relative_to(case.path.resolve())]
        if not outside:
            case.errors.append({"input": root.name, "reason": f"the folder {given} holds no files", "named": True})
        for path in outside:
            yield path, (PurePosixPath(root.name) / path.relative_to(root).as_posix()).as_posix(), path == root


def _judge_all(case: Case, rules: Sequence[Rule], threads: int | None, progress: Progress) -> None:
    """SETTLE, LISTEN and JUDGE into a staged run, and publish it."""
    staged = case.staging()
    sources = sources_of(case, staged, threads, _source)
    run_id, basis = make_tables(case, sources, staged, rules, threads, progress)
    case.publish(staged, run_id, basis)


def make_tables(
    case: Case, sources: Sequence[Source], staged: Path, rules: Sequence[Rule], threads: int | None, progress: Progress
) -> tuple[str, dict[str, object]]:
    """The tables of a run into `staged`; the id of that run, and what decided the result."""
    progress("settle", 0, 1)
    options = case.options
    said = {"owners": options.get("owners", {}), "channels": options.get("channels", {})}
    settle(sources, staged, **said, heard=case.heard(), threads=threads)
    progress("listen", 0, 1)
    listen(staged, threads=threads, reviewer=Reviewer.load())
    explicit = options.get("regimes", [])
    own = options.get(OPTION, {})
    write_law([*select(load_regimes(), options["jurisdiction"], explicit), *own_regimes(own)], staged)
    progress("judge", 0, len(rules))
    judge(staged, rules, explicit=frozenset(explicit), threads=threads)
    progress("judge", len(rules), len(rules))
    decided = (*_DECIDE, *(name for name in MAY_DECIDE if options.get(name)))
    basis = {
        "version": __version__,
        "sources": sorted([str(s.ledger["sha256"])[:16], str(s.ledger["fingerprint"]), s.name] for s in sources),
        "rules": sorted([rule.id, rule.sha256] for rule in rules),
        "options": {key: options.get(key) for key in decided},
        "lexicons": load_lexicon().sha256,
        "law": hashlib.sha256((staged / "provisions.parquet").read_bytes()).hexdigest(),
        **({OPTION: own} if own else {}),
    }
    run_id = hashlib.sha256(json.dumps(basis, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    return run_id, basis


def sources_of(
    case: Case, staged: Path, threads: int | None, read: Callable[[Case, Task, Path], Source]
) -> list[Source]:
    """Every source of the case as `read` gives it, the transcripts made in it, and the drawers that people wrote."""
    heard, known = case.transcripts(), known_of(case)
    sources = []
    for sha256, name, size in case.kept():
        sources.append(read(case, task_for(case, sha256, name, size, None, threads, known), case.original(sha256)))
        if sha256 in heard:
            digest, path = heard[sha256]
            task = task_for(case, digest, name, path.stat().st_size, None, threads, known)
            sources.append(replace(read(case, task, path), recording=sha256))
    for drawer in case.drawers():
        folder = staged.parent / f"{staged.name}-{drawer.stem}"
        folder.mkdir()
        digest = hashlib.sha256(drawer.read_bytes()).hexdigest()
        told = Path(TOLD).stem if drawer.name == TOLD else None  # so that its contacts keep their names while it grows
        zone, region = case.options["time_zone"] if told else "UTC", _REGIONS[case.options["jurisdiction"]]
        task = Task(drawer.name, digest, drawer.stat().st_size, zone, region, known_as=told)
        ledger = {**read_into(task, drawer, folder), "source_id": task.source_id}
        if ledger["status"] != "ok" or ledger["rejects"]:
            raise WrongUse(f"{drawer} cannot be read: {_why(ledger, folder)}", "correct the file and run again")
        sources.append(Source(ledger, folder / "records.parquet", drawer=not told))
    return sources


def _source(case: Case, task: Task, path: Path) -> Source:
    ledger = case.ledger(task.sha256, task.fingerprint) or read_one(case, task, path)
    return Source(ledger, case.ledger_folder(task.sha256, task.fingerprint) / "records.parquet")


def _why(ledger: Mapping[str, object], folder: Path) -> str:
    """The reason, or the first rejected line of a drawer."""
    if ledger["reason"] or not ledger["rejects"]:
        return str(ledger["reason"])
    import polars as pl

    row = pl.read_parquet(folder / "records.parquet").filter(pl.col("reason").is_not_null()).row(0, named=True)
    return f"{row['locator']}: {row['reason']}"
