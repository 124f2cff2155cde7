"""Every page in every state, in both languages: nothing breaks, each number is that of the rows behind it."""

import csv
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from appkit import LANGUAGES, PAGES, page, widget
from bigcase import sample_copy, shared_big_case

from collectaudit import listing, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk, desk_at
from collectaudit.listing import ROWS, Wanted

pytest.importorskip("streamlit")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that opens a connection fails; so does the server where it would ask for its outside address."""

    def refused(*_: object) -> NoReturn:
        raise AssertionError("a page opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr("streamlit.net_util.get_external_ip", refused)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """As `collectaudit open FOLDER` serves it."""
    return desk_at(sample_copy(tmp_path_factory, tmp_path_factory.mktemp("sample") / "home" / "sample").path.parent)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_at(shared_big_case(tmp_path_factory).parent)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    home = tmp_path_factory.mktemp("damaged")
    for file in sample_copy(tmp_path_factory, home / "sample").path.joinpath("runs").rglob("findings.parquet"):
        file.chmod(0o600)
        file.write_bytes(b"PAR1 no")
    return Desk(home)


def key(desk: Desk, name: str) -> str:
    return str(next(row["key"] for row in desk.cases() if row["name"] == name))


def sound(test: Any) -> None:
    """No exception, and nothing that says there was one."""
    assert not test.exception
    assert [element.value for element in test.error] == []


def texts(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.title, test.subheader) for element in kind)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_without_a_case(showcase: Desk, name: str, lang: str) -> None:  # noqa: ARG001 — it is served
    sound(page(name, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("case", ["sample", "empty"])
def test_with_a_case(showcase: Desk, case: str, name: str, lang: str) -> None:
    test = page(name, lang, case=key(showcase, case))
    sound(test)
    assert case in test.text[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_with_a_folder_of_cases(folder: Desk, name: str, lang: str) -> None:
    """First no case is chosen, then one of them."""
    serve.begin(folder, lang)
    test = page(name, lang)
    sound(test)
    if name == "start":
        assert "open-" + key(folder, "sample") in [button.key for button in test.button]
    elif name != "about":  # which needs none
        assert Words(lang, "app")("app.choose") in texts(test)
        sound(page(name, lang, case=key(folder, "sample")))


@pytest.mark.parametrize("name", PAGES)
def test_with_100_000_findings(big: Desk, name: str) -> None:
    """In one language: the other has the same rows behind it, and its words are tried on the sample."""
    serve.begin(big, "zh")
    known = key(big, "big")
    assert listing.count(big.case(known), Wanted({})) > 100_000
    test = page(name, "zh", case=known)
    sound(test)
    assert "big" in test.text[0].value


@contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """Moved away, and back."""
    away = folder.parent.parent / "elsewhere"
    shutil.move(folder, away)
    try:
        yield
    finally:
        shutil.move(away, folder)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_after_the_folder_has_gone(showcase: Desk, name: str, lang: str) -> None:
    known = key(showcase, "sample")
    sound(page(name, lang, case=known))
    with elsewhere(showcase.home / "sample"):
        test = page(name, lang, case=known)
    assert not test.exception
    said = Words(lang).sentence("the case is not where it was")
    assert name == "start" or [said in error.value for error in test.error] == [True]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "start"])
def test_a_damaged_case_is_said_in_words(damaged: Desk, name: str) -> None:
    serve.begin(damaged, "zh")
    test = page(name, "zh", case=key(damaged, "sample"))
    assert not test.exception
    assert len(test.error) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_shows_what_it_counts(showcase: Desk, lang: str) -> None:
    case = showcase.case(key(showcase, "sample"))
    total = listing.count(case, Wanted({}))
    test = page("findings", lang, case=key(showcase, "sample"))
    shown = widget(test, "rows") or {}
    assert [row["ref"] for row in shown["rows"]] == [
        row["finding_id"] for row in listing.page(case, Wanted({}), 1, lang)
    ]
    assert Words(lang, "app")("filter.counted", total=total, every=total) in texts(test)
    assert len(shown["rows"]) == min(total, ROWS)
    rest = widget(page("findings", lang, case=key(showcase, "sample"), page="2"), "rows") or {}
    assert len(rest["rows"]) == total - ROWS


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "²"])
def test_a_page_that_does_not_exist_is_another(showcase: Desk, number: str) -> None:
    test = page("findings", "zh", case=key(showcase, "sample"), page=number)
    sound(test)
    assert (widget(test, "rows") or {})["rows"]


def test_the_address_is_the_filter(showcase: Desk) -> None:
    case = showcase.case(key(showcase, "sample"))
    asked = {"severity": "high", "search": "通讯录"}
    wanted = Wanted({"severity": ["high"]}, "通讯录")
    test = page("findings", "zh", case=key(showcase, "sample"), **asked)
    assert len((widget(test, "rows") or {})["rows"]) == listing.count(case, wanted) > 0
    assert [box.value for box in test.multiselect if box.key == "in-severity"] == [["high"]]
    nothing = page("findings", "zh", case=key(showcase, "sample"), severity="nonsense", search="不在这里")
    sound(nothing)
    assert widget(nothing, "rows") is None


def test_choosing_a_facet_changes_the_address(showcase: Desk) -> None:
    test = page("findings", "zh", case=key(showcase, "sample"), page="2")
    test.multiselect(key="in-tier").select("review").run()
    sound(test)
    assert test.query_params["tier"] == "review"
    assert "page" not in test.query_params
    counted = listing.count(showcase.case(key(showcase, "sample")), Wanted({"tier": ["review"]}))
    assert len((widget(test, "rows") or {})["rows"]) == min(counted, ROWS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_can_be_opened(showcase: Desk, lang: str) -> None:
    case = showcase.case(key(showcase, "sample"))
    for row in listing.page(case, Wanted({}), 1, lang)[::7]:
        test = page("event", lang, case=key(showcase, "sample"), ref=row["event_id"], finding=row["finding_id"])
        sound(test)
        assert row["title"] in [element.value.replace("\\", "") for element in test.subheader]
        records = case.query(
            "SELECT count(*) AS n FROM events WHERE coalesce(same_as, event_id) = ?", [row["event_id"]]
        )
        assert Words(lang, "app")("event.records", n=records[0]["n"]) in texts(test)


def test_a_finding_alone_or_a_contact_alone_is_enough(showcase: Desk) -> None:
    case = showcase.case(key(showcase, "sample"))
    row = listing.page(case, Wanted({}), 1, "zh")[0]
    for asked in ({"finding": row["finding_id"]}, {"ref": row["event_id"]}):
        test = page("event", "zh", case=key(showcase, "sample"), **asked)
        sound(test)
        assert test.button(key="verdict-confirmed")
    for asked in ({}, {"ref": "nothing"}, {"finding": "0000"}, {"finding": ""}):
        test = page("event", "zh", case=key(showcase, "sample"), **asked)
        sound(test)
        assert not [button for button in test.button if button.key == "verdict-confirmed"]


@pytest.mark.parametrize("verdict", ["confirmed", "dismissed", "unsure"])
def test_a_verdict_is_written_into_the_case(desk: Desk, verdict: str) -> None:
    row = listing.page(desk.case(key(desk, "sample")), Wanted({}), 1, "zh")[0]
    test = page("event", "zh", case=key(desk, "sample"), finding=row["finding_id"])
    assert Words("zh", "app")("verdicts.none_finding") in texts(test)
    test.text_input(key=f"note-{row['finding_id']}").set_value("=听过了")
    test.button(key=f"verdict-{verdict}").click().run()
    sound(test)
    with (desk.home / "sample" / "reviews.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(one["finding_id"], one["verdict"], one["note"]) for one in rows] == [
        (row["finding_id"], verdict, "'=听过了")
    ]
    assert Words("zh").word("verdict", verdict) in texts(test)


def test_another_process_at_work_is_said_in_words(desk: Desk) -> None:
    known = key(desk, "sample")
    row = listing.page(desk.case(known), Wanted({}), 1, "zh")[0]
    test = page("event", "zh", case=known, finding=row["finding_id"])
    with Case.open(desk.home / "sample").session("audit"):
        test.button(key="verdict-unsure").click().run()
    assert not test.exception
    assert len(test.error) == 1


def test_the_sample_in_one_click(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    serve.begin(desk, "zh")
    test = page("start", "zh")
    test.button(key="sample").click().run(timeout=120)
    sound(test)
    assert [row["name"] for row in desk.cases()] == [Words("zh", "app")("start.sample_name")]
    assert Words("zh", "app")("story.title") in texts(test)


def test_a_new_case_is_empty_and_says_what_to_do(desk: Desk) -> None:
    test = page("start", "en")
    test.text_input[0].set_value("mine")
    test.button[[button.label for button in test.button].index("Create")].click().run()
    sound(test)
    assert "mine" in [row["name"] for row in desk.cases()]
    assert Words("en", "app")("files.title") in texts(test)


def test_the_language_stays_and_can_be_changed(showcase: Desk) -> None:
    test = page("findings", "zh", case=key(showcase, "sample"))
    test.button_group(key="in-lang").set_value("en").run()
    sound(test)
    assert Words("en", "app")("findings.title") in texts(test)
    assert test.query_params["lang"] == "en"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_reaches_no_widget_that_reads_markdown(tmp_path: Path, evil: Case, lang: str) -> None:
    desk = Desk(tmp_path / "none", evil.path)
    serve.begin(desk, lang)
    row = listing.page(evil, Wanted({}), 1, lang)[0]
    for name, asked in (("start", {}), ("findings", {}), ("event", {"finding": row["finding_id"]})):
        test = page(name, lang, case=desk.cases()[0]["key"], **asked)
        sound(test)
        for kind in ("markdown", "title", "subheader", "header", "caption", "metric", "info", "warning"):
            for element in test.get(kind):
                assert "http://" not in element.value
                assert "\u202e" not in element.value
        for element in test.text:
            assert "\u202e" not in element.value
        for box in (*test.button, *test.expander):
            assert "![" not in box.label
    assert "script" in str(widget(page("event", lang, case=desk.cases()[0]["key"], finding=row["finding_id"]), "talk"))


def test_a_person_listens_corrects_and_judges_again(tmp_path: Path, spoken: Case) -> None:
    desk = Desk(tmp_path / "none", spoken.path)
    serve.begin(desk, "zh")
    wanted = Wanted({"rule": ["third-party-contact-threat"]})
    row = listing.page(spoken, wanted, 1, "zh")[0]
    words = Words("zh", "app")
    test = page("event", "zh", case=desk.cases()[0]["key"], finding=row["finding_id"])
    assert words("verdicts.not_listened") in texts(test)
    test.text_area[0].set_value("再不还，我就给你打电话。")
    next(button for button in test.button if str(button.key).startswith("heard-")).click().run()
    sound(test)
    assert words("hearing.written") in texts(test)
    assert [heard["text"] for heard in spoken.heard()] == ["再不还，我就给你打电话。"]
    test.button(key="judge").click().run(timeout=120)
    sound(test)
    assert listing.count(spoken, wanted) == 0
    assert words("event.records", n=3) in texts(page("event", "zh", case=desk.cases()[0]["key"], ref=row["event_id"]))
