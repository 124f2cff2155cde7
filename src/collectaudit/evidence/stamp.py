"""Time stamps by RFC 3161: the request to be sent, and the token that came back. Nothing is sent from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..errors import InputProblem, MissingPart

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

# TimeStampReq, version 1: SHA-256 of the file, without nonce so that the same file gives the same request,
# and with the wish that the authority's certificate comes along (RFC 3161, 2.4.1).
_REQUEST = bytes.fromhex("30390201013031300d060960864801650304020105000420")
_WITH_CERTIFICATE = b"\x01\x01\xff"
_GRANTED = bytes.fromhex("3003020100")  # PKIStatusInfo, to make a response of a bare token
_SEQUENCE, _NAME, _CERTIFICATES, _NO_LENGTH = 0x30, 0x06, 0xA0, 0x80  # of DER


@dataclass(frozen=True, slots=True)
class Token:
    """A token as read: the response that holds it, the hash it is about, and the time it says."""

    response: bytes
    imprint: bytes
    at: datetime

    def is_over(self, data: bytes) -> bool:
        """Whether it is about exactly these bytes."""
        return self.imprint == sha256(data).digest()


def request(data: bytes) -> bytes:
    """The request, in DER, that asks a time-stamping authority to stamp these bytes; only their hash is in it."""
    return _REQUEST + sha256(data).digest() + _WITH_CERTIFICATE


def read_token(data: bytes) -> Token:
    """A response (.tsr) or a bare token. Raises InputProblem if it is neither, MissingPart without the extra."""
    info = _response(data).tst_info
    return Token(_as_response(data), info.message_imprint.message, info.gen_time)


def holds(token: Token, roots: bytes, chain: bytes = b"") -> bool:
    """Whether the token was signed by a time-stamping authority that these roots (PEM) vouch for, by way of `chain`."""
    needs_parts()
    from rfc3161_client import VerificationError, VerifierBuilder

    trusted = _vouched_for(certificates(roots), certificates(chain))
    authorities = [one for one in trusted if _may_issue(one)]
    builder = VerifierBuilder(roots=authorities)
    response = _response(token.response)
    if not response.signed_data.certificates:
        leaf = next((one for one in trusted if one not in authorities), None)
        builder = builder.tsa_certificate(leaf) if leaf else builder
    try:
        return builder.build().verify(response, token.imprint)
    except (VerificationError, ValueError):
        return False


def _vouched_for(roots: "Sequence[Certificate]", others: "Sequence[Certificate]") -> "list[Certificate]":
    """The roots, and of the others those that lead back to one: the verifier trusts whatever it is given."""
    trusted = [one for one in roots if _may_issue(one)]
    for _ in others:
        trusted += [one for one in others if one not in trusted and any(_issued(by, one) for by in trusted)]
    return trusted


def _may_issue(certificate: "Certificate") -> bool:
    from cryptography.x509 import BasicConstraints, ExtensionNotFound

    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ExtensionNotFound, ValueError):
        return False


def _issued(by: "Certificate", certificate: "Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return _may_issue(by)


def certificates(pem: bytes) -> "list[Certificate]":
    """The certificates of a PEM file. Raises InputProblem if it holds none."""
    needs_parts()
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(pem) if pem else []
    except ValueError as error:
        raise InputProblem("the certificates are not PEM", "Give one with BEGIN CERTIFICATE lines.") from error


def needs_parts() -> None:
    """Raises MissingPart where what reads keys and tokens is not installed."""
    if find_spec("cryptography") is None or find_spec("rfc3161_client") is None:
        raise MissingPart(
            "signatures and time stamps need the extra report", "Install it with: pip install 'collectaudit[report]'"
        )


def _response(data: bytes) -> "TimeStampResponse":
    needs_parts()
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(_in_order(_as_response(data)))
        response.tst_info.message_imprint  # noqa: B018 — a refusal decodes, and holds no token
    except (ValueError, IndexError) as error:
        fix = "Give the file that the authority sent back (.tsr, .tsa or .tst)."
        raise InputProblem("this is no time-stamp token", fix) from error
    return response


def _as_response(data: bytes) -> bytes:
    """A bare token (it begins with the name of its type) as the answer it came in."""
    _, inside, _ = _element(data, 0)
    if _element(data, inside)[0] != _NAME:
        return data
    content = _GRANTED + data
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_SEQUENCE]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(octets)]) + octets) + content


def _in_order(response: bytes) -> bytes:
    """The response with its certificates in the order that DER asks for; many authorities send them in another.

    They are no part of what is signed, and their bytes together stay as long.
    """
    token = _children(response, 0)[1]
    signed = _children(response, _element(response, _children(response, token)[1])[1])
    for at in signed[3:]:
        tag, inside, end = _element(response, at)
        if tag == _CERTIFICATES:
            ends = [*_children(response, at)[1:], end]
            found = sorted(response[a:b] for a, b in zip(_children(response, at), ends, strict=True))
            return response[:inside] + b"".join(found) + response[end:]
    return response


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and where it ends, of the DER element at `at`."""
    size, inside = data[at + 1], at + 2
    if size == _NO_LENGTH:
        raise ValueError("not DER")
    if size > _NO_LENGTH:
        inside += size & 0x7F
        size = int.from_bytes(data[at + 2 : inside], "big")
    return data[at], inside, inside + size


def _children(data: bytes, at: int) -> list[int]:
    """Where the elements within the one at `at` begin."""
    _, inside, end = _element(data, at)
    found = []
    while inside < end:
        found.append(inside)
        inside = _element(data, inside)[2]
    return found
