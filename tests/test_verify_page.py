"""verify.html as a stranger uses it: a real Chromium, from file://, on good and tampered packs, in both languages."""

import json
import os
import random
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES
from packkit import AT, needs, ran, sealed_pack

from collectaudit.catalogue import Words
from collectaudit.evidence import bag, seal, selfcheck
from collectaudit.evidence.packcheck import check_pack

pytest.importorskip("playwright.sync_api")
pytest.importorskip("cryptography")
SCREENSHOTS = os.environ.get("COLLECTAUDIT_SCREENSHOTS")  # a folder; without it none is kept
_NO_SUBTLE = "Object.defineProperty(globalThis, 'crypto', { value: undefined })"


def said(lang: str, key: str, **args: object) -> str:
    return Words(lang, "report")(f"verify.{key}", **args)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("good")
    pack = sealed_pack(root)
    for name in (bag.SEAL, "VERIFY.md"):
        path = pack / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    selfcheck.write_checks(pack, "zh")
    bag.make_bag(pack, dated=AT.date())
    seal.sign(pack, root / "key.pem", at=AT)
    return pack


@pytest.fixture
def pack(good: Path, tmp_path: Path) -> Path:
    shutil.copytree(good, tmp_path / good.name)
    return tmp_path / good.name


class Page:
    """The page of a pack, opened from the disk; keeps every request and complaint."""

    def __init__(self, browser: Any, page: Path, lang: str, *, script: str = "") -> None:
        self.context = browser.new_context(locale={"zh": "zh-CN", "en": "en-GB"}[lang])
        self.page = self.context.new_page()
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.outside.extend({request.url} - {self.page.url, page.as_uri()}))
        self.page.on("console", lambda said: self.complaints.extend([said.text] if said.type == "error" else []))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if script:
            self.context.add_init_script(script)
        self.page.goto(page.as_uri())

    def choose(self, folder: Path) -> dict[str, list[str]]:
        """Choose a folder; the names under each state."""
        self.page.set_input_files("#folder", folder)
        self.page.locator("#result").wait_for(state="visible")
        found: dict[str, list[str]] = {}
        for line in self.page.locator("#rows tr").all():
            state, name = line.locator("td").all_inner_texts()
            found.setdefault(state, []).append(name)
        return found

    def close(self) -> None:
        """Nothing may have left the machine, nothing may have gone wrong."""
        self.context.close()
        assert self.outside == []
        assert self.complaints == []


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("script", ["", _NO_SUBTLE], ids=["lent", "own"])
def test_a_good_pack_is_said_to_be_unchanged(browser: Any, pack: Path, lang: str, script: str) -> None:
    tab = Page(browser, pack / "verify.html", lang, script=script)
    assert tab.page.evaluate("Boolean(globalThis.crypto && crypto.subtle)") is not bool(script)
    found = tab.choose(pack)
    names = sorted(path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file())
    assert set(found) == {said(lang, "state_ok")}
    assert sorted(found[said(lang, "state_ok")]) == names
    assert tab.page.locator("#verdict.good").inner_text() == said(lang, "all_good", n=len(names))
    whole = check_pack(pack).lines[-2].detail.split()[-1]
    assert tab.page.locator("#whole").inner_text() == whole
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        tab.page.screenshot(path=Path(SCREENSHOTS) / f"verify-good-{lang}.png", full_page=True)
    tab.close()


def test_every_kind_of_fault_is_named(browser: Any, pack: Path, lang: str) -> None:
    (pack / "data" / "02_证据册.pdf").write_bytes(b"x")
    (pack / "data" / "07_数据" / "empty").unlink()
    (pack / "data" / "more \u202egnp.<b>").write_bytes(b"x")
    (pack / ".DS_Store").write_bytes(b"x")
    tab = Page(browser, pack / "verify.html", lang)
    found = tab.choose(pack)
    assert found[said(lang, "state_changed")] == ["data/02_证据册.pdf (manifest-sha256.txt)"]
    assert found[said(lang, "state_missing")] == ["data/07_数据/empty"]
    assert found[said(lang, "state_foreign")] == ["data/more \\u{202e}gnp.<b>"]
    assert found[said(lang, "state_left")] == [".DS_Store"]
    assert tab.page.locator("#verdict.bad").count() == 1
    if SCREENSHOTS:
        tab.page.screenshot(path=Path(SCREENSHOTS) / f"verify-bad-{lang}.png", full_page=True)
    tab.close()


