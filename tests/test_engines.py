"""Engines behind one protocol: what each is given, what it makes of the answer, what it says when something is missing.

whisper.cpp is played by a double with a script of tokens; the real one runs in benchmarks/speech.py.
"""

import hashlib
import struct
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from sounds import Fake, case_of, loud, np, tone

from collectaudit.commands import params
from collectaudit.errors import MissingPart, WrongUse
from collectaudit.transcribe import engine, planner, whisper_cpp
from collectaudit.transcribe.engine import ENGINES, RATE, Engine, FasterWhisper, RawSegment, open_engine
from collectaudit.transcribe.models import Model
from collectaudit.transcribe.store import Journal, key
from collectaudit.transcribe.whisper_cpp import WhisperCpp, weights

HEADER = struct.pack("<12I", 0x67676D6C, 51865, 1500, 512, 8, 6, 448, 512, 8, 6, 80, 1)
END = 1000  # tokens from here on are no text


@dataclass
class Token:
    """A piece of text, and the hundredth of a second at which it ends."""

    data: bytes
    t_dtw: int
    p: float = 0.9
    t1: int = 0
    id: int = 1


class Cpp:
    """Stands for whisper.cpp: hears the next of its scripts, each of them segments of tokens."""

    def __init__(self, *scripts: Sequence[Sequence[Token]], sound: bool = True) -> None:
        self.given: dict[str, Any] = {}
        self.asked: list[tuple[int, dict[str, Any]]] = []
        self._ctx = self if sound else None
        self._scripts = list(scripts)
        self._heard: Sequence[Sequence[Token]] = ()

    def load(self, path: str, **given: Any) -> "Cpp":
        self.given = {"path": path, **given}
        return self

    def transcribe(self, pcm: Any, **asked: Any) -> None:
        self.asked.append((len(pcm), asked))
        self._heard = self._scripts.pop(0)

    def module(self) -> types.SimpleNamespace:
        languages = ("zh", "en")
        return types.SimpleNamespace(
            whisper_alignment_heads_preset=types.SimpleNamespace(WHISPER_AHEADS_N_TOP_MOST=1),
            whisper_token_eot=lambda _: END,
            whisper_full_n_segments=lambda _: len(self._heard),
            whisper_full_n_tokens=lambda _, n: len(self._heard[n]),
            whisper_full_get_token_data=lambda _, n, k: self._token(n, k),
            whisper_token_to_bytes=lambda _, number: self._heard[number // 100][number % 100].data,
            whisper_pcm_to_mel=lambda *given: self.asked.append((given[2], {})),
            whisper_lang_max_id=lambda: 1,
            whisper_lang_id=languages.index,
            whisper_lang_auto_detect=lambda *given: given[3].__setitem__(1, 0.9),
        )

    def _token(self, segment: int, place: int) -> Token:
        token = self._heard[segment][place]
        if token.id < END:
            token.id = 100 * segment + place
        return token


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-base.bin"
    path.write_bytes(HEADER + b"weights")
    return path


@pytest.fixture
def cpp(file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes an engine whose whisper.cpp hears these scripts, one a window."""

    def made(*scripts: Sequence[Sequence[Token]], sound: bool = True) -> tuple[WhisperCpp, Cpp]:
        double = Cpp(*scripts, sound=sound)
        monkeypatch.setitem(sys.modules, "_pywhispercpp", double.module())
        monkeypatch.setitem(sys.modules, "pywhispercpp", types.SimpleNamespace())
        monkeypatch.setitem(sys.modules, "pywhispercpp.model", types.SimpleNamespace(Model=double.load))
        monkeypatch.setattr(whisper_cpp, "version", lambda _: "1.5.1")
        monkeypatch.setattr(planner, "voices", loud)
        return WhisperCpp(weights(str(file))), double

    return made


def pcm(seconds: float, *spans: tuple[float, float]) -> Any:
    return tone(seconds, *spans).astype(np.float32) / 32768


# whisper.cpp


def test_it_says_what_it_is(cpp: Any, file: Path) -> None:
    one, _ = cpp()
    assert (one.name, one.version, one.model_name) == ("whisper.cpp", "1.5.1", "ggml-base")
    assert one.model_id == hashlib.sha256(file.read_bytes()).hexdigest()
    assert one.options()["beam_search"]["beam_size"] == 5
    assert one.options()["temperature_inc"] == 0  # no sampling


def test_words_have_the_time_at_which_they_are_said(cpp: Any) -> None:
    script = [
        [
            Token(b"[_BEG_]", 0, id=END),
            Token("我是".encode(), 150),
            Token("谁".encode(), 190, p=0.5),
            Token("。".encode(), 310),
        ],
        [Token("你好".encode(), 345), Token(b"[_TT_9]", -1, id=END + 9)],
    ]
    one, double = cpp(script)
    heard = one.transcribe(pcm(6, (1, 2), (3, 4)), language="zh", prompt="提示")
    assert double.asked == [(3 * RATE, {"language": "zh", "initial_prompt": "提示"})]
    assert double.given["context_params"]["dtw_n_top"] == 3
    # The window begins with the first voice, so its times are later by a second; words end where voices end.
    assert [(w.text, round(w.start_s, 1), round(w.end_s, 1)) for s in heard for w in s.words] == [
        ("我是", 1.0, 2.0),
        ("谁。", 2.0, 2.0),
        ("你好", 3.0, 4.0),
    ]
    assert [segment.text for segment in heard] == ["我是谁。", "你好"]
    assert heard[0].words[1].prob == 0.5
    assert heard[0].avg_logprob == pytest.approx((2 * np.log(0.9) + np.log(0.5)) / 3)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["借".encode()[:2], "借".encode()[2:], "款".encode()], ["借", "款"]),
        ([b" coll", b"ect", b"ion", b" call", b","], [" collection", " call,"]),
        (["第".encode(), b"1", b"5", "天".encode()], ["第", "15", "天"]),
        ([b"\xe5"], []),
    ],
)
def test_tokens_become_words(cpp: Any, pieces: list[bytes], words: list[str]) -> None:
    one, _ = cpp([[Token(data, 20 + 10 * n) for n, data in enumerate(pieces)]])
    heard = one.transcribe(pcm(2, (0, 2)), language="zh", prompt=None)
    assert [word.text for segment in heard for word in segment.words] == words


def test_long_sound_is_heard_in_windows_of_speech(cpp: Any) -> None:
    one, double = cpp([[Token(b" one", 100)]], [[Token(b" two", 100)]])
    heard = one.transcribe(pcm(60, (1, 8), (12, 20), (33, 40), (50, 58)), language="en", prompt=None)
    assert [length // RATE for length, _ in double.asked] == [19, 25]
    assert [(w.text, round(w.start_s, 1)) for s in heard for w in s.words] == [(" one", 1.0), (" two", 33.0)]


def test_words_outside_of_speech_stay_there_for_the_gates_to_see(cpp: Any) -> None:
    one, _ = cpp([[Token("谢谢".encode(), 40), Token("观看".encode(), 900)]])
    [segment] = one.transcribe(pcm(12, (0, 1), (11, 12)), language="zh", prompt=None)
    assert segment.words[0].end_s == pytest.approx(0.4)
    assert segment.words[1].start_s < 1  # begins in speech, so what lies there counts


def test_silence_is_not_heard_at_all(cpp: Any) -> None:
    one, double = cpp()
    assert one.transcribe(pcm(5), language="zh", prompt="提示") == []
    assert double.asked == []


def test_the_likelier_language(cpp: Any) -> None:
    one, double = cpp()
    assert one.language(pcm(50, (1, 2), (3, 40)), ("zh", "en")) == "en"
    assert [length for length, _ in double.asked] == [RATE]
    assert one.language(pcm(2), ("zh", "en")) == "zh"


def test_a_damaged_model_is_said(cpp: Any) -> None:
    one, _ = cpp(sound=False)
    with pytest.raises(WrongUse, match=r"ggml-base\.bin is not a file with a model"):
        one.transcribe(pcm(2, (0, 1)), language="zh", prompt=None)


@pytest.mark.parametrize("head", [b"", b"lmgg", b"GGUF" + HEADER[4:], b"PK\x03\x04" * 20])
def test_a_file_of_another_kind_is_never_loaded(file: Path, head: bytes) -> None:
    file.write_bytes(head)
    with pytest.raises(WrongUse, match="is not a file with a model"):
        weights(str(file))


@pytest.mark.parametrize("path", [None, "nowhere.bin", "."])
def test_without_a_model(path: str | None) -> None:
    with pytest.raises(WrongUse) as raised:
        weights(path)
    assert "--model" in raised.value.fix


def test_without_the_package(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(whisper_cpp, "version", absent)
    with pytest.raises(MissingPart) as raised:
        open_engine(str(file), "whisper.cpp")
    assert raised.value.fix == "Install it with: pip install 'collectaudit[whisper-cpp]'"


# Every engine


@pytest.fixture(params=["fake", *ENGINES])
def every(request: pytest.FixtureRequest, cpp: Any, monkeypatch: pytest.MonkeyPatch) -> Engine:
    if request.param == "fake":
        return Fake()
    if request.param == "whisper.cpp":
        double: Engine = cpp(*([[[Token("喂".encode(), 40)]]] * 3))[0]
        return double
    found = FasterWhisper(Model("base", Path("nowhere"), "0" * 64))
    word = types.SimpleNamespace(start=np.float64(0), end=np.float64(1), word="喂", probability=np.float32(0.9))
    said = types.SimpleNamespace(
        text="喂", words=[word], avg_logprob=-0.1, no_speech_prob=np.float32(0), compression_ratio=1.0
    )
    heard = types.SimpleNamespace(transcribe=lambda *_, **__: ([said], None))
    monkeypatch.setitem(found.__dict__, "_pipeline", heard)
    return found


def test_the_contract(every: Engine, tmp_path: Path) -> None:
    """What it says can be written to the journal, read back, and is the same the second time."""
    sound = pcm(2, (0, 1))
    heard = every.transcribe(sound, language="zh", prompt=None)
    assert heard and all(isinstance(segment, RawSegment) and segment.words for segment in heard)
    assert all(0 <= word.start_s <= word.end_s <= 2 for segment in heard for word in segment.words)
    assert every.transcribe(sound, language="zh", prompt=None) == heard
    with Journal(tmp_path, "k") as journal:
        journal.put("block", heard)
    with Journal(tmp_path, "k") as journal:
        assert journal.get("block") == heard
    assert len(every.model_id) == 64
    assert key("0" * 64, every, every.options()) == key("0" * 64, every, every.options())


# faster-whisper: what it runs on


@pytest.fixture
def whisper(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How the model was loaded."""
    loaded: list[dict[str, Any]] = []

    class Loaded:
        def __init__(self, _folder: str, **given: Any) -> None:
            loaded.append(given)

        def detect_language(self, _pcm: Any) -> None:
            """Finds the libraries."""

    monkeypatch.setattr("faster_whisper.WhisperModel", Loaded)
    return loaded


@pytest.mark.parametrize(("cards", "device", "kind"), [(0, "cpu", "int8"), (2, "cuda", "float16")])
def test_a_graphics_card_is_used_if_there_is_one(
    whisper: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, cards: int, device: str, kind: str
) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: cards)
    one = FasterWhisper(Model("base", Path("nowhere"), "0" * 64))
    assert one.options()["compute_type"] == kind
    assert one.options().get("device") == ("cuda" if cards else None)
    assert one._whisper is one._whisper
    [given] = whisper
    assert (given["device"], given["compute_type"], given["local_files_only"]) == (device, kind, True)


def test_a_graphics_card_that_cannot_be_used_is_said(
    whisper: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr("faster_whisper.WhisperModel.detect_language", broken)
    with pytest.raises(WrongUse, match="libcublas") as raised:
        _ = FasterWhisper(Model("base", Path("nowhere"), "0" * 64))._whisper
    assert "CUDA_VISIBLE_DEVICES" in raised.value.fix
    assert len(whisper) == 1


def broken(_self: object, _pcm: Any) -> None:
    raise RuntimeError("library libcublas.so.12 is not found")


# The command


def test_the_command_passes_the_engine_on(tmp_path: Path, run: Run, file: Path) -> None:
    assert params.LISTENERS == engine.ENGINES
    file.write_bytes(b"other")
    ran = run("transcribe", case_of(tmp_path, 1), "--engine", "whisper.cpp", "--model", file, "--jobs", 1)
    assert ran.code == 2
    assert "ggml-base.bin is not a file with a model of whisper.cpp" in ran.err
    assert run("transcribe", tmp_path / "case", "--engine", "whisper", lang="zh").code == 2
