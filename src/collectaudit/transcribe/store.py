"""The journal of one recording: each block is on the disk before the next begins; a killed run goes on there.

It stays until the transcript is in the log of a case: one that is not cannot be told from what a stranger put there.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from ..evidence import files
from .engine import Engine, RawSegment
from .transcript import Word

JOURNAL = ".journal"


def key(audio_sha256: str, engine: Engine, options: Mapping[str, Any]) -> str:
    """What a transcript is kept by: everything that decides what is in it, and nothing else; 16 hex digits."""
    made_of = [audio_sha256, engine.name, engine.version, engine.model_id, dict(options)]
    return sha256(_line(made_of)).hexdigest()[:16]


def _line(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


class Journal:
    """What of a recording is already transcribed, by the hash of a block's sound. A torn last line is dropped."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / (name + JOURNAL)
        self._done: dict[str, list[RawSegment]] = {}
        self._fd = -1

    def __enter__(self) -> Self:
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            files.disk.truncate(self._fd, self._read())
        except OSError:
            os.close(self._fd)
            raise
        os.lseek(self._fd, 0, os.SEEK_END)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def _read(self) -> int:
        """Take in the sound lines; how many bytes they are."""
        sound = 0
        for line in b"".join(files.chunks(self._fd)).splitlines(keepends=True):
            entry = _entry(line)
            if entry is None:
                break
            self._done[entry[0]] = entry[1]
            sound += len(line)
        return sound

    def get(self, block: str) -> list[RawSegment] | None:
        """What was heard in a block, if it is done."""
        return self._done.get(block)

    def put(self, block: str, heard: list[RawSegment]) -> None:
        """Keep what was heard in a block; it is on the disk when this returns."""
        body = [block, [asdict(segment) for segment in heard]]
        files.write_all(self._fd, _line([*body, sha256(_line(body)).hexdigest()]) + b"\n")
        files.disk.sync(self._fd)


def _entry(line: bytes) -> tuple[str, list[RawSegment]] | None:
    """One line, if it is whole."""
    try:
        block, heard, digest = json.loads(line)
        if not line.endswith(b"\n") or sha256(_line([block, heard])).hexdigest() != digest:
            return None
        return block, [_raw(segment) for segment in heard]
    except (ValueError, TypeError, KeyError):
        return None


def _raw(about: dict[str, Any]) -> RawSegment:
    return RawSegment(**{**about, "words": tuple(Word(**word) for word in about["words"])})
