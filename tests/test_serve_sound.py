"""Recordings for the browser: pieces that were asked for, decoded where the browser cannot."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sounds import tone, wav

from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.contact import media_type, playable
from collectaudit.serve.sound import Part, Sounds, _Decoded

DATA = bytes(range(100))


class Bytes:
    media_type = "audio/wav"
    size = len(DATA)

    def read(self, start: int, end: int) -> bytes:
        return DATA[start:end]


@pytest.mark.parametrize(
    ("asked", "status", "body", "where"),
    [
        (None, 200, DATA, None),
        ("bytes=0-", 206, DATA, "bytes 0-99/100"),
        ("bytes=10-19", 206, DATA[10:20], "bytes 10-19/100"),
        ("bytes=90-500", 206, DATA[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, DATA[-5:], "bytes 95-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=20-10", 416, b"", "bytes */100"),
        ("bytes=-", 416, b"", "bytes */100"),
        ("bytes=0-1,5-6", 416, b"", "bytes */100"),
        ("lines=0-1", 416, b"", "bytes */100"),
    ],
)
def test_ranges(asked: str | None, status: int, body: bytes, where: str | None) -> None:
    part = Part(Bytes(), asked)
    assert (part.status, b"".join(part), part.headers.get("content-range")) == (status, body, where)
    assert part.headers["content-length"] == str(len(body))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Mapping[str, str]]:
    """A case with a WAV and an AU file, which no browser plays; hash by ending."""
    folder = tmp_path_factory.mktemp("recorded")
    spoken = wav(folder / "in" / "13800138000_20250601221000.wav", tone(2, (0.5, 1.5), rate=8000), rate=8000)
    samples = spoken.read_bytes()[44:]
    swapped = bytes(byte for low, high in zip(samples[::2], samples[1::2], strict=True) for byte in (high, low))
    header = b".snd" + b"".join(n.to_bytes(4, "big") for n in (24, len(samples), 3, 8000, 1))
    (folder / "in" / "13800138000_20250602221000.au").write_bytes(header + swapped)
    case = audit([folder / "in"], out=folder / "case")
    return case, {name[-3:]: sha256 for sha256, name, _ in case.kept()}


def test_as_it_is_where_the_browser_knows_it(recorded: tuple[Case, Mapping[str, str]]) -> None:
    case, hashes = recorded
    source = Sounds().of(case, hashes["wav"])
    assert source is not None
    assert source.media_type == "audio/wav"
    assert b"".join(Part(source, None)) == case.original(hashes["wav"]).read_bytes()
    assert playable(case, hashes["wav"])


def test_decoded_where_it_does_not(recorded: tuple[Case, Mapping[str, str]]) -> None:
    case, hashes = recorded
    assert media_type(case.original(hashes[".au"])) is None
    sounds = Sounds()
    source = sounds.of(case, hashes[".au"])
    assert isinstance(source, _Decoded)
    whole = b"".join(Part(source, None))
    assert whole[:4] == b"RIFF"
    assert len(whole) == source.size == pytest.approx(44 + 2 * 32000, abs=2000)
    assert sounds.of(case, hashes[".au"]) is source
    assert b"".join(Part(source, "bytes=40-101")) == whole[40:102]
    assert b"".join(Part(source, "bytes=45-45")) == whole[45:46]


@given(st.data())
def test_any_piece_is_a_piece_of_the_whole(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 99))
    end = data.draw(st.integers(start, 120))
    assert b"".join(Part(Bytes(), f"bytes={start}-{end}")) == DATA[start : end + 1]


def test_what_is_no_recording_is_not_handed_out(recorded: tuple[Case, Mapping[str, str]], tmp_path: Path) -> None:
    case, _ = recorded
    assert Sounds().of(case, "0" * 64) is None
    note = tmp_path / "people.csv"
    note.write_text("number,role\n13800138000,debtor\n", encoding="utf-8")
    with case.session("test"):
        kept = case.keep(note)
    assert Sounds().of(case, kept.sha256) is None
    assert not playable(case, "../../etc/passwd")
