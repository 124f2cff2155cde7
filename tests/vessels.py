"""Containers built by hand, as phones and programs write them: archives, Android backups, an iPhone's backup folder."""

import hashlib
import io
import json
import plistlib
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from collectaudit import intake
from collectaudit.case import Case

PASSWORD = "1234xyz"  # noqa: S105 — invented
TABLE = (
    "日期,号码,类型,时长\n2026-03-01 09:00:00,13800138009,呼入,30\n2026-03-01 10:00:00,13800138003,呼出,30\n".encode()
)
PICTURE = b"\xff\xd8\xff\xe0 a picture"
Files = Mapping[str, bytes]


def zipped(files: Files) -> bytes:
    """An ordinary ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


# ZIP with ZipCrypto, by APPNOTE.TXT 6.1

_CRC = [0] * 256
for _n in range(256):
    _value = _n
    for _ in range(8):
        _value = _value >> 1 ^ (0xEDB88320 if _value & 1 else 0)
    _CRC[_n] = _value


class _Keys:
    def __init__(self, password: bytes) -> None:
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        one, two, three = self.keys
        one = one >> 8 ^ _CRC[(one ^ byte) & 0xFF]
        two = ((two + (one & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        self.keys = [one, two, three >> 8 ^ _CRC[(three ^ two >> 24) & 0xFF]]

    def lock(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            mix = self.keys[2] | 2
            out.append(byte ^ (mix * (mix ^ 1) >> 8 & 0xFF))
            self._update(byte)
        return bytes(out)


def zip_crypto(files: Mapping[bytes, bytes], password: bytes) -> bytes:
    """A ZIP as Windows programs lock it; names are bytes of whatever coding."""
    out, index = bytearray(), bytearray()
    for name, data in files.items():
        crc = zlib.crc32(data)
        packed = zlib.compress(data)[2:-4]
        locked = _Keys(password).lock(bytes(11) + bytes([crc >> 24]) + packed)
        about = struct.pack("<HHHHHIIIHH", 20, 1, 8, 0, 0x5C21, crc, len(locked), len(data), len(name), 0)
        index += b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name
        out += b"PK\3\4" + about + name + locked
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(index), len(out), 0)
    return bytes(out + index + b"PK\5\6" + end)


def zip_aes(files: Files, password: bytes) -> bytes:
    """A ZIP as 7-Zip and WinZip lock it."""
    import pyzipper

    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password)
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


# tar, and Android's backups

SMS = [
    {"self_phone": "+8613800138000", "address": "13800138009", "body": "您的欠款已逾期", "date": "1772326800000",
     "date_sent": "1772326799000", "status": "-1", "type": "1"},
    {"self_phone": "+8613800138000", "address": "13800138003", "body": "好的", "date": "1772330400123",
     "date_sent": "0", "status": "64", "type": "2"},
    {"self_phone": "+8613800138000", "address": "13800138003", "body": "草稿", "date": "1772330500000", "type": "3"},
]  # fmt: skip
MMS = [
    {"self_phone": "+8613800138000", "date": "1772326900", "m_type": "132", "msg_box": "1", "mms_body": "请还款",
     "mms_charset": "106", "mms_addresses": [{"type": "137", "address": "13800138009", "charset": "106"},
                                             {"type": "151", "address": "insert-address-token", "charset": "106"}]},
    {"self_phone": "+8613800138000", "date": "1772327000", "m_type": "134", "msg_box": "1"},
]  # fmt: skip
PROVIDER = "apps/com.android.providers.telephony"


def packed_json(rows: object) -> bytes:
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode())


def phone_files() -> dict[str, bytes]:
    """What lies in a backup: messages, a database, and what nobody wants."""
    return {
        f"{PROVIDER}/_manifest": b"1\ncom.android.providers.telephony\n", f"{PROVIDER}/sp/settings.xml": b"<map/>",
        f"{PROVIDER}/d_f/000000_sms_backup": packed_json(SMS), f"{PROVIDER}/d_f/000000_mms_backup": packed_json(MMS),
        "apps/com.example/a/base.apk": b"PK\3\4program", "shared/0/Recordings/x.apk": b"PK\3\4program",
        "shared/0/Download/通话.csv": TABLE,
    }  # fmt: skip


def tape(files: Files, change: Callable[[tarfile.TarFile], object] = lambda _: None, coding: str = "utf-8") -> bytes:
    """A tar; `change` may add what is no ordinary file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding=coding) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        change(archive)
    return out.getvalue()


