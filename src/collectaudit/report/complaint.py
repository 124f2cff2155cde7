"""What only the person can say of a complaint: who complains of whom, and what is asked for.

It lies in `complaint.toml` in the case folder, to be written by hand or by `keep`: `key = "text"`, with the keys of
channels.toml that come from a person. What is not there stays open; nothing is ever made up.
"""

import json
import tomllib
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..drawers import COMPLAINT as NAME
from ..errors import WrongUse
from ..evidence import files
from .channels import fields

if TYPE_CHECKING:
    from ..case import Case

_LONGEST = 2000
RECEIPTS = "receipts"  # where it was handed in, when, under which number: no field of a form, kept beside them


def keys() -> list[str]:
    """What a person can give, in order."""
    return [*(key for key, field in fields().items() if field.source in ("person", "agent")), RECEIPTS]


def told(case: "Case", given: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is known of the complaint: `given` before complaint.toml. Raises WrongUse."""
    return {**_read(case), **checked(given or {}, "--field")}


def keep(case: "Case", given: Mapping[str, str]) -> None:
    """Write fields into complaint.toml beside those that are there; an empty text takes one out."""
    before = _read(case)
    kept = {**before, **checked(given, NAME)}
    if {key: text for key, text in kept.items() if text} == before:
        return
    lines = [f"{key} = {json.dumps(kept[key], ensure_ascii=False)}\n" for key in keys() if kept.get(key)]
    with case.session("complaint"), case.private_folder() as tmp:
        path = case.path / NAME
        files.write_atomic(path, "".join(lines).encode(), tmp)
        case.note("drawer.write", drawer=NAME, rows=len(lines), sha256=files.sha256_of(path))


def checked(given: Mapping[str, object], where: str) -> dict[str, str]:
    """The fields, each known, a text, and printable; raises WrongUse."""
    return {key: _text(key, text, where) for key, text in given.items()}


def _text(key: str, text: object, where: str) -> str:
    if key not in keys():
        near = get_close_matches(key, keys(), 1, 0.5)
        every = ", ".join(keys())
        fix = f"Did you mean {near[0]}? Known: {every}." if near else f"Known: {every}."
        raise WrongUse(f"{where}: {files.shown(key)} is not a field of a complaint", fix)
    if not isinstance(text, str):
        raise WrongUse(f"{where}: {key} is not text", f'Write it as {key} = "…".')
    plain = text.strip().replace("\r\n", "\n")
    if len(plain) > _LONGEST or any(unicodedata.category(char) in ("Cc", "Cs") for char in plain.replace("\n", "")):
        raise WrongUse(f"{where}: {key} is too long or holds characters that cannot be written")
    return plain


def _read(case: "Case") -> dict[str, str]:
    try:
        found = tomllib.loads(files.read(case.path / NAME).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (files.NotAFile, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WrongUse(f"{NAME} cannot be read: {problem}", 'Each line is: key = "text", in UTF-8.') from problem
    return {key: text for key, text in checked(found, NAME).items() if text}
