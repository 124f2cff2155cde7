"""Whose phone an export is from, and what else a person said of a source."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .errors import WrongUse
from .times import ORDERS

if TYPE_CHECKING:
    from .settle import Source

Owner = tuple[str | None, str | None]
SIDES = {"left": 0, "right": 1}  # the channels of a recording, as people call them
MAY_DECIDE = ("zones", "dates")  # options that decide a result only where somebody set them


def check_said(said: Mapping[str, Mapping[str, str]]) -> None:
    """Raises WrongUse for a channel, or an order of day and month, that does not exist."""
    if unknown := set(said["channels"].values()) - set(SIDES):
        raise WrongUse(f"there is no channel {min(unknown)}", "choose one of: " + ", ".join(SIDES))
    if unknown := set(said["dates"].values()) - set(ORDERS):
        raise WrongUse(f"there is no order of day and month {min(unknown)}", "choose one of: " + ", ".join(ORDERS))


def declared_owner(source: "Source", owners: Mapping[str, str]) -> Owner:
    """The owner that a person named for this source (the closest name counts), or that the export itself names."""
    if said := said_of(source, owners):
        return said, "declared"
    own = source.ledger["owner_number"]
    return (str(own), "export") if own else (None, None)


def said_of(source: "Source", said: Mapping[str, str]) -> str | None:
    """What a person said of a source, its folder or all of them; the closest name counts."""
    return named(source.name, said)


def named(name: str, said: Mapping[str, str]) -> str | None:
    """As `said_of`, by the name of a source."""
    path = PurePosixPath(name)
    keys = (name, path.name, *(str(parent) for parent in path.parents), path.parent.name, "")
    return next((said[key] for key in keys if key in said), None)


def beside(
    source: "Source", sources: Sequence["Source"], declared: Mapping[str, Owner], phones: Collection[str]
) -> Owner:
    """The owner of the one other phone in the same folder, or a stand-in for a phone whose number nobody gave.

    Recordings are often kept further down than the exports of their phone: theirs may lie in a folder above.
    """
    exports = {s.folder for s in sources if s.source_id in phones and not s.recorded}
    above = [source.folder, *(str(parent).removeprefix(".") for parent in PurePosixPath(source.folder).parents)]
    folder = next((f for f in above if f in exports), source.folder) if source.recorded else source.folder
    others = {declared[s.source_id][0] for s in sources if s.folder == folder} - {None}
    if len(others) == 1:
        return others.pop(), "beside"
    return "phone:" + (folder or "this"), "unknown"
