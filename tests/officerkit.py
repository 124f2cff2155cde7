"""What tests of the officer's pages share: every number that is a link, with the rows that it leads to."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectaudit import contacts, listing
from collectaudit.case import Case
from collectaudit.filtering import PERIOD, Wanted

KEPT = ("case", "lang", "way")


def wanted(query: dict[str, list[str]]) -> Wanted:
    """The filter of an address."""
    facets = {name: values for name, values in query.items() if name not in (*PERIOD, *KEPT)}
    return Wanted(facets, **{name: query.get(name, [""])[0] for name in PERIOD})


def rows_behind(case: Case, page: str, query: dict[str, list[str]]) -> int:
    """How many rows the list shows at this address."""
    count = {"contacts": contacts.count, "findings": listing.count}[page]
    return count(case, wanted(query))


def links(test: Any) -> list[tuple[str, str, dict[str, list[str]]]]:
    """(what it says, page, filter) of every link to a list: on the page itself and in our own tables."""
    found = [(link.proto.label, link.proto.page, link.proto.query_string) for link in test.get("page_link")]
    for element in test.get("bidi_component"):
        if element.proto.component_name.endswith("rows"):
            cells = [cell for row in json.loads(element.proto.json)["rows"] for cell in row["cells"]]
            parts = [(cell["text"], urlsplit(cell["href"])) for cell in cells if cell.get("href")]
            found += [(text, part.path, part.query) for text, part in parts]
        if element.proto.component_name.endswith("tiles"):
            boxes = json.loads(element.proto.json)["tiles"]
            leads = [piece for box in boxes for piece in (box["number"], *box["beside"]) if piece["href"]]
            parts = [(piece["text"], urlsplit(piece["href"])) for piece in leads]
            found += [(text, part.path, part.query) for text, part in parts]
    named = [(said, page.strip("/").split("/")[-1].removesuffix(".py"), parse_qs(query)) for said, page, query in found]
    return [link for link in named if link[1] in ("contacts", "findings")]


def number(said: str) -> int:
    """The first number of a text."""
    digits = re.search(r"\d[\d,]*", said.replace("\\", ""))
    assert digits, said
    return int(digits[0].replace(",", ""))
