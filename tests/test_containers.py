"""Every kind of sound file, and every hostile one: a transcript or a reason, in time, and no other file is opened."""

import io
import random
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from containers import (
    LOUD,
    SECONDS,
    Guard,
    amr_wb,
    elsewhere,
    encoded,
    gsm_wav,
    id3,
    linked_segment,
    reference_movie,
    silk,
)
from recordings import box, m4a
from sounds import Fake, loud, tone, wav

from collectaudit.inspecting import inspect
from collectaudit.records import Unreadable
from collectaudit.sources import _audio
from collectaudit.transcribe import work
from collectaudit.transcribe.audio import decoded, is_recording
from collectaudit.transcribe.engine import RATE

_PATIENCE_S = 30

# kind by content, container and encoder, sample rate, channels, seconds by the container (None: it does not say)
Row = tuple[str, Callable[[], bytes], int, float | None]


def by(form: str, codec: str, rate: int, channels: int = 1, **options: str) -> Callable[[], bytes]:
    return lambda: encoded(form, codec, rate, channels, **options)


GOOD: dict[str, Row] = {
    "amr": ("amr", by("amr", "libopencore_amrnb", 8000), 1, 4), "amr-wb": ("amr-wb", amr_wb, 1, 4),
    "3gp": ("mp4", by("3gp", "libopencore_amrnb", 8000), 1, 4),
    "3gp aac": ("mp4", by("3gp", "aac", 16000), 1, 4),
    "m4a": ("mp4", by("ipod", "aac", 16000), 1, 4), "m4a 2": ("mp4", by("ipod", "aac", 44100, 2), 2, 4),
    "m4a index first": ("mp4", by("ipod", "aac", 16000, movflags="faststart"), 1, 4),
    "m4a in pieces": ("mp4", by("ipod", "aac", 16000, movflags="frag_keyframe+empty_moov"), 1, None),
    "mov": ("mp4", by("mov", "pcm_s16le", 16000), 1, 4),
    "mp3": ("mp3", by("mp3", "libmp3lame", 16000), 1, 4), "mp3 2": ("mp3", by("mp3", "libmp3lame", 44100, 2), 2, 4),
    "mp3 8 kHz": ("mp3", by("mp3", "libmp3lame", 8000), 1, 4),
    "mp3 bare": ("mp3", by("mp3", "libmp3lame", 16000, write_xing="0", id3v2_version="0"), 1, 4.1),
    "wav pcm": ("wav", by("wav", "pcm_s16le", 8000), 1, 4),
    "wav pcm 2": ("wav", by("wav", "pcm_s16le", 16000, 2), 2, 4),
    "wav 24 bits": ("wav", by("wav", "pcm_s24le", 48000, 2), 2, 4),
    "wav float": ("wav", by("wav", "pcm_f32le", 16000), 1, 4),
    "wav a-law": ("wav", by("wav", "pcm_alaw", 8000), 1, 4),
    "wav a-law 2": ("wav", by("wav", "pcm_alaw", 8000, 2), 2, 4),
    "wav mu-law": ("wav", by("wav", "pcm_mulaw", 8000), 1, 4),
    "wav mu-law 2": ("wav", by("wav", "pcm_mulaw", 8000, 2), 2, 4),
    "wav gsm": ("wav", gsm_wav, 1, 4), "wav adpcm": ("wav", by("wav", "adpcm_ms", 8000), 1, None),
    "wav of 64 bits": ("wav", by("wav", "pcm_s16le", 8000, rf64="always"), 1, None),
    "ogg vorbis": ("ogg", by("ogg", "vorbis", 16000, 2), 2, 4), "ogg opus": ("ogg", by("ogg", "libopus", 48000), 1, 4),
    "opus 2": ("ogg", by("opus", "libopus", 48000, 2), 2, 4), "ogg flac": ("ogg", by("ogg", "flac", 16000), 1, 4),
    "flac": ("flac", by("flac", "flac", 16000), 1, 4), "flac 2": ("flac", by("flac", "flac", 48000, 2), 2, 4),
    "aac": ("aac", by("adts", "aac", 16000), 1, 4.1), "aac 2": ("aac", by("adts", "aac", 44100, 2), 2, 4),
    "webm": ("matroska", by("webm", "libopus", 48000), 1, 4),
    "webm live": ("matroska", by("webm", "libopus", 48000, live="1"), 1, None),
    "mkv 2": ("matroska", by("matroska", "pcm_s16le", 16000, 2), 2, 4),
    "mka aac": ("matroska", by("matroska", "aac", 16000), 1, 4),
    "au": ("au", by("au", "pcm_mulaw", 8000), 1, None), "caf": ("caf", by("caf", "pcm_s16le", 16000), 1, None),
    "aiff": ("aiff", by("aiff", "pcm_s16be", 16000), 1, None), "wma": ("asf", by("asf", "libmp3lame", 16000), 1, None),
    "mp3 with a picture of 9 MB": ("mp3", lambda: id3(9 << 20) + encoded("mp3", "libmp3lame", 16000), 1, 4),
    "mp3 with two tags": ("mp3", lambda: id3(90) + id3(90_000) + encoded("mp3", "libmp3lame", 16000), 1, 4),
    "mp3 with a tag behind": ("mp3", lambda: encoded("mp3", "libmp3lame", 16000) + b"TAG" + bytes(125), 1, 4),
    "aac with a tag": ("aac", lambda: id3(90_000) + encoded("adts", "aac", 16000), 1, 4.1),
    "silk of WeChat": ("silk", silk, 1, 4), "silk of others": ("silk", lambda: silk(tencent=False), 1, 4),
    "flac with a tag": ("flac", lambda: id3(90_000) + encoded("flac", "flac", 16000), 1, 4),
}  # fmt: skip
BY_HAND = ("amr-wb", "wav gsm")  # of empty frames: how they sound does not matter


