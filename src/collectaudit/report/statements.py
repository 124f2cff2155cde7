"""Sheets to be filled in and signed: the person's own words, one for each third party who was reached, and in the US a
declaration on how the records were kept and copied. The program signs nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .. import __version__, dates
from ..catalogue import Words
from .blocks import lasted, note, pairs, para, run, table
from .channels import fields
from .dossier import Dossier
from .typeset import Block, compiled

Row = Mapping[str, Any]
_MOST = 15  # contacts on one sheet
_DECLARED = ("self", "taken", "copied", "computed", "transcribed", "perjury")
_BOXES = ("happened", "not_liable", "consent", "refused", "told", "asked")


def sheets(made: Dossier, told: Mapping[str, str], on: date) -> Iterator[tuple[str, bytes]]:
    """(title, PDF) of each: the person's own first, then one a third party in the order of the dossier."""
    words = Words(made.lang, "report")
    pages = [("own_title", _own(made, told, words))]
    pages += [("statement_title", _of(made, row, words)) for row in made.third_parties]
    if made.about["jurisdiction"] == "us":
        pages.append(("declaration_title", _declaration(made, words)))
    for key, page in pages:
        title = words(f"letter.{key}")
        yield title, compiled(list(page), _frame(made, words, title), on)


def write(made: Dossier, folder: Path, told: Mapping[str, str], on: date) -> list[Path]:
    """Write them into `folder`; no name or number of a person is in a file's name."""
    paths, several = [], Counter[str]()
    third = Words(made.lang, "report")("letter.statement_title")
    for title, data in sheets(made, told, on):
        several[title] += 1
        name = f"{title}_{several[title]}" if title == third else title
        paths.append(folder / f"{name.replace(' ', '_')}.pdf")
        paths[-1].write_bytes(data)
    return paths


def _frame(made: Dossier, words: Words, title: str) -> dict[str, str]:
    footer = words("letter.footer", number=made.about["number"], head=made.about["log_head"][:16])
    return {"lang": made.lang, "title": title, "running": "", "footer": footer, "page": words("book.page")}


def _of(made: Dossier, row: Row, words: Words) -> Iterator[Block]:
    """What the records show of a third party, questions to tick, room to write, and where to sign."""
    yield {"k": "title", "text": words("letter.statement_title")}
    yield note(words("letter.statement_note"))
    relation = row["relation"] or words.word("role", row["role"])
    yield pairs(
        [
            (words("letter.statement_person"), row["name"] or [run(fields()["complainant_name"].blank(made.lang))]),
            (words("letter.statement_relation"), relation),
            (words("letter.statement_phone"), words.number(row["number"]) or "—"),
        ]
    )
    yield para(words("letter.statement_records"))
    yield _contacts(made, row, words)
    yield para(words("letter.statement_choose"))
    for box in _BOXES:
        yield para(words(f"letter.statement_{box}"))
    yield para(words("letter.statement_words"))
    yield {"k": "lines", "n": 4}
    yield para(words("letter.statement_sign"))
    yield _sign(words)


def _contacts(made: Dossier, row: Row, words: Words) -> Block:
    head = [words(f"letter.calls_{name}") for name in ("time", "kind", "length", "exhibit")]
    mine = [one for one in made.exhibits if one["to_number"] == row["number"] and one["from_role"] == "collector"]
    return table([2, 1, 1, 1], head, [
        [dates.moment(words, one["at_local"], one["precision"]), words.word("channel", one["channel"]),
         lasted(one, words), str(one["number"])] for one in mine[:_MOST]
    ])  # fmt: skip


def _own(made: Dossier, told: Mapping[str, str], words: Words) -> Iterator[Block]:
    yield {"k": "title", "text": words("letter.own_title")}
    yield note(words("letter.own_note"))
    keys = ("complainant_name", "complainant_phone", "respondent", "account")
    yield pairs([(fields()[key].name(made.lang), told.get(key) or fields()[key].blank(made.lang)) for key in keys])
    yield para(words("letter.own_words"))
    yield {"k": "lines", "n": 11}
    yield para(words("letter.statement_sign"))
    yield _sign(words)


def _declaration(made: Dossier, words: Words) -> Iterator[Block]:
    """A draft after 28 U.S.C. § 1746 for Fed. R. Evid. 902(13), (14): what the program knows, and blanks."""
    yield {"k": "title", "text": words("letter.declaration_title")}
    yield note(words("letter.declaration_note"))
    about = {key: str(made.about[key]) for key in ("number", "run", "log_head")}
    for n, key in enumerate(_DECLARED, 1):
        yield para(f"{n}. " + words(f"letter.declaration_{key}", version=__version__, **about))
    yield _sign(words)


def _sign(words: Words) -> Block:
    return {"k": "sign", "rows": [words("letter.sign_name"), words("letter.statement_id"), words("letter.sign_date")]}
