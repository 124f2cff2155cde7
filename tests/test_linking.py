"""Which call a recording belongs to, and why; what of transcripts is counted, whose words they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records_table import Raw, settled, source

from collectaudit.settle import Source

ME, AGENT, MOTHER = "+8613800138000", "+862188880000", "+8613800138001"


def call(time: str, seconds: str = "60", other: str | None = "021-88880000", **more: str) -> Raw:
    day = time if "-" in time else f"2025-06-01 {time}"
    return {"channel": "call", "direction": "in", "other": other, "time": day, "duration": seconds, **more}


def tape(time: str | None, seconds: str | None = "50", other: str | None = "021-88880000", **more: str) -> Raw:
    day = time if time is None or "-" in time else f"2025-06-01 {time}"
    return {"kind": "recording", "channel": "call", "other": other, "time": day, "duration": seconds,
            "recording": "a.amr", **more}  # fmt: skip


def words(*said: tuple[str, str | None], start: float = 1.0, **more: str) -> list[Raw]:
    """What a transcript holds beside its call: (words, side)."""
    return [{"kind": "utterance", "body": text, "speaker": side, "start_s": f"{start + n}", "end_s": f"{start + n + 1}",
             **more} for n, (text, side) in enumerate(said)]  # fmt: skip


def sound(folder: Path, row: Raw, name: str = "in/a.amr", **more: Any) -> Source:
    return source(folder, name, [row], kind="recordings", parser="recording", **more)


def script(folder: Path, rows: Sequence[Raw], name: str = "in/a.srt", at: Raw | None = None) -> Source:
    first = {**(at or tape(None)), "recording": None, "duration": None}
    return source(folder, name, [first, *rows], kind="transcripts", parser="transcript")


def log(folder: Path, *rows: Raw, name: str = "in/calls", **more: Any) -> Source:
    return source(folder, name, rows, parser="smsbackup", **more)


def labels(folder: Path, *rows: tuple[str, str | None, str | None]) -> Source:
    found: list[Raw] = [{"kind": "party", "number": n, "role": role, "name": name} for n, role, name in rows]
    return source(folder, "people.csv", found, kind="people")


def linked(tables: dict[str, list[dict[str, Any]]], locator: str = "L1", parser: str = "recording") -> tuple[Any, Any]:
    """(locator of the call, reason) of the only recording; the call has its name."""
    of = {row["source_id"]: row["parser"] for row in tables["sources"]}
    events = {row["event_id"]: row for row in tables["events"]}
    (row,) = [r for r in events.values() if of[r["source_id"]] == parser and r["locator"] == locator]
    if row["same_as"] is None:
        return None, row["same_why"]
    head = events[row["same_as"]]
    assert head["same_as"] is None
    assert head["recording"] == "a.amr"
    return head["locator"], row["same_why"]


@pytest.mark.parametrize(
    ("calls", "recording", "expected"),
    [
        ([call("10:00:00"), call("12:00:00")], tape("10:00:12"), ("L1", "number_overlap")),
        ([call("10:00:00", "5")], tape("10:01:00"), ("L1", "number_overlap")),  # it rang for a while
        ([call("10:00:00")], tape("09:59:40", "90"), ("L1", "number_overlap")),
        ([call("10:00:00"), call("10:01:30")], tape("10:01:35"), ("L2", "number_overlap")),
        ([call("10:00:00")], tape("10:04:59"), ("L1", "number_near")),
        ([call("10:00:00")], tape("09:56:00", "10"), ("L1", "number_near")),
        ([call("10:00:00")], tape("10:06:00"), (None, None)),
        ([call("10:00:00", "60"), call("10:06:00", "60")], tape("10:04:00"), ("L2", "number_near")),
        ([call("10:00:00")], tape("10:00:12", other="021-88880001"), (None, None)),
        ([call("10:00:00", "0", outcome="unanswered")], tape("10:00:12"), (None, None)),
        ([call("10:00:00", channel="sms", body="x")], tape("10:00:12"), (None, None)),
        ([call("10:00:30")], tape("10:00", None), ("L1", "number_overlap")),
        ([call("10:00:00"), call("10:02:00")], tape("10:02", None), ("L2", "number_overlap")),
        ([call("10:00:00")], tape("2025-06-01", None), ("L1", "number_overlap")),
        ([call("10:00:00"), call("12:00:00")], tape("2025-06-01", None), (None, None)),
        ([call("23:59:50")], tape("2025-06-02 00:00:05"), ("L1", "number_overlap")),
        ([call("10:00:00")], tape("10:00:12", direction="in"), ("L1", "number_overlap")),
        ([call("10:00:00")], tape("10:00:12", direction="out"), (None, None)),
        ([call("10:00:00", direction="out")], tape("10:00:12"), ("L1", "number_overlap")),
        ([call("10:00:00", name="张三")], tape("10:00:12", other=None, name="张三"), ("L1", "name_overlap")),
        ([call("10:00:00", name="张三")], tape("10:04:12", other=None, name="张三"), ("L1", "name_near")),
        ([call("10:00:00", name="李四")], tape("10:00:12", other=None, name="张三"), (None, None)),
        ([call("10:00:00")], tape("10:00:12", other=None, name="张三"), ("L1", "only_overlap")),
        ([call("10:00:00")], tape("10:00:12", other=None), ("L1", "only_overlap")),
        ([call("10:00:00"), call("10:00:40", other="95001")], tape("10:00:50", other=None), (None, None)),
        ([call("10:00:00")], tape("10:04:00", other=None), (None, None)),
        ([call("10:00:00")], tape(None), (None, None)),
    ],
)
def test_the_call_of_a_recording(tmp_path: Path, calls: list[Raw], recording: Raw, expected: tuple[Any, Any]) -> None:
    tables = settled(tmp_path, [log(tmp_path, *calls), sound(tmp_path, recording)], _=ME)
    assert linked(tables) == expected
    assert len(tables["events"]) == len(calls) + 1


def test_a_name_in_the_address_book_gives_the_number(tmp_path: Path) -> None:
    people = labels(tmp_path, ("021-88880000", None, "张三"), ("95001", None, "李四"), ("95002", None, "李四"))
    known = sound(tmp_path, tape("10:00:12", other=None, name="张三"))
    twice = sound(tmp_path, tape("11:00:12", other=None, name="李四"), "in/b.amr")
    tables = settled(tmp_path, [people, log(tmp_path, call("10:00:00")), known, twice], _=ME)
    assert linked({**tables, "events": [e for e in tables["events"] if e["source_id"] != twice.source_id]}) == (
        "L1", "number_overlap",
    )  # fmt: skip
    (other,) = [e for e in tables["events"] if e["source_id"] == twice.source_id]
    assert (other["from_number"], other["to_number"]) == (None, ME)


def test_a_switch_records_the_number_it_called(tmp_path: Path) -> None:
    ends = {"caller": "3201", "callee": "13800138000", "collector": "caller"}
    dialled: Raw = {"channel": "call", "caller": "021-88880000", "callee": "13800138000", "collector": "caller",
                    "account": "A1", "time": "2025-06-01 10:00:00", "duration": "60"}  # fmt: skip
    dialler = source(tmp_path, "in/dialler.csv", [dialled])
    recording = {**tape("10:00:05", other=None), **ends}
    tables = settled(tmp_path, [dialler, sound(tmp_path, recording)])
    assert linked(tables) == ("L1", "number_overlap")
    alone = settled(tmp_path, [sound(tmp_path, {**recording, "time": "2025-06-03 10:00:00"}, "b/a.amr")])["events"][0]
    assert (alone["from_role"], alone["to_number"], alone["undirected"]) == ("collector", ME, False)


def test_two_recordings_of_one_call_and_three_records_of_it_count_once(tmp_path: Path) -> None:
    bill = source(tmp_path, "in/bill", [call("10:00:20", "60")], parser="table")
    tapes = [sound(tmp_path, tape("10:00:05"), "in/a.amr"), sound(tmp_path, tape("10:00:35"), "in/b.amr")]
    rows = settled(tmp_path, [log(tmp_path, call("10:00:00")), bill, *tapes], _=ME)["events"]
    assert sorted(str(row["same_why"]) for row in rows) == ["None", "number_overlap", "number_overlap", "time"]
    assert len({row["same_as"] for row in rows} - {None}) == 1


# (calls of the log, recordings, which call each recording belongs to and why)
TANGLED: dict[str, tuple[list[Raw], list[Raw], list[Any]]] = {
    "two calls in one minute, names to the minute: by length": (
        [call("10:00:05", "20"), call("10:00:40", "60")], [tape("10:00", "55"), tape("10:00", "15")],
        [("L2", "number_overlap"), ("L1", "number_overlap")]),
    "two calls in one minute, alike: one each": (
        [call("10:00:05", "15"), call("10:00:40", "15")], [tape("10:00", "14"), tape("10:00", "14")],
        [("L1", "number_overlap"), ("L2", "number_overlap")]),
    "two calls in one minute, names to the second": (
        [call("10:00:00", "20"), call("10:00:40", "60")], [tape("10:00:42", "57"), tape("10:00:04", "15")],
        [("L2", "number_overlap"), ("L1", "number_overlap")]),
    "a log in minutes": (
        [call("10:00", "60"), call("10:03", "120")], [tape("10:03:50", "100"), tape("10:00:55", "50")],
        [("L2", "number_overlap"), ("L1", "number_overlap")]),
    "a bill begins at the answer, the recording at the dialling": (
        [call("10:01:00", "5"), call("10:01:40", "60")], [tape("10:01:12", "87")], [("L2", "number_overlap")]),
    "it rang for long, and the next call came soon": (
        [call("10:00:00", "10"), call("10:01:05", "60")], [tape("10:00:50", "10"), tape("10:01:15", "58")],
        [("L1", "number_overlap"), ("L2", "number_overlap")]),
    "a recording in three parts": (
        [call("10:00:00", "600"), call("10:12:00", "60")],
        [tape("10:00:05", "200"), tape("10:03:25", "200"), tape("10:06:45", "190")], [("L1", "number_overlap")] * 3),
    "two recorders of one call": (
        [call("10:00:00", "60"), call("10:01:30", "60")], [tape("10:00:05", "54"), tape("10:00", "55")],
        [("L1", "number_overlap")] * 2),
    "overnight": (
        [call("23:59:30", "120"), call("2025-06-02 00:03:00")],
        [tape("2025-06-02 00:00:10", "80"), tape("23:59:40", "110")], [("L1", "number_overlap")] * 2),
    "a recording that says its zone": (
        [call("10:00:00"), call("18:00:00")], [tape("2025-06-01 02:00:10+00:00"), tape("2025-06-01 06:00:10-04:00")],
        [("L1", "number_overlap"), ("L2", "number_overlap")]),
    "known to the minute, just before the call": (
        [call("10:04:10")], [tape("10:04", "30"), tape("09:58", "30")],
        [("L1", "number_overlap"), (None, None)]),
    "a log that has only days": (
        [call("2025-06-01", "60"), call("2025-06-01", "60")], [tape("10:00:00")], [(None, None)]),
    "longer than the only call": (
        [call("10:00:00", "20")], [tape("10:00:05", "300", None), tape("10:00:06", "22", None)],
        [(None, None), ("L1", "only_overlap")]),
    "calls of another number at the same time": (
        [call("10:00:00", other="95001"), call("10:00:00", other="021-88880000", direction="out")],
        [tape("10:00:05"), tape("10:00:05", direction="in")], [("L2", "number_overlap"), (None, None)]),
}  # fmt: skip


@pytest.mark.parametrize("name", TANGLED)
def test_tangled_calls_and_recordings(tmp_path: Path, name: str) -> None:
    calls, tapes, expected = TANGLED[name]
    sources = [sound(tmp_path, row, f"in/{n}.amr") for n, row in enumerate(tapes)]
    rows = settled(tmp_path, [log(tmp_path, *calls), *sources], _=ME)["events"]
    at = {row["event_id"]: row for row in rows}
    found = [next(row for row in rows if row["source_id"] == source.source_id) for source in sources]
    assert [(row["same_as"] and at[row["same_as"]]["locator"], row["same_why"]) for row in found] == expected
    assert {row["locator"] for row in rows if row["recording"] and row["same_as"] is None} >= {
        place for place, _ in expected if place
    }


ALONE: dict[str, tuple[list[Raw], int]] = {
    "two recorders, one of them from the dialling": ([tape("10:00:00", "80"), tape("10:00:25", "54")], 1),
    "two forms of one recording": ([tape("10:00:00", None), tape("10:00:01", None)], 1),
    "two recorders, one to the minute": ([tape("10:00:20", "80"), tape("10:00", "78")], 1),
    "three recorders": ([tape("10:00:00", "80"), tape("10:00:25", "54"), tape("10:01:10", "9", direction="in")], 1),
    "one after the other": ([tape("10:00:00", "20"), tape("10:00:25", "54")], 2),
    "two calls of one minute": ([tape("10:00", "10"), tape("10:00", "48")], 2),
    "two minutes": ([tape("10:00", "10"), tape("10:01", "12")], 2),
    "another number": ([tape("10:00:00"), tape("10:00:00", other="95001")], 2),
    "no number": ([tape("10:00:00", other=None), tape("10:00:00", other=None)], 2),
    "the other way": ([tape("10:00:00", direction="in"), tape("10:00:00", direction="out")], 2),
}


@pytest.mark.parametrize("name", ALONE)
def test_recordings_without_a_call(tmp_path: Path, name: str) -> None:
    tapes, contacts = ALONE[name]
    sources = [sound(tmp_path, row, f"in/{n}.amr") for n, row in enumerate(tapes)]
    rows = settled(tmp_path, sources, _=ME)["events"]
    heads = {row["event_id"]: row for row in rows if row["same_as"] is None}
    assert len(rows) == len(tapes)
    assert len(heads) == contacts
    assert all(row["same_as"] in heads for row in rows if row["same_as"])
    assert not any(row["undirected"] for row in heads.values() if "three" in name)


def test_recordings_of_two_phones_are_two(tmp_path: Path) -> None:
    tapes = [sound(tmp_path, tape("10:00:00"), "in/mine/a.amr"), sound(tmp_path, tape("10:00:00"), "in/hers/a.amr")]
    assert [row["same_as"] for row in settled(tmp_path, tapes, mine=ME, hers=MOTHER)["events"]] == [None, None]


def test_the_recordings_of_a_phone_and_of_a_switch_are_of_one_call(tmp_path: Path) -> None:
    ends = {"caller": "021-88880000", "callee": "13800138000", "collector": "caller", "other": None}
    tapes = [sound(tmp_path, tape("10:00:09", "48", direction="in"), "in/mine/a.amr"),
             sound(tmp_path, {**tape("10:00:00", "60"), **ends}, "in/switch/a.wav")]  # fmt: skip
    rows = settled(tmp_path, tapes, mine=ME)["events"]
    assert sorted(str(row["same_why"]) for row in rows) == ["None", "number_overlap"]


def beside(folder: Path, row: Raw, name: str = "in/a.json") -> Source:
    return source(folder, name, [{**row, "recording": None}], kind="recordings", parser="sidecar")


@pytest.mark.parametrize("name", ["in/a.json", "in/A.oga.json"])
def test_what_the_recorder_wrote_beside_a_recording_stands_for_it(tmp_path: Path, name: str) -> None:
    told = beside(tmp_path, tape("10:00:05", direction="in"), name)
    sources = [sound(tmp_path, tape(None, other=None), "in/a.amr"), told, script(tmp_path, SAID)]
    alone = settled(tmp_path, sources, _=ME)
    (head,) = [row for row in alone["events"] if row["same_as"] is None]
    assert (head["source_id"], head["recording"], head["undirected"]) == (told.source_id, "a.amr", False)
    assert {row["event_id"] for row in alone["utterances"]} == {head["event_id"]}
    with_log = settled(tmp_path, [*sources, log(tmp_path, call("10:00:00"), call("11:00:00"))], _=ME)
    (row,) = [row for row in with_log["events"] if row["locator"] == "L1" and row["recording"] and not row["same_as"]]
    assert {other["same_why"] for other in with_log["events"] if other["same_as"] == row["event_id"]} == {
        "stem", "number_overlap",
    }  # fmt: skip
    assert {said["event_id"] for said in with_log["utterances"]} == {row["event_id"]}


def test_what_was_written_beside_another_recording_does_not(tmp_path: Path) -> None:
    sources = [sound(tmp_path, tape(None, other=None), "in/a.amr"), beside(tmp_path, tape("10:00:05"), "in/b.json")]
    assert [row["same_as"] for row in settled(tmp_path, sources, _=ME)["events"]] == [None, None]


def test_without_a_direction_it_is_no_contact_that_counts(tmp_path: Path) -> None:
    people = labels(tmp_path, (AGENT, "collector", None))
    (row,) = settled(tmp_path, [people, sound(tmp_path, tape("10:00:05"))], _=ME)["events"]
    assert (row["from_number"], row["from_role"], row["to_number"], row["undirected"]) == (AGENT, "collector", ME, True)
    (row,) = settled(tmp_path, [people, sound(tmp_path, tape("10:00:05", direction="in"), "b")], _=ME)["events"]
    assert row["undirected"] is False


def test_whose_phone_recordings_in_a_folder_below_are_from(tmp_path: Path) -> None:
    sources = [
        log(tmp_path, call("10:00:00"), name="in/mine/calls"),
        log(tmp_path, call("11:00:00"), name="in/hers/calls"),
        sound(tmp_path, tape("12:00:00"), "in/mine/rec/deep/a.amr"),
        sound(tmp_path, tape("13:00:00"), "in/hers/b.amr"),
        sound(tmp_path, tape("14:00:00"), "else/c.amr"),
    ]
    found = {s["name"]: s["owner_number"] for s in settled(tmp_path, sources, mine=ME)["sources"]}
    assert found == {"in/mine/calls": ME, "in/hers/calls": "phone:in/hers", "in/mine/rec/deep/a.amr": ME,
                     "in/hers/b.amr": "phone:in/hers", "else/c.amr": "phone:else"}  # fmt: skip


# what was said


def spoken(tables: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    rows = sorted(tables["utterances"], key=lambda row: row["ordinal"])
    return [(row["event_id"][-2:], row["ordinal"], row["speaker"], row["start_s"], row["text"]) for row in rows]


SAID = words(("您好", "collector"), ("嗯", "contacted"), ("好", None))


@pytest.mark.parametrize(
    ("people", "direction", "speakers"),
    [
        ([(AGENT, "collector", None)], "in", ["from", "to", None]),
        ([(AGENT, "collector", None)], "out", ["to", "from", None]),
        ([], "in", ["from", "to", None]),  # the phone is the debtor's, so the other one is the collector
        ([(AGENT, "family", None)], "in", [None, None, None]),
        ([(AGENT, "collector", None), (ME, "collector", None)], "in", [None, None, None]),
    ],
)
def test_which_end_a_label_names(
    tmp_path: Path, people: list[tuple[str, str, None]], direction: str, speakers: list[str | None]
) -> None:
    sources = [log(tmp_path, call("10:00:00", direction=direction)), sound(tmp_path, tape("10:00:05")),
               script(tmp_path, SAID), labels(tmp_path, *people)]  # fmt: skip
    tables = settled(tmp_path, sources, _=ME)
    texts = zip(speakers, ["您好", "嗯", "好"], strict=True)
    assert spoken(tables) == [("L1", n, speaker, 1.0 + n, text) for n, (speaker, text) in enumerate(texts)]
    assert linked(tables, parser="transcript") == ("L1", "stem")
    assert {row["event_id"] for row in tables["utterances"]} == {
        row["event_id"] for row in tables["events"] if row["same_as"] is None
    }
    assert {row["locator"] for row in tables["utterances"]} == {"L2", "L3", "L4"}


def test_a_transcript_beside_no_recording_is_linked_by_its_own_name(tmp_path: Path) -> None:
    sources = [log(tmp_path, call("10:00:00")), script(tmp_path, SAID, at=tape("10:00:05"))]
    tables = settled(tmp_path, sources, _=ME)
    assert [(row["same_why"], row["recording"]) for row in tables["events"] if row["same_as"]] == [
        ("number_overlap", None)
    ]
    assert {row["recording"] for row in tables["events"]} == {None}
    (alone,) = settled(tmp_path, [script(tmp_path, SAID, "else/a.srt", at=tape("11:00:00"))], _=ME)["events"]
    assert (alone["same_as"], str(alone["at_local"])) == (None, "2025-06-01 11:00:00")


def test_a_transcript_in_another_folder_is_not_that_of_a_recording_of_the_same_name(tmp_path: Path) -> None:
    tables = settled(tmp_path, [sound(tmp_path, tape("10:00:05")), script(tmp_path, SAID, "else/a.srt")], _=ME)
    assert [row["same_as"] for row in tables["events"]] == [None, None]


def test_the_same_words_in_two_forms_count_once(tmp_path: Path) -> None:
    sure = words(("您 好", "collector"), ("嗯", "contacted"), ("好", None), confidence="0.9", engine="Whisper")
    sources = [sound(tmp_path, tape("10:00:05")), script(tmp_path, SAID), script(tmp_path, sure, "in/A.zh.json"),
               script(tmp_path, words(("我改过", None), start=1.5), "in/a.txt")]  # fmt: skip
    tables = settled(tmp_path, sources, _=ME)
    assert [(row[4], row[1]) for row in spoken(tables)] == [("您 好", 0), ("我改过", 1), ("嗯", 2), ("好", 3)]
    assert {row["engine"] for row in tables["utterances"]} == {"Whisper", None}
    assert all(s["records"] == s["events"] + s["rejects"] for s in tables["sources"])


def test_messages_stay_as_they_were(tmp_path: Path) -> None:
    message = call("10:00:00", channel="sms", body="您好")
    tables = settled(
        tmp_path, [log(tmp_path, message), sound(tmp_path, tape("10:00:05")), script(tmp_path, SAID)], _=ME
    )
    (row,) = [row for row in tables["utterances"] if row["start_s"] is None]
    assert (row["ordinal"], row["speaker"], row["text"], row["locator"]) == (0, "from", "您好", "L1")
    assert row["utterance_id"] == row["event_id"] + "#0"
    assert len(tables["utterances"]) == 4


MOMENTS = st.lists(st.integers(0, 1800), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
@given(calls=MOMENTS, tapes=MOMENTS, other=st.sampled_from([AGENT, None, MOTHER]))
def test_every_record_is_kept_and_points_to_one_that_counts(
    tmp_path_factory: pytest.TempPathFactory, calls: list[int], tapes: list[int], other: str | None
) -> None:
    def clock(at: int) -> str:
        return f"10:{at // 60:02}:{at % 60:02}"

    folder = tmp_path_factory.mktemp("linked")
    sources = [log(folder, *(call(clock(at), str(at % 90)) for at in calls))]
    for n, at in enumerate(tapes):
        sources.append(sound(folder, tape(clock(at), None, other), f"in/{n}.amr"))
        sources.append(script(folder, SAID, f"in/{n}.srt"))
    tables = settled(folder, sources, _=ME)
    rows = {row["event_id"]: row for row in tables["events"]}
    assert len(rows) == len(tables["events"]) == len(calls) + 2 * len(tapes)
    assert all(rows[row["same_as"]]["same_as"] is None for row in rows.values() if row["same_as"])
    assert all((row["same_as"] is None) == (row["same_why"] is None) for row in rows.values())
    assert all(rows[row["event_id"]]["same_as"] is None for row in tables["utterances"])
    assert len({row["utterance_id"] for row in tables["utterances"]}) == len(tables["utterances"])
