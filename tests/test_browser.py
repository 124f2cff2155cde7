"""The dashboard as people use it: the real command, a real Chromium, both languages."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, PAGES, SPOKEN_AT_S, Served, Tab, evil_case, served, spoken_case
from bigcase import copied, sample_copy

from collectaudit.catalogue import Words
from collectaudit.desk import Desk

sync_api = pytest.importorskip("playwright.sync_api")
pytest.importorskip("streamlit")
_GUARD = """
import socket, urllib.parse
def _guard(name, real):
    def asked(self, address, *rest):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            open({log!r}, "a").write(f"{name} {address}\\n")
            raise OSError("no network in this test")
        return real(self, address, *rest)
    return asked
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, _guard(name, getattr(socket.socket, name)))
_find = socket.getaddrinfo
def _found(host, *rest, **more):
    if host not in (None, "", "127.0.0.1", "::1", "localhost", b"127.0.0.1"):
        open({log!r}, "a").write(f"getaddrinfo {host}\\n")
        raise OSError("no network in this test")
    return _find(host, *rest, **more)
socket.getaddrinfo = _found
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the cases that the tests look at, and a guard that writes down every way out of the machine."""
    home = tmp_path_factory.mktemp("home")
    sample_copy(tmp_path_factory, home / "collectaudit" / "sample")
    copied(tmp_path_factory, "evil", evil_case, home / "collectaudit" / "evil")
    copied(tmp_path_factory, "spoken", spoken_case, home / "collectaudit" / "spoken")
    (home / "guard").mkdir()
    (home / "guard" / "sitecustomize.py").write_text(_GUARD.replace("{log!r}", repr(str(home / "asked.txt"))))
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    with served(home, PYTHONPATH=str(home / "guard")) as found:
        yield found
    assert not (home / "asked.txt").exists(), (home / "asked.txt").read_text()


def said(lang: str, key: str, **args: object) -> str:
    return Words(lang, "app")(key, **args)


def case_named(tab: Tab, lang: str, name: str) -> None:
    """Open a case from the start page, and its findings."""
    tab.open(f"?lang={lang}")
    tab.click(name)
    tab.page.get_by_role("heading", name=said(lang, "story.title"), exact=True).wait_for()
    tab.drawn()
    tab.click(said(lang, "findings.menu"), "link")
    tab.page.get_by_role("heading", name=said(lang, "findings.title"), exact=True).wait_for()
    tab.drawn()


def findings_of(tab: Tab, lang: str, name: str) -> None:
    """The findings of a case, by their address."""
    key = next(row["key"] for row in Desk(tab.server.home / "collectaudit").cases() if row["name"] == name)
    tab.open(f"findings?case={key}&lang={lang}")
    tab.page.get_by_role("heading", name=said(lang, "findings.title"), exact=True).wait_for()
    tab.drawn()


def first_finding(tab: Tab) -> None:
    tab.page.locator("tr.link").first.click()
    tab.page.locator(".st-key-verdict").wait_for()
    tab.drawn()


def press_until(tab: Tab, key: str, seen: Any) -> None:
    """Press a key, again if need be: Streamlit listens to it only a moment after the page is drawn."""
    for _ in range(10):
        tab.page.keyboard.press(key)
        try:
            seen.wait_for(timeout=3000)
        except sync_api.TimeoutError:
            continue
        return
    raise AssertionError(f"the key {key} does nothing")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_the_start_to_a_verdict_that_stays(tab: Tab, lang: str) -> None:
    tab.open(f"?lang={lang}")
    case_named(tab, lang, "sample")
    first_finding(tab)
    before = tab.page.url
    assert tab.page.get_by_role("button", name=said(lang, "verdicts.confirmed")).count() == 1
    verdict = Words(lang).word("verdict", "dismissed" if lang == "zh" else "unsure")
    now = re.compile(re.escape(verdict) + r" · ")
    press_until(tab, "2" if lang == "zh" else "3", tab.page.locator(".st-key-verdict").get_by_text(now).first)
    tab.page.reload()
    tab.drawn()
    tab.page.locator(".st-key-verdict").get_by_text(now).first.wait_for()
    assert tab.page.url == before
    press_until(tab, "n", tab.page.locator(".st-key-verdict").get_by_text(said(lang, "verdicts.none_finding")).first)
    assert tab.page.url != before
    tab.drawn().locator(".st-key-verdict").wait_for()
    tab.drawn()
    tab.page.goto(str(tab.page.get_by_role("link", name=said(lang, "event.back")).first.evaluate("a => a.href")))
    tab.drawn().get_by_role("heading", name=said(lang, "findings.title"), exact=True).wait_for()


@pytest.mark.parametrize("lang", ["zh"])
def test_numbers_and_rows_lead_on_without_loading_anew(tab: Tab, lang: str) -> None:
    findings_of(tab, lang, "sample")
    tab.open(tab.page.url.replace("/findings?", "/account?").split("127.0.0.1")[1].split("/", 1)[1])
    tab.page.evaluate("window.sameAsBefore = true")
    tab.page.locator("tr.link td:nth-child(2) a").first.click()
    tab.page.get_by_role("heading", name=said(lang, "contacts.title"), exact=True).wait_for()
    assert "account=" in tab.drawn().url
    tab.page.locator("tr.link").first.click()
    tab.page.get_by_role("button", name=said(lang, "app.copy"), exact=True).first.wait_for()
    assert tab.drawn().evaluate("window.sameAsBefore")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hash_can_be_copied(tab: Tab, lang: str) -> None:
    findings_of(tab, lang, "sample")
    first_finding(tab)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.click(said(lang, "app.copy"))
    tab.page.get_by_role("button", name=said(lang, "app.copied"), exact=True).wait_for()
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied in tab.page.locator("pre").all_inner_texts()
    assert re.fullmatch(r"[0-9a-f]{64}", copied)


@pytest.mark.parametrize("lang", ["zh"])
def test_keys_typed_into_a_note_are_no_verdict(tab: Tab, server: Served, lang: str) -> None:
    findings_of(tab, lang, "spoken")
    first_finding(tab)
    note = tab.page.get_by_label(said(lang, "verdicts.note"))
    note.click()
    note.press_sequentially("123 n")
    tab.drawn()
    assert note.input_value() == "123 n"
    assert not (server.home / "collectaudit" / "spoken" / "reviews.csv").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filter_survives_a_refresh_and_a_link(tab: Tab, browser: Any, server: Served, lang: str) -> None:
    findings_of(tab, lang, "sample")
    box = tab.page.get_by_label(said(lang, "findings.search"))
    box.fill("通讯录")
    box.press("Enter")
    tab.page.wait_for_url("**search=*")
    rows = tab.drawn().locator("tr.link").count()
    assert 0 < rows < 50
    tab.page.reload()
    tab.drawn().locator("tr.link").first.wait_for()
    assert tab.page.locator("tr.link").count() == rows
    href = tab.page.locator("tr.link a").first.get_attribute("href")
    other = Tab(browser, server, lang=lang)
    other.open(str(href).lstrip("/")).locator(".st-key-verdict").wait_for()
    assert other.page.get_by_text(said(lang, "event.words"), exact=True).count() == 1
    other.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_language_is_the_browsers_and_can_be_changed(tab: Tab, lang: str) -> None:
    tab.open()
    tag = {"zh": "zh-CN", "en": "en"}
    assert tab.page.get_by_role("heading", name=said(lang, "start.title"), exact=True).count() == 1
    assert tab.page.evaluate("document.documentElement.lang") == tag[lang]
    other = "en" if lang == "zh" else "zh"
    tab.click(said(other, "app.this_language"), role="radio")
    tab.page.get_by_role("heading", name=said(other, "start.title"), exact=True).wait_for()
    tab.page.reload()
    tab.drawn().get_by_role("heading", name=said(other, "start.title"), exact=True).wait_for()
    assert tab.page.evaluate("document.documentElement.lang") == tag[other]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_escape_twice_hides_everything(tab: Tab, lang: str) -> None:
    findings_of(tab, lang, "sample")
    tab.page.get_by_role("button", name=said(lang, "app.hide")).wait_for()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_url("**/away*")
    assert tab.page.title() == said(lang, "app.notepad")
    assert "sample" not in tab.page.content()


@pytest.mark.parametrize("lang", ["zh"])
def test_the_recording_plays_from_before_the_passage(tab: Tab, lang: str) -> None:
    findings_of(tab, lang, "spoken")
    tab.page.goto(tab.page.url + "&rule=third-party-contact-threat&tier=finding")
    tab.drawn()
    first_finding(tab)
    tab.page.get_by_role("button", name=said(lang, "talk.flagged")).click()
    audio = tab.page.locator("audio")
    audio.wait_for()
    tab.page.wait_for_timeout(1200)
    assert SPOKEN_AT_S - 5 < audio.evaluate("sound => sound.currentTime") < SPOKEN_AT_S
    tab.page.locator("li.link").nth(1).click()
    tab.page.wait_for_timeout(800)
    assert 7 < audio.evaluate("sound => sound.currentTime") < 11
    assert tab.page.locator("li.now").count() == 1
    assert tab.page.locator("mark.hit").count() == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_changes_nothing(tab: Tab, lang: str) -> None:
    findings_of(tab, lang, "evil")
    first_finding(tab)
    assert "<script>alert(1)</script>" in tab.page.locator("li .text").first.inner_text()
    assert tab.page.locator("main img, main a[href*='javascript'], main a[href*=':9/']").count() == 0
    assert "\u202e" not in tab.page.locator("main").inner_text()


@pytest.mark.parametrize(
    "path", ["/", "/media/x.wav", "/recording/a/b", "/_stcore/health", "/away", *(f"/{name}" for name in PAGES)]
)
def test_a_foreign_host_is_refused_on_every_path(server: Served, path: str) -> None:
    assert server.ask(path, cookie=server.cookie)[0] != 403
    for strange in (
        {"host": "evil.example"},
        {"host": f"evil.example:{server.port}"},
        {"origin": "http://evil.example"},
    ):
        assert server.ask(path, cookie=server.cookie, **strange)[0] == 403
    assert server.ask(path)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_a_foreign_page_gets_no_socket(server: Served, origin: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **({"Origin": origin, "Cookie": server.cookie} if origin else {}),
    }  # fmt: skip
    connection.request("GET", "/_stcore/stream", headers=headers)
    assert connection.getresponse().status == 403
    connection.close()


def test_the_server_listens_on_this_machine_alone(server: Served) -> None:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{server.port:04X}")] == [
        f"0100007F:{server.port:04X}"
    ]
