"""The words a finding rests on, from runs written by hand: who says them, which passages, which turns, what doubts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from casekit import SOURCE, write_tables
from test_json_schema import SCHEMA
from wordkit import small_lexicons

from collectaudit import views
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.signals import listen
from collectaudit.wording import words_of

Row = dict[str, Any]
AGENT, BORROWER, MOTHER, STRANGER = "+8613800000001", "+8613800000002", "+8613800000003", "+8613800000009"
ROLES = {AGENT: "collector", BORROWER: "debtor", MOTHER: "family"}
VALID = jsonschema.Draft202012Validator({"$ref": "#/$defs/words", "$defs": SCHEMA["$defs"]})
LEG, DISCLOSED, FILED = "threat.violence.leg", "third_party.disclosure.owes", "legal.false_threat.filed"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from small_lexicons(monkeypatch)


def event(n: int, sender: str | None, to: str | None, channel: str) -> Row:
    return {
        "event_id": f"e{n}", "source_id": "s1", "locator": f"L{n}", "account_id": "A1", "channel": channel,
        "from_number": sender, "to_number": to, "from_role": ROLES.get(sender or ""), "to_role": ROLES.get(to or ""),
        "at_local": f"2026-03-01 10:0{n}:00", "precision": "second", "outcome": "delivered",
    }  # fmt: skip


def turn(n: int, ordinal: int, text: str, speaker: str | None = "from", **more: Any) -> Row:
    about = {"source_id": "s1", "ordinal": ordinal, "speaker": speaker, "text": text, **more}
    return {"utterance_id": f"e{n}#{ordinal}", "event_id": f"e{n}", **about}


def case_of(folder: Path, events: Sequence[Row], turns: Sequence[Row], **more: Any) -> Case:
    """A case with one run; each contact and kind of wording that counts has a finding, `kind@event`."""
    case, reviewer = Case.create(folder / "case"), more.pop("reviewer", None)
    with case.session("test"):
        staged = case.staging()
        write_tables(staged, {"sources": [SOURCE], "events": events, "utterances": turns, **more})
        listen(staged, reviewer=reviewer)
        case.publish(staged, "r0", {})
        found = case.query("SELECT category, event_id, signal_id, event_ids FROM worded ORDER BY ALL")
        rows = [
            {"finding_id": f"{row['category']}@{row['event_id']}", "ordinal": n, "event_id": event_id,
             "signal_id": row["signal_id"] if event_id == row["event_id"] else None}
            for row in found for n, event_id in enumerate(row["event_ids"], 1)
        ]  # fmt: skip
        staged = case.staging()
        write_tables(staged, {"sources": [SOURCE], "events": events, "utterances": turns, "evidence": rows, **more})
        listen(staged, reviewer=reviewer)
        case.publish(staged, "r1", {"evidence": rows})
    return case


def said(case: Case, kind: str = "", lang: str = "en") -> Row:
    """The words of the first finding, or of the one of that kind."""
    first = case.query("SELECT min(finding_id) AS id FROM evidence WHERE starts_with(finding_id, ?)", [kind])
    found = words_of(case, first[0]["id"], Words(lang))
    assert found is not None
    VALID.validate(found)
    return found


def messages(tmp_path: Path, *rows: tuple[str | None, str, str], **more: Any) -> Case:
    events = [event(n, sender, to, "sms") for n, (sender, to, _) in enumerate(rows)]
    return case_of(tmp_path, events, [turn(n, 0, text) for n, (*_, text) in enumerate(rows)], **more)


def spans(found: Row) -> list[tuple[str, str, str]]:
    """(text between the places, pattern, path) of every passage."""
    return [
        (line["text"][span["start_char"] : span["end_char"]], span["pattern"], span["path"])
        for line in found["utterances"]
        for span in line["spans"]
    ]


def test_a_passage_and_all_that_is_known_about_it(tmp_path: Path) -> None:
    text = "再拖就打\u202e断\u202e你的腿，\x1b[31m今天还钱"
    people = [{"number": AGENT, "role": "collector", "basis": "people.csv"}]
    found = said(messages(tmp_path, (AGENT, BORROWER, text), parties=people))
    (line,) = found["utterances"]
    assert line["text"] == text
    assert (line["event_id"], line["source"], line["locator"]) == ("e0", "calls.csv", "L0")
    assert line["at"] == "2026-03-01 10:00:00"
    assert line["speaker"] == {"role": "collector", "number": AGENT, "basis": "people.csv"}
    assert line["to"] == {"role": "debtor", "number": BORROWER, "basis": "export"}
    (span,) = line["spans"]
    assert text[span["start_char"] : span["end_char"]] == span["matched"] == "打\u202e断\u202e你的腿"
    assert (span["path"], span["tier"], span["frame"]) == ("invisible", "finding", "@beat {4} @you {2} @limb")
    assert span["slots"] == [
        {"text": "打\u202e断", "class": "beat", "within": None},
        {"text": "你", "class": "you", "within": 4},
        {"text": "腿", "class": "limb", "within": 2},
    ]
    (pattern,) = found["patterns"]
    assert (pattern["pattern"], pattern["title"], pattern["conduct"]) == (LEG, "Threat of violence", "T01")
    assert pattern["not_found"] == [
        {"exclusion": "negated", "title": "a denial before it"},
        {"exclusion": "retold", "title": "words retold"},
    ]
    assert (found["category"], found["in_context"]) == ("threat.violence", True)
    assert len(found["lexicons_sha256"]) == 64


def test_texts_are_in_the_language_asked_for(tmp_path: Path) -> None:
    found = said(messages(tmp_path, (AGENT, BORROWER, "打断你的腿")), lang="zh")
    assert found["title"] == "暴力威胁"
    assert found["patterns"][0]["not_found"][0]["title"] == "前面有否定"
    assert found["unless"][0] == f"{AGENT} 其实不是催收方的号码（身份来源：导出记录所载）"


def test_all_passages_of_that_kind_and_no_other(tmp_path: Path) -> None:
    text = "打断你的腿，我司已起诉，弄死你的胳膊。绝不打断你的腿"
    case = messages(tmp_path, (AGENT, BORROWER, text))
    assert spans(said(case, "threat.violence")) == [("打断你的腿", LEG, "plain"), ("弄死你的胳膊", LEG, "plain")]
    assert spans(said(case, "legal.false_threat")) == [("已起诉", FILED, "plain")]


def test_words_that_count_only_to_others_are_left_out_where_they_do_not(tmp_path: Path) -> None:
    case = messages(tmp_path, (AGENT, MOTHER, "您儿子有欠款"), (AGENT, BORROWER, "您儿子有欠款"))
    found = said(case)
    assert spans(found) == [("儿子有欠款", DISCLOSED, "plain")]
    assert any(MOTHER in doubt and "family" in doubt for doubt in found["unless"])
    assert [row["event_id"] for row in case.query("SELECT event_id FROM evidence")] == ["e0"]


def test_a_phrase_cut_in_two_is_shown_in_both_messages(tmp_path: Path) -> None:
    found = said(messages(tmp_path, (AGENT, BORROWER, "明天就打断"), (AGENT, BORROWER, "你的腿，记住")))
    assert [line["event_id"] for line in found["utterances"]] == ["e0", "e1"]
    assert spans(found) == [("打断", LEG, "plain"), ("你的腿", LEG, "plain")]
    assert {span["matched"] for line in found["utterances"] for span in line["spans"]} == {"打断你的腿"}
    assert all(span["frame"] for line in found["utterances"] for span in line["spans"])
    assert any("two messages" in doubt for doubt in found["unless"])


def test_of_a_conversation_the_turns_and_those_beside_them(tmp_path: Path) -> None:
    texts = ["喂", "哪位", "打断你的腿", "你说什么", "没什么", "打断你的胳膊", "再见", "再见", "嘟"]
    turns = [turn(0, 10 * n, text, "to" if n % 2 else "from", start_s=float(n)) for n, text in enumerate(texts)]
    turns[5]["speaker"] = "from"
    found = said(case_of(tmp_path, [event(0, AGENT, BORROWER, "call")], turns))
    assert [line["ordinal"] for line in found["utterances"]] == [10, 20, 30, 40, 50, 60]
    assert [line["speaker"]["role"] for line in found["utterances"]][:2] == ["debtor", "collector"]
    assert len(spans(found)) == 2


def test_a_turn_is_cited_by_its_own_place(tmp_path: Path) -> None:
    turns = [turn(0, 1, "打断你的腿", locator="L7", source_id="s2"), turn(0, 2, "你说什么", "to")]
    transcript = {**SOURCE, "source_id": "s2", "name": "call.srt"}
    found = said(case_of(tmp_path, [event(0, AGENT, BORROWER, "call")], turns, sources=[SOURCE, transcript]))
    places = [(line["source"], line["locator"]) for line in found["utterances"]]
    assert places == [("call.srt", "L7"), ("calls.csv", "L0")]


@pytest.mark.parametrize(
    ("sender", "known", "basis"),
    [
        (AGENT, [("collector", None, "people.csv")], "people.csv"),
        (AGENT, [("collector", "B9", "people.csv")], "people.csv"),
        (AGENT, [("collector", None, "people.csv"), ("collector", "A1", "assumed")], "assumed"),
        (AGENT, [("family", None, "people.csv")], "export"),
        (AGENT, [(None, None, "contacts")], "export"),
        (AGENT, [], "export"),
        (STRANGER, [], None),
    ],
)
def test_how_a_role_is_known(tmp_path: Path, sender: str, known: list[Any], basis: str | None) -> None:
    people = [{"number": sender, "role": role, "account_id": account, "basis": how} for role, account, how in known]
    found = said(messages(tmp_path, (sender, BORROWER, "打断你的腿，还钱"), parties=people))
    assert found["utterances"][0]["speaker"]["basis"] == basis


@pytest.mark.parametrize(
    ("row", "doubts"),
    [
        ((AGENT, BORROWER, "打断你的腿"), ["a collector's after all", "change its meaning"]),
        ((STRANGER, BORROWER, "打断你的腿，还钱"), ["nobody has said who it is", "change its meaning"]),
        (
            (AGENT, BORROWER, "我司已起诉"),
            ["a collector's after all", "Was a suit really filed?", "change its meaning"],
        ),
        ((STRANGER, MOTHER, "您儿子有欠款"), ["nobody has said", "the role is: family", "change its meaning"]),
    ],
)
def test_doubts_are_about_what_is_known_here(tmp_path: Path, row: tuple[str, str, str], doubts: list[str]) -> None:
    found = said(messages(tmp_path, row))["unless"]
    assert len(found) == len(doubts)
    assert all(part in doubt for part, doubt in zip(doubts, found, strict=True))


def test_doubts_about_a_recording(tmp_path: Path) -> None:
    turns = [turn(0, 0, "打断你的腿，还钱", None, engine="an engine", confidence=0.5, doubtful=True)]
    found = said(case_of(tmp_path, [event(0, AGENT, BORROWER, "call")], turns))
    assert found["utterances"][0]["speaker"] == {"role": None, "number": None, "basis": None}
    assert [doubt for doubt in found["unless"] if "does not say who speaks" in doubt]
    assert [doubt for doubt in found["unless"] if "an engine" in doubt]


HEARD = [turn(0, 0, "再拖就打段你的胳博", start_s=3.0)]


@pytest.mark.parametrize(
    ("lang", "doubt"),
    [
        ("en", "“打段, 胳博” is what was said; it was taken for “打断, 胳膊”, which sounds like it; listen to it"),
        ("zh", "录音里说的就是转写的“打段、胳博”，不是听起来相近的“打断、胳膊”；请听录音核对"),
    ],
)
def test_what_is_found_by_its_sound_says_what_it_sounds_like(tmp_path: Path, lang: str, doubt: str) -> None:
    case = case_of(tmp_path, [event(0, AGENT, BORROWER, "call")], HEARD)
    found = said(case, lang=lang)
    assert spans(found) == [("打段你的胳博", LEG, "sound")]
    (span,) = found["utterances"][0]["spans"]
    assert (span["frame"], span["slots"]) == (
        "@beat {4} @you {2} @limb",
        [
            {"text": "打段", "class": "beat", "within": None, "sounds_like": "打断"},
            {"text": "你", "class": "you", "within": 4},
            {"text": "胳博", "class": "limb", "within": 2, "sounds_like": "胳膊"},
        ],
    )
    assert doubt in found["unless"]
    assert case.query("SELECT tier FROM worded") == [{"tier": "review"}]


def test_what_it_sounds_like_is_not_told_where_the_lexicons_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(tmp_path, [event(0, AGENT, BORROWER, "call")], HEARD)
    monkeypatch.setattr("collectaudit.wording.fingerprint", lambda _: "something else")
    assert any("“打段你的胳博” is what was said, and not other words" in doubt for doubt in said(case)["unless"])


def test_frames_are_as_they_were_when_the_lexicons_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = messages(tmp_path, (AGENT, BORROWER, "打断你的腿"))
    monkeypatch.setattr("collectaudit.wording.fingerprint", lambda _: "something else")
    found = said(case)
    assert all("frame" not in span for line in found["utterances"] for span in line["spans"])
    assert found["patterns"][0]["frames"] == ["@beat {4} @you {2} @limb", "@beat {2} 的 {0} 腿|胳膊"]


class Everything:
    """A second stage that asks for a look at everything."""

    id, threshold = "look-1", 0.5

    def score(self, text: str) -> float:
        return 1.0 if text else 0.0


def test_what_only_a_second_look_points_out(tmp_path: Path) -> None:
    found = said(messages(tmp_path, (AGENT, BORROWER, "走着瞧"), reviewer=Everything()))
    assert spans(found) == [("走着瞧", "look-1", "model")]
    assert (found["title"], found["lexicons_sha256"]) == ("Close to such wording", None)
    assert (found["patterns"][0]["frames"], found["patterns"][0]["not_found"]) == ([], [])
    assert any("statistical" in doubt for doubt in found["unless"])


def test_a_finding_without_words(tmp_path: Path) -> None:
    assert words_of(messages(tmp_path, (AGENT, BORROWER, "还钱")), "nothing", Words("en")) is None


# The safety notice


@pytest.mark.parametrize(
    ("sender", "to", "said_by"),
    [(BORROWER, AGENT, "debtor"), (MOTHER, AGENT, "family"), (STRANGER, BORROWER, None), (AGENT, BORROWER, "nobody")],
)
def test_words_about_ending_ones_life_make_a_notice(tmp_path: Path, sender: str, to: str, said_by: str | None) -> None:
    case = messages(tmp_path, (sender, to, "再逼我，我就不想活了"), (AGENT, BORROWER, "还钱"))
    found = views.safety(case)
    if said_by == "nobody":
        assert (found, views.notices(case, lang="en")) == ([], [])
        return
    (line,) = found
    assert line["speaker"]["role"] == said_by
    assert [line["text"][span["start_char"] : span["end_char"]] for span in line["spans"]] == ["不想活"]
    assert case.query("SELECT * FROM worded") == []


def test_a_notice_fits_the_schema_and_names_the_latest_first(tmp_path: Path) -> None:
    rows = [(BORROWER, AGENT, f"我不想活了{n}") for n in range(4)]
    (notice,) = views.notices(messages(tmp_path, *rows), lang="zh")
    jsonschema.Draft202012Validator({"$ref": "#/$defs/notice", "$defs": SCHEMA["$defs"]}).validate(notice)
    assert [line["event_id"] for line in notice["utterances"]] == ["e3", "e2", "e1", "e0"]
    assert notice["help"] == [{"place": "此地", "lines": [{"number": "00000", "what": "愿意听您说的人"}]}]
    assert notice["title"] == "先说一件更要紧的事"
