"""A small pack, sealed in every way, and the stock tools that check one; a time-stamping authority of our own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from collectaudit.evidence import bag, seal

DATED = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
OFFICE = shutil.which("soffice")
BAGIT = Path(sys.executable).with_name("bagit.py")
_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[req]
distinguished_name = dn
[dn]
"""


def as_pdf(path: Path) -> Path:
    """What LibreOffice makes of a file that it opens without a word of repair."""
    command = [str(OFFICE), "--headless", "--convert-to", "pdf", "--outdir", str(path.parent), str(path)]
    environment = {**os.environ, "HOME": str(path.parent)}
    ran = subprocess.run(command, env=environment, capture_output=True, timeout=180, check=True)
    assert b"repair" not in ran.stderr.lower()
    return path.with_suffix(".pdf")


def needs(tool: str) -> str:
    """The path of a tool; a test without it is skipped."""
    return shutil.which(tool) or pytest.skip(f"no {tool} here (apt-get install {tool})")


def ran(cwd: Path, *command: object) -> "subprocess.CompletedProcess[str]":
    """A command and what it said, both streams together."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def done(cwd: Path, *command: object) -> None:
    """A command that must work."""
    said = ran(cwd, *command)
    assert said.returncode == 0, said.stdout


def authority(folder: Path, name: str = "Test Authority") -> Path:
    """A time-stamping authority: root ca.pem, its certificate tsa.pem, both with keys."""
    needs("openssl")
    folder.mkdir(parents=True)
    (folder / "tsa.cnf").write_text(_CONFIG, encoding="utf-8")
    (folder / "serial").write_text("01\n", encoding="utf-8")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
    root = ("-x509", "-days", "3650", "-extensions", "ca", "-subj", f"/CN={name} Root")
    done(folder, "openssl", "req", *key, *root, "-keyout", "ca.key", "-out", "ca.pem")
    done(folder, "openssl", "req", *key, "-subj", f"/CN={name}", "-keyout", "tsa.key", "-out", "tsa.csr")
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "tsa.cnf", "-extensions", "ext")
    done(folder, "openssl", "x509", "-req", "-in", "tsa.csr", *sign, "-days", "3650", "-out", "tsa.pem")
    return folder


def stamped(at: Path, request: Path, to: Path) -> Path:
    """The authority's answer to a request."""
    done(at, "openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", request, "-out", to)
    return to


def plain_pack(folder: Path) -> Path:
    """A pack without a seal: payload with Chinese names, an empty file, one in a deep folder, tag files."""
    contents = {
        "data/01_投诉书.txt": "尊敬的工作人员：\n".encode(),
        "data/02_证据册.pdf": bytes(range(256)) * 40,
        "data/05_原始文件/通话 详单.csv": b"time,number\n2025-06-01 22:10,12025550101\n" * 50,
        "data/07_数据/empty": b"",
        "data/07_数据/a/b/rerun.sql": b"SELECT 1;\n",
        "data/manifest.json": b"{}\n",
        "00_先读我.txt": "先读我\n".encode(),
        "VERIFY.md": b"# Verify\n",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    bag.make_bag(folder, dated=DATED, about={"External-Identifier": "CA-00000000"})
    return folder


def sealed_pack(root: Path) -> Path:
    """A pack with signatures, a request, a token and its chain; beside it the key and the authority."""
    pack = plain_pack(root / "材料包")
    seal.new_key(root / "key.pem")
    seal.sign(pack, root / "key.pem", at=AT)
    seal.ask(pack)
    ours = authority(root / "tsa")
    seal.add_token(pack, stamped(ours, pack / seal.REQUEST, root / "answer.tsr"), ours / "ca.pem")
    return pack


def stock(pack: Path) -> Iterator[str]:
    """What the stock tools complain about, tool after tool; nothing for a good pack."""
    lists = [name for name in (seal.SUMS, bag.TAGMANIFEST, bag.MANIFEST) if (pack / name).exists()]
    over = ("-in", bag.TAGMANIFEST, "-sigfile", seal.SIGNATURE)
    commands = [
        *(("sha256sum", "--quiet", "--strict", "-c", name) for name in lists),
        (sys.executable, BAGIT, "--quiet", "--validate", "."),
        ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", seal.PUBLIC, "-rawin", *over),
        (needs("minisign"), "-V", "-q", "-m", bag.TAGMANIFEST, "-x", seal.MINISIG, "-p", seal.MINISIGN_KEY),
        ("openssl", "ts", "-verify", "-data", bag.TAGMANIFEST, "-in", seal.TOKEN, "-CAfile", "../tsa/ca.pem"),
    ]
    for command in commands:
        said = ran(pack, *command)
        if said.returncode:
            yield f"{' '.join(map(str, command))}: {said.stdout}"
