"""Recordings: told by their bytes; what a name tells, pattern by pattern; how long they last; hostile ones."""

import time
from pathlib import Path

import polars as pl
import pytest
import recordings as made
from hypothesis import given
from hypothesis import strategies as st

from collectaudit.reading import Task, read_into
from collectaudit.records import RAW_FIELDS, Facts, Job, Record, Reject
from collectaudit.sources import HEAD_BYTES, _naming, parsers, recording

NOON = {"time": "2024-04-05 17:40:22"}
NUMBER = {"other": "13800138000"}
ZHANG = {"name": "张三"}
CALL = {"call": "1712310022.12", "offset": "+08:00"}

# One row for each way of naming that is known, as phones write it.
NAMES = [
    ("通话录音@张三(13800138000)_20240405174022.mp3", NOON | NUMBER | ZHANG),
    ("通话录音@13800138000_20240405174022.mp3", NOON | NUMBER),
    ("通话录音@张三(008613800138000)_20240405174022.mp3", NOON | ZHANG | {"other": "008613800138000"}),
    ("通话录音@张三(13800138000p123)_20240405174022.mp3", NOON | ZHANG | {"other": "13800138000p123"}),
    ("通话录音@张三(13800138000)_李四(13800138001)_20240405174022.mp3", NOON),
    ("通话录音@13800138000_13800138001_20240405174022.mp3", NOON),
    ("通话录音@张三(13800138000)_13800138001_20240405174022.mp3", NOON),
    ("张三-2404051740(1).mp3", {"time": "2024-04-05 17:40"} | ZHANG),
    ("2024-04-05 17-40-22 (phone) 张三 (138 0013 8000) ↙ (2).m4a",
     NOON | ZHANG | {"other": "138 0013 8000", "direction": "in"}),
    ("20220405_174022.881926-0400_out_+12025550123.flac",
     {"time": "2022-04-05 17:40:22-04:00", "direction": "out", "other": "+12025550123"}),
    ("通话录音@一二三四五六七八九十一二三四五六七八九十(138_20240405174022.mp3",
     NOON | {"name": "一二三四五六七八九十一二三四五六七八九十"}),
    ("张三(13800138000)_20240405174022.mp3", NOON | NUMBER | ZHANG),
    ("张三@13800138000_20190405174022.amr", {"time": "2019-04-05 17:40:22"} | NUMBER | ZHANG),
    ("13800138000_20190405174022.amr", {"time": "2019-04-05 17:40:22"} | NUMBER),
    ("13800138000_20240405174022.m4a", NOON | NUMBER),
    ("张三-2404051740.mp3", {"time": "2024-04-05 17:40"} | ZHANG),
    ("13800138000-2404051740.aac", {"time": "2024-04-05 17:40"} | NUMBER),
    ("Recording_20240405174022_13800138000.m4a", NOON | NUMBER),
    ("Call recording +12025550123_240405_174022.m4a", NOON | {"other": "+12025550123"}),
    ("通话录音 张 三_家_240405_174022.m4a", NOON | {"name": "张 三_家"}),
    ("0d20240405174022p+12025550123.3gp", NOON | {"other": "+12025550123"}),
    ("1d20240405174022pnull.3gp", NOON),
    ("+8613800138000_240405_174022088.amr", NOON | {"other": "+8613800138000"}),
    ("CallRecord_20240405-174022_13800138000.m4a", NOON | NUMBER),
    ("20240405_174022.088+0800_in_sim1_13800138000_张三.oga",
     {"time": "2024-04-05 17:40:22+08:00", "direction": "in"} | NUMBER | ZHANG),
    ("20240405_174022.088-0400_out_+12025550123.m4a",
     {"time": "2024-04-05 17:40:22-04:00", "direction": "out", "other": "+12025550123"}),
    ("20240405_174022.088+0800_conference.flac", {"time": "2024-04-05 17:40:22+08:00"}),
    ("2024-04-05 17-40-22 (phone) 张三 (138 0013 8000) ↙.m4a",
     NOON | ZHANG | {"other": "138 0013 8000", "direction": "in"}),
    ("2024-04-05 17-40-22 (whatsapp) 张三 ↗.m4a", NOON | ZHANG | {"direction": "out"}),
    ("phone_20240405-174022_13800138000.amr", NOON | NUMBER),
    ("通话录音-20240405-174022.m4a", NOON),
    ("out-13800138000-3201-20240405-174022-1712310022.12.wav",
     NOON | CALL | {"caller": "3201", "callee": "13800138000", "collector": "caller", "agent": "3201"}),
    ("in-13800138000-3201-20240405-174022-1712310022.12.wav",
     NOON | CALL | {"caller": "13800138000", "callee": "3201", "collector": "callee", "agent": "3201"}),
    ("q-600-13800138000-20240405-174022-1712310022.12.wav", NOON | CALL),
    ("20240405174022-1712310022.12-3201-13800138000-Outbound.wav",
     NOON | CALL | {"caller": "3201", "callee": "13800138000", "collector": "caller", "agent": "3201"}),
    ("20240405174022-1712310022.12-13800138000-3201-Inbound.wav",
     NOON | CALL | {"caller": "13800138000", "callee": "3201", "collector": "callee", "agent": "3201"}),
]  # fmt: skip

