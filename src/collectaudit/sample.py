"""The invented sample case that travels with the program."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from . import resources
from .audit import Progress, audit
from .case import Case
from .evidence import files
from .evidence.store import TRANSCRIPTS
from .transcribe.transcript import as_bytes, read_transcript

# Whose phones the sample's exports are from; invented, as in sample_data/README.md.
PHONES = {"borrower": "13800138001", "mother": "13800138002"}
_NOT_MADE_HERE = "{} (came with the sample)"


def copied(out: Path) -> list[Path]:
    """The sample's inputs, copied to `out`."""
    for person in PHONES:
        shutil.copytree(resources.folder("sample_data") / person, out / person, dirs_exist_ok=True)
    return [out / person for person in PHONES]


def keep_transcripts(case: Case, folders: Iterable[str] = PHONES) -> None:
    """Give the case the transcripts that came with the sample; their engine's name says that nobody listened here."""
    for person in folders:
        for path in sorted((resources.folder("sample_data") / "transcripts" / person).glob("*.json")):
            given = read_transcript(path)
            name = _NOT_MADE_HERE.format(given.engine["name"])
            _keep(case, given.audio_sha256, as_bytes(replace(given, engine={**given.engine, "name": name})))


def _keep(case: Case, audio_sha256: str, transcript: bytes) -> None:
    if audio_sha256 in case.transcripts():
        return
    key, folder = sha256(transcript).hexdigest()[:16], case.path / TRANSCRIPTS / audio_sha256
    for made in (folder.parent, folder):
        files.make_folder(made)
    files.write_atomic(folder / f"{key}.json", transcript, folder)
    case.keep_transcript(audio_sha256, key)


def sample_case(out: Path, progress: Progress = lambda *_: None) -> Case:
    """The sample, audited into the case folder `out`."""
    inputs = [resources.folder("sample_data") / person for person in PHONES]
    keep_transcripts(Case.create(out))
    return audit(inputs, out=out, owners=PHONES, jurisdiction="cn", progress=progress)
