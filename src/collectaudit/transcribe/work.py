"""One recording from file to transcript; the same for every engine."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..evidence import files
from . import channels, gates, planner
from .audio import Sound, decoded
from .engine import RATE, Engine, RawSegment, missing_extra
from .store import Journal, key
from .transcript import Segment, Span, Transcript, Word, as_bytes, read_transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LANGUAGES = ("zh", "en")
AUTO = "auto"
# Neutral on purpose: words of accusation in a prompt are then heard where nobody said them.
PROMPTS = {"zh": "以下是普通话的句子。"}
_PIECE = 60 * RATE
_AGAIN_S = 0.2  # around a lost stretch that is listened to again
_NOISY_DB = 15.0  # below it, recognition was measured to get much worse
Progress = Callable[[float, float], None]  # which share is done, of how many seconds


def transcribe(
    path: Path, target: Path, engine: Engine, *, name: str = "", language: str = "zh", progress: Progress | None = None,
    voices: planner.Finder = planner.voices,
) -> Transcript:  # fmt: skip
    """The transcript of a recording, written to `target/<key>.json`, or read from there if it is done.

    `language`: one of LANGUAGES, or AUTO for each block the likelier of them. The journal stays beside it, for whoever
    begins anew before the transcript is in a log. Raises Unreadable.
    """
    options = how(engine, language)
    digest = files.sha256_of(path)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = key(digest, engine, options)
    done = target / f"{known}.json"
    if done.exists():
        return read_transcript(done)
    with Journal(target, known) as journal, decoded(path, target) as sound:
        job = _Job(engine, journal, language, voices, progress or _nobody)
        transcript = job.transcript(sound, digest, name or path.name, options)
        files.write_atomic(done, as_bytes(transcript), target)
    return transcript


def _nobody(_share: float, _seconds: float) -> None:
    """Nobody is watching."""


def how(engine: Engine, language: str) -> dict[str, Any]:
    """Everything that, beside engine and model, decides what is in a transcript."""
    try:
        import av
    except ImportError as error:
        raise missing_extra() from error
    return {
        **engine.options(), "language": language, "prompts": PROMPTS, "planner": planner.VERSION,
        "block_s": planner.BLOCK_S, "pause_s": gates.PAUSE_S, "mute_db": channels.LOUDER_DB,
        "uncovered_s": gates.LEAST_UNCOVERED_S, "decoder": f"PyAV {av.__version__}",
    }  # fmt: skip


@dataclass(slots=True)
class _Side:
    """What was found in one channel; channel None: the sound is one."""

    channel: int | None
    segments: list[Segment] = field(default_factory=list)
    speech: list[Span] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)  # one for each second of speech


class _Job:
    """One recording being listened to."""

    def __init__(
        self, engine: Engine, journal: Journal, language: str, voices: planner.Finder, progress: Progress
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.language = language
        self.voices = voices
        self.progress = progress

    def transcript(self, sound: Sound, digest: str, name: str, options: Mapping[str, Any]) -> Transcript:
        """Listen to every channel, and put together what was heard."""
        self.progress(0, sound.about.seconds)
        levels = channels.levels(sound.pieces(_PIECE), sound.about.channels)
        parted = channels.sides(levels)
        sides = [_Side(channel) for channel in parted or (None,)]
        for n, side in enumerate(sides):
            for share in self._listen(side, sound, levels):
                self.progress((n + share) / len(sides), sound.about.seconds)
        languages = [language for side in sides for language in side.languages]
        lost = sorted(span for side in sides for span in gates.uncovered(side.speech, side.segments))
        spoken = [span for side in sides for span in side.speech]
        about, quality = sound.about, channels.quality(levels, spoken)
        return Transcript(
            audio_sha256=digest, audio_name=name, codec=about.codec, sample_rate=about.sample_rate,
            channels=about.channels, duration_s=about.declared_s, decoded_s=about.seconds,
            language=max(sorted(set(languages)), key=languages.count, default=self.language),
            engine={"name": self.engine.name, "version": self.engine.version},
            model={"name": self.engine.model_name, "sha256": self.engine.model_id}, options=options,
            segments=gates.in_order(segment for side in sides for segment in side.segments),
            speech_s=sum(end - start for start, end in spoken),
            covered_s=sum(gates.seconds_covered(side.speech, side.segments) for side in sides),
            uncovered=tuple(lost), quality=quality,
            warnings=(*about.warnings, *_remarks(sides, about.channels, quality, lost)),
        )  # fmt: skip

    def _listen(self, side: _Side, sound: Sound, levels: channels.Levels) -> Iterator[float]:
        """Listen to one channel; yields which share of it is done."""
        read = _reader(sound, levels, side.channel)
        for block in planner.blocks(sound.about.samples, lambda start, end: _floats(read(start, end)), self.voices):
            if block.speech:
                self._block(side, block, read(block.start, block.end))
            yield block.end / sound.about.samples

    def _block(self, side: _Side, block: planner.Block, pcm: "NDArray[np.int16]") -> None:
        """Listen to a block, and once more to what speech in it got no words."""
        speech = [(first / RATE, last / RATE) for first, last in block.speech]
        language = self.language
        if language == AUTO:
            language = self.engine.language(_floats(pcm), LANGUAGES)
        prompt = PROMPTS.get(language)
        start = block.start / RATE
        turns = self._turns(side.channel, pcm, start, language, prompt, speech)
        for since, until in gates.uncovered(speech, turns):
            first = max(int((since - start - _AGAIN_S) * RATE), 0)
            again = pcm[first : int((until - start + _AGAIN_S) * RATE)]
            more = self._turns(side.channel, again, start + first / RATE, language, prompt, speech)
            turns += [turn for turn in more if since <= (turn.start_s + turn.end_s) / 2 <= until]
        side.segments += turns
        side.speech += speech
        side.languages += [language] * math.ceil(sum(end - start for start, end in speech))

    def _turns(
        self, channel: int | None, pcm: "NDArray[np.int16]", start: float, language: str, prompt: str | None,
        speech: Sequence[Span],
    ) -> list[Segment]:  # fmt: skip
        heard = self._heard(pcm, language, prompt)
        found = [gates.turns(_moved(raw, start), channel=channel, prompt=prompt, speech=speech) for raw in heard]
        return [turn for turns in found for turn in turns]

    def _heard(self, pcm: "NDArray[np.int16]", language: str, prompt: str | None) -> list[RawSegment]:
        """From the journal, or from the engine and then in the journal."""
        block = sha256(language.encode() + pcm.tobytes()).hexdigest()
        heard = self.journal.get(block)
        if heard is None:
            heard = self.engine.transcribe(_floats(pcm), language=language, prompt=prompt)
            self.journal.put(block, heard)
        return heard


def _moved(raw: RawSegment, by: float) -> RawSegment:
    words = (Word(word.start_s + by, word.end_s + by, word.text, word.prob) for word in raw.words)
    return replace(raw, words=tuple(words))


def _floats(pcm: "NDArray[np.int16]") -> "NDArray[np.float32]":
    import numpy as np

    return np.divide(pcm, 32768, dtype=np.float32)


def _reader(sound: Sound, levels: channels.Levels, channel: int | None) -> Callable[[int, int], "NDArray[np.int16]"]:
    """Reads one channel: the one that is loudest, or one side of the talk without what leaked into it."""
    if channel is None:
        return lambda start, end: sound.read(start, end)[:, channels.loudest(levels)]
    mute = channels.leaked(levels, channel)

    def read(start: int, end: int) -> "NDArray[np.int16]":
        frame = start // channels.FRAME
        piece = sound.read(frame * channels.FRAME, end)[:, channel]
        return channels.without(piece, mute[frame:])[start - frame * channels.FRAME :]

    return read


def _remarks(sides: Sequence[_Side], count: int, quality: Mapping[str, Any], lost: Sequence[Span]) -> Iterator[str]:
    """What a person should know about how far this transcript goes."""
    if count == 2 and len(sides) == 1:
        yield "both channels hold the same sound; it was taken as one"
    silent = [side.channel for side in sides if not side.speech]
    if len(silent) == len(sides):
        yield "no speech was found"
    elif silent:
        yield f"no speech was found in channel {silent[0]}"
    if quality["snr_db"] is not None and quality["snr_db"] < _NOISY_DB:
        yield f"the sound is noisy: speech is only {quality['snr_db']:.0f} dB louder than what is behind it"
    if lost:
        yield f"{sum(end - start for start, end in lost):.1f} seconds of speech have no words"
