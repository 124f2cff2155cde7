"""The recordings of many cases, in chunks that go to whatever processes or machines there are.

A chunk is worth the loading of a model. Whoever works on one writes the transcripts where they belong and says what
failed; the program that shares them out holds the cases, and writes their logs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ..case import Case
from ..errors import CollectAuditError
from ..pool import Ended, Share
from .whole import Ear, Recording, alone, keep, lacking, lengths, listen
from .worker import Failed, Setup

_CHUNK_S, _LEAST_S = 1800, 120  # seconds of sound in a chunk; less where there is little, so that all have some
_PARTS = 64  # chunks that little sound is cut into where nobody knows how many work
_GUESS_S = 180  # of a recording whose length is not known
_CASES = 500  # whose locks are held at once: each is an open file
_KILLED = "what listened was killed, again and again, probably because memory ran out"
_FAULT = "an error inside the program; `collectaudit transcribe` on this case alone says where"
_UNSEEN = "its transcript was written, but cannot be seen from here"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Recordings of one case that one worker listens to, and the places of their transcripts."""

    case: Path
    setup: Setup
    todo: Mapping[Recording, str]


@dataclass(slots=True)
class Heard:
    """What became of the recordings of a case: how many were transcribed now; of those that were not, name and why."""

    made: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def listen_to(chunk: Chunk) -> dict[str, str]:
    """Listen to a chunk, wherever it is run; of recordings without a transcript, by hash, why."""
    try:
        said = listen(chunk.case, chunk.setup, chunk.todo, 1)
        return {recording.sha256: last.reason for recording, last in said if isinstance(last, Failed)}
    except CollectAuditError as error:
        return {recording.sha256: error.what for recording in chunk.todo}


def transcribe_cases(
    paths: Sequence[Path], ear: Ear, share: Share, *, jobs: int | None, progress: Progress
) -> list[Heard]:
    """Transcribe what is not transcribed yet in these cases, `share`d out; what became of it, in their order.

    `jobs`: as `share` takes it. What is wrong with a case is said of it alone.
    """
    heard = {path: Heard() for path in paths}
    for first in range(0, len(paths), _CASES):
        with ExitStack() as held:
            chunks = _chunks(paths[first : first + _CASES], ear, heard, held, jobs or _PARTS)
            total, done = sum(len(chunk.todo) for chunk in chunks), 0
            progress("recordings", done, total)
            for n, answer in share(listen_to, chunks, jobs, gpu=ear.on_gpu) if chunks else ():
                _take_in(chunks[n], answer, heard[chunks[n].case])
                progress("recordings", done := done + len(chunks[n].todo), total)
    return list(heard.values())


def _chunks(paths: Sequence[Path], ear: Ear, heard: Mapping[Path, Heard], held: ExitStack, parts: int) -> list[Chunk]:
    """What there is to listen to; the cases it is in are held."""
    todo: dict[Path, dict[Recording, str]] = {}
    known: dict[str, float] = {}
    for path in paths:
        try:
            with ExitStack() as mine:
                case = Case.open(path)
                mine.enter_context(alone(case))
                _, todo[path] = lacking(case, ear)
                known |= lengths(case)
                if todo[path]:
                    held.push(mine.pop_all())
        except CollectAuditError as error:
            heard[path].failed.append((path.name, error.what))
    all_s = sum(known.get(r.sha256, _GUESS_S) for recordings in todo.values() for r in recordings)
    most_s = min(max(all_s / parts, _LEAST_S), _CHUNK_S)
    return [Chunk(path, ear.setup, part) for path, mine in todo.items() for part in _parts(mine, known, most_s)]


def _parts(todo: Mapping[Recording, str], known: Mapping[str, float], most_s: float) -> Iterator[dict[Recording, str]]:
    """The recordings of a case in parts of no more than so many seconds, except where one alone lasts longer."""
    part: dict[Recording, str] = {}
    seconds = 0.0
    for recording, to in todo.items():
        one = known.get(recording.sha256, _GUESS_S)
        if part and seconds + one > most_s:
            yield part
            part, seconds = {}, 0.0
        part[recording] = to
        seconds += one
    if part:
        yield part


def _take_in(chunk: Chunk, answer: dict[str, str] | Ended, heard: Heard) -> None:
    """Write what is there into the log of its case, though the rest of the chunk may have failed."""
    if isinstance(answer, Ended):
        answer = dict.fromkeys((r.sha256 for r in chunk.todo), _FAULT if answer.failed else _KILLED)
    for recording, to in chunk.todo.items():
        if not (chunk.case / to).exists():
            heard.failed.append((recording.name, answer.get(recording.sha256, _UNSEEN)))
            continue
        try:
            keep(Case.open(chunk.case), to)
            heard.made += 1
        except CollectAuditError as error:
            heard.failed.append((recording.name, error.what))
