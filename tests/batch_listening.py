"""Cases with recordings for a batch to listen to, and engines for it that threaten, kill or take their time."""

import os
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from exports import AGENT, ME, calls, people
from sounds import Fake, loud, tone, wav

from collectaudit.batch import Row
from collectaudit.caseload import audit_folder
from collectaudit.transcribe.whole import Ear
from collectaudit.transcribe.worker import Opener, Setup

THREAT = "再不还钱就打断你的腿"
NAMES = ("a", "b")
EACH = 3  # recordings of a case


class Threatening(Fake):
    """Hears the same threat wherever it is loud; `before` is told which recording of its life this is."""

    def transcribe(self, pcm: Any, *, language: str, prompt: str | None) -> Any:
        heard = super().transcribe(pcm, language=language, prompt=prompt)
        return [replace(one, text=THREAT, words=(replace(one.words[0], text=THREAT),)) for one in heard]


def trouble(folder: Path, _: int) -> None:
    """Write down that the engine was asked, and take some time; SIGKILL, once, for what has given it the work.

    That is a process of a pool or of Ray. It is done if `folder` holds a file named `deadly`, which goes away.
    """
    with (folder / "log").open("a") as file:
        file.write("x")
    time.sleep(0.3)
    if (folder / "deadly").exists():
        (folder / "deadly").unlink()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)


def opened(folder: Path | None = None) -> Threatening:
    """An engine; with a folder, one for trouble."""
    return Threatening(partial(trouble, folder)) if folder else Threatening()


def ear(opener: Opener = opened) -> Ear:
    return Ear(Setup(opener, "zh", loud))


def listened(root: Path, out: str = "heard", opener: Opener = opened, engine: str = "local") -> list[Row]:
    """Make cases of what lies in root/spoken, and listen to them."""
    return audit_folder(root / "spoken", root / out, engine=engine, jobs=2, ear=ear(opener))


def heard(root: Path) -> None:
    """root/spoken: two cases with calls and their recordings, and a file that is none; root/heard: their batch."""
    for n, name in enumerate(NAMES):
        folder = root / "spoken" / name
        times = [f"2025-06-01 1{hour}:00:0{n}" for hour in range(EACH)]
        calls(folder / "calls.xml", [(at, "in", 5) for at in times])
        people(folder / "people.csv", f"{AGENT},collector", f"{ME},debtor")
        for hour, at in enumerate(times):
            stamp = "".join(sign for sign in at if sign.isdigit())
            wav(folder / f"通话录音@张三({AGENT})_{stamp}.wav", tone(3, (0.5, 1.5 + hour / 10 + n / 20)))
    (root / "spoken" / "a" / "bad.amr").write_bytes(b"#!AMR\n")
    listened(root)


def transcripts(out: Path) -> dict[str, bytes]:
    """Every transcript of the cases, by its place."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/transcripts/*/*.json"))}
