"""Signatures and time stamps that the tools of others accept, over this pack and no other; nothing is ever sent."""

import socket
import stat
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest
from packkit import AT, authority, done, needs, plain_pack, ran, stamped, stock

from collectaudit.errors import CollectAuditError, InputProblem, IntegrityError, WrongUse
from collectaudit.evidence import bag, seal, stamp

pytest.importorskip("cryptography")
pytest.importorskip("rfc3161_client")


def test_stock_tools_accept_every_part(pack: Path) -> None:
    assert list(stock(pack)) == []


def test_stock_tools_refuse_another_pack(pack: Path) -> None:
    listing = pack / bag.TAGMANIFEST
    listing.write_bytes(listing.read_bytes().replace(b"VERIFY", b"VERITY"))
    complaints = "".join(stock(pack))
    assert all(tool in complaints for tool in ("sha256sum", "bagit", "pkeyutl", "minisign", "openssl ts"))


def test_py_minisign_accepts_it_too(pack: Path) -> None:
    minisign = pytest.importorskip("minisign")
    key = minisign.PublicKey.from_file(pack / seal.MINISIGN_KEY)
    key.verify((pack / bag.TAGMANIFEST).read_bytes(), minisign.Signature.from_file(pack / seal.MINISIG))


def test_a_key_of_openssl_signs_too_and_twice_the_same(tmp_path: Path) -> None:
    needs("openssl")
    done(tmp_path, "openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem")
    made = []
    for name in ("one", "two"):
        pack = plain_pack(tmp_path / name / "pack")
        seal.sign(pack, tmp_path / "key.pem", at=AT)
        made.append({path.name: path.read_bytes() for path in (pack / bag.SEAL).iterdir()})
    assert made[0] == made[1]


def test_a_new_key_is_for_its_owner_and_never_replaced(tmp_path: Path) -> None:
    key = seal.new_key(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert seal.public_key((tmp_path / "key.pem.pub").read_bytes()) == key
    assert seal.public_key((tmp_path / "key.pem").read_bytes()) == key
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(WrongUse):
        seal.new_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == before
    shown = ran(tmp_path, needs("openssl"), "pkey", "-in", "key.pem", "-pubout")
    assert shown.stdout == (tmp_path / "key.pem.pub").read_text()


@pytest.mark.parametrize("wrong", ["", "garbage", "rsa", "encrypted", "missing", "folder"])
def test_what_is_no_key_is_refused(tmp_path: Path, wrong: str) -> None:
    pack, key = plain_pack(tmp_path / "pack"), tmp_path / "key.pem"
    if wrong == "rsa":
        done(tmp_path, needs("openssl"), "genrsa", "-out", key, "2048")
    elif wrong == "encrypted":
        secret = ("-aes256", "-pass", "pass:secret")
        done(tmp_path, needs("openssl"), "genpkey", "-algorithm", "ed25519", *secret, "-out", key)
    elif wrong == "folder":
        key.mkdir()
    elif wrong != "missing":
        key.write_text(wrong, encoding="utf-8")
    with pytest.raises(WrongUse):
        seal.sign(pack, key, at=AT)
    assert not (pack / bag.SEAL).exists()


def test_the_request_is_one_and_holds_only_the_hash(pack: Path) -> None:
    request = (pack / seal.REQUEST).read_bytes()
    digest = sha256((pack / bag.TAGMANIFEST).read_bytes()).digest()
    assert digest in request and len(request) == 59
    said = ran(pack, needs("openssl"), "ts", "-query", "-in", seal.REQUEST, "-text").stdout
    assert "Hash Algorithm: sha256" in said and "Certificate required: yes" in said and "Nonce: unspecified" in said
    done(
        pack,
        "openssl",
        "ts",
        "-query",
        "-data",
        bag.TAGMANIFEST,
        "-sha256",
        "-cert",
        "-no_nonce",
        "-out",
        "../theirs.tsq",
    )
    assert (pack.parent / "theirs.tsq").read_bytes() == request


def test_a_bare_token_is_taken_as_well(pack: Path) -> None:
    answer, token = pack.parent / "answer.tsr", pack.parent / "bare.tst"
    done(pack, "openssl", "ts", "-reply", "-in", answer, "-token_out", "-out", token)
    (pack / seal.TOKEN).unlink()
    found = seal.add_token(pack, token, pack.parent / "tsa" / "ca.pem")
    assert abs((found.at - datetime.now(UTC)).total_seconds()) < 3600
    assert list(stock(pack)) == []


def test_a_token_over_something_else_is_refused(pack: Path, tmp_path: Path) -> None:
    ours = pack.parent / "tsa"
    (tmp_path / "other.tsq").write_bytes(stamp.request(b"something else"))
    other = stamped(ours, tmp_path / "other.tsq", tmp_path / "other.tsr")
    before = (pack / seal.TOKEN).read_bytes()
    with pytest.raises(IntegrityError):
        seal.add_token(pack, other, ours / "ca.pem")
    assert (pack / seal.TOKEN).read_bytes() == before


def test_a_chain_that_is_not_the_authoritys_is_refused(pack: Path, tmp_path: Path) -> None:
    others = authority(tmp_path / "others", "Another Authority")
    with pytest.raises(IntegrityError):
        seal.add_token(pack, pack.parent / "answer.tsr", others / "ca.pem")


@pytest.mark.parametrize("content", [b"", b"0\x80", b"\x30\x05\x30\x03\x02\x01\x02", b"<html>", bytes(500)])
def test_what_is_no_token_is_refused(pack: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "answer").write_bytes(content)
    with pytest.raises(InputProblem):
        seal.add_token(pack, tmp_path / "answer")


def test_a_token_damaged_anywhere_says_the_same_or_is_refused(pack: Path) -> None:
    """What is not signed (certificates that came along and are not needed) is held by the list of the seal."""
    whole, roots = (pack / seal.TOKEN).read_bytes(), (pack.parent / "tsa" / "ca.pem").read_bytes()
    data, said, held = (pack / bag.TAGMANIFEST).read_bytes(), stamp.read_token(whole), 0
    for at in range(0, len(whole), 5):
        try:
            token = stamp.read_token(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
            if stamp.holds(token, roots):
                assert token.is_over(data) and token.at == said.at
                held += 1
        except CollectAuditError:
            continue
    assert held < len(whole) // 5 // 2


def test_nothing_is_sent(pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    seal.sign(pack, pack.parent / "key.pem", at=AT)
    seal.ask(pack)
    seal.add_token(pack, pack.parent / "answer.tsr", pack.parent / "tsa" / "ca.pem")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
