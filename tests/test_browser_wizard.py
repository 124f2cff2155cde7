"""The dashboard from the drop zone to the material, and what a click in a picture leads to, in a real Chromium."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, PAGES, Served, Tab, evil_case, served
from bigcase import big_case, copied, sample_copy
from exports import calls

from collectaudit.catalogue import Words
from collectaudit.desk import Desk

pytest.importorskip("playwright.sync_api")
pytest.importorskip("streamlit")
Image = pytest.importorskip("PIL.Image")
BORROWER = Path(__file__).parents[1] / "sample_data" / "borrower"
OWNER = "13800138001"  # as in sample_data/README.md
DENSE = 3000  # contacts; more than are drawn one by one
SLOW = 180_000  # milliseconds for work in the background, on a busy machine
MOST_CLICKS = 12
_INK = {"flagged": (181, 91, 60), "darkest": (11, 46, 102), "cell": (8, 48, 107)}  # colours of the marks in the charts
_NEAR = 70  # what antialiasing and opacity may change of a colour
# What hostile text could have become, in the page and in the parts of it that have a root of their own.
_HARMED = """() => {
    const found = [];
    const walk = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) walk(element.shadowRoot);
            if (element.matches("main img, .root img, main script, .root script")) found.push(element.outerHTML);
            const to = element.getAttribute("href") ?? "";
            if (/javascript:|:9\\//.test(to)) found.push(to);
            for (const part of element.childNodes)
                if (part.nodeType === Node.TEXT_NODE && part.data.includes("\\u202e")) found.push(part.data);
        }
    };
    walk(document.body);
    return [...found, ...(document.title.includes("\\u202e") ? [document.title] : [])];
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "collectaudit").mkdir()
    sample_copy(tmp_path_factory, home / "collectaudit" / "sample")
    copied(tmp_path_factory, "evil", evil_case, home / "collectaudit" / "evil")
    big_case(home / "collectaudit" / "dense", DENSE)
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    with served(home) as found:
        yield found


def address(home: Path, page: str, case: str, lang: str, way: str = "complain", **query: str) -> str:
    desk = Desk(home / "collectaudit")
    key = next(row["key"] for row in desk.cases() if row["name"] == case)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{page}?case={key}&lang={lang}&way={way}{more}"


class Wizard:
    """Somebody who goes through the steps; counts the clicks."""

    def __init__(self, tab: Tab, lang: str) -> None:
        self.tab, self.page, self.lang, self.clicks = tab, tab.page, lang, 0
        self.words = Words(lang, "app")

    def drop(self, files: Sequence[Path]) -> None:
        self.clicks += 1
        self.page.locator("input[type=file]").set_input_files(files)

    def click(self, found: Any) -> None:
        self.clicks += 1
        found.click()

    def named(self, key: str, role: str = "button") -> Any:
        return self.page.get_by_role(role, name=self.words(key), exact=True).first

    def on(self, name: str) -> None:
        """To the next step, which has this name."""
        self.click(self.page.locator(".st-key-step-on button"))
        self.page.get_by_role("heading", name=self.words(f"{name}.title"), exact=True, level=1).wait_for()
        self.tab.drawn()

    def again(self) -> None:
        """A refresh, which nobody counts as a click."""
        self.page.reload()
        self.page.locator(".st-key-steps").wait_for()  # what stands last
        self.tab.drawn()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_the_drop_zone_to_the_material(tab: Tab, lang: str) -> None:
    tab.open(f"?lang={lang}")
    tab.click(Words(lang, "app")("start.make"))
    wizard = Wizard(tab, lang)
    _bring_in(wizard)
    _say_who(wizard)
    wizard.on("listen")
    wizard.on("story")
    _judge(wizard)
    wizard.on("gaps")
    wizard.on("material")
    wizard.click(tab.page.locator(".st-key-make-pack button"))
    tab.page.locator("[data-testid=stDownloadButton]").first.wait_for(timeout=SLOW)
    assert wizard.clicks <= MOST_CLICKS


def _bring_in(wizard: Wizard) -> None:
    """Files, whose phone it is, the check; a refresh after the import and one while the check runs lose nothing."""
    files = sorted(path for path in BORROWER.rglob("*") if path.is_file())
    wizard.drop(files)
    wizard.named("phones.save").wait_for(timeout=SLOW)
    wizard.again()
    wizard.page.get_by_label(wizard.words("phones.number"), exact=True).fill(OWNER)
    wizard.click(wizard.named("phones.save"))
    wizard.named("phones.change").wait_for()
    assert wizard.page.locator(".st-key-files tbody tr").count() == len(files)
    wizard.tab.drawn()
    wizard.click(wizard.named("files.judge"))
    wizard.page.locator(".st-key-busy").wait_for()
    wizard.page.reload()
    wizard.named("files.again").wait_for(timeout=SLOW)
    wizard.tab.drawn()


