"""Calls without their recording, in a dialler's log and on a phone; what else is missing of the sound."""

from pathlib import Path
from typing import Any

import pytest
from exports import AGENT, ME, calls, facts, people
from recordings import amr, srt, wav

from collectaudit import views
from collectaudit.audit import audit
from collectaudit.case import Case

HEADER = "案件编号,拨打时间,主叫号码,被叫号码,与本人关系,通话结果,通话时长(秒),坐席工号,受托方,录音文件"
CARD = "A1,,product,,,credit_card,"
TAPED = ("20260202-100004", "20260204-100003")


def name(began: str) -> str:
    """As FreePBX names the recording of a call."""
    return f"out-{ME}-3201-{began}-17700000{began[7]}0.12"


def dialled(at: str, outcome: str = "已接通", recording: str = "", agency: str = "样例催收") -> str:
    seconds = 60 if outcome == "已接通" else 0
    return f"A1,2026-02-{at}:00,010-88880021,{ME},本人,{outcome},{seconds},Z01,{agency},{recording}"


def agency_case(
    root: Path, *rows: str, taped: tuple[str, ...] = TAPED, declared: str = CARD, jurisdiction: str = "cn"
) -> Case:
    inputs = root / "in"
    inputs.mkdir(parents=True)
    (inputs / "dialler.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    facts(inputs / "facts.csv", declared)
    for number, began in enumerate(taped):
        (inputs / f"{name(began)}.wav").write_bytes(wav(50, salt=number))
    case = audit([inputs], out=root / "case", jurisdiction=jurisdiction)
    assert not case.errors
    return case


def lacking(case: Case, lang: str = "en") -> list[dict[str, Any]]:
    return [row for row in views.findings(case, lang=lang) if row["rule_id"] == "recording-missing"]


BETWEEN = (
    dialled("02 10:00"),
    dialled("03 14:02"),
    dialled("03 15:00", "无人接听"),
    dialled("04 10:00"),
    dialled("05 10:00"),
)


def test_a_call_between_recorded_ones(tmp_path: Path) -> None:
    (found,) = lacking(agency_case(tmp_path, *BETWEEN))
    assert (found["occurred_at"][:16], found["tier"], found["severity"]) == ("2026-02-03 14:02", "review", "medium")
    assert found["provision_id"].split("@")[0] == "cn.card2011/recordings"
    assert found["message"].startswith(
        "call at 14:02 on 3 Feb 2026: no recording of it is among the files; of the calls of 样例催收 from "
        "2 Feb 2026 to 4 Feb 2026, 2 have one; recording named in the log: none;"
    )
    assert [item["locator"] for item in found["evidence"]] == ["L3"]


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (BETWEEN, {"declared": "A1,,product,,,consumer_loan,"}),  # the text is about cards
        (BETWEEN, {"declared": "A1,,settled,,,,"}),  # nobody says whether it was a card
        (BETWEEN, {"taped": ()}),
        (BETWEEN, {"taped": (*TAPED, "20260203-140204")}),
        (BETWEEN, {"jurisdiction": "us"}),  # recording is not asked for there, only keeping
        ((BETWEEN[0], dialled("03 14:02", agency="范例催收"), BETWEEN[3]), {}),
    ],
)
def test_nothing_is_missing(tmp_path: Path, rows: tuple[str, ...], options: dict[str, Any]) -> None:
    assert lacking(agency_case(tmp_path, *rows, **options)) == []


@pytest.mark.parametrize("jurisdiction", ["cn", "us"])
def test_the_log_names_a_recording_that_is_not_there(tmp_path: Path, jurisdiction: str) -> None:
    named = (BETWEEN[0], dialled("03 14:02", recording="/rec/Z01-77.wav"), BETWEEN[3])
    (found,) = lacking(agency_case(tmp_path, *named, jurisdiction=jurisdiction))
    assert "recording named in the log: /rec/Z01-77.wav" in found["message"]
    assert "日志所载的录音：/rec/Z01-77.wav" in lacking(Case.open(tmp_path / "case"), "zh")[0]["message"]


def test_the_recording_that_the_log_names_is_there_under_another_time(tmp_path: Path) -> None:
    """A switch whose clock is wrong: no call is found for the recording, but the log knows its name."""
    rows = (BETWEEN[0], dialled("03 14:02", recording=f"/rec/{name('20260203-200000')}.mp3"), BETWEEN[3])
    case = agency_case(tmp_path, *rows, taped=(*TAPED, "20260203-200000"))
    assert views.recording_gaps(case)["without_call"]["n"] == 1
    assert lacking(case) == []


def test_a_phone_is_not_asked_for_recordings(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    rows = [(f"2026-02-0{day} 10:00:00", "in", 60) for day in (2, 3, 4)]
    calls(inputs / "calls.xml", rows)
    people(inputs / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    facts(inputs / "facts.csv", ",,product,,,credit_card,")
    for day in (2, 4):
        (inputs / f"{AGENT}_2026020{day}100003.amr").write_bytes(amr(50 + day))
    case = audit([inputs], out=tmp_path / "case", owners={"": ME})
    assert lacking(case) == []
    assert views.recording_gaps(case)["without_recording"]["n"] == 1


def test_what_is_missing_of_the_sound(tmp_path: Path) -> None:
    case = agency_case(tmp_path, *BETWEEN, taped=(*TAPED, "20260209-100000"))
    (tmp_path / "in" / f"{name(TAPED[0])}.srt").write_text(srt((1, 2, "您好")), encoding="utf-8")
    case = audit([tmp_path / "in"], out=case.path)
    gaps = views.recording_gaps(case)
    assert [str(row["at_local"])[5:16] for row in gaps["without_recording"]["rows"]] == ["02-03 14:02", "02-05 10:00"]
    assert [row["source"] for row in gaps["without_call"]["rows"]] == [f"in/{name('20260209-100000')}.wav"]
    assert [row["source"] for row in gaps["without_transcript"]["rows"]] == [
        f"in/{name(began)}.wav" for began in (TAPED[1], "20260209-100000")
    ]
    assert {kind: gap["n"] for kind, gap in views.recording_gaps(case, limit=1).items()} == {
        "without_recording": 2, "without_call": 1, "without_transcript": 2,
    }  # fmt: skip


def test_without_recordings_the_rule_says_that_there_are_none(tmp_path: Path) -> None:
    case = agency_case(tmp_path, *BETWEEN, taped=())
    (row,) = [row for row in views.rules(case, lang="zh") if row["rule_id"] == "recording-missing"]
    assert (row["status"], row["reason"]) == ("no_input", "文件中没有通话录音")
