"""An iPhone's backup that somebody packed: of its many files only those that are read are taken out of the archive."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from . import iphone
from ._out import Out

Extract = Callable[[Mapping[str, Path]], None]  # name in the archive → where it is to lie, if it is there
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}")


def plain(name: str) -> str:
    """A name in an archive as the folder had it."""
    return name.replace("\\", "/").removeprefix("./")


def of_phone(name: str) -> bool:
    """Whether a backup has files called so."""
    return name.rpartition("/")[2] == iphone.INDEX or _FILE.fullmatch(name[-43:]) is not None


def folders(names: Collection[str]) -> tuple[str, ...]:
    """The folders of an archive that are backups, each with a slash behind it; "" for the archive itself."""
    indices = {name.removesuffix(iphone.INDEX) for name in names if name.rpartition("/")[2] == iphone.INDEX}
    return tuple(sorted(indices & {name[:-43] for name in names if _FILE.fullmatch(name[-43:])}))


def take(folder: str, extract: Extract, out: Out, password: str | None) -> None:
    """As `iphone.unpack` of that folder, to which only what it asks for is brought."""
    with out.private() as work:
        place = Path(work) / "backup"
        place.mkdir()

        def bring(names: Sequence[str]) -> None:
            extract({folder + name: place / name for name in names})

        bring((iphone.INDEX, *iphone.BESIDE))
        iphone.unpack(place, out, password, within=folder, bring=bring)
