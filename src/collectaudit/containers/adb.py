"""Backups of Android phones: `adb backup` (.ab), open or with a password, and MIUI's .bak, which holds one.

The form, from Android's BackupManagerService: four lines (ANDROID BACKUP, version, 1 if packed, none or AES-256), with
a password five more (salt, salt of the check, rounds, IV, and the locked master key, as hex), then a tar, packed by
zlib and locked by AES-256-CBC as the lines say. The master key is locked by PBKDF2-HMAC-SHA1 of the password.
"""

import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from pathlib import Path, PurePosixPath

from . import _tape
from ._out import Out, Shut, pieces

NAME = "adb"
_HEAD = 8192
_MIUI = b"MIUI BACKUP\n"  # version, package and label, -1, 0: the label may hold anything, so its lines are not counted
_OPENING = re.compile(rb"ANDROID BACKUP\n(\d{1,2})\n([01])\n(none|AES-256)\n")
_LOCK = re.compile(rb"([0-9A-Fa-f]+)\n([0-9A-Fa-f]+)\n(\d{1,8})\n([0-9A-Fa-f]+)\n([0-9A-Fa-f]+)\n")
_KEY, _ROUNDS = 32, 5_000_000
# Of an app's parts: its program, its settings and what it can fetch again hold no records.
_NOT_RECORDS = re.compile(r"(^|/)apps/[^/]+/(a|obb|c|sp|_manifest|_meta)(/|$)")
_PROGRAMS = {".apk", ".so", ".dex", ".odex"}
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the content begins, and how it is written; `lock`: the five fields that stand there with a password."""

    at: int
    packed: bool
    lock: tuple[bytes, bytes, int, bytes, bytes] | None


def claims(path: Path) -> bool:
    """Whether the file begins as one of the two."""
    with path.open("rb") as file:
        return file.read(len(_MIUI)).startswith((_MIUI, b"ANDROID BACK"))


def unpack(path: Path, out: Out, password: str | None) -> None:
    """Every file of the backup that may hold records: no programs, no settings."""
    header = _header(path)
    if header.lock is not None and password is None:
        raise Shut("locked")
    try:
        key, iv = _master_key(header.lock, password or "") if header.lock else (b"", b"")
        content = _content(path, header.at)
        content = _unlocked(content, key, iv) if key else content
        stream = io.BufferedReader(_Stream(_inflated(content) if header.packed else content), 1 << 20)
        _tape.members(stream, out, _wanted)
    except _DAMAGED:
        raise Shut("damaged") from None


def _wanted(name: str) -> bool:
    return not _NOT_RECORDS.search(name) and PurePosixPath(name).suffix.casefold() not in _PROGRAMS


def _header(path: Path) -> _Header:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    found = _OPENING.search(head)
    if found is None or (found.start() and not head.startswith(_MIUI)):
        raise Shut("damaged")
    if found[3] == b"none":
        return _Header(found.end(), found[2] == b"1", None)
    lock = _LOCK.match(head, found.end())
    if lock is None or int(lock[3]) > _ROUNDS:
        raise Shut("damaged")
    salt, check, iv, blob = (bytes.fromhex(lock[n].decode()) for n in (1, 2, 4, 5))
    return _Header(lock.end(), found[2] == b"1", (salt, check, int(lock[3]), iv, blob))


def _master_key(lock: tuple[bytes, bytes, int, bytes, bytes], password: str) -> tuple[bytes, bytes]:
    """The key and IV of the content; raises Shut if the password does not unlock them."""
    salt, check_salt, rounds, iv, blob = lock
    key = pbkdf2_hmac("sha1", password.encode(), salt, rounds, _KEY)
    fields = _fields(b"".join(_unlocked(iter([blob]), key, iv, wrong=True)))
    if len(fields) != 3 or len(fields[0]) != 16 or len(fields[1]) != _KEY:
        raise Shut("wrong")
    if fields[2] not in {pbkdf2_hmac("sha1", form, check_salt, rounds, _KEY) for form in _forms(fields[1])}:
        raise Shut("wrong")
    return fields[1], fields[0]


def _fields(blob: bytes) -> list[bytes]:
    """Length and bytes, again and again."""
    found, at = [], 0
    while at < len(blob):
        found.append(blob[at + 1 : at + 1 + blob[at]])
        at += 1 + blob[at]
    return found


def _forms(key: bytes) -> tuple[bytes, bytes]:
    """The key as it goes into its check: since version 2 Java makes characters of its signed bytes, then UTF-8."""
    return key, "".join(chr(byte if byte < 0x80 else 0xFF00 | byte) for byte in key).encode()


def _content(path: Path, at: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(at)
        yield from pieces(file)


def _unlocked(content: Iterator[bytes], key: bytes, iv: bytes, *, wrong: bool = False) -> Iterator[bytes]:
    """AES-CBC undone; a bad end means a wrong password of the master key, and damage of the content."""
    try:
        from cryptography.hazmat.primitives import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    except ImportError:
        raise Shut("missing") from None
    cipher, ends = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor(), padding.PKCS7(128).unpadder()
    try:
        for piece in content:
            yield ends.update(cipher.update(piece))
        yield ends.update(cipher.finalize()) + ends.finalize()
    except ValueError:
        raise Shut("wrong" if wrong else "damaged") from None


def _inflated(content: Iterator[bytes]) -> Iterator[bytes]:
    """zlib undone, a bounded piece at a time."""
    packed = zlib.decompressobj()
    for piece in content:
        rest = piece
        while rest and not packed.eof:
            yield packed.decompress(rest, 1 << 20)
            rest = packed.unconsumed_tail
    yield packed.flush()


class _Stream(io.RawIOBase):
    """An iterator of bytes as a file."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content = content
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as the next piece goes."""
        while not self._rest:
            piece = next(self._content, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        n = min(len(buffer), len(self._rest))
        buffer[:n] = self._rest[:n]
        self._rest = self._rest[n:]
        return n
