"""A bag is what RFC 8493 says, the tools of others accept it, and the same folder gives the same bytes."""

import shutil
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packkit import AT, BAGIT, DATED, plain_pack, ran

from collectaudit.errors import WrongUse
from collectaudit.evidence import bag


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return plain_pack(tmp_path / "材料包")


def test_stock_tools_accept_it(pack: Path) -> None:
    for listing in (bag.MANIFEST, bag.TAGMANIFEST):
        assert ran(pack, "sha256sum", "--strict", "--quiet", "-c", listing).stdout == ""
    checked = ran(pack, sys.executable, BAGIT, "--validate", ".")
    assert checked.returncode == 0 and ". is valid" in checked.stdout


def test_it_is_a_bag_of_version_1(pack: Path) -> None:
    assert (pack / bag.BAGIT).read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = [path for path in (pack / "data").rglob("*") if path.is_file()]
    octets = sum(path.stat().st_size for path in payload)
    lines = (pack / bag.INFO).read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        "External-Identifier: CA-00000000",
        "Bagging-Date: 2026-03-01",
        f"Payload-Oxum: {octets}.{len(payload)}",
    ]
    listed = bag.read_list((pack / bag.MANIFEST).read_bytes())
    assert listed is not None and sorted(listed) == sorted(p.relative_to(pack).as_posix() for p in payload)
    tags = bag.read_list((pack / bag.TAGMANIFEST).read_bytes())
    assert tags is not None and {"00_先读我.txt", "VERIFY.md", bag.BAGIT, bag.INFO, bag.MANIFEST} == set(tags)


def test_what_stands_in_bag_info_stays_on_its_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    bag.make_bag(tmp_path, dated=DATED, about={"External-Description": "a\nBagging-Date: 1999-01-01\u202e"})
    assert "External-Description: a Bagging-Date: 1999-01-01\\u202e\n" in (tmp_path / bag.INFO).read_text(
        encoding="utf-8"
    )


def test_made_again_it_is_the_same_and_stands_for_every_byte(pack: Path, tmp_path: Path) -> None:
    again = plain_pack(tmp_path / "again" / "材料包")
    first = bag.make_bag(pack, dated=DATED, about={"External-Identifier": "CA-00000000"})
    assert first == bag.make_bag(again, dated=DATED, about={"External-Identifier": "CA-00000000"})
    (pack / "data/07_数据/empty").write_bytes(b"x")
    assert first != bag.make_bag(pack, dated=DATED, about={"External-Identifier": "CA-00000000"})


def test_the_zip_is_the_same_twice_and_tells_nothing_of_the_machine(pack: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / pack.name
    shutil.copytree(pack, copy)
    for path in copy.rglob("*"):
        path.chmod(0o755)
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert bag.zip_bag(pack, one, at=AT) == bag.zip_bag(copy, two, at=AT)
    assert one.read_bytes() == two.read_bytes()
    assert ran(tmp_path, "sha256sum", "--strict", "-c", "one.zip.sha256").stdout == "one.zip: OK\n"
    with zipfile.ZipFile(one) as found:
        names = found.namelist()
        assert names == sorted(names) and all(name.startswith(f"{pack.name}/") for name in names)
        assert {entry.date_time for entry in found.infolist()} == {(2026, 3, 1, 8, 0, 0)}
        assert {entry.external_attr >> 16 for entry in found.infolist()} == {0o100644}


def test_the_zip_unpacks_to_a_valid_bag(pack: Path, tmp_path: Path) -> None:
    bag.zip_bag(pack, tmp_path / "pack.zip", at=datetime(1970, 1, 1, tzinfo=UTC))
    shutil.unpack_archive(tmp_path / "pack.zip", tmp_path / "out")
    checked = ran(tmp_path / "out" / pack.name, sys.executable, BAGIT, "--validate", ".")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    "name", ["a\nb", "a\\b", "50%", "CON.txt", "a.", " a", "a:b", ".hidden", "\u202eexe.pdf", "a?"]
)
def test_names_that_not_every_system_can_write_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(b"")
    with pytest.raises(WrongUse):
        bag.make_bag(tmp_path, dated=DATED)


def test_names_that_are_one_on_some_systems_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("Call.csv", "call.CSV"):
        (tmp_path / "data" / name).write_bytes(b"")
    with pytest.raises(WrongUse):
        bag.make_bag(tmp_path, dated=DATED)


def test_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to("/etc/hostname")
    with pytest.raises(WrongUse):
        bag.make_bag(tmp_path, dated=DATED)


@given(st.text())
def test_any_name_can_be_made_one_that_is_accepted(text: str) -> None:
    name = bag.portable(text)
    assert name == bag.portable(name)
    listed = {f"data/{name}": "0" * 64}
    assert bag.read_list(bag.as_list(listed)) == listed


@given(
    st.dictionaries(st.text("ab/ *#\\é", min_size=1), st.text("0123456789abcdef", min_size=64, max_size=64)), st.data()
)
def test_no_sign_of_a_list_changes_unseen(listed: dict[str, str], data: st.DataObject) -> None:
    content = bag.as_list(listed)
    if content:
        at = data.draw(st.integers(0, len(content) - 1))
        damaged = content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :]
        assert bag.read_list(damaged) != listed
