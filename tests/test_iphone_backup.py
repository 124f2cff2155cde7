"""An iPhone's backup folder of which files, or the list of them, were cut or changed: it says so, file by file."""

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from vessels import HOME, iphone

from collectaudit.containers import opened


def changed(sql: str) -> Callable[[Path], object]:
    """Of the index of a backup."""

    def change(path: Path) -> None:
        with closing(sqlite3.connect(path / "Manifest.db")) as index, index:
            index.execute(sql)

    return change


def rewritten(data: Callable[[bytes], bytes], path: str = "Library/SMS/sms.db") -> Callable[[Path], object]:
    """Of a file of a backup, its bytes."""
    name = hashlib.sha1(f"{HOME}-{path}".encode(), usedforsecurity=False).hexdigest()
    return lambda folder: (folder / name[:2] / name).write_bytes(data((folder / name[:2] / name).read_bytes()))


CHANGED: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "cut": (rewritten(lambda data: data[:-1]), ["sms.db has 24 bytes and is listed with 25: it was cut or changed"]),
    "longer": (rewritten(lambda data: data + bytes(99)), ["sms.db has 124 bytes and is listed with 25"]),
    "an empty log": (rewritten(lambda _: b"", "Library/SMS/sms.db-wal"), ["sms.db-wal has 0 bytes and is listed with"]),
    "zeros": (rewritten(lambda data: bytes(len(data))), ["sms.db is no database: it is damaged, or another file"]),
    "not listed": (changed("DELETE FROM Files WHERE relativePath LIKE '%sms.db-wal'"),
                   ["sms.db-wal lies in the backup and is not listed; it is not read"]),
    "nothing listed": (changed("DELETE FROM Files"), ["is not listed"] * 5),
    "another's id": (changed("UPDATE Files SET fileID = '3d' || fileID WHERE relativePath LIKE '%.storedata'"),
                     ["CallHistory.storedata is listed under the name of another file; it is not read"]),
    "no id": (changed("UPDATE Files SET fileID = NULL WHERE relativePath LIKE '%sms.db'"), ["sms.db is listed under"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGED)
def test_what_was_changed_in_an_iphones_backup_is_said(tmp_path: Path, kind: str) -> None:
    change, said = CHANGED[kind]
    change(iphone(tmp_path / "phone"))
    (tmp_path / "out").mkdir()
    found = opened(tmp_path / "phone", "phone", tmp_path / "out")
    assert found is not None
    assert len(found.notes) == len(said)
    assert all(text in note for text, note in zip(said, found.notes, strict=True)), found.notes


@pytest.mark.parametrize("name", ["Info.plist", "Manifest.plist"])
@pytest.mark.parametrize("end", [0, 9, 60])
def test_a_cut_property_list_hides_no_files(tmp_path: Path, name: str, end: int) -> None:
    path = iphone(tmp_path / "phone")
    (path / name).write_bytes((path / name).read_bytes()[:end])
    (tmp_path / "out").mkdir()
    found = opened(path, "phone", tmp_path / "out")
    assert found is not None
    assert (len(found.members), found.notes) == (4, [])
