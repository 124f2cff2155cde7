"""From recording to transcript with an engine that costs nothing: channels, blocks, journals, killed runs, cases."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from sounds import Fake, case_of, loud, opened, tone, transcripts, wav

from collectaudit.case import Case
from collectaudit.errors import IntegrityError
from collectaudit.evidence.lock import Held, hold
from collectaudit.evidence.verify import verify
from collectaudit.transcribe import planner, store, work
from collectaudit.transcribe.engine import RawSegment
from collectaudit.transcribe.transcript import Transcript, Word, as_bytes, read_transcript
from collectaudit.transcribe.whole import Count, Recording, Watcher, recordings, transcribe_case

A, B = ((0.0, 2.0), (5.0, 6.0)), ((3.0, 4.0),)


def run_one(path: Path, target: Path, engine: Fake | None = None, **options: Any) -> Transcript:
    return work.transcribe(path, target, engine or Fake(), voices=loud, **options)


# One recording


def test_a_transcript_says_how_it_was_made(tmp_path: Path) -> None:
    path = wav(tmp_path / "通话.wav", tone(8, *A, rate=8000), rate=8000)
    made = run_one(path, tmp_path / "out")
    assert (made.audio_name, made.codec, made.sample_rate, made.channels) == ("通话.wav", "pcm_s16le", 8000, 1)
    assert (made.duration_s, made.decoded_s) == pytest.approx((8, 8), abs=0.02)
    assert (made.language, made.options["language"]) == ("zh", "zh")
    assert made.speech_s == pytest.approx(3, abs=0.3)
    assert made.covered_s == pytest.approx(made.speech_s)
    assert [(round(s.start_s), round(s.end_s), s.channel, s.doubt) for s in made.segments] == [
        (0, 2, None, ()),
        (5, 6, None, ()),
    ]


def test_two_channels_are_two_voices(tmp_path: Path) -> None:
    left, right = tone(8, *A), tone(8, *B, pitch=500)
    made = run_one(wav(tmp_path / "a.wav", left + right // 32, right + left // 32), tmp_path / "out")
    assert [(s.channel, round(s.start_s)) for s in made.segments] == [(0, 0), (1, 3), (0, 5)]
    assert made.warnings == ()


def test_the_same_in_both_channels_is_heard_once(tmp_path: Path) -> None:
    made = run_one(wav(tmp_path / "a.wav", tone(8, *A), tone(8, *A) // 2), tmp_path / "out")
    assert [(s.channel, round(s.start_s)) for s in made.segments] == [(None, 0), (None, 5)]
    assert made.warnings == ("both channels hold the same sound; it was taken as one",)


def test_a_dead_channel_is_said(tmp_path: Path) -> None:
    made = run_one(wav(tmp_path / "a.wav", tone(8, *A), tone(8)), tmp_path / "out")
    assert {s.channel for s in made.segments} == {0}
    assert made.warnings == ("no speech was found in channel 1",)


def test_silence_is_not_given_to_the_engine(tmp_path: Path) -> None:
    engine = Fake()
    made = run_one(wav(tmp_path / "a.wav", tone(8)), tmp_path / "out", engine)
    assert (made.segments, made.speech_s, made.warnings, engine.heard) == ((), 0, ("no speech was found",), 0)


def test_what_the_engine_lost_is_listened_to_again(tmp_path: Path) -> None:
    made = run_one(wav(tmp_path / "a.wav", tone(8, (1, 6))), tmp_path / "out", Fake(deaf=[1]))
    assert made.uncovered == ()
    assert made.covered_s == pytest.approx(made.speech_s, abs=0.5)


def test_what_is_lost_again_is_said(tmp_path: Path) -> None:
    made = run_one(wav(tmp_path / "a.wav", tone(8, (1, 6))), tmp_path / "out", Fake(deaf=[1, 2]))
    assert made.segments == ()
    assert list(made.uncovered) == [pytest.approx((1, 6), abs=0.2)]
    assert "5.0 seconds of speech have no words" in made.warnings


def test_the_likelier_language_for_each_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "BLOCK_S", 4)
    path = wav(tmp_path / "a.wav", tone(7.00007, (1, 3), (5, 6)))
    made = run_one(path, tmp_path / "out", language="auto")
    assert [segment.text[:2] for segment in made.segments] == ["zh", "en"]
    assert (made.language, made.options["language"]) == ("zh", "auto")


# The file


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = run_one(wav(tmp_path / "a.wav", tone(8, *A), tone(8, *B)), tmp_path / "out")
    [path] = (tmp_path / "out").glob("*.json")
    again = read_transcript(path)
    assert as_bytes(again) == path.read_bytes() == as_bytes(made)
    assert path.stem == store.key(made.audio_sha256, Fake(), made.options)
    assert list(json.loads(path.read_text(encoding="utf-8"))) == sorted(json.loads(path.read_text(encoding="utf-8")))


def test_a_name_of_any_bytes_can_be_written(tmp_path: Path) -> None:
    made = replace(run_one(wav(tmp_path / "a.wav", tone(1)), tmp_path / "out"), audio_name="\udcff\x1b[2J.amr")
    (tmp_path / "t.json").write_bytes(as_bytes(made))
    assert read_transcript(tmp_path / "t.json").audio_name == made.audio_name


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "segments": [1]}']
)
def test_what_is_no_transcript_is_not_taken_for_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.json").write_text(content, encoding="utf-8")
    with pytest.raises(IntegrityError):
        read_transcript(tmp_path / "t.json")


def test_the_key_knows_what_decides_the_text(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(2, (0, 1)))
    engine = Fake()
    run_one(path, tmp_path / "out", engine)
    run_one(path.rename(tmp_path / "b.wav"), tmp_path / "out", engine)
    assert engine.heard == 1
    run_one(tmp_path / "b.wav", tmp_path / "out", engine, language="en")
    other = Fake()
    other.model_id = "1" * 64
    run_one(tmp_path / "b.wav", tmp_path / "out", other)
    assert (engine.heard, other.heard) == (2, 1)
    assert len(list((tmp_path / "out").glob("*.json"))) == 3


# The journal

HEARD = [RawSegment("喂", (Word(0.1, 0.30000000000000004, "喂", 0.1), Word(1, 2, "\u2028", 1.0)), -0.1, 0.2, 1.5)]


def journal(folder: Path, *blocks: str) -> dict[str, list[RawSegment] | None]:
    with store.Journal(folder, "k") as book:
        for block in blocks:
            book.put(block, HEARD)
    with store.Journal(folder, "k") as book:
        return {block: book.get(block) for block in ("a", "b", "c")}


def test_a_journal_remembers(tmp_path: Path) -> None:
    assert journal(tmp_path, "a", "b") == {"a": HEARD, "b": HEARD, "c": None}


@pytest.mark.parametrize("cut", [1, 2, 20])
def test_a_torn_line_is_dropped_and_the_next_can_be_written(tmp_path: Path, cut: int) -> None:
    journal(tmp_path, "a", "b")
    path = tmp_path / "k.journal"
    path.write_bytes(path.read_bytes()[:-cut])
    assert journal(tmp_path) == {"a": HEARD, "b": None, "c": None}
    assert journal(tmp_path, "c") == {"a": HEARD, "b": None, "c": HEARD}


@pytest.mark.parametrize("bad", [b"\n", b"{}\n", b"[1, 2]\n", b'["a", [], "x"]\n', b"\xff\n", b'["a", [{}], "x"]\n'])
def test_a_changed_line_ends_the_journal(tmp_path: Path, bad: bytes) -> None:
    journal(tmp_path, "a")
    path = tmp_path / "k.journal"
    path.write_bytes(bad + path.read_bytes())
    assert journal(tmp_path) == {"a": None, "b": None, "c": None}


# Killed


def test_a_stopped_recording_goes_on_at_its_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "BLOCK_S", 4)
    path = wav(tmp_path / "a.wav", tone(30, *((n, n + 1.5 + n / 97) for n in range(1, 29, 3))))

    def stop(heard: int) -> None:
        if heard == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_one(path, tmp_path / "out", Fake(stop))
    rest = Fake()
    made = run_one(path, tmp_path / "out", rest)
    whole = Fake()
    assert as_bytes(run_one(path, tmp_path / "whole", whole)) == as_bytes(made)
    assert rest.heard == whole.heard - 4
    assert sorted(entry.suffix for entry in (tmp_path / "out").iterdir()) == [".journal", ".json"]


# A case


class Notes(Watcher):
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def done(self, recording: Recording, transcript: Transcript, count: Count) -> None:
        self.said.append((recording.name, f"{count.done}/{count.total} {len(transcript.segments)}"))

    def failed(self, recording: Recording, reason: str, count: Count) -> None:
        self.said.append((recording.name, f"{count.done}/{count.total} {reason}"))


def listen(case: Path) -> list[tuple[str, str]]:
    notes = Notes()
    transcribe_case(Case.open(case), Fake, language="zh", watcher=notes, jobs=1, voices=loud)
    return notes.said


def test_only_recordings_are_listened_to_and_a_bad_one_stops_nothing(tmp_path: Path) -> None:
    path = case_of(tmp_path, 2)
    (tmp_path / "a.amr").write_bytes(b"#!AMR\n")
    (tmp_path / "list.wav").write_text("ffconcat version 1.0\nfile x.wav\n", encoding="utf-8")
    for name in ("a.amr", "list.wav"):
        Case.open(path).keep(tmp_path / name)
    assert [r.name for r in recordings(Case.open(path))] == ["a.amr", "call 00.wav", "call 01.wav"]
    assert listen(path) == [("a.amr", "1/3 it holds no sound"), ("call 00.wav", "2/3 1"), ("call 01.wav", "3/3 1")]
    assert listen(path) == [("a.amr", "3/3 it holds no sound")]


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"zh', b'"en', 1))


@pytest.mark.parametrize("change", [Path.unlink, spoil, lambda path: path.write_bytes(b"{}")])
def test_a_transcript_that_was_changed_is_made_again(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = case_of(tmp_path, 2)
    listen(path)
    before = transcripts(path)
    _, first = next(iter(Case.open(path).transcripts().values()))
    change(first)
    assert not verify(Case.open(path)).ok
    with pytest.raises(IntegrityError):
        Case.open(path).transcripts()
    assert len(listen(path)) == 1
    assert transcripts(path) == before
    assert verify(Case.open(path)).ok


def test_a_transcript_that_a_stranger_put_there_is_not_used(tmp_path: Path) -> None:
    source, path = case_of(tmp_path / "one", 1), case_of(tmp_path / "two", 1)
    listen(source)
    shutil.copytree(source / "transcripts", path / "transcripts")
    for planted in (path / "transcripts").glob("*/*.json"):
        spoil(planted)
    assert Case.open(path).transcripts() == {}
    assert len(listen(path)) == 1
    assert transcripts(path) == transcripts(source)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = case_of(tmp_path, 1)
    listen(path)
    with hold(path / "transcripts" / "lock", "transcribe"), pytest.raises(Held, match="in use by process"):
        listen(path)


# The command


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    from collectaudit.commands import listening

    monkeypatch.setattr(listening, "open_engine", opened)
    monkeypatch.setattr(transcribe_case, "__kwdefaults__", {"voices": loud})


@pytest.mark.usefixtures("fake_engine")
def test_the_command(tmp_path: Path, run: Run) -> None:
    path = case_of(tmp_path, 2)
    ran = run("transcribe", path, "--jobs", 1)
    assert (ran.code, ran.out) == (0, "")
    assert "2/2 call 01.wav: 0:03" in ran.err
    assert "录音 2 个" in run("transcribe", path, lang="zh").err
    (tmp_path / "x\x1b[2J.amr").write_bytes(b"#!AMR\n")
    Case.open(path).keep(tmp_path / "x\x1b[2J.amr")
    ran = run("transcribe", path, "--quiet")
    assert (ran.code, ran.out, ran.err) == (3, "", "Error: x\\u001b[2J.amr: it holds no sound\n")


@pytest.mark.usefixtures("fake_engine")
def test_a_case_without_recordings(tmp_path: Path, run: Run) -> None:
    ran = run("transcribe", case_of(tmp_path, 0))
    assert (ran.code, ran.err.splitlines()[0]) == (0, "The case holds no recordings.")


@pytest.mark.parametrize("module", ["av", "faster_whisper"])
def test_without_the_extra_the_command_that_gets_it_is_named(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
    monkeypatch.setitem(sys.modules, module, None)
    ran = run("transcribe", case_of(tmp_path, 1))
    assert ran.code == 5
    assert "pip install" in ran.err


def test_no_sound_is_left_behind(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look(_: int) -> None:
        seen.append(sorted(p.suffix for p in (tmp_path / "out").iterdir()))

    run_one(wav(tmp_path / "a.wav", tone(4, (1, 2))), tmp_path / "out", Fake(look))
    assert seen == [[".journal"]]
