"""Sound out of files: damage is said, and what is missing keeps its place. Every kind of file: test_containers.py."""

import struct
import time
from pathlib import Path

import pytest
from containers import encoded
from sounds import SPEECH

from collectaudit.evidence.files import DiskProblem
from collectaudit.records import Unreadable
from collectaudit.transcribe import audio
from collectaudit.transcribe.audio import Decoded, decoded
from collectaudit.transcribe.engine import RATE

AMR = (SPEECH / "call.amr").read_bytes()


def look(path: Path) -> Decoded:
    with decoded(path, path.parent) as sound:
        return sound.about


def test_a_cut_mp3_says_what_is_missing(tmp_path: Path) -> None:
    whole = encoded("mp3", "libmp3lame", 16000)
    (tmp_path / "a.mp3").write_bytes(whole[: len(whole) // 2])
    about = look(tmp_path / "a.mp3")
    assert 1 < about.seconds < 3
    assert about.warnings == ["its header declares 114 frames of sound, 55 are there"]


def test_frames_that_cannot_be_decoded_are_missed(tmp_path: Path) -> None:
    """A decoder gives up on some frames without a word: their number tells."""
    damaged = bytearray(AMR)
    for frame in range(100, 400):
        damaged[6 + 32 * frame] = 0x3C | 0x40  # the kind 15: nothing was sent; then the rest is read as frames
    (tmp_path / "a.amr").write_bytes(damaged)
    assert any("damaged" in warning or "declared" in warning for warning in look(tmp_path / "a.amr").warnings)


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_that_lies_about_its_length(tmp_path: Path, size: int) -> None:
    whole = (SPEECH / "call.wav").read_bytes()
    data = whole.index(b"data") + 4
    (tmp_path / "a.wav").write_bytes(whole[:data] + struct.pack("<I", size) + whole[data + 4 : data + 4 + 32_000])
    try:
        about = look(tmp_path / "a.wav")
    except Unreadable:
        return
    assert about.seconds <= 2.01


def test_ten_hours_of_nothing_before_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.amr").write_bytes(b"#!AMR\n" + b"\x7c" * (10 * 3600 * 50) + AMR[6:])
    began = time.monotonic()
    with decoded(tmp_path / "a.amr", tmp_path) as sound:
        assert sound.about.seconds == pytest.approx(36_000 + (len(AMR) - 6) / 32 / 50, abs=0.1)
        assert not sound.read(0, RATE).any()
        assert sound.read(sound.about.samples - 5 * RATE, sound.about.samples).any()
    assert time.monotonic() - began < 120


def test_what_is_lost_in_the_middle_keeps_its_place(tmp_path: Path) -> None:
    """Frames that say that nothing was sent, in the middle of a call."""
    at = 6 + 32 * 250  # 5 seconds of frames of 32 bytes
    (tmp_path / "a.amr").write_bytes(AMR[:at] + b"\x7c" * 500 + AMR[at:])
    (tmp_path / "b.amr").write_bytes(AMR)
    with decoded(tmp_path / "a.amr", tmp_path) as longer, decoded(tmp_path / "b.amr", tmp_path) as plain:
        assert longer.about.seconds == pytest.approx(plain.about.seconds + 10, abs=0.1)
        late = [
            abs(s.read(int(x * RATE), int((x + 2) * RATE)).astype(int)).mean() for s, x in ((longer, 20), (plain, 10))
        ]
    assert late[0] == pytest.approx(late[1], rel=0.1)


def test_a_full_disk_is_not_the_fault_of_the_file() -> None:
    with pytest.raises(DiskProblem, match="No space left"):
        audio._decode(str(SPEECH / "call.amr"), "/dev/full", "amr")
