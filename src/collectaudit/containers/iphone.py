"""A Finder or iTunes backup of an iPhone: a folder with Manifest.db and files named by hashes. What is read, of it.

`Manifest.db` lists domain, path and name (SHA-1 of `domain-path`) of each file, which lies at `ab/ab12…`. With a
password both are encrypted; the library iphone_backup_decrypt opens them. What is neither listed nor there is not
missed; of a file its name and size are compared with the list, no digest.
"""

import hashlib
import os
import plistlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers.expat import ExpatError

from ._out import Out, Shut, pieces

NAME = "iphone"
INDEX = "Manifest.db"
BESIDE = ("Manifest.plist", "Info.plist", "Status.plist")
_HOME, _RADIO = "HomeDomain", "WirelessDomain"
_WHATSAPP = [f"AppDomainGroup-group.net.whatsapp.{app}.shared" for app in ("WhatsApp", "WhatsAppSMB")]
WANTED = (
    (_HOME, "Library/SMS/sms.db"),
    (_HOME, "Library/CallHistoryDB/CallHistory.storedata"),
    (_HOME, "Library/CallHistoryDB/CallHistoryTemp.storedata"),
    (_RADIO, "Library/CallHistory/call_history.db"),  # until iOS 7
    (_HOME, "Library/AddressBook/AddressBook.sqlitedb"),
    (_HOME, "Library/Voicemail/voicemail.db"),
    *((app, name) for app in _WHATSAPP for name in ("ChatStorage.sqlite", "CallHistory.sqlite")),
)
_WITH = ("", "-wal", "-journal")  # what SQLite keeps beside a database
_NAMES = tuple((domain, path + end) for domain, path in WANTED for end in _WITH)
_MAGIC = b"SQLite format 3\0"
_BLOCK = 16  # bytes, to which a locked file is filled up
_VOICES = "Library/Voicemail/%.amr"
_FILE = 1  # of the flags: an ordinary file
_FOLDER = re.compile(r"[0-9a-f]{2}")
_ABOUT = {"device": "Device Name", "system": "Product Version", "phone": "Phone Number", "made_at": "Last Backup Date"}

Row = tuple[str, str, str, int | None]  # id, domain, path, size
Fetch = Callable[[Row, Path], Path]  # where a file lies, or has been put in the folder given
Bring = Callable[[Sequence[str]], None]


def claims(path: Path) -> bool:
    """Whether the folder is a backup: its index, and what lies beside it, be it only one of the folders of files."""
    if not path.is_dir() or not (path / INDEX).is_file():
        return False
    return any((path / name).is_file() for name in BESIDE) or any(_FOLDER.fullmatch(one.name) for one in path.iterdir())


def unpack(path: Path, out: Out, password: str | None, *, within: str = "", bring: Bring = lambda _: None) -> None:
    """The databases of messages, calls, contacts and voicemail; what is listed and not there is noted.

    `within`: put in front of each name. `bring`: told which files are wanted before they are looked for.
    """
    manifest = _plist(path / BESIDE[0])
    info = _plist(path / BESIDE[1])
    out.about |= {key: text for key, name in _ABOUT.items() if (text := _text(info.get(name)))}
    if manifest.get("IsEncrypted"):
        if password is None:
            raise Shut("locked")
        _decrypted(path, _Taking(path, out, within, bring), password)
        return
    with closing(sqlite3.connect(f"{(path / INDEX).resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as index:
        _Taking(path, out, within, bring).take(_listed(index.cursor()), lambda row, _: _place(path, row))


def _plist(path: Path) -> dict[str, Any]:
    """What a property list holds; nothing if there is none that can be read."""
    return _loaded(path.read_bytes()) if path.is_file() else {}


def _loaded(data: bytes) -> dict[str, Any]:
    try:
        found = plistlib.loads(data)
    except (ExpatError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}  # by all of these, plistlib says that it was cut or is damaged
    return found if isinstance(found, dict) else {}


def _size(about: object) -> int | None:
    """Which size the index gives a file, in the archive of an object that it keeps for each; None if it does not."""
    found = _loaded(about) if isinstance(about, bytes) else {}
    objects = found.get("$objects")
    sizes = (
        [one["Size"] for one in objects if isinstance(one, dict) and "Size" in one] if isinstance(objects, list) else []
    )
    return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], int) else None


