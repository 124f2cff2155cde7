"""In the evidence book: what stands before the findings and after the exhibits."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .. import dates
from .blocks import heading, items, names_of, note, pairs, para, period, refs, run, table, who
from .bookfindings import counted
from .channels import agent_keys, fields
from .dossier import STATES, tally
from .typeset import Block, Run

if TYPE_CHECKING:
    from .book import Book

Row = Mapping[str, Any]


def title(book: "Book") -> str:
    """What the book is called, with its volume if there are several."""
    words, number = book.words, book.made.about["number"]
    name = words("book.titled", number=number)
    return name if book.volumes == 1 else name + words("book.volume", n=str(book.volume), all=str(book.volumes))


def cover(book: "Book") -> Iterator[Block]:
    """The title, how much there is of each state, what the book was made from; then the contents."""
    words, about, counts = book.words, book.made.about, book.made.counts
    several = words("book.volume", n=str(book.volume), all=str(book.volumes)) if book.volumes > 1 else ""
    yield {"k": "cover", "title": words("book.title"), "subtitle": words("book.subtitle") + several}
    yield {"k": "counts", "rows": [
        {"state": state, "number": f"{counts[state]:,}", "name": words(f"book.state_{state}"),
         "note": words(f"book.short_{state}")} for state in STATES
    ]}  # fmt: skip
    yield {"k": "gap", "em": 2}
    yield pairs(
        [
            (words("book.number"), about["number"]),
            (fields()["complainant_name"].name(book.lang), _told(book, "complainant_name")),
            (fields()["respondent"].name(book.lang), _told(book, "respondent")),
            (words("book.covers"), words("book.first_to_last", first=dates.day(words, about["first_day"]),
                                         last=dates.day(words, about["last_day"]))),
            (words("book.zone"), about["time_zone"]),
            (words("book.run"), [run(about["run"] or "—", code=True)]),
            (words("book.log_head"), [run(about["log_head"], code=True)]),
            (words("book.made"), words("book.made_with", day=dates.day(words, book.on),
                                       version=book.made.method["version"])),
        ]
    )  # fmt: skip
    yield {"k": "gap", "em": 1}
    yield note(words("book.cover_note"))
    yield {"k": "break"}
    yield {"k": "contents", "title": words("book.contents"), "depth": 2}


def _told(book: "Book", key: str) -> list[Run]:
    """What the person said, or a named blank."""
    text = book.told.get(key, "")
    return [run(text)] if text else [run(fields()[key].blank(book.lang), weak=True)]


def parties(book: "Book") -> Iterator[Block]:
    """Who complains of whom, and whose numbers stand in the records."""
    words = book.words
    asked = ("complainant_name", "complainant_id", "complainant_phone", "complainant_address", "respondent", "account")
    acting = agent_keys() if any(book.told.get(key) for key in agent_keys()) else ()
    yield pairs([(fields()[key].name(book.lang), _told(book, key)) for key in (*asked, *acting)])
    yield heading(words("book.numbers"), 2)
    head = [words(f"book.column_{name}") for name in ("party", "role", "phone", "contacts", "basis")]
    yield table([2.6, 1, 2, 1, 1.4], head, [
        ["\n".join(part for part in (row["name"], row["organisation"] or row["relation"]) if part) or "—",
         words.word("role", row["role"]), words.number(row["number"]), f"{row['contacts']:,}",
         words.word("basis", row["basis"])]
        for row in book.made.parties
    ])  # fmt: skip
    if book.made.facts:
        yield heading(words("book.declared"), 2)
        yield para(run(words("book.declared_note"), weak=True))
        yield table([1.8, 2.2, 2.2, 3], [words(f"book.column_{name}") for name in ("fact", "value", "period", "note")],
                    [_fact(book, row) for row in book.made.facts])  # fmt: skip


def _fact(book: "Book", row: Row) -> list[str | list[Run]]:
    of = "\n".join(part for part in (row["value"], row["account"], row["party"]) if part)
    since = (
        dates.day(book.words, row["from_at"])
        if row["fact"] == "due"
        else period(row["from_at"], row["until_at"], book.words)
    )
    return [book.words.word("fact", row["fact"]), of or "—", since, row["note"] or ""]


def request(book: "Book") -> Iterator[Block]:
    """What is asked for, in the person's words."""
    text = book.told.get("request", "")
    for line in text.split("\n") if text else ():
        yield para(line)
    if not text:
        yield para(*_told(book, "request"))


