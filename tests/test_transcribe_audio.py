"""Sound files as they come, and as somebody may have made them: sound or a reason, never another file."""

import struct
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sounds import SPEECH, av, np, tone

from collectaudit.records import Unreadable
from collectaudit.transcribe.audio import Decoded, decoded, is_recording
from collectaudit.transcribe.engine import RATE

TALK = tone(4, (0.5, 1.5), (2, 3))


def write(path: Path, form: str, codec: str, rate: int, sound: Any = TALK, channels: int = 1) -> Path:
    """The sound in a container, by the encoders that come with PyAV."""
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format=form) as box:
        stream: Any = box.add_stream(codec, rate=rate)
        stream.layout = layout
        data = np.repeat(sound, channels).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        size = 160 if "amr" in codec else stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            box.mux(stream.encode(piece))
        box.mux(stream.encode(None))
    return path


FORMS = [
    ("a.amr", "amr", "libopencore_amrnb", 8000, 1), ("a.3gp", "3gp", "libopencore_amrnb", 8000, 1),
    ("a.m4a", "ipod", "aac", 16000, 2), ("a.aac", "adts", "aac", 16000, 1), ("a.mp3", "mp3", "libmp3lame", 16000, 1),
    ("pcm.wav", "wav", "pcm_s16le", 8000, 2), ("a-law.wav", "wav", "pcm_alaw", 8000, 2),
    ("mu-law.wav", "wav", "pcm_mulaw", 8000, 1), ("adpcm.wav", "wav", "adpcm_ms", 8000, 1),
    ("opus.ogg", "ogg", "libopus", 48000, 1), ("a.flac", "flac", "flac", 16000, 1),
    ("a.mka", "matroska", "libopus", 48000, 2),
    ("a.au", "au", "pcm_mulaw", 8000, 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form", "codec", "rate", "channels"), FORMS, ids=[row[0] for row in FORMS])
def test_every_container(tmp_path: Path, name: str, form: str, codec: str, rate: int, channels: int) -> None:
    path = write(tmp_path / name, form, codec, rate, channels=channels).rename(tmp_path / "named.txt")
    assert is_recording(path)
    with decoded(path, tmp_path) as sound:
        about = sound.about
        assert (about.channels, about.warnings) == (channels, [])
        assert about.seconds == pytest.approx(4, abs=0.12)
        heard = sound.read(0, about.samples)[:, 0]
        assert sum(len(piece) for piece in sound.pieces(RATE)) == about.samples
    for start, end, is_loud in (
        (0.6, 1.4, True),
        (2.1, 2.9, True),
        (0.0, 0.35, False),
        (1.65, 1.9, False),
        (3.2, 3.9, False),
    ):
        level = float(np.sqrt((heard[int(start * RATE) : int(end * RATE)].astype(float) ** 2).mean()))
        assert (level > 2000) is is_loud, (start, level)
    assert [entry.name for entry in tmp_path.iterdir()] == ["named.txt"]


def changed(at: int, new: bytes, cut: int | None = None) -> bytes:
    whole = bytearray((SPEECH / "call.wav").read_bytes()[:cut])
    whole[at : at + len(new)] = new
    return bytes(whole)


DATA = (SPEECH / "call.wav").read_bytes().index(b"data") + 4
PLAYLISTS = {
    "concat": "ffconcat version 1.0\nfile {other}\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{other}\n#EXT-X-ENDLIST\n",
    "hls over the network": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://192.0.2.1/a.mp3\n#EXT-X-ENDLIST\n",
    "pls": "[playlist]\nFile1={other}\n",
    "sdp": "v=0\no=- 0 0 IN IP4 192.0.2.1\ns=x\nc=IN IP4 192.0.2.1\nm=audio 5004 RTP/AVP 0\n",
    "dash": '<?xml version="1.0"?>\n<MPD><Period><BaseURL>{other}</BaseURL></Period></MPD>\n',
}  # fmt: skip


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("name", ["a.mp3", "a.wav"])
def test_no_playlist_is_followed(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(PLAYLISTS[kind].format(other=SPEECH / "call.wav"), encoding="utf-8")
    assert not is_recording(path)
    with pytest.raises(Unreadable, match="not a sound file"), decoded(path, tmp_path):
        pass


@pytest.mark.parametrize(
    "begin", [b"#!AMR\n", b"ID3\x04\x00\x00\x00\x00\x00\x00", b"OggS\x00", b"RIFF\xff\xff\xff\xffWAVE"]
)
def test_no_playlist_behind_the_first_bytes_of_sound(tmp_path: Path, begin: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(begin + PLAYLISTS["concat"].format(other=SPEECH / "call.wav").encode())
    with pytest.raises(Unreadable), decoded(path, tmp_path) as sound:
        assert sound.about.seconds < 1
        raise Unreadable("some noise was decoded")


REFUSED = {
    "text.mp3": (b"Dear Sir, you owe us nothing.\n" * 50, "not a sound file"),
    "empty.wav": (b"", "not a sound file"),
    "header.amr": (b"#!AMR\n", "no sound"),
    "header.wav": (changed(0, b"", cut=DATA + 4), "no sound"),
    "wechat.amr": (b"\x02#!SILK_V3" + b"\0" * 200, "silk"),
    "cut.m4a": (b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom" + b"\0" * 300, "could not be decoded"),
    "video.ogg": (b"OggS\x00" + b"\xff" * 500, "could not be decoded"),
    "flac.flac": (b"fLaC\x00\x00\x00\x22" + b"\xff" * 34, "."),
    "no channels.wav": (changed(22, struct.pack("<H", 0)), "."),
    "many channels.wav": (changed(22, struct.pack("<H", 60_000)), "."),
    "no rate.wav": (changed(24, struct.pack("<I", 0)), "."),
    "unknown code.wav": (changed(20, struct.pack("<H", 0x7FFF)), "not known here"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_has_a_reason(tmp_path: Path, name: str) -> None:
    content, reason = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=reason), decoded(tmp_path / name, tmp_path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def look(path: Path) -> Decoded:
    with decoded(path, path.parent) as sound:
        return sound.about


def test_a_cut_mp3_says_what_is_missing(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.mp3", "mp3", "libmp3lame", 16000).read_bytes()
    (tmp_path / "a.mp3").write_bytes(whole[: len(whole) // 2])
    about = look(tmp_path / "a.mp3")
    assert 1 < about.seconds < 3
    assert about.warnings == [f"{about.seconds:.1f} of {about.declared_s:.1f} declared seconds could be decoded"]


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_that_lies_about_its_length(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.wav").write_bytes(changed(DATA, struct.pack("<I", size), cut=DATA + 4 + 32_000))
    try:
        about = look(tmp_path / "a.wav")
    except Unreadable:
        return
    assert about.seconds <= 2.01


@pytest.mark.parametrize("rate", [1, 50, 3999, 384_001, 0xFFFFFFFF])
def test_a_wav_that_lies_about_its_rate(tmp_path: Path, rate: int) -> None:
    (tmp_path / "a.wav").write_bytes(changed(24, struct.pack("<I", rate)))
    with pytest.raises(Unreadable):
        look(tmp_path / "a.wav")


def test_ten_hours_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.amr").write_bytes(b"#!AMR\n" + b"\x7c" * (10 * 3600 * 50))
    began = time.monotonic()
    with decoded(tmp_path / "a.amr", tmp_path) as sound:
        assert sound.about.seconds == 36_000
        assert not sound.read(0, RATE).any()
    assert time.monotonic() - began < 120


def test_what_is_lost_in_the_middle_keeps_its_place(tmp_path: Path) -> None:
    """Frames that say that nothing was sent, in the middle of a call."""
    whole = (SPEECH / "call.amr").read_bytes()
    at = 6 + 32 * 250  # 5 seconds of frames of 32 bytes
    (tmp_path / "a.amr").write_bytes(whole[:at] + b"\x7c" * 500 + whole[at:])
    (tmp_path / "b.amr").write_bytes(whole)
    with decoded(tmp_path / "a.amr", tmp_path) as longer, decoded(tmp_path / "b.amr", tmp_path) as plain:
        assert longer.about.seconds == pytest.approx(plain.about.seconds + 10, abs=0.1)
        late = [
            abs(s.read(int(x * RATE), int((x + 2) * RATE)).astype(int)).mean() for s, x in ((longer, 20), (plain, 10))
        ]
    assert late[0] == pytest.approx(late[1], rel=0.1)