def _say_who(wizard: Wizard) -> None:
    """Who is who: what was clicked is still there after a refresh, and counts when judged again."""
    wizard.on("people")
    role = Words(wizard.lang).word("role", "collector")
    suggested = wizard.page.get_by_role("radio", name=wizard.words("people.option", role=role), exact=True)
    before = suggested.count()
    wizard.click(suggested.first)
    wizard.named("people.again").wait_for()
    wizard.tab.drawn()
    wizard.again()
    suggested.first.wait_for()
    assert suggested.count() == before - 1
    wizard.click(wizard.named("people.again"))
    wizard.page.locator(".st-key-to-judge-above").wait_for(state="detached", timeout=SLOW)
    wizard.page.locator(".st-key-step-on button").wait_for(timeout=SLOW)
    wizard.tab.drawn()


def _judge(wizard: Wizard) -> None:
    """A verdict by key on the story's card; it is still there after a refresh."""
    pattern = re.sub("7,777", r"(\\d+)", re.escape(wizard.words("story.strongest", n=7777, open=7777)))
    said = wizard.page.get_by_text(re.compile(f"^{pattern}$"))
    before = said.inner_text()
    wizard.page.keyboard.press("1")
    wizard.page.wait_for_function("(before) => !document.body.innerText.includes(before)", arg=before)
    after = wizard.tab.drawn() and said.inner_text()
    assert [re.findall(r"\d+", text)[-1] for text in (before, after)] == _counting_down(before)
    wizard.again()
    said.wait_for()
    assert said.inner_text() == after


def _counting_down(text: str) -> list[str]:
    last = re.findall(r"\d+", text)[-1]
    return [last, str(int(last) - 1)]


def marks(tab: Tab, chart: str, ink: str) -> tuple[Any, tuple[float, float]]:
    """A chart, and where in it a mark of this colour is: the middle of the first that is found from above."""
    drawing = tab.page.locator(f".st-key-{chart} canvas, .st-key-{chart} svg.marks").first
    drawing.wait_for()
    drawing.scroll_into_view_if_needed()
    for _ in range(50):
        picture = Image.open(io.BytesIO(drawing.screenshot())).convert("RGB")
        if found := _middle(picture, _INK[ink]):
            return drawing, found
        tab.page.wait_for_timeout(100)  # not drawn yet
    raise AssertionError(f"no mark of {chart} is {ink}")