# What no pattern fits.
LOOSE = [
    ("录音(021-88880000)2024-04-05 17.40.22.m4a", NOON | {"other": "021-88880000"}),
    ("催收 13800138000 2024-04-05_17-40-22 下午.m4a", NOON | NUMBER | {"name": "催收"}),
    ("张三（13800138000）20240405 174022.m4a", NOON | NUMBER | ZHANG),
    ("来电95001 20240405174022.amr", NOON | {"other": "95001", "name": "来电"}),
    ("rec 1712310022123.wav", {"epoch_ms": "1712310022123", "name": "rec"}),
    ("13800138000 转 13800138001 20240405174022.m4a", NOON),
    ("13800138000 20240405174022 13800138000.m4a", NOON | NUMBER),
    ("张三(021-88880000)(021-88880001)20240405174022.m4a", NOON),
    ("2401051740 1.m4a", {"time": "2024-01-05 17:40"}),
    ("x 1712310022 y.m4a", {"name": "x"}),  # 31 December 2017, 00:22, or 5 April 2024: not for us to say
    ("99999999999999.mp3", {}),
    ("20241305174022.mp3", {}),
    ("19700101000000.mp3", {}),
    ("新录音 12.m4a", {}),
    ("法院.mp3", {}),
    (".mp3", {}),
    ("", {}),
]


@pytest.mark.parametrize(("name", "expected"), [*NAMES, *LOOSE])
def test_what_a_name_tells(name: str, expected: dict[str, str]) -> None:
    assert _naming.told(f"in/rec 20200101/{name}") == expected


@pytest.mark.parametrize("pattern", _naming.patterns(), ids=lambda pattern: pattern.id)
def test_every_pattern_gives_what_its_example_says(pattern: _naming.Pattern) -> None:
    assert pattern.regex.fullmatch(pattern.example)
    assert _naming.told(pattern.example + ".m4a") == pattern.gives


@pytest.mark.parametrize(
    "text", ["a", "(", "1", "_", "@(1", "-1", "通话录音@", "2024", "20240405_174022", " (a) ", "张("]
)
def test_a_hostile_name_takes_no_time(text: str) -> None:
    began = time.monotonic()
    _naming.told(text * 5000)
    _naming.told("phone_" + text * 60)
    assert time.monotonic() - began < 1


@given(st.text(max_size=80))
def test_any_name_is_read(name: str) -> None:
    assert set(_naming.told(name)) <= set(RAW_FIELDS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b.m4a.json", "b"), ("b.zh.srt", "b"), ("B.TextGrid", "B"), ("b.1.m4a", "b.1"), ("json", "json")],
)
def test_stems(name: str, expected: str) -> None:
    assert _naming.stem(name) == expected


# which files are recordings

SOUND = {
    "wav": made.wav(), "amr": made.amr(), "amr-wb": made.AMR_WB + b"\x04" + bytes(17), "mp3": made.mp3(),
    "id3": b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(200), "m4a": made.m4a(), "flac": made.flac(),
    "3gp": b"\x00\x00\x00\x14ftyp3gp4" + bytes(100), "ogg": b"OggS\x00\x02" + bytes(100),
    "au": b".snd\x00\x00\x00\x18" + bytes(90),
    "aiff": b"FORM\x00\x00\x00\x40AIFF" + bytes(90), "caf": b"caff\x00\x01\x00\x00" + bytes(90),
    "webm": b"\x1aE\xdf\xa3" + bytes(90), "wma": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel" + bytes(90),
    "aac": (b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)) * 4, "silk": b"\x02#!SILK_V3" + bytes(90),
}  # fmt: skip
OTHER = {
    "text.mp3": b"hello\nworld\n", "playlist.m3u": b"#EXTM3U\n#EXTINF:1,x\nhttp://example.invalid/a.mp3\n",
    "concat.amr": b"ffconcat version 1.0\nfile '/etc/passwd'\n", "list.pls": b"[playlist]\nFile1=/etc/passwd\n",
    "xspf.m4a": b"<?xml version='1.0'?><playlist/>", "ID3 text.mp3": b"ID3 is a tag, they say\n" * 9,
    "marked.mp3": b"\xff\xfe" + "你好".encode("utf-16-le") * 40, "ones.mp3": b"\xff" * 4000,
    "picture.heic": b"\x00\x00\x00\x18ftypheic" + bytes(90), "RIFF.wav": b"RIFF\x10\x00\x00\x00AVI LIST" + bytes(90),
    "one frame.mp3": made.mp3(1), "name.amr": b"#!AMR", "list.wav": b"RIFFWAVE\n1,2,3\n" * 9,
}  # fmt: skip


