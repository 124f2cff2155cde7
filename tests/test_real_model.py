"""The real engine with real weights: what it must never hear, and what it must hear where.

Runs where the extra `asr` and the packages of tests/requirements-model.txt are installed. Where they are not it is
skipped, or with COLLECTAUDIT_REAL_MODEL=1 (as in CI) it fails.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sounds import SAMPLES, np, wav

from collectaudit import views
from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.errors import MissingPart
from collectaudit.transcribe import planner
from collectaudit.transcribe.audio import decoded
from collectaudit.transcribe.engine import FasterWhisper, open_engine
from collectaudit.transcribe.gates import simplified
from collectaudit.transcribe.known import KNOWN
from collectaudit.transcribe.transcript import Transcript, as_bytes, read_transcript
from collectaudit.transcribe.work import transcribe

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("model")]
RATE, SECONDS = 8000, 60
CLOCK = np.arange(RATE * SECONDS) / RATE
SPOKEN = json.loads((SAMPLES / "speech.json").read_text(encoding="utf-8"))
SIDES_BY_CHANNEL = ("left", "right")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> FasterWhisper:
    """Whisper base, joined from its packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        try:
            found = open_engine("whisper-base")
        except MissingPart as missing:
            if os.environ.get("COLLECTAUDIT_REAL_MODEL"):
                raise
            pytest.skip(str(missing))
    assert isinstance(found, FasterWhisper)
    return found


def noise(level_db: float) -> Any:
    return 10 ** (level_db / 20) * np.random.default_rng(5).normal(0, 1, len(CLOCK))


def beeps(on: float, off: float, *pitches: float) -> Any:
    return sum(0.2 * np.sin(2 * np.pi * pitch * CLOCK) for pitch in pitches) * (CLOCK % (on + off) < on)


def music() -> Any:
    """Chords that change twice a second, with overtones: hold music without singing."""
    chords = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    part = (CLOCK * 2).astype(int) % 4
    decay = np.exp(-3 * (CLOCK * 2 % 1))
    sound = np.zeros(len(CLOCK))
    for n, chord in enumerate(chords):
        for pitch in chord:
            for overtone in (1, 2, 3):
                sound += (part == n) * np.sin(2 * np.pi * pitch * overtone * CLOCK) / overtone / 8
    return sound * decay


NOTHING = {
    "silence": lambda: 0 * CLOCK, "white -40 dB": lambda: noise(-40), "white -20 dB": lambda: noise(-20),
    "ringback": lambda: beeps(1, 4, 450), "busy": lambda: beeps(0.35, 0.35, 450),
    "DTMF": lambda: beeps(0.1, 0.2, 770, 1336),
    "hold music": music,
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "auto"])
@pytest.mark.parametrize("name", NOTHING)
def test_a_minute_of_nothing_has_no_words(tmp_path: Path, engine: FasterWhisper, name: str, language: str) -> None:
    sound = (NOTHING[name]().clip(-1, 1) * 32767).astype(np.int16)
    made = transcribe(wav(tmp_path / "a.wav", sound, rate=RATE), tmp_path / "out", engine, language=language)
    assert [segment.text for segment in made.counted()] == []


@dataclass(frozen=True)
class Recording:
    """A sample recording: what its list says is said in it, and what was heard."""

    told: dict[str, Any]
    heard: Transcript

    def turns(self, channel: int | None = None) -> list[dict[str, Any]]:
        return [turn for turn in self.told["turns"] if channel in (None, turn["channel"])]

    def mistakes(self) -> tuple[int, int]:
        """Characters (of English: words) that are wrong, and how many were said; each channel for itself."""
        parts = PARTS[self.told["language"]]
        wrong, said = 0, 0
        for channel in (0, 1) if self.told["channels"] == 2 else (None,):
            there = [segment for segment in self.heard.counted() if segment.channel == channel]
            told = [part for turn in self.turns(channel) for part in parts(turn["text"])]
            wrong += distance(told, [part for segment in there for part in parts(segment.text)])
            said += len(told)
        return wrong, said


@pytest.fixture(scope="module")
def demo(engine: FasterWhisper, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, str]:
    """The case that `collectaudit demo` makes, and what it prints."""
    out, cache = tmp_path_factory.mktemp("demo"), engine._model.folder.parents[2]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
    command = [sys.executable, "-c", "from collectaudit.cli import main; raise SystemExit(main())"]
    command += ["demo", "-o", str(out), "--lang", "en"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    return Case.open(out / "case"), ran.stdout


@pytest.fixture(scope="module")
def recordings(
    demo: tuple[Case, str], engine: FasterWhisper, tmp_path_factory: pytest.TempPathFactory
) -> list[Recording]:
    """Every sample recording; those of the demo as the demo heard them."""
    made = {sha256: read_transcript(path) for sha256, (_, path) in demo[0].transcripts().items()}
    folder, found = tmp_path_factory.mktemp("heard"), []
    for row in SPOKEN:
        heard = made.get(row["sha256"]) or transcribe(SAMPLES / row["file"], folder, engine, language=row["language"])
        found.append(Recording(row, heard))
    assert len(made) == 3
    return found


def characters(text: str) -> list[str]:
    """Han characters, with numbers as they are read out."""
    return re.findall(r"[\u3400-\u9fff]", re.sub(r"\d+", lambda found: read_out(int(found[0])), simplified(text)))


def read_out(number: int) -> str:
    digits = str(number)
    if len(digits) > 4:
        return "".join("零一二三四五六七八九"[int(digit)] for digit in digits)
    places = zip(digits, "千百十 "[-len(digits) :], strict=True)
    said = "".join("零一二三四五六七八九"[int(digit)] + place for digit, place in places if digit != "0")
    return said.replace(" ", "") or "零"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


PARTS = {"zh": characters, "en": words}


def distance(told: Sequence[str], heard: Sequence[str]) -> int:
    row = list(range(len(heard) + 1))
    for n, a in enumerate(told, 1):
        before, row[0] = row[0], n
        for m, b in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (a != b))
    return row[-1]


