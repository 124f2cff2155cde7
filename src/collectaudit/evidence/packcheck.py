"""Checks a pack that was handed over, byte by byte, against its own lists and seals; says what it did not check."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from ..errors import InputProblem, MissingPart, WrongUse
from . import seal, stamp
from .bag import MANIFEST, PAYLOAD, SEAL, TAGMANIFEST, read_list
from .files import read, shown
from .packed import Faulty, Packed, Zip, content, digest, open_pack
from .verify import Check, Report, Status

# What file managers leave in every folder that somebody opened.
_LEFT = {".DS_Store", "Thumbs.db", "desktop.ini"}


def check_pack(path: Path, *, key: Path | None = None, roots: Path | None = None) -> Report:
    """Check a pack, a folder or a zip. `key`: the public key it must be signed with; `roots`: trusted for time stamps.

    Raises InputProblem for a zip that cannot be read, WrongUse for a key that is none.
    """
    return Report(list(_Check(open_pack(path), key, roots).checks()))


class _Check:
    """One pass over a pack."""

    def __init__(self, pack: Packed, key: Path | None, roots: Path | None) -> None:
        self.pack = pack
        self.key = seal.public_key(read(key)) if key else None
        self.roots = read(roots) if roots else b""
        self.listed: dict[str, str] = {}  # every file that a list names

    def checks(self) -> Iterator[Check]:
        """All checks, in the order of the report: the lists from outside inwards, what they name, seals, the rest."""
        for name, why in self.pack.faults:
            yield Check(shown(name), "bad", why)
        yield from self._frame()
        for name, own in _LISTS.items():
            if name != seal.SUMS or name in self.pack.names:
                yield from self._list(name, own)
        for name, expected in sorted(self.listed.items()):
            yield self._file(name, expected)
        yield from self._foreign()
        yield from self._signature()
        yield from self._time()
        yield from self._unchecked()

    def _frame(self) -> Iterator[Check]:
        if self.pack.frame is not None:
            detail = "" if self.pack.frame else "is not, byte for byte, what the hash beside it says"
            yield Check("the zip itself", "ok" if self.pack.frame else "bad", detail)
        elif isinstance(self.pack, Zip):
            yield Check("the zip itself", "not_checked", "no hash lies beside it: only the files in it were checked")

    def _list(self, name: str, own: Callable[[str], bool]) -> Iterator[Check]:
        """A list of hashes, in the one form that is written, of the files that are its own to list."""
        listed = read_list(self._bytes(name))
        outermost = name not in self.listed
        if name not in self.pack.names:
            if outermost:
                yield Check(name, "bad", _MISSING)
        elif not listed:
            if outermost:
                yield Check(name, "bad", "is not a list of hashes as it was written")
        elif strange := next((to for to in listed if not own(to)), None):
            yield Check(name, "bad", f"names {shown(strange)}, which another list has to name")
        elif outermost:
            yield Check(name, "ok")
        self.listed |= {to: found for to, found in (listed or {}).items() if own(to)}
        if name == TAGMANIFEST:
            self.listed.setdefault(MANIFEST, "")

    def _file(self, name: str, expected: str) -> Check:
        if name not in self.pack.names:
            return Check(shown(name), "bad", _MISSING)
        try:
            found = digest(self.pack, name)
        except Faulty as problem:
            return Check(shown(name), "bad", str(problem))
        if found == expected:
            return Check(shown(name), "ok")
        listing = next(to for to, own in _LISTS.items() if own(name))
        return Check(shown(name), "bad", f"its bytes are not those that {listing} names")

    def _bytes(self, name: str) -> bytes:
        """The bytes of a small member; none where it is missing or damaged, which is said elsewhere."""
        try:
            return content(self.pack, name) if name in self.pack.names else b""
        except Faulty:
            return b""

    def _foreign(self) -> Iterator[Check]:
        known = {*self.listed, TAGMANIFEST, MANIFEST, seal.SUMS}
        for name in self.pack.names:
            if name in known:
                continue
            if name.rpartition("/")[2] in _LEFT:
                yield Check(shown(name), "not_checked", "left by a file manager; no part of the pack")
            else:
                yield Check(shown(name), "bad", "no list names it: it was added later")

    def _signature(self) -> Iterator[Check]:
        there = [name for name in (seal.SIGNATURE, seal.MINISIG, seal.PUBLIC) if name in self.pack.names]
        try:
            if there:
                yield from self._signed()
            else:
                status: Status = "bad" if self.key else "not_checked"
                yield Check("the signature", status, "there is none: anybody could have made this pack anew")
        except MissingPart as problem:
            yield Check("the signature", "not_checked", problem.what)
        except WrongUse:
            yield Check(seal.PUBLIC, "bad", "is missing or no public key")

    def _signed(self) -> Iterator[Check]:
        """Both signatures, by the key that was given, or else by the one that lies with them."""
        inside = seal.public_key(self._bytes(seal.PUBLIC))
        key = self.key or inside
        if inside != key:
            yield Check(seal.PUBLIC, "bad", f"is another key than the one given: {inside.fingerprint}")
        for name, fits in ((seal.SIGNATURE, seal.fits), (seal.MINISIG, seal.minisig_fits)):
            if fits(key, self._bytes(name), self._bytes(TAGMANIFEST)):
                yield Check(name, "ok", f"signed with the key {key.fingerprint}")
            else:
                yield Check(name, "bad", "is no signature of this pack by that key")
        if self.key is None:
            yield Check("whose key it is", "not_checked", f"compare with what its owner says it is: {key.fingerprint}")

    def _time(self) -> Iterator[Check]:
        if seal.TOKEN not in self.pack.names:
            yield Check("the time stamp", "not_checked", "there is none: when the pack was made, only it says itself")
            return
        try:
            yield from self._stamped(stamp.read_token(self._bytes(seal.TOKEN)))
        except MissingPart as problem:
            yield Check("the time stamp", "not_checked", problem.what)
        except InputProblem:
            yield Check(seal.TOKEN, "bad", "cannot be read as a time stamp with its certificates")

    def _stamped(self, token: stamp.Token) -> Iterator[Check]:
        at = f"{token.at:%Y-%m-%d %H:%M:%S} UTC"
        chain = self._bytes(seal.CHAIN)
        if not token.is_over(self._bytes(TAGMANIFEST)):
            yield Check(seal.TOKEN, "bad", "is a time stamp of something else")
        elif not (self.roots or chain):
            yield Check(seal.TOKEN, "not_checked", f"it says {at}; no certificates are here to check its signature")
        elif stamp.holds(token, self.roots or chain, chain):
            yield Check(seal.TOKEN, "ok", f"stamped at {at}")
        else:
            yield Check(seal.TOKEN, "bad", "is not signed with these certificates")
        if not self.roots:
            yield Check("who stamped it", "not_checked", "name the root certificate that you trust with --tsa-root")

    def _unchecked(self) -> Iterator[Check]:
        """What no check of the pack alone can show."""
        whole = sha256(self._bytes(TAGMANIFEST)).hexdigest()
        yield Check("the pack as a whole", "not_checked", f"compare this hash with one noted elsewhere: {whole}")
        yield Check("what the files say", "not_checked", "hashes show that nothing was changed, not that it is true")


def _in_payload(name: str) -> bool:
    return name.startswith(f"{PAYLOAD}/")


def _in_seal(name: str) -> bool:
    return name.startswith(f"{SEAL}/") or name == TAGMANIFEST


def _beside(name: str) -> bool:
    return not (_in_payload(name) or _in_seal(name))


# Each list, and which files are its own: nobody can slip a file in by way of a list that is not signed.
_LISTS = {seal.SUMS: _in_seal, TAGMANIFEST: _beside, MANIFEST: _in_payload}
_MISSING = "is missing"
