"""Every changed, missing, foreign or swapped file of a pack is found and named, and what is not checked is said."""

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import Run
from packkit import AT, authority, plain_pack, stock

from collectaudit.errors import InputProblem, WrongUse
from collectaudit.evidence import bag, seal
from collectaudit.evidence.packcheck import check_pack
from collectaudit.evidence.verify import Report

pytest.importorskip("cryptography")
pytest.importorskip("rfc3161_client")


def bad(report: Report) -> str:
    return "\n".join(f"{line.what}: {line.detail}" for line in report.lines if line.status == "bad")


def unchecked(report: Report) -> set[str]:
    return {line.what for line in report.lines if line.status == "not_checked"}


def files_of(pack: Path) -> list[Path]:
    return sorted(path for path in pack.rglob("*") if path.is_file())


def test_a_good_pack_is_clean_and_says_what_was_not_checked(pack: Path) -> None:
    report = check_pack(pack)
    assert report.ok
    named = {line.what for line in report.lines if line.status == "ok"}
    assert {path.relative_to(pack).as_posix() for path in files_of(pack)} <= named
    assert unchecked(report) == {"whose key it is", "who stamped it", "the pack as a whole", "what the files say"}


def test_with_key_and_root_nothing_of_the_seal_is_open(pack: Path) -> None:
    report = check_pack(pack, key=pack.parent / "key.pem.pub", roots=pack.parent / "tsa" / "ca.pem")
    assert report.ok and unchecked(report) == {"the pack as a whole", "what the files say"}
    assert any("stamped at 20" in line.detail and line.status == "ok" for line in report.lines)


def test_one_changed_byte_anywhere_is_refused_and_the_file_named_by_us_and_by_stock_tools(pack: Path) -> None:
    chance = random.Random(6)  # noqa: S311  a repeatable choice
    files = [path for path in files_of(pack) if path.stat().st_size]
    for number in range(300):
        path = files[number % len(files)]
        content = path.read_bytes()
        at = chance.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :])
        name = path.relative_to(pack).as_posix()
        report = check_pack(pack)
        assert not report.ok and name in bad(report), (name, at, bad(report))
        complaint = next(stock(pack), "")
        assert name in complaint, (name, at, complaint)
        path.write_bytes(content)
    assert check_pack(pack).ok and list(stock(pack)) == []


def test_one_changed_byte_anywhere_in_the_zip_is_refused(pack: Path, tmp_path: Path) -> None:
    whole = tmp_path / "pack.zip"
    bag.zip_bag(pack, whole, at=AT)
    assert check_pack(whole).ok
    content, chance = whole.read_bytes(), random.Random(7)  # noqa: S311  a repeatable choice
    for _ in range(300):
        at = chance.randrange(len(content))
        whole.write_bytes(content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :])
        try:
            report = check_pack(whole)
        except InputProblem:
            continue
        assert not report.ok and "the zip itself" in bad(report), at


def test_a_changed_member_is_named_in_a_zip_without_its_hash(pack: Path, tmp_path: Path) -> None:
    (pack / "data" / "01_投诉书.txt").write_text("改过", encoding="utf-8")
    bag.zip_bag(pack, tmp_path / "pack.zip", at=AT)
    (tmp_path / "pack.zip.sha256").unlink()
    report = check_pack(tmp_path / "pack.zip")
    assert bad(report) == "data/01_投诉书.txt: its bytes are not those that manifest-sha256.txt names"
    assert "the zip itself" in unchecked(report)


@pytest.mark.parametrize("member", ["../evil", "/evil", "材料包/../../evil", "other/evil", "材料包/data/evil"])
def test_what_else_lies_in_a_zip_is_named(pack: Path, tmp_path: Path, member: str) -> None:
    bag.zip_bag(pack, tmp_path / "pack.zip", at=AT)
    with zipfile.ZipFile(tmp_path / "pack.zip", "a") as out:
        out.writestr(member, b"x")
    (tmp_path / "pack.zip.sha256").unlink()
    assert "evil" in bad(check_pack(tmp_path / "pack.zip"))
    assert not (tmp_path / "evil").exists() and not (tmp_path.parent / "evil").exists()


def test_a_member_given_twice_is_named(pack: Path, tmp_path: Path) -> None:
    bag.zip_bag(pack, tmp_path / "pack.zip", at=AT)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "pack.zip", "a") as out:
        out.writestr(f"{pack.name}/VERIFY.md", b"x")
    assert "VERIFY.md: is in the zip twice" in bad(check_pack(tmp_path / "pack.zip"))


