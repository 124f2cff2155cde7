"""Archives, phone backups and locked files: what is in them becomes ordinary originals; nothing hostile gets out."""

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from vessels import (
    DATABASES,
    HOME,
    PASSWORD,
    TABLE,
    android,
    book,
    brought,
    iphone,
    miui,
    phone_files,
    tape,
    zip_aes,
    zip_crypto,
    zipped,
)

from collectaudit.containers import _out, opened, stem
from collectaudit.containers._out import Shut
from collectaudit.custody import custody
from collectaudit.errors import InputProblem
from collectaudit.evidence.verify import verify
from collectaudit.inspecting import look_into

Make = Callable[[], bytes]


def inside(path: Path, folder: Path, *passwords: str) -> dict[str, bytes] | str | None:
    """Name → bytes of what is in it; or why it stays shut; None: it is no container."""
    folder.mkdir()
    try:
        found = opened(path, path.name, folder, lambda _: passwords)
    except Shut as shut:
        return shut.why
    return None if found is None else {member.name: member.path.read_bytes() for member in found.members}


def looked(tmp_path: Path, name: str, data: bytes, *passwords: str) -> dict[str, bytes] | str | None:
    (tmp_path / name).write_bytes(data)
    return inside(tmp_path / name, tmp_path / "out", *passwords)


def paper(owner: str = "owner", user: str = PASSWORD) -> bytes:
    from pypdf import PdfWriter

    out, pdf = io.BytesIO(), PdfWriter()
    pdf.add_blank_page(200, 200)
    pdf.encrypt(user, owner, algorithm="AES-256")
    pdf.write(out)
    return out.getvalue()


CALLS = {"x/calls.csv": TABLE}
PHONE = {f"x/{name}": data for name, data in phone_files().items() if "d_f" in name or name.endswith(".csv")}
OPEN: dict[str, tuple[str, Make, dict[str, bytes] | None]] = {
    "zip": ("x.zip", lambda: zipped({"calls.csv": TABLE}), CALLS),
    "zip in a zip": ("x.zip", lambda: zipped({"in.zip": zipped({"calls.csv": TABLE}), "b": b"1"}),
                     {"x/in/calls.csv": TABLE, "x/b": b"1"}),
    "tar in a zip": ("x.zip", lambda: zipped({"in.tar.gz": gzip.compress(tape({"calls.csv": TABLE}))}),
                     {"x/in/calls.csv": TABLE}),
    "tar": ("x.tar", lambda: tape({"calls.csv": TABLE}), CALLS),
    "tar.gz": ("x.tar.gz", lambda: gzip.compress(tape({"calls.csv": TABLE})), CALLS),
    "gz": ("calls.csv.gz", lambda: gzip.compress(TABLE), {"calls.csv/calls.csv": TABLE}),
    "a Chinese tar": ("x.tar", lambda: tape({"详单.csv": TABLE}, coding="gbk"), {"x/详单.csv": TABLE}),
    "ab": ("x.ab", lambda: android(tape(phone_files())), PHONE),
    "ab not packed": ("x.ab", lambda: android(tape(phone_files()), packed=False, version=1), PHONE),
    "miui": ("x.bak", lambda: miui(tape(phone_files())), PHONE),
    "a document": ("x.docx", lambda: zipped({"[Content_Types].xml": b"x"}), None),
    "a table": ("x.csv", lambda: TABLE, None),
    "a pdf that may not be printed": ("x.pdf", lambda: paper(user=""), None),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPEN)
def test_what_is_in_it(tmp_path: Path, kind: str) -> None:
    name, make, expected = OPEN[kind]
    assert looked(tmp_path, name, make()) == expected


LOCKED: dict[str, tuple[str, Make, dict[str, bytes]]] = {
    "ZipCrypto": ("x.zip", lambda: zip_crypto({b"calls.csv": TABLE}, PASSWORD.encode()), CALLS),
    "ZipCrypto with Chinese names": ("x.zip", lambda: zip_crypto({"详单.csv".encode("gbk"): TABLE}, PASSWORD.encode()),
                                     {"x/详单.csv": TABLE}),
    "AES": ("x.zip", lambda: zip_aes({"calls.csv": TABLE}, PASSWORD.encode()), CALLS),
    "ab": ("x.ab", lambda: android(tape(phone_files()), password=PASSWORD), PHONE),
    "ab 1": ("x.ab", lambda: android(tape(phone_files()), password=PASSWORD, version=1, packed=False), PHONE),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOCKED)
def test_a_password_opens_it(tmp_path: Path, kind: str) -> None:
    name, make, expected = LOCKED[kind]
    path = tmp_path / name
    path.write_bytes(make())
    assert inside(path, tmp_path / "none") == "locked"
    assert inside(path, tmp_path / "wrong", "4321", PASSWORD[:-1]) == "wrong"
    assert inside(path, tmp_path / "right", "4321", PASSWORD) == expected
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]


