"""SHOW: where somebody speaks of ending their life. That is no finding; it is said before all findings, with help."""

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from .catalogue import Words
from .resources import folder
from .wording import turns_of, utterance

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
_AT_MOST = 50  # utterances in one notice


def safety(case: "Case") -> list[Row]:
    """What was said of ending one's life by somebody who is not known to collect; the latest first."""
    spans = case.query(_SPANS, [_AT_MOST])
    turns = turns_of(case, spans, beside=0) if spans else []
    return [utterance(turn, spans) for turn in reversed(turns)]


def notices(case: "Case", *, lang: str) -> list[Row]:
    """What has to be said before everything else; nothing in most cases."""
    found = safety(case)
    if not found:
        return []
    words = Words(lang)
    return [
        {
            "kind": "safety",
            "title": words("safety.title"),
            "text": words("safety.text"),
            "help": help_lines(str(case.options.get("jurisdiction")), lang),
            "utterances": found,
        }
    ]


def help_lines(jurisdiction: str, lang: str) -> list[Row]:
    """Whom to call: where the case belongs, or everywhere if that is not known."""
    near = [place for place in places() if place["jurisdiction"] == jurisdiction] or places()
    return [
        {
            "place": place["place"][lang],
            "lines": [{"number": line["number"], "what": line["what"][lang]} for line in place["line"]],
        }
        for place in near
    ]


@cache
def places() -> list[Row]:
    """Where there is help, from lexicons/help.toml."""
    with (folder("lexicons") / "help.toml").open("rb") as file:
        found: list[Row] = tomllib.load(file)["help"]
        return found


_SPANS = """
SELECT s.* FROM signals s JOIN spoken u USING (utterance_id)
WHERE s.category LIKE 'safety.%' AND u.speaker_role IS DISTINCT FROM 'collector'
ORDER BY u.at_local DESC, u.utterance_id, s.start_char, s.end_char, s.pattern
LIMIT ?
"""
