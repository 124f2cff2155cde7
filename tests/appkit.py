"""What tests of the dashboard share: pages without a browser, the real command, and a real Chromium."""

import http.client
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from bigcase import sample_copy
from exports import AGENT, ME, calls, epoch, people

from collectaudit import serve
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.desk import Desk

ROOT = Path(__file__).parents[1]
APP = ROOT / "app"
PAGES = sorted(path.stem for path in (APP / "screens").glob("*.py"))
LANGUAGES = ("zh", "en")
CHROMIUM = os.environ.get("COLLECTAUDIT_CHROMIUM") or shutil.which("chromium") or ""
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
EVIL = "![x](http://127.0.0.1:9/p.png) <script>alert(1)</script> [a](javascript:alert(1)) \u202egnp.exe :red[x] $x$ `y`"
_READY = "[data-testid=stApp][data-test-script-state=notRunning]"


def page(name: str, lang: str, *, unfolded: Sequence[str] = (), **query: str) -> Any:
    """A page as Streamlit's own test harness runs it, on whatever is being served.

    `unfolded`: parts of it that are open, and are made only then.
    """
    from streamlit.testing.v1 import AppTest

    _as_in_one_server()
    test = AppTest.from_file(APP / "main.py", default_timeout=60)
    for key, value in {"lang": lang, **query}.items():
        test.query_params[key] = value
    for part in unfolded:
        test.session_state[f"fold-{part}"] = True
    if name != "start":
        test.switch_page(f"screens/{name}.py")
    return test.run()


@cache
def _as_in_one_server() -> None:
    """For each page the harness looks through all packages and compiles the program; a server does it once."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache

    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    compiled = cache(partial(ScriptCache.get_bytecode, ScriptCache()))
    ScriptCache.get_bytecode = lambda _, script_path: compiled(script_path)  # type: ignore[assignment,method-assign]


def served_sample(factory: pytest.TempPathFactory, home: Path) -> Case:
    """The sample, the caller's own, as the only case of a desk in `home` that is served."""
    sample_copy(factory, home / "sample")
    desk = Desk(home)
    serve.begin(desk, "zh")
    return desk.case(desk.cases()[0]["key"])


def widget(test: Any, name: str) -> dict[str, Any] | None:
    """What one of our own widgets was given to show."""
    import json

    for element in test.get("bidi_component"):
        proto = element.proto
        if proto.component_name.endswith(name):
            found: dict[str, Any] = json.loads(proto.json)
            return found
    return None


def tables(test: Any) -> dict[str, dict[str, Any]]:
    """Every table of ours on a page, as it was given to be shown, by its caption."""
    import json

    elements = [e.proto for e in test.get("bidi_component") if e.proto.component_name.endswith("rows")]
    found = (json.loads(proto.json) for proto in elements)
    return {table["caption"]: table for table in found}


def codes(test: Any) -> list[str]:
    """Every text of a page that can be copied."""
    import json

    elements = [e.proto for e in test.get("bidi_component") if e.proto.component_name.endswith("code")]
    return [json.loads(proto.json)["text"] for proto in elements]