def claiming(content: bytes, name: str) -> list[str]:
    return [parser.NAME for parser in parsers() if parser.claims(content[:HEAD_BYTES], name)]


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("name", ["a.mp3", "calls.csv", "a"])
def test_sound_is_claimed_by_its_bytes_alone(kind: str, name: str) -> None:
    assert claiming(SOUND[kind], name) == ["recording"]


@pytest.mark.parametrize("name", OTHER)
def test_what_only_has_the_name_is_not_claimed(name: str) -> None:
    assert "recording" not in claiming(OTHER[name], name)


# one file, one record


def read(
    tmp_path: Path, content: bytes, name: str = "in/13800138000_20240405174022.amr", zone: str = "UTC"
) -> tuple[Record | Reject, Facts]:
    path = tmp_path / "0123abcd"
    path.write_bytes(content)
    facts = Facts("recording")
    (row,) = recording.read(Job(path, name, tmp_path, time_zone=zone), facts)
    assert row.locator == "audio"
    assert row.raw == name.rpartition("/")[2]
    return row, facts


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (made.wav(2.0), "2"),
        (made.wav(3.0, tag=6), "3"),
        (made.wav(3.0, tag=1, bits=16), "3"),
        (made.wav(2.0, tag=1, bits=16, channels=2, rate=16000), "2"),
        (made.wav(6500 / 8000, tag=49), "4"),
        (made.wav(2.0, tag=17), None),
        (made.amr(7.0), "7"),
        (made.amr(0.02), "0"),
        (made.AMR_WB + (b"\x04" + bytes(17)) * 150, "3"),
        (made.m4a(9), "9"),
        (made.flac(5), "5"),
        (SOUND["aac"][:16] * 100, "2"),
        (b"ID3\3\0\0\0\0\1\0" + bytes(128) + made.mp3(383), "10"),
        (made.mp3(383), "10"),
    ],
)
def test_how_long_it_lasts(tmp_path: Path, content: bytes, seconds: str | None) -> None:
    row, facts = read(tmp_path, content)
    assert isinstance(row, Record)
    assert row.fields["duration"] == seconds
    assert (facts.kind, facts.status, facts.notes) == ("recordings", "ok", [])


@pytest.mark.parametrize(
    ("content", "seconds", "status", "remark"),
    [
        (made.wav(2.0, declared=10**6), "2", "partial", "its header declares 1000000 bytes of sound, 16000 are there"),
        (made.wav(2.0, declared=2**32 - 1), "2", "partial", "its header declares 4294967295 bytes of sound"),
        (made.wav(2.0, declared=0), "2", "ok", "its header declares no sound, 16000 bytes are there"),
        (made.wav(2.0)[:8044], "1", "partial", "its header declares 16000 bytes of sound, 8000 are there"),
        (made.wav(2000.0, rate=8), None, "ok", "its header declares what cannot be: 8 Hz, 1 channels"),
        (made.wav(0.1, channels=99), None, "ok", "its header declares what cannot be: 8000 Hz, 99 channels"),
        (made.amr(2.0)[:-3], "2", "partial", "the file ends inside a frame"),
        (made.mp3(383)[:-3], "10", "partial", "the file ends inside a frame"),
        (made.flac(9, there=4), "2", "partial", "its header declares 72000 samples of sound, about 16384 are there"),
        (made.m4a(9) + b"\0\1\0\0mdat", "9", "partial", "the file was cut: it declares more than is there"),
    ],
)
def test_a_header_that_lies_is_found_out(
    tmp_path: Path, content: bytes, seconds: str | None, status: str, remark: str
) -> None:
    row, facts = read(tmp_path, content)
    assert isinstance(row, Record)
    assert row.fields["duration"] == seconds
    assert facts.status == status
    assert any(str(said).startswith(remark) for said in [facts.reason, *facts.notes])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (made.AMR, "the recording holds no sound"),
        (made.amr(36_000, silent=True), "the recording holds no sound"),
        (made.wav(0), "the recording holds no sound"),
        (made.wav(2.0)[:30], "the recording holds no sound"),
        (b"RIFF\xff\xff\xff\xffWAVE" + b"junk\x00\x00\x00\x00" * 50_000, "the recording holds no sound"),
        (b"RIFF\xff\xff\xff\xffWAVE" + b"junk\xff\xff\xff\xff" * 50, "the recording holds no sound"),
        (made.m4a(index=False), "its index is missing: the file was cut, or never finished"),
        (made.m4a()[:-20], "its index is missing: the file was cut, or never finished"),
        (b"\x00\x00\x00\x14ftypM4A " + b"\x00\x00\x00\x00" * 50_000, "its index is missing"),
        (b"\x00\x00\x00\x14ftypM4A " + b"\x00\x00\x00\x01free" + b"\xff" * 8 * 999, "its index is missing"),
        (b"OggS\x00\x02", "the recording holds no sound"),
        (SOUND["silk"], "the recording holds no sound"),
    ],
)
def test_a_recording_without_sound_is_a_reject(tmp_path: Path, content: bytes, reason: str) -> None:
    row, _ = read(tmp_path, content)
    assert isinstance(row, Reject)
    assert row.reason.startswith(reason)


