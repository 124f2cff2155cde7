"""A BagIt 1.0 bag (RFC 8493): a folder with lists of hashes that stock tools can check, and the same as a zip."""

import re
import shutil
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from .. import __version__
from ..errors import WrongUse
from ..safe_text import term_safe
from . import files

PAYLOAD, SEAL = "data", "seal"  # what is listed as payload; what signs the lists, and is listed nowhere among them
BAGIT, INFO = "bagit.txt", "bag-info.txt"
MANIFEST, TAGMANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SUM = ".sha256"  # beside the zip
_MADE_HERE = (BAGIT, INFO, MANIFEST, TAGMANIFEST)
_LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")
# Not allowed in names on Windows; % and \ would be written in other ways by BagIt and by sha256sum.
_UNPORTABLE = re.compile(r'[<>:"|?*%\\/]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FIRST_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 — a zip knows no zone, and nothing before


def portable(name: str) -> str:
    """A name that every system can write and no tool reads otherwise: NFC, no signs of paths and lists, not hidden."""
    shown = _UNPORTABLE.sub("_", term_safe(unicodedata.normalize("NFC", name)).replace("\\", "_"))
    stem = shown.strip(" .") or "_"
    return f"_{stem}" if _DEVICES.fullmatch(stem) else stem


def make_bag(folder: Path, *, dated: date, about: Mapping[str, str] | None = None) -> str:
    """Make `folder` (data/, and what lies beside it) a bag; the hash of its tagmanifest, which stands for it.

    `about`: further lines of bag-info.txt. Raises WrongUse for a name that is not `portable`, or a link.
    """
    for name in _MADE_HERE:
        (folder / name).unlink(missing_ok=True)
    found = members(folder)
    payload = {name: path for name, path in found.items() if name.startswith(f"{PAYLOAD}/")}
    octets = sum(path.stat().st_size for path in payload.values())
    info = {
        **(about or {}), "Bagging-Date": dated.isoformat(), "Payload-Oxum": f"{octets}.{len(payload)}",
        "Bag-Software-Agent": f"collectaudit {__version__}",
    }  # fmt: skip
    files.write_new(folder / BAGIT, DECLARATION)
    files.write_new(folder / INFO, "".join(f"{key}: {_one_line(info[key])}\n" for key in info).encode())
    files.write_new(folder / MANIFEST, as_list({name: files.sha256_of(path) for name, path in payload.items()}))
    tags = {name: path for name, path in members(folder).items() if not name.startswith((f"{PAYLOAD}/", f"{SEAL}/"))}
    listed = as_list({name: files.sha256_of(path) for name, path in tags.items()})
    files.write_new(folder / TAGMANIFEST, listed)
    return sha256(listed).hexdigest()


def _one_line(text: str) -> str:
    return term_safe(" ".join(text.split()))


def members(folder: Path) -> dict[str, Path]:
    """Name in the bag → path of every file in it, in order of name. Raises WrongUse for what no bag may hold."""
    found: dict[str, Path] = {}
    folded = set()
    for path in folder.rglob("*"):
        name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise WrongUse(f"{files.shown(name)} is not an ordinary file", "Leave it out of the pack.")
        if any(part != portable(part) for part in PurePosixPath(name).parts) or name.casefold() in folded:
            raise WrongUse(f"{files.shown(name)} is a name that other systems cannot write", "Give it another name.")
        folded.add(name.casefold())
        if path.is_file():
            found[name] = path
    return dict(sorted(found.items()))


def as_list(hashes: Mapping[str, str]) -> bytes:
    """The one way to write a list of hashes; `sha256sum -c` reads it."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def read_list(data: bytes) -> dict[str, str] | None:
    """Name → hash; None if these bytes are not what `as_list` writes, so that no sign of them can change unseen."""
    try:
        lines = [_LINE.fullmatch(line) for line in data.decode("utf-8").split("\n")[:-1]]
    except UnicodeDecodeError:
        return None
    listed = {line[2]: line[1] for line in lines if line}
    return listed if as_list(listed) == data else None


def zip_again(folder: Path) -> None:
    """Make the zip that lies beside a bag anew, with the time it had; nothing where there is none."""
    old = folder.with_name(folder.name + ".zip")
    if not old.is_file():
        return
    with zipfile.ZipFile(old) as found:
        at = datetime(*found.infolist()[0].date_time)  # noqa: DTZ001 — as above
    fresh = folder.with_name(f".{folder.name}.zip")
    fresh.unlink(missing_ok=True)
    digest = _written(folder, fresh, at)
    files.move(fresh, old)
    _note_sum(old, digest)


def zip_bag(folder: Path, to: Path, *, at: datetime) -> str:
    """The bag as a zip, and its hash in `<to>.sha256` beside it; that hash. The same bag gives the same bytes.

    Names stand in order below the folder's own; `at` is the one time of all of them.
    """
    digest = _written(folder, to, at)
    _note_sum(to, digest)
    return digest


def _written(folder: Path, to: Path, at: datetime) -> str:
    with zipfile.ZipFile(to, "x") as out:
        for name, path in members(folder).items():
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", max(at.replace(tzinfo=None), _FIRST_DAY).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as content, out.open(entry, "w") as member:
                shutil.copyfileobj(content, member, files.CHUNK)
    files.sync(to)
    return files.sha256_of(to)


def _note_sum(to: Path, digest: str) -> None:
    beside = to.with_name(to.name + SUM)
    beside.unlink(missing_ok=True)
    files.write_new(beside, as_list({to.name: digest}))
