"""Measures listening against what people would use instead: same weights, same sound, one run; into RESULTS.md.

    python benchmarks/speech.py --theirs .venv-speech/bin/python --repeat 3

Each contender listens to the whole in a fresh process with one thread, in turn. CPU is user and system time of the
process and its children, starting up and loading the model included; the real-time factor is that per second of sound.
Errors are counted in characters of the plain text: simplified, digits read out, without punctuation.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import unicodedata
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from hearing import DATA

HERE = Path(__file__).parent
ROOT = HERE.parent
BEGIN, END = "<!-- speech -->", "<!-- /speech -->"
JOB = "Listening: sound to text"
RATE, PAUSE_S = 16_000, 5
LEAST = {"openai-greedy": 2.0, "openai-beam": 8.0}  # how many times the CPU of ours they are to take at least
FILES = 20  # of the case in which nothing changed


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to hear the calls; `sound`: mixed to one channel, or two channels where there are two."""

    task: str
    label: str
    sound: str = "mixed"


OURS = "ours"
CONTENDERS = (
    Contender(OURS, "collectaudit transcribe: faster-whisper int8, beam 5, voices found, words timed"),
    Contender("openai-greedy", "openai-whisper fp32, greedy"),
    Contender("openai-beam", "openai-whisper fp32, beam 5"),
    Contender("cpp", "whisper.cpp f16, beam 5"),
    Contender("ours-cpp", "collectaudit transcribe --engine whisper.cpp"),
    Contender("ours-sides", "collectaudit transcribe, each side of the two-channel calls", "sides"),
)


@dataclass(slots=True)
class Measured:
    """What one run of a contender cost, and how much of what was said it got wrong."""

    task: str
    label: str
    seconds: float
    cpu_s: float
    wall_s: float
    peak_mb: float
    wrong: int
    characters: int
    job: str = JOB

    @property
    def factor(self) -> float:
        """CPU seconds for a second of sound."""
        return self.cpu_s / self.seconds

    @property
    def errors(self) -> float:
        """Wrong characters in a hundred."""
        return 100 * self.wrong / self.characters


# The sound


