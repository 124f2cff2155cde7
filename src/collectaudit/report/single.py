"""The report as one file: a page for a browser, a PDF, a workbook, or Markdown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingPart, WrongUse
from ..evidence import files, handout
from ..masking import masked
from . import book
from .clips import write_clips
from .dossier import Dossier, dossier
from .markdown import markdown
from .page import Sound, pages, sound_inside
from .tables import write_tables

if TYPE_CHECKING:
    from ..case import Case


def write_report(
    case: "Case", to: Path, lang: str, *, on: date, account: str | None = None, only_confirmed: bool = False,
    unmask: bool = False,
) -> None:  # fmt: skip
    """Write the report as .html .pdf .xlsx or .md; subscribers' numbers masked unless `unmask`.

    A long report's .html has further pages beside it. Raises WrongUse for another ending or a name that is taken,
    MissingPart without the extra `report`.
    """
    write = REPORTS.get(to.suffix.lower())
    if write is None:
        raise WrongUse(f"cannot write {files.shown(to.name)}", f"Use one of these endings: {' '.join(REPORTS)}")
    handout.check_free(case.path, to)
    made = dossier(case, lang, account=account, only_confirmed=only_confirmed)
    mask = _as_it_is if unmask else _masked
    with handout.beside(to, "report") as work:
        written = write(case, _through(made, mask), work / to.name, on, mask)
        for path in written:
            files.move(path, to.parent / path.name)
    case.note("report", kind=to.suffix.lower(), sha256=files.sha256_of(to))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list | tuple) else value


def _as_it_is(value: Any) -> Any:
    return value


def _through(made: Dossier, mask: Callable[[Any], Any]) -> Dossier:
    kept = ("lang", "about", "method")
    return replace(made, **{name: mask(getattr(made, name)) for name in Dossier.__slots__ if name not in kept})


def _html(case: "Case", made: Dossier, to: Path, _on: date, _mask: Callable[[Any], Any]) -> list[Path]:
    """The first page under its own name; sounds stand inside the pages."""
    try:
        clips = write_clips(case, made, to.parent)[0]
    except MissingPart:  # without what decodes sound the words stand there alone
        clips = []
    found = pages(made, {one.exhibit: Sound(sound_inside(one.path), one.start_s) for one in clips}, first=to.name)
    for name, text in found.items():
        (to.parent / name).write_text(text, encoding="utf-8", newline="\n")
    return [to.parent / name for name in found]


def _pdf(_case: "Case", made: Dossier, to: Path, on: date, _mask: Callable[[Any], Any]) -> list[Path]:
    return book.write(made, to, {}, on)


def _xlsx(case: "Case", made: Dossier, to: Path, _on: date, mask: Callable[[Any], Any]) -> list[Path]:
    write_tables(case, made, to, mask)
    return [to]


def _md(_case: "Case", made: Dossier, to: Path, _on: date, _mask: Callable[[Any], Any]) -> list[Path]:
    to.write_text(markdown(made), encoding="utf-8", newline="\n")
    return [to]


REPORTS: Mapping[str, Callable[..., list[Path]]] = {".html": _html, ".pdf": _pdf, ".xlsx": _xlsx, ".md": _md}
