"""The optional second look: how much a text reads like wording that a person should look at. It never makes a finding.

A logistic regression over which characters and words occur, alone and in pairs, trained by training/train.py on
invented text of the collecting side. Other speakers' text is not what it has learned from: do not score it.
"""

import base64
import binascii
import hashlib
import json
import math
import re
from array import array
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Self
from zlib import crc32

from ..errors import IntegrityError

BUCKETS = 1 << 16
MODEL = Path(__file__).with_name("reviewer.json")

_NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")
_TOKEN = re.compile(r"[a-z']+|[^\sa-z']")  # a word of Latin letters, or any other single character


def _hashes(text: str) -> Iterator[int]:
    # Amounts and dates say nothing. 您 is read as 你: a threat made politely is still a threat.
    plain = _NUMBER.sub("0", text).replace("您", "你")
    tokens = [f"{token} ".encode() for token in _TOKEN.findall(plain)]
    single = [crc32(token) for token in tokens]
    return chain(single, map(crc32, tokens[1:], single))  # the second part: checksums of each two in a row


def buckets(folded: str) -> set[int]:
    """The numbers below BUCKETS that stand for what occurs in a folded text."""
    return {value % BUCKETS for value in _hashes(folded)}


def digest(model: Mapping[str, object]) -> str:
    """The id that belongs to the content of a model file: any changed byte of meaning gives another one."""
    content = json.dumps({key: model[key] for key in sorted(model) if key != "id"}, ensure_ascii=False)
    return "ngram-" + hashlib.sha256(content.encode()).hexdigest()[:16]


class Reviewer:
    """A loaded model. `id` names its exact content; a text that scores `threshold` or more is worth a person's look."""

    def __init__(self, model: Mapping[str, object]) -> None:
        self.id = str(model["id"])
        self.threshold = float(str(model["threshold"]))
        self._slope = float(str(model["slope"]))
        self._shift = float(str(model["shift"]))
        self._weights = array("b", base64.b64decode(str(model["weights"]), validate=True))
        if len(self._weights) != BUCKETS:
            raise ValueError(len(self._weights))

    @classmethod
    def load(cls, path: Path = MODEL) -> Self:
        """Read the model that travels with the program; IntegrityError if the file is not as it was written."""
        try:
            model = json.loads(path.read_text(encoding="utf-8"))
            if model["id"] != digest(model):
                raise ValueError(model["id"])
            return cls(model)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise IntegrityError(
                f"The reviewer's model {path.name} is missing or damaged.",
                fix="Install collectaudit again, or leave the reviewer off.",
            ) from error

    def score(self, text: str) -> float:
        """Estimated share, 0 to 1 in steps of 0.0001, of violating texts among collectors' texts like this folded one.

        It holds for a mix of violating and lawful texts in equal parts. An empty text scores 0.
        """
        found = buckets(text)
        if not found:
            return 0.0
        total = sum(map(self._weights.__getitem__, found))  # whole numbers: the order of a set does not matter
        return round(1 / (1 + math.exp(-(self._slope * total / math.sqrt(len(found)) + self._shift))), 4)