def _cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    ends = padding.PKCS7(128).padder()
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return cipher.update(ends.update(data) + ends.finalize()) + cipher.finalize()


def _java(key: bytes) -> bytes:
    """Bytes as Java's signed bytes, those as characters, those as UTF-8."""
    return b"".join(bytes([b]) if b < 0x80 else bytes([0xEF, 0xBC | b >> 6, 0x80 | b & 0x3F]) for b in key)


def android(content: bytes, *, packed: bool = True, password: str = "", version: int = 5) -> bytes:
    """An `adb backup` of a tar."""
    content = zlib.compress(content) if packed else content
    head = f"ANDROID BACKUP\n{version}\n{int(packed)}\n"
    if not password:
        return head.encode() + b"none\n" + content
    salt, check, iv, master, inner = (hashlib.sha512(bytes([n])).digest() for n in range(5))
    master, iv, inner, rounds = master[:32], iv[:16], inner[:16], 1000
    proof = pbkdf2_hmac("sha1", master if version == 1 else _java(master), check, rounds, 32)
    blob = b"".join(bytes([len(field)]) + field for field in (inner, master, proof))
    locked = _cbc(pbkdf2_hmac("sha1", password.encode(), salt, rounds, 32), iv, blob)
    lines = ["AES-256", salt.hex().upper(), check.hex().upper(), str(rounds), iv.hex().upper(), locked.hex().upper()]
    return (head + "\n".join(lines) + "\n").encode() + _cbc(master, inner, content)


def miui(content: bytes) -> bytes:
    """A local backup of MIUI; the label may look like anything."""
    label = "MIUI BACKUP\n2\ncom.android.mms 短信 ANDROID BACKUP\n-1\n0\n"
    return label.encode() + android(content, packed=False)


# An iPhone's backup folder

HOME = "HomeDomain"
DATABASES = {
    (HOME, "Library/SMS/sms.db"): b"SQLite format 3\0 messages",
    (HOME, "Library/SMS/sms.db-wal"): b"\x37\x7f\x06\x82 the rest",
    (HOME, "Library/SMS/Attachments/a.jpg"): PICTURE,
    (HOME, "Library/CallHistoryDB/CallHistory.storedata"): b"SQLite format 3\0 calls",
    (HOME, "Library/CallHistoryDB/CallHistory.storedata-wal"): b"",
    ("WirelessDomain", "Library/CallHistory/call_history.db"): b"SQLite format 3\0 old calls",
    ("CameraRollDomain", "Media/DCIM/1.jpg"): PICTURE,
}
INFO = {
    "Device Name": "样例的 iPhone", "Product Version": "17.4.1", "Phone Number": "+86 138 0013 8000",
    "Last Backup Date": datetime(2026, 3, 14, 1, 30),  # noqa: DTZ001 — as property lists have it
}  # fmt: skip
_CLASS = 3


def _file_id(domain: str, path: str) -> str:
    return hashlib.sha1(f"{domain}-{path}".encode(), usedforsecurity=False).hexdigest()


