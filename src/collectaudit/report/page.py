"""The dossier as pages for a browser: they need nothing from elsewhere; a line that was spoken plays when clicked."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import dates
from ..catalogue import Words
from ..errors import MissingPart
from ..quoting import pieces
from ..safe_text import term_safe
from .blocks import names_of, who
from .dossier import STATES, Dossier

if TYPE_CHECKING:
    from jinja2 import Environment

Row = Mapping[str, Any]
A_PAGE = 300  # exhibits on one page: more make a browser slow
_DATA = Path(__file__).parent / "data"
FIRST = "index.html"


@dataclass(frozen=True, slots=True)
class Sound:
    """What a page plays for an exhibit: its address, and the second of the recording with which it begins."""

    address: str
    begins_s: float


def pages(made: Dossier, sounds: Mapping[int, Sound], first: str = FIRST) -> dict[str, str]:
    """Name → page; those after the first hold more exhibits. `sounds`: by number of the exhibit.

    Every text is written by one environment that escapes it and writes out what hides or turns text round.
    """
    words = Words(made.lang, "report")
    parts = [made.exhibits[start : start + A_PAGE] for start in range(0, len(made.exhibits), A_PAGE)] or [[]]
    names = [first, *(f"{Path(first).stem}-{n}.html" for n in range(2, len(parts) + 1))]
    where = {row["number"]: names[n] for n, part in enumerate(parts) for row in part}
    environment = _environment(words, names_of(made.parties))
    about = {"made": made, "names": names, "where": where, "sounds": sounds, "states": STATES, "policy": _policy()}
    template = environment.get_template("page.html.j2")
    return {
        name: template.render(about, name=name, exhibits=part, first=name == first)
        for name, part in zip(names, parts, strict=True)
    }


def sound_inside(path: Path) -> str:
    """A sound as an address that holds it, for a page that is one file."""
    return "data:audio/wav;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _environment(words: Words, names: Mapping[str, str]) -> "Environment":
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise MissingPart(
            "writing pages needs Jinja2, which is not installed", "Install it with: pip install 'collectaudit[report]'"
        ) from error
    found = Environment(
        loader=FileSystemLoader(_DATA), autoescape=True, undefined=StrictUndefined, finalize=_visible,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.globals.update(say=words, lang={"zh": "zh-CN"}.get(words.lang, words.lang), style=_read("page.css"),
                         script=_read("page.js"))  # fmt: skip
    found.filters.update(_filters(words, names))
    return found


def _filters(words: Words, names: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    return {
        "day": lambda at: dates.day(words, at),
        "moment": lambda at, precision="second": dates.moment(words, at, precision),
        "zone": lambda name: dates.zone(words, name),
        "length_of": lambda seconds: dates.length(words, seconds),
        "word": lambda code, family: words.word(family, code),
        "speaker": lambda end: who(end["number"], end["role"], names, words),
        "who": lambda row, end: who(row[f"{end}_number"], row[f"{end}_role"], names, words),
        "heard": lambda turn: heard(words, turn),
        "pieces": lambda turn: pieces(turn["text"], [(span["start_char"], span["end_char"]) for span in turn["spans"]]),
    }


def heard(words: Words, turn: Row) -> str:
    """Of what was spoken: what wrote it down, whether somebody has listened; nothing of what was written."""
    if turn["listened"] is None:
        return ""
    if turn["listened"]:
        return words("report.listened", by=turn["heard_by"] or words("words.somebody"))
    doubt = words("report.doubtful") if turn["doubtful"] else ""
    return words("report.machine", engine=turn["engine"] or words("report.elsewhere")) + doubt


def _visible(value: Any) -> Any:
    """What hides or turns text round, written out; lines stay lines."""
    if type(value) is not str:
        return value
    return "\n".join(term_safe(line) for line in value.split("\n"))


def _read(name: str) -> Any:
    from markupsafe import Markup

    return Markup((_DATA / name).read_text(encoding="utf-8"))  # noqa: S704 — our own files


def _policy() -> str:
    """Nothing may be loaded but what stands in the page or lies beside it; the one script is known by its hash."""
    digest = base64.b64encode(hashlib.sha256((_DATA / "page.js").read_bytes()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; media-src 'self' data: file:"