_1904 = 2_082_844_800  # seconds from there to 1970
NINE = 1_712_310_022 + _1904  # 5 April 2024, 09:40:22 UTC


@pytest.mark.parametrize(
    ("name", "stamp", "zone", "time"),
    [
        ("通话.m4a", NINE, "Asia/Shanghai", "2024-04-05 17:40+08:00"),
        ("call.m4a", NINE, "America/New_York", "2024-04-05 05:40-04:00"),
        ("张三-2404051731.m4a", NINE, "Asia/Shanghai", "2024-04-05 17:31"),  # the name goes first
        ("call.m4a", 0, "Asia/Shanghai", None),
        ("call.m4a", 1, "Asia/Shanghai", None),
        ("call.m4a", _1904, "Asia/Shanghai", None),  # a clock that was never set
        ("call.m4a", 1_712_310_022, "Asia/Shanghai", None),  # since 1970, and not since 1904
        ("call.m4a", 0xFFFFFFFF, "Asia/Shanghai", "2040-02-06 14:28+08:00"),
    ],
)
def test_the_time_of_the_container(tmp_path: Path, name: str, stamp: int, zone: str, time: str | None) -> None:
    """It is written when the recording ends: the beginning lies before it, to the minute and in the source's zone."""
    row, facts = read(tmp_path, made.m4a(15, made=stamp), name, zone)
    assert isinstance(row, Record)
    assert row.fields.get("time") == time
    reckoned = "its name tells no time: its beginning is reckoned from the time at which the file was finished"
    undated = "its name tells no time: it is kept, but not judged"
    assert facts.notes == ([] if "2404" in name else [reckoned if time else undated])


def test_a_time_that_was_reckoned_is_known_to_the_minute(tmp_path: Path) -> None:
    path, folder = tmp_path / "0123", tmp_path / "read"
    path.write_bytes(made.m4a(15, made=NINE))
    folder.mkdir()
    read_into(Task("call.m4a", "0" * 64, path.stat().st_size, "Asia/Shanghai", "CN"), path, folder)
    (row,) = pl.read_parquet(folder / "records.parquet").to_dicts()
    assert (str(row["at_local"]), row["precision"], row["utc_offset"], row["direction"]) == (
        "2024-04-05 17:40:00", "minute", 28_800, None,
    )  # fmt: skip


def test_a_recording_without_a_time_is_kept_and_says_so(tmp_path: Path) -> None:
    row, facts = read(tmp_path, made.amr(), "录音.amr")
    assert isinstance(row, Record)
    assert facts.notes == ["its name tells no time: it is kept, but not judged"]


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize("size", [12, 20, 40, 60, 100])
def test_cut_anywhere_it_is_a_record_or_a_reject(tmp_path: Path, kind: str, size: int) -> None:
    content = SOUND[kind][:size]
    if claiming(content, "x") == ["recording"]:
        read(tmp_path, content)


@given(st.binary(max_size=300), st.sampled_from(sorted(SOUND)))
def test_damage_is_never_an_error(tmp_path_factory: pytest.TempPathFactory, rest: bytes, kind: str) -> None:
    content = SOUND[kind][:24] + rest
    if claiming(content, "x") == ["recording"]:
        read(tmp_path_factory.mktemp("damaged"), content)


def test_read_as_the_audit_does(tmp_path: Path) -> None:
    path, folder = tmp_path / "0123", tmp_path / "read"
    path.write_bytes(made.amr(61))
    folder.mkdir()
    task = Task("in/13800138000_20240405174022.amr", "0" * 64, path.stat().st_size, "Asia/Shanghai", "CN")
    ledger = read_into(task, path, folder)
    kept = ("parser", "kind", "status", "records", "events", "rejects", "first_at", "last_at")
    assert [ledger[key] for key in kept] == [
        "recording", "recordings", "ok", 1, 1, 0, "2024-04-05 17:40:22", "2024-04-05 17:40:22",
    ]  # fmt: skip
