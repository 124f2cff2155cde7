"""From a phone's call log, a recording and its transcript to a finding with its second."""

from pathlib import Path
from typing import Any

import pytest
from exports import AGENT, ME, MOTHER, calls, people
from recordings import amr, srt, wav

from collectaudit import views
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.speech import clock

NAME = f"通话录音@张三({AGENT})_20250601100010"
GREETING, THREAT = "您好，您的借款已经逾期", "再不还钱就打断你的腿"
CALLS = [("2025-06-01 10:00:00", "in", 60), ("2025-06-01 12:00:00", "in", 30)]


def spoken_case(
    root: Path,
    threat: str,
    *,
    log: bool = True,
    known: bool = True,
    name: str = NAME,
    greeting: str = f"坐席：{GREETING}",
) -> Case:
    inputs = root / "in"
    if log:
        calls(inputs / "calls.xml", CALLS)
    if known:
        people(inputs / "people.csv", f"{AGENT},collector", f"{ME},debtor", f"{MOTHER},family")
    (inputs / "rec").mkdir(parents=True)
    (inputs / "rec" / f"{name}.wav").write_bytes(wav(50))
    (inputs / "rec" / f"{name}.srt").write_text(srt((1, 2, greeting), (72.5, 75, threat)), encoding="utf-8")
    return audit([inputs], out=root / "case", owners={"": ME})


def threats(case: Case) -> list[dict[str, Any]]:
    found = [row for row in views.findings(case, lang="zh") if row["rule_id"] == "threatening-language"]
    return [row for row in found if row["regime"] == "cn.cp2022"]


@pytest.mark.parametrize(
    ("threat", "options", "tier", "role"),
    [
        (f"坐席：{THREAT}", {}, "finding", "collector"),
        (THREAT, {}, "review", None),
        (f"张三：{THREAT}", {}, "review", None),
        (f"坐席：{THREAT}", {"known": False}, "review", None),
        (f"坐席：{THREAT}", {"log": False}, "finding", "collector"),
    ],
)
def test_a_spoken_threat(tmp_path: Path, threat: str, options: dict[str, Any], tier: str, role: str | None) -> None:
    case = spoken_case(tmp_path, threat, **options)
    assert not case.errors
    (found,) = threats(case)
    shown = views.finding(case, found["finding_id"], "en")
    assert shown is not None
    assert (found["tier"], found["occurred_at"][:16]) == (tier, "2025-06-01 10:00")
    (line,) = [line for line in shown["words"]["utterances"] if line["spans"]]
    assert (line["start_s"], line["end_s"], line["speaker"]["role"]) == (72.5, 75.0, role)
    assert (line["source"], line["locator"]) == (f"in/rec/{NAME}.srt", "L6")
    exhibits = {row["locator"]: (row["same_why"], row["raw"]) for row in shown["exhibits"]}
    assert exhibits["name"] == ("stem", f"{NAME}.srt")
    assert exhibits["audio"] == ("number_overlap" if options.get("log", True) else None, f"{NAME}.wav")
    assert ("call[1]@L3" in exhibits) == options.get("log", True)


def test_what_the_debtor_says_is_held_against_nobody(tmp_path: Path) -> None:
    assert threats(spoken_case(tmp_path, f"客户：{THREAT}")) == []


def test_without_a_day_it_is_kept_listed_and_not_judged(tmp_path: Path) -> None:
    case = spoken_case(tmp_path, f"坐席：{THREAT}", name="录音 1")
    assert threats(case) == []
    assert views.overview(case)["undated"] == ["in/rec/录音 1.wav"]
    assert [row["text"] for row in case.query("SELECT text FROM utterances ORDER BY ordinal")] == [GREETING, THREAT]
    assert all(row["records"] == row["events"] + row["rejects"] for row in views.sources(case))


def test_a_recording_alone_counts_as_a_contact_but_not_against_hours(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    people(folder / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    (folder / f"{AGENT}_20250601031500.amr").write_bytes(amr(5))
    case = audit([folder], out=tmp_path / "case", owners={"": ME})
    seen = views.overview(case)
    assert (seen["contacts"], seen["collector_contacts"], seen["undirected"]) == (1, 0, 1)
    assert views.findings(case, lang="en") == []
    (folder / "20250601_031500.000+0800_in_02188880000.amr").write_bytes(amr(6))
    case = audit([folder], out=tmp_path / "case", owners={"": ME})
    assert "out-of-hours" in {row["rule_id"] for row in views.findings(case, lang="en")}


def test_numbers_of_recordings_are_suggested_for_a_label(tmp_path: Path) -> None:
    case = spoken_case(tmp_path, f"坐席：{THREAT}", log=False, known=False)
    assert [row["number"] for row in views.suggestions(case)] == ["+862188880000"]
    assert views.overview(case)["unknown_numbers"] == 1


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, "0:00"), (72.5, "1:12"), (3599.9, "59:59"), (3723.0, "1:02:03")])
def test_seconds_as_a_player_shows_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