@pytest.mark.parametrize("name", GOOD)
def test_every_container(tmp_path: Path, name: str) -> None:
    kind, make, channels, seconds = GOOD[name]
    path = tmp_path / "13800138000_20240405174022.txt"
    path.write_bytes(make())
    assert (_audio.kind_of(path), is_recording(path)) == (kind, True)
    sound = _audio.listen_to(path, kind)
    assert sound.seconds == (seconds if seconds is None else pytest.approx(seconds, abs=0.1))
    assert (sound.empty, sound.fault, sound.notes) == (False, None, [])
    read = inspect(path)
    assert (read["parser"], read["status"], read["events"], read["notes"]) == ("recording", "ok", 1, [])
    made = work.transcribe(path, tmp_path / "out", Fake(), voices=loud)
    assert made.decoded_s == pytest.approx(SECONDS, abs=0.12)
    assert (made.channels, made.uncovered) == (channels, ())
    assert [warning for warning in made.warnings if "no speech" not in warning] == []
    first = [(s.start_s, s.end_s) for s in made.segments if s.channel in (None, 0)]
    assert name in BY_HAND or first == [pytest.approx(span, abs=0.21) for span in LOUD]
    assert name in BY_HAND or {s.channel for s in made.segments if s.start_s > 3.1} == ({1} if channels == 2 else set())


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(4, *LOUD))
    with decoded(path, tmp_path) as sound:
        assert sum(len(piece) for piece in sound.pieces(RATE)) == sound.about.samples == 4 * RATE
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


# Files that want another one to be opened


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Guard]:
    (tmp_path / "other").mkdir()
    wav(tmp_path / "other" / "other.wav", tone(3, (0, 3)))
    (tmp_path / "other" / "other.m4a").write_bytes(encoded("ipod", "aac", 16000))
    watch = Guard(tmp_path / "other")
    yield watch
    watch.close()


