"""What a person heard counts, what the machine wrote stays, and no page keeps quiet about who has listened."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bigcase import made_once
from exports import AGENT, ME, people
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordings import srt, wav
from smsfiles import backup, sms
from test_heard_cases import INTRODUCES, NAME, THREAT, recorded_case, threats, transcribed
from test_json_schema import SCHEMA

from collectaudit import drawers, views
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.errors import WrongUse
from collectaudit.evidence.verify import verify

HARMLESS, OTHER_THREAT = "您方便的时候还款", "不还钱我就砍断你的手"
BY_SOUND = "我要联系你通讯路里所有的人"
ONE = jsonschema.Draft202012Validator({"$ref": "#/$defs/one_finding", "$defs": SCHEMA["$defs"]})
REPORT = jsonschema.Draft202012Validator(SCHEMA)


def judged(tmp_path: Path, said: str = THREAT, doubt: Sequence[str] = ()) -> Case:
    """A case in which the left channel introduces itself and then says something; in doubt, it has to be declared."""
    made_once(tmp_path, "-".join(("judged", said, *doubt)), partial(_judged, said=said, doubt=doubt))
    return Case.open(tmp_path / "case")


def _judged(root: Path, said: str, doubt: Sequence[str]) -> None:
    case = recorded_case(root)
    transcribed(case, (0, 1.0, INTRODUCES), (0, 19.0, said), doubt=list(doubt))
    audit([], out=case.path, channels={"": "left"} if doubt else {})


def passage(case: Case, second: float = 19.0) -> str:
    return str(case.query("SELECT utterance_id FROM utterances WHERE start_s = ?", [second])[0]["utterance_id"])


def one(case: Case, finding_id: str, lang: str = "en") -> dict[str, Any]:
    found = views.finding(case, finding_id, lang)
    assert found is not None
    ONE.validate(found)
    return found


def line(case: Case) -> dict[str, Any]:
    """The passage with the threat, as the page of its finding has it."""
    turns: list[dict[str, Any]] = one(case, threats(case)[0]["finding_id"])["words"]["utterances"]
    (said,) = [said for said in turns if said["spans"]]
    return said


def heard_again(case: Case, **told: Any) -> Case:
    case.hear(passage(case), **told)
    return audit([], out=case.path)


@pytest.mark.parametrize(
    ("machine", "doubt", "text", "tier", "stays"),
    [
        (THREAT, [], None, "finding", None),
        (THREAT, ["loop"], None, "finding", None),  # somebody has listened: no doubt any more
        (THREAT, ["loop"], OTHER_THREAT, "finding", THREAT),
        (HARMLESS, [], OTHER_THREAT, "finding", HARMLESS),
        (HARMLESS, ["loop"], OTHER_THREAT, "finding", HARMLESS),
        (THREAT, [], THREAT, "finding", None),  # typed as it stands
        (THREAT, [], HARMLESS, None, THREAT),
        (THREAT, [], "", "finding", None),
    ],
)
def test_what_a_person_heard_counts(
    tmp_path: Path, machine: str, doubt: list[str], text: str | None, tier: str | None, stays: str | None
) -> None:
    case = judged(tmp_path, machine, doubt=doubt)
    case = heard_again(case, text=text, by="王")
    assert [row["tier"] for row in threats(case)] == ([tier] if tier else [])
    (row,) = case.query("SELECT text, machine_text, heard_by, doubtful FROM utterances WHERE start_s = 19")
    assert row == {"text": text or machine, "machine_text": stays, "heard_by": "王", "doubtful": False}
    assert case.query("SELECT heard_by FROM utterances WHERE start_s = 1") == [{"heard_by": None}]
    assert verify(case).ok


def test_what_sounds_like_it_stays_to_be_looked_at(tmp_path: Path) -> None:
    case = heard_again(judged(tmp_path, BY_SOUND))
    assert {row["path"] for row in case.query("SELECT path FROM signals SEMI JOIN utterances USING (utterance_id) "
        "WHERE category = 'third_party.contact_threat'")} == {"sound"}  # fmt: skip
    assert {row["tier"] for row in views.findings(case, lang="en") if row["speech"]["start_s"] == 19} == {"review"}


def test_until_then_it_is_not_listened_to(tmp_path: Path) -> None:
    case = judged(tmp_path, doubt=["loop"])
    said = line(case)
    assert (said["listened"], said["heard_by"], said["machine_text"], said["doubtful"]) == (False, None, None, True)
    assert (said["engine"], said["confidence"], said["voice"]) == ("faster-whisper base", 0.9, "left")
    (found,) = threats(case)
    assert found["speech"] == {
        "passages": 1, "heard": 0, "start_s": 19.0, "end_s": 21.0, "engine": "faster-whisper base", "confidence": 0.9,
        "doubtful": True, "heard_by": None, "utterance_id": passage(case),
    }  # fmt: skip
    assert "电话（0:19–0:21）" in found["message"]
    REPORT.validate(json.loads(json.dumps(views.report(case, lang="en"), default=str)))


@pytest.mark.parametrize("text", [None, OTHER_THREAT])
def test_a_confirmed_passage_keeps_its_finding_and_its_verdict(tmp_path: Path, text: str | None) -> None:
    case = judged(tmp_path)
    before = threats(case)[0]["finding_id"]
    case.review(before, "confirmed")
    (found,) = threats(heard_again(case, text=text))
    same = text is None  # other words at the very same place are another finding
    assert (found["finding_id"] == before, found["verdict"]) == (same, "confirmed" if same else None)


def test_a_correction_is_taken_back(tmp_path: Path) -> None:
    case = heard_again(judged(tmp_path), text=OTHER_THREAT, by="王", note="note")
    case = heard_again(case, by="李")  # a second person: it is right as it stands
    assert (line(case)["text"], line(case)["heard_by"], line(case)["machine_text"]) == (OTHER_THREAT, "李", THREAT)
    case = heard_again(case, text="")
    assert (line(case)["text"], line(case)["machine_text"]) == (THREAT, None)
    (row,) = case.query("SELECT * EXCLUDE (heard_by, heard_at) FROM listened")
    assert row == {"utterance_id": passage(case), "text": None, "note": "note", "found": True}


def test_a_drawer_written_by_hand(tmp_path: Path) -> None:
    case = judged(tmp_path)
    rows = f"utterance_id\ttext\n{passage(case)}\tearlier\n\n{passage(case)}\t{OTHER_THREAT}\n"
    (case.path / "listened.csv").write_bytes(rows.encode("utf-16"))
    case = audit([], out=case.path)
    assert (line(case)["text"], line(case)["listened"], line(case)["heard_by"]) == (OTHER_THREAT, True, "")
    (case.path / "listened.csv").write_text("id,text\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="no column utterance_id"):
        audit([], out=case.path)


def test_no_cell_becomes_a_formula(tmp_path: Path) -> None:
    case = judged(tmp_path)
    case.hear(passage(case), text="=HYPERLINK(1)", note="@x", by="+y")
    (row,) = (case.path / "listened.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert row.startswith(f"{passage(case)},'=HYPERLINK(1),'@x,'+y,")
    audit([], out=case.path)
    assert case.query("SELECT text, heard_by FROM utterances WHERE start_s = 19") == [
        {"text": "=HYPERLINK(1)", "heard_by": "+y"}
    ]


def test_only_what_was_spoken_can_be_heard(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    written = sms(THREAT, address=AGENT, date="1748743200000", type="1")
    (inputs / "sms.xml").write_text(backup(written), encoding="utf-8")
    people(inputs / "people.csv", f"{AGENT},collector")
    case = audit([inputs], out=tmp_path / "case", owners={"": ME})
    message = str(case.query("SELECT utterance_id FROM utterances")[0]["utterance_id"])
    with pytest.raises(WrongUse, match="was written, not spoken") as problem:
        case.hear(message)
    assert problem.value.fix
    with pytest.raises(WrongUse, match="there is no passage") as problem:
        case.hear("nonsense")
    assert "collectaudit show" in str(problem.value.fix)
    assert not (case.path / "listened.csv").exists()
    (case.path / "listened.csv").write_text(f"utterance_id,text\n{message},{HARMLESS}\n", encoding="utf-8")
    audit([], out=case.path)  # somebody's own row: a written word is not to be heard otherwise
    assert case.query("SELECT text, heard_by FROM utterances") == [{"text": THREAT, "heard_by": None}]
    assert [row["utterance_id"] for row in views.overview(case)["lost"]] == [message]


def test_what_stands_in_no_transcript_any_more_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = heard_again(judged(tmp_path), text=OTHER_THREAT)
    heard = passage(case)
    transcribed(case, (0, 1.0, INTRODUCES), (0, 19.5, HARMLESS))
    case = audit([], out=case.path)
    assert threats(case) == []
    (row,) = views.overview(case)["lost"]
    assert (row["utterance_id"], row["text"]) == (heard, OTHER_THREAT)
    for lang, said in (("en", "1 passage in listened.csv"), ("zh", "listened.csv 里有 1 处")):
        assert main(["audit", "-o", str(case.path), "--lang", lang]) == 0
        text = capsys.readouterr().out
        assert said in text
        assert heard in text.replace("\n    ", "")
    assert OTHER_THREAT in (case.path / "listened.csv").read_text(encoding="utf-8-sig")


PAGES = {
    "named": (
        "The left channel is taken for the collector's: it introduces itself at 0:01: “您好",
        "only taken from its",
    ),
    "declared": ("The left channel was declared to be the collector's.", "is not the collector's, as was declared"),
    "label": ("in the recording", "somebody else says it than the transcript has it"),
}


@pytest.mark.parametrize("known", PAGES)
def test_a_page_says_how_the_side_is_known(tmp_path: Path, known: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = recorded_case(tmp_path)
    if known == "label":
        (tmp_path / "in" / "rec" / NAME.replace("wav", "srt")).write_text(
            srt((19, 21, f"坐席：{THREAT}")), encoding="utf-8"
        )
    else:
        transcribed(case, (0, 1.0, INTRODUCES if known == "named" else "喂"), (0, 19.0, THREAT))
    case = audit([tmp_path / "in"], out=case.path, channels={"": "left"} if known == "declared" else {})
    (found,) = threats(case)
    (said,) = [said for said in one(case, found["finding_id"])["words"]["utterances"] if said["spans"]]
    assert said["side"]["known"] == known
    main(["show", str(case.path), found["finding_id"], "--lang", "en"])
    text = " ".join(capsys.readouterr().out.split())
    others = {sentence for name, sentences in PAGES.items() if name != known for sentence in sentences[1:]}
    assert PAGES[known][1] in text
    assert known == "label" or PAGES[known][0] in text
    assert not [sentence for sentence in others if sentence in text]


def test_by_the_command_line_from_finding_to_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = judged(tmp_path)
    path, found = str(case.path), threats(case)[0]["finding_id"]
    assert main(["show", path, found, "--lang", "zh"]) == 0
    page = capsys.readouterr().out
    assert "尚未有人听过" in page
    assert f"collectaudit hear {path} '{passage(case)}'" in page
    assert main(["hear", path, found[:12], "--text", OTHER_THREAT, "--by", "王", "--lang", "zh"]) == 0
    assert f"collectaudit audit -o {path}" in capsys.readouterr().out
    assert main(["audit", "-o", path, "-q"]) == 0
    case = Case.open(case.path)
    for lang, said in (("en", "listened to by 王"), ("zh", "王 已听过")):
        capsys.readouterr()
        assert main(["show", path, "--lang", lang]) == 0
        assert said in capsys.readouterr().out
        assert main(["show", path, threats(case)[0]["finding_id"], "--lang", lang]) == 0
        page = capsys.readouterr().out
        assert said in page
        assert f"│ {THREAT}\n" in page  # the machine's own, beside what was heard
        assert "collectaudit hear" not in page
    report = verify(case)
    assert report.ok
    assert [row.detail for row in report.lines if row.what == "listened.csv"] == [
        "edited by people; as the last audit used it"
    ]
    log = (case.path / "log" / "audit.jsonl").read_text(encoding="utf-8")
    assert '"drawer":"listened.csv"' in log
    assert "王" not in log


@pytest.mark.parametrize("ref", ["nonsense", ""])
def test_what_is_no_passage_is_said(tmp_path: Path, ref: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = judged(tmp_path)
    assert main(["hear", str(case.path), ref, "--lang", "en"]) == 2
    assert "no transcribed passage" in capsys.readouterr().err


def test_who_is_logged_in_has_listened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    assert line(heard_again(judged(tmp_path)))["heard_by"] == "somebody"


def test_a_drawer_is_part_of_what_a_run_rests_on(tmp_path: Path) -> None:
    case = judged(tmp_path)
    before = case.run()
    case = heard_again(case)
    assert case.run() != before
    manifest = json.loads((case.run() or tmp_path).joinpath("manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["made_from"]["drawers"]) == {"listened.csv"}


def test_recordings_without_a_transcript_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = recorded_case(tmp_path)
    rec = tmp_path / "in" / "rec"
    (rec / f"{AGENT}_20250601120010.wav").write_bytes(wav(20, salt=1))
    (rec / "没有日期.wav").write_bytes(wav(20, salt=2))
    audit([rec], out=case.path)
    counts = ("recordings", "untranscribed", "not_listened")
    assert [views.status(case)[name] for name in counts] == [3, 3, 0]
    assert main(["audit", "-o", str(case.path), "--lang", "zh"]) == 0
    page = capsys.readouterr().out
    assert "有 3 段录音没有转写稿" in page
    assert f"collectaudit transcribe {case.path}" in page
    (rec / "没有日期.srt").write_text(srt((1, 2, THREAT)), encoding="utf-8")
    audit([rec], out=case.path)
    transcribed_first(case)
    audit([], out=case.path)
    seen = views.overview(case)
    assert [seen[name] for name in counts] == [3, 1, len(views.findings(case, lang="en"))]
    case.hear(passage(case))
    assert views.overview(audit([], out=case.path))["not_listened"] == 0


def transcribed_first(case: Case) -> None:
    """A transcript of the recording of NAME alone, though there are others."""
    (audio,) = (sha256 for sha256, name, _ in case.kept() if name.endswith(NAME))
    segments = [{"channel": 0, "start_s": 19.0, "end_s": 21.0, "text": THREAT, "confidence": 0.9, "doubt": []}]
    folder = case.path / "transcripts" / audio
    folder.mkdir(parents=True)
    about = {"audio_name": NAME, "audio_sha256": audio, "engine": {"name": "e"}, "segments": segments}
    (folder / "0000000000000000.json").write_text(json.dumps(about), encoding="utf-8")
    case.keep_transcript(audio, "0" * 16)


def test_a_finding_on_what_was_not_said_tells_how_much_was_heard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = recorded_case(tmp_path)
    transcribed(case, (0, 1.0, INTRODUCES), (0, 19.0, HARMLESS))
    case = audit([], out=case.path, jurisdiction="us", channels={"": "left"})
    case = heard_again(case, by="王")
    missing = [row for row in views.findings(case, lang="en") if row["rule_id"] == "missing-statement"]
    assert missing
    speech = missing[0]["speech"]
    assert (speech["passages"], speech["heard"], speech["start_s"], speech["utterance_id"]) == (2, 1, 1.0, None)
    assert one(case, missing[0]["finding_id"])["words"] is None
    main(["show", str(case.path), missing[0]["finding_id"], "--lang", "en"])
    page = " ".join(capsys.readouterr().out.split())
    assert "in a recording, 0:01–0:21: 2 passages, of which a person has listened to 1" in page
    assert "not listened to" in page
    assert main(["hear", str(case.path), missing[0]["finding_id"]]) == 2  # it quotes no passage


TEXT = st.text(alphabet="再不还钱就打断你的腿您好 =+'a", max_size=12)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, str]]:
    """A case with four passages, and what the machine wrote in each."""
    case = recorded_case(tmp_path_factory.mktemp("several"))
    transcribed(case, (0, 1.0, INTRODUCES), (1, 4.0, "我是"), (0, 6.0, THREAT), (1, 9.0, HARMLESS))
    audit([], out=case.path)
    return case, {row["utterance_id"]: row["text"] for row in case.query("SELECT utterance_id, text FROM utterances")}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.dictionaries(st.integers(0, 5), TEXT, max_size=5))
def test_whatever_is_heard_nothing_is_lost(several: tuple[Case, dict[str, str]], told: dict[int, str]) -> None:
    """Records add up, every passage keeps the machine's words, and every row of the drawer is in the run."""
    case, machine = several
    names = dict(enumerate([*sorted(machine), "gone:segment[1]", "gone:segment[2]"]))
    drawer = case.path / "listened.csv"
    drawer.unlink(missing_ok=True)
    for number, text in told.items():
        row = drawers.heard(names[number], text, None, "王", "2026-01-01T00:00:00Z")
        with case.session("test"):
            drawers.put(drawer, row, case.path / "tmp")
    audit([], out=case.path)
    assert all(row["records"] == row["events"] + row["rejects"] for row in views.sources(case))
    rows = case.query("SELECT utterance_id, text, coalesce(machine_text, text) AS kept, heard_by FROM utterances")
    assert {row["utterance_id"]: row["kept"] for row in rows} == machine
    said = {names[number]: text.strip() for number, text in told.items()}
    assert all(row["text"] == (said.get(row["utterance_id"]) or row["kept"]) for row in rows)
    assert {row["utterance_id"] for row in rows if row["heard_by"]} == said.keys() & machine.keys()
    kept = case.query("SELECT utterance_id, coalesce(text, '') AS text, found FROM listened")
    assert {row["utterance_id"]: (row["text"], row["found"]) for row in kept} == {
        name: (text, name in machine) for name, text in said.items()
    }
