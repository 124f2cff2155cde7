"""The sample recordings are what their list and their script say, and so are the transcripts that come with them."""

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sounds import SAMPLES

from collectaudit.transcribe.audio import decoded
from collectaudit.transcribe.transcript import read_transcript

LIST: list[dict[str, Any]] = json.loads((SAMPLES / "speech.json").read_text(encoding="utf-8"))
SCRIPT: list[dict[str, Any]] = tomllib.loads((SAMPLES / "speech.toml").read_text(encoding="utf-8"))["recording"]
DECODERS = {"pcm_alaw": "pcm_alaw", "pcm_mulaw": "pcm_mulaw", "libopencore_amrnb": "amrnb"}
SOUNDS = {".wav", ".amr"}
MOST_BYTES = 3_000_000


def test_the_list_is_of_the_script_and_of_all_that_is_there() -> None:
    """Whoever changes a word has to speak it again."""
    for row, told in zip(LIST, SCRIPT, strict=True):
        assert {key: row[key] for key in row.keys() & told.keys() - {"turns"}} == {
            key: value for key, value in told.items() if key != "turns"
        }
        spoken = [(turn["channel"], turn["text"]) for turn in told["turns"] if "text" in turn]
        assert [(turn["channel"], turn["text"]) for turn in row["turns"]] == spoken
    there = [path for path in SAMPLES.rglob("*") if path.suffix in SOUNDS]
    assert {path.relative_to(SAMPLES).as_posix() for path in there} == {row["file"] for row in LIST}
    assert sum(path.stat().st_size for path in there) < MOST_BYTES


@pytest.mark.parametrize("row", LIST, ids=lambda row: Path(row["file"]).name[:20])
def test_a_recording_is_what_the_list_says(row: dict[str, Any], tmp_path: Path) -> None:
    path = SAMPLES / row["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    with decoded(path, tmp_path) as sound:
        about = sound.about
    assert (DECODERS[row["codec"]], row["channels"], 8000) == (about.codec, about.channels, about.sample_rate)
    assert about.seconds == pytest.approx(row["seconds"], abs=0.1)
    assert about.warnings == []
    ends = [turn["end_s"] for turn in row["turns"]]
    assert ends == sorted(ends)
    assert not ends or ends[-1] < row["seconds"]


@pytest.mark.parametrize("row", LIST, ids=lambda row: Path(row["file"]).name[:20])
def test_its_transcript_came_from_a_real_engine(row: dict[str, Any]) -> None:
    path = Path(row["file"])
    kept = read_transcript(SAMPLES / "transcripts" / path.parts[0] / f"{path.name}.json")
    assert (kept.audio_sha256, kept.audio_name, kept.language) == (row["sha256"], path.name, row["language"])
    assert (kept.engine["name"], kept.model["name"]) == ("faster-whisper", "whisper-base")
    assert len(kept.counted()) == len(kept.segments)
    told, heard = (letters("".join(texts)) for texts in (
        [turn["text"] for turn in row["turns"]], [segment.text for segment in kept.segments]
    ))  # fmt: skip
    assert len(told & heard) >= 0.8 * len(told | heard)


def letters(text: str) -> set[str]:
    return set(re.sub(r"\W", "", text).lower())
