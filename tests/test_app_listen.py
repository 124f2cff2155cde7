"""The page of recordings: what is listed, how listening starts, goes on, ends, and what is said where it cannot."""

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, codes, page, tables
from exports import AGENT, ME, calls, people
from sounds import loud, opened, tone
from sounds import wav as sounding

from collectaudit import recordings, serve
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.errors import WrongUse
from collectaudit.evidence.lock import hold
from collectaudit.serve import listening, task
from collectaudit.transcribe import models, readiness
from collectaudit.transcribe.known import KNOWN

pytest.importorskip("streamlit")

ZH = Words("zh", "app")


def taped(root: Path, many: int = 3) -> Case:
    """Calls of a collector, so many of them recorded for 4 seconds; one of the recordings came with its words."""
    rows = [(f"2026-03-{day:02} 10:00:00", "in", 4) for day in range(1, many + 2)]
    calls(root / "in" / "calls.xml", rows)
    people(root / "in" / "people.csv", f"{AGENT},collector,,样例催收", f"{ME},debtor")
    for day in range(1, many + 1):
        sound = sounding(root / "in" / f"{AGENT}_202603{day:02}100000.wav", tone(4, (0.5, 2 + day / 10)))
    sound.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n催收员：您好。\n", encoding="utf-8")
    return audit([root / "in"], out=root / "case", owners={"": ME})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taped(tmp_path_factory.mktemp("taped")).path