def _file_id(domain: str, path: str) -> str:
    return hashlib.sha1(f"{domain}-{path}".encode(errors="replace"), usedforsecurity=False).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")  # a property list has UTC
    return str(value).strip()[:80] if isinstance(value, str | int) else ""


def _listed(cursor: sqlite3.Cursor) -> list[Row]:
    """Of everything in the index what is wanted."""
    found: list[tuple[object, ...]] = []
    for pair in _NAMES:
        sql = "SELECT fileID, domain, relativePath, file FROM Files WHERE domain = ? AND relativePath = ? AND flags = ?"
        found += cursor.execute(sql, (*pair, _FILE)).fetchall()
    sql = "SELECT fileID, domain, relativePath, file FROM Files WHERE domain = ? AND relativePath LIKE ? AND flags = ?"
    found += cursor.execute(sql, (_HOME, _VOICES, _FILE)).fetchall()
    return [(str(name), str(domain), str(path), _size(about)) for name, domain, path, about in found]


def _place(path: Path, row: Row) -> Path:
    """Where the content lies; links are not followed out of the backup."""
    place = path / row[0][:2] / row[0]
    if not place.is_file() or place.is_symlink():
        raise FileNotFoundError
    return place


@dataclass(frozen=True, slots=True)
class _Taking:
    path: Path
    out: Out
    within: str
    bring: Bring

    def take(self, rows: list[Row], fetch: Fetch) -> None:
        """Each file that is there."""
        own = [row for row in rows if row[0] == _file_id(row[1], row[2])]
        listed = {row[1:3] for row in rows}
        unlisted = {_file_id(*pair): pair for pair in _NAMES if pair not in listed}
        self.bring([f"{name[:2]}/{name}" for name in (*(row[0] for row in own), *unlisted)])
        for row in rows:
            if row not in own:
                self.out.notes.append(
                    f"{self._name(row[1], row[2])} is listed under the name of another file; it is not read"
                )
        for name, pair in unlisted.items():
            if (self.path / name[:2] / name).is_file():
                self.out.notes.append(f"{self._name(*pair)} lies in the backup and is not listed; it is not read")
        for row in own:
            self._one(row, fetch)

    def _one(self, row: Row, fetch: Fetch) -> None:
        """A file, and what shows that it is not whole."""
        name = self._name(row[1], row[2])
        with self.out.private() as work:
            try:
                found = fetch(row, Path(work))
            except FileNotFoundError:
                self.out.notes.append(f"{name} is listed in the backup and not there")
                return
            size = found.stat().st_size
            if row[3] is not None and not row[3] <= size <= row[3] + _BLOCK:
                self.out.notes.append(f"{name} has {size} bytes and is listed with {row[3]}: it was cut or changed")
            if size or not name.name.endswith(_WITH[1:]):
                with found.open("rb") as content:
                    if (row[1], row[2]) in WANTED and content.read(len(_MAGIC)) != _MAGIC:
                        self.out.notes.append(f"{name} is no database: it is damaged, or another file in its place")
                    content.seek(0)
                    self.out.put(str(name), pieces(content))

    def _name(self, domain: str, path: str) -> PurePosixPath:
        return PurePosixPath(self.within, domain, path)


def _decrypted(path: Path, taking: _Taking, password: str) -> None:
    """As `unpack`; what the library writes down while it works goes into our own folder."""
    try:
        from iphone_backup_decrypt import EncryptedBackup
        from iphone_backup_decrypt.exceptions import IncorrectPassphraseError
    except ImportError:
        raise Shut("missing") from None
    with taking.out.private() as work:
        os.chdir(path)  # a child process; the library would read a `$` in the path as a variable
        tempfile.tempdir = work
        backup = EncryptedBackup(backup_directory=".", passphrase=password)
        try:
            with backup.manifest_db_cursor() as cursor:
                rows = _listed(cursor)
        except IncorrectPassphraseError:
            raise Shut("wrong") from None
        taking.take(rows, lambda row, folder: _decrypt(backup, row, folder))


def _decrypt(backup: Any, row: Row, work: Path) -> Path:
    _place(Path(), row)
    to = work / row[0]
    backup.extract_file(relative_path=row[2], domain_like=row[1], output_filename=str(to))
    return to