def summary(book: "Book") -> Iterator[Block]:
    """How much there is; every number leads to where it comes from."""
    words, counts = book.words, book.made.counts
    yield note(words("book.states_note"))
    leads = (("contacts", "days"), ("collector_contacts", "days"), ("third_parties", "third"))
    yield table([4, 1.2], [words("book.column_what"), words("book.column_count")], [
        [words(f"report.{name}"), [run(f"{counts[name]:,}", to=f"part-{part}")]] for name, part in leads
    ])  # fmt: skip
    found = {group["authority"]: group for group in book.made.groups}
    head = [words("book.column_authority"), *(words(f"book.state_{state}") for state in STATES)]
    yield table([4, 1.2, 1.2, 1.2], head, [
        [group["name"], *([run(f"{group['counts'][s]:,}", to=f"authority-{name}", state=s)] for s in STATES)]
        for name, group in found.items()
    ])  # fmt: skip
    yield para(run(words("book.more_than_once"), weak=True))
    listed = tally(book.made.findings)
    left_out = {state: counts[state] - listed[state] for state in STATES if counts[state] > listed[state]}
    for state, n in left_out.items():
        yield para(words(f"book.left_out_{state}", n=n))


def days(book: "Book") -> Iterator[Block]:
    """Day by day: how often they made contact, by what means, which exhibits are of that day."""
    words = book.words
    if not book.made.days:
        yield para(words("book.no_days"))
        return
    by_day: dict[date, list[Row]] = {}
    for row in book.made.days:
        by_day.setdefault(row["day"], []).append(row)
    of_day: dict[date, list[int]] = {}
    for row in book.made.exhibits:
        at: datetime | None = row["at_local"]
        of_day.setdefault(at.date() if at else date.min, []).append(row["number"])
    head = [words(f"book.column_{name}") for name in ("day", "from_collector", "contacts", "means", "exhibits")]
    yield table([1.5, 1.3, 1.2, 2.4, 2], head, [_day(book, at, rows, of_day) for at, rows in by_day.items()])


def _day(book: "Book", at: date, rows: list[Row], of_day: Mapping[date, list[int]]) -> list[str | list[Run]]:
    means = book.words("summary.comma").join(
        f"{book.words.word('channel', row['channel'])} {row['contacts']:,}" for row in rows
    )
    numbers = (f"{sum(row[name] for row in rows):,}" for name in ("from_collector", "contacts"))
    return [dates.day(book.words, at), *numbers, means, refs(of_day.get(at, []), book.linked, book.lang)]


def third_parties(book: "Book") -> Iterator[Block]:
    """Who else was reached."""
    words, rows = book.words, book.made.third_parties
    yield para(words("book.third_note" if rows else "book.no_third"))
    if rows:
        head = [
            words(f"book.column_{name}") for name in ("party", "role", "phone", "contacts", "first_last", "exhibits")
        ]
        yield table([1.6, 0.9, 1.8, 0.9, 2, 2], head, [_third(book, row) for row in rows])


def _third(book: "Book", row: Row) -> list[str | list[Run]]:
    named = "\n".join(part for part in (row["name"], row["relation"]) if part)
    days = "\n".join(dates.day(book.words, row[f"{name}_day"]) for name in ("first", "last"))
    role, numbers = book.words.word("role", row["role"]), refs(row["exhibits"], book.linked, book.lang)
    return [named or "—", role, book.words.number(row["number"]) or "—", f"{row['contacts']:,}", days, numbers]