def test_the_guard_sees(tmp_path: Path, guard: Guard) -> None:
    (tmp_path / "other" / "other.wav").read_bytes()
    assert guard.seen() == {"other.wav"}
    assert guard.seen() == set()


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile '{}'\n"
NOT_SOUND = "it is not a sound file"
LURES: dict[str, tuple[Callable[[str], bytes], str]] = {
    "hls": (lambda to: HLS.format(to).encode(), NOT_SOUND),
    "ffconcat": (lambda to: CONCAT.format(to).encode(), NOT_SOUND),
    "concat without a mark": (lambda to: f"file '{to}'\n".encode(), NOT_SOUND),
    "dash": (lambda to: ('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
             '<AdaptationSet contentType="audio"><Representation id="1" bandwidth="1"><BaseURL>'
             f"{to}</BaseURL></Representation></AdaptationSet></Period></MPD>").encode(), NOT_SOUND),
    "pls": (lambda to: f"[playlist]\nNumberOfEntries=1\nFile1={to}\n".encode(), NOT_SOUND),
    "asx": (lambda to: f'<asx version="3.0"><entry><ref href="{to}"/></entry></asx>'.encode(), NOT_SOUND),
    "sdp": (lambda to: f"v=0\ns={to}\nc=IN IP4 127.0.0.1\nm=audio {to.rpartition(':')[2][:5]} RTP/AVP 0\n".encode(),
            NOT_SOUND),
    "web page": (lambda to: f'<html><audio src="{to}"></audio></html>'.encode(), NOT_SOUND),
    "mov, data as a url": (lambda to: elsewhere(b"url ", to), "its sound lies in another file, which is not opened"),
    "mov, data as an alias": (lambda to: elsewhere(b"alis", to), "its sound lies in another file, which is not opened"),
    "reference movie": (reference_movie, "holds no sound"), "linked segment": (linked_segment, ""),
    "hls behind a tag": (lambda to: id3(100) + HLS.format(to).encode(), "it holds no sound"),
    "ffconcat behind a tag": (lambda to: id3(99_999) + CONCAT.format(to).encode(), "it holds no sound"),
    "ffconcat in an amr": (lambda to: b"#!AMR\n" + CONCAT.format(to).encode() * 3, ""),
    "ffconcat in an ogg": (lambda to: b"OggS\0\2" + CONCAT.format(to).encode() * 3, "."),
    "ffconcat in a wav": (lambda to: b"RIFF\0\1\0\0WAVE" + CONCAT.format(to).encode() * 3, "it holds no sound"),
}  # fmt: skip
NAMED = ("a.mp3", "a.m3u8", "concat:other.wav", "a%03d.wav")


@pytest.mark.parametrize("lure", LURES)
@pytest.mark.parametrize("target", ["absolute", "beside", "network"])
def test_no_other_file_is_opened(tmp_path: Path, guard: Guard, lure: str, target: str) -> None:
    to = {"absolute": str(tmp_path / "other" / "other.wav"), "beside": "../other/other.wav",
          "network": f"http://127.0.0.1:{guard.port}/a.wav"}[target]  # fmt: skip
    make, reason = LURES[lure]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / NAMED[len(lure) % len(NAMED)]
    path.write_bytes(make(to))
    read, heard = both(path)
    assert guard.seen() == set()
    if isinstance(heard, str):
        assert reason
        assert reason.strip(".") in heard
        assert read["status"] != "ok"
    else:
        assert reason == ""
        assert heard < SECONDS + 1


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    wav(tmp_path / "in" / "a001.wav", tone(3, (0, 3)))
    path = wav(tmp_path / "a%03d.wav", tone(1, (0, 1))).rename(tmp_path / "in" / "a%03d.wav")
    watch = Guard(tmp_path / "in")
    heard, seen = both(path)[1], watch.seen()
    watch.close()
    assert heard == pytest.approx(1)
    assert seen == {"a%03d.wav", "out"}


def both(path: Path) -> tuple[dict[str, Any], float | str]:
    """What READ says of a file, and seconds of its sound, or why it has none; both in time, and neither by a crash."""
    began = time.monotonic()
    read = inspect(path)
    heard: float | str
    try:
        heard = work.transcribe(path, path.parent / "out", Fake(), voices=loud).decoded_s
    except Unreadable as problem:
        heard = str(problem)
    assert time.monotonic() - began < _PATIENCE_S
    said = f"{read['reason']} {read['reject_samples']} {heard}"
    assert "the reader" not in said, said
    assert read["status"] == "ok" or read["reason"]
    return read, heard


# Files that are damaged, or lie about themselves


def patched(**places: tuple[int, str, int]) -> Callable[[], bytes]:
    """A good WAV, with other numbers in its header: (where, form, number)."""

    def make() -> bytes:
        whole = bytearray(encoded("wav", "pcm_s16le", 8000, fflags="+bitexact"))
        for at, form, number in places.values():
            struct.pack_into(form, whole, at, number)
        return bytes(whole)

    return make


def half(make: Callable[[], bytes], share: float = 0.5) -> Callable[[], bytes]:
    return lambda: make()[: int(len(make()) * share)]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.wav", encoded("wav", "pcm_s16le", 8000))
    return out.getvalue()


def stsz(count: int) -> bytes:
    whole = encoded("ipod", "aac", 16000)
    at = whole.index(b"stsz") + 12
    return whole[:at] + struct.pack(">I", count) + whole[at + 4 :]


