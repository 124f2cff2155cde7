"""The text of the letter: who complains of whom, what is asked for, what was found, what is enclosed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import dates
from ..catalogue import Words
from .blocks import heading, items, lasted, numbered, pairs, para, run, table
from .channels import Channel, agent_keys, fields
from .conducts import TOLD, Conduct, conducts
from .dossier import Dossier
from .typeset import Block, Run

Row = Mapping[str, Any]
_MOST_NUMBERS, _MOST_CALLS = 12, 40


@dataclass(frozen=True, slots=True)
class Draft:
    """What a letter is written from."""

    made: Dossier
    told: Mapping[str, str]
    place: Channel
    words: Words

    @property
    def lang(self) -> str:
        """The language of the letter."""
        return self.made.lang

    @property
    def agent(self) -> bool:
        """Whether somebody acts for the person."""
        return any(self.told.get(key) for key in agent_keys())

    def given(self, key: str) -> list[Run]:
        """What the person said, or a named blank; never anything made up."""
        text = self.told.get(key, "")
        return [run(text)] if text else [run(fields()[key].blank(self.lang), weak=True)]

    def asks(self, key: str) -> bool:
        """Whether the place asks for it."""
        return any(field.key == key for field in self.place.asks)

    def to(self) -> str:
        """Whom the letter is addressed to."""
        named = self.told.get("respondent") or fields()["respondent"].blank(self.lang)
        return self.place.text("to", self.lang).replace("{respondent}", named)


def letter(draft: Draft) -> list[Block]:
    """The long form, in blocks."""
    parts = [("who", _who), ("request", _request), ("facts", _facts), ("calls", _calls), ("papers", _papers),
             ("remarks", _remarks)]  # fmt: skip
    wanted = [(name, made) for name, part in parts if (made := list(part(draft)))]
    blocks: list[Block] = [{"k": "title", "text": draft.place.text("title", draft.lang)}]
    blocks.append(para(draft.words("letter.to", to=draft.to())))
    for n, (name, made) in enumerate(wanted, 1):
        blocks += [heading(numbered(draft.words(f"letter.part_{name}"), n, draft.lang), 1), *made]
    return [*blocks, *_closing(draft)]


def _who(draft: Draft) -> Iterator[Block]:
    asked = [field for field in draft.place.asks if field.source == "person" and field.key != "request"]
    acting = [fields()[key] for key in agent_keys()] if draft.agent else []
    yield pairs([(field.name(draft.lang), draft.given(field.key)) for field in (*asked, *acting)])


def _request(draft: Draft) -> Iterator[Block]:
    if draft.asks("request"):
        for line in draft.told.get("request", "").split("\n") if draft.told.get("request") else ():
            yield para(line, indent=draft.lang == "zh")
        if not draft.told.get("request"):
            yield para(*draft.given("request"), indent=draft.lang == "zh")


def _facts(draft: Draft) -> Iterator[Block]:
    """What happened: what is confirmed first; where nothing is, everything is said to be suspected."""
    words, indent = draft.words, draft.lang == "zh"
    yield para(_opening(draft), indent=indent)
    counts = {state: str(draft.made.counts[state]) for state in (*TOLD, "review")}
    own = draft.made.counts["practice"]
    left_out = words("letter.practice", n=own) if own else ""
    yield para(
        words("letter.about_counts", **counts), *([" "] if left_out and not indent else []), left_out, indent=indent
    )
    found = {state: conducts(draft.made, state, words) for state in TOLD}
    if not any(found.values()):
        yield para(words("letter.nothing"), indent=indent)
    elif not found["confirmed"]:
        yield para(words("letter.only_suspected"), indent=indent)
        yield from _by_authority(draft, found["suspected"])
    else:
        for state in TOLD:
            if found[state]:
                yield heading(words(f"letter.{state}_head"), 2)
                yield para(words(f"letter.{state}_text"), indent=indent)
                yield from _by_authority(draft, found[state])


def _opening(draft: Draft) -> str:
    made, words = draft.made, draft.words
    first, last = (dates.day(words, made.about[f"{name}_day"]) for name in ("first", "last"))
    said = words("letter.opening", first=first, last=last, n=made.counts["collector_contacts"])
    if not made.third_parties:
        return said
    who = words("letter.comma").join(
        dict.fromkeys(row["relation"] or words.word("role", row["role"]) for row in made.third_parties)
    )
    space = "" if draft.lang == "zh" else " "
    return said + space + words("letter.opening_third", n=len(made.third_parties), who=who)


def _by_authority(draft: Draft, found: list[Conduct]) -> Iterator[Block]:
    """Strongest texts first; items are numbered through."""
    start = 1
    for authority in dict.fromkeys(conduct.authority for conduct in found):
        mine = [conduct for conduct in found if conduct.authority == authority]
        yield heading(draft.words(f"letter.by_{authority}"), 3 if _has_levels(draft) else 2)
        yield {"k": "numbered", "start": start, "rows": [_item(draft, conduct) for conduct in mine]}
        start += len(mine)


def _has_levels(draft: Draft) -> bool:
    """Whether confirmed and suspected have headings of their own above."""
    return any(row["state"] == "confirmed" for row in draft.made.findings)


def _item(draft: Draft, conduct: Conduct) -> list[Run]:
    words, shown = draft.words, conduct.exhibits[:_MOST_NUMBERS]
    key = "letter.item" if conduct.state == "confirmed" else "letter.item_suspected"
    see = "letter.see" if len(shown) == len(conduct.exhibits) else "letter.see_more"
    said = (
        words("letter.example", examples=words("letter.semicolon").join(conduct.examples)) if conduct.examples else ""
    )
    head = words(key, what=conduct.what, n=len(conduct.exhibits))
    return [
        run(head[:1].upper() + head[1:], strong=True),
        run(words(see, numbers=words("letter.comma").join(map(str, shown))) + said),
        run(words("letter.rests_on", laws=words("letter.semicolon").join(conduct.laws))),
    ]


def _calls(draft: Draft) -> Iterator[Block]:
    """For a place that asks for numbers and times: each contact that an exhibit shows."""
    if not draft.asks("call_times"):
        return
    words = draft.words
    rows = [row for row in draft.made.exhibits if row["from_role"] == "collector"]
    head = [words(f"letter.calls_{name}") for name in ("number", "kind", "time", "length", "exhibit")]
    yield table([2, 1, 2, 1, 0.8], head, [_call(row, words) for row in rows[:_MOST_CALLS]])
    if len(rows) > _MOST_CALLS:
        yield para(words("letter.calls_more", n=len(rows) - _MOST_CALLS))


def _call(row: Row, words: Words) -> list[str | list[Run]]:
    kind = words.word("channel", row["channel"])
    return [
        words.number(row["from_number"]) or "—",
        kind,
        dates.moment(words, row["at_local"], row["precision"]),
        lasted(row, words),
        str(row["number"]),
    ]


def _papers(draft: Draft) -> Iterator[Block]:
    yield para(draft.words("letter.papers"), indent=draft.lang == "zh")
    papers = draft.place.attach(agent=draft.agent)
    own = "letter.paper_own"
    named = [draft.words(own, paper=p.name(draft.lang)) if p.own else p.name(draft.lang) for p in papers]
    yield {"k": "numbered", "rows": [[run(name)] for name in named]}


def _remarks(draft: Draft) -> Iterator[Block]:
    spoken = ["machine"] if draft.made.method["engines"] else []
    told = [row for row in draft.made.findings if row["state"] in TOLD]
    reported = ["reported"] if any(row["law"]["confidence"] != "V" for row in told) else []
    yield items(
        [draft.words(f"letter.remark_{name}") for name in (*spoken, *reported, "contrary", "originals", "truth")]
    )


def _closing(draft: Draft) -> Iterator[Block]:
    words = draft.words
    yield para(words("letter.closing"), indent=draft.lang == "zh", keep=True)
    if draft.lang == "zh":
        yield para(draft.to(), keep=True)
    acting = [words("letter.sign_agent")] if draft.agent else []
    yield {"k": "sign", "rows": [words("letter.sign_name"), *acting, words("letter.sign_date")]}


def short(draft: Draft, limit: int) -> str:
    """The whole in at most `limit` characters, for a form on a page: request, facts, and where the rest is."""
    words, made = draft.words, draft.made
    first, last = (dates.day(words, made.about[f"{name}_day"]) for name in ("first", "last"))
    end = words("letter.short_end", number=made.about["number"])
    lines = [
        words("letter.short_respondent", text=_plain(draft.given("respondent"))),
        words("letter.short_request", text=_cut(_plain(draft.given("request")), limit // 3, words)),
        words("letter.short_opening", first=first, last=last, n=made.counts["collector_contacts"]),
    ]
    found = [conduct for state in TOLD for conduct in conducts(made, state, words)]
    left = len(found)
    for i, conduct in enumerate(found, 1):
        new = [_short_head(conduct, found, i, words), _short_item(conduct, i, words)]
        rest = words("letter.short_left", n=left - 1) if left > 1 else ""
        if len("\n".join([*lines, *filter(None, new), rest, end])) > limit:
            break
        lines, left = [*lines, *filter(None, new)], left - 1
    if left:
        lines.append(words("letter.short_left", n=left))
    return _cut("\n".join([*lines, end]), limit, words)


def _short_head(conduct: Conduct, found: list[Conduct], i: int, words: Words) -> str:
    """A new state begins with its name: they are never mixed."""
    return "" if i > 1 and found[i - 2].state == conduct.state else words(f"letter.short_{conduct.state}")


def _short_item(conduct: Conduct, i: int, words: Words) -> str:
    said = words("letter.short_item", i=str(i), what=conduct.what, n=len(conduct.exhibits))
    stop, between = ("。", "，") if words.lang == "zh" else (".", "; ")
    return said + (between + conduct.examples[0] if conduct.examples else "") + stop


def _plain(runs: list[Run]) -> str:
    return "".join(part["t"] for part in runs)


def _cut(text: str, limit: int, words: Words) -> str:
    mark = words("letter.short_cut")
    return text if len(text) <= limit else text[: max(0, limit - len(mark))] + mark