def _middle(picture: Any, ink: tuple[int, int, int]) -> tuple[float, float] | None:
    """The middle of the mark with the widest run of this colour; the legend above is none."""
    wide, high = picture.size
    points, best, at = picture.load(), 2, None

    def near(x: int, y: int) -> bool:
        return bool(sum(abs(a - b) for a, b in zip(points[x, y], ink, strict=True)) < _NEAR)

    for y in range(75, high - 40):
        run = 0
        for x in range(wide - 90):
            run = run + 1 if near(x, y) else 0
            if run > best:
                best, at = run, (x - run // 2, y)
    if at is None:
        return None
    column = [y for y in range(max(at[1] - 8, 0), min(at[1] + 9, high)) if near(at[0], y)]
    return float(at[0]), sum(column) / len(column)


def hovered(tab: Tab, drawing: Any, at: tuple[float, float]) -> str:
    """What the picture says about the mark under the mouse."""
    box = drawing.bounding_box()
    tip = tab.page.locator("#vg-tooltip-element, .vg-tooltip").first
    for step in range(50):  # a picture that has just been drawn may not listen yet
        tab.page.mouse.move(box["x"] + at[0] + step % 2, box["y"] + at[1])
        tab.page.wait_for_timeout(100)
        if tip.count() and tip.inner_text().strip():
            break
    return str(tip.inner_text(timeout=1000))


def listed(tab: Tab, page: str, lang: str) -> tuple[int, int]:
    """How many rows a list says it has, and how many stand there."""
    tab.page.wait_for_url(f"**/{page}?**")
    tab.page.get_by_role("heading", name=Words(lang, "app")(f"{page}.title"), exact=True).wait_for()
    pattern = re.escape(Words(lang, "app")("filter.counted", total="@", every="@")).replace("@", r"([\d,]+)")
    said = tab.drawn().get_by_text(re.compile(f"^{pattern}$")).inner_text()
    found = re.match(pattern, said)
    assert found is not None
    tab.page.locator("tr.link").first.wait_for()
    return int(found[1].replace(",", "")), tab.page.locator("tr.link").count()


@pytest.mark.parametrize("lang", ["zh"])
def test_a_dot_opens_its_contact(tab: Tab, home: Path, lang: str) -> None:
    tab.open(address(home, "story", "sample", lang))
    drawing, at = marks(tab, "dots", "flagged")
    day = re.search(r"\d+年\d+月\d+日", hovered(tab, drawing, at))
    drawing.click(position={"x": at[0], "y": at[1]})
    tab.page.wait_for_url("**/event?**")
    tab.page.locator(".st-key-verdict").wait_for()  # it has findings
    assert day is not None and tab.page.get_by_role("heading", level=1).inner_text().startswith(day[0])
    other = tab.page.url
    tab.page.goto(other)  # the address alone opens the same
    tab.drawn().locator(".st-key-verdict").wait_for()


@pytest.mark.parametrize("lang", ["zh"])
def test_a_cell_of_many_contacts_lists_them(tab: Tab, home: Path, lang: str) -> None:
    tab.open(address(home, "overview", "dense", lang, "inspect"))
    drawing, at = marks(tab, "dots", "cell")
    told = re.search(re.escape(Words(lang, "app")("dots.n")) + r"\s*([\d,]+)", hovered(tab, drawing, at))
    assert told is not None
    drawing.click(position={"x": at[0], "y": at[1]})
    total, rows = listed(tab, "contacts", lang)
    assert total == int(told[1].replace(",", "")) and rows == min(total, 50)


@pytest.mark.parametrize("lang", ["zh"])
def test_a_cell_of_the_week_lists_its_findings(tab: Tab, home: Path, lang: str) -> None:
    tab.open(address(home, "overview", "sample", lang, "inspect"))
    pattern = Words(lang, "app")("spread.hour_says_findings", day="@", hour="@", n="@")
    said = tab.page.get_by_text(re.compile(f"^{re.escape(pattern).replace('@', '(.+)')}$")).inner_text()
    drawing, at = marks(tab, "by-hour-findings", "darkest")
    drawing.click(position={"x": at[0], "y": at[1]})
    total, rows = listed(tab, "findings", lang)
    assert total == rows == int(re.findall(r"\d+", said)[-1])


@pytest.mark.parametrize("lang", ["zh"])
def test_a_run_of_another_process_appears(tab: Tab, home: Path, lang: str) -> None:
    tab.open(address(home, "contacts", "evil", lang))
    before, _ = listed(tab, "contacts", lang)
    log = calls(home / "more" / "calls.xml", [("2026-03-10 22:30:00", "in", 40), ("2026-03-11 06:10:00", "in", 10)])
    command = [str(Path(sys.executable).with_name("collectaudit")), "audit", str(log), "-o"]
    env = {**os.environ, "HOME": str(home)}
    subprocess.run([*command, str(home / "collectaudit" / "evil")], env=env, check=True, capture_output=True)
    tab.click(Words(lang, "app")("findings.menu"), "link")
    tab.page.get_by_role("heading", name=Words(lang, "app")("findings.title"), exact=True).wait_for()
    tab.drawn()
    tab.click(Words(lang, "app")("contacts.menu"), "link")
    assert listed(tab, "contacts", lang)[0] == before + 2


@pytest.mark.parametrize(("lang", "way"), [("zh", "complain"), ("en", "inspect")])
def test_hostile_text_changes_nothing_on_any_page(tab: Tab, home: Path, lang: str, way: str) -> None:
    desk = Desk(home / "collectaudit")
    case = desk.case(next(row["key"] for row in desk.cases() if row["name"] == "evil"))
    finding = case.query("SELECT finding_id FROM findings WHERE rule_id = 'third-party-contact-threat' LIMIT 1")[0][
        "finding_id"
    ]
    for name in PAGES:
        more = {"finding": finding} if name == "event" else {}
        tab.open(address(home, "" if name == "start" else name, "evil", lang, way, **more))
        tab.page.get_by_role("button", name=Words(lang, "app")("app.hide")).wait_for()
        assert (name, tab.page.evaluate(_HARMED)) == (name, [])
        assert (name, tab.page.locator("[data-testid=stException]").count()) == (name, 0)
