"""The pages where files come in and numbers get their names, as a reader uses them; each number is that of its rows."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, page, widget
from bigcase import sample_copy
from exports import ME, calls
from vessels import PASSWORD, TABLE, zip_crypto, zipped

from collectaudit import arrivals, intake, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.serve import task

pytest.importorskip("streamlit")
LOG = [("2026-03-09 22:15:00", "in", 30), ("2026-03-10 09:00:00", "in", 0)]
ODD = (
    "序号,对方,去还是来,什么时候\n1,13800138009,打来的,2026-03-01 09:00:00\n2,13800138009,打走的,2026-03-02 09:00:00\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    serve.begin(found, "zh")
    found.new("mine")
    yield found
    for row in found.cases():
        task.wait(found.case(row["key"]), 60)
        task.forget(found.case(row["key"]))


def opened(desk: Desk, lang: str = "zh", **query: str) -> tuple[Any, Case]:
    key = desk.cases()[0]["key"]
    test = page("files", lang, case=key, **query)
    assert not test.exception
    return test, desk.case(key)


def again(test: Any, case: Case) -> Any:
    """The page after the work in the background."""
    task.wait(case, 120)
    test.run()
    assert not test.exception
    return test


def export(folder: Path) -> bytes:
    return calls(folder / "calls.xml", LOG).read_bytes()


def texts(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.title, test.subheader) for element in kind)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_the_drop_to_a_judged_case(desk: Desk, tmp_path: Path, lang: str) -> None:
    test, case = opened(desk, lang)
    words = Words(lang, "app")
    test.file_uploader[0].set_value(
        [("calls.xml", export(tmp_path), "text/xml"), ("x.pdf", b"%PDF-1.7", "application/pdf")]
    )
    test.run()
    assert [name for _, name, _ in case.kept()] == ["calls.xml", "x.pdf"]
    again(test, case)
    rows = arrivals.arrivals(case)
    shown = (widget(test, "rows") or {})["rows"]
    assert [row["cells"][0]["text"] for row in shown] == [row["name"] for row in rows]
    assert [row["cells"][2]["text"] for row in shown] == ["", "2"]
    damaged = words.sentence("the PDF is damaged: download or copy it again")
    assert words("files.problem_rejected", why=damaged) in shown[0]["cells"][4]["below"]
    test.button(key="judge").click().run()
    again(test, case)
    assert case.run() is not None
    assert words("files.all_judged", n=1) + words("files.unused", n=1) in texts(test)
    assert not [error.value for error in test.error]


def test_a_refresh_in_the_middle_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    _, case = opened(desk)
    intake.receive(case, "calls.xml", io.BytesIO(export(tmp_path)))
    test, _ = opened(desk)  # a new session finds the file, and has it read
    again(test, case)
    assert [row["status"] for row in arrivals.arrivals(case)] == ["ok"]
    assert test.button(key="judge")


def test_the_same_file_twice_is_said(desk: Desk, tmp_path: Path) -> None:
    test, case = opened(desk)
    data = export(tmp_path)
    test.file_uploader[0].set_value([("a.xml", data, "text/xml"), ("b.xml", data, "text/xml")]).run()
    again(test, case)
    assert Words("zh", "app")("files.twice", name="b.xml", other="a.xml") in texts(test)
    assert len(case.kept()) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_folder_by_its_path_and_one_that_is_not_there(desk: Desk, tmp_path: Path, lang: str) -> None:
    export(tmp_path / "in")
    test, case = opened(desk, lang)
    bring = next(button for button in test.button if button.label == Words(lang, "app")("files.bring"))
    test.text_input[0].set_value(str(tmp_path / "in"))
    bring.click().run()
    again(test, case)
    assert [name for _, name, _ in case.kept()] == ["in/calls.xml"]
    test.text_input[0].set_value(str(tmp_path / "gone"))
    next(button for button in test.button if button.label == Words(lang, "app")("files.bring")).click().run()
    again(test, case)
    assert len(test.error) == 1
    test.button(key="busy-seen").click().run()
    assert not test.error


def test_columns_are_said_by_choosing(desk: Desk) -> None:
    _, case = opened(desk)
    sha256 = intake.receive(case, "odd.csv", io.BytesIO(ODD.encode("gb18030")))[0].sha256
    intake.recognise(case)
    test, _ = opened(desk)
    assert test.selectbox(key=f"date-{sha256}").value == "什么时候"
    test.button(key=f"map-{sha256}").click().run()
    assert len(test.error) == 1  # who called whom is still to be said
    test.selectbox(key=f"direction-{sha256}").set_value("去还是来").run()
    for word, way in (("打来的", "in"), ("打走的", "out")):
        test.button_group(key=f"way-{sha256}-去还是来-{word}").set_value(way).run()
    test.button(key=f"map-{sha256}").click().run()
    assert not test.exception
    assert not test.error
    row = arrivals.arrivals(case)[0]
    assert (row["read_as"], row["events"], [problem.code for problem in row["problems"]]) == ("own_map", 2, ["gb18030"])


def test_whose_phone_it_is_and_by_whose_law(desk: Desk, tmp_path: Path) -> None:
    _, case = opened(desk)
    intake.receive(case, "calls.xml", io.BytesIO(export(tmp_path)))
    intake.recognise(case)
    test, _ = opened(desk)
    words = Words("zh", "app")
    number = next(box for box in test.text_input if box.label == words("phones.number"))
    number.set_value("12")
    save = next(n for n, button in enumerate(test.button) if button.label == words("phones.save"))
    test.button[save].click().run()
    assert len(test.error) == 1
    next(box for box in test.text_input if box.label == words("phones.number")).set_value(ME)
    test.button[save].click().run()
    assert not test.error
    assert arrivals.arrivals(case)[0]["owner_basis"] == "declared"
    test.button_group(key="in-law").set_value("us").run()
    assert (case.options["jurisdiction"], case.options["time_zone"]) == ("us", "America/New_York")
    test.selectbox(key="in-zone").set_value("America/Chicago").run()
    assert case.options["time_zone"] == "America/Chicago"


def test_records_that_cannot_be_read_stand_there_by_the_page(desk: Desk) -> None:
    _, case = opened(desk)
    bad = "日期,号码,类型,时长\n2026-03-01,13800138009,呼入,3\n" + "2026-13-01 09:00:00,13800138009,呼入,30\n" * 70
    intake.receive(case, "bad.csv", io.BytesIO(bad.encode()))
    intake.recognise(case)
    for number, n in (("1", 50), ("2", 20), ("99", 20)):
        test, _ = opened(desk, rejects=number)
        lists = [element.proto for element in test.get("bidi_component")]
        assert sum("2026-13-01" in str(proto.json) for proto in lists) == 1
        assert next(str(proto.json).count("2026-13-01 09") for proto in lists if "2026-13-01" in proto.json) >= n
    assert Words("zh", "app")("files.rejects", n=70) in [box.label.replace("\\", "") for box in test.expander]


def test_while_somebody_works_on_the_case_nothing_else_begins(desk: Desk, tmp_path: Path) -> None:
    test, case = opened(desk)
    test.file_uploader[0].set_value([("calls.xml", export(tmp_path), "text/xml")])
    with Case.open(case.path).session("audit"):
        test.run()
    assert not test.exception
    assert len(test.error) == 1
    assert case.kept() == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_reach_no_widget_that_reads_markdown(tmp_path: Path, evil: Case, lang: str) -> None:
    found = Desk(tmp_path / "none", evil.path)
    serve.begin(found, lang)
    for name in ("files", "people"):
        test = page(name, lang, case=found.cases()[0]["key"])
        assert not test.exception
        for element in (*test.text, *test.markdown, *test.subheader):
            assert "\u202e" not in element.value
        for box in (*test.button, *test.expander, *test.button_group, *test.multiselect):
            assert "![" not in box.label


@pytest.mark.parametrize(("way", "case", "opens"), [
    ("complain", "new", "files"), ("inspect", "new", "files"), ("complain", "sample", "story"),
    ("inspect", "sample", "overview"),
])  # fmt: skip
def test_where_a_case_opens(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, way: str, case: str, opens: str
) -> None:
    home = tmp_path / "home"
    found = Desk(home)
    serve.begin(found, "zh")
    if case == "sample":
        sample_copy(tmp_path_factory, home / "sample")
    else:
        found.new("mine")
    test = page("start", "zh", way=way)
    test.button(key=f"open-{found.cases()[0]['key']}").click().run()
    assert not test.exception
    titles = [element.value for element in test.title]
    assert Words("zh", "app")(f"{opens}.title") in titles


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_locked_file_is_opened_on_its_card(desk: Desk, lang: str) -> None:
    test, case = opened(desk, lang)
    words = Words(lang, "app")
    test.file_uploader[0].set_value([("bill.zip", zip_crypto({b"calls.csv": TABLE}, PASSWORD.encode()), "")]).run()
    again(test, case)
    for typed, code in (("4321", "shut_wrong"), (PASSWORD, "")):
        next(box for box in test.text_input if (box.key or "").startswith("password-")).set_value(typed)
        next(button for button in test.button if button.label == words("opening.try")).click().run()
        assert [words(f"files.problem_{code}") in error.value for error in test.error] == ([True] if code else [])
        assert typed not in repr(test.session_state)
    again(test, case)
    assert [row["name"] for row in arrivals.arrivals(case)] == ["bill/calls.csv", "bill.zip"]


def test_a_file_has_its_own_zone_and_a_container_its_owner(desk: Desk) -> None:
    _, case = opened(desk)
    intake.receive(case, "phone.zip", io.BytesIO(zipped({"a.csv": TABLE, "b.csv": TABLE + b"\n"})))
    intake.recognise(case)
    test, _ = opened(desk)
    for zone in ("America/New_York", ""):
        test.selectbox(key="zone-of-phone").set_value(zone).run()
        test.button(key="zone-save").click().run()
        again(test, case)
        assert {row["time_zone"] for row in arrivals.arrivals(case)} == {zone or "Asia/Shanghai"}
        assert case.options["zones"] == ({"phone": zone} if zone else {})
    words = Words("zh", "app")
    assert test.multiselect[0].value == ["phone"]
    next(box for box in test.text_input if box.label == words("phones.number")).set_value(ME)
    next(button for button in test.button if button.label == words("phones.save")).click().run()
    assert case.options["owners"] == {"phone": arrivals.arrivals(case)[0]["owner"]}
    assert {row["owner_basis"] for row in arrivals.arrivals(case)} == {"declared"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_person_says_which_of_two_days_a_date_is(desk: Desk, lang: str) -> None:
    _, case = opened(desk, lang)
    intake.receive(case, "chat.txt", io.BytesIO("03/04/26, 22:10 - 小王: 还钱\n".encode()))
    intake.receive(case, "year.txt", io.BytesIO("24/11/15, 22:10 - 小王: 还钱\n".encode()))
    intake.recognise(case)
    test, _ = opened(desk, lang)
    words = Words(lang, "app")
    assert [problem.code for row in arrivals.arrivals(case) for problem in row["problems"]] == ["dates", "dates"]
    test.selectbox(key="dayorder-file").set_value("year.txt").run()
    assert (
        test.radio(key="dayorder-of-year.txt").options[:-1]
        == {
            "zh": ["2015年11月24日 · 日在前", "2024年11月15日 · 年在前"],
            "en": ["24 Nov 2015 · the day stands first", "15 Nov 2024 · the year stands first"],
        }[lang]
    )
    test.radio(key="dayorder-of-year.txt").set_value("year-first").run()
    test.button(key="dayorder-save").click().run()
    again(test, case)
    assert {row["name"]: row["first_at"] for row in arrivals.arrivals(case)}["year.txt"] == "2024-11-15 22:10:00"
    test.selectbox(key="dayorder-file").set_value("chat.txt").run()
    which = test.radio(key="dayorder-of-chat.txt")
    assert which.label.replace("\\", "").replace("\u2060", "") == words("dayorder.which", date="03/04/26, 22:10")
    assert (
        which.options[:2]
        == {
            "zh": ["2026年4月3日 · 日在前", "2026年3月4日 · 月在前"],
            "en": ["3 Apr 2026 · the day stands first", "4 Mar 2026 · the month stands first"],
        }[lang]
    )
    for order, day in (("day-first", "2026-04-03"), ("month-first", "2026-03-04"), ("", None)):
        test.radio(key="dayorder-of-chat.txt").set_value(order).run()
        test.button(key="dayorder-save").click().run()
        again(test, case)
        row = next(row for row in arrivals.arrivals(case) if row["name"] == "chat.txt")
        assert (row["first_at"] or "").split()[:1] == ([day] if day else [])
        assert case.options["dates"] == {"year.txt": "year-first", **({"chat.txt": order} if order else {})}