@pytest.fixture
def case(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A copy of the case, as it is served; what listens costs nothing."""
    shutil.copytree(made.parent, tmp_path, dirs_exist_ok=True)
    desk = Desk(tmp_path / "none", tmp_path / "case")
    serve.begin(desk, "zh")
    monkeypatch.setattr(listening, "opener", lambda _: opened)
    monkeypatch.setattr(listening.start, "__kwdefaults__", {"voices": loud})
    monkeypatch.setattr(readiness, "engine_here", lambda: True)
    monkeypatch.setattr(models, "state", lambda _: "ready")
    return desk.case(desk.cases()[0]["key"])


def shown(lang: str = "zh", **query: str) -> Any:
    test = page("listen", lang, case=serve.desk().cases()[0]["key"], **query)
    assert not test.exception
    return test


def said(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.subheader, test.title) for element in kind)


def states(case: Case) -> dict[str, int]:
    return {state: row["n"] for state, row in recordings.totals(case).items() if row["n"]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_shows_what_it_counts(case: Case, lang: str) -> None:
    assert states(case) == {"waiting": 2, "text": 1}
    found = recordings.totals(case)
    assert (found["waiting"]["seconds"], found["text"]["seconds"]) == (8, 4)
    test, words = shown(lang), Words(lang, "app")
    lasting = words("listen.lasting_minutes", minutes="0", seconds="12")
    assert words("listen.all", n=3, lasting=lasting) in said(test)
    assert len(listed(test, lang)) == 3


def listed(test: Any, lang: str = "zh") -> list[dict[str, Any]]:
    """The rows of the list."""
    rows: list[dict[str, Any]] = tables(test)[Words(lang, "app")("listen.list")]["rows"]
    return rows


def test_only_what_waits(case: Case) -> None:
    test = shown(state="waiting")
    texts = [row["cells"][2]["text"] for row in listed(test)]
    assert texts == [ZH("listen.state_waiting")] * 2
    assert len(recordings.page(case, ["text"], 1)) == 1
    assert recordings.page(case, ["text"], 2) == []


def test_from_start_to_findings(case: Case) -> None:
    run = case.run()
    shown().button(key="start").click().run(timeout=60)
    task.wait(case, 60)
    now = task.of(case)
    assert now is not None
    assert (now.state, now.error) == ("done", None)
    assert states(case) == {"text": 3}
    assert case.run() != run
    test = shown()
    assert ZH("listen.finished") in said(test)
    assert "start" not in [button.key for button in test.button]
    assert all("fake" in row["engine"] for row in recordings.page(case, [], 1) if row["engine"])


def test_stopped_it_goes_on_with_the_rest(case: Case) -> None:
    """It stops when the first is done; that one stays, and can be judged before the other is listened to."""
    course: list[listening.Course] = []
    look = listening.Course._look

    def once(self: listening.Course, count: Any) -> None:
        if count.done == 2:
            task.stop(case)
            course.append(self)
        look(self, count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listening.Course, "_look", once)
        listening.start(case, opened, language="zh", voices=loud)
        task.wait(case, 60)
    assert task.of(case).state == "stopped"  # type: ignore[union-attr]
    assert (course[0].finished, course[0].total) == (2, 3)
    assert states(case) == {"waiting": 1, "new": 1, "text": 1}
    test = shown()
    assert ZH("listen.stopped") in said(test)
    assert ZH("listen.new", n=1) in said(test)
    assert [button.label for button in test.button if button.key == "start"] == [ZH("listen.go_on")]
    test.button(key="judge-new").click().run(timeout=60)
    task.wait(case, 60)
    assert states(case) == {"waiting": 1, "text": 2}
    shown().button(key="start").click().run(timeout=60)
    task.wait(case, 60)
    assert states(case) == {"text": 3}


def test_what_cannot_be_listened_to_is_said_and_tried_again(case: Case, tmp_path: Path) -> None:
    broken = tmp_path / "in" / f"{AGENT}_20260301100000.wav"
    sha256 = next(row["sha256"] for row in recordings.page(case, [], 1) if row["name"].endswith(broken.name))
    original = case.original(sha256)
    original.chmod(0o600)
    whole = original.read_bytes()
    original.write_bytes(whole[:44] + bytes(len(whole) - 44)[::-1].replace(b"\0", b"\1"))  # another sound: not as kept
    listening.start(case, opened, language="zh", voices=loud)
    task.wait(case, 60)
    course = listening.course(case)
    assert course is not None
    assert list(course.reasons) == [sha256]
    test = shown()
    failed = [row for row in listed(test) if row["cells"][2]["text"] == ZH("listen.state_failed")]
    assert len(failed) == 1
    assert failed[0]["cells"][2]["below"]
    assert [button.label for button in test.button if button.key == "start"] == [ZH("listen.start")]


def test_a_page_of_somebody_else_at_work(case: Case) -> None:
    """While another process transcribes, the reason is said, and nothing is lost."""
    (case.path / "transcripts").mkdir(exist_ok=True)
    with hold(case.path / "transcripts" / "lock", "transcribe"):
        shown().button(key="start").click().run(timeout=60)
        task.wait(case, 60)
    test = shown()
    assert len(test.error) == 1
    assert states(case) == {"waiting": 2, "text": 1}


def test_while_it_runs_the_page_says_how_far(case: Case) -> None:
    begun, go = list[int](), list[int]()

    def work(_: Case, tell: task.Tell) -> None:
        tell(listening.KIND, 0, 0)
        begun.append(1)
        while not go:
            time.sleep(0.01)
        tell(listening.KIND, 1, 2)

    task.start(case, listening.KIND, work)
    listening._courses[case.path] = listening.Course(lambda *_: None)
    while not begun:
        time.sleep(0.01)
    test = shown()
    assert "start" not in [button.key for button in test.button]
    assert ZH("listen.leave") in said(test)
    with pytest.raises(WrongUse):
        listening.start(case, opened, language="zh", voices=loud)
    test.button(key="pause").click().run()
    go.append(1)
    task.wait(case, 20)
    assert task.of(case).state == "stopped"  # type: ignore[union-attr]


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_what_listens_the_way_goes_on(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "engine_here", lambda: False)
    test = shown(lang, way="complain")
    assert Words(lang, "app")("listen.no_engine") in said(test)
    assert "pip install 'collectaudit[asr]'" in codes(test)
    assert {"step-on", "step-back"} <= {button.key for button in test.button}


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_model_it_says_how_to_get_one(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "state", lambda _: "missing")
    test = shown(lang)
    assert Words(lang, "app")("listen.no_model") in said(test)
    told = "\n".join(codes(test))
    assert all(f"collectaudit models get {name} --yes" in told for name in KNOWN)
    assert all(str(model.revision or model.packages[0]) in told for model in KNOWN.values())
    assert "start" not in [button.key for button in test.button]
    named = shown(lang, model="/somewhere/whisper")
    assert "start" in [button.key for button in named.button]


@pytest.mark.usefixtures("case")
def test_the_language_follows_the_case_and_the_address() -> None:
    assert shown().selectbox(key="in-spoken").value == "zh"
    assert shown(spoken="auto").selectbox(key="in-spoken").value == "auto"
    assert shown(spoken="nonsense").selectbox(key="in-spoken").value == "zh"


def test_which_channel_collects_is_asked_where_nobody_knows(tmp_path: Path) -> None:
    """Two channels in which neither side says who it is: what is said counts for nobody until somebody tells."""
    calls(tmp_path / "in" / "calls.xml", [("2026-03-01 10:00:00", "in", 8)])
    people(tmp_path / "in" / "people.csv", f"{AGENT},collector,,样例催收", f"{ME},debtor")
    left, right = tone(8, (0.5, 2)), tone(8, (4, 6), pitch=500)
    sounding(tmp_path / "in" / f"{AGENT}_20260301100000.wav", left + right // 32, right + left // 32)
    case = audit([tmp_path / "in"], out=tmp_path / "case", owners={"": ME})
    desk = Desk(tmp_path / "none", case.path)
    serve.begin(desk, "zh")
    case = desk.case(desk.cases()[0]["key"])
    assert recordings.sides(case)["n"] == 0
    listening.start(case, opened, language="zh", voices=loud)
    task.wait(case, 60)
    lacking = recordings.sides(case)
    assert (lacking["n"], lacking["collecting"]) == (1, True)
    shown().button(key="side-right").click().run(timeout=60)
    task.wait(case, 60)
    assert recordings.sides(case)["n"] == 0
    sides = {row["voice"]: row["side"] for row in case.query("SELECT DISTINCT voice, side FROM voices")}
    assert sides == {0: "to", 1: "from"}


@pytest.mark.parametrize(
    ("seconds", "model", "cores", "least"),
    [
        (3600, "whisper-base", 1, 4.5),
        (3600, None, 2, 2.25),
        (3600, "whisper-small", 1, 18),
        (60, "/a/folder", 1, 0.075),
    ],
)
def test_how_long_it_may_take(seconds: float, model: str | None, cores: int, least: float) -> None:
    """An hour at 0.075 processor seconds a second is 270 seconds: 4.5 minutes."""
    found = readiness.minutes(seconds, model, cores)
    assert found.least == pytest.approx(least)
    assert found.most == pytest.approx(4 * least)
