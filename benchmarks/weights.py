"""Writes the weights of a Whisper model for CTranslate2 in the two forms that the other programs take.

    python benchmarks/weights.py FOLDER base.pt          for openai-whisper
    python benchmarks/weights.py FOLDER ggml-base.bin    for whisper.cpp

All three then hear with the same numbers. CTranslate2 keeps query, key and value in one tensor, with a bias of the key
that is zero; everything else has another name only.
"""

import argparse
import json
import struct
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

Tensors = dict[str, Any]
_TYPES = {0: np.float32, 4: np.float16, 3: np.int32, 1: np.int8, 2: np.int16}
_MAGIC = 0x67676D6C
_FULL = {"encoder.conv1.bias", "encoder.conv2.bias", "encoder.positional_embedding", "decoder.positional_embedding"}
_NORMS = {"self_attention": "attn_ln", "attention": "cross_attn_ln", "ffn": "mlp_ln"}


def _text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<H", file.read(2))
    return file.read(length).rstrip(b"\0").decode()


def read_ct2(path: Path) -> Tensors:
    """Every tensor of a CTranslate2 file by its name."""
    with path.open("rb") as file:
        file.read(4)  # version of the format
        _text(file)  # kind of model
        _, count = struct.unpack("<II", file.read(8))
        found = {}
        for _ in range(count):
            name = _text(file)
            (rank,) = struct.unpack("<B", file.read(1))
            shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
            kind, size = struct.unpack("<BI", file.read(5))
            found[name] = np.frombuffer(file.read(size), _TYPES[kind]).reshape(shape)
    return found


def as_openai(tensors: Tensors) -> Tensors:
    """The same tensors under OpenAI's names."""
    made: Tensors = {}
    for side in ("encoder", "decoder"):
        made[f"{side}.positional_embedding"] = tensors[f"{side}/position_encodings/encodings"]
        norm = "encoder.ln_post" if side == "encoder" else "decoder.ln"
        made |= _norm(tensors, f"{side}/layer_norm", norm)
        for layer in range(_layers(tensors, side)):
            made |= _block(tensors, f"{side}/layer_{layer}", f"{side}.blocks.{layer}")
    for conv in ("conv1", "conv2"):
        made |= {f"encoder.{conv}.{part}": tensors[f"encoder/{conv}/{part}"] for part in ("weight", "bias")}
    made["decoder.token_embedding.weight"] = tensors["decoder/embeddings/weight"]
    return made


def _layers(tensors: Tensors, side: str) -> int:
    return sum(f"{side}/layer_{n}/ffn/linear_0/bias" in tensors for n in range(100))


def _norm(tensors: Tensors, old: str, new: str) -> Tensors:
    return {f"{new}.weight": tensors[f"{old}/gamma"], f"{new}.bias": tensors[f"{old}/beta"]}


def _block(tensors: Tensors, old: str, new: str) -> Tensors:
    made: Tensors = {}
    for part, norm in _NORMS.items():
        if f"{old}/{part}/layer_norm/gamma" in tensors:
            made |= _norm(tensors, f"{old}/{part}/layer_norm", f"{new}.{norm}")
    made |= _attention(tensors, f"{old}/self_attention", f"{new}.attn", [["query", "key", "value"], ["out"]])
    if f"{old}/attention/linear_0/weight" in tensors:
        parts = [["query"], ["key", "value"], ["out"]]
        made |= _attention(tensors, f"{old}/attention", f"{new}.cross_attn", parts)
    for n in (0, 1):
        for part in ("weight", "bias"):
            made[f"{new}.mlp.{2 * n}.{part}"] = tensors[f"{old}/ffn/linear_{n}/{part}"]
    return made


def _attention(tensors: Tensors, old: str, new: str, layers: list[list[str]]) -> Tensors:
    made: Tensors = {}
    for n, names in enumerate(layers):
        for part in ("weight", "bias"):
            whole = tensors[f"{old}/linear_{n}/{part}"]
            for name, piece in zip(names, np.split(whole, len(names)), strict=True):
                if (name, part) != ("key", "bias"):
                    made[f"{new}.{name}.{part}"] = piece
                elif piece.any():
                    raise SystemExit(f"{old}: the bias of the key is not zero")
    return made


def dimensions(made: Tensors) -> dict[str, int]:
    """What OpenAI's file calls the dimensions; every head has 64 of them."""
    vocabulary, state = made["decoder.token_embedding.weight"].shape
    layers = {
        side: len({n.split(".")[2] for n in made if n.startswith(f"{side}.blocks.")}) for side in ("encoder", "decoder")
    }
    return {
        "n_mels": made["encoder.conv1.weight"].shape[1], "n_vocab": vocabulary,
        "n_audio_ctx": len(made["encoder.positional_embedding"]), "n_audio_state": state, "n_audio_head": state // 64,
        "n_audio_layer": layers["encoder"], "n_text_ctx": len(made["decoder.positional_embedding"]),
        "n_text_state": state, "n_text_head": state // 64, "n_text_layer": layers["decoder"],
    }  # fmt: skip


def write_pt(made: Tensors, path: Path) -> None:
    """For openai-whisper."""
    import torch

    state = {name: torch.from_numpy(tensor.copy()) for name, tensor in made.items()}
    torch.save({"dims": dimensions(made), "model_state_dict": state}, path)


def write_ggml(made: Tensors, folder: Path, path: Path) -> None:
    """For whisper.cpp: dimensions, filters, vocabulary, tensors."""
    from faster_whisper.feature_extractor import FeatureExtractor

    about = dimensions(made)
    order = ("vocab", "audio_ctx", "audio_state", "audio_head", "audio_layer", "text_ctx", "text_state", "text_head")
    sizes = [about[f"n_{name}"] for name in (*order, "text_layer", "mels")]
    filters = FeatureExtractor(feature_size=about["n_mels"]).mel_filters.astype(np.float32)
    with path.open("wb") as file:
        file.write(struct.pack("<12i", _MAGIC, *sizes, 1))
        file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        words = vocabulary(folder)
        file.write(struct.pack("<i", len(words)))
        for word in words:
            file.write(struct.pack("<i", len(word)) + word)
        for name, tensor in made.items():
            _put(file, name, tensor)


def _put(file: BinaryIO, name: str, tensor: Any) -> None:
    data = tensor.reshape(-1, 1) if name in _FULL and name.endswith("bias") else tensor
    whole = data.ndim < 2 or name in _FULL
    file.write(struct.pack("<3i", data.ndim, len(name), 0 if whole else 1))
    file.write(struct.pack(f"<{data.ndim}i", *reversed(data.shape)) + name.encode())
    file.write(data.astype(np.float32 if whole else np.float16).tobytes())


def vocabulary(folder: Path) -> list[bytes]:
    """The bytes of every token that is text; the file writes each byte as one character that can be seen."""
    known = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    words = sorted(set(known) - {"<|endoftext|>"}, key=lambda word: int(known[word]))
    return [bytes(_bytes()[letter] for letter in word) for word in words]


@cache
def _bytes() -> dict[str, int]:
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + n): byte for n, byte in enumerate(unseen)}


def main() -> None:
    """Write what the ending of OUT asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    made = as_openai(read_ct2(args.folder / "model.bin"))
    if args.out.suffix == ".pt":
        write_pt(made, args.out)
    else:
        write_ggml(made, args.folder, args.out)


if __name__ == "__main__":
    main()