@pytest.mark.parametrize(("language", "most"), [("zh", 0.10), ("en", 0.08)])
def test_few_characters_or_words_are_wrong(recordings: list[Recording], language: str, most: float) -> None:
    counts = [one.mistakes() for one in recordings if one.told["language"] == language]
    wrong, said = (sum(count) for count in zip(*counts, strict=True))
    assert said > 80
    assert wrong / said <= most


def test_each_side_of_a_leaking_call_says_its_own(recordings: list[Recording]) -> None:
    """30 dB of the other side leak into each channel. Every turn begins when it was put there, and no word strays."""
    for one in (one for one in recordings if one.told["channels"] == 2):
        for turn in one.turns():
            starts = [s.start_s for s in one.heard.counted() if s.channel == turn["channel"]]
            assert min(abs(start - turn["start_s"]) for start in starts) <= 0.6, turn["text"]
        for segment in one.heard.counted():
            for word in segment.words:
                middle = (word.start_s + word.end_s) / 2
                said = [t for t in one.turns() if t["start_s"] - 0.4 <= middle <= t["end_s"] + 0.4]
                assert [turn["channel"] for turn in said] == [segment.channel], (one.told["file"], word)


@pytest.mark.parametrize("told", [one for one in SPOKEN if one["turns"]], ids=lambda one: one["file"])
def test_a_narrow_band_and_both_sides_in_one_hide_no_voice(tmp_path: Path, told: dict[str, Any]) -> None:
    """Nothing below 300 and above 3,400 Hz, as on a telephone, and everybody in one channel, leakage and all."""
    with decoded(SAMPLES / told["file"], tmp_path) as sound:
        pcm = sound.read(0, sound.about.samples).mean(axis=1) / 32768
    parts, pitches = np.fft.rfft(pcm), np.fft.rfftfreq(len(pcm), 1 / 16_000)
    parts[(pitches < 300) | (pitches > 3400)] = 0
    spoken, found = np.zeros(len(pcm), bool), np.zeros(len(pcm), bool)
    for turn in told["turns"]:
        spoken[int(turn["start_s"] * 16_000) : int(turn["end_s"] * 16_000)] = True
    for start, end in planner.voices(np.fft.irfft(parts, len(pcm)).astype(np.float32)):
        found[start:end] = True
    assert (found & spoken).sum() >= 0.95 * spoken.sum()


def test_where_nobody_speaks_nothing_is_counted(recordings: list[Recording]) -> None:
    [silent] = [one for one in recordings if not one.told["turns"]]
    assert silent.heard.counted() == ()
    assert all(one.heard.uncovered == () for one in recordings)


def test_the_demo_finds_the_spoken_threat_at_its_second(demo: tuple[Case, str], recordings: list[Recording]) -> None:
    case, printed = demo
    spoken = [row for row in views.findings(case, lang="en", tier="finding") if row["speech"]]
    assert [row["rule_id"] for row in spoken] == ["false-legal-threat"]
    [turn] = [turn for one in recordings for turn in one.turns() if "叫警察来抓你" in turn["text"]]
    finding = views.finding(case, spoken[0]["finding_id"], "en")
    assert finding is not None
    [said] = [line for line in finding["words"]["utterances"] if line["spans"]]
    assert said["start_s"] == pytest.approx(turn["start_s"], abs=1)
    assert said["speaker"]["role"] == "collector"
    assert (said["voice"], said["listened"]) == (SIDES_BY_CHANNEL[turn["channel"]], False)
    block = printed[printed.index("What a machine heard") :]
    for shown in ("0:40", "right channel", "collector", "faster-whisper whisper-base", "not listened to", "叫警察来抓"):
        assert shown in block
    assert "came with the sample" not in printed


def test_a_batch_hears_the_same_bytes(
    recordings: list[Recording], engine: FasterWhisper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(engine._model.folder.parents[2]))
    demonstrated = [
        one for one in recordings if one.told["turns"] and one.told["file"].startswith(("borrower", "mother"))
    ]
    short = min(demonstrated, key=lambda one: one.told["seconds"])
    inputs, out = tmp_path / "in", tmp_path / "out"
    (inputs / "case").mkdir(parents=True)
    shutil.copy(SAMPLES / short.told["file"], inputs / "case")
    assert main(["batch", str(inputs), "-o", str(out), "--transcribe", "--language", short.told["language"]]) == 0
    [made] = out.glob("case/transcripts/*/*.json")
    assert as_bytes(replace(read_transcript(made), audio_name=short.heard.audio_name)) == as_bytes(short.heard)


def test_the_weights_are_the_known_ones(engine: FasterWhisper) -> None:
    assert engine.model_id == KNOWN["whisper-base"].hashes["model.bin"]