BOXES = b"\0\0\0\x14ftypM4A \0\0\0\0M4A "
IMPOSSIBLE = "its header declares what cannot be: "
# What READ says of it (of its only record, or of all), and what is heard: seconds at most, or why nothing is.
BAD: dict[str, tuple[Callable[[], bytes], str, float | str]] = {
    "text.mp3": (lambda: b"Dear Sir, you owe us nothing.\n" * 50, "no reader knows", NOT_SOUND),
    "zip.wav": (zipped, "no reader knows", NOT_SOUND),
    "one byte.mp3": (lambda: b"I", "no reader knows", NOT_SOUND),
    "nothing.wav": (lambda: b"", "the file is empty", NOT_SOUND),
    "pdf.m4a": (lambda: b"%PDF-1.7\n" + bytes(500), "the PDF is damaged", NOT_SOUND),
    "ones.mp3": (lambda: b"\xff" * 500_000, "no reader knows", NOT_SOUND),
    "call.ulaw": (lambda: bytes(range(256)) * 40, r"convert it first \(sox -t ul -r 8000 IN OUT.wav\)", NOT_SOUND),
    "call.ALAW": (lambda: bytes(range(256)) * 40, r"convert it first \(sox -t al ", NOT_SOUND),
    "call.gsm": (lambda: b"\xd8" * 33 * 40, r"convert it first \(sox -t gsm ", NOT_SOUND),
    "wechat.amr": (lambda: b"\x02#!SILK_V3" + bytes(200), "holds no sound", "holds no sound"),
    "several.amr": (lambda: b"#!AMR_MC1.0\n\0\0\0\2" + bytes(200), "^$", "amr-multi cannot be decoded"),
    "picture.heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(90), "no reader knows", NOT_SOUND),
    "4 GB.wav": (patched(data=(40, "<I", 0xFFFFFFFF)), "declares 4294967295 bytes of sound, 64000 are there", 4),
    "4 GB in both.wav": (patched(data=(40, "<I", 0xFFFFFFFF), riff=(4, "<I", 0xFFFFFFFF)),
                         "declares 4294967295 bytes", 4),
    "2 GB.wav": (patched(data=(40, "<I", 0x7FFFFFFF)), "declares 2147483647 bytes", 4),
    "0 bytes.wav": (patched(data=(40, "<I", 0)), "^$", 4),
    "1 byte.wav": (patched(data=(40, "<I", 1)), "^$", "."),
    "1000 channels.wav": (patched(channels=(22, "<H", 1000)), "^$", IMPOSSIBLE + "8000 Hz, 1000 channels"),
    "no channels.wav": (patched(channels=(22, "<H", 0)), "^$", IMPOSSIBLE + "8000 Hz, 0 channels"),
    "1 Hz.wav": (patched(rate=(24, "<I", 1)), "^$", IMPOSSIBLE + "1 Hz, 1 channels"),
    "0 Hz.wav": (patched(rate=(24, "<I", 0)), "^$", IMPOSSIBLE + "0 Hz"),
    "4 GHz.wav": (patched(rate=(24, "<I", 0xFFFFFFFF)), "^$", IMPOSSIBLE + "4294967295 Hz"),
    "no bits.wav": (patched(bits=(34, "<H", 0)), "^$", "written in a way that is not known here"),
    "65535 bits.wav": (patched(bits=(34, "<H", 65535)), "^$", "written in a way that is not known here"),
    "no such code.wav": (patched(tag=(20, "<H", 0x7FFF)), "^$", "written in a way that is not known here"),
    "mp3 they say.wav": (patched(tag=(20, "<H", 0x55)), "^$", "."),
    "no blocks.wav": (patched(block=(32, "<H", 0)), "^$", 4),
    "only a header.wav": (lambda: patched()()[:44], "holds no sound", "holds no sound"),
    "chunks.wav": (lambda: b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 50_000, "holds no sound", "holds no sound"),
    "cut.wav": (half(patched()), "declares 64000 bytes of sound, 31978 are there", 2),
    "cut.amr": (half(GOOD["amr"][1]), "ends inside a frame", 2.1),
    "cut.silk": (half(silk), "ends inside a frame", 2.6),
    "no frames.silk": (lambda: b"#!SILK_V3" + b"\xff" * 200, "holds no sound", "holds no sound"),
    "frames of nothing.silk": (lambda: b"#!SILK_V3" + b"\x20\0" + b"\xaa" * 32, "^$", 0.1),
    "cut.mp3": (half(GOOD["mp3"][1]), "114 frames of sound, 55 are there", 2.1),
    "cut.aac": (half(GOOD["aac"][1]), "ends inside a frame", 2.1),
    "cut.ogg": (half(GOOD["ogg opus"][1]), "ends inside a page", 2.1),
    "cut.flac": (half(GOOD["flac"][1]), "declares 64000 samples of sound, about", 3),
    "cut.webm": (half(GOOD["webm"][1]), "it declares more than is there", 2.2),
    "cut.m4a": (half(GOOD["m4a"][1]), "its index is missing", "its index is missing"),
    "cut sound.m4a": (half(GOOD["m4a index first"][1], 0.66), "it declares more than is there", 3),
    "cut index.m4a": (half(GOOD["m4a"][1], 0.97), "its index is missing", "its index is missing"),
    "two bytes too few.amr": (lambda: encoded("amr", "libopencore_amrnb", 8000)[:-2], "ends inside a frame", 4.1),
    "tag too long.mp3": (lambda: b"ID3\3\0\0\x7f\x7f\x7f\x7f" + encoded("mp3", "libmp3lame", 16000),
                         "holds no sound", "holds no sound"),
    "only a picture.mp3": (lambda: id3(99_999), "holds no sound", "holds no sound"),
    "ten hours.amr": (lambda: b"#!AMR\n" + b"\x7c" * 1_800_000, "holds no sound", "holds no sound"),
    "ten hours.awb": (lambda: b"#!AMR-WB\n" + b"\x7c" * 1_800_000, "holds no sound", "holds no sound"),
    "ten hours lost.awb": (lambda: b"#!AMR-WB\n" + b"\x74" * 1_800_000, "holds no sound", "holds no sound"),
    "boxes.m4a": (lambda: BOXES + b"\0\0\0\x08free" * 99_999, "its index is missing", "its index is missing"),
    "endless box.m4a": (lambda: BOXES + b"\0\0\0\1moov" + b"\xff" * 99, "its index is missing", "its index is missing"),
    "boxes in boxes.m4a": (lambda: BOXES + b"".join(struct.pack(">I4s", 8 * (9999 - n), b"moov") for n in range(9999)),
                           "holds no sound", "holds no sound"),
    "many tracks.m4a": (lambda: BOXES + box(b"moov", (b"\0\0\0\x10trak\x7f\xff\xff\xffmdia") * 9999),
                        "holds no sound", "holds no sound"),
    "a film without sound.mp4": (lambda: m4a(handler=b"vide"), "holds no sound", "holds no sound"),
    "index of nothing.m4a": (m4a, "^$", "."),
    "4 billion samples.m4a": (lambda: stsz(0xFFFFFFFF), "^$", "could not be decoded"),
    "no stream.ogg": (lambda: b"OggS\0\2" + bytes(200), "^$", "could not be decoded"),
    "position.ogg": (lambda: GOOD["ogg opus"][1]().replace(b"OggS\0\4", b"OggS\0\4" + b"\x7f" * 8)[:9000],
                     "^$|page", 1),
    "no info.mkv": (lambda: b"\x1aE\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7, "holds no sound", "holds no sound"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_damaged_or_lies_has_a_reason(tmp_path: Path, name: str) -> None:
    make, said, hears = BAD[name]
    path = tmp_path / name
    path.write_bytes(make())
    read, heard = both(path)
    rejects = read["reject_samples"]
    assert re.search(said, rejects[0]["reason"] if rejects else read["reason"] or "")
    if isinstance(hears, float | int):
        assert isinstance(heard, float)
        assert 0 < heard <= hears + 0.01
    else:
        assert isinstance(heard, str)
        assert re.search(hears, heard)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([name, "out"])


BEGUN = (
    "amr", "amr-wb", "m4a", "mp3", "mp3 bare", "wav pcm", "ogg vorbis", "ogg opus", "flac", "aac", "webm", "au", "caf",
    "aiff", "wma",
)  # fmt: skip


@pytest.mark.parametrize("name", BEGUN)
@pytest.mark.parametrize("size", [60, 700])
def test_noise_behind_a_good_beginning(tmp_path: Path, name: str, size: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(GOOD[name][1]()[:size] + random.Random(name).randbytes(30_000))  # noqa: S311
    both(path)


@pytest.mark.parametrize("name", BEGUN)
def test_damage_in_the_middle(tmp_path: Path, name: str) -> None:
    """A few bytes changed at random, header and all."""
    whole, dice = bytearray(GOOD[name][1]()), random.Random(name)  # noqa: S311
    for _ in range(20):
        whole[dice.randrange(len(whole))] = dice.randrange(256)
    path = tmp_path / "a.wav"
    path.write_bytes(whole)
    heard = both(path)[1]
    assert isinstance(heard, str) or heard < 700
