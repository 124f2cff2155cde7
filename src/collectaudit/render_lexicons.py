"""The words on a terminal: a category, a pattern, an exclusion, a class, and a text on which they were tried."""

from collections.abc import Mapping, Sequence
from typing import Any

from .render import Page
from .render_words import filled

Row = Mapping[str, Any]
_MEMBER = ("pattern", "lang", "conduct", "tier")
_LISTS = ("frames", "match", "no_match", "stops")


def words_page(page: Page, row: Row) -> None:
    """One of the rows of `commands/wordlists.py`."""
    for name, value in row.items():
        if name in _LISTS:
            _texts(page, name, value)
        elif name == "words":
            page.gap()
            page.data(page.words("summary.comma").join(value), indent=2)
        elif name == "members":
            page.gap()
            page.table(_MEMBER, [_member(page, one) for one in value], whole=_MEMBER[:1])
        elif name == "classes":
            _texts(page, name, [page.words("words.class_size", name=key, n=size) for key, size in value.items()])
        elif name == "exclude":
            _texts(page, name, [f"{one['title']} ({one['exclusion']})" for one in value])
        elif value is not None:
            page.pair(name, value, indent=2)


def _member(page: Page, row: Row) -> Sequence[object]:
    return row["id"], row["lang"], *(page.words.word(name, row[name]) for name in ("conduct", "tier"))


def _texts(page: Page, column: str, texts: Sequence[str]) -> None:
    if texts:
        page.gap()
        page.data(page.words.word("column", column), indent=2, style="bold")
    for text in texts:
        page.data(f"· {text}", indent=2)


def trial(page: Page, row: Row) -> None:
    """A text and what was found in it; pointed out is what counts."""
    hits = row["hits"]
    page.quote(row["text"], [(hit["start_char"], hit["end_char"]) for hit in hits if hit["counts_as"]])
    if not hits:
        page.say("try.nothing", indent=2)
    for hit in hits:
        page.data(_verdict(page, hit), indent=2, style="bold" if hit["counts_as"] else "")
        if hit["frame"]:
            page.data(filled(page, hit), indent=4)
        if hit["why_not"]:
            page.data(hit["why_not"], indent=4)
    page.gap()


def _verdict(page: Page, hit: Row) -> str:
    words = page.words
    tier = words.word("tier", hit["counts_as"]) if hit["counts_as"] else words("try.not_counted")
    place = words("try.place", start=hit["start_char"] + 1, end=hit["end_char"], how=words.word("path", hit["path"]))
    return " · ".join((tier, hit["title"], hit["pattern"], f"“{hit['matched']}”", place))