class Served(NamedTuple):
    """The real command, running."""

    address: str
    home: Path
    process: "subprocess.Popen[str]"

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    def at(self, path: str) -> str:
        """The address of a page, with the token."""
        joint = "&" if "?" in path else "?"
        return f"http://127.0.0.1:{self.port}/{path}{joint}token={self.token}"

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; `host` replaces the Host header."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"host": f"127.0.0.1:{self.port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, body

    @property
    def cookie(self) -> str:
        return f"collectaudit-{self.port}={self.token}"


@contextmanager
def served(home: Path, *arguments: str, lang: str = "zh", **environment: str) -> Iterator[Served]:
    """`collectaudit open --no-browser` with a home of its own, until the block ends."""
    command = [str(Path(sys.executable).with_name("collectaudit")), "open", "--no-browser", *arguments]
    env = {**os.environ, "HOME": str(home), "COLLECTAUDIT_LANG": lang, **environment}
    errors = (home / "server.log").open("w", encoding="utf-8")
    process = subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", address), (home / "server.log").read_text()
        found = Served(address, home, process)
        _wait(found)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout and process.stdout.close()
        errors.close()
    assert "Traceback" not in (home / "server.log").read_text(encoding="utf-8")


def _wait(server: Served) -> None:
    import time

    for _ in range(300):
        try:
            if server.ask("/_stcore/health", cookie=server.cookie)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextmanager
def chromium() -> Iterator[Any]:
    """A real browser; where there is none the test is skipped, or with COLLECTAUDIT_REAL_BROWSER=1 (as in CI) fails."""
    if not CHROMIUM:
        without = pytest.fail if os.environ.get("COLLECTAUDIT_REAL_BROWSER") else pytest.skip
        without("no chromium here (apt-get install chromium fonts-noto-cjk)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()


class Tab:
    """A page of the dashboard in the browser; keeps every request that would have left the machine."""

    def __init__(self, browser: Any, server: Served, *, lang: str = "zh", width: int = 1280) -> None:
        locale = {"zh": "zh-CN", "en": "en-GB"}[lang]
        size = {"width": width, "height": 900}
        self.context = browser.new_context(locale=locale, timezone_id="Asia/Shanghai", viewport=size)
        self.page = self.context.new_page()
        self.server = server
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._asked)
        self.page.on("console", self._said)

    def _asked(self, request: Any) -> None:
        where = urlsplit(request.url)
        if where.scheme not in ("data", "blob") and where.netloc != f"127.0.0.1:{self.server.port}":
            self.outside.append(request.url)

    def _said(self, message: Any) -> None:
        """An error in the console; not that Streamlit looks for its server below the page's own path first."""
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.complaints.append(message.text)

    def open(self, path: str = "") -> Any:
        """A page, by its address, drawn to the end."""
        self.page.goto(self.server.at(path))
        return self.drawn()

    def drawn(self) -> Any:
        """Wait until Streamlit has nothing left to do."""
        self.page.wait_for_selector(_READY, timeout=30_000)
        self.page.wait_for_function("() => !document.querySelector('[data-stale=true]')", timeout=30_000)
        return self.page

    def leave(self) -> None:
        """Nothing may have left the machine, and nothing may have been refused; the next test finds the tab empty."""
        outside, complaints = list(self.outside), list(self.complaints)
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.goto("about:blank")  # a page that still fetches something would be refused without its cookie
        self.context.clear_cookies()
        self.outside.clear()
        self.complaints.clear()
        assert outside == []
        assert complaints == []

    def click(self, name: str, role: str = "button") -> Any:
        """Click what a reader would name so, and wait."""
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.page.wait_for_timeout(150)  # until the click has reached the server
        return self.drawn()


def evil_case(out: Path) -> Case:
    """A case whose every text from outside tries something; what it is made of lies beside it."""
    body = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    log = out.parent / "in" / f"sms {EVIL.replace('/', '_')[:60]}.xml"
    log.parent.mkdir(parents=True)
    said = f"再不还钱就给你通讯录里的人挨个打电话 {body}"
    log.write_text(
        f'<?xml version=\'1.0\' encoding=\'UTF-8\'?>\n<smses count="1">\n<sms protocol="0" address="{AGENT}" '
        f'date="{epoch("2026-03-09 22:15:00")}" type="1" body="{said}" read="1" status="-1" '
        f'contact_name="{body}" />\n</smses>\n',
        encoding="utf-8",
    )
    cells = EVIL.replace('"', '""')
    roles = people(log.with_name("people.csv"), f'{AGENT},collector,"{cells}","{cells}"', f"{ME},debtor")
    return audit([log, roles], out=out, owners={"": ME})


SPOKEN_AT_S = 12  # where the passage of `spoken_case` begins


def spoken_case(out: Path) -> Case:
    """The case of `spoken_inputs`, which lie beside it."""
    return audit([spoken_inputs(out.parent / "in")], out=out, owners={"": ME})


def spoken_inputs(folder: Path) -> Path:
    """A call with its recording and a transcript in which the collector says at 0:12 what a finding rests on."""
    import wave

    stem = folder / f"{AGENT}_20260309221500"
    calls(folder / "calls.xml", [("2026-03-09 22:15:00", "in", 30)])
    with wave.open(str(stem.with_suffix(".wav")), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join((n * 97 % 8000).to_bytes(2, "little") for n in range(30 * 8000)))
    cues = [("00:00:02,000", "00:00:06,000", "催收员：您好，这里是样例催收服务部，您的借款逾期了。"),
            ("00:00:07,000", "00:00:11,000", "借款人：我下周才发工资。"),
            ("00:00:12,000", "00:00:16,000", "催收员：再不还，我就给你通讯录里的人挨个打电话。")]  # fmt: skip
    text = "\n\n".join(f"{n}\n{start} --> {end}\n{said}" for n, (start, end, said) in enumerate(cues, 1))
    stem.with_suffix(".srt").write_text(text + "\n", encoding="utf-8")
    people(folder / "people.csv", f"{AGENT},collector,张专员,样例催收服务部", f"{ME},debtor")
    return folder
