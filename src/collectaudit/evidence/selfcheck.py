"""What lies in a pack so that a stranger can check it without this program: VERIFY.md and verify.html."""

import json
from pathlib import Path

from ..catalogue import LANGUAGES, texts

_DATA = Path(__file__).parent / "data"
_PLACE = "/*TEXTS*/"
_SECTION = "verify."


def write_checks(folder: Path, lang: str) -> None:
    """Write both into the folder of a pack, before it is made a bag; the pack's language comes first."""
    others = [other for other in LANGUAGES if other != lang]
    parts = [(_DATA / f"VERIFY.{one}.md").read_text(encoding="utf-8") for one in (lang, *others)]
    (folder / "VERIFY.md").write_text("\n---\n\n".join(parts), encoding="utf-8")
    (folder / "verify.html").write_text(page(), encoding="utf-8")


def page() -> str:
    """The page, with its texts in both languages; which of them is shown, the browser's language decides."""
    said = {lang: _texts(lang) for lang in LANGUAGES}
    data = json.dumps(said, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    return (_DATA / "verify.html").read_text(encoding="utf-8").replace(_PLACE, data)


def _texts(lang: str) -> dict[str, str]:
    found = texts(f"{lang}.report")
    return {key.removeprefix(_SECTION): text for key, text in found.items() if key.startswith(_SECTION)}
