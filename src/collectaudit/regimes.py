"""The law as data: regime files, and the law tables of a run that are made from them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from . import resources, runs
from .errors import WrongUse
from .lawcheck import check_files
from .lawtables import KINDS, Row, rows
from .problems import Problem, suggestion

TABLES = ("provisions", "regime_scopes", *dict.fromkeys(kind.table for kind in KINDS.values() if kind.table))
_CITED = (
    "provision_id", "kind", "in_force_from", "in_force_until", "modality", "article", "instrument_en", "instrument_zh",
    "quote", "text_en", "text_zh", "url", "confidence", "status", "tier", "caveat_en", "caveat_zh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provision:
    """One dated value of an instrument; `in_force_until` is exclusive, 9999-12-31 when open."""

    provision_id: str
    key: str
    kind: str
    in_force_from: date
    in_force_until: date
    modality: str
    article: str
    instrument_en: str
    instrument_zh: str
    text_en: str
    text_zh: str
    quote: str | None
    url: str
    confidence: str
    status: str
    tier: str
    caveat_en: str | None
    caveat_zh: str | None
    values: Mapping[str, Any]

    @property
    def fires(self) -> bool:
        """Whether the value goes into the law tables: drafts and weakly reported values do not."""
        return self.status == "in_force"


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """The declared fact that decides whether a regime applies: `silent` or `review` while it is unknown."""

    fact: str
    values: tuple[str, ...]
    when_unknown: str


@dataclass(frozen=True, slots=True)
class Regime:
    """One instrument, or one platform's statement, with its provisions."""

    id: str
    jurisdiction: str
    title_en: str
    title_zh: str
    issuer: str
    authority: str
    language: str
    reviewed: date
    applies_to: AppliesTo | None
    provisions: tuple[Provision, ...]


def load_regimes(paths: Sequence[Path] | None = None) -> list[Regime]:
    """The regimes of files and folders (None: the built-in ones), by id; WrongUse lists every problem."""
    if paths is None:
        return [*_builtin(tuple((path, path.read_bytes()) for path in _files([resources.folder("regimes")])))]
    return _load(_files(paths))


@lru_cache(maxsize=4)
def _builtin(files: tuple[tuple[Path, bytes], ...]) -> tuple[Regime, ...]:
    """Our own, read once for as long as their files hold the same bytes."""
    return tuple(_load([path for path, _ in files]))


def _load(files: Sequence[Path]) -> list[Regime]:
    documents, problems = check_files(files)
    if problems:
        raise WrongUse("\n".join(map(str, problems)), "correct the regime files; nothing was judged")
    return sorted((_regime(document.data) for document in documents), key=lambda regime: regime.id)


def check_regimes(paths: Sequence[Path]) -> list[Problem]:
    """Every problem of every regime file in these files and folders, in reading order."""
    return check_files(_files(paths))[1]


def select(regimes: Sequence[Regime], jurisdiction: str, explicit: Sequence[str] = ()) -> list[Regime]:
    """The regimes named, else all of the jurisdiction and those of any; WrongUse for a name that is not known."""
    known = {regime.id: regime for regime in regimes}
    if unknown := [name for name in explicit if name not in known]:
        raise WrongUse(f'no regime "{unknown[0]}"', suggestion(unknown[0], known))
    chosen = [regime for regime in regimes if regime.jurisdiction == jurisdiction]
    if not explicit and not chosen:
        places = {regime.jurisdiction for regime in regimes} - {"any"}
        raise WrongUse(f'no regime for the jurisdiction "{jurisdiction}"', suggestion(jurisdiction, sorted(places)))
    if explicit:
        return [regime for regime in regimes if regime.id in explicit]
    return [*chosen, *(regime for regime in regimes if regime.jurisdiction == "any")]


def write_law(regimes: Sequence[Regime], folder: Path) -> None:
    """Writes each law table, `provisions` and `regime_scopes` as sorted Parquet with the types of schema.sql."""
    for name, content in _files_of(_json(_law(regimes))).items():
        (folder / name).write_bytes(content)