def test_after_any_changed_byte_the_page_says_what_verify_says(browser: Any, pack: Path) -> None:
    chance = random.Random(8)  # noqa: S311  a repeatable choice
    files = sorted(path for path in pack.rglob("*") if path.is_file() and path.stat().st_size)
    tab = Page(browser, pack / "verify.html", "en")
    for number in range(60):
        path = files[number % len(files)]
        content = path.read_bytes()
        at = chance.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :])
        found = tab.choose(pack)
        changed = "\n".join(name for state, names in found.items() if state != "unchanged" for name in names)
        assert path.relative_to(pack).as_posix() in changed, (path, at, found)
        assert not check_pack(pack).ok
        path.write_bytes(content)
    assert set(tab.choose(pack)) == {"unchanged"}
    tab.close()


def test_a_file_slipped_into_the_outermost_list_is_foreign(browser: Any, pack: Path) -> None:
    (pack / "data" / "more").write_bytes(b"more")
    listed = bag.read_list((pack / seal.SUMS).read_bytes()) or {}
    (pack / seal.SUMS).write_bytes(bag.as_list({**listed, "data/more": sha256(b"more").hexdigest()}))
    tab = Page(browser, pack / "verify.html", "en")
    found = tab.choose(pack)
    assert found["added"] == ["data/more"] and found["changed"] == [seal.SUMS]
    tab.close()


def test_what_is_no_pack_is_said(browser: Any, pack: Path, tmp_path: Path, lang: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_bytes(b"x")
    tab = Page(browser, pack / "verify.html", lang)
    tab.page.set_input_files("#folder", tmp_path / "other")
    tab.page.get_by_text(said(lang, "no_pack")).wait_for()
    tab.close()


def test_the_language_can_be_changed(browser: Any, pack: Path) -> None:
    tab = Page(browser, pack / "verify.html", "en")
    tab.choose(pack)
    tab.page.locator("#language").click()
    assert tab.page.locator("h1").inner_text() == said("zh", "title")
    assert tab.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert said("zh", "state_ok") in tab.page.locator("#rows").inner_text()
    tab.close()


def test_our_own_sha256_is_right_at_every_length(browser: Any, pack: Path) -> None:
    tab = Page(browser, pack / "verify.html", "en")
    made = tab.page.evaluate(
        """() => [...Array(200).keys(), 1000, 4096, 100003].map((size) => {
            const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 256), sum = new Sha256();
            for (let at = 0; at < size; at += 37) sum.add(bytes.subarray(at, at + 37));
            return [size, sum.hex()];
        })"""
    )
    for size, digest in made:
        assert digest == sha256(bytes((i * 7 + size) % 256 for i in range(size))).hexdigest(), size
    tab.close()


def test_the_page_asks_nothing_of_the_network_and_holds_both_languages() -> None:
    page = selfcheck.page()
    assert not re.search(r"https?://|src=|@import|url\(", page)
    found = json.loads(page.split("const TEXTS = ")[1].split(";\n")[0])
    assert found["zh"].keys() == found["en"].keys() == set(re.findall(r"^(\w+) = ", _section(), re.MULTILINE))


def _section() -> str:
    return (
        (Path(selfcheck.__file__).parents[1] / "catalogue" / "en.report.toml")
        .read_text()
        .split("[verify]")[1]
        .split("\n[")[0]
    )


def test_the_commands_of_verify_md_work_here(pack: Path) -> None:
    for tool in ("openssl", "minisign"):
        needs(tool)
    text = (pack / "VERIFY.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if " ts " not in line]
    assert len(lines) == 2 * 5
    for line in lines:
        done = ran(pack, "sh", "-c", line)
        assert done.returncode == 0, (line, done.stdout)
    key = seal.public_key((pack / seal.PUBLIC).read_bytes())
    assert key.fingerprint in ran(pack, "sh", "-c", lines[4]).stdout
    assert ran(pack, "sh", "-c", lines[0]).stdout == "一致\n"