def contrary(book: "Book") -> Iterator[Block]:
    """What speaks for the other side is told too."""
    words, against = book.words, book.made.contrary
    yield para(words("book.contrary_note"))
    span = {name: dates.day(words, against[f"{name}_day"]) for name in ("first", "last")}
    n = against["from_debtor"]
    lines = [words("book.from_debtor", n=n, **span) if n else words("book.none_from_debtor")]
    for row in against["agreed"]:
        said = words.word("fact", row["fact"]) + (f" {row['value']}" if row["value"] else "")
        when = period(row["from_at"], row["until_at"], words)
        lines.append(words("book.agreed", fact=said, when=when, note=row["note"] or row["account"] or "—"))
    if against["guarantors"]:
        names = names_of([{**row, "organisation": None} for row in against["guarantors"]])
        said = words("summary.comma").join(who(row["number"], None, names, words) for row in against["guarantors"])
        lines.append(words("book.guarantors", who=said))
    if book.made.counts["dismissed"]:
        lines.append(words("book.dismissed", n=book.made.counts["dismissed"]))
    yield items(lines)


def gaps(book: "Book") -> Iterator[Block]:
    """What is missing, and what was not looked at."""
    words, found = book.words, book.made.gaps
    yield para(words("book.gaps_note"))
    head = [words("book.column_what"), words("book.column_count")]
    sizes = {name: len(value) if isinstance(value, list) else value for name, value in found.items()}
    yield table([4, 1], head, [[words(f"report.gap_{name}"), f"{n:,}"] for name, n in sizes.items()])
    if found["not_judged"]:
        yield heading(words("book.not_judged"), 2)
        yield table([2, 3], [words("book.column_rule"), words("book.column_why")], [
            [words.pick(row, "title"), words.reason(row["reason"])] for row in found["not_judged"]
        ])  # fmt: skip


def method(book: "Book") -> Iterator[Block]:
    """How all this was made, and where it can be wrong."""
    words, how = book.words, book.made.method
    engines = words("summary.comma").join(words.sentence(name) for name in how["engines"])
    yield items(
        [words(f"book.method_{name}", version=how["version"], engines=engines or words("book.no_engine"))
         for name in ("read", "judged", "heard", "unseen", "wrong", "shown")]
    )  # fmt: skip
    yield heading(words("book.rules"), 2)
    yield para(run(words("book.rules_note"), weak=True))
    head = [words(f"book.column_{name}") for name in ("rule", "ran", "seen", "found")]
    yield table([5.4, 1.2, 1.2, 0.8], head, [
        [[run(row["title"]), run(f"\n{row['sha256']}", code=True, weak=True)], words(f"book.rule_{row['status']}"),
         f"{row['contacts_seen']:,}", f"{row['findings']:,}"] for row in how["rules"]
    ])  # fmt: skip
    for sha256 in how["lexicons"]:
        yield para(words("book.lexicons"), run(sha256, code=True))


def files(book: "Book") -> Iterator[Block]:
    """Every file with its hash, so that a stranger can compare."""
    words = book.words
    yield para(words("book.files_note"))
    within = {row["sha256"]: [one["sha256"] for one in row["containers"]] for row in book.made.custody}
    head = [words(f"book.column_{name}") for name in ("file", "size", "records", "rejects")]
    yield table([5, 1.1, 0.9, 0.9], head, [
        [[run(row["name"], code=True, cut=True), run(f"\n{row['sha256']}", code=True, weak=True),
          *(run(f"\n{words('book.within', sha256=digest)}", weak=True) for digest in within.get(row["sha256"], ()))],
         f"{row['size_bytes']:,}", f"{row['records'] or 0:,}", f"{row['rejects'] or 0:,}"] for row in book.made.sources
    ])  # fmt: skip
    yield para(words("book.head_note"), run("\n"), run(book.made.about["log_head"], code=True), left=True)


def signature(book: "Book") -> Iterator[Block]:
    """What the person signs."""
    words = book.words
    yield para(words("book.sign_text", number=book.made.about["number"]))
    yield para(*counted(book, book.made.counts))
    acting = [words("book.sign_agent")] if any(book.told.get(key) for key in agent_keys()) else []
    yield {"k": "sign", "rows": [words("book.sign_name"), *acting, words("book.sign_date")]}