@pytest.mark.parametrize(("name", "make"), [("x.xlsx", book), ("x.pdf", paper)])
def test_a_locked_workbook_or_pdf_is_opened(tmp_path: Path, name: str, make: Make) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    assert inside(path, tmp_path / "none") == "locked"
    assert inside(path, tmp_path / "wrong", "4321") == "wrong"
    found = inside(path, tmp_path / "right", PASSWORD)
    assert isinstance(found, dict)
    assert list(found) == [f"x/{name}"]
    assert found[f"x/{name}"][:4] in (b"PK\3\4", b"%PDF")
    assert inside(tmp_path / "right" / "open-2" / "0", tmp_path / "again") is None


def test_a_password_in_chinese_is_tried_as_windows_writes_it(tmp_path: Path) -> None:
    data = zip_crypto({b"calls.csv": TABLE}, "张三".encode("gbk"))
    assert looked(tmp_path, "x.zip", data, "张三") == CALLS


# Hostile


def linked(archive: tarfile.TarFile) -> None:
    for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "hard"), (tarfile.CHRTYPE, "device"),
                       (tarfile.FIFOTYPE, "pipe"), (tarfile.DIRTYPE, "folder")):  # fmt: skip
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


EVIL: dict[str, tuple[Make, dict[str, bytes] | str]] = {
    "names that lead elsewhere": (lambda: zipped({"../../a.csv": b"1", "/etc/b.csv": b"2", "c\\..\\..\\d.csv": b"3"}),
                                  {"x/a.csv": b"1", "x/etc/b.csv": b"2", "x/c/d.csv": b"3"}),
    "the same in a tar": (lambda: tape({"../../a.csv": b"1", "/etc/b.csv": b"2"}),
                          {"x/a.csv": b"1", "x/etc/b.csv": b"2"}),
    "links and devices": (lambda: tape({"a.csv": b"1"}, linked), {"x/a.csv": b"1"}),
    "a very long name": (lambda: tape({"a/" * 3000 + "b.csv": b"1"}), {"x/" + "a/" * 197 + "b.csv": b"1"}),
    "the same name again": (lambda: tape({"a.csv": b"1"}, lambda t: t.addfile(tarfile.TarInfo("./a.csv"))),
                            {"x/a.csv": b"1", "x/a (2).csv": b""}),
    "what systems put beside": (lambda: zipped({"__MACOSX/._a": b"1", "b/.DS_Store": b"2", "a": b"3"}), {"x/a": b"3"}),
    "a bomb": (lambda: zipped({"a": bytes(_out.BIG + 1)}), "big"),
    "a bomb of gzip": (lambda: gzip.compress(bytes(3 * _out.BIG)), "big"),
    "a bomb in a backup": (lambda: android(tape({"shared/a": bytes(3 * _out.BIG)})), "big"),
    "cut": (lambda: zipped({"a": TABLE})[:-30], "damaged"),
    "a cut tar": (lambda: half(gzip.compress(tape({"a": TABLE * 200}))), "damaged"),
    "a cut backup": (lambda: half(android(tape({"shared/a": TABLE * 200}))), "damaged"),
    "a backup of nothing": (lambda: b"ANDROID BACKUP\n5\n1\nnone\n", "damaged"),
    "a backup with a strange lock": (lambda: b"ANDROID BACKUP\n5\n1\nAES-256\nxx\n", "damaged"),
    "endless rounds": (lambda: b"ANDROID BACKUP\n5\n1\nAES-256\n00\n00\n99999999\n00\n00\n", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("kind", EVIL)
def test_nothing_hostile_gets_out(tmp_path: Path, kind: str) -> None:
    make, expected = EVIL[kind]
    assert looked(tmp_path, "x.zip", make()) == expected
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.zip", "out"}
    if isinstance(expected, str):
        assert not any(file.is_file() for file in (tmp_path / "out").rglob("*"))


def test_archives_in_each_other_have_an_end(tmp_path: Path) -> None:
    data = TABLE
    for n in range(7):
        data = zipped({f"{n}.zip" if n else "calls.csv": data})
    found = looked(tmp_path, "x.zip", data)
    assert isinstance(found, dict)
    assert [name for name in found if name.endswith(".zip")] == list(found)  # the rest stays packed


def test_the_limit_is_that_of_all_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{n}.zip": zipped({str(m): b"" for m in range(40)}) for n in range(3)}
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files))
    monkeypatch.setattr("collectaudit.containers.Room", lambda members=100, total=1 << 20: _out.Room(members, total))
    found = inside(path, tmp_path / "out")
    assert isinstance(found, dict)
    assert [name for name in found if name.endswith(".zip")] == ["x/2.zip"]


@pytest.mark.parametrize(("name", "expected"), [
    ("a.zip", "a"), ("a/b.tar.gz", "a/b"), ("backup", "backup"), ("a.2026-03-01", "a.2026-03-01"), (".zip", ".zip"),
    ("A. Wang.zip", "A. Wang"), ("a.b/c", "a.b/c"),
])  # fmt: skip
def test_what_members_are_named_after(name: str, expected: str) -> None:
    assert stem(name) == expected