def iphone(
    folder: Path, files: Mapping[tuple[str, str], bytes] = DATABASES, *, password: str = "",
    missing: tuple[str, ...] = (),
) -> Path:  # fmt: skip
    """A backup as Finder writes it; `missing`: paths that are listed only."""
    folder.mkdir(parents=True)
    (folder / "Info.plist").write_bytes(plistlib.dumps(INFO))
    kek, master = hashlib.sha256(b"class").digest(), hashlib.sha256(b"manifest").digest()
    manifest: dict[str, Any] = {"IsEncrypted": bool(password)}
    if password:
        manifest |= {"BackupKeyBag": _keybag(password, kek),
                     "ManifestKey": struct.pack("<l", _CLASS) + aes_key_wrap(kek, master)}  # fmt: skip
    (folder / "Manifest.plist").write_bytes(plistlib.dumps(manifest, fmt=plistlib.FMT_BINARY))
    con = sqlite3.connect(folder / "Manifest.db")
    con.execute("CREATE TABLE Files (fileID TEXT, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB)")
    for (domain, path), data in files.items():
        name, key = _file_id(domain, path), hashlib.sha256(path.encode()).digest()
        about = _about(len(data), aes_key_wrap(kek, key))
        con.execute("INSERT INTO Files VALUES (?, ?, ?, 1, ?)", (name, domain, path, about))
        if path not in missing:
            (folder / name[:2]).mkdir(exist_ok=True)
            (folder / name[:2] / name).write_bytes(_cbc(key, bytes(16), data) if password else data)
    con.commit()
    con.close()
    if password:
        index = (folder / "Manifest.db").read_bytes()
        (folder / "Manifest.db").write_bytes(_cbc(master, bytes(16), index))
    return folder


def _keybag(password: str, kek: bytes) -> bytes:
    """The key bag of a backup: tag, length, value; the key of one class, locked by what comes of the password."""
    salt, deep = bytes(range(20)), bytes(range(20, 40))
    key = pbkdf2_hmac("sha1", pbkdf2_hmac("sha256", password.encode(), deep, 10, 32), salt, 10, 32)
    tags: list[tuple[bytes, bytes | int]] = [
        (b"VERS", 5), (b"TYPE", 1), (b"UUID", bytes(16)), (b"HMCK", bytes(40)), (b"WRAP", 0), (b"SALT", salt),
        (b"ITER", 10), (b"DPWT", 0), (b"DPIC", 10), (b"DPSL", deep),
        (b"UUID", bytes(15) + b"1"), (b"CLAS", _CLASS), (b"WRAP", 2), (b"KTYP", 0), (b"WPKY", aes_key_wrap(key, kek)),
    ]  # fmt: skip
    values = ((tag, struct.pack(">L", value) if isinstance(value, int) else value) for tag, value in tags)
    return b"".join(tag + struct.pack(">L", len(value)) + value for tag, value in values)


def _about(size: int, key: bytes) -> bytes:
    """What the index says of a file, as NSKeyedArchiver writes it."""
    root = {"Size": size, "ProtectionClass": _CLASS, "EncryptionKey": plistlib.UID(2), "Mode": 33188}
    objects = ["$null", root, {"NS.data": struct.pack("<l", _CLASS) + key}]
    return plistlib.dumps({"$top": {"root": plistlib.UID(1)}, "$objects": objects}, fmt=plistlib.FMT_BINARY)


# Workbooks, and cases made of all this


def book() -> bytes:
    """The table as a workbook with a password."""
    import openpyxl
    from msoffcrypto.format.ooxml import OOXMLFile

    plain, locked = io.BytesIO(), io.BytesIO()
    sheet = openpyxl.Workbook()
    for row in TABLE.decode().splitlines():
        sheet.active.append(row.split(","))  # type: ignore[union-attr]
    sheet.save(plain)
    OOXMLFile(plain).encrypt(PASSWORD, locked)
    return locked.getvalue()


def brought(path: Path, to: Path, password: str = "") -> Case:
    """A case into which this was brought, and read, but not judged."""
    case = Case.create(to)
    intake.bring(case, path, lambda *_: None, password)
    return case


def names(case: Case) -> list[str]:
    return [name for _, name, _ in case.kept()]
