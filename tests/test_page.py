"""The report as a page: in a real browser from a file, with hostile texts, and line by line to be heard."""

import re
from pathlib import Path
from typing import Any

import pytest
from appkit import SPOKEN_AT_S
from bigcase import sample_copy

from collectaudit.case import Case
from collectaudit.report.clips import BESIDE_S, write_clips
from collectaudit.report.dossier import STATES, Dossier, dossier
from collectaudit.report.page import A_PAGE, FIRST, Sound, pages, sound_inside


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("page") / "case")


def opened(browser: Any, made: dict[str, str], folder: Path) -> tuple[Any, list[str]]:
    """The first page from its file, and everything it asked for or complained of."""
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    page, asked = browser.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto((folder / FIRST).as_uri())
    return page, [what for what in asked if what != (folder / FIRST).as_uri()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_browser_asks_for_nothing_and_every_link_has_its_place(
    browser: Any, sample: Case, lang: str, tmp_path: Path
) -> None:
    made = dossier(sample, lang)
    page, asked = opened(browser, pages(made, {}), tmp_path)
    assert asked == []
    targets = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))")
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)"))
    assert {target.rpartition("#")[2] for target in targets} <= ids
    told = page.locator("main table").first.locator("td.n").all_inner_texts()
    columns = [sum(int(n) for n in told[start::3]) for start in range(3)]
    assert columns == [made.counts[state] for state in STATES]
    page.close()


def test_texts_that_attack_stay_texts(browser: Any, tmp_path: Path, evil: Case) -> None:
    page, asked = opened(browser, pages(dossier(evil, "zh"), {}), tmp_path)
    assert asked == []
    assert page.locator("img, main script, a[href*='javascript']").count() == 0
    assert "<script>alert(1)</script>" in page.locator("main").inner_text()
    assert "\u202e" not in page.content()
    page.close()


def test_a_line_plays_from_its_second(browser: Any, tmp_path: Path, spoken: Case) -> None:
    pytest.importorskip("av")
    made = dossier(spoken, "zh")
    clips, not_cut = write_clips(spoken, made, tmp_path)
    assert not_cut == {}
    clip = clips[0]
    assert (clip.start_s, clip.end_s) == (SPOKEN_AT_S - BESIDE_S, SPOKEN_AT_S + 4 + BESIDE_S)
    sounds = {one.exhibit: Sound(sound_inside(one.path), one.start_s) for one in clips}
    page, asked = opened(browser, pages(made, sounds), tmp_path)
    assert asked == []
    page.locator("button.line", has_text="0:12").first.click()
    latest = "Math.max(...[...document.querySelectorAll('audio')].map((sound) => sound.currentTime))"
    for _ in range(100):  # no wait_for_function: its polling is what the page's policy forbids
        if page.evaluate(latest) >= BESIDE_S:
            break
        page.wait_for_timeout(50)
    at = page.evaluate(latest)
    assert BESIDE_S <= at < BESIDE_S + 3
    page.close()


def test_many_exhibits_are_several_pages(sample: Case) -> None:
    made = dossier(sample, "en")
    row = made.exhibits[0]
    many = Dossier(**{name: getattr(made, name) for name in Dossier.__slots__} | {
        "exhibits": [{**row, "number": n} for n in range(1, 2 * A_PAGE + 2)]})  # fmt: skip
    found = pages(many, {})
    assert list(found) == [FIRST, "index-2.html", "index-3.html"]
    assert [len(re.findall("<article id=", text)) for text in found.values()] == [A_PAGE, A_PAGE, 1]
