"""What benchmarks/speech.py measures: one way to hear a recording, in a process of its own.

python benchmarks/hearing.py TASK SOUND OUT     writes what was heard into OUT
"""

import os
import shutil
import sys
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "speech"


def hear_ours(path: Path, model: str | None = None, engine: str | None = None) -> str:
    """The command as people give it, on a case with one recording."""
    from collectaudit.case import Case
    from collectaudit.cli import main
    from collectaudit.transcribe.transcript import read_transcript

    folder = DATA / f"case-{os.getpid()}"
    case = Case.create(folder)
    with case.session():
        case.keep(path)
    chosen = [*(["--model", model] if model else []), *(["--engine", engine] if engine else [])]
    try:
        if status := main(["transcribe", str(folder), "--jobs", "1", "--quiet", *chosen]):
            raise SystemExit(status)
        [(_, place)] = Case.open(folder).transcripts().values()
        return "".join(segment.text for segment in read_transcript(place).counted())
    finally:
        shutil.rmtree(folder)


def hear_openai(path: Path, beam: int | None) -> str:
    """OpenAI's own program, with its own ways of trying again; without its loops from one window to the next."""
    import torch
    import whisper

    torch.set_num_threads(1)
    model = whisper.load_model(str(DATA / "base.pt"))
    heard = model.transcribe(
        _pcm(path), language="zh", fp16=False, beam_size=beam, condition_on_previous_text=False, verbose=None
    )
    return str(heard["text"])


def hear_cpp(path: Path) -> str:
    """whisper.cpp by itself."""
    from pywhispercpp.model import Model

    model = Model(
        str(DATA / "ggml-base.bin"), params_sampling_strategy=1, n_threads=1, redirect_whispercpp_logs_to=None,
        print_progress=False, print_realtime=False, beam_search={"beam_size": 5, "patience": -1.0},
    )  # fmt: skip
    return "".join(segment.text for segment in model.transcribe(_pcm(path), language="zh"))


def _pcm(path: Path) -> Any:
    import numpy as np

    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


TASKS: dict[str, Callable[[Path], str]] = {
    "ours": partial(hear_ours, model="whisper-base"),
    "ours-sides": partial(hear_ours, model="whisper-base"),
    "ours-cpp": partial(hear_ours, model=str(DATA / "ggml-base.bin"), engine="whisper.cpp"),
    "openai-greedy": partial(hear_openai, beam=None),
    "openai-beam": partial(hear_openai, beam=5),
    "cpp": hear_cpp,
}


if __name__ == "__main__":
    task, sound, out = sys.argv[1:]
    Path(out).write_text(TASKS[task](Path(sound)), encoding="utf-8")
