"""The real engine with real weights: what it must never hear, and what it must hear where.

Runs where the extra `asr` and the packages of tests/requirements-model.txt are installed. Where they are not it is
skipped, or with COLLECTAUDIT_REAL_MODEL=1 (as in CI) it fails.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from sounds import SPEECH, np, wav

from collectaudit.errors import MissingPart
from collectaudit.transcribe import models
from collectaudit.transcribe.engine import FasterWhisper, open_engine
from collectaudit.transcribe.gates import simplified
from collectaudit.transcribe.transcript import Transcript, as_bytes
from collectaudit.transcribe.work import transcribe

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.xdist_group("model")]
RATE, SECONDS = 8000, 60
CLOCK = np.arange(RATE * SECONDS) / RATE


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> FasterWhisper:
    """Whisper base, joined from its packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        try:
            found = open_engine(None)
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


SAID = json.loads((SPEECH / "call.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def call(engine: FasterWhisper, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    return transcribe(SPEECH / "call.wav", tmp_path_factory.mktemp("call"), engine)


def plain(text: str) -> str:
    """Han characters alone, digits read out."""
    return re.sub(
        r"[^\u3400-\u9fff]", "", simplified(text).translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    )


def distance(told: str, heard: str) -> int:
    row = list(range(len(heard) + 1))
    for n, a in enumerate(told, 1):
        before, row[0] = row[0], n
        for m, b in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (a != b))
    return row[-1]


def test_each_side_of_a_leaking_call_says_its_own(call: Transcript) -> None:
    assert call.warnings == ()
    assert [segment.channel for segment in call.segments] == [turn["channel"] for turn in SAID]
    assert [segment.doubt for segment in call.segments] == [()] * len(SAID)
    for segment, turn in zip(call.segments, SAID, strict=True):
        assert segment.start_s == pytest.approx(turn["start_s"], abs=0.6), turn["text"]
        assert distance(plain(turn["text"]), plain(segment.text)) <= len(plain(turn["text"])) / 2


def test_few_characters_are_wrong(call: Transcript) -> None:
    told, heard = "".join(plain(turn["text"]) for turn in SAID), "".join(plain(s.text) for s in call.segments)
    assert distance(told, heard) / len(told) <= 0.2


def test_the_threat_is_found_at_its_second(call: Transcript) -> None:
    [threat] = [segment for segment in call.counted() if "给你" in segment.text]
    assert threat.channel == 0
    [word] = [word for word in threat.words if "给" in word.text][:1]
    assert 19 < word.start_s < 25.5


def test_the_same_sound_gives_the_same_bytes(call: Transcript, engine: FasterWhisper, tmp_path: Path) -> None:
    again = transcribe(SPEECH / "call.wav", tmp_path, engine)
    assert as_bytes(again) == as_bytes(call)


def test_the_telephone_codec_is_heard(engine: FasterWhisper, tmp_path: Path) -> None:
    made = transcribe(SPEECH / "call.amr", tmp_path, engine)
    told, heard = "".join(plain(turn["text"]) for turn in SAID), "".join(plain(s.text) for s in made.counted())
    assert distance(told, heard) / len(told) <= 0.2
    assert made.uncovered == ()


def test_the_weights_are_the_known_ones(engine: FasterWhisper) -> None:
    assert engine.model_id == models.SHIPPED["whisper-base"].hashes["model.bin"]