@lru_cache(maxsize=8)
def _files_of(law: str) -> dict[str, bytes]:
    """The files of the tables, by name; many cases are judged by the same law, so they are made once."""
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        for table, rows_ in json.loads(law).items():
            connection.execute(f"CREATE TABLE {table} AS {runs.nothing_of(table)}")
            _fill(connection, table, rows_)
            sorted_rows = connection.table(table).order("ALL")
            sorted_rows.write_parquet(str(Path(folder, f"{table}.parquet")), compression="zstd")
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def _fill(connection: duckdb.DuckDBPyConnection, table: str, law: Sequence[Row]) -> None:
    """Through JSON, so that DuckDB casts to the types of the table (it reads polars' times as TIME_NS)."""
    values = [_json(law), _json([dict(runs._definitions()[table])])]
    connection.sql("SELECT unnest(from_json(?, ?), recursive := true)", params=values).insert_into(table)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _law(regimes: Sequence[Regime]) -> dict[str, list[Row]]:
    law: dict[str, list[Row]] = {table: [] for table in TABLES}
    for regime in regimes:
        law["regime_scopes"] += _scopes(regime)
        for provision in regime.provisions:
            law["provisions"].append(_citation(regime, provision))
            if provision.fires and (table := KINDS[provision.kind].table):
                dates = {name: getattr(provision, name) for name in ("provision_id", "in_force_from", "in_force_until")}
                law[table] += [dates | row for row in rows(provision.kind, provision.values)]
    return law


def _scopes(regime: Regime) -> list[Row]:
    if (scope := regime.applies_to) is None:
        return []
    common = {"regime": regime.id, "fact": scope.fact, "when_unknown": scope.when_unknown}
    return [{**common, "value": value} for value in scope.values]


def _citation(regime: Regime, provision: Provision) -> Row:
    """The row of `provisions`; its columns that do not belong to the regime are fields of the same name."""
    own = {name: getattr(provision, name) for name in _CITED}
    return {**own, "regime": regime.id, "authority": regime.authority, "reviewed": regime.reviewed}


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files as given, and the regime files of the folders among them, by name."""
    return [file for path in paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]


def _regime(data: Mapping[str, Any]) -> Regime:
    scope = data.get("applies_to")
    return Regime(
        id=data["id"],
        jurisdiction=data["jurisdiction"],
        title_en=data["title"]["en"],
        title_zh=data["title"]["zh"],
        issuer=data["issuer"],
        authority=data["authority"],
        language=data["language"],
        reviewed=data["reviewed"],
        applies_to=AppliesTo(scope["fact"], tuple(scope["values"]), scope["when_unknown"]) if scope else None,
        provisions=tuple(_provision(data, stanza) for stanza in data["provision"]),
    )


def _provision(data: Mapping[str, Any], stanza: Mapping[str, Any]) -> Provision:
    instrument = stanza.get("instrument", data["title"])
    text = stanza["text"]
    return Provision(
        provision_id=f"{data['id']}/{stanza['key']}@{stanza['from']}",
        key=stanza["key"],
        kind=stanza["kind"],
        in_force_from=stanza["from"],
        in_force_until=stanza.get("until", date.max),
        modality=stanza["modality"],
        article=stanza["article"],
        instrument_en=instrument["en"],
        instrument_zh=instrument["zh"],
        text_en=text["en"],
        text_zh=text["zh"],
        quote=stanza.get("quote"),
        url=stanza["url"],
        confidence=stanza["confidence"],
        status="unconfirmed" if stanza["confidence"] == "R!" else stanza.get("status", "in_force"),
        tier=stanza.get("tier", "finding"),
        caveat_en=_caveat(data, stanza, "en", " "),
        caveat_zh=_caveat(data, stanza, "zh", ""),
        values={key: stanza[key] for key in KINDS[stanza["kind"]].fields if key in stanza},
    )


def _caveat(data: Mapping[str, Any], stanza: Mapping[str, Any], language: str, gap: str) -> str | None:
    """What to bear in mind: first about this provision, then about the whole instrument."""
    said = [part["caveat"][language] for part in (stanza, data) if "caveat" in part]
    return gap.join(said) or None
