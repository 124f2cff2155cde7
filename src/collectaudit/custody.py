"""The chain of custody: how each original came here as people say, and what this program recorded when it was kept."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import drawers
from .errors import WrongUse
from .evidence.files import shown
from .evidence.store import containers

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
_SAID = (*drawers.ORIGIN, "note", "by", "at")


def custody(case: "Case") -> list[Row]:
    """Every original: name, hash, size, when and with what it was kept, what people say of it; unknown, not blank.

    `containers`: what it came out of, each with name, sha256, and what it says of its phone (device, system, phone,
    made_at) if anything.
    """
    said = {row.get("sha256", ""): row for row in drawers.read(case.path / drawers.CUSTODY).dicts()}
    kept: dict[str, Mapping[str, Any]] = {}
    for entry in case.log_entries():
        if entry["ev"] == "source.keep":
            kept.setdefault(entry["sha256"], entry)
    return [
        {
            "sha256": sha256, "name": name, "size_bytes": size, "kept_at": kept[sha256]["t_utc"],
            "tool": kept[sha256]["tool"], "host": kept[sha256]["host"],
            "containers": containers(case.path, sha256), **_answers(said.get(sha256, {})),
        }
        for sha256, name, size in case.kept()
    ]  # fmt: skip


def _answers(row: Mapping[str, str]) -> Row:
    answers = {name: (row.get(name) or "").strip() or None for name in _SAID}
    return {**answers, **{name: answers[name] or drawers.UNKNOWN for name in drawers.ORIGIN}}


def state(case: "Case", refs: Sequence[str], about: Mapping[str, str | None]) -> list[str]:
    """State the same of several originals, each by its name or the beginning of its hash (none: all); their names.

    What is not stated stays as it was said before.
    """
    rows = custody(case)
    chosen = [row for ref in refs for row in _named(rows, ref)] if refs else rows
    given = {name: text for name, text in about.items() if text is not None}
    with case.session("custody"):
        for row in chosen:
            before = {name: row[name] for name in (*drawers.ORIGIN, "note")}
            case.take(row["sha256"], **{**before, **given})
    return [str(row["name"]) for row in chosen]


def _named(rows: Sequence[Row], ref: str) -> list[Row]:
    """The original of that name or hash; of several with one name all. Raises WrongUse if there is none."""
    found = [row for row in rows if row["name"] == ref or row["name"].rpartition("/")[2] == ref]
    found = found or [row for row in rows if len(ref) >= _SHORTEST and row["sha256"].startswith(ref.lower())]
    if not found:
        raise WrongUse(f"there is no original {shown(ref)}", "They are listed by: collectaudit custody CASE")
    return found


_SHORTEST = 6  # beginning of a hash that is taken for one
