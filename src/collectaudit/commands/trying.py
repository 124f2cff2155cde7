"""What `lexicons try` does: look for the words in texts, as those of a given speaker, and say what takes hits away."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from collectaudit import render_lexicons
from collectaudit.commands.shell import Shell
from collectaudit.evaluation.trial import Said, judge
from collectaudit.render import Page, as_json
from collectaudit.text import Folded, fold
from collectaudit.wording import filled_in
from collectaudit.words.filling import Fillings
from collectaudit.words.lexicon import COLLECTOR, THIRD_PARTY, Lexicon, load_lexicon
from collectaudit.words.matcher import Hit, Matcher

Row = dict[str, Any]
_MESSAGE = "sms"
_UNKNOWN = "unknown"
_THIRD_PARTIES = ("family", "colleague", "reference", "other")


def tried(shell: Shell, texts: Sequence[str], speaker: str, to: str | None, format_: str) -> None:
    """Print what is found in each text, read as one message; without texts in each line of standard input."""
    texts = [text.encode("utf-8", "replace").decode("utf-8") for text in texts or _lines() if text.strip()]
    from_role = None if speaker == _UNKNOWN else speaker
    heard = judge([Said((text,), from_role, to, _MESSAGE) for text in texts])
    trial = _Trial(load_lexicon(), shell, from_role, to)
    rows = []
    for text, found in zip(texts, heard, strict=True):
        worth = {(span.pattern, span.start, span.end): found.categories[span.category] for span in found.spans}
        hits = list(trial.hits(text, worth))
        rows.append({"text": text, "speaker": from_role, "to": to, "tier": found.tier, "hits": hits})
    if format_ == "json":
        click.echo(as_json(rows))
        return
    for row in rows:
        render_lexicons.trial(Page(shell.words), row)


def _lines() -> list[str]:
    return sys.stdin.buffer.read().decode("utf-8", "replace").splitlines()


class _Trial:
    """The lexicons, a speaker and a person spoken to."""

    def __init__(self, lexicon: Lexicon, shell: Shell, speaker: str | None, to: str | None) -> None:
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon)
        self._fillings = Fillings(lexicon, (pattern.id for pattern in lexicon.patterns))
        self._words = shell.words
        self._speaker = speaker
        self._to = to

    def hits(self, text: str, worth: Mapping[tuple[str, int, int], str]) -> Iterator[Row]:
        """Every place where a pattern stands, with what it counts as (`worth`), or why it does not."""
        folded = fold(text, message=True)
        sight = self._matcher.look(folded.text, message=True)
        for hit in self._matcher.hits(sight):
            row = self._row(folded, hit)
            tier = worth.get((row["pattern"], row["start_char"], row["end_char"]))
            yield {**row, "counts_as": tier, "excluded_by": None, "why_not": None if tier else self._why_not(hit)}
        seen = set()
        for hit, exclusion in self._matcher.all_hits(sight):
            place = (hit.pattern.id, exclusion, hit.start, hit.end)
            if exclusion and place not in seen:
                seen.add(place)
                title = self._lexicon.exclusions[exclusion].title[self._words.lang]
                why = self._words("try.excluded", title=title, exclusion=exclusion)
                yield {**self._row(folded, hit), "counts_as": None, "excluded_by": exclusion, "why_not": why}

    def _row(self, folded: Folded, hit: Hit) -> Row:
        start, end = folded.span(hit.start, hit.end)
        pattern, passage = hit.pattern, folded.raw[start:end]
        return {
            "pattern": pattern.id, "category": pattern.category,
            "title": self._lexicon.titles[pattern.category][self._words.lang], "tier": pattern.tier,
            "start_char": start, "end_char": end, "matched": passage, "path": folded.path(hit.start, hit.end),
            **filled_in(self._fillings.of(pattern.id, passage, message=True)),
        }  # fmt: skip

    def _why_not(self, hit: Hit) -> str:
        """Why a hit that nothing takes away is neither a finding nor to be looked at."""
        if hit.pattern.category.startswith("safety."):
            return self._words("try.safety" if self._speaker != COLLECTOR else "try.not_others")
        if self._speaker not in (COLLECTOR, None):
            return self._words("try.not_collector")
        if hit.pattern.category.startswith("states."):
            return self._words("try.statement")
        if hit.pattern.to == THIRD_PARTY and self._to not in _THIRD_PARTIES:
            return self._words("try.recipient")
        return self._words("try.no_debt")
