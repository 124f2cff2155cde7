"""The seal of a pack: signatures and time stamps over its tagmanifest, which stands for every byte of the pack.

Everything here is made or imported on this machine; nothing is sent. `seal/` is listed in no manifest: it signs them.
"""

import base64
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import IntegrityError, WrongUse
from . import files, stamp
from .bag import SEAL, TAGMANIFEST, as_list

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SUMS = f"{SEAL}/SHA256SUMS"  # the outermost list: what lies in seal/, and the tagmanifest
SIGNATURE, MINISIG = f"{SEAL}/{TAGMANIFEST}.sig", f"{SEAL}/{TAGMANIFEST}.minisig"
PUBLIC, MINISIGN_KEY = f"{SEAL}/public-key.pem", f"{SEAL}/minisign.pub"
REQUEST, TOKEN, CHAIN = f"{SEAL}/{TAGMANIFEST}.tsq", f"{SEAL}/{TAGMANIFEST}.tsr", f"{SEAL}/tsa-chain.pem"
_UNTRUSTED = "untrusted comment: collectaudit pack"  # minisign signs it not; it is always the same
_PLAIN, _HASHED = b"Ed", b"ED"


@dataclass(frozen=True, slots=True)
class Key:
    """The public half of a key: its 32 bytes."""

    raw: bytes

    @property
    def fingerprint(self) -> str:
        """What two people compare: SHA-256 of the 32 bytes."""
        return sha256(self.raw).hexdigest()

    @property
    def number(self) -> bytes:
        """What minisign calls the key id."""
        return sha256(self.raw).digest()[:8]


def new_key(to: Path) -> Key:
    """Make an Ed25519 key: `to` (PEM, not encrypted, 0600) and `<to>.pub`. Raises WrongUse if one of them is there."""
    stamp.needs_parts()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    beside = to.with_name(to.name + ".pub")
    if os.path.lexists(to) or os.path.lexists(beside):
        raise WrongUse(f"{files.shown(to)} is there already", "Name another file; a key is never replaced.")
    key = Ed25519PrivateKey.generate()
    files.write_new(to, key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    files.write_new(beside, _pem(key.public_key()))
    return Key(key.public_key().public_bytes_raw())


def public_key(pem: bytes) -> Key:
    """A public key (or the public half of a private one) from PEM. Raises WrongUse if it is no Ed25519 key."""
    stamp.needs_parts()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = _private(pem).public_key() if b"PRIVATE" in pem else load_pem_public_key(pem)
    except ValueError as error:
        raise WrongUse("this is no public key", "Give the file *.pub that was made with the key.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise WrongUse("the key is not an Ed25519 key", "Make one with: collectaudit keys new FILE")
    return Key(key.public_bytes_raw())


def sign(folder: Path, key_file: Path, *, at: datetime) -> Key:
    """Sign the tagmanifest of a bag: a signature for `openssl pkeyutl -rawin`, one for `minisign`, and the public key.

    The same key, bag and time give the same bytes.
    """
    stamp.needs_parts()
    try:
        key = _private(files.read(key_file))
    except (OSError, files.NotAFile) as error:
        raise WrongUse(
            f"{files.shown(key_file)} cannot be read", "Make one with: collectaudit keys new FILE"
        ) from error
    data = files.read(folder / TAGMANIFEST)
    public = Key(key.public_key().public_bytes_raw())
    _put(folder, SIGNATURE, key.sign(data))
    _put(folder, MINISIG, _minisig(key, public, data, at))
    _put(folder, PUBLIC, _pem(key.public_key()))
    number = int.from_bytes(public.number, "little")
    known = f"untrusted comment: minisign public key {number:016X}\n{_text(_PLAIN + public.number + public.raw)}\n"
    _put(folder, MINISIGN_KEY, known.encode())
    close(folder)
    return public


def ask(folder: Path) -> None:
    """Write the request that a time-stamping authority answers; whoever wants a stamp sends it."""
    _put(folder, REQUEST, stamp.request(files.read(folder / TAGMANIFEST)))
    close(folder)


def add_token(folder: Path, token_file: Path, chain_file: Path | None = None) -> stamp.Token:
    """Put the authority's answer, and its certificates (PEM), into the seal.

    Raises InputProblem if it is no token, IntegrityError if it is about something else or the certificates do not fit.
    """
    token = stamp.read_token(files.read(token_file))
    chain = files.read(chain_file) if chain_file else b""
    if not token.is_over(files.read(folder / TAGMANIFEST)):
        raise IntegrityError(f"{files.shown(token_file)} is a time stamp of something else", "Stamp this very pack.")
    if chain and not stamp.holds(token, chain, chain):
        raise IntegrityError(f"{files.shown(token_file)} is not signed with these certificates", "Ask for its chain.")
    _put(folder, TOKEN, token.response)
    if chain:
        _put(folder, CHAIN, chain)
    close(folder)
    return token


def close(folder: Path) -> None:
    """Write the list of what lies in seal/, so that no byte there changes unseen either."""
    (folder / SEAL).mkdir(exist_ok=True)
    (folder / SUMS).unlink(missing_ok=True)
    inside = {f"{SEAL}/{path.name}": files.sha256_of(path) for path in (folder / SEAL).iterdir()}
    _put(folder, SUMS, as_list({**inside, TAGMANIFEST: files.sha256_of(folder / TAGMANIFEST)}))


def fits(key: Key, signature: bytes, data: bytes) -> bool:
    """Whether this is the key's signature over these bytes."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def minisig_fits(key: Key, minisig: bytes, data: bytes) -> bool:
    """Whether these are the lines that `sign` writes with this key over these bytes."""
    try:
        untrusted, signature, trusted, whole = minisig.decode("ascii").removesuffix("\n").split("\n")
        made, over = base64.b64decode(signature, validate=True), base64.b64decode(whole, validate=True)
    except ValueError:
        return False
    comment = trusted.removeprefix("trusted comment: ").encode()
    known = (untrusted, made[:10]) == (_UNTRUSTED, _HASHED + key.number)
    return known and fits(key, made[10:], blake2b(data).digest()) and fits(key, over, made[10:] + comment)


def _minisig(key: "Ed25519PrivateKey", public: Key, data: bytes, at: datetime) -> bytes:
    """The format of minisign 0.6 and later: signed are BLAKE2b of the file, and that with a comment."""
    signature = key.sign(blake2b(data).digest())
    comment = f"timestamp:{int(at.timestamp())}\tfile:{TAGMANIFEST}\thashed"
    lines = (
        _UNTRUSTED, _text(_HASHED + public.number + signature),
        f"trusted comment: {comment}", _text(key.sign(signature + comment.encode())),
    )  # fmt: skip
    return "".join(f"{line}\n" for line in lines).encode()


def _private(pem: bytes) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise WrongUse("this is no key that can be read", "Give a PEM file without password.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongUse("the key is not an Ed25519 key", "Make one with: collectaudit keys new FILE")
    return key


def _pem(key: "Ed25519PublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    files.write_new(path, data)
