"""From a recording and the transcript that was made of it in the case to a finding with its second and its side."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bigcase import made_once
from exports import AGENT, ME, calls, people
from recordings import wav

from collectaudit import views
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.evidence.verify import verify

NAME = f"通话录音@张三({AGENT})_20250601100010.wav"
INTRODUCES, THREAT = "您好，这里是示例信贷的客服", "再不还钱就打断你的腿"
Turn = tuple[int | None, float, str]


def recorded_case(root: Path, *, log: bool = True, known: bool = True, called: str = "debtor") -> Case:
    made_once(root, f"recorded-{log}-{known}-{called}", partial(_recorded, log=log, known=known, called=called))
    return Case.open(root / "case")


def _recorded(root: Path, *, log: bool, known: bool, called: str) -> None:
    inputs = root / "in"
    if log:
        calls(inputs / "calls.xml", [("2025-06-01 10:00:00", "in", 60), ("2025-06-01 12:00:00", "in", 30)])
    if known:
        people(inputs / "people.csv", f"{AGENT},collector", f"{ME},{called}")
    (inputs / "rec").mkdir(parents=True)
    (inputs / "rec" / NAME).write_bytes(wav(50, channels=2))
    audit([inputs], out=root / "case", owners={"": ME})


def transcribed(case: Case, *turns: Turn, **changed: Any) -> None:
    """Keep a transcript of the only recording, as `transcribe` writes it: (channel, second, words)."""
    (audio,) = (sha256 for sha256, name, _ in case.kept() if name.endswith(".wav"))
    segments = [
        {"ordinal": n, "channel": channel, "start_s": start, "end_s": start + 2, "text": text, "raw_text": text,
         "confidence": 0.9, "doubt": [], "words": [], **changed}
        for n, (channel, start, text) in enumerate(turns)
    ]  # fmt: skip
    about = {"audio_name": NAME, "audio_sha256": audio, "engine": {"name": "faster-whisper", "version": "1"},
             "model": {"name": "base", "sha256": "00"}, "schema": 1, "segments": segments}  # fmt: skip
    folder = case.path / "transcripts" / audio
    folder.mkdir(parents=True, exist_ok=True)
    key = f"{len(list(folder.iterdir())):016x}"
    (folder / f"{key}.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    case.keep_transcript(audio, key)


def threats(case: Case) -> list[dict[str, Any]]:
    found = [row for row in views.findings(case, lang="zh") if row["rule_id"] == "threatening-language"]
    return [row for row in found if row["regime"] == "cn.cp2022"]


@pytest.mark.parametrize(
    ("turns", "options", "tier"),
    [
        ([(0, 1.0, INTRODUCES), (1, 4.0, "我是"), (0, 6.0, THREAT)], {}, "finding"),
        ([(1, 1.0, INTRODUCES), (0, 4.0, "我是"), (1, 6.0, THREAT)], {}, "finding"),
        ([(0, 1.0, INTRODUCES), (1, 6.0, THREAT)], {}, None),  # the debtor's words
        ([(0, 1.0, INTRODUCES), (0, 6.0, THREAT)], {"log": False}, "finding"),
        ([(0, 1.0, INTRODUCES), (0, 6.0, THREAT)], {"known": False}, "review"),
        ([(0, 61.0, INTRODUCES), (0, 66.0, THREAT)], {}, "review"),  # not at the beginning
        ([(0, 1.0, INTRODUCES), (1, 3.0, "我是示例公司的客服"), (0, 6.0, THREAT)], {}, "review"),  # both
        ([(0, 1.0, "喂"), (0, 6.0, THREAT)], {}, "review"),  # neither
        ([(None, 1.0, INTRODUCES), (None, 6.0, THREAT)], {}, "review"),  # one channel with both voices
        ([(None, 1.0, f"坐席：{THREAT}")], {}, "review"),  # no label, but something that was heard
    ],
)
def test_whose_words_a_channel_holds(
    tmp_path: Path, turns: list[Turn], options: dict[str, Any], tier: str | None
) -> None:
    case = recorded_case(tmp_path, **options)
    transcribed(case, *turns)
    audit([], out=case.path)
    assert [row["tier"] for row in threats(case)] == ([tier] if tier else [])
    assert verify(case).ok
    assert all(row["records"] == row["events"] + row["rejects"] for row in views.sources(case))


@pytest.mark.parametrize(
    ("called", "channel", "found"), [("family", 0, True), ("family", 1, False), ("debtor", 0, False)]
)
def test_what_may_be_said_to_a_debtor_only_is_looked_for_by_channel(
    tmp_path: Path, called: str, channel: int, found: bool
) -> None:
    case = recorded_case(tmp_path, called=called)
    transcribed(case, (0, 1.0, INTRODUCES), (channel, 6.0, "你们家今天必须把这钱还上"))
    audit([], out=case.path)
    assert ("demand-on-third-party" in {row["rule_id"] for row in views.findings(case, lang="zh")}) is found


@pytest.mark.parametrize(("side", "tier"), [("left", "finding"), ("right", None)])
def test_a_declared_channel_counts_before_what_is_said(tmp_path: Path, side: str, tier: str | None) -> None:
    case = recorded_case(tmp_path)
    transcribed(case, (1, 1.0, INTRODUCES), (0, 6.0, THREAT))
    audit([], out=case.path, channels={"in/rec": side})
    assert [row["tier"] for row in threats(case)] == ([tier] if tier else [])
    audit([], out=case.path)
    assert [row["tier"] for row in threats(case)] == ([tier] if tier else [])  # remembered


def test_what_is_doubtful_only_asks_for_a_listener(tmp_path: Path) -> None:
    case = recorded_case(tmp_path)
    transcribed(case, (0, 1.0, THREAT), doubt=["loop"])
    audit([], out=case.path, channels={"": "left"})
    assert [row["tier"] for row in threats(case)] == ["review"]


def test_a_finding_leads_to_the_recording_and_its_second(tmp_path: Path) -> None:
    case = recorded_case(tmp_path)
    transcribed(case, (0, 1.0, INTRODUCES), (0, 6.0, THREAT))
    audit([], out=case.path)
    (found,) = threats(case)
    shown = views.finding(case, found["finding_id"], "zh")
    assert shown is not None
    (line,) = [line for line in shown["words"]["utterances"] if line["spans"]]
    assert (line["start_s"], line["end_s"], line["engine"]) == (6.0, 8.0, "faster-whisper base")
    assert (line["source"], line["locator"]) == (f"in/rec/{NAME}", "segment[2]")
    exhibits = {row["locator"]: (row["same_why"], row["raw"]) for row in shown["exhibits"]}
    assert exhibits["name"] == ("made_here", NAME)
    assert exhibits["audio"] == ("number_overlap", NAME)


def test_the_transcript_made_last_counts(tmp_path: Path) -> None:
    case = recorded_case(tmp_path)
    transcribed(case, (0, 1.0, INTRODUCES), (0, 6.0, THREAT))
    transcribed(case, (0, 1.0, INTRODUCES), (0, 6.0, "您方便的时候还款"))
    audit([], out=case.path)
    assert threats(case) == []
    assert len(views.sources(case)) == 4
