"""Each page of the sample in a real Chromium, both languages: as a reader sees it and a screen reader hears it."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from appkit import LANGUAGES, PAGES, Served, Tab, served
from bigcase import sample_copy

from collectaudit.catalogue import Words
from collectaudit.desk import Desk

pytest.importorskip("playwright.sync_api")
pytest.importorskip("streamlit")
SCREENSHOTS = os.environ.get("COLLECTAUDIT_SCREENSHOTS")  # a folder; without it none is kept
# Names that are the same in every language, and what stands in a record or an address.
_NAMES = re.compile(
    r"collectaudit|streamlit|python|duckdb|polars|xlsxwriter|English|sample|SHA-256|DuckDB|Apache|LICENSE|SQL|UTC|Esc"
    r"|SMS Backup & Restore|SyncTech|Android|Apple|iPhone|iTunes|iOS|iMazing|iCloud|MIUI|OPPO|vivo|WhatsApp|WeChat|QQ"
    r"|Google (Voice|Takeout)|Voice|adb|\.bak\b"
    r"|Asterisk|FreePBX|FreeSWITCH|VICIdial|Avaya IP Office|Twilio"
    r"|Excel|CSV|XLSX|Parquet|JSONL?|PDF|ZIP|TXT|AMR|XML|vCard|GB18030|UTF-\d+"
    r"|(call|sms|mms|card)\[\d+\](@L\d+(\.\d+)?)?|impersonation|docs/regimes\.md, House standards|pip install '[^']*'"
    r"|Whisper|faster-whisper|whisper\.cpp|base|small"
    r"|(GB/T|JR/T|GA/T|Reg F)\S*|https?://\S+|\S+\.(xml|csv|xlsx|wav|mp3|m4a|amr|ogg|opus|srt|json|vcf|txt|toml|sql|py|db|storedata|sqlitedb)\b|-wal"
    r"|\b[0-9a-f]{8,64}\b|[a-z]+[.\-_/][a-z0-9.\-_/@]+|[A-Z]{2}-\d[\d-]*"
    r"|[A-Za-z]+/[A-Za-z/_]+( Recordings)?|\bxlsx?\b|\bcsv\b"
)
_ONE_ACCOUNT = "account-one"  # the page of all accounts is another one
_TALLEST = 2000  # pixels of a picture
_DRAWN = (
    "() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every((e) => e.querySelector('canvas, svg'))"
)
_SEEN = """() => {
    const hidden = "[data-testid=stIconMaterial], pre, script, noscript, style, svg, canvas, .data";
    const texts = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot);
            if (element.closest(hidden)) continue;
            texts.push(element.ariaLabel, element.placeholder, element.title);
            for (const part of element.childNodes) if (part.nodeType === Node.TEXT_NODE) texts.push(part.data);
        }
    };
    walk(document.body);
    return texts.filter((text) => text && text.trim());
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    sample_copy(tmp_path_factory, home / "collectaudit" / "sample")
    with served(home) as found:
        yield found


@pytest.fixture
def drawn(tab: Tab, name: str, lang: str) -> Tab:
    """A page of the sample."""
    tab.open(_address(tab.server, name, lang))
    tab.page.get_by_role("button", name=Words(lang, "app")("app.hide")).wait_for()
    return tab


def _address(server: Served, name: str, lang: str) -> str:
    desk = Desk(server.home / "collectaudit")
    row = desk.cases()[0]
    way = "inspect" if name in ("overview", "comparison", "account", "quality", "rules", "data") else "complain"
    ref = ""
    if name == "event":  # the most telling one: words that were spoken, in a recording
        rows = desk.case(row["key"]).query("SELECT finding_id FROM speech ORDER BY passages DESC, finding_id LIMIT 1")
        ref = f"&finding={rows[0]['finding_id']}"
    if name == _ONE_ACCOUNT:
        name, way, ref = "account", "inspect", "&account=XF-2023-0518"
    address = "" if name == "start" else name  # the first page has no name of its own
    return f"{address}?case={row['key']}&lang={lang}&way={way}{ref}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [*PAGES, _ONE_ACCOUNT])
def test_a_page_reads_well(drawn: Tab, name: str, lang: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    drawn.page.wait_for_function(_DRAWN, timeout=30_000)
    assert _english(drawn, lang) == []
    violations = axe.Axe().run(drawn.page).response["violations"]
    serious = [
        (found["id"], [node["html"][:160] for node in found["nodes"]])
        for found in violations
        if found["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert drawn.page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    assert drawn.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if SCREENSHOTS:
        _picture(drawn, Path(SCREENSHOTS) / f"{name}-{lang}.png")


def _english(tab: Tab, lang: str) -> list[str]:
    """English words in a Chinese page that stay: those of Streamlit are put into Chinese just after they are drawn."""
    for _ in range(20 if lang == "zh" else 0):
        found = [text for text in tab.page.evaluate(_SEEN) if re.search(r"[A-Za-z]{3}", _NAMES.sub("", text))]
        if not found:
            break
        tab.page.wait_for_timeout(250)
    else:
        return found if lang == "zh" else []
    return []


def _picture(tab: Tab, path: Path) -> None:
    """The page from its top, without the folder of this machine, in few colours; those of small marks too."""
    image = pytest.importorskip("PIL.Image")
    tab.page.evaluate(
        """(home) => {
            const walk = (root) => {
                for (const element of root.querySelectorAll("*")) {
                    if (element.shadowRoot) walk(element.shadowRoot);
                    const said = element.textContent;
                    if (element.matches("[data-testid=stText], pre") && said.includes(home))
                        element.textContent = said.replaceAll(home, "~");
                }
            };
            walk(document);
        }""",
        str(tab.server.home),
    )
    height = tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    tab.page.set_viewport_size({"width": 1280, "height": min(int(height) + 40, _TALLEST)})
    tab.drawn().wait_for_timeout(700)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.open(io.BytesIO(tab.page.screenshot())).convert("RGB").quantize(255, method=0).save(path, optimize=True)