# An iPhone

WANTED = [
    f"{HOME}/Library/CallHistoryDB/CallHistory.storedata", f"{HOME}/Library/SMS/sms.db",
    f"{HOME}/Library/SMS/sms.db-wal", "WirelessDomain/Library/CallHistory/call_history.db",
]  # fmt: skip


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_of_an_iphone_only_what_is_read_is_taken(tmp_path: Path, password: str) -> None:
    path = iphone(tmp_path / "00008030-1A", password=password)
    found = inside(path, tmp_path / "out", *([password] if password else []))
    assert isinstance(found, dict)
    assert sorted(found) == [f"00008030-1A/{name}" for name in WANTED]
    assert found[f"00008030-1A/{HOME}/Library/SMS/sms.db"] == DATABASES[HOME, "Library/SMS/sms.db"]
    assert [file.name for file in (tmp_path / "out").rglob("*") if "Manifest" in file.name] == []
    if password:
        assert inside(path, tmp_path / "locked") == "locked"
        assert inside(path, tmp_path / "wrong", "4321") == "wrong"


@pytest.mark.parametrize("password", ["", PASSWORD])
@pytest.mark.parametrize("pack", [zipped, tape, lambda files: gzip.compress(tape(files))])
@pytest.mark.parametrize("within", ["", "./", "Backup/00008030-1A/"])
def test_a_packed_iphone_is_taken_like_its_folder(
    tmp_path: Path, within: str, pack: Callable[[dict[str, bytes]], bytes], password: str
) -> None:
    folder = iphone(tmp_path / "phone", password=password)
    files = {within + str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (tmp_path / "x.zip").write_bytes(pack({**files, "beside/calls.csv": TABLE}))
    found = inside(tmp_path / "x.zip", tmp_path / "out", *([password] if password else []))
    assert isinstance(found, dict)
    beside, prefix = ["x/beside/calls.csv"] if "Backup" in within else [], f"x/{within.removeprefix('./')}"
    assert sorted(found) == sorted([f"{prefix}{name}" for name in WANTED] + beside)
    assert found[f"{prefix}{HOME}/Library/SMS/sms.db"] == DATABASES[HOME, "Library/SMS/sms.db"]
    if password:
        assert inside(tmp_path / "x.zip", tmp_path / "locked") == "locked"


def test_an_iphone_tells_where_it_comes_from_and_what_is_not_there(tmp_path: Path) -> None:
    iphone(tmp_path / "in" / "phone", missing=("Library/SMS/sms.db",))
    (tmp_path / "in" / "calls.csv").write_bytes(TABLE)
    case = brought(tmp_path / "in", tmp_path / "case")
    missing = f"in/phone/{HOME}/Library/SMS/sms.db is listed in the backup and not there"
    assert {"input": "in/phone", "reason": missing, "named": True} in case.errors
    row = next(row for row in custody(case) if row["name"].endswith("CallHistory.storedata"))
    about = {"device": "样例的 iPhone", "system": "17.4.1", "phone": "+86 138 0013 8000",
             "made_at": "2026-03-14T01:30:00Z"}  # fmt: skip
    assert [{**one, "sha256": ""} for one in row["containers"]] == [{"name": "in/phone", "sha256": "", **about}]
    assert len(case.kept()) == 4
    assert verify(case).ok


def test_a_locked_iphone_is_not_kept_and_says_why(tmp_path: Path) -> None:
    path = iphone(tmp_path / "phone", password=PASSWORD)
    case = brought(path, tmp_path / "case")
    assert case.errors == [{"input": "phone", "reason": _out.WHYS["locked"], "named": True}]
    assert len(brought(path, tmp_path / "case", PASSWORD).kept()) == 4
    with pytest.raises(InputProblem, match="locked"):
        look_into(path)
    assert [row["members"] for row in look_into(path, None, lambda _: [PASSWORD]) if "members" in row] == [4]


@pytest.mark.parametrize("end", [1024, 1500, 2048, 2100])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["tar", "tar.gz"])
def test_an_archive_without_its_end_says_so(tmp_path: Path, pack: Callable[[bytes], bytes], end: int) -> None:
    """Each of the three files takes two blocks of 512 bytes."""
    files = {f"{n}.csv": TABLE for n in range(3)}
    (tmp_path / "x").write_bytes(pack(tape(files)[:end]))
    (tmp_path / "out").mkdir()
    found = opened(tmp_path / "x", "x.tar", tmp_path / "out")
    assert found is not None
    assert {member.path.read_bytes() for member in found.members} == {TABLE}
    last = f"{end // 1024 - 1}.csv"
    assert found.notes == [f"x/{last} is the last file that can be read: the archive was cut or is damaged"]


@pytest.mark.parametrize("at", [10, 60, 120])
def test_a_zip_that_lacks_a_piece_stays_shut(tmp_path: Path, at: int) -> None:
    data = zipped({f"{n}.csv": TABLE for n in range(3)})
    assert looked(tmp_path, "x.zip", data[:at] + data[at + 40 :]) == "damaged"
