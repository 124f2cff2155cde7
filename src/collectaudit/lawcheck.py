"""Is a regime file fit to be law here? Every problem of every file, with its line."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from .lawtables import KINDS
from .problems import Problem
from .tomlcheck import (
    Document,
    Field,
    Key,
    check_table,
    day,
    in_both_languages,
    matching,
    one_of,
    read_document,
    words,
)  # fmt: skip

AUTHORITIES = ("law", "rule", "std", "self", "guide", "promise", "practice")
MODALITIES = ("prohibit", "require", "advise", "presume", "promise")

_BOTH = "write .en and .zh"
_URL = 'write the address as read (https://…), "urn:sha256:…" of a text without address, or a page docs/…'


def _list(value: object) -> str | None:
    return None if isinstance(value, list) and value else "is not a list of stanzas"


def _confidence(value: object) -> str | None:
    if value == "M":
        return '"M" (from memory) is not a source'
    return one_of(("V", "R", "R!"))(value)


def _names(value: object) -> str | None:
    return None if isinstance(value, list) and value and not any(map(words, value)) else "is not a list of texts"


REGIME = {
    "id": Field(matching(r"[a-z0-9-]+(\.[a-z0-9-]+)*"), 'write lower-case words, for example id = "cn.gbt45251"'),
    "jurisdiction": Field(one_of(("cn", "us", "any")), 'write "cn", "us" or "any"'),
    "title": Field(in_both_languages, _BOTH),
    "issuer": Field(words, "name who issued the instrument"),
    "authority": Field(one_of(AUTHORITIES), "say what kind of text it is"),
    "language": Field(one_of(("zh", "en")), "say in which language the instrument is written"),
    "reviewed": Field(day, "write the day on which the file was last checked, without quotes"),
    "caveat": Field(in_both_languages, _BOTH, required=False),
    "applies_to": Field(lambda value: None if isinstance(value, dict) else "is not a table", "write it as a table",
                        required=False),
    "provision": Field(_list, "write at least one [[provision]]"),
}  # fmt: skip
APPLIES_TO = {
    "fact": Field(one_of(("lender", "product", "lender_type")), "name the declared fact that decides"),
    "values": Field(_names, "list the values to which the regime applies"),
    "when_unknown": Field(one_of(("silent", "review")), 'write "silent" or "review"'),
}
PROVISION = {
    "key": Field(matching(r"[a-z0-9]+(-[a-z0-9]+)*"), 'write a short name, for example key = "hours"'),
    "kind": Field(one_of(tuple(KINDS)), "say what kind of provision it is"),
    "from": Field(day, "write the first day in force as a date without quotes: from = 2025-02-28"),
    "until": Field(day, "write the first day no longer in force as a date without quotes", required=False),
    "modality": Field(one_of(MODALITIES), "keep the verb of the text: 严禁/不得 prohibit, 应 require, 宜 advise"),
    "article": Field(words, 'name the article; if it was not seen, say so: article = "number not seen"'),
    "instrument": Field(in_both_languages, _BOTH, required=False),
    "text": Field(in_both_languages, _BOTH + ": what the provision says, in our own words"),
    "quote": Field(words, "leave quote out unless the wording itself was read", required=False),
    "url": Field(matching(r"https?://\S+|urn:sha256:[0-9a-f]{64}|docs/\S+"), _URL),
    "confidence": Field(_confidence, "find the text or a report of it, and mark it V (read) or R (reported)"),
    "status": Field(one_of(("in_force", "proposed")), 'write "proposed" for a draft, or leave it out', required=False),
    "tier": Field(one_of(("finding", "review")), 'write "review" where a log cannot settle it', required=False),
    "caveat": Field(in_both_languages, _BOTH, required=False),
}


def check_files(paths: Sequence[Path]) -> tuple[list[Document], list[Problem]]:
    """The files that could be read, and every problem of all of them, in reading order."""
    read = [read_document(path) for path in paths]
    documents = [item for item in read if isinstance(item, Document)]
    problems = [item for item in read if isinstance(item, Problem)]
    for document in documents:
        problems += _check_regime(document)
    return documents, sorted({*problems, *_same_ids(documents)})


def _check_regime(document: Document) -> Iterator[Problem]:
    yield from check_table(document, (), document.data, REGIME, "regime")
    if isinstance(scope := document.data.get("applies_to"), dict):
        yield from check_table(document, ("applies_to",), scope, APPLIES_TO, "applies_to")
    if isinstance(stanzas := document.data.get("provision"), list):
        for number, stanza in enumerate(stanzas):
            yield from _check_provision(document, number, stanza)
        yield from _overlaps(document, stanzas)


def _check_provision(document: Document, number: int, stanza: object) -> Iterator[Problem]:
    at: Key = ("provision", number)
    if not isinstance(stanza, dict):
        yield document.problem(at, f"provision {number + 1} is not a table", "write it as [[provision]]")
        return
    named = not PROVISION["key"].check(stanza.get("key"))
    name = f'provision "{stanza["key"]}"' if named else f"provision {number + 1}"
    kind = KINDS.get(str(stanza.get("kind")))
    problems = list(check_table(document, at, stanza, {**PROVISION, **(kind.fields if kind else {})}, name))
    if kind is None:  # without its kind, no key can be called unknown
        problems = [problem for problem in problems if "unknown key" not in problem.what]
    yield from problems or _check_together(document, at, stanza, name)


def _check_together(document: Document, at: Key, stanza: dict[str, Any], name: str) -> Iterator[Problem]:
    """What can be wrong between values that are each fit."""
    if "until" in stanza and stanza["until"] <= stanza["from"]:
        yield document.problem((*at, "until"), f"{name}: until is not later than from", PROVISION["until"].fix)
    if (document.data.get("authority") == "promise") != (stanza["modality"] == "promise"):
        what = f'{name}: modality "promise" and authority "promise" belong together'
        yield document.problem((*at, "modality"), what, "a promise is not a prohibition, and a law is not a promise")
    kind = KINDS[stanza["kind"]]
    if wrong := kind.together({key: stanza[key] for key in kind.fields if key in stanza}):
        yield document.problem(at, f"{name}: {wrong}", "correct the values of this stanza")


def _overlaps(document: Document, stanzas: Sequence[object]) -> Iterator[Problem]:
    """Two values of one key on one day; drafts and unconfirmed values do not count."""
    dated = [
        (stanza["key"], stanza["from"], number, stanza.get("until", date.max))
        for number, stanza in enumerate(stanzas)
        if isinstance(stanza, dict) and _is_dated(stanza)
        and stanza.get("status") != "proposed" and stanza.get("confidence") != "R!"
    ]  # fmt: skip
    for (key, _, _, until), (next_key, begins, number, _) in pairwise(sorted(dated)):
        if key == next_key and begins < until:
            yield document.problem(
                ("provision", number, "from"),
                f'provision "{key}": the values overlap from {begins} on',
                f"give the earlier one until = {begins}, or the other a new key",
            )


def _is_dated(stanza: dict[str, Any]) -> bool:
    return not any(
        PROVISION[name].check(stanza.get(name, default)) for name, default in
        (("key", None), ("from", None), ("until", date.max))
    )  # fmt: skip


def _same_ids(documents: Sequence[Document]) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for document in documents:
        name = document.data.get("id")
        if REGIME["id"].check(name):
            continue
        if name in seen:
            yield document.problem(("id",), f'regime "{name}" is also in {seen[name]}', "give it another id")
        seen.setdefault(name, document.path)
