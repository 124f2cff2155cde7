"""The letter of complaint as PDF, as DOCX to be edited, and in short forms for pages that limit the length."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ..catalogue import Words
from . import docx
from .channels import Channel
from .dossier import Dossier
from .lettertext import Draft, letter, short
from .typeset import compiled

LENGTHS = (500, 1000, 2000)
_HEAD = 16


def draft(made: Dossier, told: Mapping[str, str], place: Channel) -> Draft:
    """What the letter is written from; `told`: what the person said of the complaint."""
    return Draft(made, told, place, Words(made.lang, "report"))


def pdf(made: Dossier, told: Mapping[str, str], place: Channel, on: date) -> bytes:
    """The letter for print."""
    about = draft(made, told, place)
    return compiled(letter(about), _frame(about), on)


def word(made: Dossier, told: Mapping[str, str], place: Channel, on: date) -> bytes:
    """The letter to be edited; the same bytes for the same letter."""
    about = draft(made, told, place)
    return docx.made(letter(about), _frame(about), on)


def short_form(made: Dossier, told: Mapping[str, str], place: Channel, limit: int | None = None) -> str:
    """The letter in at most `limit` characters, or as many as the place's entry in channels.toml says."""
    return short(draft(made, told, place), limit or place.short)


def write(made: Dossier, to: Path, told: Mapping[str, str], place: Channel, on: date) -> list[Path]:
    """Write `to`.pdf, `to`.docx and the short forms (each length up to the place's) as `to`_500.txt …; the files."""
    files = {to.with_name(f"{to.name}.pdf"): pdf(made, told, place, on)}
    files[to.with_name(f"{to.name}.docx")] = word(made, told, place, on)
    for limit in sorted({*(n for n in LENGTHS if n <= place.short), place.short}):
        text = short_form(made, told, place, limit).replace("\n", "\r\n") + "\r\n"
        files[to.with_name(f"{to.name}_{limit}.txt")] = text.encode("utf-8-sig")
    for path, data in files.items():
        path.write_bytes(data)
    return list(files)


def _frame(about: Draft) -> dict[str, str]:
    made, words = about.made.about, about.words
    footer = words("letter.footer", number=made["number"], head=made["log_head"][:_HEAD])
    title = about.place.text("title", about.lang)
    return {"lang": about.lang, "title": title, "running": title, "footer": footer, "page": words("book.page")}