def test_what_is_no_zip_is_said(tmp_path: Path) -> None:
    (tmp_path / "pack.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputProblem):
        check_pack(tmp_path / "pack.zip")


def test_every_missing_file_is_named(pack: Path) -> None:
    for path in files_of(pack):
        name, content = path.relative_to(pack).as_posix(), path.read_bytes()
        path.unlink()
        report = check_pack(pack)
        if name == seal.SUMS:  # not every pack has one; what it would have listed is then foreign
            assert "seal/" in bad(report)
        else:
            assert name in bad(report), name
        path.write_bytes(content)
    assert check_pack(pack).ok


@pytest.mark.parametrize("name", ["data/08_陈述表/more.pdf", "more.txt", "seal/more.pem", "data2/x", ".hidden"])
def test_every_foreign_file_is_named(pack: Path, name: str) -> None:
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_bytes(b"")
    assert bad(check_pack(pack)) == f"{name}: no list names it: it was added later"


def test_what_a_file_manager_left_is_said_and_does_no_harm(pack: Path) -> None:
    for name in (".DS_Store", "data/Thumbs.db"):
        (pack / name).write_bytes(b"x")
    report = check_pack(pack)
    assert report.ok and {".DS_Store", "data/Thumbs.db"} <= unchecked(report)


def test_links_and_swapped_files_are_named(pack: Path) -> None:
    one, two = pack / "data" / "01_投诉书.txt", pack / "data" / "02_证据册.pdf"
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    (pack / "data" / "link").symlink_to(one)
    said = bad(check_pack(pack))
    assert all(name in said for name in ("01_投诉书.txt", "02_证据册.pdf", "data/link: is a link"))


def _resealed(pack: Path) -> None:
    """Somebody without the key changes a file and makes every list anew."""
    (pack / "data" / "01_投诉书.txt").write_text("改过", encoding="utf-8")
    bag.make_bag(pack, dated=AT.date(), about={"External-Identifier": "CA-00000000"})
    seal.close(pack)


def _with_another_key(pack: Path) -> None:
    _resealed(pack)
    seal.new_key(pack.parent / "other.pem")
    seal.sign(pack, pack.parent / "other.pem", at=AT)


def _without_signature(pack: Path) -> None:
    shutil.rmtree(pack / "seal")


def _slipped_in(pack: Path) -> None:
    """A file added, and named in the one list that no signature holds."""
    (pack / "data" / "more").write_bytes(b"more")
    listed = bag.read_list((pack / seal.SUMS).read_bytes()) or {}
    (pack / seal.SUMS).write_bytes(bag.as_list({**listed, "data/more": sha256(b"more").hexdigest()}))


def _payload_list_unlisted(pack: Path) -> None:
    listed = bag.read_list((pack / bag.TAGMANIFEST).read_bytes()) or {}
    del listed[bag.MANIFEST]
    (pack / bag.TAGMANIFEST).write_bytes(bag.as_list(listed))
    seal.close(pack)


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (_resealed, seal.SIGNATURE),
        (_resealed, seal.MINISIG),
        (_resealed, seal.TOKEN),
        (_with_another_key, seal.PUBLIC),
        (_without_signature, "the signature"),
        (_slipped_in, "data/more"),
        (_payload_list_unlisted, bag.MANIFEST),
    ],
)
def test_who_knows_the_key_is_not_deceived(pack: Path, forge: Callable[[Path], None], named: str) -> None:
    forge(pack)
    assert named in bad(check_pack(pack, key=pack.parent / "key.pem.pub"))


def test_a_token_of_somebody_else_is_refused(pack: Path, tmp_path: Path) -> None:
    other = authority(tmp_path / "other", "Another Authority")
    assert seal.TOKEN in bad(check_pack(pack, roots=other / "ca.pem"))


def test_a_pack_without_a_seal_is_checked_and_says_so(tmp_path: Path) -> None:
    report = check_pack(plain_pack(tmp_path / "pack"))
    assert report.ok
    assert {"the signature", "the time stamp", "the pack as a whole"} <= unchecked(report)


def test_a_key_that_is_none_is_wrong_use(pack: Path) -> None:
    with pytest.raises(WrongUse):
        check_pack(pack, key=pack / "VERIFY.md")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_takes_folder_and_zip(pack: Path, tmp_path: Path, run: Run, lang: str) -> None:
    bag.zip_bag(pack, tmp_path / "pack.zip", at=AT)
    for path in (pack, tmp_path / "pack.zip"):
        ran = run(
            "verify",
            path,
            "--key",
            pack.parent / "key.pem.pub",
            "--tsa-root",
            pack.parent / "tsa" / "ca.pem",
            lang=lang,
        )
        assert ran.code == 0, ran
        assert ran.err == ""
    (pack / "data" / "02_证据册.pdf").write_bytes(b"x")
    ran = run("verify", pack, lang=lang)
    assert ran.code == 4 and "02_证据册.pdf" in ran.out


def test_the_command_speaks_json(pack: Path, run: Run) -> None:
    ran = run("verify", pack, "--format", "json")
    said = json.loads(ran.out)
    assert ran.code == 0 and said["ok"] and {row["result"] for row in said["checks"]} == {"ok", "not_checked"}
