"""Clips of recordings around the words that findings rest on, with where in the recording they stand."""

import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingPart
from ..evidence.files import sha256_of
from ..records import Unreadable
from .dossier import Dossier

if TYPE_CHECKING:
    from ..case import Case

Row = Mapping[str, Any]
BESIDE_S = 10.0  # before the first passage and after the last one


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of a recording: of which exhibit, from where to where in seconds, the hashes of both."""

    exhibit: int
    path: Path
    recording: str
    recording_sha256: str
    start_s: float
    end_s: float
    sha256: str


def write_clips(case: "Case", made: Dossier, to: Path) -> tuple[list[Clip], dict[int, str]]:
    """Write a WAV for each exhibit that was heard in a recording, into the folder `to`; in order of the exhibits.

    Also exhibit → why its recording could not be cut. Raises MissingPart without what decodes sound.
    """
    clips, not_cut = [], {}
    for row, record, stretch in _spoken(made):
        try:
            clips.append(_clip(case, row, record, stretch, to))
        except Unreadable as problem:
            not_cut[row["number"]] = str(problem)
    return clips, not_cut


def _spoken(made: Dossier) -> Iterator[tuple[Row, Row, tuple[float, float]]]:
    """Exhibit, its recording, from where to where the passages go; those that were written or have no recording not."""
    for row in made.exhibits:
        record = next((one for one in row["records"] if one["parser"] == "recording"), None)
        heard = [turn for turn in row["turns"] if turn["start_s"] is not None and turn["spans"]]
        if record and heard:
            last = max(turn["end_s"] or turn["start_s"] for turn in heard)
            yield row, record, (min(turn["start_s"] for turn in heard), last)


def _clip(case: "Case", row: Row, record: Row, stretch: tuple[float, float], to: Path) -> Clip:
    try:
        from ..transcribe.audio import decoded
        from ..transcribe.engine import RATE
    except ModuleNotFoundError as error:
        raise MissingPart(
            "cutting recordings needs PyAV, which is not installed", "Install it with: pip install 'collectaudit[asr]'"
        ) from error
    path = to / f"exhibit-{row['number']:04}.wav"
    with decoded(case.original(record["sha256"]), to) as sound, wave.open(str(path), "wb") as out:
        first = max(int((stretch[0] - BESIDE_S) * RATE), 0)
        last = min(int((stretch[1] + BESIDE_S) * RATE), sound.about.samples)
        out.setparams((sound.about.channels, 2, RATE, 0, "NONE", ""))
        out.writeframes(sound.read(first, last).tobytes())
    where = first / RATE, last / RATE
    return Clip(row["number"], path, record["source"], record["sha256"], *where, sha256_of(path))
