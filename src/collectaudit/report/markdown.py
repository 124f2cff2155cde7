"""The dossier as Markdown, for people who paste it elsewhere: every sign of the data stands for itself."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import dates
from ..catalogue import Words
from ..safe_text import term_safe
from .blocks import names_of, who
from .dossier import STATES, Dossier
from .page import heard

Row = Mapping[str, Any]
_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$&@:])")


def markdown(made: Dossier) -> str:
    """The whole report as one text."""
    return "\n".join(_Text(made).lines()) + "\n"


def plain(text: object) -> str:
    """A text on one line, of which nothing is read as Markdown or HTML."""
    return _SIGNS.sub(r"\\\1", " ".join(term_safe(line) for line in str(text).splitlines()))


class _Text:
    def __init__(self, made: Dossier) -> None:
        self.made = made
        self.words = Words(made.lang, "report")
        self.names = names_of(made.parties)

    def lines(self) -> Iterator[str]:
        """Title, counts, findings by authority, exhibits, gaps, method."""
        made, say = self.made, self.words
        days = say(
            "page.days", first=dates.day(say, made.about["first_day"]), last=dates.day(say, made.about["last_day"])
        )
        yield f"# {say('page.title')} {plain(made.about['number'])}"
        yield f"\n{plain(days)}\n\n{say('page.suspected')}\n"
        yield from self._counts()
        for group in made.groups:
            yield f"\n## {group['name']}\n"
            for row in group["provisions"]:
                yield from self._provision(row)
        yield f"\n## {say('page.exhibits')}\n"
        for row in made.exhibits:
            yield from self._exhibit(row)
        yield f"\n## {say('page.gaps')}\n"
        for name, value in made.gaps.items():
            yield f"- {say(f'report.gap_{name}')}: {len(value) if isinstance(value, list) else value}"
        yield f"\n## {say('page.method')}\n\n{plain(say('page.how', version=made.method['version']))}\n"
        yield say("page.unseen")

    def _counts(self) -> Iterator[str]:
        titles = [self.words("page.authority"), *(self.words(f"tables.{state}") for state in STATES)]
        yield "| " + " | ".join(titles) + " |\n|---|---:|---:|---:|"
        for group in self.made.groups:
            yield "| " + " | ".join([group["name"], *(str(group["counts"][state]) for state in STATES)]) + " |"

    def _provision(self, row: Row) -> Iterator[str]:
        law = row["law"]
        yield f"\n### {plain(row['title'])}\n"
        yield plain(f"{law['instrument']} {law['article'] or ''}") + "\n"
        quote = law["quote"] or self.words("page.paraphrase", text=law["paraphrase"])
        yield f"> {plain(quote)}\n"
        wanted = set(row["finding_ids"])
        for found in self.made.findings:
            if found["finding_id"] in wanted:
                at, state = dates.moment(self.words, found["occurred_at"], found["precision"]), found["state"]
                numbers = ", ".join(str(n) for n in found["exhibits"])
                said = plain(f"{at} {found['message']} ({self.words(f'report.state_{state}')})")
                yield f"- {said} [{numbers}]"

    def _exhibit(self, row: Row) -> Iterator[str]:
        say = self.words
        at = dates.moment(say, row["at_local"], row["precision"])
        yield f"\n### {say('page.exhibit', n=row['number'])}\n"
        ends = [who(row[f"{end}_number"], row[f"{end}_role"], self.names, say) for end in ("from", "to")]
        yield plain(f"{at} · {say.word('channel', row['channel'])} · {' → '.join(ends)}") + "\n"
        for turn in row["turns"]:
            note = heard(say, turn)
            yield f"> {plain(turn['text'])}" + (f" ({plain(note)})" if note else "") + "\n"
        for record in row["records"]:
            yield f"- {plain(record['source'])} · {plain(record['locator'])} · `{record['sha256']}`"