def calls() -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Every Mandarin call of the repository with what is said in it."""
    speech = ROOT / "tests" / "data" / "speech"
    yield speech / "call.wav", json.loads((speech / "call.json").read_text(encoding="utf-8"))
    for row in json.loads((ROOT / "sample_data" / "speech.json").read_text(encoding="utf-8")):
        if row["language"] == "zh" and row["turns"]:
            yield ROOT / "sample_data" / row["file"], row["turns"]


def prepare() -> dict[str, str]:
    """Write mixed.wav and sides.wav: all calls with pauses between them; returns the text said in each."""
    import numpy as np

    from collectaudit.transcribe.audio import decoded

    DATA.mkdir(parents=True, exist_ok=True)
    pieces: dict[str, list[Any]] = {"mixed": [], "sides": []}
    said = {"mixed": "", "sides": ""}
    for path, turns in calls():
        with decoded(path, DATA) as sound:
            pcm = sound.read(0, sound.about.samples)
        text = "".join(turn["text"] for turn in sorted(turns, key=lambda turn: float(turn["start_s"])))
        forms = {"mixed": pcm.mean(axis=1, keepdims=True).astype(np.int16), "sides": pcm}
        for name in forms if pcm.shape[1] == 2 else ["mixed"]:
            pieces[name] += [forms[name], np.zeros((PAUSE_S * RATE, forms[name].shape[1]), np.int16)]
            said[name] += text
    for name, parts in pieces.items():
        _write(DATA / f"{name}.wav", np.concatenate(parts))
    return said


def _write(path: Path, pcm: Any) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())


def seconds(path: Path) -> float:
    """How long a WAV file lasts."""
    with wave.open(str(path)) as file:
        frames, rate = file.getnframes(), file.getframerate()
    return float(frames / rate)


# Measuring


def run(contender: Contender, python: str, said: str) -> Measured:
    """One contender in a fresh process."""
    sound, out = DATA / f"{contender.sound}.wav", DATA / "heard.txt"
    out.unlink(missing_ok=True)
    command = [python, str(HERE / "hearing.py"), contender.task, str(sound), str(out)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    started = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **one_thread})
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{contender.label}: ended with status {os.waitstatus_to_exitcode(status)}")
    told, heard = plain(said), plain(out.read_text(encoding="utf-8"))
    cost = (used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
    return Measured(contender.task, contender.label, seconds(sound), *cost, distance(told, heard), len(told))


def measure(theirs: str, said: dict[str, str], repeat: int) -> list[Measured]:
    """Every contender in turn, `repeat` times."""
    found = []
    for _ in range(repeat):
        for contender in CONTENDERS:
            python = theirs if contender.task.startswith("openai") else sys.executable
            found.append(run(contender, python, said[contender.sound]))
            last = found[-1]
            print(f"{last.label:<80} {last.cpu_s:8.2f} CPU s {last.peak_mb:6.0f} MB {last.errors:5.1f} %", flush=True)
    return found


def weights(theirs: str) -> None:
    """The model of the packages in the forms of the others."""
    from collectaudit.transcribe.models import get

    folder = get("whisper-base").folder
    for python, name in ((theirs, "base.pt"), (sys.executable, "ggml-base.bin")):
        if not (DATA / name).exists():
            subprocess.run([python, str(HERE / "weights.py"), str(folder), str(DATA / name)], check=True)


def second_run() -> float:
    """Milliseconds a file when everything is transcribed already; a model or a process that is started ends it."""
    from collectaudit.case import Case
    from collectaudit.transcribe.engine import FasterWhisper, open_engine
    from collectaudit.transcribe.whole import Watcher, transcribe_case

    call, _ = next(calls())
    folder = DATA / "case-again"
    shutil.rmtree(folder, ignore_errors=True)
    case = Case.create(folder)
    with case.session():
        for n in range(FILES):
            copy = DATA / f"call-{n:02}.wav"
            copy.write_bytes(call.read_bytes() + bytes(n))
            case.keep(copy)
            copy.unlink()
    opener = partial(open_engine, "whisper-base")
    transcribe_case(case, opener, language="zh", watcher=Watcher())
    with patch.object(FasterWhisper, "_whisper", property(_never)), patch("subprocess.Popen", _never):
        began = time.perf_counter()
        count = transcribe_case(Case.open(folder), opener, language="zh", watcher=Watcher())
        took = time.perf_counter() - began
    shutil.rmtree(folder)
    return 1000 * took / count.total


def _never(*_: object, **__: object) -> None:
    raise SystemExit("something was listened to again")


def plain(text: str) -> str:
    """Han characters alone, simplified, digits read out."""
    from collectaudit.transcribe.gates import simplified

    digits = str.maketrans("0123456789", "零一二三四五六七八九")
    return re.sub(r"[^\u3400-\u9fff]", "", simplified(unicodedata.normalize("NFKC", text)).translate(digits))


def distance(told: str, heard: str) -> int:
    """Characters to change, add and take out."""
    row = list(range(len(heard) + 1))
    for n, a in enumerate(told, 1):
        before, row[0] = row[0], n
        for m, b in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (a != b))
    return row[-1]


def middle(found: Sequence[Measured], task: str) -> Measured:
    """The run of a contender with the median CPU time."""
    runs = sorted((m for m in found if m.task == task), key=lambda m: m.cpu_s)
    cpu = median(m.cpu_s for m in runs)
    return min(runs, key=lambda m: abs(m.cpu_s - cpu))


def report(found: Sequence[Measured], again_ms: float, repeat: int) -> str:
    """The block of RESULTS.md."""
    ours = middle(found, OURS)
    return "\n".join([
        BEGIN,
        "## Listening",
        "",
        f"{ours.seconds:.0f} s of invented Mandarin calls ({ours.characters} characters; synthesised voices, telephone "
        "codecs, two channels mixed to one, pauses, music and noise), Whisper base, the same weights for all, one "
        f"thread each, each trying again where it is unsure as it does by itself. "
        f"Median of {repeat} run(s), each in a fresh process; starting up and loading included. "
        "×: CPU seconds for a second of sound, as a multiple of the first line. "
        f"{time.strftime('%Y-%m-%d', time.gmtime())} · {platform.machine()}, {os.cpu_count()} cores",
        "",
        "| contender | sound, s | CPU s | real-time factor | × | peak MB | characters wrong, % |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(_row(middle(found, contender.task), ours) for contender in CONTENDERS),
        "",
        f"Again with nothing changed: {FILES} recordings, 0 models loaded, {again_ms:.0f} ms each.",
        END,
    ]) + "\n"  # fmt: skip


def _row(one: Measured, ours: Measured) -> str:
    failed = f" **void**: {why}" if (why := fault(one, ours)) else ""
    cost = f"{one.seconds:.0f} | {one.cpu_s:.1f} | {one.factor:.3f} | {one.factor / ours.factor:.1f}"
    return f"| {one.label}{failed} | {cost} | {one.peak_mb:.0f} | {one.errors:.1f} |"


def fault(one: Measured, ours: Measured) -> str:
    """Where we are not as much faster as we should be, or pay for it in errors."""
    if one.task not in LEAST:
        return ""
    if one.factor < LEAST[one.task] * ours.factor:
        return f"less than {LEAST[one.task]:.0f} times"
    return "fewer errors than ours" if one.wrong < ours.wrong else ""


def main() -> None:
    """Measure, and put the block into RESULTS.md and the numbers into RESULTS.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--theirs", default=str(ROOT / ".venv-speech/bin/python"), help="Python with openai-whisper")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    said = prepare()
    weights(args.theirs)
    found = measure(args.theirs, said, args.repeat)
    block = report(found, second_run(), args.repeat)
    _keep(args.out, block, found)
    print(block)
    if "**void**" in block:
        raise SystemExit(1)


def _keep(out: Path, block: str, found: Sequence[Measured]) -> None:
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    before, _, rest = text.partition(BEGIN)
    out.write_text(before.rstrip("\n") + "\n\n" + block + rest.partition(END)[2].lstrip("\n"), encoding="utf-8")
    numbers = out.with_suffix(".json")
    known = json.loads(numbers.read_text(encoding="utf-8")) if numbers.exists() else []
    rows = [row for row in known if row.get("job") != JOB] + [asdict(one) for one in found]
    numbers.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
